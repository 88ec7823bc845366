"""Popular searches: what is counted, what is never kept, what is shown and when it is forgotten."""

from collections import Counter
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select
from werkzeug.datastructures import MultiDict

from marketplace.discovery import forms, services
from marketplace.discovery.counting import COOKIE_KEY, SearchCounter
from marketplace.discovery.models import PopularSearch, SearchCount
from marketplace.discovery.services import popular
from marketplace.permissions import VISITOR
from marketplace.portal import services as portal
from marketplace.web.transaction import unit_of_work
from marketplace.worker import run_pass
from tests import factories
from tests.services.test_suggestions import OFFER, WISH, market, post

__all__ = ["market"]  # a fixture

DAY = date(2026, 3, 3)


@pytest.fixture
def stocked(app, market, now):
    """A market whose vocabulary knows a few words."""
    keywords = ("PLC控制", "13800138000", "王小明")
    post(market, now, factories.achievement(title="耐高温涂层的制备", keywords=keywords, **OFFER))
    post(market, now, factories.demand(title="寻找耐高温轴承", keywords=(), **WISH))
    run_pass(app)
    return app


def counted(app, now, typed: str, **address) -> str | None:
    with unit_of_work() as session:
        request = forms.read(MultiDict({"q": typed, **address})).request(services.scopes(VISITOR), now.date())
        return popular.countable(services.search(session, app.extensions["search"], VISITOR, request))


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("涂层", "涂层"),
        ("ＰＬＣ", "plc"),
        ("耐高溫 塗層", "耐高温 涂层"),
        ("涂层  耐高温 涂层", "涂层 耐高温"),
        ("", None),
        ("没有的东西", None),
        ("图层", None),  # found only by characters
        ("涂层 轴承", None),  # found only in part
        ("涂层 -轴承", None),
        ('"耐高温涂层"', None),
        ("涂层 硬度≥60HRC", None),
        ("13800138000", None),
        ("涂层 😀", None),
        ("我们想找一种耐高温的涂层办法", None),
        ("耐高温涂层的制备按比例混合后加热", None),
    ],
)
def test_what_is_counted_of_a_search(stocked, now, typed, text):
    assert counted(stocked, now, typed) == text


def test_further_pages_are_not_counted_and_filters_do_not_hinder(stocked, now):
    assert counted(stocked, now, "涂层", kind="achievement") == "涂层"
    assert counted(stocked, now, "涂层", page="2") == "涂层", "there is no second page: the first is shown"


def rows() -> dict[tuple[date, str], int]:
    with unit_of_work() as session:
        found = session.execute(select(SearchCount.day, SearchCount.text, SearchCount.times))
        return {(day, text): times for day, text, times in found}


def test_only_words_of_the_market_are_kept(stocked):
    with unit_of_work() as session:
        popular.add(
            session, {(DAY, "涂层"): 2, (DAY, "涂层 张三丰"): 9, (DAY, "李四"): 9, (DAY, "plc 涂层"): 1}
        )
        popular.add(session, {(DAY, "涂层"): 3, (DAY + timedelta(days=1), "涂层"): 1})
    assert rows() == {(DAY, "涂层"): 5, (DAY, "plc 涂层"): 1, (DAY + timedelta(days=1), "涂层"): 1}


def test_the_table_has_no_column_for_a_person():
    assert {column.name for column in SearchCount.__table__.columns} == {"day", "text", "times"}


def settled(now) -> list[str]:
    with unit_of_work() as session:
        popular.settle(session, now=now)
        return popular.shown(session)


def fill(counts: dict[tuple[int, str], int]) -> None:
    with unit_of_work() as session:
        session.add_all(
            SearchCount(day=DAY - timedelta(days=ago), text=text, times=times)
            for (ago, text), times in counts.items()
        )


def test_shown_from_five_browsers_on_two_days_within_thirty(stocked, now):
    fill(
        {
            (0, "涂层"): 3,
            (1, "涂层"): 2,
            (0, "轴承"): 9,  # one day only
            (0, "耐高温"): 2,
            (5, "耐高温"): 2,  # four in all
            (29, "plc"): 5,
            (0, "plc"): 1,
            (30, "控制"): 9,  # too long ago
            (0, "控制"): 4,
            (0, "早已下架"): 50,
            (1, "早已下架"): 50,  # no word of the market any more
        }
    )
    assert settled(now + timedelta(minutes=11)) == ["plc", "涂层"]
    assert (DAY - timedelta(days=30), "控制") not in rows() and (DAY - timedelta(days=29), "plc") in rows()


def test_the_list_is_made_at_most_every_ten_minutes(stocked, now):
    later = now + timedelta(minutes=11)
    assert settled(later) == []
    fill({(0, "涂层"): 5, (1, "涂层"): 5})
    assert settled(later + timedelta(minutes=9)) == []
    assert settled(later + timedelta(minutes=10)) == ["涂层"]
    with unit_of_work() as session:
        session.execute(SearchCount.__table__.delete())
    assert settled(later + timedelta(minutes=20)) == []
    with unit_of_work() as session:
        assert session.scalar(select(func.count()).select_from(PopularSearch)) == 1, "only the mark"


def test_the_worker_makes_the_list(stocked):
    fill({(0, "涂层"): 5, (1, "涂层"): 5})
    with unit_of_work() as session:
        session.execute(PopularSearch.__table__.delete())
    assert run_pass(stocked)["popular searches"] == 1


def test_the_home_page_fills_up_with_the_editors_words(stocked, now):
    with unit_of_work() as session:
        assert portal.hot_words(session) == list(portal.EDITORS_WORDS)
    fill({(ago, word): 5 for ago in (0, 1) for word in ("涂层", "轴承", "耐高温")})
    settled(now + timedelta(minutes=11))
    with unit_of_work() as session:
        assert portal.hot_words(session) == ["涂层", "耐高温", "轴承", *portal.EDITORS_WORDS[:3]]


class Watch:
    """A clock that stands still until it is moved."""

    def __init__(self):
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_a_browser_is_counted_once_a_day(stocked):
    watch = Watch()
    counter = SearchCounter(stocked, watch)
    browser, other, unknown = {"csrf_token": "x"}, {"csrf_token": "y"}, {}
    for one in (browser, browser, other, unknown):
        counter.count("涂层", DAY, one)
    counter.count("轴承", DAY, browser)
    counter.count("涂层", DAY + timedelta(days=1), browser)
    assert counter.due and rows() == {}
    counter.write()
    assert rows() == {(DAY, "涂层"): 2, (DAY, "轴承"): 1, (DAY + timedelta(days=1), "涂层"): 1}
    assert unknown == {} and len(browser[COOKIE_KEY]) == 3
    assert not any("涂层" in mark for mark in browser[COOKIE_KEY])
    counter.count("耐高温", DAY, browser)
    assert not counter.due, "written just now"
    watch.seconds = 10.0
    assert counter.due


def test_a_browser_remembers_few_and_a_spoilt_memory_is_begun_anew(stocked):
    counter, browser = SearchCounter(stocked), {"csrf_token": "x", COOKIE_KEY: "nonsense"}
    for number in range(40):
        counter.count(f"词{number}", DAY, browser)
    assert len(browser[COOKIE_KEY]) == 12


def test_what_waits_in_memory_is_bounded(stocked, monkeypatch):
    counter = SearchCounter(stocked)
    kept: list[Counter] = []
    monkeypatch.setattr(popular, "add", lambda _session, counts: kept.append(counts))
    for number in range(700):
        counter.count(f"词{number}", DAY, {"csrf_token": "x"})
    counter.write()
    assert len(kept[0]) == 500


def test_a_database_that_refuses_costs_only_the_counts(stocked, monkeypatch):
    counter = SearchCounter(stocked)

    def refuse(_session, _counts):
        raise RuntimeError("locked")

    counter.count("涂层", DAY, {"csrf_token": "x"})
    with monkeypatch.context() as patch:
        patch.setattr(popular, "add", refuse)
        counter.write()
    counter.write()
    assert rows() == {}
