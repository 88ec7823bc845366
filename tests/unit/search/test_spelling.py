"""Which words are one slip of the hand apart, and that their keys meet."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.spelling import Slip, slip, slip_keys

SLIPS = [
    ("图层", "涂层", Slip.SOUND),
    ("等里子", "等离子", Slip.SOUND),
    ("热管里", "热管理", Slip.SOUND),
    ("永体磁", "永磁体", Slip.SWAPPED),
    ("永磁铁", "永磁体", Slip.OTHER),
    ("稀永磁体", "稀土永磁体", Slip.OTHER),
    ("稀土土永磁", "稀土永磁", Slip.OTHER),
    ("photovoltiac", "photovoltaic", Slip.SWAPPED),
    ("photovltaic", "photovoltaic", Slip.OTHER),
    ("cooating", "coating", Slip.OTHER),
    ("coatimg", "coating", Slip.OTHER),
    ("xoating", "coating", Slip.OTHER),
]


@pytest.mark.parametrize(("typed", "word", "kind"), SLIPS)
def test_a_slip_is_recognised_and_its_keys_meet(typed, word, kind):
    assert slip(typed, word) is kind
    assert slip(word, typed) is kind
    assert slip_keys(typed) & slip_keys(word)


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("涂层", "涂层"),  # the same word
        ("煤层", "涂层"),  # of two characters one is half the meaning
        ("涂层", "涂层刀具"),
        ("Q345", "Q235"),  # a number is no slip
        ("plc", "plk"),  # too short
        ("abcd", "bcda"),
        ("稀土永磁", "稀土催化"),
        ("", "涂层"),
        ("coating", "coats"),
    ],
)
def test_another_word_is_no_slip(typed, word):
    assert slip(typed, word) is None


@given(st.text("abcde", min_size=4, max_size=12), st.data())
def test_every_single_slip_of_a_latin_word_is_found_by_its_keys(word, data):
    place = data.draw(st.integers(0, len(word) - 1))
    wrong = {
        "missing": word[:place] + word[place + 1 :],
        "changed": word[:place] + "x" + word[place + 1 :],
        "too many": word[:place] + "x" + word[place:],
        "swapped": word[:place] + word[place : place + 2][::-1] + word[place + 2 :],
    }[data.draw(st.sampled_from(["missing", "changed", "too many", "swapped"]))]
    if len(wrong) >= 4 and wrong != word:
        assert slip(wrong, word) in (Slip.SWAPPED, Slip.OTHER)
        assert slip_keys(wrong) & slip_keys(word)
