"""The demonstration market under the freshness clock: alive on whatever day it is loaded."""

from collections import Counter
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from marketplace.clock import legal_day
from marketplace.extensions import db
from marketplace.listings import freshness, freshness_round, states
from marketplace.listings.models import Listing
from marketplace.notices.models import Notice
from tests.services.demo_markets import OPENINGS

SECRET = "a secret of this test that is long enough"


@pytest.fixture(params=OPENINGS)
def opens(request) -> datetime:
    return datetime.fromisoformat(request.param)


@pytest.fixture
def market(tmp_path, demo_markets, opens):
    """The demonstration market, loaded on that day."""
    with demo_markets.opened("sqlite", tmp_path / "demo", opens) as app:
        yield app


def count(state: str) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Listing).where(Listing.state == state))


def work(now: datetime) -> Counter:
    done = Counter()
    while found := freshness_round.run(secret=SECRET, now=now):
        done.update(found)
    return done


def test_the_worker_leaves_it_on_line_and_asks_a_few(market, opens):
    published = count(states.PUBLISHED)
    assert published >= 50
    today = legal_day(opens)
    grey = sum(
        freshness.needs_confirmation(listing.confirmed_on, today)
        for listing in db.session.scalars(select(Listing).where(Listing.state == states.PUBLISHED))
    )
    assert 1 <= grey <= published / 8
    done = work(opens)
    assert done["listings off line"] == 0 and done["listings reminded"] >= grey
    assert count(states.PUBLISHED) == published
    assert count(states.LAPSED) == 1
    asked = db.session.scalars(select(Notice.kind).where(Notice.kind.startswith("listing_confirm"))).all()
    assert {"listing_confirm_due", "listing_confirm_last"} == set(asked)


def test_two_weeks_later_it_is_all_there_still(market, opens):
    published = count(states.PUBLISHED)
    for days in (0, 7, freshness.NOTICE_PERIOD - 1):
        assert work(opens + timedelta(days=days))["listings off line"] == 0
    assert count(states.PUBLISHED) == published
