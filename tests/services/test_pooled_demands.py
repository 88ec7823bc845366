"""Answers of firms, what a published common demand tells of them, and responses passed on."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from marketplace.accounts.models import Organisation
from marketplace.audit import AuditEntry
from marketplace.errors import Conflict, Forbidden, Invalid, NotFound, StaleEdit
from marketplace.listings.content import DemandIndicator
from marketplace.listings.models import Listing
from marketplace.notices import services as notices
from marketplace.notices.models import Notice
from marketplace.permissions import VISITOR, Role
from marketplace.pooling.models import ClusterResponse
from marketplace.pooling.services import asking, managing, pooled, responding
from marketplace.pooling.services.asking import Answer
from marketplace.web.transaction import unit_of_work
from marketplace.workflow import HistoryEntry
from search.documents import FEN_PER_WAN
from search.indicators import Comparator
from tests import factories
from tests.services.pooling_market import Firms, live, only_cluster


@pytest.fixture
def firms(app, now) -> Firms:
    """Three firms that were asked."""
    made = Firms(app, now)
    made.numbers = [made.ask(place) for place in range(3)]
    made.work()
    return made


@pytest.fixture
def pool_number(firms) -> str:
    """The number of the common demand of the first two."""
    for number in firms.numbers[:2]:
        firms.answer(number, "agree", counts_budget=True)
    return firms.publish_pool()


def told(actor, kind: str) -> list[Notice]:
    with unit_of_work() as session:
        return [notice for notice in notices.unread(session, actor) if notice.kind == kind]


def seen(firms: Firms, number: str, actor=VISITOR) -> pooled.Pool:
    with unit_of_work() as session:
        return pooled.find(session, actor, number)


# --- answers ------------------------------------------------------------------------------------------------


def test_an_answer_is_the_firms_own_and_is_kept_with_who_gave_it(firms, now):
    firms.answer(firms.numbers[0], "agree", counts_budget=True, shows_name=True)
    with unit_of_work() as session:
        member = live(session, firms.numbers[0])
        assert (member.state, member.counts_budget, member.shows_name) == ("agreed", True, True)
        assert (member.answered_at, member.answered_by_id) == (now, firms.people[0].user_id)
        (move,) = session.scalars(select(HistoryEntry).where(HistoryEntry.subject_type == "cluster_member"))
        assert (move.action, move.data) == ("agree", {"counts_budget": True, "shows_name": True})
        assert "cluster_member.agree" in session.scalars(select(AuditEntry.action)).all()


def test_ticks_count_only_with_a_yes(firms):
    firms.answer(firms.numbers[0], "postpone", counts_budget=True, shows_name=True)
    with unit_of_work() as session:
        member = live(session, firms.numbers[0])
        assert (member.state, member.counts_budget, member.shows_name) == ("postponed", False, False)


def test_a_colleague_may_answer_and_others_do_not_learn_that_there_is_anything(firms, now):
    with unit_of_work() as session:
        house = session.get_one(Organisation, firms.houses[0])
        colleague = factories.actor(session, Role.ENTERPRISE_MEMBER, house, now=now)
    firms.answer(firms.numbers[0], "decline", by=colleague)
    for who in (firms.people[1], VISITOR):
        with pytest.raises(NotFound):
            firms.answer(firms.numbers[0], "agree", by=who)
    with pytest.raises(NotFound):
        firms.answer(firms.numbers[0], "agree", by=firms.operator)
    with unit_of_work() as session:
        assert live(session, firms.numbers[0]).state == "declined"


def test_a_stale_answer_is_refused(firms, now):
    with unit_of_work() as session:
        member, who = live(session, firms.numbers[0]), firms.people[0]
        with pytest.raises(StaleEdit):
            asking.answer(session, who, member.id, Answer("agree"), version=member.version + 1, now=now)


def test_who_was_not_asked_has_no_page(app, now):
    firms = Firms(app, now)
    numbers = [firms.ask(0), firms.ask(1)]
    firms.work()
    with unit_of_work() as session:
        member = live(session, numbers[0])
        member.asked_at = None
        session.flush()
        with pytest.raises(NotFound):
            asking.member_for(session, firms.people[0], member.id)
        assert asking.mine(session, firms.people[0], page=1, size=20) == ([], 0)
        ((own,), total) = asking.mine(session, firms.people[1], page=1, size=20)
        assert (own.listing.number, total) == (numbers[1], 1)


def test_staff_ask_whoever_has_not_been_asked(firms, now):
    with unit_of_work() as session:
        cluster = managing.opened(session, firms.operator, only_cluster(session).id)
        with pytest.raises(Conflict, match="征求过"):
            asking.ask(session, firms.operator, cluster, version=cluster.version, now=now)
        cluster.members[0].asked_at = None
        session.flush()
        assert asking.ask(session, firms.operator, cluster, version=cluster.version, now=now) == 1
        with pytest.raises(Forbidden):
            asking.ask(session, firms.people[0], cluster, version=cluster.version, now=now)


# --- publishing ---------------------------------------------------------------------------------------------


def test_two_must_agree_before_it_is_published(firms):
    firms.answer(firms.numbers[0], "agree")
    with pytest.raises(Invalid) as raised:
        firms.publish_pool()
    assert raised.value.problems == {"": ["同意联合发布的企业还不足两家，暂不能发布。"]}
    firms.answer(firms.numbers[1], "agree")
    assert firms.publish_pool() == "P2026-00001"
    assert [len(told(person, "pool_published")) for person in firms.people] == [1, 1, 0]


def test_only_staff_publish_word_and_close(firms, now):
    with unit_of_work() as session:
        cluster = managing.opened(session, firms.operator, only_cluster(session).id)
        for act in (
            lambda who: managing.publish(session, who, cluster, version=cluster.version, now=now),
            lambda who: managing.word(session, who, cluster, "题", "文", version=cluster.version, now=now),
            lambda who: managing.close(session, who, cluster, "原因", version=cluster.version, now=now),
            lambda who: managing.opened(session, who, cluster.id),
            lambda who: managing.listed(session, who, None, page=1, size=20),
            lambda who: managing.counts(session, who),
        ):
            for who in (firms.people[0], VISITOR):
                with pytest.raises((Forbidden, NotFound)):
                    act(who)


def test_a_consent_taken_back_takes_the_common_demand_down(firms, pool_number):
    assert seen(firms, pool_number).firms == 2
    firms.answer(firms.numbers[1], "decline")
    with pytest.raises(NotFound):
        seen(firms, pool_number)
    assert [len(told(person, "pool_suspended")) for person in firms.people] == [1, 0, 0]
    firms.answer(firms.numbers[2], "agree")
    assert firms.publish_pool() == pool_number, "a number is given once"
    assert seen(firms, pool_number).firms == 2


def test_a_demand_taken_off_does_not_count_even_before_the_worker_hears_of_it(firms, pool_number):
    firms.answer(firms.numbers[2], "agree")
    firms.withdraw(0, firms.numbers[0])
    assert seen(firms, pool_number).firms == 2
    firms.work()
    assert seen(firms, pool_number).firms == 2


def test_of_a_common_demand_with_one_firm_left_nothing_is_shown(firms, pool_number):
    firms.withdraw(0, firms.numbers[0])
    with pytest.raises(NotFound):
        seen(firms, pool_number)
    with unit_of_work() as session:
        assert pooled.published(session, page=1, size=20)[0] == []


# --- what is told -------------------------------------------------------------------------------------------


def test_the_budget_is_a_step_of_a_scale_and_only_of_those_who_let_it_count(firms, pool_number):
    # Each can spend at most 50 万元.
    assert seen(firms, pool_number).budget == (100 * FEN_PER_WAN, 200 * FEN_PER_WAN)
    firms.answer(firms.numbers[1], "agree", counts_budget=False)
    shown = seen(firms, pool_number)
    assert (shown.firms, shown.budget, shown.budgets_counted) == (2, None, 1)


@pytest.mark.parametrize(
    ("wan", "band"),
    [
        ([], None),
        ([80], None),
        ([4, 5], (0, 10)),
        ([5, 5], (10, 20)),
        ([60, 39.99], (50, 100)),
        ([500_000, 600_000], (100_000, None)),
    ],
)
def test_the_scale_of_budgets(wan, band):
    found = pooled.budget_band([int(amount * FEN_PER_WAN) for amount in wan])
    assert found == (band and tuple(end and end * FEN_PER_WAN for end in band))


def test_a_hidden_budget_counts_only_by_consent(app, now):
    firms = Firms(app, now)
    numbers = [firms.ask(place, budget_public=False) for place in range(2)]
    firms.work()
    for number in numbers:
        firms.answer(number, "agree")
    assert seen(firms, firms.publish_pool()).budget is None
    for number in numbers:
        firms.answer(number, "agree", counts_budget=True)
    assert seen(firms, "P2026-00001").budget == (100 * FEN_PER_WAN, 200 * FEN_PER_WAN)


def test_places_fields_and_industries_are_told_where_two_share_them(app, now):
    firms = Firms(app, now)
    regions, industries = ("150203", "150204", "150102"), (("C31",), ("C311",), ("C32",))
    numbers = [
        firms.ask(place, region_code=regions[place], industry_codes=industries[place]) for place in range(3)
    ]
    firms.work()
    for number in numbers:
        firms.answer(number, "agree")
    shown = seen(firms, firms.publish_pool())
    assert (shown.regions, shown.industries, shown.fields) == (("150200",), ("C31",), ("05",))
    firms.answer(numbers[1], "decline")
    shown = seen(firms, "P2026-00001")
    assert (shown.firms, shown.regions, shown.industries) == (2, ("150000",), ("C",))


def test_joint_indicators_come_from_those_who_agreed(app, now):
    firms = Firms(app, now)
    numbers = [
        firms.ask(place, indicators=(DemandIndicator("硬度", "52", "≥", target, "HRC", True),))
        for place, target in enumerate(("58", "62", "70"))
    ]
    firms.work()
    for number in numbers[:2]:
        firms.answer(number, "agree")
    (joint,) = seen(firms, firms.publish_pool()).indicators
    assert (joint.name, joint.comparator, joint.loosest, joint.strictest, joint.stated) == (
        "硬度",
        Comparator.AT_LEAST,
        58,
        62,
        2,
    )


def test_names_are_told_when_all_who_agreed_want_it(firms, pool_number):
    firms.answer(firms.numbers[0], "agree", shows_name=True)
    assert seen(firms, pool_number).named == ()
    firms.answer(firms.numbers[1], "agree", shows_name=True)
    assert {m.listing.number for m in seen(firms, pool_number).named} == set(firms.numbers[:2])
    with unit_of_work() as session:
        live(session, firms.numbers[0]).listing.hide_owner = True
    assert seen(firms, pool_number).named == ()


# --- responses ----------------------------------------------------------------------------------------------


@pytest.fixture
def solver(firms, now):
    """A university with a published achievement; its person and the achievement's number."""
    with unit_of_work() as session:
        unit = factories.organisation(session, now=now, kind="university")
        person = factories.actor(session, Role.RESEARCHER, unit, now=now)
        listing = factories.published(session, person, unit, factories.achievement(), firms.operator, now=now)
        return person, listing.number


def respond(firms, number, who, achievement, text="已在两座高炉上应用，可先做一只试件。") -> int:
    with unit_of_work() as session:
        cluster = pooled.find(session, firms.operator, number).cluster
        return responding.respond(session, who, cluster, achievement, text, now=firms.now).id


def test_a_response_reaches_staff_and_through_them_the_firms_that_agreed(firms, pool_number, solver, now):
    person, achievement = solver
    response_id = respond(firms, pool_number, person, achievement)
    (notice,) = told(firms.operator, "pool_response")
    with unit_of_work() as session:
        cluster = managing.opened(session, firms.operator, only_cluster(session).id)
        assert notice.path == f"/staff/pooled-demands/{cluster.id}"
        response = responding.response_of(cluster, response_id)
        assert responding.forward(session, firms.operator, response, version=response.version, now=now) == 2
    paths = [[notice.path for notice in told(one, "pool_forwarded")] for one in firms.people]
    assert paths == [[f"/listings/{achievement}"], [f"/listings/{achievement}"], []]
    (heard,) = told(person, "pool_response_passed")
    assert heard.path == f"/pooled-demands/{pool_number}"
    with unit_of_work() as session, pytest.raises(Conflict):
        response = session.get_one(ClusterResponse, response_id)
        responding.forward(session, firms.operator, response, version=response.version, now=now)


def test_an_achievement_is_offered_once(firms, pool_number, solver):
    respond(firms, pool_number, *solver)
    with pytest.raises(Conflict, match="已经回应过"):
        respond(firms, pool_number, *solver)


def test_a_response_not_passed_on_says_why(firms, pool_number, solver, now):
    response_id = respond(firms, pool_number, *solver)
    with unit_of_work() as session:
        response = session.get_one(ClusterResponse, response_id)
        with pytest.raises(Invalid):
            responding.set_aside(session, firms.operator, response, "", version=response.version, now=now)
        responding.set_aside(
            session, firms.operator, response, "与难题无关", version=response.version, now=now
        )
    (notice,) = told(solver[0], "pool_response_kept")
    assert notice.params["reason"] == "与难题无关"
    assert told(firms.people[0], "pool_forwarded") == []


def test_who_may_respond_and_with_what(firms, pool_number, solver, now):
    person, achievement = solver
    with pytest.raises(Invalid) as raised:
        respond(firms, pool_number, person, "A2026-99999", "")
    assert set(raised.value.problems) == {"achievement", "text"}
    with pytest.raises(Invalid):
        respond(firms, pool_number, firms.people[2], achievement)
    unverified = replace(person, members=tuple(replace(m, verified=False) for m in person.members))
    for who in (VISITOR, unverified):
        with pytest.raises(Forbidden):
            respond(firms, pool_number, who, achievement)
    with unit_of_work() as session:
        listing = session.scalar(select(Listing).where(Listing.number == achievement))
        assert responding.offered_by(session, person) == [listing]
