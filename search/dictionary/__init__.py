"""The segmenter's user dictionary: technical terms in our own form, and the hash that names their state."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

TERMS_FILE = Path(__file__).with_name("technical_terms.txt")


@cache
def technical_terms() -> tuple[str, ...]:
    """Return the terms in file order; comment lines are left out."""
    lines = TERMS_FILE.read_text(encoding="utf-8").splitlines()
    return tuple(line.strip() for line in lines if line.strip() and not line.startswith("#"))


@cache
def dictionary_hash() -> str:
    """Return 16 hexadecimal digits that change whenever a term is added, removed or changed."""
    return hashlib.sha256("\n".join(technical_terms()).encode("utf-8")).hexdigest()[:16]
