"""The search contract of indicators: which the hits state, and ranges of one of them."""

from decimal import Decimal

import pytest

from search.facets import Facet, FacetCount
from search.indicators import AchievementIndicator, Comparator, DemandIndicator
from search.measures import packed, range_of, read_measures, stated
from search.query import Filters, SearchRequest


def offer(name: str, value: str, unit: str) -> AchievementIndicator:
    return AchievementIndicator.exact(name, Decimal(value), unit)


def between(key: str, low: str | None, high: str | None) -> tuple[int, int]:
    return range_of(key, *(None if end is None else Decimal(end) for end in (low, high)))


@pytest.fixture
def market(engine, listing):
    def made(number, *rows, **values):
        return listing(number, "耐磨涂层", measures=packed(rows), stated=stated(rows), **values)

    engine.apply(
        [
            made(1, offer("硬度", "62", "HRC"), offer("结合强度", "68", "MPa"), modes=("LICENSE",)),
            made(2, offer("硬度", "58", "HRC"), offer("结合强度", "40000", "kPa"), modes=("JOINT",)),
            made(3, offer("回收率", "95", "%"), offer("水分", "3", "%")),
            made(4, AchievementIndicator(name="硬度", low=Decimal(50), high=Decimal(64), unit="HRC")),
            made(
                5,
                DemandIndicator(name="硬度", comparator=Comparator.AT_LEAST, value=Decimal(60), unit="HRC"),
                kind="demand",
            ),
            made(6, offer("工作温度", "-40", "℃")),
            listing(7, "耐磨涂层"),
            made(8, offer("硬度", "70", "HRC"), scopes=("org:1",)),
        ]
    )
    return engine


def ask(engine, *measures, text="", **values):
    filters = Filters(measures=measures, **values)
    return engine.search(SearchRequest(scopes=("public",), text=text, filters=filters, with_indicators=True))


@pytest.mark.parametrize(
    ("key", "low", "high", "expected"),
    [
        ("硬度|HRC", "60", None, {1, 4, 5}),
        ("硬度|HRC", None, "58", {2, 4}),
        ("硬度|HRC", "58", "62", {1, 2, 5}),
        ("硬度|HRC", "62", "62", {1}),
        ("硬度|HV", "60", None, set()),
        ("结合强度|MPa", "40", None, {1, 2}),
        ("结合强度|kPa", "40001", None, {1}),
        ("强度|MPa", "0", None, set()),
        ("水分|%", None, "5", {3}),
        ("水分|%", "90", None, set()),
        ("工作温度|℃", None, "0", {6}),
        ("工作温度|K", "233.15", "233.15", {6}),
    ],
)
def test_a_range_finds_the_values_of_its_own_indicator(market, key, low, high, expected):
    result = ask(market, between(key, low, high))
    assert {hit.listing_id for hit in result.hits} == expected and result.total == len(expected)


def test_ranges_all_apply_beside_each_other_and_beside_what_was_typed(market):
    hard = between("硬度|HRC", "50", None)
    assert {hit.listing_id for hit in ask(market, hard, between("结合强度|MPa", "50", None)).hits} == {1}
    words, (typed,) = read_measures("涂层 硬度≥60HRC")
    assert words == "涂层 硬度"
    result = ask(market, hard, (typed.low, typed.high), text="涂层")
    assert {hit.listing_id for hit in result.hits} == {1, 4, 5}


def test_the_hits_are_counted_by_what_they_state(market):
    assert set(ask(market).facets[Facet.MEASURE]) == {
        FacetCount("硬度|HRC", 4),
        FacetCount("结合强度|MPa", 1),
        FacetCount("结合强度|kPa", 1),
        FacetCount("回收率|%", 1),
        FacetCount("水分|%", 1),
        FacetCount("工作温度|°C", 1),
    }
    assert ask(market).facets[Facet.MEASURE][0] == FacetCount("硬度|HRC", 4), "the most frequent first"


def test_they_are_counted_only_where_that_is_asked_for(market):
    hard = Filters(measures=(between("硬度|HRC", "60", None),))
    assert Facet.MEASURE not in market.search(SearchRequest(scopes=("public",), filters=hard)).facets


def test_ranges_and_other_filters_narrow_what_is_counted(market):
    hard = ask(market, between("硬度|HRC", "60", None))
    assert set(hard.facets[Facet.MEASURE]) == {FacetCount("硬度|HRC", 3), FacetCount("结合强度|MPa", 1)}
    joint = ask(market, modes=("JOINT",))
    assert set(joint.facets[Facet.MEASURE]) == {FacetCount("硬度|HRC", 1), FacetCount("结合强度|kPa", 1)}


def test_other_facets_obey_a_range_and_it_can_be_loosened(market):
    result = ask(market, between("硬度|HRC", "60", None), modes=("LICENSE", "JOINT"))
    assert {(count.value, count.count) for count in result.facets[Facet.MODE]} == {("LICENSE", 1)}
    assert [(item.facet, item.hits) for item in result.loosen] == [(Facet.MODE, 3), (Facet.MEASURE, 2)]


def test_of_many_indicators_the_most_frequent_are_counted(engine, listing):
    rows = [offer(f"指标{number}", "1", "mm") for number in range(70)]
    engine.apply(
        [listing(number, stated=stated(rows[: 70 - number]), measures=()) for number in range(1, 21)]
    )
    counts = ask(engine).facets[Facet.MEASURE]
    assert len(counts) == 60 and counts[0].count == 20 and counts[-1].count >= 10
