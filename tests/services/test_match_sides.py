"""One pair on two sides: each sees the changes in its own hands, and neither can work out what the other withholds."""

from dataclasses import replace

import pytest
from flask import current_app
from sqlalchemy import func, select

from marketplace.matching import presenters
from marketplace.matching.models import MatchShowing
from marketplace.matching.services import pairs
from marketplace.web.transaction import unit_of_work
from marketplace.worker import run_pass
from search.match_result import Change, ConflictKind, Factor
from tests import factories
from tests.services.trading_market import Market

_WAN = 1_000_000


@pytest.fixture
def market(app, now) -> Market:
    return Market(app, now)


def seen(actor, number, other) -> pairs.Pair:
    """The pair as this person gets it."""
    with unit_of_work() as session:
        return pairs.pair_of(session, actor, number, other)


def shown(app, actor, number, other) -> str:
    """Card and row of the pair as this person reads them."""
    with unit_of_work() as session, app.test_request_context():
        today = current_app.extensions["clock"].today()
        pair = pairs.pair_of(session, actor, number, other)
        own = pair.demand if pair.demand.number == number else pair.achievement
        row = presenters.list_row(pair, own, True, today)
        return f"{vars(presenters.card(pair, own, today))} {row}".replace(other, "OTHER")


def part(pair: pairs.Pair, factor: Factor):
    return next(one for one in pair.match.parts if one.factor is factor)


def test_a_pair_without_secrets_has_one_score_on_both_sides(app, market):
    offered, asked = market.offer(modes=("transfer",)), market.ask()
    run_pass(app)
    asks, offers = seen(market.member, asked, offered), seen(market.researcher, offered, asked)
    assert offers.match.score == pytest.approx(asks.match.score, abs=1e-9)
    assert (offers.match.headline, offers.match.band) == (asks.match.headline, asks.match.band)
    assert offers.match.parts == asks.match.parts
    assert offers.match.conflicts == asks.match.conflicts


def test_each_side_is_told_the_changes_in_its_own_hands(app, market):
    price = {"price_kind": "fixed", "price_min_fen": 90 * _WAN, "price_max_fen": 90 * _WAN}
    offered, asked = market.offer(modes=("transfer",), **price), market.ask(wanted_trl=9)
    run_pass(app)
    asks, offers = seen(market.member, asked, offered), seen(market.researcher, offered, asked)
    assert {one.change: dict(one.facts) for one in offers.match.counterfactuals} == {
        Change.MODE: {"mode": "license_non_exclusive"},
        Change.PRICE: {"from_fen": 90 * _WAN, "to_fen": 50 * _WAN},
    }
    assert Change.PRICE not in {one.change for one in asks.match.counterfactuals}
    assert {one.score_from for one in offers.match.counterfactuals} == {offers.match.headline}


def test_who_accepts_only_what_is_told_from_the_other_side(app, market):
    offered, asked = market.offer(modes=("transfer",)), market.ask()
    run_pass(app)
    assert "只接受转让" in shown(app, market.member, asked, offered)
    theirs = shown(app, market.researcher, offered, asked)
    assert "只接受普通许可" in theirs and "只接受转让" not in theirs


@pytest.mark.parametrize("budget", [10, 44, 61, 300])
def test_no_figure_of_the_other_side_moves_with_a_hidden_budget(app, market, budget):
    offered = market.offer()
    told = []
    for wan in (50, budget):
        asked = market.ask(
            budget_public=False, price_kind="fixed", price_min_fen=wan * _WAN, price_max_fen=wan * _WAN
        )
        run_pass(app)
        told.append(shown(app, market.researcher, offered, asked))
        own = seen(market.member, asked, offered)
        assert part(own, Factor.PRICE).value is not None, "it counts for its owner"
        theirs = seen(market.researcher, offered, asked)
        assert part(theirs, Factor.PRICE).value is None
        assert ConflictKind.OVER_BUDGET not in {one.kind for one in theirs.match.conflicts}
    assert told[0] == told[1]
    assert "'withheld': ['价格']" in told[0] and "超" not in told[0]


def test_a_budget_hidden_since_the_run_is_hidden_at_once(app, market):
    offered, asked = market.offer(), market.ask(price_max_fen=44 * _WAN)
    run_pass(app)
    assert "超预算 1 万元" in shown(app, market.researcher, offered, asked)
    market.change(market.member, asked, budget_public=False)
    assert "超" not in shown(app, market.researcher, offered, asked), "before the worker came round"


@pytest.mark.parametrize("value", ["58", "45"])
def test_figures_that_wait_for_an_agreement_have_a_verdict_and_no_points(app, market, value):
    hardness, *others = factories.achievement().indicators
    rows = (replace(hardness, value=value), *others)
    offered, asked = market.offer(confidentiality="after_agreement", indicators=rows), market.ask()
    run_pass(app)
    for actor, number, other in ((market.member, asked, offered), (market.researcher, offered, asked)):
        assert part(seen(actor, number, other), Factor.INDICATORS).value is None
    told = shown(app, market.member, asked, offered)
    assert "'withheld': ['指标']" in told and "硬度不足" in told
    assert f"{value} HRC" not in told and f"差 {60 - int(value)}" not in told


def test_the_list_of_an_achievement_stands_in_the_order_of_what_it_shows(app, market):
    offered = market.offer()
    for wan in (5, 70, 20, 48):
        market.ask(
            budget_public=wan == 48, price_kind="fixed", price_max_fen=wan * _WAN, price_min_fen=wan * _WAN
        )
    run_pass(app)
    with unit_of_work() as session:
        own = pairs.matches_of(session, market.researcher, offered)
        scores = [pair.match.score for pair in own.pairs]
    assert len(scores) == 4 and scores == sorted(scores, reverse=True)


def test_what_staff_look_at_has_not_been_shown_to_the_side_it_belongs_to(app, market):
    market.offer()
    asked = market.ask()
    run_pass(app)
    with unit_of_work() as session:
        own = pairs.matches_of(session, market.operator, asked)
        assert len(own.pairs) == 1 and not own.decides
        assert pairs.new_showings(session, own, market.now) == []
        own = pairs.matches_of(session, market.member, asked)
        assert own.decides and len(pairs.new_showings(session, own, market.now)) == 1
        assert session.scalar(select(func.count(MatchShowing.id))) == 0
