"""Digests: who is due, what has not been told yet, and telling it once.

One transaction writes what was told, the notice with its mail, and that the searches have been taken up. Killed
before its commit nothing has happened and the next pass does it all; afterwards the rows stand against a repeat:
one digest per person and legal day, one item per search, listing and revision.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import Session

from marketplace.accounts.models import User
from marketplace.clock import legal_day
from marketplace.discovery.saved.models import Frequency, SavedSearch, SearchDigest, SearchDigestItem
from marketplace.discovery.saved.schedule import is_night, last_start
from marketplace.discovery.saved.services import unsubscribing
from marketplace.errors import N_, NotFound
from marketplace.notices import services as notices
from marketplace.notices.letters import Letter, Line, Section
from marketplace.permissions import Actor, Permission, require

#: Items named for each search; the rest are counted.
SHOWN = 5
#: A digest looks this far behind the last one: what was indexed late or hidden for a while is not lost. What it
#: has told already is left out by its items.
OVERLAP = timedelta(days=7)
#: A person whose digest failed waits, so that he does not hold up the others.
RETRY = timedelta(minutes=10)
_MOST_NAMED = 3


@dataclass(frozen=True)
class Item:
    """One listing to tell of, as plain data: it outlives the reading transaction."""

    listing_id: int
    revision_id: int
    number: str
    title: str
    first: bool


def people_due(session: Session, *, now: datetime, limit: int) -> list[int]:
    """Up to `limit` active people who have searches to be taken up; at night nobody."""
    if is_night(now):
        return []
    rested = or_(SavedSearch.tried_at.is_(None), SavedSearch.tried_at < now - RETRY)
    return list(
        session.scalars(
            select(SavedSearch.user_id)
            .join(User, User.id == SavedSearch.user_id)
            .where(_is_due(now), rested, User.active)
            .distinct()
            .order_by(SavedSearch.user_id)
            .limit(limit)
        )
    )


def due_of(session: Session, user_id: int, *, now: datetime) -> list[SavedSearch]:
    """The searches of a person that are to be taken up, in the order they were saved."""
    return list(
        session.scalars(
            select(SavedSearch).where(SavedSearch.user_id == user_id, _is_due(now)).order_by(SavedSearch.id)
        )
    )


def since(search: SavedSearch) -> datetime:
    """From when on something is news for this search."""
    return max(search.alerts_since, search.digested_at - OVERLAP)


def tell(
    session: Session, user_id: int, found: Mapping[int, Sequence[Item]], *, secret: str, now: datetime
) -> SearchDigest | None:
    """Tell a person what was found for his due searches (search id → items), all in one digest.

    Returns None where there is nothing to tell: nothing new, another worker was first, or today's digest has gone
    out; then what is new waits for the next one.
    """
    searches = _taken_up(session, user_id, list(found), now)
    day = legal_day(now)
    told_today = select(SearchDigest.id).where(SearchDigest.user_id == user_id, SearchDigest.day == day)
    if not searches or session.scalar(told_today) is not None:
        return None
    fresh = {search.id: _untold(session, search.id, found[search.id]) for search in searches}
    named = [search for search in searches if fresh[search.id]]
    if not named:
        return None
    digest = SearchDigest(user_id=user_id, day=day, made_at=now)
    session.add(digest)
    session.flush()
    session.add_all(
        SearchDigestItem(
            saved_search_id=search.id,
            listing_id=item.listing_id,
            revision_id=item.revision_id,
            digest_id=digest.id,
            place=place,
            first=item.first,
        )
        for search in named
        for place, item in enumerate(fresh[search.id])
    )
    session.flush()
    _notify(session, digest, named, fresh, secret, now)
    return digest


def postpone(session: Session, user_id: int, *, now: datetime) -> None:
    """Something is wrong with this person's digest: it is tried again later."""
    session.execute(
        update(SavedSearch).where(SavedSearch.user_id == user_id, _is_due(now)).values(tried_at=now)
    )


def own(session: Session, actor: Actor, digest_id: int) -> SearchDigest:
    """One of the person's own digests. Raises NotFound for anybody else's."""
    digest = session.get(SearchDigest, digest_id)
    if digest is None:
        raise NotFound
    require(
        actor,
        Permission.SAVED_SEARCH_KEEP,
        digest.permission_subject(),
        view=Permission.SAVED_SEARCH_KEEP,
    )
    return digest


def contents(session: Session, digest: SearchDigest) -> list[tuple[SavedSearch, list[SearchDigestItem], int]]:
    """The searches a digest told of, each with the items named and how many there were in all."""
    counted = session.execute(
        select(SavedSearch, func.count())
        .join(SearchDigestItem, SearchDigestItem.saved_search_id == SavedSearch.id)
        .where(SearchDigestItem.digest_id == digest.id)
        .group_by(SavedSearch.id)
        .order_by(SavedSearch.id)
    ).all()
    named: dict[int, list[SearchDigestItem]] = {search.id: [] for search, _count in counted}
    for item in session.scalars(
        select(SearchDigestItem)
        .where(SearchDigestItem.digest_id == digest.id, SearchDigestItem.place < SHOWN)
        .order_by(SearchDigestItem.place)
    ):
        named[item.saved_search_id].append(item)
    return [(search, named[search.id], count) for search, count in counted]


def _is_due(now: datetime) -> ColumnElement[bool]:
    return or_(
        *(
            and_(
                SavedSearch.frequency == frequency,
                SavedSearch.digested_at < last_start(frequency, now),
            )
            for frequency in (Frequency.DAILY, Frequency.WEEKLY)
        )
    )


def _taken_up(session: Session, user_id: int, ids: Sequence[int], now: datetime) -> list[SavedSearch]:
    """Those of the searches that are still due, locked and marked: a second worker gets none of them."""
    searches = list(
        session.scalars(
            select(SavedSearch)
            .where(SavedSearch.user_id == user_id, SavedSearch.id.in_(ids), _is_due(now))
            .order_by(SavedSearch.id)
            .with_for_update()
        )
    )
    taken = [search.id for search in searches]
    # Not an edit of its person's: the version stays, so that a form he has open is not stale.
    session.execute(
        update(SavedSearch).where(SavedSearch.id.in_(taken)).values(digested_at=now, tried_at=None)
    )
    return searches


def _untold(session: Session, search_id: int, items: Sequence[Item]) -> list[Item]:
    """Without what the search has told of before."""
    told = session.execute(
        select(SearchDigestItem.listing_id, SearchDigestItem.revision_id).where(
            SearchDigestItem.saved_search_id == search_id,
            SearchDigestItem.listing_id.in_([item.listing_id for item in items]),
        )
    )
    known = {tuple(row) for row in told}
    return [item for item in items if (item.listing_id, item.revision_id) not in known]


def _notify(
    session: Session,
    digest: SearchDigest,
    searches: Sequence[SavedSearch],
    fresh: Mapping[int, Sequence[Item]],
    secret: str,
    now: datetime,
) -> None:
    names = "、".join(search.name for search in searches[:_MOST_NAMED])
    letter = Letter(
        sections=tuple(_section(search, fresh[search.id]) for search in searches),
        unsubscribe_path=unsubscribing.path_for(digest.user_id, secret),
    )
    notices.tell(
        session,
        digest.user_id,
        "search_digest",
        key=f"search_digest:{digest.id}",
        path=f"/my/digests/{digest.id}",
        params={"count": sum(len(fresh[search.id]) for search in searches), "names": names},
        letter=letter,
        now=now,
    )


def _section(search: SavedSearch, items: Sequence[Item]) -> Section:
    lines = tuple(
        Line(item.title, f"/listings/{item.number}", N_("新发布") if item.first else N_("有更新"))
        for item in items[:SHOWN]
    )
    return Section(search.name, lines, len(items) - len(lines), f"/my/searches/{search.id}/run")
