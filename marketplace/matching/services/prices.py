"""What comparable achievements ask, for an owner who has been declined for the price again and again.

Product feature 15 (定价依据): quartiles of stated public prices, never from fewer than five houses. These are
prices asked, not prices paid, and the page says so.
"""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from marketplace.listings.content import Kind
from marketplace.listings.models import Listing
from marketplace.listings.services import reading
from marketplace.matching.services.runs import published
from marketplace.matching.subjects import subject
from marketplace.permissions import VISITOR
from search.factors import asked_price
from search.match_result import MatchSubject
from search.matching import Matcher

#: Declines for the price after which the owner is shown what others ask.
ENOUGH_REFUSALS = 3
#: Fewer houses than this are not shown as a band (k-anonymity).
LEAST_HOUSES = 5
_LIKEST = 200
_MOST_COMPARED = 30


@dataclass(frozen=True)
class PriceBand:
    """The middle half of what comparable achievements ask, in fen, and how many of how many houses it is from."""

    low_fen: int
    high_fen: int
    listings: int
    houses: int


def comparable_band(session: Session, matcher: Matcher, listing: Listing) -> PriceBand | None:
    """The band of the likest public achievements of the same technology field that state a price.

    None for a demand, or when fewer than five other houses state one. Raises EngineUnavailable.
    """
    if listing.kind != Kind.ACHIEVEMENT or listing.accepted_revision is None:
        return None
    own = subject(listing, listing.accepted_revision)
    ids = [item.listing_id for item in matcher.alike(own, reading.scopes(VISITOR), _LIKEST)]
    others = [row for row in published(session, ids) if row.organisation_id != listing.organisation_id]
    return _band([(row.organisation_id, price) for row in others if (price := _price(own, row)) is not None])


def _price(own: MatchSubject, other: Listing) -> int | None:
    """The middle of what the other asks, in fen, if it is of the same field and says so."""
    theirs = subject(other, other.accepted_revision)
    asked = asked_price(theirs)
    if asked is None or (own.field_codes and not set(own.field_codes) & set(theirs.field_codes)):
        return None
    return sum(asked) // 2


def _band(priced: list[tuple[int, int]]) -> PriceBand | None:
    """Quartiles by rank, so that every figure is one that somebody asks."""
    compared = priced[:_MOST_COMPARED]
    houses = len({house for house, _price_fen in compared})
    if houses < LEAST_HOUSES:
        return None
    prices = sorted(price for _house, price in compared)
    quarter = (len(prices) - 1) // 4
    return PriceBand(prices[quarter], prices[-1 - quarter], len(prices), houses)
