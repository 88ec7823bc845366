"""Filters that are trees: the few beside the results, the page of the whole tree, and what an address may ask."""

from urllib.parse import parse_qs, urlsplit

import pytest
from bs4 import BeautifulSoup

from marketplace import codes
from marketplace.discovery import forms
from search.backend import EngineUnavailable
from tests import factories
from tests.functional.conftest import Town, publish

#: Industry and region of each achievement of the market.
LISTED = (
    ("C3130", "150202"),
    ("C3130", "150203"),
    ("C3240", "150102"),
    ("C2614", "150102"),
    ("B0610", "110000"),
    ("A0111", "130100"),
)


@pytest.fixture
def shown(town: Town, now):
    """A visitor's window on six achievements of three industries and three provinces."""
    with town.books() as session:
        for industry, region in LISTED:
            content = factories.achievement(industry_codes=(industry,), region_code=region)
            publish(session, town, "researcher", "university", content, now)
    town.work()
    return town.client()


def fieldset(page: BeautifulSoup, name: str) -> BeautifulSoup:
    return page.select_one(f".tm-facet input[name={name}]").find_parent("fieldset")


def offered(page: BeautifulSoup, name: str) -> list[tuple[str, int, str, bool]]:
    """Value, level, count and tick of each value beside the results."""
    rows = []
    for row in fieldset(page, name).select(".tm-check"):
        level = next((c[-1] for c in row["class"] if c.startswith("tm-check--level-")), "1")
        box, count = row.input, row.select_one(".tm-facet-count").get_text().split()[-1]
        rows.append((box["value"], int(level), count, box.has_attr("checked")))
    return rows


def whole(page: BeautifulSoup) -> dict[str, str]:
    """Value → count of each value on the page of a tree, in its order."""
    return {
        row.input["value"]: row.select_one(".tm-facet-count").get_text()
        for row in page.select(".tm-tree .tm-check")
    }


def total(page: BeautifulSoup) -> str:
    return page.select_one(".tm-resulthead p").get_text(" ", strip=True).split(" · ")[0]


def send(client, form: BeautifulSoup, **changed) -> str:
    """What the form's button opens, with other boxes of one name ticked."""
    data: dict[str, list[str]] = {}
    for field in form.select("input[name]"):
        if field["type"] == "hidden" or field.has_attr("checked"):
            data.setdefault(field["name"], []).append(field["value"])
    return client.get(form["action"], query_string=data | changed)


def test_the_top_level_is_offered_most_frequent_first_and_leads_to_the_whole(shown, soup):
    page = soup(shown.get("/search"))
    assert offered(page, "industry") == [("C", 1, "4", False), ("A", 1, "1", False), ("B", 1, "1", False)]
    more = fieldset(page, "industry").select_one("a.tm-facet-more")
    assert more["href"] == "/search/tree/industry" and more.get_text(strip=True) == "更多应用行业"
    tree = soup(shown.get(more["href"]))
    assert tree.h1.get_text() == "按应用行业筛选"
    assert whole(tree) == {
        "A": "1\xa0条",
        "A01": "1\xa0条",
        "A011": "1\xa0条",
        "A0111": "1\xa0条",
        "B": "1\xa0条",
        "B06": "1\xa0条",
        "B061": "1\xa0条",
        "B0610": "1\xa0条",
        "C": "4\xa0条",
        "C26": "1\xa0条",
        "C261": "1\xa0条",
        "C2614": "1\xa0条",
        "C31": "2\xa0条",
        "C313": "2\xa0条",
        "C3130": "2\xa0条",
        "C32": "1\xa0条",
        "C324": "1\xa0条",
        "C3240": "1\xa0条",
    }
    assert not tree.select(".tm-tree details[open]"), "nothing is chosen, so nothing stands open"


def test_what_is_all_there_needs_no_page(shown, soup):
    page = soup(shown.get("/search?industry=A0111"))
    assert offered(page, "region") == [("130000", 1, "1", False)]
    assert fieldset(page, "region").select_one("a.tm-facet-more")["href"].startswith("/search/tree/region?")
    assert not fieldset(page, "kind").select("a.tm-facet-more"), "a list without levels has no whole tree"


def test_a_chosen_child_keeps_its_parents_open(shown, soup):
    page = soup(shown.get("/search?industry=C313"))
    assert total(page) == "共 2 条"
    assert offered(page, "industry") == [
        ("C", 1, "4", False),
        ("C31", 2, "2", False),
        ("C313", 3, "2", True),
        ("C3130", 4, "2", False),
        ("C26", 2, "1", False),
        ("C32", 2, "1", False),
        ("A", 1, "1", False),
        ("B", 1, "1", False),
    ]
    tree = soup(shown.get("/search/tree/industry?industry=C313"))
    opened = [
        one.find_previous_sibling("div").input["value"] for one in tree.select(".tm-tree details[open]")
    ]
    assert opened == ["C", "C31", "C313"]
    assert [box["value"] for box in tree.select(".tm-tree input[checked]")] == ["C313"]


def test_counts_ignore_the_facets_own_choice_on_every_level_and_obey_the_others(shown, soup):
    page = soup(shown.get("/search/tree/region?region=150202&industry=C31"))
    assert whole(page) == {"150000": "2\xa0条", "150200": "2\xa0条", "150202": "1\xa0条", "150203": "1\xa0条"}
    beside = soup(shown.get("/search?region=150202&industry=C31"))
    assert [row[0] for row in offered(beside, "region")] == ["150000", "150200", "150202", "150203"]
    assert [row for row in offered(beside, "industry") if row[1] == 1] == [("C", 1, "1", False)]


def test_the_page_of_a_tree_keeps_the_rest_of_the_search(shown, soup):
    rest = "q=涂层&kind=achievement&region=150000&sort=newest"
    page = soup(shown.get(f"/search/tree/industry?{rest}&industry=C26&page=3"))
    answer = send(shown, page.select_one("form.tm-card"), industry=["C31", "C26"])
    assert answer.request.args.to_dict(flat=False) == {
        "q": ["涂层"],
        "kind": ["achievement"],
        "region": ["150000"],
        "sort": ["newest"],
        "industry": ["C31", "C26"],
    }
    assert total(soup(answer)) == "共 3 条"


def test_a_part_narrows_the_whole_it_lies_in(shown, soup):
    page = soup(shown.get("/search?region=150000&region=150200&region=110000"))
    assert total(page) == "共 3 条"
    assert [row[0] for row in offered(page, "region") if row[3]] == ["150200", "110000"]


def test_a_choice_without_hits_stays_to_be_taken_off(shown, soup):
    page = soup(shown.get("/search?industry=A0111&region=150202"))
    assert total(page) == "共 0 条"
    assert ("A0111", 4, "0", True) in offered(page, "industry")
    assert ("150202", 3, "0", True) in offered(page, "region")
    tree = soup(shown.get("/search/tree/region?industry=A0111&region=150202"))
    assert whole(tree)["150202"] == "0\xa0条" and whole(tree)["150000"] == "0\xa0条"
    again = soup(send(shown, tree.select_one("form.tm-card"), region=[]))
    assert total(again) == "共 1 条"


def test_only_the_first_few_are_offered_beside_the_results(town: Town, now, soup):
    with town.books() as session:
        for industry in ("A0111", "B0610", "D4411", "E4710", "F5111", "G5311", "G5311"):
            content = factories.achievement(industry_codes=(industry,))
            publish(session, town, "researcher", "university", content, now)
    town.work()
    page = soup(town.client().get("/search?industry=F"))
    assert [row[0] for row in offered(page, "industry") if row[1] == 1] == ["G", "A", "B", "D", "E", "F"]
    assert ("F", 1, "1", True) in offered(page, "industry"), "what is chosen is there, beyond the first few"


@pytest.mark.parametrize("value", ["Z99", "C9999", "..%2F", "C" * 3_000, "%ED%A0%80"])
def test_codes_nobody_knows_are_named_and_dropped(shown, soup, value):
    answer = shown.get(f"/search/tree/industry?industry={value}&industry=C31")
    page = soup(answer)
    said = page.select_one("main .tm-notice").get_text(strip=True)
    assert answer.status_code == 200
    assert said.startswith("注意：“应用行业 ") and said.endswith("”这一条件不认识，已略去")
    assert [box["value"] for box in page.select(".tm-tree input[checked]")] == ["C31"]


def test_a_code_that_left_its_tree_has_no_branch_though_the_index_still_holds_it(shown, soup, monkeypatch):
    kept = codes.CodeList([code for code in codes.industries() if not code.code.startswith("C31")])
    monkeypatch.setitem(forms.TREES, "industry", lambda: kept)
    monkeypatch.setattr(forms, "KNOWN", {**forms.KNOWN, "industry": frozenset(code.code for code in kept)})
    page = soup(shown.get("/search/tree/industry?industry=C3130&industry=C32"))
    assert "“应用行业 C3130”这一条件不认识，已略去" in page.select_one("main .tm-notice").get_text()
    assert not [code for code in whole(page) if code.startswith("C31")]
    assert whole(page)["C"] == "4\xa0条", "what the index counted for those above stays"
    assert total(soup(shown.get("/search?industry=C3130&industry=C32"))) == "共 1 条"


def test_a_code_whose_parent_is_new_shows_it_without_hits(shown, soup, monkeypatch):
    moved = [
        codes.Code(c.code, c.name, "C99" if c.code == "C31" else c.parent, c.more) for c in codes.industries()
    ]
    tree = codes.CodeList([*moved, codes.Code("C99", "新分的大类", "C", {})])
    monkeypatch.setitem(forms.TREES, "industry", lambda: tree)
    monkeypatch.setattr(codes, "industries", lambda: tree)
    shown_tree = whole(soup(shown.get("/search/tree/industry")))
    assert (shown_tree["C99"], shown_tree["C31"]) == ("0\xa0条", "2\xa0条")


@pytest.mark.parametrize("name", ["kind", "mode", "price", "x", "industry/..", "INDUSTRY"])
def test_what_has_no_levels_has_no_page(shown, name):
    assert shown.get(f"/search/tree/{name}").status_code == 404


def test_nothing_to_choose_says_so_and_leads_back(shown, soup):
    page = soup(shown.get("/search/tree/industry?kind=demand"))
    assert "其他条件下没有结果，所以没有可选的应用行业。" in page.main.text
    assert [a.get_text() for a in page.select("main a[href='/search?kind=demand']")] == [
        "搜索结果",
        "返回搜索结果",
    ]


def test_without_an_engine_the_page_says_so(shown, town: Town, monkeypatch, soup):
    def away(_request):
        raise EngineUnavailable("down")

    monkeypatch.setattr(town.app.extensions["search"], "search", away)
    answer = shown.get("/search/tree/industry?industry=C31")
    assert answer.status_code == 200 and "搜索服务正在恢复：筛选稍后可用。" in soup(answer).main.text


def ways(page: BeautifulSoup) -> dict[str, str]:
    return {a.get_text(): a["href"] for a in page.select(".tm-escape a")}


def test_few_hits_offer_to_take_all_filters_off(shown, soup):
    page = soup(shown.get("/search?q=涂层&industry=A0111&region=150202&sort=newest"))
    way = ways(page)["去掉全部筛选条件，有 6 条"]
    assert parse_qs(urlsplit(way).query) == {"q": ["涂层"], "sort": ["newest"]}
    assert total(soup(shown.get(way))) == "共 6 条"


@pytest.mark.parametrize(
    "address",
    [
        "/search?q=涂层&region=150202",  # one filter is offered by itself
        "/search?q=没有的东西&industry=A&region=150202",  # nothing either way
        "/search?q=涂层&industry=A&industry=B&industry=C&kind=achievement",  # enough was found
    ],
)
def test_taking_all_filters_off_is_offered_only_where_it_helps(shown, soup, address):
    assert not [label for label in ways(soup(shown.get(address))) if label.startswith("去掉全部")]


def test_values_in_the_text_go_with_the_filters(shown, soup):
    page = soup(shown.get("/search", query_string={"q": "涂层 硬度≥99HRC", "region": "150202"}))
    way = ways(page)["去掉全部筛选条件，有 6 条"]
    assert parse_qs(urlsplit(way).query) == {"q": ["涂层 硬度"]}
