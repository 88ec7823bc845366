"""“算一算可享补贴”: a handful of answers in, an amount with its arithmetic and every unmet condition out.

An answer of None means 未询问. It is a state of its own: the condition is neither met nor failed, the
estimate is marked provisional, and the page says which question is open. It never turns into 0 or “no”.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from marketplace.money import format_yuan
from marketplace.policy import explain
from marketplace.policy.engine import Calculation, calculate_subsidy
from marketplace.policy.explain import Clause, Limit, TraceRow, VoucherRow
from marketplace.policy.messages import N_
from marketplace.policy.outcome import NoAnswer
from marketplace.policy.programmes.subsidy_terms import (
    Arm,
    Ban,
    Contract,
    ContractClass,
    Enterprise,
    PartyKind,
    PriorAward,
    Relation,
    SubsidyFacts,
    Voucher,
)
from marketplace.policy.ruleset import RuleSet
from marketplace.policy.windows import window_of

DISCLAIMER = N_("测算不是承诺，以审核和公示结果为准。")

MET, NOT_MET, NOT_ASKED = "MET", "NOT_MET", "NOT_ASKED"
NOT_ASKED_SENTENCE = N_("未询问")
MET_SENTENCE = N_("符合")


class CalculatorError(ValueError):
    """Answers that contradict each other; `field` names the answer, the text says what would be right."""

    def __init__(self, field_name: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field_name


@dataclass(frozen=True, slots=True, kw_only=True)
class CalculatorAnswers:
    """What a visitor answered about one contract. Amounts are fen; None means 未询问.

    `paid` is the technical part paid in the window (the whole payment if not `separated`); `earlier_base` and
    `earlier_award` are what earlier programmes used and granted for this contract; `awarded_this_year` is
    what the enterprise was granted in this programme year for other contracts, either arm.
    """

    arm: Arm
    programme_year: int
    contract_class: ContractClass | None = None
    contract_subtype: str | None = None
    party_kind: PartyKind | None = None
    registered_in_region: bool | None = None
    taxed_in_region: bool | None = None
    banned: bool | None = None
    contract_registered: bool | None = None
    registered_elsewhere: bool | None = None
    certificate_verified: bool | None = None
    total_amount: int | None = None
    technical_amount: int | None = None
    amount_open: bool | None = None
    related: bool | None = None
    paid: int | None = None
    separated: bool | None = None
    in_equity: bool | None = None
    refund: int | None = None
    fiscal: int | None = None
    other_level_amount: int | None = None
    earlier_base: int | None = None
    earlier_award: int | None = None
    awarded_this_year: int | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition: what is asked for, what was found, where it stands, and MET / NOT_MET / NOT_ASKED."""

    code: str
    state: str
    requirement: str
    found: str
    clause: Clause | None
    found_values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Estimate:
    """The answer of the calculator. `award_fen` None: nothing was calculated, and `status` says why."""

    status: str
    first_day: date | None
    last_day: date | None
    award_fen: int | None
    conditions: tuple[Condition, ...]
    rows: tuple[TraceRow, ...] = ()
    vouchers: tuple[VoucherRow, ...] = ()
    limits: tuple[Limit, ...] = ()
    assumed: tuple[Clause, ...] = ()
    calculation: Calculation | None = None

    @property
    def why_not(self) -> tuple[Condition, ...]:
        """The conditions that are not met."""
        return tuple(each for each in self.conditions if each.state == NOT_MET)

    @property
    def not_asked(self) -> tuple[Condition, ...]:
        """The conditions that nobody has asked about yet."""
        return tuple(each for each in self.conditions if each.state == NOT_ASKED)

    @property
    def provisional(self) -> bool:
        """Whether an open question could still change the amount."""
        return bool(self.not_asked)


def estimate(answers: CalculatorAnswers, rules: RuleSet) -> Estimate:
    """Estimate the subsidy of one contract under the rules of its programme year.

    Raises CalculatorError when the answers contradict each other.
    """
    _refuse_contradictions(answers)
    if answers.paid is None and answers.arm != "SERVICE" and "window" in rules:
        return _without_payment(answers, rules)
    calculation = calculate_subsidy(_facts(answers, rules), rules)
    if isinstance(calculation.result, NoAnswer):
        return Estimate(calculation.result.status, None, None, None, (), calculation=calculation)
    contract = calculation.result.contracts[0]
    failed = {*contract.reasons, *(code for voucher in contract.vouchers for code in voucher.reasons)}
    return Estimate(
        status=calculation.result.status,
        first_day=calculation.result.first_day,
        last_day=calculation.result.last_day,
        award_fen=contract.award,
        conditions=tuple(_condition(row, answers, failed, rules) for row in _CONDITIONS),
        rows=explain.contract_rows(calculation.trace, _CONTRACT_ID),
        vouchers=explain.voucher_rows(calculation.trace, _CONTRACT_ID),
        limits=explain.contract_limits(calculation.trace, _CONTRACT_ID),
        assumed=tuple(explain.clause_of_rule(rules[key]) for key in calculation.result.assumed),
        calculation=calculation,
    )


def _without_payment(answers: CalculatorAnswers, rules: RuleSet) -> Estimate:
    """Without a payment there is no amount, but the other conditions can be told already."""
    probe = _facts(answers, rules)
    calculation = calculate_subsidy(probe, rules, traced=False)
    if isinstance(calculation.result, NoAnswer):
        return Estimate(calculation.result.status, None, None, None, ())
    failed = set(calculation.result.contracts[0].reasons) - {"NO_VALID_PAYMENT"}
    conditions = tuple(_condition(row, answers, failed, rules) for row in _CONDITIONS)
    return Estimate(NOT_ASKED, calculation.result.first_day, calculation.result.last_day, None, conditions)


def _refuse_contradictions(answers: CalculatorAnswers) -> None:
    technical, total = answers.technical_amount, answers.total_amount
    if technical is not None and technical <= 0:
        raise CalculatorError("technical_amount", N_("技术交易额应大于 0。"))
    if total is not None and total <= 0:
        raise CalculatorError("total_amount", N_("合同成交额应大于 0。"))
    if None not in (technical, total) and technical > total:
        raise CalculatorError("technical_amount", N_("技术交易额应不超过合同成交额。"))
    amounts = ("paid", "refund", "fiscal", "other_level_amount")
    for name in (*amounts, "earlier_base", "earlier_award", "awarded_this_year"):
        if (getattr(answers, name) or 0) < 0:
            raise CalculatorError(name, N_("金额不能为负数。"))


# --- answers to facts ---------------------------------------------------------------------------------------

_CONTRACT_ID = "本合同"
_ENTERPRISE_ID = "本企业"


def _facts(answers: CalculatorAnswers, rules: RuleSet) -> SubsidyFacts:
    """Facts of one enterprise and one contract; what was not asked is taken as favourable (and reported)."""
    window = rules.get("window")
    year = answers.programme_year
    paid_on = window_of(year, window)[1] if window else date(year, 1, 1)
    return SubsidyFacts(
        programme_year=year,
        arm=answers.arm,
        applied_on=date(year, 12, 31),
        enterprises=(_enterprise(answers),),
        contracts=(_contract(answers, paid_on),),
        prior_awards=tuple(_prior_awards(answers)) if answers.arm != "SERVICE" else (),
    )


def _enterprise(answers: CalculatorAnswers) -> Enterprise:
    return Enterprise(
        enterprise_id=_ENTERPRISE_ID,
        party_kind=answers.party_kind or "ENTERPRISE",
        registered_in_region=answers.registered_in_region is not False,
        taxed_in_region=answers.taxed_in_region is not False,
        bans=(Ban(decision_date=date(answers.programme_year, 12, 31)),) if answers.banned else (),
    )


def _contract(answers: CalculatorAnswers, paid_on: date) -> Contract:
    contract_class = answers.contract_class or "TRANSFER"
    is_development = contract_class == "DEVELOPMENT"
    technical, total = _amounts(answers)
    return Contract(
        contract_id=_CONTRACT_ID,
        enterprise_id=_ENTERPRISE_ID,
        contract_class=contract_class,
        contract_subtype=(answers.contract_subtype or "COMMISSIONED") if is_development else None,
        registration_status="NOT_REGISTERED" if answers.contract_registered is False else "REGISTERED",
        registration_no=_CONTRACT_ID,
        registered_on=paid_on,
        contract_source="EXTERNAL" if answers.registered_elsewhere else "PLATFORM",
        certificate_verified=answers.certificate_verified is not False,
        technical_amount=technical,
        total_amount=total,
        amount_open=bool(answers.amount_open),
        relation=Relation(declared=bool(answers.related)),
        other_level_amount=answers.other_level_amount or 0,
        vouchers=(_voucher(answers, paid_on),) if answers.paid is not None else (),
    )


def _amounts(answers: CalculatorAnswers) -> tuple[int, int]:
    """Technical amount and total; what was not asked is taken so that it limits nothing."""
    unlimited = max(1, (answers.paid or 0) + (answers.earlier_base or 0))
    technical = answers.technical_amount or answers.total_amount or unlimited
    return technical, answers.total_amount or technical


def _voucher(answers: CalculatorAnswers, paid_on: date) -> Voucher:
    return Voucher(
        voucher_no="1",
        paid_on=paid_on,
        invoice_tech=answers.paid,
        bank_tech=answers.paid,
        separated=answers.separated is not False,
        refund=answers.refund or 0,
        fiscal=answers.fiscal or 0,
        form="EQUITY" if answers.in_equity else "CASH",
    )


def _prior_awards(answers: CalculatorAnswers) -> list[PriorAward]:
    earlier = (_CONTRACT_ID, answers.programme_year - 1, answers.earlier_base, answers.earlier_award)
    elsewhere = ("其他合同", answers.programme_year, 0, answers.awarded_this_year)
    return [
        PriorAward(
            contract_id=contract_id,
            enterprise_id=_ENTERPRISE_ID,
            arm=answers.arm,
            programme_year=year,
            base=base or 0,
            award=award or 0,
        )
        for contract_id, year, base, award in (earlier, elsewhere)
        if base or award
    ]


# --- conditions ---------------------------------------------------------------------------------------------

Found = tuple[str, dict[str, str]]


@dataclass(frozen=True, slots=True)
class _ConditionRow:
    """A condition of the calculator: the answers it needs, the parameter whose clause it stands in."""

    code: str
    asks: tuple[str, ...]
    parameter: str | None
    found: Callable[[CalculatorAnswers], Found]


def _says(sentence: str) -> Callable[[CalculatorAnswers], Found]:
    return lambda _answers: (sentence, {})


def _locality(answers: CalculatorAnswers) -> Found:
    if answers.registered_in_region is False and answers.taxed_in_region is False:
        return N_("注册地和纳税地都不在自治区内。"), {}
    if answers.registered_in_region is False:
        return N_("注册地不在自治区内。"), {}
    return N_("纳税地不在自治区内。"), {}


def _amount(sentence: str, name: str) -> Callable[[CalculatorAnswers], Found]:
    return lambda answers: (sentence, {"amount": format_yuan(getattr(answers, name) or 0)})


_CONDITIONS = (
    _ConditionRow("BANNED", ("banned",), "ban_years", _says(N_("企业在禁止申报的期限内。"))),
    _ConditionRow("PARTY_KIND", ("party_kind",), "eligible_party_kinds", _says(N_("所选单位类型不在其列。"))),
    _ConditionRow("LOCALITY", ("registered_in_region", "taxed_in_region"), "locality_test", _locality),
    _ConditionRow(
        "NOT_REGISTERED", ("contract_registered",), "contract_classes", _says(N_("合同尚未登记。"))
    ),
    _ConditionRow(
        "CERTIFICATE_UNVERIFIED",
        ("registered_elsewhere",),
        "contract_classes",
        _says(N_("区外登记的证明尚未核验。")),
    ),
    _ConditionRow(
        "CONTRACT_CLASS",
        ("contract_class",),
        "contract_classes",
        _says(N_("所选合同类别不能由该补助对象申报。")),
    ),
    _ConditionRow("AMOUNT_OPEN", ("amount_open",), None, _says(N_("合同金额尚未确定。"))),
    _ConditionRow("RELATED_PARTY", ("related",), "related_party", _says(N_("买卖双方是关联方。"))),
    _ConditionRow(
        "OTHER_LEVEL_SUBSIDY",
        ("other_level_amount",),
        "duplicate_level",
        _amount(N_("已获其他层级补助 %(amount)s 元。"), "other_level_amount"),
    ),
    _ConditionRow(
        "REGISTERED_AMOUNT_USED_UP",
        ("technical_amount", "earlier_base"),
        "rate_bp",
        _amount(N_("以前年度已按 %(amount)s 元计算过。"), "earlier_base"),
    ),
    _ConditionRow(
        "EQUITY_NOT_CASHED", ("in_equity",), "equity_payment", _says(N_("以作价入股支付，尚未变现。"))
    ),
    _ConditionRow("TECH_PART_UNCLEAR", ("separated",), None, _says(N_("发票没有分列技术部分。"))),
    _ConditionRow(
        "NET_NOT_POSITIVE",
        ("refund", "fiscal"),
        "fiscal_money",
        _amount(N_("付款 %(amount)s 元，扣除退款和财政资金后没有余额。"), "paid"),
    ),
    _ConditionRow("NO_VALID_PAYMENT", ("paid",), "window", _says(N_("窗口期内没有可以计入的付款。"))),
    _ConditionRow("BELOW_MIN_BASE", (), "min_base_fen", _amount(N_("本期付款 %(amount)s 元。"), "paid")),
    _ConditionRow(
        "BELOW_ROUNDING_UNIT", (), "rounding_unit_fen", _amount(N_("本期付款 %(amount)s 元。"), "paid")
    ),
    _ConditionRow(
        "CAPS", ("earlier_award", "awarded_this_year"), "enterprise_year_cap_fen", _says(MET_SENTENCE)
    ),
)

_REQUIREMENTS = explain.REQUIREMENTS | {
    "EQUITY_NOT_CASHED": N_("作价入股须在变现后才能计入。"),
    "TECH_PART_UNCLEAR": N_("发票和回单须分列技术部分，合同全部为技术交易额的除外。"),
    "NET_NOT_POSITIVE": N_("付款扣除退款和财政资金后须有余额。"),
    "CAPS": N_("单个合同累计和企业年度不超过上限。"),
}


def _condition(row: _ConditionRow, answers: CalculatorAnswers, failed: set[str], rules: RuleSet) -> Condition:
    clause = explain.clause_of_rule(rules[row.parameter]) if row.parameter else None
    requirement = _REQUIREMENTS[row.code]
    if row.code in failed:
        sentence, values = row.found(answers)
        return Condition(row.code, NOT_MET, requirement, sentence, clause, values)
    if any(getattr(answers, name) is None for name in _still_asked(row, answers)):
        return Condition(row.code, NOT_ASKED, requirement, NOT_ASKED_SENTENCE, clause)
    return Condition(row.code, MET, requirement, MET_SENTENCE, clause)


def _still_asked(row: _ConditionRow, answers: CalculatorAnswers) -> tuple[str, ...]:
    """The answers a condition needs; some questions arise only from another answer."""
    if row.code == "CERTIFICATE_UNVERIFIED" and answers.registered_elsewhere:
        return ("certificate_verified",)
    if row.code == "CONTRACT_CLASS" and answers.contract_class == "DEVELOPMENT":
        return ("contract_subtype",)
    return row.asks
