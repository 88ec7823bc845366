"""One rebuild of a market's index at a time, whoever starts it: a second one is told so and changes nothing.

Two rebuilds would tear down each other's half-built successor on Elasticsearch, and one that began with former word
lists could replace an index made with newer ones. The database keeps the lock, because everybody who makes this
index reads from it: PostgreSQL an advisory lock of a connection, SQLite a locked file beside the database. Both end
with the process that holds them, so a killed rebuild leaves nothing to clear away.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from search.backend import EngineBusy

# Advisory locks of PostgreSQL are numbers, per database: any constant will do.
_NUMBER = 20_260_401


@contextmanager
def only_rebuild(session: Session) -> Iterator[None]:
    """Hold the place of the one rebuild of this market; raises EngineBusy at once when another has it."""
    engine = session.get_bind()
    held = _advisory_lock(engine) if engine.dialect.name == "postgresql" else _locked_file(engine)
    with held:
        yield


def _busy() -> EngineBusy:
    return EngineBusy(
        "another rebuild of this index is running; nothing was done, try again when it has ended"
    )


@contextmanager
def _advisory_lock(engine: Engine) -> Iterator[None]:
    # A connection of its own, outside any transaction: the rebuild may take many minutes.
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not connection.scalar(select(func.pg_try_advisory_lock(_NUMBER))):
            raise _busy()
        try:
            yield
        finally:
            connection.execute(select(func.pg_advisory_unlock(_NUMBER)))


@contextmanager
def _locked_file(engine: Engine) -> Iterator[None]:
    handle = os.open(f"{engine.url.database}.rebuild", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise _busy() from error
        yield
    finally:
        os.close(handle)
