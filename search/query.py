"""What a reader asked for, understood once and the same way for every engine.

A `SearchRequest` holds the typed text, the filters, the order and the reader's visibility tokens. `parse`
turns the text into clauses made of our own tokens; nothing the user typed ever reaches an engine's query
syntax, so there is nothing to escape and no string that can break a search.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from search.documents import FEN_PER_WAN, KINDS, MATURITY_BANDS, PRICE_BANDS
from search.sentences import set_aside
from search.synonyms import joined, others
from search.tokenizer import characters, cut, is_han, normalise, tiles, token_parts, unsearchable

MAX_TEXT_LENGTH = 200
MAX_PAGE_SIZE = 100
MAX_WINDOW = 10_000  # the deepest hit any engine is asked for (design/search.md section 1)
MAX_CLAUSES = 48
HIGHEST_PRICE_FEN = 10_000_000 * FEN_PER_WAN  # 1000 亿元
FEW_HITS = 5  # below this a result is little: ways out of it are offered
# Below this, so with a lone hit, it is filled up. With two to four hits what follows them is more often wrong than
# wanted: the judged searches of the tests name such hits.
FILLED_BELOW = 2
# What a hit of a stricter reading has more than the others: more than words can add up to.
TIER = 10_000.0
_SOME_SHARE = 0.6  # of the characters that must be present on the weakest level
_FEW_CHARACTERS = 8  # two of four characters anywhere in a text are chance
_ONE_BY_ONE = 5  # so many words are given up one at a time; a longer text is asked for a third of its words

# A word this frequent, and short enough to be indexed also inside longer words, is looked up as a word only:
# matching its characters in so many documents would cost ten times as much and find next to nothing more.
COMMON_WORD, LONGEST_PIECE = 1_000, 3


class Boosts(NamedTuple):
    """How much more a word weighs in a title or among the keywords, and a freshly confirmed listing."""

    title: float = 3.0
    keyword: float = 2.0
    fresh: float = 0.5


BOOSTS = Boosts()
#: Choices of a request that are lists of codes → the term field that holds them.
FILTER_FIELDS = {
    "fields": "field_codes",
    "industries": "industry_codes",
    "regions": "region_codes",
    "modes": "modes",
    "maturity_bands": "maturity_band",
    "price_bands": "price_bands",
}

# A quoted phrase, or a minus and what it excludes. A minus inside a word (Wi-Fi) or before a number (-40℃) is none.
_SPECIAL = re.compile(
    r"(?P<minus>(?:(?<=\s)|^)[-－]+)?"
    r'(?:"(?P<quoted>[^"]*)"|“(?P<chinese>[^“”]*)”|「(?P<corner>[^「」]*)」|(?(minus)(?P<word>[^\s\d"“「-][^\s"“「]*)|(?!)))'
)


class Level(StrEnum):
    """How strictly the text was taken in the answer given; the page says so."""

    EVERYTHING = "everything"  # no text: filters alone
    ALL_WORDS = "all_words"
    SOME_WORDS = "some_words"
    CHARACTERS = "characters"


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to take a text: how strictly, and how many of its words or characters must be present."""

    level: Level
    needed: int = 0


#: The reading of no text: filters alone.
NO_TEXT = Reading(Level.EVERYTHING)


class Sort(StrEnum):
    """Orders a result list can have. Unknown prices and maturities come last."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    CONFIRMED = "confirmed"
    PRICE = "price"
    MATURITY = "maturity"


class ClauseKind(StrEnum):
    """What kind of text a clause asks for."""

    WORD = "word"  # a word as segmented, or the same characters side by side
    CHARACTER = "character"  # one single Han character
    PHRASE = "phrase"  # quoted: these characters in this order


@dataclass(frozen=True, slots=True)
class Clause:
    """One thing the text asks for. `tokens` are its characters, or the parts of a compound like 60hrc.

    `tiles` are the words a long word is made of: all of them present count as the word. `alternatives` are
    synonyms: any of them counts as well.
    """

    kind: ClauseKind
    text: str
    tokens: tuple[str, ...]
    tiles: tuple[str, ...] = ()
    alternatives: tuple[Clause, ...] = ()


@dataclass(frozen=True, slots=True)
class ParsedText:
    """A typed text as clauses, in reading order, without repeats. `excluded` must not be present.

    `set_aside` are words that only make the text a sentence; nothing is asked about them. `unsearchable` are
    pieces that no index holds: other scripts, emoji, endless runs of letters.
    """

    clauses: tuple[Clause, ...]
    excluded: tuple[Clause, ...] = ()
    set_aside: tuple[str, ...] = ()
    unsearchable: tuple[str, ...] = ()
    truncated: bool = False

    @property
    def required(self) -> tuple[Clause, ...]:
        """Quoted phrases: they stay required on every level."""
        return tuple(clause for clause in self.clauses if clause.kind is ClauseKind.PHRASE)

    @property
    def optional(self) -> tuple[Clause, ...]:
        """Words and characters, which the weaker levels may miss some of."""
        return tuple(clause for clause in self.clauses if clause.kind is not ClauseKind.PHRASE)

    @property
    def loose_characters(self) -> tuple[str, ...]:
        """The distinct character tokens of all optional clauses."""
        return tuple(dict.fromkeys(token for clause in self.optional for token in characters(clause.text)))

    def readings(self) -> tuple[Reading, ...]:
        """Return the readings worth asking, strictest first: all words, then one less at a time, then characters."""
        if not self.clauses:
            return (NO_TEXT,)
        words = len(self.optional)
        found = [Reading(Level.ALL_WORDS, words)]
        found += [Reading(Level.SOME_WORDS, needed) for needed in _fewer(words)]
        if len(self.loose_characters) > 1:
            found.append(Reading(Level.CHARACTERS, _enough(len(self.loose_characters))))
        return tuple(found)

    def wordings(self) -> Iterator[Clause]:
        """Yield every clause, and after each its alternatives."""
        for clause in self.clauses:
            yield clause
            yield from clause.alternatives


def _fewer(words: int) -> list[int]:
    """Return how many of the words are asked for when not all are found, most first, a third at least.

    A long text is no list of conditions: whatever holds a third of its words comes, the best of it first.
    """
    least = max(1, -(-words // 3))
    return list(range(words - 1, least - 1, -1)) if words <= _ONE_BY_ONE else [least]


def _enough(count: int) -> int:
    """Return how many of the characters must be there: of few rather one more, of many rather one less."""
    share = count * _SOME_SHARE
    return math.ceil(share) if count <= _FEW_CHARACTERS else round(share)


def parse(text: str, *, literal: bool = False) -> ParsedText:
    """Understand a typed text. Quotes make a phrase, a minus before a word excludes it. Never raises.

    A literal text is taken without synonyms and with every word of a sentence.
    """
    bounded = text[:MAX_TEXT_LENGTH]
    wanted: list[Clause] = []
    excluded: list[Clause] = []
    position = 0
    for match in _SPECIAL.finditer(bounded):
        wanted.extend(_word_clauses(bounded[position : match.start()]))
        target = excluded if match["minus"] else wanted
        if match["word"] is not None:
            target.extend(_excluded_word(match["word"]))
        else:
            target.extend(_phrase_clause(match["quoted"] or match["chinese"] or match["corner"] or ""))
        position = match.end()
    wanted.extend(_word_clauses(bounded[position:]))
    distinct = list(dict.fromkeys(wanted))
    aside = () if literal else set_aside([clause.text for clause in distinct if _is_loose(clause)])
    if not literal:
        distinct = [_with_alternatives(clause) for clause in distinct if clause.text not in aside]
    return ParsedText(
        tuple(distinct[:MAX_CLAUSES]),
        tuple(dict.fromkeys(excluded))[:MAX_CLAUSES],
        aside,
        tuple(dict.fromkeys(unsearchable(bounded))),
        truncated=len(text) > MAX_TEXT_LENGTH or len(distinct) > MAX_CLAUSES,
    )


def without_exclusions(text: str) -> str:
    """Return a typed text without what a minus excludes."""
    kept = _SPECIAL.sub(lambda match: "" if match["minus"] else match.group(), text[:MAX_TEXT_LENGTH])
    return " ".join(kept.split())


def _is_loose(clause: Clause) -> bool:
    return clause.kind is not ClauseKind.PHRASE


def _excluded_word(word: str) -> list[Clause]:
    """What a minus excludes is one thing: a single word, or all of it side by side."""
    clauses = _word_clauses(word)
    return clauses if len(clauses) < 2 else _phrase_clause(word)


def _phrase_clause(quoted: str) -> list[Clause]:
    tokens = tuple(characters(quoted))
    if not tokens:
        return []
    return [Clause(ClauseKind.PHRASE, normalise(quoted).strip(), tokens)]


def _word_clauses(text: str) -> list[Clause]:
    return [_word_clause(word) for word in joined(cut(text))]


def _word_clause(word: str) -> Clause:
    if is_han(word):
        kind = ClauseKind.CHARACTER if len(word) == 1 else ClauseKind.WORD
        return Clause(kind, word, tuple(word), tuple(tiles(word)))
    return Clause(ClauseKind.WORD, word, tuple(token_parts(word)))


def _with_alternatives(clause: Clause) -> Clause:
    if clause.kind is not ClauseKind.WORD:
        return clause
    return replace(clause, alternatives=tuple(_alternative(other) for other in others(clause.text)))


def _alternative(word: str) -> Clause:
    """A word of one piece as such, anything else (3d打印) as its characters in this order."""
    whole = is_han(word) or len(cut(word)) == 1
    return _word_clause(word) if whole else Clause(ClauseKind.PHRASE, word, tuple(characters(word)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Choices that narrow a result. Values inside one choice are alternatives; different choices all apply.

    `price_min_fen` / `price_max_fen` select listings whose own range touches the asked one; `trl_min` /
    `trl_max` are 1–9 inclusive; `confirmed_since` is the freshness filter, `published_since` that of the
    first publication. A listing with an unknown price or
    maturity does not pass a filter on it. `measures` are ranges of packed values (search.measures), both ends
    included: of each, one stated value must lie inside.
    """

    fields: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()
    maturity_bands: tuple[str, ...] = ()
    price_bands: tuple[str, ...] = ()
    trl_min: int | None = None
    trl_max: int | None = None
    price_min_fen: int | None = None
    price_max_fen: int | None = None
    published_since: date | None = None
    confirmed_since: date | None = None
    organisation_id: int | None = None
    measures: tuple[tuple[int, int], ...] = ()

    def __post_init__(self) -> None:
        known_bands = {code for code, _, _ in PRICE_BANDS}
        known_maturities = {code for code, _, _ in MATURITY_BANDS}
        if not known_bands.issuperset(self.price_bands):
            raise ValueError("价格区间不在可选范围内")
        if not known_maturities.issuperset(self.maturity_bands):
            raise ValueError("成熟度区间不在可选范围内")
        for level in (self.trl_min, self.trl_max):
            if level is not None and not 1 <= level <= 9:
                raise ValueError("技术就绪水平应为 1 到 9 级")
        for price in (self.price_min_fen, self.price_max_fen):
            if price is not None and not 0 <= price <= HIGHEST_PRICE_FEN:
                raise ValueError("价格应在 0 到 1000 亿元之间")

    @property
    def active(self) -> bool:
        """Whether any choice was made."""
        return self != Filters()


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchRequest:
    """One search. `scopes` are the reader's visibility tokens: without any, nothing is found.

    `page` counts from 1; page × page_size is bounded by MAX_WINDOW. `fresh_since` lifts listings confirmed on
    or after that day in the relevance order; `today` is what the freshness facet counts back from (without it
    that facet is left out). `with_indicators` asks which indicators the hits state, too: there are so many that
    it costs as much as all other facets. With `fill_up` few hits are followed by those of weaker readings. A
    `literal` text is taken word by word, without synonyms. Raises ValueError with a sentence for values out of
    bounds.
    """

    scopes: tuple[str, ...]
    text: str = ""
    literal: bool = False
    fill_up: bool = False
    kinds: tuple[str, ...] = ()
    filters: Filters = field(default_factory=Filters)
    sort: Sort = Sort.RELEVANCE
    page: int = 1
    page_size: int = 20
    fresh_since: date | None = None
    today: date | None = None
    with_facets: bool = True
    with_indicators: bool = False

    def __post_init__(self) -> None:
        if len(self.text) > MAX_TEXT_LENGTH:
            raise ValueError(f"搜索词最多 {MAX_TEXT_LENGTH} 个字")
        if not set(KINDS).issuperset(self.kinds):
            raise ValueError("搜索范围不在可选范围内")
        if not 1 <= self.page_size <= MAX_PAGE_SIZE:
            raise ValueError(f"每页条数应为 1 到 {MAX_PAGE_SIZE}")
        if not 1 <= self.page <= self.last_page:
            raise ValueError(f"页码应为 1 到 {self.last_page}")

    def parsed(self) -> ParsedText:
        """Understand the text."""
        return parse(self.text, literal=self.literal)

    @property
    def last_page(self) -> int:
        """The deepest page this page size allows."""
        return MAX_WINDOW // self.page_size

    @property
    def offset(self) -> int:
        """Number of hits before this page."""
        return (self.page - 1) * self.page_size

    def without(self, *names: str) -> SearchRequest:
        """Return the same request with the named filters (fields of Filters, or "kinds") taken back."""
        defaults = {f.name: getattr(_NO_FILTERS, f.name) for f in fields(Filters) if f.name in names}
        kinds = () if "kinds" in names else self.kinds
        return replace(self, kinds=kinds, filters=replace(self.filters, **defaults))


_NO_FILTERS = Filters()
