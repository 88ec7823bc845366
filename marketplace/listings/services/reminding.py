"""Asking owners whether a listing is still valid, and taking off line what nobody confirmed (freshness.py).

Each function does one listing in the transaction of its caller and may be repeated: a step is written down with the
confirmation it follows, and is not taken twice.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from marketplace import outbox, workflow
from marketplace.accounts.models import Membership, User
from marketplace.clock import legal_day
from marketplace.db import lock_row
from marketplace.listings import closing, freshness, states
from marketplace.listings.models import Listing, ListingReminder
from marketplace.listings.services import confirm_links
from marketplace.notices import services as notices
from marketplace.permissions import SYSTEM, Role


def due(session: Session, today: date, limit: int) -> Sequence[int]:
    """Published listings for which a step has been reached and not been taken, the longest unconfirmed first.

    A listing without author in a house without manager has nobody who could answer: it is left alone.
    """
    return session.scalars(
        select(Listing.id)
        .where(
            Listing.state == states.PUBLISHED,
            or_(Listing.author_id.is_not(None), _house_has_manager(today)),
            or_(*(_reached(step, today) for step in freshness.STEPS)),
        )
        .order_by(Listing.confirmed_on, Listing.id)
        .limit(limit)
    ).all()


def remind(session: Session, listing_id: int, *, secret: str, now: datetime) -> bool:
    """Take the newest step of one listing; False where somebody else has done so or confirmed meanwhile."""
    listing = session.get_one(Listing, listing_id)
    lock_row(session, listing)
    today = legal_day(now)
    step = freshness.step(listing.confirmed_on, today)
    taken = step and session.get(ListingReminder, (listing.id, listing.confirmed_on, step))
    if listing.state != states.PUBLISHED or step is None or taken:
        return False
    people = _owners(session, listing, today) if freshness.asks(step) else []
    session.add(
        ListingReminder(
            listing_id=listing.id,
            confirmed_on=listing.confirmed_on,
            step=step,
            told_on=today,
            asked=len(people),
        )
    )
    for user_id in people:
        _ask(session, listing, user_id, step, secret=secret, now=now)
    if step >= freshness.UNCONFIRMED_FROM:
        # Nothing of it changed, but its place among the matches has.
        outbox.emit(session, "listing", listing.id, now=now, quiet=True)
    session.flush()
    return True


def overdue(session: Session, today: date, limit: int) -> Sequence[int]:
    """Published listings whose days are over, and whose owners got the last notice long enough ago."""
    return session.scalars(
        select(Listing.id)
        .where(
            Listing.state == states.PUBLISHED,
            Listing.confirmed_on <= today - timedelta(days=freshness.OFF_LINE_FROM),
            select(ListingReminder.step)
            .where(
                _follows(freshness.LAST_NOTICE),
                ListingReminder.asked > 0,
                ListingReminder.told_on <= today - timedelta(days=freshness.NOTICE_PERIOD),
            )
            .exists(),
        )
        .order_by(Listing.confirmed_on, Listing.id)
        .limit(limit)
    ).all()


def lapse(session: Session, listing_id: int, *, secret: str, now: datetime) -> bool:
    """Take one listing off line and tell its owners how it comes back; False where it was confirmed meanwhile."""
    listing = session.get_one(Listing, listing_id)
    lock_row(session, listing)
    today = legal_day(now)
    if listing.state != states.PUBLISHED or freshness.stage(listing.confirmed_on, today) is not (
        freshness.Stage.OVERDUE
    ):
        return False
    take_off_line(session, listing, now=now)
    for user_id in _owners(session, listing, today):
        _tell(session, listing, user_id, "listing_lapsed", "lapsed", secret=secret, now=now)
    return True


def take_off_line(session: Session, listing: Listing, *, now: datetime) -> None:
    """The act itself, by the system, with its closing reason."""
    workflow.apply(
        session,
        states.LISTING,
        listing,
        "lapse",
        actor=SYSTEM,
        now=now,
        quiet=True,
        closing=closing.UNCONFIRMED,
    )


def _reached(step: int, today: date) -> ColumnElement[bool]:
    """The step is a listing's newest one and has not been taken."""
    first, last = freshness.confirmed_when_at(step, today)
    days = [Listing.confirmed_on <= last, *([Listing.confirmed_on >= first] if first else [])]
    return and_(*days, ~select(ListingReminder.step).where(_follows(step)).exists())


def _follows(step: int) -> ColumnElement[bool]:
    """The row of one step after a listing's present confirmation."""
    return and_(
        ListingReminder.listing_id == Listing.id,
        ListingReminder.confirmed_on == Listing.confirmed_on,
        ListingReminder.step == step,
    )


def _house_has_manager(today: date) -> ColumnElement[bool]:
    return (
        select(Membership.id)
        .where(Membership.organisation_id == Listing.organisation_id, _manages_unit(today))
        .exists()
    )


def _manages_unit(today: date) -> ColumnElement[bool]:
    return and_(
        Membership.role == Role.UNIT_MANAGER,
        Membership.from_on <= today,
        or_(Membership.to_on.is_(None), Membership.to_on >= today),
    )


def _owners(session: Session, listing: Listing, today: date) -> list[int]:
    """Who is asked: the author; where he is gone or there is none, those who manage the unit."""
    author = listing.author_id and session.scalar(
        select(User.id).where(User.id == listing.author_id, User.active)
    )
    if author:
        return [author]
    return list(
        session.scalars(
            select(Membership.user_id)
            .join(User, User.id == Membership.user_id)
            .where(Membership.organisation_id == listing.organisation_id, _manages_unit(today), User.active)
            .distinct()
            .order_by(Membership.user_id)
        )
    )


def _ask(session: Session, listing: Listing, user_id: int, step: int, *, secret: str, now: datetime) -> None:
    last = step == freshness.LAST_NOTICE
    until = (
        freshness.off_line_on(listing.confirmed_on, legal_day(now))
        if last
        else freshness.unconfirmed_on(listing.confirmed_on)
    )
    kind = "listing_confirm_last" if last else "listing_confirm_due"
    _tell(session, listing, user_id, kind, str(step), secret=secret, now=now, until=until.isoformat())


def _tell(
    session: Session,
    listing: Listing,
    user_id: int,
    kind: str,
    fact: str,
    *,
    secret: str,
    now: datetime,
    **params: object,
) -> None:
    """One notice with its link, once for each confirmation it follows."""
    day = listing.confirmed_on.isoformat()
    notices.tell(
        session,
        user_id,
        kind,
        key=f"listing:{listing.id}:confirm:{day}:{fact}",
        path=confirm_links.path_for(listing, user_id, secret, today=legal_day(now)),
        params={"title": listing.title, "day": day, **params},
        now=now,
    )
