"""The price in a search text."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.asked_prices import read_price
from search.documents import FEN_PER_WAN
from search.query import Filters


def fen(wan: str | None) -> int | None:
    return None if wan is None else int(Decimal(wan) * FEN_PER_WAN)


@pytest.mark.parametrize(
    ("text", "left", "low", "high"),
    [
        ("价格30万以内", "", None, "30"),
        ("涂层 预算不超过50万元", "涂层", None, "50"),
        ("报价 20.5万元", "", None, "20.5"),
        ("10-30万元 热泵", "热泵", "10", "30"),
        ("涂层 10万~0.5亿元", "涂层", "10", "5000"),
        ("１００万元以上 热泵", "热泵", "100", None),
        ("预算三十万以内的涂层", "涂层", None, "30"),
        ("价格为30到20万元", "", "20", "30"),
        ("价格:5千元", "", None, "0.5"),
        ("预算2百万左右", "", None, "200"),
        ("不低于2,000元 传感器", "传感器", "0.2", None),
        ("硬度≥60HRC 预算50万以内", "硬度≥60HRC", None, "50"),
    ],
)
def test_an_amount_that_says_how_it_is_meant_is_a_price(text, left, low, high):
    words, price = read_price(text)
    assert (words, price.low_fen, price.high_fen) == (left, fen(low), fen(high))


@pytest.mark.parametrize(
    "text",
    [
        "价格3元/kg以下",
        "产值500万元以上",
        "处理量10万吨/年",
        "30万以下 污水处理",
        "30万元",
        "价格",
        "500元件以上",
        "-30万元以下",
        "预算 99999999亿元",
        "",
    ],
)
def test_other_amounts_are_none(text):
    assert read_price(text) == (text, None)


@settings(deadline=None)
@given(st.text(alphabet="价格预算3051.,-~到不超过至少万亿千百元以内上下的 三十", max_size=30))
def test_every_price_is_one_that_can_be_filtered_by(text):
    left, price = read_price(text)
    if price is None:
        assert left == text
    else:
        assert Filters(price_min_fen=price.low_fen, price_max_fen=price.high_fen).active
        assert price.low_fen is None or price.high_fen is None or price.low_fen <= price.high_fen
