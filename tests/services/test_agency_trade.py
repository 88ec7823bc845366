"""A transfer agency that is itself a party stands as any house does; one that mediates gets nothing by it."""

import io

import pytest

from marketplace.contracts.models import ContractParty
from marketplace.contracts.services import drafting, payments, reading
from marketplace.deals.services import opening, talking
from marketplace.deals.services import reading as deals
from marketplace.errors import Forbidden, NotFound
from marketplace.notices import services as notices
from marketplace.permissions import Role
from marketplace.subsidies.services import reading as subsidies
from marketplace.subsidies.services import review
from tests import factories, subsidy_factories
from tests.services.test_contracts import BASICS, at, office, step  # noqa: F401  office is a fixture
from tests.services.test_deals import TERMS


@pytest.fixture
def trade(session, now):
    """An agency that sells what one of its brokers publishes, a buyer, and another agency between them."""

    class Trade:
        operator = factories.operator(session, now=now)
        agency = factories.organisation(session, now=now, kind="agency")
        author = factories.actor(session, Role.BROKER, agency, now=now)
        broker = factories.actor(session, Role.BROKER, agency, now=now)
        buyer_house = factories.organisation(session, now=now)
        buyer = factories.actor(session, Role.ENTERPRISE_MEMBER, buyer_house, now=now)
        mediating_house = factories.organisation(session, now=now, kind="agency")
        mediator = factories.actor(session, Role.BROKER, mediating_house, now=now)

    made = Trade()
    made.listing = factories.published(
        session, made.author, made.agency, factories.achievement(), made.operator, now=now
    )
    made.deal = opening.enquire(
        session, made.buyer, made.listing.number, made.buyer_house.id, "请报价", now=now
    )
    made.deal.broker_id, made.deal.broker_organisation_id = made.mediator.user_id, made.mediating_house.id
    session.flush()
    return made


def agreed(session, trade, now):
    """Terms proposed by the author's colleague and agreed to by the buyer."""
    terms = {**TERMS, "payment_mode": "LUMP_SUM"}
    talking.propose(session, trade.broker, trade.deal.number, terms, now=now)
    return talking.agree(session, trade.buyer, trade.deal.number, 1, version=trade.deal.version, now=now)


def drafted(session, trade, now):
    agreed(session, trade, now)
    return drafting.draft(session, trade.broker, trade.deal.number, now=now)


def test_every_broker_of_the_selling_agency_takes_the_contract_the_whole_way(
    session,
    app,
    trade,
    office,  # noqa: F811
    now,
):
    assert deals.side_of(trade.deal, trade.broker) == "seller"
    assert deals.mine(session, trade.broker, page=1, size=9) == ([trade.deal], 1)
    contract = drafted(session, trade, now)
    drafting.save(session, trade.broker, contract.number, BASICS, version=contract.version, now=now)
    scan = io.BytesIO(b"%PDF-1.7 signed")
    storage = app.extensions["storage"]
    drafting.upload(session, trade.broker, storage, contract.number, scan, "合同.pdf", now=now)
    drafting.submit(session, trade.broker, contract.number, version=contract.version, now=now)
    assert reading.view(session, trade.broker, contract.number) is contract
    assert reading.mine(session, trade.broker, page=1, size=9) == ([contract], 1)
    step(session, office.registrar, contract, "accept", at("2026-03-01"))
    missing = [{"code": "seal", "text": "缺签章页"}]
    step(session, office.registrar, contract, "request_supplement", at("2026-03-02"), reasons=missing)
    assert "supplement_due" in [n.kind for n in notices.unread(session, trade.broker)]
    step(session, trade.broker, contract, "resubmit", at("2026-03-03"))
    step(session, office.registrar, contract, "first_review", at("2026-03-04"), red_flag=False)
    step(session, office.registrar, contract, "approve", at("2026-03-04"))
    step(session, office.registrar, contract, "register", at("2026-03-05"))
    for colleague in (trade.author, trade.broker):
        assert "contract_registered" in [n.kind for n in notices.unread(session, colleague)]
    assert subsidies.fundable_contracts(session, trade.broker) == [(contract, "SELLER")]


def test_payments_are_entered_by_the_buyers_house_whatever_it_is(session, trade, now):
    sold = subsidy_factories.contract(session, trade.buyer_house, trade.agency, technical=1_000_000)
    bought = subsidy_factories.contract(session, trade.agency, trade.buyer_house, technical=1_000_000)
    assert payments.may_enter(sold, trade.buyer) and not payments.may_enter(sold, trade.broker)
    assert payments.may_enter(bought, trade.broker) and not payments.may_enter(bought, trade.buyer)
    assert not payments.may_enter(bought, trade.mediator)


def test_who_mediates_sees_the_deal_but_gains_nothing_over_the_contract(session, trade, now):
    number = trade.deal.number
    assert deals.view(session, trade.mediator, number).side is None
    with pytest.raises(Forbidden):
        talking.propose(session, trade.mediator, number, TERMS, now=now)
    agreed(session, trade, now)
    with pytest.raises(Forbidden):
        drafting.draft(session, trade.mediator, number, now=now)
    contract = drafting.draft(session, trade.broker, number, now=now)
    _name_as_intermediary(session, contract, trade.mediating_house)
    assert reading.mine(session, trade.mediator, page=1, size=9) == ([], 0)
    assert subsidies.fundable_contracts(session, trade.mediator) == []
    for reach in (
        lambda: reading.view(session, trade.mediator, contract.number),
        lambda: drafting.save(
            session, trade.mediator, contract.number, BASICS, version=contract.version, now=now
        ),
        lambda: drafting.submit(session, trade.mediator, contract.number, version=contract.version, now=now),
    ):
        with pytest.raises(NotFound):
            reach()
    assert contract.state == "DRAFT"


def test_another_broker_of_the_mediating_agency_does_not_even_see_the_deal(session, trade, now):
    other = factories.actor(session, Role.BROKER, trade.mediating_house, now=now)
    with pytest.raises(NotFound):
        deals.view(session, other, trade.deal.number)
    with pytest.raises(NotFound):
        drafting.draft(session, other, trade.deal.number, now=now)
    assert deals.mine(session, other, page=1, size=9) == ([], 0)


def test_the_agency_applies_for_its_own_arm_and_hears_of_it(session, app, now):
    town = subsidy_factories.Town(session, app.extensions["storage"], now)
    agency = factories.organisation(session, now=now, kind="agency")
    agency.party_kind = "ENTERPRISE"
    broker, colleague = (factories.actor(session, Role.BROKER, agency, now=now) for _ in range(2))
    million = 1_000_000 * subsidy_factories.YUAN
    contract = subsidy_factories.contract(session, agency, town.seller.house, technical=million)
    subsidy_factories.pay(session, town.storage, broker, contract, million, "2026-02-10", now=now)
    made = subsidy_factories.apply(session, broker, town.batch, contract, now=now)
    assert subsidies.mine(session, colleague, page=1, size=9) == ([made], 1)
    review.send_back(session, town.office.county, made.number, "回单看不清", version=made.version, now=now)
    assert "subsidy_returned" in [n.kind for n in notices.unread(session, colleague)]
    with pytest.raises(NotFound):
        subsidies.view(session, factories.actor(session, Role.BROKER, town.buyer.house, now=now), made.number)


def _name_as_intermediary(session, contract, house) -> None:
    contract.parties.append(
        ContractParty(
            side="INTERMEDIARY",
            role="intermediary",
            organisation_id=house.id,
            name=house.name,
            credit_code=house.credit_code,
            party_kind=house.party_kind,
            region_code=house.registration_region,
            tax_region=house.tax_region,
            representative="",
        )
    )
    session.flush()
