"""Search requests and candidate queries in Elasticsearch's query language, never as query strings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from search import facets
from search.conditions import (
    AllOf,
    AnyOf,
    Between,
    Condition,
    Conditions,
    Frequency,
    OneOf,
    Phrase,
    Term,
    conditions,
    weighed_terms,
)
from search.documents import KINDS
from search.facets import CountingGroup, Facet
from search.likeness import TEXT_WEIGHTS
from search.query import Level, ParsedText, Reading, SearchRequest, Sort

SORT_FIELDS = {
    Sort.NEWEST: ("sort_newest", "desc"),
    Sort.CONFIRMED: ("sort_confirmed", "desc"),
    Sort.PRICE: ("sort_price", "asc"),
    Sort.MATURITY: ("sort_maturity", "desc"),
}
# Only numbers come back: no stored source is opened.
BARE = {"stored_fields": "_none_", "track_total_hits": True}

Query = dict[str, Any]


def query_of(asked: Conditions, *, scored: bool) -> Query:
    """Build the query of a search; `scored` adds what only orders the hits."""
    found: Query = {
        "filter": [_query(condition) for condition in asked.narrowing],
        "must_not": [_query(condition) for condition in asked.excluded],
    }
    if asked.text is not None and scored:
        found["must"] = [_query(asked.text)]
        found["should"] = [_boosted(condition, boost) for condition, boost in asked.boosts]
    elif asked.text is not None:
        found["filter"].append(_query(asked.text))
    return {"bool": found}


def _query(condition: Condition) -> Query:
    match condition:
        case Term(field, value):
            return {"term": {field: value}}
        case Phrase((token,)):
            return {"term": {"all_characters": token}}
        case Phrase(tokens):
            return {"match_phrase": {"all_characters": " ".join(tokens)}}
        case OneOf(field, values):
            return {"terms": {field: list(values)}}
        case Between(field, low, high):
            ends = {"gte": low, "lte": high}
            return {"range": {field: {name: end for name, end in ends.items() if end is not None}}}
        case AnyOf(parts, least):
            return {"bool": {"should": [_query(part) for part in parts], "minimum_should_match": least}}
        case AllOf(parts):
            return {"bool": {"must": [_query(part) for part in parts]}}


def _boosted(condition: Condition, boost: float) -> Query:
    if isinstance(condition, Term):
        return {"term": {condition.field: {"value": condition.value, "boost": boost}}}
    return _constant(condition, boost)


def _constant(condition: Condition, score: float) -> Query:
    return {"constant_score": {"filter": _query(condition), "boost": score}}


def page_body(
    request: SearchRequest,
    parsed: ParsedText,
    reading: Reading,
    frequency: Frequency,
    first: Sequence[Reading] = (),
) -> Query:
    """Build the request for one page of hits, those of the `first` readings before the others."""
    sort = request.sort
    if sort is Sort.RELEVANCE and reading.level is Level.EVERYTHING:
        sort = Sort.CONFIRMED
    by_score = sort is Sort.RELEVANCE
    order = [{"_score": "desc"}, {"listing_id": "asc"}] if by_score else [dict([SORT_FIELDS[sort]])]
    return {
        **BARE,
        "query": query_of(conditions(request, parsed, reading, frequency, first), scored=by_score),
        "sort": order,
        "from": request.offset,
        "size": request.page_size,
        "docvalue_fields": ["listing_id", "kind_number"],
    }


def count_body(group: CountingGroup, parsed: ParsedText, reading: Reading, frequency: Frequency) -> Query:
    """Build the request that counts the values of some facets, and all hits."""
    return {
        "size": 0,
        "track_total_hits": True,
        "query": query_of(conditions(group.request, parsed, reading, frequency), scored=False),
        "aggs": aggregations(group.counted, group.request.today),
    }


def total_body(request: SearchRequest, frequency: Frequency) -> Query:
    """Build the request that only counts hits, at the strictest reading of the text."""
    parsed = request.parsed()
    asked = conditions(request, parsed, parsed.readings()[0], frequency)
    return {"size": 0, "track_total_hits": True, "query": query_of(asked, scored=False)}


def aggregations(group: Sequence[Facet], today: date | None) -> dict[str, Query]:
    """Build the counts of some facets; those of dates count from each of their days on."""
    wanted: dict[str, Query] = {}
    for facet in group:
        if facet in facets.FACET_FIELDS:
            most = facets.MOST_VALUES[facet]
            wanted[facet.value] = {"terms": {"field": facets.FACET_FIELDS[facet], "size": most}}
        elif facet in facets.DAYS_BACK and today is not None:
            ranges = [
                {"key": days, "from": since.toordinal()} for days, since in facets.days_back(facet, today)
            ]
            wanted[facet.value] = {"range": {"field": facets.DAYS_BACK[facet][0], "ranges": ranges}}
    return wanted


def candidate_body(kind: str, terms: Sequence[tuple[str, float]], scopes: Sequence[str], limit: int) -> Query:
    """Build the OR of constant scores whose sum, times the stored norm, approximates the cosine.

    Visibility is a `post_filter`: the same ids come back, in half the time (design/environment.md section 1).
    """
    parts = [_constant(term, score) for term, score in weighed_terms(kind, terms, TEXT_WEIGHTS[kind])]
    any_part = {"bool": {"should": parts, "minimum_should_match": 1}}
    norm = {"field": "match_norm", "missing": 0}
    alike = {"query": any_part, "field_value_factor": norm, "boost_mode": "multiply"}
    return {
        **BARE,
        "query": {"function_score": alike},
        "post_filter": {"terms": {"scopes": list(scopes)}},
        "size": limit,
        "docvalue_fields": ["listing_id"],
    }


def kind_of(number: int) -> str:
    """Return the kind that a stored number stands for."""
    return KINDS[number]
