"""The public calculator: amounts, what is not met, what was not asked, and answers that contradict."""

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.policy.calculator import (
    MET,
    NOT_ASKED,
    NOT_MET,
    CalculatorAnswers,
    CalculatorError,
    estimate,
)
from marketplace.policy.loader import load_rule_book

BOOK = load_rule_book()
RULES = BOOK.for_programme(2026)

#: Everything asked, everything met: 3,000,000.00 paid of 8,000,000.00.
COMPLETE = CalculatorAnswers(
    arm="BUYER",
    programme_year=2026,
    contract_class="LICENSE",
    party_kind="ENTERPRISE",
    registered_in_region=True,
    taxed_in_region=True,
    banned=False,
    contract_registered=True,
    registered_elsewhere=False,
    total_amount=900_000_000,
    technical_amount=800_000_000,
    amount_open=False,
    related=False,
    paid=300_000_000,
    separated=True,
    in_equity=False,
    refund=0,
    fiscal=0,
    other_level_amount=0,
    earlier_base=0,
    earlier_award=0,
    awarded_this_year=0,
)


def codes(conditions):
    return [condition.code for condition in conditions]


def test_everything_asked_and_met():
    found = estimate(COMPLETE, RULES)
    assert (found.status, found.award_fen) == ("OK", 30_000_000)
    assert not found.provisional
    assert not found.why_not
    assert {condition.state for condition in found.conditions} == {MET}
    assert [row.result_fen for row in found.rows][-1] == 30_000_000
    assert found.vouchers[0].base_fen == 300_000_000
    assert found.first_day.isoformat() == "2024-11-01"
    assert [clause.parameter for clause in found.assumed] == list(found.calculation.result.assumed)


def test_nothing_asked_but_the_payment_is_a_provisional_estimate():
    found = estimate(CalculatorAnswers(arm="BUYER", programme_year=2026, paid=300_000_000), RULES)
    assert found.award_fen == 30_000_000
    assert found.provisional
    assert not found.why_not
    assert {condition.found for condition in found.not_asked} == {"未询问"}
    assert "LOCALITY" in codes(found.not_asked)
    assert "NO_VALID_PAYMENT" not in codes(found.not_asked)


def test_without_the_payment_there_is_no_amount_rather_than_nothing():
    found = estimate(replace(COMPLETE, paid=None, taxed_in_region=False), RULES)
    assert (found.status, found.award_fen) == (NOT_ASKED, None)
    assert codes(found.why_not) == ["LOCALITY"]
    assert codes(found.not_asked) == ["NO_VALID_PAYMENT"]
    assert found.first_day is not None


def test_a_payment_of_nothing_is_an_answer():
    found = estimate(replace(COMPLETE, paid=0), RULES)
    assert found.award_fen == 0
    assert "NO_VALID_PAYMENT" in codes(found.why_not)


@pytest.mark.parametrize(
    ("changes", "code", "says"),
    [
        ({"banned": True}, "BANNED", "企业在禁止申报的期限内。"),
        ({"party_kind": "INDIVIDUAL"}, "PARTY_KIND", "所选单位类型不在其列。"),
        ({"registered_in_region": False}, "LOCALITY", "注册地不在自治区内。"),
        ({"taxed_in_region": False}, "LOCALITY", "纳税地不在自治区内。"),
        (
            {"registered_in_region": False, "taxed_in_region": False},
            "LOCALITY",
            "注册地和纳税地都不在自治区内。",
        ),
        ({"contract_registered": False}, "NOT_REGISTERED", "合同尚未登记。"),
        (
            {"registered_elsewhere": True, "certificate_verified": False},
            "CERTIFICATE_UNVERIFIED",
            "区外登记的证明尚未核验。",
        ),
        (
            {"arm": "SELLER", "contract_class": "DEVELOPMENT", "contract_subtype": "COOPERATIVE"},
            "CONTRACT_CLASS",
            "所选合同类别不能由该补助对象申报。",
        ),
        ({"amount_open": True}, "AMOUNT_OPEN", "合同金额尚未确定。"),
        ({"related": True}, "RELATED_PARTY", "买卖双方是关联方。"),
        ({"other_level_amount": 5}, "OTHER_LEVEL_SUBSIDY", "已获其他层级补助 0.05 元。"),
        (
            {"earlier_base": 800_000_000},
            "REGISTERED_AMOUNT_USED_UP",
            "以前年度已按 8,000,000.00 元计算过。",
        ),
        ({"in_equity": True}, "EQUITY_NOT_CASHED", "以作价入股支付，尚未变现。"),
        ({"separated": False}, "TECH_PART_UNCLEAR", "发票没有分列技术部分。"),
        (
            {"refund": 200_000_000, "fiscal": 100_000_000},
            "NET_NOT_POSITIVE",
            "付款 3,000,000.00 元，扣除退款和财政资金后没有余额。",
        ),
        ({"paid": 9}, "BELOW_ROUNDING_UNIT", "本期付款 0.09 元。"),
    ],
)
def test_each_unmet_condition_says_what_was_found(changes, code, says):
    found = estimate(replace(COMPLETE, **changes), RULES)
    condition = next(each for each in found.why_not if each.code == code)
    assert found.award_fen == 0
    assert condition.found % condition.found_values == says
    assert condition.requirement


def test_the_minimum_of_a_batch_is_one_of_the_conditions():
    found = estimate(COMPLETE, BOOK.for_programme(2026, {"min_base_fen": 300_000_001}))
    assert codes(found.why_not) == ["BELOW_MIN_BASE"]
    assert found.why_not[0].clause.certainty == "本批次设定"


def test_an_undivided_payment_of_a_wholly_technical_contract_is_fine():
    found = estimate(replace(COMPLETE, separated=False, total_amount=800_000_000), RULES)
    assert found.award_fen == 30_000_000


def test_limits_are_shown_with_what_they_took():
    found = estimate(replace(COMPLETE, awarded_this_year=180_000_000), RULES)
    assert found.award_fen == 20_000_000
    assert [(limit.code, limit.lost_fen) for limit in found.limits] == [("ENTERPRISE_YEAR_CAP", 10_000_000)]
    found = estimate(replace(COMPLETE, earlier_award=190_000_000, earlier_base=600_000_000), RULES)
    assert [limit.code for limit in found.limits] == ["REGISTERED_AMOUNT", "CONTRACT_LIFE_CAP"]
    assert found.award_fen == 10_000_000


@pytest.mark.parametrize(
    ("field", "code"),
    [
        ("banned", "BANNED"),
        ("party_kind", "PARTY_KIND"),
        ("registered_in_region", "LOCALITY"),
        ("taxed_in_region", "LOCALITY"),
        ("contract_registered", "NOT_REGISTERED"),
        ("registered_elsewhere", "CERTIFICATE_UNVERIFIED"),
        ("contract_class", "CONTRACT_CLASS"),
        ("amount_open", "AMOUNT_OPEN"),
        ("related", "RELATED_PARTY"),
        ("other_level_amount", "OTHER_LEVEL_SUBSIDY"),
        ("technical_amount", "REGISTERED_AMOUNT_USED_UP"),
        ("earlier_base", "REGISTERED_AMOUNT_USED_UP"),
        ("in_equity", "EQUITY_NOT_CASHED"),
        ("separated", "TECH_PART_UNCLEAR"),
        ("refund", "NET_NOT_POSITIVE"),
        ("fiscal", "NET_NOT_POSITIVE"),
        ("earlier_award", "CAPS"),
        ("awarded_this_year", "CAPS"),
    ],
)
def test_each_open_question_is_a_state_of_its_own(field, code):
    found = estimate(replace(COMPLETE, **{field: None}), RULES)
    assert codes(found.not_asked) == [code]
    assert found.award_fen == 30_000_000


def test_some_questions_arise_only_from_another_answer():
    elsewhere = estimate(replace(COMPLETE, registered_elsewhere=True), RULES)
    assert codes(elsewhere.not_asked) == ["CERTIFICATE_UNVERIFIED"]
    development = replace(COMPLETE, contract_class="DEVELOPMENT")
    assert codes(estimate(development, RULES).not_asked) == ["CONTRACT_CLASS"]
    assert not estimate(replace(development, contract_subtype="COMMISSIONED"), RULES).not_asked


@pytest.mark.parametrize("paid", [None, 100])
@pytest.mark.parametrize(
    ("answers", "rules", "status"),
    [
        (replace(COMPLETE, arm="SERVICE"), RULES, "NO_RULE_IN_FORCE"),
        (replace(COMPLETE, programme_year=2021), RULES, "NO_RULE_IN_FORCE"),
        (replace(COMPLETE, programme_year=2016), BOOK.for_programme(2016), "NO_RULE_IN_FORCE"),
        (COMPLETE, BOOK.for_programme(2026, {"rate_bp": None}), "PARAMETER_UNVERIFIED"),
        (COMPLETE, BOOK.for_programme(2026, {"window": None}), "PARAMETER_UNVERIFIED"),
    ],
)
def test_where_no_rule_answers_there_is_no_amount(answers, rules, status, paid):
    found = estimate(replace(answers, paid=paid), rules)
    assert (found.status, found.award_fen, found.conditions) == (status, None, ())


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"technical_amount": 0}, "technical_amount"),
        ({"technical_amount": 900_000_001}, "technical_amount"),
        ({"total_amount": 0, "technical_amount": None}, "total_amount"),
        ({"paid": -1}, "paid"),
        ({"awarded_this_year": -1}, "awarded_this_year"),
    ],
)
def test_answers_that_contradict_are_refused_with_a_sentence(changes, field):
    with pytest.raises(CalculatorError, match="。") as refused:
        estimate(replace(COMPLETE, **changes), RULES)
    assert refused.value.field == field


OPTIONAL = [field.name for field in fields(CalculatorAnswers) if field.name not in ("arm", "programme_year")]


@given(st.sets(st.sampled_from(OPTIONAL)))
def test_leaving_questions_open_never_fails_and_never_lowers_the_estimate(left_open):
    """What nobody asked is taken as favourable, so an open question can only keep or raise the amount."""
    whole = estimate(COMPLETE, RULES)
    found = estimate(replace(COMPLETE, **dict.fromkeys(left_open)), RULES)
    assert not found.why_not
    if "paid" in left_open:
        assert found.award_fen is None
    else:
        assert found.award_fen >= whole.award_fen


@given(st.sets(st.sampled_from(["related", "banned", "amount_open", "in_equity"]), min_size=1))
def test_every_unmet_condition_is_listed(bad):
    found = estimate(replace(COMPLETE, **dict.fromkeys(bad, True)), RULES)
    assert found.award_fen == 0
    assert {condition.state for condition in found.why_not} == {NOT_MET}
    named = {"related": "RELATED_PARTY", "banned": "BANNED", "amount_open": "AMOUNT_OPEN"}
    assert {named.get(name, "EQUITY_NOT_CASHED") for name in bad} <= set(codes(found.why_not))
