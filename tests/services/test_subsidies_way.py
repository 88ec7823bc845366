"""The whole way of a subsidy application, to the fen, and the worked examples through the real services."""

from datetime import date, timedelta

import pytest

from marketplace.contracts.services import payments
from marketplace.errors import Conflict
from marketplace.notices import services as notices
from marketplace.policy import explain
from marketplace.policy.trace import Trace
from marketplace.subsidies import states
from marketplace.subsidies.services import applications, batches, calculation, reading
from marketplace.workflow import history
from tests import factories
from tests import subsidy_factories as make
from tests.subsidy_factories import YUAN, at

MILLION = 1_000_000 * YUAN


@pytest.fixture
def world(session, app, now):
    class World:
        storage = app.extensions["storage"]
        office = make.bureau(session, now=now)
        buyer = make.enterprise(session, now=now)
        seller = make.enterprise(session, now=now)

        def contract(self, technical, **changes):
            return make.contract(session, self.buyer.house, self.seller.house, technical=technical, **changes)

        def pay(self, contract, amount, day, **changes):
            return make.pay(
                session, self.storage, self.buyer.member, contract, amount, day, now=now, **changes
            )

        def apply(self, batch, contract, when=now, **more):
            return make.apply(session, self.buyer.member, batch, contract, now=when, **more)

        def award(self, batch, *made, when=now, **more):
            for application in made:
                make.checked(session, self.office, application, now=when, **more)
            return make.awarded(session, self.office, batch, now=when)

    return World()


def test_the_whole_way_of_one_application(session, world, now):
    """E12: 5,000,000.00 with equipment of 1,800,000.00; all paid, separated: 320,000.00."""
    contract = world.contract(320 * MILLION // 100, total=5 * MILLION)
    world.pay(
        contract, 5 * MILLION, "2026-02-10", bank_tech_fen=3_200_000 * YUAN, invoice_tech_fen=3_200_000 * YUAN
    )
    batch = make.batch(session, world.office.region, now=now)
    made = world.apply(batch, contract)
    assert (made.state, made.number) == (states.SUBMITTED, "B2027-00001")
    assert made.estimate.award_fen == 320_000 * YUAN
    make.checked(session, world.office, made, now=now)
    batches.propose(session, world.office.region, batch.number, version=batch.version, now=now)
    assert made.state == states.PROPOSED
    batches.publish(session, world.office.region, batch.number, version=batch.version, now=now)
    # Tuesday 2026-03-03, five working days: Wednesday, Thursday, Friday, Monday, Tuesday.
    assert (batch.published_on, batch.publicity_last_day) == (date(2026, 3, 3), date(2026, 3, 10))
    for early in ("2026-03-03", "2026-03-10"):
        with pytest.raises(Conflict):
            batches.approve(session, world.office.region, batch.number, version=batch.version, now=at(early))
    batches.approve(session, world.office.region, batch.number, version=batch.version, now=at("2026-03-11"))
    made = make.reread(session, made.number)
    assert (made.state, made.award_fen, made.final.granted_fen) == (
        states.APPROVED,
        320_000 * YUAN,
        320_000 * YUAN,
    )
    assert batch.state == states.BATCH_APPROVED
    _everybody_was_told_and_every_step_is_kept(session, world, made)


def _everybody_was_told_and_every_step_is_kept(session, world, made):
    told = {n.kind: n.params for n in notices.unread(session, world.buyer.member)}
    assert {"subsidy_proposed", "subsidy_publicized", "subsidy_award"} <= told.keys()
    assert told["subsidy_award"]["amount"] == "320,000.00"
    steps = list(reversed(history(session, "subsidy_application", made.id)))
    assert [s.action for s in steps] == [
        "submit",
        "pass_county",
        "recommend",
        "accept",
        "check_finance",
        "propose",
        "publicize",
        "approve",
    ]
    assert steps[4].reason == "凭证核验无误" and steps[4].actor_id == world.office.finance.user_id
    kinds = [c.run.kind for c in reading.runs(session, made.id)]
    assert kinds == [calculation.FINAL, calculation.PROPOSED, calculation.ESTIMATE]


def test_the_trace_is_stored_and_reads_as_it_was_made(session, world, now):
    contract = world.contract(8 * MILLION)
    world.pay(contract, 1_800_000 * YUAN, "2026-01-16")
    world.pay(contract, 900_000 * YUAN, "2026-02-02", bank_tech_fen=850_000 * YUAN, refund_fen=150_000 * YUAN)
    made = world.apply(make.batch(session, world.office.region, now=now), contract)
    trace = Trace.from_json(made.estimate.run.trace)
    assert trace.hash == made.estimate.run.trace_hash
    rows = {row.step: row for row in explain.contract_rows(trace, contract.number)}
    assert rows["VERIFIED_BASE"].formula == "1,800,000.00 + 700,000.00"
    assert rows["RATE"].result_fen == 250_000 * YUAN
    assert [row.base_fen for row in explain.voucher_rows(trace, contract.number)] == [
        1_800_000 * YUAN,
        700_000 * YUAN,
    ]


def test_an_undivided_payment_counts_only_when_everything_is_technical(session, world, now):
    """E13: 0.00 and TECH_PART_UNCLEAR; the region cannot put it on a list."""
    contract = world.contract(3_200_000 * YUAN, total=5 * MILLION)
    undivided = {"separated": False, "bank_tech_fen": None, "invoice_tech_fen": None}
    world.pay(contract, 5 * MILLION, "2026-02-10", **undivided)
    batch = make.batch(session, world.office.region, now=now)
    made = world.apply(batch, contract)
    assert made.estimate.award_fen == 0
    voucher = made.estimate.run.result["contracts"][0]["vouchers"][0]
    assert voucher["reasons"] == ["TECH_PART_UNCLEAR"]
    make.checked(session, world.office, made, now=now)
    with pytest.raises(Conflict):
        batches.propose(session, world.office.region, batch.number, version=batch.version, now=now)
    whole = world.contract(MILLION)
    world.pay(whole, MILLION, "2026-02-11", **undivided)
    assert world.apply(batch, whole).estimate.award_fen == 100_000 * YUAN


def test_one_contract_over_three_windows_is_limited_by_its_registered_amount(session, world):
    """E14–E16: 250,000.00 + 300,000.00 + 250,000.00 = 800,000.00 on 8,000,000.00."""
    contract = world.contract(8 * MILLION, registered_on=date(2023, 12, 1))
    found = []
    for year, paid, day in (
        (2025, 2_500_000, "2024-03-04"),
        (2026, 3_000_000, "2025-03-04"),
        (2027, 2_600_000, "2026-03-02"),
    ):
        when = at(f"{year - 1}-12-05")
        make.pay(session, world.storage, world.buyer.member, contract, paid * YUAN, day, now=when)
        batch = make.batch(session, world.office.region, year=year, now=when)
        made = world.apply(batch, contract, when=when)
        world.award(batch, made, when=when)
        made = make.reread(session, made.number)
        result = made.final.run.result["contracts"][0]
        found.append((made.award_fen // YUAN, result["application"], result["limits"]))
    assert found == [
        (250_000, "FIRST", []),
        (300_000, "CONTINUING", []),
        (250_000, "CONTINUING", ["REGISTERED_AMOUNT"]),
    ]


def test_only_payments_of_the_window_are_offered_both_edges_included(session, world):
    """E18: window 2021-11-01 … 2022-10-31 of programme 2023."""
    now = at("2022-11-15")
    contract = world.contract(5 * MILLION, registered_on=date(2021, 9, 1))
    for day, paid in (
        ("2021-10-31", 500_000),
        ("2021-11-01", 300_000),
        ("2022-10-31", 200_000),
        ("2022-11-01", 400_000),
    ):
        make.pay(session, world.storage, world.buyer.member, contract, paid * YUAN, day, now=now)
    batch = make.batch(session, world.office.region, year=2023, now=now)
    made = world.apply(batch, contract, when=now)
    choices = applications.choices(session, made)
    assert [c.offered for c in choices] == [False, True, True, False]
    assert "窗口" in choices[0].reason
    assert (made.estimate.base_fen, made.estimate.award_fen) == (500_000 * YUAN, 50_000 * YUAN)


def test_the_yearly_cap_of_an_enterprise_binds_over_its_contracts(session, world, now):
    """E19: 900,000.00, 800,000.00 and what is left of 2,000,000.00, in the order of registration."""
    batch = make.batch(session, world.office.region, now=now)
    made = []
    for day, paid in ((3, 7_000_000), (1, 9_000_000), (2, 8_000_000)):
        contract = world.contract(20 * MILLION, registered_on=date(2025, 12, day))
        world.pay(contract, paid * YUAN, "2026-02-10")
        made.append(world.apply(batch, contract))
    assert [a.estimate.award_fen // YUAN for a in made] == [700_000, 900_000, 800_000]
    world.award(batch, *made)
    granted = [make.reread(session, a.number).award_fen // YUAN for a in made]
    assert granted == [300_000, 900_000, 800_000]
    limits = Trace.from_json(make.reread(session, made[0].number).final.run.trace)
    assert [x.code for x in explain.contract_limits(limits, made[0].contract.number)] == [
        "ENTERPRISE_YEAR_CAP"
    ]


def test_a_short_budget_is_shared_to_the_fen_and_the_same_at_the_end(session, world, now):
    """E28: 749,999.99 / 525,000.00 / 225,000.01 of 1,500,000.00."""
    batch = make.batch(session, world.office.region, now=now, budget_fen=1_500_000 * YUAN)
    made = []
    for paid in (1_000_000_000, 700_000_000, 300_000_010):
        buyer = make.enterprise(session, now=now)
        contract = make.contract(session, buyer.house, world.seller.house, technical=20 * MILLION)
        make.pay(session, world.storage, buyer.member, contract, paid, "2026-02-10", now=now)
        made.append(make.apply(session, buyer.member, batch, contract, now=now))
    assert [a.estimate.award_fen for a in made] == [100_000_000, 70_000_000, 30_000_001]
    world.award(batch, *made)
    granted = [make.reread(session, a.number).award_fen for a in made]
    assert granted == [74_999_999, 52_500_000, 22_500_001]
    assert sum(granted) == batch.budget_fen


def test_a_refused_voucher_brings_nothing_and_the_others_stay(session, world, now):
    contract = world.contract(8 * MILLION)
    bad = world.pay(contract, MILLION, "2026-01-16")
    world.pay(contract, 2 * MILLION, "2026-02-02")
    batch = make.batch(session, world.office.region, now=now)
    made = world.apply(batch, contract)
    assert made.estimate.award_fen == 300_000 * YUAN
    world.award(batch, made, refused={bad.voucher_no: "回单模糊，看不清流水号"})
    assert make.reread(session, made.number).award_fen == 200_000 * YUAN
    assert bad.status == payments.REJECTED and bad.rejection == "回单模糊，看不清流水号"


def test_a_voucher_of_an_approved_application_does_not_count_again(session, world, now):
    """E26, over two contracts and two batches of one arm."""
    first, second = world.contract(8 * MILLION), world.contract(8 * MILLION)
    slip = world.pay(first, MILLION, "2026-01-16")
    batch = make.batch(session, world.office.region, now=now)
    world.award(batch, world.apply(batch, first))
    world.pay(second, MILLION, "2026-01-16", voucher_no=slip.voucher_no)
    when = now + timedelta(days=20)
    made = world.apply(make.batch(session, world.office.region, now=when), second, when=when)
    result = made.estimate.run.result["contracts"][0]
    assert made.estimate.award_fen == 0
    assert result["vouchers"][0]["reasons"] == ["DUPLICATE_VOUCHER"]


def test_both_arms_of_a_contract_share_budget_and_house_cap(session, world, now):
    contract = world.contract(8 * MILLION)
    world.pay(contract, MILLION, "2026-01-16")
    batch = make.batch(session, world.office.region, now=now, budget_fen=100_001 * YUAN)
    bought = world.apply(batch, contract)
    sold = make.apply(session, world.seller.member, batch, contract, now=now, arm="SELLER")
    assert sold.estimate.run.result["assumed"].count("rate_bp") == 1
    world.award(batch, bought, sold)
    granted = [make.reread(session, a.number).award_fen for a in (bought, sold)]
    assert granted == [5_000_050, 5_000_050]
    assert sum(granted) == batch.budget_fen


def test_holidays_lengthen_the_publicity(session, world):
    """From 2026-09-23: Thursday 24; 25–27 are holiday; 28, 29, 30; then 8 October after the National Day."""
    now = at("2026-09-23")
    contract = world.contract(8 * MILLION)
    world.pay(contract, MILLION, "2026-01-16")
    batch = make.batch(session, world.office.region, now=now)
    made = world.apply(batch, contract, when=now)
    make.checked(session, world.office, made, now=now)
    for act in (batches.propose, batches.publish):
        act(session, world.office.region, batch.number, version=batch.version, now=now)
    assert batch.publicity_last_day == date(2026, 10, 8)
    assert batch.calendar_published


def test_beyond_the_calendar_table_weekends_alone_count_and_it_says_so(session, world):
    now = at("2031-06-04")
    contract = world.contract(8 * MILLION)
    make.pay(session, world.storage, world.buyer.member, contract, MILLION, "2031-01-15", now=now)
    batch = make.batch(session, world.office.region, year=2032, now=now)
    made = world.apply(batch, contract, when=now)
    make.checked(session, world.office, made, now=now)
    for act in (batches.propose, batches.publish):
        act(session, world.office.region, batch.number, version=batch.version, now=now)
    assert batch.publicity_last_day == date(2031, 6, 11)
    assert not batch.calendar_published


def test_an_outsider_hears_nothing(session, world, now):
    stranger = factories.actor_of(session, factories.user(session, now=now).id, now)
    assert reading.mine(session, stranger, page=1, size=20) == ([], 0)
    assert reading.queue_counts(session, stranger) == {}
