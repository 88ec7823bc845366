"""The freshness clock on the pages: the link of a mail, the owner's list, and what everybody sees."""

import re
from datetime import timedelta
from email import message_from_bytes, policy
from urllib.parse import urlsplit

import pytest

from marketplace.listings.services import drafts
from marketplace.web.jinja import NO_BREAK_SPACE
from tests import factories
from tests.functional.conftest import Town, publish
from tests.functional.test_query_counts import statements


def wait(town: Town, days: int) -> None:
    """Let days pass, and the worker work: once for the clock, once for what it told the outbox."""
    town.app.extensions["clock"].move(timedelta(days=days))
    town.work()
    town.work()


def mailed_link(town: Town, subject: str) -> str:
    """The path of the link in the newest mail whose subject begins so."""
    folder = town.app.extensions["settings"].home / "mail"
    mails = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in folder.glob("*.eml")]
    mail = max((m for m in mails if m["Subject"].startswith(subject)), key=lambda m: m["X-Market-Mail"])
    return urlsplit(re.search(r"http://localhost\S+", mail.get_content())[0]).path


def listing(town: Town, number: str) -> tuple[str, str]:
    with town.books() as session:
        found = drafts.find_listing(session, number)
        return found.state, found.confirmed_on.isoformat()


@pytest.fixture
def reminded(listed: Town) -> Town:
    """Sixty days later: both owners have been asked."""
    wait(listed, 60)
    return listed


# --- the link -----------------------------------------------------------------------------------------------


def test_the_link_of_a_mail_confirms_without_logging_in(reminded: Town, soup):
    number = reminded.listings["demand"]
    path, visitor = mailed_link(reminded, "请确认“高炉风口套"), reminded.client()
    page = soup(visitor.get(path))
    assert page.h1.text == "这条信息还有效吗？"
    assert "2026-03-03" in page.main.text and number in page.main.text
    assert page.find("a", string="要改内容")["href"] == f"/my/listings/{number}"
    assert listing(reminded, number) == ("published", "2026-03-03"), "opening the link confirms nothing"
    answer = visitor.post(path, data={"answer": "confirm"})
    assert (answer.status_code, answer.location) == (302, path)
    assert "2026-05-02 已确认仍然有效，不用再点" in soup(visitor.get(path)).main.text
    assert visitor.post(path, data={"answer": "confirm"}).status_code == 302
    assert listing(reminded, number) == ("published", "2026-05-02")


def test_the_link_of_a_mail_takes_off_the_market_with_a_reason(reminded: Town, soup):
    number = reminded.listings["achievement"]
    path, visitor = mailed_link(reminded, "请确认“高炉风口用"), reminded.client()
    version = soup(visitor.get(path)).find("input", {"name": "version"})["value"]
    refused = visitor.post(path, data={"answer": "close", "version": version, "note": "写了说明"})
    assert refused.status_code == 422
    assert "请选择下架的原因" in soup(refused).find(class_="tm-errors").text
    assert soup(refused).find("textarea", {"name": "note"}).text.strip() == "写了说明"
    data = {"answer": "close", "version": version, "closing": "transferred"}
    assert visitor.post(path, data=data).status_code == 302
    page = soup(visitor.get(path))
    assert "已下架，没有需要确认的" in page.main.text and page.find("input", {"name": "closing"}) is None
    assert listing(reminded, number)[0] == "withdrawn"
    own = soup(reminded.client("researcher").get(f"/my/listings/{number}")).main.text
    assert "已转让或已许可" in own


@pytest.mark.parametrize("token", ["x", "a.b.c", "'; drop table listings", "x" * 3000])
def test_a_forged_link_says_so_and_leads_on(listed: Town, soup, token):
    visitor = listed.client()
    for answer in (visitor.get(f"/confirm/{token}"), visitor.post(f"/confirm/{token}")):
        assert answer.status_code == 404
        page = soup(answer)
        assert "不是本平台发出的" in page.main.text
        assert page.find("a", string="登录后确认")["href"] == "/my/listings"


def test_an_old_link_says_so(reminded: Town, soup):
    path = mailed_link(reminded, "请确认“高炉风口套")
    reminded.app.extensions["clock"].move(timedelta(days=91))
    answer = reminded.client().get(path)
    assert answer.status_code == 404 and "已经过期" in soup(answer).main.text


def test_the_notice_leads_to_the_link_too(reminded: Town, soup):
    member = reminded.client("member")
    lines = soup(member.get("/notices")).select(".tm-brief li")
    line = next(each for each in lines if "是否仍然有效" in each.text)
    assert member.post(line.form["action"]).location.startswith("/confirm/")


# --- going off line and coming back -------------------------------------------------------------------------


def test_off_line_and_back_by_one_click(listed: Town, soup):
    number, visitor = listed.listings["demand"], listed.client()
    wait(listed, 105)
    wait(listed, 16)
    assert visitor.get(f"/listings/{number}").status_code == 404
    assert number not in visitor.get("/search?q=涂层").get_data(as_text=True)
    own = soup(listed.client("member").get(f"/my/listings/{number}")).main.text
    assert "超期下架" in own and "超过 120 天未确认" in own
    path = mailed_link(listed, "“高炉风口套表面耐磨涂层”自")
    assert "仍然有效，重新上架" in soup(visitor.get(path)).main.text
    visitor.post(path, data={"answer": "confirm"})
    listed.work()
    assert visitor.get(f"/listings/{number}").status_code == 200
    assert number in visitor.get("/search?q=涂层").get_data(as_text=True)


# --- the owner's pages --------------------------------------------------------------------------------------


def test_the_list_counts_down_only_what_is_to_be_confirmed(listed: Town, soup):
    def told(days: int) -> bool:
        listed.app.extensions["clock"].move(timedelta(days=days))
        return "31 天内请再确认" in soup(listed.client("member").get("/my/listings")).main.text

    assert "天内请再确认" not in soup(listed.client("member").get("/my/listings")).main.text
    assert not told(59)
    assert told(1)


def test_the_list_confirms_all_at_once_and_only_once(town: Town, now, soup):
    with town.books() as session:
        numbers = [
            publish(session, town, "member", "enterprise", factories.demand(title=f"第{n}条耐磨需求"), now)
            for n in range(3)
        ]
    member = town.client("member")
    assert "等您确认" not in soup(member.get("/my/listings")).main.text
    wait(town, 80)
    page = soup(member.get("/my/listings")).find(id="waiting")
    assert "等您确认的 3 条" in page.text and "还有 11 天就会标为“待确认”" in page.text
    form = page.find("form", action="/my/listings/confirm")
    data = {"number": [i["value"] for i in form.find_all("input", {"name": "number"})]}
    data["submission_key"] = form.find("input", {"name": "submission_key"})["value"]
    assert sorted(data["number"]) == numbers
    for _ in range(2):
        assert member.post("/my/listings/confirm", data=data).location == "/my/listings"
    after = soup(member.get("/my/listings"))
    assert after.main.text.count("已确认 3 条仍然有效") == 1 and after.find(id="waiting") is None


def test_one_of_the_list_is_confirmed_from_there(reminded: Town, soup):
    number, member = reminded.listings["demand"], reminded.client("member")
    form = soup(member.get("/my/listings")).find("form", action=f"/my/listings/{number}/confirm")
    answer = member.post(form["action"], data={i["name"]: i["value"] for i in form.find_all("input")})
    assert answer.location == "/my/listings"
    assert "60 天后请再确认一次" in soup(member.get(f"/my/listings/{number}")).main.text


def test_a_long_list_asks_the_database_no_more(town: Town, now):
    def asked(more: int) -> int:
        with town.books() as session:
            for _ in range(more):
                number = publish(session, town, "member", "enterprise", factories.demand(), now)
                drafts.find_listing(session, number).confirmed_on = now.date() - timedelta(days=106)
        with statements(town.app) as seen:
            assert town.client("member").get("/my/listings").status_code == 200
        return len(seen)

    asked(2)  # the first answer of a process reads its word lists, too
    assert asked(0) == asked(20) <= 15


@pytest.mark.parametrize("name", ["colleague", "stranger"])
def test_others_confirm_nothing(reminded: Town, name):
    number, client = reminded.listings["demand"], reminded.client(name)
    assert client.post(f"/my/listings/{number}/confirm").status_code == 403
    assert client.post("/my/listings/confirm", data={"number": [number]}).status_code == 403
    assert client.post("/my/listings/confirm", data={"number": ["D2026-77777"]}).status_code == 404
    assert listing(reminded, number)[1] == "2026-03-03"


def test_rubbish_in_the_list_of_numbers(reminded: Town):
    member = reminded.client("member")
    assert member.post("/my/listings/confirm").location == "/my/listings"
    for rubbish in ("", "\x00", "'" * 500, "A2026-00001\n"):
        assert member.post("/my/listings/confirm", data={"number": rubbish}).status_code == 404


def test_closings_are_counted_on_the_list(listed: Town, soup):
    number, member = listed.listings["demand"], listed.client("member")
    path = f"/my/listings/{number}/withdraw"
    version = soup(member.get(path)).find("input", {"name": "version"})["value"]
    page = soup(member.post(path, data={"version": version, "closing": "other"}))
    assert "请用几个字写明原因" in page.find(class_="tm-errors").text
    assert member.post(path, data={"version": version, "closing": "solved"}).status_code == 302
    text = " ".join(soup(member.get("/my/listings")).main.text.split())
    assert re.search(r"下架的原因 .* 问题已解决 ?1 条", text)


# --- what everybody sees ------------------------------------------------------------------------------------


def test_grey_is_said_in_words_wherever_a_listing_is_named(listed: Town, soup):
    demand = listed.listings["demand"]
    wait(listed, 90)
    for path in ("/search", f"/listings/{demand}", f"/my/listings/{demand}/matches"):
        assert "待确认" not in soup(listed.client("member").get(path)).main.text, path
    wait(listed, 1)
    for path in ("/search", f"/listings/{demand}"):
        badge = soup(listed.client().get(path)).select_one(".tm-badge--idle")
        assert badge.text.strip() == "待确认 · 91 天前", path
    matches = soup(listed.client("member").get(f"/my/listings/{demand}/matches"))
    assert matches.select_one(".tm-match .tm-badge--idle").text.strip() == "待确认 · 91 天前"
    reason = matches.main.text.replace(NO_BREAK_SPACE, " ")
    assert "较早的一方 91 天没有确认，已是“待确认”，所以扣分" in reason
    assert "待确认 · 91 天前" in soup(listed.client("member").get("/my/listings")).main.text


def test_the_owner_reads_when_it_goes_off_line(listed: Town, soup):
    own = f"/my/listings/{listed.listings['demand']}"
    wait(listed, 91)
    assert "最后一次提醒 16 天后下架" in soup(listed.client("member").get(own)).main.text
    wait(listed, 14)
    assert "还有 16 天就会下架" in soup(listed.client("member").get(own)).main.text


def test_the_order_by_last_confirmation(town: Town, now, soup):
    with town.books() as session:
        for days, title in ((40, "四十天前的耐磨涂层"), (5, "五天前的耐磨涂层"), (20, "二十天前的耐磨涂层")):
            content = factories.demand(title=title)
            number = publish(session, town, "member", "enterprise", content, now)
            found = drafts.find_listing(session, number)
            found.confirmed_on = now.date() - timedelta(days=days)
    town.work()
    page = soup(town.client().get("/search?sort=confirmed&q=耐磨涂层"))
    assert [h.text[:4].rstrip("天前的") for h in page.select(".tm-listing h2")] == ["五", "二十", "四十"]
    assert page.find("a", string=re.compile("最近确认"))["aria-current"]


def test_an_organisation_s_freshness_is_public(listed: Town, now, soup):
    with listed.books() as session:
        hidden = factories.demand(hide_owner=True)
        secret = publish(session, listed, "member", "enterprise", hidden, now)
        old = publish(session, listed, "member", "enterprise", factories.demand(), now)
        drafts.find_listing(session, old).confirmed_on = now.date() - timedelta(days=100)
    said = "在架 2 条，50 % 在 90 天内确认过；距上次确认的天数中位 50 天"
    firm = listed.houses["enterprise"]
    for path in (f"/listings/{listed.listings['demand']}", f"/organisations/{firm}"):
        text = soup(listed.client().get(path)).main.text.replace(NO_BREAK_SPACE, " ")
        assert said in text, path
    assert "信息保鲜" not in soup(listed.client().get(f"/listings/{secret}")).main.text
    assert "信息保鲜" not in soup(listed.client().get(f"/organisations/{listed.houses['other']}")).main.text
