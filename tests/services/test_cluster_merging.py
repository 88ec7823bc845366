"""Two clusters put together by hand: who stands where, whose yes still counts, and that nothing undoes it."""

import pytest
from sqlalchemy import select

from marketplace.audit import AuditEntry
from marketplace.errors import Forbidden, Invalid, StaleEdit
from marketplace.listings.models import Listing
from marketplace.notices import services as notices
from marketplace.outbox import OutboxRow
from marketplace.pooling.models import DemandCluster
from marketplace.pooling.services import asking, forming, managing, merging, neighbourhood
from marketplace.pooling.services.merging import Seen
from marketplace.web.transaction import unit_of_work
from marketplace.workflow import HistoryEntry
from search import clustering
from search.matching import matcher_of
from tests.services.pooling_market import Firms, groups, live

#: Another problem, of two other firms.
HEAT = {
    "current_state": "热风炉余热没有利用，烟气直接排空，能耗高，希望回收发电或供热。",
    "goal": "余热回收率不低于60%，一年内收回投资。",
    "limits": "不停炉改造",
    "tried": "",
    "keywords": ("余热",),
}
HEAT_TITLES = ("热风炉烟气余热回收利用", "热风炉余热回收发电")


class Pair:
    """A cluster of firms 0 and 1 about coatings, and one of firms 2 and 3 about waste heat."""

    def __init__(self, app, now):
        self.firms, self.now = Firms(app, now), now
        self.first = [self.firms.ask(place) for place in (0, 1)]
        self.second = [
            self.firms.ask(place, title=title, **HEAT)
            for place, title in zip((2, 3), HEAT_TITLES, strict=True)
        ]
        self.firms.work()
        assert groups() == [tuple(self.first), tuple(self.second)]

    @property
    def numbers(self) -> tuple[str, ...]:
        return tuple(sorted((*self.first, *self.second)))

    def clusters(self, session) -> tuple[DemandCluster, DemandCluster]:
        """The two, also when one is closed."""
        ids = session.scalars(select(DemandCluster.id).order_by(DemandCluster.id)).all()
        return tuple(managing.opened(session, self.firms.operator, i) for i in ids)

    def merge(
        self, *, reason: str = "同一改造项目的两个方面", who=None, backwards: bool = False, **wrong
    ) -> None:
        """Put the second into the first, or the other way round."""
        with unit_of_work() as session:
            into, other = self.clusters(session)[:: -1 if backwards else 1]
            seen = Seen(
                wrong.get("version", into.version),
                wrong.get("other_version", other.version),
                wrong.get("demands", merging.demands_of(into, other)),
            )
            actor = who or self.firms.operator
            merging.merge(session, actor, into, other, reason, seen=seen, now=self.now)

    def states(self) -> dict[str, tuple[str, bool]]:
        """Demand → its firm's answer, and whether it has been asked about what there is now."""
        with unit_of_work() as session:
            members = {number: live(session, number) for number in self.numbers}
            return {number: (m.state, m.asked_at is not None) for number, m in members.items() if m}


@pytest.fixture
def pair(app, now) -> Pair:
    return Pair(app, now)


def told(pair: Pair, place: int, kind: str) -> int:
    with unit_of_work() as session:
        return sum(one.kind == kind for one in notices.unread(session, pair.firms.people[place]))


def test_one_goes_on_with_the_demands_of_both_and_the_act_is_written_down(pair):
    pair.merge()
    assert groups() == [pair.numbers]
    with unit_of_work() as session:
        into, other = pair.clusters(session)
        assert (into.state, other.state) == ("asking", "closed")
        assert {m.state for m in other.members} == {"gone"}
        assert [m.placed for m in into.live_members] == [True] * 4
        moves = session.scalars(
            select(HistoryEntry)
            .where(HistoryEntry.subject_type == "demand_cluster", HistoryEntry.action != "ask")
            .order_by(HistoryEntry.id)
        ).all()
        assert [(m.subject_id, m.action, m.reason, m.data) for m in moves] == [
            (into.id, "take_in", "同一改造项目的两个方面", {"other": other.id}),
            (other.id, "merge", "同一改造项目的两个方面", {"into": into.id}),
        ]
        acts = session.scalars(
            select(AuditEntry).where(AuditEntry.action.like("demand_cluster.%e%_i%"))
        ).all()
        assert [(act.action, act.actor_id) for act in acts] == [
            ("demand_cluster.take_in", pair.firms.operator.user_id)
        ]


def test_the_words_are_those_of_all_of_them_unless_staff_wrote_others(pair):
    with unit_of_work() as session:
        before = pair.clusters(session)[0].title
    pair.merge()
    with unit_of_work() as session:
        into, _other = pair.clusters(session)
        assert into.title != before and "涂层" not in into.title and "余热" not in into.title


def test_words_of_staff_go_on(pair):
    with unit_of_work() as session:
        into, _other = pair.clusters(session)
        managing.word(
            session,
            pair.firms.operator,
            into,
            "高炉节能降耗",
            "共同的难题",
            version=into.version,
            now=pair.now,
        )
    pair.merge()
    with unit_of_work() as session:
        assert pair.clusters(session)[0].title == "高炉节能降耗"


def test_no_calculation_takes_it_apart_again(pair):
    pair.merge()
    pair.firms.work()
    assert groups() == [pair.numbers]
    result = pair.firms.app.test_cli_runner().invoke(args=["pooling", "run", "--all"])
    assert result.exit_code == 0 and groups() == [pair.numbers]
    pair.firms.change(0, pair.first[0], price_max_fen=60_000_000)
    pair.firms.work()
    assert groups() == [pair.numbers], "a budget is no other problem"
    with unit_of_work() as session:
        into, _other = pair.clusters(session)
        likeness = {m.listing.number: m.likeness for m in into.live_members}
        assert sum(value is None for value in likeness.values()) == 1
        low = [value for number, value in likeness.items() if number in pair.second and value is not None]
        assert low and all(0 < value < 0.55 for value in low), "how like they are is told as it is"
        assert into.likeness == min(value for value in likeness.values() if value is not None)


def test_clusters_that_nobody_was_asked_about_stay_together_too(app, now):
    pair = Pair.__new__(Pair)
    pair.firms, pair.now = Firms(app, now), now
    pair.first = [pair.firms.ask(place) for place in (0, 1)]
    pair.second = [pair.firms.ask(p, title=t, **HEAT) for p, t in zip((2, 3), HEAT_TITLES, strict=True)]
    with unit_of_work() as session:
        for row in session.scalars(select(OutboxRow).where(OutboxRow.consumer == "pooling")):
            row.quiet = True
    pair.firms.work()
    pair.merge()
    result = pair.firms.app.test_cli_runner().invoke(args=["pooling", "run", "--all"])
    assert result.exit_code == 0 and groups() == [pair.numbers]
    with unit_of_work() as session:
        assert pair.clusters(session)[0].state == "proposed"
    assert [told(pair, place, "pool_changed") for place in range(4)] == [0] * 4


def test_a_demand_whose_text_changes_is_looked_at_as_any_other(pair):
    pair.merge()
    pair.firms.change(
        2, pair.second[0], title="轧钢油泥无害化处理", keywords=("油泥",), goal="油泥减量九成。" * 4
    )
    pair.firms.work()
    assert groups() == [tuple(sorted((*pair.first, pair.second[1])))]
    pair.firms.change(2, pair.second[0], title=HEAT_TITLES[0], **HEAT)
    pair.firms.work()
    (together,) = groups()
    assert pair.second[0] not in together, "what staff decided was about a text that has been another since"


def test_an_answer_to_what_was_asked_before_does_not_count_any_more(pair):
    first, second = pair.first, pair.second
    pair.firms.answer(first[0], "agree", counts_budget=True, shows_name=True)
    pair.firms.answer(first[1], "decline")
    pair.firms.answer(second[0], "agree")
    pair.merge()
    assert pair.states() == {
        first[0]: ("waiting", False),
        first[1]: ("declined", True),
        second[0]: ("waiting", False),
        second[1]: ("waiting", False),
    }
    with unit_of_work() as session:
        member = live(session, first[0])
        assert (member.counts_budget, member.shows_name) == (False, False)
    assert [told(pair, place, "pool_changed") for place in range(4)] == [1, 0, 1, 1]


def test_a_no_goes_over_and_is_not_asked_again(pair):
    pair.firms.answer(pair.second[0], "decline")
    pair.merge()
    with unit_of_work() as session:
        member = live(session, pair.second[0])
        assert (member.state, member.answered_by_id) == ("declined", pair.firms.people[2].user_id)
    asked_before = told(pair, 2, "pool_asked")
    ask_again(pair)
    assert told(pair, 2, "pool_asked") == asked_before
    pair.firms.answer(pair.second[0], "agree")
    assert pair.states()[pair.second[0]] == ("agreed", True), "he may still change his mind himself"


def split_out(pair: Pair, number: str) -> None:
    """Staff say that a demand does not belong to its cluster."""
    with unit_of_work() as session:
        member = live(session, number)
        managing.remove(
            session, pair.firms.operator, member, "是另一种工况", version=member.version, now=pair.now
        )


def ask_again(pair: Pair) -> None:
    with unit_of_work() as session:
        into, _other = pair.clusters(session)
        asking.ask(session, pair.firms.operator, into, version=into.version, now=pair.now)


def test_staff_ask_anew_and_every_firm_hears_of_it_once(pair):
    pair.merge()
    ask_again(pair)
    assert [told(pair, place, "pool_asked") for place in range(4)] == [2] * 4
    assert {asked for _state, asked in pair.states().values()} == {True}


def test_a_published_one_is_taken_down_until_they_have_agreed_again(pair):
    for number in pair.first:
        pair.firms.answer(number, "agree")
    with unit_of_work() as session:
        into, _other = pair.clusters(session)
        managing.publish(session, pair.firms.operator, into, version=into.version, now=pair.now)
        number = into.number
    with pytest.raises(Invalid, match="有内容需要修改"):
        pair.merge(backwards=True)
    pair.merge()
    with unit_of_work() as session:
        into, _other = pair.clusters(session)
        assert (into.state, into.number) == ("asking", number)
    ask_again(pair)
    for demand in pair.second:
        pair.firms.answer(demand, "agree")
    with unit_of_work() as session:
        into, _other = pair.clusters(session)
        managing.publish(session, pair.firms.operator, into, version=into.version, now=pair.now)
        assert into.number == number


def test_a_firm_is_split_out_again_and_stays_out(pair):
    pair.merge()
    split_out(pair, pair.second[0])
    pair.firms.work()
    left = tuple(sorted((*pair.first, pair.second[1])))
    assert groups() == [left]
    pair.firms.app.test_cli_runner().invoke(args=["pooling", "run", "--all"])
    assert groups() == [left]


def test_what_was_taken_out_comes_back_when_staff_put_it_together_after_all(pair):
    pair.merge()
    split_out(pair, pair.second[0])
    newcomer = pair.firms.ask(4, title="热风炉烟气余热利用", **HEAT)
    pair.firms.work()
    assert groups() == [tuple(sorted((*pair.first, pair.second[1]))), (pair.second[0], newcomer)]
    with unit_of_work() as session:
        into, _closed, other = pair.clusters(session)
        seen = Seen(into.version, other.version, merging.demands_of(into, other))
        merging.merge(session, pair.firms.operator, into, other, "仍是一个项目", seen=seen, now=pair.now)
    pair.firms.app.test_cli_runner().invoke(args=["pooling", "run", "--all"])
    assert groups() == [(*pair.numbers, newcomer)], "of two decisions the later one holds"


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"version": 0}, StaleEdit),
        ({"other_version": 0}, StaleEdit),
        ({"demands": frozenset()}, StaleEdit),
        ({"reason": " "}, Invalid),
    ],
)
def test_what_was_not_seen_or_said_is_refused(pair, wrong, error):
    with pytest.raises(error):
        pair.merge(**wrong)
    assert groups() == [tuple(pair.first), tuple(pair.second)]
    assert {state for state, _asked in pair.states().values()} == {"waiting"}


def test_it_is_staffs_alone(pair):
    with pytest.raises(Forbidden):
        pair.merge(who=pair.firms.people[0])
    with unit_of_work() as session, pytest.raises(Forbidden):
        merging.offers(session, pair.firms.people[0], pair.clusters(session)[0])


def test_a_firm_in_both_too_many_firms_itself_and_a_closed_one_are_refused(pair, monkeypatch):
    pair.firms.ask(0, title=HEAT_TITLES[0], **HEAT)
    pair.firms.work()
    with pytest.raises(Invalid) as raised:
        pair.merge()
    assert raised.value.problems == {
        "": ["两组里有同一家企业的需求。一家企业在一组里只有一条，请先移出其中一条。"]
    }
    monkeypatch.setattr(merging, "MOST_MEMBERS", 4)
    with unit_of_work() as session:
        into, other = pair.clusters(session)
        with pytest.raises(Invalid) as raised:
            merging.check(into, into)
        assert raised.value.problems == {"": ["不能与自己合并，请选择另一组。"]}
        with pytest.raises(Invalid) as raised:
            merging.check(into, other)
        same_firm, too_many = raised.value.problems[""]
        assert same_firm.startswith("两组里有同一家企业") and f"超过 {clustering.MOST_MEMBERS} 家" in too_many
        managing.close(session, pair.firms.operator, other, "不是一类", version=other.version, now=pair.now)
        with pytest.raises(Invalid) as raised:
            merging.check(into, other)
        assert raised.value.problems[""] == ["其中一组已经关闭，不能合并。"]


def test_what_the_worker_saw_before_does_not_undo_it(pair):
    engine = pair.firms.app.extensions["search"]
    with unit_of_work() as session:
        listing = session.scalar(select(Listing.id).where(Listing.number == pair.first[0]))
        around = neighbourhood.look_around(session, matcher_of(engine), listing)
    assert set(around.standing) == {listing, listing + 1}, "the other cluster was not looked at"
    pair.merge()
    with unit_of_work() as session:
        assert not forming.store(session, around, now=pair.now, quiet=True)
    assert groups() == [pair.numbers]


def test_clusters_with_common_words_are_offered_the_likest_first(pair):
    for place, title in ((4, "焦炉煤气余热制冷"), (5, "焦炉煤气余热制冷技术")):
        text = {"current_state": "夏季车间高温，缺少冷源。" * 5, "goal": "制冷量满足两个车间。" * 5}
        pair.firms.ask(place, title=title, **{**HEAT, **text, "limits": "", "keywords": ("制冷",)})
    pair.firms.work()
    with unit_of_work() as session:
        clusters = pair.clusters(session)
        offered = merging.offers(session, pair.firms.operator, clusters[1])
        assert [one.id for one in offered] == [clusters[2].id]
        assert offered[0].words == ("余热",)


def test_other_words_of_staff_void_a_yes_and_a_comma_does_not(pair):
    for number in pair.first:
        pair.firms.answer(number, "agree", counts_budget=True)
    with unit_of_work() as session:
        into, _other = pair.clusters(session)
        managing.publish(session, pair.firms.operator, into, version=into.version, now=pair.now)
        told_before = into.title, into.summary
    reword(pair, told_before[0], told_before[1] + "！")
    assert {state for state, _asked in list(pair.states().values())[:2]} == {"agreed"}
    reword(pair, "风口延寿", told_before[1])
    with unit_of_work() as session:
        into, _other = pair.clusters(session)
        assert into.state == "asking"
        assert [(m.state, m.asked_at, m.counts_budget) for m in into.live_members] == [
            ("waiting", None, False)
        ] * 2
    assert [told(pair, place, "pool_changed") for place in range(3)] == [1, 1, 0]


def reword(pair: Pair, title: str, summary: str) -> None:
    with unit_of_work() as session:
        into, _other = pair.clusters(session)
        managing.word(session, pair.firms.operator, into, title, summary, version=into.version, now=pair.now)
