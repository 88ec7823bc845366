"""Applications, payments and public lists as pages show them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace
from typing import Any

from flask import url_for
from flask_babel import gettext

from marketplace.attachments import Attachment
from marketplace.contracts.models import Contract, ContractPayment
from marketplace.contracts.services import payments
from marketplace.errors import N_
from marketplace.money import format_yuan
from marketplace.subsidies import states
from marketplace.subsidies.forms import ARMS
from marketplace.subsidies.models import SubsidyApplication, SubsidyBatch, SubsidyCalculation
from marketplace.subsidies.services import applications
from marketplace.subsidies.services.applications import Choice
from marketplace.workflow import HistoryEntry

FAMILIES = {
    states.DRAFT: "idle",
    states.SUBMITTED: "idle",
    states.COUNTY_PASSED: "progress",
    states.RECOMMENDED: "progress",
    states.ACCEPTED: "progress",
    states.FINANCE_CHECKED: "progress",
    states.PROPOSED: "done",
    states.PUBLICIZED: "progress",
    states.APPROVED: "done",
    states.RETURNED: "waiting",
    states.REJECTED: "negative",
    states.OBJECTED: "review",
}
BATCH_FAMILIES = {
    states.BATCH_OPEN: "progress",
    states.BATCH_PROPOSED: "done",
    states.BATCH_PUBLICIZING: "progress",
    states.BATCH_APPROVED: "done",
}
_SIDES = {"BUYER": N_("需求方"), "SELLER": N_("供给方")}
#: Characters of a title in a closed box.
_SHORT_TITLE = 14
PAYMENT_FAMILIES = {payments.PENDING: "progress", payments.VERIFIED: "done", payments.REJECTED: "negative"}


def state_of(application: SubsidyApplication) -> tuple[str, str]:
    """The words and the badge family of an application's state."""
    return gettext(states.LABELS[application.state]), FAMILIES[application.state]


def row(application: SubsidyApplication) -> dict[str, Any]:
    """An application in a list of the applicant."""
    label, family = state_of(application)
    amount = application.award_fen
    if amount is None and application.estimate is not None:
        amount = application.estimate.award_fen
    return {
        "number": application.number,
        "url": url_for("subsidies.application", number=application.number),
        "title": application.contract.title,
        "batch": application.batch.title,
        "arm": str(ARMS[application.arm]),
        "state_label": label,
        "state_family": family,
        "amount_fen": amount,
        "awarded": application.award_fen is not None,
    }


def refusals(application: SubsidyApplication) -> dict[str, str]:
    """The claimed payments that finance refused: voucher number → its reason."""
    claimed = [claim.payment for claim in application.claims]
    return {p.voucher_no: p.rejection or "" for p in claimed if p.status == payments.REJECTED}


def head(application: SubsidyApplication) -> SimpleNamespace:
    """What every page about an application says of it."""
    label, family = state_of(application)
    contract = application.contract
    return SimpleNamespace(
        number=application.number,
        version=application.version,
        title=contract.title,
        batch=application.batch.title,
        batch_number=application.batch.number,
        programme_year=application.batch.programme_year,
        closes_on=application.batch.closes_on,
        arm=str(ARMS[application.arm]),
        applicant=application.applicant.name,
        contract_number=contract.number,
        registration_no=contract.registration_no,
        registered_on=contract.registered_on,
        total_fen=contract.total_amount_fen,
        technical_fen=contract.technical_amount_fen,
        state=application.state,
        state_label=label,
        state_family=family,
        applied_on=application.applied_on,
        award_fen=application.award_fen,
        published_last_day=application.batch.publicity_last_day
        if application.state in states.PUBLISHED
        else None,
        publicity_url=url_for("subsidies.publicity", number=application.batch.number)
        if application.state in (*states.PUBLISHED, states.APPROVED)
        else None,
    )


def application_page(
    application: SubsidyApplication,
    sheet: SimpleNamespace | None,
    moves: Sequence[HistoryEntry],
    files: Mapping[int, Mapping[str, Attachment]],
    obstacles: Mapping[str, Sequence[str]],
    *,
    may_edit: bool,
    today: date,
) -> SimpleNamespace:
    """The applicant's page: amount, arithmetic, vouchers, what is missing, what happened."""
    found = head(application)
    found.sheet = sheet
    found.headline = _headline(application)
    found.may_edit = may_edit
    found.may_submit = may_edit and not obstacles
    found.submit_label = _submit_label(application)
    found.obstacles = [sentence for group in obstacles.values() for sentence in group] if may_edit else []
    found.checklist = checklist(application, files)
    found.history = [line(entry) for entry in moves]
    found.returned = _returned(application, moves)
    found.days_left = (application.batch.closes_on - today).days
    return found


def _submit_label(application: SubsidyApplication) -> str:
    """What handing in is called: the first time it rests on the estimate, then the reviewers know it already."""
    if application.state == states.RETURNED:
        return gettext("重新提交")
    return gettext("用这次测算申报")


def _headline(application: SubsidyApplication) -> str:
    """What the amount of the page is."""
    year = application.batch.programme_year
    if application.award_fen is not None:
        return gettext("技术交易后补助 %(year)s 年度，批准金额", year=year)
    if application.state in (states.PROPOSED, *states.PUBLISHED):
        return gettext("技术交易后补助 %(year)s 年度，拟支持金额", year=year)
    return gettext("技术交易后补助 %(year)s 年度，本期预计可享", year=year)


def checklist(
    application: SubsidyApplication, files: Mapping[int, Mapping[str, Attachment]]
) -> list[dict[str, Any]]:
    """The evidence asked for, with what is there."""
    claimed = [claim.payment for claim in application.claims]
    complete = [p for p in claimed if set(files.get(p.id, ())) >= set(payments.SLOTS)]
    registered = application.contract.registration_no
    counts = gettext("%(done)s / %(all)s 笔齐全", done=len(complete), all=len(claimed))
    return [
        _check(
            gettext("合同、登记证明"), bool(registered), gettext("已带入") if registered else gettext("缺")
        ),
        _check(gettext("发票、银行回单"), bool(claimed) and len(complete) == len(claimed), counts),
        _check(
            gettext("注册地和纳税地"),
            bool(application.applicant.tax_region),
            gettext("由单位资料带入"),
        ),
        _check(
            gettext("无关联关系和不重复申报承诺"),
            application.commitment_on is not None,
            application.commitment_on.isoformat() if application.commitment_on else gettext("未签署"),
        ),
    ]


def _check(label: str, met: bool, note: str) -> dict[str, Any]:
    return {"label": label, "met": met, "note": note}


def _returned(application: SubsidyApplication, moves: Sequence[HistoryEntry]) -> str | None:
    """Why it was returned or refused, in the reviewer's words."""
    if application.state not in (states.RETURNED, states.REJECTED):
        return None
    return next((entry.reason for entry in moves if entry.to_state == application.state), None)


def line(entry: HistoryEntry, names: Mapping[int, str] | None = None) -> dict[str, Any]:
    """One step of the way; the reviewers' pages also name the person."""
    found = next((t for t in states.APPLICATION.transitions if t.action == entry.action), None)
    return {
        "on": entry.at,
        "actor": (names or {}).get(entry.actor_id),
        "act": gettext(found.label) if found else entry.action,
        "note": entry.reason,
    }


@dataclass(frozen=True)
class StartOptions:
    """Which contracts can still be chosen for a new application, and which have one in every open batch."""

    every: list[tuple[str, str]]
    open: list[tuple[str, str]]
    taken: list[dict[str, Any]]


def start_options(
    contracts: Sequence[tuple[Contract, str]],
    batches: Sequence[SubsidyBatch],
    begun: Sequence[SubsidyApplication],
    houses: Collection[int],
) -> StartOptions:
    """What can be chosen. `begun`: applications that exist; only those of own houses are linked."""
    existing: dict[tuple[int, str], list[SubsidyApplication]] = {}
    for application in begun:
        existing.setdefault((application.contract_id, application.arm), []).append(application)
    found = StartOptions([], [], [])
    for contract, arm in contracts:
        there = existing.get((contract.id, arm), [])
        option = (f"{contract.number}:{arm}", _start_label(contract, arm, there))
        found.every.append(option)
        if batches and len(there) == len(batches):
            found.taken.extend(_taken(application, contract, option[0], houses) for application in there)
        else:
            found.open.append(option)
    return found


def _start_label(contract: Contract, arm: str, there: Sequence[SubsidyApplication]) -> str:
    """The number first: a closed box cuts off what is long, and the number tells contracts apart."""
    title = contract.title
    if len(title) > _SHORT_TITLE:
        title = f"{title[: _SHORT_TITLE - 1]}…"
    label = f"{contract.registration_no} {gettext(_SIDES[arm])} {title}"
    if not there:
        return label
    numbers = "、".join(application.batch.number for application in there)
    return gettext("%(contract)s（%(batches)s 已有申报）", contract=label, batches=numbers)


def _taken(
    application: SubsidyApplication, contract: Contract, value: str, houses: Collection[int]
) -> dict[str, Any]:
    label, family = state_of(application)
    own = application.applicant_id in houses
    return {
        "value": value,
        "number": application.number,
        "url": url_for("subsidies.application", number=application.number) if own else None,
        "title": contract.title,
        "registration_no": contract.registration_no,
        "side": gettext(_SIDES[application.arm]),
        "batch": application.batch.title,
        "state_label": label,
        "state_family": family,
    }


def choice(option: Choice) -> dict[str, Any]:
    """A payment to tick, or the reason why it cannot be."""
    payment = option.payment
    return {
        "id": payment.id,
        "label": gettext(
            "%(day)s 回单 %(number)s，付款 %(amount)s 元",
            day=payment.paid_on.isoformat(),
            number=payment.voucher_no,
            amount=format_yuan(payment.amount_fen),
        ),
        "claimed": option.claimed,
        "offered": option.offered,
        "reason": gettext(option.reason) % (option.params or {}) if option.reason else None,
    }


def payment_row(
    payment: ContractPayment, contract: Contract, files: Mapping[str, Attachment], may_enter: bool
) -> dict[str, Any]:
    """A payment in the list of a contract."""
    return {
        "id": payment.id,
        "version": payment.version,
        "voucher_no": payment.voucher_no,
        "invoice_no": payment.invoice_no,
        "paid_on": payment.paid_on.isoformat(),
        "amount_fen": payment.amount_fen,
        "bank_tech_fen": payment.bank_tech_fen,
        "invoice_tech_fen": payment.invoice_tech_fen,
        "separated": payment.separated,
        "refund_fen": payment.refund_fen,
        "fiscal_fen": payment.fiscal_fen,
        "form": gettext(payments.FORMS[payment.form]),
        "equity_open": payment.form == payments.EQUITY and not payment.cashed,
        "status_label": gettext(payments.STATUSES[payment.status]),
        "status_family": PAYMENT_FAMILIES[payment.status],
        "status": payment.status,
        "rejection": payment.rejection,
        "locked": payment.locked,
        "files": [file(files[slot], slot) for slot in payments.SLOTS if slot in files],
        "missing": [gettext(name) for slot, name in payments.SLOTS.items() if slot not in files],
        "url": url_for("subsidies.payment", number=contract.number, payment_id=payment.id)
        if may_enter and not payment.locked
        else None,
    }


def file(attachment: Attachment, slot: str | None = None) -> dict[str, str]:
    """A scan with its link."""
    return {
        "name": attachment.filename,
        "note": gettext(payments.SLOTS[slot]) if slot else "",
        "url": url_for("subsidies.evidence", public_id=attachment.public_id),
    }


def contract_head(contract: Contract) -> SimpleNamespace:
    """A contract as the pages of its payments name it."""
    return SimpleNamespace(
        number=contract.number,
        title=contract.title,
        registration_no=contract.registration_no,
        total_fen=contract.total_amount_fen,
        technical_fen=contract.technical_amount_fen,
        url=url_for("contracts.contract", number=contract.number),
    )


def batch_row(batch: SubsidyBatch, today: date) -> dict[str, Any]:
    """A batch in a list."""
    return {
        "number": batch.number,
        "title": batch.title,
        "programme_year": batch.programme_year,
        "opens_on": batch.opens_on,
        "closes_on": batch.closes_on,
        "taking": applications.accepts(batch, today),
        "state": batch.state,
        "state_label": gettext(states.BATCH_LABELS[batch.state]),
        "state_family": BATCH_FAMILIES[batch.state],
        "budget_fen": batch.budget_fen,
        "published_on": batch.published_on,
        "last_day": batch.publicity_last_day,
        "publicity_url": url_for("subsidies.publicity", number=batch.number),
    }


def public_batch(batch: SubsidyBatch, today: date) -> dict[str, Any]:
    """A batch with a published list; to the public it is in publicity or decided, whatever is drawn up next."""
    state = states.BATCH_PUBLICIZING if batch.state == states.BATCH_PUBLICIZING else states.BATCH_APPROVED
    return batch_row(batch, today) | {
        "running": state == states.BATCH_PUBLICIZING,
        "state_label": gettext(states.BATCH_LABELS[state]),
        "state_family": BATCH_FAMILIES[state],
    }


def public_groups(
    rows: Sequence[tuple[SubsidyApplication, SubsidyCalculation]],
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The rows of a public list: in publicity now, and approved after an earlier publicity.

    An application with an objection stays among those in publicity: the list says enterprise, contract number,
    amounts and period (domain.md 3.7), and an objection is the authority's to examine, not the public's to read.
    """
    shown = [(application.state, public_row(application, row)) for application, row in rows]
    running = [row for state, row in shown if state in states.PUBLISHED]
    return running, [row for state, row in shown if state not in states.PUBLISHED]


def public_row(application: SubsidyApplication, calculation: SubsidyCalculation) -> dict[str, Any]:
    """What everybody may read of an application: never an account, a person or the contract's text."""
    return {
        "enterprise": application.applicant.name,
        "registration_no": application.contract.registration_no,
        "technical": format_yuan(application.contract.technical_amount_fen),
        "base": format_yuan(calculation.base_fen),
        "amount": format_yuan(calculation.granted_fen),
    }
