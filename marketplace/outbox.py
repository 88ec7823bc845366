"""The outbox: changes told to consumers in the same transaction that made them.

A row holds type, id and revision, never a payload: the consumer re-reads the record and decides, so
order and repeats do not matter. There is one row per consumer, not one cursor over a shared sequence,
because on PostgreSQL sequence numbers become visible out of order and a cursor would skip late ones.
"""

import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Index, Integer, String, Text, func, or_, select, true, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from marketplace.db import Base, Identified, Key, UTCDateTime

#: Which consumers hear of which kind of record.
CONSUMERS: dict[str, tuple[str, ...]] = {
    "listing": ("index", "vocabulary", "matching", "pooling"),
    "organisation": ("index",),
    "mail": ("mail",),
    "lexicon": ("lexicon",),
}

_CLAIM_LASTS = timedelta(minutes=10)
_MOST_ATTEMPTS = 8


class OutboxRow(Identified, Base):
    """One change for one consumer."""

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_open", "consumer", "done_at", "id"),)

    consumer: Mapped[str] = mapped_column(String(20), comment="who must hear of it")
    entity_type: Mapped[str] = mapped_column(String(40), comment="kind of record")
    entity_id: Mapped[int] = mapped_column(Key, comment="record")
    revision: Mapped[int | None] = mapped_column(Key, comment="revision that caused the change")
    quiet: Mapped[bool] = mapped_column(default=False, comment="bulk work: tell no people")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    claimed_by: Mapped[str | None] = mapped_column(String(80), comment="host:pid of the worker at it")
    claimed_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    last_error: Mapped[str | None] = mapped_column(Text)


@dataclass(frozen=True)
class Event:
    """An outbox row as a consumer sees it."""

    id: int
    entity_type: str
    entity_id: int
    revision: int | None
    quiet: bool


def emit(
    session: Session,
    entity_type: str,
    entity_id: int,
    *,
    now: datetime,
    revision: int | None = None,
    quiet: bool = False,
) -> None:
    """Tell every consumer of this kind of record that it changed."""
    session.add_all(
        OutboxRow(
            consumer=consumer,
            entity_type=entity_type,
            entity_id=entity_id,
            revision=revision,
            quiet=quiet,
            created_at=now,
        )
        for consumer in CONSUMERS[entity_type]
    )


def emit_once(
    session: Session,
    consumer: str,
    entity_type: str,
    entity_ids: Sequence[int],
    *,
    now: datetime,
    quiet: bool,
) -> None:
    """Put work for one consumer into the queue, except where the same already waits unclaimed."""
    waiting = set(
        session.scalars(
            select(OutboxRow.entity_id).where(
                OutboxRow.consumer == consumer,
                OutboxRow.entity_type == entity_type,
                OutboxRow.done_at.is_(None),
                OutboxRow.claimed_by.is_(None),
            )
        )
    )
    session.add_all(
        OutboxRow(
            consumer=consumer, entity_type=entity_type, entity_id=entity_id, quiet=quiet, created_at=now
        )
        for entity_id in entity_ids
        if entity_id not in waiting
    )
    session.flush()


def claim(
    session: Session, consumer: str, *, now: datetime, limit: int, after: str | None = None
) -> list[Event]:
    """Take up to `limit` open rows for this process, oldest first. The caller commits.

    `after` names a consumer that must have heard of a change first: rows wait behind its oldest open one.
    """
    _release_dead(session, consumer)
    rows = session.scalars(
        select(OutboxRow)
        .where(
            OutboxRow.consumer == consumer,
            OutboxRow.done_at.is_(None),
            OutboxRow.attempts < _MOST_ATTEMPTS,
            or_(OutboxRow.claimed_until.is_(None), OutboxRow.claimed_until < now),
            _before_all_open_of(session, after),
        )
        .order_by(OutboxRow.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        row.claimed_by, row.claimed_until = _me(), now + _CLAIM_LASTS
        row.attempts += 1
    session.flush()
    return [Event(r.id, r.entity_type, r.entity_id, r.revision, r.quiet) for r in rows]


def _before_all_open_of(session: Session, consumer: str | None) -> ColumnElement[bool]:
    """Rows older than all of a consumer's that are still to be done; those that have failed hold up nobody."""
    if consumer is None:
        return true()
    oldest = session.scalar(
        select(func.min(OutboxRow.id)).where(
            OutboxRow.consumer == consumer, OutboxRow.done_at.is_(None), OutboxRow.last_error.is_(None)
        )
    )
    return true() if oldest is None else OutboxRow.id < oldest


def finish(session: Session, events: Sequence[Event], *, now: datetime) -> None:
    """Mark rows done. The caller commits."""
    session.execute(
        update(OutboxRow)
        .where(OutboxRow.id.in_([event.id for event in events]))
        .values(done_at=now, claimed_by=None, claimed_until=None, last_error=None)
    )


def fail(session: Session, event: Event, error: str, *, now: datetime) -> None:
    """Put a row back, to be tried again later: each attempt waits twice as long. The caller commits."""
    row = session.get_one(OutboxRow, event.id)
    row.claimed_by, row.last_error = None, error[:2000]
    row.claimed_until = now + timedelta(seconds=2**row.attempts)


def release(session: Session, events: Sequence[Event]) -> None:
    """Give rows back untried (the engine is busy or away). The caller commits."""
    session.execute(
        update(OutboxRow)
        .where(OutboxRow.id.in_([event.id for event in events]))
        .values(claimed_by=None, claimed_until=None, attempts=OutboxRow.attempts - 1)
    )


def depth(session: Session) -> dict[str, int]:
    """Open rows per consumer."""
    rows = session.execute(
        select(OutboxRow.consumer, func.count())
        .where(OutboxRow.done_at.is_(None))
        .group_by(OutboxRow.consumer)
    )
    return dict(rows.all())


def _me() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


def _release_dead(session: Session, consumer: str) -> None:
    """Free what a worker killed on this machine had claimed, so that a restart need not wait."""
    owners = session.scalars(
        select(OutboxRow.claimed_by)
        .where(OutboxRow.consumer == consumer, OutboxRow.done_at.is_(None), OutboxRow.claimed_by.is_not(None))
        .distinct()
    ).all()
    dead = [owner for owner in owners if _is_dead(owner)]
    if dead:
        session.execute(
            update(OutboxRow)
            .where(OutboxRow.done_at.is_(None), OutboxRow.claimed_by.in_(dead))
            .values(claimed_by=None, claimed_until=None, attempts=OutboxRow.attempts - 1)
        )


def _is_dead(owner: str) -> bool:
    host, _, pid = owner.rpartition(":")
    if host != socket.gethostname():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
