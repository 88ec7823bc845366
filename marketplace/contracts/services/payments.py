"""Payments on a registered contract: entered by the buyer's people, each with its invoice and bank slip.

Later claims of each subsidy arm refer to these rows. A payment claimed by an application under review is
locked; one that is changed after the finance office decided on it waits for a new decision.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import BinaryIO

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from marketplace import attachments, audit, identifiers
from marketplace.attachments import Attachment, Storage
from marketplace.clock import legal_day
from marketplace.contracts.models import Contract, ContractPayment
from marketplace.contracts.services.reading import REGISTERED, find
from marketplace.db import lock_row
from marketplace.errors import N_, Conflict, Invalid, NotFound, StaleEdit
from marketplace.money import AMOUNT_LIMIT_FEN
from marketplace.permissions import Actor, Permission, can, require

INVOICE, BANK_SLIP = "invoice", "bank_slip"
SLOTS = {INVOICE: N_("发票"), BANK_SLIP: N_("银行回单")}
CASH, EQUITY = "CASH", "EQUITY"
FORMS = {CASH: N_("现金（转账）"), EQUITY: N_("作价入股")}
PENDING, VERIFIED, REJECTED = "PENDING", "VERIFIED", "REJECTED"
STATUSES = {PENDING: N_("待核验"), VERIFIED: N_("已核验"), REJECTED: N_("核验未通过")}

_SUBJECT = "contract_payment"
_LONGEST_NUMBER = 60
_EARLIEST = date(2000, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFields:
    """What is entered about a payment; amounts in fen.

    The technical parts are as stated by bank slip and by invoice. Without a separation the whole payment
    stands in their place: a proportion is never guessed (domain.md 3.5).
    """

    voucher_no: str
    invoice_no: str
    paid_on: date | None
    amount_fen: int | None
    separated: bool = True
    bank_tech_fen: int | None = None
    invoice_tech_fen: int | None = None
    refund_fen: int = 0
    fiscal_fen: int = 0
    form: str = CASH
    cashed: bool = False


def of_contract(session: Session, actor: Actor, number: str) -> tuple[Contract, list[ContractPayment]]:
    """A contract with its payments by date, for its parties and its agency. Raises NotFound."""
    contract = find(session, number)
    require(actor, Permission.CONTRACT_VIEW, contract.permission_subject(), view=Permission.CONTRACT_VIEW)
    return contract, _payments(session, contract)


def may_enter(contract: Contract, actor: Actor) -> bool:
    """Whether this person may enter and change payments of the contract now."""
    return can(actor, Permission.CONTRACT_PAY, contract.permission_subject())


def ensure_payable(contract: Contract, actor: Actor) -> None:
    """Raise Conflict while the contract is not registered, Forbidden for people other than the buyer's."""
    subject = contract.permission_subject()
    if contract.state not in REGISTERED and can(actor, Permission.CONTRACT_VIEW, subject):
        raise Conflict(N_("合同登记后才能录入付款。"))
    require(actor, Permission.CONTRACT_PAY, subject, view=Permission.CONTRACT_VIEW)


def one(session: Session, actor: Actor, number: str, payment_id: int) -> ContractPayment:
    """One payment, for those who may change payments of this contract. Raises NotFound, Conflict."""
    return _own(session, _payable(session, actor, number), payment_id)


def enter(
    session: Session, actor: Actor, number: str, given: PaymentFields, *, now: datetime
) -> ContractPayment:
    """Add a payment. Raises Invalid (a sentence per field), Conflict while the contract is not registered."""
    contract = _payable(session, actor, number)
    values = _checked(session, contract, given, None, legal_day(now))
    payment = ContractPayment(
        contract_id=contract.id, status=PENDING, entered_by_id=actor.user_id, entered_at=now, **values
    )
    with _once(session, payment.voucher_no):
        session.add(payment)
    audit.record(session, actor, "payment.enter", _SUBJECT, payment.id, now=now, contract=contract.number)
    return payment


def change(
    session: Session,
    actor: Actor,
    number: str,
    payment_id: int,
    given: PaymentFields,
    *,
    version: int,
    now: datetime,
) -> ContractPayment:
    """Change a payment; a decision of the finance office on it no longer stands.

    Raises Invalid, StaleEdit, and Conflict while an application under review claims it.
    """
    contract = _payable(session, actor, number)
    payment = _writable(session, contract, payment_id, version)
    values = _checked(session, contract, given, payment.id, legal_day(now))
    changed = sorted(name for name, value in values.items() if getattr(payment, name) != value)
    with _once(session, values["voucher_no"]):
        for name in changed:
            setattr(payment, name, values[name])
        if changed:
            _reopen(payment)
    audit.record(session, actor, "payment.change", _SUBJECT, payment.id, now=now, fields=changed)
    return payment


def remove(
    session: Session, actor: Actor, number: str, payment_id: int, *, version: int, now: datetime
) -> None:
    """Delete a payment that nothing refers to. Raises StaleEdit, Conflict."""
    payment = _writable(session, _payable(session, actor, number), payment_id, version)
    try:
        with session.begin_nested():
            session.delete(payment)
            session.flush()
    except IntegrityError as error:
        raise Conflict(N_("这笔付款已列入补贴申报，请先在申报中取消勾选，再来删除。")) from error
    # Keys of deleted rows may be given out again: the files must not pass to the next payment.
    session.execute(
        delete(Attachment).where(Attachment.subject_type == _SUBJECT, Attachment.subject_id == payment_id)
    )
    audit.record(session, actor, "payment.remove", _SUBJECT, payment_id, now=now)


def attach(
    session: Session,
    storage: Storage,
    actor: Actor,
    number: str,
    payment_id: int,
    slot: str,
    stream: BinaryIO,
    filename: str,
    *,
    now: datetime,
) -> Attachment:
    """Put a scan into the slot `invoice` or `bank_slip`; the newest one counts. Raises Invalid, TooLarge."""
    if slot not in SLOTS:
        raise NotFound
    payment = _writable(session, _payable(session, actor, number), payment_id, None)
    stored = attachments.store(
        session,
        storage,
        actor,
        stream,
        filename,
        subject_type=_SUBJECT,
        subject_id=payment.id,
        purpose=slot,
        now=now,
        field=slot,
    )
    _reopen(payment)
    session.flush()
    return stored


def files(session: Session, payment_ids: Iterable[int]) -> dict[int, dict[str, Attachment]]:
    """The scan in each slot of these payments: payment id → slot → newest file. One query."""
    found: dict[int, dict[str, Attachment]] = {}
    rows = session.scalars(
        select(Attachment)
        .where(Attachment.subject_type == _SUBJECT, Attachment.subject_id.in_(list(payment_ids)))
        .order_by(Attachment.id)
    )
    for row in rows:
        found.setdefault(row.subject_id, {})[row.purpose] = row
    return found


def payment_of_file(session: Session, attachment: Attachment) -> ContractPayment | None:
    """The payment that a scan belongs to, None for a file of something else."""
    return (
        session.get(ContractPayment, attachment.subject_id) if attachment.subject_type == _SUBJECT else None
    )


def lock(session: Session, payments: Collection[ContractPayment]) -> None:
    """An application that claims them is under review: they stand still."""
    _set_locked(session, payments, True)


def unlock(session: Session, payments: Collection[ContractPayment]) -> None:
    """No application under review claims them any more."""
    _set_locked(session, payments, False)


def settle(
    session: Session, payment: ContractPayment, verdict: str, reason: str | None, *, by: Actor
) -> ContractPayment:
    """Store what the finance office found; the caller has checked that this person may decide.

    Raises Invalid for another verdict than VERIFIED or REJECTED, or a rejection without its reason.
    """
    if verdict not in (VERIFIED, REJECTED):
        raise Invalid({"verdict": [N_("请选择核验结果。")]})
    if verdict == REJECTED and not (reason or "").strip():
        raise Invalid({"reason": [N_("请写明凭证哪里不符，申报单位会看到。")]})
    payment.status = verdict
    payment.rejection = reason.strip()[:200] if verdict == REJECTED else None
    payment.verified_by_id = by.user_id
    session.flush()
    return payment


def _set_locked(session: Session, payments: Collection[ContractPayment], locked: bool) -> None:
    for payment in payments:
        payment.locked = locked
    session.flush()


def _reopen(payment: ContractPayment) -> None:
    payment.status, payment.rejection, payment.verified_by_id = PENDING, None, None


def _payable(session: Session, actor: Actor, number: str) -> Contract:
    contract = find(session, number)
    ensure_payable(contract, actor)
    return contract


def _payments(session: Session, contract: Contract) -> list[ContractPayment]:
    return list(
        session.scalars(
            select(ContractPayment)
            .where(ContractPayment.contract_id == contract.id)
            .order_by(ContractPayment.paid_on, ContractPayment.id)
        )
    )


def _own(session: Session, contract: Contract, payment_id: int) -> ContractPayment:
    payment = session.get(ContractPayment, payment_id)
    if payment is None or payment.contract_id != contract.id:
        raise NotFound
    return payment


def _writable(session: Session, contract: Contract, payment_id: int, version: int | None) -> ContractPayment:
    payment = _own(session, contract, payment_id)
    lock_row(session, payment)
    if payment.locked:
        raise Conflict(N_("这笔付款已在补贴申报中提交，审核期间不能修改；申报被退回后可以改。"))
    if version is not None and payment.version != version:
        raise StaleEdit
    return payment


@contextmanager
def _once(session: Session, voucher_no: str) -> Iterator[None]:
    """Write what happens inside; where the same number arrived at the same moment, the database says so."""
    try:
        with session.begin_nested():
            yield
            session.flush()
    except IntegrityError as error:
        raise _duplicate(voucher_no) from error


def _duplicate(voucher_no: str) -> Invalid:
    sentence = N_("回单号 %(number)s 在这份合同里已经录过，请核对；同一张回单只录一次。")
    return Invalid({"voucher_no": [sentence % {"number": voucher_no}]})


def _checked(
    session: Session, contract: Contract, given: PaymentFields, own_id: int | None, today: date
) -> dict[str, object]:
    """The columns of a payment. Raises Invalid with a sentence per field."""
    values = asdict(given)
    values["voucher_no"], values["invoice_no"] = map(identifiers.clean, (given.voucher_no, given.invoice_no))
    if not given.separated:
        values["bank_tech_fen"] = given.amount_fen
        values["invoice_tech_fen"] = given.invoice_tech_fen or given.amount_fen
    problems: dict[str, list[str]] = {}
    for name, sentence in (*_text_problems(values, today), *_money_problems(values)):
        problems.setdefault(name, []).append(sentence)
    if problems:
        raise Invalid(problems)
    taken = select(ContractPayment.id).where(
        ContractPayment.contract_id == contract.id, ContractPayment.voucher_no == values["voucher_no"]
    )
    if session.scalar(taken) not in (None, own_id):
        raise _duplicate(values["voucher_no"])
    values["cashed"] = given.cashed and given.form == EQUITY
    return values


def _text_problems(values: dict, today: date) -> Iterable[tuple[str, str]]:
    for name, sentence in (
        ("voucher_no", N_("请照银行回单填写流水号或回单号，最多 60 个字符。")),
        ("invoice_no", N_("请照发票填写发票号码，最多 60 个字符。")),
    ):
        if not 0 < len(values[name]) <= _LONGEST_NUMBER or not values[name].isprintable():
            yield name, sentence
    if values["paid_on"] is None:
        yield "paid_on", N_("请填写银行回单上的日期，格式如 2027-06-30。")
    elif values["paid_on"] > today:
        yield "paid_on", N_("回单日期不能晚于今天。")
    elif values["paid_on"] < _EARLIEST:
        yield "paid_on", N_("回单日期过早，请核对年份。")
    if values["form"] not in FORMS:
        yield "form", N_("请选择支付形式。")


def _money_problems(values: dict) -> Sequence[tuple[str, str]]:
    amount = values["amount_fen"]
    if amount is None or not 0 < amount < AMOUNT_LIMIT_FEN:
        return [("amount_fen", N_("请填写付款金额，要大于 0，精确到分。"))]
    found = []
    for name, sentence in (
        ("bank_tech_fen", N_("请填写回单对应的技术部分；没有分列的，选“没有分列”。")),
        ("invoice_tech_fen", N_("请填写发票上单列的技术部分；没有分列的，选“没有分列”。")),
    ):
        if values[name] is None:
            found.append((name, sentence))
        elif not 0 <= values[name] < AMOUNT_LIMIT_FEN:
            found.append((name, N_("金额不能为负数，也不能过大。")))
    if (values["bank_tech_fen"] or 0) > amount:
        found.append(("bank_tech_fen", N_("回单的技术部分不能大于付款金额。")))
    if min(values["refund_fen"], values["fiscal_fen"]) < 0:
        found.append(("refund_fen", N_("金额不能为负数。")))
    elif values["refund_fen"] + values["fiscal_fen"] > amount:
        found.append(("refund_fen", N_("退款与财政资金之和不能大于付款金额。")))
    return found
