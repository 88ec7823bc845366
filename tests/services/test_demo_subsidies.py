"""The demonstration market's subsidy: every state in its place, to the fen, by the people whose turn it is, in time.

The whole market is loaded once for each of three clocks and only read; SQLite is enough for what the services do
alike on both databases.
"""

from collections import Counter
from datetime import date, datetime, timedelta

import pytest
import yaml
from sqlalchemy import func, select

from marketplace import codes, workdays
from marketplace.accounts.models import Membership, Organisation
from marketplace.attachments import Attachment
from marketplace.audit import AuditEntry
from marketplace.clock import legal_day
from marketplace.contracts.models import Contract, ContractPayment
from marketplace.contracts.services import payments
from marketplace.db import writing
from marketplace.deals.models import Deal
from marketplace.extensions import db
from marketplace.listings import freshness
from marketplace.listings.models import Listing
from marketplace.money import parse_yuan
from marketplace.notices.models import Notice
from marketplace.permissions import Role
from marketplace.policy.deadlines import DeadlineFacts
from marketplace.policy.engine import calculate_deadline
from marketplace.policy.loader import load_rule_book
from marketplace.policy.programmes.subsidy_terms import SubsidyResult
from marketplace.policy.table import read
from marketplace.portal import demo
from marketplace.portal.demo import documents, houses, subsidies, trades
from marketplace.subsidies import states
from marketplace.subsidies.models import (
    PaymentClaim,
    SubsidyApplication,
    SubsidyBatch,
    SubsidyCalculation,
    SubsidyRun,
)
from marketplace.subsidies.services import applications, facts, reading
from marketplace.subsidies.services.applications import Declaration
from marketplace.subsidies.services.replay import recompute
from marketplace.workflow import HistoryEntry
from tests.services.demo_markets import OPENINGS

DAY = timedelta(days=1)
#: Clock → the programme year whose window of payments was the last to end, and that window.
CLOCKS = dict(
    zip(
        OPENINGS,
        (
            (2025, date(2023, 11, 1), date(2024, 10, 31)),
            (2027, date(2025, 11, 1), date(2026, 10, 31)),
            (2027, date(2025, 11, 1), date(2026, 10, 31)),
        ),
        strict=True,
    )
)
PROGRAMME = documents.programme()
SEED = documents.read()
#: Who may have taken which step.
STEPS = {
    "submit": Role.ENTERPRISE_MEMBER,
    "pass_county": Role.REVIEWER_COUNTY,
    "recommend": Role.REVIEWER_LEAGUE,
    "return_by_league": Role.REVIEWER_LEAGUE,
    "accept": Role.REVIEWER_REGION,
    "check_finance": Role.FINANCE,
    "propose": Role.REVIEWER_REGION,
    "publicize": Role.REVIEWER_REGION,
    "object": Role.REVIEWER_REGION,
    "approve": Role.REVIEWER_REGION,
    "reject": Role.REVIEWER_REGION,
}
COUNTED = (
    Deal,
    Contract,
    ContractPayment,
    SubsidyBatch,
    SubsidyApplication,
    SubsidyRun,
    HistoryEntry,
    AuditEntry,
    Attachment,
    Notice,
)

together = pytest.mark.xdist_group("demo_subsidies")


@pytest.fixture(scope="module", params=CLOCKS)
def market(request, tmp_path_factory, demo_markets):
    """The demonstration market at a clock."""
    home, opens = tmp_path_factory.mktemp("demo"), datetime.fromisoformat(request.param)
    with demo_markets.opened("sqlite", home, opens) as app:
        yield app


@pytest.fixture
def today(market):
    return market.extensions["clock"].today()


@pytest.fixture
def expected(market):
    """Programme year, first and last day of its window."""
    return CLOCKS[market.extensions["settings"].clock_start.isoformat()]


def batch(place):
    return db.session.scalars(select(SubsidyBatch).order_by(SubsidyBatch.id)).all()[place]


def application(achievement, address):
    """The application with the contract of an achievement and the house of a person."""
    house, _person = SEED.member(address)
    query = (
        select(SubsidyApplication)
        .join(SubsidyApplication.contract)
        .join(SubsidyApplication.applicant)
        .where(Contract.title.startswith(achievement))
        .where(Organisation.credit_code == house.values["credit_code"])
    )
    return db.session.scalars(query).one()


def steps(found):
    query = select(HistoryEntry).where(
        HistoryEntry.subject_type == states.APPLICATION.name, HistoryEntry.subject_id == found.id
    )
    return db.session.scalars(query.order_by(HistoryEntry.id)).all()


def every_application():
    return db.session.scalars(select(SubsidyApplication).order_by(SubsidyApplication.id)).all()


# --- what there is ------------------------------------------------------------------------------------------


@together
def test_applications_stand_in_every_state_that_can_be(market, expected, today):
    main, supplement = batch(0), batch(1)
    found = Counter(each.state for each in every_application() if each.batch_id == main.id)
    assert set(found) == set(states.LABELS) - {states.PROPOSED}
    assert found[states.APPROVED] == 2
    assert [each.state for each in every_application() if each.batch_id == supplement.id] == [states.PROPOSED]
    assert (main.state, supplement.state) == (states.BATCH_PUBLICIZING, states.BATCH_PROPOSED)
    assert (main.programme_year, facts.window(main)) == (expected[0], expected[1:])
    assert main.opens_on < today - 4 * 7 * DAY
    assert main.closes_on > today + 3 * 7 * DAY
    assert main.title == f"{expected[0]} 年度技术交易后补助（示例）"


@together
def test_every_level_has_something_to_do(market, today):
    waiting = {}
    for house in SEED.houses:
        for person in house.people:
            found = houses.actor(db.session, person.address, market.extensions["clock"].now())
            waiting |= {
                (level, person.address): count
                for level, count in reading.queue_counts(db.session, found).items()
                if count
            }
    assert waiting == {
        ("county", "county@demo.example"): 1,
        ("league", "league@demo.example"): 1,
        ("region", "region@demo.example"): 1,
        ("objection", "region@demo.example"): 1,
        ("finance", "finance@demo.example"): 1,
    }


@together
def test_finance_is_half_way_through_one(market):
    (found,) = [each for each in every_application() if each.state == states.ACCEPTED]
    assert sorted(p.status for p in facts.claimed(found)) == [payments.PENDING, payments.VERIFIED]
    returned = next(each for each in every_application() if each.state == states.RETURNED)
    assert returned.returned_from == states.COUNTY_PASSED
    assert not any(payment.locked for payment in facts.claimed(returned))


@together
def test_somebody_who_tries_it_out_can_apply(market, today):
    """The draft can be handed in, and a contract with payments waits for an application."""
    now = market.extensions["clock"].now()
    with writing():
        db.session.rollback()
        buyer = houses.actor(db.session, "enterprise@demo.example", now)
        line = next(line for line in PROGRAMME.applications if not line.steps)
        about = subsidies._contract(db.session, SEED, line)
        draft = next(each for each in every_application() if each.state == states.DRAFT)
        fresh = applications.start(db.session, buyer, batch(0).number, about.number, "BUYER", now=now)
        for each in (draft, fresh):
            assert set(applications.obstacles(db.session, each, today)) >= {"no_related"}
            offered = [
                choice.payment.id for choice in applications.choices(db.session, each) if choice.offered
            ]
            declared = Declaration(no_related=True, no_duplicate=True)
            applications.save(
                db.session, buyer, each.number, offered, declared, version=each.version, now=now
            )
            applications.submit(db.session, buyer, each.number, version=each.version, now=now)
            assert each.state == states.SUBMITTED
        # (846,000.00 + 507,600.00) × 10 %
        assert fresh.estimate.award_fen == parse_yuan("135,360.00")
        db.session.rollback()


# --- to the fen ---------------------------------------------------------------------------------------------


@together
def test_amounts_are_those_worked_out_by_hand(market):
    small = application("低温型镧镁镍", "enterprise@demo.example")
    # 637,200.55 × 10 % = 63,720.055, down to the fen; the refused voucher of 318,600.00 counts nothing.
    assert small.award_fen == parse_yuan("63,720.05")
    assert small.final.base_fen == parse_yuan("637,200.55")
    refused = [p for p in facts.claimed(small) if p.status == payments.REJECTED]
    assert [p.rejection for p in refused] == ["发票购买方是分公司，名称、税号与合同买方不一致。"]
    large = application("煤气化废水", "enterprise.coal@demo.example")
    # (10,800,000.00 + 10,350,000.00) × 10 % = 2,115,000.00, above the cap.
    assert large.final.base_fen == parse_yuan("21,150,000.00")
    assert large.award_fen == parse_yuan("2,000,000.00")
    assert large.contract.second_reviewer_id not in (None, large.contract.first_reviewer_id)
    lower = newest(application("低温型镧镁镍", "enterprise.alloy@demo.example"))
    # Bank 391,500.00 + 522,000.00, but the second invoice says 520,000.00.
    assert (lower.base_fen, lower.award_fen) == (parse_yuan("911,500.00"), parse_yuan("91,150.00"))
    repaid = newest(application("高寒地区数据中心", "enterprise.cloud@demo.example"))
    # 1,134,000.00 less the 60,000.00 paid back.
    assert repaid.base_fen == parse_yuan("1,074,000.00")


def newest(found):
    query = select(SubsidyCalculation).where(SubsidyCalculation.application_id == found.id)
    return db.session.scalars(query.order_by(SubsidyCalculation.id.desc())).first()


@together
def test_amounts_are_those_of_the_engine(market):
    """Every stored calculation can be repeated, and says of each application what its row says."""
    for run in db.session.scalars(select(SubsidyRun)):
        assert recompute(db.session, run).agrees
    numbers = {each.id: each.contract.number for each in every_application()}
    rows = db.session.scalars(select(SubsidyCalculation)).all()
    for row in rows:
        results = {each.contract_id: each for each in read(SubsidyResult, row.run.result).contracts}
        result = results[numbers[row.application_id]]
        assert (row.base_fen, row.award_fen, row.granted_fen) == (
            result.period_base,
            result.award,
            result.granted,
        )
    assert Counter(row.run.kind for row in rows) == {"estimate": 12, "proposed": 5, "final": 2}


@together
def test_contracts_are_paid_in_different_measure(market):
    paid = Counter()
    for payment in db.session.scalars(select(ContractPayment)):
        paid[payment.contract_id] += payment.bank_tech_fen
    technical = {key: db.session.get(Contract, key).technical_amount_fen for key in paid}
    assert len(paid) == len(PROGRAMME.applications)
    assert all(0 < fen <= technical[key] for key, fen in paid.items())
    assert any(fen == technical[key] for key, fen in paid.items())
    assert any(2 * fen <= technical[key] for key, fen in paid.items())
    buyers = Counter(each.applicant_id for each in every_application() if each.batch_id == batch(0).id)
    assert max(buyers.values()) >= 2


# --- by whom, and when --------------------------------------------------------------------------------------


@together
def test_every_step_was_taken_by_the_one_whose_turn_it_was(market):
    taken = Counter()
    for found in every_application():
        state = states.DRAFT
        for entry in steps(found):
            assert entry.from_state == state
            state = entry.to_state
            member = db.session.get(Membership, entry.membership_id)
            assert member.role == STEPS[entry.action]
            if entry.action == "submit":
                assert member.organisation_id == found.applicant_id
            else:
                assert member.region_code in codes.regions().path(found.region_code)
            if entry.action not in ("submit", "propose", "publicize", "approve"):
                assert len(entry.reason) >= 4
            taken[entry.action] += 1
        assert state == found.state
    assert taken.keys() == STEPS.keys()
    audited = Counter(db.session.scalars(select(AuditEntry.action)))
    told = [payment for line in PROGRAMME.applications for payment in line.payments]
    assert audited["payment.enter"] == count(ContractPayment) == len(told)
    assert audited["subsidy_batch.open"] == count(SubsidyBatch) == 2
    assert audited["subsidy_application.start"] == count(SubsidyApplication) == 13
    decided = select(func.count(ContractPayment.id)).where(ContractPayment.status != payments.PENDING)
    assert audited["subsidy_application.decide_payment"] == db.session.scalar(decided) > 0


def count(model):
    return db.session.scalar(select(func.count()).select_from(model))


@together
def test_everything_happened_in_order_and_nothing_in_the_future(market, expected, today):
    for found in every_application():
        times = [found.batch.created_at, found.created_at, *(entry.at for entry in steps(found))]
        assert times == sorted(times)
        assert times[-1] <= market.extensions["clock"].now()
        if found.applied_on:
            assert found.batch.opens_on <= found.applied_on <= min(today, found.batch.closes_on)
    for payment in db.session.scalars(select(ContractPayment)):
        contract = db.session.get(Contract, payment.contract_id)
        assert expected[1] <= payment.paid_on <= expected[2]
        assert contract.registered_on < payment.paid_on < legal_day(payment.entered_at)
        claim = db.session.scalar(select(PaymentClaim).where(PaymentClaim.payment_id == payment.id))
        if claim:
            assert payment.entered_at < claim.application.created_at


@together
def test_the_first_list_has_run_its_days_and_the_second_runs(market, today):
    main = batch(0)
    for found in every_application():
        entries = {entry.action: entry for entry in steps(found)}
        if found.state == states.APPROVED:
            last = date.fromisoformat(entries["publicize"].data["last"])
            assert last < legal_day(entries["approve"].at)
        elif found.state in states.PUBLISHED:
            assert entries["publicize"].data["last"] == main.publicity_last_day.isoformat()
    assert main.published_on < today < main.publicity_last_day
    assert batch(1).published_on is None


@together
def test_the_days_of_a_first_list_always_pass_before_it_is_approved(market):
    """On whatever day it is published, the long holidays of the loaded years included."""
    gaps = [each.published - each.approved for b in PROGRAMME.batches for each in b.lists if each.approved]
    assert gaps
    calendar, rules = workdays.load(db.session), load_rule_book().in_force(date(2026, 1, 1))
    day = date(2024, 1, 1)
    while day < date(2027, 1, 1):
        answer = calculate_deadline(DeadlineFacts(start=day, rule="SUBSIDY_PUBLICITY"), rules, calendar)
        assert answer.last_day < day + min(gaps) * DAY
        day += DAY


@together
def test_old_listings_have_been_confirmed_and_most_are_new(market, today):
    published = db.session.scalars(select(Listing).where(Listing.state == "published")).all()
    old = [each for each in published if legal_day(each.published_at) < today - 365 * DAY]
    assert len(old) == 7
    assert not any(freshness.needs_confirmation(each.confirmed_on, today) for each in old)
    assert len(old) < len(published) / 5


# --- again, and where it cannot be --------------------------------------------------------------------------


@together
def test_loading_again_adds_nothing(market):
    before = [count(model) for model in COUNTED]
    told = []
    assert not demo.load(market, told.append)
    assert told and all(line.startswith("demo market: 0 ") for line in told)
    assert [count(model) for model in COUNTED] == before


def test_a_market_without_these_contracts_is_left_alone(app, session, now):
    """One that was loaded before the subsidy was part of it: its deals are too young."""
    storage = app.extensions["storage"]
    houses.enter(session, storage, SEED, now=now)
    assert subsidies.grant(session, storage, SEED, now=now) == 0
    assert count(SubsidyBatch) == 0


@pytest.mark.parametrize(
    ("today", "year"),
    [
        ("2018-05-01", None),
        ("2021-10-31", None),
        ("2021-11-01", 2022),
        ("2025-10-31", 2025),
        ("2025-11-01", 2026),
        ("2025-12-31", 2026),
        ("2026-01-01", 2026),
    ],
)
def test_the_programme_year_is_the_last_whose_window_has_ended(today, year):
    assert subsidies._programme_year(date.fromisoformat(today)) == year


# --- the files themselves -----------------------------------------------------------------------------------


def test_every_application_has_its_contract_in_the_trades():
    lines = yaml.safe_load(trades._FILE.read_text(encoding="utf-8"))
    registered = {(line["achievement"], line["buyer"]) for line in lines if line["until"] == "REGISTERED"}
    told = [(line.achievement, line.buyer) for line in PROGRAMME.applications]
    assert len(set(told)) == len(told)
    assert set(told) <= registered


def test_days_of_an_application_go_forward_and_lie_behind_us():
    keys = {each.key for each in PROGRAMME.batches}
    for line in PROGRAMME.applications:
        days = [step.days_ago for step in line.steps]
        assert days == sorted(days, reverse=True)
        assert min(days, default=1) >= 1
        assert line.batch in keys
        assert all(0 <= payment.on <= 100 for payment in line.payments)
