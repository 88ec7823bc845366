"""Matching's reader of the outbox: demands get their matches, new achievements reach the demands they may fit."""

from datetime import datetime

from sqlalchemy.orm import Session

from marketplace import outbox
from marketplace.extensions import db
from marketplace.indexing import documents
from marketplace.listings import states
from marketplace.listings.content import Kind
from marketplace.listings.models import Listing
from marketplace.matching.services import runs
from marketplace.outbox import Event
from marketplace.web.transaction import unit_of_work
from search.backend import SearchEngine
from search.matching import Matcher, matcher_of

#: From this many changed achievements on, every demand is matched anew.
BULK = 20


def consume(engine: SearchEngine, events: list[Event], *, now: datetime) -> None:
    """Match the demands among these changes; put the demands a changed achievement may fit into the queue.

    Each demand is matched once, however many achievements changed. Safe to repeat.
    """
    matcher = matcher_of(engine)
    quiet = all(event.quiet for event in events)
    rows = documents.of_ids(db.session, sorted({event.entity_id for event in events}))
    demands = [row.id for row in rows if row.kind == Kind.DEMAND]
    achievements = [row for row in rows if row.kind == Kind.ACHIEVEMENT and row.accepted_revision is not None]
    affected = _affected(db.session, matcher, achievements)
    db.session.rollback()
    for demand_id in demands:
        _match(matcher, demand_id, now=now, quiet=quiet)
    if affected:
        with unit_of_work() as session:
            waiting = sorted(affected.difference(demands))
            outbox.emit_once(session, "matching", "listing", waiting, now=now, quiet=quiet)


def _affected(session: Session, matcher: Matcher, achievements: list[Listing]) -> set[int]:
    """Demands that these achievements may fit; all of them when very many changed, which is cheaper."""
    if len(achievements) > BULK:
        return set(runs.published_demands(session))
    found: set[int] = set()
    for achievement in achievements:
        found.update(runs.affected_demands(session, matcher, achievement))
    return found


def _match(matcher: Matcher, demand_id: int, *, now: datetime, quiet: bool) -> None:
    """One demand: calculated outside the writing transaction, then stored."""
    demand = db.session.get(Listing, demand_id)
    if demand is None or demand.state != states.PUBLISHED:
        return
    calculated = runs.calculate(db.session, matcher, demand, now=now)
    with unit_of_work() as session:
        demand = session.get(Listing, demand_id)
        if demand is not None and demand.state == states.PUBLISHED:
            runs.store(session, demand, calculated, now=now, quiet=quiet)
