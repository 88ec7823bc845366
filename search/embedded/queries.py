"""Search requests and candidate queries as tantivy query objects, never as query strings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import tantivy
from tantivy import FieldType, Occur, Query

from search.embedded.schema import SCHEMA
from search.likeness import TEXT_WEIGHTS
from search.query import (
    BOOSTS,
    COMMON_WORD,
    FILTER_FIELDS,
    LONGEST_PIECE,
    Clause,
    ClauseKind,
    Filters,
    Level,
    ParsedText,
    Reading,
    SearchRequest,
    Sort,
)
from search.tokenizer import is_han

# Terms of a candidate query that also look into the longer, lower weighted text.
_MORE_TERMS = 48
SORT_FIELDS = {
    Sort.NEWEST: ("sort_newest", tantivy.Order.Desc),
    Sort.CONFIRMED: ("sort_confirmed", tantivy.Order.Desc),
    Sort.PRICE: ("sort_price", tantivy.Order.Asc),
    Sort.MATURITY: ("sort_maturity", tantivy.Order.Desc),
}


def _term(field: str, value: str | int) -> Query:
    return Query.term_query(SCHEMA, field, value, "basic" if field != "all_words" else "freq")


def _any(queries: Sequence[Query], least: int = 1) -> Query:
    return Query.boolean_query([(Occur.Should, query) for query in queries], least)


def _all(queries: Iterable[Query]) -> Query:
    return Query.boolean_query([(Occur.Must, query) for query in queries])


def _unscored(query: Query) -> Query:
    return Query.const_score_query(query, 0.0)


def _phrase(tokens: Sequence[str]) -> Query:
    if len(tokens) == 1:
        return _term("all_characters", tokens[0])
    return Query.phrase_query(SCHEMA, "all_characters", list(tokens))


# How many documents hold a word (its document frequency).
Frequency = Callable[[str], int]


def _clause(clause: Clause, frequency: Frequency) -> Query:
    if clause.kind is ClauseKind.PHRASE:
        return _phrase(clause.tokens)
    if clause.kind is ClauseKind.CHARACTER:
        return _term("all_characters", clause.text)
    whole = _term("all_words", clause.text)
    if len(clause.tokens) == 1:
        return whole
    if is_han(clause.text):
        if len(clause.text) <= LONGEST_PIECE and frequency(clause.text) > COMMON_WORD:
            return whole
        # The segmenter may have cut the document elsewhere: the characters side by side count as the word.
        return _any([whole, _phrase(clause.tokens)])
    return _any([whole, _all(_term("all_words", part) for part in clause.tokens)])


def _text(parsed: ParsedText, reading: Reading, frequency: Frequency) -> Query | None:
    if reading.level is Level.EVERYTHING:
        return None
    if reading.level is Level.ALL_WORDS:
        return _all(_clause(clause, frequency) for clause in parsed.clauses)
    if reading.level is Level.SOME_WORDS:
        parts = [_clause(clause, frequency) for clause in parsed.optional]
    else:
        parts = [_term("all_characters", token) for token in parsed.loose_characters]
    required = [_clause(clause, frequency) for clause in parsed.required]
    return _all([*required, _any(parts, reading.needed)])


def _range(field: str, low: int | None, high: int | None) -> Query:
    return _unscored(Query.range_query(SCHEMA, field, FieldType.Integer, low, high))


def _any_value(field: str, values: Sequence[str]) -> Query:
    return _unscored(Query.term_set_query(SCHEMA, field, list(values)))


def _filters(filters: Filters) -> Iterator[Query]:
    for choice, field in FILTER_FIELDS.items():
        values = getattr(filters, choice)
        if values:
            yield _any_value(field, values)
    if filters.trl_min is not None or filters.trl_max is not None:
        yield _range("trl", filters.trl_min, filters.trl_max)
    if filters.price_min_fen is not None:
        yield _range("price_max", filters.price_min_fen, None)
    if filters.price_max_fen is not None:
        yield _range("price_min", None, filters.price_max_fen)
    if filters.confirmed_since is not None:
        yield _range("confirmed_on", filters.confirmed_since.toordinal(), None)
    if filters.organisation_id is not None:
        yield _range("organisation_id", filters.organisation_id, filters.organisation_id)
    for low, high in filters.measures:
        yield _range("measures", low, high)


def _boosts(request: SearchRequest, parsed: ParsedText) -> Iterator[Query]:
    for clause in parsed.clauses:
        if clause.kind is not ClauseKind.PHRASE:
            yield Query.boost_query(_term("title_words", clause.text), BOOSTS.title)
            yield Query.boost_query(_term("keyword_words", clause.text), BOOSTS.keyword)
    if request.fresh_since is not None:
        fresh = Query.range_query(
            SCHEMA, "confirmed_on", FieldType.Integer, request.fresh_since.toordinal(), None
        )
        yield Query.const_score_query(fresh, BOOSTS.fresh)


def compile_request(
    request: SearchRequest, parsed: ParsedText, reading: Reading, frequency: Frequency, *, scored: bool
) -> Query:
    """Build the query of one request at one reading; `scored` adds what only orders the hits."""
    must = [_any_value("scopes", request.scopes)]
    if request.kinds:
        must.append(_any_value("kind", request.kinds))
    must.extend(_filters(request.filters))
    text = _text(parsed, reading, frequency)
    if text is not None:
        must.append(text)
    parts = [(Occur.Must, query) for query in must]
    parts += [(Occur.MustNot, _clause(clause, frequency)) for clause in parsed.excluded]
    if scored and text is not None:
        parts.extend((Occur.Should, query) for query in _boosts(request, parsed))
    return Query.boolean_query(parts)


def candidate_query(kind: str, terms: Sequence[tuple[str, float]], scopes: Sequence[str]) -> Query:
    """Build the OR of constant scores whose sum, divided by the stored norm, approximates the cosine."""
    own_weight, more_weight = TEXT_WEIGHTS[kind]
    parts = [
        Query.const_score_query(_term(f"own_{kind}", token), score * own_weight) for token, score in terms
    ]
    parts += [
        Query.const_score_query(_term(f"more_{kind}", token), score * more_weight)
        for token, score in terms[:_MORE_TERMS]
    ]
    return _all([_any(parts), _any_value("scopes", scopes)])
