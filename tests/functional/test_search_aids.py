"""The result page helps on: near words, related words, ways out of nothing, a demand that begins with the search."""

from urllib.parse import parse_qs, urlsplit

import pytest

from marketplace.discovery.models import SearchCount
from marketplace.discovery.services import popular
from tests import factories
from tests.functional.conftest import Town, publish

TITLES = ("耐磨涂层的制备", "风口涂层修复", "叶片涂层检测")


@pytest.fixture
def shown(town: Town, now):
    """A visitor's window on three achievements and a demand."""
    with town.books() as session:
        for title in TITLES:
            content = factories.achievement(
                title=title, keywords=("镍基合金",) if "叶片" not in title else ()
            )
            publish(session, town, "researcher", "university", content, now)
        publish(session, town, "member", "enterprise", factories.demand(title="锂电池热失控预警"), now)
    town.work()
    return town.client()


def query_of(link) -> dict[str, list[str]]:
    return parse_qs(urlsplit(link["href"]).query)


def total(page) -> str:
    return page.select_one(".tm-resulthead p").get_text(" ", strip=True).split(" · ")[0]


def test_a_near_word_is_a_link_with_its_hits_and_replaces_nothing(shown, soup):
    page = soup(shown.get("/search?q=图层&kind=achievement&region=150000"))
    assert page.find("input", {"name": "q"})["value"] == "图层"
    strip = page.select_one(".tm-notice.tm-escape")
    assert strip.get_text(" ", strip=True) == "您是不是要找： 涂层 （3\xa0条）"
    assert query_of(strip.a) == {"q": ["涂层"], "kind": ["achievement"], "region": ["150000"]}
    assert total(soup(shown.get(strip.a["href"]))) == "共 3 条"


def test_related_words_narrow_what_was_found(shown, soup):
    page = soup(shown.get("/search?q=涂层"))
    words = {a.get_text(): a for a in page.select(".tm-chips a.tm-chip")}
    assert query_of(words["镍基合金"]) == {"q": ["涂层 镍基合金"]}
    assert total(soup(shown.get(words["镍基合金"]["href"]))) == "共 2 条"
    assert 1 <= len(words) <= 6


def test_related_words_replace_what_was_not_found(shown, soup):
    page = soup(shown.get("/search?q=涂层 光伏"))
    words = {a.get_text(): a for a in page.select(".tm-chips a.tm-chip")}
    assert query_of(words["镍基合金"]) == {"q": ["镍基合金"]}


def test_nothing_found_leads_on(shown, soup):
    page = soup(shown.get("/search?q=锂电池热失控&kind=achievement"))
    assert total(page) == "共 0 条"
    likely = page.select_one(".tm-suggested a")
    assert likely.get_text(" ", strip=True).startswith("需求 锂电池热失控预警 D2026-")
    assert shown.get(likely["href"]).status_code == 200
    ways = {a.get_text(): a["href"] for a in page.select(".tm-escape a")}
    assert "去掉“类别”条件，有 1 条" in ways and ways["浏览全部成果和需求"] == "/search"


def test_what_is_limited_is_not_among_what_is_alike(town: Town, now, soup):
    with town.books() as session:
        content = factories.demand(title="铌酸锂晶片抛光", limited=True)
        publish(session, town, "member", "enterprise", content, now)
    town.work()
    address = "/search?q=铌酸锂抛光&kind=achievement"
    assert "铌酸锂晶片抛光" not in town.client().get(address).get_data(as_text=True)
    assert "铌酸锂晶片抛光" in town.client("stranger").get(address).get_data(as_text=True)


def way_to_a_demand(client, soup, typed: str) -> str:
    page = soup(client.get("/search", query_string={"q": typed, "price": "500-", "kind": "achievement"}))
    return next(a["href"] for a in page.select(".tm-escape a") if "作为需求发布" in a.get_text())


def test_the_search_becomes_the_beginning_of_a_demand(shown, town: Town, soup):
    typed = "锂电池热失控预警 提前时间≥30min"
    way = way_to_a_demand(shown, soup, typed)
    page = soup(town.client("member").get(way))
    assert page.find("input", {"name": "title"})["value"] == typed
    assert page.find("textarea", {"name": "goal"}).text.strip() == typed
    assert "已按您的搜索写好开头" in page.select_one("main .tm-notice").get_text()
    begun = {"title": typed, "goal": typed, "current_state": "现在靠人巡检，常常来不及。"}
    answer = town.client("member").post("/listings/new/demand", data=begun)
    step = soup(town.client("member").get(answer.location))
    assert "提前时间" in step.find("main").get_text(), "the next step offers the value as an indicator"


def test_who_is_not_logged_in_comes_back_to_it(shown, town: Town, soup):
    way = way_to_a_demand(shown, soup, "锂电池&热失控=预警？ 50%")
    sent = shown.get(way)
    assert sent.status_code == 302 and urlsplit(sent.location).path == "/login"
    login = soup(shown.get(sent.location))
    kept = login.select_one("#form input[name=next]")["value"]
    with town.books() as session:
        address = factories.user_of(session, town.people["member"]).email
    data = {"address": address, "password": "correct horse", "next": kept}
    answer = shown.post("/login", data=data)
    page = soup(shown.get(answer.location))
    assert page.find("input", {"name": "title"})["value"] == "锂电池&热失控=预警？ 50%"


@pytest.mark.parametrize(
    ("typed", "title", "goal"),
    [
        ({"title": "长" * 5_000, "goal": "远" * 5_000}, "长" * 60, "远" * 2_000),
        ({"title": "<b>x</b>\x00\u202e'"}, "<b>x</b> '", ""),
        ({"title": "", "tried": "不从地址来", "version": "7"}, "", ""),
    ],
)
def test_a_beginning_is_bounded_and_stays_text(town: Town, soup, typed, title, goal):
    answer = town.client("member").get("/listings/new/demand", query_string=typed)
    page = soup(answer)
    assert answer.status_code == 200 and b"<b>x</b>" not in answer.data
    assert (page.find("input", {"name": "title"})["value"] or "") == title
    assert page.find("textarea", {"name": "goal"}).text.strip() == goal
    assert page.find("textarea", {"name": "tried"}).text.strip() == ""


def test_an_achievement_begins_with_nothing_from_the_address(town: Town, soup):
    page = soup(town.client("researcher").get("/listings/new/achievement?title=别人写的"))
    assert not page.find("input", {"name": "title"}).get("value")


def counts(town: Town) -> list[tuple[str, int]]:
    town.app.extensions["search_counter"].write()
    with town.books() as session:
        return sorted((row.text, row.times) for row in session.query(SearchCount))


def test_searches_are_counted_once_per_browser_and_never_for_the_first_page(shown, town: Town):
    shown.get("/search?q=涂层")
    assert counts(town) == [], "this browser came without our cookie"
    for address in ("/search?q=涂层", "/search?q=涂层&kind=achievement", "/search?q=没有的&kind=demand"):
        shown.get(address)
    other = town.client("stranger")
    other.get("/search?q=涂层")
    other.get("/search?q=风口")
    assert counts(town) == [("涂层", 2), ("风口", 1)]


def test_a_search_is_answered_though_it_cannot_be_counted(shown, town: Town, monkeypatch):
    def refuse(*_arguments):
        raise RuntimeError("locked")

    monkeypatch.setattr(popular, "add", refuse)
    shown.get("/")
    with shown.get("/search?q=涂层") as answer:
        assert answer.status_code == 200
    assert counts(town) == []


def test_the_counts_are_written_when_the_answer_has_gone_out(shown, town: Town, monkeypatch):
    written: list[dict] = []
    counter = town.app.extensions["search_counter"]
    monkeypatch.setattr(popular, "add", lambda _session, waiting: written.append(dict(waiting)))
    monkeypatch.setattr(counter, "_next_write", 0.0)
    shown.get("/")
    answer = shown.get("/search?q=涂层")
    assert "涂层" in answer.get_data(as_text=True) and written == []
    answer.close()
    assert [list(one.values()) for one in written] == [[1]]


def test_popular_searches_stand_on_the_home_page_before_the_editors_words(shown, town: Town, now, soup):
    with town.books() as session:
        for day in (now.date(), now.date().replace(day=1)):
            session.add(SearchCount(day=day, text="涂层", times=3))
    with town.books() as session:
        popular.settle(session, now=now.replace(hour=5))
    words = [a.get_text() for a in soup(shown.get("/")).select(".tm-hotwords a")]
    assert words[:2] == ["涂层", "稀土永磁"] and len(words) == 6
