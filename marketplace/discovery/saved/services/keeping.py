"""Keeping searches: saving, finding one's own, renaming, choosing how often to hear of them, deleting."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from marketplace import audit
from marketplace.accounts.models import User
from marketplace.discovery.saved.models import Frequency, SavedSearch, SearchDigestItem
from marketplace.errors import N_, Conflict, Invalid, NotFound, StaleEdit
from marketplace.permissions import Actor, Permission, require

MOST_KEPT = 50
LONGEST_NAME = 60


@dataclass(frozen=True)
class Wish:
    """What a person wants to keep: pairs of the search's address and what tells the same search apart."""

    name: str
    frequency: str
    parameters: Sequence[Sequence[str]]
    fingerprint: str


def keep(session: Session, actor: Actor, wish: Wish, *, now: datetime) -> SavedSearch:
    """Save a search. Raises Conflict for one he has already or one too many, Invalid for a name or frequency."""
    frequency = _checked(wish.name, wish.frequency)
    # One person's searches are counted and added one after the other.
    session.execute(select(User.id).where(User.id == actor.user_id).with_for_update())
    twin = same(session, actor, wish.fingerprint)
    if twin is not None:
        raise Conflict(
            N_("同样的搜索您已经订阅过，名称是“%(name)s”。可以到“我的订阅”改名或改提醒频率。"), name=twin.name
        )
    if count(session, actor) >= MOST_KEPT:
        raise Conflict(N_("最多订阅 %(most)s 个搜索。请先删除不再需要的，再保存这一个。"), most=MOST_KEPT)
    made = SavedSearch(
        user_id=actor.user_id,
        name=wish.name.strip(),
        parameters=[list(pair) for pair in wish.parameters],
        fingerprint=wish.fingerprint,
        frequency=frequency,
        created_at=now,
        seen_at=now,
        alerts_since=now,
        digested_at=now,
    )
    _require(actor, made)
    session.add(made)
    session.flush()
    audit.record(
        session, actor, "saved_search.keep", "saved_search", made.id, now=now, frequency=str(frequency)
    )
    return made


def same(session: Session, actor: Actor, fingerprint: str) -> SavedSearch | None:
    """The person's own search that finds the same, if he has kept one."""
    return session.scalar(
        select(SavedSearch).where(
            SavedSearch.user_id == actor.user_id, SavedSearch.fingerprint == fingerprint
        )
    )


def count(session: Session, actor: Actor) -> int:
    """How many searches the person keeps."""
    return session.scalar(
        select(func.count()).select_from(SavedSearch).where(SavedSearch.user_id == actor.user_id)
    )


def mine(session: Session, actor: Actor, *, page: int, size: int) -> tuple[list[SavedSearch], int]:
    """The person's searches, last saved first, and how many they are."""
    rows = session.scalars(
        select(SavedSearch)
        .where(SavedSearch.user_id == actor.user_id)
        .order_by(SavedSearch.id.desc())
        .limit(size)
        .offset((page - 1) * size)
    )
    return list(rows), count(session, actor)


def own(session: Session, actor: Actor, search_id: int) -> SavedSearch:
    """One of the person's own searches. Raises NotFound for anybody else's."""
    found = session.get(SavedSearch, search_id)
    if found is None:
        raise NotFound
    _require(actor, found)
    return found


def change(
    session: Session,
    actor: Actor,
    search_id: int,
    name: str,
    frequency: str,
    *,
    version: int,
    now: datetime,
) -> SavedSearch:
    """Rename a search or choose another frequency. Raises Invalid, StaleEdit or NotFound.

    Who switches alerts on hears of what comes from now on.
    """
    found = own(session, actor, search_id)
    if found.version != version:
        raise StaleEdit
    chosen = _checked(name, frequency)
    if found.frequency == Frequency.OFF and chosen is not Frequency.OFF:
        found.alerts_since = found.digested_at = now
    found.name, found.frequency = name.strip(), chosen
    audit.record(
        session, actor, "saved_search.change", "saved_search", found.id, now=now, frequency=str(chosen)
    )
    session.flush()
    return found


def remove(session: Session, actor: Actor, search_id: int, *, now: datetime) -> None:
    """Delete a search and what is known of its digests. Raises NotFound."""
    found = own(session, actor, search_id)
    session.execute(delete(SearchDigestItem).where(SearchDigestItem.saved_search_id == found.id))
    session.delete(found)
    audit.record(session, actor, "saved_search.remove", "saved_search", search_id, now=now)
    session.flush()


def looked(session: Session, search_id: int, *, now: datetime) -> None:
    """Its person has looked at the results: what is new is counted from now. No edit that could be stale."""
    session.execute(update(SavedSearch).where(SavedSearch.id == search_id).values(seen_at=now))


def _require(actor: Actor, search: SavedSearch) -> None:
    require(
        actor,
        Permission.SAVED_SEARCH_KEEP,
        search.permission_subject(),
        view=Permission.SAVED_SEARCH_KEEP,
    )


def _checked(name: str, frequency: str) -> Frequency:
    problems = {}
    if not 1 <= len(name.strip()) <= LONGEST_NAME:
        problems["name"] = [N_("请给订阅起个名称，不超过 60 个字。")]
    if frequency not in set(Frequency):
        problems["frequency"] = [N_("请选择提醒频率。")]
    if problems:
        raise Invalid(problems)
    return Frequency(frequency)
