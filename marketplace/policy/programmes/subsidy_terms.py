"""Facts and results of the post-transaction subsidy, as field tables (policy.md 3). Amounts are fen."""

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Literal

from marketplace.money import Fen
from marketplace.policy.table import AtLeastOne, BanYears, BasisPoints, Text, Year

Arm = Literal["BUYER", "SELLER", "SERVICE"]
ContractArm = Literal["BUYER", "SELLER"]
PartyKind = Literal[
    "ENTERPRISE", "PUBLIC_INSTITUTION", "SOCIAL_ORGANISATION", "GOVERNMENT", "INDIVIDUAL", "OTHER"
]
ContractClass = Literal["DEVELOPMENT", "TRANSFER", "LICENSE", "CONSULTING", "SERVICE"]
RegistrationStatus = Literal["REGISTERED", "NOT_REGISTERED", "CHANGED", "CANCELLED", "REVOKED"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ban:
    """A decision that bars an enterprise; `years` None means the parameter `ban_years`."""

    decision_date: date
    years: BanYears | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Enterprise:
    """An applicant: what it is, where it is registered and taxed, and whether it is barred."""

    enterprise_id: Text
    party_kind: PartyKind
    registered_in_region: bool
    taxed_in_region: bool
    bans: tuple[Ban, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """How the two sides of a contract are related."""

    declared: bool = False
    parent_subsidiary: bool = False
    same_legal_representative: bool = False
    common_control_bp: BasisPoints = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Voucher:
    """One payment: the technical part by invoice and by bank slip (undivided if not `separated`)."""

    voucher_no: Text
    paid_on: date
    invoice_tech: Fen
    bank_tech: Fen
    separated: bool = True
    refund: Fen = 0
    fiscal: Fen = 0
    status: Literal["VERIFIED", "PENDING", "REJECTED"] = "VERIFIED"
    form: Literal["CASH", "EQUITY"] = "CASH"
    cashed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """A contract for which one arm applies, with its payments; `application_no` defaults to its id."""

    contract_id: Text
    application_no: Text | None = None
    enterprise_id: Text
    application: Literal["FIRST", "CONTINUING"] | None = None
    contract_class: ContractClass
    contract_subtype: Literal["COMMISSIONED", "COOPERATIVE"] | None = None
    registration_status: RegistrationStatus = "REGISTERED"
    registration_no: Text | None = None
    registered_on: date | None = None
    contract_source: Literal["PLATFORM", "EXTERNAL"] = "PLATFORM"
    certificate_verified: bool = False
    total_amount: Fen | None = None
    technical_amount: Fen | None = None
    amount_open: bool = False
    relation: Relation = field(default_factory=Relation)
    other_level_amount: Fen = 0
    vouchers: tuple[Voucher, ...]

    def __post_init__(self) -> None:
        if self.application_no is None:
            object.__setattr__(self, "application_no", self.contract_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorAward:
    """An earlier decision: the period base it used and the amount granted."""

    contract_id: Text
    enterprise_id: Text
    arm: ContractArm
    programme_year: Year
    base: Fen
    award: Fen


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedVoucher:
    """A voucher of an approved application."""

    voucher_no: Text
    arm: ContractArm


@dataclass(frozen=True, slots=True, kw_only=True)
class SubsidyFacts:
    """One arm of one programme year: the enterprises, their contracts, and what was granted before."""

    programme_year: Year
    arm: Arm
    applied_on: date | None = None
    enterprises: Annotated[tuple[Enterprise, ...], AtLeastOne()]
    contracts: Annotated[tuple[Contract, ...], AtLeastOne()]
    prior_awards: tuple[PriorAward, ...] = ()
    used_vouchers: tuple[UsedVoucher, ...] = ()
    budget: Fen | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VoucherResult:
    """What a voucher counts, and why it counts nothing."""

    voucher_no: str
    base: Fen
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractResult:
    """The bases, the amount before and after caps and budget, and every reason and limit that applies."""

    contract_id: str
    application: Literal["FIRST", "CONTINUING"]
    verified_base: Fen
    period_base: Fen
    raw: Fen
    award: Fen
    granted: Fen
    reasons: tuple[str, ...]
    limits: tuple[str, ...]
    vouchers: tuple[VoucherResult, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubsidyResult:
    """The answer for all contracts, in the order of the facts; `assumed` names 参数待核实 keys."""

    status: str = "OK"
    first_day: date
    last_day: date
    contracts: tuple[ContractResult, ...]
    total_award: Fen
    total_granted: Fen
    assumed: tuple[str, ...]
