"""Listings and their revisions. A listing's content lives only in revision rows."""

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Integer, Row, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import Organisation, User
from marketplace.db import Base, Identified, UTCDateTime, Versioned
from marketplace.listings.content import Content, Kind, content_from_json
from marketplace.permissions import Subject


class Listing(Identified, Versioned, Base):
    """An achievement (成果) or a demand (需求) on the market."""

    __tablename__ = "listings"
    __table_args__ = (
        UniqueConstraint("source", "source_id"),
        CheckConstraint("kind IN ('achievement', 'demand')", name="kind"),
        CheckConstraint(
            "state NOT IN ('published', 'paused') OR accepted_revision_id IS NOT NULL",
            name="published_has_content",
        ),
        Index("ix_listings_state_kind", "state", "kind", "published_at"),
        Index("ix_listings_owner", "organisation_id", "kind", "id"),
        Index("ix_listings_confirmed", "state", "confirmed_on", "id"),
        Index(
            "ix_listings_owner_confirmed", "organisation_id", "state", "hide_owner", "limited", "confirmed_on"
        ),
    )

    number: Mapped[str] = mapped_column(String(20), unique=True, comment="A2026-00417 or D2026-00417")
    kind: Mapped[Kind] = mapped_column(String(12))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    author_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id"), index=True, comment="empty for an imported listing"
    )
    state: Mapped[str] = mapped_column(String(20), comment="see states.py")
    limited: Mapped[bool] = mapped_column(
        default=False, comment="published content is for verified members only"
    )
    hide_owner: Mapped[bool] = mapped_column(
        default=False, comment="published content hides the organisation"
    )
    accepted_revision_id: Mapped[int | None] = mapped_column(
        ForeignKey("listing_revisions.id", use_alter=True), comment="what the public sees"
    )
    published_at: Mapped[datetime | None] = mapped_column(UTCDateTime, comment="first publication")
    confirmed_on: Mapped[date | None] = mapped_column(
        comment="last day the owner confirmed it is still valid"
    )
    source: Mapped[str | None] = mapped_column(String(60), comment="where an imported listing comes from")
    source_id: Mapped[str | None] = mapped_column(
        String(80), comment="its id there; makes the import repeatable"
    )
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)

    organisation: Mapped[Organisation] = relationship()
    author: Mapped[User | None] = relationship()
    revisions: Mapped[list["ListingRevision"]] = relationship(
        back_populates="listing",
        foreign_keys="ListingRevision.listing_id",
        order_by="ListingRevision.number",
    )
    accepted_revision: Mapped["ListingRevision | None"] = relationship(
        foreign_keys=[accepted_revision_id], post_update=True
    )

    @property
    def title(self) -> str:
        """The title the public sees, before the first publication the newest one."""
        return (self.accepted_revision or self.revisions[-1]).title

    def permission_subject(self) -> Subject:
        """What the policy needs to know of it."""
        return listing_subject(self)


class ListingRevision(Identified, Versioned, Base):
    """One version of a listing's content and its way through approval and review."""

    __tablename__ = "listing_revisions"
    __table_args__ = (
        UniqueConstraint("listing_id", "number"),
        Index("ix_listing_revisions_state", "state", "submitted_at"),
    )

    listing_id: Mapped[int] = mapped_column(ForeignKey("listings.id"))
    number: Mapped[int] = mapped_column(Integer, comment="1, 2, … within the listing")
    state: Mapped[str] = mapped_column(String(20), comment="see states.py")
    title: Mapped[str] = mapped_column(
        String(200), default="", comment="title, beside the document for lists"
    )
    content: Mapped[dict] = mapped_column(JSON, comment="document of content.py")
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    submitted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime, comment="accepted or returned")

    listing: Mapped[Listing] = relationship(back_populates="revisions", foreign_keys=[listing_id])

    def permission_subject(self) -> Subject:
        """What the policy needs to know of it."""
        return Subject("revision", self.state, **_belongs_to(self.listing))

    def typed_content(self) -> Content:
        """The content as a typed value, read once: a document is replaced as a whole, never changed in place."""
        read = self.__dict__.get("_read")
        if read is None or read[0] is not self.content:
            read = self.__dict__["_read"] = (self.content, content_from_json(self.listing.kind, self.content))
        return read[1]


class ListingRight(Base):
    """A right's number that a listing names, in the spelling of `identifiers.right_key`: who else names it is found.

    Holds the numbers of the accepted revision and of the newest one, nothing else.
    """

    __tablename__ = "listing_rights"
    __table_args__ = (Index("ix_listing_rights_number", "number"),)

    listing_id: Mapped[int] = mapped_column(ForeignKey("listings.id"), primary_key=True)
    number: Mapped[str] = mapped_column(String(60), primary_key=True, comment="identifiers.right_key")

    listing: Mapped[Listing] = relationship()


class ListingReminder(Base):
    """A step of the freshness clock that was taken for one confirmation: who looks after it was asked, or not."""

    __tablename__ = "listing_reminders"

    listing_id: Mapped[int] = mapped_column(ForeignKey("listings.id"), primary_key=True)
    confirmed_on: Mapped[date] = mapped_column(primary_key=True, comment="the confirmation it follows")
    step: Mapped[int] = mapped_column(
        Integer, primary_key=True, autoincrement=False, comment="days since then, see freshness.py"
    )
    told_on: Mapped[date] = mapped_column(comment="day on which it was taken")
    asked: Mapped[int] = mapped_column(Integer, comment="how many people were asked; 0: there was nobody")


class ListingViews(Base):
    """How often a listing's page was opened on one day, for its owner."""

    __tablename__ = "listing_views"

    listing_id: Mapped[int] = mapped_column(ForeignKey("listings.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    views: Mapped[int] = mapped_column(Integer, default=0)


def listing_subject(listing: Listing | Row) -> Subject:
    """What the policy needs to know of a listing, or of a row with the columns of one.

    A limited publication is a state of its own there.
    """
    state = "published_limited" if listing.state == "published" and listing.limited else listing.state
    return Subject("listing", state, **_belongs_to(listing))


def _belongs_to(listing: Listing | Row) -> dict:
    return {
        "people": {"author": frozenset({listing.author_id} - {None})},
        "organisations": {"owner": frozenset({listing.organisation_id})},
    }
