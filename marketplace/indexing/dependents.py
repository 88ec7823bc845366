"""What else must be indexed anew when a record changes: one table, one function."""

from collections.abc import Callable, Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.listings.models import Listing
from marketplace.outbox import Event


def _itself(_session: Session, ids: list[int]) -> list[int]:
    return ids


def _of_organisations(session: Session, ids: list[int]) -> list[int]:
    return list(session.scalars(select(Listing.id).where(Listing.organisation_id.in_(ids))))


#: Kind of record → the listings whose documents depend on it.
DEPENDENTS: dict[str, Callable[[Session, list[int]], list[int]]] = {
    "listing": _itself,
    "organisation": _of_organisations,
}


def listings_of(session: Session, events: Iterable[Event]) -> list[int]:
    """The ids of every listing these changes touch, each once."""
    by_type: dict[str, set[int]] = {}
    for event in events:
        by_type.setdefault(event.entity_type, set()).add(event.entity_id)
    found: set[int] = set()
    for entity_type, ids in by_type.items():
        found.update(DEPENDENTS[entity_type](session, sorted(ids)))
    return sorted(found)
