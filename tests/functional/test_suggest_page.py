"""The suggestions as a page for people without a script and as JSON for the script."""

from urllib.parse import parse_qs, urlsplit

import pytest

from tests import factories
from tests.functional.conftest import Town, publish
from tests.functional.test_query_counts import statements
from tests.functional.test_search_bad_input import TEXTS


@pytest.fixture
def shown(listed: Town):
    """A visitor's window on the town's achievement and demand."""
    return listed.client()


def test_the_page_says_of_each_suggestion_what_it_is_and_what_it_finds(shown, soup):
    page = soup(shown.get("/search/suggest?q=tc"))
    rows = [link.get_text(" ", strip=True) for link in page.select(".tm-suggested a")]
    assert rows[0] == "词 涂层 2\xa0条"
    assert {"成果 高炉风口用耐高温耐磨涂层及等离子堆焊工艺", "需求 高炉风口套表面耐磨涂层"} <= set(rows)
    first, last = page.select(".tm-suggested a")[0]["href"], page.select(".tm-suggested a")[-1]["href"]
    assert parse_qs(urlsplit(first).query) == {"q": ["涂层"]}
    assert shown.get(last).status_code == 200
    assert page.find("input", {"name": "q"})["value"] == "tc"


def test_the_same_address_answers_a_program_in_json(shown):
    answers = [
        shown.get("/search/suggest?q=tc&kind=demand", headers={"Accept": "application/json"}),
        shown.get("/search/suggest.json?q=tc&kind=demand"),
    ]
    for answer in answers:
        assert answer.mimetype == "application/json" and answer.headers["Cache-Control"] == "no-store"
    assert answers[0].json == answers[1].json
    assert "Accept" in answers[0].vary and shown.get("/search/suggest?q=tc").mimetype == "text/html"
    assert answers[0].json["query"] == "tc"
    assert answers[0].json["suggestions"][0] == {
        "kind": "word",
        "label": "词",
        "text": "涂层",
        "note": "1 条",
        "hits": 1,
        "url": "/search?q=%E6%B6%82%E5%B1%82&kind=demand",
    }
    kinds = {row["kind"]: row["url"] for row in answers[0].json["suggestions"]}
    assert kinds["achievement"].startswith("/listings/A2026-") and kinds["demand"].startswith(
        "/listings/D2026-"
    )


def test_without_a_suggestion_the_page_leads_on(shown, soup):
    empty = soup(shown.get("/search/suggest"))
    assert "拼音首字母" in empty.find("main").text
    nothing = soup(shown.get("/search/suggest?q=不存在的东西&kind=demand"))
    assert "没有以此开头的词和标题" in nothing.find("main").text
    link = next(a for a in nothing.select("main a.btn"))
    assert parse_qs(urlsplit(link["href"]).query) == {"q": ["不存在的东西"], "kind": ["demand"]}


@pytest.mark.parametrize("typed", [typed for typed, _said in TEXTS.values()], ids=TEXTS)
def test_any_text_is_answered(shown, typed):
    for path in ("/search/suggest", "/search/suggest.json"):
        answer = shown.get(f"{path}?q={typed}&kind=x&page=-1&field=x")
        assert answer.status_code == 200
        assert answer.is_json or b"<script>alert" not in answer.data


def test_a_text_of_any_length_is_answered(shown):
    for typed in ("涂层" * 5_000, "tuceng " * 2_000, "a" * 10_000):
        answer = shown.get("/search/suggest.json", query_string={"q": typed})
        assert answer.status_code == 200 and len(answer.json["query"]) <= 200


def test_markup_in_a_title_stays_text(town: Town, now, soup):
    with town.books() as session:
        content = factories.demand(title="<b>粗体</b>涂层难题")
        publish(session, town, "member", "enterprise", content, now)
    town.work()
    answer = town.client().get("/search/suggest?q=粗体")
    assert b"<b>" not in answer.data and "<b>粗体</b>涂层难题" in soup(answer).find("main").text


def test_more_listings_do_not_mean_more_statements(listed: Town, now):
    def asked() -> int:
        with statements(listed.app) as seen:
            assert listed.client().get("/search/suggest.json?q=tc gao").status_code == 200
        return len(seen)

    few = asked()
    with listed.books() as session:
        for _number in range(12):
            publish(session, listed, "member", "enterprise", factories.demand(), now)
    listed.work()
    assert asked() == few <= 10


def test_the_search_box_says_where_suggestions_come_from(shown, soup):
    for path in ("/", "/search?q=涂层"):
        page = soup(shown.get(path))
        form = page.select_one("form[data-suggest]")
        assert form["data-suggest"] == "/search/suggest.json"
        assert page.select_one('script[src$="js/suggest.js"]')
        assert page.select_one("noscript button")["formaction"] == "/search/suggest"


@pytest.mark.parametrize("rate_limit_url", ["memory://"])
def test_too_many_questions_are_refused_politely(shown):
    codes = [shown.get("/search/suggest.json?q=tc").status_code for _ in range(3)]
    assert codes == [200, 200, 200]
    answer = shown.get("/search/suggest.json?q=tc")
    assert answer.headers["X-RateLimit-Limit"] == "600"
