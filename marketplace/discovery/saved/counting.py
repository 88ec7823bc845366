"""How much is new for the searches of one page, in one question to the database and one search each."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from marketplace.clock import legal_day
from marketplace.discovery.saved import asking
from marketplace.discovery.saved.models import SavedSearch
from marketplace.discovery.saved.services import news
from marketplace.discovery.services import scopes
from marketplace.permissions import Actor
from search.backend import EngineUnavailable, SearchEngine
from search.query import MAX_PAGE_SIZE


def new_since_seen(
    session: Session,
    engine: SearchEngine,
    actor: Actor,
    searches: Sequence[SavedSearch],
    *,
    today: date,
) -> dict[int, int] | None:
    """Search id → listings published or changed since its person last looked; about a hundred are counted.

    None while no engine answers. Searches with a condition that is no longer known are left out.
    """
    asked = {search.id: (search, asking.restored(search.parameters)) for search in searches}
    known = {search_id: pair for search_id, pair in asked.items() if not pair[1].unknown}
    questions = [
        news.Question(asking.since(one, scopes(actor), legal_day(search.seen_at), today), search.seen_at)
        for search, one in known.values()
    ]
    try:
        found = news.news(session, engine, actor, questions, MAX_PAGE_SIZE)
    except EngineUnavailable:
        return None
    return {search_id: len(listings) for search_id, listings in zip(known, found, strict=True)}
