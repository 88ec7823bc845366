"""The hits of a search to take along: no other rows, in no other order than the result page has."""

from sqlalchemy.orm import Session

from marketplace.discovery.services.searching import all_hits
from marketplace.errors import N_, Unavailable
from marketplace.listings.models import Listing
from marketplace.permissions import Actor
from search.backend import EngineUnavailable, SearchEngine
from search.query import SearchRequest

#: Hits that one file takes.
MOST_EXPORTED = 1_000


def exported(
    session: Session, engine: SearchEngine, actor: Actor, request: SearchRequest
) -> tuple[list[Listing], bool]:
    """The hits for a file, and whether there are more than one file takes.

    Raises Unavailable while no engine answers: what titles alone would find is not what was asked for.
    """
    try:
        return all_hits(session, engine, actor, request, MOST_EXPORTED)
    except EngineUnavailable as error:
        raise Unavailable(N_("搜索服务正在恢复，暂时不能导出，请过几分钟再试。")) from error
