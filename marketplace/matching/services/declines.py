"""Declined pairs: they stay out of the lists until what was named has changed, and owners count the reasons."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload

from marketplace.listings.content import Kind
from marketplace.listings.models import Listing
from marketplace.matching.models import MatchDecision, MatchEntry, MatchRun
from marketplace.matching.reopening import is_overtaken
from marketplace.matching.subjects import subject
from search.match_result import MatchSubject

DECLINED = "declined"


def standing(session: Session, listing: Listing) -> dict[int, MatchDecision]:
    """The declines of a listing's pairs that have not lapsed, by the other side, with what they were made on."""
    own, other = _sides(listing)
    rows = session.scalars(
        select(MatchDecision)
        .where(own == listing.id, MatchDecision.decision == DECLINED, MatchDecision.lapsed_at.is_(None))
        .options(
            joinedload(MatchDecision.demand),
            joinedload(MatchDecision.achievement),
            joinedload(MatchDecision.entry).joinedload(MatchEntry.revision),
            joinedload(MatchDecision.entry).joinedload(MatchEntry.run).joinedload(MatchRun.revision),
        )
    )
    return {getattr(row, other.key): row for row in rows}


def without(
    declined: Mapping[int, MatchDecision], own: MatchSubject, others: Sequence[MatchSubject]
) -> list[MatchSubject]:
    """The other sides that are not declined, or whose decline has been overtaken by a change."""
    return [other for other in others if not _holds(declined.get(other.listing_id), own, other)]


def lapse(session: Session, demand_id: int, achievement_ids: Sequence[int], *, now: datetime) -> None:
    """Open the pairs again that a new run shows."""
    session.execute(
        update(MatchDecision)
        .where(
            MatchDecision.demand_id == demand_id,
            MatchDecision.achievement_id.in_(achievement_ids),
            MatchDecision.decision == DECLINED,
            MatchDecision.lapsed_at.is_(None),
        )
        .values(lapsed_at=now, version=MatchDecision.version + 1)
    )


def reasons_of(session: Session, listing: Listing) -> dict[str, int]:
    """How often other sides declined this listing, by reason code, the most frequent first."""
    own, _other = _sides(listing)
    rows = session.execute(
        select(MatchDecision.reason_code, func.count())
        .where(own == listing.id, MatchDecision.decision == DECLINED, MatchDecision.side != str(listing.kind))
        .group_by(MatchDecision.reason_code)
        .order_by(func.count().desc(), MatchDecision.reason_code)
    )
    return dict(rows.all())


def _sides(listing: Listing) -> tuple[InstrumentedAttribute[int], InstrumentedAttribute[int]]:
    """The columns of one's own side and of the other."""
    columns = (MatchDecision.demand_id, MatchDecision.achievement_id)
    return columns if listing.kind == Kind.DEMAND else columns[::-1]


def _holds(decision: MatchDecision | None, own: MatchSubject, other: MatchSubject) -> bool:
    if decision is None:
        return False
    now = (own, other) if own.kind == Kind.DEMAND else (other, own)
    return not is_overtaken(decision.reason_code, _as_decided(decision), now)


def _as_decided(decision: MatchDecision) -> tuple[MatchSubject, MatchSubject]:
    """Demand and achievement as they were when the pair was declined."""
    entry = decision.entry
    return subject(decision.demand, entry.run.revision), subject(decision.achievement, entry.revision)
