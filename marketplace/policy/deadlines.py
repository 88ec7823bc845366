"""Deadlines: statutory clocks, price publicity with its events, and supplements that stop a clock.

policy.md 5 `deadline`; domain.md 2.4 (registration decision, supplements), 3.7 (publicity, payout), 5 (price
publicity). The starting day never counts. Rest days come from the facts, or from the calendar table of the
caller.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from marketplace.calendar import WorkCalendar, add_months, add_years, shift
from marketplace.policy.ruleset import RuleSet
from marketplace.policy.table import INTERNAL, OMIT_IF_NONE, DayCount

Unit = Literal["CALENDAR_DAYS", "WORKING_DAYS", "MONTHS", "YEARS"]
RuleName = Literal["REGISTRATION_DECISION", "PRICE_PUBLICITY", "SUBSIDY_PUBLICITY", "PAYOUT"]
EventName = Literal["PRICE_EDITED", "TAKEN_DOWN", "REPOSTED"]

#: Per rule: the parameter that holds the number of days, and the unit.
RULES: dict[str, tuple[str, Unit]] = {
    "REGISTRATION_DECISION": ("registration_decision_days", "CALENDAR_DAYS"),
    "PRICE_PUBLICITY": ("price_publicity_days", "CALENDAR_DAYS"),
    "SUBSIDY_PUBLICITY": ("publicity_days", "WORKING_DAYS"),
    "PAYOUT": ("payout_deadline", "WORKING_DAYS"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened to a price notice."""

    date: date
    event: EventName


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A supplement: the day it was asked for and the day of resubmission (None: still open)."""

    start: date
    end: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineFacts:
    """A start and either a rule or a number of units; what happened meanwhile."""

    start: date
    n: DayCount | None = None
    unit: Unit | None = None
    rule: RuleName | None = None
    holidays: tuple[date, ...] = ()
    workdays: tuple[date, ...] = ()
    roll: bool = True
    events: tuple[Event, ...] = ()
    pauses: tuple[Pause, ...] = ()
    today: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineResult:
    """The clock's start and last day (None if interrupted or stopped)."""

    status: Literal["OK", "INTERRUPTED", "STOPPED"] = "OK"
    clock_start: date | None
    last_day: date | None
    overdue: bool | None = field(default=None, metadata=OMIT_IF_NONE)
    #: Whether every day counted lies in a published calendar year; see `calendar.UNPUBLISHED_NOTE`.
    calendar_published: bool = field(default=True, metadata=INTERNAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicityResult(DeadlineResult):
    """Of a price notice: also the first day on which the contract may be signed."""

    earliest_contract_day: date | None


# --- conditions across fields -----------------------------------------------------------------------------


def missing_field(facts: DeadlineFacts, _rules: RuleSet) -> Iterator[str]:
    """The number and the unit, where no rule is named."""
    if facts.rule is None:
        yield from (name for name in ("n", "unit") if getattr(facts, name) is None)


def wrong_value(facts: DeadlineFacts, _rules: RuleSet) -> Iterator[str]:
    """Fields that may not stand beside the others, or days out of order."""
    if facts.rule is not None:
        yield from (name for name in ("n", "unit") if getattr(facts, name) is not None)
    for place, event in enumerate(facts.events):
        if facts.rule != "PRICE_PUBLICITY" or event.date < facts.start:
            yield f"events[{place}]"
    cannot_pause = facts.rule == "PRICE_PUBLICITY" or facts.unit in ("MONTHS", "YEARS")
    for place, pause in enumerate(facts.pauses):
        backwards = pause.end is not None and pause.end < pause.start
        if cannot_pause or pause.start < facts.start or backwards:
            yield f"pauses[{place}]"


def parameters_used(facts: DeadlineFacts) -> frozenset[str]:
    """The parameter of the rule, and the supplement clock if there are pauses."""
    keys = {RULES[facts.rule][0]} if facts.rule else set()
    return frozenset(keys | ({"supplement_clock"} if facts.pauses else set()))


# --- the clock ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Period:
    """A number of units, counted with a calendar."""

    n: int
    unit: Unit
    roll: bool
    calendar: WorkCalendar

    @property
    def skips_rest_days(self) -> bool:
        """Whether the last day may not be a rest day."""
        return self.roll or self.unit == "WORKING_DAYS"

    def last_day(self, clock_start: date, pauses: Sequence[Pause] = ()) -> date:
        """The last day of a clock; days in a pause do not count, and the last day is never in one."""
        reached = self._counted(clock_start, pauses)
        while _inside(reached, pauses) or (self.skips_rest_days and self.calendar.is_rest_day(reached)):
            reached = shift(reached, 1)
        return reached

    def _counted(self, clock_start: date, pauses: Sequence[Pause]) -> date:
        if self.unit == "MONTHS":
            return add_months(clock_start, self.n)
        if self.unit == "YEARS":
            return add_years(clock_start, self.n)
        reached, left = clock_start, self.n
        while left:
            reached = shift(reached, 1)
            if not self._is_left_out(reached, pauses):
                left -= 1
        return reached

    def _is_left_out(self, day: date, pauses: Sequence[Pause]) -> bool:
        if any(pause.start < day <= pause.end for pause in pauses):
            return True
        return self.unit == "WORKING_DAYS" and self.calendar.is_rest_day(day)


def _inside(day: date, pauses: Sequence[Pause]) -> bool:
    """In a pause or on its request day; a pause that ended on the day it began moves nothing."""
    return any(pause.start <= day <= pause.end for pause in pauses if pause.start < pause.end)


def compute(
    facts: DeadlineFacts, rules: RuleSet, calendar: WorkCalendar | None = None
) -> DeadlineResult | PublicityResult:
    """Compute a deadline. `calendar` replaces the rest days of the facts (for callers with a table).

    Raises CalendarRangeError for a day after 9999-12-31.
    """
    if calendar is None:
        calendar = WorkCalendar.of(facts.holidays, facts.workdays, years=None)
    parameter, unit = RULES[facts.rule] if facts.rule else (None, facts.unit)
    period = _Period(rules.value(parameter) if parameter else facts.n, unit, facts.roll, calendar)
    if facts.rule == "PRICE_PUBLICITY":
        return _publicity(facts, period)
    if facts.pauses and rules.value("supplement_clock") == "RESTART":
        return _restarted(facts, period)
    return _resumed(facts, period)


def _resumed(facts: DeadlineFacts, period: _Period) -> DeadlineResult:
    """The supplement stops the clock, which then goes on (RESUME)."""
    effective: list[Pause] = []
    last = period.last_day(facts.start)
    for pause in sorted(facts.pauses, key=lambda each: each.start):
        if pause.start > last:
            continue
        if pause.end is None:
            return _stopped(facts.start)
        effective.append(pause)
        last = period.last_day(facts.start, effective)
    return _running(facts, period, facts.start, last)


def _restarted(facts: DeadlineFacts, period: _Period) -> DeadlineResult:
    """The clock starts anew on the day of resubmission (RESTART), never earlier than it did."""
    clock_start = facts.start
    last = period.last_day(clock_start)
    for pause in sorted(facts.pauses, key=lambda each: each.start):
        if pause.start > last:
            continue
        if pause.end is None:
            return _stopped(clock_start)
        clock_start = max(clock_start, pause.end)
        last = period.last_day(clock_start)
    return _running(facts, period, clock_start, last)


def _stopped(clock_start: date) -> DeadlineResult:
    return DeadlineResult(status="STOPPED", clock_start=clock_start, last_day=None)


def _running(facts: DeadlineFacts, period: _Period, clock_start: date, last: date) -> DeadlineResult:
    return DeadlineResult(
        clock_start=clock_start,
        last_day=last,
        overdue=None if facts.today is None else facts.today > last,
        calendar_published=period.calendar.covers(clock_start, last),
    )


# --- price publicity ----------------------------------------------------------------------------------------


class _Notice:
    """A price notice as events reach it: when its clock began, whether it is up, whether it was broken."""

    def __init__(self, start: date, period: _Period) -> None:
        self._period = period
        self._is_down = False
        self.interrupted = False
        self._begin(start)

    def _begin(self, day: date) -> None:
        self.clock_start = day
        self.last_day = self._period.last_day(day)

    def meet(self, event: Event) -> None:
        """Let one event take effect; events come in date order."""
        if event.event == "TAKEN_DOWN":
            self._is_down = True
            # A period already finished stands, even if the notice goes down afterwards.
            self.interrupted = self.interrupted or event.date <= self.last_day
        elif event.event == "PRICE_EDITED":
            if self._is_down:
                self.interrupted = True
            else:
                self._begin(event.date)
        else:
            if self.interrupted:
                self._begin(event.date)
            self._is_down = self.interrupted = False


def _publicity(facts: DeadlineFacts, period: _Period) -> PublicityResult:
    notice = _Notice(facts.start, period)
    for event in sorted(facts.events, key=lambda each: each.date):
        notice.meet(event)
    if notice.interrupted:
        return PublicityResult(
            status="INTERRUPTED", clock_start=None, last_day=None, earliest_contract_day=None
        )
    return PublicityResult(
        clock_start=notice.clock_start,
        last_day=notice.last_day,
        overdue=None if facts.today is None else facts.today > notice.last_day,
        calendar_published=period.calendar.covers(notice.clock_start, notice.last_day),
        earliest_contract_day=shift(notice.last_day, 1),
    )
