"""Anything in the address of a search is answered with a page that says what it understood and what it left out."""

from urllib.parse import quote

import pytest
from werkzeug.datastructures import MultiDict

from marketplace.discovery import forms
from search.backend import EngineUnavailable
from search.query import MAX_TEXT_LENGTH
from tests import factories
from tests.functional.conftest import Town, publish
from tests.stage import Stage

#: Texts as bytes of the address, and what the page says of the text beside the words it found in it.
TEXTS = {
    "empty": ("", []),
    "spaces": ("%20%E3%80%80%09", []),
    "control characters": ("%00%01%1B%7F%C2%85", []),
    # What is no UTF-8 stays as it was written in the address.
    "lone surrogate": ("%ED%A0%80", ["ed%", "a0%", "80"]),
    "no UTF-8": ("%FF%FE", ["ff%", "fe"]),
    "replacement character": ("%EF%BF%BD", ["查不了 \ufffd"]),
    "emoji": (quote("😀🐎"), ["查不了 😀🐎"]),
    "direction marks": ("%E2%80%AE%E2%81%A6", []),
    "another script": (quote("ᠮᠣᠩᠭᠣᠯ"), ["查不了 ᠮᠣᠩᠭᠣᠯ"]),
    "right to left": (quote("طلاء"), ["查不了 طلاء"]),
    "endless word": ("a" * 150, ["查不了 aaaaaaaaaaaaaaaaaaaa…"]),
    "signs": (quote("*?~^[]{}()+-&|!:\\/"), []),
    "regex": (quote("(涂层)+.*[^a]$"), ["涂层", "a"]),
    "Lucene": (
        quote('title:涂层~2 AND (scopes:* OR _id:"1")'),
        ["title", "涂层", "2", "and", "scopes", "or", "id", "1"],
    ),
    "SQL": (quote("涂层'; DROP TABLE listings; --"), ["涂层", "drop", "table", "listings"]),
    "markup": (quote("<script>alert(1)</script>"), ["script", "alert", "1"]),
    "traditional": (quote("塗層"), ["涂层"]),
    "full width": (quote("ＣＯＡＴ"), ["coat"]),
    "open quote": (quote('"涂层'), ["涂层"]),
    "a word and a picture": (quote("涂层 😀"), ["涂层", "查不了 😀"]),
}


@pytest.fixture
def shown(town: Town, stage: Stage, now):
    """A visitor's window on one achievement and twenty-one demands."""
    stage.set("twenty-two listings", "town", town.app, lambda: _stock(town, now))
    return town.client()


def _stock(town: Town, now) -> None:
    with town.books() as session:
        publish(session, town, "researcher", "university", factories.achievement(), now)
        for _number in range(21):
            publish(session, town, "member", "enterprise", factories.demand(), now)
    town.work()


def parts(page) -> list[str]:
    return [chip.get_text(" ", strip=True) for chip in page.select(".tm-understood .tm-chip")]


def status(page) -> str:
    return page.select_one(".tm-resulthead p").get_text(" ", strip=True)


@pytest.mark.parametrize(("typed", "said"), TEXTS.values(), ids=TEXTS)
def test_the_page_says_how_any_text_was_understood(shown, soup, typed, said):
    answer = shown.get(f"/search?q={typed}")
    assert answer.status_code == 200
    assert parts(soup(answer)) == said
    assert b"<script>alert" not in answer.data


def test_a_text_without_a_single_word_finds_everything_and_says_so(shown, soup):
    assert (
        status(soup(shown.get("/search?q=😀")))
        == "共 22 条 · 搜索内容里没有可以查找的字词，以下是不限搜索词的结果"
    )
    assert status(soup(shown.get("/search"))) == "共 22 条"


@pytest.mark.parametrize("length", [MAX_TEXT_LENGTH + 1, 10_000])
def test_what_is_too_long_is_cut_and_the_page_says_so(shown, soup, length):
    page = soup(shown.get("/search", query_string={"q": "涂层" * (length // 2) + "钢"}))
    assert "搜索内容太长，只用了前 200 个字" in status(page)
    assert page.find("input", {"name": "q"})["value"] == "涂层" * 100
    links = [a["href"] for a in page.select("main a[href*='/search?']")]
    assert links and all(len(link) < 2_000 for link in links)


def test_signs_that_grow_when_they_are_read_do_not_break_the_bound(shown):
    asked = forms.read(MultiDict({"q": "ﷺ" * 120 + " 硬度≥60HRC"}))
    assert len(asked.words) == MAX_TEXT_LENGTH and len(asked.measures) == 1
    assert shown.get("/search", query_string={"q": asked.text}).status_code == 200


@pytest.mark.parametrize(
    ("typed", "number", "note"),
    [
        ("2", "2", None),
        ("3", "2", "没有那么多页，这是最后一页"),
        ("500", "2", "没有那么多页，这是最后一页"),
        ("1000000000", "2", "没有那么多页，这是最后一页"),
        ("9" * 5_000, "2", "没有那么多页，这是最后一页"),
    ],
)
def test_a_page_beyond_the_last_shows_the_last(shown, soup, typed, number, note):
    page = soup(shown.get(f"/search?page={typed}"))
    assert page.select_one(".tm-pager [aria-current]").get_text(strip=True) == f"当前页{number}"
    assert len(page.select("article.tm-listing")) == 2
    assert status(page) == "共 22 条" + (f" · {note}" if note else "")


@pytest.mark.parametrize("typed", ["0", "-1", "text", "٣", "1.5", "1e3"])
def test_what_is_no_page_is_named_and_the_first_page_shown(shown, soup, typed):
    page = soup(shown.get("/search", query_string={"page": typed}))
    assert len(page.select("article.tm-listing")) == 20
    assert f"“页码 {typed}”这一条件不认识，已略去" in page.select_one("main .tm-notice").get_text()


UNKNOWN = {
    "field": "技术领域 no_such_field",
    "industry": "应用行业 Z99",
    "region": "地区 999999",
    "mode": "合作方式 rent",
    "maturity": "成熟度 10",
    "price": "价格 1-2",
    "kind": "类别 expert",
    "published": "发布时间 180",
    "fresh": "最近确认 365",
    "sort": "排序 cheapest",
}


@pytest.mark.parametrize(("parameter", "named"), UNKNOWN.items())
def test_a_condition_nobody_knows_is_named_and_left_out(shown, soup, parameter, named):
    page = soup(shown.get("/search", query_string={parameter: named.split(" ")[1], "q": "涂层"}))
    assert f"“{named}”这一条件不认识，已略去" in page.select_one("main .tm-notice").get_text()
    assert "共 22 条" in status(page)
    for link in page.select("main a[href*='/search']"):
        assert named.split(" ")[1] not in link["href"]


def test_a_code_that_left_its_tree_is_named_and_the_others_still_narrow(shown, soup, monkeypatch):
    known = forms.KNOWN["field"] - {"01"}
    monkeypatch.setattr(forms, "KNOWN", {**forms.KNOWN, "field": known})
    page = soup(shown.get("/search?field=01&field=05&kind=achievement"))
    assert "“技术领域 01”这一条件不认识，已略去" in page.select_one("main .tm-notice").get_text()
    assert status(page) == "共 1 条"


def test_many_unknown_conditions_are_counted_and_long_ones_shortened(shown, soup):
    address = "&".join([f"field=x{number}" for number in range(40)] + [f"mode={'y' * 3_000}"])
    said = soup(shown.get(f"/search?{address}")).select_one("main .tm-notice").get_text()
    assert "技术领域 x0、技术领域 x1" in said and "等 41 个条件不认识，已略去" in said
    assert len(said) < 300
    assert (
        "y" * 30 + "…"
        in soup(shown.get(f"/search?mode={'y' * 3_000}")).select_one("main .tm-notice").get_text()
    )


def test_markup_in_a_condition_stays_text(shown):
    answer = shown.get("/search", query_string={"region": "<img src=x onerror=alert(1)>"})
    assert b"<img src=x" not in answer.data and b"&lt;img src=x" in answer.data


def test_several_spans_of_freshness_mean_the_longest(now):
    asked = forms.read(
        MultiDict([("fresh", "30"), ("fresh", "180"), ("published", "90"), ("published", "30")])
    )
    filters = asked.request(("public",), now.date()).filters
    assert (now.date() - filters.confirmed_since).days == 180
    assert (now.date() - filters.published_since).days == 90


@pytest.fixture
def app_without_engine(town: Town, monkeypatch):
    """A visitor's window while the engine is away."""

    def away(_request):
        raise EngineUnavailable("down")

    monkeypatch.setattr(town.app.extensions["search"], "search", away)
    return town.client()


def test_without_an_engine_any_text_is_answered(app_without_engine):
    for typed, _said in TEXTS.values():
        assert app_without_engine.get(f"/search?q={typed}&page=99").status_code == 200
