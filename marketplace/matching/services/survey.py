"""What one change to a listing would bring over its whole list of matches."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from marketplace.listings import states
from marketplace.listings.content import Kind
from marketplace.listings.models import Listing
from marketplace.matching.services import declines
from marketplace.matching.services.runs import owner_scopes, published, same_house
from marketplace.matching.subjects import open_subject, subject
from marketplace.permissions import Actor, Permission, require
from search.factors import Pair
from search.match_result import MatchSubject
from search.matching import Matcher
from search.survey import Survey, survey

#: The likest candidates that are looked at, more than a list shows.
CANDIDATES = 100


def whole_list(session: Session, matcher: Matcher, actor: Actor, listing: Listing, *, today: date) -> Survey:
    """Match a published listing again under each single change its owner could make, and count.

    Hidden budgets and details that wait for an agreement take no part: a count would give them away.
    Raises NotFound, Forbidden, EngineUnavailable.
    """
    require(actor, Permission.MATCH_VIEW, listing.permission_subject(), view=Permission.MATCH_VIEW)
    if listing.state != states.PUBLISHED:
        return Survey(0, ())
    own = subject(listing, listing.accepted_revision)
    likest = matcher.candidates(own, owner_scopes(listing))[:CANDIDATES]
    others = _open_to(session, listing, own, [item.listing_id for item in likest])
    return survey(_pairs(matcher, own, others, today), str(listing.kind))


def _open_to(session: Session, listing: Listing, own: MatchSubject, ids: Sequence[int]) -> list[MatchSubject]:
    """The other sides as the listing's owner may see them, without his own house and without declined ones."""
    others = [row for row in published(session, ids) if not same_house(row, listing)]
    declined = declines.standing(session, listing)
    return declines.without(declined, own, [open_subject(row, row.accepted_revision) for row in others])


def _pairs(matcher: Matcher, own: MatchSubject, others: Sequence[MatchSubject], today: date) -> list[Pair]:
    if own.kind == Kind.DEMAND:
        return matcher.pairs(own, others, today)
    return [matcher.pairs(other, [own], today)[0] for other in others]
