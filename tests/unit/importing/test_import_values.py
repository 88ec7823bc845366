"""Reading cells: what people and programs write, and that nothing is guessed or crashes."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace import money
from marketplace.importing import values
from marketplace.importing.problems import Unsuitable
from marketplace.importing.values import Price

WAN = money.FEN_PER_WAN_YUAN


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("面议", Price(None, None, True)),
        ("100.0万元-200.0万元", Price(100 * WAN, 200 * WAN, False)),
        ("9.0万元-9.0万元", Price(9 * WAN, 9 * WAN, False)),
        ("100-200万元", Price(100 * WAN, 200 * WAN, False)),
        ("45 万", Price(45 * WAN, 45 * WAN, False)),
        ("300,000元", Price(30 * WAN, 30 * WAN, False)),
        ("５０万元～６０万元", Price(50 * WAN, 60 * WAN, False)),
        ("¥1.5亿元", Price(15_000 * WAN, 15_000 * WAN, False)),
        ("50万元——0.5亿", Price(50 * WAN, 5_000 * WAN, False)),
        ("面议（45万元-60万元）", Price(45 * WAN, 60 * WAN, True)),
        ("面议：45万元至60万元", Price(45 * WAN, 60 * WAN, True)),
        ("0.000001万元", Price(1, 1, False)),
    ],
)
def test_prices_as_people_write_them(text, expected):
    assert values.price(text) == expected


@pytest.mark.parametrize(
    "text",
    ["45", "45-60", "约45万元", "-5万元", "万元", "200万元-100万元", "0.001元", "9" * 40 + "元", "1e9元"],
)
def test_a_price_that_says_too_little_is_refused(text):
    with pytest.raises(Unsuitable) as refused:
        values.price(text)
    assert "万元" in str(refused.value)


@given(st.integers(0, 10**12), st.integers(0, 10**12))
def test_every_band_written_in_wan_yuan_comes_back(one, other):
    low, high = sorted((one, other))
    text = f"{Decimal(low) / WAN:f}万元-{Decimal(high) / WAN:f}万元"
    assert values.price(text) == Price(low, high, False)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-31", date(2026, 3, 31)),
        ("2026/3/1", date(2026, 3, 1)),
        ("2026年3月31日", date(2026, 3, 31)),
        ("2026.03.31 08:30", date(2026, 3, 31)),
        ("20260331", date(2026, 3, 31)),
        ("2020-01-1310:49:39.0", date(2020, 1, 13)),
        ("2020-1-510:49:39.0", date(2020, 1, 5)),
    ],
)
def test_days_as_programs_write_them(text, expected):
    assert values.day(text) == expected


@pytest.mark.parametrize("text", ["2026-02-30", "2026-13-01", "2026-03", "明年", "31/03/2026", "0000-01-01"])
def test_a_day_the_calendar_does_not_have_is_refused(text):
    with pytest.raises(Unsuitable):
        values.day(text)


@given(st.dates(), st.dates(), st.sampled_from(["至", " 至 ", "到", "~"]))
def test_every_period_comes_back(one, other, between):
    first, last = sorted((one, other))
    assert values.period(f"{first}{between}{last}") == (first, last)


def test_periods_with_glued_times_and_open_ends():
    assert values.period("2020-01-1310:49:39.0至2021-01-1310:49:41.") == (
        date(2020, 1, 13),
        date(2021, 1, 13),
    )
    assert values.period("至") == (None, None)
    assert values.period("至2026-12-31") == (None, date(2026, 12, 31))
    assert values.period("2026-01-01至") == (date(2026, 1, 1), None)


@pytest.mark.parametrize("text", ["长期有效", "2026-12-31至2026-01-01", "2026-02-30至2026-03-01", "一年"])
def test_a_period_without_days_is_refused(text):
    with pytest.raises(Unsuitable):
        values.period(text)


def test_glued_words_are_split_longest_first():
    words = ("完全转让", "许可转让", "转让", "技术入股", "合作生产")
    assert values.glued("完全转让许可转让技术入股合作生产", words) == (
        ("完全转让", "许可转让", "技术入股", "合作生产"),
        "",
    )
    assert values.glued("转让,技术入股/别的", words) == (("转让", "技术入股"), "别的")


@given(st.lists(st.sampled_from(["完全转让", "许可转让", "技术入股", "合作生产", "其他"]), unique=True))
def test_every_run_of_known_words_comes_apart(chosen):
    found, rest = values.glued("".join(chosen), ["完全转让", "许可转让", "技术入股", "合作生产", "其他"])
    assert (list(found), rest) == (chosen, "")


def test_lists_split_where_their_kind_allows_it():
    assert values.words("高炉、轧辊，高炉;煤仓") == ("高炉", "轧辊", "煤仓")
    assert values.names("农、林、牧、渔业，制造业") == ("农、林、牧、渔业", "制造业")
    assert values.phrases("高温，高压；常温") == ("高温，高压", "常温")
    assert values.rows("硬度 | 58 |HRC；温度｜950\n", 5) == [["硬度", "58", "HRC"], ["温度", "950"]]
    with pytest.raises(Unsuitable):
        values.rows("a|b|c", 2)


def test_numbers_and_answers_keep_within_bounds():
    assert values.whole_number("７", 1, 9) == 7
    for text in ("0", "10", "5.5", "-3", "", "９" * 5000, "²"):
        with pytest.raises(Unsuitable):
            values.whole_number(text, 1, 9)
    assert values.yes_no("是") is True
    assert values.yes_no("FALSE") is False
    with pytest.raises(Unsuitable):
        values.yes_no("也许")


def test_text_loses_control_characters_but_not_line_breaks():
    assert values.within(" 甲\x07乙\n丙\ue000 ", 10) == "甲乙\n丙"
    with pytest.raises(Unsuitable):
        values.within("字" * 11, 10)


@pytest.mark.parametrize(
    "read", [values.price, values.day, values.period, values.yes_no, lambda t: values.whole_number(t, 1, 9)]
)
@given(text=st.text(max_size=60) | st.from_regex(r"[0-9万元亿面议年月日至:.,\-/ ]{1,40}", fullmatch=True))
def test_no_cell_does_more_than_be_refused(read, text):
    try:
        read(text)
    except Unsuitable as refused:
        assert str(refused)
