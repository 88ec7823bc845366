"""The facts of the subsidy engine, built from stored rows only (cases/policy.md 3)."""

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from marketplace import codes
from marketplace.accounts.models import Organisation
from marketplace.contracts.models import Contract, ContractPayment
from marketplace.contracts.services import payments
from marketplace.policy.loader import load_rule_book
from marketplace.policy.programmes import subsidy_terms as terms
from marketplace.policy.ruleset import RuleSet
from marketplace.policy.windows import window_of
from marketplace.subsidies import states
from marketplace.subsidies.models import PaymentClaim, SubsidyApplication, SubsidyBatch

ARMS = ("BUYER", "SELLER")
REGION = "150000"

_VOID = {"CANCELLED", "REVOKED"}
_IN_FORCE = {"REGISTERED", "CHANGED"}
_DEVELOPMENT_SUBTYPES = {"11": "COMMISSIONED", "12": "COOPERATIVE"}


def rules_of(batch: SubsidyBatch) -> RuleSet:
    """The rules of a batch: those of its programme year with its own overrides."""
    return load_rule_book().for_programme(batch.programme_year, batch.parameters)


def window(batch: SubsidyBatch) -> tuple[date, date] | None:
    """First and last day of payments that count, both inclusive; None while no verified rule says so."""
    edges = rules_of(batch).get("window")
    return window_of(batch.programme_year, edges) if edges else None


def collect(
    session: Session,
    batch: SubsidyBatch,
    arm: str,
    applications: Sequence[SubsidyApplication],
    *,
    budget_fen: int | None = None,
    presume_verified: bool = False,
    placed: Sequence[terms.PriorAward] = (),
) -> terms.SubsidyFacts:
    """The facts of these applications (of one arm), weighed together.

    `presume_verified` takes vouchers that nobody has checked yet as good: an estimate says what the applicant
    gets if they are. `placed` are awards of the same weighing that the yearly cap must know of (other arm).
    """
    organisations = {a.applicant_id: a.applicant for a in applications}
    contracts = tuple(_contract(a, presume_verified) for a in applications)
    return terms.SubsidyFacts(
        programme_year=batch.programme_year,
        arm=arm,
        applied_on=max((a.applied_on for a in applications if a.applied_on), default=None),
        enterprises=tuple(_enterprise(organisation) for organisation in organisations.values()),
        contracts=contracts,
        prior_awards=(*_prior_awards(session, applications), *placed),
        used_vouchers=_used_vouchers(session, arm, applications, contracts),
        budget=budget_fen,
    )


def enterprise_id(organisation: Organisation) -> str:
    """What the engine calls an enterprise: its credit code."""
    return organisation.credit_code or f"organisation {organisation.id}"


def in_region(code: str | None) -> bool:
    """Whether a region code lies in the autonomous region."""
    return REGION in codes.regions().path(code or "")


def _enterprise(organisation: Organisation) -> terms.Enterprise:
    return terms.Enterprise(
        enterprise_id=enterprise_id(organisation),
        party_kind=organisation.party_kind,
        registered_in_region=in_region(organisation.registration_region),
        taxed_in_region=in_region(organisation.tax_region),
    )


def _contract(application: SubsidyApplication, presume_verified: bool) -> terms.Contract:
    contract = application.contract
    known = contract.state in _VOID | _IN_FORCE
    return terms.Contract(
        contract_id=contract.number,
        application_no=application.number,
        enterprise_id=enterprise_id(application.applicant),
        contract_class=contract.contract_class,
        contract_subtype=_DEVELOPMENT_SUBTYPES.get(contract.contract_subtype),
        registration_status=contract.state if known else "NOT_REGISTERED",
        registration_no=contract.registration_no,
        registered_on=contract.registered_on,
        contract_source=contract.source,
        # A certificate from elsewhere counts once somebody has verified it; here nobody can yet.
        certificate_verified=False,
        total_amount=contract.total_amount_fen,
        technical_amount=contract.technical_amount_fen,
        amount_open=contract.amount_open,
        relation=_relation(application),
        other_level_amount=application.other_level_fen,
        vouchers=tuple(_voucher(payment, presume_verified) for payment in claimed(application)),
    )


def claimed(application: SubsidyApplication) -> list[ContractPayment]:
    """The payments an application claims, by date."""
    return sorted((claim.payment for claim in application.claims), key=lambda p: (p.paid_on, p.id))


def _relation(application: SubsidyApplication) -> terms.Relation:
    """What was declared with the application, and what the contract says already."""
    declared = application.relation or {}
    return terms.Relation(
        declared=bool(declared.get("declared")) or application.contract.is_related is True,
        parent_subsidiary=bool(declared.get("parent_subsidiary")),
        same_legal_representative=bool(declared.get("same_legal_representative"))
        or _same_representative(application.contract),
        common_control_bp=int(declared.get("common_control_bp") or 0),
    )


def _same_representative(contract: Contract) -> bool:
    sides = {
        side: {p.representative.strip() for p in contract.parties if p.side == side} - {""}
        for side in ("SELLER", "BUYER")
    }
    return bool(sides["SELLER"] & sides["BUYER"])


def _voucher(payment: ContractPayment, presume_verified: bool) -> terms.Voucher:
    unchecked = payment.status == payments.PENDING
    return terms.Voucher(
        voucher_no=payment.voucher_no,
        paid_on=payment.paid_on,
        invoice_tech=payment.invoice_tech_fen,
        bank_tech=payment.bank_tech_fen,
        separated=payment.separated,
        refund=payment.refund_fen,
        fiscal=payment.fiscal_fen,
        status=payments.VERIFIED if presume_verified and unchecked else payment.status,
        form=payment.form,
        cashed=payment.cashed,
    )


def _prior_awards(session: Session, applications: Sequence[SubsidyApplication]) -> list[terms.PriorAward]:
    """What was approved before for these enterprises and contracts, in either arm."""
    approved = session.scalars(
        select(SubsidyApplication)
        .where(
            SubsidyApplication.state == states.APPROVED,
            SubsidyApplication.id.not_in(_ids(applications)),
            or_(
                SubsidyApplication.applicant_id.in_({a.applicant_id for a in applications}),
                SubsidyApplication.contract_id.in_({a.contract_id for a in applications}),
            ),
        )
        .options(
            joinedload(SubsidyApplication.batch),
            joinedload(SubsidyApplication.final),
            joinedload(SubsidyApplication.applicant),
            joinedload(SubsidyApplication.contract),
        )
        .order_by(SubsidyApplication.id)
    )
    return [
        terms.PriorAward(
            contract_id=each.contract.number,
            enterprise_id=enterprise_id(each.applicant),
            arm=each.arm,
            programme_year=each.batch.programme_year,
            base=each.final.base_fen,
            award=each.award_fen,
        )
        for each in approved
    ]


def _used_vouchers(
    session: Session,
    arm: str,
    applications: Sequence[SubsidyApplication],
    contracts: Sequence[terms.Contract],
) -> tuple[terms.UsedVoucher, ...]:
    """Those of our voucher numbers that an approved application of this arm has used, on any contract."""
    numbers = {voucher.voucher_no for contract in contracts for voucher in contract.vouchers}
    used = session.scalars(
        select(ContractPayment.voucher_no)
        .join(PaymentClaim, PaymentClaim.payment_id == ContractPayment.id)
        .join(SubsidyApplication, SubsidyApplication.id == PaymentClaim.application_id)
        .where(
            SubsidyApplication.state == states.APPROVED,
            SubsidyApplication.id.not_in(_ids(applications)),
            PaymentClaim.arm == arm,
            ContractPayment.voucher_no.in_(numbers),
        )
    )
    return tuple(terms.UsedVoucher(voucher_no=number, arm=arm) for number in sorted(set(used)))


def _ids(applications: Collection[SubsidyApplication]) -> list[int]:
    return [application.id for application in applications]
