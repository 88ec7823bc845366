"""Contract amounts, words and identifiers as kinds of policy cases (policy.md 4, 7, 8)."""

from datetime import date

import pytest

from marketplace.policy.contract_amounts import ContractAmountsFacts
from marketplace.policy.engine import check_contract_amounts
from marketplace.policy.loader import load_rule_book

ALL_BUT_OPEN = [
    "TOTAL_NOT_POSITIVE",
    "TECHNICAL_NOT_POSITIVE",
    "TECHNICAL_EXCEEDS_TOTAL",
    "TECHNICAL_MISMATCH",
    "WORDS_MISMATCH",
    "INSTALMENTS_MISMATCH",
]


def item(amount="1.00", **changes):
    return {"kind": "EQUIPMENT", "amount": amount} | changes


# --- contract amounts ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "error"),
    [
        ({}, "MISSING_FIELD"),
        ({"technical_amount": "1.00", "amount_in_words": "壹元整"}, "MISSING_FIELD"),
        ({"total_amount": "1.00", "non_technical": [{"kind": "EQUIPMENT"}]}, "MISSING_FIELD"),
        ({"total_amount": "1.00", "non_technical": [item(kind="TRAVEL")]}, "BAD_VALUE"),
        ({"total_amount": "1.00", "non_technical": [item(carrier_reason=5)]}, "BAD_VALUE"),
        ({"total_amount": "1.00", "non_technical": [item("-1.00")]}, "NEGATIVE_AMOUNT"),
        ({"total_amount": "1.00", "amount_in_words": " "}, "BAD_VALUE"),
        ({"total_amount": "1.00", "instalments": []}, "BAD_VALUE"),
        ({"total_amount": "1.00", "instalments": "1.00"}, "BAD_VALUE"),
        ({"total_amount": "1.00", "payment_mode": "CASH"}, "BAD_VALUE"),
        ({"total_amount": "10000000000000000.00", "amount_in_words": "壹元整"}, "BAD_VALUE"),
        ({"amount_open": True, "technical_amount": "x"}, "BAD_AMOUNT"),
    ],
)
def test_contract_amounts_that_cannot_be_read(evaluate, facts, error):
    assert evaluate("contract_amounts", **facts)["error"] == error


@pytest.mark.parametrize(
    ("facts", "reasons", "technical"),
    [
        ({"total_amount": "10.00"}, [], "10.00"),
        ({"total_amount": "10.00", "non_technical": [item("4.00"), item("5.99")]}, [], "0.01"),
        ({"total_amount": "10.00", "non_technical": [item("10.00")]}, ["TECHNICAL_NOT_POSITIVE"], None),
        ({"total_amount": "10.00", "non_technical": [item("10.01")]}, ["TECHNICAL_NOT_POSITIVE"], None),
        ({"total_amount": "10.00", "technical_amount": "9.99"}, ["TECHNICAL_MISMATCH"], "10.00"),
        (
            {"total_amount": "10.00", "technical_amount": "10.01"},
            ["TECHNICAL_EXCEEDS_TOTAL", "TECHNICAL_MISMATCH"],
            "10.00",
        ),
        (
            {"total_amount": "10.00", "non_technical": [item("4.00", carrier=True, carrier_reason="样品")]},
            [],
            "10.00",
        ),
        (
            {
                "total_amount": "10.00",
                "non_technical": [item("4.00", carrier=True, carrier_reason=" \u3000")],
            },
            ["CARRIER_REASON_MISSING"],
            "10.00",
        ),
        ({"total_amount": "10.00", "non_technical": [item("4.00", carrier_reason="")]}, [], "6.00"),
        ({"total_amount": "0.00"}, ["TOTAL_NOT_POSITIVE", "TECHNICAL_NOT_POSITIVE"], None),
        ({"total_amount": "10.00", "amount_open": True}, ["AMOUNT_OPEN"], "10.00"),
        ({"amount_open": True, "instalments": ["1.00"], "technical_amount": "5.00"}, ["AMOUNT_OPEN"], None),
        ({"total_amount": "10.00", "amount_in_words": "拾元整"}, ["WORDS_MISMATCH"], "10.00"),
        ({"total_amount": "10.00", "amount_in_words": "人民币壹拾圆正"}, [], "10.00"),
        ({"total_amount": "10000000000000000.00"}, [], "10000000000000000.00"),
    ],
)
def test_contract_amounts(evaluate, facts, reasons, technical):
    found = evaluate("contract_amounts", **facts)
    assert (found["reasons"], found["technical_amount"]) == (reasons, technical)
    assert found["valid"] is (reasons == [])


@pytest.mark.parametrize(
    ("mode", "tested"),
    [
        (None, True),
        ("LUMP_SUM", True),
        ("INSTALMENTS", True),
        ("OTHER", True),
        ("ROYALTY", False),
        ("ROYALTY_WITH_UPFRONT", False),
    ],
)
def test_instalments_are_added_up_unless_royalties_follow(evaluate, mode, tested):
    facts = {"total_amount": "10.00", "payment_mode": mode}
    short = evaluate("contract_amounts", instalments=["4.00", "5.99"], **facts)
    assert short["reasons"] == (["INSTALMENTS_MISMATCH"] if tested else [])
    assert evaluate("contract_amounts", instalments=["4.00", "6.00"], **facts)["valid"]


def test_every_reason_with_a_total_of_nothing(evaluate):
    found = evaluate(
        "contract_amounts",
        total_amount="0.00",
        technical_amount="1.00",
        non_technical=[item()],
        amount_in_words="壹元整",
        instalments=["1.00"],
    )
    assert found["reasons"] == ALL_BUT_OPEN


@pytest.mark.parametrize(
    ("facts", "parameters", "second_review"),
    [
        ({"total_amount": "4999999.99"}, None, False),
        ({"total_amount": "5000000.00"}, None, True),
        ({"total_amount": "5000000.00", "non_technical": [item("0.01")]}, None, False),
        ({"total_amount": "1.00", "red_flag": True}, None, True),
        ({"amount_open": True, "red_flag": True}, None, True),
        ({"amount_open": True}, {"large_technical_fen": 0}, False),
        ({"total_amount": "9.99"}, {"large_technical_fen": 1000}, False),
        ({"total_amount": "10.00"}, {"large_technical_fen": 1000}, True),
    ],
)
def test_large_or_flagged_contracts_are_read_twice(evaluate, facts, parameters, second_review):
    assert evaluate("contract_amounts", parameters, **facts)["second_review"] is second_review


def test_an_unverified_threshold_stops_the_answer(evaluate):
    found = evaluate("contract_amounts", {"large_technical_fen": None}, total_amount="1.00")
    assert found == {"status": "PARAMETER_UNVERIFIED", "unverified": ["large_technical_fen"]}


def test_services_check_amounts_in_fen():
    rules = load_rule_book().in_force(date(2026, 1, 1))
    found = check_contract_amounts(ContractAmountsFacts(total_amount=1000, technical_amount=999), rules)
    assert (found.technical_amount, found.reasons) == (1000, ("TECHNICAL_MISMATCH",))


# --- words --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "error"),
    [
        ({"amount": "10000000000000000.00"}, "BAD_VALUE"),
        ({"amount": "1.00", "words": ""}, "BAD_VALUE"),
        ({"amount": "1.00", "words": "\u3000"}, "BAD_VALUE"),
        ({"amount": "1.00", "words": 1}, "BAD_VALUE"),
        ({"words": "壹元整"}, "MISSING_FIELD"),
    ],
)
def test_words_that_cannot_be_compared(evaluate, facts, error):
    assert evaluate("amount_in_words", **facts)["error"] == error


def test_matches_is_there_only_with_words(evaluate):
    assert evaluate("amount_in_words", amount="1.00") == {"status": "OK", "words": "壹元整"}
    assert evaluate("amount_in_words", amount="1.00", words="壹圆")["matches"] is True
    assert evaluate("amount_in_words", amount="1.00", words="贰圆")["matches"] is False


# --- identifiers --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["credit_code", "patent_no", "registration_no"])
@pytest.mark.parametrize(
    ("facts", "error"),
    [
        ({}, "MISSING_FIELD"),
        ({"value": None}, "MISSING_FIELD"),
        ({"value": 5}, "BAD_VALUE"),
        ({"value": ["x"]}, "BAD_VALUE"),
        ({"value": "x", "extra": None}, "UNKNOWN_FIELD"),
    ],
)
def test_identifiers_that_are_no_text(evaluate, kind, facts, error):
    assert evaluate(kind, **facts)["error"] == error


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (
            "credit_code",
            {"normalised": "", "reasons": ["LENGTH"], "warnings": [], "suggestion": None},
        ),
        ("patent_no", {"normalised": None, "reasons": ["FORMAT"], "patent_kind": None}),
        ("registration_no", {"normalised": "", "reasons": ["FORMAT"]}),
    ],
)
def test_an_empty_identifier_is_read_and_found_wrong(evaluate, kind, expected):
    assert evaluate(kind, value="") == {"status": "OK", "valid": False} | expected


@pytest.mark.parametrize(
    ("facts", "error"),
    [
        ({"today": "2026-02-30"}, "BAD_DATE"),
        ({"today": 2026}, "BAD_DATE"),
        ({"region_codes": "1501"}, "BAD_VALUE"),
        ({"region_codes": ["15011"]}, "BAD_VALUE"),
        ({"region_codes": ["１501"]}, "BAD_VALUE"),
        ({"region_codes": ["1501\n"]}, "BAD_VALUE"),
        ({"region_codes": [1501]}, "BAD_VALUE"),
        ({"region_codes": ["1501", None]}, "BAD_VALUE"),
    ],
)
def test_what_a_registration_number_is_compared_with(evaluate, facts, error):
    assert evaluate("registration_no", value="2026150101000123", **facts)["error"] == error


@pytest.mark.parametrize(
    ("codes", "reasons"), [(None, []), (["1501"], []), (["1502"], ["REGION"]), ([], ["REGION"])]
)
def test_a_region_table_is_used_if_given_even_empty(evaluate, codes, reasons):
    found = evaluate("registration_no", value="2026150101000123", region_codes=codes)
    assert found["reasons"] == reasons
