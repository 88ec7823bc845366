"""Rights whose numbers other listings name, too: the strongest sign that something is posted a second time."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from marketplace.listings import states
from marketplace.listings.content import IpRight
from marketplace.listings.models import Listing, ListingRevision, ListingRight
from marketplace.listings.services import reading
from marketplace.listings.services.right_numbers import numbers_of
from marketplace.permissions import Actor, Permission, can

#: Others that name the same number are looked at up to here; one is enough to ask a question.
_LOOKED_AT = 60
#: So many of them are shown for a number.
MOST = 3


@dataclass(frozen=True)
class SharedNumber:
    """A right of one's own listing and the other listings that name its number.

    `hidden` tells that there is one which this person may not see, or not in its details; nothing of it is told.
    """

    right: IpRight
    listings: tuple[Listing, ...]
    hidden: bool


def shared(session: Session, actor: Actor, revision: ListingRevision) -> list[SharedNumber]:
    """The rights of a draft whose numbers other listings name, in the draft's order.

    Others are those on the market or under review, and whatever this person may look after himself; what somebody
    else is still writing, or has taken off, is none.
    """
    own = numbers_of(revision.typed_content())
    if not own:
        return []
    others: dict[str, list[Listing]] = defaultdict(list)
    hidden = set()
    for number, listing in _naming(session, actor, own, revision.listing_id):
        if _may_know(actor, listing, number):
            others[number].append(listing)
        else:
            hidden.add(number)
    return [
        SharedNumber(right, tuple(others[number][:MOST]), number in hidden)
        for number, right in own.items()
        if number in others or number in hidden
    ]


def _naming(
    session: Session, actor: Actor, numbers: Collection[str], own_id: int
) -> list[tuple[str, Listing]]:
    waits = select(ListingRevision.id).where(
        ListingRevision.listing_id == Listing.id,
        ListingRevision.state.in_((states.UNIT_APPROVAL, states.STAFF_REVIEW)),
    )
    rows = session.execute(
        select(ListingRight.number, Listing)
        .join(ListingRight.listing)
        .where(
            ListingRight.number.in_(numbers),
            Listing.id != own_id,
            Listing.state.not_in(states.CLOSED),
            or_(
                Listing.state.in_((states.PUBLISHED, states.PAUSED)),
                waits.exists(),
                Listing.author_id == actor.user_id,
                Listing.organisation_id.in_(actor.houses()),
            ),
        )
        .options(joinedload(Listing.organisation), joinedload(Listing.accepted_revision))
        .order_by(Listing.id)
        .limit(_LOOKED_AT)
    )
    return [(number, listing) for number, listing in rows]


def _may_know(actor: Actor, listing: Listing, number: str) -> bool:
    """Whether this person could read the number in the other listing himself."""
    subject = listing.permission_subject()
    if can(actor, Permission.LISTING_VIEW_CONTACT, subject):
        return True
    if listing.accepted_revision is None or not reading.visible(actor, listing):
        return False
    content = listing.accepted_revision.typed_content()
    return number in numbers_of(content) and reading.details_open(actor, content)
