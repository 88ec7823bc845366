"""The engine itself: opening, writing, rebuilding and asking a tantivy index.

Facts this rests on (design/search.md section 1): one writer at a time; a reader shows changes only after
`reload()`, called once per read; a commit costs about 10 ms, so writes come in batches; a wrong value type
kills the writer's thread, so documents come from a typed dataclass; a phrase of one token or a limit of 0
ends in a panic, so neither is ever asked for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Lock

import tantivy
from tantivy import Occur, Query

from search import facets
from search.backend import (
    Approval,
    EngineBusy,
    EngineUnavailable,
    IndexEntry,
    MatchText,
    RebuildNeeded,
    SearchResult,
    WeightedTerm,
    as_it_is,
)
from search.conditions import Frequency, conditions
from search.documents import ACHIEVEMENT, KINDS, ListingDocument, doc_id, settled
from search.embedded import answers
from search.embedded.queries import SORT_FIELDS, candidate_query, query_of
from search.embedded.schema import SCHEMA, SCHEMA_VERSION, norms_beside, to_tantivy
from search.facets import Facet, FacetCount, Loosening
from search.generations import Generations
from search.index_fields import Norms, PreparedDocument, prepare, prepared
from search.likeness import inverse_document_frequency
from search.query import Level, ParsedText, Reading, SearchRequest, Sort
from search.readings import take
from search.tokenizer import is_han, tokenizer_version

_WRITER_MEMORY = 64_000_000  # bytes; one thread, because batches are small and the machine serves pages too
# A reader opens the index again this often when rebuilds take the folder away under it.
_OPEN_TRIES = 5


@contextmanager
def _translated() -> Iterator[None]:
    """Turn tantivy's errors (ValueError, OSError) into the protocol's one."""
    try:
        yield
    except (ValueError, OSError) as error:
        raise EngineUnavailable(f"embedded index: {error}") from error


class EmbeddedEngine:
    """A SearchEngine in the folder `root`, made on the first write. Safe to share between threads."""

    def __init__(self, root: Path) -> None:
        self._generations = Generations(Path(root), _version)
        self._lock = Lock()
        self._opened: tuple[Path, tantivy.Index] | None = None

    # Reading

    def _index(self) -> tantivy.Index | None:
        folder = self._generations.current()
        if folder is None:
            return None
        with self._lock:
            if self._opened is None or self._opened[0] != folder:
                if not self._generations.is_readable(folder):
                    raise RebuildNeeded("the index was made by another version and must be rebuilt")
                with _translated():
                    index = tantivy.Index.open(str(folder))
                    # Reload by hand at each read: the automatic policy is late and costs a thread.
                    index.config_reader(reload_policy="manual")
                self._opened = (folder, index)
            return self._opened[1]

    def _searcher(self) -> tantivy.Searcher | None:
        """The present index, opened anew where rebuilds in a row removed the folder under this reader."""
        for tries_left in reversed(range(_OPEN_TRIES)):
            try:
                return self._reloaded()
            except RebuildNeeded:
                raise
            except EngineUnavailable:
                if not tries_left:
                    raise
                with self._lock:
                    self._opened = None
        raise AssertionError("the last try returns or raises")

    def _reloaded(self) -> tantivy.Searcher | None:
        index = self._index()
        if index is None:
            return None
        with _translated():
            index.reload()
            return index.searcher()

    @property
    def needs_rebuild(self) -> bool:
        """See SearchEngine."""
        folder = self._generations.current()
        return folder is None or not self._generations.is_up_to_date(folder)

    @property
    def generation(self) -> str:
        """See SearchEngine."""
        folder = self._generations.current()
        if folder is None:
            return "none"
        with _translated():
            state = (folder / "meta.json").stat()  # tantivy replaces this file at every commit
        return f"{folder.name}:{state.st_ino}:{state.st_mtime_ns}"

    def count(self) -> int:
        """See SearchEngine."""
        searcher = self._searcher()
        return 0 if searcher is None else searcher.num_docs

    def entries(self) -> Iterator[IndexEntry]:
        """See SearchEngine."""
        searcher = self._searcher()
        if searcher is None or searcher.num_docs == 0:
            return
        found = searcher.search(Query.all_query(), searcher.num_docs, count=False)
        for _, address in found.hits:
            stored = searcher.doc(address)
            kind = KINDS[stored.get_first("kind_number")]
            yield IndexEntry(
                doc_id(kind, stored.get_first("listing_id")),
                stored.get_first("revision_id"),
                bytes(stored.get_first("fingerprint")).decode("ascii"),
            )

    # Searching

    def search(self, request: SearchRequest) -> SearchResult:
        """See SearchEngine."""
        parsed = request.parsed()
        readings = parsed.readings()
        strictest = readings[0]
        searcher = self._searcher()
        if searcher is None or not request.scopes or searcher.num_docs == 0:
            return SearchResult(reading=strictest)

        def ask(reading: Reading, first: Sequence[Reading]) -> tuple[tantivy.SearchResult, int]:
            found = self._page(searcher, request, parsed, reading, first)
            return found, found.count

        with _translated():
            taken = take(readings, ask, fill_up=request.fill_up)
            hits = answers.hits(searcher, taken.answer)
            found = SearchResult(hits, taken.total, taken.reading, filled=taken.filled, fuller=taken.fuller)
            if not request.with_facets:
                return found
            counts, totals = self._facets(searcher, request, parsed, taken.answered)
            if taken.answered is not strictest:
                totals = self._facets(searcher, request, parsed, strictest)[1]
        present = taken.fuller if taken.reading is strictest else 0
        return replace(found, facets=counts, loosen=facets.best_loosenings(totals, present))

    def totals(self, requests: Sequence[SearchRequest]) -> list[int]:
        """See SearchEngine."""
        searcher = self._searcher()
        if searcher is None or searcher.num_docs == 0:
            return [0] * len(requests)
        with _translated():
            return [self._total(searcher, request) for request in requests]

    @staticmethod
    def _total(searcher: tantivy.Searcher, request: SearchRequest) -> int:
        if not request.scopes:
            return 0
        parsed = request.parsed()
        asked = conditions(request, parsed, parsed.readings()[0], _frequency(searcher))
        return searcher.search(query_of(asked, scored=False), 1).count

    @staticmethod
    def _page(
        searcher: tantivy.Searcher,
        request: SearchRequest,
        parsed: ParsedText,
        reading: Reading,
        first: Sequence[Reading],
    ) -> tantivy.SearchResult:
        sort = request.sort
        if sort is Sort.RELEVANCE and reading.level is Level.EVERYTHING:
            sort = Sort.CONFIRMED
        by_score = sort is Sort.RELEVANCE
        asked = conditions(request, parsed, reading, _frequency(searcher), first)
        query = query_of(asked, scored=by_score)
        if by_score:
            return searcher.search(query, request.page_size, offset=request.offset)
        field, order = SORT_FIELDS[sort]
        return searcher.search(
            query, request.page_size, offset=request.offset, order_by_field=field, order=order
        )

    @staticmethod
    def _facets(
        searcher: tantivy.Searcher, request: SearchRequest, parsed: ParsedText, reading: Reading
    ) -> tuple[dict[Facet, tuple[FacetCount, ...]], list[Loosening]]:
        """Return every facet's counts, and the number of hits without each choice that was made."""
        counts: dict[Facet, tuple[FacetCount, ...]] = {}
        totals: list[Loosening] = []
        for group in facets.counting_groups(request):
            query = query_of(conditions(group.request, parsed, reading, _frequency(searcher)), scored=False)
            found = searcher.aggregate(query, answers.aggregations(group.counted, request.today))
            # Every document has exactly one kind, so the kinds add up to the hits.
            hits = sum(bucket["doc_count"] for bucket in found.pop(answers.TOTAL)["buckets"])
            if group.taken_back is not None:
                totals.append(Loosening(group.taken_back, hits))
            for name, answer in found.items():
                counts[Facet(name)] = answers.counts(Facet(name), answer["buckets"])
        return {facet: counts[facet] for facet in Facet if facet in counts}, totals

    # Matching

    def candidates(
        self, kind: str, terms: Sequence[WeightedTerm], scopes: Sequence[str], limit: int
    ) -> list[int]:
        """See SearchEngine."""
        searcher = self._searcher()
        if searcher is None or not terms or not scopes or limit < 1:
            return []
        with _translated():
            # Both directions weigh by the achievements' own statistics (search.likeness).
            documents = self._documents_of(searcher, ACHIEVEMENT)
            scored = []
            for term in terms:
                frequency = searcher.doc_freq(f"own_{ACHIEVEMENT}", term.token)
                idf = inverse_document_frequency(documents, frequency)
                scored.append((term.token, term.weight * idf * idf))
            scored.sort(key=lambda pair: -pair[1])
            query = candidate_query(kind, scored, scopes)
            found = searcher.search(query, limit, count=False, weight_by_field="match_norm")
            addresses = [address for _, address in found.hits]
            return searcher.fast_field_values("listing_id", addresses) if addresses else []

    def match_texts(self, kind: str, listing_ids: Sequence[int]) -> list[MatchText]:
        """See SearchEngine."""
        searcher = self._searcher()
        if searcher is None or not listing_ids:
            return []
        with _translated():
            query = Query.boolean_query(
                [
                    (Occur.Must, Query.term_set_query(SCHEMA, "listing_id", list(set(listing_ids)))),
                    (Occur.Must, Query.term_query(SCHEMA, "kind", kind, "basic")),
                ]
            )
            found = searcher.search(query, len(listing_ids), count=False)
            texts = {}
            for _, address in found.hits:
                text = answers.match_text(searcher.doc(address))
                texts[text.listing_id] = text
        return [texts[number] for number in dict.fromkeys(listing_ids) if number in texts]

    @staticmethod
    def _documents_of(searcher: tantivy.Searcher, kind: str) -> int:
        return searcher.doc_freq("kind", kind)

    def document_count(self, kind: str) -> int:
        """See SearchEngine."""
        searcher = self._searcher()
        return 0 if searcher is None else self._documents_of(searcher, kind)

    def document_frequencies(self, kind: str, tokens: Iterable[str]) -> dict[str, int]:
        """See SearchEngine. Deleted documents count until tantivy merges their segment."""
        searcher = self._searcher()
        if searcher is None:
            return dict.fromkeys(tokens, 0)
        with _translated():
            return {
                token: searcher.doc_freq(
                    f"pairs_{kind}" if len(token) == 2 and is_han(token) else f"own_{kind}", token
                )
                for token in tokens
            }

    # Writing

    def apply(
        self, upserts: Iterable[ListingDocument], deletes: Iterable[str] = (), *, version: int | None = None
    ) -> None:
        """See SearchEngine. Raises EngineBusy beside another writer, RebuildNeeded after a version change."""
        fresh, gone = settled(upserts, deletes)
        if not fresh and not gone:
            return
        with self._generations.writing(), _translated():
            folder = self._generations.current()
            if folder is None:
                self._build(fresh, version)
                return
            if not self._generations.is_up_to_date(folder):
                raise RebuildNeeded("the index was made by another version and must be rebuilt")
            if version is not None and version < self._generations.last_batch(folder):
                raise EngineBusy("a later batch was written first")
            self._write(folder, fresh, gone)
            if version is not None:
                self._generations.note_batch(folder, version)

    @staticmethod
    def _write(folder: Path, fresh: Collection[ListingDocument], gone: Iterable[str]) -> None:
        index = tantivy.Index.open(str(folder))
        norms, ready = norms_beside(index.searcher()), list(map(prepare, fresh))
        for document in ready:
            norms.learn(document)
        with _writer(index) as writer:
            for name in {*gone, *(document.doc_id for document in ready)}:
                writer.delete_documents_by_term("doc_id", name)
            for document in ready:
                writer.add_document(to_tantivy(document, norms))

    def rebuild(
        self,
        documents: Iterable[ListingDocument | PreparedDocument],
        *,
        version: int | None = None,
        approve: Approval = as_it_is,
    ) -> int:
        """See SearchEngine. A later document with the same id replaces an earlier one."""
        with self._generations.writing(), _translated():
            return self._build(documents, version, approve)

    def rollback(self) -> None:
        """See SearchEngine."""
        with self._generations.writing():
            self._generations.activate(self._generations.previous())

    def _build(
        self,
        documents: Iterable[ListingDocument | PreparedDocument],
        version: int | None,
        approve: Approval = as_it_is,
    ) -> int:
        folder = self._generations.begin()
        index = tantivy.Index(SCHEMA, str(folder))
        norms = Norms()
        seen: set[str] = set()
        with _writer(index) as writer:
            for document in norms.learning(map(prepared, documents)):
                _add_once(writer, document, norms, seen)
        index.reload()
        written = index.searcher().num_docs
        if written != len(seen):
            raise EngineUnavailable(f"rebuild wrote {written} of {len(seen)} documents; the old index stays")
        approve(lambda: written)
        if version is not None:
            self._generations.note_batch(folder, version)
        self._generations.activate(folder)
        return written


def _version() -> dict[str, str]:
    """What decides whether an index can be read and written: the fields, and the word lists in force."""
    return {"schema": SCHEMA_VERSION, "tokenizer": tokenizer_version()}


@contextmanager
def _writer(index: tantivy.Index) -> Iterator[tantivy.IndexWriter]:
    """Give a writer whose changes become visible together at the end, or not at all."""
    writer = index.writer(_WRITER_MEMORY, 1)
    try:
        yield writer
    except BaseException:
        writer.rollback()
        raise
    else:
        writer.commit()
    finally:
        # Without waiting, half-done merges would be thrown away and segments pile up.
        writer.wait_merging_threads()


def _add_once(writer: tantivy.IndexWriter, document: PreparedDocument, norms: Norms, seen: set[str]) -> None:
    if document.doc_id in seen:
        writer.delete_documents_by_term("doc_id", document.doc_id)
    seen.add(document.doc_id)
    writer.add_document(to_tantivy(document, norms))


def _frequency(searcher: tantivy.Searcher) -> Frequency:
    return lambda word: searcher.doc_freq("all_words", word)
