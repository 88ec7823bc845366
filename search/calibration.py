"""From a likeness to a score of 0–100 and to worded bands.

Source of every number: design/search.md section 3, step 4, measured on human judgments. The bands are
worded as likeness, because even the top one is judged "strongly related" less than half of the time.
"""

from __future__ import annotations

from bisect import bisect_right
from enum import StrEnum
from itertools import pairwise

# (likeness, score): straight lines in between, flat after the last.
KNOTS: tuple[tuple[float, float], ...] = (
    (0.0, 0.0),
    (0.03, 15.0),
    (0.074, 40.0),
    (0.175, 60.0),
    (0.31, 75.0),
    (0.40, 85.0),
    (0.55, 95.0),
    (0.70, 100.0),
)
_BAND_CUTS = (0.06, 0.222, 0.331)


class Band(StrEnum):
    """How a score is put into words."""

    LOW = "low"
    SOME = "some"
    FAIR = "fair"
    HIGH = "high"

    @property
    def label(self) -> str:
        """The Chinese wording of the page."""
        return _BAND_LABELS[self]


_BAND_LABELS = {Band.LOW: "低", Band.SOME: "一定", Band.FAIR: "较高", Band.HIGH: "高"}


def calibrate(likeness: float, knots: tuple[tuple[float, float], ...] = KNOTS) -> float:
    """Return the score 0–100 of a likeness, rising and piecewise linear between the knots."""
    if likeness <= knots[0][0]:
        return knots[0][1]
    for (low, low_score), (high, high_score) in pairwise(knots):
        if likeness <= high:
            return low_score + (likeness - low) / (high - low) * (high_score - low_score)
    return knots[-1][1]


_BAND_SCORE_CUTS = tuple(calibrate(cut) for cut in _BAND_CUTS)
#: The lowest score 0–100 of each band.
LEAST_SCORES: dict[Band, float] = dict(zip(Band, (0.0, *_BAND_SCORE_CUTS), strict=True))


def band_of(score: float) -> Band:
    """Return the band of a score 0–100; the cuts are those of the likeness, taken through the calibration."""
    return tuple(Band)[bisect_right(_BAND_SCORE_CUTS, score)]
