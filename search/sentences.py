"""Sentences typed or pasted into a search: which of their words say what is sought (sentence_words.txt)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from search.dictionary import sentence_words

# Fewer words than this are chosen one by one, so each of them counts.
_SHORTEST = 5
# What is left must be able to find something.
_LEAST_LEFT = 2


@cache
def _set_aside() -> frozenset[str]:
    return frozenset(sentence_words())


def set_aside(words: Sequence[str]) -> tuple[str, ...]:
    """Return those of a query's words that only make it a sentence; () for a few words, or when too few are left."""
    if len(words) < _SHORTEST:
        return ()
    found = tuple(word for word in words if word in _set_aside())
    return found if len(words) - len(found) >= _LEAST_LEFT else ()
