"""Counters that give numbers without gap or duplicate, also under two writers at once."""

from sqlalchemy import Integer, String, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from marketplace.db import Base


class Counter(Base):
    """The last number given out under one name."""

    __tablename__ = "counters"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[int] = mapped_column(Integer)


def next_number(session: Session, name: str) -> int:
    """The next number under `name`, from 1. The row stays locked until the transaction ends."""
    return next_numbers(session, name, 1)[0]


def next_numbers(session: Session, name: str, count: int) -> range:
    """The next `count` numbers under `name`, for many records at once. Locks as `next_number` does."""
    counter = _locked(session, name)
    if counter is None:
        counter = _create(session, name)
    first = counter.value + 1
    counter.value += count
    session.flush()
    return range(first, first + count)


def _locked(session: Session, name: str) -> Counter | None:
    return session.scalar(
        select(Counter)
        .where(Counter.name == name)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def _create(session: Session, name: str) -> Counter:
    """Make the row; where another writer made it meanwhile, wait for him and take his."""
    try:
        with session.begin_nested():
            counter = Counter(name=name, value=0)
            session.add(counter)
    except IntegrityError:
        return _locked(session, name)
    return counter
