"""The lexicon's reader of the outbox: makes the index anew with changed terms, then puts them into force."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from marketplace import outbox
from marketplace.extensions import db
from marketplace.indexing import upkeep
from marketplace.indexing.exclusive import only_rebuild
from marketplace.lexicon.models import LexiconEntry
from marketplace.lexicon.services import force
from marketplace.matching.services import runs
from marketplace.outbox import Event, OutboxRow
from marketplace.web.transaction import unit_of_work
from search import dictionary
from search.backend import SearchEngine


def consume(engine: SearchEngine, events: list[Event], *, now: datetime, processes: int = 1) -> None:
    """Bring the index and the terms in force to what staff want. Safe to repeat. Raises EngineBusy beside a rebuild.

    Pages go on reading with the former terms from the former index until both are changed. No other rebuild comes in
    between: it would be made with the former terms.
    """
    with only_rebuild(db.session):
        _bring_into_force(engine, events, now, processes)


def _bring_into_force(engine: SearchEngine, events: list[Event], now: datetime, processes: int) -> None:
    before, asked = dictionary.additions(), force.wanted(db.session)
    dictionary.use(force.additions_of(asked.values()))
    try:
        if engine.needs_rebuild:
            upkeep.rebuild(db.session, engine, processes=processes)
        db.session.rollback()
        with unit_of_work() as session:
            _put_into_force(session, asked.keys(), now)
            _write_again_what_changed(session, events, now)
            outbox.emit_once(session, "matching", "listing", runs.stale_demands(session), now=now, quiet=True)
    except BaseException:
        dictionary.use(before)
        raise


def _put_into_force(session: Session, made_with: Collection[int], now: datetime) -> None:
    """The entries the index was made with are in force, others no longer; what came later waits for its turn."""
    session.execute(
        update(LexiconEntry)
        .where(LexiconEntry.id.in_(made_with), LexiconEntry.applied_at.is_(None))
        .values(applied_at=now, version=LexiconEntry.version + 1)
    )
    session.execute(
        update(LexiconEntry)
        .where(
            LexiconEntry.id.not_in(made_with),
            LexiconEntry.removed_at.is_not(None),
            LexiconEntry.lifted_at.is_(None),
        )
        .values(lifted_at=now, version=LexiconEntry.version + 1)
    )


def _write_again_what_changed(session: Session, events: list[Event], now: datetime) -> None:
    """Other workers may have written changes to the new index with the former words meanwhile."""
    started = session.scalar(
        select(OutboxRow.created_at).where(OutboxRow.id == min(one.id for one in events))
    )
    touched = session.scalars(
        select(OutboxRow.entity_id)
        .where(
            OutboxRow.consumer == "index", OutboxRow.entity_type == "listing", OutboxRow.done_at >= started
        )
        .distinct()
    ).all()
    outbox.emit_once(session, "index", "listing", touched, now=now, quiet=True)
