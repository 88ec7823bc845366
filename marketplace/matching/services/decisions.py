"""Accepting and declining a pair: once, with a reason that reaches the other side."""

from datetime import datetime

from sqlalchemy.orm import Session

from marketplace import audit, outbox
from marketplace.errors import N_, Conflict, Invalid
from marketplace.listings.content import Kind
from marketplace.listings.models import Listing
from marketplace.listings.services.drafts import find_listing
from marketplace.matching.models import MatchDecision
from marketplace.matching.reasons import DECLINE_REASONS
from marketplace.matching.services.declines import DECLINED
from marketplace.matching.services.pairs import Pair, pair_of
from marketplace.notices import services as notices
from marketplace.permissions import Actor, Permission, require


def decide(
    session: Session,
    actor: Actor,
    number: str,
    other: str,
    decision: str,
    *,
    now: datetime,
    reason_code: str | None = None,
    note: str = "",
) -> MatchDecision:
    """Accept a match, or decline it with a reason code that the other side sees.

    Raises Conflict when the pair has been decided, Invalid without a reason.
    """
    listing = find_listing(session, number)
    member = require(actor, Permission.MATCH_DECIDE, listing.permission_subject(), view=Permission.MATCH_VIEW)
    pair = pair_of(session, actor, number, other)
    if pair.decision is not None:
        raise Conflict(N_("这一对已经处理过了。"))
    if decision == DECLINED and reason_code not in DECLINE_REASONS:
        raise Invalid({"reason_code": [N_("请选择不合适的原因，对方会看到。")]})
    made = MatchDecision(
        demand_id=pair.demand.id,
        achievement_id=pair.achievement.id,
        entry_id=pair.entry.id,
        decision=decision,
        reason_code=reason_code if decision == DECLINED else None,
        note=note.strip()[:500] or None,
        decided_by_id=actor.user_id,
        side=str(listing.kind),
        decided_at=now,
    )
    session.add(made)
    session.flush()
    audit.record(session, actor, f"match.{decision}", "match", pair.entry.id, now=now, membership=member)
    if decision == DECLINED:
        _tell_other_side(session, pair, made, listing, now)
        # The next best takes the declined one's place; nobody is told of it.
        outbox.emit_once(session, "matching", "listing", [pair.demand.id], now=now, quiet=True)
    return made


def _tell_other_side(session: Session, pair: Pair, made: MatchDecision, own: Listing, now: datetime) -> None:
    other = pair.achievement if own.kind == Kind.DEMAND else pair.demand
    if not other.author_id:
        return
    notices.tell(
        session,
        other.author_id,
        "match_declined",
        key=f"match-decision:{made.id}",
        path=f"/my/listings/{other.number}/matches",
        params={"title": other.accepted_revision.title, "reason": DECLINE_REASONS[made.reason_code]},
        now=now,
    )
