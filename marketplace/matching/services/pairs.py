"""Matches as their two sides see them: the open and accepted pairs, best first, and those declined."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from marketplace.db import insert_into
from marketplace.errors import NotFound
from marketplace.listings import states
from marketplace.listings.content import Kind
from marketplace.listings.models import Listing
from marketplace.listings.services import reading
from marketplace.listings.services.drafts import find_listing
from marketplace.matching.models import MatchDecision, MatchEntry, MatchRun, MatchShowing
from marketplace.matching.services import declines
from marketplace.matching.services.runs import KEPT, latest_run, latest_runs
from marketplace.matching.subjects import open_subject, subject
from marketplace.permissions import Actor, Permission, can, require
from search.match_result import Match
from search.other_side import as_offered

#: Declined pairs of one listing that are still shown, the newest first.
_MOST_DECLINED = 50


@dataclass(frozen=True)
class Pair:
    """One match, as its reader may see it, with the standing decision on it.

    `earlier` is a decline that a change has overtaken.
    """

    entry: MatchEntry
    match: Match
    demand: Listing
    achievement: Listing
    decision: MatchDecision | None
    earlier: MatchDecision | None = None


@dataclass(frozen=True)
class OwnMatches:
    """The matches of one's own listing; `run` is None for an achievement, which stands in many runs.

    `decides` tells whether the reader may decide on them; staff and readers of a paused listing may not.
    """

    listing: Listing
    run: MatchRun | None
    pairs: list[Pair]
    declined: list[Pair]
    decides: bool


def matches_of(session: Session, actor: Actor, number: str) -> OwnMatches:
    """The matches of one's own demand or achievement, best first. Raises NotFound or Forbidden."""
    listing = find_listing(session, number)
    require(actor, Permission.MATCH_VIEW, listing.permission_subject(), view=Permission.MATCH_VIEW)
    run = latest_run(session, listing.id) if listing.kind == Kind.DEMAND else None
    made = _decisions(session, listing)
    refused = [one for one in made if one.decision == declines.DECLINED and one.lapsed_at is None]
    entries = _entries(session, *_shown_entries(listing, run))
    declined = _entries(session, MatchEntry.id.in_([one.entry_id for one in refused[:_MOST_DECLINED]]))
    seen = _visible_pairs(session, actor, listing, [*entries, *declined], made)
    shown = [pair for pair in seen[: len(entries)] if pair is not None and not _is_declined(pair)]
    return OwnMatches(
        listing,
        run,
        # Without a hidden budget a score may be another than the one the run was ordered by.
        pairs=sorted(shown, key=lambda pair: -pair.match.score),
        declined=[pair for pair in seen[len(entries) :] if pair is not None],
        decides=can(actor, Permission.MATCH_DECIDE, listing.permission_subject()),
    )


def pair_of(session: Session, actor: Actor, number: str, other: str) -> Pair:
    """One match of one's own listing with another listing, also a declined one. Raises NotFound."""
    return pair_in(matches_of(session, actor, number), other)


def pair_in(own: OwnMatches, other: str) -> Pair:
    """The match with the listing of that number. Raises NotFound."""
    for pair in (*own.pairs, *own.declined):
        if other in (pair.demand.number, pair.achievement.number):
            return pair
    raise NotFound


def new_showings(session: Session, own: OwnMatches, now: datetime) -> list[dict]:
    """What `note_showings` has to keep of a list that is being shown: the pairs not shown there before.

    Nothing where the reader cannot decide: what staff look at has not been shown to the side it belongs to.
    """
    if not own.decides:
        return []
    known = _shown_before(session, own)
    return [
        {
            "demand_id": pair.demand.id,
            "achievement_id": pair.achievement.id,
            "side": str(own.listing.kind),
            "algorithm": pair.entry.run.algorithm,
            "entry_id": pair.entry.id,
            "position": position,
            "score": pair.entry.score,
            "shown_at": now,
        }
        for position, pair in enumerate(own.pairs, 1)
        if (pair.demand.id, pair.achievement.id, pair.entry.run.algorithm) not in known
    ]


def _shown_before(session: Session, own: OwnMatches) -> set[tuple[int, int, str]]:
    """Demand, achievement and algorithm of the pairs of a list that have stood in it."""
    rows = session.execute(
        select(MatchShowing.demand_id, MatchShowing.achievement_id, MatchShowing.algorithm).where(
            MatchShowing.side == str(own.listing.kind),
            MatchShowing.demand_id.in_({pair.demand.id for pair in own.pairs}),
            MatchShowing.achievement_id.in_({pair.achievement.id for pair in own.pairs}),
        )
    )
    return {(demand_id, achievement_id, algorithm) for demand_id, achievement_id, algorithm in rows}


def note_showings(session: Session, showings: Sequence[dict]) -> None:
    """Keep what was shown; of a pair in one side's list under one algorithm the first time counts."""
    entries = {one["entry_id"] for one in showings}
    # A run may have been replaced between showing and noting.
    kept = set(session.scalars(select(MatchEntry.id).where(MatchEntry.id.in_(entries))))
    rows = [one for one in showings if one["entry_id"] in kept]
    if rows:
        session.execute(insert_into(session, MatchShowing).values(rows).on_conflict_do_nothing())


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
            & (MatchDecision.achievement_id == MatchEntry.achievement_id)
            & MatchDecision.lapsed_at.is_(None),
        )
        .where(MatchRun.demand_id.in_(demand_ids), MatchRun.id.in_(latest_runs()), MatchDecision.id.is_(None))
    ).all()
    counts: dict[int, tuple[int, int]] = {}
    for demand_id, score in rows:
        number, best = counts.get(demand_id, (0, 0))
        counts[demand_id] = (number + 1, max(best, round(score)))
    return counts


def _shown_entries(listing: Listing, run: MatchRun | None) -> tuple:
    """Which entries stand in the list of a listing: those of its run, or its places in the runs of demands."""
    if listing.kind == Kind.DEMAND:
        return (MatchEntry.run_id == (run.id if run else None),)
    return (MatchEntry.achievement_id == listing.id, MatchEntry.run_id.in_(latest_runs()))


def _entries(session: Session, *conditions) -> list[MatchEntry]:
    return list(
        session.scalars(
            select(MatchEntry)
            .where(*conditions)
            .options(
                joinedload(MatchEntry.run).joinedload(MatchRun.revision),
                joinedload(MatchEntry.revision),
                joinedload(MatchEntry.achievement).joinedload(Listing.organisation),
                joinedload(MatchEntry.achievement).joinedload(Listing.accepted_revision),
            )
            .order_by(MatchEntry.score.desc(), MatchEntry.id)
            .limit(KEPT * 2 + _MOST_DECLINED)
        )
    )


def _visible_pairs(
    session: Session,
    actor: Actor,
    listing: Listing,
    entries: Sequence[MatchEntry],
    made: Sequence[MatchDecision],
) -> list[Pair | None]:
    """A pair for every entry with the decisions on it; None where this person may not see the other side now."""
    demands = reading.by_ids(session, {entry.run.demand_id for entry in entries})
    standing = {(one.demand_id, one.achievement_id): one for one in made if one.lapsed_at is None}
    lapsed = {(one.demand_id, one.achievement_id): one for one in made if one.lapsed_at is not None}
    pairs: list[Pair | None] = []
    for entry in entries:
        demand = demands.get(entry.run.demand_id)
        other = entry.achievement if listing.kind == Kind.DEMAND else demand
        if demand is None or not can(actor, Permission.LISTING_VIEW, other.permission_subject()):
            pairs.append(None)
            continue
        both = (demand.id, entry.achievement_id)
        match = _as_seen(entry, demand, listing)
        pairs.append(
            Pair(entry, match, demand, entry.achievement, standing.get(both), earlier=lapsed.get(both))
        )
    return pairs


def _as_seen(entry: MatchEntry, demand: Listing, own: Listing) -> Match:
    """The match as the people of one's own listing may see it."""
    match = Match.from_json(entry.detail)
    if own.kind == Kind.DEMAND:
        return match
    return as_offered(
        match, open_subject(demand, entry.run.revision), subject(entry.achievement, entry.revision)
    )


def _decisions(session: Session, listing: Listing) -> list[MatchDecision]:
    """What was decided on a listing's pairs, the newest first."""
    column = MatchDecision.demand_id if listing.kind == Kind.DEMAND else MatchDecision.achievement_id
    rows = session.scalars(
        select(MatchDecision).where(column == listing.id).order_by(MatchDecision.id.desc())
    )
    return list(rows)


def _is_declined(pair: Pair) -> bool:
    return pair.decision is not None and pair.decision.decision == declines.DECLINED
