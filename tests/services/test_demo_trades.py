"""The demonstration market's deals: six states of a deal and all thirteen of a contract."""

from sqlalchemy import func, select

from marketplace.contracts import states
from marketplace.contracts.models import Contract
from marketplace.deals.models import Deal, PricePublicity
from marketplace.portal import demo
from marketplace.worker import run_pass


def test_every_state_of_a_contract_can_be_looked_at(app, session):
    demo.load(app, lambda line: None)
    run_pass(app)  # what the calendar brings about changes none of it
    found = dict(session.execute(select(Contract.state, func.count()).group_by(Contract.state)).all())
    assert set(found) == set(states.LABELS)
    deals = set(session.scalars(select(Deal.state)))
    assert deals == {"negotiating", "agreed", "contracting", "concluded", "closed"}
    assert "publicizing" in set(session.scalars(select(PricePublicity.state)))
    assert not demo.load(app, lambda line: None)
