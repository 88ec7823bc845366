"""Reading listings: the public page, the owner's list, the queues of those who approve and review."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from marketplace import attachments
from marketplace.attachments import Attachment
from marketplace.db import insert_into
from marketplace.errors import NotFound
from marketplace.listings import states
from marketplace.listings.content import Content, Kind
from marketplace.listings.models import Listing, ListingRevision, ListingViews
from marketplace.listings.services.drafts import find_listing
from marketplace.permissions import Actor, Permission, Role, can, require, scopes_of_actor


@dataclass(frozen=True)
class PublicListing:
    """A listing as this person may see it: the accepted content and what else he may open."""

    listing: Listing
    revision: ListingRevision
    content: Content
    files: tuple[Attachment, ...]
    sees_owner: bool
    sees_contact: bool
    sees_details: bool
    may_manage: bool
    may_enquire: bool


def public(session: Session, actor: Actor, number: str) -> PublicListing:
    """The published content of a listing. Raises NotFound when this person may not see it."""
    listing = session.scalar(
        select(Listing)
        .where(Listing.number == number)
        .options(joinedload(Listing.organisation), joinedload(Listing.accepted_revision))
    )
    if listing is None or listing.accepted_revision is None:
        raise NotFound
    subject = listing.permission_subject()
    require(actor, Permission.LISTING_VIEW, subject, view=Permission.LISTING_VIEW)
    content = listing.accepted_revision.typed_content()
    inside = can(actor, Permission.LISTING_VIEW_CONTACT, subject)
    details = inside or details_open(actor, content)
    return PublicListing(
        listing=listing,
        revision=listing.accepted_revision,
        content=content,
        files=tuple(_files(session, listing, content)) if details else (),
        sees_owner=inside or not listing.hide_owner,
        sees_contact=inside,
        sees_details=details,
        may_manage=can(actor, Permission.LISTING_MANAGE, subject),
        may_enquire=can(actor, Permission.LISTING_ENQUIRE, subject)
        and actor.member_of(listing.organisation_id) is None,
    )


def own(
    session: Session, actor: Actor, number: str, permission: Permission = Permission.LISTING_VIEW_CONTACT
) -> Listing:
    """A listing with its revisions, for those who look after it. Raises NotFound or Forbidden."""
    listing = find_listing(session, number)
    require(
        actor,
        permission,
        listing.permission_subject(),
        view=Permission.LISTING_VIEW_CONTACT,
    )
    return listing


def mine(
    session: Session, actor: Actor, kind: Kind | None, *, page: int, size: int
) -> tuple[list[Listing], int]:
    """The person's own listings and those of the units he manages, newest first."""
    houses = [
        m.organisation_id
        for m in actor.members
        if m.role in (Role.UNIT_MANAGER, Role.ENTERPRISE_MEMBER, Role.BROKER)
    ]
    query = select(Listing).where(
        or_(Listing.author_id == actor.user_id, Listing.organisation_id.in_(houses))
    )
    if kind is not None:
        query = query.where(Listing.kind == kind)
    return _page(session, query.order_by(Listing.id.desc()), page, size)


def awaiting_unit(
    session: Session, actor: Actor, *, page: int, size: int
) -> tuple[list[ListingRevision], int]:
    """Revisions that wait for the units this person manages, oldest first."""
    units = [m.organisation_id for m in actor.members if m.role is Role.UNIT_MANAGER]
    query = _revisions(states.UNIT_APPROVAL).where(Listing.organisation_id.in_(units))
    return _page(session, query, page, size)


def awaiting_staff(
    session: Session, actor: Actor, *, page: int, size: int
) -> tuple[list[ListingRevision], int]:
    """Revisions that wait for the market's staff, oldest first; nobody else gets any."""
    if Role.OPERATOR not in actor.roles():
        return [], 0
    return _page(session, _revisions(states.STAFF_REVIEW), page, size)


def revision(session: Session, actor: Actor, revision_id: int) -> ListingRevision:
    """One revision for its author, its unit or staff. Raises NotFound."""
    found = session.get(ListingRevision, revision_id)
    if found is None:
        raise NotFound
    require(actor, Permission.REVISION_VIEW, found.permission_subject(), view=Permission.REVISION_VIEW)
    return found


def attachment(session: Session, actor: Actor, public_id: str) -> Attachment:
    """A listing's file, for everybody who may read its details. Raises NotFound otherwise."""
    found = attachments.find(session, public_id)
    if found is None or found.subject_type != "listing":
        raise NotFound
    listing = session.get_one(Listing, found.subject_id)
    if can(actor, Permission.LISTING_VIEW_CONTACT, listing.permission_subject()):
        return found
    if listing.accepted_revision is None or not can(
        actor, Permission.LISTING_VIEW, listing.permission_subject()
    ):
        raise NotFound
    content = listing.accepted_revision.typed_content()
    if found.id not in content.attachment_ids or not details_open(actor, content):
        raise NotFound
    return found


def by_ids(session: Session, ids: Collection[int]) -> dict[int, Listing]:
    """Published listings by id, with what a row of a list shows, in a fixed number of queries."""
    rows = session.scalars(
        select(Listing)
        .where(Listing.id.in_(ids), Listing.accepted_revision_id.is_not(None))
        .options(joinedload(Listing.organisation), joinedload(Listing.accepted_revision))
    )
    return {listing.id: listing for listing in rows}


def scopes(actor: Actor) -> tuple[str, ...]:
    """The visibility tokens of a person for listings: what an engine is asked for, the other face of `visible`."""
    return tuple(sorted(scopes_of_actor(Permission.LISTING_VIEW, "listing", actor)))


def visible(actor: Actor, listing: Listing) -> bool:
    """Whether a hit of the index may be shown: the database has the last word."""
    return can(actor, Permission.LISTING_VIEW, listing.permission_subject())


def titled(session: Session, words: Collection[str], kinds: Collection[str], limit: int) -> list[Listing]:
    """Up to `limit` published listings whose titles contain all the words, last confirmed first.

    The search of last resort, while no engine answers: it reads titles one by one, so it is bounded.
    """
    query = (
        select(Listing)
        .join(Listing.accepted_revision)
        .where(Listing.state == states.PUBLISHED)
        .options(joinedload(Listing.organisation), contains_eager(Listing.accepted_revision))
        .order_by(Listing.confirmed_on.desc(), Listing.id.desc())
        .limit(limit)
    )
    if kinds:
        query = query.where(Listing.kind.in_(kinds))
    for word in words:
        query = query.where(ListingRevision.title.icontains(word, autoescape=True))
    return list(session.scalars(query))


def newest(session: Session, kind: Kind, limit: int) -> list[Listing]:
    """The newest listings that everybody may see, for the home page."""
    return list(
        session.scalars(
            select(Listing)
            .where(Listing.state == states.PUBLISHED, Listing.kind == kind, Listing.limited.is_(False))
            .options(joinedload(Listing.organisation), joinedload(Listing.accepted_revision))
            .order_by(Listing.published_at.desc(), Listing.id.desc())
            .limit(limit)
        )
    )


def published_since(session: Session, kind: Kind, since: datetime | None) -> int:
    """How many listings of a kind are published, since a moment or in all."""
    query = (
        select(func.count())
        .select_from(Listing)
        .where(Listing.state == states.PUBLISHED, Listing.kind == kind)
    )
    if since is not None:
        query = query.where(Listing.published_at >= since)
    return session.scalar(query)


def count_view(session: Session, listing_id: int, day: date) -> None:
    """Add one to the day's views of a listing."""
    row = insert_into(session, ListingViews).values(listing_id=listing_id, day=day, views=1)
    session.execute(
        row.on_conflict_do_update(
            index_elements=[ListingViews.listing_id, ListingViews.day], set_={"views": ListingViews.views + 1}
        )
    )


def views(session: Session, listing_ids: Collection[int], since: date | None = None) -> dict[int, int]:
    """How often these listings were opened, in all or since a day."""
    query = (
        select(ListingViews.listing_id, func.sum(ListingViews.views))
        .where(ListingViews.listing_id.in_(listing_ids))
        .group_by(ListingViews.listing_id)
    )
    if since is not None:
        query = query.where(ListingViews.day >= since)
    return dict(session.execute(query).all())


def details_open(actor: Actor, content: Content) -> bool:
    """Whether the owner lets this person read the details of what he may see, as one of the public."""
    level = getattr(content, "confidentiality", "public")
    return level == "public" or (level == "signed_in" and actor.user_id is not None)


def _files(session: Session, listing: Listing, content: Content) -> list[Attachment]:
    files = attachments.of(session, "listing", listing.id)
    return [file for file in files if file.id in content.attachment_ids]


def _revisions(state: str) -> Select[tuple[ListingRevision]]:
    return (
        select(ListingRevision)
        .join(Listing, ListingRevision.listing_id == Listing.id)
        .where(ListingRevision.state == state)
        .options(joinedload(ListingRevision.listing).joinedload(Listing.organisation))
        .order_by(ListingRevision.submitted_at, ListingRevision.id)
    )


def _page(session: Session, query: Select, page: int, size: int) -> tuple[list, int]:
    total = session.scalar(select(func.count()).select_from(query.order_by(None).subquery()))
    if query.column_descriptions[0]["entity"] is Listing:
        query = query.options(joinedload(Listing.organisation), selectinload(Listing.revisions))
    rows = session.scalars(query.limit(size).offset((page - 1) * size)).unique()
    return list(rows), total
