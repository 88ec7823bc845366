"""What became of the matches people were shown, by algorithm version, for the market's own staff."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Subquery, and_, case, func, select
from sqlalchemy.orm import Session

from marketplace.matching.models import MatchDecision, MatchEntry, MatchRun, MatchShowing
from marketplace.matching.services.declines import DECLINED
from marketplace.permissions import MARKET, Actor, Permission, require
from search import metrics
from search.calibration import LEAST_SCORES, Band

#: Places in a list as people read it: the top, the first screen, the rest.
PLACES = {"1-3": 3, "4-10": 10, "11-": None}
#: Fewer demands with decisions than this say nothing about a ranking.
LEAST_JUDGED_DEMANDS = 10
#: A decision as a judge's level: declined for another reason than “unrelated” is alike and does not fit.
_ACCEPTED_LEVEL, _UNFIT_LEVEL, _UNRELATED_LEVEL = 4, 3, 1
_MOST_DECISIONS = 20_000
_RESAMPLES = 2_000


@dataclass(frozen=True)
class Tally:
    """Pairs shown to one side under one algorithm, in one group, and what that side decided on them."""

    algorithm: str
    group: str
    shown: int
    accepted: int
    declined: int


@dataclass(frozen=True)
class Ranking:
    """How well the order of the lists agrees with what people decided; figures need enough judged demands."""

    judged_demands: int
    figures: dict[str, metrics.Estimate]


@dataclass(frozen=True)
class Outcomes:
    """Tallies by band and by place, declines by reason, and the ranking by the site's own judgments."""

    by_band: list[Tally]
    by_place: list[Tally]
    reasons: dict[str, int]
    ranking: Ranking


def outcomes(session: Session, actor: Actor) -> Outcomes:
    """What people did with what they were shown. Raises Forbidden for anybody but the market's staff."""
    require(actor, Permission.MATCH_STUDY, MARKET)
    return Outcomes(
        by_band=_tallies(session, _band(), [band.value for band in reversed(Band)]),
        by_place=_tallies(session, _place(), list(PLACES)),
        reasons=_reasons(session),
        ranking=_ranking(session),
    )


def _tallies(session: Session, group: ColumnElement[str], order: Sequence[str]) -> list[Tally]:
    """What was decided by version, the newest first, and by group in the given order."""
    decided = _decided()
    same_pair = and_(
        decided.c.demand_id == MatchShowing.demand_id,
        decided.c.achievement_id == MatchShowing.achievement_id,
        decided.c.side == MatchShowing.side,
        decided.c.algorithm == MatchShowing.algorithm,
    )
    rows = session.execute(
        select(
            MatchShowing.algorithm,
            group,
            func.count(),
            func.sum(decided.c.accepted),
            func.sum(decided.c.declined),
        )
        .outerjoin(decided, same_pair)
        .group_by(MatchShowing.algorithm, group)
        .order_by(func.max(MatchShowing.id).desc())
    )
    tallies = [Tally(algorithm, name, shown, yes or 0, no or 0) for algorithm, name, shown, yes, no in rows]
    versions = list(dict.fromkeys(tally.algorithm for tally in tallies))
    return sorted(tallies, key=lambda one: (versions.index(one.algorithm), order.index(one.group)))


def _decided() -> Subquery:
    """Whether a side accepted or declined a pair that an algorithm showed it: one row per pair, however often."""
    return (
        select(
            MatchDecision.demand_id,
            MatchDecision.achievement_id,
            MatchDecision.side,
            MatchRun.algorithm,
            func.max(case((MatchDecision.decision == "accepted", 1), else_=0)).label("accepted"),
            func.max(case((MatchDecision.decision == DECLINED, 1), else_=0)).label("declined"),
        )
        .join(MatchEntry, MatchEntry.id == MatchDecision.entry_id)
        .join(MatchRun, MatchRun.id == MatchEntry.run_id)
        .group_by(
            MatchDecision.demand_id, MatchDecision.achievement_id, MatchDecision.side, MatchRun.algorithm
        )
        .subquery()
    )


def _band() -> ColumnElement[str]:
    """The band of the score as it was shown, the highest that it reaches."""
    highest_first = sorted(LEAST_SCORES.items(), key=lambda item: -item[1])
    return case(*((MatchShowing.score >= least, band.value) for band, least in highest_first))


def _place() -> ColumnElement[str]:
    bounded = [(MatchShowing.position <= last, name) for name, last in PLACES.items() if last is not None]
    return case(*bounded, else_=next(name for name, last in PLACES.items() if last is None))


def _reasons(session: Session) -> dict[str, int]:
    rows = session.execute(
        select(MatchDecision.reason_code, func.count())
        .where(MatchDecision.decision == DECLINED)
        .group_by(MatchDecision.reason_code)
        .order_by(func.count().desc(), MatchDecision.reason_code)
    )
    return dict(rows.all())


def _ranking(session: Session) -> Ranking:
    """The lists' order against the site's own judgments, as the evaluation measures it against human ones."""
    demands = _judged_levels(session)
    if len(demands) < LEAST_JUDGED_DEMANDS:
        return Ranking(len(demands), {})
    relevant = [levels for levels in demands if metrics.has_relevant(levels)]
    graded = [levels for levels in demands if metrics.counts_for_ndcg(levels)]
    return Ranking(
        len(demands),
        {
            "ndcg10": _mean([metrics.ndcg(levels) for levels in graded]),
            "map": _mean([metrics.average_precision(levels) for levels in relevant]),
            "p5": _mean([metrics.precision(levels) for levels in relevant]),
        },
    )


def _judged_levels(session: Session) -> list[list[int]]:
    """Per demand the levels of the pairs decided on, in the order in which the scores put them."""
    rows = session.execute(
        select(MatchDecision.demand_id, MatchEntry.score, MatchDecision.decision, MatchDecision.reason_code)
        .join(MatchEntry, MatchEntry.id == MatchDecision.entry_id)
        .order_by(MatchDecision.id.desc())
        .limit(_MOST_DECISIONS)
    )
    by_demand: dict[int, list[tuple[float, int]]] = defaultdict(list)
    for demand_id, score, decision, reason in rows:
        by_demand[demand_id].append((-score, _level(decision, reason)))
    return [[level for _score, level in sorted(judged)] for judged in by_demand.values()]


def _level(decision: str, reason: str | None) -> int:
    if decision != DECLINED:
        return _ACCEPTED_LEVEL
    return _UNRELATED_LEVEL if reason == "unrelated" else _UNFIT_LEVEL


def _mean(values: list[float]) -> metrics.Estimate:
    return metrics.mean_with_interval(values, [1] * len(values), resamples=_RESAMPLES, seed=0)
