"""Batches and their lists: opened under checked rules, objections, facts that change, calculations repeated."""

from dataclasses import replace

import pytest
from sqlalchemy import update

from marketplace.errors import Conflict, Forbidden, Invalid
from marketplace.permissions import Role
from marketplace.policy.loader import load_rule_book
from marketplace.subsidies import states
from marketplace.subsidies.models import RuleSetText, SubsidyRun
from marketplace.subsidies.services import applications, batches, calculation, reading, replay, review
from tests import factories
from tests import subsidy_factories as make
from tests.subsidy_factories import YUAN, at

MILLION = 1_000_000 * YUAN
AFTER = at("2026-03-11")


@pytest.fixture
def world(session, app, now):
    return make.Town(session, app.extensions["storage"], now)


def listed(session, world, now, *others):
    """The town's application checked and published with the others."""
    made = [world.handed_in(), *others]
    for application in made:
        make.checked(session, world.office, application, now=now)
    world.act(batches.propose)
    world.act(batches.publish)
    return made


# --- opening ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": " "}, "title"),
        ({"closes_on": at("2026-02-28").date()}, "closes_on"),
        ({"budget_fen": 0}, "budget_fen"),
        ({"year": 2021}, "programme_year"),
        ({"year": 2019}, "programme_year"),
        ({"year": 9001}, "programme_year"),
        ({"parameters": {"rate": 800}}, "parameters"),
        ({"parameters": {"rate_bp": 10_001}}, "parameters"),
        ({"parameters": {"rate_bp": "8"}}, "parameters"),
    ],
)
def test_a_batch_opens_only_under_rules_in_force(session, world, now, changes, field):
    with pytest.raises(Invalid) as refused:
        make.batch(session, world.office.region, now=now, **changes)
    assert set(refused.value.problems) == {field}


def test_only_the_region_opens_and_moves_batches(session, world, now):
    for person in (world.office.league, world.office.finance, world.buyer.member):
        with pytest.raises(Forbidden):
            make.batch(session, person, now=now)
        for act in (batches.propose, batches.publish, batches.approve):
            with pytest.raises((Forbidden, Conflict)):
                act(session, person, world.batch.number, version=world.batch.version, now=now)
    assert world.batch.state == states.BATCH_OPEN


def test_numbers_count_up_within_a_year(session, world, now):
    assert world.batch.number == "NMG-TT-POST-2027-1"
    assert make.batch(session, world.office.region, now=now).number == "NMG-TT-POST-2027-2"
    assert make.batch(session, world.office.region, now=now, year=2026).number == "NMG-TT-POST-2026-1"


def test_a_batch_may_set_a_lower_rate(session, world, now):
    """E27: 800 bp on 1,000,000.05 is 80,000.00 (80,000.004 rounded down)."""
    world.batch = make.batch(session, world.office.region, now=now, parameters={"rate_bp": 800})
    world.pay(1_000_000_05)
    made = make.apply(session, world.buyer.member, world.batch, world.contract, now=now)
    assert made.estimate.award_fen == 80_000 * YUAN


def test_without_a_verified_value_there_is_no_amount_and_no_list(session, world, now):
    world.batch = make.batch(session, world.office.region, now=now, parameters={"min_base_fen": None})
    made = world.handed_in()
    assert made.estimate.run.status == "PARAMETER_UNVERIFIED"
    assert made.estimate.run.result["unverified"] == ["min_base_fen"]
    assert (made.estimate.award_fen, made.estimate.granted_fen) == (None, None)
    make.checked(session, world.office, made, now=now)
    with pytest.raises(Conflict):
        world.act(batches.propose)


# --- lists --------------------------------------------------------------------------------------------------


def test_an_empty_list_is_not_drawn_up(session, world):
    with pytest.raises(Conflict):
        world.act(batches.propose)


def test_an_objection_holds_one_back_and_the_others_go_on(session, world, now):
    first, second = listed(session, world, now, world.another())
    region = world.office.region
    review.note_objection(session, region, first.number, "对关联关系有异议", version=first.version, now=now)
    world.act(batches.approve, AFTER)
    assert (first.state, second.state) == (states.OBJECTED, states.APPROVED)
    assert world.batch.state == states.BATCH_PUBLICIZING
    with pytest.raises(Conflict):
        world.act(batches.approve, AFTER)
    review.resolve_objection(session, region, first.number, "经查不属实", version=first.version, now=AFTER)
    world.act(batches.approve, AFTER)
    assert (first.state, first.award_fen) == (states.APPROVED, 100_000 * YUAN)
    assert world.batch.state == states.BATCH_APPROVED


def test_a_refused_objection_case_frees_its_payments_and_leaves_the_public_list(session, world, now):
    first, _second = listed(session, world, now, world.another())
    payment = first.claims[0].payment
    region = world.office.region
    review.note_objection(session, region, first.number, "属实的异议", version=first.version, now=now)
    review.reject(session, region, first.number, "异议成立", version=first.version, now=now)
    assert (first.state, first.claims, payment.locked) == (states.REJECTED, [], False)
    rows, total = reading.public_list(session, world.batch, page=1, size=20)
    assert (total, rows[0][0].state) == (1, states.PUBLICIZED)
    world.act(batches.approve, AFTER)
    second_batch = make.batch(session, region, now=now)
    again = applications.start(
        session, world.buyer.member, second_batch.number, world.contract.number, "BUYER", now=now
    )
    assert [c.offered for c in applications.choices(session, again)] == [True]


def test_when_the_facts_change_the_list_is_drawn_up_and_published_again(session, world, now):
    """The budget is short: refusing one raises the others, so what was published is no longer right."""
    world.batch = make.batch(session, world.office.region, now=now, budget_fen=150_000 * YUAN)
    first, second = listed(session, world, now, world.another())
    assert calculation.latest(session, [second.id])[second.id].granted_fen == 75_000 * YUAN
    region = world.office.region
    review.note_objection(session, region, first.number, "异议", version=first.version, now=now)
    review.reject(session, region, first.number, "异议成立", version=first.version, now=now)
    with pytest.raises(Conflict) as refused:
        world.act(batches.approve, AFTER)
    assert second.number in str(refused.value)
    world.act(batches.withdraw, AFTER, reason="一件不予支持，重新分配")
    assert (second.state, world.batch.state, world.batch.published_on) == (
        states.FINANCE_CHECKED,
        states.BATCH_OPEN,
        None,
    )
    world.act(batches.propose, AFTER)
    world.act(batches.publish, AFTER)
    assert world.batch.publicity_last_day == at("2026-03-18").date()
    world.act(batches.approve, at("2026-03-19"))
    assert second.award_fen == 100_000 * YUAN


def test_a_second_round_has_what_the_budget_left(session, world, now):
    world.batch = make.batch(session, world.office.region, now=now, budget_fen=150_000 * YUAN)
    (first,) = listed(session, world, now)
    late = world.another()
    make.checked(session, world.office, late, now=now)
    with pytest.raises(Conflict):
        world.act(batches.propose)
    world.act(batches.approve, AFTER)
    world.act(batches.propose, AFTER)
    world.act(batches.publish, AFTER)
    world.act(batches.approve, at("2026-03-19"))
    assert (first.award_fen, late.award_fen) == (100_000 * YUAN, 50_000 * YUAN)


def test_drawing_the_list_up_again_takes_off_what_is_granted_nothing_now(session, world, now):
    made, other = world.handed_in(), world.another()
    for application in (made, other):
        make.checked(session, world.office, application, now=now)
    world.act(batches.propose)
    world.contract.state = "REVOKED"
    world.act(batches.propose)
    assert (made.state, other.state) == (states.FINANCE_CHECKED, states.PROPOSED)
    reasons = calculation.latest(session, [made.id])[made.id].run.result["contracts"]
    assert ["REGISTRATION_VOID"] in [c["reasons"] for c in reasons]


def test_a_registration_revoked_after_the_publicity_is_not_paid(session, world, now):
    (made,) = listed(session, world, now)
    world.contract.state = "CANCELLED"
    session.flush()
    with pytest.raises(Conflict) as refused:
        world.act(batches.approve, AFTER)
    assert made.number in str(refused.value) and made.award_fen is None


def test_a_region_reviewer_with_a_stake_draws_up_no_list(session, world, now):
    made = world.handed_in()
    make.checked(session, world.office, made, now=now)
    insider = factories.actor(session, Role.REVIEWER_REGION, world.buyer.house, now=now, region_code="150000")
    with pytest.raises(Forbidden):
        batches.propose(session, insider, world.batch.number, version=world.batch.version, now=now)


def test_sums_count_every_state_by_its_newest_calculation(session, world, now):
    made, other = world.handed_in(), world.another(3 * MILLION)
    world.batch.budget_fen = None
    make.checked(session, world.office, other, now=now)
    found = reading.sums(session, world.batch.id)
    assert (found[states.SUBMITTED].count, found[states.SUBMITTED].amount_fen) == (1, 100_000 * YUAN)
    assert found[states.FINANCE_CHECKED].amount_fen == 300_000 * YUAN
    assert made.estimate.award_fen == 100_000 * YUAN


# --- stored calculations ------------------------------------------------------------------------------------


def test_a_stored_calculation_can_be_repeated_to_the_fen(session, world, now):
    world.batch = make.batch(
        session,
        world.office.region,
        now=now,
        budget_fen=150_000 * YUAN,
        parameters={"rate_bp": 900, "duplicate_level": "DEDUCT"},
    )
    made = listed(session, world, now, world.another())
    world.act(batches.approve, AFTER)
    for application in made:
        for row in reading.runs(session, application.id):
            assert replay.recompute(session, row.run).agrees
    rules = replay.stored_rules(session.get_one(RuleSetText, made[0].final.run.rule_set_hash).text)
    assert rules.value("rate_bp") == 900 and rules["rate_bp"].overridden
    assert rules["window"].reference == load_rule_book().for_programme(2027)["window"].reference


@pytest.mark.parametrize("column", ["facts", "result", "trace"])
def test_a_row_that_was_tampered_with_is_found(session, world, now, column):
    run = world.handed_in().estimate.run
    content = getattr(run, column)
    changed = {
        "facts": {**content, "programme_year": 2026},
        "result": {**content, "total_award": "1.00"},
        "trace": {**content, "facts": {}},
    }[column]
    session.execute(update(SubsidyRun).where(SubsidyRun.id == run.id).values({column: changed}))
    session.expire_all()
    assert not replay.recompute(session, run).agrees


def test_changed_rules_are_found(session, world, now):
    run = world.handed_in().estimate.run
    text = session.get_one(RuleSetText, run.rule_set_hash).text
    lowered = text.replace('"value":1000', '"value":999')
    assert lowered != text
    session.execute(update(RuleSetText).where(RuleSetText.hash == run.rule_set_hash).values(text=lowered))
    session.expire_all()
    found = replay.recompute(session, run)
    assert (found.rules_unchanged, found.same_result, found.trace_unchanged) == (False, False, True)


@pytest.mark.parametrize("which", ["calculation", "run", "rules"])
def test_stored_calculations_are_never_changed_by_the_program(session, world, which):
    estimate = world.handed_in().estimate
    row, name = {
        "calculation": (estimate, "award_fen"),
        "run": (estimate.run, "status"),
        "rules": (session.get_one(RuleSetText, estimate.run.rule_set_hash), "text"),
    }[which]
    setattr(row, name, 1 if name == "award_fen" else "OTHER")
    with pytest.raises(RuntimeError):
        session.flush()


def test_handing_in_again_adds_an_estimate(session, world, now):
    made = world.handed_in()
    first = made.estimate.id
    review.send_back(session, world.office.county, made.number, "请补", version=made.version, now=now)
    more = world.pay(2 * MILLION)
    claims = [c.payment_id for c in made.claims] + [more.id]
    deducting = replace(make.COMMITTED, other_level_fen=0)
    member = world.buyer.member
    applications.save(session, member, made.number, claims, deducting, version=made.version, now=now)
    applications.submit(session, member, made.number, version=made.version, now=now)
    assert made.estimate.id != first
    assert [r.award_fen for r in reading.runs(session, made.id)] == [300_000 * YUAN, 100_000 * YUAN]
