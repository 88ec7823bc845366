"""Ranking metrics over human judgments, defined exactly as design/search.md section 3 "Evaluation" says."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

RELEVANT_LEVEL = 3
_LEAST_JUDGED = 10  # judgments a demand needs to count for nDCG@10
_LEAST_GRADED = 2  # and the level at least one of them must have


def ndcg(levels: Sequence[int], depth: int = 10) -> float:
    """Return nDCG of levels in ranked order, with gain 2^(level−1) − 1 and a logarithmic discount."""
    best = _dcg(sorted(levels, reverse=True), depth)
    return _dcg(levels, depth) / best if best else 0.0


def _dcg(levels: Sequence[int], depth: int) -> float:
    return sum((2 ** (level - 1) - 1) / math.log2(rank + 2) for rank, level in enumerate(levels[:depth]))


def average_precision(levels: Sequence[int]) -> float:
    """Return the mean precision at each relevant place; 0 when nothing is relevant."""
    found, total = 0, 0.0
    for rank, level in enumerate(levels, start=1):
        if level >= RELEVANT_LEVEL:
            found += 1
            total += found / rank
    return total / found if found else 0.0


def precision(levels: Sequence[int], depth: int = 5) -> float:
    """Return the share of relevant ones among the first `depth` (missing places count as not relevant)."""
    return sum(level >= RELEVANT_LEVEL for level in levels[:depth]) / depth


def counts_for_ndcg(levels: Sequence[int]) -> bool:
    """Tell whether a demand has enough judgments for nDCG@10."""
    return len(levels) >= _LEAST_JUDGED and max(levels) >= _LEAST_GRADED


def has_relevant(levels: Sequence[int]) -> bool:
    """Tell whether a demand has anything relevant (it then counts for MAP, P@5 and recall)."""
    return any(level >= RELEVANT_LEVEL for level in levels)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95 % bootstrap interval; all None when there was nothing to measure."""

    value: float | None
    low: float | None
    high: float | None

    def rounded(self, digits: int = 4) -> dict[str, float | None]:
        """Return the three numbers for printing."""
        numbers = {"value": self.value, "low": self.low, "high": self.high}
        return {name: None if number is None else round(number, digits) for name, number in numbers.items()}


def mean_with_interval(
    totals: Sequence[float],
    counts: Sequence[int],
    *,
    resamples: int,
    seed: int,
    transform: Callable[[np.ndarray], np.ndarray] = lambda means: means,
) -> Estimate:
    """Return transform(Σ totals / Σ counts) with a bootstrap interval over the units (demands).

    Demands are resampled, not pairs, because the pairs of one demand are not independent.
    """
    if not totals or sum(counts) == 0:
        return Estimate(None, None, None)
    sums, sizes = np.asarray(totals, dtype=float), np.asarray(counts, dtype=float)
    picks = np.random.default_rng(seed).integers(0, len(sums), size=(resamples, len(sums)))
    denominators = sizes[picks].sum(axis=1)
    drawn = transform(sums[picks].sum(axis=1)[denominators > 0] / denominators[denominators > 0])
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Estimate(float(transform(sums.sum() / sizes.sum())), float(low), float(high))


def share_with_interval(count: int, total: int) -> Estimate:
    """Return count / total with its 95 % Wilson interval; unlike the usual one it holds for few cases too."""
    if total == 0:
        return Estimate(None, None, None)
    share, z = count / total, 1.959964
    middle = share + z * z / (2 * total)
    spread = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    scale = 1 + z * z / total
    return Estimate(share, max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale))
