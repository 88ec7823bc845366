"""The worker's round over the freshness clock: reminders that are due, then listings whose days are over.

Each listing is a transaction of its own, so that one that fails stops no other and nobody waits long for the lock.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime

import structlog
from sqlalchemy.orm import Session

from marketplace.clock import legal_day
from marketplace.extensions import db
from marketplace.listings.services import reminding
from marketplace.web.transaction import unit_of_work

log = structlog.get_logger(__name__)

#: Listings that one round does of each kind; the next round goes on with the others.
PER_ROUND = 100
#: So many are looked at, so that listings that fail do not keep the others from their turn.
_LOOKED_AT = 20 * PER_ROUND

_WORK = {
    "listings reminded": (reminding.due, reminding.remind),
    "listings off line": (reminding.overdue, reminding.lapse),
}


def run(*, secret: str, now: datetime) -> dict[str, int]:
    """Do what is due by now, a bounded number of listings; returns how many of each kind were done."""
    done = {name: _each(find, act, secret, now) for name, (find, act) in _WORK.items()}
    return {name: count for name, count in done.items() if count}


def _each(
    find: Callable[[Session, date, int], Sequence[int]],
    act: Callable[..., bool],
    secret: str,
    now: datetime,
) -> int:
    db.session.rollback()
    waiting = find(db.session, legal_day(now), _LOOKED_AT)
    db.session.rollback()
    done = 0
    for listing_id in waiting:
        if done == PER_ROUND:
            break
        try:
            with unit_of_work() as session:
                done += act(session, listing_id, secret=secret, now=now)
        except Exception as error:
            log.error("freshness clock failed", listing=listing_id, exc_info=error)
    return done
