"""Parameters: overrides of cases, the files of the repository, and what a strict loader refuses."""

from datetime import date, timedelta

import pytest
import yaml

from marketplace.policy import deadlines
from marketplace.policy.errors import CaseError, ParameterFileError
from marketplace.policy.kinds import KINDS
from marketplace.policy.loader import PARAMETER_FOLDER, load_rule_book, read_parameter
from marketplace.policy.ruleset import UNVERIFIED, VERIFIED

WINDOW = {
    "first": {"year_offset": -2, "month_day": "11-01"},
    "last": {"year_offset": -1, "month_day": "10-31"},
}
CLASSES = {"BUYER": ["TRANSFER"], "SELLER": ["DEVELOPMENT.COOPERATIVE"]}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("rate_bp", 0),
        ("rate_bp", 10_000),
        ("enterprise_year_cap_fen", "OFF"),
        ("enterprise_year_cap_fen", 0),
        ("contract_life_cap_fen", "OFF"),
        ("min_base_fen", 10**30),
        ("rounding_unit_fen", 1),
        ("contract_classes", CLASSES),
        ("contract_classes", {"BUYER": [], "SELLER": []}),
        ("window", WINDOW),
        ("window", WINDOW | {"last": {"year_offset": 9, "month_day": "02-29"}}),
        ("first_programme_year", 1900),
        ("locality_test", "OFF"),
        ("eligible_party_kinds", []),
        ("eligible_party_kinds", ["GOVERNMENT", "GOVERNMENT"]),
        ("related_party", "ALLOW"),
        ("related_share_bp", 0),
        ("fiscal_money", "INCLUDE"),
        ("equity_payment", "INCLUDE"),
        ("duplicate_level", "DEDUCT"),
        ("ban_years", 100),
        ("registration_decision_days", 10_000),
        ("supplement_clock", "RESTART"),
        ("instrument_user_year_cap_fen", "OFF"),
        ("license_min_months", 1),
        ("rd_fund_excluded", True),
        ("vat_exemption_last_day", "2027-12-31"),
        ("reward_minimum_bp", None),
    ],
)
def test_a_known_key_may_hold_what_the_table_says(book, key, value):
    assert book.check_overrides({key: value}) == {key: value}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("rate_bp", -1),
        ("rate_bp", 10_001),
        ("rate_bp", True),
        ("rate_bp", 1000.0),
        ("rate_bp", "1000"),
        ("rate_bp", "OFF"),
        ("enterprise_year_cap_fen", "off"),
        ("enterprise_year_cap_fen", -1),
        ("enterprise_year_cap_fen", "200000000"),
        ("min_base_fen", "OFF"),
        ("rounding_unit_fen", 0),
        ("contract_classes", {"BUYER": ["TRANSFER"]}),
        ("contract_classes", CLASSES | {"SERVICE": []}),
        ("contract_classes", CLASSES | {"BUYER": ["TRANSFER.COMMISSIONED"]}),
        ("contract_classes", CLASSES | {"BUYER": "TRANSFER"}),
        ("contract_classes", CLASSES | {"BUYER": [None]}),
        ("contract_classes", []),
        ("window", {"first": WINDOW["first"]}),
        ("window", WINDOW | {"middle": WINDOW["first"]}),
        ("window", WINDOW | {"first": {"year_offset": -2}}),
        ("window", WINDOW | {"first": {"year_offset": 10, "month_day": "11-01"}}),
        ("window", WINDOW | {"first": {"year_offset": True, "month_day": "11-01"}}),
        ("window", WINDOW | {"first": {"year_offset": -2, "month_day": "02-30"}}),
        ("window", WINDOW | {"first": {"year_offset": -2, "month_day": "2-1"}}),
        ("window", WINDOW | {"first": {"year_offset": -2, "month_day": "11-01", "x": 1}}),
        ("window", WINDOW | {"first": None}),
        ("first_programme_year", 1899),
        ("locality_test", "both"),
        ("locality_test", ["BOTH"]),
        ("eligible_party_kinds", ["COMPANY"]),
        ("eligible_party_kinds", "ENTERPRISE"),
        ("related_party", "OFF"),
        ("ban_years", 0),
        ("ban_years", 101),
        ("publicity_days", 10_001),
        ("supplement_clock", ""),
        ("license_min_months", 0),
        ("rd_fund_excluded", 1),
        ("vat_exemption_last_day", "2025-02-29"),
        ("large_technical_fen", -5),
    ],
)
def test_anything_else_is_a_bad_parameter_even_if_the_kind_does_not_use_it(evaluate, key, value):
    found = evaluate("amount_in_words", parameters={key: value}, amount="1.00")
    assert found == {"error": "BAD_PARAMETER", "field": f"parameters.{key}"}


def test_a_known_key_that_the_kind_does_not_use_has_no_effect(evaluate):
    assert evaluate("amount_in_words", parameters={"rate_bp": None}, amount="1.00")["status"] == "OK"
    assert evaluate("window", parameters={"rate_bp": None}, programme_year=2026)["status"] == "OK"


@pytest.mark.parametrize("parameters", [[], "x", 5, True, False])
def test_parameters_that_are_no_object(evaluate, parameters):
    assert evaluate("window", parameters=parameters, programme_year=2026)["error"] == "BAD_VALUE"


def test_no_verified_value_stops_the_calculation_whether_needed_or_not(subsidy):
    subsidy.parameters = {"related_share_bp": None, "ban_years": None, "vat_goods_bp": None}
    assert subsidy.result() == {
        "status": "PARAMETER_UNVERIFIED",
        "unverified": ["ban_years", "related_share_bp"],
    }


def test_precedence_of_what_has_no_amount(subsidy):
    """SERVICE arm, then an unverified parameter, then the year; an error goes before all of them."""
    subsidy.facts["programme_year"] = 2021
    assert subsidy.result() == {"status": "NO_RULE_IN_FORCE"}
    subsidy.parameters["rate_bp"] = None
    assert subsidy.result()["status"] == "PARAMETER_UNVERIFIED"
    subsidy.facts["arm"] = "SERVICE"
    assert subsidy.result() == {"status": "NO_RULE_IN_FORCE"}
    subsidy.first_contract["technical_amount"] = "2000000.00"
    assert subsidy.error() == "BAD_VALUE"


def test_the_first_programme_year_is_a_parameter(subsidy):
    subsidy.facts["programme_year"] = 2015
    subsidy.parameters["first_programme_year"] = 2015
    subsidy.first_voucher["paid_on"] = "2014-01-01"
    assert subsidy.contract_result()["award"] == "10000.00"


@pytest.mark.parametrize(
    ("facts", "key", "status"),
    [
        ({"rule": "REGISTRATION_DECISION"}, "registration_decision_days", "PARAMETER_UNVERIFIED"),
        ({"rule": "PRICE_PUBLICITY"}, "price_publicity_days", "PARAMETER_UNVERIFIED"),
        ({"rule": "SUBSIDY_PUBLICITY"}, "publicity_days", "PARAMETER_UNVERIFIED"),
        ({"rule": "PAYOUT"}, "payout_deadline", "PARAMETER_UNVERIFIED"),
        ({"rule": "PAYOUT"}, "publicity_days", "OK"),
        ({"n": 5, "unit": "WORKING_DAYS"}, "publicity_days", "OK"),
        ({"rule": "PAYOUT"}, "supplement_clock", "OK"),
        ({"rule": "PAYOUT", "pauses": []}, "supplement_clock", "OK"),
        ({"rule": "PAYOUT", "pauses": [{"start": "2026-03-03"}]}, "supplement_clock", "PARAMETER_UNVERIFIED"),
    ],
)
def test_a_deadline_uses_the_parameter_of_its_rule(evaluate, facts, key, status):
    assert evaluate("deadline", {key: None}, start="2026-03-02", **facts)["status"] == status


# --- the files of the repository ----------------------------------------------------------------------------


def test_every_key_of_the_policy_cases_has_a_file(book):
    assert len(book.parameters) == 37
    assert all(parameter.key == key for key, parameter in book.parameters.items())


@pytest.mark.parametrize("kind", ["subsidy", "window", "deadline", "contract_amounts"])
def test_files_and_formulas_name_the_same_users(book, kind):
    named = {key for key, parameter in book.parameters.items() if kind in parameter.used_by}
    if kind == "deadline":
        used = {parameter for parameter, _ in deadlines.RULES.values()} | {"supplement_clock"}
    else:
        used = KINDS[kind].parameters(None)
    assert named == used


def test_every_parameter_of_the_subsidy_is_in_force_on_every_day_it_covers(book):
    keys = KINDS["subsidy"].parameters(None)
    first = date(book.in_force(date(2026, 1, 1)).value("first_programme_year"), 1, 1)
    missing = {
        day: book.in_force(day).missing(keys)
        for day in (first + timedelta(days=n) for n in range(0, 365 * 8, 7))
        if book.in_force(day).missing(keys)
    }
    assert missing == {}


def test_every_value_has_a_reference_and_verified_ones_were_read(book):
    for parameter in book.parameters.values():
        for value in parameter.values:
            assert value.reference.title
            assert (value.status == VERIFIED) == (value.reference.verified_on is not None)
            assert value.value is not None or value.status == UNVERIFIED


def test_before_the_first_value_there_is_no_rule_and_no_guess(book):
    rules = book.for_programme(2015)
    assert "rate_bp" not in rules
    assert rules.get("rate_bp") is None
    assert "rate_bp" in rules.missing(["rate_bp", "stamp_duty_rate_bp"])
    with pytest.raises(KeyError):
        rules.value("rate_bp")


def test_overrides_of_a_batch_replace_values_and_lose_their_reference(book):
    rules = book.for_programme(2026, {"rate_bp": 800})
    assert rules.value("rate_bp") == 800
    assert rules["rate_bp"].overridden
    assert rules["rate_bp"].reference is None
    assert not rules["min_base_fen"].overridden
    with pytest.raises(CaseError, match="UNKNOWN_PARAMETER"):
        book.for_programme(2026, {"rate": 800})


def test_the_hash_of_a_rule_set_follows_values_and_not_names(book):
    keys = KINDS["subsidy"].parameters(None)
    one, same = book.for_programme(2026), book.for_programme(2026)
    lower = book.for_programme(2026, {"rate_bp": 800})
    elsewhere = book.for_programme(2026, {"vat_goods_bp": 1})
    assert one.hash(keys) == same.hash(keys) == elsewhere.hash(keys)
    assert lower.hash(keys) != one.hash(keys)
    assert "补助比例" not in one.text(keys)
    assert '"value":1000' in one.text(keys)


# --- the loader ---------------------------------------------------------------------------------------------


@pytest.fixture
def edited(tmp_path):
    """Write the file of rate_bp with one change, and read it."""
    source = (PARAMETER_FOLDER / "NMG-TT-POST" / "rate_bp.yaml").read_text(encoding="utf-8")

    def read(change, name="rate_bp.yaml"):
        raw = yaml.safe_load(source)
        change(raw)
        path = tmp_path / "NMG-TT-POST" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(yaml.safe_dump(raw, allow_unicode=True), encoding="utf-8")
        return read_parameter(path)

    return read


def _value(**changes):
    def change(raw):
        raw["values"][0].update(changes)

    return change


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda raw: raw.pop("description"), "缺少 description"),
        (lambda raw: raw.update(descripton="x"), "未知的键 descripton"),
        (lambda raw: raw.update(key="rate"), "文件名一致"),
        (lambda raw: raw.update(type="percent"), "type 应为"),
        (lambda raw: raw.update(choices=["A"]), "choices"),
        (lambda raw: raw.update(values=[]), "至少要有一条"),
        (lambda raw: raw.update(name=""), "name 应为文字"),
        (_value(value=10_001), "不是类型 bp"),
        (_value(value=False), "不是类型 bp"),
        (_value(value=None), "unverified"),
        (_value(status="unverified"), "unverified"),
        (_value(status="sure"), "status 应为"),
        (_value(effective_from="2021-01-01"), "effective_from 应为日期"),
        (_value(effective_to=date(2020, 1, 1)), "不能早于"),
        (lambda raw: raw["values"][0].pop("reference"), "缺少 reference"),
        (lambda raw: raw["values"][0]["reference"].pop("url"), "缺少 url"),
        (lambda raw: raw["values"][0]["reference"].update(verified_on=None), "verified_on"),
        (lambda raw: raw["values"].append(raw["values"][0]), "重叠"),
    ],
)
def test_a_file_that_cannot_be_trusted_stops_the_start(edited, change, says):
    with pytest.raises(ParameterFileError, match=says) as refused:
        edited(change)
    assert "rate_bp.yaml" in str(refused.value)


def test_a_key_written_twice_is_refused(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_text("key: x\nkey: y\n", encoding="utf-8")
    with pytest.raises(ParameterFileError, match="键重复：key"):
        read_parameter(path)


@pytest.mark.parametrize("content", [b"- 1", b"key: [", b"\xff\xfe\x00", b""])
def test_a_file_that_is_no_table_is_refused(tmp_path, content):
    path = tmp_path / "x.yaml"
    path.write_bytes(content)
    with pytest.raises(ParameterFileError, match=r"x\.yaml"):
        read_parameter(path)


def test_a_key_in_two_schemes_is_refused(edited, tmp_path):
    edited(lambda raw: None)
    other = tmp_path / "OTHER" / "rate_bp.yaml"
    other.parent.mkdir()
    other.write_bytes((tmp_path / "NMG-TT-POST" / "rate_bp.yaml").read_bytes())
    with pytest.raises(ParameterFileError, match="另一方案"):
        load_rule_book(tmp_path)


def _two_rates(raw):
    later = dict(raw["values"][0], effective_from=date(2028, 1, 1), value=800)
    raw["values"][0]["effective_to"] = date(2027, 12, 31)
    raw["values"].append(later)


@pytest.mark.parametrize(
    ("day", "rate"),
    [
        (date(2020, 12, 31), None),
        (date(2021, 1, 1), 1000),
        (date(2027, 12, 31), 1000),
        (date(2028, 1, 1), 800),
        (date(2090, 1, 1), 800),
    ],
)
def test_each_day_has_the_value_of_its_own_period(edited, day, rate):
    found = edited(_two_rates).on(day)
    assert (found.value if found else None) == rate


def test_the_nearest_value_stands_in_only_outside_all_periods(edited):
    parameter = edited(_two_rates)
    assert parameter.nearest(date(1990, 1, 1)).value == 1000
    assert parameter.nearest(date(2027, 12, 31)).value == 1000
    assert parameter.nearest(date(2028, 1, 1)).value == 800
