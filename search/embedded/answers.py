"""What tantivy answers, as the protocol's plain data; and how facets are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import pairwise

import tantivy

from search import facets
from search.backend import Hit, MatchText
from search.documents import KINDS
from search.facets import Facet, FacetCount
from search.likeness import TextWeights

TOTAL = "total"  # name of the aggregation that counts the hits; no facet is called so


def match_text(stored: tantivy.Document) -> MatchText:
    return MatchText(
        stored.get_first("listing_id"),
        stored.get_first("revision_id"),
        TextWeights.from_bytes(bytes(stored.get_first("match_weights"))),
    )


def hits(searcher: tantivy.Searcher, found: tantivy.SearchResult) -> tuple[Hit, ...]:
    addresses = [address for _, address in found.hits]
    if not addresses:
        return ()
    kinds = searcher.fast_field_values("kind_number", addresses)
    numbers = searcher.fast_field_values("listing_id", addresses)
    return tuple(
        Hit(KINDS[kind], number, float(score))
        for (score, _), kind, number in zip(found.hits, kinds, numbers, strict=True)
    )


def aggregations(group: Sequence[Facet], today: date | None) -> dict:
    wanted = {TOTAL: {"terms": {"field": "kind", "size": len(KINDS)}}}
    for facet in group:
        if facet in facets.FACET_FIELDS:
            most = facets.MOST_VALUES[facet]
            wanted[facet.value] = {"terms": {"field": facets.FACET_FIELDS[facet], "size": most}}
        elif facet in facets.DAYS_BACK and today is not None:
            wanted[facet.value] = _date_aggregation(facet, today)
    return wanted


def _date_aggregation(facet: Facet, today: date) -> dict:
    # The engine wants ranges that do not overlap; `counts` adds them up again.
    edges = sorted(day.toordinal() for _, day in facets.days_back(facet, today))
    ranges = [{"from": low, "to": high} for low, high in pairwise(edges)]
    return {"range": {"field": facets.DAYS_BACK[facet][0], "ranges": [*ranges, {"from": edges[-1]}]}}


def counts(facet: Facet, buckets: list[dict]) -> tuple[FacetCount, ...]:
    if facet not in facets.DAYS_BACK:
        return tuple(FacetCount(bucket["key"], bucket["doc_count"]) for bucket in buckets)
    newest_first = sorted((b for b in buckets if b.get("from") is not None), key=lambda b: -b["from"])
    found, total = [], 0
    for days, bucket in zip(facets.DAYS_BACK[facet][1], newest_first, strict=True):
        total += bucket["doc_count"]
        found.append(FacetCount(str(days), total))
    return tuple(found)
