"""Which reading is answered, and when a result is filled up."""

import pytest

from search.query import FEW_HITS, Level, Reading
from search.readings import take

ALL = Reading(Level.ALL_WORDS, 3)
TWO = Reading(Level.SOME_WORDS, 2)
ONE = Reading(Level.SOME_WORDS, 1)
CHARACTERS = Reading(Level.CHARACTERS, 4)
READINGS = (ALL, TWO, ONE, CHARACTERS)


def taken(hits: tuple[int, int, int, int], fill_up: bool):
    """What is answered when the readings have so many hits, and what was asked on the way."""
    asked = []

    def ask(reading, first):
        asked.append((reading, tuple(first)))
        return reading, hits[READINGS.index(reading)]

    return take(READINGS, ask, fill_up=fill_up), asked


@pytest.mark.parametrize(
    ("hits", "reading", "fuller", "filled", "total"),
    [
        ((FEW_HITS, 9, 90, 900), ALL, FEW_HITS, None, FEW_HITS),
        ((2, 9, 90, 900), ALL, 2, None, 2),
        ((0, 2, 90, 900), TWO, 2, None, 2),
        ((1, 9, 90, 900), ALL, 1, TWO, 9),
        ((1, 2, 90, 900), ALL, 1, ONE, 90),
        ((1, 2, 3, 900), ALL, 1, ONE, 3),
        ((1, 1, 1, 900), ALL, 1, None, 1),
        ((1, 2, 2, 900), ALL, 1, TWO, 2),
        ((0, 1, 9, 900), TWO, 1, ONE, 9),
        ((0, 0, 1, 900), ONE, 1, None, 1),
        ((0, 0, 0, 2), CHARACTERS, 2, None, 2),
        ((0, 0, 0, 0), ALL, 0, None, 0),
    ],
)
def test_a_result_is_filled_up_with_no_more_readings_than_needed(hits, reading, fuller, filled, total):
    found, _asked = taken(hits, fill_up=True)
    assert (found.reading, found.fuller, found.filled, found.total) == (reading, fuller, filled, total)
    assert found.answered is (filled or reading) and found.answer is found.answered
    assert found.strictest is ALL


def test_stricter_readings_lead_and_those_without_hits_are_not_named():
    _found, asked = taken((0, 1, 2, 900), fill_up=True)
    assert asked == [(ALL, ()), (TWO, ()), (ONE, (TWO,))]
    _found, asked = taken((1, 2, 3, 900), fill_up=True)
    assert asked == [(ALL, ()), (TWO, (ALL,)), (ONE, (ALL, TWO))]


def test_nothing_is_filled_up_unasked():
    found, asked = taken((1, 2, 3, 900), fill_up=False)
    assert (found.total, found.filled) == (1, None) and asked == [(ALL, ())]
