"""The numbers of rights that a listing names, in a table of their own, so that who else names one is found at once.

Written in the transaction that writes the content; read by shared_rights.py.
"""

from collections.abc import Collection, Mapping

from sqlalchemy import delete, select, tuple_
from sqlalchemy.orm import Session

from marketplace import identifiers
from marketplace.db import insert_into
from marketplace.listings.content import Content, IpRight
from marketplace.listings.models import ListingRevision, ListingRight


def numbers_of(content: Content) -> dict[str, IpRight]:
    """The numbers that a content names, each with the right as it was typed (the first of equal ones)."""
    found: dict[str, IpRight] = {}
    for right in getattr(content, "ip_rights", ()):
        if key := identifiers.right_key(right.number, right.kind):
            found.setdefault(key, right)
    return found


def note(session: Session, revision: ListingRevision) -> None:
    """Store what the newest revision of a listing names, beside what its accepted one names."""
    numbers = set(numbers_of(revision.typed_content()))
    if (accepted := revision.listing.accepted_revision) is not None:
        numbers |= numbers_of(accepted.typed_content()).keys()
    note_all(session, {revision.listing_id: numbers})


def note_all(session: Session, numbers: Mapping[int, Collection[str]], *, also: bool = False) -> None:
    """Store the numbers of listings, by id, in place of those they had; with `also` beside them."""
    wanted = {(listing_id, number) for listing_id, keys in numbers.items() for number in keys}
    row = ListingRight
    stored = {
        (listing_id, number)
        for listing_id, number in session.execute(
            select(row.listing_id, row.number).where(row.listing_id.in_(numbers))
        )
    }
    if (gone := stored - wanted) and not also:
        session.execute(delete(row).where(tuple_(row.listing_id, row.number).in_(sorted(gone))))
    if fresh := sorted(wanted - stored):
        values = [{"listing_id": listing_id, "number": number} for listing_id, number in fresh]
        session.execute(insert_into(session, row).on_conflict_do_nothing(), values)
