"""The page of one's own matches beyond the card: what would bring more, declines, and what staff see of it."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from marketplace.listings.content import Kind
from marketplace.listings.services import drafts
from marketplace.matching.models import MatchShowing
from marketplace.matching.services import decisions
from tests import factories
from tests.functional.conftest import Town, publish


def page_of(town: Town, soup: Callable, who: str, path: str) -> str:
    return soup(town.client(who).get(path)).main.get_text(" ", strip=True)


@pytest.fixture
def licensed(listed: Town, now) -> Town:
    """The town with one more achievement, which is only sold outright."""
    content = factories.achievement(
        title="高炉风口表面耐磨涂层的等离子堆焊修复",
        modes=("transfer",),
        indicators=(),
        price_kind="fixed",
        price_min_fen=10_000_000,
        price_max_fen=10_000_000,
    )
    with listed.books() as session:
        listed.listings["sold"] = publish(session, listed, "researcher", "university", content, now)
    listed.work()
    return listed


def test_what_one_change_would_bring_stands_beside_the_list(licensed, soup):
    text = page_of(licensed, soup, "member", f"/my/listings/{licensed.listings['demand']}/matches")
    assert "改变一项，会多出几项匹配" in text
    assert re.search(r"也接受“转让”\s*匹配数.\+1", text)


def test_what_one_asks_for_stands_above_the_list(licensed, soup):
    def facts(who: str, name: str) -> list[str]:
        page = soup(licensed.client(who).get(f"/my/listings/{licensed.listings[name]}/matches"))
        return [fact.text for fact in page.select(".tm-pagehead-meta span")]

    asked, offered = facts("member", "demand"), facts("researcher", "sold")
    assert asked[0] == licensed.listings["demand"]
    assert asked[1:] == ["硬度 ≥ 60 HRC、工作温度 ≥ 900 ℃", "预算 30–50 万元", "接受：普通许可"]
    assert offered[1:] == ["7 级 环境级", "报价 10 万元", "接受：转让"]


def test_a_declined_match_moves_below_and_its_owner_counts_the_reason(licensed, soup, now):
    demand, sold = licensed.listings["demand"], licensed.listings["sold"]
    path = f"/my/listings/{demand}/matches/{sold}/decline"
    client = licensed.client("member")
    form = {"reason_code": "mode", "note": "", "submission_key": "k"}
    for _ in range(2):  # a double click
        assert client.post(path, data=form).location == f"/my/listings/{demand}/matches"
    page = soup(client.get(f"/my/listings/{demand}/matches"))
    assert [row.text for row in page.select("details.tm-folded .tm-match-title")] == [
        "高炉风口表面耐磨涂层的等离子堆焊修复"
    ]
    text = page_of(licensed, soup, "researcher", f"/my/listings/{sold}/matches")
    assert "对方谢绝的原因" in text and "合作方式不合 1 次" in text
    # The card of a declined pair is still to be read.
    assert soup(client.get(f"/my/listings/{demand}/matches/{sold}")).select_one("details.tm-folded[open]")


def test_a_chosen_match_leads_back_to_its_list(licensed, soup):
    demand, sold = licensed.listings["demand"], licensed.listings["sold"]
    client = licensed.client("member")
    whole = soup(client.get(f"/my/listings/{demand}/matches"))
    assert whole.select_one(".tm-list-whole") and not whole.select_one(".tm-list-back")
    chosen = soup(client.get(f"/my/listings/{demand}/matches/{sold}"))
    back = chosen.select_one(".tm-list-chosen .tm-list-back a")
    assert (back.text, back["href"]) == ("‹ 回到 2 项匹配（第 1 项）", f"/my/listings/{demand}/matches")
    rows = {
        row.select_one(".tm-match-title").text: row.get("class") for row in chosen.select(".tm-matchlist li")
    }
    assert rows == {
        "高炉风口表面耐磨涂层的等离子堆焊修复": None,
        "高炉风口用耐高温耐磨涂层及等离子堆焊工艺": ["tm-match-other"],
    }
    client.post(f"/my/listings/{demand}/matches/{sold}/decline", data={"reason_code": "mode", "note": ""})
    declined = soup(client.get(f"/my/listings/{demand}/matches/{sold}"))
    assert declined.select_one(".tm-list-back a").text == "‹ 回到全部匹配"


def test_the_card_says_only_what_is_so(licensed, soup):
    demand, achievement = licensed.listings["demand"], licensed.listings["achievement"]
    text = page_of(licensed, soup, "member", f"/my/listings/{demand}/matches/{achievement}")
    text = text.replace("\N{NO-BREAK SPACE}", " ")
    assert "2 项指标：1 项达到，1 项不足 文本" in text
    assert "同在包头市 昆都仑区" in text


def test_each_side_reads_what_it_could_change_itself(licensed, soup):
    demand, sold = licensed.listings["demand"], licensed.listings["sold"]
    asking = page_of(licensed, soup, "member", f"/my/listings/{demand}/matches/{sold}")
    offering = page_of(licensed, soup, "researcher", f"/my/listings/{sold}/matches/{demand}")
    assert "也接受“转让”" in asking and "也接受“普通许可”" not in asking
    assert "也接受“普通许可”" in offering and "也接受“转让”" not in offering


def test_what_is_not_published_has_no_matches_and_says_why(town, soup, now):
    with town.books() as session:
        draft = drafts.start(session, town.people["member"], Kind.DEMAND, town.houses["enterprise"], now=now)
        number = draft.listing.number
    text = page_of(town, soup, "member", f"/my/listings/{number}/matches")
    assert "这条信息没有在架，不参加匹配。" in text and "补全指标和预算" not in text


def test_opening_the_list_is_remembered_once(listed):
    client = listed.client("member")
    for _ in range(2):
        client.get(f"/my/listings/{listed.listings['demand']}/matches")
    with listed.books() as session:
        assert session.scalar(select(func.count(MatchShowing.id))) == 1


def test_staff_read_what_became_of_the_matches(listed, soup, now):
    demand, achievement = listed.listings["demand"], listed.listings["achievement"]
    listed.client("member").get(f"/my/listings/{demand}/matches")
    with listed.books() as session:
        decisions.decide(
            session, listed.people["member"], demand, achievement, "declined", now=now, reason_code="price"
        )
    text = page_of(listed, soup, "operator", "/staff/matching")
    assert "价格不合适 1 次" in text
    assert "1（100\N{NO-BREAK SPACE}%，区间 21\N{NO-BREAK SPACE}%–100\N{NO-BREAK SPACE}%）" in text
    assert "有判断的需求只有 1 项，至少 10 项才能说明问题。" in text


def test_staff_see_an_empty_study_before_anything_was_shown(town, soup):
    assert "还没有展示过匹配。" in page_of(town, soup, "operator", "/staff/matching")


@pytest.mark.parametrize(
    ("who", "status"), [(None, 302), ("member", 403), ("manager", 403), ("operator", 200)]
)
def test_the_study_is_for_staff(town, who, status):
    assert town.client(who).get("/staff/matching").status_code == status


def test_staff_read_a_list_and_cannot_decide_in_it(listed, soup):
    path = f"/my/listings/{listed.listings['demand']}/matches"
    accept = f"{path}/{listed.listings['achievement']}/accept"
    assert soup(listed.client("member").get(path)).find("form", action=accept)
    page = soup(listed.client("operator").get(path))
    assert page.select(".tm-match") and not page.find("form", action=accept)
    assert listed.client("operator").post(accept).status_code == 403
