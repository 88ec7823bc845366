"""The worker's count of supply against demand: read outside the writing transaction, stored in one of its own."""

from datetime import datetime

from marketplace.extensions import db
from marketplace.pooling.services import gaps
from marketplace.web.transaction import unit_of_work


def run(*, now: datetime) -> bool:
    """Count again where something has changed and the last count is old enough; returns whether it did."""
    db.session.rollback()
    basis = gaps.due(db.session, now=now)
    if basis is None:
        return False
    counted = gaps.count(db.session, basis)
    with unit_of_work() as session:
        gaps.store(session, counted, now=now)
    return True
