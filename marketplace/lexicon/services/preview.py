"""What an addition would change, found by trying it on the market as it is; nothing is stored."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from marketplace.errors import N_, Invalid
from marketplace.lexicon.models import TERM
from marketplace.lexicon.services.entries import checked
from marketplace.listings.models import Listing
from marketplace.listings.services import reading
from marketplace.permissions import MARKET, VISITOR, Actor, Permission, require
from search.backend import EngineUnavailable, SearchEngine
from search.dictionary import Additions, additions, synonym_groups, trying
from search.query import SearchRequest
from search.tokenizer import cut, normalise
from search.tokenizer import words as index_words

_BORDER = re.compile(r"[，。；、,;!?！？\n\r]+")
_LONGEST_PASSAGE, _AROUND = 40, 12
_MOST_LISTINGS = 100
_MOST_EXAMPLES = 6
_MOST_NEW = 5


@dataclass(frozen=True)
class WordChange:
    """One word of a search: hits now, hits with the addition, and some of the listings that come in."""

    word: str
    before: int
    after: int
    joining: tuple[Listing, ...]


@dataclass(frozen=True)
class Example:
    """A passage of a published listing, cut into words now and with the addition."""

    before: tuple[str, ...]
    after: tuple[str, ...]
    title: str


@dataclass(frozen=True)
class Preview:
    """What changes: searches for the words; for a term the passages that are cut another way.

    `group` is the whole group that synonyms would make together with what is there already.
    """

    changes: tuple[WordChange, ...]
    examples: tuple[Example, ...] = ()
    group: tuple[str, ...] = ()


def of(session: Session, engine: SearchEngine, actor: Actor, kind: str, typed: str) -> Preview:
    """Try an addition. Raises Forbidden, Invalid for what cannot be added or while no engine answers."""
    require(actor, Permission.LEXICON_MANAGE, MARKET)
    words = checked(kind, typed)
    try:
        return _term(session, engine, words[0]) if kind == TERM else _group(session, engine, words)
    except EngineUnavailable as away:
        raise Invalid({"words": [N_("搜索服务正在恢复，暂时不能预览，请稍后再试。")]}) from away


def _group(session: Session, engine: SearchEngine, words: tuple[str, ...]) -> Preview:
    known = additions()
    changed = Additions(known.terms, (*known.synonyms, words))
    with trying(changed):
        whole = next(group for group in synonym_groups() if words[0] in group)
    changes = []
    for word in words:
        before = engine.search(_request(word))
        with trying(changed):
            after = engine.search(_request(word))
        had = {hit.listing_id for hit in before.hits}
        joining = [hit.listing_id for hit in after.hits if hit.listing_id not in had][:_MOST_NEW]
        changes.append(WordChange(word, before.total, after.total, _listings(session, joining)))
    return Preview(tuple(changes), group=whole)


def _term(session: Session, engine: SearchEngine, term: str) -> Preview:
    """A term needs another index, so its effect is counted on the listings that hold it word for word."""
    known = additions()
    changed = Additions((*known.terms, term), known.synonyms)
    before = engine.search(_request(term))
    holding = engine.search(replace(_request(f'"{term}"'), page_size=_MOST_LISTINGS))
    listings = _listings(session, [hit.listing_id for hit in holding.hits])
    with trying(changed):
        kept = tuple(one for one in listings if term in index_words(_text(one)))
    # Beyond those looked at, all that hold it are taken to keep it.
    after = holding.total - (len(listings) - len(kept))
    return Preview(
        (WordChange(term, before.total, after, kept[:_MOST_NEW]),), _examples(listings, term, changed)
    )


def _examples(listings: Sequence[Listing], term: str, changed: Additions) -> tuple[Example, ...]:
    found: dict[tuple[str, ...], Example] = {}
    for listing in listings:
        for passage in _passages(_text(listing), term):
            before = tuple(cut(passage))
            with trying(changed):
                after = tuple(cut(passage))
            if before != after:
                found.setdefault(after, Example(before, after, listing.accepted_revision.title))
        if len(found) >= _MOST_EXAMPLES:
            break
    return tuple(found.values())[:_MOST_EXAMPLES]


def _passages(text: str, term: str) -> Iterator[str]:
    """The parts of sentences in which the term stands; of a long one what is around it."""
    for sentence in _BORDER.split(normalise(text)):
        start = sentence.find(term)
        if start < 0:
            continue
        long = len(sentence) > _LONGEST_PASSAGE
        yield sentence[max(0, start - _AROUND) : start + len(term) + _AROUND] if long else sentence


def _request(text: str) -> SearchRequest:
    return SearchRequest(scopes=reading.scopes(VISITOR), text=text, with_facets=False)


def _listings(session: Session, ids: Sequence[int]) -> tuple[Listing, ...]:
    rows = reading.by_ids(session, ids)
    return tuple(rows[i] for i in ids if i in rows)


def _text(listing: Listing) -> str:
    content = listing.accepted_revision.typed_content()
    return "\n".join((content.title, *content.keywords, content.open_text))
