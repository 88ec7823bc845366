"""Levels: where an achievement stands in its market, and what judges made of such standings."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.cross_validation import errors_of_unseen
from search.documents import ACHIEVEMENT, DEMAND
from search.levels import LEVEL_THRESHOLDS, LEVELS, Market, Standing, fit_thresholds, level_of
from search.likeness import likeness, text_vector, text_weights

TITLES = ("高炉耐磨涂层", "耐磨涂料", "羊绒纤维鉴别", "涂料生产线", "电机")


class Flat(dict):
    """An idf that makes every token count alike."""

    def __missing__(self, _token):
        return 1.0


def market(titles):
    return Market([text_weights(ACHIEVEMENT, title, "") for title in titles], Flat())


def demand(title, text=""):
    return text_vector(text_weights(DEMAND, title, text), Flat())


def standings(title, titles=TITLES):
    return market(titles).standings(demand(title), range(len(titles)))


def test_the_likeness_is_the_one_matching_has():
    wanted = demand("耐磨的涂层", "高炉用")
    found = market(TITLES).standings(wanted, range(len(TITLES)))
    exact = [likeness(wanted, text_weights(ACHIEVEMENT, title, ""), Flat()) for title in TITLES]
    assert [standing.likeness for standing in found] == pytest.approx(exact)


def test_places_are_shares_of_the_market_and_equals_share_the_last():
    places = [standing.place for standing in standings("耐磨涂层")]
    assert places == [1 / 5, 2 / 5, 1.0, 3 / 5, 1.0]
    assert [standing.place for standing in standings("涂", ("涂料", "涂层"))] == [1.0, 1.0]


def test_what_shares_nothing_with_the_demand_may_be_near_to_its_best_matches():
    found = standings("耐磨涂层", ("耐磨涂层刮刀", "刮刀", "电机"))
    assert found[1].likeness == found[2].likeness == 0
    assert found[1].nearness == pytest.approx(2 / math.sqrt(12))
    assert found[2].nearness == 0
    assert [standing.near_place for standing in found] == [1 / 3, 2 / 3, 1.0]


def test_only_the_wanted_are_told_in_their_order():
    every = standings("涂料")
    assert market(TITLES).standings(demand("涂料"), [3, 1, 3]) == [every[3], every[1], every[3]]


@pytest.mark.parametrize("titles", [("", ""), ("电机", "")])
def test_texts_without_anything_in_common_end_last(titles):
    for standing in standings("涂料", titles):
        assert standing == Standing(likeness=0.0, nearness=0.0, place=1.0, near_place=1.0)
        assert level_of(standing, LEVEL_THRESHOLDS) == 1


def test_levels_count_the_thresholds_passed():
    rows = ((0, 0, 1, 0, -0.2), (0, 0, 1, 0, -0.5), (0, 0, 1, 0, -0.8))
    levels = [level_of(Standing(alike, 0, 1, 1), rows) for alike in (0.1, 0.2, 0.3, 0.6, 0.9)]
    assert levels == [1, 1, 2, 3, 4]


@settings(max_examples=200, deadline=None)
@given(st.floats(1e-5, 1), st.floats(1e-5, 1), st.floats(0, 1.1), st.floats(0, 1))
def test_a_better_place_never_lowers_the_shipped_level(better, worse, alike, near):
    better, worse = sorted((better, worse))
    first, second = (Standing(alike, near, place, place) for place in (better, worse))
    assert level_of(first, LEVEL_THRESHOLDS) >= level_of(second, LEVEL_THRESHOLDS)


def grid(step):
    """Standings whose level is told by the place alone, a tenth for level 2, a hundredth for level 3."""
    places = [step**number for number in range(60)]
    known = [Standing(place, place, place, place) for place in places]
    return known, [1 + (place < 0.1) + (place < 0.01) for place in places]


def test_a_fit_finds_what_the_judgments_follow():
    known, judged = grid(0.9)
    thresholds = fit_thresholds(known, judged)
    assert [level_of(standing, thresholds) for standing in known] == judged
    assert len(thresholds) == len(LEVELS) - 1
    assert all(math.isfinite(weight) for row in thresholds for weight in row)


def test_a_level_nobody_gave_is_never_predicted():
    thresholds = fit_thresholds(*grid(0.95))
    assert all(level_of(standing, thresholds) < 4 for standing in grid(0.5)[0])


def test_errors_of_unseen_demands_are_those_of_thresholds_fitted_on_the_others():
    one, other = list(zip(*grid(0.9), strict=True)), list(zip(*grid(0.8), strict=True))

    def errors(known, asked):
        thresholds = fit_thresholds(*zip(*known, strict=True))
        return sum(abs(level_of(standing, thresholds) - judged) for standing, judged in asked)

    found = errors_of_unseen([one, other], 2, deals=3)
    assert found == pytest.approx([errors(other, one), errors(one, other)])


def test_an_odd_demand_does_not_teach_its_own_levels():
    """Its pairs are all 4; thresholds that had seen them would say so."""
    known, judged = grid(0.9)
    usual = list(zip(known, judged, strict=True))
    odd = [(standing, 4) for standing in known]
    seen = fit_thresholds(known * 2, judged + [4] * len(known))
    unseen = errors_of_unseen([usual, odd], 2)[1]
    assert unseen == sum(4 - level for level in judged)
    assert unseen > sum(4 - level_of(standing, seen) for standing in known)


def test_the_deal_depends_on_the_seed_alone():
    demands = [list(zip(*grid(0.8 + number / 50), strict=True))[number::5] for number in range(5)]
    runs = [errors_of_unseen(demands, 2, seed=seed, deals=1) for seed in (1, 1, 2)]
    assert runs[0] == runs[1] != runs[2]


@pytest.mark.parametrize("folds", [0, 1, 3])
def test_folds_need_a_demand_each(folds):
    demands = [list(zip(*grid(0.9), strict=True))] * 2
    with pytest.raises(ValueError, match="folds must be 2 to 2"):
        errors_of_unseen(demands, folds)
