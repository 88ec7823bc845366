"""An application as the applicant makes it: started from a registered contract, payments claimed, handed in.

Guards of handing in: the batch is open today, the contract is registered, the commitment is given, at least
one payment is claimed and none by another application of the same arm, every voucher has its two scans.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, contains_eager, joinedload

from marketplace import audit, workflow
from marketplace.accounts import states as organisation_states
from marketplace.accounts.models import Organisation
from marketplace.clock import legal_day
from marketplace.contracts.models import Contract, ContractPayment
from marketplace.contracts.services import payments
from marketplace.contracts.services import reading as contracts
from marketplace.db import lock_row
from marketplace.errors import N_, Conflict, Forbidden, Invalid, StaleEdit
from marketplace.numbering import next_number
from marketplace.permissions import Actor, Permission, can, require
from marketplace.subsidies import states
from marketplace.subsidies.models import PaymentClaim, SubsidyApplication, SubsidyBatch
from marketplace.subsidies.services import calculation, facts, reading

_EDITABLE = (states.DRAFT, states.RETURNED)
#: The declared relations of the two parties, as the engine names them.
RELATIONS = ("declared", "parent_subsidiary", "same_legal_representative")


@dataclass(frozen=True)
class Choice:
    """A payment of the contract: whether it can be claimed here, and otherwise why not."""

    payment: ContractPayment
    claimed: bool
    reason: str | None = None
    params: Mapping[str, str] | None = None

    @property
    def offered(self) -> bool:
        """Whether it can be ticked."""
        return self.reason is None


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """What the applicant declares: relations of the parties, other subsidies (fen), the commitment letter."""

    no_related: bool
    no_duplicate: bool
    declared: bool = False
    parent_subsidiary: bool = False
    same_legal_representative: bool = False
    common_control_bp: int = 0
    other_level_fen: int = 0


def accepts(batch: SubsidyBatch, today: date) -> bool:
    """Whether the batch takes applications today."""
    return batch.opens_on <= today <= batch.closes_on


def start(
    session: Session, actor: Actor, batch_number: str, contract_number: str, arm: str, *, now: datetime
) -> SubsidyApplication:
    """A draft for one contract and arm in a batch. Raises Conflict outside the period or when there is one."""
    batch, contract = reading.batch(session, batch_number), contracts.find(session, contract_number)
    require(actor, Permission.CONTRACT_VIEW, contract.permission_subject(), view=Permission.CONTRACT_VIEW)
    applicant = _applicant(session, contract, arm, actor)
    _refuse_start(session, batch, contract, arm, legal_day(now))
    made = SubsidyApplication(
        number=f"B{batch.programme_year}-{next_number(session, f'subsidy:{batch.programme_year}'):05d}",
        batch=batch,
        contract=contract,
        applicant=applicant,
        arm=arm,
        state=states.DRAFT,
        region_code=applicant.registration_region,
        relation={},
        created_at=now,
    )
    session.add(made)
    session.flush()
    audit.record(session, actor, "subsidy_application.start", "subsidy_application", made.id, now=now)
    return made


def choices(session: Session, application: SubsidyApplication) -> list[Choice]:
    """Every payment of the contract, those that can be claimed and the others with their reason."""
    own = {claim.payment_id for claim in application.claims}
    elsewhere = _claims_elsewhere(session, application)
    window = facts.window(application.batch)
    rows = session.scalars(
        select(ContractPayment)
        .where(ContractPayment.contract_id == application.contract_id)
        .order_by(ContractPayment.paid_on, ContractPayment.id)
    )
    return [_choice(payment, payment.id in own, elsewhere.get(payment.id), window) for payment in rows]


def save(
    session: Session,
    actor: Actor,
    number: str,
    payment_ids: Collection[int],
    declaration: Declaration,
    *,
    version: int,
    now: datetime,
) -> SubsidyApplication:
    """Store claims and declaration of a draft or a returned application. Raises Invalid, StaleEdit."""
    application = _locked(session, actor, number, version)
    _check(declaration)
    _claim(session, application, payment_ids)
    application.relation = {name: getattr(declaration, name) for name in RELATIONS} | {
        "common_control_bp": declaration.common_control_bp
    }
    application.other_level_fen = declaration.other_level_fen
    given = declaration.no_related and declaration.no_duplicate
    application.commitment_on = (application.commitment_on or legal_day(now)) if given else None
    session.flush()
    audit.record(session, actor, "subsidy_application.save", "subsidy_application", application.id, now=now)
    return application


def obstacles(session: Session, application: SubsidyApplication, today: date) -> dict[str, list[str]]:
    """What stands in the way of handing it in: field → sentences; empty when nothing does."""
    found: dict[str, list[str]] = {}
    claimed = facts.claimed(application)
    if not _may_come_in(application, today):
        found["batch"] = [N_("现在不在征集期内，不能提交。")]
    if application.contract.state not in contracts.REGISTERED:
        found["contract"] = [N_("合同现在不是已登记状态，不能申报。")]
    if not application.applicant.tax_region:
        found["applicant"] = [N_("单位资料里没有纳税地，请先在“我的单位”补充。")]
    if application.commitment_on is None:
        found["no_related"] = [N_("请勾选两项承诺：无关联关系、不重复申报。")]
    if not claimed:
        found["payments"] = [N_("请至少勾选一笔窗口期内的付款。")]
    wrong = [c.payment.voucher_no for c in choices(session, application) if c.claimed and not c.offered]
    if wrong:
        found["payments"] = [_listing(N_("这些付款不能计入本次申报，请取消勾选：%(numbers)s。"), wrong)]
    scans = payments.files(session, [p.id for p in claimed])
    bare = [p.voucher_no for p in claimed if set(scans.get(p.id, ())) < set(payments.SLOTS)]
    if bare:
        found["files"] = [_listing(N_("这些付款还缺发票或银行回单的扫描件：%(numbers)s。"), bare)]
    return found


def submit(session: Session, actor: Actor, number: str, *, version: int, now: datetime) -> SubsidyApplication:
    """Hand it in: the estimate is stored, the payments are locked. Raises Invalid with every obstacle."""
    application = reading.find(session, number)
    require(
        actor,
        Permission.SUBSIDY_APPLY,
        application.permission_subject(),
        view=Permission.SUBSIDY_VIEW,
    )
    problems = obstacles(session, application, legal_day(now)) if application.state in _EDITABLE else {}
    if problems:
        raise Invalid(problems)
    workflow.apply(session, states.APPLICATION, application, "submit", actor=actor, now=now, version=version)
    application.applied_on, application.returned_from = legal_day(now), None
    application.region_code = application.applicant.registration_region
    payments.lock(session, facts.claimed(application))
    calculation.estimate(session, application, now=now)
    return application


def editable(application: SubsidyApplication, actor: Actor) -> bool:
    """Whether this person may change it now."""
    allowed = can(actor, Permission.SUBSIDY_APPLY, application.permission_subject())
    return allowed and application.state in _EDITABLE


def _applicant(session: Session, contract: Contract, arm: str, actor: Actor) -> Organisation:
    """The party on that side for which this person acts. Raises Forbidden."""
    if arm not in facts.ARMS:
        raise Invalid({"arm": [N_("请选择申报类别：需求方或供给方。")]})
    for organisation_id in sorted(contract.organisations_on(arm)):
        organisation = session.get_one(Organisation, organisation_id)
        probe = SubsidyApplication(
            applicant_id=organisation_id, state=states.DRAFT, region_code=organisation.registration_region
        )
        if can(actor, Permission.SUBSIDY_APPLY, probe.permission_subject()):
            return organisation
    raise Forbidden(N_("只有合同这一方单位的成员可以申报。"))


def _refuse_start(session: Session, batch: SubsidyBatch, contract: Contract, arm: str, today: date) -> None:
    if not accepts(batch, today):
        raise Conflict(
            N_("本批征集期为 %(first)s 至 %(last)s，今天不能申报。"),
            first=batch.opens_on.isoformat(),
            last=batch.closes_on.isoformat(),
        )
    if contract.state not in contracts.REGISTERED:
        raise Conflict(N_("合同登记后才能申报补贴。"))
    existing = session.scalar(
        select(SubsidyApplication.number).where(
            SubsidyApplication.batch_id == batch.id,
            SubsidyApplication.contract_id == contract.id,
            SubsidyApplication.arm == arm,
        )
    )
    if existing is not None:
        raise Conflict(N_("这份合同在本批已有申报 %(number)s，请打开它继续。"), number=existing)


def _may_come_in(application: SubsidyApplication, today: date) -> bool:
    """In the period; what was returned may come back after it, until the list is drawn up."""
    if accepts(application.batch, today):
        return True
    return application.state == states.RETURNED and application.batch.state == states.BATCH_OPEN


def unfinished(session: Session, actor: Actor, today: date, *, limit: int) -> list[SubsidyApplication]:
    """What this person's houses have begun or got back and can still hand in today, what was returned first.

    The same rule as `_may_come_in`, for many at once, in one query.
    """
    taking = and_(SubsidyBatch.opens_on <= today, SubsidyBatch.closes_on >= today)
    returned = SubsidyApplication.state == states.RETURNED
    query = (
        select(SubsidyApplication)
        .join(SubsidyApplication.batch)
        .where(
            SubsidyApplication.applicant_id.in_(actor.houses()),
            SubsidyApplication.state.in_(_EDITABLE),
            or_(taking, and_(returned, SubsidyBatch.state == states.BATCH_OPEN)),
        )
        .options(contains_eager(SubsidyApplication.batch), joinedload(SubsidyApplication.contract))
        .order_by(returned.desc(), SubsidyApplication.number)
    )
    return list(session.scalars(query.limit(limit)))


def writable(session: Session, actor: Actor, number: str) -> SubsidyApplication:
    """An application this person may change now. Raises NotFound, Forbidden, Conflict."""
    application = reading.find(session, number)
    require(
        actor,
        Permission.SUBSIDY_APPLY,
        application.permission_subject(),
        view=Permission.SUBSIDY_VIEW,
    )
    if application.state not in _EDITABLE:
        raise Conflict(N_("申报已提交，审核期间不能修改；被退回后可以改。"))
    return application


def _locked(session: Session, actor: Actor, number: str, version: int) -> SubsidyApplication:
    """The same under a lock, as the version that the person had open."""
    application = writable(session, actor, number)
    lock_row(session, application)
    if application.state not in _EDITABLE or application.version != version:
        raise StaleEdit
    if application.applicant.state != organisation_states.VERIFIED:
        raise Conflict(N_("单位认证通过后才能申报。"))
    return application


def _check(declaration: Declaration) -> None:
    related = declaration.common_control_bp > 0 or any(getattr(declaration, name) for name in RELATIONS)
    problems: dict[str, list[str]] = {}
    if related and declaration.no_related:
        problems["no_related"] = [N_("您申报了双方的关联关系，不能同时承诺无关联关系。")]
    if not 0 <= declaration.common_control_bp <= 10_000:
        problems["common_control_bp"] = [N_("持股比例应在 0 到 100 之间。")]
    if declaration.other_level_fen < 0:
        problems["other_level_fen"] = [N_("金额不能为负数。")]
    if problems:
        raise Invalid(problems)


def _claim(session: Session, application: SubsidyApplication, payment_ids: Collection[int]) -> None:
    """Replace the claims. Raises Invalid for a payment that cannot be claimed here."""
    offered = {c.payment.id: c for c in choices(session, application)}
    wanted = set(payment_ids)
    if wanted - offered.keys():
        raise Invalid({"payments": [N_("所选的付款不属于这份合同。")]})
    wrong = [offered[i] for i in sorted(wanted) if not offered[i].offered]
    if wrong:
        raise Invalid({"payments": [_said(c) for c in wrong]})
    own = {claim.payment_id: claim for claim in application.claims}
    try:
        with session.begin_nested():
            for payment_id in own.keys() - wanted:
                application.claims.remove(own[payment_id])
                session.delete(own[payment_id])
            for payment_id in sorted(wanted - own.keys()):
                application.claims.append(
                    PaymentClaim(payment=offered[payment_id].payment, arm=application.arm)
                )
            session.flush()
    except IntegrityError as error:
        raise Invalid({"payments": [N_("所选的付款刚刚被另一件申报计入，请刷新后重选。")]}) from error


def _choice(
    payment: ContractPayment, claimed: bool, elsewhere: str | None, window: tuple[date, date] | None
) -> Choice:
    if elsewhere is not None:
        return Choice(payment, claimed, N_("已计入申报 %(number)s。"), {"number": elsewhere})
    if window is None:
        return Choice(payment, claimed, N_("本年度的凭证窗口尚无核实值，暂不能勾选。"))
    if not window[0] <= payment.paid_on <= window[1]:
        days = {"first": window[0].isoformat(), "last": window[1].isoformat()}
        return Choice(payment, claimed, N_("回单日期不在 %(first)s 至 %(last)s 的窗口内。"), days)
    if payment.status == payments.REJECTED:
        return Choice(
            payment,
            claimed,
            N_("财务核验未通过：%(reason)s 改正后可再申报。"),
            {"reason": payment.rejection or ""},
        )
    return Choice(payment, claimed)


def _said(choice: Choice) -> str:
    return f"{choice.payment.voucher_no}：{choice.reason % (choice.params or {})}"


def _listing(sentence: str, numbers: Sequence[str]) -> str:
    return sentence % {"numbers": "、".join(numbers)}


def _claims_elsewhere(session: Session, application: SubsidyApplication) -> dict[int, str]:
    """Payments of the contract claimed by another application of this arm → its number."""
    rows = session.execute(
        select(PaymentClaim.payment_id, SubsidyApplication.number)
        .join(SubsidyApplication, SubsidyApplication.id == PaymentClaim.application_id)
        .where(
            SubsidyApplication.contract_id == application.contract_id,
            PaymentClaim.arm == application.arm,
            SubsidyApplication.id != application.id,
        )
    )
    return dict(rows.all())
