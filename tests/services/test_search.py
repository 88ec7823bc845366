"""The seam from a saved listing to a search hit: outbox, worker, index, and the database's last word."""

from datetime import timedelta

import pytest
from werkzeug.datastructures import MultiDict

from marketplace.discovery import forms, services
from marketplace.listings.services import publication
from marketplace.listings.services.drafts import find_listing
from marketplace.permissions import VISITOR, Role
from marketplace.web.transaction import unit_of_work
from marketplace.worker import run_pass
from search.backend import EngineUnavailable
from tests import factories

NAMES = (
    ("ＨＲＣ６０高速钢轧辊（改良型）", "hrc60"),
    ("稀土永磁電機轉子（繁體標題）", "电机转子"),
    ("MoS₂ Coating 自润滑轴承", "mos2 coating"),
    ("煤基活性炭的制备方法与应用", "煤基"),
    ("一种“风机·叶片”检测机器人", "风机叶片"),
    ("盐碱地改良用生物有机肥", "盐碱"),
)


@pytest.fixture
def market(app, now):
    """The people who post and accept."""
    with unit_of_work() as session:
        firm = factories.organisation(session, now=now)
        member = factories.actor(session, Role.ENTERPRISE_MEMBER, firm, now=now)
        return firm, member, factories.operator(session, now=now)


def post(market, now, **changes) -> tuple[int, str]:
    firm, member, operator = market
    with unit_of_work() as session:
        content = factories.demand(**changes)
        listing = factories.published(session, member, session.merge(firm), content, operator, now=now)
        return listing.id, listing.number


def find(app, actor, now, **address) -> list[int]:
    """The ids that a search shows this person."""
    with unit_of_work() as session:
        request = forms.request_of(MultiDict(address), services.scopes(actor), now.date())
        found = services.search(session, app.extensions["search"], actor, request)
        return [listing.id for listing in found.listings]


@pytest.mark.parametrize(("title", "asked"), NAMES, ids=[asked for _title, asked in NAMES])
def test_a_listing_with_an_awkward_name_is_found_after_one_pass(app, market, now, title, asked):
    listing_id, _number = post(market, now, title=title, keywords=())
    assert find(app, VISITOR, now, q=asked) == []
    run_pass(app)
    assert find(app, VISITOR, now, q=asked) == [listing_id]
    assert find(app, VISITOR, now, q=title) == [listing_id]


def test_a_withdrawn_listing_is_gone_before_and_after_the_worker(app, market, now):
    _firm, member, _operator = market
    listing_id, number = post(market, now)
    run_pass(app)
    assert find(app, VISITOR, now, q="涂层") == [listing_id]
    with unit_of_work() as session:
        publication.withdraw(session, member, number, "solved", version=_version(session, number), now=now)
    assert find(app, VISITOR, now, q="涂层") == [], "a stale index shows nothing it should not"
    run_pass(app)
    assert app.extensions["search"].count() == 0


def test_a_limited_demand_is_found_by_members_of_verified_organisations_only(app, market, now):
    listing_id, _number = post(market, now, limited=True)
    run_pass(app)
    with unit_of_work() as session:
        verified = factories.organisation(session, now=now)
        unverified = factories.organisation(session, now=now, verified=False)
        inside = factories.actor(session, Role.ENTERPRISE_MEMBER, verified, now=now)
        outside = factories.actor(session, Role.ENTERPRISE_MEMBER, unverified, now=now)
    assert find(app, inside, now, q="涂层") == [listing_id]
    assert find(app, outside, now, q="涂层") == []
    assert find(app, VISITOR, now, q="涂层") == []


def test_what_becomes_limited_is_hidden_at_once(app, market, now):
    listing_id, number = post(market, now)
    run_pass(app)
    with unit_of_work() as session:
        _listing(session, number).limited = True
    assert find(app, VISITOR, now, q="涂层") == []
    assert find(app, market[1], now, q="涂层") == [listing_id]


def test_confidential_details_are_not_searched(app, market, now):
    firm, member, operator = market
    with unit_of_work() as session:
        content = factories.achievement(principle="秘密的钇稳定氧化锆配方", confidentiality="after_agreement")
        factories.published(session, member, session.merge(firm), content, operator, now=now)
    run_pass(app)
    assert find(app, VISITOR, now, q="钇稳定氧化锆") == []
    assert len(find(app, VISITOR, now, q="等离子堆焊")) == 1


def test_filters_narrow_and_freshness_is_counted_from_today(app, market, now):
    listing_id, _number = post(market, now)
    run_pass(app)
    for chosen in (
        {"field": "05"},
        {"industry": "C31"},
        {"region": "150200"},
        {"price": "30-100"},
        {"fresh": "30"},
        {"published": "30"},
    ):
        assert find(app, VISITOR, now, **chosen) == [listing_id], chosen
    for other in ({"field": "01"}, {"region": "150100"}, {"price": "500-"}, {"kind": "achievement"}):
        assert find(app, VISITOR, now, **other) == [], other
    later = now + timedelta(days=60)
    assert find(app, VISITOR, later, fresh="30") == find(app, VISITOR, later, published="30") == []
    assert find(app, VISITOR, later, published="90") == [listing_id]


def test_without_an_engine_titles_are_searched_and_the_page_says_so(app, market, now, monkeypatch):
    client = app.test_client()
    _id, number = post(market, now, title="高炉风口耐磨涂层（示例）")
    post(market, now, title="光伏板清洗机器人（示例）")
    post(market, now, title="耐磨涂层，只给认证单位看（示例）", limited=True)

    def away(_request):
        raise EngineUnavailable("down")

    monkeypatch.setattr(app.extensions["search"], "search", away)
    answer = client.get("/search?q=风口 涂层&sort=price&field=05")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200 and "暂时只按标题查找" in page
    assert number in page and "光伏板" not in page
    for wording in ("涂层", "100%_\\", "", "风" * 200):
        limited = client.get("/search", query_string={"q": wording})
        assert limited.status_code == 200 and "只给认证单位看" not in limited.get_data(as_text=True)


def _listing(session, number):
    return find_listing(session, number)


def _version(session, number) -> int:
    return _listing(session, number).version
