"""Keeping index and database equal: rebuilding, comparing, mending."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from marketplace import outbox
from marketplace.indexing import batches, documents
from marketplace.indexing.readers import reader
from marketplace.listings import states
from marketplace.listings.models import Listing
from marketplace.outbox import OutboxRow
from search.backend import EngineUnavailable, SearchEngine
from search.documents import parse_doc_id


@dataclass(frozen=True)
class Comparison:
    """Document ids on which index and database differ."""

    missing: tuple[str, ...]
    extra: tuple[str, ...]
    stale: tuple[str, ...]

    @property
    def equal(self) -> bool:
        """Nothing differs."""
        return not (self.missing or self.extra or self.stale)


@dataclass(frozen=True)
class Status:
    """How many there are on both sides, and how much is waiting."""

    rows: int
    documents: int
    waiting: int
    needs_rebuild: bool


#: Told after every document that was read: how many more.
Report = Callable[[int], object]
Read = TypeVar("Read")
#: How often, and after which pause (seconds), a new index is counted again before it is refused: a change may
#: have come between counting the one and the other.
_COUNTS, _PAUSE_SECONDS = 4, 0.5


def rebuild(
    session: Session, engine: SearchEngine, report: Report = lambda count: None, *, processes: int = 1
) -> int:
    """Make the index anew from the database. What changes meanwhile is in it, or waits in the outbox.

    A large market is read by `processes` beside this one, if more than one is asked for. Returns the number of
    documents. The caller holds `exclusive.only_rebuild`. Raises EngineUnavailable, with the old index in use, when
    the new one holds another number of documents than the database has for it, or when a reading process dies.
    """
    version = batches.draw()
    with reader(session, published(session), processes) as listings:
        return engine.rebuild(
            _told(listings.documents(), report),
            version=version,
            approve=lambda count: _compare_counts(session, count),
        )


def rollback(
    session: Session, engine: SearchEngine, report: Report = lambda count: None, *, processes: int = 1
) -> Comparison:
    """Go back to the index before the last rebuild and mend it; returns what was missing there."""
    engine.rollback()
    found = compare(session, engine, report, processes=processes)
    if not found.equal:
        mend(session, engine, found)
    return found


def compare(
    session: Session, engine: SearchEngine, report: Report = lambda count: None, *, processes: int = 1
) -> Comparison:
    """What differs between the database and the index right now; read as by `rebuild`."""
    with reader(session, published(session), processes) as listings:
        wanted = dict(_told(listings.fingerprints(), report))
    present = {entry.doc_id: entry.fingerprint for entry in engine.entries()}
    return Comparison(
        missing=tuple(sorted(wanted.keys() - present.keys())),
        extra=tuple(sorted(present.keys() - wanted.keys())),
        stale=tuple(sorted(name for name in wanted.keys() & present.keys() if wanted[name] != present[name])),
    )


def mend(session: Session, engine: SearchEngine, found: Comparison) -> None:
    """Write what is missing or stale, delete what is extra."""
    version = batches.draw()
    ids = [parse_doc_id(name)[1] for name in (*found.missing, *found.stale)]
    upserts = [
        made for made in map(documents.document, documents.rows_of_ids(session, ids)) if made is not None
    ]
    session.rollback()
    engine.apply(upserts, found.extra, version=version)


def status(session: Session, engine: SearchEngine) -> Status:
    """Counts for people."""
    needs_rebuild = engine.needs_rebuild
    found = 0 if needs_rebuild else engine.count()
    return Status(published(session), found, waiting(session), needs_rebuild)


def published(session: Session) -> int:
    """How many listings belong into the index."""
    return session.scalar(select(func.count()).select_from(Listing).where(Listing.state == states.PUBLISHED))


def waiting(session: Session) -> int:
    """How many changes the index has still to hear of."""
    return outbox.depth(session).get("index", 0)


def _compare_counts(session: Session, count: Callable[[], int]) -> None:
    """Refuse an index that is further from the database than the changes explain that wait for it."""
    for attempt in range(_COUNTS):
        time.sleep(_PAUSE_SECONDS * bool(attempt))
        session.rollback()  # a new look at the database: SQLite shows a transaction what was there at its start
        wanted, unheard = published(session), _unheard(session)
        session.rollback()
        found = count()
        if abs(wanted - found) <= unheard:
            return
    raise EngineUnavailable(
        f"the new index has {found} documents, the database {wanted} for it and {unheard} changes that wait; "
        "the old index stays in use"
    )


def _unheard(session: Session) -> int:
    """How many listings have changes that the index has not heard of: each is one document more or less."""
    return session.scalar(
        select(func.count(OutboxRow.entity_id.distinct())).where(
            OutboxRow.consumer == "index", OutboxRow.entity_type == "listing", OutboxRow.done_at.is_(None)
        )
    )


def _told(read: Iterable[Read], report: Report) -> Iterator[Read]:
    for one in read:
        yield one
        report(1)
