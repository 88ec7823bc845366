"""Saved searches (订阅): what a person wants to hear of, and what he has been told."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.db import Base, Identified, UTCDateTime, Versioned
from marketplace.permissions import Subject


class Frequency(StrEnum):
    """How often a person is told what is new."""

    DAILY = "daily"
    WEEKLY = "weekly"
    OFF = "off"


class SavedSearch(Identified, Versioned, Base):
    """One search of one person, under a name. Only he knows of it."""

    __tablename__ = "saved_searches"
    __table_args__ = (
        UniqueConstraint("user_id", "fingerprint"),
        Index("ix_saved_searches_due", "frequency", "digested_at", "user_id"),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    name: Mapped[str] = mapped_column(String(60))
    parameters: Mapped[list] = mapped_column(JSON, comment="pairs of the search's address, see asking.py")
    fingerprint: Mapped[str] = mapped_column(String(64), comment="the same for the same search")
    frequency: Mapped[Frequency] = mapped_column(String(10), comment="daily, weekly, off")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    seen_at: Mapped[datetime] = mapped_column(
        UTCDateTime, comment="when the person last looked at its results"
    )
    alerts_since: Mapped[datetime] = mapped_column(
        UTCDateTime, comment="nothing decided before is told: saved, or alerts switched on"
    )
    digested_at: Mapped[datetime] = mapped_column(
        UTCDateTime, comment="last digest that took it up, empty or not; at first when it was saved"
    )
    tried_at: Mapped[datetime | None] = mapped_column(
        UTCDateTime, comment="when its person's digest last failed; it is tried again later"
    )

    def permission_subject(self) -> Subject:
        """What the policy needs to know of it: whose it is."""
        return Subject("saved_search", people={"author": frozenset({self.user_id})})


class SearchDigest(Identified, Base):
    """What one person was told on one legal day: one digest, however many searches he has."""

    __tablename__ = "search_digests"
    __table_args__ = (UniqueConstraint("user_id", "day"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    day: Mapped[date] = mapped_column(comment="legal day in Asia/Shanghai")
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)

    def permission_subject(self) -> Subject:
        """What the policy needs to know of it: it belongs to whom the searches belong."""
        return Subject("saved_search", people={"author": frozenset({self.user_id})})


class SearchDigestItem(Base):
    """One revision of one listing that a saved search has told of: never told of again."""

    __tablename__ = "search_digest_items"
    __table_args__ = (Index("ix_search_digest_items_digest", "digest_id", "saved_search_id", "place"),)

    saved_search_id: Mapped[int] = mapped_column(
        ForeignKey("saved_searches.id", ondelete="CASCADE"), primary_key=True
    )
    listing_id: Mapped[int] = mapped_column(ForeignKey("listings.id"), primary_key=True)
    revision_id: Mapped[int] = mapped_column(ForeignKey("listing_revisions.id"), primary_key=True)
    digest_id: Mapped[int] = mapped_column(ForeignKey("search_digests.id"))
    place: Mapped[int] = mapped_column(Integer, comment="0, 1, … within the search; the first few are named")
    first: Mapped[bool] = mapped_column(comment="first publication, not a change of what was published")
