"""The demonstration market's deals: six states of a deal and all thirteen of a contract."""

import pytest
from sqlalchemy import func, select

from marketplace.contracts import states
from marketplace.contracts.models import Contract
from marketplace.deals.models import Deal, PricePublicity
from marketplace.extensions import db
from marketplace.portal import demo
from marketplace.worker import run_pass
from tests.services.demo_markets import DEMO_DATABASES


@pytest.fixture(params=DEMO_DATABASES)
def market(request, demo_markets, tmp_path):
    """The demonstration market in a database of its own."""
    with demo_markets.opened(request.param, tmp_path / "demo") as app:
        yield app


def test_every_state_of_a_contract_can_be_looked_at(market):
    run_pass(market)  # what the calendar brings about changes none of it
    session = db.session
    found = dict(session.execute(select(Contract.state, func.count()).group_by(Contract.state)).all())
    assert set(found) == set(states.LABELS)
    deals = set(session.scalars(select(Deal.state)))
    assert deals == {"negotiating", "agreed", "contracting", "concluded", "closed"}
    assert "publicizing" in set(session.scalars(select(PricePublicity.state)))
    assert not demo.load(market, lambda line: None)
