"""The payment window of a programme year (policy.md 2 `window`, 5; domain.md 3.2-3). Both ends are inside."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from marketplace.policy.ruleset import RuleSet
from marketplace.policy.table import Year

PARAMETERS = frozenset({"window"})


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowFacts:
    """A programme year and days to be placed."""

    programme_year: Year
    dates: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedDay:
    """A day and whether it lies in the window."""

    date: date
    inside: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowResult:
    """The window and the days asked for, in their order."""

    status: str = "OK"
    first_day: date
    last_day: date
    dates: tuple[PlacedDay, ...]


def window_of(programme_year: int, window: Mapping[str, Any]) -> tuple[date, date]:
    """First and last day of the window that the parameter `window` gives for a programme year."""
    return _edge_day(programme_year, window["first"]), _edge_day(programme_year, window["last"])


def _edge_day(programme_year: int, edge: Mapping[str, Any]) -> date:
    year = programme_year + edge["year_offset"]
    month, day = map(int, edge["month_day"].split("-"))
    try:
        return date(year, month, day)
    except ValueError:  # only 02-29 can be missing
        return date(year, month, day - 1)


def place(facts: WindowFacts, rules: RuleSet) -> WindowResult:
    """Place the days in the window of the programme year."""
    first, last = window_of(facts.programme_year, rules.value("window"))
    placed = tuple(PlacedDay(date=day, inside=first <= day <= last) for day in facts.dates)
    return WindowResult(first_day=first, last_day=last, dates=placed)
