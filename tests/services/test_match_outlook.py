"""What one change would bring over the whole list: counted by matching again, and telling no secrets."""

from dataclasses import replace

import pytest

from marketplace.listings.services import drafts, publication
from marketplace.matching.services import outlook, pairs
from marketplace.matching.services.runs import owner_scopes
from marketplace.matching.subjects import subject
from marketplace.web.transaction import unit_of_work
from marketplace.worker import run_pass
from search.backend import EngineUnavailable
from search.match_result import Change
from search.matching import matcher_of
from search.survey import Survey
from tests.services.trading_market import Market


@pytest.fixture
def market(app, now) -> Market:
    return Market(app, now)


def ahead(app, market, actor, number) -> outlook.Outlook:
    with unit_of_work() as session:
        listing = drafts.find_listing(session, number)
        return outlook.of(session, app.extensions["search"], actor, listing, today=market.now.date())


def brought(found: Survey) -> list[tuple]:
    return [(one.change, dict(one.facts), one.more) for one in found.changes]


#: Nothing but the mode or the price stands between these.
PLAIN = {
    "indicators": (),
    "price_kind": "fixed",
    "price_min_fen": 10_000_000,
    "price_max_fen": 10_000_000,
    "trl": 9,
}
ASKED = {"indicators": ()}


def test_accepting_another_mode_brings_what_a_new_run_then_has(app, market):
    for place in range(3):
        market.offer(title=f"高炉风口表面耐磨涂层的等离子堆焊修复{place}", **PLAIN, modes=("transfer",))
    asked = market.ask(**ASKED, modes=("license_non_exclusive",))
    run_pass(app)
    found = ahead(app, market, market.member, asked)
    assert found.changes == Survey(0, found.changes.changes)
    assert brought(found.changes) == [(Change.MODE, {"mode": "transfer"}, 3)]
    market.change(market.member, asked, modes=("license_non_exclusive", "transfer"))
    run_pass(app)
    with unit_of_work() as session:
        own = pairs.matches_of(session, market.member, asked)
        assert sum(not pair.match.conflicts for pair in own.pairs) == 3
    assert ahead(app, market, market.member, asked).changes.now == 3


def test_a_higher_budget_is_counted(app, market):
    for wan in (40, 45, 45):
        fen = wan * 1_000_000
        market.offer(**{**PLAIN, "price_min_fen": fen, "price_max_fen": fen})
    asked = market.ask(**{**ASKED, "price_max_fen": 30_000_000, "price_kind": "band"})
    run_pass(app)
    found = ahead(app, market, market.member, asked)
    assert brought(found.changes) == [(Change.BUDGET, {"from_fen": 30_000_000, "to_fen": 45_000_000}, 3)]


def test_a_hidden_budget_is_not_given_away_by_a_count(app, market):
    offered = market.offer(**{**PLAIN, "price_min_fen": 60_000_000, "price_max_fen": 60_000_000})
    market.ask(**{**ASKED, "price_max_fen": 50_000_000, "price_kind": "band"}, budget_public=False)
    run_pass(app)
    assert brought(ahead(app, market, market.researcher, offered).changes) == []
    market.ask(**{**ASKED, "price_max_fen": 40_000_000, "price_kind": "band"}, budget_public=True)
    run_pass(app)
    found = ahead(app, market, market.researcher, offered)
    assert brought(found.changes) == [(Change.PRICE, {"from_fen": 60_000_000, "to_fen": 40_000_000}, 1)]


def test_indicators_that_wait_for_an_agreement_are_not_given_away(app, market):
    market.offer(confidentiality="after_agreement", price_min_fen=10_000_000, price_max_fen=10_000_000, trl=9)
    asked = market.ask()
    run_pass(app)
    assert Change.INDICATOR not in {
        one.change for one in ahead(app, market, market.member, asked).changes.changes
    }


def test_a_listing_that_is_not_published_has_no_outlook(app, market):
    asked = market.ask()
    with unit_of_work() as session:
        listing = drafts.find_listing(session, asked)
        publication.withdraw(session, market.member, asked, "solved", version=listing.version, now=market.now)
    assert ahead(app, market, market.member, asked).changes == Survey(0, ())


def test_while_no_engine_answers_the_declines_are_still_there(app, market, monkeypatch):
    offered, asked = market.offer(), market.ask()
    run_pass(app)
    market.decide(market.member, asked, offered, "declined", reason_code="maturity")

    def away(*_args, **_more):
        raise EngineUnavailable("gone")

    monkeypatch.setattr(app.extensions["search"], "candidates", away)
    found = ahead(app, market, market.researcher, offered)
    assert (found.changes, found.declined, found.prices) == (None, {"maturity": 1}, None)


def test_likeness_within_a_kind_leaves_out_the_listing_itself(app, market):
    first = market.offer()
    second = market.offer(title="高炉风口表面耐磨涂层的等离子堆焊修复")
    run_pass(app)
    with unit_of_work() as session:
        listing, other = (drafts.find_listing(session, number) for number in (first, second))
        own = subject(listing, listing.accepted_revision)
        matcher = matcher_of(app.extensions["search"])
        found = matcher.alike(own, owner_scopes(listing), 10)
        assert [one.listing_id for one in found] == [other.id]
        assert [
            one.listing_id for one in matcher.alike(replace(own, listing_id=0), owner_scopes(listing), 10)
        ] == [
            listing.id,
            other.id,
        ]
