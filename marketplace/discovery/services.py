"""Searching the market: the engine finds, the database has the last word on what may be shown."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from marketplace.listings.models import Listing
from marketplace.listings.services import reading
from marketplace.permissions import Actor, Permission, scopes_of_actor
from search.backend import EngineUnavailable, SearchEngine, SearchResult
from search.query import SearchRequest


@dataclass(frozen=True)
class Found:
    """One page of results: the listings in the engine's order, and what the engine said."""

    request: SearchRequest
    result: SearchResult
    listings: tuple[Listing, ...]
    available: bool = True


def scopes(actor: Actor) -> tuple[str, ...]:
    """The visibility tokens of this person for listings: the search filter of the policy."""
    return tuple(sorted(scopes_of_actor(Permission.LISTING_VIEW, "listing", actor)))


def search(session: Session, engine: SearchEngine, actor: Actor, request: SearchRequest) -> Found:
    """Ask the engine, read the rows again and check each: a stale index shows nothing it should not.

    An engine that cannot answer gives an empty result marked unavailable; the page says so.
    """
    try:
        result = engine.search(request)
    except EngineUnavailable:
        return Found(request, SearchResult(), (), available=False)
    rows = reading.by_ids(session, [hit.listing_id for hit in result.hits])
    shown = [rows[hit.listing_id] for hit in result.hits if hit.listing_id in rows]
    return Found(request, result, tuple(listing for listing in shown if reading.visible(actor, listing)))
