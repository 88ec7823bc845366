"""Clusters as the worker keeps them: who comes together, what stays, what staff decided and nothing undoes."""

import pytest
from sqlalchemy import select

from marketplace import outbox
from marketplace.audit import AuditEntry
from marketplace.errors import Forbidden, Invalid, StaleEdit
from marketplace.listings.models import Listing
from marketplace.matching.subjects import subject
from marketplace.notices import services as notices
from marketplace.notices.models import Notice
from marketplace.pooling.models import ClusterMember, DemandCluster
from marketplace.pooling.services import asking, forming, managing, neighbourhood
from marketplace.pooling.services.asking import Answer
from marketplace.pooling.services.wording import wording
from marketplace.web.transaction import unit_of_work
from marketplace.workflow import HistoryEntry
from search.matching import matcher_of
from tests.services.pooling_market import Firms, groups, live, only_cluster


@pytest.fixture
def firms(app, now) -> Firms:
    return Firms(app, now)


def told(actor, kind: str) -> list[Notice]:
    with unit_of_work() as session:
        return [notice for notice in notices.unread(session, actor) if notice.kind == kind]


def quietly() -> None:
    """What waits for the pooling is bulk work."""
    with unit_of_work() as session:
        for row in session.scalars(select(outbox.OutboxRow).where(outbox.OutboxRow.consumer == "pooling")):
            row.quiet = True


def test_near_duplicates_of_different_firms_come_together_and_each_owner_is_asked_once(firms):
    numbers = [firms.ask(place) for place in range(3)]
    firms.work()
    assert groups() == [tuple(numbers)]
    firms.work()
    for place in range(3):
        (notice,) = told(firms.people[place], "pool_asked")
        with unit_of_work() as session:
            assert notice.path == f"/my/pooled-demands/{live(session, numbers[place]).id}"
    with unit_of_work() as session:
        cluster = only_cluster(session)
        assert (cluster.state, cluster.number) == ("asking", None)
        assert cluster.title == "高炉风口、耐磨涂层共性难题"
        assert cluster.summary.startswith("多家企业提出了与“高炉风口、耐磨涂层”有关的相近难题。")
        assert cluster.centre_id in {m.listing_id for m in cluster.members}
        assert cluster.likeness == min(m.likeness for m in cluster.members if m.likeness is not None)
        moves = session.scalars(
            select(HistoryEntry.action).where(HistoryEntry.subject_type == "demand_cluster")
        )
        assert moves.all() == ["ask"]


def test_one_firm_stands_in_a_cluster_once(firms):
    first, twin, other = firms.ask(0), firms.ask(0, title="高炉风口套表面耐磨涂层二期"), firms.ask(1)
    firms.work()
    ((one, two),) = groups()
    assert {one, two} - {first, twin} == {other}


@pytest.mark.parametrize(
    ("changes", "together"),
    [
        ({}, True),
        ({"field_codes": ("03",)}, False),
        ({"limited": True}, False),
        ({"title": "转炉煤气回收利用", "keywords": ("煤气",)}, False),
    ],
)
def test_what_keeps_demands_apart(firms, changes, together):
    firms.ask(0)
    firms.ask(1, **changes)
    firms.work()
    assert bool(groups()) is together


@pytest.mark.parametrize(("fields", "together"), [(("07", "0702"), True), (("0703", "0702"), False)])
def test_a_field_agrees_with_the_one_above_it_and_not_with_the_one_beside_it(firms, fields, together):
    text = {
        "current_state": "园区废水含盐量高，需要处理回用。" * 3,
        "goal": "出水达标回用，成本下降两成。" * 3,
    }
    for place, code in enumerate(fields):
        firms.ask(place, title="园区高盐废水处理回用", field_codes=(code,), **text)
    firms.work()
    assert bool(groups()) is together


def test_sources_without_a_credit_code_take_no_part(firms):
    number, other = firms.ask(0), firms.ask(1)
    with unit_of_work() as session:
        session.scalar(select(Listing).where(Listing.number == other)).organisation.credit_code = None
    firms.work()
    assert (number, groups()) == ("D2026-00001", [])


def test_a_newcomer_joins_and_only_he_is_asked(firms):
    numbers = [firms.ask(0), firms.ask(1)]
    firms.work()
    firms.answer(numbers[0], "agree", counts_budget=True)
    numbers.append(firms.ask(2))
    firms.work()
    assert groups() == [tuple(numbers)]
    assert [len(told(firms.people[place], "pool_asked")) for place in range(3)] == [1, 1, 1]
    with unit_of_work() as session:
        first = live(session, numbers[0])
        assert (first.state, first.counts_budget) == ("agreed", True)
        assert only_cluster(session).id == first.cluster_id


def test_the_words_a_firm_was_asked_about_stay_when_another_joins(firms, now):
    titles = ("高炉风口端部耐磨涂层技术", "高炉风口耐磨涂层延寿", "风口套耐磨堆焊")
    numbers = [firms.ask(place, title=titles[place]) for place in range(2)]
    firms.work()
    with unit_of_work() as session:
        shown = only_cluster(session).title, only_cluster(session).summary
    numbers.append(firms.ask(2, title=titles[2]))
    firms.work()
    assert groups() == [tuple(numbers)]
    with unit_of_work() as session:
        cluster = only_cluster(session)
        assert (cluster.title, cluster.summary) == shown and "高炉" in cluster.title
        subjects = [subject(m.listing, m.listing.accepted_revision) for m in cluster.live_members]
        assert wording(subjects).title != cluster.title, "the newcomer would have changed them"


def test_words_nobody_was_asked_about_are_those_of_all(firms):
    titles = ("高炉风口端部耐磨涂层技术", "高炉风口耐磨涂层延寿", "风口套耐磨堆焊")
    for place, title in enumerate(titles):
        firms.ask(place, title=title)
        quietly()
        firms.work()
    with unit_of_work() as session:
        cluster = only_cluster(session)
        assert (len(cluster.live_members), "高炉" in cluster.title) == (3, False)


def test_an_answer_to_words_that_staff_changed_in_between_is_refused(firms, now):
    number, _other = firms.ask(0), firms.ask(1)
    firms.work()
    with unit_of_work() as session:
        seen = live(session, number)
        cluster = only_cluster(session)
        managing.word(
            session, firms.operator, cluster, "风口延寿", "共同的难题", version=cluster.version, now=now
        )
        before = seen.id, seen.version
    with unit_of_work() as session, pytest.raises(StaleEdit):
        asking.answer(session, firms.people[0], before[0], Answer("agree"), version=before[1], now=now)


def test_a_demand_that_is_taken_off_leaves_and_the_last_two_dissolve(firms):
    numbers = [firms.ask(place) for place in range(3)]
    firms.work()
    firms.withdraw(2, numbers[2])
    firms.work()
    assert groups() == [tuple(numbers[:2])]
    firms.withdraw(1, numbers[1])
    firms.work()
    assert groups() == []
    with unit_of_work() as session:
        cluster = session.scalars(select(DemandCluster)).one()
        assert cluster.state == "closed"
        assert {m.state for m in cluster.members} == {"gone"}


def test_a_demand_that_changes_its_subject_leaves_and_comes_back_unasked(firms):
    numbers = [firms.ask(place) for place in range(3)]
    firms.work()
    firms.answer(numbers[2], "agree", counts_budget=True, shows_name=True)
    title = "高炉风口端部耐磨涂层技术"
    firms.change(
        2, numbers[2], title="热风炉余热发电", keywords=("余热",), current_state="热风炉余热没有利用。" * 4
    )
    firms.work()
    assert groups() == [tuple(numbers[:2])]
    content = {"title": title, "keywords": ("涂层",)}
    with unit_of_work() as session:
        old = live(session, numbers[0]).listing.accepted_revision.typed_content()
    firms.change(2, numbers[2], **content, current_state=old.current_state)
    firms.work()
    assert groups() == [tuple(numbers)]
    with unit_of_work() as session:
        back = live(session, numbers[2])
        assert (back.state, back.counts_budget, back.shows_name) == ("waiting", False, False)
    assert len(told(firms.people[2], "pool_asked")) == 2


def test_bulk_work_brings_together_and_asks_nobody_until_staff_do(firms):
    for place in range(2):
        firms.ask(place)
    quietly()
    firms.work()
    with unit_of_work() as session:
        assert only_cluster(session).state == "proposed"
    assert told(firms.people[0], "pool_asked") == []


def test_what_was_taken_out_does_not_come_back_until_its_text_changes(firms):
    numbers = [firms.ask(place) for place in range(3)]
    firms.work()
    take_out(firms, numbers[2], "是另一种工况")
    firms.work()
    assert groups() == [tuple(numbers[:2])]
    firms.change(2, numbers[2], price_max_fen=60_000_000, title="高炉风口端部、耐磨涂层技术")
    firms.work()
    assert groups() == [tuple(numbers[:2])], "a comma and a budget are no other problem"
    firms.change(
        2, numbers[2], goal="涂层硬度不低于65HRC，工作温度不低于950℃，寿命延长两倍以上，费用可以接受。"
    )
    firms.work()
    assert groups() == [tuple(numbers)]


def test_of_two_the_one_that_is_left_dissolves_and_they_stay_apart(firms):
    numbers = [firms.ask(0), firms.ask(1)]
    firms.work()
    take_out(firms, numbers[1], "是另一种工况")
    firms.work()
    assert groups() == []
    newcomer = firms.ask(2)
    firms.work()
    (together,) = groups()
    assert newcomer in together and set(together) != {*numbers, newcomer}, "nor through a third like both"


def test_taking_out_needs_a_reason_the_right_version_and_staff(firms):
    numbers = [firms.ask(0), firms.ask(1)]
    firms.work()
    with pytest.raises(Invalid):
        take_out(firms, numbers[0], " ")
    with pytest.raises(StaleEdit):
        take_out(firms, numbers[0], "不同", version=0)
    with pytest.raises(Forbidden):
        take_out(firms, numbers[0], "不同", who=firms.people[0])
    assert groups() == [tuple(numbers)]


def test_what_staff_closed_does_not_form_again(firms, now):
    numbers = [firms.ask(0), firms.ask(1)]
    firms.work()
    with unit_of_work() as session:
        cluster = managing.opened(session, firms.operator, only_cluster(session).id)
        managing.close(session, firms.operator, cluster, "不是同一类问题", version=cluster.version, now=now)
    firms.change(0, numbers[0], price_max_fen=60_000_000)
    firms.work()
    assert groups() == []
    (notice,) = told(firms.people[1], "pool_closed")
    assert notice.params["reason"] == "不是同一类问题"
    firms.change(0, numbers[0], limits="不改变铜套结构，单只费用不超过三千元")
    firms.work()
    assert groups() == [tuple(numbers)]


def test_words_of_staff_stay(firms, now):
    numbers = [firms.ask(0), firms.ask(1)]
    firms.work()
    with unit_of_work() as session:
        cluster = only_cluster(session)
        managing.word(
            session, firms.operator, cluster, "风口耐磨", "共同的难题", version=cluster.version, now=now
        )
    firms.ask(2)
    firms.work()
    with unit_of_work() as session:
        cluster = only_cluster(session)
        assert (cluster.title, cluster.summary, len(cluster.live_members)) == ("风口耐磨", "共同的难题", 3)
        acts = session.scalars(select(AuditEntry.action).where(AuditEntry.subject_type == "demand_cluster"))
        assert "demand_cluster.word" in acts.all()
        with pytest.raises(Invalid) as raised:
            managing.word(session, firms.operator, cluster, "", "字" * 1001, version=cluster.version, now=now)
        assert set(raised.value.problems) == {"title", "summary"}
    assert len(numbers) == 2


def test_what_others_changed_in_between_is_looked_at_again(firms, now, app):
    numbers = [firms.ask(0), firms.ask(1)]
    firms.work()
    newcomer = firms.ask(2)
    app.extensions["worker"](only=("index",))
    with unit_of_work() as session:
        listing = session.scalar(select(Listing.id).where(Listing.number == newcomer))
        around = neighbourhood.look_around(session, matcher_of(app.extensions["search"]), listing)
    take_out(firms, numbers[1], "是另一种工况")
    with unit_of_work() as session:
        assert not forming.store(session, around, now=now, quiet=True)
        rows = session.scalars(select(ClusterMember.listing_id))
        assert listing not in rows.all()


def take_out(firms: Firms, number: str, reason: str, *, version: int | None = None, who=None) -> None:
    """Staff say that a demand does not belong to its cluster."""
    with unit_of_work() as session:
        member = live(session, number)
        seen = member.version if version is None else version
        managing.remove(session, who or firms.operator, member, reason, version=seen, now=firms.now)
