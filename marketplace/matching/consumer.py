"""Matching's reader of the outbox: demands get their matches, new achievements reach the demands they may fit."""

from datetime import datetime
from weakref import WeakKeyDictionary

from sqlalchemy.orm import Session

from marketplace.extensions import db
from marketplace.indexing import documents
from marketplace.listings import states
from marketplace.listings.content import Kind
from marketplace.listings.models import Listing
from marketplace.matching import services
from marketplace.outbox import Event
from marketplace.web.transaction import unit_of_work
from search.backend import SearchEngine
from search.matching import Matcher

_matchers: WeakKeyDictionary[SearchEngine, Matcher] = WeakKeyDictionary()


def matcher_of(engine: SearchEngine) -> Matcher:
    """The matcher on this engine; it remembers term statistics while the index does not change."""
    return _matchers.setdefault(engine, Matcher(engine))


def consume(engine: SearchEngine, events: list[Event], *, now: datetime) -> None:
    """Match what these changes touch, each demand once. Safe to repeat."""
    matcher = matcher_of(engine)
    quiet = all(event.quiet for event in events)
    for demand_id in _demands(db.session, matcher, {event.entity_id for event in events}):
        _match(matcher, demand_id, now=now, quiet=quiet)


def _demands(session: Session, matcher: Matcher, ids: set[int]) -> list[int]:
    """The demands to match: those that changed and those a changed achievement may fit."""
    found: set[int] = set()
    for listing in documents.of_ids(session, sorted(ids)):
        if listing.kind == Kind.DEMAND:
            found.add(listing.id)
        elif listing.accepted_revision is not None:
            found.update(services.affected_demands(session, matcher, listing))
    session.rollback()
    return sorted(found)


def _match(matcher: Matcher, demand_id: int, *, now: datetime, quiet: bool) -> None:
    """One demand: calculated outside the writing transaction, then stored."""
    demand = db.session.get(Listing, demand_id)
    if demand is None or demand.state != states.PUBLISHED:
        return
    matches = services.calculate(db.session, matcher, demand, now=now)
    with unit_of_work() as session:
        demand = session.get(Listing, demand_id)
        if demand is not None and demand.state == states.PUBLISHED:
            services.store(session, demand, matches, now=now, quiet=quiet)
