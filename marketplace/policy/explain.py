"""A stored trace turned into rows and sentences for people.

Works from the trace alone, so that a decision of years ago reads as it was made. Sentences are Chinese
message ids; figures are handed over beside them (`%(name)s`), never woven into the text, for translation.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from marketplace.money import format_yuan
from marketplace.policy.messages import N_
from marketplace.policy.ruleset import STATUS_LABELS, Rule
from marketplace.policy.trace import ParameterUse, Trace, TraceNode

#: What the rule asks for, per reason of a contract (policy.md 3, step 4).
REQUIREMENTS = MappingProxyType(
    {
        "BANNED": N_("企业不在因弄虚作假被禁止申报的期限内。"),
        "PARTY_KIND": N_("申报主体须是规则列出的单位类型（企业、事业单位）。"),
        "LOCALITY": N_("工商注册地和纳税地都须在自治区内。"),
        "NOT_REGISTERED": N_("技术合同须先完成认定登记，登记日期不晚于申报日期。"),
        "REGISTRATION_VOID": N_("合同登记须有效，没有被注销或撤销。"),
        "CERTIFICATE_UNVERIFIED": N_("在区外登记的合同，登记证明须经核验。"),
        "CONTRACT_CLASS": N_("合同类别须是该补助对象可以申报的类别。"),
        "AMOUNT_OPEN": N_("合同金额须已确定；提成等未定金额须先补正。"),
        "RELATED_PARTY": N_("买卖双方不得是关联方。"),
        "OTHER_LEVEL_SUBSIDY": N_("同一付款没有获得过其他层级的同类补助。"),
        "NOT_APPROVED_BEFORE": N_("续申报的合同须在以前年度获得过批准。"),
        "REGISTERED_AMOUNT_USED_UP": N_("登记的技术交易额尚未被以前的补助用完。"),
        "NO_VALID_PAYMENT": N_("窗口期内须有经核验的有效付款。"),
        "BELOW_MIN_BASE": N_("本期计算基数须达到最低数额。"),
        "BELOW_ROUNDING_UNIT": N_("按比例计算的金额须达到一个取整单位。"),
    }
)

#: Why a payment does not count (step 2).
VOUCHER_SENTENCES = MappingProxyType(
    {
        "NOT_VERIFIED": N_("凭证尚未核验通过。"),
        "OUT_OF_WINDOW": N_("银行回单日期不在本年度窗口期内。"),
        "DUPLICATE_VOUCHER": N_("同一回单号已经用过，只计一次。"),
        "EQUITY_NOT_CASHED": N_("作价入股在变现前不计入。"),
        "TECH_PART_UNCLEAR": N_("技术部分没有分列，补分列清单后可以计入。"),
        "NET_NOT_POSITIVE": N_("扣除退款和财政资金后没有余额。"),
    }
)

#: What cut an amount (steps 5 and 7).
LIMIT_SENTENCES = MappingProxyType(
    {
        "REGISTERED_AMOUNT": N_("本期有效付款 %(amount)s 元，登记的技术交易额只余 %(room)s 元，按余额计算。"),
        "CONTRACT_LIFE_CAP": N_("单个合同累计上限 %(cap)s 元，尚余 %(room)s 元。"),
        "ENTERPRISE_YEAR_CAP": N_("企业年度上限 %(cap)s 元，尚余 %(room)s 元。"),
        "OTHER_LEVEL_DEDUCTED": N_("已获其他层级补助 %(other)s 元，从本项中扣除。"),
        "BUDGET": N_("本批预算不足，各项按比例分配。"),
    }
)

NO_ANSWER_SENTENCES = MappingProxyType(
    {
        "NO_RULE_IN_FORCE": N_("没有可适用的规则，不能测算。这不表示补助为 0。"),
        "PARAMETER_UNVERIFIED": N_("有参数尚无核实值，不能测算。这不表示补助为 0。"),
    }
)

_ROW_TITLES = {
    "VERIFIED_BASE": N_("有效支付"),
    "PERIOD_BASE": N_("不超过已登记技术交易额余额"),
    "RATE": N_("补助比例"),
    "CONTRACT_LIFE_CAP": N_("单个合同累计上限"),
    "ENTERPRISE_YEAR_CAP": N_("企业年度上限"),
    "OTHER_LEVEL": N_("扣除其他层级补助"),
}


@dataclass(frozen=True, slots=True)
class Clause:
    """Where a rule stands, and how sure it is (`certainty`, a label of `STATUS_LABELS`)."""

    parameter: str
    certainty: str
    title: str | None = None
    document_number: str | None = None
    clause: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class TraceRow:
    """One step of the arithmetic: title, formula in yuan, result in fen, and whether it cut the amount."""

    step: str
    title: str
    formula: str
    result_fen: int
    limited: bool
    clauses: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class VoucherRow:
    """One payment: amounts in fen, what counts of it, and why nothing does."""

    voucher_no: str
    paid_on: str
    invoice_fen: int
    bank_fen: int
    refund_fen: int
    fiscal_fen: int
    base_fen: int
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Limit:
    """What cut an amount, by how much (fen; of the base for REGISTERED_AMOUNT), with figures for the text."""

    code: str
    lost_fen: int
    sentence: str
    values: Mapping[str, str] = field(default_factory=dict)


def clause_of_use(use: ParameterUse) -> Clause:
    """The clause of a parameter as a stored trace names it."""
    return _clause(use.key, use.status, use.reference or {})


def clause_of_rule(rule: Rule) -> Clause:
    """The clause of a rule in force."""
    return clause_of_use(ParameterUse.of(rule))


def _clause(key: str, status: str, reference: Mapping[str, Any]) -> Clause:
    names = ("title", "document_number", "clause", "url")
    return Clause(key, STATUS_LABELS[status], **{name: reference.get(name) for name in names})


# --- rows ---------------------------------------------------------------------------------------------------


def contract_node(trace: Trace, contract_id: str) -> TraceNode:
    """The node of a contract. Raises KeyError if the trace holds no such contract."""
    for child in trace.root.children:
        if child.step == "CONTRACT" and child.subject == contract_id:
            return child
    raise KeyError(contract_id)


def contract_rows(trace: Trace, contract_id: str) -> tuple[TraceRow, ...]:
    """The arithmetic of a contract, step by step."""
    steps = contract_node(trace, contract_id).children
    return tuple(_row(step) for step in steps if step.step in _ROW_TITLES)


def _row(step: TraceNode) -> TraceRow:
    return TraceRow(
        step=step.step,
        title=_ROW_TITLES[step.step],
        formula=_FORMULAS[step.step](step),
        result_fen=step.result,
        limited=bool(step.codes),
        clauses=tuple(map(clause_of_use, step.parameters)),
    )


def _sum(step: TraceNode) -> str:
    return " + ".join(format_yuan(fen) for _, fen in step.inputs if fen) or "0.00"


def _registered(step: TraceNode) -> str:
    if step.input("left_fen") is None:
        return "—"
    left = _difference(step.input("technical_amount_fen"), step.input("prior_base_fen"))
    return f"min({_yuan(step, 'verified_base_fen')}，{left})"


def _rate(step: TraceNode) -> str:
    rate = next(use.value for use in step.parameters if use.key == "rate_bp")
    return f"{_yuan(step, 'period_base_fen')} × {rate // 100}.{rate % 100:02d} %"


def _cap(step: TraceNode) -> str:
    if step.input("room_fen") is None:
        return _yuan(step, "amount_fen")
    room = _difference(step.parameters[0].value, step.input("used_fen"))
    return f"min({_yuan(step, 'amount_fen')}，{room})"


def _difference(whole: int, used: int) -> str:
    """What is left of `whole`, as a subtraction; more than the whole cannot be used, so nothing is left."""
    return f"{format_yuan(whole)} − {format_yuan(used)}" if used <= whole else format_yuan(0)


def _deduction(step: TraceNode) -> str:
    return f"{_yuan(step, 'amount_fen')} − {_yuan(step, 'other_level_fen')}"


_FORMULAS: dict[str, Callable[[TraceNode], str]] = {
    "VERIFIED_BASE": _sum,
    "PERIOD_BASE": _registered,
    "RATE": _rate,
    "CONTRACT_LIFE_CAP": _cap,
    "ENTERPRISE_YEAR_CAP": _cap,
    "OTHER_LEVEL": _deduction,
}


def _yuan(step: TraceNode, name: str) -> str:
    return format_yuan(step.input(name))


def voucher_rows(trace: Trace, contract_id: str) -> tuple[VoucherRow, ...]:
    """The payments of a contract, in the order they were given."""
    steps = contract_node(trace, contract_id).children
    return tuple(_voucher_row(step) for step in steps if step.step == "VOUCHER")


def _voucher_row(step: TraceNode) -> VoucherRow:
    return VoucherRow(
        voucher_no=step.subject,
        paid_on=step.input("paid_on"),
        invoice_fen=step.input("invoice_tech_fen"),
        bank_fen=step.input("bank_tech_fen"),
        refund_fen=step.input("refund_fen"),
        fiscal_fen=step.input("fiscal_fen"),
        base_fen=step.result,
        sentences=tuple(VOUCHER_SENTENCES[code] for code in step.codes),
    )


# --- limits -------------------------------------------------------------------------------------------------


def contract_limits(trace: Trace, contract_id: str) -> tuple[Limit, ...]:
    """Everything that cut the amount of a contract, with what it took, in the order of cutting."""
    contract = contract_node(trace, contract_id)
    steps = {step.step: step for step in contract.children}
    return tuple(_limit(code, contract, steps) for code in contract.codes if code in LIMIT_SENTENCES)


def _limit(code: str, contract: TraceNode, steps: Mapping[str, TraceNode]) -> Limit:
    sentence = LIMIT_SENTENCES[code]
    if code == "BUDGET":
        award = [step.result for step in contract.children if step.step in _ROW_TITLES][-1]
        return Limit(code, award - contract.result, sentence)
    if code == "REGISTERED_AMOUNT":
        step = steps["PERIOD_BASE"]
        amount, room = step.input("verified_base_fen"), step.input("left_fen")
        return Limit(code, amount - room, sentence, dict(_figures(amount=amount, room=room)))
    if code == "OTHER_LEVEL_DEDUCTED":
        step = steps["OTHER_LEVEL"]
        figures = _figures(other=step.input("other_level_fen"))
        return Limit(code, step.input("amount_fen") - step.result, sentence, dict(figures))
    step = steps[code]
    figures = _figures(cap=step.parameters[0].value, room=step.input("room_fen"))
    return Limit(code, step.input("amount_fen") - step.result, sentence, dict(figures))


def _figures(**amounts: int) -> Iterator[tuple[str, str]]:
    return ((name, format_yuan(fen)) for name, fen in amounts.items())
