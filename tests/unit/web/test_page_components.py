"""Badges, bars, prices, traces and lists: words beside every colour, arithmetic that adds up, safe text."""

from datetime import date

import pytest


def words(tag):
    return " ".join(tag.get_text(" ", strip=True).split())


# --- badges and deadlines -----------------------------------------------------------------------------------

FAMILIES = ["idle", "progress", "waiting", "review", "done", "negative"]


def test_the_six_families_differ_by_icon_and_never_speak_by_colour_alone(render):
    call = "{% for f in families %}{{ s.status_badge('状态', f) }}{% endfor %}"
    source = "{% import 'components/status.html' as s %}" + call
    badges = render(source, families=FAMILIES).select(".tm-badge")
    assert [words(badge) for badge in badges] == ["状态"] * 6
    assert len({str(badge.svg) for badge in badges}) == 6


def test_a_badge_may_have_an_icon_of_its_own(render):
    source = "{% import 'components/status.html' as s %}{{ s.status_badge('公示中', 'progress', icon_name) }}"
    assert render(source, icon_name="megaphone").svg != render(source, icon_name=None).svg


COUNTS = "{% import 'components/status.html' as s %}{{ s.check_counts(b, r, h, p, only_worst=worst) }}"


@pytest.mark.parametrize(
    ("counts", "worst", "text"),
    [
        ((1, 2, 3, 29), False, "阻断 1 复核 2 提示 3 通过 29"),
        ((1, 2, 3, 29), True, "阻断 1"),
        ((0, 2, 3, 29), True, "复核 2 提示 3"),
        ((0, 0, 0, 29), True, "通过 29"),
        ((0, 0, 0, 0), True, "通过"),
    ],
)
def test_in_a_list_blocks_hide_the_hints(render, counts, worst, text):
    blocked, review, hints, passed = counts
    assert words(render(COUNTS, b=blocked, r=review, h=hints, p=passed, worst=worst)) == text


DEADLINE = "{% import 'components/bars.html' as b %}{{ b.deadline_badge(days, elapsed, due, stopped) }}"


@pytest.mark.parametrize(
    ("days", "stopped", "text", "tone"),
    [
        (14, None, "剩 14 天", "calm"),
        (4, None, "剩 4 天", "calm"),
        (3, None, "剩 3 天", "soon"),
        (0, None, "今天到期", "soon"),
        (-1, None, "超期 1 天", "over"),
        (9, 4, "已停 4 天", "stopped"),
        (None, None, "未开始计时", "stopped"),
    ],
)
def test_a_deadline_says_in_words_what_its_colour_says(render, days, stopped, text, tone):
    badge = render(DEADLINE, days=days, elapsed=0.5, due=None, stopped=stopped).select_one(".tm-deadline")
    assert words(badge) == text
    assert f"tm-deadline--{tone}" in badge["class"]
    assert (badge.select_one(".tm-bar-stopped") is not None) == (stopped is not None)


def test_a_deadline_may_be_dated(render):
    badge = render(DEADLINE, days=3, elapsed=None, due=date(2026, 11, 23), stopped=None)
    assert words(badge) == "剩 3 天，2026-11-23 止"
    assert badge.find("rect") is None


@pytest.mark.parametrize(
    ("share", "width"), [(0, "0"), (0.625, "62.5"), (1, "100"), (1.7, "100"), (-0.2, "0")]
)
def test_a_bar_stays_within_its_track(render, share, width):
    page = render("{% import 'components/bars.html' as b %}{{ b.thin_bar(share) }}", share=share)
    assert float(page.select_one(".tm-bar-fill")["width"].rstrip("%")) == float(width)


def test_the_budget_bar_ends_at_the_whole_and_marks_the_limit(render):
    segments = [{"label": f"第 {n} 段", "amount_fen": 25_00, "count": n} for n in (1, 2, 3, 4)]
    page = render(
        "{% import 'components/bars.html' as b %}{{ b.budget_bar(segments, 8000, 10000) }}", segments=segments
    )
    parts = page.select(".tm-budget > .tm-bar .tm-budget-part")
    ends = [float(p["x"].rstrip("%")) + float(p["width"].rstrip("%")) for p in parts]
    assert ends == [25, 50, 75, 100]
    assert page.select_one(".tm-budget-line")["x1"] == "80.0%"
    assert "超 20.00 元" in words(page)


# --- money --------------------------------------------------------------------------------------------------

PRICE = "{% import 'components/money.html' as m %}{{ m.price(low, high, band=band) }}"


@pytest.mark.parametrize(
    ("low", "high", "band", "text"),
    [
        (45_000_000, 60_000_000, None, "45–60 万元"),
        (120_000_000, None, None, "120 万元"),
        (None, 60_000_000, None, "60 万元 以内"),
        (None, None, "可比区间 60–110 万元", "面议 可比区间 60–110 万元"),
        (None, None, None, "未定价"),
    ],
)
def test_a_price_is_never_only_negotiable(render, low, high, band, text):
    assert words(render(PRICE, low=low, high=high, band=band)).replace("\u00a0", " ") == text


def test_a_capped_amount_is_named_with_its_cap(render):
    page = render("{% import 'components/money.html' as m %}{{ m.amount(17000000, capped_by='受上限限制') }}")
    assert words(page) == "¥170,000.00 受上限限制 壹拾柒万元整"
    assert page.select_one(".tm-amount--capped") is not None


def test_a_negative_amount_has_a_minus_and_no_words(render):
    page = render("{% import 'components/money.html' as m %}{{ m.amount(-120) }}")
    assert words(page) == "−¥1.20"


def test_the_price_band_is_told_in_words_too(render):
    call = "{{ m.price_band(45000000, 60000000, 38000000, 78000000, 20000000, 120000000, 11) }}"
    page = render("{% import 'components/money.html' as m %}" + call)
    drawing = page.find("svg")
    assert drawing["role"] == "img"
    assert drawing["aria-label"] == "本项 45–60 万元，可比区间中间一半 38–78 万元"
    assert page.select_one(".tm-priceband-range")["x"] == "18.0%"
    assert page.select_one(".tm-bar-fill")["x"] == "25.0%"


# --- match and trace ----------------------------------------------------------------------------------------


def test_factor_bars_share_one_scale_and_warn_under_half(render):
    factors = [
        {"name": "指标", "points": 19, "weight": 30, "note": "差 2 HRC"},
        {"name": "价格", "points": 2, "weight": 10},
        {"name": "领域", "points": 5, "weight": 10},
    ]
    page = render("{% import 'components/match.html' as m %}{{ m.factor_bars(factors) }}", factors=factors)
    fills = [float(r["width"].rstrip("%")) for r in page.select(".tm-bar-fill")]
    assert fills == [63.3, 6.7, 16.7]
    tones = ["soon" if "tm-bar--soon" in b["class"] else "calm" for b in page.select(".tm-bar")]
    assert tones == ["calm", "soon", "calm"]
    assert [words(p) for p in page.select(".tm-factor-points")] == ["19 / 30", "2 / 10", "5 / 10"]


def test_a_missing_value_is_not_a_zero_in_the_comparison(render):
    rows = [
        {
            "name": "强度",
            "must": False,
            "wanted": "≥ 60 MPa",
            "offered": None,
            "verdict": "unknown",
            "result": "未提供",
        }
    ]
    page = render("{% import 'components/match.html' as m %}{{ m.comparison(rows) }}", rows=rows)
    assert "未提供" in words(page.select("td")[1])
    assert words(page.select_one("tbody th")) == "强度（期望）"


def test_at_most_three_changes_are_offered(render):
    lines = [{"change": f"改变 {n}", "result": "更好"} for n in range(5)]
    page = render("{% import 'components/match.html' as m %}{{ m.counterfactuals(lines) }}", lines=lines)
    assert len(page.select("li")) == 3


def test_the_trace_names_the_step_that_decided(render):
    steps = [
        {
            "name": "比例",
            "arithmetic": "1,000.00 × 10.00 %",
            "result_fen": 10_000,
            "clause": "三（三）",
            "clause_url": "/c",
        },
        {
            "name": "上限",
            "arithmetic": "min(100.00，70.00)",
            "result_fen": 7_000,
            "clause": None,
            "binding": True,
        },
    ]
    rows = render("{% import 'components/trace.html' as t %}{{ t.trace_table(steps) }}", steps=steps).select(
        "tbody tr"
    )
    assert ["由这一步决定" in words(row) for row in rows] == [False, True]
    assert words(rows[1].select_one(".tm-trace-result")) == "70.00"
    assert rows[0].select_one("a")["href"] == "/c"
    assert words(rows[1].select("td")[-1]) == "—"


def test_not_asked_is_its_own_reason(render):
    reasons = [{"reason": r, "name": r, "text": "…"} for r in ("cap", "failed", "not_asked")]
    rows = render(
        "{% import 'components/trace.html' as t %}{{ t.why_not(reasons) }}", reasons=reasons
    ).select("li")
    assert ["未询问" in words(row) for row in rows] == [False, False, True]
    assert len({str(row.svg) for row in rows}) == 3


# --- lists --------------------------------------------------------------------------------------------------


def test_a_cell_without_value_shows_a_dash_and_a_zero_shows_zero(render):
    columns = [
        {"key": "name", "label": "名称", "head": True},
        {"key": "n", "label": "件数", "unit": "件", "align": "right"},
    ]
    rows = [{"name": "甲", "n": 0}, {"name": "乙", "n": None}, {"name": "丙"}]
    source = "{% import 'components/lists.html' as l %}{{ l.data_table(columns, rows, '表') }}"
    page = render(source, columns=columns, rows=rows)
    assert [words(cell) for cell in page.select("tbody td")] == ["0", "—", "—"]
    assert page.select_one("tbody td")["data-label"] == "件数（件）"
    assert [cell["scope"] for cell in page.select("tbody th")] == ["row"] * 3


def test_tables_keep_their_roles_when_drawn_as_cards(render, frame):
    page = render("components/gallery.html", **frame)
    tables = page.select("table.tm-table--cards, table.tm-queue")
    assert len(tables) >= 4
    for table in tables:
        assert table["role"] == "table"
        assert table.caption is not None
        assert all(row["role"] == "row" for row in table.select("tr"))
        assert all(cell["role"] in ("cell", "rowheader") for cell in table.select("tbody td, tbody th"))


def test_an_answer_not_given_is_named(render):
    rows = [{"term": "名称", "text": "涂层", "url": "/edit"}, {"term": "说明", "text": None, "url": "/edit"}]
    page = render("{% import 'components/lists.html' as l %}{{ l.check_answers(rows) }}", rows=rows)
    assert "未填写" in words(page)
    assert [words(a) for a in page.select("a")] == ["修改 名称", "修改 说明"]


PAGER = "{% import 'components/pagination.html' as p %}{{ p.pager(page) }}"


class Page:
    def __init__(self, number, pages):
        self.number, self.pages = number, pages

    def url(self, number):
        return f"/list?page={number}"


def test_the_pager_keeps_the_rest_of_the_address(render):
    page = render(PAGER, path="/list?q=涂层&trl=7&trl=8&page=3", page=Page(3, 9))
    kept = [(i["name"], i["value"]) for i in page.select("input[type=hidden]")]
    assert kept == [("q", "涂层"), ("trl", "7"), ("trl", "8")]
    assert words(page.select_one("[aria-current=page]")) == "当前页 3"
    assert page.select_one("a[rel=prev]")["href"] == "/list?page=2"
    assert page.select_one("a[rel=next]")["href"] == "/list?page=4"


def test_ends_of_the_list_have_no_dead_links(render):
    assert render(PAGER, page=Page(1, 9)).select_one("a[rel=prev]") is None
    assert render(PAGER, page=Page(9, 9)).select_one("a[rel=next]") is None
    assert words(render(PAGER, page=Page(1, 1))) == ""


def test_a_listing_is_escaped_marked_and_dated(render):
    row = {
        "url": "/a/1",
        "title": [("<b>耐高温</b>", True), ("涂层", False)],
        "number": "A2026-00417",
        "organisation": "北岭（示例）",
        "trl": 7,
        "price_band": "可比区间 60–110 万元",
        "stale_days": 96,
    }
    page = render("{% import 'components/listing.html' as l %}{{ l.listing_row(row) }}", row=row)
    assert page.h3.find("b") is None
    assert page.h3.mark.get_text() == "<b>耐高温</b>"
    assert "待确认 · 96 天前" in words(page)
    assert "面议" in words(page.select_one(".tm-listing-price"))
    assert len(page.select(".tm-ladder-on")) == 7


def test_a_done_step_is_a_link_and_the_present_one_is_not(render):
    steps = [
        {"label": "难题", "url": "/1", "state": "done"},
        {"label": "指标", "url": "/2", "state": "current"},
        {"label": "预算", "url": "/3", "state": "future"},
    ]
    page = render("{% import 'components/stepper.html' as s %}{{ s.stepper(steps) }}", steps=steps)
    assert [a["href"] for a in page.select("a")] == ["/1"]
    assert "第 2 步，共 3 步" in words(page.select_one("[aria-current=step]"))


def test_flashed_messages_of_any_category_are_shown(render):
    messages = [("done", "已提交"), ("failed", "未能保存"), ("unheard-of", "一句话")]
    page = render(
        "{% import 'components/notice.html' as n %}{{ n.flashed_messages(messages) }}", messages=messages
    )
    strips = page.select(".tm-notice")
    assert [strip["role"] for strip in strips] == ["status", "alert", "status"]
    assert "一句话" in words(strips[2])


def test_a_button_that_is_off_says_why(render):
    page = render(
        "{% import 'components/buttons.html' as b %}{{ b.button('提交', disabled_reason='缺签章') }}"
    )
    assert page.button.has_attr("disabled")
    assert words(page.button) == "不可用：缺签章"


def test_the_confirm_page_posts_with_a_token_and_offers_the_way_back(render):
    source = (
        "{% import 'components/confirm.html' as c %}{% set facts = [('退给', '北岭')] %}"
        "{{ c.confirm('确认退回 S1？', facts, '会收到通知。', '确认', '/back', fields=[('reason', 'R09')]) }}"
    )
    page = render(source)
    assert words(page.h1) == "确认退回 S1？"
    assert page.form["method"] == "post"
    hidden = {i["name"]: i["value"] for i in page.select("input[type=hidden]")}
    assert hidden["csrf_token"]
    assert hidden["reason"] == "R09"
    assert page.select_one("button")["name"] == "confirm"
    assert page.select_one("a")["href"] == "/back"
