"""The error of the levels on demands that had no part in fitting them.

The thresholds of search.levels are fitted on judgments, so their error on the same judgments flatters them. Here
the demands (never single pairs: those of one demand are not independent) are dealt into folds; each fold's levels
come from thresholds fitted on all other folds.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import chain

from search.levels import Standing, fit_thresholds, level_of

# How often the demands are dealt anew: one deal alone moves the error by some thousandths.
DEALS = 5

JudgedStanding = tuple[Standing, int]


def errors_of_unseen(
    demands: Sequence[Sequence[JudgedStanding]], folds: int, *, seed: int = 0, deals: int = DEALS
) -> list[float]:
    """Return per demand the sum of its pairs' absolute errors, as a mean over the deals.

    Raises ValueError unless there are at least 2 folds and a demand for each.
    """
    if not 2 <= folds <= len(demands):
        raise ValueError(f"folds must be 2 to {len(demands)}, the number of demands, not {folds}")
    chance = random.Random(seed)
    totals = [0.0] * len(demands)
    for _ in range(deals):
        order = list(range(len(demands)))
        chance.shuffle(order)
        for fold in range(folds):
            held_out = order[fold::folds]
            for number, error in _errors(demands, held_out).items():
                totals[number] += error / deals
    return totals


def _errors(demands: Sequence[Sequence[JudgedStanding]], held_out: Sequence[int]) -> dict[int, float]:
    apart = set(held_out)
    known = list(chain.from_iterable(pairs for number, pairs in enumerate(demands) if number not in apart))
    thresholds = fit_thresholds([standing for standing, _ in known], [judged for _, judged in known])
    return {
        number: float(
            sum(abs(level_of(standing, thresholds) - judged) for standing, judged in demands[number])
        )
        for number in held_out
    }
