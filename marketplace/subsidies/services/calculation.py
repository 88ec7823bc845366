"""Running the subsidy engine and keeping what it said: estimates, proposed lists, final awards.

What an amount was decided on is stored unchanged with the text of its rules; recomputing adds rows.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from marketplace.money import largest_remainder
from marketplace.policy.engine import Calculation, calculate_subsidy
from marketplace.policy.outcome import NoAnswer
from marketplace.policy.programmes import subsidy_terms as terms
from marketplace.policy.table import write
from marketplace.subsidies import states
from marketplace.subsidies.models import (
    RuleSetText,
    SubsidyApplication,
    SubsidyBatch,
    SubsidyCalculation,
    SubsidyRun,
)
from marketplace.subsidies.services import facts

ESTIMATE, PROPOSED, FINAL = "estimate", "proposed", "final"


@dataclass(frozen=True)
class Weighing:
    """The applications of one arm, weighed together: facts in, answer out."""

    arm: str
    applications: Sequence[SubsidyApplication]
    facts: terms.SubsidyFacts
    calculation: Calculation

    @property
    def answered(self) -> bool:
        """False: no rule in force or a parameter unverified – there are no amounts."""
        return not isinstance(self.calculation.result, NoAnswer)

    def results(self) -> Mapping[int, terms.ContractResult]:
        """Application id → its result; empty without an answer."""
        if not self.answered:
            return {}
        pairs = zip(self.applications, self.calculation.result.contracts, strict=True)
        return {application.id: result for application, result in pairs}


def preview(session: Session, application: SubsidyApplication) -> Weighing:
    """What an application would bring as it stands, if its vouchers are found good. Stores nothing."""
    return _weigh_arm(
        session, application.batch, application.arm, [application], budget_fen=None, presume_verified=True
    )


def estimate(session: Session, application: SubsidyApplication, *, now: datetime) -> SubsidyCalculation:
    """The estimate as handed in, stored and named by the application."""
    weighing = preview(session, application)
    stored = store(session, application.batch, ESTIMATE, weighing, [application], now=now)
    application.estimate = stored[application.id]
    session.flush()
    return application.estimate


def weigh(
    session: Session, batch: SubsidyBatch, applications: Sequence[SubsidyApplication]
) -> list[Weighing]:
    """All applications of a list together: yearly caps over both arms, the budget shared among all.

    The engine's case has one arm. The buyers' is worked first and its awards count against the year of an
    enterprise that also sells; a short budget is shared over the arms by largest remainder, then inside each.
    """
    budget = remaining_budget(session, batch, applications)
    groups = {arm: [a for a in applications if a.arm == arm] for arm in facts.ARMS}
    groups = {arm: group for arm, group in groups.items() if group}
    if len(groups) < 2:
        return [_weigh_arm(session, batch, *group, budget_fen=budget) for group in groups.items()]
    found = _weigh_arms(session, batch, groups, dict.fromkeys(groups))
    if budget is None or not all(weighing.answered for weighing in found):
        return found
    totals = [weighing.calculation.result.total_award for weighing in found]
    if sum(totals) <= budget:
        return found
    shares = largest_remainder(budget, totals)
    return _weigh_arms(session, batch, groups, dict(zip(groups, shares, strict=True)))


def remaining_budget(
    session: Session, batch: SubsidyBatch, applications: Sequence[SubsidyApplication]
) -> int | None:
    """Fen of the batch's budget that its approved applications (others than these) have left; None: no budget."""
    if batch.budget_fen is None:
        return None
    spent = session.scalar(
        select(func.coalesce(func.sum(SubsidyApplication.award_fen), 0)).where(
            SubsidyApplication.batch_id == batch.id,
            SubsidyApplication.state == states.APPROVED,
            SubsidyApplication.id.not_in([a.id for a in applications]),
        )
    )
    return max(0, batch.budget_fen - int(spent))


def store(
    session: Session,
    batch: SubsidyBatch,
    kind: str,
    weighing: Weighing,
    concerned: Sequence[SubsidyApplication],
    *,
    now: datetime,
) -> dict[int, SubsidyCalculation]:
    """Keep a weighing and what it gives those concerned: application id → stored row."""
    run = _run(session, batch, kind, weighing, now)
    results = weighing.results()
    rows = {}
    for application in concerned:
        result = results.get(application.id)
        rows[application.id] = SubsidyCalculation(
            application_id=application.id,
            run=run,
            base_fen=result.period_base if result else None,
            award_fen=result.award if result else None,
            granted_fen=result.granted if result else None,
        )
    session.add_all(rows.values())
    session.flush()
    return rows


def latest(session: Session, application_ids: Sequence[int], *kinds: str) -> dict[int, SubsidyCalculation]:
    """The newest stored calculation of each application, of these kinds (of any without)."""
    query = (
        select(func.max(SubsidyCalculation.id))
        .join(SubsidyRun, SubsidyRun.id == SubsidyCalculation.run_id)
        .where(SubsidyCalculation.application_id.in_(application_ids))
        .group_by(SubsidyCalculation.application_id)
    )
    if kinds:
        query = query.where(SubsidyRun.kind.in_(kinds))
    rows = session.scalars(
        select(SubsidyCalculation)
        .where(SubsidyCalculation.id.in_(query))
        .options(joinedload(SubsidyCalculation.run))
    )
    return {row.application_id: row for row in rows}


def _weigh_arms(
    session: Session,
    batch: SubsidyBatch,
    groups: Mapping[str, Sequence[SubsidyApplication]],
    budgets: Mapping[str, int | None],
) -> list[Weighing]:
    found: list[Weighing] = []
    placed: list[terms.PriorAward] = []
    for arm, group in groups.items():
        weighing = _weigh_arm(session, batch, arm, group, budget_fen=budgets[arm], placed=tuple(placed))
        found.append(weighing)
        placed += _as_prior(weighing, batch.programme_year)
    return found


def _as_prior(weighing: Weighing, year: int) -> list[terms.PriorAward]:
    """Awards of the arm worked before, as the yearly cap of the next one counts them (before the budget)."""
    results = weighing.results()
    return [
        terms.PriorAward(
            contract_id=application.contract.number,
            enterprise_id=facts.enterprise_id(application.applicant),
            arm=weighing.arm,
            programme_year=year,
            base=results[application.id].period_base,
            award=results[application.id].award,
        )
        for application in weighing.applications
        if application.id in results
    ]


def _weigh_arm(
    session: Session,
    batch: SubsidyBatch,
    arm: str,
    applications: Sequence[SubsidyApplication],
    *,
    budget_fen: int | None,
    presume_verified: bool = False,
    placed: Sequence[terms.PriorAward] = (),
) -> Weighing:
    case = facts.collect(
        session,
        batch,
        arm,
        applications,
        budget_fen=budget_fen,
        presume_verified=presume_verified,
        placed=placed,
    )
    return Weighing(arm, applications, case, calculate_subsidy(case, facts.rules_of(batch)))


def _run(session: Session, batch: SubsidyBatch, kind: str, weighing: Weighing, now: datetime) -> SubsidyRun:
    calculation = weighing.calculation
    _keep_rules(session, calculation, now)
    run = SubsidyRun(
        batch_id=batch.id,
        arm=weighing.arm,
        kind=kind,
        status=calculation.result.status,
        facts=write(weighing.facts),
        result=write(calculation.result),
        trace=calculation.trace.to_json(),
        trace_hash=calculation.trace.hash,
        rule_set_hash=calculation.rule_set_hash,
        calculated_at=now,
    )
    session.add(run)
    session.flush()
    return run


def _keep_rules(session: Session, calculation: Calculation, now: datetime) -> None:
    """The text of the rules, once; where somebody stores it at the same moment, his is as good."""
    if session.get(RuleSetText, calculation.rule_set_hash) is not None:
        return
    text = RuleSetText(hash=calculation.rule_set_hash, text=calculation.rule_set_text, stored_at=now)
    with suppress(IntegrityError), session.begin_nested():
        session.add(text)
        session.flush()
