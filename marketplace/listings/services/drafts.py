"""Writing a listing: starting, saving step by step, submitting. Nothing typed is lost."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace import audit, workflow
from marketplace.accounts.models import Membership
from marketplace.clock import legal_day
from marketplace.errors import N_, Conflict, NotFound, StaleEdit
from marketplace.listings import states
from marketplace.listings.content import CONTENT_TYPES, Content, Kind
from marketplace.listings.models import Listing, ListingRevision
from marketplace.listings.services import right_numbers
from marketplace.numbering import next_numbers
from marketplace.permissions import MARKET, Actor, Permission, Role, require

_LETTERS = {Kind.ACHIEVEMENT: "A", Kind.DEMAND: "D"}
_OPEN = (states.DRAFT, states.UNIT_APPROVAL, states.STAFF_REVIEW, states.RETURNED)


class StaleDraft(StaleEdit):
    """Somebody saved this draft first. Carries both contents and the fields typed; pages put them into words."""

    def __init__(self, mine: Content, theirs: Content, names: Iterable[str]):
        super().__init__()
        self.mine, self.theirs, self.names = mine, theirs, tuple(names)


def start(
    session: Session,
    actor: Actor,
    kind: Kind,
    organisation_id: int,
    *,
    now: datetime,
    content: Content | None = None,
) -> ListingRevision:
    """A new listing with an empty first draft, owned by one of the actor's organisations.

    Raises Forbidden when the actor may not post for it (unverified organisation, other role).
    """
    there = tuple(member for member in actor.members if member.organisation_id == organisation_id)
    if not there:
        raise NotFound
    require(Actor(actor.user_id, there), Permission.LISTING_CREATE, MARKET)
    listing = create_listing(session, kind, organisation_id, author_id=actor.user_id, now=now)
    revision = add_revision(session, listing, content or CONTENT_TYPES[kind](), actor.user_id, now=now)
    audit.record(session, actor, "listing.start", "listing", listing.id, now=now)
    return revision


def create_listing(
    session: Session, kind: Kind, organisation_id: int, *, author_id: int | None, now: datetime
) -> Listing:
    """A listing row with its number."""
    listing = Listing(
        number=new_numbers(session, kind, 1, now=now)[0],
        kind=kind,
        organisation_id=organisation_id,
        author_id=author_id,
        state=states.UNPUBLISHED,
        created_at=now,
    )
    session.add(listing)
    session.flush()
    return listing


def new_numbers(session: Session, kind: Kind, count: int, *, now: datetime) -> list[str]:
    """Public numbers for `count` new listings, such as A2026-00417; for drafts and imports alike."""
    series = f"{_LETTERS[kind]}{legal_day(now).year}"
    return [f"{series}-{number:05d}" for number in next_numbers(session, f"listing:{series}", count)]


def add_revision(
    session: Session, listing: Listing, content: Content, author_id: int | None, *, now: datetime
) -> ListingRevision:
    """A new draft revision, numbered after the last."""
    revision = ListingRevision(
        listing=listing,
        number=len(listing.revisions) + 1,
        state=states.DRAFT,
        title=content.title,
        content=content.to_json(),
        author_id=author_id,
        created_at=now,
    )
    session.add(revision)
    session.flush()
    right_numbers.note(session, revision)
    return revision


def edit(session: Session, actor: Actor, number: str, *, now: datetime) -> ListingRevision:
    """The open draft of a listing, made from what the public sees when there is none."""
    listing = find_listing(session, number)
    require(actor, Permission.LISTING_EDIT, listing.permission_subject(), view=Permission.LISTING_VIEW)
    last = listing.revisions[-1]
    if last.state in (states.UNIT_APPROVAL, states.STAFF_REVIEW):
        raise Conflict(N_("这份资料正在审核，审核结束后才能修改。"))
    if last.state in _OPEN:
        return last
    audit.record(session, actor, "listing.edit", "listing", listing.id, now=now)
    return add_revision(session, listing, last.typed_content(), actor.user_id, now=now)


def save(
    session: Session,
    actor: Actor,
    revision_id: int,
    changes: Mapping[str, Any],
    *,
    version: int,
    now: datetime,
) -> ListingRevision:
    """Store some fields of a draft.

    Raises StaleDraft with both versions when somebody saved since `version` was opened.
    """
    revision = writable(session, actor, revision_id)
    content = revision.typed_content()
    wanted = replace(content, **changes)
    if revision.version != version:
        raise StaleDraft(wanted, content, changes)
    revision.title = wanted.title
    revision.content = wanted.to_json()
    audit.record(session, actor, "revision.save", "revision", revision.id, now=now, fields=sorted(changes))
    session.flush()
    right_numbers.note(session, revision)
    return revision


def submit(
    session: Session, actor: Actor, revision_id: int, *, version: int, now: datetime
) -> ListingRevision:
    """Hand a draft in: to the unit's manager where the unit has one, else to the market's staff.

    Raises Invalid with every missing field.
    """
    revision = session.get(ListingRevision, revision_id) or _missing()
    action = (
        "submit_to_unit" if _needs_unit_approval(session, actor, revision.listing, now) else "submit_to_staff"
    )
    workflow.apply(session, states.REVISION, revision, action, actor=actor, now=now, version=version)
    revision.submitted_at = now
    session.flush()
    return revision


def writable(session: Session, actor: Actor, revision_id: int) -> ListingRevision:
    """An open draft this person may write. Raises NotFound, Forbidden or Conflict."""
    revision = session.get(ListingRevision, revision_id) or _missing()
    require(
        actor, Permission.LISTING_EDIT, revision.listing.permission_subject(), view=Permission.LISTING_VIEW
    )
    if revision.state not in (states.DRAFT, states.RETURNED):
        raise Conflict(N_("这一版已经提交，不能再改；如需修改，请等审核结束。"))
    return revision


def find_listing(session: Session, number: str) -> Listing:
    """The listing with this public number. Raises NotFound."""
    return session.scalar(select(Listing).where(Listing.number == number)) or _missing()


def _needs_unit_approval(session: Session, actor: Actor, listing: Listing, now: datetime) -> bool:
    """Achievements of a unit with a manager go through him, unless he hands them in himself."""
    if listing.kind != Kind.ACHIEVEMENT:
        return False
    if any(
        m.organisation_id == listing.organisation_id and m.role is Role.UNIT_MANAGER for m in actor.members
    ):
        return False
    today = legal_day(now)
    return bool(
        session.scalar(
            select(Membership.id)
            .where(
                Membership.organisation_id == listing.organisation_id,
                Membership.role == Role.UNIT_MANAGER,
                Membership.from_on <= today,
                (Membership.to_on.is_(None)) | (Membership.to_on >= today),
            )
            .limit(1)
        )
    )


def _missing():
    raise NotFound
