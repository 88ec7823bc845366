"""Other words for a search: those probably meant where little is found, and those its hits have in common.

Only words of the public vocabulary are offered, and only with what they find: nothing is replaced silently.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from marketplace.discovery.models import VocabularyPrefix, VocabularySlip, VocabularyUse, VocabularyWord
from marketplace.discovery.services.searching import Found
from marketplace.discovery.services.vocabulary import HIGHEST_TIER
from search.backend import EngineUnavailable, SearchEngine
from search.pinyin import has_han
from search.query import MAX_TEXT_LENGTH, ClauseKind, Level, ParsedText, without_exclusions
from search.spelling import Slip, slip, slip_keys
from search.tokenizer import normalise

#: With fewer hits than this another word may have been meant.
FEW = 3
MOST_CORRECTIONS, MOST_RELATED = 3, 6
_COUNTED = 6  # corrections of which the hits are counted
_UNITS = 8  # pieces of a text that are looked up
_QUOTES = str.maketrans(dict.fromkeys('"“”「」', " "))
# Fewer letters are the initials of too many words; a word meant by its letters comes after one that was misspelt.
_SHORTEST_LETTERS, _BY_LETTERS = 4, max(Slip) + 1
_LOOKED_AT = 300  # rows of the table that are compared, of words that may be meant or that hits use


@dataclass(frozen=True)
class Correction:
    """A piece of the text and the word it may stand for; `text` is the whole with it, `hits` what that finds."""

    typed: str
    word: str
    text: str
    hits: int


@dataclass(frozen=True)
class Unexcluded:
    """The text without what a minus excludes: the words that were excluded, the text left, what it finds."""

    words: tuple[str, ...]
    text: str
    hits: int


@dataclass(frozen=True)
class Related:
    """A word that the hits have in common, as shown and as searched."""

    shown: str
    word: str


def unexcluded(engine: SearchEngine, found: Found, typed: str) -> Unexcluded | None:
    """What an empty result would hold if nothing were excluded; None where that would be nothing as well."""
    excluded = found.request.parsed().excluded
    if not found.available or found.result.total or not excluded:
        return None
    try:
        (hits,) = engine.totals([replace(found.request, text=without_exclusions(found.request.text))])
    except EngineUnavailable:
        return None
    words = tuple(clause.text for clause in excluded)
    return Unexcluded(words, without_exclusions(typed), hits) if hits else None


def corrections(session: Session, engine: SearchEngine, found: Found, typed: str) -> list[Correction]:
    """Near words of the market that find more than the text does; nothing where enough was found as typed.

    `typed` is the whole text of the box: values with units in it stay as they are.
    """
    request, result = found.request, found.result
    present = result.strict_total if result.reading.level is Level.ALL_WORDS else 0
    if not found.available or not request.text or request.page > 1 or present >= FEW:
        return []
    near = _near_words(session, request.parsed(), request.text)[:_COUNTED]
    wordings = [_replaced(request.text, unit, word.word) for unit, word in near]
    try:
        totals = engine.totals([replace(request, text=text) for text in wordings])
    except EngineUnavailable:
        return []
    better = [
        Correction(unit, word.shown, _replaced(typed, unit, word.word), hits)
        for (unit, word), hits in zip(near, totals, strict=True)
        if hits > present
    ]
    return better[:MOST_CORRECTIONS]


def related(session: Session, found: Found) -> list[Related]:
    """Words that several of the hits shown use and few other listings: by how many here, weighed by rarity."""
    ids = [listing.id for listing in found.listings]
    if not found.request.text or len(ids) < 2:
        return []
    here = func.count()
    rows = session.execute(
        select(VocabularyWord.word, VocabularyWord.shown, VocabularyWord.listings, here)
        .join(VocabularyUse, VocabularyUse.word_id == VocabularyWord.id)
        .where(VocabularyUse.listing_id.in_(ids))
        .group_by(VocabularyWord.id)
        .having(here > 1)
        .order_by(here.desc(), VocabularyWord.listings)
        .limit(_LOOKED_AT)
    ).all()
    if not rows:
        return []
    # The commonest word of the market says nothing; its frequency stands for the number of listings.
    commonest = session.scalar(select(func.max(VocabularyWord.listings)))
    asked = {clause.text for clause in found.request.parsed().wordings()}
    whole = found.result.total == len(ids)
    telling = [
        (count * math.log(1 + commonest / listings), shown, word)
        for word, shown, listings, count in rows
        # A word that every hit has would narrow nothing.
        if not (whole and count == len(ids)) and not any(word in one for one in asked)
    ]
    return list(_distinct(sorted(telling, key=lambda row: (-row[0], row[2]))))[:MOST_RELATED]


def _near_words(session: Session, parsed: ParsedText, text: str) -> list[tuple[str, VocabularyWord]]:
    """Pieces of the text with words one slip away that are commoner than they are, the likeliest first."""
    units = _units(parsed, text)
    keys = sorted({key for unit in units for key in slip_keys(unit)})
    words = session.scalars(
        select(VocabularyWord)
        .where(VocabularyWord.id.in_(select(VocabularySlip.word_id).where(VocabularySlip.key.in_(keys))))
        .order_by(VocabularyWord.listings.desc(), VocabularyWord.word)
        .limit(_LOOKED_AT)
    ).all()
    known = {word.word: word.listings for word in words}
    near = [
        (kind, -word.listings, units.index(unit), unit, word)
        for unit in units
        for word in words
        if (kind := slip(unit, word.word)) is not None and word.listings > known.get(unit, 0)
    ]
    near += [
        (_BY_LETTERS, -word.listings, units.index(unit), unit, word)
        for unit, word in _meant_by_letters(session, units)
    ]
    near.sort(key=lambda row: row[:3])
    # The same wording may come of a word and of a longer piece around it.
    distinct = {_replaced(text, unit, word.word): (unit, word) for *_order, unit, word in reversed(near)}
    return list(reversed(distinct.values()))


def _meant_by_letters(session: Session, units: Sequence[str]) -> list[tuple[str, VocabularyWord]]:
    """Pieces that are the whole pinyin of a word, or its initials (tuceng → 涂层), with that word."""
    letters = [unit for unit in units if len(unit) >= _SHORTEST_LETTERS and unit.isascii() and unit.isalpha()]
    if not letters:
        return []
    found = session.execute(
        select(VocabularyPrefix.key, VocabularyWord)
        .join(VocabularyWord, VocabularyWord.id == VocabularyPrefix.word_id)
        .where(VocabularyPrefix.tier.in_(range(1, HIGHEST_TIER + 1)), VocabularyPrefix.key.in_(letters))
        .order_by(VocabularyWord.listings.desc(), VocabularyWord.word)
        .limit(_LOOKED_AT)
    )
    return [(key, word) for key, word in found if has_han(word.word)]


def _units(parsed: ParsedText, text: str) -> list[str]:
    """The pieces to look up: whole runs, since a wrong word is cut to pieces (等里子), pairs of words, and words.

    Nothing of what a minus excludes, and no quotes: who excluded a word or wanted a phrase meant it.
    """
    words = [clause.text for clause in parsed.clauses if clause.kind is not ClauseKind.PHRASE]
    runs = normalise(without_exclusions(text).translate(_QUOTES)).split()
    pairs = (one + other for one, other in pairwise(words) if one + other in normalise(text))
    return list(dict.fromkeys((*words, *pairs, *runs)))[:_UNITS]


def _replaced(text: str, unit: str, word: str) -> str:
    """The text with the word in the place of the piece, the rest as it was typed where that can be told."""
    normal = normalise(text)
    start = normal.find(unit)
    kept = text if len(text) == len(normal) else normal
    if start < 0:
        return kept
    return (kept[:start] + word + kept[start + len(unit) :])[:MAX_TEXT_LENGTH]


def _distinct(rows: list[tuple[float, str, str]]) -> Iterator[Related]:
    """Each word once, without those inside a word chosen before, or around one."""
    chosen: list[str] = []
    for _weight, shown, word in rows:
        if not any(word in one or one in word for one in chosen):
            chosen.append(word)
            yield Related(shown, word)
