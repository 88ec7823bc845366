"""What every template may use: filters for money, dates, figures and search hits, and a few globals.

Money comes in as integer fen, rates as basis points, moments as aware datetimes; what goes out is text for
people. An absent value is shown as “—”; it is never taken for zero.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from flask import Flask, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from markupsafe import Markup, escape
from werkzeug.routing import BuildError

from marketplace.config import LEGAL_ZONE
from marketplace.money import (
    FEN_PER_YI_YUAN,
    amount_in_words,
    format_wan_yuan,
    format_whole_yuan,
    format_yi,
    format_yuan,
)
from marketplace.web import gallery
from marketplace.web.icons import icon
from marketplace.web.locale import english

ABSENT = "—"
NO_BREAK_SPACE = "\u00a0"

#: Places that headers, footers and error pages point to. A place whose page does not exist yet is left out.
SITE_LINKS = {
    "home": "portal.home",
    "search": "discovery.search",
    "suggest": "discovery.suggest",
    "suggest_data": "discovery.suggest_json",
    "workbench": "portal.workbench",
    "notifications": "notices.inbox",
    "login": "accounts.login",
    "logout": "accounts.logout",
    "register": "accounts.register_person",
    "account": "accounts.profile",
    "set_language": "portal.set_language",
    "set_display": "portal.set_display",
    "help": "portal.help",
    "about": "portal.about",
    "contact": "portal.contact",
    "sitemap": "portal.sitemap",
    "privacy": "portal.privacy",
    "terms": "portal.terms",
    "registration_guide": "portal.registration_guide",
    "subsidy_guide": "portal.subsidy_guide",
    "subsidy_calculator": "subsidies.calculator",
    "verify_certificate": "contracts.verify",
    "pooled_demands": "pooling.pooled_demands",
    "gaps": "pooling.gaps",
    "statistics": "statistics.index",
}


# --- money and figures --------------------------------------------------------------------------------------


class Reading(NamedTuple):
    """An amount for reading: the figure large, the unit small."""

    figure: str
    unit: str


def yuan(fen: int | None) -> str:
    """Fen as yuan to the fen, for columns headed 元: `550,000.00`."""
    return ABSENT if fen is None else format_yuan(fen)


def yuan_signed(fen: int | None) -> str:
    """Fen as an amount that decides something: `¥550,000.00`, negative `−¥1.00`."""
    if fen is None:
        return ABSENT
    return f"{'−' if fen < 0 else ''}¥{format_yuan(abs(fen))}"


def yuan_words(fen: int | None) -> str:
    """Fen in Chinese capitals: `伍拾伍万元整`."""
    return ABSENT if fen is None else amount_in_words(fen)


def wan_yuan(fen: int | None, to_fen: int | None = None, min_decimals: int = 0) -> str:
    """Fen as 万元 without the unit, exact: `55`, a band `45–60`; `min_decimals=2` in columns."""
    return ABSENT if fen is None else format_wan_yuan(fen, to_fen, min_decimals=min_decimals)


def yi(fen: int | None) -> str:
    """Fen as 亿元 without the unit, two decimals, rounded: totals only."""
    return ABSENT if fen is None else format_yi(fen)


def reading(fen: int, to_fen: int | None = None) -> Reading:
    """An amount or band for reading: 万元 exactly, from one 亿 on 亿元 rounded to two decimals.

    English has no word for 万 and 亿: there it is yuan, always exact.
    """
    if english():
        return Reading(format_whole_yuan(fen, to_fen), gettext("元"))
    if max(fen, to_fen or fen) < FEN_PER_YI_YUAN:
        return Reading(format_wan_yuan(fen, to_fen), gettext("万元"))
    low = format_yi(fen)
    high = low if to_fen is None else format_yi(to_fen)
    return Reading(low if high == low else f"{low}–{high}", gettext("亿元"))


def amount_text(fen: int | None, to_fen: int | None = None) -> str:
    """An amount or band with its unit, always exact: `45–60 万元`, in English `450,000–600,000 yuan`."""
    if fen is None:
        return ABSENT
    if english():
        return f"{format_whole_yuan(fen, to_fen)} {gettext('元')}"
    return f"{format_wan_yuan(fen, to_fen)} {gettext('万元')}"


def percent(ratio: float | Decimal | None, decimals: int = 1) -> str:
    """A ratio (0.914) as per cent with a no-break space: `91.4 %`, rounded half up."""
    if ratio is None:
        return ABSENT
    step = Decimal(1).scaleb(-decimals)
    value = (Decimal(str(ratio)) * 100).quantize(step, ROUND_HALF_UP)
    return f"{value}{NO_BREAK_SPACE}%".replace("-", "−")


def basis_points(rate_bp: int | None) -> str:
    """A rate in basis points as per cent, always two decimals: 1000 is `10.00 %`."""
    return percent(None if rate_bp is None else Decimal(rate_bp) / 10_000, 2)


_UNIT_GAP = re.compile(r"(?<=\d) (?=[^\W\d_]|[%℃‰°μΩ])|(?<=[≥≤±<>=＝≈]) (?=[\d.−-])")


def nbsp(text: str | None) -> str:
    """Keep a figure and its unit, and a comparison sign and its figure, on one line."""
    return ABSENT if text is None else _UNIT_GAP.sub(NO_BREAK_SPACE, str(text))


# --- dates --------------------------------------------------------------------------------------------------

_WEEKDAYS = (_l("星期一"), _l("星期二"), _l("星期三"), _l("星期四"), _l("星期五"), _l("星期六"), _l("星期日"))


def _legal_moment(moment: datetime) -> datetime:
    """The moment in Asia/Shanghai. Raises ValueError for one without a zone: nobody knows what it means."""
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone cannot be shown")
    return moment.astimezone(LEGAL_ZONE)


def _legal_date(day: date | datetime) -> date:
    return _legal_moment(day).date() if isinstance(day, datetime) else day


def iso_date(day: date | datetime | None) -> str:
    """`2018-06-12`, in Asia/Shanghai: lists and fields."""
    return ABSENT if day is None else _legal_date(day).isoformat()


def short_date(day: date | datetime | None) -> str:
    """`06-12`, in Asia/Shanghai: dense lists, where the year is plain."""
    return ABSENT if day is None else _legal_date(day).strftime("%m-%d")


def long_date(day: date | datetime | None) -> str:
    """`2018年6月12日`, in Asia/Shanghai: formal text."""
    if day is None:
        return ABSENT
    shown = _legal_date(day)
    return f"{shown.year}年{shown.month}月{shown.day}日"


def date_time(moment: datetime | None) -> str:
    """`2026-11-20 09:31`, in Asia/Shanghai."""
    return ABSENT if moment is None else _legal_moment(moment).strftime("%Y-%m-%d %H:%M")


def weekday(day: date | datetime | None) -> str:
    """`星期五`, in Asia/Shanghai."""
    return ABSENT if day is None else str(_WEEKDAYS[_legal_date(day).weekday()])


# --- search hits --------------------------------------------------------------------------------------------


def highlight(segments: str | Iterable[tuple[str, bool]] | None) -> Markup:
    """Pieces of text, each with “is a hit”, as safe HTML hits in `<mark>`. Plain text is only escaped."""
    if segments is None or isinstance(segments, str):
        return escape(segments or "")
    return Markup("").join(
        Markup("<mark>{}</mark>").format(text) if hit else escape(text) for text, hit in segments
    )


# --- technology readiness -----------------------------------------------------------------------------------


class Readiness(NamedTuple):
    """One level of the technology readiness scale (domain.md 6.1)."""

    name: str
    plain: str
    phase: str


_LABORATORY, _ENGINEERING, _INDUSTRY = _l("实验室"), _l("工程化"), _l("产业化")
READINESS = {
    1: Readiness(_l("报告级"), _l("观察到基本原理并形成正式报告"), _LABORATORY),
    2: Readiness(_l("方案级"), _l("形成技术概念或应用方案"), _LABORATORY),
    3: Readiness(_l("功能级"), _l("关键功能的分析和实验结论成立"), _LABORATORY),
    4: Readiness(_l("仿真级"), _l("实验室环境中部件或样品验证通过"), _LABORATORY),
    5: Readiness(_l("初样级"), _l("相关环境中部件验证通过"), _ENGINEERING),
    6: Readiness(_l("正样级"), _l("相关环境中系统样机演示通过"), _ENGINEERING),
    7: Readiness(_l("环境级"), _l("实际环境中系统样机试验成立"), _ENGINEERING),
    8: Readiness(_l("产品级"), _l("实际系统完成并通过实际验证，可以生产"), _INDUSTRY),
    9: Readiness(_l("系统级"), _l("实际运行经受考验，可以销售和复制"), _INDUSTRY),
}


def trl_name(level: int | None) -> str:
    """`7 级 环境级`; without a level “成熟度未提供”. Raises KeyError outside 1–9."""
    if level is None:
        return gettext("成熟度未提供")
    return gettext("%(level)s 级 %(name)s", level=level, name=str(READINESS[level].name))


def trl_plain(level: int) -> str:
    """What must exist at this level, in one sentence. Raises KeyError outside 1–9."""
    return str(READINESS[level].plain)


# --- forms and pages ----------------------------------------------------------------------------------------


class FormError(NamedTuple):
    """One message of a form: the id of the control it belongs to, the name of the field, the sentence."""

    target: str
    label: str
    message: str


def form_errors(form) -> list[FormError]:
    """All messages of a WTForms form in the order of its fields, those of rows and sub-forms included."""
    whole = [FormError("main", "", str(message)) for message in getattr(form, "form_errors", ())]
    return whole + [error for field in form for error in _field_errors(field)]


def _field_errors(field, row: str = "") -> Iterator[FormError]:
    if hasattr(field, "entries"):  # FieldList: own messages, then row by row
        yield from _own_errors(field, row, f"{field.id}")
        for number, entry in enumerate(field.entries, 1):
            yield from _field_errors(entry, gettext("第 %(number)s 行", number=number))
    elif hasattr(field, "form"):  # FormField
        for inner in field.form:
            yield from _field_errors(inner, row)
    else:
        yield from _own_errors(field, row, _focus_target(field))


def _own_errors(field, row: str, target: str) -> Iterator[FormError]:
    label = f"{row} {field.label.text}".strip()
    # A FieldList repeats its rows' messages as lists; only its own are sentences.
    own = [message for message in field.errors if message and not isinstance(message, list | dict | tuple)]
    return (FormError(target, label, str(message)) for message in own)


def _focus_target(field) -> str:
    """Radio buttons and check boxes have no control with the field's own id: point at the first of them."""
    return f"{field.id}-0" if hasattr(field, "option_widget") and _drawn_as_list(field) else field.id


def _drawn_as_list(field) -> bool:
    return hasattr(field.widget, "prefix_label")


def page_window(page: int, pages: int, around: int = 2) -> list[int | None]:
    """Page numbers worth a link: first, last and those around the present one; None stands for a gap."""
    wanted = sorted({1, pages, *range(max(1, page - around), min(pages, page + around) + 1)} - {0})
    shown: list[int | None] = []
    for number in wanted:
        if shown and shown[-1] is not None and number - shown[-1] > 1:
            shown.append(number - 1 if number - shown[-1] == 2 else None)
        shown.append(number)
    return shown


def site_link(name: str) -> str | None:
    """The address of a place of SITE_LINKS, None while its page does not exist. KeyError for other names."""
    try:
        return url_for(SITE_LINKS[name])
    except BuildError:
        return None


# --- registration -------------------------------------------------------------------------------------------

FILTERS: dict[str, Callable] = {
    "yuan": yuan,
    "yuan_signed": yuan_signed,
    "yuan_words": yuan_words,
    "wan_yuan": wan_yuan,
    "yi": yi,
    "amount_text": amount_text,
    "percent": percent,
    "basis_points": basis_points,
    "nbsp": nbsp,
    "iso_date": iso_date,
    "short_date": short_date,
    "long_date": long_date,
    "date_time": date_time,
    "weekday": weekday,
    "highlight": highlight,
    "trl_name": trl_name,
    "trl_plain": trl_plain,
}

GLOBALS: dict[str, object] = {
    "icon": icon,
    "reading": reading,
    "form_errors": form_errors,
    "page_window": page_window,
    "site_link": site_link,
    "component_samples": gallery.samples,
    "READINESS": READINESS,
}


def register(app: Flask) -> None:
    """Give the application's templates the filters and globals of this module."""
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.globals.update(GLOBALS)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
