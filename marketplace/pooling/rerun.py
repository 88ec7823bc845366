"""Clustering the whole market again by hand: what is to be done stands in the outbox, so it survives a stop."""

from flask import current_app

from marketplace import outbox
from marketplace.matching.services.runs import published_demands
from marketplace.web.transaction import unit_of_work

CONSUMER = "pooling"


def queue() -> None:
    """Put every published demand into the queue, quietly: nobody is asked of himself about old news."""
    now = current_app.extensions["clock"].now()
    with unit_of_work() as session:
        outbox.emit_once(session, CONSUMER, "listing", published_demands(session), now=now, quiet=True)
