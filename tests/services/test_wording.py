"""Other words for a search, and what is like a text that found nothing: on both databases and both engines."""

import pytest
from werkzeug.datastructures import MultiDict

from marketplace.discovery import forms, services
from marketplace.discovery.services import wording
from marketplace.permissions import VISITOR, Role
from marketplace.web.transaction import unit_of_work
from marketplace.worker import run_pass
from search.backend import EngineUnavailable
from tests import factories
from tests.services.test_suggestions import OFFER, WISH, engine, market, post

__all__ = ["engine", "market"]  # fixtures

TITLES = (
    ("耐磨涂层的制备", ("堆焊", "镍基合金")),
    ("风口涂层修复", ("堆焊", "镍基合金")),
    ("叶片涂层检测", ("无人机", "镍基合金")),
    ("光伏组件清扫", ("photovoltaic", "无人机")),
    ("等离子点火", ()),
)


@pytest.fixture
def stocked(app, engine, market, now):
    """Five achievements and a demand, on either engine."""
    for title, keywords in TITLES:
        post(market, now, factories.achievement(title=title, keywords=keywords, indicators=(), **OFFER))
    post(market, now, factories.demand(title="寻找涂层修复办法", keywords=(), indicators=(), **WISH))
    run_pass(app)
    return engine


def searched(session, engine, now, typed: str, **address) -> tuple[services.Found, str]:
    asked = forms.read(MultiDict({"q": typed, **address}))
    request = asked.request(services.scopes(VISITOR), now.date())
    return services.search(session, engine, VISITOR, request), asked.text


def corrected(engine, now, typed: str, **address) -> list[tuple[str, int]]:
    """Near wordings with their hits, each checked against the search it leads to."""
    with unit_of_work() as session:
        found, text = searched(session, engine, now, typed, **address)
        offered = [(one.text, one.hits) for one in wording.corrections(session, engine, found, text)]
        for wanted, hits in offered:
            assert searched(session, engine, now, wanted, **address)[0].result.strict_total == hits
        return offered


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("图层", [("涂层", 4)]),
        ("塗曾", [("涂层", 4)]),
        ("等里子", [("等离子", 1)]),
        ("耐磨 图层", [("耐磨 涂层", 1)]),
        ("photovoltiac", [("photovoltaic", 1)]),
        ("PHOTOVOLTAC", [("photovoltaic", 1)]),
        ("镍机合金", [("镍基合金", 3)]),
        ("tuceng", [("涂层", 4)]),
        ("NJHJ 检测", [("镍基合金 检测", 1)]),
        ("tuc", []),  # no whole word
        ("无人鸡 清扫", [("无人机 清扫", 1)]),
        ("涂层", []),  # enough is found
        ("等离子", []),  # little is found, but nothing nearer
        ("光伏", []),
        ("不存在的东西", []),
        ("修复 -涂层", []),  # what is excluded was meant to be
        ("“等里子”", [("“等离子”", 1)]),
        ("", []),
    ],
)
def test_near_words_with_what_they_find(stocked, now, typed, expected):
    assert corrected(stocked, now, typed) == expected


def test_a_near_word_must_find_more_under_the_same_conditions(stocked, now):
    assert corrected(stocked, now, "图层", kind="demand") == [("涂层", 1)]
    assert corrected(stocked, now, "图层", field="01") == []


def test_values_with_units_stay_in_the_text(app, engine, market, now):
    rows = (factories.AchievementIndicator(name="硬度", value="62", unit="HRC"),)
    content = factories.achievement(title="耐磨涂层的制备", keywords=(), indicators=rows, **OFFER)
    post(market, now, content)
    run_pass(app)
    assert corrected(engine, now, "图层 硬度≥60HRC") == [("涂层 硬度≥60HRC", 1)]
    assert corrected(engine, now, "图层 硬度≥70HRC") == []


def test_a_word_nobody_may_see_is_not_offered(app, engine, market, now):
    post(market, now, factories.demand(title="铌酸锂晶片抛光", keywords=(), limited=True))
    run_pass(app)
    assert corrected(engine, now, "铌酸里") == []


def test_without_an_engine_nothing_is_offered(app, market, now, monkeypatch):
    post(market, now, factories.achievement(title="耐磨涂层的制备", keywords=(), **OFFER))
    run_pass(app)

    def away(_requests):
        raise EngineUnavailable("down")

    for method in ("totals", "search", "candidates"):
        monkeypatch.setattr(
            app.extensions["search"], method, away if method != "candidates" else lambda *_: away(_)
        )
        assert corrected(app.extensions["search"], now, "图层") == []
    with unit_of_work() as session:
        assert services.alike(session, app.extensions["search"], VISITOR, "涂层") == []


def shared(engine, now, typed: str, **address) -> list[str]:
    with unit_of_work() as session:
        found, _text = searched(session, engine, now, typed, **address)
        return [one.shown for one in wording.related(session, found)]


def test_related_words_are_what_several_hits_share_rarest_in_the_market_first(stocked, now):
    # 镍基合金 stands in three of the four hits, 堆焊 and 修复 in two.
    assert shared(stocked, now, "涂层") == ["镍基合金", "修复", "堆焊"]


def test_what_every_hit_has_or_was_asked_is_not_related(stocked, now):
    assert shared(stocked, now, "涂层 堆焊") == []
    assert shared(stocked, now, "镍基合金") == ["堆焊"]


@pytest.mark.parametrize("typed", ["", "光伏", "不存在的东西"])
def test_too_few_hits_share_nothing(stocked, now, typed):
    assert shared(stocked, now, typed) == []


def alike(engine, text: str, actor=VISITOR) -> list[str]:
    with unit_of_work() as session:
        return [one.accepted_revision.title for one in services.alike(session, engine, actor, text)]


def test_what_is_like_a_text_comes_from_both_kinds(stocked):
    found = alike(stocked, "涂层破损修复")
    assert set(found[:2]) == {"风口涂层修复", "寻找涂层修复办法"}
    assert "等离子点火" not in found and len(found) <= 5
    assert alike(stocked, "xyz") == [] and alike(stocked, "") == []


def test_what_is_like_a_text_is_only_what_the_person_may_see(app, engine, market, now):
    post(market, now, factories.demand(title="铌酸锂晶片抛光", keywords=(), limited=True))
    run_pass(app)
    assert alike(engine, "铌酸锂抛光") == []
    with unit_of_work() as session:
        verified = factories.organisation(session, now=now)
        inside = factories.actor(session, Role.ENTERPRISE_MEMBER, verified, now=now)
    assert alike(engine, "铌酸锂抛光", inside) == ["铌酸锂晶片抛光"]
