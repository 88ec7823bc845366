"""Which words make two texts alike, and how much each of them counts.

A word's share of the likeness is exact: the sum of the products of its characters (and character pairs) over
the whole likeness (design/search.md section 3, step 5). Every character counts for one word only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
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
    demand_words = _distinct_words(tuple(demand_texts))
    achievement_words = _distinct_words(tuple(achievement_texts))
    common = sorted((w for w in achievement_words if w in demand_words), key=len, reverse=True)
    unclaimed = dict(products)
    found = [SharedWord(word, _claim(word, unclaimed) / whole) for word in common]
    for word in achievement_words:
        if word not in demand_words:
            found.append(SharedWord(word, _claim(word, unclaimed) / whole, by_character=True))
    shown = [item for item in found if item.share >= _least_share(item.word)]
    shown.sort(key=lambda item: (-item.share, item.word))
    return tuple(
        replace(item, counterpart=_counterpart(item.word, demand_words, products))
        if item.by_character
        else item
        for item in shown[:MOST_WORDS]
    )


def _least_share(word: str) -> float:
    return _GENERIC_LEAST_SHARE if word in GENERIC_WORDS else LEAST_SHARE


@lru_cache(maxsize=1_024)
def _distinct_words(texts: tuple[str, ...]) -> dict[str, None]:
    return dict.fromkeys(word for text in texts for word in cut(text))


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


def _counterpart(word: str, demand_words: Iterable[str], products: Mapping[str, float]) -> str | None:
    """Return the demand's word that shares most of the likeness with this one; the earlier when equal."""
    own = [token for token in _characters(word) if token in products]
    best, best_value = None, 0.0
    for candidate in demand_words:
        shared = _characters(candidate)
        value = sum([products[token] for token in own if token in shared])
        if value > best_value:
            best, best_value = candidate, value
    return best
