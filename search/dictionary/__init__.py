"""The maintained word lists: technical terms for the segmenter, synonyms, and words that only make sentences.

The terms decide how texts are indexed, so a hash names their state; the other two only concern queries. A market
may add terms and synonyms of its own to those that come with it (`use`); what an addition would change can be
tried first (`trying`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

SYNONYMS_FILE = Path(__file__).with_name("synonyms.txt")
SENTENCE_WORDS_FILE = Path(__file__).with_name("sentence_words.txt")
TERMS_FILE = Path(__file__).with_name("technical_terms.txt")


@dataclass(frozen=True, eq=False, slots=True)
class Additions:
    """Terms and groups of synonyms beside those of the files, all normalised. Compared by identity."""

    terms: tuple[str, ...] = ()
    synonyms: tuple[tuple[str, ...], ...] = ()


_in_force = Additions()
_tried: ContextVar[Additions | None] = ContextVar("tried", default=None)


def use(additions: Additions) -> None:
    """Put additions into force for this process, in place of the former ones."""
    global _in_force
    _in_force = additions


@contextmanager
def trying(additions: Additions) -> Iterator[None]:
    """See the lists with other additions, in this thread of execution and only inside the block."""
    token = _tried.set(additions)
    try:
        yield
    finally:
        _tried.reset(token)


def additions() -> Additions:
    """Return the additions in force here."""
    return _tried.get() or _in_force


def technical_terms() -> tuple[str, ...]:
    """Return the terms of the file in its order, then those added."""
    return _terms(additions())


def synonym_groups() -> tuple[tuple[str, ...], ...]:
    """Return the groups of words that stand for each other; groups that share a word are one."""
    return _groups(additions())


def dictionary_hash() -> str:
    """Return 16 hexadecimal digits that change whenever a term is added, removed or changed."""
    return _hash(additions())


@cache
def sentence_words() -> tuple[str, ...]:
    """Return the words that say nothing about what is sought, in file order."""
    return tuple(word for line in _lines(SENTENCE_WORDS_FILE) for word in line.split())


@cache
def shipped_terms() -> tuple[str, ...]:
    """Return the terms of the file; comment lines are left out."""
    return tuple(_lines(TERMS_FILE))


@lru_cache(maxsize=4)
def _terms(added: Additions) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*shipped_terms(), *added.terms)))


@lru_cache(maxsize=4)
def _hash(added: Additions) -> str:
    return hashlib.sha256("\n".join(_terms(added)).encode("utf-8")).hexdigest()[:16]


@lru_cache(maxsize=4)
def _groups(added: Additions) -> tuple[tuple[str, ...], ...]:
    groups: list[tuple[str, ...]] = []
    for words in (*_shipped_groups(), *added.synonyms):
        shared = [group for group in groups if set(group) & set(words)]
        whole = tuple(dict.fromkeys(word for group in (*shared, words) for word in group))
        place = groups.index(shared[0]) if shared else len(groups)
        groups = [group for group in groups if group not in shared]
        groups.insert(place, whole)
    return tuple(groups)


@cache
def _shipped_groups() -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(line.split()) for line in _lines(SYNONYMS_FILE))


def _lines(path: Path) -> Iterator[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return (line.strip() for line in lines if line.strip() and not line.startswith("#"))
