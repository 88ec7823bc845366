"""Units as written, converted exactly."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.units import comparable, convert, parse_unit


@pytest.mark.parametrize(
    ("value", "unit", "target", "expected"),
    [
        ("1", "万t/a", "t/a", "10000"),
        ("1", "万吨/年", "t/a", "10000"),
        ("920", "℃", "K", "1193.15"),
        ("1193.15", "K", "℃", "920"),
        ("1.2", "m3/h", "L/h", "1200"),
        ("1", "立方米/小时", "m³/h", "1"),
        ("50", "mg/L", "g/L", "0.05"),
        ("5", "MPa", "kPa", "5000"),
        ("5", "mpa", "MPa", "5"),
        ("1", "N/mm2", "MPa", "1"),
        ("15", "%", "‰", "150"),
        ("15", "％", "%", "15"),
        ("2000", "小时", "h", "2000"),
        ("3000", "r/min", "转/分", "3000"),
        ("1", "亿元", "万元", "10000"),
        ("350", "mAh/g", "Ah/kg", "350"),
        ("1.5", "W/(m·K)", "W/(cm·K)", "0.015"),
        ("5", "μm", "微米", "5"),
        ("0.1", "mm", "μm", "100"),
        ("60", "HRC", "HRC", "60"),
        ("1000", "目", "目", "1000"),
        ("3", "个", "个", "3"),
        ("1", "mPa·s", "Pa·s", "0.001"),
    ],
)
def test_conversion(value, unit, target, expected):
    assert convert(Decimal(value), unit, target) == Decimal(expected)


@pytest.mark.parametrize(
    "text", ["9**9**9", "m**99999999", "m" * 500, "(" * 30, "__import__('os')", "m 2 2 2", "1/0"]
)
def test_nothing_is_computed_from_a_unit(text):
    assert parse_unit(text).expression is None


@pytest.mark.parametrize(
    ("unit", "target"),
    [
        ("HRC", "HV"),
        ("目", "μm"),
        ("MPa", "℃"),
        ("个", "台"),
        ("", "%"),
        ("frobs", "m"),
        ("元", "t"),
        (")(", "m"),
    ],
)
def test_no_rule_no_number(unit, target):
    assert convert(Decimal(1), unit, target) is None
    assert not comparable(unit, target)


def test_unknown_units_keep_their_spelling():
    assert parse_unit("片/箱").expression is None
    assert convert(Decimal(7), "片/箱", "片/箱") == 7


def test_results_are_plain_decimals():
    assert str(convert(Decimal("1"), "万t/a", "t/a")) == "10000"
    assert str(convert(Decimal("0"), "℃", "℃")) == "0"


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=20))
def test_any_spelling_is_understood_or_opaque(text):
    unit = parse_unit(text)
    assert convert(Decimal(2), text, text) == 2
    assert unit.factor >= 1


@settings(max_examples=50, deadline=None)
@given(st.decimals(-1000, 1000, places=3))
def test_there_and_back(value):
    assert convert(convert(value, "℃", "K"), "K", "℃") == value
