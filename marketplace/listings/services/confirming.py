"""The owner says that a listing is still valid: one, several at once, and what waits for him to say so."""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from marketplace import audit, outbox, workflow
from marketplace.clock import legal_day
from marketplace.db import lock_row
from marketplace.errors import N_, Conflict, NotFound
from marketplace.listings import freshness, states
from marketplace.listings.models import Listing, ListingReminder
from marketplace.listings.services.drafts import find_listing
from marketplace.permissions import Actor, Member, Permission, Role, require

#: States in which there is something to confirm.
CONFIRMABLE = (states.PUBLISHED, states.LAPSED)
#: So many are shown and confirmed at once.
MOST_AT_ONCE = 20


def confirm(session: Session, actor: Actor, number: str, *, now: datetime, by: str = "page") -> Listing:
    """It is still valid: the freshness clock starts again, and what had lapsed is back on the market.

    `by` says in the audit how it was confirmed. Confirming twice on one day is one confirmation. Raises NotFound,
    Forbidden, Conflict (paused, withdrawn or never published), Invalid (its house is not verified any more).
    """
    listing = find_listing(session, number)
    member = _may_confirm(actor, listing)
    lock_row(session, listing)
    if listing.state not in CONFIRMABLE:
        raise Conflict(
            N_("现在的状态是“%(state)s”，没有需要确认的。"), state=states.LISTING.labels[listing.state]
        )
    _confirm(session, actor, listing, member, now=now, by=by)
    return listing


def confirm_all(session: Session, actor: Actor, numbers: Collection[str], *, now: datetime) -> int:
    """Confirm several at once, at most `MOST_AT_ONCE`; returns how many were.

    One that was paused or withdrawn meanwhile is left alone. Raises NotFound or Forbidden for one that is not his.
    """
    wanted = list(dict.fromkeys(numbers))[:MOST_AT_ONCE]
    found = session.scalars(
        select(Listing)
        .where(Listing.number.in_(wanted))
        .options(joinedload(Listing.organisation))
        .order_by(Listing.id)
        .with_for_update(of=Listing)
        .execution_options(populate_existing=True)
    ).all()
    if len(found) != len(wanted):
        raise NotFound
    allowed = [(listing, _may_confirm(actor, listing)) for listing in found]
    confirmed = 0
    for listing, member in allowed:
        if listing.state in CONFIRMABLE:
            confirmed += _confirm(session, actor, listing, member, now=now, by="list")
    return confirmed


def waiting(session: Session, actor: Actor, today: date) -> tuple[list[Listing], int]:
    """What waits for this person's confirmation, the longest unconfirmed first, and how many there are."""
    query = select(Listing).where(
        looked_after_by(actor),
        Listing.state.in_(CONFIRMABLE),
        Listing.confirmed_on <= today - timedelta(days=freshness.REMINDERS[0]),
    )
    total = session.scalar(select(func.count()).select_from(query.subquery()))
    rows = session.scalars(
        query.options(joinedload(Listing.organisation), selectinload(Listing.revisions))
        .order_by(Listing.confirmed_on, Listing.id)
        .limit(MOST_AT_ONCE)
    )
    return list(rows.unique()), total


def looked_after_by(actor: Actor) -> ColumnElement[bool]:
    """The condition for listings of which this person is the author or the unit's manager."""
    units = [member.organisation_id for member in actor.members if member.role is Role.UNIT_MANAGER]
    return or_(Listing.author_id == actor.user_id, Listing.organisation_id.in_(units))


def last_notices(session: Session, listings: Collection[Listing]) -> dict[int, date]:
    """The day of the last notice before going off line, for those to whose owners it has been sent."""
    rows = session.execute(
        select(ListingReminder.listing_id, ListingReminder.told_on)
        .join(Listing, Listing.id == ListingReminder.listing_id)
        .where(
            Listing.id.in_([listing.id for listing in listings]),
            ListingReminder.confirmed_on == Listing.confirmed_on,
            ListingReminder.step == freshness.LAST_NOTICE,
            ListingReminder.asked > 0,
        )
    )
    return dict(rows.all())


def _may_confirm(actor: Actor, listing: Listing) -> Member | None:
    subject = listing.permission_subject()
    return require(actor, Permission.LISTING_MANAGE, subject, view=Permission.LISTING_VIEW)


def _confirm(
    session: Session, actor: Actor, listing: Listing, member: Member | None, *, now: datetime, by: str
) -> bool:
    """Write it down; False where it has been confirmed today already."""
    today, lapsed = legal_day(now), listing.state == states.LAPSED
    if not lapsed and listing.confirmed_on >= today:
        return False
    if lapsed:
        # Quiet: it was on the market before, and its matches are old news.
        workflow.apply(session, states.LISTING, listing, "confirm_again", actor=actor, now=now, quiet=True)
    else:
        outbox.emit(session, "listing", listing.id, now=now, quiet=True)
    listing.confirmed_on = today
    audit.record(session, actor, "listing.confirm", "listing", listing.id, now=now, membership=member, by=by)
    session.flush()
    return True
