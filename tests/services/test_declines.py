"""Declines: the pair stays away until what was named has changed, and its owner learns what the matter was."""

from collections import Counter

import pytest
from sqlalchemy import select

from marketplace.accounts.models import Organisation
from marketplace.listings.services import drafts
from marketplace.matching.models import MatchRun
from marketplace.matching.services import declines, outlook, pairs
from marketplace.matching.services.prices import PriceBand
from marketplace.notices import services as notices
from marketplace.permissions import Role
from marketplace.web.transaction import unit_of_work
from marketplace.worker import run_pass
from tests import factories
from tests.services.trading_market import Market


@pytest.fixture
def market(app, now) -> Market:
    return Market(app, now)


@pytest.fixture
def declined(app, market) -> tuple[str, str]:
    """A demand and the achievement declined for the price, after the next run."""
    offered, asked = market.offer(), market.ask()
    run_pass(app)
    market.decide(market.member, asked, offered, "declined", reason_code="price")
    run_pass(app)
    return asked, offered


def both_lists(market, asked, offered) -> tuple[list[str], list[str]]:
    return market.seen(market.member, asked), market.seen(market.researcher, offered)


def test_a_declined_pair_leaves_both_lists_and_stays_readable(app, market, declined):
    asked, offered = declined
    assert both_lists(market, asked, offered) == ([], [])
    with unit_of_work() as session:
        for actor, number, other in ((market.member, asked, offered), (market.researcher, offered, asked)):
            own = pairs.matches_of(session, actor, number)
            assert [pair.decision.reason_code for pair in own.declined] == ["price"]
            assert pairs.pair_of(session, actor, number, other).decision.reason_code == "price"


def rescored() -> int:
    """How many achievements the newest run looked at."""
    with unit_of_work() as session:
        return session.scalar(select(MatchRun.candidates).order_by(MatchRun.id.desc()).limit(1))


def test_the_next_best_takes_the_place_of_a_declined_one_without_a_notice(app, market, now):
    asked = market.ask()
    for number in range(21):
        market.offer(title=f"高炉风口表面耐磨涂层的等离子堆焊修复{number}")
    run_pass(app)
    first = market.seen(market.member, asked)
    assert (len(first), rescored()) == (20, 21)
    market.decide(market.member, asked, first[0], "declined", reason_code="unrelated")
    told = _told(market.member)
    run_pass(app)
    after = market.seen(market.member, asked)
    assert len(after) == 20 and first[0] not in after and len(set(after) - set(first)) == 1
    assert rescored() == 20, "the declined one is not looked at"
    assert _told(market.member) == told


def test_a_change_of_something_else_does_not_bring_it_back(app, market, declined):
    asked, offered = declined
    market.change(market.researcher, offered, trl=8)
    run_pass(app)
    assert both_lists(market, asked, offered) == ([], [])


def test_a_change_of_what_was_named_brings_it_back_with_what_was_said(app, market, declined):
    asked, offered = declined
    market.change(market.researcher, offered, price_min_fen=12_000_000, price_max_fen=15_000_000)
    run_pass(app)
    assert both_lists(market, asked, offered) == ([offered], [asked])
    with unit_of_work() as session:
        pair = pairs.pair_of(session, market.member, asked, offered)
        assert pair.decision is None and pair.earlier.reason_code == "price"


def test_a_pair_that_came_back_can_be_decided_on_again(app, market, declined):
    asked, offered = declined
    market.change(market.researcher, offered, price_min_fen=12_000_000, price_max_fen=15_000_000)
    run_pass(app)
    market.decide(market.member, asked, offered, "declined", reason_code="maturity")
    run_pass(app)
    assert both_lists(market, asked, offered) == ([], [])
    with unit_of_work() as session:
        listing = drafts.find_listing(session, offered)
        assert declines.reasons_of(session, listing) == {"maturity": 1, "price": 1}


def test_the_declined_side_counts_the_reasons_of_others_only(app, market, declined):
    asked, offered = declined
    with unit_of_work() as session:
        assert declines.reasons_of(session, drafts.find_listing(session, offered)) == {"price": 1}
        assert declines.reasons_of(session, drafts.find_listing(session, asked)) == {}


def _ask_for_another_firm(market: Market) -> tuple:
    with unit_of_work() as session:
        house = factories.organisation(session, now=market.now)
        member = factories.actor(session, Role.ENTERPRISE_MEMBER, house, now=market.now)
        listing = factories.published(
            session, member, house, factories.demand(), market.operator, now=market.now
        )
        return member, listing.number


def _priced_offer_of_another_house(market: Market, price_fen: int, house_id: int | None = None) -> int:
    with unit_of_work() as session:
        house = (
            session.get_one(Organisation, house_id)
            if house_id
            else factories.organisation(session, now=market.now, kind="university")
        )
        author = factories.actor(session, Role.RESEARCHER, house, now=market.now)
        content = factories.achievement(price_kind="fixed", price_min_fen=price_fen, price_max_fen=price_fen)
        factories.published(session, author, house, content, market.operator, now=market.now)
        return house.id


def _outlook(app, market, number) -> outlook.Outlook:
    with unit_of_work() as session:
        listing = drafts.find_listing(session, number)
        return outlook.of(
            session, app.extensions["search"], market.researcher, listing, today=market.now.date()
        )


@pytest.mark.parametrize(("refusals", "houses", "shown"), [(2, 5, False), (3, 4, False), (3, 5, True)])
def test_after_three_refusals_for_the_price_five_houses_make_a_band(app, market, refusals, houses, shown):
    offered = market.offer()
    askers = [_ask_for_another_firm(market) for _ in range(refusals)]
    for place in range(houses):
        _priced_offer_of_another_house(market, (place + 1) * 10_000_000)
    run_pass(app)
    for member, asked in askers:
        market.decide(member, asked, offered, "declined", reason_code="price")
    found = _outlook(app, market, offered)
    assert found.declined == {"price": refusals}
    expected = PriceBand(20_000_000, 40_000_000, listings=5, houses=5) if shown else None
    assert found.prices == expected


def test_many_prices_of_few_houses_make_no_band(app, market):
    offered = market.offer()
    askers = [_ask_for_another_firm(market) for _ in range(3)]
    house = _priced_offer_of_another_house(market, 10_000_000)
    for place in range(6):
        _priced_offer_of_another_house(market, place * 10_000_000 + 20_000_000, house)
    run_pass(app)
    for member, asked in askers:
        market.decide(member, asked, offered, "declined", reason_code="price")
    assert _outlook(app, market, offered).prices is None


def _told(actor) -> Counter:
    with unit_of_work() as session:
        return Counter(notice.kind for notice in notices.unread(session, actor))


def test_a_comma_does_not_bring_a_declined_pair_back_another_word_does(app, market):
    offered, asked = market.offer(), market.ask()
    run_pass(app)
    market.decide(market.member, asked, offered, "declined", reason_code="unrelated")
    use = factories.achievement().use
    market.change(market.researcher, offered, use=f" {use[:6]}，{use[6:]}。", keywords=("堆焊", "涂层"))
    run_pass(app)
    assert both_lists(market, asked, offered) == ([], [])
    market.change(market.researcher, offered, use=f"{use}，也用于连铸结晶器")
    run_pass(app)
    assert both_lists(market, asked, offered) == ([offered], [asked])
