"""The base of all tables: naming, column types, version column and the transaction's lock mode."""

from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

import orjson
from sqlalchemy import URL, BigInteger, DateTime, Engine, Integer, MetaData, create_engine, event, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, declared_attr, mapped_column
from sqlalchemy.types import TypeDecorator

#: 64-bit keys on PostgreSQL; SQLite only numbers rows itself for the type INTEGER.
Key = BigInteger().with_variant(Integer(), "sqlite")


class Base(DeclarativeBase):
    """Declarative base with constraint names that migrations can refer to."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class UTCDateTime(TypeDecorator[datetime]):
    """A moment, always aware and in UTC; a naive one is refused where it is written."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value, dialect):
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without time zone was written to the database")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value, dialect):
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Identified:
    """A surrogate key."""

    id: Mapped[int] = mapped_column(Key, primary_key=True)


class Versioned:
    """A row that people edit: the version guards against a stale edit (lost update)."""

    version: Mapped[int] = mapped_column(Integer, comment="counts saves; a stale edit is refused")

    @declared_attr.directive
    def __mapper_args__(cls):
        return {"version_id_col": cls.version}


def lock_row(session: Session, record) -> None:
    """Read a record again under a lock of its own row, so that what is compared is what is changed.

    The lock is a statement of its own: refreshing under a lock would repeat the outer joins the record was
    loaded with, and PostgreSQL locks no nullable side of a join.
    """
    session.flush()
    model = type(record)
    session.execute(select(model.id).where(model.id == record.id).with_for_update())
    session.refresh(record)


_writing: ContextVar[bool] = ContextVar("writing", default=False)


@contextmanager
def writing():
    """Transactions begun inside take SQLite's write lock at once.

    SQLite can refuse to turn a read transaction into a writing one (SQLITE_BUSY) without waiting;
    `BEGIN IMMEDIATE` waits its turn instead. PostgreSQL locks rows where services ask for it.
    """
    token = _writing.set(True)
    try:
        yield
    finally:
        _writing.reset(token)


def configure_engine(engine: Engine) -> None:
    """Give SQLite what PostgreSQL has by itself: foreign keys, readers beside a writer, locks that wait."""
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def _on_connect(connection, _record):
        connection.isolation_level = None  # SQLAlchemy, not the driver, begins transactions
        for pragma in (
            "foreign_keys=ON",
            "journal_mode=WAL",
            "synchronous=FULL",
            "busy_timeout=30000",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _on_begin(connection):
        connection.exec_driver_sql("BEGIN IMMEDIATE" if _writing.get() else "BEGIN")


def reading_engine(url: URL) -> Engine:
    """An engine of one connection for a process beside the market's own, which may read and nothing else."""
    read_only = (
        {"options": "-c default_transaction_read_only=on"} if url.get_backend_name() == "postgresql" else {}
    )
    engine = create_engine(url, json_deserializer=orjson.loads, pool_size=1, connect_args=read_only)
    configure_engine(engine)
    if engine.dialect.name == "sqlite":
        event.listen(
            engine, "connect", lambda connection, _record: connection.execute("PRAGMA query_only=ON")
        )
    return engine


def insert_into(session: Session, table: type[Base]):
    """An INSERT that knows `on_conflict_do_nothing` and `on_conflict_do_update`, of this session's database."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    return dialect.insert(table)
