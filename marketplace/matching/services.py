"""Matches: calculating and storing them, reading them, deciding on a pair."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, joinedload

from marketplace import audit
from marketplace.clock import legal_day
from marketplace.errors import N_, Conflict, Invalid, NotFound
from marketplace.listings import states
from marketplace.listings.content import Kind
from marketplace.listings.models import Listing
from marketplace.listings.services.drafts import find_listing
from marketplace.matching.models import MatchDecision, MatchEntry, MatchRun
from marketplace.matching.reasons import DECLINE_REASONS
from marketplace.matching.subjects import subject
from marketplace.notices import services as notices
from marketplace.permissions import Actor, Member, Permission, Role, can, require, scopes_of_actor
from search.calibration import Band
from search.match_result import Match, MatchSubject
from search.matching import ALGORITHM_VERSION, CANDIDATES, Matcher

#: How many matches of a demand are kept and shown.
KEPT = 20
#: Below this band a pair is not worth showing.
LEAST_BANDS = frozenset({Band.SOME, Band.FAIR, Band.HIGH})


@dataclass(frozen=True)
class Pair:
    """One match with what was decided on it and who may decide."""

    entry: MatchEntry
    match: Match
    demand: Listing
    achievement: Listing
    decision: MatchDecision | None


def calculate(session: Session, matcher: Matcher, demand: Listing, *, now: datetime) -> list[Match]:
    """The best achievements for a published demand that its owner may see. Writes nothing."""
    wanted = subject(demand, demand.accepted_revision)
    found = matcher.match(
        wanted,
        lambda ids: _subjects(session, ids),
        _owner_scopes(demand),
        today=legal_day(now),
        limit=KEPT * 2,
    )
    # What a source brought in belongs to many houses; only a real organisation is never matched with itself.
    own = demand.organisation_id if demand.organisation.credit_code else None
    houses = _houses(session, [match.achievement_id for match in found])
    kept = [m for m in found if m.band in LEAST_BANDS and houses.get(m.achievement_id) != own]
    return kept[:KEPT]


def store(
    session: Session, demand: Listing, matches: Sequence[Match], *, now: datetime, quiet: bool
) -> MatchRun | None:
    """Keep a new run when it says something new; tell the owner of achievements not seen before.

    Runs that nobody decided on are replaced; returns None when nothing changed.
    """
    last = latest_run(session, demand.id)
    if last is not None and _same(last, demand, matches):
        return None
    known = {entry.achievement_id for entry in last.entries} if last else set()
    run = _write(session, demand, matches, now)
    _forget_undecided(session, demand.id, keep=run.id)
    fresh = [match for match in matches if match.achievement_id not in known]
    if fresh and not quiet and demand.author_id:
        notices.tell(
            session,
            demand.author_id,
            "match_found",
            key=f"match:{demand.id}:{run.id}",
            path=f"/my/listings/{demand.number}/matches",
            params={
                "title": demand.accepted_revision.title,
                "count": len(fresh),
                "best": max(m.headline for m in fresh),
            },
            now=now,
        )
    return run


def affected_demands(
    session: Session, matcher: Matcher, achievement: Listing, limit: int = KEPT
) -> list[int]:
    """Published demands for which a new or changed achievement may matter: the likest, and those showing it."""
    shown_in = session.scalars(
        select(MatchRun.demand_id)
        .join(MatchEntry)
        .where(MatchEntry.achievement_id == achievement.id)
        .distinct()
    )
    ids = set(shown_in)
    if achievement.state == states.PUBLISHED:
        offered = subject(achievement, achievement.accepted_revision)
        likest = matcher.candidates(offered, _everything(), CANDIDATES)
        ids.update(item.listing_id for item in likest[:limit])
    return sorted(ids)


def published_demands(session: Session) -> list[int]:
    """Every demand that has matches."""
    return list(
        session.scalars(
            select(Listing.id).where(Listing.kind == Kind.DEMAND, Listing.state == states.PUBLISHED)
        )
    )


def latest_run(session: Session, demand_id: int) -> MatchRun | None:
    """The newest run of a demand with its entries."""
    return session.scalar(
        select(MatchRun)
        .where(MatchRun.demand_id == demand_id)
        .order_by(MatchRun.id.desc())
        .limit(1)
        .options(joinedload(MatchRun.entries))
    )


def matches_of(session: Session, actor: Actor, number: str) -> tuple[Listing, MatchRun | None, list[Pair]]:
    """The matches of one's own demand or achievement, best first. Raises NotFound or Forbidden."""
    listing = find_listing(session, number)
    require(actor, Permission.MATCH_VIEW, listing.permission_subject(), view=Permission.MATCH_VIEW)
    if listing.kind == Kind.DEMAND:
        run = latest_run(session, listing.id)
        entries = _entries(session, MatchEntry.run_id == run.id) if run else []
    else:
        run = None
        entries = _entries(
            session,
            MatchEntry.achievement_id == listing.id,
            MatchEntry.run_id.in_(_latest_runs()),
        )
    return listing, run, _visible_pairs(session, actor, listing, entries)


def pair_of(session: Session, actor: Actor, number: str, other: str) -> Pair:
    """One match of one's own listing with another listing. Raises NotFound."""
    _listing, _run, pairs = matches_of(session, actor, number)
    for pair in pairs:
        if other in (pair.demand.number, pair.achievement.number):
            return pair
    raise NotFound


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
    if decision == "declined" and reason_code not in DECLINE_REASONS:
        raise Invalid({"reason_code": [N_("请选择不合适的原因，对方会看到。")]})
    made = MatchDecision(
        demand_id=pair.demand.id,
        achievement_id=pair.achievement.id,
        entry_id=pair.entry.id,
        decision=decision,
        reason_code=reason_code if decision == "declined" else None,
        note=note.strip()[:500] or None,
        decided_by_id=actor.user_id,
        side=str(listing.kind),
        decided_at=now,
    )
    session.add(made)
    session.flush()
    audit.record(session, actor, f"match.{decision}", "match", pair.entry.id, now=now, membership=member)
    _tell_other_side(session, pair, made, listing, now)
    return made


def waiting(session: Session, actor: Actor, limit: int = 10) -> list[tuple[Listing, int, int]]:
    """One's own demands with undecided matches: (demand, how many, best score), for the workbench."""
    houses = {m.organisation_id for m in actor.members}
    demands = session.scalars(
        select(Listing)
        .where(
            Listing.kind == Kind.DEMAND,
            Listing.state == states.PUBLISHED,
            Listing.organisation_id.in_(houses),
        )
        .options(joinedload(Listing.accepted_revision))
        .order_by(Listing.id.desc())
        .limit(50)
    ).all()
    demands = [d for d in demands if can(actor, Permission.MATCH_DECIDE, d.permission_subject())]
    counts = _undecided(session, [d.id for d in demands])
    return [(d, *counts[d.id]) for d in demands if d.id in counts][:limit]


def _undecided(session: Session, demand_ids: list[int]) -> dict[int, tuple[int, int]]:
    rows = session.execute(
        select(MatchRun.demand_id, MatchEntry.score)
        .join(MatchEntry)
        .outerjoin(
            MatchDecision,
            (MatchDecision.demand_id == MatchRun.demand_id)
            & (MatchDecision.achievement_id == MatchEntry.achievement_id),
        )
        .where(
            MatchRun.demand_id.in_(demand_ids), MatchRun.id.in_(_latest_runs()), MatchDecision.id.is_(None)
        )
    ).all()
    counts: dict[int, tuple[int, int]] = {}
    for demand_id, score in rows:
        number, best = counts.get(demand_id, (0, 0))
        counts[demand_id] = (number + 1, max(best, round(score)))
    return counts


def _latest_runs():
    """Ids of the newest run of every demand, as a subquery."""
    return select(func.max(MatchRun.id)).group_by(MatchRun.demand_id).scalar_subquery()


def _entries(session: Session, *conditions) -> list[MatchEntry]:
    return list(
        session.scalars(
            select(MatchEntry)
            .where(*conditions)
            .options(
                joinedload(MatchEntry.run),
                joinedload(MatchEntry.achievement).joinedload(Listing.organisation),
                joinedload(MatchEntry.achievement).joinedload(Listing.accepted_revision),
            )
            .order_by(MatchEntry.score.desc(), MatchEntry.id)
            .limit(KEPT * 2)
        )
    )


def _visible_pairs(session: Session, actor: Actor, listing: Listing, entries: list[MatchEntry]) -> list[Pair]:
    """The pairs whose other side this person may see now, with the decisions on them."""
    demands = _by_id(session, {entry.run.demand_id for entry in entries})
    decisions = _decisions(session, listing)
    pairs = []
    for entry in entries:
        demand = demands.get(entry.run.demand_id)
        other = entry.achievement if listing.kind == Kind.DEMAND else demand
        if demand is None or not can(actor, Permission.LISTING_VIEW, other.permission_subject()):
            continue
        decision = decisions.get((demand.id, entry.achievement_id))
        pairs.append(Pair(entry, Match.from_json(entry.detail), demand, entry.achievement, decision))
    return pairs


def _by_id(session: Session, ids: set[int]) -> dict[int, Listing]:
    rows = session.scalars(
        select(Listing)
        .where(Listing.id.in_(ids))
        .options(joinedload(Listing.organisation), joinedload(Listing.accepted_revision))
    )
    return {row.id: row for row in rows}


def _decisions(session: Session, listing: Listing) -> dict[tuple[int, int], MatchDecision]:
    column = MatchDecision.demand_id if listing.kind == Kind.DEMAND else MatchDecision.achievement_id
    rows = session.scalars(select(MatchDecision).where(column == listing.id))
    return {(row.demand_id, row.achievement_id): row for row in rows}


def _subjects(session: Session, ids: Sequence[int]) -> list[MatchSubject]:
    rows = _by_id(session, set(ids))
    return [
        subject(rows[i], rows[i].accepted_revision)
        for i in ids
        if i in rows and rows[i].state == states.PUBLISHED
    ]


def _houses(session: Session, ids: Sequence[int]) -> dict[int, int]:
    return dict(session.execute(select(Listing.id, Listing.organisation_id).where(Listing.id.in_(ids))).all())


def _owner_scopes(listing: Listing) -> tuple[str, ...]:
    """What everybody of the owning organisation may see: the public listings and those for verified members."""
    roles = (Role.ENTERPRISE_MEMBER, Role.UNIT_MANAGER)
    members = tuple(Member(0, listing.organisation_id, role) for role in roles)
    return tuple(sorted(scopes_of_actor(Permission.LISTING_VIEW, "listing", Actor(0, members))))


def _everything() -> tuple[str, ...]:
    """The tokens under which every published demand can be found by the market itself."""
    operator = Actor(0, (Member(0, 0, Role.OPERATOR),))
    return tuple(sorted(scopes_of_actor(Permission.LISTING_VIEW, "listing", operator)))


def _same(run: MatchRun, demand: Listing, matches: Sequence[Match]) -> bool:
    if run.algorithm != ALGORITHM_VERSION or run.revision_id != demand.accepted_revision_id:
        return False
    stored = [(e.achievement_id, e.revision_id, round(e.score, 6)) for e in run.entries]
    return stored == [(m.achievement_id, m.achievement_revision_id, round(m.score, 6)) for m in matches]


def _write(session: Session, demand: Listing, matches: Sequence[Match], now: datetime) -> MatchRun:
    run = MatchRun(
        demand_id=demand.id,
        revision_id=demand.accepted_revision_id,
        algorithm=ALGORITHM_VERSION,
        candidates=len(matches),
        created_at=now,
    )
    run.entries = [
        MatchEntry(
            position=place,
            achievement_id=match.achievement_id,
            revision_id=match.achievement_revision_id,
            score=match.score,
            detail=match.to_json(),
        )
        for place, match in enumerate(matches, 1)
    ]
    session.add(run)
    session.flush()
    return run


def _forget_undecided(session: Session, demand_id: int, keep: int) -> None:
    """Delete older runs of a demand except those a decision refers to: what people acted on stays."""
    decided = select(MatchEntry.run_id).join(MatchDecision, MatchDecision.entry_id == MatchEntry.id)
    old = session.scalars(
        select(MatchRun.id).where(
            MatchRun.demand_id == demand_id, MatchRun.id != keep, MatchRun.id.not_in(decided)
        )
    ).all()
    if old:
        session.execute(delete(MatchEntry).where(MatchEntry.run_id.in_(old)))
        session.execute(delete(MatchRun).where(MatchRun.id.in_(old)))


def _tell_other_side(session: Session, pair: Pair, made: MatchDecision, own: Listing, now: datetime) -> None:
    other = pair.achievement if own.kind == Kind.DEMAND else pair.demand
    if made.decision != "declined" or not other.author_id:
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
