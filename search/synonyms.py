"""Words that stand for each other when a query is read (search/dictionary/synonyms.txt)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from search.dictionary import Additions, additions, synonym_groups
from search.tokenizer import is_han

# Words of a query that may together be one word of the list (化学 需氧量).
_MOST_PIECES = 4


def _others() -> Mapping[str, tuple[str, ...]]:
    return _others_with(additions())


@lru_cache(maxsize=4)
def _others_with(added: Additions) -> Mapping[str, tuple[str, ...]]:
    return {
        word: tuple(other for other in group if other != word) for group in synonym_groups() for word in group
    }


def others(word: str) -> tuple[str, ...]:
    """Return the words that also stand for this normalised word, in the order of the list."""
    return _others().get(word, ())


def joined(words: Sequence[str]) -> list[str]:
    """Return the words of a query with those put together that the segmenter cut a word of the list into."""
    found: list[str] = []
    position = 0
    while position < len(words):
        length = next(
            (n for n in range(_MOST_PIECES, 1, -1) if _is_one(words[position : position + n], n)), 1
        )
        found.append("".join(words[position : position + length]))
        position += length
    return found


def _is_one(words: Sequence[str], length: int) -> bool:
    return len(words) == length and is_han(whole := "".join(words)) and whole in _others()
