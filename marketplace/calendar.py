"""Legal days: `date`s in Asia/Shanghai, counted the way the Civil Code counts them (arts. 200–204).

The starting day never counts; a period in months or years ends on the corresponding date; a last day that is
a rest day moves to the next day that is not. Holidays and adjusted working days are handed in as a
`WorkCalendar` (data published by the State Council year by year), never looked up here. Beyond the years it
holds, weekends alone decide and the answer says so (`calendar_published` is False), so that nobody is blocked
by a table that does not exist yet. Pure; no clock.
"""

import calendar as _months
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from marketplace.errors import N_

LEGAL_ZONE = ZoneInfo("Asia/Shanghai")
ONE_DAY = timedelta(days=1)

#: What a page says beside a day counted without a published calendar.
UNPUBLISHED_NOTE = N_("节假日表未载入，暂按周末计")


class CalendarRangeError(ValueError):
    """A computed day that would lie after 9999-12-31."""

    def __init__(self) -> None:
        super().__init__("推算出的日期超出公元 9999 年，请检查起始日期和期限。")


def legal_day(moment: datetime) -> date:
    """The legal day of a moment. `moment` must be aware; raises ValueError if it is not."""
    if moment.tzinfo is None:
        raise ValueError("a legal day needs an aware moment")
    return moment.astimezone(LEGAL_ZONE).date()


@dataclass(frozen=True, slots=True)
class CountedDay:
    """A computed day, and whether every day on the way to it lies in a published calendar year."""

    day: date
    calendar_published: bool


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Holidays, adjusted working days (调休) and the years for which both are loaded.

    `years` None means that the two sets are the whole truth for every year (facts of a policy case).
    """

    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()
    years: frozenset[int] | None = frozenset()

    @classmethod
    def of(
        cls, holidays: Iterable[date] = (), workdays: Iterable[date] = (), years: Iterable[int] | None = ()
    ) -> "WorkCalendar":
        """Build one from any iterables."""
        return cls(frozenset(holidays), frozenset(workdays), None if years is None else frozenset(years))

    def is_rest_day(self, day: date) -> bool:
        """Saturday, Sunday or holiday, unless it is an adjusted working day."""
        if day in self.workdays:
            return False
        return day.weekday() >= 5 or day in self.holidays

    def is_published(self, day: date) -> bool:
        """Whether the calendar of that day's year is loaded."""
        return self.years is None or day.year in self.years

    def covers(self, first: date, last: date) -> bool:
        """Whether every year from `first` to `last` is loaded."""
        return self.years is None or self.years.issuperset(range(first.year, last.year + 1))

    def on_or_after(self, day: date) -> CountedDay:
        """The day itself if it is worked, else the next day that is."""
        reached = day
        while self.is_rest_day(reached):
            reached = shift(reached, 1)
        return CountedDay(reached, self.covers(day, reached))

    def add_working_days(self, start: date, days: int) -> CountedDay:
        """The `days`-th working day after `start` (which does not count); `days` ≥ 1."""
        reached = start
        for _ in range(days):
            reached = self._next_working_day(reached)
        return CountedDay(reached, self.covers(start, reached))

    def working_days_between(self, first: date, last: date) -> int:
        """Working days after `first` up to and including `last`; negative when `last` lies before."""
        if last < first:
            return -self.working_days_between(last, first)
        return sum(not self.is_rest_day(day) for day in days_after(first, last))

    def _next_working_day(self, day: date) -> date:
        reached = shift(day, 1)
        while self.is_rest_day(reached):
            reached = shift(reached, 1)
        return reached


def shift(day: date, days: int) -> date:
    """`day` + `days` calendar days. Raises CalendarRangeError when that leaves the calendar."""
    try:
        return day + timedelta(days=days)
    except OverflowError:
        raise CalendarRangeError from None


def add_months(day: date, months: int) -> date:
    """The corresponding date `months` later (negative: earlier), the month's end if it lacks the day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not date.min.year <= year <= date.max.year:
        raise CalendarRangeError
    return date(year, month + 1, min(day.day, _months.monthrange(year, month + 1)[1]))


def add_years(day: date, years: int) -> date:
    """The corresponding date `years` later, 28 February if the year lacks the 29th."""
    return add_months(day, years * 12)


def days_after(first: date, last: date) -> Iterator[date]:
    """The days after `first` up to and including `last`."""
    return (first + timedelta(days=n) for n in range(1, (last - first).days + 1))
