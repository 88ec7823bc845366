"""The words a listing brings into the market's vocabulary: what may be suggested to somebody who types.

They come from what everybody may read of it (title, keywords, the sentence on its use): words, keywords as they are
written, phrases of the title, and technical terms of the sentence.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from itertools import chain

from search.dictionary import Additions, additions, dictionary_hash, sentence_words, technical_terms
from search.pinyin import full_pinyin, has_han, initials, key_of
from search.reasons import GENERIC_WORDS
from search.tokenizer import cut, is_han, normalise, words

# Raise when words or the ways to type them would come out of this library differently: everything is then made anew.
RULES_VERSION = 1

LONGEST_WORD = 20
LONGEST_KEY = 40
_SHORTEST_PHRASE, _LONGEST_PHRASE = 3, 12
_MOST_WORDS = 40
# Words that lead to what a title is about, and the mark of invented data: no word of the market.
_LEADING = frozenset(
    ("一种", "基于", "面向", "针对", "关于", "采用", "利用", "含有", "适用", "适用于", "示例")
)
_CLAUSE = re.compile(r"[^\w+#.\-]+")


def vocabulary_version() -> str:
    """Name the rules and the terms in force; listings whose words were read with others are read again."""
    return f"{RULES_VERSION}-{dictionary_hash()}"


def same_rules(version: str) -> bool:
    """Tell whether words of this version are made by the rules in force, whatever terms they were read with."""
    return version.partition("-")[0] == str(RULES_VERSION)


def words_of(title: str, keywords: Sequence[str], summary: str) -> dict[str, bool]:
    """Return the words of a listing, normalised, each with whether it stands in the title; at most 40."""
    own = dict.fromkeys(filter(_is_useful, chain(_phrases(title), cut(title), words(title))), True)
    for keyword in keywords:
        for word in (normalise(keyword).strip(), *cut(keyword)):
            if _is_useful(word):
                own.setdefault(word, False)
    for word in words(summary):
        if word in _terms() and _is_useful(word):
            own.setdefault(word, False)
    return dict(list(own.items())[:_MOST_WORDS])


def as_written(word: str, texts: Sequence[str]) -> str:
    """Return a normalised word as it stands in one of the texts (plc控制 → PLC控制); itself where it does not."""
    if is_han(word):
        return word
    for text in texts:
        folded = unicodedata.normalize("NFKC", text)
        start = folded.lower().find(word)
        if start >= 0 and len(folded.lower()) == len(folded):
            return folded[start : start + len(word)]
    return word


def prefix_keys(text: str) -> frozenset[str]:
    """Return what the beginning of somebody's typing is compared with: the text, its pinyin, its initials."""
    key = key_of(text)
    found = {key, *full_pinyin(key)} | (set(initials(key)) if has_han(key) else set())
    return frozenset(one[:LONGEST_KEY] for one in found if one)


def _is_useful(word: str) -> bool:
    if not 2 <= len(word) <= LONGEST_WORD or word in GENERIC_WORDS | _LEADING or word in _common():
        return False
    return has_han(word) or (word[0].isalpha() and sum(sign.isalpha() for sign in word) > 1)


def _phrases(title: str) -> Iterator[str]:
    """The runs of words between what only joins them, and the last two words of each: what it is about."""
    for clause in _CLAUSE.split(unicodedata.normalize("NFKC", title)):
        for run in _runs(cut(clause)):
            for phrase in ("".join(run), "".join(run[-2:])):
                if len(run) > 1 and _SHORTEST_PHRASE <= len(phrase) <= _LONGEST_PHRASE:
                    yield phrase


def _runs(pieces: Sequence[str]) -> Iterator[list[str]]:
    run: list[str] = []
    for piece in pieces:
        if piece in _common() or piece in _LEADING:
            yield run
            run = []
        else:
            run.append(piece)
    yield run


@cache
def _common() -> frozenset[str]:
    return frozenset(sentence_words())


def _terms() -> frozenset[str]:
    return _terms_with(additions())


@lru_cache(maxsize=4)
def _terms_with(added: Additions) -> frozenset[str]:
    return frozenset(technical_terms())
