"""The index's reader of the outbox: re-reads the rows, writes or deletes their documents."""

from sqlalchemy.orm import Session

from marketplace.indexing import batches, dependents, documents
from marketplace.outbox import Event
from search.backend import SearchEngine
from search.documents import KINDS, doc_id


def consume(session: Session, engine: SearchEngine, events: list[Event]) -> None:
    """Bring the index up to date with the listings these events touch. Safe to repeat."""
    version = batches.draw()
    ids = dependents.listings_of(session, events)
    rows = {listing.id: listing for listing in documents.rows_of_ids(session, ids)}
    upserts = [made for made in map(documents.document, rows.values()) if made is not None]
    kept = {made.listing_id for made in upserts}
    deletes = [name for i in ids if i not in kept for name in _names(rows.get(i), i)]
    session.rollback()  # nothing calls the engine inside a transaction
    engine.apply(upserts, deletes, version=version)


def _names(listing, listing_id: int) -> list[str]:
    """The document's name; under every kind when the row is gone and its kind unknown."""
    if listing is not None:
        return [doc_id(str(listing.kind), listing_id)]
    return [doc_id(kind, listing_id) for kind in KINDS]
