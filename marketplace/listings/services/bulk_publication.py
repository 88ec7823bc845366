"""Publishing many imported revisions at once: what `workflow.apply` and `publication.publish` do one by one.

The moves come from the same state tables; history and quiet outbox rows are written for each.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import Session

from marketplace.bulk_workflow import apply_all, emit_all
from marketplace.clock import legal_day
from marketplace.listings import states
from marketplace.listings.content import Content, DemandContent
from marketplace.listings.models import Listing, ListingRevision
from marketplace.listings.services import right_numbers


@dataclass(frozen=True)
class Publication:
    """A draft revision of an import that is to be seen by the public."""

    listing_id: int
    revision_id: int
    content: Content


def publish_imported(session: Session, publications: Sequence[Publication], *, now: datetime) -> None:
    """Accept draft revisions and show them, as the system. A paused listing stays paused.

    Raises Conflict when one is not a draft any more or its listing cannot be published.
    """
    if not publications:
        return
    apply_all(
        session,
        states.REVISION,
        ListingRevision,
        "accept_import",
        [one.revision_id for one in publications],
        now=now,
    )
    _mark_decided(session, publications, now)
    _point_to_accepted(session, publications, now)
    named = {one.listing_id: right_numbers.numbers_of(one.content) for one in publications}
    right_numbers.note_all(session, named)
    paused = _paused(session, [one.listing_id for one in publications])
    shown = [one.listing_id for one in publications if one.listing_id not in paused]
    apply_all(session, states.LISTING, Listing, "publish", shown, now=now)
    emit_all(session, [("listing", listing) for listing in sorted(paused)], now=now)
    session.expire_all()


def _mark_decided(session: Session, publications: Sequence[Publication], now: datetime) -> None:
    table = ListingRevision.__table__
    session.execute(
        update(table)
        .where(table.c.id.in_([one.revision_id for one in publications]))
        .values(decided_at=now, version=table.c.version + 1)
    )


def _point_to_accepted(session: Session, publications: Sequence[Publication], now: datetime) -> None:
    table = Listing.__table__
    statement = (
        update(table)
        .where(table.c.id == bindparam("listing"))
        .values(
            accepted_revision_id=bindparam("revision"),
            limited=bindparam("is_limited"),
            hide_owner=bindparam("hides_owner"),
            published_at=func.coalesce(table.c.published_at, bindparam("at", now, table.c.published_at.type)),
            confirmed_on=legal_day(now),
            version=table.c.version + 1,
        )
    )
    session.execute(statement, [_values(one, now) for one in publications])


def _values(one: Publication, now: datetime) -> dict[str, object]:
    demand = isinstance(one.content, DemandContent)
    return {
        "listing": one.listing_id,
        "revision": one.revision_id,
        "is_limited": demand and one.content.limited,
        "hides_owner": demand and one.content.hide_owner,
        "at": now,
    }


def _paused(session: Session, ids: Sequence[int]) -> set[int]:
    found = select(Listing.id).where(Listing.id.in_(ids), Listing.state == states.PAUSED)
    return set(session.scalars(found))
