"""The result page: what was understood, what was given up, and the ways out."""

from collections.abc import Iterable

import pytest
from flask.testing import FlaskClient

from marketplace.discovery.services.met import met
from marketplace.listings.content import AchievementContent, AchievementIndicator
from marketplace.permissions import Role
from search.documents import FEN_PER_WAN
from search.measures import read_measures
from tests import factories
from tests.functional.conftest import Town


def publish(town: Town, now, contents: Iterable[AchievementContent]) -> FlaskClient:
    """The visitor's window on these achievements of one house."""
    with town.books() as session:
        house = factories.organisation(session, now=now)
        author = factories.actor(session, Role.ENTERPRISE_MEMBER, house, now=now)
        operator = factories.operator(session, now=now)
        for content in contents:
            factories.published(session, author, session.merge(house), content, operator, now=now)
    town.work()
    return town.client()


@pytest.fixture
def shown(town: Town, now):
    """Two published achievements, one of them with a hardness, and the visitor's window."""
    rows = {"高炉风口耐磨涂层": "62", "耐磨涂层钢板": "50"}
    return publish(
        town,
        now,
        (
            factories.achievement(
                title=title,
                indicators=(AchievementIndicator(name="硬度", value=value, unit="HRC"),),
                keywords=(),
            )
            for title, value in rows.items()
        ),
    )


def chips(page) -> list[str]:
    return [chip.get_text(" ", strip=True) for chip in page.select(".tm-understood .tm-chip")]


def status(page) -> str:
    return page.select_one(".tm-resulthead p").get_text(" ", strip=True)


def titles(page) -> list[str]:
    return [link.get_text(strip=True) for link in page.select("main h2 a")]


def test_a_value_with_its_unit_narrows_and_can_be_taken_back(shown, soup):
    page = soup(shown.get("/search", query_string={"q": "涂层 硬度≥60HRC"}))
    assert any("指标" in chip and "硬度 ≥ 60 HRC" in chip for chip in chips(page))
    assert titles(page) == ["高炉风口耐磨涂层"]
    taken_back = page.select_one(".tm-understood a.tm-chip")["href"]
    assert sorted(titles(soup(shown.get(taken_back)))) == ["耐磨涂层钢板", "高炉风口耐磨涂层"]
    plain = next(a for a in page.select("main a") if a.get_text(strip=True) == "只按原文搜索")["href"]
    assert not any("指标" in chip for chip in chips(soup(shown.get(plain))))


@pytest.mark.parametrize(
    ("asked", "offered"),
    [({"q": "涂层", "kind": "achievement"}, True), ({"q": "涂层", "kind": "demand"}, False), ({}, False)],
)
def test_a_search_with_hits_can_be_posted_as_a_demand_but_for_demands(listed, soup, asked, offered):
    page = soup(listed.client().get("/search", query_string=asked))
    assert titles(page)
    assert any("把它作为需求发布" in way.text for way in page.select(".tm-escape a")) is offered


def badges(page) -> list[str]:
    return [badge.get_text(strip=True) for badge in page.select(".tm-listing .tm-badge--met")]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"q": "涂层 硬度≥60HRC"}, ["硬度 62 HRC，达到"]),
        ({"q": "涂层 硬度≥50HRC"}, ["硬度 62 HRC，达到", "硬度 50 HRC，达到"]),
        ({"q": "涂层"}, []),
        ({"q": "涂层", "measure": "硬度|HRC", "from": "55", "to": "70"}, ["硬度 62 HRC，达到"]),
    ],
)
def test_an_indicator_that_meets_what_was_asked_says_so(shown, soup, asked, said):
    assert sorted(badges(soup(shown.get("/search", query_string=asked)))) == sorted(said)


def test_another_indicator_in_the_same_unit_is_not_taken_for_the_asked_one():
    content = factories.achievement(
        indicators=(
            AchievementIndicator(name="烧结温度", value="1150", unit="℃"),
            AchievementIndicator(name="使用温度", value="900", unit="℃"),
        )
    )
    _words, (asked,) = read_measures("使用温度≥800℃")
    assert met(content, [(asked.name, asked.low, asked.high)]) == {"使用温度"}


def test_a_value_nothing_reaches_is_offered_to_be_loosened(shown, soup):
    page = soup(shown.get("/search", query_string={"q": "涂层 硬度≥99HRC"}))
    way_out = next(a for a in page.select("main a") if "指标" in a.get_text() and "2" in a.get_text())
    assert len(titles(soup(shown.get(way_out["href"])))) == 2


def test_values_given_in_one_breath_go_together_and_leave_both_names(shown, soup):
    page = soup(shown.get("/search", query_string={"q": "涂层 硬度和强度分别≥99HRC和5MPa"}))
    shown_values = " ".join(chips(page))
    assert "硬度 ≥ 99 HRC" in shown_values and "强度 ≥ 5 MPa" in shown_values
    left = soup(shown.get(page.select_one(".tm-understood a.tm-chip")["href"]))
    assert chips(left) == ["涂层", "硬度", "强度"]


def test_a_value_without_a_name_asks_for_whatever_is_measured_in_its_unit(shown, soup):
    page = soup(shown.get("/search", query_string={"q": "≥60HRC 涂层"}))
    assert "指标 ≥ 60 HRC" in " ".join(chips(page)) and titles(page) == ["高炉风口耐磨涂层"]
    assert badges(page) == ["硬度 62 HRC，达到"]
    assert len(titles(soup(shown.get(page.select_one(".tm-understood a.tm-chip")["href"])))) == 2


@pytest.fixture
def priced(town: Town, now):
    """Three achievements for 8–12, 45–60 and 75–85 万元, and the visitor's window."""
    prices = {"甲型耐磨涂层": (8, 12), "乙型耐磨涂层": (45, 60), "丙型耐磨涂层": (75, 85)}
    return publish(
        town,
        now,
        (
            factories.achievement(
                title=title,
                keywords=(),
                price_min_fen=low * FEN_PER_WAN,
                price_max_fen=high * FEN_PER_WAN,
            )
            for title, (low, high) in prices.items()
        ),
    )


@pytest.mark.parametrize(
    ("typed", "chip", "found"),
    [
        ("涂层 预算不超过50万元", "价格 ≤ 50 万元", {"甲型耐磨涂层", "乙型耐磨涂层"}),
        ("60万元以上 涂层", "价格 ≥ 60 万元", {"乙型耐磨涂层", "丙型耐磨涂层"}),
        ("涂层 价格15-30万", "价格 15–30 万元", set()),
    ],
)
def test_a_price_in_the_text_is_a_filter_and_can_be_taken_back(priced, soup, typed, chip, found):
    page = soup(priced.get("/search", query_string={"q": typed}))
    assert any(chip in one.replace("\N{NO-BREAK SPACE}", " ") for one in chips(page))
    assert set(titles(page)) == found
    taken_back = page.select_one(".tm-understood a.tm-chip")["href"]
    assert len(titles(soup(priced.get(taken_back)))) == 3


def test_a_price_nothing_has_is_offered_to_be_loosened(priced, soup):
    page = soup(priced.get("/search", query_string={"q": "涂层 价格15-30万", "price": "100-500"}))
    way_out = next(a for a in page.select(".tm-escape a") if "价格" in a.text and "3" in a.text)
    assert len(titles(soup(priced.get(way_out["href"])))) == 3


def test_synonyms_are_named_and_can_be_taken_back(shown, soup):
    page = soup(shown.get("/search", query_string={"q": "防腐 涂层"}))
    assert "防腐 含同义词 防锈、防腐蚀" in chips(page) and "涂层" in chips(page)
    plain = next(a for a in page.select("main a") if a.get_text(strip=True) == "只按原文搜索")["href"]
    assert "防腐" in chips(soup(shown.get(plain)))


def test_what_only_makes_a_sentence_is_set_aside_and_named(shown, soup):
    page = soup(shown.get("/search", query_string={"q": "我们想找一种风口用的涂层"}))
    assert {"略去 我们", "略去 一种", "略去 的"} <= set(chips(page)) and "风口" in chips(page)
    assert titles(page)[0] == "高炉风口耐磨涂层"
    plain = next(a for a in page.select("main a") if a.get_text(strip=True) == "只按原文搜索")["href"]
    assert "我们" in chips(soup(shown.get(plain)))


def test_words_that_were_given_up_are_named(shown, soup):
    page = soup(shown.get("/search", query_string={"q": "涂层 钢板 光伏"}))
    assert status(page) == (
        "共 2 条 · 没有同时包含“涂层”“钢板”“光伏”的结果"
        " · 包含其中 2 个词的 1 条在前，其后是至少包含其中 1 个词的"
    )
    assert titles(page) == ["耐磨涂层钢板", "高炉风口耐磨涂层"]


def test_few_hits_are_filled_up_with_what_holds_fewer_words(shown, soup):
    page = soup(shown.get("/search", query_string={"q": "涂层 钢板"}))
    assert status(page) == "共 2 条 · 同时包含全部词的 1 条在前，其后是至少包含其中 1 个词的"
    assert titles(page) == ["耐磨涂层钢板", "高炉风口耐磨涂层"]
    counted = page.select_one(".tm-facet input[name=kind]").find_parent("div")
    assert counted.select_one(".tm-facet-count").get_text().split()[-1] == "2", "facets count every hit"
    by_date = soup(shown.get("/search", query_string={"q": "涂层 钢板", "sort": "newest"}))
    assert status(by_date) == "共 2 条 · 同时包含全部词的有 1 条，其余至少包含其中 1 个词"


def test_words_nothing_shares_are_named_without_filling_up(shown, soup):
    page = soup(shown.get("/search", query_string={"q": "光伏 钢板"}))
    assert status(page) == "共 1 条 · 没有同时包含“光伏”“钢板”的结果，以下包含其中 1 个词"


def test_what_a_minus_excludes_is_named_and_absent(shown, soup):
    page = soup(shown.get("/search", query_string={"q": "涂层 -钢板"}))
    assert "不含 钢板" in chips(page)
    assert titles(page) == ["高炉风口耐磨涂层"]


@pytest.mark.parametrize(
    "query",
    [
        "",
        " ",
        "-",
        "--",
        '"',
        "≥",
        "硬度≥",
        "≥60HRC",
        "硬度≥60",
        "\x00\ud800",
        "涂" * 10_000,
        "😀",
        "*:*",
        "\u202e层",
    ],
)
def test_odd_texts_are_answered(shown, query):
    encoded = query.encode("utf-8", "surrogatepass")
    assert shown.get("/search", query_string={"q": encoded}).status_code == 200


def test_an_empty_result_says_what_not_excluding_would_give(listed, soup):
    page = soup(listed.client().get("/search?q=涂层 -堆焊 -风口"))
    way = next(link for link in page.select(".tm-escape a") if link.text.startswith("不排除"))
    assert way.text == "不排除“堆焊、风口”，有 2 条"
    assert "共 2 条" in soup(listed.client().get(way["href"])).main.text
    assert not page.select(".tm-facets fieldset"), "no filter has anything to offer"
