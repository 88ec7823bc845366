"""The search contract: what every engine finds, counts and orders."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search.documents import FEN_PER_WAN
from search.facets import Facet, FacetCount
from search.measures import pack, read_measures
from search.query import Filters, Level, Reading, SearchRequest, Sort

WAN = FEN_PER_WAN


def ask(engine, text="", scopes=("public",), **values):
    return engine.search(SearchRequest(scopes=scopes, text=text, **values))


def found(engine, text="", **values):
    return [hit.listing_id for hit in ask(engine, text, **values).hits]


@pytest.fixture
def texts(engine, listing):
    engine.apply(
        [
            listing(1, "锂电池隔膜涂层", body="用于动力电池，厚度2μm", keywords=("PLC控制",)),
            listing(2, "高纯钛粉制备方法", summary="硬度达到60 HRC，支持C++接口"),
            listing(3, "废气净化装置", body="去除PM2.5与烟气，效率3.5倍"),
            listing(4, "Wi-Fi远程抄表系统", body="采用PLC控制"),
            listing(5, "钛合金涂层", indicators="结合强度 60MPa"),
        ]
    )
    return engine


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("电池", {1}),
        ("涂层", {1, 5}),
        ("钛粉", {2}),
        ("电池 涂层", {1}),
        ("钛合金 涂层", {5}),
        ("钛", {2, 5}),
        ("PLC控制", {1, 4}),
        ("ＰＬＣ控制", {1, 4}),
        ("plc", {1, 4}),
        ("電池塗層", {1}),
        ("鈦粉", {2}),
        ("60HRC", {2}),
        ("60 HRC", {2}),
        ("60MPa", {5}),
        ("C++", {2}),
        ("PM2.5", {3}),
        ("3.5", {3}),
        ("Wi-Fi", {4}),
        ("wifi", {4}),
        ("2μm", {1}),
        ("结合强度", {5}),
        ('"隔膜涂层"', {1}),
        ("“钛粉制备”", {2}),
    ],
)
def test_words_are_found(texts, text, expected):
    result = ask(texts, text)
    assert {hit.listing_id for hit in result.hits} == expected
    assert result.total == len(expected)
    assert result.reading.level is Level.ALL_WORDS


def test_a_quoted_phrase_wants_the_order_and_does_not_cross_a_sentence(engine, listing):
    engine.apply(
        [listing(1, "涂层与电池"), listing(2, "电池涂层"), listing(3, "耐磨", body="用于电池。涂层良好")]
    )
    assert found(engine, '"电池涂层"') == [2]
    assert found(engine, '"涂层电池"') == []


def test_words_the_segmenter_cuts_differently_are_found(engine, listing):
    engine.apply([listing(1, "超疏水自清洁纳米涂层材料"), listing(2, "其他")])
    for word in ("疏水", "清洁", "纳米", "自清洁", "涂层材料"):
        assert found(engine, word) == [1], word


def test_weaker_levels_answer_and_say_so(texts):
    some = ask(texts, "电池 净化")
    assert (some.reading, {hit.listing_id for hit in some.hits}) == (Reading(Level.SOME_WORDS, 1), {1, 3})
    loose = ask(texts, "废水净化器")
    assert loose.reading.level in (Level.SOME_WORDS, Level.CHARACTERS)
    assert 3 in {hit.listing_id for hit in loose.hits}
    nothing = ask(texts, "qwertz")
    assert (nothing.reading.level, nothing.total) == (Level.ALL_WORDS, 0)


def test_words_are_given_up_one_by_one(engine, listing):
    engine.apply([listing(1, "电池涂层钛粉"), listing(2, "电池涂层"), listing(3, "电池")])
    three = ask(engine, "电池 涂层 钛粉 净化")
    assert (three.reading, {hit.listing_id for hit in three.hits}) == (Reading(Level.SOME_WORDS, 3), {1})
    two = ask(engine, "电池 涂层 净化 抄表")
    assert (two.reading, {hit.listing_id for hit in two.hits}) == (Reading(Level.SOME_WORDS, 2), {1, 2})


FILLED = [
    ("电池 涂层 钛粉", Reading(Level.ALL_WORDS, 3), 1, Reading(Level.SOME_WORDS, 1), [1, 2], {3, 4, 5}),
    ("涂层 钛粉 抄表", Reading(Level.SOME_WORDS, 2), 1, Reading(Level.SOME_WORDS, 1), [1], {2, 5}),
    ("电池 涂层", Reading(Level.ALL_WORDS, 2), 2, None, [], {1, 2}),
    ("钛粉", Reading(Level.ALL_WORDS, 1), 1, None, [1], set()),
    ('"涂层钛粉" 电池', Reading(Level.ALL_WORDS, 1), 1, None, [1], set()),
    ("抄表 净化", Reading(Level.ALL_WORDS, 2), 0, None, [], set()),
]


@pytest.fixture
def tiers(engine, listing):
    """Listings that hold three, two and one of the words; a weak one has its word often and in the title."""
    long = "其他内容" * 40
    engine.apply(
        [
            listing(1, "材料", body=f"{long}电池。{long}涂层钛粉"),
            listing(2, "材料", body=f"{long}电池，{long}涂层"),
            listing(3, "电池电池", keywords=("电池",), body="电池，电池，电池", trl=9),
            listing(4, "电池", body="电池"),
            listing(5, "涂层", body=long, modes=("JOINT",)),
        ]
    )
    return engine


@pytest.mark.parametrize(("text", "reading", "fuller", "filled", "lead", "others"), FILLED)
def test_a_lone_hit_is_followed_by_those_of_weaker_readings(
    tiers, text, reading, fuller, filled, lead, others
):
    result = ask(tiers, text, fill_up=True)
    shown = [hit.listing_id for hit in result.hits]
    assert (result.reading, result.filled, result.strict_total) == (reading, filled, fuller)
    assert shown[: len(lead)] == lead, "the fuller ones first, however often a word is repeated in others"
    assert set(shown[len(lead) :]) == others and result.total == len(lead) + len(others)


def test_a_filled_result_is_one_over_all_pages_facets_and_orders(tiers):
    whole = [hit.listing_id for hit in ask(tiers, "电池 涂层 钛粉", fill_up=True).hits]
    pages = [ask(tiers, "电池 涂层 钛粉", fill_up=True, page=n, page_size=2) for n in (1, 2, 3)]
    assert [hit.listing_id for page in pages for hit in page.hits] == whole
    assert {(page.total, page.strict_total) for page in pages} == {(5, 1)}
    assert counts(pages[1], Facet.KIND) == {"achievement": 5}
    by_maturity = ask(tiers, "电池 涂层 钛粉", fill_up=True, sort=Sort.MATURITY)
    assert by_maturity.total == 5 and by_maturity.hits[0].listing_id == 3


def test_filling_up_is_asked_for_and_loosening_counts_what_holds_every_word(tiers):
    assert found(tiers, "电池 涂层 钛粉") == [1]
    result = ask(tiers, "电池 涂层", fill_up=True, filters=Filters(modes=("JOINT",)))
    assert [hit.listing_id for hit in result.hits] == [5]
    assert [(item.facet, item.hits) for item in result.loosen] == [(Facet.MODE, 2)]


def test_what_a_minus_excludes_is_in_no_hit(texts):
    assert found(texts, "涂层 -电池") == [5]
    assert set(found(texts, "-涂层")) == {2, 3, 4}
    assert found(texts, '涂层 -"隔膜涂层"') == [5]
    assert found(texts, "废水净化器 -烟气") == []
    assert counts(ask(texts, "-涂层"), Facet.KIND) == {"achievement": 3}


def test_a_phrase_stays_required_on_weaker_levels(texts):
    assert found(texts, '"隔膜涂层" 动力 净化') == [1]
    assert found(texts, '"隔膜涂层" 净化 装置') == []


def test_titles_come_before_mentions(engine, listing):
    engine.apply([listing(1, "其他", body="涂层涂层"), listing(2, "涂层")])
    assert found(engine, "涂层") == [2, 1]


HOSTILE = [
    '+-&& || ! ( ) { } [ ] ^ " ~ * ? : \\ /',
    "title:涂层 AND (",
    "NOT OR AND",
    "'; DROP TABLE listings; --",
    '{"match_all": {}}',
    "a" * 200,
    "涂" * 200,
    "\x00\x01\ud800",
    '""""',
    "*:*",
    "[* TO *]",
    "涂层~2 ^3",
    "😀👩‍👩‍👧",
    "\u202e反转",
    "../../etc/passwd",
    "¦ ¦",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_only_text(texts, text):
    result = ask(texts, text)
    assert 0 <= result.total <= 5


@pytest.mark.parametrize(
    "text", ["", "😀", "\ud800", "\x00\x1b", "طلاء", "ᠮᠣᠩᠭᠣᠯ", "(*+?)[^~]", "a" * 150, "；--/* */", "ﷺ"]
)
def test_a_text_without_a_word_asks_for_nothing_and_finds_everything(texts, text):
    result = ask(texts, text)
    assert (result.total, result.reading.level) == (5, Level.EVERYTHING)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("涂层 😀", {1, 5}),
        ("(涂层)+.*$", {1, 5}),
        ("涂层'; --", {1, 5}),
        ("塗層 طلاء", {1, 5}),
        ("\u202e涂层\x00", {1, 5}),
    ],
)
def test_what_is_no_word_does_not_hide_what_is(texts, text, expected):
    assert set(found(texts, text)) == expected


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60))
def test_any_text_is_answered(texts, text):
    assert ask(texts, text).total <= 5


@pytest.fixture
def market(engine, listing):
    engine.apply(
        [
            listing(
                1,
                "涂层甲",
                field_codes=("05",),
                industry_codes=("C", "C33"),
                region_codes=("150000", "150200"),
                modes=("LICENSE", "TRANSFER"),
                trl=6,
                price_min_fen=20 * WAN,
                price_max_fen=40 * WAN,
                published_on=date(2025, 1, 5),
                confirmed_on=date(2025, 3, 1),
                organisation_id=8,
            ),
            listing(
                2,
                "涂层乙",
                field_codes=("05",),
                industry_codes=("C", "C30"),
                region_codes=("150000", "150100"),
                modes=("LICENSE",),
                trl=9,
                price_min_fen=120 * WAN,
                published_on=date(2025, 2, 5),
                confirmed_on=date(2025, 1, 10),
            ),
            listing(
                3,
                "涂层丙",
                kind="demand",
                region_codes=("330000",),
                modes=("JOINT",),
                published_on=date(2025, 1, 1),
                confirmed_on=date(2024, 9, 1),
            ),
        ]
    )
    return engine


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"fields": ("05",)}, {1, 2}),
        ({"industries": ("C",)}, {1, 2}),
        ({"industries": ("C33", "C30")}, {1, 2}),
        ({"regions": ("150000",)}, {1, 2}),
        ({"regions": ("150200",)}, {1}),
        ({"modes": ("TRANSFER", "JOINT")}, {1, 3}),
        ({"maturity_bands": ("8-9",)}, {2}),
        ({"trl_min": 5, "trl_max": 8}, {1}),
        ({"price_bands": ("0-30",)}, {1}),
        ({"price_bands": ("30-100", "100-500")}, {1, 2}),
        ({"price_max_fen": 19 * WAN}, set()),
        ({"price_max_fen": 20 * WAN}, {1}),
        ({"price_min_fen": 41 * WAN}, {2}),
        ({"price_min_fen": 40 * WAN, "price_max_fen": 200 * WAN}, {1, 2}),
        ({"confirmed_since": date(2025, 1, 10)}, {1, 2}),
        ({"published_since": date(2025, 1, 5)}, {1, 2}),
        ({"published_since": date(2025, 1, 6)}, {2}),
        ({"organisation_id": 8}, {1}),
        ({"fields": ("05",), "modes": ("TRANSFER",)}, {1}),
    ],
)
def test_filters(market, filters, expected):
    assert set(found(market, filters=Filters(**filters))) == expected


def test_values_with_units(engine, listing):
    def hard(number, *values):
        return listing(number, "耐磨涂层", measures=tuple(pack(Decimal(value), "HRC") for value in values))

    engine.apply([hard(1, 58), hard(2, 62), hard(3, 50, 64), listing(4, "耐磨涂层"), listing(5, "涂层 60")])
    for text, expected in (
        ("硬度≥60HRC", {2, 3}),
        ("硬度≤55HRC", {3}),
        ("硬度50~60HRC", {1, 3}),
        ("硬度≥60MPa", set()),
    ):
        _words, (asked,) = read_measures(text)
        result = ask(engine, "涂层", filters=Filters(measures=((asked.low, asked.high),)))
        assert {hit.listing_id for hit in result.hits} == expected, text
    assert [(item.facet, item.hits) for item in result.loosen] == [(Facet.MEASURE, 5)]


def test_kinds(market):
    assert set(found(market, kinds=("demand",))) == {3}
    assert set(found(market, kinds=("achievement", "demand"))) == {1, 2, 3}
    assert {hit.kind for hit in ask(market, kinds=("demand",)).hits} == {"demand"}


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        (Sort.NEWEST, [2, 1, 3]),
        (Sort.CONFIRMED, [1, 2, 3]),
        (Sort.PRICE, [1, 2, 3]),
        (Sort.MATURITY, [2, 1, 3]),
        (Sort.RELEVANCE, [1, 2, 3]),
    ],
)
def test_orders_with_unknown_values_last(market, sort, expected):
    assert found(market, sort=sort) == expected
    if sort is not Sort.RELEVANCE:
        assert found(market, "涂层", sort=sort) == expected


def test_fresh_listings_are_lifted(engine, listing):
    engine.apply([listing(1, "涂层"), listing(2, "涂层", confirmed_on=date(2025, 6, 1))])
    assert found(engine, "涂层", fresh_since=date(2025, 5, 1)) == [2, 1]


def counts(result, facet):
    return {item.value: item.count for item in result.facets[facet]}


def test_facets_count_every_value(market):
    result = ask(market, "涂层", today=date(2025, 3, 11))
    assert counts(result, Facet.KIND) == {"achievement": 2, "demand": 1}
    assert counts(result, Facet.FIELD) == {"05": 2}
    assert counts(result, Facet.INDUSTRY) == {"C": 2, "C33": 1, "C30": 1}
    assert counts(result, Facet.REGION) == {"150000": 2, "150200": 1, "150100": 1, "330000": 1}
    assert counts(result, Facet.MODE) == {"LICENSE": 2, "TRANSFER": 1, "JOINT": 1}
    assert counts(result, Facet.MATURITY) == {"5-7": 1, "8-9": 1}
    assert counts(result, Facet.PRICE) == {"0-30": 1, "30-100": 1, "100-500": 1}
    assert result.facets[Facet.FRESHNESS] == (
        FacetCount("30", 1),
        FacetCount("90", 2),
        FacetCount("180", 2),
    )
    assert result.facets[Facet.PUBLISHED] == (
        FacetCount("30", 0),
        FacetCount("90", 3),
        FacetCount("365", 3),
    )


def test_a_facet_is_counted_without_its_own_choice(market):
    result = ask(market, filters=Filters(modes=("TRANSFER",), fields=("05",)))
    assert result.total == 1
    assert counts(result, Facet.MODE) == {"LICENSE": 2, "TRANSFER": 1}
    assert counts(result, Facet.FIELD) == {"05": 1}
    assert counts(result, Facet.REGION) == {"150000": 1, "150200": 1}


def test_a_facet_of_dates_is_counted_without_its_own_choice_too(market):
    chosen = Filters(published_since=date(2025, 2, 1), modes=("LICENSE",))
    result = ask(market, filters=chosen, today=date(2025, 3, 11))
    assert result.total == 1
    assert counts(result, Facet.PUBLISHED) == {"30": 0, "90": 2, "365": 2}
    assert counts(result, Facet.FRESHNESS) == {"30": 0, "90": 1, "180": 1}
    assert [(item.facet, item.hits) for item in result.loosen] == [(Facet.PUBLISHED, 2)]


def test_facets_can_be_left_out(market):
    assert ask(market, with_facets=False).facets == {}


def test_no_result_says_which_filter_to_loosen(market):
    result = ask(market, "涂层", filters=Filters(regions=("330000",), fields=("05",)))
    assert result.total == 0
    assert [(item.facet, item.hits) for item in result.loosen] == [(Facet.REGION, 2), (Facet.FIELD, 1)]


def test_filters_that_cost_nothing_are_not_named(market):
    assert ask(market, filters=Filters(confirmed_since=date(2020, 1, 1))).loosen == ()


def test_pages_do_not_overlap_and_cover_everything(engine, listing):
    engine.apply([listing(number, f"涂层{number}") for number in range(1, 46)])
    for sort in Sort:
        pages = [found(engine, "涂层", sort=sort, page=page, page_size=10) for page in range(1, 6)]
        assert [len(page) for page in pages] == [10, 10, 10, 10, 5]
        assert sorted(number for page in pages for number in page) == list(range(1, 46))
    beyond = ask(engine, "涂层", page=9, page_size=10)
    assert (beyond.hits, beyond.total) == ((), 45)


def test_visibility_fails_closed(engine, listing):
    engine.apply(
        [
            listing(1, "涂层"),
            listing(2, "涂层", scopes=("org:1",)),
            listing(3, "涂层", scopes=()),
            listing(4, "涂层", scopes=("org:1", "org:2")),
        ]
    )
    assert found(engine, "涂层", scopes=()) == []
    assert set(found(engine, "涂层")) == {1}
    assert set(found(engine, "涂层", scopes=("org:1",))) == {2, 4}
    assert set(found(engine, "涂层", scopes=("public", "org:2"))) == {1, 4}
    assert ask(engine, scopes=("public", "org:1", "org:2")).total == 3


def test_facets_and_loosening_count_only_what_the_reader_may_see(engine, listing):
    engine.apply(
        [listing(1, "涂层", modes=("LICENSE",)), listing(2, "涂层", modes=("JOINT",), scopes=("org:1",))]
    )
    result = ask(engine, "涂层", filters=Filters(modes=("TRANSFER",)))
    assert counts(result, Facet.MODE) == {"LICENSE": 1}
    assert [item.hits for item in result.loosen] == [1]


def test_synonyms_count_as_the_word_unless_the_text_is_literal(engine, listing):
    engine.apply([listing(1, "马铃薯脱毒种薯"), listing(2, "土豆收获机"), listing(3, "土壤与豆科植物")])
    assert set(found(engine, "土豆")) == {1, 2}
    assert ask(engine, "土豆").reading.level is Level.ALL_WORDS
    assert found(engine, "土豆", literal=True) == [2]
    assert found(engine, '"土豆"') == [2]
    assert set(found(engine, "增材制造", literal=True)) == set()
    assert found(engine, "马铃薯 -土豆") == [1]


def test_a_mixed_synonym_is_found_in_its_order(engine, listing):
    engine.apply([listing(1, "3D打印头"), listing(2, "打印机的3D模型")])
    assert found(engine, "增材制造") == [1]


def test_a_long_word_is_also_found_as_its_shorter_ones(engine, listing):
    engine.apply([listing(1, "印染废水的膜处理"), listing(2, "废水收集池"), listing(3, "废水处理装置")])
    result = ask(engine, "废水处理")
    assert {hit.listing_id for hit in result.hits} == {1, 3}
    assert result.hits[0].listing_id == 3 and result.reading.level is Level.ALL_WORDS
