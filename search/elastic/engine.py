"""The engine itself: asking and writing an index on Elasticsearch servers.

Writes carry the number of the batch as an external version: a batch that comes late, or twice, never replaces
what a later one wrote. Only numbers come back from a search; the database has the rest.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

from elasticsearch import NotFoundError

from search import facets
from search.backend import (
    Approval,
    EngineUnavailable,
    Hit,
    IndexEntry,
    MatchText,
    SearchResult,
    WeightedTerm,
    as_it_is,
)
from search.documents import ACHIEVEMENT, ListingDocument, doc_id
from search.elastic import queries
from search.elastic.connection import Calls, ElasticAddress
from search.elastic.indexes import Indexes
from search.elastic.statistics import FieldStatistics, TermStatistics
from search.elastic.writer import Writer
from search.facets import Facet, FacetCount, Loosening
from search.index_fields import PreparedDocument
from search.likeness import TextWeights, inverse_document_frequency
from search.query import ParsedText, Reading, SearchRequest
from search.readings import take
from search.tokenizer import is_han

_ENTRIES_AT_ONCE = 5_000
# For how long the frequency of a word is remembered; it only steers a short cut.
_REMEMBERED_SECONDS = 600


class _Asked(NamedTuple):
    """What one reading of a search found: a page, the counts of all facets, the hits without each choice."""

    page: dict[str, Any]
    counts: dict[Facet, tuple[FacetCount, ...]]
    totals: list[Loosening]


class ElasticEngine:
    """A SearchEngine on the servers of `address`. Safe to share between threads and processes."""

    def __init__(self, address: ElasticAddress) -> None:
        self._client = address.client()
        self._alias = address.index
        self._calls = Calls()
        self._indexes = Indexes(self._client, address)
        self._statistics = TermStatistics(self._client)
        self._writer = Writer(self._client, address)
        self._remembered_frequency = lru_cache(maxsize=4_096)(self._word_frequency)

    def drop(self) -> None:
        """Remove the index from the servers, with every version of it, and let go of the connections."""
        with self._calls.guarded():
            self._writer.drop()
        self._client.close()

    # Reading

    @property
    def needs_rebuild(self) -> bool:
        """See SearchEngine."""
        with self._calls.guarded():
            facts = self._indexes.aliased().get(self._alias)
            return facts is None or not self._indexes.is_up_to_date(facts)

    @property
    def generation(self) -> str:
        """See SearchEngine. The index's name and the number of changes it has seen."""
        with self._calls.guarded():
            try:
                found = self._client.indices.stats(index=self._alias, metric="docs", level="shards")
            except NotFoundError:
                return "none"
        changes = [
            copy["seq_no"]["max_seq_no"]
            for index in found["indices"].values()
            for copies in index["shards"].values()
            for copy in copies
            if copy["routing"]["primary"]
        ]
        return f"{':'.join(found['indices'])}:{sum(changes)}"

    def count(self) -> int:
        """See SearchEngine."""
        return self._search({"size": 0, "track_total_hits": True})["hits"]["total"]["value"]

    def entries(self) -> Iterator[IndexEntry]:
        """See SearchEngine."""
        with self._calls.guarded():
            try:
                moment = self._client.open_point_in_time(index=self._alias, keep_alive="5m")["id"]
            except NotFoundError:
                return
        try:
            yield from self._entries_at(moment)
        finally:
            with self._calls.guarded():
                self._client.close_point_in_time(id=moment)

    def _entries_at(self, moment: str) -> Iterator[IndexEntry]:
        after: list[Any] | None = None
        while True:
            body = {
                "size": _ENTRIES_AT_ONCE,
                "stored_fields": "_none_",
                "track_total_hits": False,
                "allow_partial_search_results": False,
                "sort": ["_shard_doc"],
                "pit": {"id": moment, "keep_alive": "5m"},
                "docvalue_fields": ["kind_number", "listing_id", "revision_id", "fingerprint"],
            }
            with self._calls.guarded():
                found = self._client.search(**body, **({"search_after": after} if after else {}))
            hits = found["hits"]["hits"]
            if not hits:
                return
            for hit in hits:
                values = {name: value[0] for name, value in hit["fields"].items()}
                name = doc_id(queries.kind_of(values["kind_number"]), values["listing_id"])
                yield IndexEntry(name, values["revision_id"], values["fingerprint"])
            after = hits[-1]["sort"]

    # Searching

    def search(self, request: SearchRequest) -> SearchResult:
        """See SearchEngine."""
        parsed = request.parsed()
        readings = parsed.readings()
        strictest = readings[0]
        if not request.scopes:
            return SearchResult(reading=strictest)

        def ask(reading: Reading, first: Sequence[Reading]) -> tuple[_Asked, int]:
            asked = self._ask(request, parsed, reading, first)
            return asked, asked.page["hits"]["total"]["value"]

        taken = take(readings, ask, fill_up=request.fill_up)
        found = SearchResult(
            _hits(taken.answer.page), taken.total, taken.reading, filled=taken.filled, fuller=taken.fuller
        )
        if not request.with_facets:
            return found
        present = taken.fuller if taken.reading is strictest else 0
        loosen = facets.best_loosenings(taken.strictest.totals, present)
        return replace(found, facets=taken.answer.counts, loosen=loosen)

    def totals(self, requests: Sequence[SearchRequest]) -> list[int]:
        """See SearchEngine."""
        asked = [request for request in requests if request.scopes]
        if not asked:
            return [0] * len(requests)
        bodies = [queries.total_body(request, self._frequency) for request in asked]
        found = iter(self._search_many(bodies))
        return [next(found)["hits"]["total"]["value"] if request.scopes else 0 for request in requests]

    def _ask(
        self, request: SearchRequest, parsed: ParsedText, reading: Reading, first: Sequence[Reading]
    ) -> _Asked:
        """Ask for one page and everything beside it in one round trip."""
        groups = facets.counting_groups(request) if request.with_facets else []
        bodies = [queries.page_body(request, parsed, reading, self._frequency, first)]
        bodies += [queries.count_body(group, parsed, reading, self._frequency) for group in groups]
        page, *counted = self._search_many(bodies)
        counts: dict[Facet, tuple[FacetCount, ...]] = {}
        totals: list[Loosening] = []
        for group, answer in zip(groups, counted, strict=True):
            if group.taken_back is not None:
                totals.append(Loosening(group.taken_back, answer["hits"]["total"]["value"]))
            for name, found in answer.get("aggregations", {}).items():
                counts[Facet(name)] = _counts(Facet(name), found["buckets"])
        return _Asked(page, {facet: counts[facet] for facet in Facet if facet in counts}, totals)

    def _search(self, body: dict[str, Any]) -> dict[str, Any]:
        return self._search_many([body])[0]

    def _search_many(self, bodies: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Ask several searches at once. Raises EngineUnavailable when one has no complete answer."""
        head = {"index": self._alias, "allow_partial_search_results": False}
        with self._calls.guarded():
            answers = self._client.msearch(
                searches=list(chain.from_iterable((head, body) for body in bodies))
            )["responses"]
        return [_answered(answer) for answer in answers]

    def _frequency(self, word: str) -> int:
        return self._remembered_frequency(word, int(time.monotonic() // _REMEMBERED_SECONDS))

    def _word_frequency(self, word: str, _period: int) -> int:
        """In how many documents a word stands; asked anew once in a while."""
        found = self._field_statistics({"all_words": [word]})
        return found["all_words"].frequencies.get(word, 0)

    # Matching

    def candidates(
        self, kind: str, terms: Sequence[WeightedTerm], scopes: Sequence[str], limit: int
    ) -> list[int]:
        """See SearchEngine."""
        if not terms or not scopes or limit < 1:
            return []
        # Both directions weigh by the achievements' own statistics (search.likeness).
        field = f"own_{ACHIEVEMENT}"
        known = self._field_statistics({field: [term.token for term in terms]})[field]
        scored = []
        for term in terms:
            idf = inverse_document_frequency(known.documents, known.frequencies.get(term.token, 0))
            scored.append((term.token, term.weight * idf * idf))
        scored.sort(key=lambda pair: -pair[1])
        found = self._search(queries.candidate_body(kind, scored, scopes, limit))
        return [hit["fields"]["listing_id"][0] for hit in found["hits"]["hits"]]

    def match_texts(self, kind: str, listing_ids: Sequence[int]) -> list[MatchText]:
        """See SearchEngine."""
        wanted = list(dict.fromkeys(listing_ids))
        if not wanted:
            return []
        found = self._search(
            {
                "size": len(wanted),
                "query": {"ids": {"values": [doc_id(kind, number) for number in wanted]}},
                "stored_fields": ["match_weights"],
                "docvalue_fields": ["listing_id", "revision_id"],
            }
        )
        texts = {text.listing_id: text for text in map(_match_text, found["hits"]["hits"])}
        return [texts[number] for number in wanted if number in texts]

    def document_count(self, kind: str) -> int:
        """See SearchEngine. Counts documents with a title."""
        field = f"own_{kind}"
        return self._field_statistics({field: ()})[field].documents

    def document_frequencies(self, kind: str, tokens: Iterable[str]) -> dict[str, int]:
        """See SearchEngine."""
        fields: dict[str, list[str]] = {}
        for token in tokens:
            prefix = "pairs" if len(token) == 2 and is_han(token) else "own"
            fields.setdefault(f"{prefix}_{kind}", []).append(token)
        found = self._field_statistics(fields)
        return {
            token: found[field].frequencies.get(token, 0)
            for field, asked in fields.items()
            for token in asked
        }

    def _field_statistics(self, wanted: Mapping[str, Iterable[str]]) -> dict[str, FieldStatistics]:
        with self._calls.guarded():
            return self._statistics.of(self._indexes.current(), wanted)

    # Writing

    def apply(
        self, upserts: Iterable[ListingDocument], deletes: Iterable[str] = (), *, version: int | None = None
    ) -> None:
        """See SearchEngine. Written to the index in use and, while one is being built, to its successor."""
        with self._calls.guarded():
            self._writer.apply(upserts, deletes, version)

    def rebuild(
        self,
        documents: Iterable[ListingDocument | PreparedDocument],
        *,
        version: int | None = None,
        approve: Approval = as_it_is,
    ) -> int:
        """See SearchEngine. A later document with the same id replaces an earlier one."""
        with self._calls.guarded():
            return self._writer.rebuild(documents, version, approve)

    def rollback(self) -> None:
        """See SearchEngine."""
        with self._calls.guarded():
            self._writer.rollback()


def _answered(answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer that is complete, or nothing found where no index is yet; raise EngineUnavailable else."""
    error = answer.get("error")
    if error is None:
        return answer
    # Not by `ignore_unavailable`: an index that this user may not read would then look empty, too.
    if error.get("type") == "index_not_found_exception":
        return {"hits": {"total": {"value": 0}, "hits": []}}
    raise EngineUnavailable(f"elasticsearch: {answer['status']} {error.get('reason')}")


def _hits(page: dict[str, Any]) -> tuple[Hit, ...]:
    return tuple(
        Hit(
            queries.kind_of(hit["fields"]["kind_number"][0]),
            hit["fields"]["listing_id"][0],
            float(hit.get("_score") or 0.0),
        )
        for hit in page["hits"]["hits"]
    )


def _match_text(hit: dict[str, Any]) -> MatchText:
    fields = hit["fields"]
    packed = base64.b64decode(fields["match_weights"][0])
    return MatchText(fields["listing_id"][0], fields["revision_id"][0], TextWeights.from_bytes(packed))


def _counts(facet: Facet, buckets: list[dict[str, Any]]) -> tuple[FacetCount, ...]:
    if facet in facets.DAYS_BACK:
        found = {bucket["key"]: bucket["doc_count"] for bucket in buckets}
        return tuple(FacetCount(str(days), found[str(days)]) for days in facets.DAYS_BACK[facet][1])
    return tuple(FacetCount(bucket["key"], bucket["doc_count"]) for bucket in buckets)
