"""Each part of the score, the conflicts and the changes that would help."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.counterfactuals import MOST_CHANGES, counterfactuals
from search.documents import FEN_PER_WAN
from search.factors import WEIGHTS, Pair, assess, conflicts, total_score
from search.indicators import AchievementIndicator, Comparator, DemandIndicator, Necessity, compare_all
from search.match_result import Change, ConflictKind, Factor, MatchSubject

WAN = FEN_PER_WAN


def hardness(value, necessity=Necessity.MUST):
    return DemandIndicator(
        name="硬度", comparator=Comparator.AT_LEAST, value=D(value), unit="HRC", necessity=necessity
    )


def pair(demand=None, achievement=None, text=50.0, today=None):
    left = MatchSubject(kind="demand", listing_id=1, title="需", **(demand or {}))
    right = MatchSubject(kind="achievement", listing_id=2, title="成", **(achievement or {}))
    return Pair(left, right, text, compare_all(left.indicators, right.indicators), today)


def part(factor, **kwargs):
    return next(item for item in assess(pair(**kwargs)) if item.factor is factor)


def shown(given_pair):
    return total_score(assess(given_pair))


def test_weights_are_not_negative_and_make_a_hundred():
    assert set(WEIGHTS) == set(Factor)
    assert all(weight >= 0 for weight in WEIGHTS.values())
    assert sum(WEIGHTS.values()) == 100


@given(st.floats(0, 100))
def test_with_nothing_else_known_the_total_is_the_text_score(score):
    assert shown(pair(text=score)) == pytest.approx(score)


@pytest.mark.parametrize(("wanted", "offered", "value"), [(5, 6, 1.0), (5, 5, 1.0), (6, 5, 0.6), (9, 1, 0.0)])
def test_maturity(wanted, offered, value):
    assert part(Factor.MATURITY, demand={"trl": wanted}, achievement={"trl": offered}).value == value


@pytest.mark.parametrize(
    ("budget", "low", "high", "value"),
    [
        (50, 40, None, 1.0),
        (50, 50, 50, 1.0),
        (50, 40, 60, 0.7),
        (50, 100, 120, 0.25),
        (50, 51, None, 0.7),
        (0, 10, None, 0.0),
    ],
)
def test_price(budget, low, high, value):
    found = part(
        Factor.PRICE,
        demand={"price_max_fen": budget * WAN},
        achievement={"price_min_fen": low * WAN, "price_max_fen": high and high * WAN},
    )
    assert found.value == pytest.approx(value)
    assert found.facts["over_fen"] == max(0, low - budget) * WAN


@pytest.mark.parametrize(
    ("wanted", "offered", "value"),
    [
        ("150221", "150221", 1.0),
        ("150221", "150222", 0.8),
        ("150200", "150221", 1.0),
        ("150221", "150104", 0.5),
        ("150000", "150221", 1.0),
        ("150221", "330106", 0.2),
        ("1502", "150202", 1.0),
    ],
)
def test_region(wanted, offered, value):
    found = part(Factor.REGION, demand={"region_code": wanted}, achievement={"region_code": offered})
    assert found.value == value


def test_field_and_industry():
    demand = {"field_codes": ("05",), "industry_codes": ("C", "C33")}
    achievement = {"field_codes": ("05", "0501"), "industry_codes": ("C", "C30")}
    found = part(Factor.FIELD, demand=demand, achievement=achievement)
    assert found.value == pytest.approx((1.0 + 0.5) / 2)
    assert found.facts == {"shared_fields": ["05"], "shared_industries": ["C"]}


def test_mode():
    demand = {"modes": ("LICENSE", "TRANSFER")}
    assert part(Factor.MODE, demand=demand, achievement={"modes": ("TRANSFER",)}).value == 1
    assert part(Factor.MODE, demand=demand, achievement={"modes": ("JOINT",)}).value == 0


@pytest.mark.parametrize(("days", "value"), [(0, 1.0), (30, 1.0), (105, 0.5), (180, 0.0), (400, 0.0)])
def test_freshness_counts_from_the_older_confirmation(days, value):
    today = date(2025, 12, 1)
    older = date.fromordinal(today.toordinal() - days)
    found = part(
        Factor.FRESHNESS, demand={"confirmed_on": today}, achievement={"confirmed_on": older}, today=today
    )
    assert found.value == pytest.approx(value)
    assert found.facts["days"] == days


@pytest.mark.parametrize("factor", [f for f in Factor if f is not Factor.TEXT])
def test_what_one_side_does_not_say_is_unknown(factor):
    everything = {
        "field_codes": ("05",),
        "region_code": "15",
        "modes": ("LICENSE",),
        "trl": 5,
        "price_min_fen": 1,
    }
    indicators = (AchievementIndicator.exact("硬度", D(60), "HRC"),)
    assert part(factor, achievement={**everything, "indicators": indicators}).value is None
    assert part(factor, demand={**everything, "indicators": (hardness(60),)}).value is None


def test_stating_an_indicator_is_never_worse_than_silence():
    demand = {"indicators": (hardness(60), replace(hardness(60), name="结合强度", unit="MPa"))}
    stated = {"indicators": (AchievementIndicator.exact("硬度", D(61), "HRC"),)}
    found = part(Factor.INDICATORS, demand=demand, achievement=stated)
    assert found.value == 1
    assert found.weight == WEIGHTS[Factor.INDICATORS] / 2
    assert found.facts == {"met": 1, "short": 0, "conflict": 0, "unknown": 1}
    assert shown(pair(demand, stated)) > shown(pair(demand, {}))


def test_musts_weigh_more_than_wishes():
    short = {"indicators": (AchievementIndicator.exact("硬度", D(50), "HRC"),)}
    must = part(
        Factor.INDICATORS,
        demand={"indicators": (hardness(60), hardness(40, Necessity.WISH))},
        achievement=short,
    )
    wish = part(
        Factor.INDICATORS,
        demand={"indicators": (hardness(60, Necessity.WISH), hardness(40))},
        achievement=short,
    )
    assert must.value < wish.value


def test_conflicts_are_flagged_with_their_figures():
    demand = {"modes": ("LICENSE",), "price_max_fen": 50 * WAN, "trl": 7, "indicators": (hardness(60),)}
    achievement = {
        "modes": ("JOINT",),
        "price_min_fen": 120 * WAN,
        "trl": 6,
        "indicators": (AchievementIndicator(name="硬度", high=D(50), unit="HRC"),),
    }
    found = {item.kind: item.facts for item in conflicts(pair(demand, achievement))}
    assert set(found) == set(ConflictKind)
    assert found[ConflictKind.OVER_BUDGET]["over_fen"] == 70 * WAN
    assert found[ConflictKind.IMMATURE] == {"wanted": 7, "offered": 6}
    assert found[ConflictKind.INDICATOR] == {"name": "硬度"}


def test_a_missed_wish_and_a_shortfall_are_no_conflicts():
    wish = {"indicators": (hardness(60, Necessity.WISH),)}
    excluded = {"indicators": (AchievementIndicator(name="硬度", high=D(50), unit="HRC"),)}
    short = {"indicators": (AchievementIndicator.exact("硬度", D(58), "HRC"),)}
    assert conflicts(pair(wish, excluded)) == []
    assert conflicts(pair({"indicators": (hardness(60),)}, short)) == []


def told(given_pair, reader):
    return counterfactuals(given_pair, assess(given_pair), reader)


def changes(given_pair, reader):
    return {item.change: item for item in told(given_pair, reader)}


def test_a_demands_owner_is_told_what_would_lift_the_match():
    demand = {
        "modes": ("LICENSE",),
        "price_max_fen": 50 * WAN,
        "trl": 9,
        "indicators": (hardness(60),),
        "region_code": "150200",
    }
    achievement = {
        "modes": ("JOINT",),
        "price_min_fen": 120 * WAN,
        "trl": 5,
        "indicators": (AchievementIndicator.exact("硬度", D(50), "HRC"),),
        "region_code": "330106",
    }
    found = told(pair(demand, achievement), "demand")
    assert len(found) == MOST_CHANGES
    assert [item.score_to for item in found] == sorted((i.score_to for i in found), reverse=True)
    assert found[0].change is Change.INDICATOR
    assert found[0].facts == {"name": "硬度", "comparator": "≥", "unit": "HRC", "from": "60", "to": "50"}
    assert all(item.score_to > item.score_from == round(shown(pair(demand, achievement))) for item in found)


def test_a_change_brings_the_score_it_promises():
    demand, achievement = {"price_max_fen": 50 * WAN}, {"price_min_fen": 120 * WAN}
    found = changes(pair(demand, achievement), "demand")[Change.BUDGET]
    assert found.facts == {"from_fen": 50 * WAN, "to_fen": 120 * WAN}
    assert found.score_to == round(shown(pair({"price_max_fen": 120 * WAN}, achievement)))


def test_an_achievements_owner_is_only_told_what_is_theirs():
    demand = {"modes": ("LICENSE",), "price_max_fen": 50 * WAN, "trl": 9}
    achievement = {"modes": ("JOINT",), "price_min_fen": 120 * WAN, "trl": 1}
    found = changes(pair(demand, achievement), "achievement")
    assert set(found) == {Change.MODE, Change.PRICE}
    assert found[Change.MODE].facts == {"mode": "LICENSE"}
    assert found[Change.PRICE].facts == {"from_fen": 120 * WAN, "to_fen": 50 * WAN}


def test_nothing_to_change_when_everything_fits():
    same = {"modes": ("LICENSE",), "trl": 5, "region_code": "150200"}
    assert told(pair(same, same, text=100.0), "demand") == ()


def test_loosening_a_range_and_a_ceiling():
    ceiling = DemandIndicator(name="含量", comparator=Comparator.BELOW, value=D(5), unit="%")
    span = DemandIndicator(name="温度", comparator=Comparator.RANGE, low=D(20), high=D(30), unit="℃")
    offers = (
        AchievementIndicator.exact("含量", D(6), "%"),
        AchievementIndicator.exact("温度", D(34), "℃"),
    )
    found = told(pair({"indicators": (ceiling, span)}, {"indicators": offers}), "demand")
    facts = {item.facts["name"]: (item.facts["comparator"], item.facts["to"]) for item in found}
    assert facts == {"含量": ("≤", "6"), "温度": ("范围", "20–34")}
