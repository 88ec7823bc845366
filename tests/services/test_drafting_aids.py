"""What helps while writing: listings that look the same, and indicators read from the text."""

from dataclasses import replace

import pytest

from marketplace.accounts.models import Organisation
from marketplace.listings.content import AchievementIndicator, DemandIndicator, Kind
from marketplace.listings.models import ListingRevision
from marketplace.listings.services import drafts, extraction, resemblance
from marketplace.permissions import Role
from marketplace.web.transaction import unit_of_work
from marketplace.worker import run_pass
from search.backend import EngineUnavailable
from tests import factories
from tests.services.trading_market import Market

LONG = (
    "以镍基自熔合金为底层，原位生成硼化物强化，用等离子堆焊形成冶金结合层，"
    "使风口小套更换周期由四个月延长到九个月以上，已在两座高炉试用。"
)
OTHER = "以显微图像识别羊绒与羊毛鳞片，十秒给出含量比例，识别率百分之九十七，已在三家纺织企业试用半年。"


@pytest.fixture
def market(app, now) -> Market:
    return Market(app, now)


def draft(market, author, house, content) -> int:
    with unit_of_work() as session:
        owner = session.get_one(Organisation, house)
        kind = Kind.ACHIEVEMENT if hasattr(content, "use") else Kind.DEMAND
        return drafts.start(session, author, kind, owner.id, now=market.now, content=content).id


def found(app, actor, revision_id) -> list[tuple]:
    with unit_of_work() as session:
        revision = session.get_one(ListingRevision, revision_id)
        alike = resemblance.look_alikes(session, app.extensions["search"], actor, revision)
        return [(one.listing.number, one.same_title, round(one.copied, 1), one.own_house) for one in alike]


def test_the_same_achievement_posted_twice_is_told(app, market):
    posted = market.offer(problem=LONG)
    market.offer(title="羊绒与羊毛纤维快速鉴别", use="区分羊绒与羊毛", problem=OTHER, keywords=())
    run_pass(app)
    again = draft(market, market.researcher, market.unit, factories.achievement(problem=LONG))
    assert found(app, market.researcher, again) == [(posted, True, 1.0, True)]


def test_a_text_taken_from_another_house_is_told_under_any_title(app, market):
    posted = market.offer(problem=LONG)
    run_pass(app)
    with unit_of_work() as session:
        house = factories.organisation(session, now=market.now, kind="university")
        author = factories.actor(session, Role.RESEARCHER, house, now=market.now)
        house_id = house.id
    content = factories.achievement(
        title="炉前设备端部强化处理", use="", problem=LONG, principle="", keywords=()
    )
    copied = draft(market, author, house_id, content)
    assert found(app, author, copied) == [(posted, False, 1.0, False)]


def test_what_is_only_about_the_same_thing_is_not_told(app, market):
    market.offer(problem=LONG)
    run_pass(app)
    content = factories.achievement(
        title="高炉热风炉燃烧控制模型", use="让热风炉省煤气", problem=OTHER, principle="", keywords=()
    )
    assert found(app, market.researcher, draft(market, market.researcher, market.unit, content)) == []


def test_what_may_not_be_seen_is_not_told(app, market):
    market.ask(limited=True)
    run_pass(app)
    with unit_of_work() as session:
        unverified = factories.organisation(session, now=market.now, verified=False)
        stranger = factories.actor(session, Role.ENTERPRISE_MEMBER, unverified, now=market.now)
    again = draft(market, market.member, market.firm, factories.demand())
    assert len(found(app, market.member, again)) == 1
    assert found(app, stranger, again) == []


def test_an_empty_draft_and_an_engine_that_is_away_tell_nothing(app, market, monkeypatch):
    market.offer()
    run_pass(app)
    empty = draft(market, market.researcher, market.unit, factories.achievement(title=" "))
    assert found(app, market.researcher, empty) == []

    def away(*_args, **_more):
        raise EngineUnavailable("gone")

    monkeypatch.setattr(app.extensions["search"], "candidates", away)
    again = draft(market, market.researcher, market.unit, factories.achievement())
    assert found(app, market.researcher, again) == []


def test_a_demands_aims_are_read_and_become_rows():
    content = factories.demand(
        goal="涂层硬度不低于60HRC，工作温度400~900℃。",
        limits="",
        current_state="现在硬度52HRC。",
        indicators=(),
    )
    read = extraction.suggestions(content)
    assert [(one.name, one.quotation) for one in read] == [
        ("涂层硬度", "涂层硬度不低于60HRC"),
        ("工作温度", "工作温度400~900℃"),
    ], "neither today's value nor the site's weather is an aim"
    assert [extraction.as_row(one, content) for one in read] == [
        DemandIndicator("涂层硬度", "", "≥", "60", "HRC"),
        DemandIndicator("工作温度", "", "~", "400~900", "℃"),
    ]


def test_an_achievements_figures_keep_their_sign():
    content = factories.achievement(use="能耗下降15%以上，硬度62HRC", problem="", principle="", indicators=())
    rows = [extraction.as_row(one, content) for one in extraction.suggestions(content)]
    assert rows == [
        AchievementIndicator("能耗下降", "≥15", "%"),
        AchievementIndicator("硬度", "62", "HRC"),
    ]


def test_what_is_stated_already_is_not_suggested_again():
    content = factories.achievement(use="硬度62HRC，密度7.8g/cm3", problem="", principle="", indicators=())
    assert [one.name for one in extraction.suggestions(content)] == ["硬度", "密度"]
    stated = replace(content, indicators=(AchievementIndicator("硬度", "60", "HRC"),))
    assert [one.name for one in extraction.suggestions(stated)] == ["密度"]
