"""Filters: what people read of amounts, rates, dates, figures and hits."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from flask_babel import force_locale
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from marketplace.web import jinja

NBSP = "\u00a0"


# --- money --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fen", "text"),
    [
        (0, "0.00"),
        (1, "0.01"),
        (55_000_000, "550,000.00"),
        (123_456_789_012, "1,234,567,890.12"),
        (-100, "−1.00"),
    ],
)
def test_yuan_is_exact_to_the_fen(fen, text):
    assert jinja.yuan(fen) == text


def test_signed_yuan_puts_the_minus_before_the_sign_of_the_currency():
    assert jinja.yuan_signed(55_000_000) == "¥550,000.00"
    assert jinja.yuan_signed(-120) == "−¥1.20"


def test_words_and_wan_yuan():
    assert jinja.yuan_words(55_000_000) == "伍拾伍万元整"
    assert jinja.wan_yuan(45_000_000, 60_000_000) == "45–60"
    assert jinja.wan_yuan(45_000_000, min_decimals=2) == "45.00"
    assert jinja.yi(32_700_000_000) == "3.27"


@pytest.mark.parametrize(
    "show",
    [jinja.yuan, jinja.yuan_signed, jinja.yuan_words, jinja.wan_yuan, jinja.yi, jinja.amount_text],
)
def test_an_absent_amount_is_never_a_zero(show):
    assert show(None) == "—"
    assert "0" not in show(None)


@pytest.mark.parametrize(
    ("low", "high", "figure", "unit"),
    [
        (45_000_000, 60_000_000, "45–60", "万元"),
        (45_000_000, 45_000_000, "45", "万元"),
        (9_999_999_999, None, "9,999.999999", "万元"),
        (10_000_000_000, None, "1.00", "亿元"),
        (123_456_789_012, None, "12.35", "亿元"),
        (5_000_000_000, 12_000_000_000, "0.50–1.20", "亿元"),
    ],
)
def test_an_amount_for_reading_changes_unit_at_one_yi(app, low, high, figure, unit):
    with app.test_request_context():
        assert jinja.reading(low, high) == (figure, unit)


@pytest.mark.parametrize(
    ("low", "high", "chinese", "english"),
    [
        (45_000_000, 60_000_000, "45–60 万元", "450,000–600,000 元"),
        (1, None, "0.000001 万元", "0.01 元"),
        (12_345_678_901, None, "12,345.678901 万元", "123,456,789.01 元"),
    ],
)
def test_an_amount_in_a_sentence_is_exact_in_both_languages(app, low, high, chinese, english):
    with app.test_request_context():
        assert jinja.amount_text(low, high) == chinese
        with force_locale("en"):
            assert jinja.amount_text(low, high) == english
            assert " ".join(jinja.reading(low, high)) == english


# --- rates and figures --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ratio", "decimals", "text"),
    [(0.914, 1, "91.4"), (1, 0, "100"), (0.0005, 1, "0.1"), (0.1 + 0.2, 1, "30.0"), (-0.03, 1, "−3.0")],
)
def test_percent_rounds_half_up_and_keeps_its_sign_on_the_line(ratio, decimals, text):
    assert jinja.percent(ratio, decimals) == f"{text}{NBSP}%"


def test_basis_points_are_exact():
    assert jinja.basis_points(1000) == f"10.00{NBSP}%"
    assert jinja.basis_points(1) == f"0.01{NBSP}%"
    assert jinja.basis_points(None) == "—"
    assert jinja.percent(Decimal("0.12345"), 2) == f"12.35{NBSP}%"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("硬度 ≥ 60 HRC", f"硬度 ≥{NBSP}60{NBSP}HRC"),
        ("能耗下降 15 %", f"能耗下降 15{NBSP}%"),
        ("工作温度 950 ℃ 以上", f"工作温度 950{NBSP}℃ 以上"),
        ("精度 ± 2 µm", f"精度 ±{NBSP}2{NBSP}µm"),
        ("预算 30–50 万元", f"预算 30–50{NBSP}万元"),
        ("A 2 3", "A 2 3"),
        ("没有数字", "没有数字"),
    ],
)
def test_a_figure_stays_with_its_unit(text, kept):
    assert jinja.nbsp(text) == kept


@given(st.text(max_size=60))
def test_keeping_together_changes_only_spaces(text):
    kept = jinja.nbsp(text)
    assert kept.replace(NBSP, " ") == text.replace(NBSP, " ")


# --- dates --------------------------------------------------------------------------------------------------

LATE = datetime(2026, 11, 19, 16, 30, tzinfo=UTC)  # already the 20th in Asia/Shanghai


def test_dates_are_those_of_shanghai():
    assert jinja.iso_date(LATE) == "2026-11-20"
    assert jinja.short_date(LATE) == "11-20"
    assert jinja.long_date(LATE) == "2026年11月20日"
    assert jinja.date_time(LATE) == "2026-11-20 00:30"


def test_formal_dates_have_no_leading_zeros():
    assert jinja.long_date(date(2018, 6, 2)) == "2018年6月2日"
    assert jinja.iso_date(date(2018, 6, 2)) == "2018-06-02"


def test_an_absent_date_is_a_dash_and_a_moment_without_zone_an_error():
    for show in (jinja.iso_date, jinja.short_date, jinja.long_date, jinja.date_time, jinja.weekday):
        assert show(None) == "—"
    with pytest.raises(ValueError, match="time zone"):
        jinja.date_time(datetime(2026, 11, 20))
    with pytest.raises(ValueError, match="time zone"):
        jinja.iso_date(datetime(2026, 11, 20))


def test_the_day_of_the_week(app):
    with app.test_request_context():
        week = [jinja.weekday(date(2026, 11, 16) + timedelta(days=n)) for n in range(7)]
    assert week == ["星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日"]


@given(st.datetimes(min_value=datetime(2000, 1, 2), max_value=datetime(2100, 1, 1)), st.integers(-14, 14))
def test_the_zone_a_moment_comes_in_does_not_matter(moment, hours):
    aware = moment.replace(tzinfo=UTC)
    assert jinja.date_time(aware) == jinja.date_time(aware.astimezone(timezone(timedelta(hours=hours))))


# --- hits ---------------------------------------------------------------------------------------------------


def test_hits_are_marked_and_everything_is_escaped():
    shown = jinja.highlight([("<b>高温</b>", False), ("涂层<", True)])
    assert shown == "&lt;b&gt;高温&lt;/b&gt;<mark>涂层&lt;</mark>"
    assert isinstance(shown, Markup)


def test_plain_text_is_only_escaped():
    assert jinja.highlight("<i>") == "&lt;i&gt;"
    assert jinja.highlight(None) == ""


@given(st.lists(st.tuples(st.text(max_size=20), st.booleans()), max_size=8))
def test_taking_the_marks_away_gives_the_text_back(segments):
    bare = jinja.highlight(segments).replace("<mark>", "").replace("</mark>", "")
    assert Markup(bare).unescape() == Markup("").join(text for text, _hit in segments).unescape()


# --- technology readiness -----------------------------------------------------------------------------------


def test_readiness_levels(app):
    with app.test_request_context():
        assert jinja.trl_name(7) == "7 级 环境级"
        assert jinja.trl_name(None) == "成熟度未提供"
        assert jinja.trl_plain(1) == "观察到基本原理并形成正式报告"
        assert [str(jinja.READINESS[n].phase) for n in (4, 5, 7, 8)] == [
            "实验室",
            "工程化",
            "工程化",
            "产业化",
        ]
    assert sorted(jinja.READINESS) == list(range(1, 10))


@pytest.mark.parametrize("level", [0, 10, -1])
def test_a_level_outside_the_scale_is_an_error(app, level):
    with app.test_request_context(), pytest.raises(KeyError):
        jinja.trl_name(level)


# --- pages --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("page", "pages", "shown"),
    [
        (1, 1, [1]),
        (1, 3, [1, 2, 3]),
        (5, 20, [1, 2, 3, 4, 5, 6, 7, None, 20]),
        (10, 20, [1, None, 8, 9, 10, 11, 12, None, 20]),
        (20, 20, [1, None, 18, 19, 20]),
    ],
)
def test_page_numbers_worth_a_link(page, pages, shown):
    assert jinja.page_window(page, pages) == shown


@given(st.integers(1, 300).flatmap(lambda pages: st.tuples(st.integers(1, pages), st.just(pages))))
def test_the_window_rises_holds_both_ends_and_hides_no_single_page(case):
    page, pages = case
    shown = jinja.page_window(page, pages)
    numbers = [n for n in shown if n is not None]
    assert numbers == sorted(set(numbers))
    assert {1, page, pages} <= set(numbers)
    for before, gap, after in zip(shown, shown[1:], shown[2:], strict=False):
        if gap is None:
            assert after - before > 2
    assert len(shown) <= 9


def test_a_place_without_page_has_no_link(app):
    with app.test_request_context():
        assert jinja.site_link("home") == "/home"
        assert jinja.site_link("statistics") is None
        with pytest.raises(KeyError):
            jinja.site_link("nowhere")
