"""What stands in the way of handing in and at each level, and who may do nothing."""

import itertools
from dataclasses import replace

import pytest

from marketplace.contracts.services import payments
from marketplace.errors import Conflict, Forbidden, Invalid, NotFound, StaleEdit
from marketplace.notices import services as notices
from marketplace.permissions import VISITOR, Permission, Role, can
from marketplace.subsidies import states
from marketplace.subsidies.models import SubsidyApplication
from marketplace.subsidies.services import applications, batches, reading, review
from tests import factories
from tests import subsidy_factories as make
from tests.subsidy_factories import COMMITTED, YUAN, at

MILLION = 1_000_000 * YUAN


@pytest.fixture
def world(session, app, now):
    return make.Town(session, app.extensions["storage"], now)


# --- handing in ---------------------------------------------------------------------------------------------


def test_an_application_is_started_in_its_period_for_a_registered_contract_once(session, world, now):
    draft = world.draft()
    with pytest.raises(Conflict) as refused:
        world.draft()
    assert draft.number in str(refused.value)
    for day in ("2026-02-28", "2026-03-29"):
        with pytest.raises(Conflict):
            applications.start(
                session,
                world.seller.member,
                world.batch.number,
                world.contract.number,
                "SELLER",
                now=at(day),
            )
    world.contract.state = "CANCELLED"
    session.flush()
    with pytest.raises(Conflict):
        applications.start(
            session, world.seller.member, world.batch.number, world.contract.number, "SELLER", now=now
        )


def test_only_the_party_of_that_side_applies(session, world, now):
    for arm, person, error in (
        ("SELLER", world.buyer.member, Forbidden),
        ("BUYER", world.seller.member, Forbidden),
        ("SERVICE", world.buyer.member, Invalid),
        ("BUYER", make.enterprise(session, now=now).member, NotFound),
        ("BUYER", world.office.region, NotFound),
    ):
        with pytest.raises(error):
            applications.start(session, person, world.batch.number, world.contract.number, arm, now=now)


def test_handing_in_names_everything_that_is_missing(session, world, now):
    draft = world.draft()
    with pytest.raises(Invalid) as refused:
        applications.submit(session, world.buyer.member, draft.number, version=draft.version, now=now)
    assert set(refused.value.problems) == {"payments", "no_related"}
    bare = world.pay(scans=False)
    half = replace(COMMITTED, no_duplicate=False)
    applications.save(
        session, world.buyer.member, draft.number, [bare.id], half, version=draft.version, now=now
    )
    world.buyer.house.tax_region = None
    with pytest.raises(Invalid) as refused:
        applications.submit(
            session, world.buyer.member, draft.number, version=draft.version, now=at("2026-04-01")
        )
    assert set(refused.value.problems) == {"batch", "applicant", "no_related", "files"}
    assert bare.voucher_no in refused.value.problems["files"][0]
    assert draft.state == states.DRAFT


def test_a_payment_is_claimed_once_in_an_arm_and_only_of_this_contract(session, world, now):
    inside, outside = world.pay(), world.pay(day="2025-10-31")
    draft = world.draft()
    member = world.buyer.member
    for wrong in ([outside.id], [inside.id, outside.id + 100]):
        with pytest.raises(Invalid) as refused:
            applications.save(session, member, draft.number, wrong, COMMITTED, version=draft.version, now=now)
        assert "payments" in refused.value.problems
    applications.save(session, member, draft.number, [inside.id], COMMITTED, version=draft.version, now=now)
    second = make.batch(session, world.office.region, now=now)
    again = applications.start(session, member, second.number, world.contract.number, "BUYER", now=now)
    with pytest.raises(Invalid) as refused:
        applications.save(
            session, member, again.number, [inside.id], COMMITTED, version=again.version, now=now
        )
    assert draft.number in refused.value.problems["payments"][0]
    sold = applications.start(
        session, world.seller.member, world.batch.number, world.contract.number, "SELLER", now=now
    )
    applications.save(
        session, world.seller.member, sold.number, [inside.id], COMMITTED, version=sold.version, now=now
    )
    assert len(sold.claims) == 1


def test_a_declared_relation_and_the_commitment_contradict_each_other(session, world, now):
    draft = world.draft()
    related = replace(COMMITTED, parent_subsidiary=True)
    with pytest.raises(Invalid) as refused:
        applications.save(
            session, world.buyer.member, draft.number, [], related, version=draft.version, now=now
        )
    assert set(refused.value.problems) == {"no_related"}


def test_what_the_contract_says_about_relations_counts_without_a_declaration(session, world, now):
    world.contract.is_related = True
    made = world.handed_in()
    assert made.estimate.award_fen == 0
    assert made.estimate.run.result["contracts"][0]["reasons"] == ["RELATED_PARTY"]


def test_a_place_of_taxes_outside_the_region_is_a_reason_of_its_own(session, world, now):
    world.buyer.house.tax_region = "110000"
    made = world.handed_in()
    assert made.estimate.run.result["contracts"][0]["reasons"] == ["LOCALITY"]


def test_what_is_handed_in_stands_still(session, world, now):
    made = world.handed_in()
    with pytest.raises(Conflict):
        applications.save(
            session, world.buyer.member, made.number, [], COMMITTED, version=made.version, now=now
        )
    with pytest.raises(Conflict):
        applications.submit(session, world.buyer.member, made.number, version=made.version, now=now)


def test_a_stale_edit_is_refused(session, world, now):
    draft = world.draft()
    version = draft.version
    applications.save(session, world.buyer.member, draft.number, [], COMMITTED, version=version, now=now)
    with pytest.raises(StaleEdit):
        applications.save(session, world.buyer.member, draft.number, [], COMMITTED, version=version, now=now)


# --- levels -------------------------------------------------------------------------------------------------


def test_returned_at_each_level_it_is_mended_and_starts_at_the_county(session, world, now):
    made = world.handed_in()
    office = world.office
    for steps in range(4):
        reviewers = (office.county, office.league, office.region, office.finance)
        for reviewer in reviewers[:steps]:
            review.advance(session, reviewer, made.number, "同意", version=made.version, now=now)
        level = made.state
        review.send_back(
            session, reviewers[steps], made.number, "请补充发票清单", version=made.version, now=now
        )
        assert (made.state, made.returned_from) == (states.RETURNED, level)
        assert not made.claims[0].payment.locked
        applications.submit(session, world.buyer.member, made.number, version=made.version, now=now)
        assert (made.state, made.returned_from) == (states.SUBMITTED, None)
        assert made.claims[0].payment.locked
    told = [n for n in notices.unread(session, world.buyer.member) if n.kind == "subsidy_returned"]
    assert len(told) == 4 and told[0].params["reason"] == "请补充发票清单"


def test_returned_work_may_come_back_after_the_period_until_the_list_is_drawn_up(session, world, now):
    made = world.handed_in()
    review.send_back(session, world.office.county, made.number, "请改", version=made.version, now=now)
    late = at("2026-04-10")
    applications.submit(session, world.buyer.member, made.number, version=made.version, now=late)
    assert made.applied_on == late.date()
    other = make.enterprise(session, now=now)
    contract = make.contract(session, other.house, world.seller.house, technical=MILLION)
    make.pay(session, world.storage, other.member, contract, MILLION, "2026-02-01", now=now)
    listed = make.apply(session, other.member, world.batch, contract, now=now)
    make.checked(session, world.office, listed, now=now)
    review.send_back(session, world.office.county, made.number, "再改", version=made.version, now=late)
    batches.propose(session, world.office.region, world.batch.number, version=world.batch.version, now=late)
    with pytest.raises(Invalid) as refused:
        applications.submit(session, world.buyer.member, made.number, version=made.version, now=late)
    assert set(refused.value.problems) == {"batch"}


def test_every_step_needs_an_opinion(session, world, now):
    made = world.handed_in()
    for act in (review.advance, review.send_back):
        with pytest.raises(Invalid) as refused:
            act(session, world.office.county, made.number, "  ", version=made.version, now=now)
        assert set(refused.value.problems) == {"reason"}
    with pytest.raises(StaleEdit):
        review.advance(session, world.office.county, made.number, "同意", version=made.version - 1, now=now)


def test_finance_decides_on_every_voucher_before_it_passes(session, world, now):
    world.pay()
    made = world.handed_in()
    make.to_finance(session, world.office, made, now=now)
    finance = world.office.finance
    with pytest.raises(Invalid) as refused:
        review.advance(session, finance, made.number, "同意", version=made.version, now=now)
    assert set(refused.value.problems) == {"vouchers"}
    first, second = (claim.payment for claim in made.claims)
    for verdict, reason, field in (("REJECTED", " ", "reason"), ("PENDING", None, "verdict")):
        with pytest.raises(Invalid) as refused:
            review.decide_payment(
                session, finance, made.number, first.id, verdict, reason, version=first.version, now=now
            )
        assert set(refused.value.problems) == {field}
    with pytest.raises(Forbidden):
        review.decide_payment(
            session,
            world.office.region,
            made.number,
            first.id,
            "VERIFIED",
            None,
            version=first.version,
            now=now,
        )
    make.verify(session, world.office, made, now=now, refused={second.voucher_no: "发票抬头不符"})
    review.advance(session, finance, made.number, "同意", version=made.version, now=now)
    assert made.state == states.FINANCE_CHECKED
    with pytest.raises(Conflict):
        review.decide_payment(
            session, finance, made.number, first.id, "REJECTED", "迟了", version=first.version, now=now
        )


def test_a_voucher_refused_by_finance_is_mended_and_waits_for_a_new_decision(session, world, now):
    made = world.handed_in()
    make.to_finance(session, world.office, made, now=now)
    payment = made.claims[0].payment
    make.verify(session, world.office, made, now=now, refused={payment.voucher_no: "金额不符"})
    review.send_back(session, world.office.finance, made.number, "请改凭证", version=made.version, now=now)
    with pytest.raises(Invalid):
        applications.submit(session, world.buyer.member, made.number, version=made.version, now=now)
    given = make.fields(MILLION - 1, "2026-02-10")
    payments.change(
        session,
        world.buyer.member,
        world.contract.number,
        payment.id,
        given,
        version=payment.version,
        now=now,
    )
    assert (payment.status, payment.rejection) == (payments.PENDING, None)
    applications.submit(session, world.buyer.member, made.number, version=made.version, now=now)


def test_reviewers_of_other_places_see_nothing_and_decide_nothing(session, world, now):
    made = world.handed_in()
    office = factories.organisation(session, now=now, kind="government")
    for role, region in (
        (Role.REVIEWER_COUNTY, "150204"),
        (Role.REVIEWER_COUNTY, None),
        (Role.REVIEWER_LEAGUE, "150100"),
    ):
        elsewhere = factories.actor(session, role, office, now=now, region_code=region)
        with pytest.raises(NotFound):
            review.advance(session, elsewhere, made.number, "同意", version=made.version, now=now)
        assert not any(reading.queue_counts(session, elsewhere).values())


def test_nobody_decides_about_his_own_house_or_the_other_party(session, world, now):
    made = world.handed_in()
    for house in (world.buyer.house, world.seller.house):
        insider = factories.actor(session, Role.REVIEWER_COUNTY, house, now=now, region_code="150203")
        with pytest.raises(Forbidden):
            review.advance(session, insider, made.number, "同意", version=made.version, now=now)


def test_drafts_are_the_applicants_own(session, world, now):
    draft = world.draft()
    for reviewer in vars(world.office).values():
        with pytest.raises(NotFound):
            reading.view(session, reviewer, draft.number)
    assert reading.view(session, world.buyer.member, draft.number).id == draft.id


# --- roles × states -----------------------------------------------------------------------------------------

_RIGHT = {
    "pass_county": "county",
    "return_by_county": "county",
    "recommend": "league",
    "return_by_league": "league",
    "accept": "region",
    "return_by_region": "region",
    "check_finance": "finance",
    "return_by_finance": "finance",
    "submit": "applicant",
}


def test_each_step_belongs_to_one_role_in_every_state(session, world, now):
    people = {
        **vars(world.office),
        "applicant": world.buyer.member,
        "seller": world.seller.member,
        "operator": factories.operator(session, now=now),
        "visitor": VISITOR,
    }
    for transition, (name, person) in itertools.product(states.APPLICATION.transitions, people.items()):
        for state in transition.from_states:
            probe = SubsidyApplication(applicant_id=world.buyer.house.id, state=state, region_code="150203")
            allowed = can(person, transition.permission, probe.permission_subject())
            assert allowed == (name == _RIGHT.get(transition.action, "region")), (transition.action, name)


def test_the_queue_and_the_permission_agree(session, world, now):
    made = world.handed_in()
    office = world.office
    permissions = {
        "county": Permission.SUBSIDY_COUNTY,
        "league": Permission.SUBSIDY_LEAGUE,
        "region": Permission.SUBSIDY_REGION,
        "finance": Permission.SUBSIDY_FINANCE,
        "objection": Permission.SUBSIDY_REGION,
    }
    outsider = factories.actor(
        session,
        Role.REVIEWER_COUNTY,
        factories.organisation(session, now=now, kind="government"),
        now=now,
        region_code="150204",
    )
    for reviewer in (office.county, office.league, office.region, office.finance, None):
        for level, person in itertools.product(reading.LEVELS, [*vars(office).values(), outsider]):
            rows, total = reading.queue(session, person, level, page=1, size=20)
            may = can(person, permissions[level.name], made.permission_subject())
            due = made.state == level.state and may and level.role in person.roles()
            assert (total == 1, made in rows) == (due, due), (level.name, made.state)
            if level in reading.levels_of(person):
                assert reading.queue_counts(session, person)[level.name] == total
        if reviewer is office.finance:
            make.verify(session, office, made, now=now)
        if reviewer is not None:
            review.advance(session, reviewer, made.number, "同意", version=made.version, now=now)


def test_steps_work_on_records_read_afresh_as_pages_read_them(session, world, now):
    """A page reads an application with joins; the lock must not repeat them (PostgreSQL refuses that)."""
    number = world.handed_in().number
    for reviewer in (world.office.county, world.office.league):
        session.flush()
        session.expunge_all()
        found = reading.find(session, number)
        review.advance(session, reviewer, number, "同意", version=found.version, now=now)
    assert found.state == states.RECOMMENDED
