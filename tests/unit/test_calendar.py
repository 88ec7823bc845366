"""Legal days: corresponding dates, working days, rest days, and years without a published calendar."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.calendar import (
    CalendarRangeError,
    WorkCalendar,
    add_months,
    add_years,
    days_after,
    legal_day,
    shift,
)

#: New Year 2026 with two adjusted working days; only that year is loaded.
CALENDAR = WorkCalendar.of(
    holidays=[date(2026, 1, 1), date(2026, 1, 2)], workdays=[date(2026, 1, 4)], years=[2026]
)
DAYS = st.dates(min_value=date(2000, 1, 1), max_value=date(2100, 1, 1))


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 3, 1, 15, 59, tzinfo=UTC), date(2026, 3, 1)),
        (datetime(2026, 3, 1, 16, 0, tzinfo=UTC), date(2026, 3, 2)),
    ],
)
def test_the_legal_day_changes_at_midnight_in_shanghai(moment, day):
    assert legal_day(moment) == day


def test_a_moment_without_zone_has_no_legal_day():
    with pytest.raises(ValueError, match="aware"):
        legal_day(datetime(2026, 3, 1))


@pytest.mark.parametrize(
    ("day", "months", "found"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2025, 8, 31), 1, date(2025, 9, 30)),
        (date(2025, 12, 15), 1, date(2026, 1, 15)),
        (date(2025, 1, 15), -2, date(2024, 11, 15)),
        (date(2026, 3, 31), 12, date(2027, 3, 31)),
    ],
)
def test_months_end_on_the_corresponding_date_or_the_end_of_the_month(day, months, found):
    assert add_months(day, months) == found


def test_years_end_on_the_corresponding_date():
    assert add_years(date(2026, 3, 15), 3) == date(2029, 3, 15)
    assert add_years(date(2024, 2, 29), 1) == date(2025, 2, 28)
    assert add_years(date(2024, 2, 29), 4) == date(2028, 2, 29)


@pytest.mark.parametrize(
    "leave",
    [
        lambda: shift(date.max, 1),
        lambda: add_months(date(9999, 12, 1), 1),
        lambda: add_years(date(9999, 1, 1), 1),
        lambda: add_months(date(1, 1, 1), -1),
        lambda: CALENDAR.add_working_days(date(9999, 12, 30), 5),
    ],
)
def test_no_day_lies_beyond_the_calendar(leave):
    with pytest.raises(CalendarRangeError, match="9999"):
        leave()


@pytest.mark.parametrize(
    ("day", "rest"),
    [
        (date(2026, 1, 1), True),
        (date(2026, 1, 3), True),
        (date(2026, 1, 4), False),
        (date(2026, 1, 5), False),
    ],
)
def test_rest_days_are_weekends_and_holidays_but_not_adjusted_working_days(day, rest):
    assert CALENDAR.is_rest_day(day) is rest


def test_working_days_are_counted_from_the_day_after():
    counted = CALENDAR.add_working_days(date(2025, 12, 31), 1)
    assert counted.day == date(2026, 1, 4)
    assert not counted.calendar_published  # 2025 is not loaded
    counted = CALENDAR.add_working_days(date(2026, 1, 4), 5)
    assert counted.day == date(2026, 1, 9)
    assert counted.calendar_published


def test_a_last_day_moves_to_the_next_worked_day():
    assert CALENDAR.on_or_after(date(2026, 1, 1)).day == date(2026, 1, 4)
    assert CALENDAR.on_or_after(date(2026, 1, 5)).day == date(2026, 1, 5)


def test_beyond_the_loaded_years_weekends_alone_decide_and_the_answer_says_so():
    counted = CALENDAR.add_working_days(date(2026, 12, 31), 1)
    assert counted.day == date(2027, 1, 1)  # a Friday, and a holiday that nobody has published
    assert not counted.calendar_published
    assert not CALENDAR.is_published(counted.day)


def test_without_named_years_the_two_sets_are_the_whole_truth():
    assert WorkCalendar.of(years=None).covers(date(1900, 1, 1), date(9999, 1, 1))
    assert not WorkCalendar.of().is_published(date(2026, 1, 1))


def test_working_days_between_leave_out_the_first_day():
    assert CALENDAR.working_days_between(date(2026, 1, 4), date(2026, 1, 9)) == 5
    assert CALENDAR.working_days_between(date(2026, 1, 9), date(2026, 1, 4)) == -5
    assert CALENDAR.working_days_between(date(2026, 1, 4), date(2026, 1, 4)) == 0


def test_days_after_include_the_last():
    assert list(days_after(date(2026, 2, 27), date(2026, 3, 1))) == [date(2026, 2, 28), date(2026, 3, 1)]


@given(DAYS, st.integers(min_value=1, max_value=300))
def test_adding_and_counting_working_days_agree(start, days):
    end = CALENDAR.add_working_days(start, days).day
    assert not CALENDAR.is_rest_day(end)
    assert CALENDAR.working_days_between(start, end) == days


@given(DAYS, st.integers(min_value=-600, max_value=600))
def test_months_never_skip_a_month(day, months):
    found = add_months(day, months)
    assert (found.year * 12 + found.month) - (day.year * 12 + day.month) == months
    assert found.day == day.day or (found + timedelta(days=1)).day == 1
