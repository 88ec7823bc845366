"""Keeping index and database equal: rebuilding, comparing, mending."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from marketplace import outbox
from marketplace.indexing import batches, documents
from marketplace.listings import states
from marketplace.listings.models import Listing
from search.backend import SearchEngine
from search.documents import ListingDocument, parse_doc_id


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


def rebuild(session: Session, engine: SearchEngine, report: Report = lambda count: None) -> int:
    """Make the index anew from the database. What changes meanwhile is in it, or waits in the outbox.

    Returns the number of documents.
    """
    version = batches.draw()
    return engine.rebuild(_told(documents.everything(session), report), version=version)


def rollback(session: Session, engine: SearchEngine, report: Report = lambda count: None) -> Comparison:
    """Go back to the index before the last rebuild and mend it; returns what was missing there."""
    engine.rollback()
    found = compare(session, engine, report)
    if not found.equal:
        mend(session, engine, found)
    return found


def compare(session: Session, engine: SearchEngine, report: Report = lambda count: None) -> Comparison:
    """What differs between the database and the index right now."""
    wanted = {made.doc_id: made.fingerprint() for made in _told(documents.everything(session), report)}
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
    upserts = [made for made in map(documents.document, documents.of_ids(session, ids)) if made is not None]
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


def _told(read: Iterable[ListingDocument], report: Report) -> Iterator[ListingDocument]:
    for document in read:
        yield document
        report(1)
