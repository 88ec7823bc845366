"""The achievement's side of a stored match: no trace of a hidden budget, and changes in its own hands."""

from dataclasses import replace
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.calibration import band_of
from search.counterfactuals import counterfactuals
from search.factors import Pair, assess, card_parts, conflicts, total_score
from search.indicators import AchievementIndicator, Comparator, DemandIndicator, compare_all
from search.match_result import Change, ConflictKind, Factor, Match, MatchSubject
from search.other_side import as_offered

WAN = 1_000_000


def offered(hardness: str) -> AchievementIndicator:
    return AchievementIndicator(name="硬度", low=D(hardness), high=D(hardness), unit="HRC")


OFFER = MatchSubject(
    kind="achievement",
    listing_id=2,
    title="耐磨涂层",
    modes=("transfer",),
    trl=6,
    price_min_fen=60 * WAN,
    price_max_fen=80 * WAN,
    indicators=(offered("58"),),
)
ASKED = MatchSubject(
    kind="demand",
    listing_id=1,
    title="耐磨涂层",
    modes=("license",),
    trl=8,
    indicators=(DemandIndicator(name="硬度", comparator=Comparator.AT_LEAST, value=D("60"), unit="HRC"),),
)


def matched(demand: MatchSubject, achievement: MatchSubject = OFFER) -> Match:
    """The match as it is stored: for the demand's owner, with everything he knows."""
    pair = Pair(demand, achievement, 70.0, compare_all(demand.indicators, achievement.indicators), None)
    known = assess(pair)
    score = total_score(known)
    return Match(
        achievement_id=2,
        achievement_revision_id=0,
        demand_id=1,
        demand_revision_id=0,
        algorithm_version="m",
        score=score,
        headline=round(score),
        band=band_of(score),
        likeness=0.3,
        parts=card_parts(known, round(score)),
        words=(),
        conflicts=tuple(conflicts(pair)),
        indicators=pair.indicators,
        counterfactuals=counterfactuals(pair, known, "demand"),
    )


@given(st.integers(1, 1_000_000_000))
def test_whatever_the_hidden_budget_is_the_other_side_sees_the_same(budget):
    stored = matched(replace(ASKED, price_max_fen=budget))
    assert as_offered(stored, ASKED, OFFER) == as_offered(matched(ASKED), ASKED, OFFER)


def test_points_add_up_without_the_budget():
    found = as_offered(matched(replace(ASKED, price_max_fen=10 * WAN)), ASKED, OFFER)
    assert sum(part.points for part in found.parts) == found.headline
    assert sum(part.maximum for part in found.parts) == 100
    price = next(part for part in found.parts if part.factor is Factor.PRICE)
    assert (price.value, price.points, price.maximum) == (None, 0, 0)


def test_an_open_budget_changes_nothing():
    asked = replace(ASKED, price_max_fen=50 * WAN)
    stored = matched(asked)
    found = as_offered(stored, asked, OFFER)
    assert replace(found, counterfactuals=stored.counterfactuals) == stored
    assert ConflictKind.OVER_BUDGET in {one.kind for one in found.conflicts}


@pytest.mark.parametrize(
    ("budget", "changes"), [(50 * WAN, {Change.MODE, Change.PRICE}), (None, {Change.MODE})]
)
def test_the_changes_are_those_of_the_achievement(budget, changes):
    asked = replace(ASKED, price_max_fen=budget)
    found = as_offered(matched(asked), asked, OFFER)
    assert {one.change for one in found.counterfactuals} == changes
    assert {one.score_from for one in found.counterfactuals} == {found.headline}


def test_what_is_withheld_has_no_points_however_far_it_falls_short():
    secret = replace(OFFER, indicators_withheld=True)
    worse = replace(secret, indicators=(offered("41"),))
    near, far = matched(ASKED, secret), matched(ASKED, worse)
    assert (near.score, near.parts) == (far.score, far.parts)
    told = replace(worse, indicators_withheld=False)
    assert matched(ASKED, told).score < matched(ASKED).score, "figures that are told cost points"
    assert Change.INDICATOR not in {one.change for one in near.counterfactuals}
