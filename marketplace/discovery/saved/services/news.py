"""What is new for a saved search: first published or changed since a moment, and open to its person now."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from marketplace.discovery.services import Found, several
from marketplace.listings.models import Listing
from marketplace.permissions import Actor
from search.backend import SearchEngine
from search.query import MAX_PAGE_SIZE, Level, SearchRequest

#: A search that gives up words to have hits at all has none worth an alert.
_STRICT = frozenset({Level.EVERYTHING, Level.ALL_WORDS})


@dataclass(frozen=True)
class Question:
    """What is asked for one saved search: its request among what was confirmed lately, and since when."""

    request: SearchRequest
    since: datetime


def news(
    session: Session, engine: SearchEngine, actor: Actor, questions: Sequence[Question], most: int
) -> list[list[Listing]]:
    """For each question what is new, last changed first; about `most` hits of each are looked at.

    The engines are asked page by page for all questions together. Raises EngineUnavailable.
    """
    found: list[list[Listing]] = [[] for _question in questions]
    open_places, page = list(range(len(questions))), 1
    while open_places and (page - 1) * MAX_PAGE_SIZE < most:
        requests = [replace(questions[place].request, page=page) for place in open_places]
        answers = dict(zip(open_places, several(session, engine, actor, requests), strict=True))
        for place, answer in answers.items():
            found[place] += _new(answer, questions[place].since)
        open_places = [place for place, answer in answers.items() if _more(answer, page)]
        page += 1
    return [sorted(listings, key=changed_at, reverse=True) for listings in found]


def changed_at(listing: Listing) -> datetime:
    """When what the public sees of it was accepted."""
    return listing.accepted_revision.decided_at


def is_first(listing: Listing) -> bool:
    """Whether what the public sees is what was published first."""
    return listing.published_at == changed_at(listing)


def _new(answer: Found, since: datetime) -> list[Listing]:
    if answer.result.reading.level not in _STRICT:
        return []
    return [listing for listing in answer.listings if changed_at(listing) > since]


def _more(answer: Found, page: int) -> bool:
    return answer.result.reading.level in _STRICT and answer.result.total > page * MAX_PAGE_SIZE
