"""Clusters of near-duplicate demands, what firms say to pooling them, who can help; and where supply is missing."""

from datetime import datetime

from sqlalchemy import JSON, Boolean, Float, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import Organisation, User
from marketplace.db import Base, Identified, UTCDateTime, Versioned
from marketplace.listings.models import Listing, ListingRevision
from marketplace.permissions import Subject
from marketplace.pooling import states

_LIVE = "state IN ('waiting', 'agreed', 'declined', 'postponed')"


class DemandCluster(Identified, Versioned, Base):
    """Demands of different firms about one problem; published under a number once enough firms agreed.

    Its id and its members' answers survive every new calculation.
    """

    __tablename__ = "demand_clusters"
    __table_args__ = (Index("ix_demand_clusters_state", "state", "id"),)

    number: Mapped[str | None] = mapped_column(
        String(20), unique=True, comment="P2026-00001, given at the first publication"
    )
    state: Mapped[str] = mapped_column(String(12), comment="see states.py")
    title: Mapped[str] = mapped_column(String(100), comment="neutral: words that all members use, or staff's")
    summary: Mapped[str] = mapped_column(Text, comment="neutral, as the title")
    words: Mapped[list] = mapped_column(JSON, comment="words of all members' titles and keywords")
    edited: Mapped[bool] = mapped_column(
        Boolean, default=False, comment="staff wrote title and summary; no calculation changes them"
    )
    centre_id: Mapped[int] = mapped_column(
        ForeignKey("listings.id"), comment="the demand all others are like"
    )
    likeness: Mapped[float] = mapped_column(Float, comment="how like the centre the least alike member is")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UTCDateTime, comment="first publication")

    members: Mapped[list["ClusterMember"]] = relationship(
        back_populates="cluster", order_by="ClusterMember.id"
    )
    responses: Mapped[list["ClusterResponse"]] = relationship(
        back_populates="cluster", order_by="ClusterResponse.id"
    )

    @property
    def live_members(self) -> list["ClusterMember"]:
        """The members that belong to it now."""
        return [member for member in self.members if member.state in states.LIVE]

    def permission_subject(self) -> Subject:
        """What the policy needs to know of it; its members are no relation: nobody may learn of them."""
        return Subject("demand_cluster", self.state)


class ClusterMember(Identified, Versioned, Base):
    """One demand in one cluster: how like the centre it is, and what its firm says to pooling."""

    __tablename__ = "demand_cluster_members"
    __table_args__ = (
        UniqueConstraint("cluster_id", "listing_id"),
        # A demand belongs to one cluster at a time, and a firm stands in a cluster once.
        Index(
            "uq_demand_cluster_members_live_demand",
            "listing_id",
            unique=True,
            sqlite_where=text(_LIVE),
            postgresql_where=text(_LIVE),
        ),
        Index(
            "uq_demand_cluster_members_live_firm",
            "cluster_id",
            "organisation_id",
            unique=True,
            sqlite_where=text(_LIVE),
            postgresql_where=text(_LIVE),
        ),
        Index("ix_demand_cluster_members_firm", "organisation_id", "state"),
    )

    cluster_id: Mapped[int] = mapped_column(ForeignKey("demand_clusters.id"))
    listing_id: Mapped[int] = mapped_column(ForeignKey("listings.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    revision_id: Mapped[int] = mapped_column(
        ForeignKey("listing_revisions.id"), comment="the demand as it was last compared"
    )
    likeness: Mapped[float | None] = mapped_column(
        Float, comment="to the centre; empty for the centre itself"
    )
    state: Mapped[str] = mapped_column(String(12), comment="see states.py")
    placed: Mapped[bool] = mapped_column(
        default=False, comment="staff put it beside the others: it stays until its text changes"
    )
    counts_budget: Mapped[bool] = mapped_column(
        default=False, comment="the firm lets its budget count in the pooled one"
    )
    shows_name: Mapped[bool] = mapped_column(default=False, comment="the firm agrees to be named")
    asked_at: Mapped[datetime | None] = mapped_column(UTCDateTime, comment="when its people were asked")
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)

    cluster: Mapped[DemandCluster] = relationship(back_populates="members")
    listing: Mapped[Listing] = relationship()
    organisation: Mapped[Organisation] = relationship()
    revision: Mapped[ListingRevision] = relationship()

    def permission_subject(self) -> Subject:
        """What the policy needs to know of it: whose it is, and whether its people have been asked."""
        asked = self.asked_at and self.state in states.LIVE and self.cluster.state in states.ASKED
        return Subject(
            "cluster_member",
            self.cluster.state if asked else "unasked",
            people={"author": frozenset({self.listing.author_id} - {None})},
            organisations={"owner": frozenset({self.organisation_id})},
        )


class ClusterResponse(Identified, Versioned, Base):
    """An achievement whose owner says that it solves a common demand; staff pass it on to the members."""

    __tablename__ = "demand_cluster_responses"
    __table_args__ = (
        UniqueConstraint("cluster_id", "achievement_id"),
        Index("ix_demand_cluster_responses_state", "state", "id"),
    )

    cluster_id: Mapped[int] = mapped_column(ForeignKey("demand_clusters.id"))
    achievement_id: Mapped[int] = mapped_column(ForeignKey("listings.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    text: Mapped[str] = mapped_column(Text, comment="how it solves the problem, as written")
    state: Mapped[str] = mapped_column(String(12), comment="see states.py")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)

    cluster: Mapped[DemandCluster] = relationship(back_populates="responses")
    achievement: Mapped[Listing] = relationship()
    organisation: Mapped[Organisation] = relationship()
    person: Mapped[User] = relationship()

    def permission_subject(self) -> Subject:
        """What the policy needs to know of it."""
        return Subject("cluster_response", self.state)


class GapSurvey(Identified, Base):
    """When supply and demand were last counted against each other, and what the market was like then; one row."""

    __tablename__ = "gap_surveys"

    made_at: Mapped[datetime | None] = mapped_column(UTCDateTime, comment="empty before the first count")
    basis: Mapped[str] = mapped_column(
        String(60), default="", comment="newest match run and move: equal to it, nothing has changed"
    )


class GapCell(Base):
    """How many public listings of a kind an industry has at a maturity, and how many of them found nothing."""

    __tablename__ = "gap_cells"

    kind: Mapped[str] = mapped_column(String(12), primary_key=True)
    industry: Mapped[str] = mapped_column(
        String(4), primary_key=True, comment="门类 or 大类; empty: none stated; *: all"
    )
    maturity: Mapped[str] = mapped_column(
        String(4), primary_key=True, comment="band of search.documents; empty: none stated; *: all"
    )
    listings: Mapped[int] = mapped_column(Integer, comment="published, open to everybody")
    unmatched: Mapped[int] = mapped_column(Integer, comment="of these without a fair match")
