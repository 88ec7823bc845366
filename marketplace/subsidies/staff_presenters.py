"""Queues, the review of an application and the board of a batch as reviewers see them."""

from collections.abc import Mapping, Sequence
from datetime import date
from types import SimpleNamespace
from typing import Any

from flask import url_for
from flask_babel import gettext

from marketplace.attachments import Attachment
from marketplace.contracts.models import ContractPayment
from marketplace.errors import N_
from marketplace.money import format_yuan
from marketplace.permissions import Actor, Permission, can
from marketplace.subsidies import presenters, states
from marketplace.subsidies.models import SubsidyApplication, SubsidyBatch, SubsidyCalculation
from marketplace.subsidies.services.reading import Level, StateSum
from marketplace.web.jinja import ABSENT, nbsp
from marketplace.workflow import HistoryEntry

LEVELS = {
    "county": N_("旗县（区）审核"),
    "league": N_("盟市推荐"),
    "region": N_("自治区受理"),
    "finance": N_("财务核查"),
    "objection": N_("异议处理"),
}
#: Act in the address → its label, consequence and kind of button, by what it does.
ACTS = {
    "pass": (N_("审核通过"), N_("通过后转到下一级。"), "primary"),
    "return": (N_("退回修改"), N_("退回申报单位修改，重新提交后从旗县（区）开始审核。"), "normal"),
    "reject": (N_("不予支持"), N_("本批不再支持这件申报，所列付款可在其他批次申报。"), "danger"),
    "object": (N_("登记异议"), N_("登记后这件申报暂缓立项，处理后才能继续。"), "normal"),
    "resolve": (N_("异议不成立"), N_("写明核查情况，申报回到公示。"), "primary"),
}
BATCH_ACTS = {
    "propose": (N_("生成拟支持名单"), N_("财务核查通过的申报一起计算：先排企业年度上限，再按预算分配。")),
    "publish": (N_("发布公示"), N_("公示从明天起算，名单公开显示。")),
    "approve": (N_("公示期满，立项"), N_("按公示金额立项，并通知申报单位。")),
    "withdraw": (N_("撤回名单，重新计算"), N_("名单上的申报回到财务核查通过，须重新计算、重新公示。")),
}
#: What leads on from each state of a batch; the other acts stand beside it.
_NEXT_ACTS = {
    states.BATCH_OPEN: "propose",
    states.BATCH_PROPOSED: "publish",
    states.BATCH_PUBLICIZING: "approve",
    states.BATCH_APPROVED: "propose",
}
_FORWARD_LABELS = {
    states.SUBMITTED: N_("旗县审核通过"),
    states.COUNTY_PASSED: N_("推荐到自治区"),
    states.RECOMMENDED: N_("受理"),
    states.ACCEPTED: N_("核查通过"),
}
_LEVEL_PERMISSIONS = {
    states.SUBMITTED: Permission.SUBSIDY_COUNTY,
    states.COUNTY_PASSED: Permission.SUBSIDY_LEAGUE,
    states.RECOMMENDED: Permission.SUBSIDY_REGION,
    states.ACCEPTED: Permission.SUBSIDY_FINANCE,
}
#: The strip of the board, in the order of the way.
STAGES = (
    states.SUBMITTED,
    states.COUNTY_PASSED,
    states.RECOMMENDED,
    states.ACCEPTED,
    states.FINANCE_CHECKED,
    states.PROPOSED,
    states.PUBLICIZED,
    states.OBJECTED,
    states.APPROVED,
    states.RETURNED,
    states.REJECTED,
)


def level_tabs(levels: Sequence[Level], counts: Mapping[str, int], active: str) -> list[dict[str, Any]]:
    """One tab per level this person reviews."""
    return [
        {
            "label": gettext(LEVELS[level.name]),
            "url": url_for("subsidies.review_queue", level=level.name),
            "count": counts[level.name],
            "active": level.name == active,
        }
        for level in levels
    ]


def queue_row(application: SubsidyApplication) -> dict[str, Any]:
    """An application in a queue."""
    return presenters.row(application) | {
        "url": url_for("subsidies.review", number=application.number),
        "applicant": application.applicant.name,
        "registration_no": application.contract.registration_no,
        "applied_on": application.applied_on,
        "vouchers": len(application.claims),
    }


def review_page(
    application: SubsidyApplication,
    actor: Actor,
    sheet: SimpleNamespace | None,
    moves: Sequence[HistoryEntry],
    files: Mapping[int, Mapping[str, Attachment]],
    copies: Sequence[Attachment],
    names: Mapping[int, str],
) -> SimpleNamespace:
    """The form beside its evidence, and what this person can decide."""
    found = presenters.head(application)
    found.sheet = sheet
    found.checklist = presenters.checklist(application, files)
    found.declared = _declared(application)
    found.facts = _facts(application)
    weighed = {voucher["voucher_no"]: voucher for voucher in (sheet.vouchers if sheet else [])}
    found.payments = [
        _claimed(claim.payment, application, files.get(claim.payment_id, {}), weighed)
        for claim in sorted(application.claims, key=lambda c: c.payment.paid_on)
    ]
    shown = {row["voucher_no"] for row in found.payments}
    found.counted = sum(bool(row["weighed"] and row["weighed"]["counts"]) for row in found.payments)
    found.unclaimed = [voucher for number, voucher in weighed.items() if number not in shown]
    found.copies = [presenters.file(copy) for copy in copies]
    found.history = [presenters.line(entry, names) for entry in moves]
    found.acts = acts(application, actor)
    found.verifies = application.state == states.ACCEPTED and _may(application, actor)
    return found


def _claimed(
    payment: ContractPayment,
    application: SubsidyApplication,
    files: Mapping[str, Attachment],
    weighed: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    """A voucher with its scans, what finance said and what the newest calculation counts of it, all in one."""
    row = presenters.payment_row(payment, application.contract, files, False)
    found = weighed.get(payment.voucher_no)
    remark = found["note"] if found and (found["refused"] or not found["counts"]) else payment.rejection
    return row | {"weighed": found, "remark": remark}


def acts(application: SubsidyApplication, actor: Actor) -> list[dict[str, str]]:
    """The decisions this person may take now, the way forward first."""
    names = []
    if _may(application, actor):
        names += ["pass", "return"]
    if can(actor, Permission.SUBSIDY_REGION, application.permission_subject()):
        names += _region_acts(application.state)
    return [
        {
            "name": name,
            "label": act_label(application, name),
            "kind": ACTS[name][2],
            "url": url_for("subsidies.decide", number=application.number, action=name),
        }
        for name in names
    ]


def act_label(application: SubsidyApplication, name: str) -> str:
    """What a decision is called at this level."""
    if name == "pass":
        return gettext(_FORWARD_LABELS.get(application.state, ACTS[name][0]))
    return gettext(ACTS[name][0])


def board(
    batch: SubsidyBatch,
    sums: Mapping[str, StateSum],
    rows: Sequence[SubsidyApplication],
    calculations: Mapping[int, SubsidyCalculation],
    chosen: str | None,
    today: date,
) -> SimpleNamespace:
    """A batch: its budget, its stages as filters, the applications of the chosen stage."""
    return SimpleNamespace(
        **presenters.batch_row(batch, today),
        version=batch.version,
        calendar_published=batch.calendar_published,
        parameters=[f"{key} = {value}" for key, value in batch.parameters.items()],
        budget=_budget(batch, sums),
        stages=_stages(batch, sums, chosen),
        chosen_label=gettext(states.LABELS[chosen]) if chosen else gettext("全部"),
        table=[_board_row(a, calculations.get(a.id)) for a in rows],
        acts=_batch_acts(batch, today),
    )


def _batch_acts(batch: SubsidyBatch, today: date) -> list[dict[str, Any]]:
    """The act that leads on first and primary, the one that takes the list back last."""
    possible = [t.action for t in states.BATCH.actions(batch.state)]
    if batch.state == states.BATCH_PUBLICIZING and today <= batch.publicity_last_day:
        possible.remove("approve")
    forward = _NEXT_ACTS[batch.state]
    possible.sort(key=lambda name: (name != forward, name == "withdraw"))
    return [
        {
            "label": gettext(BATCH_ACTS[name][0]),
            "url": url_for("subsidies.batch_act", number=batch.number, action=name),
            "kind": "danger" if name == "withdraw" else "primary" if name == forward else "normal",
        }
        for name in possible
    ]


def _budget(batch: SubsidyBatch, sums: Mapping[str, StateSum]) -> dict[str, Any] | None:
    if batch.budget_fen is None:
        return None
    segments = [
        _segment(
            gettext("已立项、公示和拟支持"), sums, (states.APPROVED, *states.PUBLISHED, states.PROPOSED)
        ),
        _segment(gettext("财务已核"), sums, (states.FINANCE_CHECKED,)),
        _segment(gettext("审核中"), sums, (states.COUNTY_PASSED, states.RECOMMENDED, states.ACCEPTED)),
        _segment(gettext("仅申报"), sums, (states.SUBMITTED,)),
    ]
    total = sum(segment["amount_fen"] for segment in segments)
    short = total > batch.budget_fen
    ratio = f"{batch.budget_fen / total:.4f}" if short else None
    return {"segments": segments, "total_fen": total, "budget_fen": batch.budget_fen, "ratio": ratio}


def _segment(label: str, sums: Mapping[str, StateSum], wanted: Sequence[str]) -> dict[str, Any]:
    found = [sums[state] for state in wanted if state in sums]
    return {
        "label": label,
        "amount_fen": sum(each.amount_fen for each in found),
        "count": sum(each.count for each in found),
    }


def _stages(batch: SubsidyBatch, sums: Mapping[str, StateSum], chosen: str | None) -> list[dict[str, Any]]:
    """All of them, then each state: twelve counters, which fill whole rows at every width."""
    whole = {
        "figure": sum(sums[state].count for state in STAGES if state in sums),
        "label": gettext("全部"),
        "url": url_for("subsidies.board", number=batch.number),
        "active": chosen is None,
    }
    return [whole, *(_stage(batch, state, sums.get(state), state == chosen) for state in STAGES)]


def _stage(batch: SubsidyBatch, state: str, found: StateSum | None, active: bool) -> dict[str, Any]:
    return {
        "figure": found.count if found else 0,
        "label": gettext(states.LABELS[state]),
        "sub": nbsp(gettext("%(amount)s 元", amount=format_yuan(found.amount_fen))) if found else ABSENT,
        "url": url_for("subsidies.board", number=batch.number, state=state),
        "active": active,
    }


def _board_row(application: SubsidyApplication, calculation: SubsidyCalculation | None) -> dict[str, Any]:
    label, _family = presenters.state_of(application)
    verified = sum(claim.payment.status == "VERIFIED" for claim in application.claims)
    return {
        "number": application.number,
        "url": url_for("subsidies.review", number=application.number),
        "applicant": application.applicant.name,
        "registration_no": application.contract.registration_no,
        "base": _amount(calculation.base_fen if calculation else None),
        "award": _amount(calculation.award_fen if calculation else None),
        "granted": _amount(calculation.granted_fen if calculation else None),
        "vouchers": f"{verified} / {len(application.claims)}",
        "state": label,
    }


def _amount(fen: int | None) -> str | None:
    return None if fen is None else format_yuan(fen)


def _may(application: SubsidyApplication, actor: Actor) -> bool:
    permission = _LEVEL_PERMISSIONS.get(application.state)
    return permission is not None and can(actor, permission, application.permission_subject())


def _region_acts(state: str) -> list[str]:
    found = ["reject"] if states.APPLICATION.find("reject", state) else []
    if state == states.PUBLICIZED:
        return ["object", *found]
    return ["resolve", *found] if state == states.OBJECTED else found


def _facts(application: SubsidyApplication) -> list[tuple[str, str | None]]:
    contract, applicant = application.contract, application.applicant
    return [
        (gettext("申报单位"), applicant.name),
        (gettext("统一社会信用代码"), applicant.credit_code),
        (gettext("合同"), contract.title),
        (gettext("登记编号"), contract.registration_no),
        (gettext("登记日期"), contract.registered_on.isoformat() if contract.registered_on else None),
        (gettext("成交额（元）"), _amount(contract.total_amount_fen)),
        (gettext("技术交易额（元）"), _amount(contract.technical_amount_fen)),
        (gettext("申报日期"), application.applied_on.isoformat() if application.applied_on else None),
    ]


def _declared(application: SubsidyApplication) -> list[tuple[str, str | None]]:
    relation = application.relation or {}
    yes, no = gettext("是"), gettext("否")
    share = relation.get("common_control_bp") or 0
    related = application.contract.is_related
    return [
        (gettext("申报为关联方"), yes if relation.get("declared") else no),
        (gettext("母子公司"), yes if relation.get("parent_subsidiary") else no),
        (gettext("法定代表人相同"), yes if relation.get("same_legal_representative") else no),
        (gettext("同一控制人持股"), f"{share // 100}.{share % 100:02d} %"),
        (gettext("合同登记时的关联声明"), {True: yes, False: no, None: None}[related]),
        (gettext("其他层级补助（元）"), format_yuan(application.other_level_fen)),
        (
            gettext("承诺书"),
            application.commitment_on.isoformat() if application.commitment_on else gettext("未签署"),
        ),
    ]
