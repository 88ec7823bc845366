"""The freshness clock at each of its edges, and what must hold between any two days."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.listings import freshness
from marketplace.listings.freshness import Stage

CONFIRMED = date(2026, 1, 10)
DAYS = st.dates(min_value=date(2020, 1, 1), max_value=date(2035, 12, 31))
SPANS = st.integers(min_value=-5, max_value=400)


def after(days: int) -> date:
    return CONFIRMED + timedelta(days=days)


@pytest.mark.parametrize(
    ("days", "stage", "step"),
    [
        (0, Stage.FRESH, None),
        (59, Stage.FRESH, None),
        (60, Stage.DUE, 60),
        (61, Stage.DUE, 60),
        (74, Stage.DUE, 60),
        (75, Stage.DUE, 75),
        (76, Stage.DUE, 75),
        (84, Stage.DUE, 75),
        (85, Stage.DUE, 85),
        (86, Stage.DUE, 85),
        (90, Stage.DUE, 85),
        (91, Stage.UNCONFIRMED, 91),
        (92, Stage.UNCONFIRMED, 91),
        (104, Stage.UNCONFIRMED, 91),
        (105, Stage.UNCONFIRMED, 105),
        (106, Stage.UNCONFIRMED, 105),
        (120, Stage.UNCONFIRMED, 105),
        (121, Stage.OVERDUE, 105),
        (122, Stage.OVERDUE, 105),
        (1000, Stage.OVERDUE, 105),
    ],
)
def test_each_edge_the_day_before_on_it_and_after(days, stage, step):
    assert freshness.stage(CONFIRMED, after(days)) is stage
    assert freshness.step(CONFIRMED, after(days)) == step
    assert freshness.needs_confirmation(CONFIRMED, after(days)) is (days >= 91)


def test_people_are_asked_four_times_and_the_grey_day_asks_nobody():
    assert [each for each in freshness.STEPS if freshness.asks(each)] == [60, 75, 85, 105]


def test_what_was_never_published_has_nothing_to_confirm():
    assert not freshness.needs_confirmation(None, CONFIRMED)


def test_a_confirmation_of_tomorrow_is_fresh():
    """The clock of one machine may be ahead of another's."""
    assert freshness.age(after(1), CONFIRMED) == 0
    assert freshness.stage(after(1), CONFIRMED) is Stage.FRESH


def test_recent_means_not_yet_grey():
    today = after(90)
    assert freshness.recent_since(today) == CONFIRMED
    assert not freshness.needs_confirmation(CONFIRMED, today)
    assert freshness.recent_since(after(91)) > CONFIRMED
    assert freshness.unconfirmed_on(CONFIRMED) == after(91)


@pytest.mark.parametrize(
    ("last_notice", "off_line"),
    [(105, 121), (106, 122), (200, 216), (104, 121)],
    ids=["on its day", "a day late", "after a long stop", "never earlier than the rule"],
)
def test_off_line_waits_for_sixteen_days_after_the_last_notice(last_notice, off_line):
    assert freshness.off_line_on(CONFIRMED, after(last_notice)) == after(off_line)


@given(confirmed=DAYS, span=SPANS)
def test_stage_and_step_agree(confirmed: date, span: int):
    today = confirmed + timedelta(days=span)
    step, stage = freshness.step(confirmed, today), freshness.stage(confirmed, today)
    assert (step is None) is (stage is Stage.FRESH)
    assert (step in freshness.REMINDERS) is (stage is Stage.DUE)
    assert freshness.needs_confirmation(confirmed, today) is (freshness.recent_since(today) > confirmed)


@given(confirmed=DAYS, span=SPANS)
def test_the_days_of_a_step_hold_exactly_the_confirmations_that_stand_at_it(confirmed: date, span: int):
    """The question asked of the database is the rule itself."""
    today = confirmed + timedelta(days=span)
    found = []
    for each in freshness.STEPS:
        first, last = freshness.confirmed_when_at(each, today)
        if (first is None or first <= confirmed) and confirmed <= last:
            found.append(each)
    step = freshness.step(confirmed, today)
    assert found == ([] if step is None else [step])


@given(confirmed=DAYS, notice=st.integers(min_value=105, max_value=500))
def test_nobody_goes_off_line_unasked(confirmed: date, notice: int):
    told = confirmed + timedelta(days=notice)
    day = freshness.off_line_on(confirmed, told)
    assert (day - told).days >= 16
    assert freshness.stage(confirmed, day) is Stage.OVERDUE
