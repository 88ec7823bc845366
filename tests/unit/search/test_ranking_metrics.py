"""The metrics, against values worked out by hand and against their definitions."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.metrics import (
    Estimate,
    average_precision,
    counts_for_ndcg,
    has_relevant,
    mean_with_interval,
    ndcg,
    precision,
)

LEVELS = st.lists(st.integers(1, 4), min_size=1, max_size=30)


def test_ndcg_by_hand():
    # gains 0 and 7: found second instead of first
    assert ndcg([1, 4]) == pytest.approx((7 / math.log2(3)) / 7)
    assert ndcg([4, 1]) == 1
    assert ndcg([1, 1]) == 0


def test_ndcg_looks_at_ten():
    assert ndcg([1] * 10 + [4]) == 0


def test_average_precision_by_hand():
    assert average_precision([3, 1, 4]) == pytest.approx((1 + 2 / 3) / 2)
    assert average_precision([2, 1]) == 0


def test_precision_of_a_short_list_counts_missing_places():
    assert precision([3, 4]) == pytest.approx(2 / 5)
    assert precision([1, 3, 3, 3, 3, 4]) == pytest.approx(4 / 5)


@pytest.mark.parametrize(
    ("levels", "counts"), [([1] * 10, False), ([2] * 9, False), ([1] * 9 + [2], True), ([4] * 10, True)]
)
def test_which_demands_count(levels, counts):
    assert counts_for_ndcg(levels) is counts


def test_relevant_means_three_or_more():
    assert not has_relevant([1, 2])
    assert has_relevant([1, 3])


@given(LEVELS)
def test_metrics_are_shares_and_best_order_is_best(levels):
    best = sorted(levels, reverse=True)
    for metric in (ndcg, average_precision, precision):
        assert 0 <= metric(levels) <= metric(best) + 1e-12 <= 1 + 2e-12


def test_interval_of_equal_values_is_a_point():
    estimate = mean_with_interval([0.5] * 8, [1] * 8, resamples=200, seed=1)
    assert (estimate.value, estimate.low, estimate.high) == (0.5, 0.5, 0.5)


def test_interval_holds_the_mean_and_repeats_with_its_seed():
    values = [0.1, 0.9, 0.4, 0.6, 0.2]
    one = mean_with_interval(values, [1] * 5, resamples=500, seed=3)
    assert one.low < one.value < one.high
    assert one == mean_with_interval(values, [1] * 5, resamples=500, seed=3)


def test_totals_are_divided_by_their_counts():
    estimate = mean_with_interval([3.0, 1.0], [3, 1], resamples=50, seed=0)
    assert estimate.value == pytest.approx(1.0)


def test_nothing_measured_is_none_not_zero():
    estimate = mean_with_interval([], [], resamples=10, seed=0)
    assert estimate == Estimate(None, None, None)
    assert estimate.rounded() == {"value": None, "low": None, "high": None}
