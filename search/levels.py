"""From likeness to the four levels human judges use; for the evaluation only: no score or ranking uses it.

Judges look at what else a demand has found: the same likeness is "related" for an odd demand and nothing for one
that half the market resembles. So a pair is judged by where it stands among all the achievements of the market,
by its own likeness and by its nearness to the demand's likest achievements taken together (an achievement that
shares little with the demand's words often shares much with those of its best matches). Three logistic
thresholds, one per step between levels, turn the standing into the level: one step up for each that is more
likely passed than not, which is the median of the levels and so has the least absolute error.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from search.likeness import PAIR_NORMALISER, PAIR_SHARE, TextVector, TextWeights, text_vector

LEVELS = (1, 2, 3, 4)
# The likest achievements that make up a demand's neighbourhood; 30 and 100 did not differ measurably.
NEIGHBOURHOOD = 50
# Keeps a fit finite where a set is too small to hold all levels; no digit of the constants below depends on it.
_RIDGE = 0.01
_STEPS = 25

# One row per step 1|2, 2|3, 3|4: weights of ln place, ln near place, likeness and nearness, and the constant.
Thresholds = tuple[tuple[float, ...], ...]

# Fitted by `fit_thresholds` on the 6,667 public judgments (docs/matching.md gives the error on unseen demands).
LEVEL_THRESHOLDS: Thresholds = (
    (-0.417, -0.124, -2.605, 2.854, -1.289),
    (-0.417, 0.100, 0.395, 0.882, -3.252),
    (-0.550, 0.138, -0.580, 1.256, -5.082),
)

# Of every value that is not 0: its document, its token, the value.
_Entries = tuple[np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an achievement stands for a demand.

    `place` and `near_place` are shares of the market, over 0 to 1, small for the best: the part of all
    achievements that is at least as like the demand, and at least as near to its neighbourhood.
    """

    likeness: float
    nearness: float
    place: float
    near_place: float

    @property
    def features(self) -> tuple[float, float, float, float]:
        """What the thresholds weigh."""
        return math.log(self.place), math.log(self.near_place), self.likeness, self.nearness


class Market:
    """All achievements of a market as arrays, so that a demand is compared with every one in one step."""

    def __init__(self, texts: Sequence[TextWeights], idf: Mapping[str, float]) -> None:
        """`idf` must know all tokens of the texts."""
        vectors = [text_vector(text, idf) for text in texts]
        self._size = len(vectors)
        self._numbers: dict[str, int] = {}
        self._characters = self._matrix([vector.characters for vector in vectors])
        self._pairs = self._matrix([vector.pairs for vector in vectors])

    def standings(self, demand: TextVector, wanted: Sequence[int]) -> list[Standing]:
        """Return the standing of the achievements with these numbers (0 is the first text given)."""
        alike = self._cosines(self._characters, self._dense(demand.characters))
        alike += PAIR_SHARE * self._cosines(self._pairs, self._dense(demand.pairs))
        alike /= PAIR_NORMALISER
        near = self._cosines(self._characters, self._neighbourhood(alike))
        columns = [values[list(wanted)] for values in (alike, near, _places(alike), _places(near))]
        return [Standing(*map(float, values)) for values in zip(*columns, strict=True)]

    def _neighbourhood(self, alike: np.ndarray) -> np.ndarray:
        """Add up the characters of the likest achievements, each by the square of its likeness."""
        best = np.argsort(-alike, kind="stable")[:NEIGHBOURHOOD]
        shares = np.zeros(self._size)
        shares[best] = alike[best] ** 2
        documents, tokens, values = self._characters
        total = _sums(tokens, values * shares[documents], len(self._numbers))
        length = np.linalg.norm(total)
        return total / length if length else total

    def _matrix(self, vectors: Sequence[Mapping[str, float]]) -> _Entries:
        entries = [
            (document, self._numbers.setdefault(token, len(self._numbers)), value)
            for document, vector in enumerate(vectors)
            for token, value in vector.items()
        ]
        documents, tokens, values = zip(*entries, strict=True) if entries else ((), (), ())
        return np.array(documents, dtype=int), np.array(tokens, dtype=int), np.array(values, dtype=float)

    def _dense(self, vector: Mapping[str, float]) -> np.ndarray:
        dense = np.zeros(len(self._numbers))
        for token, value in vector.items():
            if token in self._numbers:
                dense[self._numbers[token]] = value
        return dense

    def _cosines(self, entries: _Entries, vector: np.ndarray) -> np.ndarray:
        documents, tokens, values = entries
        return _sums(documents, values * vector[tokens], self._size)


def _sums(groups: np.ndarray, values: np.ndarray, size: int) -> np.ndarray:
    # Without any values bincount forgets that they are fractions.
    return np.bincount(groups, values, minlength=size).astype(float)


def _places(values: np.ndarray) -> np.ndarray:
    """Return the share of all that is at least as great. Rounded, so that equals stay equal."""
    rounded = -np.round(values, 12)
    return np.searchsorted(np.sort(rounded), rounded, side="right") / len(rounded)


def level_of(standing: Standing, thresholds: Thresholds) -> int:
    """Return the level 1–4 that judges would most likely give."""
    features = (*standing.features, 1.0)
    return 1 + sum(
        sum(weight * value for weight, value in zip(row, features, strict=True)) > 0 for row in thresholds
    )


def fit_thresholds(known: Sequence[Standing], judged: Sequence[int]) -> Thresholds:
    """Return the thresholds that explain these judgments best (logistic regression by Newton's method)."""
    features = np.array([(*standing.features, 1.0) for standing in known])
    levels = np.asarray(judged)
    return tuple(tuple(map(float, _logistic(features, levels > level))) for level in LEVELS[:-1])


def _logistic(features: np.ndarray, passed: np.ndarray) -> np.ndarray:
    weights = np.zeros(features.shape[1])
    ridge = _RIDGE * np.eye(len(weights))
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-np.clip(features @ weights, -30, 30)))
        slope = features.T @ (passed - chance) - ridge @ weights
        bend = (features * (chance * (1 - chance))[:, None]).T @ features + ridge
        weights = weights + np.linalg.solve(bend, slope)
    return weights
