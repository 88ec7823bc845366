"""Matches: stored with what they were made from, made again when something changes, decided once, told once."""

from collections import Counter
from datetime import timedelta

import pytest
from flask import current_app
from sqlalchemy import func, select

from marketplace.errors import Conflict, Forbidden, Invalid, NotFound
from marketplace.listings.models import Listing
from marketplace.listings.services import confirming, drafts, publication
from marketplace.matching import presenters
from marketplace.matching.models import MatchRun
from marketplace.matching.services import pairs
from marketplace.notices import services as notices
from marketplace.notices.models import Notice
from marketplace.permissions import VISITOR
from marketplace.web.transaction import unit_of_work
from marketplace.worker import run_pass
from search.matching import ALGORITHM_VERSION
from tests import factories
from tests.services.trading_market import Market


@pytest.fixture
def market(app, now) -> Market:
    return Market(app, now)


def runs() -> list[tuple]:
    with unit_of_work() as session:
        return [
            (run.id, run.algorithm, run.revision_id, [entry.revision_id for entry in run.entries])
            for run in session.scalars(select(MatchRun).order_by(MatchRun.id))
        ]


def told(actor) -> Counter:
    with unit_of_work() as session:
        return Counter(notice.kind for notice in notices.unread(session, actor))


def test_a_run_points_at_revisions_and_the_algorithm(app, market):
    offered, asked = market.offer(), market.ask()
    run_pass(app)
    ((_id, algorithm, demand_revision, achievements),) = runs()
    with unit_of_work() as session:
        rows = {r.number: r.accepted_revision_id for r in session.scalars(select(Listing))}
    assert (algorithm, demand_revision, achievements) == (ALGORITHM_VERSION, rows[asked], [rows[offered]])
    assert market.seen(market.member, asked) == [offered]
    assert market.seen(market.researcher, offered) == [asked]


def test_a_new_achievement_reaches_an_old_demand_within_one_pass(app, market):
    asked = market.ask()
    run_pass(app)
    assert market.seen(market.member, asked) == []
    first = market.offer()
    run_pass(app)
    second = market.offer(title="高炉风口表面耐磨涂层的等离子堆焊修复")
    run_pass(app)
    assert set(market.seen(market.member, asked)) == {first, second}
    assert told(market.member)["match_found"] == 2


def test_making_the_same_matches_again_writes_and_tells_nothing(app, market):
    market.offer()
    asked = market.ask()
    run_pass(app)
    before = runs()
    with unit_of_work() as session:
        confirming.confirm(session, market.member, asked, now=market.now + timedelta(days=1))
    run_pass(app)
    assert runs() == before
    assert told(market.member)["match_found"] == 1


def test_one_house_is_not_matched_with_itself(app, market):
    asked = market.ask()
    market._publish(market.member, market.firm, factories.achievement())
    run_pass(app)
    assert market.seen(market.member, asked) == []


def test_an_accepted_pair_stays_when_the_run_is_made_anew(app, market):
    offered, asked = market.offer(), market.ask()
    run_pass(app)
    market.decide(market.member, asked, offered, "accepted")
    market.change(market.researcher, offered, trl=8)
    run_pass(app)
    with unit_of_work() as session:
        own = pairs.matches_of(session, market.member, asked)
        assert [(p.achievement.number, p.decision.decision) for p in own.pairs] == [(offered, "accepted")]
        assert session.scalar(select(func.count(MatchRun.id))) == 2, "the run decided on is kept"


def test_a_decision_needs_a_reason_is_made_once_and_told_to_the_other_side(app, market):
    offered, asked = market.offer(), market.ask()
    run_pass(app)
    with pytest.raises(Invalid):
        market.decide(market.member, asked, offered, "declined", reason_code="no_such_reason")
    with pytest.raises(NotFound):
        market.decide(market.researcher, asked, offered, "declined", reason_code="price")
    market.decide(market.member, asked, offered, "declined", reason_code="maturity")
    with pytest.raises(Conflict):
        market.decide(market.researcher, offered, asked, "accepted")
    with unit_of_work() as session:
        notice = session.scalars(select(Notice).where(Notice.kind == "match_declined")).one()
        assert notice.user_id == market.researcher.user_id
        assert notice.params["reason"] == "成熟度不够"


def test_matches_are_for_the_owner(app, market):
    offered, asked = market.offer(), market.ask()
    run_pass(app)
    for actor, number in ((VISITOR, asked), (market.researcher, asked), (market.member, offered)):
        with pytest.raises(NotFound):
            market.seen(actor, number)
    with pytest.raises(Forbidden):
        market.decide(market.operator, asked, offered, "accepted")


def test_what_is_withdrawn_disappears_from_the_matches_at_once(app, market):
    offered, asked = market.offer(), market.ask()
    run_pass(app)
    with unit_of_work() as session:
        listing = drafts.find_listing(session, offered)
        publication.withdraw(
            session, market.researcher, offered, "transferred", version=listing.version, now=market.now
        )
    assert market.seen(market.member, asked) == []
    run_pass(app)
    assert market.seen(market.member, asked) == []


def test_a_hidden_budget_and_owner_do_not_reach_the_other_side(app, market):
    offered = market.offer(price_min_fen=77_000_000, price_max_fen=77_000_000, price_kind="fixed")
    asked = market.ask(
        price_min_fen=54_321_000, price_max_fen=54_321_000, budget_public=False, hide_owner=True
    )
    run_pass(app)
    with unit_of_work() as session:
        demand = drafts.find_listing(session, asked)
        owner = demand.organisation.name
        with app.test_request_context():
            their_card = _card(session, market.researcher, offered, asked)
            own_card = _card(session, market.member, asked, offered)
    assert "54.321" in own_card
    assert "54.321" not in their_card and "54321" not in their_card
    assert owner not in their_card and "未公开单位名称" in their_card


def test_what_is_confidential_until_agreement_is_compared_but_not_shown(app, market):
    offered = market.offer(confidentiality="after_agreement")
    asked = market.ask()
    run_pass(app)
    with unit_of_work() as session, app.test_request_context():
        theirs = _card(session, market.member, asked, offered)
        own = _card(session, market.researcher, offered, asked)
    assert "58 HRC" in own and "差 2 HRC" in own
    assert "58 HRC" not in theirs and "差 2" not in theirs and "950 ℃" not in theirs
    assert "不足" in theirs and "达到" in theirs


def _card(session, actor, number, other) -> str:
    today = current_app.extensions["clock"].today()
    pair = pairs.pair_of(session, actor, number, other)
    own = pair.demand if pair.demand.number == number else pair.achievement
    return f"{presenters.card(pair, own, today)} {presenters.list_row(pair, own, True, today)}"
