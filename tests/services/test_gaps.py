"""Counts of supply and demand that miss each other: what counts, where, and when it is counted again."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from marketplace.listings.content import Kind
from marketplace.listings.models import Listing
from marketplace.pooling import gap_survey
from marketplace.pooling.models import GapSurvey
from marketplace.pooling.services import gaps
from marketplace.pooling.services.gaps import ALL
from marketplace.web.transaction import unit_of_work
from marketplace.worker import run_pass
from tests.services.trading_market import Market

FAR = {
    "title": "马铃薯脱毒原原种扩繁",
    "keywords": ("马铃薯",),
    "industry_codes": ("A01",),
    "field_codes": ("09",),
}


@pytest.fixture
def market(app, now) -> Market:
    return Market(app, now)


def cells(kind: Kind, section: str | None = None) -> dict[tuple[str, str], tuple[int, int]]:
    """(industry, maturity) → (unmatched, listings)."""
    with unit_of_work() as session:
        return {
            (industry, maturity): (cell.unmatched, cell.listings)
            for industry, row in gaps.table(session, kind, section).items()
            for maturity, cell in row.items()
        }


def test_an_empty_market_is_not_counted(app, now):
    assert not gap_survey.run(now=now)
    with unit_of_work() as session:
        assert gaps.made_at(session) is None


def test_matched_listings_are_no_gap_and_lonely_ones_are(app, market):
    market.ask(wanted_trl=6)
    market.ask(**FAR)
    market.offer()
    market.offer(title="矿用电缆绝缘在线监测", keywords=("电缆",), use="在线监测矿用电缆的绝缘状况", trl=3)
    assert run_pass(app)["gap surveys"] == 1
    demands = cells(Kind.DEMAND)
    assert demands["C", "5-7"] == (0, 1)
    assert demands["A", ""] == (1, 1)
    assert demands[ALL, ALL] == (1, 2)
    achievements = cells(Kind.ACHIEVEMENT)
    assert achievements["C", "5-7"] == (0, 1)
    assert achievements["C", "1-4"] == (1, 1)
    assert achievements["C", ALL] == achievements[ALL, ALL] == (1, 2)


def test_a_listing_of_two_industries_counts_in_both_and_once_in_all(app, market):
    market.ask(industry_codes=("C31", "C311", "D44"))
    run_pass(app)
    found = cells(Kind.DEMAND)
    assert (found["C", ALL], found["D", ALL], found[ALL, ALL]) == ((1, 1), (1, 1), (1, 1))
    assert cells(Kind.DEMAND, "C") == {
        (industry, maturity): (1, 1) for industry in ("C", "C31") for maturity in ("", ALL)
    }


def test_a_limited_listing_neither_counts_nor_meets_another(app, market):
    market.ask(limited=True)
    market.offer()
    run_pass(app)
    assert cells(Kind.DEMAND) == {}
    assert cells(Kind.ACHIEVEMENT)[ALL, ALL] == (1, 1)


def test_a_match_with_what_was_taken_off_is_none(app, market):
    asked, offered = market.ask(), market.offer()
    run_pass(app)
    assert cells(Kind.DEMAND)[ALL, ALL] == (0, 1)
    with unit_of_work() as session:
        session.scalar(select(Listing).where(Listing.number == offered)).limited = True
        counted = gaps.count(session, "any")
    assert counted.unmatched[Kind.DEMAND, ALL, ALL] == 1
    assert asked == "D2026-00001"


def test_it_is_counted_again_after_an_hour_and_only_if_something_changed(app, market, now):
    market.ask()
    run_pass(app)
    moments = [now + timedelta(hours=hours) for hours in (2, 2.5, 4)]
    assert not gap_survey.run(now=moments[0]), "nothing has changed"
    market.ask(**FAR)
    run_pass(app, only=("index", "matching"))
    assert not gap_survey.run(now=now + gaps.EVERY / 2)
    assert gap_survey.run(now=moments[1])
    assert cells(Kind.DEMAND)[ALL, ALL] == (2, 2)
    assert not gap_survey.run(now=moments[2])
    with unit_of_work() as session:
        assert gaps.made_at(session) == moments[1]


def test_a_market_that_counted_nothing_does_not_wait(app, market, now):
    market.ask(limited=True)
    run_pass(app)
    assert cells(Kind.DEMAND) == {}
    market.ask()
    run_pass(app)
    assert cells(Kind.DEMAND)[ALL, ALL] == (1, 1)


def test_a_count_from_before_the_first_match_does_not_stand(app, market, now):
    market.ask()
    market.offer()
    assert gap_survey.run(now=now)
    assert cells(Kind.DEMAND)[ALL, ALL] == (1, 1), "nothing was matched yet"
    assert not gap_survey.run(now=now)
    run_pass(app, only=("index", "matching"))
    assert gap_survey.run(now=now + gaps.EVERY / 60)
    assert cells(Kind.DEMAND)[ALL, ALL] == (0, 1)


def test_a_second_count_replaces_the_first(app, market, now):
    market.ask()
    run_pass(app)
    with unit_of_work() as session:
        gaps.store(session, gaps.count(session, "again"), now=now)
        gaps.store(session, gaps.count(session, "again"), now=now)
        assert session.scalars(select(GapSurvey.basis)).all() == ["again"]
    assert cells(Kind.DEMAND)[ALL, ALL] == (1, 1)
