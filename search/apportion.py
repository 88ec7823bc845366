"""Round numbers so that they still add up (largest remainder)."""

from __future__ import annotations

import math
from collections.abc import Sequence


def largest_remainder(values: Sequence[float], total: int) -> list[int]:
    """Return integers that sum to `total`, each the rounded-down or next integer of its value.

    `values` must not be negative and should sum to about `total`; leftovers go to the largest remainders,
    ties to the earlier value.
    """
    if not values:
        if total:
            raise ValueError("nothing to share the total among")
        return []
    if any(value < 0 for value in values) or total < 0:
        raise ValueError("values and total must not be negative")
    shares = [math.floor(value) for value in values]
    by_remainder = sorted(range(len(values)), key=lambda i: (shares[i] - values[i], i))
    missing = total - sum(shares)
    position = 0
    while missing > 0:
        shares[by_remainder[position % len(values)]] += 1
        missing, position = missing - 1, position + 1
    while missing < 0:
        index = max(range(len(values)), key=lambda i: shares[i])
        shares[index] -= 1
        missing += 1
    return shares


def points_and_maxima(
    points: Sequence[float], maxima: Sequence[float], headline: int
) -> list[tuple[int, int]]:
    """Round (points, maximum) pairs so that points add up to `headline` and maxima to 100.

    The gained and the lost points are shared out separately and the maximum is their sum, so that no part
    ever shows more points than its maximum.
    """
    gained = largest_remainder(points, headline)
    lost = [max(0.0, top - point) for point, top in zip(points, maxima, strict=True)]
    missing = largest_remainder(lost, 100 - headline)
    return [(gain, gain + loss) for gain, loss in zip(gained, missing, strict=True)]
