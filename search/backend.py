"""The protocol every search engine answers, and the plain data that goes in and out.

Two engines stand behind it: `search.embedded` (tantivy, the default) and an Elasticsearch one. Callers hold a
`SearchEngine` and never an engine's own types. Only the indexing worker calls `apply` and `rebuild`; web
processes read, also while another process writes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from search.documents import ListingDocument
from search.facets import Facet, FacetCount, Loosening
from search.index_fields import PreparedDocument
from search.likeness import TextWeights
from search.query import NO_TEXT, Reading, SearchRequest


class EngineUnavailable(Exception):
    """The engine cannot answer now (down, unreadable, locked). Nothing was changed; try again later."""


class EngineBusy(EngineUnavailable):
    """Another process is writing; only one writer is allowed at a time."""


class RebuildNeeded(EngineUnavailable):
    """The index was made by another schema or dictionary and must be rebuilt before it is written or read."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One found listing. `score` is the engine's own and only orders hits of one result."""

    kind: str
    listing_id: int
    score: float


@dataclass(frozen=True, slots=True)
class SearchResult:
    """One page of hits. `total` counts all hits; `reading` says how strictly the text was taken.

    Where that found little and more was wanted, `filled` is the weaker reading of the hits after the first
    `fuller` ones, which alone hold what `reading` asks.
    `facets` holds every facet's counts without its own choice, most frequent first.
    `loosen` names the filters whose removal would give more hits, and how many hits that would be.
    Both are empty when facets were not asked for.
    """

    hits: tuple[Hit, ...] = ()
    total: int = 0
    reading: Reading = NO_TEXT
    facets: Mapping[Facet, tuple[FacetCount, ...]] = field(default_factory=dict)
    loosen: tuple[Loosening, ...] = ()
    filled: Reading | None = None
    fuller: int = 0

    @property
    def strict_total(self) -> int:
        """How many hits hold what `reading` asks."""
        return self.total if self.filled is None else self.fuller


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """What reconcile compares with the database: one indexed document's name, revision and content."""

    doc_id: str
    revision_id: int
    fingerprint: str


@dataclass(frozen=True, slots=True)
class MatchText:
    """The text of one candidate as exact rescoring compares it: weighed when it was indexed, before idf."""

    listing_id: int
    revision_id: int
    weights: TextWeights


@dataclass(frozen=True, slots=True)
class WeightedTerm:
    """One character token of a candidate query: its weight in the query, before idf."""

    token: str
    weight: float


#: Looks at a successor before it is put into use: gets a way to count its documents, raises to keep the old index.
Approval = Callable[[Callable[[], int]], object]


def as_it_is(_count: Callable[[], int]) -> None:
    """Approve of every successor."""


@runtime_checkable
class SearchEngine(Protocol):
    """An index of listing documents. All methods may raise EngineUnavailable."""

    def apply(
        self, upserts: Iterable[ListingDocument], deletes: Iterable[str] = (), *, version: int | None = None
    ) -> None:
        """Write one batch: afterwards every reader sees all of it. After a crash it is written again.

        Idempotent. `deletes` are document ids; an id in both is deleted (failing closed), the last of several
        upserts of one id wins. `version` is a number drawn before the documents were read from the database:
        what was written with a higher one stays, or EngineBusy asks to read and try again.
        """

    def rebuild(
        self,
        documents: Iterable[ListingDocument | PreparedDocument],
        *,
        version: int | None = None,
        approve: Approval = as_it_is,
    ) -> int:
        """Replace the whole index by `documents` and return the number of documents in it.

        Readers see the old index until the new one is complete; a crash at any moment leaves one of the two.
        `version` is drawn as for `apply`, before the first document is read. What `approve` raises keeps the old
        index in use. Documents may come prepared, by processes beside this one.
        """

    def rollback(self) -> None:
        """Go back to the index before the last rebuild. Raises EngineUnavailable when there is none.

        What changed since is missing from it: reconcile afterwards.
        """

    def search(self, request: SearchRequest) -> SearchResult:
        """Answer one search, falling back from all words step by step to fewer words, then to characters."""

    def totals(self, requests: Sequence[SearchRequest]) -> list[int]:
        """Return how many hits each search has at the strictest reading of its text, all in one round trip."""

    def candidates(
        self, kind: str, terms: Sequence[WeightedTerm], scopes: Sequence[str], limit: int
    ) -> list[int]:
        """Return up to `limit` listing ids of `kind` visible to `scopes`, likest first.

        The order approximates the cosine of the given weights with each document's own text; see
        search.matching for the exact one.
        """

    def match_texts(self, kind: str, listing_ids: Sequence[int]) -> list[MatchText]:
        """Return the weighed texts of these listings, in the given order; unknown ids are left out."""

    def document_count(self, kind: str) -> int:
        """Return N of idf, the number of documents of a kind.

        Like the frequencies it may still hold what was deleted lately, so that the two fit together.
        """

    def document_frequencies(self, kind: str, tokens: Iterable[str]) -> dict[str, int]:
        """Return, for characters and bigrams, in how many documents' titles and keywords each stands."""

    def entries(self) -> Iterator[IndexEntry]:
        """Yield every indexed document's name, revision and fingerprint, as of one moment."""

    def count(self) -> int:
        """Return the number of indexed documents."""

    @property
    def generation(self) -> str:
        """A name that changes with every visible change; caches of statistics are keyed by it."""

    @property
    def needs_rebuild(self) -> bool:
        """True when there is no index yet, or it was made by another schema or dictionary."""
