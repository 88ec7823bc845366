"""One change to a listing, counted over all its candidates: the same as matching the changed listing again."""

from dataclasses import replace
from datetime import date
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.factors import Pair, assess
from search.indicators import AchievementIndicator, Comparator, DemandIndicator, Necessity, compare_all
from search.match_result import Change, MatchSubject
from search.survey import Survey, is_usable, survey

TODAY = date(2026, 3, 3)
WAN = 1_000_000


def usable(one):
    return is_usable(one, assess(one))


def demand(**values) -> MatchSubject:
    return MatchSubject(kind="demand", listing_id=1, title="耐磨涂层", **values)


def achievement(**values) -> MatchSubject:
    return MatchSubject(kind="achievement", listing_id=2, title="耐磨涂层", **values)


def pair(wanted: MatchSubject, offered: MatchSubject, text_score: float = 80.0) -> Pair:
    compared = compare_all(wanted.indicators, offered.indicators)
    return Pair(wanted, offered, text_score, compared, TODAY)


def surveyed(wanted: MatchSubject, *offers: MatchSubject, reader: str = "demand") -> Survey:
    return survey([pair(wanted, offer) for offer in offers], reader)


def brought(found: Survey) -> dict[Change, tuple]:
    return {one.change: (dict(one.facts), one.more) for one in found.changes}


def test_nothing_to_compare_with_brings_nothing():
    assert survey([], "demand") == Survey(0, ())


def test_another_mode_brings_the_matches_that_only_offer_it():
    wanted = demand(modes=("transfer",))
    found = surveyed(
        wanted,
        achievement(modes=("transfer",)),
        achievement(modes=("license",)),
        achievement(modes=("license", "joint")),
        achievement(modes=("joint",)),
    )
    assert found.now == 1
    # Two modes bring two each; the first one met is named.
    assert brought(found) == {Change.MODE: ({"mode": "license"}, 2)}


def test_the_smallest_budget_that_brings_most_is_named():
    wanted = demand(price_max_fen=30 * WAN)
    prices = (25, 40, 45, 45, 61)
    offers = [achievement(price_min_fen=wan * WAN, price_max_fen=wan * WAN) for wan in prices]
    found = surveyed(wanted, *offers)
    assert found.now == 1
    # 61 is more than twice today's budget and is not asked for.
    assert brought(found) == {Change.BUDGET: ({"from_fen": 30 * WAN, "to_fen": 45 * WAN}, 3)}


def test_a_maturity_is_given_up_level_by_level():
    wanted = demand(trl=8)
    found = surveyed(wanted, *(achievement(trl=level) for level in (8, 7, 6, 6, 4)))
    assert found.now == 1
    assert brought(found) == {Change.MATURITY: ({"from": 8, "to": 6}, 3)}


def test_an_indicator_is_loosened_to_what_most_can_do_within_reach():
    hardness = DemandIndicator(name="硬度", comparator=Comparator.AT_LEAST, value=D(60), unit="HRC")
    offers = [
        achievement(indicators=(AchievementIndicator.exact("硬度", D(value), "HRC"),))
        for value in (62, 58, 57)
    ]
    found = surveyed(demand(indicators=(hardness,)), *offers)
    assert found.now == 1
    facts, more = brought(found)[Change.INDICATOR]
    assert (facts["from"], facts["to"], facts["unit"], more) == ("60", "57", "HRC", 2)


@pytest.mark.parametrize(("offered", "more"), [(41, 1), (39, 0)])
def test_nobody_is_told_to_give_up_an_indicator_for_what_fits_not_at_all(offered, more):
    hardness = DemandIndicator(name="硬度", comparator=Comparator.AT_LEAST, value=D(60), unit="HRC")
    offer = achievement(indicators=(AchievementIndicator.exact("硬度", D(offered), "HRC"),))
    found = surveyed(demand(indicators=(hardness,)), offer)
    assert [change.more for change in found.changes] == [1] * more


def test_a_wish_that_falls_short_does_not_make_a_match_useless():
    wish = DemandIndicator(
        name="硬度", comparator=Comparator.AT_LEAST, value=D(60), unit="HRC", necessity=Necessity.WISH
    )
    offer = achievement(indicators=(AchievementIndicator.exact("硬度", D(58), "HRC"),))
    assert usable(pair(demand(indicators=(wish,)), offer))
    assert not usable(pair(demand(indicators=(replace(wish, necessity=Necessity.MUST),)), offer))


def test_what_is_not_like_it_is_brought_by_no_change():
    far = pair(demand(modes=("transfer",)), achievement(modes=("license",)), text_score=10.0)
    assert survey([far], "demand") == Survey(0, ())


def test_an_achievement_can_offer_more_or_ask_less():
    offered = achievement(modes=("transfer",), price_min_fen=60 * WAN, price_max_fen=80 * WAN)
    asked = [
        demand(modes=("license",)),
        demand(modes=("transfer",), price_max_fen=50 * WAN),
        demand(modes=("transfer",), price_max_fen=40 * WAN),
        demand(modes=("transfer",), price_max_fen=20 * WAN),
    ]
    found = survey([pair(one, offered) for one in asked], "achievement")
    assert found.now == 0
    assert brought(found) == {
        Change.PRICE: ({"from_fen": 60 * WAN, "to_fen": 40 * WAN}, 2),
        Change.MODE: ({"mode": "license"}, 1),
    }
    # The price that brings more comes first.
    assert [one.change for one in found.changes] == [Change.PRICE, Change.MODE]


_MODES = st.sets(st.sampled_from(("transfer", "license", "joint")), max_size=2).map(tuple)
_PRICES = st.one_of(st.none(), st.integers(10, 90).map(lambda wan: wan * WAN))
_OFFERS = st.builds(
    lambda modes, price, trl: achievement(modes=modes, price_min_fen=price, price_max_fen=price, trl=trl),
    _MODES,
    _PRICES,
    st.one_of(st.none(), st.integers(1, 9)),
)


@given(_MODES, _PRICES, st.integers(1, 9), st.lists(st.tuples(_OFFERS, st.floats(0, 100)), max_size=8))
def test_every_count_is_that_of_the_changed_listing(modes, budget, trl, offers):
    wanted = demand(modes=modes, price_max_fen=budget, trl=trl)
    found = survey([pair(wanted, offer, score) for offer, score in offers], "demand")
    assert found.now == sum(usable(pair(wanted, offer, score)) for offer, score in offers)
    for one in found.changes:
        changed = _apply(wanted, one.change, one.facts)
        after = sum(usable(pair(changed, offer, score)) for offer, score in offers)
        assert after - found.now == one.more > 0


def _apply(wanted: MatchSubject, change: Change, facts) -> MatchSubject:
    if change is Change.MODE:
        return replace(wanted, modes=(*wanted.modes, facts["mode"]))
    if change is Change.BUDGET:
        return replace(wanted, price_max_fen=facts["to_fen"])
    assert change is Change.MATURITY, pytest.fail(f"unexpected {change}")
    return replace(wanted, trl=facts["to"])
