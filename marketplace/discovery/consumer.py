"""Discovery's reader of the outbox: the words of a listing that changed are suggested at once, or not any more."""

from marketplace.discovery.services import vocabulary
from marketplace.outbox import Event
from marketplace.web.transaction import unit_of_work


def consume(events: list[Event]) -> None:
    """Bring the vocabulary up to date with the listings these events touch. Safe to repeat."""
    with unit_of_work() as session:
        vocabulary.refresh(session, sorted({event.entity_id for event in events}))
