"""Matching many demands again by hand: what is to be done stands in the outbox, so that it survives a stop."""

from collections.abc import Callable

from flask import current_app

from marketplace import outbox
from marketplace.extensions import db
from marketplace.matching.services import runs
from marketplace.web.transaction import unit_of_work

CONSUMER = "matching"


def queue(*, anew: bool) -> None:
    """Put demands into the queue: those another version matched, or with `anew` every published one."""
    now = current_app.extensions["clock"].now()
    current_app.extensions["lexicon"].refresh(db.session, at_once=True)
    with unit_of_work() as session:
        demands = runs.published_demands(session) if anew else runs.stale_demands(session)
        outbox.emit_once(session, CONSUMER, "listing", demands, now=now, quiet=True)


def waiting(consumer: str = CONSUMER) -> int:
    """How many changes matching, or another reader of the outbox, has still to hear of."""
    return outbox.depth(db.session).get(consumer, 0)


def work(done: Callable[[int], object], consumer: str = CONSUMER) -> int:
    """Work off the queue, the index first; `done` hears of every batch. Returns how many still wait."""
    before = 0

    def report(name: str, count: int) -> None:
        nonlocal before
        if name == consumer:
            done(count - before)
            before = count

    current_app.extensions["worker"](only=("index", consumer), report=report)
    return waiting(consumer)
