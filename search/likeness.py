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
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from search.documents import ACHIEVEMENT, DEMAND
from search.tokenizer import bigrams, characters

# (weight of title and keywords, weight of the further text) per kind of listing.
TEXT_WEIGHTS: dict[str, tuple[float, float]] = {ACHIEVEMENT: (1.0, 0.2), DEMAND: (4.0, 1.0)}
# The pair cosine is added with this share (search.md section 3, table: ".25 bigram cosine").
PAIR_SHARE = 0.25
# Adding pairs lifts the sum above the pure character cosine by a tenth for alike texts (mean over all
# pairs of the public benchmark with a character cosine above .2: 1.05 to 1.11). Dividing by it keeps the
# calibration and the bands, which were measured on the character cosine, in their place.
PAIR_NORMALISER = 1.1

Idf = Callable[[str], float]


def inverse_document_frequency(documents: int, frequency: int) -> float:
    """Return ln(1 + (N − df + .5)/(df + .5)); a frequency above N (deleted documents) counts as N."""
    frequency = min(frequency, documents)
    return math.log(1 + (documents - frequency + 0.5) / (frequency + 0.5))


def log_frequencies(tokens: Iterable[str], weight: float = 1.0) -> dict[str, float]:
    """Return weight · (1 + ln tf) per token."""
    return {token: weight * (1 + math.log(count)) for token, count in Counter(tokens).items()}


def term_weights(
    kind: str, own_text: str, more_text: str, tokenise: Callable[[str], list[str]] = characters
) -> dict[str, float]:
    """Return the weight of every token of a listing of `kind`, before idf."""
    own_weight, more_weight = TEXT_WEIGHTS[kind]
    weights = log_frequencies(tokenise(own_text), own_weight)
    for token, weight in log_frequencies(tokenise(more_text), more_weight).items():
        weights[token] = weights.get(token, 0.0) + weight
    return weights


@dataclass(frozen=True, slots=True)
class TextVector:
    """A listing's text as unit-length vectors of characters and of pairs (empty when it has none)."""

    characters: Mapping[str, float]
    pairs: Mapping[str, float]


def text_vector(kind: str, own_text: str, more_text: str, idf: Idf) -> TextVector:
    """Weigh a listing's text by `idf` and bring both vectors to unit length."""
    return TextVector(
        _unit(term_weights(kind, own_text, more_text), idf),
        _unit(term_weights(kind, own_text, more_text, bigrams), idf),
    )


def _unit(weights: Mapping[str, float], idf: Idf) -> dict[str, float]:
    vector = {token: weight * idf(token) for token, weight in weights.items()}
    length = math.sqrt(sum(value * value for value in vector.values()))
    return {token: value / length for token, value in vector.items()} if length else {}


def products(left: TextVector, right: TextVector) -> dict[str, float]:
    """Return what every shared character and pair adds to the likeness; the values sum to `likeness`."""
    shared = {token: value / PAIR_NORMALISER for token, value in _dot(left.characters, right.characters)}
    for token, value in _dot(left.pairs, right.pairs):
        shared[token] = value * PAIR_SHARE / PAIR_NORMALISER
    return shared


def likeness(left: TextVector, right: TextVector) -> float:
    """Return the likeness of two texts: 0 for nothing in common, about 1.14 for the same text."""
    characters_alike = sum(value for _, value in _dot(left.characters, right.characters))
    pairs_alike = sum(value for _, value in _dot(left.pairs, right.pairs))
    return (characters_alike + PAIR_SHARE * pairs_alike) / PAIR_NORMALISER


def _dot(left: Mapping[str, float], right: Mapping[str, float]) -> list[tuple[str, float]]:
    if len(left) > len(right):
        left, right = right, left
    return [(token, value * right[token]) for token, value in left.items() if token in right]
