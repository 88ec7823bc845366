"""The post-transaction subsidy: batches, applications, the payments they claim, and every calculation."""

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
    event,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import Organisation
from marketplace.contracts.models import Contract, ContractPayment, region_path
from marketplace.db import Base, Identified, UTCDateTime, Versioned
from marketplace.permissions import Subject


class SubsidyBatch(Identified, Versioned, Base):
    """One call for applications of a programme year; holds parameter overrides and the publicity."""

    __tablename__ = "subsidy_batches"
    __table_args__ = (CheckConstraint("closes_on >= opens_on", name="period"),)

    number: Mapped[str] = mapped_column(String(30), unique=True, comment="NMG-TT-POST-2026-1")
    scheme: Mapped[str] = mapped_column(String(30), comment="NMG-TT-POST")
    programme_year: Mapped[int] = mapped_column(Integer, index=True)
    title: Mapped[str] = mapped_column(String(120))
    opens_on: Mapped[date] = mapped_column(comment="first day of applications, inclusive")
    closes_on: Mapped[date] = mapped_column(comment="last day of applications, inclusive")
    budget_fen: Mapped[int | None] = mapped_column(BigInteger)
    parameters: Mapped[dict] = mapped_column(JSON, default=dict, comment="overrides of rule parameters")
    state: Mapped[str] = mapped_column(String(20), comment="see states.py")
    published_on: Mapped[date | None] = mapped_column(comment="day the list was published; not counted")
    publicity_last_day: Mapped[date | None] = mapped_column(
        comment="last working day of the publicity, inclusive"
    )
    calendar_published: Mapped[bool] = mapped_column(
        default=True, comment="false: holidays not loaded, last day found by weekends only"
    )
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    applications: Mapped[list["SubsidyApplication"]] = relationship(back_populates="batch")

    def permission_subject(self) -> Subject:
        """What the policy needs to know of it."""
        return Subject("subsidy_batch", self.state)


class SubsidyApplication(Identified, Versioned, Base):
    """One contract × arm × batch."""

    __tablename__ = "subsidy_applications"
    __table_args__ = (
        UniqueConstraint("batch_id", "contract_id", "arm"),
        CheckConstraint("arm IN ('BUYER', 'SELLER')", name="arm"),
        Index("ix_subsidy_applications_queue", "state", "region_code"),
    )

    number: Mapped[str] = mapped_column(String(20), unique=True, comment="B2026-00001")
    batch_id: Mapped[int] = mapped_column(ForeignKey("subsidy_batches.id"), index=True)
    contract_id: Mapped[int] = mapped_column(ForeignKey("contracts.id"), index=True)
    applicant_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    arm: Mapped[str] = mapped_column(String(6))
    state: Mapped[str] = mapped_column(String(20), comment="see states.py")
    region_code: Mapped[str] = mapped_column(String(6), comment="applicant's place of registration")
    returned_from: Mapped[str | None] = mapped_column(String(20), comment="level that returned it")
    commitment_on: Mapped[date | None] = mapped_column(
        comment="no-related-party and no-duplicate commitment given"
    )
    relation: Mapped[dict] = mapped_column(
        JSON, default=dict, comment="declared relations of the two parties"
    )
    other_level_fen: Mapped[int] = mapped_column(BigInteger, default=0, comment="subsidy of another level")
    applied_on: Mapped[date | None] = mapped_column()
    estimate_id: Mapped[int | None] = mapped_column(ForeignKey("subsidy_calculations.id", use_alter=True))
    final_id: Mapped[int | None] = mapped_column(ForeignKey("subsidy_calculations.id", use_alter=True))
    award_fen: Mapped[int | None] = mapped_column(BigInteger, comment="granted amount once approved")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    batch: Mapped[SubsidyBatch] = relationship(back_populates="applications")
    contract: Mapped[Contract] = relationship()
    applicant: Mapped[Organisation] = relationship()
    claims: Mapped[list["PaymentClaim"]] = relationship(back_populates="application")
    estimate: Mapped["SubsidyCalculation | None"] = relationship(foreign_keys=[estimate_id], post_update=True)
    final: Mapped["SubsidyCalculation | None"] = relationship(foreign_keys=[final_id], post_update=True)

    def permission_subject(self) -> Subject:
        """What the policy needs to know of it; the region decides which county and league look at it."""
        return Subject(
            "subsidy_application",
            self.state,
            organisations={"applicant": frozenset({self.applicant_id})},
            regions=region_path(self.region_code),
        )


class PaymentClaim(Identified, Base):
    """A payment claimed by an application: never twice in one arm."""

    __tablename__ = "payment_claims"
    __table_args__ = (UniqueConstraint("payment_id", "arm"),)

    application_id: Mapped[int] = mapped_column(ForeignKey("subsidy_applications.id"), index=True)
    payment_id: Mapped[int] = mapped_column(ForeignKey("contract_payments.id"))
    arm: Mapped[str] = mapped_column(String(6))
    application: Mapped[SubsidyApplication] = relationship(back_populates="claims")
    payment: Mapped[ContractPayment] = relationship()


class RuleSetText(Base):
    """The text of a rule set by its hash: what a calculation was made with can always be read."""

    __tablename__ = "rule_set_texts"

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    stored_at: Mapped[datetime] = mapped_column(UTCDateTime)


class SubsidyRun(Identified, Base):
    """One run of the engine over all contracts that were weighed together, stored unchanged.

    The caps of an enterprise and the budget join the applications of a batch: their facts are one case, kept
    once; `SubsidyCalculation` says what it means for each application.
    """

    __tablename__ = "subsidy_runs"

    batch_id: Mapped[int] = mapped_column(ForeignKey("subsidy_batches.id"), index=True)
    arm: Mapped[str] = mapped_column(String(6))
    kind: Mapped[str] = mapped_column(String(10), comment="estimate, proposed, final")
    status: Mapped[str] = mapped_column(String(24), comment="OK, NO_RULE_IN_FORCE, PARAMETER_UNVERIFIED")
    facts: Mapped[dict] = mapped_column(JSON, comment="inputs of the engine")
    result: Mapped[dict] = mapped_column(JSON, comment="result of the engine")
    trace: Mapped[dict] = mapped_column(JSON, comment="typed nodes, each step with its parameter and clause")
    trace_hash: Mapped[str] = mapped_column(String(64))
    rule_set_hash: Mapped[str] = mapped_column(ForeignKey("rule_set_texts.hash"))
    calculated_at: Mapped[datetime] = mapped_column(UTCDateTime)


class SubsidyCalculation(Identified, Base):
    """What one run gives one application, stored unchanged; recomputing adds a row. Amounts empty: no answer."""

    __tablename__ = "subsidy_calculations"
    __table_args__ = (UniqueConstraint("application_id", "run_id"),)

    application_id: Mapped[int] = mapped_column(ForeignKey("subsidy_applications.id"))
    run_id: Mapped[int] = mapped_column(ForeignKey("subsidy_runs.id"), index=True)
    base_fen: Mapped[int | None] = mapped_column(BigInteger, comment="period base (计算基数)")
    award_fen: Mapped[int | None] = mapped_column(BigInteger, comment="after caps, before the budget")
    granted_fen: Mapped[int | None] = mapped_column(BigInteger, comment="after the budget")
    run: Mapped[SubsidyRun] = relationship()


@event.listens_for(SubsidyRun, "before_update")
@event.listens_for(SubsidyCalculation, "before_update")
@event.listens_for(RuleSetText, "before_update")
def _refuse_update(_mapper, _connection, target) -> None:
    """What an amount was decided on is never changed afterwards."""
    raise RuntimeError(f"{type(target).__name__} {target!r} is stored unchanged")
