"""Pages of plain text, the home page and the error pages: what must be said is said."""

from datetime import date
from types import SimpleNamespace

import pytest

from marketplace.config import ROOT
from marketplace.errors import Difference, StaleEdit

PAGES = sorted(p.stem for p in (ROOT / "templates" / "pages").glob("*.html") if not p.stem.startswith("_"))
ERRORS = sorted(p.stem for p in (ROOT / "templates" / "errors").glob("*.html") if not p.stem.startswith("_"))


def text(page):
    return " ".join(page.find("main").get_text(" ", strip=True).split())


def test_all_pages_are_there():
    assert {
        "privacy",
        "terms",
        "contact",
        "help",
        "sitemap",
        "registration_guide",
        "subsidy_guide",
        "about",
    } <= set(PAGES)
    assert ERRORS == ["400", "403", "404", "409", "413", "429", "500"]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_a_title_and_text(render, frame, name):
    page = render(f"pages/{name}.html", **frame)
    assert page.title.get_text().startswith(page.h1.get_text())
    assert len(text(page)) > 60


@pytest.mark.parametrize("name", ["registration_guide", "subsidy_guide"])
@pytest.mark.parametrize(
    "element",
    [
        "事项名称",
        "事项编码",
        "设定依据",
        "实施机构",
        "受理范围",
        "申请条件",
        "特殊环节",
        "承诺时限",
        "收费",
        "咨询电话",
        "监督电话",
    ],
)
def test_a_guide_has_every_element(render, frame, name, element):
    page = render(f"pages/{name}.html", **frame)
    assert element in [th.get_text(strip=True) for th in page.select(".tm-elements th")]


@pytest.mark.parametrize("name", ["registration_guide", "subsidy_guide"])
def test_a_guide_says_free_of_charge_lists_papers_and_answers_questions(render, frame, name):
    page = render(f"pages/{name}.html", **frame)
    fee = next(th for th in page.select(".tm-elements th") if th.get_text(strip=True) == "收费")
    assert fee.find_next("td").get_text(strip=True) == "不收费"
    assert "简版" in text(page)
    assert len(page.select(".tm-table tbody tr")) >= 6
    assert "参数待核实" in text(page)
    assert len(page.select("h3")) >= 4


def test_the_subsidy_guide_shows_the_parameters_of_the_engine_when_it_gets_them(render, frame):
    rows = [{"name": "补助比例", "value": "10.00 %", "reference": "细则三（三）"}]
    assert "10.00 %" in text(render("pages/subsidy_guide.html", **frame, parameters=rows))
    without = text(render("pages/subsidy_guide.html", **frame))
    assert "以当日有效的规则版本为准" in without
    assert "10.00 %" not in without


def test_the_subsidy_guide_promises_nothing(render, frame):
    assert "测算不是承诺" in text(render("pages/subsidy_guide.html", **frame))


@pytest.mark.parametrize("name", ["contact", "privacy"])
def test_unknown_facts_are_left_to_fill_in(render, frame, name):
    assert "（待填）" in text(render(f"pages/{name}.html", **frame))


def test_an_entered_telephone_replaces_its_placeholder(render, frame):
    page = render("pages/contact.html", **frame, service_phone="0471-0000000")
    assert "0471-0000000" in text(page)


def test_the_sitemap_links_only_what_exists(render, frame):
    links = [a["href"] for a in render("pages/sitemap.html", **frame).select(".tm-article a")]
    assert "/registration_guide" in links
    assert "/statistics" not in links


# --- errors -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ERRORS)
def test_an_error_page_says_what_happened_and_what_to_do(render, frame, code):
    page = render(
        f"errors/{code}.html", **frame, title="标题", sentence="一句<话>", status=int(code), conflict=None
    )
    assert page.h1.get_text() == "标题"
    assert "一句<话>" in page.get_text()
    assert f"错误代码 {code}" in text(page)
    assert len(page.select(".tm-errorpage li")) >= 2
    assert page.select(".tm-errorpage a.btn")


def test_a_stale_edit_shows_both_versions(render, frame):
    stale = StaleEdit(
        [Difference("预算上限", "60 万元", "50 万元"), Difference("名称", "<甲>", "乙")], "/edit/7"
    )
    page = render(
        "errors/409.html", **frame, title="冲突", sentence=stale.message, status=409, conflict=stale
    )
    rows = [[cell.get_text(strip=True) for cell in row.select("th, td")] for row in page.select("tbody tr")]
    assert rows == [["预算上限", "60 万元", "50 万元"], ["名称", "<甲>", "乙"]]
    assert page.select_one("a.btn-primary")["href"] == "/edit/7"
    assert "没有丢失" in text(page)


def test_the_page_for_a_broken_system_asks_for_nothing_that_may_be_broken(render):
    class Broken:
        def __getattr__(self, name):
            raise RuntimeError("the database is away")

    page = render(
        "errors/500.html", title="出错", sentence="稍后再试", status=500, current_user=Broken(), menu=Broken()
    )
    assert page.h1.get_text() == "出错"


def test_forbidden_offers_the_log_in_to_visitors_only(render, frame):
    values = {"title": "没有权限", "sentence": "…", "status": 403}
    assert "/login" in [
        a["href"] for a in render("errors/403.html", **frame, **values).select(".tm-errorpage a")
    ]
    person = SimpleNamespace(is_authenticated=True, display_name="王工", organisation_name="")
    page = render("errors/403.html", **{**frame, "current_user": person}, **values)
    assert "/workbench" in [a["href"] for a in page.select(".tm-errorpage a")]


# --- home ---------------------------------------------------------------------------------------------------


def test_an_empty_market_says_so_and_keeps_its_search_box(render, frame):
    page = render("home/index.html", **frame)
    assert text(page).count("还没有") == 3
    assert "现在没有正在公示的交易" in text(page)
    assert page.select_one("form[role=search] input[name=q]") is not None
    assert [step.get_text(strip=True) for step in page.select(".tm-way-name")] == [
        "发布",
        "匹配",
        "洽谈",
        "合同",
        "登记",
        "补贴",
    ]


def test_the_home_page_shows_what_it_is_given(render, frame):
    task = {"label": "发布成果", "url": "/new", "hint": "约 10 分钟"}
    page = render(
        "home/index.html",
        **frame,
        doors=[{"icon": "people", "title": "我是科研人员", "tasks": [task, task, task]}],
        metrics=[
            {"label": "本月新增需求", "value": "186", "unit": "条", "sub": "累计 2,914 条", "url": "/demands"}
        ],
        notices=[
            {
                "title": "抛光液转让",
                "url": "/n",
                "organisation": "北岭（示例）",
                "days_left": 1,
                "elapsed": 0.9,
            }
        ],
        notices_total=23,
        notices_url="/notices",
        demands=[
            {
                "title": "耐磨涂层",
                "url": "/d",
                "indicators": "硬度 ≥ 60 HRC",
                "budget": "预算 30–50 万元",
                "confirmed_on": date(2026, 11, 19),
            }
        ],
        cases=[{"title": "甲 ⇄ 乙", "url": "/c", "reason": "满足", "outcome": "已签约"}],
        hot_words=[{"label": "稀土永磁", "url": "/search?q=稀土永磁"}],
    )
    assert len(page.select(".tm-door-task")) == 2, "two tasks to a door, never a third"
    assert page.select_one("a.tm-metric")["href"] == "/demands"
    assert "剩 1 天" in text(page)
    assert "11-19 确认" in text(page)
    assert "全部 23 项" in text(page)
    assert page.select_one(".tm-hotwords a")["href"].startswith("/search?q=")
    assert "还没有" not in text(page)
