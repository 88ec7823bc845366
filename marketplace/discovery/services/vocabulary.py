"""Keeping the market's vocabulary equal to its public listings: the worker's part.

A listing's words are read from its accepted revision and replace those it had, so that every step may be repeated.
Only what every visitor may see brings words. The one row of `VocabularyBuild` is locked first: writers take turns,
so that counts are right and a word is not thrown away while another listing begins to use it.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session, joinedload

from marketplace.db import insert_into
from marketplace.discovery.models import (
    TitlePrefix,
    VocabularyBuild,
    VocabularyPrefix,
    VocabularySlip,
    VocabularyUse,
    VocabularyWord,
)
from marketplace.listings.content import Content, DemandContent
from marketplace.listings.models import Listing
from marketplace.listings.services import reading
from marketplace.permissions import VISITOR
from search.spelling import slip_keys
from search.vocabulary import as_written, prefix_keys, same_rules, vocabulary_version, words_of

#: Listings of one transaction while the whole vocabulary is made: half a second of the database.
SLICE = 200
HIGHEST_TIER = 8
_ROW = 1
# Values of one IN: SQLite allows 32,766 in all.
_AT_ONCE = 5_000


@dataclass(frozen=True)
class _Used:
    """What one public listing brings: its words with how they are written, and the ways to type its title."""

    listing_id: int
    words: dict[str, bool]
    shown: dict[str, str]
    title_keys: frozenset[str]


def refresh(session: Session, ids: Sequence[int]) -> None:
    """Bring the words of these listings up to date. Safe to repeat."""
    _locked(session)
    _replace(session, ids)


def make(session: Session, *, now: datetime) -> int:
    """Read one more slice of listings into the vocabulary; returns how many, 0 when it is whole.

    Begins in a market that had none, and again when the terms or the rules have changed; only other rules make
    what there is useless.
    """
    if _is_whole(session.get(VocabularyBuild, _ROW)):
        return 0
    build = _locked(session)
    if build.rules != vocabulary_version():
        if not same_rules(build.rules):
            _forget_everything(session)
        build.rules, build.position = vocabulary_version(), 0
    if _is_whole(build):  # another worker was quicker
        return 0
    ids = session.scalars(
        select(Listing.id).where(Listing.id > build.position).order_by(Listing.id).limit(SLICE)
    ).all()
    _replace(session, ids)
    build.position = ids[-1] if ids else None
    session.flush()
    return len(ids)


def _is_whole(build: VocabularyBuild | None) -> bool:
    return build is not None and build.rules == vocabulary_version() and build.position is None


def _locked(session: Session) -> VocabularyBuild:
    """The row that says how far the vocabulary is, locked for this transaction."""
    row = insert_into(session, VocabularyBuild).values(id=_ROW, rules=vocabulary_version(), position=0)
    session.execute(row.on_conflict_do_nothing())
    found = select(VocabularyBuild).where(VocabularyBuild.id == _ROW).with_for_update()
    return session.scalars(found.execution_options(populate_existing=True)).one()


def _replace(session: Session, ids: Sequence[int]) -> None:
    """Let these listings use exactly the words they have now."""
    if not ids:
        return
    used = [_used(listing) for listing in _public(session, ids)]
    change = Counter({number: -count for number, count in _uses(session, ids).items()})
    for model in (VocabularyUse, TitlePrefix):
        session.execute(delete(model).where(model.listing_id.in_(ids)))
    numbers = _numbers(session, used)
    change.update(numbers[word] for one in used for word in one.words)
    _add(session, VocabularyUse, _use_rows(used, numbers))
    titles = ({"listing_id": one.listing_id, "key": key} for one in used for key in sorted(one.title_keys))
    _add(session, TitlePrefix, titles)
    _count(session, {number: more for number, more in sorted(change.items()) if more})


def _uses(session: Session, ids: Sequence[int]) -> dict[int, int]:
    """Word → how many of these listings use it so far."""
    rows = session.execute(
        select(VocabularyUse.word_id, func.count())
        .where(VocabularyUse.listing_id.in_(ids))
        .group_by(VocabularyUse.word_id)
    )
    return dict(rows.all())


def _public(session: Session, ids: Sequence[int]) -> list[Listing]:
    """Those of the listings that everybody may see."""
    rows = session.scalars(
        select(Listing)
        .where(Listing.id.in_(ids), Listing.accepted_revision_id.is_not(None))
        .options(joinedload(Listing.accepted_revision))
        .order_by(Listing.id)
        .execution_options(populate_existing=True)
    )
    return [listing for listing in rows if reading.visible(VISITOR, listing)]


def _used(listing: Listing) -> _Used:
    content = listing.accepted_revision.typed_content()
    words = words_of(content.title, content.keywords, _sentence(content))
    texts = (content.title, *content.keywords)
    shown = {word: as_written(word, texts) for word in words}
    return _Used(listing.id, words, shown, prefix_keys(content.title))


def _sentence(content: Content) -> str:
    """What everybody may read of it beside the title, whatever is confidential (indexing/documents.py)."""
    return content.goal if isinstance(content, DemandContent) else content.use


def _numbers(session: Session, used: Iterable[_Used]) -> dict[str, int]:
    """Word → id, with rows and keys made for words that are new."""
    shown: dict[str, str] = {}
    for one in used:
        for word, written in one.shown.items():
            shown.setdefault(word, written)
    known = _known(session, shown)
    fresh = sorted(shown.keys() - known.keys())
    _add(session, VocabularyWord, ({"word": word, "shown": shown[word], "listings": 0} for word in fresh))
    made = _known(session, fresh)
    prefixes = ({"word_id": made[w], "key": key, "tier": 1} for w in fresh for key in sorted(prefix_keys(w)))
    _add(session, VocabularyPrefix, prefixes)
    slips = ({"word_id": made[w], "key": key} for w in fresh for key in sorted(slip_keys(w)))
    _add(session, VocabularySlip, slips)
    return {**known, **made}


def _known(session: Session, words: Collection[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for some in _chunks(sorted(words)):
        rows = session.execute(
            select(VocabularyWord.word, VocabularyWord.id).where(VocabularyWord.word.in_(some))
        )
        found.update(rows.all())
    return found


def _use_rows(used: Iterable[_Used], numbers: dict[str, int]) -> Iterator[dict[str, object]]:
    for one in used:
        for word, in_title in one.words.items():
            yield {"listing_id": one.listing_id, "word_id": numbers[word], "in_title": in_title}


def _count(session: Session, change: Mapping[int, int]) -> None:
    """Add to the counts of these words; words that nobody uses any more go.

    Added, not counted anew: a common word has as many uses as the market has listings. The lock makes it exact.
    """
    for some in _chunks(list(change)):
        before = _listings(session, some)
        after = {number: before[number] + change[number] for number in some}
        _forget(session, [number for number, count in after.items() if not count])
        kept = {number: count for number, count in after.items() if count}
        if kept:
            rows = [{"id": number, "listings": count} for number, count in kept.items()]
            session.execute(update(VocabularyWord), rows)
        _write_tiers(
            session, {n: tier(count) for n, count in kept.items() if tier(count) != tier(before[n] or 1)}
        )


def _listings(session: Session, ids: Sequence[int]) -> dict[int, int]:
    found = select(VocabularyWord.id, VocabularyWord.listings).where(VocabularyWord.id.in_(ids))
    return dict(session.execute(found).all())


def _write_tiers(session: Session, tiers: Mapping[int, int]) -> None:
    """The ways to type a word carry its tier, so that the common come first."""
    for level in sorted(set(tiers.values())):
        numbers = [number for number, its in tiers.items() if its == level]
        session.execute(
            update(VocabularyPrefix).where(VocabularyPrefix.word_id.in_(numbers)).values(tier=level),
            execution_options={"synchronize_session": False},
        )


def tier(listings: int) -> int:
    """How common a word is: 1 for one listing, one more with each doubling, 8 at most."""
    return min(listings.bit_length(), HIGHEST_TIER)


def _forget(session: Session, ids: Sequence[int]) -> None:
    if ids:
        for model in (VocabularyPrefix, VocabularySlip):
            session.execute(delete(model).where(model.word_id.in_(ids)))
        session.execute(delete(VocabularyWord).where(VocabularyWord.id.in_(ids)))


def _forget_everything(session: Session) -> None:
    for model in (TitlePrefix, VocabularyPrefix, VocabularySlip, VocabularyUse, VocabularyWord):
        session.execute(delete(model))


def _add(session: Session, model: type, rows: Iterable[dict[str, object]]) -> None:
    listed = list(rows)
    if listed:
        session.execute(insert(model.__table__), listed)


def _chunks(items: Sequence) -> Iterator[Sequence]:
    for start in range(0, len(items), _AT_ONCE):
        yield items[start : start + _AT_ONCE]
