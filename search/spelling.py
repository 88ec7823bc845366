"""Words that were probably meant: those that sound alike, or that are one slip of the hand away.

Candidates come from a table by `slip_keys`: two words with a key in common sound alike or differ by little, so that
no list of words has to be read through (deletion neighbourhoods). `slip` then tells what the difference really is.
"""

from __future__ import annotations

from enum import IntEnum

from search.pinyin import has_han, sounds

# Shorter words have a neighbour of another meaning one character away (煤层, 涂层): they are compared by sound only.
_SHORTEST_HAN, _SHORTEST_LATIN = 3, 4
# A longer run of letters is no word anybody misspells.
_LONGEST = 24


class Slip(IntEnum):
    """How two words differ, the likeliest slip first."""

    SOUND = 1  # typed by pinyin, the wrong word chosen
    SWAPPED = 2  # two neighbours changed places
    OTHER = 3  # one character wrong, missing or too many


def slip_keys(word: str) -> frozenset[str]:
    """Return the keys of a normalised word; words one slip apart have one of them in common."""
    keys = {f"={sound}" for sound in sounds(word)} if has_han(word) else set()
    if _is_spelt(word):
        keys |= {word, *(word[:place] + word[place + 1 :] for place in range(len(word)))}
    return frozenset(keys)


def slip(typed: str, word: str) -> Slip | None:
    """Return how a word differs from the one typed; None for the same word and for another one."""
    if typed == word:
        return None
    if has_han(typed) and has_han(word) and set(sounds(typed)) & set(sounds(word)):
        return Slip.SOUND
    if not (_is_spelt(typed) and _is_spelt(word)) or abs(len(typed) - len(word)) > 1:
        return None
    start = next(
        (i for i, (a, b) in enumerate(zip(typed, word, strict=False)) if a != b), min(len(typed), len(word))
    )
    rest, other = typed[start:], word[start:]
    if rest[:2] == other[:2][::-1] and rest[2:] == other[2:] and len(rest) == len(other):
        return Slip.SWAPPED
    one_off = (rest[1:] == other[1:], rest[1:] == other, rest == other[1:])
    return Slip.OTHER if any(one_off) else None


def _is_spelt(word: str) -> bool:
    """Whether single characters of a word may be compared: long enough, and no number (Q345 is not Q235)."""
    shortest = _SHORTEST_HAN if has_han(word) else _SHORTEST_LATIN
    return shortest <= len(word) <= _LONGEST and not any(sign.isdigit() for sign in word)
