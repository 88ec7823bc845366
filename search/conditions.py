"""What a search asks of a document, as a tree of conditions that every engine puts into its own query language.

The rules stand here once: how a word is looked up, which readings need how many words, what each filter means.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from search.query import (
    BOOSTS,
    COMMON_WORD,
    FILTER_FIELDS,
    LONGEST_PIECE,
    TIER,
    Clause,
    ClauseKind,
    Filters,
    Level,
    ParsedText,
    Reading,
    SearchRequest,
)
from search.tokenizer import is_han

# Terms of a candidate query that also look into the longer, lower weighted text.
_MORE_TERMS = 48

#: How many documents hold a word (its document frequency).
Frequency = Callable[[str], int]


@dataclass(frozen=True, slots=True)
class Term:
    """A field holds this token."""

    field: str
    value: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """The characters stand side by side, in this order."""

    tokens: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OneOf:
    """A field holds one of these exact values; says nothing about the order of hits."""

    field: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Between:
    """A number lies between two ends, both included; None is no end. Says nothing about the order of hits."""

    field: str
    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least `least` of the parts hold."""

    parts: tuple[Condition, ...]
    least: int = 1


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part holds."""

    parts: tuple[Condition, ...]


Condition = Term | Phrase | OneOf | Between | AnyOf | AllOf


@dataclass(frozen=True, slots=True)
class Conditions:
    """One search at one reading: what narrows, what the text asks, what it excludes, what only orders hits.

    `boosts` pairs a condition with what it adds to the score: a factor for terms, a constant for the rest.
    """

    narrowing: tuple[Condition, ...]
    text: Condition | None
    excluded: tuple[Condition, ...]
    boosts: tuple[tuple[Condition, float], ...]


def conditions(
    request: SearchRequest,
    parsed: ParsedText,
    reading: Reading,
    frequency: Frequency,
    first: Sequence[Reading] = (),
) -> Conditions:
    """Return what the request asks for when its text is taken at this reading; hits of the `first` ones lead."""
    return Conditions(
        narrowing=tuple(_narrowing(request)),
        text=_text(parsed, reading, frequency),
        excluded=tuple(_clause(clause, frequency) for clause in parsed.excluded),
        boosts=(*_boosts(request, parsed), *_tiers(parsed, first, frequency)),
    )


def _clause(clause: Clause, frequency: Frequency) -> Condition:
    ways = tuple(way for one in (clause, *clause.alternatives) for way in _ways(one, frequency))
    return ways[0] if len(ways) == 1 else AnyOf(ways)


def _ways(clause: Clause, frequency: Frequency) -> tuple[Condition, ...]:
    """Return the ways in which a clause can be present, its alternatives apart."""
    if clause.kind is ClauseKind.PHRASE:
        return (Phrase(clause.tokens),)
    if clause.kind is ClauseKind.CHARACTER:
        return (Term("all_characters", clause.text),)
    whole = Term("all_words", clause.text)
    if len(clause.tokens) == 1:
        return (whole,)
    if not is_han(clause.text):
        return whole, _words(clause.tokens)
    if len(clause.text) <= LONGEST_PIECE and frequency(clause.text) > COMMON_WORD:
        return (whole,)
    # The segmenter may have cut the document elsewhere: the characters side by side count as the word.
    return whole, Phrase(clause.tokens), *([_words(clause.tiles)] if clause.tiles else [])


def _words(words: tuple[str, ...]) -> AllOf:
    return AllOf(tuple(Term("all_words", word) for word in words))


def _text(parsed: ParsedText, reading: Reading, frequency: Frequency) -> Condition | None:
    if reading.level is Level.EVERYTHING:
        return None
    if reading.level is Level.ALL_WORDS:
        return AllOf(tuple(_clause(clause, frequency) for clause in parsed.clauses))
    if reading.level is Level.SOME_WORDS:
        parts = tuple(_clause(clause, frequency) for clause in parsed.optional)
    else:
        parts = tuple(Term("all_characters", token) for token in parsed.loose_characters)
    required = (_clause(clause, frequency) for clause in parsed.required)
    return AllOf((*required, AnyOf(parts, reading.needed)))


def _narrowing(request: SearchRequest) -> Iterator[Condition]:
    yield OneOf("scopes", tuple(request.scopes))
    if request.kinds:
        yield OneOf("kind", tuple(request.kinds))
    yield from _filters(request.filters)


def _filters(filters: Filters) -> Iterator[Condition]:
    for choice, field in FILTER_FIELDS.items():
        if values := getattr(filters, choice):
            yield OneOf(field, tuple(values))
    if filters.trl_min is not None or filters.trl_max is not None:
        yield Between("trl", filters.trl_min, filters.trl_max)
    if filters.price_min_fen is not None:
        yield Between("price_max", filters.price_min_fen, None)
    if filters.price_max_fen is not None:
        yield Between("price_min", None, filters.price_max_fen)
    if filters.published_since is not None:
        yield Between("published_on", filters.published_since.toordinal(), None)
    if filters.confirmed_since is not None:
        yield Between("confirmed_on", filters.confirmed_since.toordinal(), None)
    if filters.organisation_id is not None:
        yield Between("organisation_id", filters.organisation_id, filters.organisation_id)
    for low, high in filters.measures:
        yield Between("measures", low, high)


def _boosts(request: SearchRequest, parsed: ParsedText) -> Iterator[tuple[Condition, float]]:
    for clause in parsed.wordings():
        if clause.kind is not ClauseKind.PHRASE:
            yield Term("title_words", clause.text), BOOSTS.title
            yield Term("keyword_words", clause.text), BOOSTS.keyword
    if request.fresh_since is not None:
        yield Between("confirmed_on", request.fresh_since.toordinal(), None), BOOSTS.fresh


def _tiers(
    parsed: ParsedText, first: Sequence[Reading], frequency: Frequency
) -> Iterator[tuple[Condition, float]]:
    """Lift the hits of every stricter reading, so that the fullest come first."""
    for reading in first:
        text = _text(parsed, reading, frequency)
        if text is not None:
            yield text, TIER


def weighed_terms(
    kind: str, terms: Sequence[tuple[str, float]], weights: tuple[float, float]
) -> Iterator[tuple[Term, float]]:
    """Yield the terms of a candidate query with their constant scores: own text, then the further text."""
    own_weight, more_weight = weights
    for token, score in terms:
        yield Term(f"own_{kind}", token), score * own_weight
    for token, score in terms[:_MORE_TERMS]:
        yield Term(f"more_{kind}", token), score * more_weight
