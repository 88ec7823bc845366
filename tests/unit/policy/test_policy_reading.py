"""How a case is read: codes of errors, their precedence, null, integers and booleans (policy.md 1.2–1.4)."""

import json

import pytest

from marketplace.policy.errors import CaseFileError
from marketplace.policy.evaluate import evaluate_case, evaluate_file
from marketplace.policy.kinds import KINDS

NOT_YET = [
    "proration",
    "split",
    "clawback",
    "instrument",
    "ban",
    "income_tax",
    "stamp_duty",
    "vat",
    "reward",
    "resident_id",
]


def test_the_kinds_of_this_version():
    assert set(KINDS) == {
        "subsidy",
        "window",
        "deadline",
        "contract_amounts",
        "credit_code",
        "patent_no",
        "registration_no",
        "amount_in_words",
    }


@pytest.mark.parametrize(
    "case",
    [
        *({"kind": kind, "facts": {}} for kind in NOT_YET),
        {"facts": {}},
        {"kind": None, "facts": {}},
        {"kind": ["subsidy"], "facts": {}},
        {"kind": "Subsidy"},
        {"kind": "subsidy "},
        {"kind": 5, "parameters": 5},
        None,
        5,
        "subsidy",
        ["subsidy"],
    ],
)
def test_an_unknown_kind_goes_before_everything(case):
    assert evaluate_case(case)["error"] == "UNKNOWN_KIND"


@pytest.mark.parametrize(
    ("case", "error", "field"),
    [
        ({"kind": "window"}, "MISSING_FIELD", "facts"),
        ({"kind": "window", "facts": None, "parameters": 5}, "MISSING_FIELD", "facts"),
        ({"kind": "window", "facts": [], "parameters": 5}, "BAD_VALUE", "parameters"),
        ({"kind": "window", "facts": [], "parameters": {"x": 1}}, "UNKNOWN_PARAMETER", "parameters.x"),
        (
            {"kind": "window", "facts": {}, "parameters": {"rate_bp": -1, "x": None}},
            "UNKNOWN_PARAMETER",
            "parameters.x",
        ),
        (
            {"kind": "window", "facts": [], "parameters": {"rate_bp": -1}},
            "BAD_PARAMETER",
            "parameters.rate_bp",
        ),
        ({"kind": "window", "facts": [], "parameters": {}}, "BAD_VALUE", "facts"),
        ({"kind": "window", "facts": "x"}, "BAD_VALUE", "facts"),
        ({"kind": "window", "facts": {}, "parameters": None}, "MISSING_FIELD", "programme_year"),
        ({"kind": "window", "facts": {"other": 1}}, "MISSING_FIELD", "programme_year"),
        ({"kind": "window", "facts": {"programme_year": 2026, "dates": "x"}}, "BAD_VALUE", "dates"),
        ({"kind": "window", "facts": {"programme_year": 2026, "dates": [None]}}, "BAD_DATE", "dates[0]"),
        ({"kind": "window", "facts": {"programme_year": 2026, "other": None}}, "UNKNOWN_FIELD", "other"),
        (
            {"kind": "window", "facts": {"other": 1, "programme_year": 2026, "dates": ["x"]}},
            "BAD_DATE",
            "dates[0]",
        ),
    ],
)
def test_the_first_fault_is_reported_with_its_place(case, error, field):
    assert evaluate_case(case) == {"error": error, "field": field}


@pytest.mark.parametrize("year", [True, "2026", 2026.0, 1899, 9001, [2026], {}])
def test_a_year_is_an_integer_in_range(evaluate, year):
    assert evaluate("window", programme_year=year)["error"] == "BAD_VALUE"


@pytest.mark.parametrize("year", [1900, 9000])
def test_the_bounds_of_a_year_are_included(evaluate, year):
    assert evaluate("window", programme_year=year)["status"] == "OK"


@pytest.mark.parametrize(
    "day",
    [
        "2026-2-01",
        "2026-02-30",
        "2025-02-29",
        "20260201",
        "2026-02-01 ",
        "2026-02-01\n",
        "0000-01-01",
        "2026-13-01",
        "２０２６-02-01",
        "2026-W01-1",
        20260201,
        "",
        True,
        [],
    ],
)
def test_a_date_is_a_real_day_written_in_one_way(evaluate, day):
    assert evaluate("window", programme_year=2026, dates=[day])["error"] == "BAD_DATE"


@pytest.mark.parametrize(
    ("amount", "error"),
    [
        ("1", "BAD_AMOUNT"),
        ("1.0", "BAD_AMOUNT"),
        ("1.000", "BAD_AMOUNT"),
        ("01.00", "BAD_AMOUNT"),
        (".50", "BAD_AMOUNT"),
        ("1,000.00", "BAD_AMOUNT"),
        ("+1.00", "BAD_AMOUNT"),
        (" 1.00", "BAD_AMOUNT"),
        ("1.00\n", "BAD_AMOUNT"),
        ("１.00", "BAD_AMOUNT"),
        ("٣.00", "BAD_AMOUNT"),
        ("-0.00", "BAD_AMOUNT"),
        ("-01.00", "BAD_AMOUNT"),
        ("-1.0", "BAD_AMOUNT"),
        ("--1.00", "BAD_AMOUNT"),
        (1, "BAD_AMOUNT"),
        (1.5, "BAD_AMOUNT"),
        (True, "BAD_AMOUNT"),
        ([], "BAD_AMOUNT"),
        ({}, "BAD_AMOUNT"),
        ("", "BAD_AMOUNT"),
        ("-0.01", "NEGATIVE_AMOUNT"),
        ("-12.00", "NEGATIVE_AMOUNT"),
        (None, "MISSING_FIELD"),
    ],
)
def test_an_amount_is_a_string_with_two_decimals(evaluate, amount, error):
    assert evaluate("amount_in_words", amount=amount)["error"] == error


def test_amounts_of_any_length_are_exact(evaluate):
    huge = "9" * 5000 + ".99"
    found = evaluate("contract_amounts", total_amount=huge, technical_amount=huge)
    assert found["technical_amount"] == huge
    assert found["reasons"] == []


@pytest.mark.parametrize("text", ["", " ", "\u3000\t", 5, [], True])
def test_text_is_more_than_white_space(subsidy, text):
    subsidy.first_contract["contract_id"] = text
    assert subsidy.error() == "BAD_VALUE"


@pytest.mark.parametrize("flag", [1, 0, "true", [], "null"])
def test_only_true_and_false_are_boolean(subsidy, flag):
    subsidy.first_enterprise["taxed_in_region"] = flag
    assert subsidy.error() == "BAD_VALUE"


@pytest.mark.parametrize("code", ["buyer", "BUYER ", "OTHER", 1, ["BUYER"], {"a": 1}])
def test_codes_are_compared_as_typed(subsidy, code):
    subsidy.facts["arm"] = code
    assert subsidy.error() == "BAD_VALUE"


@pytest.mark.parametrize("name", ["enterprises", "contracts"])
@pytest.mark.parametrize(
    ("value", "error"), [([], "BAD_VALUE"), ({}, "BAD_VALUE"), ([None], "BAD_VALUE"), (None, "MISSING_FIELD")]
)
def test_required_arrays_have_elements(subsidy, name, value, error):
    subsidy.facts[name] = value
    assert subsidy.error() == error


def test_only_the_vouchers_may_be_an_empty_required_array(subsidy):
    subsidy.first_contract["vouchers"] = []
    assert subsidy.contract_result()["reasons"] == ["NO_VALID_PAYMENT"]
    del subsidy.first_contract["vouchers"]
    assert subsidy.result() == {"error": "MISSING_FIELD", "field": "contracts[0].vouchers"}


def test_null_is_the_same_as_absent(subsidy):
    plain = subsidy.result()
    for name in ("applied_on", "prior_awards", "used_vouchers", "budget"):
        subsidy.facts[name] = None
    for name in ("application_no", "application", "contract_subtype", "relation", "other_level_amount"):
        subsidy.first_contract[name] = None
    for name in ("separated", "refund", "fiscal", "status", "form", "cashed"):
        subsidy.first_voucher[name] = None
    subsidy.first_enterprise["bans"] = None
    assert subsidy.result() == plain


def test_the_defaults_of_a_relation_hold_for_each_of_its_fields(subsidy):
    subsidy.first_contract["relation"] = {}
    assert subsidy.contract_result()["reasons"] == []
    subsidy.first_contract["relation"] = []
    assert subsidy.result() == {"error": "BAD_VALUE", "field": "contracts[0].relation"}
    subsidy.first_contract["relation"] = {"common_control_bp": 10_001}
    assert subsidy.result()["field"] == "contracts[0].relation.common_control_bp"


def test_depth_first_and_in_table_order(subsidy):
    """A fault deep in the first contract goes before one at the top that stands later in the table."""
    subsidy.first_voucher["bank_tech"] = "1"
    subsidy.facts["budget"] = -1
    subsidy.facts["unknown"] = 1
    assert subsidy.result() == {"error": "BAD_AMOUNT", "field": "contracts[0].vouchers[0].bank_tech"}


def test_unknown_keys_come_after_the_fields_of_their_own_object(subsidy):
    subsidy.first_contract["unknown"] = 1
    subsidy.first_voucher["also_unknown"] = 1
    assert subsidy.result()["field"] == "contracts[0].vouchers[0].also_unknown"
    del subsidy.first_voucher["also_unknown"]
    subsidy.facts["budget"] = "x"
    assert subsidy.result() == {"error": "UNKNOWN_FIELD", "field": "contracts[0].unknown"}


# --- files --------------------------------------------------------------------------------------------------


def test_a_file_gives_one_line_per_case_in_its_order():
    cases = [
        {"id": "甲", "kind": "window", "facts": {"programme_year": 2026}, "why": 1, "expected": {}},
        {"kind": "nothing"},
        5,
        {"id": {"a": 1}, "kind": "credit_code", "facts": {"value": "\u2028\u0085"}},
    ]
    lines = list(evaluate_file(json.dumps(cases)))
    found = [json.loads(line) for line in lines]
    assert [each["id"] for each in found] == ["甲", None, None, {"a": 1}]
    assert found[0]["result"]["first_day"] == "2024-11-01"
    assert found[1]["result"]["error"] == "UNKNOWN_KIND"
    assert all(len(line.splitlines()) == 1 for line in lines)


@pytest.mark.parametrize(
    "text", ["", "{}", "5", "null", "[", '[{"kind": }]', "[NaN]", "[" * 100_000, '{"kind": "window"}']
)
def test_a_file_that_is_no_array_gives_nothing(text):
    with pytest.raises(CaseFileError, match="JSON"):
        evaluate_file(text)


def test_an_empty_file_of_cases_and_a_byte_order_mark_are_fine():
    assert list(evaluate_file("[]")) == []
    assert len(list(evaluate_file("\ufeff[1]"))) == 1


def test_numbers_of_any_length_break_nothing():
    digits = "9" * 6000
    text = f'[{{"id": {digits}, "kind": "amount_in_words", "facts": {{"amount": {digits}}}}}]'
    assert [json.loads(line) for line in evaluate_file(text)] == [
        {"id": None, "result": {"error": "BAD_AMOUNT", "field": "amount"}}
    ]


def test_an_id_that_is_no_json_number_is_printed_as_null():
    (line,) = evaluate_file('[{"id": 1e999, "kind": "x"}]')
    assert json.loads(line)["id"] is None


def test_a_lone_surrogate_can_be_printed():
    (line,) = evaluate_file('[{"id": "\\ud800", "kind": "credit_code", "facts": {"value": "\\ud800"}}]')
    assert json.loads(line)["result"]["reasons"] == ["LENGTH", "CHARSET"]
    assert line.isascii()
