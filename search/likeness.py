"""How alike two texts are: weighted characters and character pairs, compared by the cosine.

Source: design/search.md section 3, steps 1 and 2. A demand's character weighs 4·(1+ln tf in the title) +
(1+ln tf in the text); an achievement's weighs 1+ln tf in title and keywords, and its summary a fifth of that
(our choice: the judged data has titles only). All weights are multiplied by
idf = ln(1 + (N − df + .5)/(df + .5)) over the achievements' own text, in both directions, so that a pair has
one likeness whoever is looking.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from operator import mul

import orjson

from search.documents import ACHIEVEMENT, DEMAND
from search.tokenizer import character_tokens, normalise, pair_tokens

# (weight of title and keywords, weight of the further text) per kind of listing.
TEXT_WEIGHTS: dict[str, tuple[float, float]] = {ACHIEVEMENT: (1.0, 0.2), DEMAND: (4.0, 1.0)}
# The pair cosine is added with this share (search.md section 3, table: ".25 bigram cosine").
PAIR_SHARE = 0.25
# Adding pairs lifts the sum above the pure character cosine by a tenth for alike texts (mean over all
# pairs of the public benchmark with a character cosine above .2: 1.05 to 1.11). Dividing by it keeps the
# calibration and the bands, which were measured on the character cosine, in their place.
PAIR_NORMALISER = 1.1


def inverse_document_frequency(documents: int, frequency: int) -> float:
    """Return ln(1 + (N − df + .5)/(df + .5)); a frequency above N (deleted documents) counts as N."""
    frequency = min(frequency, documents)
    return math.log(1 + (documents - frequency + 0.5) / (frequency + 0.5))


def inverse_document_frequencies(documents: int, frequencies: Iterable[int]) -> list[float]:
    """Return the same for many tokens of one set of documents: 1 + (N − df + .5)/(df + .5) is (N + 1)/(df + .5)."""
    whole = math.log(documents + 1)
    return [
        whole - math.log((frequency if frequency < documents else documents) + 0.5)
        for frequency in frequencies
    ]


def log_frequencies(tokens: Iterable[str], weight: float = 1.0) -> dict[str, float]:
    """Return weight · (1 + ln tf) per token."""
    return {token: weight * (1 + math.log(count)) for token, count in Counter(tokens).items()}


@dataclass(frozen=True, slots=True)
class TextWeights:
    """The weight of every character and pair of a text, before idf. Shared: never change the dicts."""

    characters: dict[str, float]
    pairs: dict[str, float]

    def to_bytes(self) -> bytes:
        """Pack for storing beside an indexed document."""
        return orjson.dumps([self.characters, self.pairs])

    @classmethod
    def from_bytes(cls, packed: bytes) -> TextWeights:
        """Undo `to_bytes`, exactly."""
        return cls(*orjson.loads(packed))


@lru_cache(maxsize=1_024)
def text_weights(kind: str, own_text: str, more_text: str) -> TextWeights:
    """Weigh a listing's text; remembered, because one listing is compared with many."""
    own, more = normalise(own_text), normalise(more_text)
    return weighed(kind, character_tokens(own), character_tokens(more), pair_tokens(own), pair_tokens(more))


def weighed(
    kind: str, own: Iterable[str], more: Iterable[str], own_pairs: Iterable[str], more_pairs: Iterable[str]
) -> TextWeights:
    """Weigh a text that is taken apart already, into the characters and pairs of its two parts."""
    own_weight, more_weight = TEXT_WEIGHTS[kind]
    characters = log_frequencies(own, own_weight)
    _add(characters, log_frequencies(more, more_weight))
    pairs = log_frequencies(own_pairs, own_weight)
    if kind == DEMAND:
        # An achievement's pairs come from title and keywords alone: those are what idf is counted over.
        _add(pairs, log_frequencies(more_pairs, more_weight))
    return TextWeights(characters, pairs)


def _add(weights: dict[str, float], more: Mapping[str, float]) -> None:
    for token, weight in more.items():
        weights[token] = weights.get(token, 0.0) + weight


@dataclass(frozen=True, slots=True)
class TextVector:
    """A listing's text as unit-length vectors of characters and of pairs (empty when it has none)."""

    characters: Mapping[str, float]
    pairs: Mapping[str, float]


def text_vector(weights: TextWeights, idf: Mapping[str, float]) -> TextVector:
    """Weigh a text by `idf` (which must know all its tokens) and bring both vectors to unit length."""
    return TextVector(_unit(weights.characters, idf), _unit(weights.pairs, idf))


def _unit(weights: Mapping[str, float], idf: Mapping[str, float]) -> dict[str, float]:
    vector = {token: weight * idf[token] for token, weight in weights.items()}
    length = math.sqrt(sum([value * value for value in vector.values()]))
    return {token: value / length for token, value in vector.items()} if length else {}


def products(left: TextVector, right: TextVector) -> dict[str, float]:
    """Return what every shared character and pair adds to the likeness; the values sum to `likeness`."""
    shared = {token: value / PAIR_NORMALISER for token, value in _dot(left.characters, right.characters)}
    for token, value in _dot(left.pairs, right.pairs):
        shared[token] = value * PAIR_SHARE / PAIR_NORMALISER
    return shared


def likeness(left: TextVector, right: TextWeights, idf: Mapping[str, float]) -> float:
    """Return the likeness of a text to another: 0 for nothing in common, about 1.14 for the same text.

    The same as the sum of `products`, without building the second vector: this runs for every candidate.
    """
    characters_alike = _cosine(left.characters, right.characters, idf)
    pairs_alike = _cosine(left.pairs, right.pairs, idf)
    return (characters_alike + PAIR_SHARE * pairs_alike) / PAIR_NORMALISER


def _cosine(unit: Mapping[str, float], weights: Mapping[str, float], idf: Mapping[str, float]) -> float:
    values = list(map(mul, weights.values(), map(idf.__getitem__, weights)))
    # Sets have no order of their own: only an exact sum comes out the same every time.
    dot = math.fsum([unit[token] * weights[token] * idf[token] for token in unit.keys() & weights.keys()])
    return dot / math.sqrt(sum(map(mul, values, values))) if dot else 0.0


def _dot(left: Mapping[str, float], right: Mapping[str, float]) -> list[tuple[str, float]]:
    if len(left) > len(right):
        left, right = right, left
    return [(token, value * right[token]) for token, value in left.items() if token in right]
