"""The gap table as people read it: both sides, one industry closer, links into the search, the file."""

import csv
import io

import pytest

from tests import factories
from tests.functional.conftest import Town, publish


@pytest.fixture
def counted(town: Town, now) -> Town:
    """A demand that nothing meets, and a limited one that nobody may learn of."""
    with town.books() as session:
        publish(session, town, "member", "enterprise", factories.demand(wanted_trl=6), now)
        secret = factories.demand(title="定向公开的盐碱地改良难题", industry_codes=("A01",), limited=True)
        publish(session, town, "stranger", "other", secret, now)
    town.work()
    return town


def rows(page) -> list[list[str]]:
    return [
        [cell.get_text(" ", strip=True) for cell in row.select("th, td")] for row in page.select("tbody tr")
    ]


def test_the_table_counts_and_says_what_and_when(counted, soup):
    page = soup(counted.client().get("/gaps"))
    assert rows(page) == [["制造业", "—", "1 / 1", "—", "—", "1 / 1"]]
    text = page.main.get_text(" ", strip=True)
    assert "更新时间 2026-03-03" in text and "口径：" in text
    assert page.select_one("table caption").get_text() == "没有匹配的需求数 / 需求总数"
    assert {head["scope"] for head in page.select("thead th")} == {"col"}
    assert {head["scope"] for head in page.select("tbody th, tfoot th")} == {"row"}


def test_a_cell_leads_to_just_those_listings(counted, soup):
    page = soup(counted.client().get("/gaps"))
    link = page.select_one("tbody td[data-label='5–7 级'] a")["href"]
    assert link == "/search?kind=demand&industry=C&maturity=5-7"
    assert "共 1 条" in soup(counted.client().get(link)).main.get_text(" ", strip=True)


def test_an_industry_opens_into_its_divisions(counted, soup):
    page = soup(counted.client().get("/gaps"))
    deeper = page.select_one("tbody th a")["href"]
    assert deeper == "/gaps?side=demand&industry=C"
    opened = soup(counted.client().get(deeper))
    assert rows(opened)[0][0] == "黑色金属冶炼和压延加工业"
    assert opened.select_one("tbody th a") is None
    assert opened.h1.get_text() == "制造业"


@pytest.mark.parametrize(
    "query", ["side=x", "industry=ZZ", "industry=C31", "industry=", "side=demand&side=x"]
)
def test_unknown_choices_are_the_whole_table(counted, soup, query):
    answer = counted.client().get(f"/gaps?{query}")
    assert answer.status_code == 200
    assert rows(soup(answer))[0][0] == "制造业"


def test_the_other_side_and_an_empty_market(counted, town, soup):
    text = soup(counted.client().get("/gaps?side=achievement")).main.get_text(" ", strip=True)
    assert "现在没有可以统计的信息。" in text


def test_the_file_holds_the_same_figures(counted):
    answer = counted.client().get("/gaps.csv")
    assert answer.status_code == 200 and answer.mimetype == "text/csv"
    lines = list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    assert lines[0] == ["方向", "行业代码", "行业", "成熟度", "没有匹配", "共有"]
    assert ["需求缺供给", "C31", "黑色金属冶炼和压延加工业", "5–7 级", "1", "1"] in lines
    assert lines[-1][0].startswith("更新时间 2026-03-03")
    assert "定向" not in str(lines[1:-1]) and not any(line[1] == "A" for line in lines[1:-1])
    assert counted.client().get("/gaps.xlsx").status_code == 200
    assert counted.client().get("/gaps.pdf").status_code == 404
