"""Understanding what a reader typed, and refusing what is out of bounds."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search import facets
from search.facets import Facet, Loosening
from search.query import (
    MAX_CLAUSES,
    MAX_TEXT_LENGTH,
    ClauseKind,
    Filters,
    Level,
    SearchRequest,
    Sort,
    parse,
)


def texts(query):
    return [clause.text for clause in parse(query).clauses]


def test_words_are_segmented_and_normalised():
    assert texts("電池 ＰＬＣ控制") == ["电池", "plc", "控制"]


def test_repeats_count_once():
    assert texts("电池 电池 電池") == ["电池"]


@pytest.mark.parametrize("query", ['"电池涂层"', "“电池涂层”", "「电池涂层」"])
def test_quotes_make_a_phrase(query):
    (clause,) = parse(query).clauses
    assert clause.kind is ClauseKind.PHRASE
    assert clause.tokens == ("电", "池", "涂", "层")


def test_phrase_beside_words():
    kinds = [clause.kind for clause in parse('钛 "电池" 涂层').clauses]
    assert kinds == [ClauseKind.CHARACTER, ClauseKind.PHRASE, ClauseKind.WORD]


def test_an_unpaired_quote_is_just_a_sign():
    assert texts('"电池') == ["电池"]


def test_a_number_with_unit_knows_its_parts():
    (clause,) = parse("60HRC").clauses
    assert clause.tokens == ("60", "hrc")


@pytest.mark.parametrize(
    ("query", "readings"),
    [
        ("", [("everything", 0)]),
        ("！？…", [("everything", 0)]),
        ("-涂层", [("everything", 0)]),
        ("钛", [("all_words", 1)]),
        ("电池", [("all_words", 1), ("characters", 2)]),
        ("电池 涂层", [("all_words", 2), ("some_words", 1), ("characters", 3)]),
        ("电池 涂层 -隔膜", [("all_words", 2), ("some_words", 1), ("characters", 3)]),
        ('"电池涂层"', [("all_words", 0)]),
    ],
)
def test_readings_worth_asking(query, readings):
    assert [(r.level.value, r.needed) for r in parse(query).readings()] == readings


@pytest.mark.parametrize(
    ("query", "needed"), [("天地玄黄宇宙洪", 5), ("天地玄黄宇宙洪荒", 5), ("天地玄黄宇宙洪荒日", 5)]
)
def test_of_few_characters_rather_one_more_is_needed(query, needed):
    weakest = parse(query).readings()[-1]
    assert (weakest.level, weakest.needed) == (Level.CHARACTERS, needed)


def distinct_words(count):
    return parse(" ".join(f"词{chr(0x4E10 + i)}x{i}" for i in range(count)))


@pytest.mark.parametrize("count", range(1, 12))
def test_fewer_words_are_asked_and_never_less_than_a_third(count):
    parsed = distinct_words(count)
    words = len(parsed.optional)
    steps = [r.needed for r in parsed.readings() if r.level is Level.SOME_WORDS]
    assert all(1 <= step < words and step * 3 >= words for step in steps)
    if words <= 5:
        assert steps == list(range(words - 1, 0, -1))[: words - -(-words // 3)], "one at a time"
    else:
        assert steps == [-(-words // 3)], "a sentence is no list of conditions"


@pytest.mark.parametrize(
    ("query", "kept", "aside"),
    [
        ("我们想找一种耐磨的涂层", ["耐磨", "涂层"], {"我们", "想", "找", "一种", "的"}),
        ("怎么治理废气", ["怎么", "治理", "废气"], set()),
        ("我们 想 找 一种 东西", ["我们", "想", "找", "一种", "东西"], set()),
        ('我们想找一种 "的" 耐磨 涂层', ["的", "耐磨", "涂层"], {"我们", "想", "找", "一种"}),
    ],
)
def test_words_that_only_make_a_sentence_are_set_aside_and_named(query, kept, aside):
    parsed = parse(query)
    assert ([clause.text for clause in parsed.clauses], set(parsed.set_aside)) == (kept, aside)
    assert parse(query, literal=True).set_aside == ()


@pytest.mark.parametrize(
    ("query", "wanted", "excluded"),
    [
        ("涂层 -电池", ["涂层"], ["电池"]),
        ("涂层 －电池", ["涂层"], ["电池"]),
        ("-电池 涂层", ["涂层"], ["电池"]),
        ('涂层 -"动力电池"', ["涂层"], ["动力电池"]),
        ("涂层 -动力电池隔膜", ["涂层"], ["动力电池隔膜"]),
        ("Wi-Fi 抄表", ["wi-fi", "抄表"], []),
        ("耐温 -40℃", ["耐温", "40", "°c"], []),
        ("涂层 - 电池", ["涂层", "电池"], []),
        ("涂层 --电池", ["涂层"], ["电池"]),
        ("涂层-电池", ["涂层", "电池"], []),
        ("-", [], []),
    ],
)
def test_a_minus_before_a_word_excludes_it(query, wanted, excluded):
    parsed = parse(query)
    assert [clause.text for clause in parsed.clauses] == wanted
    assert [clause.text for clause in parsed.excluded] == excluded


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=300))
def test_parsing_never_fails_and_stays_bounded(text):
    parsed = parse(text)
    assert len(parsed.clauses) <= MAX_CLAUSES
    assert all(clause.tokens and clause.text for clause in parsed.clauses)
    assert parsed.truncated or len(text) <= MAX_TEXT_LENGTH


@pytest.mark.parametrize(
    "values",
    [
        {"text": "x" * 201},
        {"kinds": ("nonsense",)},
        {"page": 0},
        {"page": 501, "page_size": 20},
        {"page_size": 0},
        {"page_size": 101},
    ],
)
def test_requests_out_of_bounds_are_refused_in_words(values):
    with pytest.raises(ValueError, match=r"[\u4e00-\u9fff]"):
        SearchRequest(scopes=("public",), **values)


def test_deepest_page_is_allowed():
    request = SearchRequest(scopes=("public",), page=500, page_size=20)
    assert request.offset == 9_980


@pytest.mark.parametrize(
    "values",
    [
        {"trl_min": 0},
        {"trl_max": 10},
        {"price_min_fen": -1},
        {"price_bands": ("0-1",)},
        {"maturity_bands": ("x",)},
    ],
)
def test_filters_out_of_bounds_are_refused(values):
    with pytest.raises(ValueError, match=r"[\u4e00-\u9fff]"):
        Filters(**values)


def test_each_facet_takes_back_all_its_own_choices():
    request = SearchRequest(
        scopes=("public",),
        kinds=("demand",),
        filters=Filters(
            fields=("05",),
            industries=("C",),
            regions=("150200",),
            modes=("LICENSE",),
            maturity_bands=("5-7",),
            trl_min=5,
            price_bands=("0-30",),
            price_max_fen=1,
            published_since=date(2025, 1, 1),
            confirmed_since=date(2025, 1, 1),
            measures=((1, 2),),
        ),
    )
    assert set(facets.chosen(request)) == set(Facet)
    for facet in Facet:
        loosened = facets.without_choice(request, facet)
        assert set(facets.chosen(loosened)) == set(Facet) - {facet}
        assert loosened.text == request.text


def test_unchosen_facets_share_one_query():
    request = SearchRequest(scopes=("public",), filters=Filters(modes=("LICENSE",)))
    groups = facets.counting_groups(request)
    assert [(group.counted, group.taken_back) for group in groups] == [
        (tuple(f for f in Facet if f not in (Facet.MODE, Facet.MEASURE)), None),
        ((Facet.MODE,), Facet.MODE),
    ]
    assert groups[0].request is request and not groups[1].request.filters.active


def test_indicators_are_counted_among_the_hits_also_when_one_is_chosen():
    filters = Filters(measures=((1, 2),))
    request = SearchRequest(scopes=("public",), filters=filters, with_indicators=True)
    groups = facets.counting_groups(request)
    assert [(group.counted, group.taken_back) for group in groups] == [
        (tuple(Facet), None),
        ((), Facet.MEASURE),
    ]
    assert not groups[1].request.filters.active


def test_all_choices_can_be_taken_back_at_once():
    filters = Filters(modes=("LICENSE",), measures=((1, 2),), trl_min=3, organisation_id=4)
    request = SearchRequest(scopes=("public",), text="涂层", kinds=("demand",), filters=filters)
    bare = facets.without_any_choice(request)
    assert facets.chosen(bare) == () and bare.text == "涂层"
    assert bare.filters == Filters(organisation_id=4), "whose listings these are is no choice of a facet"


def test_loosenings_only_help_and_best_first():
    found = [Loosening(Facet.MODE, 3), Loosening(Facet.REGION, 9), Loosening(Facet.PRICE, 2)]
    assert facets.best_loosenings(found, 2) == (Loosening(Facet.REGION, 9), Loosening(Facet.MODE, 3))


def test_relevance_is_the_first_order():
    assert SearchRequest(scopes=()).sort is Sort.RELEVANCE
