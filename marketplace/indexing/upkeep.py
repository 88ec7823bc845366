"""Keeping index and database equal: rebuilding, comparing, mending."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from marketplace import outbox
from marketplace.indexing import batches, documents
from marketplace.listings import states
from marketplace.listings.models import Listing
from search.backend import SearchEngine
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


def rebuild(session: Session, engine: SearchEngine) -> int:
    """Make the index anew from the database. What changes meanwhile is in it, or waits in the outbox.

    Returns the number of documents.
    """
    version = batches.draw()
    return engine.rebuild(documents.everything(session), version=version)


def rollback(session: Session, engine: SearchEngine) -> Comparison:
    """Go back to the index before the last rebuild and mend it; returns what was missing there."""
    engine.rollback()
    found = compare(session, engine)
    if not found.equal:
        mend(session, engine, found)
    return found


def compare(session: Session, engine: SearchEngine) -> Comparison:
    """What differs between the database and the index right now."""
    wanted = {made.doc_id: made.fingerprint() for made in documents.everything(session)}
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
    rows = session.scalar(select(func.count()).select_from(Listing).where(Listing.state == states.PUBLISHED))
    waiting = outbox.depth(session).get("index", 0)
    needs_rebuild = engine.needs_rebuild
    return Status(rows, 0 if needs_rebuild else engine.count(), waiting, needs_rebuild)
