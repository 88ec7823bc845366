"""The entries: adding, removing, listing, and what may be added."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from marketplace import audit, outbox
from marketplace.errors import N_, Conflict, Invalid, NotFound, StaleEdit
from marketplace.lexicon.models import SYNONYMS, TERM, LexiconEntry
from marketplace.permissions import MARKET, Actor, Permission, require
from search.synonyms import others
from search.tokenizer import characters, cut, is_han, normalise

MOST = 2_000
SHORTEST_TERM, LONGEST_TERM = 2, 12
MOST_WORDS, LONGEST_WORD = 8, 20


def checked(kind: str, typed: str) -> tuple[str, ...]:
    """The words of an addition, normalised. Raises Invalid with a sentence for what cannot be added."""
    words = tuple(
        dict.fromkeys(normalise(typed).replace("，", " ").replace("、", " ").replace(",", " ").split())
    )
    problem = _term_problem(words) if kind == TERM else _group_problem(words)
    if problem:
        raise Invalid({"words": [problem]})
    return words


def entries(session: Session, actor: Actor, *, page: int, size: int) -> tuple[list[LexiconEntry], int]:
    """What is in force, waits, or is being taken out, the newest first. Raises Forbidden for all but staff."""
    require(actor, Permission.LEXICON_MANAGE, MARKET)
    query = select(LexiconEntry).where(LexiconEntry.lifted_at.is_(None))
    total = session.scalar(select(func.count()).select_from(query.subquery()))
    rows = session.scalars(
        query.options(joinedload(LexiconEntry.added_by))
        .order_by(LexiconEntry.id.desc())
        .limit(size)
        .offset((page - 1) * size)
    )
    return list(rows), total


def entry(session: Session, actor: Actor, entry_id: int) -> LexiconEntry:
    """One entry that stands. Raises Forbidden, NotFound, Conflict (a colleague has just taken it back)."""
    require(actor, Permission.LEXICON_MANAGE, MARKET)
    found = session.get(LexiconEntry, entry_id)
    if found is None:
        raise NotFound
    if found.removed_at is not None:
        raise Conflict(N_("这一条已经撤下了。"))
    return found


def add(session: Session, actor: Actor, kind: str, typed: str, *, now: datetime) -> LexiconEntry:
    """Add a term, which the next index will be made with, or a group of synonyms, in force at once.

    Raises Forbidden, Invalid, Conflict (it is there already, or the list is full).
    """
    require(actor, Permission.LEXICON_MANAGE, MARKET)
    wanted = checked(kind, typed)
    standing = session.execute(
        select(LexiconEntry.kind, LexiconEntry.words).where(LexiconEntry.removed_at.is_(None))
    ).all()
    # The word lists of this process may be some seconds old: another one may have added the group just now.
    if any(kind == known and set(wanted) <= set(said.split()) for known, said in standing):
        raise Conflict(N_("这一条已经在词库里了。"))
    if len(standing) >= MOST:
        raise Conflict(N_("词库已满。请先删去不用的词。"))
    words = " ".join(wanted)
    made = LexiconEntry(kind=kind, words=words, added_by_id=actor.user_id, added_at=now)
    if kind == SYNONYMS:
        made.applied_at = now
    session.add(made)
    session.flush()
    _tell_worker(session, made, now)
    audit.record(session, actor, "lexicon.add", "lexicon", made.id, now=now, kind=kind, words=words)
    return made


def remove(session: Session, actor: Actor, entry_id: int, *, version: int, now: datetime) -> LexiconEntry:
    """Take an entry back. Raises Forbidden, NotFound, Conflict, StaleEdit."""
    found = entry(session, actor, entry_id)
    if found.version != version:
        raise StaleEdit
    found.removed_at = now
    if found.kind == SYNONYMS or found.applied_at is None:
        found.lifted_at = now
    session.flush()
    _tell_worker(session, found, now)
    audit.record(session, actor, "lexicon.remove", "lexicon", found.id, now=now, words=found.words)
    return found


def _tell_worker(session: Session, changed: LexiconEntry, now: datetime) -> None:
    if changed.kind == TERM:
        outbox.emit_once(session, "lexicon", "lexicon", [changed.id], now=now, quiet=True)


def _term_problem(words: tuple[str, ...]) -> str | None:
    if len(words) != 1 or not is_han(words[0]):
        return N_("术语请写一个由汉字组成的词，例如“煤矸石陶粒”。字母和数字写成的词系统本来就整个识别。")
    if not SHORTEST_TERM <= len(words[0]) <= LONGEST_TERM:
        return N_("术语应为 2 到 12 个汉字。")
    if cut(words[0]) == [words[0]]:
        return N_("系统已经把它当作一个词，不用再加。")
    return None


def _group_problem(words: tuple[str, ...]) -> str | None:
    if not 2 <= len(words) <= MOST_WORDS:
        return N_("同义词请写 2 到 8 个，用空格隔开，例如“马铃薯 土豆 洋芋”。")
    if any(len(word) > LONGEST_WORD or not characters(word) for word in words):
        return N_("每个同义词应为 1 到 20 个字。")
    if any(len(word) == 1 and is_han(word) for word in words):
        return N_("单个汉字不能作同义词：含它的词太多，会找来无关的信息。")
    if all(other in others(words[0]) for other in words[1:]):
        return N_("这几个词已经互为同义词，不用再加。")
    return None
