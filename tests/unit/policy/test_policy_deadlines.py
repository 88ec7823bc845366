"""Deadlines: periods, rest days, supplements and price notices (policy.md 5)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.calendar import WorkCalendar
from marketplace.policy import deadlines
from marketplace.policy.deadlines import DeadlineFacts, Pause
from marketplace.policy.engine import calculate_deadline
from marketplace.policy.errors import CaseError
from marketplace.policy.loader import load_rule_book
from marketplace.policy.outcome import NoAnswer

RULES = load_rule_book().in_force(date(2026, 1, 1))
RESTART = load_rule_book().in_force(date(2026, 1, 1), {"supplement_clock": "RESTART"})
DAYS = st.dates(min_value=date(2020, 1, 1), max_value=date(2040, 1, 1))


def last_day(evaluate, parameters=None, **facts):
    return evaluate("deadline", parameters, **facts).get("last_day")


@pytest.mark.parametrize(
    ("facts", "last"),
    [
        ({"start": "2026-03-01", "rule": "REGISTRATION_DECISION"}, "2026-03-31"),
        ({"start": "2026-03-02", "rule": "SUBSIDY_PUBLICITY"}, "2026-03-09"),
        ({"start": "2026-03-02", "rule": "PAYOUT"}, "2026-04-13"),
        ({"start": "2026-03-06", "n": 1, "unit": "WORKING_DAYS"}, "2026-03-09"),
        ({"start": "2026-03-06", "n": 1, "unit": "WORKING_DAYS", "roll": False}, "2026-03-09"),
        ({"start": "2026-03-06", "n": 1, "unit": "WORKING_DAYS", "workdays": ["2026-03-07"]}, "2026-03-07"),
        ({"start": "2026-03-06", "n": 1, "unit": "WORKING_DAYS", "holidays": ["2026-03-09"]}, "2026-03-10"),
        ({"start": "2026-03-06", "n": 1, "unit": "CALENDAR_DAYS"}, "2026-03-09"),
        ({"start": "2026-03-06", "n": 1, "unit": "CALENDAR_DAYS", "roll": False}, "2026-03-07"),
        (
            {
                "start": "2026-03-06",
                "n": 1,
                "unit": "CALENDAR_DAYS",
                "holidays": ["2026-03-07"],
                "workdays": ["2026-03-07"],
            },
            "2026-03-07",
        ),
        ({"start": "2026-01-31", "n": 1, "unit": "MONTHS", "roll": False}, "2026-02-28"),
        ({"start": "2024-02-29", "n": 1, "unit": "YEARS", "roll": False}, "2025-02-28"),
        ({"start": "2026-01-31", "n": 1, "unit": "MONTHS"}, "2026-03-02"),
    ],
)
def test_periods(evaluate, facts, last):
    assert last_day(evaluate, **facts) == last


@pytest.mark.parametrize(
    ("facts", "error"),
    [
        ({}, "MISSING_FIELD"),
        ({"n": 5}, "MISSING_FIELD"),
        ({"unit": "MONTHS"}, "MISSING_FIELD"),
        ({"rule": "PAYOUT", "n": 5}, "BAD_VALUE"),
        ({"rule": "PAYOUT", "unit": "MONTHS"}, "BAD_VALUE"),
        ({"n": 0, "unit": "MONTHS"}, "BAD_VALUE"),
        ({"n": 10_001, "unit": "CALENDAR_DAYS"}, "BAD_VALUE"),
        ({"n": True, "unit": "MONTHS"}, "BAD_VALUE"),
        ({"n": 5, "unit": "WEEKS"}, "BAD_VALUE"),
        ({"rule": "price_publicity"}, "BAD_VALUE"),
        ({"rule": "PAYOUT", "events": [{"date": "2026-03-05", "event": "REPOSTED"}]}, "BAD_VALUE"),
        ({"n": 5, "unit": "MONTHS", "events": [{"date": "2026-03-05", "event": "REPOSTED"}]}, "BAD_VALUE"),
        ({"rule": "PRICE_PUBLICITY", "events": [{"date": "2026-03-01", "event": "TAKEN_DOWN"}]}, "BAD_VALUE"),
        ({"rule": "PRICE_PUBLICITY", "events": [{"date": "2026-03-05", "event": "EDITED"}]}, "BAD_VALUE"),
        ({"rule": "PRICE_PUBLICITY", "pauses": [{"start": "2026-03-05"}]}, "BAD_VALUE"),
        ({"n": 5, "unit": "YEARS", "pauses": [{"start": "2026-03-05"}]}, "BAD_VALUE"),
        ({"n": 5, "unit": "MONTHS", "pauses": [{"start": "2026-03-05"}]}, "BAD_VALUE"),
        ({"rule": "PAYOUT", "pauses": [{"start": "2026-03-01"}]}, "BAD_VALUE"),
        ({"rule": "PAYOUT", "pauses": [{"start": "2026-03-05", "end": "2026-03-04"}]}, "BAD_VALUE"),
        ({"rule": "PAYOUT", "pauses": [{"end": "2026-03-04"}]}, "MISSING_FIELD"),
        ({"n": 5, "pauses": [{"start": "2026-03-01"}]}, "MISSING_FIELD"),
        ({"rule": "PAYOUT", "today": "today"}, "BAD_DATE"),
        ({"rule": "PAYOUT", "roll": 1}, "BAD_VALUE"),
        ({"n": 9000, "unit": "YEARS"}, "BAD_VALUE"),
    ],
)
def test_contradictions(evaluate, facts, error):
    assert evaluate("deadline", start="2026-03-02", **facts)["error"] == error


@pytest.mark.parametrize(
    "facts", [{"pauses": [], "n": 5, "unit": "MONTHS"}, {"events": [], "rule": "PAYOUT"}]
)
def test_empty_arrays_contradict_nothing(evaluate, facts):
    assert evaluate("deadline", start="2026-03-02", **facts)["status"] == "OK"


def test_the_day_after_the_last_must_exist_too(evaluate):
    facts = {"start": "9999-12-16", "rule": "PRICE_PUBLICITY", "roll": False}
    assert evaluate("deadline", **facts)["error"] == "BAD_VALUE"
    assert evaluate("deadline", {"price_publicity_days": 14}, **facts)["last_day"] == "9999-12-30"


@pytest.mark.parametrize(("today", "overdue"), [("2026-03-31", False), ("2026-04-01", True)])
def test_overdue_begins_the_day_after_the_last(evaluate, today, overdue):
    facts = {"start": "2026-03-01", "rule": "REGISTRATION_DECISION"}
    assert evaluate("deadline", today=today, **facts)["overdue"] is overdue
    assert "overdue" not in evaluate("deadline", **facts)
    assert "earliest_contract_day" not in evaluate("deadline", **facts)


# --- supplements --------------------------------------------------------------------------------------------


def paused(evaluate, *pauses, parameters=None, **facts):
    given = [{"start": start} if end is None else {"start": start, "end": end} for start, end in pauses]
    return evaluate("deadline", parameters, **({"start": "2025-05-12"} | facts), pauses=given)


CALENDAR_16 = {"n": 16, "unit": "CALENDAR_DAYS"}  # 2025-05-28, a Wednesday


@pytest.mark.parametrize(
    ("pauses", "last"),
    [
        ([], "2025-05-28"),
        # asked for on the day before, on, and after the last day
        ([("2025-05-27", "2025-05-28")], "2025-05-29"),
        ([("2025-05-28", "2025-05-29")], "2025-05-30"),
        ([("2025-05-29", "2025-05-30")], "2025-05-28"),
        # ended on the day it was asked for: nothing moves
        ([("2025-05-20", "2025-05-20")], "2025-05-28"),
        ([("2025-05-28", "2025-05-28")], "2025-05-28"),
        # two apart, in either order; one inside the other
        ([("2025-05-14", "2025-05-16"), ("2025-05-20", "2025-05-21")], "2025-06-02"),
        ([("2025-05-20", "2025-05-21"), ("2025-05-14", "2025-05-16")], "2025-06-02"),
        ([("2025-05-14", "2025-05-20"), ("2025-05-15", "2025-05-16")], "2025-06-03"),
        # the second only matters because the first moved the last day
        ([("2025-05-14", "2025-05-16"), ("2025-05-30", "2025-06-02")], "2025-06-03"),
    ],
)
def test_the_clock_resumes_after_a_supplement(evaluate, pauses, last):
    assert paused(evaluate, *pauses, **CALENDAR_16)["last_day"] == last


def test_a_supplement_asked_for_on_a_rolled_last_day_moves_it(evaluate):
    """12 days from 05-12 end on Saturday 05-24 and roll to Monday 05-26, the day of the request."""
    facts = {"n": 12, "unit": "CALENDAR_DAYS"}
    assert paused(evaluate, **facts)["last_day"] == "2025-05-26"
    assert paused(evaluate, ("2025-05-26", "2025-05-28"), **facts)["last_day"] == "2025-05-29"
    assert paused(evaluate, ("2025-05-26", "2025-05-30"), **facts)["last_day"] == "2025-06-02"
    assert paused(evaluate, ("2025-05-26", "2025-05-30"), roll=False, **facts)["last_day"] == "2025-05-24"


def test_without_rolling_the_day_after_the_pause_may_be_a_rest_day(evaluate):
    found = paused(evaluate, ("2025-05-28", "2025-05-30"), roll=False, **CALENDAR_16)
    assert found["last_day"] == "2025-05-31"


def test_working_days_move_past_rest_days_even_without_rolling(evaluate):
    facts = {"n": 12, "unit": "WORKING_DAYS", "roll": False}
    assert paused(evaluate, **facts)["last_day"] == "2025-05-28"
    assert paused(evaluate, ("2025-05-28", "2025-05-30"), **facts)["last_day"] == "2025-06-02"


@pytest.mark.parametrize("clock", ["RESUME", "RESTART"])
def test_an_open_supplement_stops_the_clock(evaluate, clock):
    found = paused(
        evaluate,
        ("2025-05-28", None),
        parameters={"supplement_clock": clock},
        today="2026-01-01",
        **CALENDAR_16,
    )
    assert found == {"status": "STOPPED", "clock_start": "2025-05-12", "last_day": None}
    assert paused(evaluate, ("2025-05-29", None), **CALENDAR_16)["status"] == "OK"


@pytest.mark.parametrize(
    ("pauses", "start", "last"),
    [
        ([("2025-05-20", "2025-05-22")], "2025-05-22", "2025-06-09"),
        ([("2025-05-20", "2025-05-20")], "2025-05-20", "2025-06-05"),
        ([("2025-05-29", "2025-06-05")], "2025-05-12", "2025-05-28"),
        ([("2025-05-12", "2025-05-12")], "2025-05-12", "2025-05-28"),
        ([("2025-05-13", "2025-05-26"), ("2025-05-15", "2025-05-19")], "2025-05-26", "2025-06-11"),
    ],
)
def test_the_clock_restarts_where_the_rule_says_so(evaluate, pauses, start, last):
    found = paused(evaluate, *pauses, parameters={"supplement_clock": "RESTART"}, **CALENDAR_16)
    assert (found["clock_start"], found["last_day"]) == (start, last)


# --- price notices ------------------------------------------------------------------------------------------

#: From 2025-09-01 the period ends on 2025-09-16.
NOTICE = [
    ("2025-09-16", "TAKEN_DOWN", "INTERRUPTED", None),
    ("2025-09-17", "TAKEN_DOWN", "OK", "2025-09-16"),
    ("2025-09-01", "TAKEN_DOWN", "INTERRUPTED", None),
    ("2025-09-01", "PRICE_EDITED", "OK", "2025-09-16"),
    ("2025-10-20", "PRICE_EDITED", "OK", "2025-11-04"),
    ("2025-09-05", "REPOSTED", "OK", "2025-09-16"),
]


@pytest.mark.parametrize(("day", "event", "status", "last"), NOTICE)
def test_one_event(evaluate, day, event, status, last):
    events = [{"date": day, "event": event}]
    found = evaluate("deadline", start="2025-09-01", rule="PRICE_PUBLICITY", events=events)
    assert (found["status"], found["last_day"]) == (status, last)
    assert (found["earliest_contract_day"] is None) == (last is None)


@pytest.mark.parametrize(
    ("events", "last"),
    [
        (["09-05 TAKEN_DOWN", "09-05 REPOSTED"], "2025-09-22"),
        (["09-05 REPOSTED", "09-05 TAKEN_DOWN"], None),
        (["09-18 TAKEN_DOWN", "09-20 PRICE_EDITED", "09-24 REPOSTED"], "2025-10-09"),
        (["09-18 TAKEN_DOWN", "09-24 REPOSTED", "09-26 PRICE_EDITED"], "2025-10-13"),
        (["09-05 TAKEN_DOWN", "09-08 REPOSTED", "09-23 TAKEN_DOWN"], None),
        (["09-05 TAKEN_DOWN", "09-08 REPOSTED", "09-24 TAKEN_DOWN"], "2025-09-23"),
        (["09-05 TAKEN_DOWN", "09-06 TAKEN_DOWN", "09-08 REPOSTED"], "2025-09-23"),
        (["09-10 PRICE_EDITED", "09-20 TAKEN_DOWN"], None),
    ],
)
def test_events_in_a_row(evaluate, events, last):
    given_events = [{"date": f"2025-{text[:5]}", "event": text[6:]} for text in events]
    found = evaluate("deadline", start="2025-09-01", rule="PRICE_PUBLICITY", events=given_events)
    assert found["last_day"] == last


# --- properties ---------------------------------------------------------------------------------------------


def compute(start, n, pauses=(), rules=RULES, calendar=None, unit="CALENDAR_DAYS", roll=True):
    facts = DeadlineFacts(start=start, n=n, unit=unit, roll=roll, pauses=tuple(pauses))
    return deadlines.compute(facts, rules, calendar)


UNITS = st.sampled_from(["CALENDAR_DAYS", "WORKING_DAYS", "MONTHS", "YEARS"])


@given(DAYS, st.integers(1, 60), UNITS, st.booleans())
def test_later_starts_and_longer_periods_never_end_earlier(start, n, unit, roll):
    last = compute(start, n, unit=unit, roll=roll).last_day
    assert last > start
    assert compute(start + timedelta(days=1), n, unit=unit, roll=roll).last_day >= last
    assert compute(start, n + 1, unit=unit, roll=roll).last_day >= last


@given(DAYS, st.integers(1, 40), st.lists(DAYS, max_size=5))
def test_holidays_only_delay(start, n, holidays):
    calendar = WorkCalendar.of(holidays, years=None)
    for unit in ("CALENDAR_DAYS", "WORKING_DAYS"):
        delayed = compute(start, n, unit=unit, calendar=calendar).last_day
        assert delayed >= compute(start, n, unit=unit).last_day
        assert not calendar.is_rest_day(delayed)


@st.composite
def supplements(draw):
    start = draw(DAYS)
    pauses = []
    for _ in range(draw(st.integers(0, 4))):
        begin = start + timedelta(days=draw(st.integers(0, 40)))
        pauses.append(Pause(start=begin, end=begin + timedelta(days=draw(st.integers(0, 15)))))
    return start, pauses


@given(supplements(), st.integers(1, 40), st.sampled_from(["CALENDAR_DAYS", "WORKING_DAYS"]), st.booleans())
def test_a_supplement_leaves_its_days_out_and_never_shortens(given_pauses, n, unit, roll):
    start, pauses = given_pauses
    plain = compute(start, n, unit=unit, roll=roll).last_day
    found = compute(start, n, pauses, unit=unit, roll=roll).last_day
    effective = [pause for pause in pauses if pause.start <= found]
    counted = [
        day
        for day in (start + timedelta(days=k) for k in range(1, (found - start).days + 1))
        if not any(pause.start < day <= pause.end for pause in effective)
        and (unit == "CALENDAR_DAYS" or day.weekday() < 5)
    ]
    assert found >= plain
    assert len(counted) >= n
    assert not any(p.start <= found <= p.end for p in effective if p.start < p.end)
    assert compute(start, n, pauses, RESTART, unit=unit, roll=roll).last_day >= plain


def test_services_get_an_answer_or_the_reason_why_there_is_none():
    facts = DeadlineFacts(start=date(2026, 3, 2), rule="PAYOUT")
    calendar = WorkCalendar.of(holidays=[date(2026, 4, 6)], years=[2026])
    assert calculate_deadline(facts, RULES, calendar).last_day == date(2026, 4, 14)
    too_early = load_rule_book().in_force(date(1999, 1, 1))
    assert calculate_deadline(facts, too_early, calendar) == NoAnswer(status="NO_RULE_IN_FORCE")
    with pytest.raises(CaseError, match="MISSING_FIELD: n"):
        calculate_deadline(DeadlineFacts(start=date(2026, 3, 2)), RULES, calendar)


def test_a_calendar_table_of_the_caller_is_used_and_labelled():
    loaded = WorkCalendar.of(holidays=[date(2026, 4, 6)], years=[2026])
    found = compute(date(2026, 3, 2), 30, calendar=loaded, unit="WORKING_DAYS")
    assert (found.last_day, found.calendar_published) == (date(2026, 4, 14), True)
    assert not compute(date(2026, 12, 1), 30, calendar=loaded, unit="WORKING_DAYS").calendar_published
