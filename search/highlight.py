"""Mark what was found, on the text as its owner wrote it, the same way for every engine.

Returns plain segments, never HTML: escaping is the template's business. Spellings that search treats as equal
(full width, traditional, capitals, a space between a number and its unit) are marked alike.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from search.query import Clause, ClauseKind, Level, ParsedText
from search.tokenizer import is_han, normalise

_LEAD = 12  # characters of context shown before the first hit of an excerpt
_SENTENCE_END = re.compile(r"[。；！？\n;!?]")


class Segment(NamedTuple):
    """A piece of text and whether it is a hit."""

    text: str
    hit: bool


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The best piece of a longer text; the flags say whether something was left out on either side."""

    segments: tuple[Segment, ...]
    cut_before: bool
    cut_after: bool


def highlight(text: str, parsed: ParsedText, level: Level = Level.ALL_WORDS) -> list[Segment]:
    """Split `text` into segments; joined together they are `text` again."""
    return _segments(text, _spans(text, parsed, level))


def excerpt(text: str, parsed: ParsedText, level: Level = Level.ALL_WORDS, width: int = 80) -> Excerpt:
    """Return the `width` characters of `text` with the most different hits, or its beginning."""
    spans = _spans(text, parsed, level)
    start = _best_start(text, spans, width) if len(text) > width else 0
    end = min(len(text), start + width)
    inside = [
        (max(a, start) - start, min(b, end) - start, key) for a, b, key in spans if a < end and b > start
    ]
    segments = _segments(text[start:end], inside)
    return Excerpt(tuple(segments), cut_before=start > 0, cut_after=end < len(text))


_Span = tuple[int, int, str]


def _spans(text: str, parsed: ParsedText, level: Level) -> list[_Span]:
    """Return (start, end, what was found) per hit, in raw positions, unsorted, maybe overlapping."""
    if not text or not parsed.clauses:
        return []
    folded, origin = _fold(text)
    found: list[_Span] = []
    for name, pattern in _patterns(parsed, level):
        for match in pattern.finditer(folded):
            if match.end() > match.start():
                found.append((origin[match.start()], origin[match.end() - 1] + 1, name))
    return found


class _Folded(dict[int, str]):
    """What each character is turned into, for `str.translate`; found out when it is first met."""

    def __missing__(self, ordinal: int) -> str:
        self[ordinal] = folded = unicodedata.normalize("NFKC", chr(ordinal)).lower()
        return folded


_FOLDED = _Folded()


def _fold(text: str) -> tuple[str, Sequence[int]]:
    """Normalise character by character and remember where each resulting character came from."""
    joined = text.translate(_FOLDED)
    origin: Sequence[int] = range(len(text))
    if len(joined) != len(text):  # no character becomes nothing
        origin = [position for position, letter in enumerate(text) for _ in _FOLDED[ord(letter)]]
    simplified = normalise(joined)
    return (simplified if len(simplified) == len(joined) else joined), origin


@lru_cache(maxsize=64)
def _patterns(parsed: ParsedText, level: Level) -> list[tuple[str, re.Pattern[str]]]:
    # An alternative found counts as the word it stands for; of a long word the shorter ones are marked, too.
    wordings = [(clause.text, one) for clause in parsed.clauses for one in (clause, *clause.alternatives)]
    patterns = [(name, _clause_pattern(one)) for name, one in wordings]
    patterns += [(name, _token_pattern((tile,))) for name, one in wordings for tile in one.tiles]
    if level is Level.CHARACTERS:
        patterns += [(token, _token_pattern((token,))) for token in parsed.loose_characters]
    return patterns


def _clause_pattern(clause: Clause) -> re.Pattern[str]:
    if clause.kind is ClauseKind.PHRASE or not is_han(clause.text):
        return _token_pattern(
            clause.tokens if clause.kind is ClauseKind.PHRASE else (clause.text,), clause.tokens
        )
    return _token_pattern((clause.text,))


@lru_cache(maxsize=2_000)
def _token_pattern(tokens: tuple[str, ...], parts: tuple[str, ...] = ()) -> re.Pattern[str]:
    whole = r"\W{0,2}".join(re.escape(token) for token in tokens)
    alternatives = [_bounded(whole, tokens[0], tokens[-1])]
    if len(parts) > 1 and parts != tokens:
        alternatives.append(_bounded(r"[\s\-]{0,2}".join(map(re.escape, parts)), parts[0], parts[-1]))
    return re.compile("|".join(alternatives))


def _bounded(pattern: str, first: str, last: str) -> str:
    """Keep Latin words and numbers from being found inside longer ones; Han characters need no border."""
    return f"{_border(first[0], '(?<!{})')}{pattern}{_border(last[-1], '(?!{})')}"


def _border(character: str, look: str) -> str:
    if character.isdigit():
        return look.format(r"\d")
    if character.isalpha() and not is_han(character):
        return look.format("[a-zµα-ω]")
    return ""


def _best_start(text: str, spans: Sequence[_Span], width: int) -> int:
    if not spans:
        return 0
    ordered = sorted(spans)
    best, best_start = (-1, 0), 0
    for start, _, _ in ordered:
        # A window that opens with this hit, after a little context.
        low = max(0, start - _LEAD)
        inside = [span for span in ordered if low <= span[0] and span[1] <= low + width]
        value = (len({name for _, _, name in inside}), len(inside))
        if value > best:
            best, best_start = value, _sentence_start(text, low, start)
    return max(0, min(best_start, len(text) - width))


def _sentence_start(text: str, low: int, high: int) -> int:
    """Begin at the sentence's first character when it lies within the context before the hit."""
    ends = [match.end() for match in _SENTENCE_END.finditer(text, low, high)]
    return ends[-1] if ends else low


def _segments(text: str, spans: Sequence[_Span]) -> list[Segment]:
    segments: list[Segment] = []
    position = 0
    for start, end in _merged(spans):
        if start > position:
            segments.append(Segment(text[position:start], False))
        segments.append(Segment(text[start:end], True))
        position = end
    if position < len(text):
        segments.append(Segment(text[position:], False))
    return segments


def _merged(spans: Sequence[_Span]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end, _ in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        elif end > start:
            merged.append((start, end))
    return merged
