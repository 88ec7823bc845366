"""How many documents there are and in how many each token stands, summed over the shards.

The servers tell frequencies one shard at a time, as term vectors of a made-up text; the sum over all shards is
exact. Like an embedded index they count what was deleted lately until segments are merged.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any

from elasticsearch import Elasticsearch

from search.backend import EngineUnavailable

# A made-up text per shard is found by trying routing values; this many are enough for hundreds of shards.
_MOST_ROUTINGS = 4_000


@dataclass(frozen=True, slots=True)
class FieldStatistics:
    """Documents that have the field at all, and those that have each asked token in it."""

    documents: int
    frequencies: Mapping[str, int]


class TermStatistics:
    """Statistics of the text fields of an index."""

    def __init__(self, client: Elasticsearch) -> None:
        self._client = client
        self._lock = Lock()
        self._routings: dict[str, list[str]] = {}

    def of(self, index: str | None, wanted: Mapping[str, Iterable[str]]) -> dict[str, FieldStatistics]:
        """Return field → statistics of its tokens, in one call per shard; nothing is known without an index."""
        if index is None or not wanted:
            return dict.fromkeys(wanted, FieldStatistics(0, {}))
        texts = {field: " ".join(tokens) or "-" for field, tokens in wanted.items()}
        documents: Counter[str] = Counter()
        frequencies: dict[str, Counter[str]] = {field: Counter() for field in wanted}
        for routing in self._routings_of(index):
            answer = self._client.termvectors(
                index=index,
                doc=texts,
                fields=list(texts),
                term_statistics=True,
                field_statistics=True,
                offsets=False,
                positions=False,
                payloads=False,
                routing=routing,
            )
            for field, vector in answer.get("term_vectors", {}).items():
                # A field that no document of the shard has is told as -1.
                documents[field] += max(0, vector["field_statistics"]["doc_count"])
                frequencies[field].update(_frequencies(vector["terms"]))
        return {field: FieldStatistics(documents[field], frequencies[field]) for field in wanted}

    def _routings_of(self, index: str) -> list[str]:
        """Return one routing value for each shard; remembered, because they never change for an index."""
        with self._lock:
            if index not in self._routings:
                self._routings = {index: self._find_routings(index)}
            return self._routings[index]

    def _find_routings(self, index: str) -> list[str]:
        shards = int(
            self._client.indices.get_settings(index=index)[index]["settings"]["index"]["number_of_shards"]
        )
        found: dict[int, str] = {}
        for number in range(_MOST_ROUTINGS):
            if len(found) == shards:
                break
            routing = str(number)
            (copies,) = self._client.search_shards(index=index, routing=routing)["shards"]
            if not copies:
                raise EngineUnavailable(f"a shard of {index} is on no running server")
            found.setdefault(copies[0]["shard"], routing)
        return list(found.values())


def _frequencies(terms: Mapping[str, Any]) -> dict[str, int]:
    return {token: facts.get("doc_freq", 0) for token, facts in terms.items()}
