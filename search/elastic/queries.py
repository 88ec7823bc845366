"""Search requests and candidate queries in Elasticsearch's query language, never as query strings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any

from search import facets
from search.documents import KINDS
from search.facets import Facet
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
_FACET_SIZE = 2_000  # above the number of codes in any list (GB/T 4754 has 1,971)
SORT_FIELDS = {
    Sort.NEWEST: ("sort_newest", "desc"),
    Sort.CONFIRMED: ("sort_confirmed", "desc"),
    Sort.PRICE: ("sort_price", "asc"),
    Sort.MATURITY: ("sort_maturity", "desc"),
}
# Only numbers come back: no stored source is opened.
BARE = {"stored_fields": "_none_", "track_total_hits": True}

Query = dict[str, Any]
# How many documents hold a word (its document frequency).
Frequency = Callable[[str], int]


def _term(field: str, value: str | int) -> Query:
    return {"term": {field: value}}


def _any(queries: Sequence[Query], least: int = 1) -> Query:
    return {"bool": {"should": list(queries), "minimum_should_match": least}}


def _all(queries: Sequence[Query]) -> Query:
    return {"bool": {"must": list(queries)}}


def _phrase(tokens: Sequence[str]) -> Query:
    if len(tokens) == 1:
        return _term("all_characters", tokens[0])
    return {"match_phrase": {"all_characters": " ".join(tokens)}}


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
    return _any([whole, _all([_term("all_words", part) for part in clause.tokens])])


def _text(parsed: ParsedText, reading: Reading, frequency: Frequency) -> Query | None:
    if reading.level is Level.EVERYTHING:
        return None
    if reading.level is Level.ALL_WORDS:
        return _all([_clause(clause, frequency) for clause in parsed.clauses])
    if reading.level is Level.SOME_WORDS:
        parts = [_clause(clause, frequency) for clause in parsed.optional]
    else:
        parts = [_term("all_characters", token) for token in parsed.loose_characters]
    required = [_clause(clause, frequency) for clause in parsed.required]
    return _all([*required, _any(parts, reading.needed)])


def _range(field: str, **bounds: int) -> Query:
    return {"range": {field: bounds}}


def _filters(filters: Filters) -> Iterator[Query]:
    for choice, field in FILTER_FIELDS.items():
        values = getattr(filters, choice)
        if values:
            yield {"terms": {field: list(values)}}
    trl = {"gte": filters.trl_min, "lte": filters.trl_max}
    if known := {name: bound for name, bound in trl.items() if bound is not None}:
        yield _range("trl", **known)
    if filters.price_min_fen is not None:
        yield _range("price_max", gte=filters.price_min_fen)
    if filters.price_max_fen is not None:
        yield _range("price_min", lte=filters.price_max_fen)
    if filters.confirmed_since is not None:
        yield _range("confirmed_on", gte=filters.confirmed_since.toordinal())
    if filters.organisation_id is not None:
        yield _term("organisation_id", filters.organisation_id)
    for low, high in filters.measures:
        yield _range("measures", gte=low, lte=high)


def _boosts(request: SearchRequest, parsed: ParsedText) -> Iterator[Query]:
    for clause in parsed.clauses:
        if clause.kind is not ClauseKind.PHRASE:
            yield {"term": {"title_words": {"value": clause.text, "boost": BOOSTS.title}}}
            yield {"term": {"keyword_words": {"value": clause.text, "boost": BOOSTS.keyword}}}
    if request.fresh_since is not None:
        fresh = _range("confirmed_on", gte=request.fresh_since.toordinal())
        yield {"constant_score": {"filter": fresh, "boost": BOOSTS.fresh}}


def compile_request(
    request: SearchRequest, parsed: ParsedText, reading: Reading, frequency: Frequency, *, scored: bool
) -> Query:
    """Build the query of one request at one reading; `scored` adds what only orders the hits."""
    narrowing: list[Query] = [{"terms": {"scopes": list(request.scopes)}}]
    if request.kinds:
        narrowing.append({"terms": {"kind": list(request.kinds)}})
    narrowing.extend(_filters(request.filters))
    found: Query = {"filter": narrowing}
    if parsed.excluded:
        found["must_not"] = [_clause(clause, frequency) for clause in parsed.excluded]
    text = _text(parsed, reading, frequency)
    if text is not None and scored:
        found |= {"must": [text], "should": list(_boosts(request, parsed))}
    elif text is not None:
        narrowing.append(text)
    return {"bool": found}


def page_body(request: SearchRequest, parsed: ParsedText, reading: Reading, frequency: Frequency) -> Query:
    """Build the request for one page of hits."""
    sort = request.sort
    if sort is Sort.RELEVANCE and reading.level is Level.EVERYTHING:
        sort = Sort.CONFIRMED
    by_score = sort is Sort.RELEVANCE
    order = [{"_score": "desc"}, {"listing_id": "asc"}] if by_score else [dict([SORT_FIELDS[sort]])]
    return {
        **BARE,
        "query": compile_request(request, parsed, reading, frequency, scored=by_score),
        "sort": order,
        "from": request.offset,
        "size": request.page_size,
        "docvalue_fields": ["listing_id", "kind_number"],
    }


def count_body(
    asked: SearchRequest, group: Sequence[Facet], parsed: ParsedText, reading: Reading, frequency: Frequency
) -> Query:
    """Build the request that counts the values of some facets, and all hits."""
    return {
        "size": 0,
        "track_total_hits": True,
        "query": compile_request(asked, parsed, reading, frequency, scored=False),
        "aggs": aggregations(group, asked.today),
    }


def aggregations(group: Sequence[Facet], today: date | None) -> dict[str, Query]:
    """Build the counts of some facets; freshness counts from each of its days on."""
    wanted: dict[str, Query] = {}
    for facet in group:
        if facet in facets.FACET_FIELDS:
            wanted[facet.value] = {"terms": {"field": facets.FACET_FIELDS[facet], "size": _FACET_SIZE}}
        elif facet is Facet.FRESHNESS and today is not None:
            ranges = [
                {"key": days, "from": since.toordinal()} for days, since in facets.freshness_days(today)
            ]
            wanted[facet.value] = {"range": {"field": "confirmed_on", "ranges": ranges}}
    return wanted


def candidate_body(kind: str, terms: Sequence[tuple[str, float]], scopes: Sequence[str], limit: int) -> Query:
    """Build the OR of constant scores whose sum, times the stored norm, approximates the cosine.

    Visibility is a `post_filter`: the same ids come back, in half the time (design/environment.md section 1).
    """
    own_weight, more_weight = TEXT_WEIGHTS[kind]
    parts = [_constant(f"own_{kind}", token, score * own_weight) for token, score in terms]
    parts += [_constant(f"more_{kind}", token, score * more_weight) for token, score in terms[:_MORE_TERMS]]
    norm = {"field": "match_norm", "missing": 0}
    alike = {"query": _any(parts), "field_value_factor": norm, "boost_mode": "multiply"}
    return {
        **BARE,
        "query": {"function_score": alike},
        "post_filter": {"terms": {"scopes": list(scopes)}},
        "size": limit,
        "docvalue_fields": ["listing_id"],
    }


def _constant(field: str, token: str, score: float) -> Query:
    return {"constant_score": {"filter": _term(field, token), "boost": score}}


def kind_of(number: int) -> str:
    """Return the kind that a stored number stands for."""
    return KINDS[number]
