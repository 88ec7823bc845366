"""The maintained word lists: technical terms for the segmenter, synonyms, and words that only make sentences.

The terms decide how texts are indexed, so a hash names their state; the other two only concern queries.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

SYNONYMS_FILE = Path(__file__).with_name("synonyms.txt")
SENTENCE_WORDS_FILE = Path(__file__).with_name("sentence_words.txt")
TERMS_FILE = Path(__file__).with_name("technical_terms.txt")


@cache
def technical_terms() -> tuple[str, ...]:
    """Return the terms in file order; comment lines are left out."""
    return tuple(_lines(TERMS_FILE))


@cache
def synonym_groups() -> tuple[tuple[str, ...], ...]:
    """Return the groups of words that stand for each other, in file order."""
    return tuple(tuple(line.split()) for line in _lines(SYNONYMS_FILE))


@cache
def dictionary_hash() -> str:
    """Return 16 hexadecimal digits that change whenever a term is added, removed or changed."""
    return hashlib.sha256("\n".join(technical_terms()).encode("utf-8")).hexdigest()[:16]


@cache
def sentence_words() -> tuple[str, ...]:
    """Return the words that say nothing about what is sought, in file order."""
    return tuple(word for line in _lines(SENTENCE_WORDS_FILE) for word in line.split())


def _lines(path: Path) -> Iterator[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return (line.strip() for line in lines if line.strip() and not line.startswith("#"))
