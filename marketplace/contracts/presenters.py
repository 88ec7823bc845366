"""Contracts as the parties, the registrars and the public see them."""

import hashlib
from datetime import date
from types import SimpleNamespace
from typing import Any

from flask import url_for
from flask_babel import gettext

from marketplace import codes
from marketplace.attachments import Attachment
from marketplace.contracts import states
from marketplace.contracts.forms import ITEM_KINDS
from marketplace.contracts.models import Contract
from marketplace.contracts.reasons import REFUSAL_REASONS
from marketplace.contracts.services import registration
from marketplace.contracts.services.reading import REGISTERED, overdue
from marketplace.deals.services.talking import PAYMENT_MODES
from marketplace.permissions import Actor, Permission, can
from marketplace.web import code_names
from marketplace.web.jinja import yuan

FAMILIES = {
    states.DRAFT: "idle",
    states.SUBMITTED: "idle",
    states.ACCEPTED: "progress",
    states.SUPPLEMENT: "waiting",
    states.FIRST_REVIEWED: "done",
    states.APPROVED: "done",
    states.REGISTERED: "done",
    states.CHANGED: "done",
    states.REFUSED: "negative",
    states.WITHDRAWN: "idle",
    states.CLOSED: "idle",
    states.CANCELLED: "negative",
    states.REVOKED: "negative",
}
FIELD_LABELS = {
    "title": "项目名称",
    "technical_content": "技术内容",
    "technology_field": "技术领域",
    "industry_code": "国民经济行业",
    "socioeconomic_objective": "社会经济目标",
    "ipr": "知识产权类别",
    "is_related": "关联交易",
    "total_amount_fen": "合同成交额",
    "sign_date": "签订日期",
    "end_date": "合同期限",
    "parties": "合同各方",
    "items": "金额",
    "signed_copy": "签章扫描件",
    "instalments": "付款计划",
}
_STEP_OF = {
    "items": "amounts",
    "instalments": "amounts",
    "total_amount_fen": "amounts",
    "signed_copy": "copy",
}


def row(contract: Contract, today: date) -> dict[str, Any]:
    """A contract in a list."""
    seller, buyer = _name(contract, "SELLER"), _name(contract, "BUYER")
    return {
        "url": url_for("contracts.contract", number=contract.number),
        "review_url": url_for("contracts.review", number=contract.number),
        "number": contract.number,
        "title": contract.title,
        "seller": seller,
        "buyer": buyer,
        "category": _class_name(contract),
        "total_fen": contract.total_amount_fen,
        "technical_fen": contract.technical_amount_fen,
        "state_label": gettext(states.LABELS[contract.state]),
        "state_family": FAMILIES[contract.state],
        "due_on": contract.due_on,
        "days_left": (contract.due_on - today).days if contract.due_on else None,
        "overdue": overdue(contract, today),
        "stopped": contract.state == states.SUPPLEMENT,
    }


def page(
    contract: Contract, actor: Actor, copies: list[Attachment], history: list[Any], today: date
) -> SimpleNamespace:
    """A contract for its parties or its agency."""
    subject = contract.permission_subject()
    may_edit = can(actor, Permission.CONTRACT_EDIT, subject)
    return SimpleNamespace(
        **row(contract, today),
        version=contract.version,
        state=contract.state,
        facts=facts(contract),
        amounts=amounts(contract),
        items=[_item(item) for item in contract.items],
        plan=[
            {"number": i.number, "condition": i.condition, "amount": i.amount_fen}
            for i in contract.instalments
        ],
        parties=[_party(p) for p in contract.parties],
        copies=[file(c) for c in copies],
        history=[history_line(entry) for entry in history],
        supplement=[r["text"] for r in contract.supplement_reasons],
        supplement_due_on=contract.supplement_due_on,
        refusal=gettext(REFUSAL_REASONS[contract.refusal_reason]) if contract.refusal_reason else None,
        may_edit=may_edit and contract.state in (states.DRAFT, states.SUPPLEMENT),
        may_withdraw=may_edit and contract.state in (states.SUBMITTED, states.ACCEPTED, states.SUPPLEMENT),
        may_review=can(actor, Permission.CONTRACT_REVIEW, subject),
        may_pay=can(actor, Permission.CONTRACT_PAY, subject),
        registered=contract.state in REGISTERED,
        registration_no=contract.registration_no,
        registered_on=contract.registered_on,
        certificate_url=url_for("contracts.certificate", number=contract.number)
        if contract.state in REGISTERED
        else None,
        deal_url=url_for("deals.deal", number=contract.deal.number) if contract.deal else None,
    )


def review_actions(contract: Contract, actor: Actor) -> list[dict[str, str]]:
    """What this registrar may do now: address, label, kind of button."""
    if not can(actor, Permission.CONTRACT_REVIEW, contract.permission_subject()):
        return []
    allowed = {t.action for t in states.CONTRACT.actions(contract.state)}
    wanted = [a for a in _REVIEW_ACTIONS if a["action"] in allowed]
    if contract.state == states.FIRST_REVIEWED:
        second = registration.second_review_due(contract)
        own = contract.first_reviewer_id == actor.user_id
        hidden = {"approve"} if second or not own else {"second_review", "send_back"}
        hidden |= {"second_review", "send_back"} if own else set()
        wanted = [a for a in wanted if a["action"] not in hidden]
    return [
        {**a, "url": url_for("contracts.act", number=contract.number, action=a["action"])} for a in wanted
    ]


def facts(contract: Contract) -> list[tuple[str, str | None]]:
    """The registration form in words."""
    return [
        (gettext("合同类别"), _class_name(contract)),
        (gettext("技术内容、目标和验收标准"), contract.technical_content or None),
        (gettext("知识产权和成果归属"), contract.ip_terms or None),
        (gettext("签订日期"), contract.sign_date.isoformat() if contract.sign_date else None),
        (gettext("合同期限"), _period(contract)),
        (gettext("支付方式"), gettext(PAYMENT_MODES[contract.payment_mode])),
        (
            gettext("技术领域"),
            code_names.full_name(codes.technology_fields(), contract.technology_field) or None,
        ),
        (
            gettext("服务的国民经济行业"),
            code_names.full_name(codes.industries(), contract.industry_code) or None,
        ),
        (
            gettext("社会经济目标"),
            code_names.name(codes.socioeconomic_objectives(), contract.socioeconomic_objective) or None,
        ),
        (gettext("知识产权类别"), code_names.name(codes.ip_types(), contract.ipr) or None),
        (gettext("计划来源"), " ".join(filter(None, (contract.program_source, contract.program_no)))),
        (gettext("关联交易"), {True: gettext("是"), False: gettext("否")}.get(contract.is_related)),
    ]


def amounts(contract: Contract) -> SimpleNamespace:
    """The worksheet: total, deductions, technical amount."""
    deducted = sum(i.amount_fen for i in contract.items if not i.carrier)
    return SimpleNamespace(
        total=contract.total_amount_fen,
        words=contract.amount_in_words,
        deducted=deducted,
        technical=contract.technical_amount_fen,
        open=contract.amount_open,
    )


def certificate(contract: Contract, demo: bool) -> SimpleNamespace:
    """The certificate sheet."""
    rows = [
        [(gettext("项目名称"), contract.title)],
        [(gettext("合同类别"), _class_name(contract)), (gettext("签订日期"), contract.sign_date.isoformat())],
        [(gettext("卖方"), _name(contract, "SELLER"))],
        [(gettext("买方"), _name(contract, "BUYER"))],
        [(gettext("合同期限"), _period(contract))],
        [
            (gettext("合同成交额（元）"), yuan(contract.total_amount_fen)),
            (gettext("技术交易额（元）"), yuan(contract.technical_amount_fen)),
        ],
    ]
    return SimpleNamespace(
        number=contract.registration_no,
        rows=rows,
        agency=contract.agency.organisation.name,
        issued=contract.registered_on,
        code=contract.verification_code,
        digest=digest(contract),
        specimen=demo,
    )


def verification(contract: Contract) -> SimpleNamespace:
    """What everybody with number and code may know of a registered contract."""
    return SimpleNamespace(
        number=contract.registration_no,
        title=contract.title,
        category=_class_name(contract),
        agency=contract.agency.organisation.name,
        registered_on=contract.registered_on,
        total_fen=contract.total_amount_fen,
        technical_fen=contract.technical_amount_fen,
        state_label=gettext(states.LABELS[contract.state]),
        state_family=FAMILIES[contract.state],
        digest=digest(contract),
    )


def digest(contract: Contract) -> str:
    """A short digest of what the certificate says, the same on paper and on the verification page."""
    text = "|".join(
        str(part)
        for part in (
            contract.registration_no,
            contract.title,
            contract.contract_subtype,
            contract.total_amount_fen,
            contract.technical_amount_fen,
            contract.registered_on,
        )
    )
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def problems(found: dict[str, list[str]], number: str) -> list[dict[str, str]]:
    """What stands in the way of submitting, with links to the steps."""
    return [
        {
            "target": url_for("contracts.step_page", number=number, step=_STEP_OF.get(name, "basics"))
            + f"#{name}",
            "label": gettext(FIELD_LABELS.get(name, name)),
            "message": gettext(sentence),
        }
        for name, sentences in found.items()
        for sentence in sentences
    ]


def file(attachment: Attachment) -> dict[str, Any]:
    """A file as a link."""
    return {
        "name": attachment.filename,
        "url": url_for("contracts.file", public_id=attachment.public_id),
        "note": f"{max(1, attachment.size // 1024)} KB",
    }


def history_line(entry: Any) -> dict[str, Any]:
    """One move as a line of the timeline."""
    found = next((t for t in states.CONTRACT.transitions if t.action == entry.action), None)
    return {"on": entry.at, "act": gettext(found.label) if found else entry.action, "note": entry.reason}


_REVIEW_ACTIONS = (
    {"action": "accept", "label": "受理", "kind": "primary"},
    {"action": "first_review", "label": "初审通过", "kind": "primary"},
    {"action": "approve", "label": "审核通过", "kind": "primary"},
    {"action": "second_review", "label": "二次审核通过", "kind": "primary"},
    {"action": "register", "label": "登记并发证", "kind": "primary"},
    {"action": "send_back", "label": "退回初审", "kind": "normal"},
    {"action": "request_supplement", "label": "要求补正", "kind": "normal"},
    {"action": "refuse", "label": "不予登记", "kind": "danger"},
)


def _name(contract: Contract, side: str) -> str:
    return "、".join(p.name for p in contract.parties if p.side == side)


def _class_name(contract: Contract) -> str:
    return code_names.name(codes.contract_kinds(), contract.contract_subtype)


def _period(contract: Contract) -> str | None:
    if contract.begin_date is None or contract.end_date is None:
        return None
    return f"{contract.begin_date.isoformat()} – {contract.end_date.isoformat()}"


def _item(item: Any) -> dict[str, Any]:
    return {
        "kind": ITEM_KINDS[item.kind],
        "description": item.description,
        "amount": item.amount_fen,
        "handling": gettext("保留：%(reason)s", reason=item.carrier_reason)
        if item.carrier
        else gettext("扣除"),
    }


def _party(party: Any) -> SimpleNamespace:
    sides = {"SELLER": gettext("卖方"), "BUYER": gettext("买方"), "INTERMEDIARY": gettext("中介方")}
    return SimpleNamespace(
        side=sides[party.side],
        facts=[
            (gettext("名称"), party.name),
            (gettext("统一社会信用代码"), party.credit_code),
            (gettext("注册地"), code_names.place(party.region_code)),
            (gettext("法定代表人"), party.representative or None),
            (gettext("地址"), party.address or None),
        ],
    )
