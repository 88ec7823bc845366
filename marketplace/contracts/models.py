"""Technology contracts: parties, amounts, the way through recognition and registration, payments."""

from datetime import date, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace import codes
from marketplace.accounts.models import Organisation
from marketplace.db import Base, Identified, UTCDateTime, Versioned
from marketplace.deals.models import Deal
from marketplace.permissions import Subject


class RegistrationAgency(Identified, Base):
    """A registration agency's place in the numbers it gives (domain.md 2.7)."""

    __tablename__ = "registration_agencies"
    __table_args__ = (UniqueConstraint("region4", "point"),)

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), unique=True)
    region_code: Mapped[str] = mapped_column(
        String(6), index=True, comment="region it registers sellers of, GB/T 2260"
    )
    region4: Mapped[str] = mapped_column(String(4), comment="digits 5–8 of its numbers: province and city")
    point: Mapped[str] = mapped_column(String(2), comment="digits 9–10 of its numbers: registration point")
    organisation: Mapped[Organisation] = relationship()


class Contract(Identified, Versioned, Base):
    """A technology contract (技术合同). Amounts in fen; fields of the registration form (domain.md 2.8)."""

    __tablename__ = "contracts"
    __table_args__ = (
        CheckConstraint("total_amount_fen IS NULL OR total_amount_fen > 0", name="total_positive"),
        CheckConstraint(
            "technical_amount_fen IS NULL OR technical_amount_fen BETWEEN 1 AND total_amount_fen",
            name="technical_within_total",
        ),
        CheckConstraint("state != 'REGISTERED' OR registration_no IS NOT NULL", name="registered_has_number"),
        Index("ix_contracts_queue", "agency_id", "state", "due_on"),
    )

    number: Mapped[str] = mapped_column(
        String(20), unique=True, comment="S2026-00001, the application's number"
    )
    source: Mapped[str] = mapped_column(String(10), comment="PLATFORM or EXTERNAL (registered elsewhere)")
    deal_id: Mapped[int | None] = mapped_column(ForeignKey("deals.id"), unique=True)
    state: Mapped[str] = mapped_column(String(20), comment="thirteen states, see states.py")
    title: Mapped[str] = mapped_column(String(200), comment="项目名称")
    contract_class: Mapped[str] = mapped_column(
        String(12), comment="DEVELOPMENT, TRANSFER, LICENSE, CONSULTING, SERVICE"
    )
    contract_subtype: Mapped[str] = mapped_column(String(2), comment="contract_kinds.csv")
    technical_content: Mapped[str] = mapped_column(Text, default="", comment="目标、内容、验收标准")
    total_amount_fen: Mapped[int | None] = mapped_column(BigInteger, comment="合同成交额")
    technical_amount_fen: Mapped[int | None] = mapped_column(
        BigInteger, comment="技术交易额, total less items"
    )
    amount_open: Mapped[bool] = mapped_column(
        default=False, comment="royalty: total not fixed at application"
    )
    amount_in_words: Mapped[str] = mapped_column(String(120), default="", comment="大写金额 as in the text")
    payment_mode: Mapped[str] = mapped_column(
        String(24), comment="LUMP_SUM, INSTALMENTS, ROYALTY, ROYALTY_WITH_UPFRONT, OTHER"
    )
    sign_date: Mapped[date | None] = mapped_column()
    begin_date: Mapped[date | None] = mapped_column()
    end_date: Mapped[date | None] = mapped_column()
    is_related: Mapped[bool | None] = mapped_column(comment="关联交易; empty: not declared")
    program_source: Mapped[str] = mapped_column(String(60), default="计划外", comment="计划来源")
    program_no: Mapped[str] = mapped_column(String(60), default="")
    ipr: Mapped[str] = mapped_column(String(30), default="", comment="知识产权类别, ip_types.csv")
    technology_field: Mapped[str] = mapped_column(String(6), default="", comment="technology_fields.csv")
    industry_code: Mapped[str] = mapped_column(String(6), default="", comment="GB/T 4754")
    socioeconomic_objective: Mapped[str] = mapped_column(String(2), default="", comment="GB/T 24450")
    ip_terms: Mapped[str] = mapped_column(Text, default="", comment="成果归属约定")
    agency_id: Mapped[int | None] = mapped_column(
        ForeignKey("registration_agencies.id"), comment="agency of the seller's region"
    )
    submitted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    accepted_on: Mapped[date | None] = mapped_column(comment="受理之日; the clock's start, not counted")
    due_on: Mapped[date | None] = mapped_column(
        comment="last day for the decision; empty while the clock is stopped"
    )
    clock: Mapped[dict] = mapped_column(JSON, default=dict, comment="pauses of the clock: [{start, end}]")
    remembered_state: Mapped[str | None] = mapped_column(String(20), comment="where a supplement returns to")
    supplement_reasons: Mapped[list] = mapped_column(
        JSON, default=list, comment="[{code, text}] of the open request"
    )
    supplement_due_on: Mapped[date | None] = mapped_column()
    red_flag: Mapped[bool] = mapped_column(
        default=False, comment="a finding or a person asks for a second review"
    )
    first_reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    second_reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    refusal_reason: Mapped[str | None] = mapped_column(String(3), comment="R01 … R99, domain.md 2.5")
    registration_no: Mapped[str | None] = mapped_column(
        String(16), unique=True, comment="YYYY PPCC RR NNNNNN"
    )
    registered_on: Mapped[date | None] = mapped_column(index=True)
    verification_code: Mapped[str | None] = mapped_column(String(20), comment="printed on the certificate")
    certificate_agency: Mapped[str] = mapped_column(
        String(120), default="", comment="EXTERNAL: who registered it"
    )
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)

    deal: Mapped[Deal | None] = relationship()
    agency: Mapped[RegistrationAgency | None] = relationship()
    parties: Mapped[list["ContractParty"]] = relationship(
        back_populates="contract", order_by="ContractParty.id"
    )
    items: Mapped[list["NonTechnicalItem"]] = relationship(
        back_populates="contract", order_by="NonTechnicalItem.id", cascade="all, delete-orphan"
    )
    instalments: Mapped[list["Instalment"]] = relationship(
        back_populates="contract", order_by="Instalment.number", cascade="all, delete-orphan"
    )
    payments: Mapped[list["ContractPayment"]] = relationship(
        back_populates="contract", order_by="ContractPayment.paid_on"
    )

    def organisations_on(self, side: str) -> frozenset[int]:
        """Ids of the organisations on one side: SELLER, BUYER or INTERMEDIARY."""
        return frozenset(p.organisation_id for p in self.parties if p.side == side and p.organisation_id)

    def permission_subject(self) -> Subject:
        """What the policy needs to know of it."""
        seller, buyer = self.organisations_on("SELLER"), self.organisations_on("BUYER")
        agency = frozenset({self.agency.organisation_id}) if self.agency else frozenset()
        return Subject(
            "contract",
            self.state,
            organisations={"seller": seller, "buyer": buyer, "party": seller | buyer, "agency": agency},
        )


class ContractParty(Identified, Base):
    """A party as it stood when the contract was made; several per side are possible."""

    __tablename__ = "contract_parties"
    __table_args__ = (
        UniqueConstraint("contract_id", "side", "credit_code"),
        CheckConstraint("side IN ('SELLER', 'BUYER', 'INTERMEDIARY')", name="side"),
    )

    contract_id: Mapped[int] = mapped_column(ForeignKey("contracts.id"), index=True)
    side: Mapped[str] = mapped_column(String(12))
    role: Mapped[str] = mapped_column(String(30), comment="transferor, licensee, client, …, glossary")
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    credit_code: Mapped[str] = mapped_column(String(18))
    party_kind: Mapped[str] = mapped_column(String(30), comment="ENTERPRISE, PUBLIC_INSTITUTION, …")
    party_kind_code: Mapped[str] = mapped_column(String(6), default="", comment="party_kinds.csv")
    region_code: Mapped[str] = mapped_column(String(6), comment="place of registration")
    tax_region: Mapped[str] = mapped_column(String(6), default="")
    address: Mapped[str] = mapped_column(String(200), default="")
    representative: Mapped[str] = mapped_column(String(60), default="", comment="法定代表人")
    contact: Mapped[str] = mapped_column(String(60), default="")
    contact_phone: Mapped[str] = mapped_column(String(30), default="")
    facts: Mapped[dict] = mapped_column(
        JSON, default=dict, comment="transfer agency, R&D body, high-tech zone, listed, scale"
    )
    contract: Mapped[Contract] = relationship(back_populates="parties")
    organisation: Mapped[Organisation | None] = relationship()


class NonTechnicalItem(Identified, Base):
    """A cost inside the total that is not for technology (domain.md 2.6), line by line."""

    __tablename__ = "non_technical_items"
    __table_args__ = (CheckConstraint("amount_fen >= 0", name="amount_not_negative"),)

    contract_id: Mapped[int] = mapped_column(ForeignKey("contracts.id"), index=True)
    kind: Mapped[str] = mapped_column(String(12), comment="EQUIPMENT, INSTRUMENT, PARTS, MATERIALS, OTHER")
    description: Mapped[str] = mapped_column(String(200), default="")
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    carrier: Mapped[bool] = mapped_column(
        default=False, comment="合理数量标的物: stays in the technical amount"
    )
    carrier_reason: Mapped[str] = mapped_column(String(200), default="")
    contract: Mapped[Contract] = relationship(back_populates="items")


class Instalment(Identified, Base):
    """One line of the payment plan."""

    __tablename__ = "instalments"
    __table_args__ = (
        UniqueConstraint("contract_id", "number"),
        CheckConstraint("amount_fen > 0", name="amount_positive"),
    )

    contract_id: Mapped[int] = mapped_column(ForeignKey("contracts.id"))
    number: Mapped[int] = mapped_column(Integer)
    condition: Mapped[str] = mapped_column(String(200), default="", comment="when it is due")
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    contract: Mapped[Contract] = relationship(back_populates="instalments")


class ContractPayment(Identified, Versioned, Base):
    """A payment that happened, with its bank slip and invoice; claims of each arm refer to it."""

    __tablename__ = "contract_payments"
    __table_args__ = (
        UniqueConstraint("contract_id", "voucher_no"),
        CheckConstraint("amount_fen > 0", name="amount_positive"),
        CheckConstraint("bank_tech_fen >= 0 AND invoice_tech_fen >= 0", name="parts_not_negative"),
        CheckConstraint("refund_fen >= 0 AND fiscal_fen >= 0", name="cuts_not_negative"),
    )

    contract_id: Mapped[int] = mapped_column(ForeignKey("contracts.id"))
    voucher_no: Mapped[str] = mapped_column(String(60), comment="bank slip number, cleaned")
    invoice_no: Mapped[str] = mapped_column(String(60))
    paid_on: Mapped[date] = mapped_column(comment="bank slip date")
    amount_fen: Mapped[int] = mapped_column(BigInteger, comment="paid in all")
    separated: Mapped[bool] = mapped_column(default=True, comment="the technical part is stated apart")
    bank_tech_fen: Mapped[int] = mapped_column(BigInteger, comment="technical part by bank slip")
    invoice_tech_fen: Mapped[int] = mapped_column(BigInteger, comment="technical part by invoice")
    refund_fen: Mapped[int] = mapped_column(BigInteger, default=0)
    fiscal_fen: Mapped[int] = mapped_column(BigInteger, default=0, comment="part paid from government money")
    form: Mapped[str] = mapped_column(String(6), default="CASH", comment="CASH or EQUITY")
    cashed: Mapped[bool] = mapped_column(default=False, comment="equity turned into money")
    status: Mapped[str] = mapped_column(String(10), default="PENDING", comment="PENDING, VERIFIED, REJECTED")
    rejection: Mapped[str | None] = mapped_column(String(200))
    locked: Mapped[bool] = mapped_column(
        default=False, comment="claimed by an application under review: no longer edited"
    )
    verified_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    entered_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    entered_at: Mapped[datetime] = mapped_column(UTCDateTime)
    contract: Mapped[Contract] = relationship(back_populates="payments")


def region_path(code: str) -> frozenset[str]:
    """A region code with everything above it, for jurisdictions."""
    return frozenset(codes.regions().path(code))
