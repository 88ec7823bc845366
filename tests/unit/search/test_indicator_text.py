"""Reading indicators out of free text."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.indicator_text import suggest_indicators
from search.indicators import Comparator
from search.spelt_numbers import in_digits


def read(text):
    return [
        (s.name, s.comparator.value, *(str(v) for v in (s.value, s.low, s.high) if v is not None), s.unit)
        for s in suggest_indicators(text)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("硬度≥60HRC", [("硬度", "≥", "60", "HRC")]),
        ("硬度≧６０ＨＲＣ", [("硬度", "≥", "60", "HRC")]),
        ("能耗下降15%以上", [("能耗下降", "≥", "15", "%")]),
        ("成本降低20%", [("成本降低", "≥", "20", "%")]),
        ("100/120粒度抗冲击韧性≥67%", [("100/120粒度抗冲击韧性", "≥", "67", "%")]),
        ("工作温度不低于900℃", [("工作温度", "≥", "900", "°C")]),
        ("重量不高于 3.5 kg", [("重量", "≤", "3.5", "kg")]),
        ("粒径小于5μm", [("粒径", "<", "5", "μm")]),
        ("转化率达到95%", [("转化率", "≥", "95", "%")]),
        ("循环寿命超过3000次", [("循环寿命", ">", "3000", "次")]),
        ("误差±0.5mm", [("误差", "≤", "0.5", "mm")]),
        ("温度控制在20~30℃", [("温度", "范围", "20", "30", "°C")]),
        ("含水率为8%-12%", [("含水率", "范围", "8", "12", "%")]),
        ("处理能力达到5万t/a", [("处理能力", "≥", "5", "万t/a")]),
        ("处理量 120 m³/h以上", [("处理量", "≥", "120", "m3/h")]),
        ("服役时间2,000小时以上", [("服役时间", "≥", "2000", "小时")]),
        ("导热系数≥1.5W/(m·K)", [("导热系数", "≥", "1.5", "W/(m·K)")]),
        ("强度≥1.2×10^3MPa", [("强度", "≥", "1200", "MPa")]),
        ("出水COD≤50mg/L", [("出水COD", "≤", "50", "mg/L")]),
        ("硬度 62 HRC", [("硬度", "=", "62", "HRC")]),
    ],
)
def test_one_indicator(text, expected):
    assert read(text) == expected


def test_several_in_reading_order():
    text = "要求涂层硬度≥60HRC，工作温度不低于900℃；结合强度大于60MPa。"
    assert [row[0] for row in read(text)] == ["涂层硬度", "工作温度", "结合强度"]


@pytest.mark.parametrize("text", ["2020年投资500万元，新增3个岗位", "GB/T 1172", "", "没有数字", "3", "≥60"])
def test_noise_suggests_nothing(text):
    assert read(text) == []


def test_repeats_count_once_and_the_number_is_bounded():
    assert len(suggest_indicators("硬度≥60HRC，" * 5)) == 1
    many = "，".join(f"指标甲{chr(0x4E10 + i)}≥{i}%" for i in range(50))
    assert len(suggest_indicators(many, limit=7)) == 7


def test_suggestions_become_rows_of_both_sides():
    (found,) = suggest_indicators("硬度≥60HRC")
    assert found.as_demand().comparator is Comparator.AT_LEAST
    assert (found.as_achievement().low, found.as_achievement().high) == (60, None)
    (span,) = suggest_indicators("温度为20~30℃")
    assert (span.as_achievement().low, span.as_achievement().high) == (20, 30)


@pytest.mark.parametrize(
    "text",
    [
        "a1" * 20_000,
        "硬度" * 20_000 + "1",
        "1" * 20_000,
        "硬度≥1×10^99999HRC",
        "度1-" * 20_000,
        "和度" * 9_000 + "分别1、",
        "一百" * 9_000 + "个月",
        "不低于1%的度" * 3_000,
        "硬度" + " " * 15_000 + "达到" + " " * 4_000 + "60x",
    ],
)
def test_hostile_text_is_read_quickly(text):
    started = time.perf_counter()
    for found in suggest_indicators(text):
        assert len(str(found.value)) < 200
    assert time.perf_counter() - started < 10


@settings(max_examples=200, deadline=None)
@given(
    st.text(
        alphabet="硬度温和、的分别不低于九百分之≥≤<>=±~-0123456789.,%℃HRCm/万吨以上下降 ×^年x", max_size=40
    )
)
def test_every_suggestion_is_a_valid_row(text):
    for found in suggest_indicators(text):
        assert found.as_demand().name
        assert found.as_achievement().name


@pytest.mark.parametrize(
    ("spelt", "digits"),
    [
        ("不少于一百二十小时", "不少于120小时"),
        ("达到百分之九十九点五", "达到99.5%"),
        ("两倍以上", "2倍以上"),
        ("超过一千零五转", "超过1005转"),
        ("十万次以上", "10万次以上"),
        ("二〇天以内", "20天以内"),
        ("百分之百以上", "100%以上"),
        ("五百千克以上", "500千克以上"),
        (
            "超过千亩，500千克以上，达到一个，百分之九十，四五百次以上，第三年以上，几十倍以上，一百多次，三相电机，一种工艺",
            None,
        ),
    ],
)
def test_characters_are_numbers_where_they_are_values_only(spelt, digits):
    assert in_digits(spelt)[0] == (digits or spelt)


@settings(deadline=None)
@given(st.text(alphabet="一二两十百千零点百分之个月年倍%以上不少于了第几硬度9 ", max_size=30))
def test_every_place_of_the_digits_leads_back(text):
    read, places = in_digits(text)
    assert len(places) == len(read) + 1 and places == sorted(places) and places[-1] == len(text)
    assert all(
        text[place] == letter for letter, place in zip(read, places, strict=False) if letter in "硬度第几"
    )


def test_more_values_than_names_are_not_dealt_out():
    assert not [one for one in suggest_indicators("强度分别为600MPa和400MPa") if one.value == 400]
