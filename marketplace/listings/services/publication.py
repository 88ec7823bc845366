"""Approval by the unit, review by the market's staff, and what becomes of a published listing."""

from datetime import datetime

from sqlalchemy.orm import Session

from marketplace import outbox, workflow
from marketplace.clock import legal_day
from marketplace.errors import N_, Invalid, NotFound
from marketplace.listings import closing, states
from marketplace.listings.content import DemandContent
from marketplace.listings.models import Listing, ListingRevision
from marketplace.listings.services import right_numbers
from marketplace.listings.services.drafts import find_listing
from marketplace.notices import services as notices
from marketplace.permissions import SYSTEM, Actor


def approve_by_unit(
    session: Session, actor: Actor, revision_id: int, *, version: int, now: datetime
) -> ListingRevision:
    """The unit agrees that this may be published."""
    return _move(session, actor, revision_id, "approve", version=version, now=now)


def return_by_unit(
    session: Session, actor: Actor, revision_id: int, reason: str, *, version: int, now: datetime
) -> ListingRevision:
    """The unit wants changes; the author is told why."""
    return _return(session, actor, revision_id, "return_by_unit", reason, version=version, now=now)


def return_by_staff(
    session: Session, actor: Actor, revision_id: int, reason: str, *, version: int, now: datetime
) -> ListingRevision:
    """The market's staff want changes; the author is told why."""
    return _return(session, actor, revision_id, "return_by_staff", reason, version=version, now=now)


def accept(session: Session, actor: Actor, revision_id: int, *, version: int, now: datetime) -> Listing:
    """Accept a revision and publish its listing with it."""
    revision = _move(session, actor, revision_id, "accept", version=version, now=now)
    listing = publish(session, revision, now=now)
    if listing.author_id:
        notices.tell(
            session,
            listing.author_id,
            "listing_published",
            key=f"revision:{revision.id}:accepted",
            path=f"/listings/{listing.number}",
            params={"title": revision.title},
            now=now,
        )
    return listing


def publish(session: Session, revision: ListingRevision, *, now: datetime, quiet: bool = False) -> Listing:
    """Show an accepted revision to the public. A paused listing stays paused."""
    listing = revision.listing
    content = revision.typed_content()
    revision.decided_at = now
    listing.accepted_revision = revision
    listing.limited = isinstance(content, DemandContent) and content.limited
    listing.hide_owner = isinstance(content, DemandContent) and content.hide_owner
    listing.published_at = listing.published_at or now
    listing.confirmed_on = legal_day(now)
    session.flush()
    right_numbers.note(session, revision)
    if listing.state == states.PAUSED:
        outbox.emit(session, "listing", listing.id, now=now, quiet=quiet)
    else:
        workflow.apply(session, states.LISTING, listing, "publish", actor=SYSTEM, now=now, quiet=quiet)
    return listing


def pause(
    session: Session, actor: Actor, number: str, reason: str, *, version: int, now: datetime
) -> Listing:
    """Take a listing out of sight for a while."""
    return _move_listing(session, actor, number, "pause", version=version, now=now, reason=reason)


def resume(session: Session, actor: Actor, number: str, *, version: int, now: datetime) -> Listing:
    """Show a paused listing again: whoever does so says that it is still valid."""
    listing = _move_listing(session, actor, number, "resume", version=version, now=now)
    listing.confirmed_on = legal_day(now)
    session.flush()
    return listing


def withdraw(
    session: Session, actor: Actor, number: str, reason: str, *, note: str = "", version: int, now: datetime
) -> Listing:
    """Take a listing off the market for one of `closing.OWN_REASONS`; 其他 needs a note. Raises Invalid."""
    if reason not in closing.OWN_REASONS:
        raise Invalid({"closing": [N_("请选择下架的原因。")]})
    if reason == closing.OTHER and not note.strip():
        raise Invalid({"note": [N_("请用几个字写明原因。")]})
    return _move_listing(
        session, actor, number, "withdraw", version=version, now=now, reason=note or None, closing=reason
    )


def _move(session: Session, actor: Actor, revision_id: int, action: str, **kwargs) -> ListingRevision:
    revision = session.get(ListingRevision, revision_id)
    if revision is None:
        raise NotFound
    workflow.apply(session, states.REVISION, revision, action, actor=actor, **kwargs)
    return revision


def _return(
    session: Session, actor: Actor, revision_id: int, action: str, reason: str, *, version: int, now: datetime
) -> ListingRevision:
    revision = _move(session, actor, revision_id, action, version=version, now=now, reason=reason)
    revision.decided_at = now
    session.flush()
    if revision.author_id:
        notices.tell(
            session,
            revision.author_id,
            "listing_returned",
            key=f"revision:{revision.id}:returned:{revision.version}",
            path=f"/my/listings/{revision.listing.number}",
            params={"title": revision.title, "reason": reason},
            now=now,
        )
    return revision


def _move_listing(session: Session, actor: Actor, number: str, action: str, **kwargs) -> Listing:
    listing = find_listing(session, number)
    workflow.apply(session, states.LISTING, listing, action, actor=actor, **kwargs)
    return listing
