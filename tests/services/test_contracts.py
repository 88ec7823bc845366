"""Contracts: drafted from a deal, checked, registered; clocks, two pairs of eyes, numbers."""

import io
from datetime import date, datetime, timedelta

import pytest

from marketplace.attachments import Storage
from marketplace.config import LEGAL_ZONE
from marketplace.contracts.models import RegistrationAgency
from marketplace.contracts.services import checks, drafting, reading, registration
from marketplace.deals.services import opening, talking
from marketplace.errors import Conflict, Forbidden, Invalid, NotFound, StaleEdit
from marketplace.notices import services as notices
from marketplace.permissions import VISITOR, Role
from tests import factories
from tests.services.test_deals import TERMS

BASICS = {
    "technical_content": "供方交付等离子堆焊工艺，涂层硬度不低于 60HRC，验收按 GB/T 230.1。",
    "sign_date": date(2026, 3, 2),
    "begin_date": date(2026, 3, 3),
    "end_date": date(2027, 3, 2),
    "technology_field": "05",
    "industry_code": "C31",
    "socioeconomic_objective": "10",
    "ipr": "trade_secret",
    "is_related": False,
}
MILLION = 100_000_000


def at(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=LEGAL_ZONE, hour=10)


@pytest.fixture
def office(session, now):
    """A registration agency of Baotou with two registrars and a head."""

    class Office:
        house = factories.organisation(session, now=now, kind="registration_agency")
        registrar = factories.actor(session, Role.REGISTRAR, house, now=now)
        colleague = factories.actor(session, Role.REGISTRAR, house, now=now)
        head = factories.actor(session, Role.AGENCY_HEAD, house, now=now)

    session.add(
        RegistrationAgency(organisation_id=Office.house.id, region_code="150200", region4="1502", point="01")
    )
    session.flush()
    return Office()


@pytest.fixture
def parties(session, now):
    """An enterprise that sells and one that buys."""

    class Parties:
        operator = factories.operator(session, now=now)
        seller_house = factories.organisation(session, now=now)
        seller = factories.actor(session, Role.ENTERPRISE_MEMBER, seller_house, now=now)
        buyer_house = factories.organisation(session, now=now)
        buyer = factories.actor(session, Role.ENTERPRISE_MEMBER, buyer_house, now=now)

    return Parties()


def drafted(session, parties, now, price_fen: int = 55_000_000):
    listing = factories.published(
        session, parties.seller, parties.seller_house, factories.achievement(), parties.operator, now=now
    )
    deal = opening.enquire(session, parties.buyer, listing.number, parties.buyer_house.id, "请报价", now=now)
    terms = {**TERMS, "price_fen": price_fen, "payment_mode": "LUMP_SUM"}
    talking.propose(session, parties.seller, deal.number, terms, now=now)
    talking.agree(session, parties.buyer, deal.number, 1, version=deal.version, now=now)
    return drafting.draft(session, parties.seller, deal.number, now=now)


def submitted(session, app, parties, office, now, price_fen: int = 55_000_000):
    contract = drafted(session, parties, now, price_fen)
    drafting.save(session, parties.seller, contract.number, BASICS, version=contract.version, now=now)
    storage: Storage = app.extensions["storage"]
    scan = io.BytesIO(b"%PDF-1.7 signed")
    drafting.upload(session, parties.seller, storage, contract.number, scan, "合同.pdf", now=now)
    drafting.submit(session, parties.seller, contract.number, version=contract.version, now=now)
    return contract


def step(session, actor, contract, act, now, **more):
    return getattr(registration, act)(
        session, actor, contract.number, version=contract.version, now=now, **more
    )


def test_a_contract_is_drafted_from_the_deal_without_typing_anything_twice(session, parties, now):
    contract = drafted(session, parties, now)
    assert contract.total_amount_fen == 55_000_000 == contract.technical_amount_fen
    assert contract.amount_in_words == "伍拾伍万元整"
    assert (contract.contract_class, contract.contract_subtype) == ("LICENSE", "31")
    assert [(p.side, p.name) for p in contract.parties] == [
        ("SELLER", parties.seller_house.name),
        ("BUYER", parties.buyer_house.name),
    ]
    assert contract.deal.state == "contracting"
    with pytest.raises(Conflict):
        drafting.draft(session, parties.buyer, contract.deal.number, now=now)


def test_the_technical_amount_follows_the_items_to_the_fen(session, parties, now):
    contract = drafted(session, parties, now, price_fen=500 * 1_000_000)
    rows = [
        {"kind": "EQUIPMENT", "description": "堆焊机", "amount_fen": 180_000_001},
        {
            "kind": "MATERIALS",
            "description": "试样",
            "amount_fen": 10_000,
            "carrier": True,
            "carrier_reason": "随技术交付 1 套",
        },
    ]
    drafting.save_items(session, parties.seller, contract.number, rows, version=contract.version, now=now)
    assert contract.technical_amount_fen == 500_000_000 - 180_000_001
    with pytest.raises(Invalid):
        too_much = [{"kind": "EQUIPMENT", "description": "", "amount_fen": 500_000_000}]
        drafting.save_items(
            session, parties.seller, contract.number, too_much, version=contract.version, now=now
        )


def test_a_carrier_needs_a_reason_and_the_plan_adds_up(session, parties, now):
    contract = drafted(session, parties, now)
    rows = [{"kind": "PARTS", "description": "", "amount_fen": 1, "carrier": True, "carrier_reason": " "}]
    with pytest.raises(Invalid):
        drafting.save_items(session, parties.seller, contract.number, rows, version=contract.version, now=now)
    session.refresh(contract)
    contract.items = []
    plan = [
        {"condition": "签约后", "amount_fen": 20_000_000},
        {"condition": "验收后", "amount_fen": 34_999_999},
    ]
    drafting.save_plan(session, parties.seller, contract.number, plan, version=contract.version, now=now)
    assert checks.AMOUNT_SENTENCES["INSTALMENTS_MISMATCH"] in checks.amounts(contract)


def test_an_incomplete_contract_says_everything_that_is_missing(session, parties, office, now):
    contract = drafted(session, parties, now)
    with pytest.raises(Invalid) as refused:
        drafting.submit(session, parties.seller, contract.number, version=contract.version, now=now)
    assert {"sign_date", "end_date", "socioeconomic_objective", "is_related", "signed_copy"} <= set(
        refused.value.problems
    )


def test_the_whole_way_to_a_certificate(session, app, parties, office, now):
    contract = submitted(session, app, parties, office, now)
    assert contract.agency.organisation_id == office.house.id
    step(session, office.registrar, contract, "accept", at("2026-03-01"))
    assert contract.due_on == date(2026, 3, 31)
    step(session, office.registrar, contract, "first_review", at("2026-03-04"), red_flag=False)
    with pytest.raises(Conflict):
        step(session, office.colleague, contract, "approve", at("2026-03-04"))
    step(session, office.registrar, contract, "approve", at("2026-03-04"))
    step(session, office.registrar, contract, "register", at("2026-03-05"))
    assert contract.registration_no == "2026150201000001"
    assert contract.deal.state == "concluded"
    assert "contract_registered" in [n.kind for n in notices.unread(session, parties.buyer)]
    assert reading.by_certificate(session, "2026 1502 01 000001", contract.verification_code) is contract
    assert reading.by_certificate(session, contract.registration_no, "00000000") is None
    assert reading.by_certificate(session, "不是编号", contract.verification_code) is None


def test_supplements_stop_the_clock_and_return_to_the_remembered_state(session, app, parties, office, now):
    contract = submitted(session, app, parties, office, now)
    step(session, office.registrar, contract, "accept", at("2026-03-02"))
    assert contract.due_on == date(2026, 4, 1)
    with pytest.raises(Invalid):
        registration.request_supplement(
            session,
            office.registrar,
            contract.number,
            [{"text": " "}],
            version=contract.version,
            now=at("2026-03-10"),
        )
    reasons = [{"code": "seal", "text": "第 8 页缺买方印章"}]
    registration.request_supplement(
        session, office.registrar, contract.number, reasons, version=contract.version, now=at("2026-03-10")
    )
    assert contract.state == "SUPPLEMENT" and contract.due_on is None
    assert "supplement_due" in [n.kind for n in notices.unread(session, parties.seller)]
    drafting.save(
        session, parties.seller, contract.number, {"program_no": ""}, version=contract.version, now=now
    )
    registration.resubmit(
        session, parties.seller, contract.number, version=contract.version, now=at("2026-03-16")
    )
    assert contract.state == "ACCEPTED"
    assert contract.due_on == date(2026, 4, 7)  # six days without the clock


def test_overdue_supplements_close_the_application_and_free_the_deal(session, app, parties, office, now):
    contract = submitted(session, app, parties, office, now)
    deal = contract.deal
    reasons = [{"code": "other", "text": "请补充附件"}]
    registration.request_supplement(
        session, office.registrar, contract.number, reasons, version=contract.version, now=at("2026-03-10")
    )
    assert registration.lapse_due(session, now=at("2026-03-25")) == 0
    assert registration.lapse_due(session, now=at("2026-03-26")) == 1
    assert contract.state == "CLOSED" and deal.state == "agreed"


@pytest.mark.parametrize(("fen", "due"), [(5 * MILLION, True), (499_999_999, False)])
def test_large_amounts_need_a_second_person(session, app, parties, office, now, fen, due):
    contract = submitted(session, app, parties, office, now, price_fen=fen)
    step(session, office.registrar, contract, "accept", now)
    step(session, office.registrar, contract, "first_review", now, red_flag=False)
    assert registration.second_review_due(contract) is due
    if not due:
        step(session, office.registrar, contract, "approve", now)
        return
    with pytest.raises(Conflict):
        step(session, office.registrar, contract, "approve", now)
    with pytest.raises(Conflict):
        step(session, office.registrar, contract, "second_review", now)
    step(session, office.colleague, contract, "send_back", now, reason="技术交易额请再核")
    assert contract.state == "ACCEPTED"
    step(session, office.registrar, contract, "first_review", now, red_flag=False)
    step(session, office.colleague, contract, "second_review", now)
    assert contract.state == "APPROVED"


def test_a_red_flag_asks_for_a_second_person_too(session, app, parties, office, now):
    contract = submitted(session, app, parties, office, now)
    step(session, office.registrar, contract, "accept", now)
    step(session, office.registrar, contract, "first_review", now, red_flag=True)
    assert registration.second_review_due(contract)


def test_refusal_has_a_code_and_frees_the_deal(session, app, parties, office, now):
    contract = submitted(session, app, parties, office, now)
    deal = contract.deal
    step(session, office.registrar, contract, "accept", now)
    with pytest.raises(Invalid):
        step(session, office.registrar, contract, "refuse", now, code="R77", reason="不符")
    step(session, office.registrar, contract, "refuse", now, code="R02", reason="属于一般加工")
    assert (contract.state, contract.refusal_reason, deal.state) == ("REFUSED", "R02", "agreed")


def test_nobody_reviews_a_contract_of_his_own_house(session, app, parties, office, now):
    contract = submitted(session, app, parties, office, now)
    from marketplace.accounts.services import colleagues

    colleagues.appoint(
        session, office.registrar.user_id, parties.buyer_house.id, Role.ENTERPRISE_MEMBER, now=now
    )
    biased = factories.actor_of(session, office.registrar.user_id, now)
    with pytest.raises(Forbidden):
        step(session, biased, contract, "accept", now)


def test_contracts_are_secret_from_everybody_else(session, app, parties, office, now):
    contract = submitted(session, app, parties, office, now)
    other_house = factories.organisation(session, now=now)
    stranger = factories.actor(session, Role.ENTERPRISE_MEMBER, other_house, now=now)
    other_office = factories.organisation(session, now=now, kind="registration_agency")
    foreign = factories.actor(session, Role.REGISTRAR, other_office, now=now)
    for outsider in (stranger, foreign, VISITOR, parties.operator):
        with pytest.raises(NotFound):
            reading.view(session, outsider, contract.number)
    assert reading.queue(session, foreign, page=1, size=20) == ([], 0)
    assert reading.queue(session, office.registrar, page=1, size=20)[1] == 1


def test_a_stale_save_is_refused_and_a_submitted_contract_is_closed_to_edits(
    session, app, parties, office, now
):
    contract = drafted(session, parties, now)
    opened = contract.version
    drafting.save(session, parties.seller, contract.number, BASICS, version=opened, now=now)
    with pytest.raises(StaleEdit):
        drafting.save(session, parties.seller, contract.number, {"title": "另一份"}, version=opened, now=now)
    storage = app.extensions["storage"]
    drafting.upload(
        session, parties.seller, storage, contract.number, io.BytesIO(b"%PDF-1.4 x"), "a.pdf", now=now
    )
    drafting.submit(session, parties.seller, contract.number, version=contract.version, now=now)
    with pytest.raises(Conflict):
        drafting.save(session, parties.seller, contract.number, BASICS, version=contract.version, now=now)


def registered(session, app, parties, office, now):
    contract = submitted(session, app, parties, office, now)
    step(session, office.registrar, contract, "accept", now)
    step(session, office.registrar, contract, "first_review", now, red_flag=False)
    step(session, office.registrar, contract, "approve", now)
    return step(session, office.registrar, contract, "register", now)


def test_numbers_run_without_gap_per_agency_and_year(session, app, parties, office, now):
    first = registered(session, app, parties, office, now)
    second = registered(session, app, parties, office, now + timedelta(days=1))
    assert [c.registration_no[-6:] for c in (first, second)] == ["000001", "000002"]


def test_amend_cancel_and_revoke(session, app, parties, office, now):
    contract = registered(session, app, parties, office, now)
    step(
        session,
        office.registrar,
        contract,
        "amend",
        now,
        changes={"total_amount_fen": 50_000_000},
        reason="双方协议减价",
    )
    assert (contract.state, contract.technical_amount_fen) == ("CHANGED", 50_000_000)
    with pytest.raises(Forbidden):
        step(session, office.registrar, contract, "end", now, action="revoke", reason="虚假合同")
    step(session, office.head, contract, "end", now, action="revoke", reason="虚假合同")
    assert contract.state == "REVOKED"
    other = registered(session, app, parties, office, now)
    step(session, office.registrar, other, "end", now, action="cancel", reason="合同解除")
    assert other.state == "CANCELLED"
