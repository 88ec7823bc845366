"""Who reads the listings for an index: this process, or several beside it.

Making documents out of listings and taking them apart costs most of a rebuild and depends on nothing else, so
processes of their own do it, each with a read-only session of its own: they take slices of ids, and what they make
comes back in the order of the ids. Only a few slices are under way at a time, so memory stays bounded however slowly
the caller takes them.

The processes read with exactly the word lists of this one, also with such as are not in force yet. One that fails or
dies ends the reading with an error; none outlives this process.
"""

import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from typing import Protocol, TypeVar

from sqlalchemy import URL, Engine
from sqlalchemy.orm import Session

from marketplace.db import reading_engine
from marketplace.indexing import documents
from marketplace.indexing.documents import Slice
from search import dictionary, tokenizer
from search.backend import EngineUnavailable
from search.dictionary import Additions
from search.documents import ListingDocument
from search.index_fields import PreparedDocument, prepare

#: Below this many listings one process is quicker: another one needs two seconds of a core to start (at 10,000 listings
#: on two busy cores two processes took 14 s, one 12).
WORTH_PROCESSES = 20_000
# Slices under way per process: one that is read and one that waits, so that no process waits for this one.
_SLICES_PER_PROCESS = 2

Made = TypeVar("Made")


class Reader(Protocol):
    """Reads every document that belongs into the index, in the order of the listings' ids."""

    def documents(self) -> Iterable[ListingDocument | PreparedDocument]:
        """The documents, as an engine takes them."""

    def fingerprints(self) -> Iterable[tuple[str, str]]:
        """Name and fingerprint of each."""


@contextmanager
def reader(session: Session, listings: int, processes: int) -> Iterator[Reader]:
    """A reader for this many listings, with this many processes where they are worth it."""
    if processes == 1 or listings < WORTH_PROCESSES:
        yield Here(session)
        return
    market = _Market(session.get_bind().url, dictionary.additions(), tokenizer.tokenizer_version())
    # Spawned, not forked: a copy of this process would share its connections and the locks of its threads.
    pool = ProcessPoolExecutor(processes, get_context("spawn"), _begin, (market,))
    try:
        yield Beside(session, pool, processes)
    finally:
        pool.shutdown(cancel_futures=True)


class Here:
    """Reads in this process."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def documents(self) -> Iterable[ListingDocument]:
        """See Reader."""
        return documents.everything(self._session)

    def fingerprints(self) -> Iterable[tuple[str, str]]:
        """See Reader."""
        return map(_named, documents.everything(self._session))


class Beside:
    """Reads in processes beside this one, which finds the slices only.

    Both methods raise EngineUnavailable when a process dies, and whatever making a document raises.
    """

    def __init__(self, session: Session, pool: ProcessPoolExecutor, processes: int) -> None:
        self._session, self._pool = session, pool
        self._most_under_way = processes * _SLICES_PER_PROCESS

    def documents(self) -> Iterator[PreparedDocument]:
        """See Reader."""
        return self._in_order(prepare)

    def fingerprints(self) -> Iterator[tuple[str, str]]:
        """See Reader."""
        return self._in_order(_named)

    def _in_order(self, make: Callable[[ListingDocument], Made]) -> Iterator[Made]:
        under_way: deque[Future[list[Made]]] = deque()
        with _deaths():
            for part in documents.slices(self._session):
                under_way.append(self._pool.submit(_make_all, make, part))
                if len(under_way) == self._most_under_way:
                    yield from under_way.popleft().result()
            while under_way:
                yield from under_way.popleft().result()


@contextmanager
def _deaths() -> Iterator[None]:
    try:
        yield
    except BrokenProcessPool as error:
        raise EngineUnavailable(
            "a process that read listings for the index has ended before its time (killed, out of memory, or the "
            "code was changed under it); the old index stays in use"
        ) from error


# In a reading process


@dataclass(frozen=True)
class _Market:
    """What a reading process must know: where to read, and with which words."""

    url: URL
    additions: Additions
    tokenizer: str


_engine: Engine | None = None


def _begin(market: _Market) -> None:
    """Make this process a reader."""
    global _engine
    # An interruption at the terminal reaches every process; the one that writes ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    dictionary.use(market.additions)
    if tokenizer.tokenizer_version() != market.tokenizer:
        raise RuntimeError("the code or its word lists were changed while the index is being made")
    _engine = reading_engine(market.url)


def _end_with_parent() -> None:
    """A parent that is killed cannot end its readers, and they would wait for work for ever."""
    parent_process().join()
    os._exit(1)


def _make_all(make: Callable[[ListingDocument], Made], part: Slice) -> list[Made]:
    with Session(_engine) as session:
        return list(map(make, documents.of_slice(session, part)))


def _named(document: ListingDocument) -> tuple[str, str]:
    return document.doc_id, document.fingerprint()
