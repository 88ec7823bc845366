"""A stale edit of a draft shows both versions in the words in which the listing's own pages show them."""

import re

import pytest

from tests.functional.conftest import Town
from tests.functional.test_listings import ABOUT, Writer

BEGIN = {
    "demand": ABOUT,
    "achievement": {
        "title": "风口用耐磨涂层",
        "use": "寿命延长",
        "problem": "易剥落",
        "principle": "冶金结合",
    },
}
#: The lists of the scope that a browser sends empty.
BLANK = {"field_codes-1": "", "industry_codes-1": "", "industry_codes-2": ""}
INDICATOR = {"indicators-0-name": "硬度", "indicators-0-unit": "HRC"}
RIGHT = {
    "ip_rights-0-name": "一种涂层",
    "ip_rights-0-kind": "invention_patent",
    "ip_rights-0-owner": "示例大学",
}

#: Kind, step, what a colleague saved first, what is typed on the stale page, the fields that differ.
CLASHES = {
    "codes of a demand": (
        "demand",
        "scope",
        {**BLANK, "field_codes-0": "05", "industry_codes-0": "C31", "region_code": "150203"},
        {**BLANK, "field_codes-0": "01", "industry_codes-0": "C33", "region_code": "150204"},
        ["技术领域", "应用行业", "所在地区"],
    ),
    "terms of a demand": (
        "demand",
        "terms",
        {
            "modes": "license_non_exclusive",
            "price_kind": "band",
            "price_min_fen": "30",
            "price_max_fen": "50",
        },
        {"modes": "transfer", "price_kind": "fixed", "price_min_fen": "45", "budget_public": "y"},
        ["合作方式", "报价方式", "价格（下限）", "价格上限", "公开预算"],
    ),
    "an indicator's weight": (
        "demand",
        "indicators",
        {
            **INDICATOR,
            "indicators-0-target": "60",
            "indicators-0-comparator": "≥",
            "indicators-0-necessity": "must",
        },
        {
            **INDICATOR,
            "indicators-0-target": "60",
            "indicators-0-comparator": "≥",
            "indicators-0-necessity": "wish",
        },
        ["技术指标"],
    ),
    "an indicator's proof": (
        "achievement",
        "indicators",
        {**INDICATOR, "indicators-0-value": "58"},
        {**INDICATOR, "indicators-0-value": "58", "indicators-0-evidence": "检测报告"},
        ["技术指标"],
    ),
    "maturity and rights": (
        "achievement",
        "rights",
        {"trl": "4", "ownership": "unit", **RIGHT, "ip_rights-0-status": "pending"},
        {"trl": "7", "ownership": "granted", **RIGHT, "ip_rights-0-status": "granted"},
        ["成熟度", "知识产权", "成果归属"],
    ),
    "terms of an achievement": (
        "achievement",
        "terms",
        {"pricing_mode": "negotiated", "confidentiality": "public"},
        {"pricing_mode": "auction", "confidentiality": "signed_in"},
        ["定价方式", "公开程度"],
    ),
}
#: What a code looks like: letters, digits and underscores only, which no name in words is.
CODE = re.compile(r"[A-Za-z0-9_]+")


@pytest.fixture
def writer(town: Town, soup) -> Writer:
    return Writer(town.client("member"), soup)


def answers(writer: Writer, draft: str) -> dict[str, str]:
    """Every answer as the check page shows it."""
    terms = writer.soup(writer.client.get(f"{draft}/check")).select(".tm-facts--check dt")
    return {term.text: " ".join(term.find_next_sibling("dd").text.split()) for term in terms}


def rows(page) -> dict[str, tuple[str, str]]:
    """The table of the conflict: field → (mine, theirs)."""
    cells = [
        [c.get_text(" ", strip=True) for c in row.find_all(["th", "td"])] for row in page.select("tbody tr")
    ]
    return {label: (mine, theirs) for label, mine, theirs in cells}


@pytest.mark.parametrize("clash", CLASHES.values(), ids=CLASHES)
def test_both_versions_read_as_on_the_listings_own_pages(writer: Writer, soup, clash):
    kind, step, first, second, fields = clash
    draft = writer.begin(kind, BEGIN[kind])
    path = f"{draft}/{step}"
    opened = writer.version(path)
    assert writer.client.post(path, data={"version": opened, **first}).status_code == 302
    theirs = answers(writer, draft)
    stale = writer.client.post(path, data={"version": opened, **second})
    assert stale.status_code == 409
    shown = rows(soup(stale))
    assert list(shown) == fields, "only what differs, and all of it"
    assert answers(writer, draft) == theirs, "what was saved first stands"
    assert writer.client.post(path, data={"version": writer.version(path), **second}).status_code == 302
    mine = answers(writer, draft)
    for label, (typed, stored) in shown.items():
        assert typed != stored
        assert (typed, stored) == (mine[label].replace("未填写", "—"), theirs[label].replace("未填写", "—"))
        assert not CODE.fullmatch(typed) and not CODE.fullmatch(stored)


def test_an_english_reader_gets_english_words(writer: Writer, soup):
    draft = writer.begin("demand", ABOUT)
    path = f"{draft}/terms"
    opened = writer.version(path)
    writer.client.post(path, data={"version": opened, "modes": "transfer"})
    writer.client.post("/language", data={"language": "en", "next": "/"})
    page = soup(writer.client.post(path, data={"version": opened, "modes": "license_non_exclusive"}))
    assert rows(page)["Form of cooperation"] == ("Non-exclusive licence", "Transfer")


def test_the_listing_itself_says_what_must_be_reached(listed: Town, soup):
    page = soup(listed.client().get(f"/listings/{listed.listings['demand']}"))
    weights = page.select('td[data-label="程度"]')
    assert [cell.get_text(strip=True) for cell in weights] == ["必须", "必须"]
