"""Deals: two parties, perhaps a broker, their messages and terms, and the publicity of a negotiated price."""

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import Organisation, User
from marketplace.db import Base, Identified, UTCDateTime, Versioned
from marketplace.listings.models import Listing, ListingRevision
from marketplace.permissions import Subject

_LIVE = "state != 'closed'"


class Deal(Identified, Versioned, Base):
    """One negotiation, opened from an accepted match or from an enquiry on a listing."""

    __tablename__ = "deals"
    __table_args__ = (
        CheckConstraint("demand_id IS NOT NULL OR achievement_id IS NOT NULL", name="about_something"),
        CheckConstraint("seller_id != buyer_id", name="two_parties"),
        # One live deal per pair of achievement and demand, or per listing and asker.
        Index(
            "uq_deals_live_pair",
            "demand_id",
            "achievement_id",
            unique=True,
            sqlite_where=text(f"{_LIVE} AND demand_id IS NOT NULL AND achievement_id IS NOT NULL"),
            postgresql_where=text(f"{_LIVE} AND demand_id IS NOT NULL AND achievement_id IS NOT NULL"),
        ),
        Index(
            "uq_deals_live_enquiry_achievement",
            "achievement_id",
            "buyer_id",
            unique=True,
            sqlite_where=text(f"{_LIVE} AND demand_id IS NULL"),
            postgresql_where=text(f"{_LIVE} AND demand_id IS NULL"),
        ),
        Index(
            "uq_deals_live_enquiry_demand",
            "demand_id",
            "seller_id",
            unique=True,
            sqlite_where=text(f"{_LIVE} AND achievement_id IS NULL"),
            postgresql_where=text(f"{_LIVE} AND achievement_id IS NULL"),
        ),
        Index("ix_deals_seller", "seller_id", "state"),
        Index("ix_deals_buyer", "buyer_id", "state"),
    )

    number: Mapped[str] = mapped_column(String(20), unique=True, comment="T2026-00001")
    origin: Mapped[str] = mapped_column(String(12), comment="match or enquiry")
    state: Mapped[str] = mapped_column(String(20), comment="see states.py")
    demand_id: Mapped[int | None] = mapped_column(ForeignKey("listings.id"), index=True)
    demand_revision_id: Mapped[int | None] = mapped_column(
        ForeignKey("listing_revisions.id"), comment="the demand as it was when the deal began"
    )
    achievement_id: Mapped[int | None] = mapped_column(ForeignKey("listings.id"), index=True)
    achievement_revision_id: Mapped[int | None] = mapped_column(
        ForeignKey("listing_revisions.id"), comment="the achievement as it was when the deal began"
    )
    match_decision_id: Mapped[int | None] = mapped_column(ForeignKey("match_decisions.id"))
    seller_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    buyer_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    seller_person_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id"), comment="who speaks for the seller"
    )
    buyer_person_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id"), comment="who speaks for the buyer"
    )
    broker_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), comment="technology broker, if any")
    broker_organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"))
    agreed_terms_id: Mapped[int | None] = mapped_column(ForeignKey("deal_terms.id", use_alter=True))
    seller_shows_contact_at: Mapped[datetime | None] = mapped_column(
        UTCDateTime, comment="consent of the seller"
    )
    buyer_shows_contact_at: Mapped[datetime | None] = mapped_column(
        UTCDateTime, comment="consent of the buyer"
    )
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)

    demand: Mapped[Listing | None] = relationship(foreign_keys=[demand_id])
    achievement: Mapped[Listing | None] = relationship(foreign_keys=[achievement_id])
    demand_revision: Mapped[ListingRevision | None] = relationship(foreign_keys=[demand_revision_id])
    achievement_revision: Mapped[ListingRevision | None] = relationship(
        foreign_keys=[achievement_revision_id]
    )
    seller: Mapped[Organisation] = relationship(foreign_keys=[seller_id])
    buyer: Mapped[Organisation] = relationship(foreign_keys=[buyer_id])
    seller_person: Mapped[User | None] = relationship(foreign_keys=[seller_person_id])
    buyer_person: Mapped[User | None] = relationship(foreign_keys=[buyer_person_id])
    broker: Mapped[User | None] = relationship(foreign_keys=[broker_id])
    agreed_terms: Mapped["DealTerms | None"] = relationship(foreign_keys=[agreed_terms_id], post_update=True)
    terms: Mapped[list["DealTerms"]] = relationship(
        back_populates="deal", foreign_keys="DealTerms.deal_id", order_by="DealTerms.number"
    )
    publicities: Mapped[list["PricePublicity"]] = relationship(
        back_populates="deal", order_by="PricePublicity.id"
    )

    def permission_subject(self) -> Subject:
        """What the policy needs to know of it."""
        people = {self.seller_person_id, self.buyer_person_id, self.broker_id} - {None}
        return Subject(
            "deal",
            self.state,
            people={"participant": frozenset(people)},
            organisations={
                "party": frozenset({self.seller_id, self.buyer_id}),
                "seller": frozenset({self.seller_id}),
                "buyer": frozenset({self.buyer_id}),
            },
        )


class DealMessage(Identified, Base):
    """What one side told the other; kept as written."""

    __tablename__ = "deal_messages"
    __table_args__ = (Index("ix_deal_messages_deal", "deal_id", "id"),)

    deal_id: Mapped[int] = mapped_column(ForeignKey("deals.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    author: Mapped[User] = relationship()
    organisation: Mapped[Organisation] = relationship()


class DealTerms(Identified, Base):
    """One proposal of terms. Rows are only added; the deal names the one both sides agreed to."""

    __tablename__ = "deal_terms"
    __table_args__ = (
        UniqueConstraint("deal_id", "number"),
        CheckConstraint("price_fen > 0", name="price_positive"),
    )

    deal_id: Mapped[int] = mapped_column(ForeignKey("deals.id"))
    number: Mapped[int] = mapped_column(Integer, comment="1, 2, … within the deal")
    proposed_by: Mapped[str] = mapped_column(String(8), comment="seller or buyer")
    proposed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    price_fen: Mapped[int] = mapped_column(BigInteger, comment="total price, fen")
    mode: Mapped[str] = mapped_column(String(30), comment="cooperation mode, cooperation_modes.csv")
    payment_mode: Mapped[str] = mapped_column(
        String(24), comment="LUMP_SUM, INSTALMENTS, ROYALTY, ROYALTY_WITH_UPFRONT, OTHER"
    )
    ip_terms: Mapped[str] = mapped_column(Text, comment="who owns and may use what comes out of it")
    note: Mapped[str | None] = mapped_column(Text, comment="delivery, acceptance and other conditions")
    seller_agreed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    buyer_agreed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    deal: Mapped[Deal] = relationship(back_populates="terms", foreign_keys=[deal_id])


class PricePublicity(Identified, Versioned, Base):
    """The publicity of a negotiated price of a public unit (促进科技成果转化法 art. 18; domain.md 5)."""

    __tablename__ = "price_publicities"
    __table_args__ = (CheckConstraint("price_fen > 0", name="price_positive"),)

    number: Mapped[str] = mapped_column(String(20), unique=True, comment="G2026-00001")
    deal_id: Mapped[int] = mapped_column(ForeignKey("deals.id"), index=True)
    terms_id: Mapped[int] = mapped_column(
        ForeignKey("deal_terms.id"), comment="terms whose price is published"
    )
    state: Mapped[str] = mapped_column(String(20), comment="see states.py")
    title: Mapped[str] = mapped_column(String(200), comment="name of the achievement")
    summary: Mapped[str] = mapped_column(Text, comment="what it is, without secrets")
    mode: Mapped[str] = mapped_column(String(30), comment="how it is converted")
    price_fen: Mapped[int] = mapped_column(BigInteger, comment="intended price, fen")
    interested_buyer: Mapped[bool] = mapped_column(
        default=False, comment="the buyer is an inventor or an interested party"
    )
    posted_on: Mapped[date | None] = mapped_column(
        comment="day it was posted; the clock's start, not counted"
    )
    last_day: Mapped[date | None] = mapped_column(comment="last day of the publicity, inclusive")
    contract_from: Mapped[date | None] = mapped_column(comment="first day on which a contract may be made")
    calendar_published: Mapped[bool] = mapped_column(
        default=True, comment="false: holidays not loaded, last day found by weekends only"
    )
    objection: Mapped[str | None] = mapped_column(Text, comment="what was objected")
    resolution: Mapped[str | None] = mapped_column(Text, comment="how it was settled")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    deal: Mapped[Deal] = relationship(back_populates="publicities")

    def permission_subject(self) -> Subject:
        """What the policy needs to know of it."""
        return Subject(
            "price_publicity", self.state, organisations={"seller": frozenset({self.deal.seller_id})}
        )
