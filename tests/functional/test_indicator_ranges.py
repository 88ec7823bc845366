"""Indicators as filters of the result page: picked from those the hits state, with from and to."""

from urllib.parse import parse_qs, urlsplit

import pytest
from bs4 import BeautifulSoup
from werkzeug.datastructures import MultiDict

from marketplace.discovery import ranges
from marketplace.discovery.ranges import AskedRange, Problem
from marketplace.listings.content import AchievementIndicator
from search.backend import EngineUnavailable
from tests import factories
from tests.functional.conftest import Town, publish

LISTED = (
    ("高炉风口耐磨涂层", (("硬度", "62", "HRC"), ("结合强度", "68", "MPa"))),
    ("耐磨涂层钢板", (("硬度", "50", "HRC"),)),
    ("叶片涂层检测", (("结合强度", "≥40000", "kPa"), ("工作温度", "-40～950", "℃"))),
)


@pytest.fixture
def shown(town: Town, now):
    """A visitor's window on three achievements with their indicators."""
    with town.books() as session:
        for title, rows in LISTED:
            indicators = tuple(AchievementIndicator(name=n, value=v, unit=u) for n, v, u in rows)
            content = factories.achievement(title=title, indicators=indicators, keywords=())
            publish(session, town, "researcher", "university", content, now)
    town.work()
    return town.client()


def ask(client, *lines: tuple[str, str, str], **rest) -> dict:
    """The parameters of an address with these ranges."""
    keys, lows, highs = zip(*lines, strict=True) if lines else ((), (), ())
    return client.get("/search", query_string={"measure": keys, "from": lows, "to": highs} | rest)


def titles(page: BeautifulSoup) -> list[str]:
    return sorted(link.get_text(strip=True) for link in page.select("main h2 a"))


def chips(page: BeautifulSoup) -> dict[str, str]:
    found = page.select("main .tm-chips a.tm-chip")
    return {chip.get_text(" ", strip=True).removesuffix(" （去掉这一条）"): chip["href"] for chip in found}


def lines(page: BeautifulSoup) -> list[tuple[str, str, str]]:
    """Indicator, from and to of every line of the filter, as the form would send them."""
    return [
        (
            (row.select_one("input[name=measure]") or {"value": ""})["value"],
            row.select_one("input[name=from]")["value"],
            row.select_one("input[name=to]")["value"],
        )
        for row in page.select(".tm-range")
    ]


def offered(page: BeautifulSoup) -> dict[str, str]:
    return {o["value"]: o.get_text() for o in page.select("select[name=measure] option") if o["value"]}


def said(page: BeautifulSoup) -> list[str]:
    return [one.get_text(strip=True) for one in page.select("main .tm-notice--attention")]


def test_the_indicators_the_hits_state_are_offered_with_their_units(shown, soup):
    page = soup(shown.get("/search?q=涂层"))
    more = page.select_one(".tm-ranges a.tm-facet-more")
    assert more.get_text() == "选择指标" and not lines(page)
    list_page = soup(shown.get(more["href"]))
    assert list(offered(list_page).items()) == [
        ("硬度|HRC", "硬度（HRC）2 条"),
        ("结合强度|MPa", "结合强度（MPa）2 条"),
        ("工作温度|°C", "工作温度（℃）1 条"),
    ]
    assert lines(list_page) == [("", "", "")]
    kept = {field["name"]: field["value"] for field in list_page.select("form.tm-card input[type=hidden]")}
    assert kept == {"q": "涂层"}
    narrowed = soup(shown.get("/search/indicators?q=叶片"))
    assert offered(narrowed) == {"工作温度|°C": "工作温度（℃）1 条", "结合强度|kPa": "结合强度（kPa）1 条"}


def test_one_that_is_asked_for_is_not_offered_again_and_can_be_changed(shown, soup):
    page = soup(shown.get("/search/indicators?measure=硬度|HRC&from=60&to="))
    assert offered(page) == {"结合强度|MPa": "结合强度（MPa）1 条"}, "what the hits of the range state"
    assert lines(page) == [("硬度|HRC", "60", ""), ("", "", "")]


def test_the_page_of_indicators_has_its_ways_back(shown, town: Town, soup, monkeypatch):
    page = soup(shown.get("/search/indicators?q=没有的东西&region=999999"))
    assert "当前结果里没有写明数值的指标。" in page.main.text
    assert said(page) == ["注意：“地区 999999”这一条件不认识，已略去"]
    back = [a["href"] for a in page.select("main a") if a.get_text() == "返回搜索结果"]
    assert [parse_qs(urlsplit(link).query) for link in back] == [{"q": ["没有的东西"]}]

    def away(_request):
        raise EngineUnavailable("down")

    monkeypatch.setattr(town.app.extensions["search"], "search", away)
    limited = shown.get("/search/indicators?measure=硬度|HRC&from=60&to=")
    assert limited.status_code == 200
    assert said(soup(limited)) == ["注意：搜索服务正在恢复：筛选稍后可用。"]
    assert lines(soup(limited)) == [("硬度|HRC", "60", "")]


def test_what_stands_under_confidentiality_is_no_indicator_of_the_list(town: Town, now, soup):
    with town.books() as session:
        content = factories.achievement(confidentiality="signed_in")
        assert content.indicators
        publish(session, town, "researcher", "university", content, now)
    town.work()
    page = soup(town.client().get("/search/indicators"))
    assert offered(page) == {} and "当前结果里没有写明数值的指标。" in page.main.text


def test_a_range_narrows_and_is_a_chip_that_can_be_taken_off(shown, soup):
    page = soup(ask(shown, ("硬度|HRC", "60", ""), q="涂层", sort="newest"))
    assert titles(page) == ["高炉风口耐磨涂层"]
    assert list(chips(page)) == ["硬度 ≥ 60 HRC"]
    assert lines(page) == [("硬度|HRC", "60", "")]
    again = shown.get(chips(page)["硬度 ≥ 60 HRC"])
    assert len(titles(soup(again))) == 3
    assert again.request.args.to_dict() == {"q": "涂层", "sort": "newest"}


@pytest.mark.parametrize(
    ("line", "chip", "expected"),
    [
        (("硬度|HRC", "50", "62"), "硬度 50–62 HRC", ["耐磨涂层钢板", "高炉风口耐磨涂层"]),
        (("硬度|HRC", "", "60"), "硬度 ≤ 60 HRC", ["耐磨涂层钢板"]),
        (("硬度|HRC", "62", "62.0"), "硬度 62 HRC", ["高炉风口耐磨涂层"]),
        (("结合强度|MPa", "40", ""), "结合强度 ≥ 40 MPa", ["叶片涂层检测", "高炉风口耐磨涂层"]),
        (("结合强度|kPa", "４0,001", ""), "结合强度 ≥ 40001 kPa", ["高炉风口耐磨涂层"]),
        (("工作温度|℃", "−50", "0"), "工作温度 -50–0 ℃", ["叶片涂层检测"]),
        (("硬度|HV", "1", ""), "硬度 ≥ 1 HV", []),
    ],
)
def test_units_widths_and_signs_are_understood(shown, soup, line, chip, expected):
    page = soup(ask(shown, line))
    assert titles(page) == expected
    assert next(iter(chips(page))) == chip


def test_several_ranges_and_a_typed_value_all_apply(shown, soup):
    hard, strong = ("硬度|HRC", "40", ""), ("结合强度|MPa", "50", "")
    page = soup(ask(shown, hard, strong, q="涂层 硬度≥60HRC"))
    assert titles(page) == ["高炉风口耐磨涂层"]
    assert {"硬度 ≥ 40 HRC", "结合强度 ≥ 50 MPa"} <= chips(page).keys()
    left = soup(shown.get(chips(page)["硬度 ≥ 40 HRC"]))
    assert lines(left)[0] == strong and "结合强度 ≥ 50 MPa" in chips(left)


def test_the_other_filters_and_the_files_keep_the_range(shown, soup):
    page = soup(ask(shown, ("硬度|HRC", "60", ""), kind="achievement"))
    for link in page.select("main .tm-tabs a, main .tm-resultacts a[href*='/search.']"):
        assert "measure=" in link["href"] and "from=60" in link["href"], link["href"]
    tree = soup(shown.get(page.select_one("a.tm-facet-more")["href"]))
    kept = {field["name"]: field["value"] for field in tree.select("form.tm-card input[type=hidden]")}
    assert kept == {"kind": "achievement", "measure": "硬度|HRC", "from": "60", "to": ""}
    csv = next(a["href"] for a in page.select(".tm-resultacts a") if ".csv" in a["href"])
    exported = shown.get(csv).get_data(as_text=True)
    assert "高炉风口耐磨涂层" in exported and "耐磨涂层钢板" not in exported


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (("硬度|HRC", "六十", "70"), "注意：硬度：“六十”不是数字，这一条没有用上。"),
        (("硬度|HRC", "1e9", "abc"), "注意：硬度：“1e9”“abc”不是数字，这一条没有用上。"),
        (("硬度|HRC", "70", "60"), "注意：硬度：下限 70 大于上限 60，这一条没有用上。"),
        (("硬度|HRC", "", ""), "注意：硬度：请填写下限或上限，这一条还没有用上。"),
        (("", "60", ""), "注意：指标：请先选择指标，再填写范围。"),
        (("硬度|HRC", "nan", ""), "注意：硬度：“nan”不是数字，这一条没有用上。"),
        (("硬度|HRC", "9" * 13, ""), f"注意：硬度：“{'9' * 13}”不是数字，这一条没有用上。"),
        (("硬度|HRC", "٦", ""), "注意：硬度：“٦”不是数字，这一条没有用上。"),
    ],
)
def test_what_is_no_range_gets_a_sentence_and_stays_typed(shown, soup, line, sentence):
    answer = ask(shown, line, q="涂层")
    page = soup(answer)
    assert answer.status_code == 200 and said(page) == [sentence]
    assert lines(page)[0] == line
    invalid = page.select(".tm-range")[0].select("input[aria-invalid=true]")
    assert len(invalid) == 2 and page.find(id=invalid[0]["aria-describedby"])
    assert page.select_one("details.tm-facets").has_attr("open"), "also where the panel is folded"
    assert len(titles(page)) == 3 and not [chip for chip in chips(page) if "硬度" in chip]


def test_who_forgot_the_indicator_can_pick_it_at_once(shown, soup):
    page = soup(ask(shown, ("", "60", "70"), q="钢板"))
    assert lines(page) == [("", "60", "70")]
    assert offered(page) == {"硬度|HRC": "硬度（HRC）1 条"}


@pytest.mark.parametrize(
    "key", ["硬度", "|", "|HRC", "硬度|", "a|b|c", "长" * 41 + "|HRC", "<b>|x|", "x" * 3_000]
)
def test_what_names_no_indicator_is_named_and_dropped(shown, soup, key):
    answer = ask(shown, (key, "60", ""))
    page = soup(answer)
    assert answer.status_code == 200 and len(titles(page)) == 3
    (sentence,) = said(page)
    assert sentence.startswith(f"注意：“指标 {key[:20]}") and sentence.endswith("这一条件不认识，已略去")
    assert b"<b>" not in answer.data


def test_an_indicator_no_hit_states_stays_to_be_taken_off_and_can_be_loosened(shown, soup):
    page = soup(ask(shown, ("导热系数|W/(m·K)", "1", ""), q="涂层 硬度≥60HRC"))
    assert titles(page) == [] and list(chips(page))[-1].startswith("导热系数 ≥ 1 ")
    way = next(a for a in page.select(".tm-escape a") if a.get_text() == "去掉“指标”条件，有 2 条")
    loosened = shown.get(way["href"])
    assert loosened.request.args.to_dict() == {"q": "涂层 硬度"}
    assert len(titles(soup(loosened))) == 2


def test_at_most_five_ranges_are_read(shown, soup):
    many = [(f"指标{number}|mm", "1", "") for number in range(7)]
    page = soup(ask(shown, *many))
    assert said(page) == ["注意：“指标 指标5|mm、指标 指标6|mm”这一条件不认识，已略去"]
    assert [line[0] for line in lines(page)] == [key for key, _low, _high in many[:5]]


@pytest.mark.parametrize(
    ("address", "usable", "faulty"),
    [
        ({"measure": ["硬度|HRC"], "from": ["60"]}, [("硬度|HRC", "60", "")], []),
        ({"measure": ["硬度|HRC"]}, [], [("硬度|HRC", "", "")]),
        ({"from": ["60"], "to": ["", "70"]}, [], [("", "60", ""), ("", "", "70")]),
        ({"measure": ["", ""], "from": ["", ""], "to": ["", ""]}, [], []),
        ({"measure": ["硬度|HRC"] * 2, "from": ["60"] * 2, "to": [""] * 2}, [("硬度|HRC", "60", "")], []),
    ],
)
def test_addresses_that_no_form_sends(address, usable, faulty):
    found, unknown = ranges.read(MultiDict(address))
    assert [(one.key, one.low, one.high) for one in found.usable] == usable
    assert [(one.key, one.low, one.high) for one in found.faulty] == faulty and unknown == []
    assert all(isinstance(one.problem, Problem) for one in found.faulty)


def test_the_address_of_a_range_is_read_as_itself():
    asked = ranges.AskedRanges((AskedRange("硬度|HRC", "", "5"), AskedRange("水分|%", "1", "")))
    again, unknown = ranges.read(MultiDict(asked.parameters()))
    assert (again, unknown) == (asked, [])


def test_a_range_can_be_saved_and_is_named(town: Town, shown, soup):
    client = town.client("member")
    page = soup(client.get("/my/searches/new?measure=硬度|HRC&from=60&to="))
    facts = page.main.get_text(" ", strip=True)
    assert "指标" in facts and "硬度 ≥ 60 HRC" in facts
