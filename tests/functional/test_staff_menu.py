"""Staff pages keep the menu of the workbench beside them: what waits, and where one is."""

import pytest

from tests import factories
from tests.functional.conftest import Town

PAGES = {
    "/workbench": "工作台",
    "/staff/organisations": "单位认证",
    "/staff/matching": "匹配效果",
    "/staff/pooled-demands": "共性需求",
    "/staff/lexicon": "搜索词库",
    "/staff/lexicon/preview?kind=synonyms&words=土豆 洋芋": "搜索词库",
}


@pytest.mark.parametrize("path", PAGES)
def test_every_staff_page_leads_to_the_others(town: Town, soup, path):
    page = soup(town.client("operator").get(path))
    links = page.select(".tm-rail a")
    assert {"工作台", "匹配效果", "共性需求", "搜索词库"} <= {
        link.select_one(".tm-rail-label").text for link in links
    }
    assert [link.select_one(".tm-rail-label").text for link in links if link.get("aria-current")] == [
        PAGES[path]
    ]
    narrow = page.select(".tm-menu-narrow a")
    assert [link["href"] for link in narrow] == [link["href"] for link in links]


def test_the_menu_counts_what_waits(town: Town, soup, now):
    def count() -> str:
        page = soup(town.client("operator").get("/staff/matching"))
        link = page.select_one('.tm-rail a[href="/staff/organisations"]')
        return link.select_one(".tm-rail-count").text

    before = int(count())
    with town.books() as session:
        factories.organisation(session, now=now, verified=False).state = "submitted"
    assert int(count()) == before + 1
