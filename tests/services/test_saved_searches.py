"""Keeping searches: one's own and nobody else's, each once, not too many; what of them is new."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from marketplace.audit import AuditEntry
from marketplace.discovery import forms
from marketplace.discovery.saved import asking, counting
from marketplace.discovery.saved.models import Frequency, SavedSearch, SearchDigestItem
from marketplace.discovery.saved.services import digests, keeping, unsubscribing
from marketplace.errors import Conflict, Invalid, NotFound, StaleEdit
from marketplace.permissions import VISITOR
from marketplace.web.transaction import unit_of_work
from search.backend import EngineUnavailable
from tests.saved_searches import DAY, MONDAY, SUNDAY, Market, market, searches, told


@pytest.fixture
def town(app) -> Market:
    return market(app, SUNDAY - 30 * DAY)


def asked(**address) -> forms.Asked:
    return forms.read(MultiDict(address))


SAME = (
    ({"q": "耐磨 涂层"}, {"q": "  耐磨　涂层 "}),
    ({"q": "PLC控制"}, {"q": "ＰＬＣ控制"}),
    ({"q": "稀土永磁电机"}, {"q": "稀土永磁電機"}),
    ({"q": "涂层", "field": ["05", "06"]}, {"q": "涂层", "field": ["06", "05"]}),
    ({"q": "涂层"}, {"q": "涂层", "sort": "newest", "page": "3", "evil": "1"}),
    ({"kind": "demand"}, {"kind": "demand", "plain": "1"}),
)
OTHER = (
    ({"q": "涂层"}, {"q": "涂层", "plain": "1"}),
    ({"q": "涂层"}, {"q": "涂层", "kind": "demand"}),
    ({"q": "涂层", "field": "05"}, {"q": "涂层", "industry": "C31"}),
    ({"q": "耐磨涂层"}, {"q": "耐热涂层"}),
    ({"q": "涂层 -陶瓷"}, {"q": "涂层 陶瓷"}),
)


@pytest.mark.parametrize(("one", "other"), SAME)
def test_searches_that_find_the_same_are_the_same(one, other):
    assert asking.fingerprint(asked(**one)) == asking.fingerprint(asked(**other))


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_searches_that_find_something_else_are_others(one, other):
    assert asking.fingerprint(asked(**one)) != asking.fingerprint(asked(**other))


def test_a_search_comes_back_as_it_was_kept(town):
    address = {
        "q": "耐磨涂层 硬度≥60HRC",
        "kind": "demand",
        "field": ["05", "06"],
        "fresh": "90",
        "sort": "price",
    }
    search = town.save(SUNDAY, **address)
    (kept,) = searches([search])
    restored = asking.restored(kept.parameters)
    assert restored == asked(**address)
    assert [measure.value for measure in restored.measures] == ["60"]


def test_ranges_of_indicators_come_back_and_tell_searches_apart():
    ranges = {"measure": ["硬度|HRC", "水分|%"], "from": ["60", ""], "to": ["", "5"]}
    wanted = asked(q="涂层", **ranges)
    assert asking.restored(asking.stored(wanted)) == wanted
    turned = asked(q="涂层", **{name: values[::-1] for name, values in ranges.items()})
    assert asking.fingerprint(turned) == asking.fingerprint(wanted)
    others = (asked(q="涂层"), asked(q="涂层", **ranges | {"from": ["61", ""]}))
    assert not {asking.fingerprint(other) for other in others} & {asking.fingerprint(wanted)}


def test_alerts_ask_for_every_word_only():
    wanted = asked(q="涂层 钢板")
    assert wanted.request(("public",), SUNDAY.date()).fill_up
    assert not asking.since(wanted, ("public",), SUNDAY.date(), SUNDAY.date()).fill_up


@pytest.mark.parametrize(
    ("address", "something"),
    [
        ({}, False),
        ({"q": "   "}, False),
        ({"q": "！？…"}, False),
        ({"sort": "newest", "plain": "1"}, False),
        ({"field": "no-such"}, False),
        ({"measure": "硬度|HRC", "from": "六十"}, False),
        ({"measure": "硬度|HRC", "from": "60"}, True),
        ({"q": "涂层"}, True),
        ({"q": "-陶瓷"}, True),
        ({"q": "硬度≥60HRC"}, True),
        ({"kind": "demand"}, True),
        ({"fresh": "30"}, True),
    ],
)
def test_only_a_search_that_asks_for_something_can_be_kept(address, something):
    assert asking.asks_for_something(asked(**address)) is something


def test_the_same_search_is_told_and_not_doubled(town):
    town.save(SUNDAY, q="耐磨涂层")
    with pytest.raises(Conflict) as clash:
        town.save(SUNDAY, q=" 耐磨涂层　", sort="newest")
    assert clash.value.params == {"name": "耐磨涂层"}
    assert town.save(SUNDAY, q="耐磨涂层", who=town.member), "another person's is his own"


def test_a_person_keeps_a_bounded_number_of_searches(town, monkeypatch):
    monkeypatch.setattr(keeping, "MOST_KEPT", 3)
    first, *_rest = [town.save(SUNDAY, q=f"涂层{number}") for number in "一二三"]
    with pytest.raises(Conflict) as clash:
        town.save(SUNDAY, q="涂层四")
    assert str(clash.value) == "最多订阅 3 个搜索。请先删除不再需要的，再保存这一个。"
    with unit_of_work() as session:
        keeping.remove(session, town.reader, first, now=SUNDAY)
    assert town.save(SUNDAY, q="涂层四")


@pytest.mark.parametrize(
    ("name", "frequency", "fields"),
    [
        ("", "daily", {"name"}),
        ("   ", "daily", {"name"}),
        ("长" * 61, "daily", {"name"}),
        ("名", "hourly", {"frequency"}),
        ("", "", {"name", "frequency"}),
    ],
)
def test_what_cannot_be_kept_is_said_field_by_field(town, name, frequency, fields):
    with pytest.raises(Invalid) as wrong, unit_of_work() as session:
        keeping.keep(session, town.reader, keeping.Wish(name, frequency, [["q", "x"]], "f"), now=SUNDAY)
    assert wrong.value.problems.keys() == fields


def test_nobody_else_finds_a_search_whatever_his_role(town):
    search = town.save(SUNDAY, q="耐磨涂层")
    with unit_of_work() as session:
        assert keeping.own(session, town.reader, search).name == "耐磨涂层"
        for stranger in (town.member, town.operator, VISITOR):
            for act in (
                lambda who: keeping.own(session, who, search),
                lambda who: keeping.change(session, who, search, "别人", "off", version=1, now=SUNDAY),
                lambda who: keeping.remove(session, who, search, now=SUNDAY),
            ):
                with pytest.raises(NotFound):
                    act(stranger)
        with pytest.raises(NotFound):
            keeping.own(session, town.reader, 999)
        with pytest.raises(NotFound):
            keeping.keep(session, VISITOR, keeping.Wish("名", "daily", [["q", "x"]], "f"), now=SUNDAY)
        assert keeping.mine(session, town.member, page=1, size=20) == ([], 0)


def test_an_edit_of_a_page_that_is_out_of_date_is_refused_and_a_digest_makes_none(town):
    search = town.save(SUNDAY, q="耐磨涂层")
    town.post(SUNDAY + DAY / 2)
    assert town.digest(MONDAY) == 1
    with unit_of_work() as session:
        keeping.looked(session, search, now=MONDAY)
    with unit_of_work() as session:
        keeping.change(session, town.reader, search, "新名", "weekly", version=1, now=MONDAY)
    with pytest.raises(StaleEdit), unit_of_work() as session:
        keeping.change(session, town.reader, search, "更新的名", "off", version=1, now=MONDAY)
    (kept,) = searches([search])
    assert (kept.name, kept.frequency, kept.seen_at, kept.digested_at) == ("新名", "weekly", MONDAY, MONDAY)


def test_a_deleted_search_takes_what_was_told_with_it(town):
    search = town.save(SUNDAY, q="耐磨涂层")
    town.post(SUNDAY + DAY / 2)
    town.digest(MONDAY)
    with unit_of_work() as session:
        keeping.remove(session, town.reader, search, now=MONDAY)
    with unit_of_work() as session:
        assert session.scalars(select(SavedSearch)).all() == []
        assert session.scalars(select(SearchDigestItem)).all() == []
        digest = digests.own(session, town.reader, 1)
        assert digests.contents(session, digest) == []


def test_every_act_is_audited_without_what_was_searched(town):
    search = town.save(SUNDAY, q="耐磨涂层")
    with unit_of_work() as session:
        keeping.change(session, town.reader, search, "名", "weekly", version=1, now=SUNDAY)
    with unit_of_work() as session:
        unsubscribing.stop(session, unsubscribing_user(session, town), None, now=SUNDAY)
        keeping.remove(session, town.reader, search, now=SUNDAY)
    with unit_of_work() as session:
        rows = session.scalars(
            select(AuditEntry).where(AuditEntry.subject_type == "saved_search").order_by(AuditEntry.id)
        ).all()
        assert [(row.action.removeprefix("saved_search."), row.actor_id, row.data) for row in rows] == [
            ("keep", town.reader.user_id, {"frequency": "daily"}),
            ("change", town.reader.user_id, {"frequency": "weekly"}),
            ("unsubscribe", town.reader.user_id, {}),
            ("remove", town.reader.user_id, {}),
        ]


def unsubscribing_user(session, town):
    path = unsubscribing.path_for(town.reader.user_id, "secret")
    return unsubscribing.person_of(session, path.removeprefix("/unsubscribe/"), "secret")


def test_a_link_stops_one_or_all_and_a_forged_one_nothing(town):
    one, two, quiet = (
        town.save(SUNDAY, frequency, q=q)
        for q, frequency in (("涂层", "daily"), ("风口", "weekly"), ("盐碱地", Frequency.OFF))
    )
    others = town.save(SUNDAY, q="涂层", who=town.member)
    with unit_of_work() as session:
        user = unsubscribing_user(session, town)
        assert [search.id for search in unsubscribing.alerting(session, user)] == [two, one]
        assert unsubscribing.stop(session, user, others, now=SUNDAY) == [], "not his"
        assert [search.id for search in unsubscribing.stop(session, user, one, now=SUNDAY)] == [one]
        assert unsubscribing.stop(session, user, one, now=SUNDAY) == [], "stopped already"
        assert [search.id for search in unsubscribing.stop(session, user, None, now=SUNDAY)] == [two]
    assert [search.frequency for search in searches([one, two, quiet, others])] == [
        "off",
        "off",
        "off",
        "daily",
    ]
    with unit_of_work() as session:
        good = unsubscribing.path_for(town.reader.user_id, "secret").removeprefix("/unsubscribe/")
        for token in ("", "x", good[:-1], good.replace(good[0], "N", 1), "Mw.x"):
            with pytest.raises(NotFound):
                unsubscribing.person_of(session, token, "secret")
        with pytest.raises(NotFound):
            unsubscribing.person_of(session, good, "another secret")


def counts(town, **kwargs) -> dict[int, int] | None:
    with unit_of_work() as session:
        rows, _total = keeping.mine(session, town.reader, page=1, size=20)
        engine = town.app.extensions["search"]
        return counting.new_since_seen(session, engine, town.reader, rows, today=MONDAY.date(), **kwargs)


def test_what_is_new_is_counted_from_the_last_look(town):
    town.post(SUNDAY - DAY)
    coating, other = town.save(SUNDAY, q="耐磨涂层"), town.save(SUNDAY, "off", q="盐碱地")
    assert counts(town) == {coating: 0, other: 0}
    changed = town.post(SUNDAY + timedelta(hours=1))
    town.post(SUNDAY + timedelta(hours=2))
    assert counts(town) == {coating: 2, other: 0}
    with unit_of_work() as session:
        keeping.looked(session, coating, now=SUNDAY + timedelta(hours=3))
    assert counts(town) == {coating: 0, other: 0}
    town.change(changed, SUNDAY + timedelta(hours=4), limits="不改变原有铜套结构和尺寸")
    assert counts(town) == {coating: 1, other: 0}
    town.withdraw(changed, SUNDAY + timedelta(hours=5))
    assert counts(town) == {coating: 0, other: 0}, "the database has the last word"
    assert told() == []


def test_without_an_engine_nobody_knows_how_much_is_new(town, monkeypatch):
    town.save(SUNDAY, q="耐磨涂层")

    def away(_request):
        raise EngineUnavailable("down")

    monkeypatch.setattr(town.app.extensions["search"], "search", away)
    assert counts(town) is None


def test_a_search_with_an_unknown_condition_is_not_counted(town):
    search = town.save(SUNDAY, q="耐磨涂层", field="05")
    with unit_of_work() as session:
        session.get_one(SavedSearch, search).parameters = [["q", "耐磨涂层"], ["field", "gone"]]
    town.post(SUNDAY + DAY / 2)
    assert counts(town) == {}
