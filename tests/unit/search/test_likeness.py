"""Likeness, calibration, bands and rounding that adds up."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.apportion import largest_remainder, points_and_maxima
from search.calibration import KNOTS, Band, band_of, calibrate
from search.likeness import (
    TextWeights,
    inverse_document_frequency,
    likeness,
    log_frequencies,
    products,
    text_vector,
    text_weights,
)


class Flat(dict):
    """An idf that makes every token count alike."""

    def __missing__(self, _token):
        return 1.0


def vector(kind, own, more=""):
    return text_vector(text_weights(kind, own, more), Flat())


def test_idf_is_the_formula_of_the_design():
    assert inverse_document_frequency(100, 10) == pytest.approx(math.log(1 + 90.5 / 10.5))
    assert inverse_document_frequency(0, 0) == pytest.approx(math.log(2))


def test_idf_of_more_documents_than_there_are_is_that_of_all():
    assert inverse_document_frequency(3, 5) == inverse_document_frequency(3, 3) > 0


def test_a_demands_title_counts_four_times_its_text():
    weights = text_weights("demand", "涂层", "涂电电").characters
    assert weights["层"] == 4
    assert weights["涂"] == 5
    assert weights["电"] == pytest.approx(1 + math.log(2))


def test_an_achievements_summary_counts_a_fifth_and_adds_no_pairs():
    weights = text_weights("achievement", "涂料", "层间")
    assert weights.characters == pytest.approx({"涂": 1.0, "料": 1.0, "层": 0.2, "间": 0.2})
    assert weights.pairs == {"涂料": 1.0}
    assert text_weights("demand", "涂料", "层间").pairs == {"涂料": 4.0, "层间": 1.0}


@given(st.text("涂层电池PLC 3.5", max_size=30), st.text(max_size=30))
def test_stored_weights_come_back_exactly(own, more):
    weights = text_weights("demand", own, more)
    assert TextWeights.from_bytes(weights.to_bytes()) == weights


def test_log_frequencies():
    assert log_frequencies(["a", "a", "b"]) == {"a": 1 + math.log(2), "b": 1.0}


def test_likeness_of_known_texts():
    left = vector("achievement", "涂层")
    # one of two characters shared: cosine 1/2; no pair shared
    assert likeness(left, text_weights("achievement", "涂料", ""), Flat()) == pytest.approx(0.5 / 1.1)
    assert likeness(left, text_weights("achievement", "涂层", ""), Flat()) == pytest.approx(1.25 / 1.1)


def test_nothing_in_common_is_zero_and_empty_is_no_error():
    empty = vector("demand", "")
    assert likeness(empty, text_weights("achievement", "涂层", ""), Flat()) == 0
    assert likeness(vector("demand", "涂层"), text_weights("achievement", "", ""), Flat()) == 0
    assert products(empty, empty) == {}


@settings(max_examples=100, deadline=None)
@given(st.text("涂层电池硬度材料", max_size=12), st.text("涂层电池硬度材料", max_size=12))
def test_products_sum_to_the_likeness_from_either_side(one, other):
    demand, achievement = text_weights("demand", one, other), text_weights("achievement", other, one)
    left, right = text_vector(demand, Flat()), text_vector(achievement, Flat())
    alike = likeness(left, achievement, Flat())
    assert sum(products(left, right).values()) == pytest.approx(alike)
    assert likeness(right, demand, Flat()) == pytest.approx(alike)
    assert 0 <= alike <= 1.25 / 1.1 + 1e-9


def test_calibration_meets_its_knots_and_rises():
    for x, y in KNOTS:
        assert calibrate(x) == pytest.approx(y)
    assert calibrate(-1) == 0
    assert calibrate(2) == 100
    steps = [calibrate(i / 1000) for i in range(1, 700)]
    assert steps == sorted(set(steps))


def test_bands_follow_the_likeness_cuts():
    cuts = (0.06, 0.222, 0.331)
    wanted = (Band.LOW, Band.SOME, Band.FAIR, Band.HIGH)
    for cut, below, above in zip(cuts, wanted, wanted[1:], strict=False):
        assert band_of(calibrate(cut - 0.001)) is below
        assert band_of(calibrate(cut + 0.001)) is above
    assert [band.label for band in Band] == ["低", "一定", "较高", "高"]


def test_largest_remainder_by_hand():
    assert largest_remainder([1.2, 2.7, 3.1], 7) == [1, 3, 3]
    assert largest_remainder([0.5, 0.5], 1) == [1, 0]
    assert largest_remainder([], 0) == []


@pytest.mark.parametrize(("values", "total"), [([], 1), ([-1.0], 0), ([1.0], -1)])
def test_largest_remainder_refuses_the_impossible(values, total):
    with pytest.raises(ValueError, match=r"negative|nothing"):
        largest_remainder(values, total)


@given(st.lists(st.floats(0, 100), min_size=1, max_size=9), st.integers(0, 100))
def test_largest_remainder_always_adds_up(values, total):
    shares = largest_remainder(values, total)
    assert sum(shares) == total
    assert all(isinstance(share, int) for share in shares)


@given(st.lists(st.tuples(st.floats(0.1, 60), st.floats(0, 1)), min_size=1, max_size=8))
def test_points_add_up_to_the_headline_and_never_exceed_their_maximum(parts):
    weight = sum(w for w, _ in parts)
    maxima = [100 * w / weight for w, _ in parts]
    points = [top * value for top, (_, value) in zip(maxima, parts, strict=True)]
    headline = round(sum(points))
    shown = points_and_maxima(points, maxima, headline)
    assert sum(gain for gain, _ in shown) == headline
    assert sum(top for _, top in shown) == 100
    assert all(0 <= gain <= top for gain, top in shown)
    for (gain, _), point in zip(shown, points, strict=True):
        assert abs(gain - point) <= 1 + 1e-9
