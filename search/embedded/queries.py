"""Search conditions and candidate queries as tantivy query objects, never as query strings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import tantivy
from tantivy import FieldType, Occur, Query

from search.conditions import AllOf, AnyOf, Between, Condition, Conditions, OneOf, Phrase, Term, weighed_terms
from search.embedded.schema import SCHEMA
from search.likeness import TEXT_WEIGHTS
from search.query import Sort

SORT_FIELDS = {
    Sort.NEWEST: ("sort_newest", tantivy.Order.Desc),
    Sort.CONFIRMED: ("sort_confirmed", tantivy.Order.Desc),
    Sort.PRICE: ("sort_price", tantivy.Order.Asc),
    Sort.MATURITY: ("sort_maturity", tantivy.Order.Desc),
}


def query_of(asked: Conditions, *, scored: bool) -> Query:
    """Build the query of a search; `scored` adds what only orders the hits."""
    parts = [(Occur.Must, _query(condition)) for condition in asked.narrowing]
    parts += [(Occur.MustNot, _query(condition)) for condition in asked.excluded]
    if asked.text is not None:
        parts.append((Occur.Must, _query(asked.text)))
        if scored:
            parts += [(Occur.Should, _boosted(condition, boost)) for condition, boost in asked.boosts]
    return Query.boolean_query(parts)


def candidate_query(kind: str, terms: Sequence[tuple[str, float]], scopes: Sequence[str]) -> Query:
    """Build the OR of constant scores whose sum, divided by the stored norm, approximates the cosine."""
    parts = [
        Query.const_score_query(_query(term), score)
        for term, score in weighed_terms(kind, terms, TEXT_WEIGHTS[kind])
    ]
    return _all([_any(parts), _query(OneOf("scopes", tuple(scopes)))])


def _query(condition: Condition) -> Query:
    match condition:
        case Term(field, value):
            return Query.term_query(SCHEMA, field, value, "freq" if field == "all_words" else "basic")
        case Phrase((token,)):
            return _query(Term("all_characters", token))
        case Phrase(tokens):
            return Query.phrase_query(SCHEMA, "all_characters", list(tokens))
        case OneOf(field, values):
            return Query.const_score_query(Query.term_set_query(SCHEMA, field, list(values)), 0.0)
        case Between(field, low, high):
            return Query.const_score_query(
                Query.range_query(SCHEMA, field, FieldType.Integer, low, high), 0.0
            )
        case AnyOf(parts, least):
            return _any(map(_query, parts), least)
        case AllOf(parts):
            return _all(map(_query, parts))


def _boosted(condition: Condition, boost: float) -> Query:
    if isinstance(condition, Term):
        return Query.boost_query(_query(condition), boost)
    return Query.const_score_query(_query(condition), boost)


def _any(queries: Iterable[Query], least: int = 1) -> Query:
    return Query.boolean_query([(Occur.Should, query) for query in queries], least)


def _all(queries: Iterable[Query]) -> Query:
    return Query.boolean_query([(Occur.Must, query) for query in queries])
