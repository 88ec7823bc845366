"""What may be meant by the beginning of a text: words and phrases of the market, and titles of public listings.

Bounded work, however large the market: ranges of an index, a few rows from each tier of commonness, then the database's
last word on what everybody may see and the engine's count of what each word finds.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Select, exists, select, union_all
from sqlalchemy.orm import Session, joinedload

from marketplace.discovery.models import TitlePrefix, VocabularyPrefix, VocabularyUse, VocabularyWord
from marketplace.discovery.services.vocabulary import HIGHEST_TIER
from marketplace.listings import states
from marketplace.listings.models import Listing, ListingRevision
from marketplace.listings.services import reading
from marketplace.permissions import VISITOR
from search.backend import EngineUnavailable, SearchEngine
from search.pinyin import full_pinyin, has_han, key_of
from search.query import MAX_TEXT_LENGTH, SearchRequest
from search.tokenizer import normalise
from search.vocabulary import LONGEST_KEY

MOST_WORDS, MOST_TITLES = 6, 4
#: One Latin letter is the beginning of everything.
_SHORTEST_LATIN = 2
_PER_TIER = 12
#: Titles may hold one of so many words, and so many listings of each are looked at.
_WORDS_OF_TITLES, _LISTINGS_OF_WORD = 3, 8
# Above every character: the end of the range of keys that begin alike.
_LAST = "\U0010ffff"


@dataclass(frozen=True)
class SuggestedWord:
    """A text to search for: as shown, as searched, and how many hits it has (None while no engine answers)."""

    shown: str
    text: str
    hits: int | None


@dataclass(frozen=True)
class Suggestions:
    """What to offer for a typed text, best first."""

    words: tuple[SuggestedWord, ...] = ()
    listings: tuple[Listing, ...] = ()


def suggest(session: Session, engine: SearchEngine, typed: str, request: SearchRequest) -> Suggestions:
    """Suggest for a typed text; words are counted as hits of `request` with their text in the place of its own.

    Only what every visitor may see is suggested, whoever asks.
    """
    key = key_of(typed)[:LONGEST_KEY]
    if not _says_enough(key):
        return Suggestions()
    words = _public_words(session, _words(session, key))
    listings = _listings(session, key, words[:_WORDS_OF_TITLES])
    offered = [SuggestedWord(word.shown, word.word, None) for word in words]
    known = {key_of(word.text) for word in offered}
    offered += [word for word in _with_last_word(session, typed) if key_of(word.text) not in known]
    return Suggestions(tuple(counted(engine, request, offered)[:MOST_WORDS]), tuple(listings))


def _says_enough(key: str) -> bool:
    return bool(key) and (len(key) >= _SHORTEST_LATIN or has_han(key))


def counted(
    engine: SearchEngine, request: SearchRequest, words: Sequence[SuggestedWord]
) -> list[SuggestedWord]:
    """The words that find something, each with how much; all of them uncounted while no engine answers."""
    asked = [replace(request, text=word.text[:MAX_TEXT_LENGTH], page=1) for word in words]
    try:
        totals = engine.totals(asked)
    except EngineUnavailable:
        return list(words)
    return [replace(word, hits=hits) for word, hits in zip(words, totals, strict=True) if hits]


def _words(session: Session, key: str) -> list[VocabularyWord]:
    """Words that begin as typed, as text, pinyin or initials: what was typed whole first, then the commonest."""
    found = session.scalars(_beginning(_spelt(key))).all()
    words = session.scalars(select(VocabularyWord).where(VocabularyWord.id.in_(set(found)))).all()
    head = _han_head(key)
    fitting = (word for word in words if word.word.startswith(head))
    return sorted(
        fitting, key=lambda word: (key_of(word.word) != key, -word.listings, len(word.word), word.word)
    )


def _beginning(key: str) -> Select[tuple[int]]:
    """Ids of words with a key in this range: a few of each tier, so that the common ones are never missed."""
    parts = [
        select(VocabularyPrefix.word_id)
        .where(VocabularyPrefix.tier == tier, *_in_range(VocabularyPrefix.key, key))
        .order_by(VocabularyPrefix.key, VocabularyPrefix.word_id)
        .limit(_PER_TIER)
        .subquery()
        for tier in range(HIGHEST_TIER, 0, -1)
    ]
    return union_all(*(select(part.c.word_id) for part in parts))


def _in_range(column, key: str) -> tuple:
    return column >= key, column < key + _LAST


def _spelt(key: str) -> str:
    """What a mixed text (耐gaowen) is compared as: its pinyin; a text of one kind is compared as it is."""
    mixed = has_han(key) and any(sign.isascii() and sign.isalpha() for sign in key)
    return full_pinyin(key)[0][:LONGEST_KEY] if mixed else key


def _han_head(key: str) -> str:
    """The Han characters a text begins with: they are meant as they are, whatever sounds the same."""
    end = next((place for place, sign in enumerate(key) if not has_han(sign)), len(key))
    return key[:end]


def _public_words(session: Session, words: Sequence[VocabularyWord]) -> list[VocabularyWord]:
    """Those that stand in a listing everybody may see right now, though the worker may not have come round yet."""
    ids = [word.id for word in words[: 2 * MOST_WORDS]]
    used = exists().where(
        VocabularyUse.word_id == VocabularyWord.id,
        VocabularyUse.listing_id == Listing.id,
        Listing.state == states.PUBLISHED,
        Listing.limited.is_(False),
    )
    public = set(session.scalars(select(VocabularyWord.id).where(VocabularyWord.id.in_(ids), used)))
    return [word for word in words if word.id in public][:MOST_WORDS]


def _listings(session: Session, key: str, words: Sequence[VocabularyWord]) -> list[Listing]:
    """Public listings whose title begins as typed, then those whose title holds one of the words."""
    titled = (
        select(TitlePrefix.listing_id)
        .where(*_in_range(TitlePrefix.key, _spelt(key)))
        .order_by(TitlePrefix.key, TitlePrefix.listing_id)
        .limit(_LISTINGS_OF_WORD)
    )
    holding = [
        select(VocabularyUse.listing_id)
        .where(VocabularyUse.word_id == word.id, VocabularyUse.in_title)
        .order_by(VocabularyUse.listing_id.desc())
        .limit(_LISTINGS_OF_WORD)
        for word in words
    ]
    parts = [part.subquery() for part in (titled, *holding)]
    found = session.scalars(union_all(*(select(part.c.listing_id) for part in parts)))
    ids = list(dict.fromkeys(found))[: 3 * MOST_TITLES]
    rows = _everybodys(session, ids)
    head = _han_head(key)
    beginning = [n for n in ids if n in rows and normalise(_title(rows[n])).startswith(head)]
    order = [*beginning, *(n for n in ids if n in rows and n not in beginning)]
    return [rows[number] for number in order[:MOST_TITLES]]


def _everybodys(session: Session, ids: Iterable[int]) -> dict[int, Listing]:
    # Found by id alone: with the state in the condition SQLite reads everything that is published instead.
    found = session.scalars(
        select(Listing)
        .where(Listing.id.in_(ids), Listing.accepted_revision_id.is_not(None))
        .options(joinedload(Listing.accepted_revision).load_only(ListingRevision.title))
    )
    return {listing.id: listing for listing in found if reading.visible(VISITOR, listing)}


def _title(listing: Listing) -> str:
    return listing.accepted_revision.title


def _with_last_word(session: Session, typed: str) -> list[SuggestedWord]:
    """For several words: those before stay, the last one is completed (耐高温 tuc → 耐高温 涂层)."""
    before, _, last = " ".join(normalise(typed).split()).rpartition(" ")
    key = key_of(last)[:LONGEST_KEY]
    if not before or not _says_enough(key):
        return []
    words = _public_words(session, _words(session, key))
    return [
        SuggestedWord(f"{before} {word.shown}", f"{before} {word.word}", None)
        for word in words
        if word.word not in before.split()
    ]
