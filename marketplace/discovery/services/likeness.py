"""Listings like a text that found nothing: achievements that may answer it, demands that ask something like it."""

from sqlalchemy.orm import Session

from marketplace.listings.models import Listing
from marketplace.listings.services import reading
from marketplace.permissions import Actor
from search.backend import EngineUnavailable, SearchEngine
from search.documents import MATCHED_KINDS
from search.match_result import MatchSubject
from search.matching import matcher_of

MOST_ALIKE = 5
_LOOKED_AT = 20
# Below this calibrated score (a likeness of .175) a short text shares stray characters with a title, no subject.
_LEAST_SCORE = 60


def alike(session: Session, engine: SearchEngine, actor: Actor, text: str) -> list[Listing]:
    """Listings of either kind whose title and keywords are like the text, the likest first, filters aside.

    Only those this person may see; nothing while no engine answers.
    """
    if not text:
        return []
    visible_to, matcher = reading.scopes(actor), matcher_of(engine)
    try:
        near = [
            candidate
            for kind in MATCHED_KINDS
            for candidate in matcher.alike(
                MatchSubject(kind=kind, listing_id=0, title=text), visible_to, _LOOKED_AT
            )
            if candidate.score >= _LEAST_SCORE
        ]
    except EngineUnavailable:
        return []
    near.sort(key=lambda candidate: (-candidate.likeness, candidate.listing_id))
    rows = reading.by_ids(session, [candidate.listing_id for candidate in near])
    shown = (rows[candidate.listing_id] for candidate in near if candidate.listing_id in rows)
    return [listing for listing in shown if reading.visible(actor, listing)][:MOST_ALIKE]
