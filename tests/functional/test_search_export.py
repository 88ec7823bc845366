"""The hits of a search as a file: what is in each cell, and how the result page offers it."""

import csv
import io
from urllib.parse import unquote

import pytest
from openpyxl import load_workbook

from marketplace.discovery.presenters import exported
from marketplace.discovery.services import exporting
from marketplace.listings.content import PriceKind
from search.backend import EngineUnavailable
from tests import factories
from tests.functional.conftest import Town, publish

HEADINGS = [
    *("编号", "类别", "名称", "单位", "技术领域", "应用行业", "地区", "成熟度", "合作方式"),
    *("价格或预算（万元）", "最近确认", "链接"),
]
NOT_SAID = factories.demand(
    title="=cmd|'/c calc'!A1",
    hide_owner=True,
    budget_public=False,
    wanted_trl=6,
    region_code="150100",
)


def rows_of(answer) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))


@pytest.fixture
def stocked(listed: Town, now) -> Town:
    """The town with a demand that hides what may be hidden."""
    with listed.books() as session:
        listed.listings["hidden"] = publish(session, listed, "member", "enterprise", NOT_SAID, now)
    listed.work()
    return listed


def test_a_file_has_a_line_for_every_hit(stocked: Town, soup):
    answer = stocked.client().get("/search.csv?kind=achievement")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert "2026-03-03.csv" in answer.headers["Content-Disposition"]
    assert answer.data.startswith(b"\xef\xbb\xbf")
    page = soup(stocked.client().get(f"/organisations/{stocked.houses['university']}"))
    number = stocked.listings["achievement"]
    assert rows_of(answer) == [
        HEADINGS,
        [
            number,
            "成果",
            factories.achievement().title,
            page.find("h1").get_text(strip=True),
            "新材料及其应用",
            "制造业 / 黑色金属冶炼和压延加工业",
            "内蒙古自治区 包头市 昆都仑区",
            "7 环境级",
            "普通许可、转让",
            "45–60",
            "2026-03-03",
            f"http://localhost/listings/{number}",
        ],
    ]


def test_what_is_hidden_on_the_page_is_hidden_in_the_file_and_no_cell_is_a_formula(stocked: Town):
    for person in (None, "stranger", "member"):
        lines = rows_of(stocked.client(person).get("/search.csv?kind=demand&sort=newest"))
        (hidden,) = [line for line in lines if line[0] == stocked.listings["hidden"]]
        assert hidden[1:4] == ["需求", "'=cmd|'/c calc'!A1", "未公开单位名称"], person
        assert hidden[6:10] == ["内蒙古自治区 呼和浩特市", "6 正样级", "普通许可", "预算不公开"], person


@pytest.mark.parametrize(
    ("kind", "low", "high", "said"),
    [
        (PriceKind.FIXED, 45_000_000, None, "45"),
        (PriceKind.FIXED, 45_000_000, 45_000_000, "45"),
        (PriceKind.BAND, 45_000_000, 60_500_000, "45–60.5"),
        (PriceKind.NEGOTIABLE, 45_000_000, 60_000_000, "45–60（可面议）"),
        (PriceKind.NEGOTIABLE, None, None, "来源只写“面议”，未给区间"),
        ("", None, None, ""),
    ],
)
def test_a_price_is_written_in_wan_yuan_with_what_is_said_about_it(site, kind, low, high, said):
    content = factories.achievement(price_kind=kind, price_min_fen=low, price_max_fen=high)
    with site.test_request_context():
        assert exported._price(exported.row_price(content)) == said


def test_a_workbook_says_the_same(stocked: Town):
    address = "?kind=demand&sort=newest"
    answer = stocked.client().get(f"/search.xlsx{address}")
    assert answer.mimetype == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    sheet = load_workbook(io.BytesIO(answer.data)).active
    cells = [["" if cell.value is None else cell.value for cell in row] for row in sheet]
    lines = rows_of(stocked.client().get(f"/search.csv{address}"))
    assert cells == [[cell.removeprefix("'") for cell in line] for line in lines]
    assert {cell.data_type for row in sheet for cell in row if cell.value} == {"s"}


def test_a_file_that_was_cut_says_so_in_its_last_line(stocked: Town, monkeypatch):
    monkeypatch.setattr(exporting, "MOST_EXPORTED", 1)
    monkeypatch.setattr(exported, "MOST_EXPORTED", 1)
    lines = rows_of(stocked.client().get("/search.csv?kind=demand"))
    assert len(lines) == 3
    assert lines[-1] == ["结果超过 1 条，这里只有前 1 条；请加条件缩小范围后再导出。"]


def test_a_file_says_in_its_last_line_what_was_not_understood(stocked: Town):
    lines = rows_of(stocked.client().get("/search.csv?kind=achievement&region=999999"))
    assert len(lines) == 3
    assert lines[-1] == ["“地区 999999”这一条件不认识，已略去"]


def test_the_result_page_offers_the_file_of_just_this_search(stocked: Town, soup):
    client = stocked.client()
    page = soup(client.get("/search?q=涂层&kind=demand&field=05&fresh=90&page=1&evil=1&sort=newest"))
    links = {a.get_text(strip=True): a["href"] for a in page.select(".tm-resultacts a")}
    assert unquote(links["导出 CSV"]) == "/search.csv?kind=demand&field=05&fresh=90&q=涂层&sort=newest"
    assert [line[0] for line in rows_of(client.get(links["导出 CSV"]))[1:]] == [
        stocked.listings["hidden"],
        stocked.listings["demand"],
    ]
    nothing = soup(client.get("/search?q=涂层&field=01"))
    assert "导出 CSV" not in [a.get_text(strip=True) for a in nothing.select(".tm-resultacts a")]
    assert rows_of(client.get("/search.csv?q=涂层&field=01")) == [HEADINGS]


def test_headings_are_english_for_readers_of_english(stocked: Town):
    client = stocked.client()
    client.set_cookie("locale", "en")
    assert rows_of(client.get("/search.csv?q=涂层"))[0][2] != "名称"


def test_while_the_engine_is_away_the_page_says_so(stocked: Town, monkeypatch):
    def away(_request):
        raise EngineUnavailable("down")

    monkeypatch.setattr(stocked.app.extensions["search"], "search", away)
    answer = stocked.client().get("/search.csv?q=涂层")
    assert answer.status_code == 503
    assert "暂时不能导出" in answer.get_data(as_text=True)


@pytest.mark.parametrize("rate_limit_url", ["memory://"])
def test_files_are_not_taken_without_end(stocked: Town):
    client = stocked.client()
    answers = [client.get("/search.csv").status_code for _ in range(31)]
    assert answers == [200] * 30 + [429]
