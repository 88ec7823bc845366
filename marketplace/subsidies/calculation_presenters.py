"""Calculations as pages show them: amount, arithmetic with clauses, vouchers, and why it is not more.

Everything comes from the stored trace, so that a decision of years ago reads as it was made.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType, SimpleNamespace
from typing import Any

from flask_babel import gettext

from marketplace.errors import N_
from marketplace.money import format_yuan
from marketplace.policy import explain
from marketplace.policy.calculator import NOT_ASKED, NOT_MET, Condition, Estimate
from marketplace.policy.explain import Clause, Limit, TraceRow, VoucherRow
from marketplace.policy.loader import load_rule_book
from marketplace.policy.ruleset import ASSUMED, STATUS_LABELS, RuleSet
from marketplace.policy.trace import Trace
from marketplace.subsidies.models import SubsidyCalculation
from marketplace.subsidies.services.calculation import ESTIMATE, FINAL, PROPOSED, Weighing

KINDS = {ESTIMATE: N_("申报时测算"), PROPOSED: N_("拟支持金额"), FINAL: N_("最终核定")}
_OK = "OK"
_UNVERIFIED = explain.VOUCHER_SENTENCES["NOT_VERIFIED"]
_NONE_REFUSED: Mapping[str, str] = MappingProxyType({})
#: Short names of the reasons, in front of what the rule asks for.
_REASONS = {
    "BANNED": N_("在禁止申报期内"),
    "PARTY_KIND": N_("单位类型不符"),
    "LOCALITY": N_("注册地或纳税地在区外"),
    "NOT_REGISTERED": N_("合同尚未登记"),
    "REGISTRATION_VOID": N_("登记已失效"),
    "CERTIFICATE_UNVERIFIED": N_("区外登记证明未核验"),
    "CONTRACT_CLASS": N_("合同类别不符"),
    "AMOUNT_OPEN": N_("合同金额未定"),
    "RELATED_PARTY": N_("关联方交易"),
    "OTHER_LEVEL_SUBSIDY": N_("已获其他层级补助"),
    "NOT_APPROVED_BEFORE": N_("没有首次批准"),
    "REGISTERED_AMOUNT_USED_UP": N_("登记金额已用完"),
    "NO_VALID_PAYMENT": N_("没有有效付款"),
    "BELOW_MIN_BASE": N_("低于最低基数"),
    "BELOW_ROUNDING_UNIT": N_("不足一个取整单位"),
    "EQUITY_NOT_CASHED": N_("作价入股未变现"),
    "TECH_PART_UNCLEAR": N_("技术部分未分列"),
    "NET_NOT_POSITIVE": N_("扣除后没有余额"),
}


#: Voucher number → why the finance office refused it, in its words.
Refusals = Mapping[str, str]


def stored(
    calculation: SubsidyCalculation, contract_number: str, refusals: Refusals = _NONE_REFUSED
) -> SimpleNamespace:
    """The sheet of a stored calculation of one application; the trace knows of refusals, not of their words."""
    run = calculation.run
    return _sheet(
        Trace.from_json(run.trace),
        run.result,
        contract_number,
        amounts=(calculation.base_fen, calculation.award_fen, calculation.granted_fen),
        kind=run.kind,
        at=run.calculated_at,
        rule_hash=run.rule_set_hash,
        trace_hash=run.trace_hash,
        refusals=refusals,
    )


def preview(
    weighing: Weighing, contract_number: str, now: datetime, refusals: Refusals = _NONE_REFUSED
) -> SimpleNamespace:
    """The sheet of a calculation that nobody has stored yet."""
    calculation = weighing.calculation
    result = next(iter(weighing.results().values()), None)
    return _sheet(
        calculation.trace,
        _window_of(calculation.result),
        contract_number,
        amounts=(result.period_base, result.award, result.granted) if result else (None, None, None),
        kind=ESTIMATE,
        at=now,
        rule_hash=calculation.rule_set_hash,
        trace_hash=calculation.trace.hash,
        refusals=refusals,
    )


def estimate(found: Estimate) -> SimpleNamespace:
    """What the public calculator answered."""
    calculation = found.calculation
    return SimpleNamespace(
        status=found.status,
        answered=found.award_fen is not None,
        sentence=status_sentence(found.status),
        amount_fen=found.award_fen,
        capped_by=_capped_by(found.limits),
        provisional=found.provisional,
        first_day=found.first_day,
        last_day=found.last_day,
        rows=_rows(found.rows),
        why_not=[
            *map(_limit, found.limits),
            *map(_condition, found.why_not),
            *map(_condition, found.not_asked),
        ],
        assumed=[_parameter_name(clause.parameter) for clause in found.assumed],
        rule_hash=calculation.rule_set_hash[:12] if calculation else None,
    )


def status_sentence(status: str) -> str | None:
    """Why there is no amount; None where there is one. Never 0 in its place."""
    if status == NOT_ASKED:
        return gettext("还没有填付款金额，先看哪些条件已经符合。")
    sentence = explain.NO_ANSWER_SENTENCES.get(status)
    return gettext(sentence) if sentence else None


def rule_rows(rules: RuleSet, keys: Sequence[str]) -> list[dict[str, Any]]:
    """Parameters in force with value, certainty and reference; one without a value in force says so."""
    book = load_rule_book().parameters
    in_force = {key: rules[key] for key in keys if key in rules}
    return [_rule_row(book[key], in_force.get(key)) for key in keys]


def _sheet(
    trace: Trace,
    result: Mapping[str, Any],
    contract_number: str,
    *,
    amounts: tuple[int | None, int | None, int | None],
    kind: str,
    at: datetime,
    rule_hash: str,
    trace_hash: str,
    refusals: Refusals,
) -> SimpleNamespace:
    base, award, granted = amounts
    status = trace.root.codes[0]
    found = SimpleNamespace(
        kind=gettext(KINDS[kind]),
        status=status,
        answered=status == _OK and granted is not None,
        sentence=status_sentence(status),
        base_fen=base,
        award_fen=award,
        amount_fen=granted,
        first_day=result.get("first_day"),
        last_day=result.get("last_day"),
        assumed=[_parameter_name(key) for key in result.get("assumed", ())],
        unverified=[_parameter_name(key) for key in result.get("unverified", ())],
        at=at,
        rule_hash=rule_hash[:12],
        trace_hash=trace_hash,
        rows=[],
        vouchers=[],
        why_not=[],
        capped_by=None,
    )
    if found.answered:
        _add_arithmetic(found, trace, contract_number)
        found.vouchers = [
            _voucher(row, refusals.get(row.voucher_no))
            for row in explain.voucher_rows(trace, contract_number)
        ]
    return found


def _add_arithmetic(found: SimpleNamespace, trace: Trace, number: str) -> None:
    limits = explain.contract_limits(trace, number)
    node = explain.contract_node(trace, number)
    found.rows = _rows(explain.contract_rows(trace, number))
    if found.amount_fen != found.award_fen:
        found.rows.append(_budget_row(found.amount_fen))
    reasons = [code for code in node.codes if code in explain.REQUIREMENTS]
    found.why_not = [*map(_limit, limits), *map(_reason, reasons)]
    found.capped_by = _capped_by(limits)
    found.continuing = node.input("application") == "CONTINUING"


def _rows(rows: Iterable[TraceRow]) -> list[dict[str, Any]]:
    shown = list(rows)
    cuts = [place for place, row in enumerate(shown) if row.limited]
    return [
        {
            "name": gettext(row.title),
            "arithmetic": row.formula,
            "result_fen": row.result_fen,
            "clause": _clauses(row.clauses) or gettext("凭证和登记记录"),
            "clause_url": next((c.url for c in row.clauses if c.url), None),
            "binding": bool(cuts) and place == cuts[-1],
        }
        for place, row in enumerate(shown)
    ]


def _budget_row(granted_fen: int) -> dict[str, Any]:
    return {
        "name": gettext("预算分配"),
        "arithmetic": gettext("本批合计超过预算，按比例逐分分配，尾差给最大余数"),
        "result_fen": granted_fen,
        "clause": gettext("本批预算"),
        "clause_url": None,
        "binding": True,
    }


def _clauses(clauses: Iterable[Clause]) -> str:
    return "；".join(dict.fromkeys(_clause(clause) for clause in clauses))


def _clause(clause: Clause) -> str:
    where = " ".join(part for part in (clause.document_number or clause.title, clause.clause) if part)
    certainty = gettext(clause.certainty)
    if clause.certainty == STATUS_LABELS[ASSUMED]:
        return f"{where}（{certainty}）" if where else certainty
    return where or certainty


def _voucher(row: VoucherRow, refusal: str | None) -> dict[str, Any]:
    return {
        "voucher_no": row.voucher_no,
        "paid_on": row.paid_on,
        "invoice": format_yuan(row.invoice_fen),
        "bank": format_yuan(row.bank_fen),
        "refund": format_yuan(row.refund_fen) if row.refund_fen else None,
        "fiscal": format_yuan(row.fiscal_fen) if row.fiscal_fen else None,
        "base": format_yuan(row.base_fen),
        "counts": row.base_fen > 0,
        "refused": refusal is not None,
        "note": _voucher_note(row, refusal),
    }


def _voucher_note(row: VoucherRow, refusal: str | None) -> str:
    """Why it counts or not. What finance refused after an estimate still stands in the estimate: both are said."""
    sentences = [gettext(s) for s in row.sentences if refusal is None or s != _UNVERIFIED]
    if refusal is not None:
        said = N_("财务核验未通过：%(reason)s")
        if row.base_fen > 0:
            said = N_("财务核验未通过，核定时不计入：%(reason)s")
        sentences.insert(0, gettext(said) % {"reason": refusal})
    return " ".join(sentences) or gettext("计入")


def _limit(limit: Limit) -> dict[str, Any]:
    return {
        "reason": "cap",
        "name": gettext("少 %(amount)s 元", amount=format_yuan(limit.lost_fen)),
        "text": gettext(limit.sentence) % limit.values,
    }


def _capped_by(limits: Iterable[Limit]) -> str | None:
    cuts = [limit for limit in limits if limit.code != "REGISTERED_AMOUNT"]
    return gettext(cuts[-1].sentence) % cuts[-1].values if cuts else None


def _reason(code: str) -> dict[str, Any]:
    return {
        "reason": "failed",
        "name": gettext(_REASONS[code]),
        "text": gettext("要求：%(what)s", what=gettext(explain.REQUIREMENTS[code])),
    }


def _condition(condition: Condition) -> dict[str, Any]:
    requirement = gettext(condition.requirement)
    if condition.state != NOT_MET:
        return {
            "reason": "not_asked",
            "name": requirement.rstrip("。"),
            "text": gettext("未询问不等于不符合。"),
        }
    found = gettext(condition.found) % condition.found_values
    return {
        "reason": "failed",
        "name": gettext(_REASONS[condition.code]),
        "text": gettext("要求：%(what)s 查得：%(found)s", what=requirement, found=found),
    }


def _window_of(result: Any) -> dict[str, Any]:
    """The parts of a fresh result that a stored one keeps as JSON."""
    names = ("first_day", "last_day", "assumed", "unverified")
    found = {name: getattr(result, name, None) for name in names}
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in found.items()
        if value
    }


def _parameter_name(key: str) -> str:
    parameter = load_rule_book().parameters.get(key)
    return gettext(parameter.name) if parameter else key


# --- rules --------------------------------------------------------------------------------------------------

_VALUES = {
    "OFF": N_("不设上限"),
    "BOTH": N_("注册地和纳税地都在区内"),
    "REGISTRATION": N_("注册地在区内"),
    "TAX": N_("纳税地在区内"),
    "EXCLUDE": N_("不计入"),
    "INCLUDE": N_("计入"),
    "ALLOW": N_("允许"),
    "EXCLUDE_UNTIL_CASHED": N_("变现前不计入"),
    "REJECT": N_("不再支持"),
    "DEDUCT": N_("扣除后支持"),
    "ENTERPRISE": N_("企业"),
    "PUBLIC_INSTITUTION": N_("事业单位"),
    "TRANSFER": N_("转让"),
    "LICENSE": N_("许可"),
    "DEVELOPMENT": N_("开发"),
    "DEVELOPMENT.COMMISSIONED": N_("委托开发"),
    "DEVELOPMENT.COOPERATIVE": N_("合作开发"),
    "CONSULTING": N_("咨询"),
    "SERVICE": N_("服务"),
    "BUYER": N_("需求方"),
    "SELLER": N_("供给方"),
}
_UNITS = {"days": N_("%(number)s 个工作日"), "ban_years": N_("%(number)s 年"), "year": N_("%(number)s 年")}


def _rule_row(parameter: Any, rule: Any) -> dict[str, Any]:
    reference = rule.reference if rule else None
    where = (
        " ".join(p for p in (reference.title, reference.document_number, reference.clause) if p)
        if reference
        else gettext("没有可适用的规则")
    )
    return {
        "name": gettext(parameter.name),
        "value": value_text(parameter.type_name, rule.value) if rule else gettext("没有可适用的规则"),
        "certainty": gettext(STATUS_LABELS[rule.status]) if rule else None,
        "reference": where,
        "from": rule.effective_from.isoformat() if rule and rule.effective_from else None,
    }


def value_text(type_name: str, value: Any) -> str:
    """The value of a parameter for people; an absent one is named, never shown as 0."""
    if value is None:
        return gettext("无核实值")
    if type_name == "bp":
        return f"{value // 100}.{value % 100:02d} %"
    if type_name == "window":
        return _window_text(value)
    if type_name.startswith("fen") and value != "OFF":
        return gettext("%(amount)s 元", amount=format_yuan(value))
    if type_name in _UNITS:
        return gettext(_UNITS[type_name]) % {"number": value}
    if isinstance(value, dict):
        return "；".join(f"{_word(arm)}：{_words(codes)}" for arm, codes in value.items())
    return _words(value) if isinstance(value, list) else _word(value)


def _window_text(value: Mapping[str, Any]) -> str:
    years = {-2: gettext("前两年"), -1: gettext("上一年"), 0: gettext("当年")}
    edges = [
        f"{years.get(edge['year_offset'], edge['year_offset'])} {edge['month_day']}"
        for edge in (value["first"], value["last"])
    ]
    return gettext("%(first)s 至 %(last)s，含两端，按银行回单日", first=edges[0], last=edges[1])


def _words(codes: Iterable[Any]) -> str:
    return "、".join(_word(code) for code in codes)


def _word(code: Any) -> str:
    return gettext(_VALUES[code]) if code in _VALUES else str(code)
