"""Searching the market: the engine finds, the database has the last word on what may be shown."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from marketplace.listings.models import Listing
from marketplace.listings.services import reading
from marketplace.permissions import Actor
from search.backend import EngineUnavailable, SearchEngine, SearchResult
from search.query import MAX_PAGE_SIZE, SearchRequest

#: Rows looked at while no engine answers.
_MOST_WITHOUT_ENGINE = 200


@dataclass(frozen=True)
class Found:
    """One page of results: the listings in the engine's order, and what the engine said."""

    request: SearchRequest
    result: SearchResult
    listings: tuple[Listing, ...]
    available: bool = True

    @property
    def pages(self) -> int:
        """How many pages can be opened."""
        return _last_page(self.request, self.result.total)


def search(session: Session, engine: SearchEngine, actor: Actor, request: SearchRequest) -> Found:
    """Ask the engine, read the rows again and check each: a stale index shows nothing it should not.

    While no engine answers, titles in the database are searched instead, marked as limited; the page says so.
    """
    try:
        result = engine.search(request)
        if not result.hits and result.total:
            # Beyond the end: the last page is more use than an empty one.
            request = replace(request, page=_last_page(request, result.total))
            result = engine.search(request)
    except EngineUnavailable:
        return _in_titles(session, actor, request)
    (found,) = _with_rows(session, actor, [(request, result)])
    return found


def counted(
    session: Session, engine: SearchEngine, actor: Actor, request: SearchRequest, *, indicators: bool = False
) -> Found:
    """The same answer for who wants its facets and not its hits, with the indicators among them if wanted."""
    asked = replace(request, page=1, page_size=1, with_indicators=indicators)
    return search(session, engine, actor, asked)


def several(
    session: Session, engine: SearchEngine, actor: Actor, requests: Sequence[SearchRequest]
) -> list[Found]:
    """One page of each search, with the rows of all of them read at once. Raises EngineUnavailable."""
    return _with_rows(session, actor, [(request, engine.search(request)) for request in requests])


def all_hits(
    session: Session, engine: SearchEngine, actor: Actor, request: SearchRequest, most: int
) -> tuple[list[Listing], bool]:
    """Up to `most` hits in the order of the result page, each checked; and whether there are more.

    Raises EngineUnavailable.
    """
    found: dict[int, Listing] = {}
    whole = replace(request, page=1, page_size=MAX_PAGE_SIZE, with_facets=False)
    for page in range(1, whole.last_page + 1):
        (answer,) = several(session, engine, actor, [replace(whole, page=page)])
        found.update((listing.id, listing) for listing in answer.listings)
        more = answer.result.total > page * MAX_PAGE_SIZE
        if not more or len(found) >= most:
            return list(found.values())[:most], more or len(found) > most
    return list(found.values()), True


def _with_rows(
    session: Session, actor: Actor, answers: Sequence[tuple[SearchRequest, SearchResult]]
) -> list[Found]:
    """What the engine said, with the listings this person may see now."""
    rows = reading.by_ids(session, {hit.listing_id for _request, result in answers for hit in result.hits})
    shown = {listing_id for listing_id, listing in rows.items() if reading.visible(actor, listing)}
    return [
        Found(request, result, tuple(rows[hit.listing_id] for hit in result.hits if hit.listing_id in shown))
        for request, result in answers
    ]


def _in_titles(session: Session, actor: Actor, request: SearchRequest) -> Found:
    """What can be found without an engine: by words of the title, without filters, facets and orders."""
    words = [clause.text for clause in request.parsed().clauses]
    rows = reading.titled(session, words, request.kinds, _MOST_WITHOUT_ENGINE)
    shown = [listing for listing in rows if reading.visible(actor, listing)]
    request = replace(request, page=min(request.page, _last_page(request, len(shown))))
    page = shown[request.offset : request.offset + request.page_size]
    return Found(request, SearchResult(total=len(shown)), tuple(page), available=False)


def _last_page(request: SearchRequest, total: int) -> int:
    return max(1, min(request.last_page, -(-total // request.page_size)))
