"""What several texts have in common, in words that every one of them uses: nothing that only one of them says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from search.match_result import MatchSubject
from search.tokenizer import normalise
from search.vocabulary import as_written, words_of

MOST_SUBJECT_WORDS = 4
MOST_DETAIL_WORDS = 8


@dataclass(frozen=True, slots=True)
class CommonWords:
    """Words of all titles and keywords, in the order in which they stand there; further terms, the longest first."""

    subject: tuple[str, ...]
    details: tuple[str, ...]


def common_words(texts: Sequence[MatchSubject]) -> CommonWords:
    """Return what these texts share; words that stand side by side in every one of them are joined."""
    own = [normalise(text.own_text) for text in texts]
    titles = [set(words_of(text.title, text.keywords, "")) for text in texts]
    longest = _maximal(_side_by_side(set.intersection(*titles), own))[:MOST_SUBJECT_WORDS]
    subject = sorted(longest, key=lambda word: (sum(text.find(word) for text in own), word))
    # Of the whole texts technical terms alone, and never joined: joined words would be somebody's sentences.
    terms = _maximal(
        set.intersection(*(set(words_of(text.title, text.keywords, text.text)) for text in texts))
    )
    details = [word for word in terms if not any(word in known for known in subject)]
    written = [f"{text.own_text}\n{text.text}" for text in texts]
    return CommonWords(_as_written(subject, written), _as_written(details[:MOST_DETAIL_WORDS], written))


def _side_by_side(words: set[str], texts: Sequence[str]) -> set[str]:
    """Join words that follow each other in every text: 耐磨 and 涂层 to 耐磨涂层."""
    found = set(words)
    while True:
        joined = {
            one + other
            for one in found
            for other in found
            if one != other and all(one + other in text for text in texts)
        }
        if not joined:
            return found
        best = min(joined, key=lambda word: (-len(word), word))
        found = {word for word in found if word not in best} | {best}


def _maximal(words: set[str]) -> list[str]:
    """Without words that stand inside others, the longest first."""
    kept = [word for word in words if not any(word != other and word in other for other in words)]
    return sorted(kept, key=lambda word: (-len(word), word))


def _as_written(words: Sequence[str], texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(as_written(word, texts) for word in words)
