"""Which words make two texts alike, and how much each of them counts.

A word's share of the likeness is exact: the sum of the products of its characters (and character pairs) over
the whole likeness (design/search.md section 3, step 5). Every character counts for one word only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from search.match_result import SharedWord
from search.tokenizer import character_tokens, cut, pair_tokens

MOST_WORDS = 5
LEAST_SHARE = 0.05
# Words any listing may have; they are shown only when they carry much of the likeness.
GENERIC_WORDS = frozenset(
    ("产品", "关键技术", "平台", "开发", "技术", "应用", "项目", "系统", "装置", "研究", "设备", "方法")
)
_GENERIC_LEAST_SHARE = 0.15


def shared_words(
    demand_texts: Sequence[str], achievement_texts: Sequence[str], products: Mapping[str, float]
) -> tuple[SharedWord, ...]:
    """Return the words worth showing, biggest share first.

    `products` are the additions per character and pair (search.likeness.products) of these same texts. A word
    both texts have is a word match; a word of the achievement that only shares characters is marked so and
    names the demand's word it meets.
    """
    whole = sum(products.values())
    if whole <= 0:
        return ()
    demand_words = _words(tuple(demand_texts))
    shown = []
    unclaimed = dict(products)
    for word in _in_turn(achievement_texts, demand_words.known, products):
        share = _claim(word, unclaimed) / whole
        if share >= _least_share(word):
            shown.append((share, word))
    shown.sort(key=lambda item: (-item[0], item[1]))
    return tuple(_shared(share, word, demand_words, products) for share, word in shown[:MOST_WORDS])


@dataclass(frozen=True, slots=True)
class _Words:
    """The distinct words of a text with their places, and for every character the words that have it."""

    known: dict[str, int]
    having: dict[str, list[str]]


@lru_cache(maxsize=1_024)
def _words(texts: tuple[str, ...]) -> _Words:
    distinct = dict.fromkeys(word for text in texts for word in cut(text))
    found = _Words({word: place for place, word in enumerate(distinct)}, {})
    for word in found.known:
        for token in _characters(word):
            found.having.setdefault(token, []).append(word)
    return found


def _in_turn(texts: Sequence[str], known: Mapping[str, int], products: Mapping[str, float]) -> list[str]:
    """Return the achievement's words that share something: first those both texts have, the longest first."""
    touching = products.keys()
    words = dict.fromkeys(word for text in texts for word in cut(text, touching))
    sharing = [word for word in words if not touching.isdisjoint(_tokens(word))]
    common = sorted((word for word in sharing if word in known), key=len, reverse=True)
    return [*common, *(word for word in sharing if word not in known)]


def _shared(share: float, word: str, demand: _Words, products: Mapping[str, float]) -> SharedWord:
    if word in demand.known:
        return SharedWord(word, share)
    return SharedWord(word, share, by_character=True, counterpart=_counterpart(word, demand, products))


def _least_share(word: str) -> float:
    return _GENERIC_LEAST_SHARE if word in GENERIC_WORDS else LEAST_SHARE


def _claim(word: str, unclaimed: dict[str, float]) -> float:
    """Take the word's characters and pairs out of what is left and return what they add."""
    return sum([unclaimed.pop(token, 0.0) for token in _tokens(word)])


@lru_cache(maxsize=20_000)
def _tokens(word: str) -> tuple[str, ...]:
    """Return the distinct characters and pairs of a word; words come back in every explanation."""
    return tuple(dict.fromkeys((*character_tokens(word), *pair_tokens(word))))


@lru_cache(maxsize=20_000)
def _characters(word: str) -> frozenset[str]:
    return frozenset(character_tokens(word))


def _counterpart(word: str, demand: _Words, products: Mapping[str, float]) -> str | None:
    """Return the demand's word that shares most of the likeness with this one; the earlier when equal."""
    values: dict[str, float] = {}
    for token in sorted(_characters(word) & products.keys()):
        for candidate in demand.having.get(token, ()):
            values[candidate] = values.get(candidate, 0.0) + products[token]
    return min(values, key=lambda candidate: (-values[candidate], demand.known[candidate]), default=None)
