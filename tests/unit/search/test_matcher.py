"""Matching end to end on a small index: candidates, exact likeness, reasons, both directions."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal as D

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search.calibration import calibrate
from search.documents import ListingDocument
from search.embedded import EmbeddedEngine
from search.indicators import AchievementIndicator, Comparator, DemandIndicator
from search.likeness import products, text_vector, text_weights
from search.match_result import Factor, Match, MatchSubject
from search.matching import ALGORITHM_VERSION, Matcher
from search.reasons import GENERIC_WORDS, shared_words

TITLES = {
    1: "高炉风口用耐高温耐磨涂层及等离子堆焊工艺",
    2: "超音速火焰喷涂高温防护涂层",
    3: "羊绒纤维快速鉴别方法",
    4: "污泥干化焚烧处理设备",
    5: "稀土永磁电机设计",
    6: "马铃薯病毒检测试剂盒",
    7: "煤矸石制备陶粒技术",
    8: "草原退化遥感监测系统",
}
PUBLIC = ("public",)


def document(listing_id, title, kind="achievement", scopes=PUBLIC, **values):
    day = date(2025, 1, 1)
    return ListingDocument(
        listing_id=listing_id,
        kind=kind,
        revision_id=1,
        title=title,
        published_on=day,
        confirmed_on=day,
        scopes=scopes,
        **values,
    )


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    engine = EmbeddedEngine(tmp_path_factory.mktemp("matching"))
    documents = [document(number, title) for number, title in TITLES.items()]
    documents.append(document(90, "高炉耐磨涂层内部资料", scopes=("org:1",)))
    documents.append(document(20, "高炉风口耐磨涂层", kind="demand", body="要求耐高温，硬度高"))
    documents.append(document(21, "羊绒制品鉴别", kind="demand", body="区分羊绒与羊毛纤维"))
    engine.rebuild(documents)
    return engine


@pytest.fixture(scope="module")
def matcher(engine):
    return Matcher(engine)


def demand(title="高炉风口套表面耐磨涂层", text="要求耐高温", **values):
    return MatchSubject(kind="demand", listing_id=100, title=title, text=text, **values)


def achievement(listing_id=1, **values):
    return MatchSubject(kind="achievement", listing_id=listing_id, title=TITLES[listing_id], **values)


def test_the_likest_text_comes_first(matcher):
    found = matcher.candidates(demand(), PUBLIC)
    assert [item.listing_id for item in found[:2]] == [1, 2]
    assert [item.likeness for item in found] == sorted((i.likeness for i in found), reverse=True)
    assert found[0].score == calibrate(found[0].likeness)


def test_a_shared_character_is_enough(matcher):
    assert matcher.candidates(demand("污水治理", ""), PUBLIC)[0].listing_id == 4


def test_hidden_listings_are_no_candidates(matcher):
    assert 90 not in {item.listing_id for item in matcher.candidates(demand(), PUBLIC)}
    assert 90 in {item.listing_id for item in matcher.candidates(demand(), ("public", "org:1"))}
    assert matcher.candidates(demand(), ()) == []


def test_both_directions_give_one_score(matcher):
    left = demand("高炉风口耐磨涂层", "要求耐高温，硬度高")
    seen_by_achievement = matcher.candidates(achievement(1), PUBLIC)
    assert seen_by_achievement[0].listing_id == 20
    from_demand = {item.listing_id: item.likeness for item in matcher.candidates(left, PUBLIC)}
    assert from_demand[1] == pytest.approx(seen_by_achievement[0].likeness)
    one = explained(matcher, left, achievement(1), reader="demand")
    other = explained(matcher, left, achievement(1), reader="achievement")
    assert one.score == other.score
    assert one.likeness == pytest.approx(from_demand[1])


def explained(matcher, wanted, offered, *, reader, **options):
    """The one pair, as its demand's owner or its achievement's reads it."""
    sides = (wanted, offered) if reader == "demand" else (offered, wanted)
    return matcher.explain(sides[0], sides[1:], **options)[0]


def test_an_unknown_text_has_no_candidates(matcher):
    assert matcher.candidates(demand("", ""), PUBLIC) == []
    assert matcher.candidates(demand("qwertz", ""), PUBLIC) == []


def test_match_loads_explains_and_orders(matcher):
    def load(numbers):
        return [achievement(number) for number in numbers if number != 2]

    found = matcher.match(demand(), load, PUBLIC, limit=3)
    assert found[0].achievement_id == 1
    assert 2 not in {match.achievement_id for match in found}
    assert [match.score for match in found] == sorted((m.score for m in found), reverse=True)
    assert len(found) <= 3


def test_other_facts_can_outweigh_a_little_text(matcher):
    same = {"modes": ("LICENSE",), "field_codes": ("05",), "trl": 5}
    worse = {"modes": ("JOINT",), "field_codes": ("09",), "trl": 1}
    good = explained(matcher, demand(**same), achievement(1, **same), reader="demand")
    bad = explained(matcher, demand(**same), achievement(1, **worse), reader="demand")
    assert good.score > bad.score
    assert bad.conflicts
    assert good.conflicts == ()


def full_match(matcher):
    indicators = (
        DemandIndicator(name="硬度", comparator=Comparator.AT_LEAST, value=D(60), unit="HRC"),
        DemandIndicator(name="工作温度", comparator=Comparator.AT_LEAST, value=D(900), unit="℃"),
    )
    offers = (
        AchievementIndicator.exact("硬度", D(58), "HRC"),
        AchievementIndicator.exact("使用温度", D("1193.15"), "K"),
    )
    return explained(
        matcher,
        demand(
            indicators=indicators,
            price_max_fen=50_000_000,
            modes=("LICENSE",),
            confirmed_on=date(2025, 1, 1),
            trl=5,
        ),
        achievement(
            1, indicators=offers, price_min_fen=120_000_000, modes=("JOINT",), trl=6, region_code="150200"
        ),
        reader="demand",
        today=date(2025, 3, 1),
    )


def test_shown_points_add_up(matcher):
    match = full_match(matcher)
    assert sum(part.points for part in match.parts) == match.headline == round(match.score)
    assert sum(part.maximum for part in match.parts) == 100
    unknown = [part for part in match.parts if part.value is None]
    assert {part.factor for part in unknown} == {Factor.FIELD, Factor.REGION}
    assert all(part.maximum == 0 for part in unknown)
    assert match.algorithm_version == ALGORITHM_VERSION


def test_a_match_survives_json(matcher):
    match = full_match(matcher)
    stored = json.loads(json.dumps(match.to_json(), ensure_ascii=False))
    assert Match.from_json(stored) == match
    assert stored["indicators"][0]["difference"] == "2"


def test_words_name_what_both_have(matcher):
    words = {item.word: item for item in full_match(matcher).words}
    assert "涂层" in words
    assert not words["涂层"].by_character
    assert sum(item.share for item in words.values()) <= 1 + 1e-9
    assert len(words) <= 5
    assert all(item.share >= 0.05 for item in words.values())


class Flat(dict):
    """An idf that makes every token count alike."""

    def __missing__(self, _token):
        return 1.0


def reasons(demand_text, achievement_text):
    left = text_vector(text_weights("demand", demand_text, ""), Flat())
    right = text_vector(text_weights("achievement", achievement_text, ""), Flat())
    return shared_words([demand_text], [achievement_text], products(left, right))


def test_matches_by_character_name_their_counterpart():
    (found,) = reasons("污水", "污泥")
    assert (found.word, found.by_character, found.counterpart) == ("污泥", True, "污水")
    assert found.share == pytest.approx(1.0)


def test_generic_words_are_shown_only_when_they_carry_much():
    few = reasons("耐磨涂层高炉风口电机羊绒纤维煤矸石技术", "耐磨涂层高炉风口电机羊绒纤维煤矸石技术")
    assert "技术" not in {item.word for item in few}
    assert [item.word for item in reasons("技术", "技术")] == ["技术"]
    assert "技术" in GENERIC_WORDS


def test_nothing_shared_gives_no_words():
    assert reasons("涂层", "电机") == ()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.text("高炉风口涂层耐磨电机羊绒技术PLC ", max_size=20),
    st.text("高炉风口涂层耐磨羊毛技术plc", max_size=20),
)
def test_any_pair_has_a_sound_explanation(matcher, one, other):
    found = explained(
        matcher,
        demand(one, other),
        MatchSubject(kind="achievement", listing_id=5, title=other, text=one, trl=3),
        reader="demand",
    )
    assert 0 <= found.score <= 100
    assert found.score == pytest.approx(calibrate(found.likeness))
    assert sum(part.points for part in found.parts) == found.headline
    assert sum(item.share for item in found.words) <= 1 + 1e-9


def test_statistics_follow_the_index(tmp_path):
    engine = EmbeddedEngine(tmp_path / "index")
    matcher = Matcher(engine)
    assert matcher.candidates(demand(), PUBLIC) == []
    engine.apply([document(1, TITLES[1])])
    assert [item.listing_id for item in matcher.candidates(demand(), PUBLIC)] == [1]
    before = explained(matcher, demand(), achievement(1), reader="demand").likeness
    engine.apply([document(number, TITLES[number]) for number in range(2, 9)])
    assert explained(matcher, demand(), achievement(1), reader="demand").likeness != before


def test_subjects_of_the_wrong_kind_are_refused():
    with pytest.raises(ValueError, match="only achievements and demands"):
        MatchSubject(kind="expert", listing_id=1, title="")
    with pytest.raises(ValueError, match="DemandIndicator"):
        MatchSubject(
            kind="demand", listing_id=1, title="", indicators=(AchievementIndicator.exact("硬度", D(1)),)
        )
