"""Matches: a run with its positions and reasons, what was shown to whom, and what people decided on a pair."""

from datetime import datetime

from sqlalchemy import JSON, Float, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.db import Base, Identified, UTCDateTime, Versioned
from marketplace.listings.models import Listing, ListingRevision


class MatchRun(Identified, Base):
    """One calculation for one demand: a snapshot of algorithm, revision and result."""

    __tablename__ = "match_runs"
    __table_args__ = (Index("ix_match_runs_subject", "demand_id", "id"),)

    demand_id: Mapped[int] = mapped_column(ForeignKey("listings.id"))
    revision_id: Mapped[int] = mapped_column(
        ForeignKey("listing_revisions.id"), comment="the demand as it was"
    )
    algorithm: Mapped[str] = mapped_column(String(40), comment="version of the algorithm")
    dictionary: Mapped[str] = mapped_column(
        String(16), default="", comment="state of the word lists it read with"
    )
    candidates: Mapped[int] = mapped_column(Integer, comment="how many achievements were rescored")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    entries: Mapped[list["MatchEntry"]] = relationship(back_populates="run", order_by="MatchEntry.position")
    revision: Mapped[ListingRevision] = relationship()


class MatchEntry(Identified, Base):
    """One achievement at one position of a run, with everything the card shows."""

    __tablename__ = "match_entries"
    __table_args__ = (
        UniqueConstraint("run_id", "position"),
        UniqueConstraint("run_id", "achievement_id"),
        Index("ix_match_entries_achievement", "achievement_id", "run_id"),
    )

    run_id: Mapped[int] = mapped_column(ForeignKey("match_runs.id"))
    position: Mapped[int] = mapped_column(Integer, comment="1 is best")
    achievement_id: Mapped[int] = mapped_column(ForeignKey("listings.id"))
    revision_id: Mapped[int] = mapped_column(
        ForeignKey("listing_revisions.id"), comment="the achievement as it was"
    )
    score: Mapped[float] = mapped_column(Float, comment="0–100, unrounded; orders the run")
    detail: Mapped[dict] = mapped_column(JSON, comment="parts, words, indicators, conflicts, counterfactuals")
    run: Mapped[MatchRun] = relationship(back_populates="entries")
    achievement: Mapped[Listing] = relationship()
    revision: Mapped[ListingRevision] = relationship()


class MatchShowing(Identified, Base):
    """A pair in front of one side: the first time it stood in that side's list under an algorithm, and where."""

    __tablename__ = "match_showings"
    __table_args__ = (UniqueConstraint("demand_id", "achievement_id", "side", "algorithm"),)

    demand_id: Mapped[int] = mapped_column(ForeignKey("listings.id"))
    achievement_id: Mapped[int] = mapped_column(ForeignKey("listings.id"), index=True)
    side: Mapped[str] = mapped_column(String(12), comment="demand or achievement: in whose list it stood")
    algorithm: Mapped[str] = mapped_column(String(40), comment="version of the algorithm")
    entry_id: Mapped[int] = mapped_column(ForeignKey("match_entries.id"), index=True)
    position: Mapped[int] = mapped_column(Integer, comment="place in that list, 1 is the top")
    score: Mapped[float] = mapped_column(Float, comment="0–100 as it was shown")
    shown_at: Mapped[datetime] = mapped_column(UTCDateTime)


class MatchDecision(Identified, Versioned, Base):
    """What a side decided on a pair of demand and achievement; kept when runs are made anew.

    A pair has one standing decision. A decline lapses when what it named has changed; the pair may then be
    shown and decided on again.
    """

    __tablename__ = "match_decisions"
    __table_args__ = (
        Index(
            "uq_match_decisions_standing",
            "demand_id",
            "achievement_id",
            unique=True,
            sqlite_where=text("lapsed_at IS NULL"),
            postgresql_where=text("lapsed_at IS NULL"),
        ),
        Index("ix_match_decisions_pair", "demand_id", "achievement_id"),
    )

    demand_id: Mapped[int] = mapped_column(ForeignKey("listings.id"))
    achievement_id: Mapped[int] = mapped_column(ForeignKey("listings.id"), index=True)
    entry_id: Mapped[int] = mapped_column(
        ForeignKey("match_entries.id"), comment="the reasons it was decided on"
    )
    decision: Mapped[str] = mapped_column(String(12), comment="accepted, declined")
    reason_code: Mapped[str | None] = mapped_column(String(30), comment="why it was declined, see reasons.py")
    note: Mapped[str | None] = mapped_column(Text)
    decided_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    side: Mapped[str] = mapped_column(String(12), comment="demand or achievement: whose people decided")
    decided_at: Mapped[datetime] = mapped_column(UTCDateTime)
    lapsed_at: Mapped[datetime | None] = mapped_column(
        UTCDateTime, comment="what it named has changed: the pair is open again"
    )
    entry: Mapped[MatchEntry] = relationship()
    demand: Mapped[Listing] = relationship(foreign_keys=[demand_id])
    achievement: Mapped[Listing] = relationship(foreign_keys=[achievement_id])
