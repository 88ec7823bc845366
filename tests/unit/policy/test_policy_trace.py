"""Traces: complete, stable, sensitive, stored and read back, and readable by people."""

import json
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.policy import explain
from marketplace.policy.engine import calculate_subsidy
from marketplace.policy.errors import CaseError
from marketplace.policy.kinds import KINDS
from marketplace.policy.loader import load_rule_book
from marketplace.policy.outcome import NoAnswer
from marketplace.policy.programmes.subsidy_terms import (
    Contract,
    Enterprise,
    PriorAward,
    SubsidyFacts,
    Voucher,
)
from marketplace.policy.trace import Trace

BOOK = load_rule_book()
RULES = BOOK.for_programme(2026)


def facts(paid: int = 250_000_000, **changes) -> SubsidyFacts:
    """One contract of 8,000,000.00 with one payment; the enterprise was granted 1,830,000.00 already."""
    contract = Contract(
        contract_id="C1",
        enterprise_id="甲",
        contract_class="TRANSFER",
        registration_no="2025150201000417",
        registered_on=date(2025, 2, 1),
        total_amount=800_000_000,
        technical_amount=800_000_000,
        vouchers=(
            Voucher(voucher_no="B-1", paid_on=date(2025, 3, 1), invoice_tech=paid, bank_tech=paid),
            Voucher(voucher_no="B-2", paid_on=date(2026, 3, 1), invoice_tech=paid, bank_tech=paid),
        ),
    )
    earlier = PriorAward(
        contract_id="C9",
        enterprise_id="甲",
        arm="SELLER",
        programme_year=2026,
        base=1,
        award=183_000_000,
    )
    whole = SubsidyFacts(
        programme_year=2026,
        arm="BUYER",
        enterprises=(
            Enterprise(
                enterprise_id="甲", party_kind="ENTERPRISE", registered_in_region=True, taxed_in_region=True
            ),
        ),
        contracts=(contract,),
        prior_awards=(earlier,),
    )
    return replace(whole, **changes)


def trace_of(given_facts: SubsidyFacts, rules=RULES) -> Trace:
    return calculate_subsidy(given_facts, rules).trace


def test_the_trace_holds_every_figure_on_the_way():
    steps = {step.step: step for step in trace_of(facts()).root.walk()}
    assert steps["SUBSIDY"].result == 17_000_000
    assert steps["WINDOW"].inputs == (("first_day", "2024-11-01"), ("last_day", "2025-10-31"))
    assert steps["VERIFIED_BASE"].result == 250_000_000
    assert steps["PERIOD_BASE"].input("left_fen") == 800_000_000
    assert steps["RATE"].result == 25_000_000
    assert steps["RATE"].rounding == "DOWN"
    assert steps["CONTRACT_LIFE_CAP"].codes == ()
    assert steps["ENTERPRISE_YEAR_CAP"].input("room_fen") == 17_000_000
    assert steps["ENTERPRISE_YEAR_CAP"].codes == ("ENTERPRISE_YEAR_CAP",)
    assert steps["CONTRACT"].result == 17_000_000
    with pytest.raises(KeyError):
        steps["RATE"].input("budget_fen")


def test_every_parameter_of_the_subsidy_is_read_in_some_step():
    """What a step reads must be in the trace, with its dates and its reference."""
    uses = {use.key: use for step in trace_of(facts()).root.walk() for use in step.parameters}
    assert set(uses) == KINDS["subsidy"].parameters(None)
    assert uses["rate_bp"].value == 1000
    assert uses["rate_bp"].effective_from == "2021-01-01"
    assert uses["rate_bp"].reference["clause"] == "三（三）"


def test_an_override_has_no_reference():
    uses = [
        use
        for step in trace_of(facts(), BOOK.for_programme(2026, {"rate_bp": 800})).root.walk()
        for use in step.parameters
        if use.key == "rate_bp"
    ]
    assert [(use.value, use.status, use.reference) for use in uses] == [(800, "override", None)]


def test_a_failed_contract_shows_its_bases_and_reasons_but_no_amount():
    outside = replace(facts().enterprises[0], taxed_in_region=False)
    steps = [step.step for step in trace_of(facts(enterprises=(outside,))).root.walk()]
    assert "ELIGIBILITY" in steps
    assert "RATE" not in steps


@pytest.mark.parametrize(
    ("changes", "rules", "codes"),
    [
        ({"arm": "SERVICE"}, RULES, ("NO_RULE_IN_FORCE",)),
        ({"programme_year": 2021}, RULES, ("NO_RULE_IN_FORCE",)),
        ({}, BOOK.for_programme(2015), ("NO_RULE_IN_FORCE",)),
        ({}, BOOK.for_programme(2026, {"rate_bp": None}), ("PARAMETER_UNVERIFIED", "rate_bp")),
    ],
)
def test_no_answer_is_traced_too(changes, rules, codes):
    calculation = calculate_subsidy(facts(**changes), rules)
    assert isinstance(calculation.result, NoAnswer)
    assert calculation.trace.root.codes == codes
    assert not calculation.trace.root.children


def test_a_trace_is_stored_and_read_back_unchanged():
    trace = trace_of(facts(budget=10_000_000))
    stored = json.dumps(trace.to_json(), ensure_ascii=False)
    again = Trace.from_json(json.loads(stored))
    assert again == trace
    assert again.hash == trace.hash
    assert again.to_json() == trace.to_json()


def test_the_trace_can_be_left_out():
    with_trace, without = calculate_subsidy(facts(), RULES), calculate_subsidy(facts(), RULES, traced=False)
    assert without.trace is None
    assert without.result == with_trace.result
    assert without.rule_set_hash == with_trace.rule_set_hash == with_trace.trace.rule_set_hash


def test_contradicting_facts_of_a_caller_are_refused():
    doubled = facts().contracts * 2
    with pytest.raises(CaseError, match="DUPLICATE_ID"):
        calculate_subsidy(facts(contracts=doubled), RULES)


def _with_voucher(**changes) -> SubsidyFacts:
    contract = facts().contracts[0]
    voucher = replace(contract.vouchers[0], **changes)
    return facts(contracts=(replace(contract, vouchers=(voucher, *contract.vouchers[1:])),))


@pytest.mark.parametrize(
    "other",
    [
        facts(paid=250_000_001),
        facts(budget=10**9),
        facts(arm="SELLER"),
        facts(prior_awards=()),
        facts(applied_on=date(2025, 12, 1)),
        _with_voucher(voucher_no="B-3"),
        _with_voucher(paid_on=date(2025, 3, 2)),
        _with_voucher(status="PENDING"),
    ],
)
def test_the_hash_follows_every_fact(other):
    assert trace_of(other).hash != trace_of(facts()).hash


@pytest.mark.parametrize(
    "overrides", [{"rate_bp": 999}, {"ban_years": 4}, {"enterprise_year_cap_fen": "OFF"}]
)
def test_the_hash_follows_every_rule(overrides):
    assert trace_of(facts(), BOOK.for_programme(2026, overrides)).hash != trace_of(facts()).hash


def test_the_hash_does_not_follow_words():
    """Mending the title of a reference in a stored trace changes no hash."""
    trace = trace_of(facts())
    raw = trace.to_json()
    raw["root"]["parameters"][0]["reference"]["title"] = "改过的标题"
    changed = Trace.from_json(raw)
    assert changed != trace
    assert changed.hash == trace.hash
    raw["root"]["result"] += 1
    assert Trace.from_json(raw).hash != trace.hash


@given(st.integers(min_value=0, max_value=10**12))
def test_the_hash_is_stable(paid):
    assert trace_of(facts(paid=paid)).hash == trace_of(facts(paid=paid)).hash


# --- rows for people ----------------------------------------------------------------------------------------


def test_rows_print_the_arithmetic():
    rows = explain.contract_rows(trace_of(facts()), "C1")
    assert [(row.title, row.formula, row.result_fen, row.limited) for row in rows] == [
        ("有效支付", "2,500,000.00", 250_000_000, False),
        ("不超过已登记技术交易额余额", "min(2,500,000.00，8,000,000.00 − 0.00)", 250_000_000, False),
        ("补助比例", "2,500,000.00 × 10.00 %", 25_000_000, False),
        ("单个合同累计上限", "min(250,000.00，2,000,000.00 − 0.00)", 25_000_000, False),
        ("企业年度上限", "min(250,000.00，2,000,000.00 − 1,830,000.00)", 17_000_000, True),
    ]
    assert rows[2].clauses[0].clause == "三（三）"
    assert rows[4].clauses[0].certainty == "参数待核实"


def test_voucher_rows_say_why_a_payment_does_not_count():
    rows = explain.voucher_rows(trace_of(facts()), "C1")
    assert [(row.voucher_no, row.base_fen) for row in rows] == [("B-1", 250_000_000), ("B-2", 0)]
    assert rows[0].sentences == ()
    assert rows[1].sentences == ("银行回单日期不在本年度窗口期内。",)


def _limits(given_facts: SubsidyFacts, **overrides):
    trace = trace_of(given_facts, BOOK.for_programme(2026, overrides))
    return {
        limit.code: (limit.lost_fen, limit.sentence % limit.values)
        for limit in explain.contract_limits(trace, "C1")
    }


def test_limits_say_what_they_took():
    assert _limits(facts()) == {
        "ENTERPRISE_YEAR_CAP": (8_000_000, "企业年度上限 2,000,000.00 元，尚余 170,000.00 元。")
    }
    assert _limits(facts(paid=900_000_000))["REGISTERED_AMOUNT"] == (
        100_000_000,
        "本期有效付款 9,000,000.00 元，登记的技术交易额只余 8,000,000.00 元，按余额计算。",
    )
    assert _limits(facts(), contract_life_cap_fen=10_000_000)["CONTRACT_LIFE_CAP"][0] == 15_000_000
    assert _limits(facts(budget=1))["BUDGET"][0] == 16_999_999


def test_money_of_another_level_is_a_row_and_a_limit():
    contract = replace(facts().contracts[0], other_level_amount=1_000_000)
    trace = trace_of(facts(contracts=(contract,)), BOOK.for_programme(2026, {"duplicate_level": "DEDUCT"}))
    row = explain.contract_rows(trace, "C1")[-1]
    assert (row.formula, row.result_fen) == ("170,000.00 − 10,000.00", 16_000_000)
    assert explain.contract_limits(trace, "C1")[-1].values == {"other": "10,000.00"}


def test_caps_that_are_off_or_used_up_are_shown_as_such():
    off = BOOK.for_programme(2026, {"enterprise_year_cap_fen": "OFF"})
    assert explain.contract_rows(trace_of(facts(), off), "C1")[-1].formula == "250,000.00"
    low = BOOK.for_programme(2026, {"enterprise_year_cap_fen": 5})
    assert explain.contract_rows(trace_of(facts(), low), "C1")[-1].formula == "min(250,000.00，0.00)"


def test_an_open_amount_has_no_remainder_to_show():
    contract = replace(facts().contracts[0], amount_open=True, total_amount=None, technical_amount=None)
    rows = explain.contract_rows(trace_of(facts(contracts=(contract,))), "C1")
    assert [(row.title, row.formula) for row in rows][-1] == ("不超过已登记技术交易额余额", "—")


def test_a_trace_knows_only_its_own_contracts():
    with pytest.raises(KeyError, match="C2"):
        explain.contract_rows(trace_of(facts()), "C2")


def test_every_code_has_a_sentence():
    """The sentences are complete: each code that a result can carry can be said to people."""
    assert len(explain.REQUIREMENTS) == 15
    assert len(explain.VOUCHER_SENTENCES) == 6
    assert len(explain.LIMIT_SENTENCES) == 5
    everything = [*explain.REQUIREMENTS.values(), *explain.VOUCHER_SENTENCES.values()]
    assert len(set(everything)) == len(everything)
