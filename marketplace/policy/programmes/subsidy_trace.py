"""The trace of the post-transaction subsidy, written from the figures that the steps left behind."""

from collections.abc import Iterator

from marketplace.policy.outcome import NoAnswer
from marketplace.policy.programmes.post_transaction_subsidy import ContractWork, SubsidyWork, net_of
from marketplace.policy.programmes.subsidy_terms import SubsidyFacts, SubsidyResult, Voucher, VoucherResult
from marketplace.policy.ruleset import RuleSet
from marketplace.policy.trace import TraceNode, node

#: The parameters that the reasons of a contract read (step 4).
_ELIGIBILITY_PARAMETERS = (
    "ban_years",
    "contract_classes",
    "duplicate_level",
    "eligible_party_kinds",
    "locality_test",
    "min_base_fen",
    "related_party",
    "related_share_bp",
)


def trace_answer(
    facts: SubsidyFacts, rules: RuleSet, work: SubsidyWork | None, result: SubsidyResult | NoAnswer
) -> TraceNode:
    """The root node. Without figures (`work` None) it says only why there is no answer."""
    inputs = {"programme_year": facts.programme_year, "arm": facts.arm}
    if work is None:
        codes = (result.status, *(result.unverified or ()))
        uses = [key for key in ("first_programme_year",) if key in rules]
        return node("SUBSIDY", rules=rules, uses=uses, inputs=inputs, result=result.status, codes=codes)
    contracts = [_contract(work.contracts[place], facts, rules) for place in work.order]
    return node(
        "SUBSIDY",
        rules=rules,
        uses=["first_programme_year"],
        inputs=inputs,
        operation="SUM",
        result=result.total_granted,
        codes=(result.status,),
        children=[_window(work, rules), *contracts, *_budget(facts, work, result)],
    )


def _window(work: SubsidyWork, rules: RuleSet) -> TraceNode:
    days = {"first_day": work.first_day, "last_day": work.last_day}
    return node("WINDOW", rules=rules, uses=["window"], inputs=days, operation="BOTH_ENDS_INCLUDED")


def _contract(work: ContractWork, facts: SubsidyFacts, rules: RuleSet) -> TraceNode:
    pairs = zip(work.contract.vouchers, work.vouchers, strict=True)
    children = [_voucher(voucher, result, rules) for voucher, result in pairs]
    children += [_verified_base(work), _period_base(work), _eligibility(work, rules)]
    if not work.reasons:
        children += _amount_steps(work, rules)
    return node(
        "CONTRACT",
        subject=work.contract.contract_id,
        inputs={
            "application_no": work.contract.application_no,
            "enterprise_id": work.contract.enterprise_id,
            "application": work.application,
        },
        result=work.granted,
        codes=(*work.reasons, *work.limits),
        children=children,
    )


def _voucher(voucher: Voucher, result: VoucherResult, rules: RuleSet) -> TraceNode:
    return node(
        "VOUCHER",
        subject=voucher.voucher_no,
        rules=rules,
        uses=["fiscal_money", "equity_payment"],
        inputs={
            "paid_on": voucher.paid_on,
            "invoice_tech_fen": voucher.invoice_tech,
            "bank_tech_fen": voucher.bank_tech,
            "refund_fen": voucher.refund,
            "fiscal_fen": voucher.fiscal,
            "net_fen": net_of(voucher, rules),
        },
        operation="LOWER_OF_TWO_LESS",
        result=result.base,
        codes=result.reasons,
    )


def _verified_base(work: ContractWork) -> TraceNode:
    inputs = {f"voucher_{place}_fen": voucher.base for place, voucher in enumerate(work.vouchers, start=1)}
    return node("VERIFIED_BASE", inputs=inputs, operation="SUM", result=work.verified_base)


def _period_base(work: ContractWork) -> TraceNode:
    inputs = {
        "verified_base_fen": work.verified_base,
        "technical_amount_fen": work.contract.technical_amount,
        "prior_base_fen": work.prior_base,
        "left_fen": work.left,
    }
    return node("PERIOD_BASE", inputs=inputs, operation="MINIMUM", result=work.period_base)


def _eligibility(work: ContractWork, rules: RuleSet) -> TraceNode:
    return node(
        "ELIGIBILITY",
        rules=rules,
        uses=_ELIGIBILITY_PARAMETERS,
        inputs={"contract_class": work.contract.contract_class, "party_kind": work.enterprise.party_kind},
        operation="ALL_OF",
        result=not work.reasons,
        codes=work.reasons,
    )


def _amount_steps(work: ContractWork, rules: RuleSet) -> Iterator[TraceNode]:
    yield node(
        "RATE",
        rules=rules,
        uses=["rate_bp", "rounding_unit_fen"],
        inputs={"period_base_fen": work.period_base, "rated_fen": work.rated},
        operation="MULTIPLY_BASIS_POINTS",
        rounding="DOWN",
        result=work.raw,
    )
    life = {"amount_fen": work.raw, "used_fen": work.life_used, "room_fen": work.life_room}
    yield _cap("CONTRACT_LIFE_CAP", "contract_life_cap_fen", life, work.after_life, rules)
    year = {"amount_fen": work.after_life, "used_fen": work.year_used, "room_fen": work.year_room}
    yield _cap("ENTERPRISE_YEAR_CAP", "enterprise_year_cap_fen", year, work.after_year, rules)
    if work.other_level:
        yield node(
            "OTHER_LEVEL",
            rules=rules,
            uses=["duplicate_level"],
            inputs={"amount_fen": work.after_year, "other_level_fen": work.other_level},
            operation="SUBTRACT",
            result=work.award,
            codes=("OTHER_LEVEL_DEDUCTED",) if work.award < work.after_year else (),
        )


def _cap(step: str, parameter: str, inputs: dict[str, int | None], result: int, rules: RuleSet) -> TraceNode:
    """A cap; `room_fen` None means that it is switched off."""
    codes = (step,) if result < inputs["amount_fen"] else ()
    return node(
        step,
        rules=rules,
        uses=[parameter],
        inputs=inputs,
        operation="MINIMUM",
        result=result,
        codes=codes,
    )


def _budget(facts: SubsidyFacts, work: SubsidyWork, result: SubsidyResult) -> Iterator[TraceNode]:
    if facts.budget is None:
        return
    inputs = {"budget_fen": facts.budget, "total_award_fen": result.total_award}
    inputs |= {f"granted_{each.contract.application_no}_fen": each.granted for each in work.contracts}
    yield node(
        "BUDGET",
        inputs=inputs,
        operation="LARGEST_REMAINDER",
        result=result.total_granted,
        codes=("BUDGET",) if result.total_granted < result.total_award else (),
    )
