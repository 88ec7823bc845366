"""Money: what is typed, shown, rounded, shared and spelt out."""

import cn2an
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from marketplace import money
from marketplace.money import MoneyError

AMOUNTS = st.integers(min_value=0, max_value=money.AMOUNT_LIMIT_FEN - 1)


@pytest.mark.parametrize(
    ("typed", "fen"),
    [
        ("0", 0),
        ("0.01", 1),
        ("305000", 30_500_000),
        ("305,000.00", 30_500_000),
        ("1,234,567.8", 123_456_780),
        ("３０５，０００．５０", 30_500_050),
        (" ¥ 12.30 元 ", 1230),
        ("￥12.30", 1230),
        ("9999999999999999.99", money.AMOUNT_LIMIT_FEN - 1),
    ],
)
def test_yuan_are_read_to_the_fen(typed, fen):
    assert money.parse_yuan(typed) == fen


@pytest.mark.parametrize(
    ("typed", "fen"),
    [
        ("30.5", 30_500_000),
        ("0.000001", 1),
        ("45万元", 45_000_000),
        ("45 万", 45_000_000),
        ("1,200", 1_200_000_000),
    ],
)
def test_wan_yuan_are_read_to_the_fen(typed, fen):
    assert money.parse_wan_yuan(typed) == fen


@pytest.mark.parametrize(
    ("read", "typed", "says"),
    [
        (money.parse_yuan, "", "请填写金额"),
        (money.parse_yuan, "　 ", "请填写金额"),
        (money.parse_yuan, "-5", "不能为负数"),
        (money.parse_yuan, "−5.00", "不能为负数"),
        (money.parse_yuan, "1.234", "最多写 2 位小数"),
        (money.parse_wan_yuan, "1.2345678", "最多写 6 位小数"),
        (money.parse_yuan, "1,23", "千位分隔"),
        (money.parse_yuan, "12,34,567", "千位分隔"),
        (money.parse_yuan, ".5", "只能写数字"),
        (money.parse_yuan, "5.", "只能写数字"),
        (money.parse_yuan, "1e5", "只能写数字"),
        (money.parse_yuan, "三十万", "单位是元"),
        (money.parse_yuan, "٣", "只能写数字"),
        (money.parse_yuan, "30万元", "单位是元"),
        (money.parse_wan_yuan, "3000元", "单位是万元"),
        (money.parse_wan_yuan, "1亿元", "单位是万元"),
        (money.parse_yuan, "10000000000000000", "金额过大"),
        (money.parse_yuan, "9" * 100_000, "金额过大"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_would_be_right(read, typed, says):
    with pytest.raises(MoneyError, match=says):
        read(typed)


@given(AMOUNTS)
def test_every_amount_survives_writing_and_reading(fen):
    assert money.parse_yuan(money.format_yuan(fen)) == fen
    assert money.parse_yuan(money.plain_yuan(fen)) == fen
    assert money.parse_plain_yuan(money.plain_yuan(fen)) == fen
    assert money.parse_wan_yuan(money.format_wan_yuan(fen)) == fen
    assert money.parse_wan_yuan(money.format_wan_yuan(fen, min_decimals=2)) == fen


def test_amounts_of_any_length_are_exact_in_plain_form():
    fen = 10**6000 + 7
    text = money.plain_yuan(fen)
    assert text.endswith("0.07")
    assert len(text) == 6002
    assert money.parse_plain_yuan(text) == fen


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        (money.format_yuan(55_000_000), "550,000.00"),
        (money.format_yuan(-5), "−0.05"),
        (money.plain_yuan(-5), "-0.05"),
        (money.format_wan_yuan(45_000_000, 60_000_000), "45–60"),
        (money.format_wan_yuan(45_000_000, 45_000_000), "45"),
        (money.format_wan_yuan(12_345_678), "12.345678"),
        (money.format_wan_yuan(45_500_000), "45.5"),
        (money.format_wan_yuan(45_500_000, min_decimals=2), "45.50"),
        (money.format_wan_yuan(1_234_500_000_000), "1,234,500"),
        (money.format_whole_yuan(55_000_000), "550,000"),
        (money.format_whole_yuan(45_000_000, 60_000_050), "450,000–600,000.50"),
        (money.format_whole_yuan(45_000_000, 45_000_000), "450,000"),
        (money.format_whole_yuan(5), "0.05"),
        (money.format_yi(123_450_000_000), "12.35"),
        (money.format_yi(49_999_999), "0.00"),
        (money.format_yi(50_000_000), "0.01"),
        (money.format_yi(-49_999_999), "0.00"),
        (money.format_yi(10**13, decimals=0), "1,000"),
    ],
)
def test_amounts_are_shown_as_people_read_them(shown, text):
    assert shown == text


@pytest.mark.parametrize(
    ("rounded", "fen"),
    [
        (money.floor_bp(123_456_789, 1000), 12_345_678),
        (money.floor_bp(9, 1000), 0),
        (money.ceil_bp(100_000_001, 7000), 70_000_001),
        (money.ceil_bp(100_000_000, 7000), 70_000_000),
        (money.half_up_bp(12_345_678, 3), 3704),
        (money.half_up_bp(1666, 3), 0),
        (money.half_up_bp(5000, 1), 1),
        (money.half_up_bp(4999, 1), 0),
        (money.floor_to_unit(12_345_678, 100), 12_345_600),
        (money.floor_to_unit(12_345_678, 1_000_000), 12_000_000),
    ],
)
def test_each_rounding_goes_its_own_way(rounded, fen):
    assert rounded == fen


def test_half_up_is_not_for_negative_amounts():
    with pytest.raises(MoneyError):
        money.half_up_bp(-1, 1000)


@given(AMOUNTS, st.integers(min_value=0, max_value=10_000))
def test_down_half_up_and_up_never_differ_by_more_than_a_fen(fen, rate):
    down, middle, up = money.floor_bp(fen, rate), money.half_up_bp(fen, rate), money.ceil_bp(fen, rate)
    assert down <= middle <= up <= down + 1
    assert down * 10_000 <= fen * rate <= up * 10_000


# --- sharing ------------------------------------------------------------------------------------------------


def test_a_short_budget_is_shared_by_largest_remainder():
    assert money.largest_remainder(150_000_000, [100_000_000, 70_000_000, 30_000_001]) == [
        74_999_999,
        52_500_000,
        22_500_001,
    ]


def test_equal_remainders_go_by_the_key_and_else_by_place():
    assert money.largest_remainder(10_000, [1, 1, 1]) == [3334, 3333, 3333]
    assert money.largest_remainder(10_001, [1, 1, 1], ["9-1", "10-2", "x"]) == [3334, 3334, 3333]
    assert money.largest_remainder(10_000, [1, 1, 1], ["9-1", "10-2", "x"]) == [3333, 3334, 3333]


@pytest.mark.parametrize(("total", "weights"), [(1, []), (1, [0, 0]), (1, [2, -1]), (-1, [1])])
def test_nothing_can_be_shared_without_weight(total, weights):
    with pytest.raises(MoneyError):
        money.largest_remainder(total, weights)


@given(
    st.integers(min_value=0, max_value=10**15),
    st.lists(st.integers(min_value=0, max_value=10**12), min_size=1, max_size=12).filter(any),
)
def test_parts_sum_to_the_whole_and_lie_within_a_fen_of_their_share(total, weights):
    parts = money.largest_remainder(total, weights)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert total * weight // sum(weights) <= part <= total * weight // sum(weights) + 1
        assert weight or not part


# --- words --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("yuan", "words"),
    [
        ("0", "零元整"),
        ("0.05", "伍分"),
        ("0.50", "伍角"),
        ("0.55", "伍角伍分"),
        ("1", "壹元整"),
        ("10", "壹拾元整"),
        ("1.05", "壹元零伍分"),
        ("90.60", "玖拾元陆角"),
        ("1001", "壹仟零壹元整"),
        ("1010", "壹仟零壹拾元整"),
        ("10100", "壹万零壹佰元整"),
        ("11000", "壹万壹仟元整"),
        ("305000", "叁拾万伍仟元整"),
        ("107000.53", "壹拾万柒仟元伍角叁分"),
        ("16409.02", "壹万陆仟肆佰零玖元零贰分"),
        ("100010000", "壹亿零壹万元整"),
        ("110000000", "壹亿壹仟万元整"),
        ("100000001", "壹亿零壹元整"),
        ("100001000", "壹亿零壹仟元整"),
        ("1000000000000", "壹万亿元整"),
        ("3070050640000.08", "叁万零柒佰亿伍仟零陆拾肆万元零捌分"),
        ("9999999999999999.99", "玖仟玖佰玖拾玖万玖仟玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分"),
    ],
)
def test_amounts_are_spelt_out(yuan, words):
    assert money.amount_in_words(money.parse_yuan(yuan)) == words


@pytest.mark.parametrize("fen", [-1, money.AMOUNT_LIMIT_FEN])
def test_only_amounts_in_range_can_be_spelt_out(fen):
    with pytest.raises(MoneyError):
        money.amount_in_words(fen)


def _as_cn2an_writes(words: str) -> str:
    """The forms differ only in 零 and 整: cn2an writes 零元伍分 and 伍角整 where we write 伍分 and 伍角."""
    return words.replace("零", "").removesuffix("整").removeprefix("元")


@given(st.integers(min_value=0, max_value=10**14))
@example(10_001_000_000)
def test_the_words_agree_with_cn2an(fen):
    yuan = f"{fen // 100}.{fen % 100:02d}"
    assert _as_cn2an_writes(money.amount_in_words(fen)) == _as_cn2an_writes(cn2an.an2cn(yuan, "rmb"))


@given(AMOUNTS, AMOUNTS)
def test_words_match_their_own_amount_and_no_other(fen, other):
    words = money.amount_in_words(fen)
    assert money.words_match(fen, words)
    assert money.words_match(other, words) == (fen == other)


@pytest.mark.parametrize(
    ("yuan", "words", "matches"),
    [
        ("70401", "￥柒万肆佰零壹圆正", True),
        ("70401", "人民币柒万零肆佰零壹元", True),
        ("70401", "人民币 ¥ 柒萬肆佰零壹圓整", True),
        ("236", "貳佰參拾陸元整", True),
        ("236", "贰佰叄拾陆元正", True),
        ("200000000", "貮億元整", True),
        ("0.47", "零元肆角柒分", True),
        ("0.47", "人民币￥肆角", False),
        ("0", "零元整", True),
        ("0", "人民币", True),
        ("5", "伍元整整", False),
        ("5", "人民币人民币伍元整", False),
        ("5", "¥¥伍元整", False),
        ("5", "¥人民币伍元整", False),
        ("5", "五元整", False),
        ("30", "叁拾", False),
    ],
)
def test_the_usual_ways_of_writing_words_match(yuan, words, matches):
    assert money.words_match(money.parse_yuan(yuan), words) is matches
