"""Saved searches through the pages: keeping, looking, changing, deleting, and unsubscribing from a mail."""

import re
from datetime import timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from sqlalchemy import select

from marketplace.discovery.saved.models import SavedSearch
from marketplace.discovery.saved.services import keeping
from marketplace.listings.models import Listing
from marketplace.notices.models import Mail
from search.backend import EngineUnavailable
from tests import factories
from tests.functional.conftest import Town, publish

ADDRESS = "/my/searches/new?q=耐磨涂层 硬度≥60HRC&kind=demand&field=05"
WISH = {"name": "耐磨涂层的需求", "frequency": "daily"}


@pytest.fixture
def clock(listed: Town, monkeypatch):
    """The moment the market believes it is; a test moves it."""

    class Moment:
        now = listed.app.extensions["clock"].now()

        def move(self, **by: float) -> None:
            self.now += timedelta(**by)

    made = Moment()
    monkeypatch.setattr(listed.app.extensions["clock"], "now", lambda: made.now)
    return made


def kept(town: Town) -> list[tuple[str, str, list]]:
    with town.books() as session:
        rows = session.scalars(select(SavedSearch).order_by(SavedSearch.id))
        return [(row.name, row.frequency, row.parameters) for row in rows]


def facts(page) -> dict[str, str]:
    terms = page.select("main dl dt")
    return {term.get_text(strip=True): term.find_next_sibling("dd").get_text(strip=True) for term in terms}


def test_a_search_is_kept_from_the_result_page_without_script(listed: Town, soup):
    client = listed.client("researcher")
    page = soup(client.get("/search?q=耐磨涂层 硬度≥60HRC&kind=demand&field=05&page=1&evil=1"))
    link = next(
        a["href"] for a in page.select(".tm-resultacts a") if a.get_text(strip=True) == "订阅这个搜索"
    )
    assert unquote(link).startswith("/my/searches/new?") and "evil" not in link and "page=" not in link
    form = soup(client.get(link))
    assert facts(form) == {
        "指标": "硬度 ≥ 60 HRC",
        "搜索词": "耐磨、涂层、硬度",
        "类别": "需求",
        "技术领域": "新材料及其应用",
    }
    assert form.find("input", {"name": "name"})["value"] == "耐磨涂层 硬度≥60HRC"
    assert form.find("input", {"name": "frequency", "checked": True})["value"] == "daily"
    answer = client.post(link, data=WISH)
    assert (answer.status_code, answer.location) == (302, "/my/searches")
    assert kept(listed) == [
        ("耐磨涂层的需求", "daily", [["kind", "demand"], ["field", "05"], ["q", "耐磨涂层 硬度≥60HRC"]])
    ]


def test_an_empty_result_can_be_waited_for_and_everything_at_once_cannot(listed: Town, soup):
    client = listed.client("researcher")
    for address, offered in (
        ("/search?q=不存在的东西", True),
        ("/search", False),
        ("/search?sort=newest", False),
    ):
        labels = [a.get_text(strip=True) for a in soup(client.get(address)).select(".tm-resultacts a")]
        assert ("订阅这个搜索" in labels) is offered, address
    for address in ("/my/searches/new", "/my/searches/new?sort=newest", "/my/searches/new?q=！！"):
        refused = client.post(address, data=WISH)
        assert refused.status_code == 422, address
        assert "没有可以订阅的条件" in soup(refused).find(class_="tm-errors").text
    assert kept(listed) == []


def test_who_is_not_logged_in_logs_in_and_comes_back(listed: Town):
    answer = listed.client().get(ADDRESS)
    assert answer.status_code == 302
    assert answer.location.startswith("/login?next=/my/searches/new?q%3D")
    back = parse_qs(urlsplit(answer.location).query)["next"][0]
    assert parse_qs(urlsplit(back).query) == {
        "q": ["耐磨涂层 硬度≥60HRC"],
        "kind": ["demand"],
        "field": ["05"],
    }
    assert listed.client().get("/my/searches").status_code == 302
    assert listed.client().post(ADDRESS, data=WISH).location.startswith("/login")


def test_what_is_wrong_is_said_and_what_was_typed_stays(listed: Town, soup):
    client = listed.client("researcher")
    for data, sentence in (
        ({"name": " ", "frequency": "weekly"}, "起个名称"),
        ({"name": "长" * 61, "frequency": "weekly"}, "最多 60 个字"),
        ({"name": "名称", "frequency": "hourly"}, "请选择提醒频率"),
        ({"name": "名称"}, "请选择提醒频率"),
    ):
        refused = client.post(ADDRESS, data=data)
        page = soup(refused)
        assert refused.status_code == 422, data
        assert sentence in page.find(class_="tm-errors").text, data
        assert page.find("input", {"name": "name"})["value"].strip() == data["name"].strip()
    assert kept(listed) == []


def test_what_is_not_known_is_named_before_the_search_is_kept_without_it(listed: Town, soup):
    page = soup(listed.client("researcher").get("/my/searches/new?q=涂层&region=999999"))
    assert "“地区 999999”这一条件不认识，已略去" in page.select_one("main .tm-notice").text
    assert "地区" not in page.select_one("main dl").text


def test_the_same_search_twice_is_a_clash_and_a_double_click_is_not(listed: Town, soup):
    client = listed.client("researcher")
    answers = [client.post(ADDRESS, data={**WISH, "submission_key": "once"}) for _ in range(2)]
    assert [(answer.status_code, answer.location) for answer in answers] == [(302, "/my/searches")] * 2
    again = client.post(f"{ADDRESS}&sort=newest", data={"name": "另一个名称", "frequency": "weekly"})
    assert again.status_code == 409
    page = soup(again)
    assert "同样的搜索您已经订阅过，名称是“耐磨涂层的需求”" in page.find(class_="tm-errors").text
    assert page.find("input", {"name": "name"})["value"] == "另一个名称"
    assert "同样的搜索您已经订阅过" in soup(client.get(ADDRESS)).find(class_="tm-notice--attention").text
    assert len(kept(listed)) == 1


def test_one_too_many_is_a_clash_with_a_sentence(listed: Town, soup, monkeypatch):
    monkeypatch.setattr(keeping, "MOST_KEPT", 1)
    client = listed.client("researcher")
    client.post(ADDRESS, data=WISH)
    refused = client.post("/my/searches/new?q=盐碱地", data=WISH)
    assert refused.status_code == 409
    assert "最多订阅 1 个搜索" in soup(refused).find(class_="tm-errors").text


def rows(page) -> list[str]:
    return [row.get_text(" ", strip=True) for row in page.select("main .tm-brief > li")]


def test_the_list_tells_what_is_new_since_the_last_look(listed: Town, soup, clock):
    client = listed.client("researcher")
    assert "还没有订阅" in soup(client.get("/my/searches")).find("main").text
    client.post("/my/searches/new?q=耐磨涂层&kind=demand", data=WISH)
    (row,) = rows(soup(client.get("/my/searches")))
    assert "搜索词：耐磨、涂层；类别：需求" in row and "提醒：每天" in row and "新信息" not in row
    clock.move(hours=1)
    with listed.books() as session:
        publish(session, listed, "member", "enterprise", factories.demand(), clock.now)
    listed.work()
    assert "1 条新信息" in rows(soup(client.get("/my/searches")))[0]
    clock.move(hours=1)
    looked = client.get("/my/searches/1/run")
    assert unquote(looked.location) == "/search?kind=demand&q=耐磨涂层"
    assert "新信息" not in rows(soup(client.get("/my/searches")))[0]


def test_while_the_engine_is_away_the_list_still_opens(listed: Town, soup, monkeypatch):
    client = listed.client("researcher")
    client.post(ADDRESS, data=WISH)

    def away(_request):
        raise EngineUnavailable("down")

    monkeypatch.setattr(listed.app.extensions["search"], "search", away)
    page = soup(client.get("/my/searches"))
    assert "有多少新信息稍后可看" in page.find("main").text and len(rows(page)) == 1


def test_a_search_is_renamed_and_a_page_out_of_date_is_refused(listed: Town, soup):
    client = listed.client("researcher")
    client.post(ADDRESS, data=WISH)
    page = soup(client.get("/my/searches/1/edit"))
    version = page.find("input", {"name": "version"})["value"]
    assert page.find("input", {"name": "name"})["value"] == "耐磨涂层的需求"
    change = {"name": "新名称", "frequency": "off", "version": version}
    for _ in range(2):  # a double click
        sent = {**change, "submission_key": "edit"}
        assert client.post("/my/searches/1/edit", data=sent).location == "/my/searches"
    assert kept(listed)[0][:2] == ("新名称", "off")
    assert client.post("/my/searches/1/edit", data={**change, "name": "晚了"}).status_code == 409
    refused = client.post("/my/searches/1/edit", data={**change, "name": "", "version": "2"})
    assert refused.status_code == 422 and kept(listed)[0][0] == "新名称"


def test_deleting_asks_first(listed: Town, soup):
    client = listed.client("researcher")
    client.post(ADDRESS, data=WISH)
    asked = client.get("/my/searches/1/delete")
    assert "确认删除订阅“耐磨涂层的需求”" in asked.get_data(as_text=True) and len(kept(listed)) == 1
    data = {"submission_key": "once"}
    assert client.post("/my/searches/1/delete", data=data).location == "/my/searches"
    assert kept(listed) == []
    assert client.post("/my/searches/1/delete", data=data).location == "/my/searches", "a double click"
    assert client.get("/my/searches/1/delete").status_code == 404


def test_other_people_find_neither_search_nor_digest(listed: Town, clock):
    digested(listed, clock)
    for person in ("manager", "member", "operator"):
        for path in ("searches/1/run", "searches/1/edit", "searches/1/delete", "digests/1"):
            assert listed.client(person).get(f"/my/{path}").status_code == 404, (person, path)
        for path in ("edit", "delete"):
            sent = {**WISH, "version": "1"}
            assert listed.client(person).post(f"/my/searches/1/{path}", data=sent).status_code == 404
    assert len(kept(listed)) == 1
    for path in ("searches/9/run", "searches/9/edit", "digests/9"):
        assert listed.client("researcher").get(f"/my/{path}").status_code == 404


def digested(town: Town, clock, *, limited: bool = False) -> str:
    """The researcher has been told of a demand; returns the text of his mail before it leaves."""
    town.client("researcher").post("/my/searches/new?q=耐磨涂层&kind=demand", data=WISH)
    clock.move(hours=1)
    with town.books() as session:
        content = factories.demand(title="冶金行业耐磨涂层", limited=limited)
        town.listings["news"] = publish(session, town, "member", "enterprise", content, clock.now)
    town.work()
    clock.move(days=1)
    town.work()
    with town.books() as session:
        mail = session.scalars(select(Mail).where(Mail.kind == "search_digest")).one()
        return mail.letter["unsubscribe_path"]


def test_a_digest_is_in_the_inbox_and_has_a_page(listed: Town, soup, clock):
    digested(listed, clock)
    client = listed.client("researcher")
    inbox = soup(client.get("/notices"))
    assert "您订阅的搜索有 1 条新信息：耐磨涂层的需求" in inbox.find("main").text
    opened = client.post(inbox.select_one("main .tm-brief form")["action"])
    assert opened.location == "/my/digests/1"
    page = soup(client.get(opened.location))
    assert page.select_one("main h1").text == "2026-03-04 的订阅提醒"
    assert [a.get_text(strip=True) for a in page.select("main h3 a")] == ["冶金行业耐磨涂层"]


def test_a_digest_shows_only_what_its_reader_may_still_see(listed: Town, soup, clock):
    digested(listed, clock)
    with listed.books() as session:
        listing = session.scalars(select(Listing).where(Listing.number == listed.listings["news"])).one()
        listing.state = "paused"
    page = soup(listed.client("researcher").get("/my/digests/1")).find("main").text
    assert "冶金行业耐磨涂层" not in page and "有 1 条已下架或不再对您公开" in page


def test_opening_the_link_of_a_mail_stops_nothing_and_the_button_does(listed: Town, soup, clock):
    path = digested(listed, clock)
    visitor = listed.client()
    for _scan in range(3):
        assert visitor.get(path).status_code == visitor.head(path).status_code == 200
    assert kept(listed)[0][1] == "daily", "programs that open every link"
    page = soup(visitor.get(path))
    assert "全部（1 个）" in page.find("main").text
    done = visitor.post(path, data={"search": "1"})
    assert done.status_code == 200 and "已退订，不再提醒：耐磨涂层的需求" in soup(done).find("main").text
    assert kept(listed)[0][1] == "off"
    again = visitor.post(path, data={"search": "all"})
    assert again.status_code == 200 and "可能已经退订" in soup(again).find("main").text


def test_one_click_of_the_mail_program_stops_all(listed: Town, clock):
    path = digested(listed, clock)
    listed.client("researcher").post("/my/searches/new?q=盐碱地", data={**WISH, "frequency": "weekly"})
    listed.client("member").post("/my/searches/new?q=盐碱地", data=WISH)
    listed.app.config["WTF_CSRF_ENABLED"] = True
    answer = listed.client().post(path, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200, "no token, no cookie, no redirect (RFC 8058)"
    assert [frequency for _name, frequency, _search in kept(listed)] == ["off", "off", "daily"]


def test_a_link_that_nobody_signed_is_not_found(listed: Town, clock):
    path = digested(listed, clock)
    for wrong in (f"{path}x", "/unsubscribe/MQ.x", "/unsubscribe/1", re.sub(r"\.", "-", path)):
        assert listed.client().get(wrong).status_code == 404, wrong
        assert listed.client().post(wrong, data={"search": "all"}).status_code == 404, wrong
    for strange in ("9", "x", "-1", "9" * 40, "1\x00"):
        assert listed.client().post(path, data={"search": strange}).status_code == 200, strange
    assert kept(listed)[0][1] == "daily"


@pytest.mark.parametrize("rate_limit_url", ["memory://"])
def test_the_link_cannot_be_tried_without_end_and_good_ones_are_not_counted(listed: Town, clock):
    path, client = digested(listed, clock), listed.client()
    sent = {"List-Unsubscribe": "One-Click"}
    assert {client.post(path, data=sent).status_code for _ in range(62)} == {200}
    assert [client.get("/unsubscribe/x").status_code for _ in range(61)] == [404] * 60 + [429]


def test_the_workbench_leads_to_the_list(listed: Town, soup):
    links = {
        a.get_text(strip=True): a["href"]
        for a in soup(listed.client("member").get("/workbench")).select("nav a")
    }
    assert links["我的订阅"] == "/my/searches"
