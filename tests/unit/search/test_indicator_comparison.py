"""Comparing what is demanded with what is offered."""

from __future__ import annotations

from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.indicator_names import name_likeness
from search.indicators import (
    AchievementIndicator,
    Comparator,
    DemandIndicator,
    Outcome,
    compare,
    compare_all,
)


def demand(comparator, value=None, unit="HRC", name="硬度", low=None, high=None):
    return DemandIndicator(
        name=name,
        comparator=Comparator(comparator),
        value=None if value is None else D(value),
        low=None if low is None else D(low),
        high=None if high is None else D(high),
        unit=unit,
    )


def offer(low=None, high=None, unit="HRC", name="硬度"):
    return AchievementIndicator(
        name=name, low=None if low is None else D(low), high=None if high is None else D(high), unit=unit
    )


def judged(demanded, *offers):
    result = compare(demanded, offers)
    return result.outcome.value, None if result.difference is None else str(result.difference)


@pytest.mark.parametrize(
    ("comparator", "value", "low", "high", "expected"),
    [
        ("≥", "60", "58", "58", ("short", "2")),
        ("≥", "60", "60", "60", ("met", "0")),
        ("≥", "60", "62", "62", ("met", "2")),
        (">", "60", "60", "60", ("short", "0")),
        (">", "60", "60.1", "60.1", ("met", "0.1")),
        ("≤", "5", "5", "5", ("met", "0")),
        ("≤", "5", "5.3", "5.3", ("short", "0.3")),
        ("<", "5", "5", "5", ("short", "0")),
        ("<", "5", "4.9", "4.9", ("met", "0.1")),
        ("=", "380", "380", "380", ("met", "0")),
        ("=", "380", "220", "220", ("conflict", "160")),
        # stated as a range or one-sided
        ("≥", "60", "60", "63", ("met", "0")),
        ("≥", "60", "58", "63", ("short", "2")),
        ("≥", "60", "58", None, ("short", "2")),
        ("≥", "60", "65", None, ("met", "5")),
        ("≥", "60", None, "50", ("conflict", "10")),
        ("≥", "60", None, "70", ("unknown", None)),
        ("≤", "5", None, "4", ("met", "1")),
        ("≤", "5", "6", None, ("conflict", "1")),
        ("≤", "5", "4", None, ("unknown", None)),
        ("≤", "5", "3", "8", ("short", "3")),
        ("=", "5", None, "4", ("conflict", "1")),
    ],
)
def test_comparators(comparator, value, low, high, expected):
    assert judged(demand(comparator, value), offer(low, high)) == expected


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        ("22", "28", ("met", "2")),
        ("20", "30", ("met", "0")),
        ("18", "25", ("short", "2")),
        ("28", "35", ("short", "5")),
        ("40", "50", ("short", "10")),
        ("5", "5", ("short", "15")),
        (None, "10", ("conflict", "10")),
        ("35", None, ("conflict", "5")),
        (None, "25", ("unknown", None)),
    ],
)
def test_a_demanded_range(low, high, expected):
    assert judged(demand("范围", low="20", high="30"), offer(low, high)) == expected


def test_differences_are_exact_decimals():
    result = compare(demand("≤", "0.3"), [offer("0.1", "0.1")])
    assert result.difference == D("0.2")
    assert isinstance(result.difference, D)


def test_units_are_converted_and_said_so():
    result = compare(demand("≥", "900", "℃", "工作温度"), [offer("1193.15", "1193.15", "K", "使用温度")])
    assert (result.outcome, result.difference) == (Outcome.MET, D("20"))
    assert result.converted
    assert result.offered_low == D("920")
    assert not compare(demand("≥", "60"), [offer("62", "62")]).converted


def test_another_scale_is_unknown_not_wrong():
    assert judged(demand("≥", "60"), offer("680", "680", "HV")) == ("unknown", None)


def test_nothing_offered_is_unknown():
    result = compare(demand("≥", "60"), [])
    assert result.outcome is Outcome.UNKNOWN
    assert result.fit is None
    assert result.outcome.label == "未提供"


def test_the_likest_name_wins():
    offers = [offer("50", "50", name="基体硬度"), offer("62", "62", name="硬度")]
    assert judged(demand("≥", "60"), *offers) == ("met", "2")


def test_order_of_the_demand_is_kept():
    rows = [demand("≥", "1", name="甲率"), demand("≥", "2", name="乙率")]
    assert [r.demanded.name for r in compare_all(rows, [])] == ["甲率", "乙率"]


@pytest.mark.parametrize(
    ("value", "fit"),
    [("60", 1.0), ("58", 0.9), ("50", 0.5), ("40", 0.0), ("10", 0.0)],
)
def test_fit_falls_with_the_gap(value, fit):
    assert compare(demand("≥", "60"), [offer(value, value)]).fit == pytest.approx(fit)


def test_a_target_of_zero_has_a_fit():
    assert 0 <= compare(demand("≤", "0"), [offer("0.2", "0.2")]).fit <= 1


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("硬度", "硬度", True),
        ("硬度", "洛氏硬度", True),
        ("结合强度", "附着力", True),
        ("COD去除率", "cod去除率", True),
        ("常温硬度", "硬度", True),
        ("能耗", "能耗下降", False),
        ("能耗下降", "能耗提高", False),
        ("硬度", "结合强度", False),
        ("工作温度", "温度均匀性", False),
        ("产率", "产能", False),
        ("施工温度下限", "工作温度", False),
        ("施工温度下限", "施工温度上限", False),
        ("施工温度下限", "最低施工温度下限", True),
    ],
)
def test_names(left, right, same):
    assert (name_likeness(left, right) >= 0.6) is same
    assert name_likeness(left, right) == name_likeness(right, left)


@pytest.mark.parametrize(
    "row",
    [
        lambda: demand("≥"),
        lambda: demand("范围", low="3"),
        lambda: demand("范围", low="3", high="2"),
        lambda: offer(),
        lambda: offer("3", "2"),
    ],
)
def test_rows_without_sense_are_refused_in_words(row):
    with pytest.raises(ValueError, match=r"[\u4e00-\u9fff]"):
        row()


_NUMBERS = st.decimals(-1000, 1000, places=2)


@given(_NUMBERS, _NUMBERS, st.sampled_from(["≥", "≤", ">", "<", "="]))
def test_exact_offers_are_judged_like_numbers(wanted, found, comparator):
    truth = {
        "≥": found >= wanted,
        "≤": found <= wanted,
        ">": found > wanted,
        "<": found < wanted,
        "=": found == wanted,
    }[comparator]
    result = compare(demand(comparator, str(wanted)), [AchievementIndicator.exact("硬度", found, "HRC")])
    assert (result.outcome is Outcome.MET) is truth
    assert result.difference == abs(found - wanted)
    assert 0 <= result.fit <= 1
