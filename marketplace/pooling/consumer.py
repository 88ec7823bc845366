"""Pooling's reader of the outbox: a demand that changed finds the demands like it, or leaves them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from marketplace.extensions import db
from marketplace.listings.content import Kind
from marketplace.listings.models import Listing
from marketplace.outbox import Event
from marketplace.pooling.services import forming, neighbourhood
from marketplace.web.transaction import unit_of_work
from search.backend import SearchEngine
from search.matching import Matcher, matcher_of

#: Another worker may write the same clusters between looking and writing; then it is looked again.
_TRIES = 5


def consume(engine: SearchEngine, events: Sequence[Event], *, now: datetime) -> None:
    """Bring the clusters around these demands up to date, one demand after the other. Safe to repeat."""
    matcher = matcher_of(engine)
    changed = {event.entity_id for event in events}
    loud = {event.entity_id for event in events if not event.quiet}
    demands = db.session.scalars(
        select(Listing.id).where(Listing.id.in_(changed), Listing.kind == Kind.DEMAND).order_by(Listing.id)
    ).all()
    for listing_id in demands:
        _bring_up_to_date(matcher, listing_id, now=now, quiet=listing_id not in loud)


def _bring_up_to_date(matcher: Matcher, listing_id: int, *, now: datetime, quiet: bool) -> None:
    """Look outside the writing transaction, write inside, as long as nobody else was quicker."""
    for _attempt in range(_TRIES):
        db.session.rollback()
        around = neighbourhood.look_around(db.session, matcher, listing_id)
        if around is None:
            return
        with unit_of_work() as session:
            if forming.store(session, around, now=now, quiet=quiet):
                return
    raise RuntimeError(f"clusters around listing {listing_id} are changed by others all the time")
