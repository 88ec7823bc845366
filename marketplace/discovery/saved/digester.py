"""The worker's round over due searches: asks the engine as each person, then tells him once.

Searching happens outside the transaction that tells; what was found is checked again there only for having been
told before. A search that cannot be asked as it was saved is taken up without being asked.
"""

from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from marketplace.accounts.services import people
from marketplace.clock import legal_day
from marketplace.discovery.saved import asking
from marketplace.discovery.saved.models import SavedSearch
from marketplace.discovery.saved.services import digests, news
from marketplace.discovery.services import scopes
from marketplace.extensions import db
from marketplace.listings.models import Listing
from marketplace.permissions import Actor
from marketplace.web.transaction import unit_of_work
from search.backend import EngineUnavailable, SearchEngine

log = structlog.get_logger(__name__)

#: People whose digests one round makes; the next round goes on with the others.
PEOPLE_PER_ROUND = 20
#: Hits looked at for one search; what is beyond them is found by the next digest.
MOST_HITS = 500


def run(engine: SearchEngine, *, secret: str, now: datetime) -> int:
    """Make the digests that are due, of a bounded number of people; returns how many were made.

    While no engine answers, everybody waits for the next round as if nothing had happened.
    """
    db.session.rollback()
    waiting = digests.people_due(db.session, now=now, limit=PEOPLE_PER_ROUND)
    db.session.rollback()
    made = 0
    for user_id in waiting:
        try:
            made += _digest(engine, user_id, secret=secret, now=now)
        except EngineUnavailable as error:
            log.warning("search engine not available", work="search digests", error=str(error))
            break
        except Exception as error:
            log.error("search digest failed", user=user_id, exc_info=error)
            with unit_of_work() as session:
                digests.postpone(session, user_id, now=now)
    return made


def _digest(engine: SearchEngine, user_id: int, *, secret: str, now: datetime) -> bool:
    """One person's digest; tells whether there was one."""
    found = _found(db.session, engine, user_id, now)
    db.session.rollback()
    with unit_of_work() as session:
        return digests.tell(session, user_id, found, secret=secret, now=now) is not None


def _found(
    session: Session, engine: SearchEngine, user_id: int, now: datetime
) -> dict[int, list[digests.Item]]:
    """What is new for each of the person's due searches and open to him, with the roles he has today."""
    session.rollback()
    actor = people.actor_of(people.load(session, user_id), legal_day(now))
    questions = {
        search.id: _question(search, actor, now) for search in digests.due_of(session, user_id, now=now)
    }
    session.rollback()  # nothing calls the engine inside a transaction
    asked = {search_id: question for search_id, question in questions.items() if question is not None}
    answers = news.news(session, engine, actor, list(asked.values()), MOST_HITS)
    found = dict(zip(asked, answers, strict=True))
    return {search_id: [_item(listing) for listing in found.get(search_id, ())] for search_id in questions}


def _question(search: SavedSearch, actor: Actor, now: datetime) -> news.Question | None:
    """What to ask; None for a search with a condition that is no longer known."""
    asked = asking.restored(search.parameters)
    if asked.unknown:
        return None
    moment = digests.since(search)
    request = asking.since(asked, scopes(actor), legal_day(moment), legal_day(now))
    return news.Question(request, moment)


def _item(listing: Listing) -> digests.Item:
    return digests.Item(
        listing.id,
        listing.accepted_revision.id,
        listing.number,
        listing.accepted_revision.title,
        news.is_first(listing),
    )
