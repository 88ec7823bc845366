"""Ranges of indicators: one line for each that is asked for, and on a page of their own the indicators to pick from."""

from collections import Counter
from types import SimpleNamespace
from typing import Any

from flask import url_for
from flask_babel import gettext

from marketplace.discovery.forms import Asked
from marketplace.discovery.presenters.addresses import search_url
from marketplace.discovery.presenters.left_out import left_out
from marketplace.discovery.ranges import (
    LONGEST_NUMBER,
    MOST_RANGES,
    PARAMETERS,
    AskedRange,
    Problem,
    number,
)
from marketplace.discovery.services import Found
from search.facets import Facet, FacetCount
from search.measures import same_indicator

#: Indicators offered, those most hits state.
_MOST_OFFERED = 50

_NEW = {"key": "", "name": "", "unit": "", "low": "", "high": "", "problem": None}


def panel(found: Found, asked: Asked) -> SimpleNamespace | None:
    """The lines of the ranges asked for, and the way to more; None where there is nothing to choose from."""
    lines = _lines(found, asked)
    more = None
    if found.available and len(lines) < MOST_RANGES and found.result.total:
        more = url_for("discovery.indicators", **asked.parameters())
    if not lines and more is None:
        return None
    return SimpleNamespace(
        lines=lines, more_url=more, longest=LONGEST_NUMBER, faulty=bool(asked.ranges.faulty)
    )


def indicator_page(found: Found, asked: Asked) -> SimpleNamespace:
    """Everything the page of the indicators shows."""
    lines = _lines(found, asked)
    offered = any(line["options"] for line in lines)
    return SimpleNamespace(
        ranges=SimpleNamespace(lines=lines, more_url=None, longest=LONGEST_NUMBER, faulty=False),
        offered=offered,
        full=len(lines) >= MOST_RANGES,
        available=found.available,
        left_out=left_out(asked),
        problems=problems(asked),
        kept=asked.pairs(*PARAMETERS),
        back=search_url(asked),
    )


def _lines(found: Found, asked: Asked) -> list[dict[str, Any]]:
    """One line for each range asked for, and one to add another where indicators were counted."""
    lines = [_line(one) for one in (*asked.ranges.usable, *asked.ranges.faulty) if one.key]
    taken = {same_indicator(line["key"]) for line in lines}
    offered = _offered(found.result.facets.get(Facet.MEASURE, ()), taken)
    typed = next((one for one in asked.ranges.faulty if not one.key), None)
    if typed is not None:
        lines.append({**_line(typed), "options": offered})
    elif offered and len(lines) < MOST_RANGES:
        lines.append({**_NEW, "options": offered})
    return lines


def problems(asked: Asked) -> list[str]:
    """What is wrong with the ranges that cannot be used, each in a sentence that names it."""
    return [f"{one.name or gettext('指标')}：{_problem(one)}" for one in asked.ranges.faulty]


def shown(one: AskedRange) -> str:
    """A range in one line: 硬度 60–65 HRC, 硬度 ≥ 60 HRC."""
    low, high = number(one.low), number(one.high)
    if high is None:
        ends = f"≥ {low:f}"
    elif low is None:
        ends = f"≤ {high:f}"
    else:
        ends = f"{low:f}" if low == high else f"{low:f}–{high:f}"
    return f"{one.name} {ends} {_unit(one.unit)}"


def _line(one: AskedRange) -> dict[str, Any]:
    return {
        "key": one.key,
        "name": one.name,
        "unit": _unit(one.unit),
        "low": one.low,
        "high": one.high,
        "problem": _problem(one),
        "options": [],
    }


def _problem(one: AskedRange) -> str | None:
    match one.problem:
        case Problem.NO_INDICATOR:
            return gettext("请先选择指标，再填写范围。")
        case Problem.NO_END:
            return gettext("请填写下限或上限，这一条还没有用上。")
        case Problem.NO_NUMBER:
            return gettext("“%(typed)s”不是数字，这一条没有用上。", typed="”“".join(one.not_numbers))
        case Problem.UPSIDE_DOWN:
            return gettext("下限 %(low)s 大于上限 %(high)s，这一条没有用上。", low=one.low, high=one.high)
    return None


def _offered(counts: tuple[FacetCount, ...], taken: set[tuple[str, str]]) -> list[dict[str, Any]]:
    """The indicators most hits state. One that is stated in several units is offered in the most frequent.

    A listing counts once for each indicator, whatever its unit, so the counts of the units add up.
    """
    hits: Counter[tuple[str, str]] = Counter()
    keys: dict[tuple[str, str], str] = {}
    for count in sorted(counts, key=lambda count: (-count.count, count.value)):
        same = same_indicator(count.value)
        hits[same] += count.count
        keys.setdefault(same, count.value)
    frequent = sorted(hits, key=lambda same: (-hits[same], keys[same]))
    return [_option(keys[same], hits[same]) for same in frequent if same not in taken][:_MOST_OFFERED]


def _option(key: str, count: int) -> dict[str, Any]:
    one = AskedRange(key, "", "")
    label = gettext("%(name)s（%(unit)s）%(count)s 条", name=one.name, unit=_unit(one.unit), count=count)
    return {"value": key, "label": label}


def _unit(unit: str) -> str:
    """The unit as people write it."""
    return unit.replace("°C", "℃")
