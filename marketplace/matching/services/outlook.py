"""What an owner can do about the matches of a listing: change something, or ask another price."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from marketplace.listings.models import Listing
from marketplace.matching.services import declines, prices, survey
from marketplace.permissions import Actor
from search.backend import EngineUnavailable, SearchEngine
from search.matching import matcher_of
from search.survey import Survey


@dataclass(frozen=True)
class Outlook:
    """Changes over the whole list (None while no engine answers), declines by reason, what others ask."""

    changes: Survey | None
    declined: dict[str, int]
    prices: prices.PriceBand | None


def of(session: Session, engine: SearchEngine, actor: Actor, listing: Listing, *, today: date) -> Outlook:
    """The outlook of one's own listing. Raises Forbidden, NotFound; without an engine some of it is missing."""
    matcher, declined = matcher_of(engine), declines.reasons_of(session, listing)
    try:
        changes = survey.whole_list(session, matcher, actor, listing, today=today)
        asks = declined.get("price", 0) >= prices.ENOUGH_REFUSALS
        return Outlook(changes, declined, prices.comparable_band(session, matcher, listing) if asks else None)
    except EngineUnavailable:
        return Outlook(None, declined, None)
