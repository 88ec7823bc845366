"""Values with units as orderable numbers, and reading them out of a search text."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.indicators import AchievementIndicator, Comparator, DemandIndicator
from search.measures import (
    indicator_key,
    pack,
    packed,
    range_of,
    read_key,
    read_measures,
    same_indicator,
    stated,
)

#: Texts that state no value with a unit.
PLAIN = (
    "PM2.5",
    "C++",
    "60HRC",
    "风机 10kW",
    "储氢 -20℃",
    "2025年 电池",
    "-40℃ 电池",
    "3.5倍",
    "",
    "  甲  乙",
)
values = st.decimals(min_value=-(10**9), max_value=10**9, places=3)


@settings(deadline=None)
@given(values, values)
def test_the_order_of_values_is_kept(left, right):
    for unit in ("HRC", "℃", "MPa", "目", "%"):
        if left < right:
            assert pack(left, unit) <= pack(right, unit)
        assert (pack(left, unit) == pack(right, unit)) or left != right


@settings(deadline=None)
@given(values.filter(lambda value: abs(value) > 1))
def test_values_a_millionth_apart_are_told_apart(value):
    assert pack(value, "MPa") != pack(value * Decimal("1.000001"), "MPa")


@settings(deadline=None)
@given(values)
def test_every_number_fits_into_63_bits(value):
    assert 0 <= pack(value, "万元/吨") < 1 << 63


@pytest.mark.parametrize(
    ("value", "unit", "other", "same"),
    [
        ("5", "MPa", "5000", "kPa"),
        ("800", "℃", "1073.15", "K"),
        ("0.005", "mm", "5", "μm"),
        ("3", "万元/吨", "30", "元/kg"),
        ("2", "小时", "120", "分钟"),
    ],
)
def test_the_same_quantity_in_two_units_is_one_number(value, unit, other, same):
    assert pack(Decimal(value), unit) == pack(Decimal(other), same)


def test_dimensions_do_not_mix_and_bare_numbers_are_nothing():
    assert pack(Decimal(60), "HRC") >> 48 != pack(Decimal(60), "HV") >> 48
    assert pack(Decimal(60), "") is None and pack(Decimal(60), " ") is None


def test_both_ends_of_an_indicator_are_kept_once():
    rows = (
        AchievementIndicator(name="硬度", low=Decimal(58), high=Decimal(62), unit="HRC"),
        AchievementIndicator.exact("硬度", Decimal(62), "HRC"),
        AchievementIndicator.exact("得分", Decimal(62)),
        DemandIndicator(name="温度", comparator=Comparator.AT_LEAST, value=Decimal(800), unit="℃"),
    )
    by_dimension = {pack(Decimal(58), "HRC"), pack(Decimal(62), "HRC"), pack(Decimal(800), "℃")}
    by_name = {
        range_of(key, Decimal(value), Decimal(value))[0]
        for key, value in (("硬度|HRC", 58), ("硬度|HRC", 62), ("温度|℃", 800))
    }
    assert packed(rows) == tuple(sorted(by_dimension | by_name)) and len(packed(rows)) == 6
    assert all(number < 0 for number in by_name)


def indicator(name: str, value: str, unit: str) -> AchievementIndicator:
    return AchievementIndicator.exact(name, Decimal(value), unit)


def test_indicators_are_named_once_per_dimension_in_the_unit_stated_first():
    rows = (
        indicator("结合强度", "60", "MPa"),
        indicator("结合强度", "60000", "kPa"),
        indicator(" 结合 强度", "61", "MPa"),
        indicator("硬度", "60", "HRC"),
        indicator("硬度", "800", "HV"),
        indicator("得分", "9", ""),
        indicator("", "9", "分"),
        indicator("长" * 41, "9", "分"),
        indicator("甲|乙", "9", "分"),
    )
    assert stated(rows) == ("结合强度|MPa", "硬度|HRC", "硬度|HV", "甲 乙|分")


@pytest.mark.parametrize(
    ("name", "unit", "key"),
    [
        ("硬度", "HRC", "硬度|HRC"),
        (" ＰＭ2.5  去除率", "％", "PM2.5 去除率|%"),
        ("处理量", "吨 / 天", "处理量|吨/天"),
        ("硬度", "", None),
        ("硬度", "|", None),
        ("", "HRC", None),
        ("硬度", "长" * 21, None),
    ],
)
def test_a_key_holds_name_and_unit(name, unit, key):
    assert indicator_key(name, unit) == key
    if key is not None:
        assert read_key(key) == key


@pytest.mark.parametrize("key", ["", "|", "硬度", "硬度|", "|HRC", "a|b|c", "长" * 41 + "|HRC"])
def test_other_texts_are_no_key(key):
    assert read_key(key) is None


def test_a_typed_key_may_be_spelled_otherwise():
    assert read_key(" 硬度 |ＨＲＣ") == "硬度|HRC" and read_key("工作温度|℃") == "工作温度|°C"


def test_one_indicator_in_two_units_or_spellings_is_the_same():
    assert same_indicator("亩产|公斤") == same_indicator("亩产|kg") == same_indicator("亩 产|千克")
    assert same_indicator("PM2.5去除率|%") == same_indicator("pm2.5去除率|‰")
    assert same_indicator("硬度|HRC") != same_indicator("硬度|HV")
    assert same_indicator("硬度|HRC") != same_indicator("表面硬度|HRC")


@pytest.mark.parametrize(
    ("low", "high", "inside", "outside"),
    [
        ("60", None, ("60", "60.1", "1e9"), ("59.9", "-60")),
        (None, "60", ("60", "0", "-1e9"), ("60.1",)),
        ("-5", "5", ("-5", "0", "5"), ("-5.1", "5.1")),
        ("60", "60", ("60",), ("59.99", "60.01")),
    ],
)
def test_a_range_of_an_indicator_holds_its_own_values_only(low, high, inside, outside):
    least, most = range_of("强度|MPa", *(None if end is None else Decimal(end) for end in (low, high)))

    def found(name: str, value: str, unit: str = "MPa") -> bool:
        return any(least <= number <= most for number in packed([indicator(name, value, unit)]))

    assert all(found("强度", value) for value in inside)
    assert not any(found("强度", value) for value in outside)
    assert not any(found(name, value) for value in inside for name in ("结合强度", "弹性模量"))
    assert not found("强度", inside[0], "mm")
    assert found("强 度", str(Decimal(inside[0]) * 1000), "kPa")


@settings(deadline=None)
@given(values, st.text(max_size=20), st.text(max_size=10))
def test_every_named_number_is_a_whole_number_of_64_bits_below_zero(value, name, unit):
    key = indicator_key(name, unit)
    if key is not None:
        least, most = range_of(key, value, None)
        assert -(1 << 63) <= least <= most < 0


@pytest.mark.parametrize(
    ("text", "left", "found"),
    [
        ("耐高温涂层 硬度≥60HRC", "耐高温涂层 硬度", [("硬度", "≥", "60", "HRC")]),
        ("耐温 800℃ 涂层", "耐温 涂层", [("耐温", "≥", "800", "°C")]),
        ("硬度60~65HRC 耐磨", "硬度 耐磨", [("硬度", "范围", "60–65", "HRC")]),
        ("纯度99.9%以上 石墨", "纯度 石墨", [("纯度", "≥", "99.9", "%")]),
        ("粒度小于5μm 钛粉", "粒度 钛粉", [("粒度", "<", "5", "μm")]),
        ("处理量 500吨/天", "处理量", [("处理量", "=", "500", "吨/天")]),
        (
            "功率 10kW 风机 效率≥95%",
            "功率 风机 效率",
            [("功率", "=", "10", "kW"), ("效率", "≥", "95", "%")],
        ),
        (
            "合金 抗拉强度和延伸率分别≥600MPa和18%",
            "合金 抗拉强度 延伸率",
            [("抗拉强度", "≥", "600", "MPa"), ("延伸率", "≥", "18", "%")],
        ),
        ("不低于95%的转化率 催化剂", "转化率 催化剂", [("转化率", "≥", "95", "%")]),
        ("≥60HRC 涂层", "涂层", [("", "≥", "60", "HRC")]),
        ("不低于 800℃ 涂层", "涂层", [("", "≥", "800", "°C")]),
        ("≥3个 涂层", "≥3个 涂层", []),
        ("刀具 寿命九个月以上", "刀具 寿命", [("寿命", "≥", "9", "个月")]),
        *(
            (plain, plain, [])
            for plain in ("PM2.5", "C++", "60HRC", "2025年 电池", "-40℃ 电池", "3.5倍", "", "  甲  乙")
        ),
    ],
)
def test_values_with_units_are_read_and_their_names_stay(text, left, found):
    words, measures = read_measures(text)
    assert words == left
    assert [(m.name, m.comparator.value, m.value, m.unit) for m in measures] == found


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("硬度≥60HRC", (60, 62, 1000), (59.9, -60)),
        ("硬度≤60HRC", (60, -5, 0), (60.1,)),
        ("硬度60~65HRC", (60, 63, 65), (59, 66)),
        ("硬度=60HRC", (60,), (59, 61)),
    ],
)
def test_bounds_hold_what_meets_the_wish(text, inside, outside):
    _words, (asked,) = read_measures(text)
    for number in inside:
        assert asked.low <= pack(Decimal(str(number)), "HRC") <= asked.high, number
    for number in outside:
        assert not asked.low <= pack(Decimal(str(number)), "HRC") <= asked.high, number
    assert not asked.low <= pack(Decimal(inside[0]), "HV") <= asked.high


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_text_can_be_read(text):
    words, measures = read_measures(text)
    assert isinstance(words, str) and len(measures) <= 5
