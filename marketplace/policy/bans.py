"""Bans after fraud: how long they last (policy.md 5, `ban`; the decision day itself is covered)."""

from datetime import date

from marketplace.calendar import add_years


def ban_last_day(decision_date: date, years: int) -> date:
    """The last day of a ban: the corresponding date, never moved for holidays.

    Raises CalendarRangeError when that lies after 9999-12-31.
    """
    return add_years(decision_date, years)


def is_banned(day: date, decision_date: date, years: int) -> bool:
    """Whether `day` lies in the ban, the decision day and the last day included."""
    return decision_date <= day <= ban_last_day(decision_date, years)
