"""Deals: opening, terms, contacts, and the publicity of a public unit's price."""

from datetime import date, datetime, timedelta

import pytest

from marketplace.config import LEGAL_ZONE
from marketplace.deals.services import opening, publicity, reading, talking
from marketplace.errors import Conflict, Forbidden, Invalid, NotFound
from marketplace.notices import services as notices
from marketplace.permissions import VISITOR, Role
from tests import factories

TERMS = {
    "price_fen": 55_000_000,
    "mode": "license_non_exclusive",
    "payment_mode": "INSTALMENTS",
    "ip_terms": "成果归供给方，需求方在本厂使用；改进成果双方共有。",
    "note": "交付后三个月内验收。",
}


@pytest.fixture
def market(session, now):
    """A public unit with manager and researcher, an enterprise, and a published achievement."""

    class Market:
        operator = factories.operator(session, now=now)
        unit = factories.organisation(session, now=now, kind="university", public_unit=True)
        researcher = factories.actor(session, Role.RESEARCHER, unit, now=now)
        manager = factories.actor(session, Role.UNIT_MANAGER, unit, now=now)
        enterprise = factories.organisation(session, now=now)
        member = factories.actor(session, Role.ENTERPRISE_MEMBER, enterprise, now=now)

    made = Market()
    made.achievement = factories.published_by_unit(
        session, made.researcher, made.manager, made.unit, factories.achievement(), made.operator, now=now
    )
    return made


@pytest.fixture
def deal(session, market, now):
    return opening.enquire(
        session,
        market.member,
        market.achievement.number,
        market.enterprise.id,
        "能用于我厂的风口吗？",
        now=now,
    )


def agreed(session, market, deal, now):
    talking.propose(session, market.member, deal.number, TERMS, now=now)
    return talking.agree(session, market.researcher, deal.number, 1, version=deal.version, now=now)


def at(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=LEGAL_ZONE, hour=10)


def test_an_enquiry_opens_a_deal_and_tells_the_owner(session, market, deal):
    assert deal.state == "negotiating"
    assert (deal.seller_id, deal.buyer_id) == (market.unit.id, market.enterprise.id)
    assert deal.achievement_revision_id == market.achievement.accepted_revision_id
    assert "deal_opened" in [n.kind for n in notices.unread(session, market.researcher)]
    assert reading.view(session, market.researcher, deal.number).side == "seller"


def test_a_second_live_deal_about_the_same_thing_is_refused(session, market, deal, now):
    with pytest.raises(Conflict) as refused:
        opening.enquire(
            session, market.member, market.achievement.number, market.enterprise.id, "再问一次", now=now
        )
    assert deal.number in str(refused.value)
    talking.close(session, market.member, deal.number, "暂不需要", version=deal.version, now=now)
    opening.enquire(
        session, market.member, market.achievement.number, market.enterprise.id, "现在需要了", now=now
    )


def test_nobody_else_learns_that_a_deal_exists(session, market, deal, now):
    stranger_house = factories.organisation(session, now=now)
    stranger = factories.actor(session, Role.ENTERPRISE_MEMBER, stranger_house, now=now)
    for outsider in (stranger, VISITOR, market.operator):
        with pytest.raises(NotFound):
            reading.view(session, outsider, deal.number)
    with pytest.raises(NotFound):
        talking.post_message(session, stranger, deal.number, "你好", now=now)


def test_owners_do_not_ask_themselves_and_questions_have_words(session, market, now):
    with pytest.raises(Conflict):
        opening.enquire(session, market.manager, market.achievement.number, market.unit.id, "自问", now=now)
    with pytest.raises(Invalid):
        opening.enquire(
            session, market.member, market.achievement.number, market.enterprise.id, "  ", now=now
        )


def test_terms_are_agreed_by_the_other_side_only_and_only_the_last(session, market, deal, now):
    with pytest.raises(Invalid) as refused:
        talking.propose(
            session, market.member, deal.number, {**TERMS, "price_fen": None, "ip_terms": " "}, now=now
        )
    assert set(refused.value.problems) == {"price_fen", "ip_terms"}
    talking.propose(session, market.member, deal.number, TERMS, now=now)
    with pytest.raises(Conflict):
        talking.agree(session, market.member, deal.number, 1, version=deal.version, now=now)
    talking.propose(session, market.researcher, deal.number, {**TERMS, "price_fen": 60_000_000}, now=now)
    with pytest.raises(Conflict):
        talking.agree(session, market.member, deal.number, 1, version=deal.version, now=now)
    talking.agree(session, market.member, deal.number, 2, version=deal.version, now=now)
    assert deal.state == "agreed"
    assert deal.agreed_terms.price_fen == 60_000_000


def test_contacts_are_seen_when_both_have_consented(session, market, deal, now):
    talking.show_contact(session, market.member, deal.number, now=now)
    assert not talking.contacts_open(deal)
    talking.show_contact(session, market.researcher, deal.number, now=now)
    assert talking.contacts_open(deal)


def test_a_public_units_price_is_published_fifteen_days_before_the_contract(session, market, deal):
    day = at("2026-04-01")
    agreed(session, market, deal, day)
    record = publicity.live(deal)
    assert record.state == "draft" and record.price_fen == TERMS["price_fen"]
    with pytest.raises(NotFound):
        reading.publicity(session, VISITOR, record.number)
    with pytest.raises((Forbidden, NotFound)):
        publicity.post(
            session, market.researcher, record.number, interested_buyer=False, version=record.version, now=day
        )
    publicity.post(
        session, market.manager, record.number, interested_buyer=False, version=record.version, now=day
    )
    assert (record.last_day, record.contract_from) == (date(2026, 4, 16), date(2026, 4, 17))
    for early in ("2026-04-01", "2026-04-16"):
        with pytest.raises(Conflict):
            publicity.allow_contract(session, deal, now=at(early))
    assert publicity.confirm_due(session, now=at("2026-04-16")) == 0
    assert publicity.confirm_due(session, now=at("2026-04-17")) == 1
    assert publicity.allow_contract(session, deal, now=at("2026-04-17")).state == "confirmed"


def test_the_guard_confirms_by_itself_when_the_days_have_passed(session, market, deal):
    day = at("2026-04-01")
    agreed(session, market, deal, day)
    record = publicity.live(deal)
    publicity.post(
        session, market.manager, record.number, interested_buyer=True, version=record.version, now=day
    )
    assert publicity.allow_contract(session, deal, now=at("2026-04-17")).state == "confirmed"


def test_an_open_objection_stops_the_contract_until_it_is_settled(session, market, deal):
    day = at("2026-04-01")
    agreed(session, market, deal, day)
    record = publicity.live(deal)
    publicity.post(
        session, market.manager, record.number, interested_buyer=False, version=record.version, now=day
    )
    publicity.act(
        session, market.manager, record.number, "object", "价格偏低", version=record.version, now=day
    )
    assert publicity.confirm_due(session, now=at("2026-04-20")) == 0
    with pytest.raises(Conflict):
        publicity.allow_contract(session, deal, now=at("2026-04-20"))
    publicity.act(
        session,
        market.manager,
        record.number,
        "resolve",
        "已说明定价依据",
        version=record.version,
        now=at("2026-04-20"),
    )
    assert publicity.allow_contract(session, deal, now=at("2026-04-20")).state == "confirmed"


def test_a_new_price_needs_a_new_publicity(session, market, deal):
    day = at("2026-04-01")
    agreed(session, market, deal, day)
    first = publicity.live(deal)
    publicity.post(
        session, market.manager, first.number, interested_buyer=False, version=first.version, now=day
    )
    talking.reopen(
        session, market.member, deal.number, "重新议价", version=deal.version, now=at("2026-04-10")
    )
    assert first.state == "interrupted"
    talking.propose(
        session, market.researcher, deal.number, {**TERMS, "price_fen": 50_000_000}, now=at("2026-04-10")
    )
    talking.agree(session, market.member, deal.number, 2, version=deal.version, now=at("2026-04-10"))
    session.refresh(deal)
    second = publicity.live(deal)
    assert second.id != first.id and second.state == "draft"
    with pytest.raises(Conflict):
        publicity.allow_contract(session, deal, now=at("2026-04-20"))


def test_an_enterprise_seller_needs_no_publicity(session, market, now):
    seller_house = factories.organisation(session, now=now)
    seller = factories.actor(session, Role.ENTERPRISE_MEMBER, seller_house, now=now)
    listing = factories.published(
        session, seller, seller_house, factories.achievement(), market.operator, now=now
    )
    deal = opening.enquire(session, market.member, listing.number, market.enterprise.id, "请报价", now=now)
    talking.propose(session, seller, deal.number, TERMS, now=now)
    talking.agree(session, market.member, deal.number, 1, version=deal.version, now=now)
    assert not publicity.required(deal)
    assert publicity.allow_contract(session, deal, now=now + timedelta(days=1)) is None
