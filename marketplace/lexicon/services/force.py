"""Which additions a process reads with: those in force by the database, looked up again every few seconds."""

import time
from collections.abc import Callable, Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.lexicon.models import TERM, LexiconEntry
from search import dictionary
from search.dictionary import Additions

#: A page may read with words that were changed this many seconds ago.
LOOKED_UP_EVERY = 5.0


class Lookup:
    """The additions of one process. Asking the database for a few hundred short rows is one cheap query."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._next = 0.0
        self._known: tuple[tuple[str, str], ...] = ()

    def refresh(self, session: Session, *, at_once: bool = False) -> None:
        """Read with what is in force now; a page only asks now and then, the worker before every pass."""
        if not at_once and self._clock() < self._next:
            return
        self._next = self._clock() + LOOKED_UP_EVERY
        found = in_force(session)
        if found != self._known:
            dictionary.use(additions_of(found))
            self._known = found


def in_force(session: Session) -> tuple[tuple[str, str], ...]:
    """(kind, words) of the entries in force, oldest first."""
    rows = session.execute(
        select(LexiconEntry.kind, LexiconEntry.words)
        .where(LexiconEntry.applied_at.is_not(None), LexiconEntry.lifted_at.is_(None))
        .order_by(LexiconEntry.id)
    )
    return tuple((kind, words) for kind, words in rows)


def wanted(session: Session) -> dict[int, tuple[str, str]]:
    """(kind, words) by id of the entries that staff want in force, oldest first."""
    rows = session.execute(
        select(LexiconEntry.id, LexiconEntry.kind, LexiconEntry.words)
        .where(LexiconEntry.removed_at.is_(None))
        .order_by(LexiconEntry.id)
    )
    return {entry_id: (kind, words) for entry_id, kind, words in rows}


def additions_of(rows: Iterable[tuple[str, str]]) -> Additions:
    """The word lists that these entries make."""
    found = list(rows)
    return Additions(
        terms=tuple(words for kind, words in found if kind == TERM),
        synonyms=tuple(tuple(words.split()) for kind, words in found if kind != TERM),
    )
