"""Whether one text was taken from another: the share of its passages that stand word for word in the other.

Passages are runs of eight characters without punctuation and spaces: long enough that two texts about the
same thing share few by chance, short enough that a changed word here and there hides little.
"""

from __future__ import annotations

from search.tokenizer import normalise

PASSAGE = 8
#: Shorter texts say nothing: a title and a stock phrase fill them.
LEAST_CHARACTERS = 40


def copied_share(text: str, other: str) -> float:
    """Return the share (0…1) of the passages of `text` that `other` has too; 0 for a short text."""
    plain = bare(text)
    if len(plain) < LEAST_CHARACTERS:
        return 0.0
    own = _passages(plain)
    return len(own & _passages(bare(other))) / len(own)


def bare(text: str) -> str:
    """Return the letters, figures and Han characters of a text, in one spelling."""
    return "".join(filter(str.isalnum, normalise(text)))


def _passages(plain: str) -> set[str]:
    return {plain[start : start + PASSAGE] for start in range(len(plain) - PASSAGE + 1)}
