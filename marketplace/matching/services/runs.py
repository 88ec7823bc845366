"""Calculating and storing the matches of a demand, and finding the demands a change may concern."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import Session, aliased, joinedload

from marketplace.clock import legal_day
from marketplace.listings import states
from marketplace.listings.content import Kind, content_from_json
from marketplace.listings.models import Listing, ListingRevision
from marketplace.listings.services import reading
from marketplace.matching.models import MatchDecision, MatchEntry, MatchRun, MatchShowing
from marketplace.matching.services import declines
from marketplace.matching.subjects import subject, subject_of
from marketplace.notices import services as notices
from marketplace.permissions import Actor, Member, Role
from search.calibration import Band
from search.dictionary import dictionary_hash
from search.match_result import Match, MatchSubject
from search.matching import ALGORITHM_VERSION, CANDIDATES, Matcher

#: How many matches of a demand are kept and shown.
KEPT = 20
#: Below this band a pair is not worth showing.
LEAST_BANDS = frozenset({Band.SOME, Band.FAIR, Band.HIGH})


@dataclass(frozen=True)
class Calculated:
    """The matches worth showing, best first, and how many achievements were scored to find them."""

    matches: list[Match]
    candidates: int


def calculate(session: Session, matcher: Matcher, demand: Listing, *, now: datetime) -> Calculated:
    """The best achievements for a published demand that its owner may see. Writes nothing.

    A declined pair is left out until what the decline named has changed.
    """
    wanted = subject(demand, demand.accepted_revision)
    declined = declines.standing(session, demand)
    others: list[MatchSubject] = []

    def load(ids: Sequence[int]) -> list[MatchSubject]:
        others.extend(declines.without(declined, wanted, _of_others(session, demand, ids)))
        return others

    found = matcher.match(wanted, load, owner_scopes(demand), today=legal_day(now), limit=KEPT)
    return Calculated([match for match in found if match.band in LEAST_BANDS], len(others))


def store(
    session: Session, demand: Listing, calculated: Calculated, *, now: datetime, quiet: bool
) -> MatchRun | None:
    """Keep a new run when it says something new; tell the owner of achievements not seen before.

    Runs that nobody saw or decided on are replaced; returns None when nothing changed.
    """
    matches, last = calculated.matches, latest_run(session, demand.id)
    if last is not None and _same(last, demand, matches):
        return None
    known = {entry.achievement_id for entry in last.entries} if last else set()
    run = _write(session, demand, calculated, now)
    declines.lapse(session, demand.id, [match.achievement_id for match in matches], now=now)
    _forget_unseen(session, demand.id, keep=run.id)
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
    """Published demands for which a new or changed achievement may matter: the likest, and those it met before."""
    shown_in = select(MatchRun.demand_id).join(MatchEntry).where(MatchEntry.achievement_id == achievement.id)
    decided = select(MatchDecision.demand_id).where(MatchDecision.achievement_id == achievement.id)
    ids = set(session.scalars(shown_in.union(decided)))
    if achievement.state == states.PUBLISHED:
        offered = subject(achievement, achievement.accepted_revision)
        likest = matcher.candidates(offered, _everything(), CANDIDATES)
        ids.update(item.listing_id for item in likest[:limit])
    return sorted(ids)


def published_demands(session: Session) -> list[int]:
    """Every demand that has matches."""
    return list(session.scalars(_published_demands()))


def stale_demands(session: Session) -> list[int]:
    """Published demands whose matches were made by another algorithm or read with other word lists."""
    newer = aliased(MatchRun)
    current = select(MatchRun.demand_id).where(
        MatchRun.algorithm == ALGORITHM_VERSION,
        MatchRun.dictionary == dictionary_hash(),
        ~select(newer.id).where(newer.demand_id == MatchRun.demand_id, newer.id > MatchRun.id).exists(),
    )
    return list(session.scalars(_published_demands().where(Listing.id.not_in(current))))


def latest_run(session: Session, demand_id: int) -> MatchRun | None:
    """The newest run of a demand with its entries."""
    return session.scalar(
        select(MatchRun)
        .where(MatchRun.demand_id == demand_id)
        .order_by(MatchRun.id.desc())
        .limit(1)
        .options(joinedload(MatchRun.entries))
    )


def latest_runs():
    """Ids of the newest run of every demand, as a subquery."""
    return select(func.max(MatchRun.id)).group_by(MatchRun.demand_id).scalar_subquery()


def same_house(left: Listing, right: Listing) -> bool:
    """Whether two listings belong to one organisation; what a source brought in belongs to many houses."""
    return left.organisation_id == _own_house(right)


def _own_house(listing: Listing) -> int | None:
    return listing.organisation_id if listing.organisation.credit_code else None


def published(session: Session, ids: Sequence[int]) -> list[Listing]:
    """What is still published of these listings, in the given order."""
    rows = reading.by_ids(session, set(ids))
    return [rows[i] for i in ids if i in rows and rows[i].state == states.PUBLISHED]


def owner_scopes(listing: Listing) -> tuple[str, ...]:
    """The visibility tokens of the people who look after a listing."""
    roles = (Role.ENTERPRISE_MEMBER, Role.UNIT_MANAGER)
    members = tuple(Member(0, listing.organisation_id, role) for role in roles)
    return reading.scopes(Actor(0, members))


def _published_demands() -> Select:
    return (
        select(Listing.id)
        .where(Listing.kind == Kind.DEMAND, Listing.state == states.PUBLISHED)
        .order_by(Listing.id)
    )


def _of_others(session: Session, demand: Listing, ids: Sequence[int]) -> list[MatchSubject]:
    """The published achievements of other houses than the demand's, as the matcher sees them."""
    # Found by id alone: with the state in the condition SQLite reads everything that is published instead.
    columns = (Listing.state, Listing.organisation_id, Listing.id, Listing.confirmed_on)
    query = (
        select(*columns, ListingRevision.id, ListingRevision.content)
        .join(Listing.accepted_revision)
        .where(Listing.id.in_(ids))
    )
    own_house = _own_house(demand)
    return [
        subject_of(content_from_json(Kind.ACHIEVEMENT, content), listing_id, revision_id, confirmed_on)
        for state, house, listing_id, confirmed_on, revision_id, content in session.execute(query)
        if state == states.PUBLISHED and house != own_house
    ]


def _everything() -> tuple[str, ...]:
    """The tokens under which every published demand can be found by the market itself."""
    operator = Actor(0, (Member(0, 0, Role.OPERATOR),))
    return reading.scopes(operator)


def _same(run: MatchRun, demand: Listing, matches: Sequence[Match]) -> bool:
    made_with = (run.algorithm, run.dictionary, run.revision_id)
    if made_with != (ALGORITHM_VERSION, dictionary_hash(), demand.accepted_revision_id):
        return False
    stored = [(e.achievement_id, e.revision_id, round(e.score, 6)) for e in run.entries]
    return stored == [(m.achievement_id, m.achievement_revision_id, round(m.score, 6)) for m in matches]


def _write(session: Session, demand: Listing, calculated: Calculated, now: datetime) -> MatchRun:
    run = MatchRun(
        demand_id=demand.id,
        revision_id=demand.accepted_revision_id,
        algorithm=ALGORITHM_VERSION,
        dictionary=dictionary_hash(),
        candidates=calculated.candidates,
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
        for place, match in enumerate(calculated.matches, 1)
    ]
    session.add(run)
    session.flush()
    return run


def _forget_unseen(session: Session, demand_id: int, keep: int) -> None:
    """Delete older runs of a demand except those somebody saw or decided on: what people acted on stays."""
    decided = select(MatchEntry.run_id).join(MatchDecision, MatchDecision.entry_id == MatchEntry.id)
    shown = select(MatchEntry.run_id).join(MatchShowing, MatchShowing.entry_id == MatchEntry.id)
    old = session.scalars(
        select(MatchRun.id).where(
            MatchRun.demand_id == demand_id, MatchRun.id != keep, MatchRun.id.not_in(decided.union(shown))
        )
    ).all()
    if old:
        session.execute(delete(MatchEntry).where(MatchEntry.run_id.in_(old)))
        session.execute(delete(MatchRun).where(MatchRun.id.in_(old)))
