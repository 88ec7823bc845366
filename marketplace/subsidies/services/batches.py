"""A batch: opened for applications, its list drawn up, published, approved.

Amounts of a list are weighed together. What is checked later comes on the next list of the batch, with what
the budget has left; only one list is under way at a time.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from marketplace import audit, workdays, workflow
from marketplace.clock import legal_day
from marketplace.db import lock_row
from marketplace.errors import N_, Conflict, Invalid, StaleEdit
from marketplace.money import AMOUNT_LIMIT_FEN, format_yuan
from marketplace.numbering import next_number
from marketplace.permissions import Actor, Permission, require
from marketplace.policy.deadlines import DeadlineFacts
from marketplace.policy.engine import calculate_deadline
from marketplace.policy.errors import CaseError
from marketplace.policy.explain import NO_ANSWER_SENTENCES
from marketplace.policy.loader import load_rule_book
from marketplace.policy.outcome import NoAnswer
from marketplace.subsidies import states
from marketplace.subsidies.models import SubsidyApplication, SubsidyBatch, SubsidyCalculation, SubsidyRun
from marketplace.subsidies.services import calculation, reading, review, telling
from marketplace.subsidies.services.calculation import FINAL, PROPOSED, Weighing

SCHEME = "NMG-TT-POST"
_YEARS = range(1900, 9001)


def open_batch(
    session: Session,
    actor: Actor,
    *,
    programme_year: int,
    title: str,
    opens_on: date | None,
    closes_on: date | None,
    now: datetime,
    budget_fen: int | None = None,
    parameters: Mapping[str, Any] | None = None,
) -> SubsidyBatch:
    """Call for applications of a programme year. Raises Invalid, a sentence per field."""
    require(actor, Permission.SUBSIDY_BATCH)
    given = dict(parameters or {})
    problems = _problems(programme_year, title, opens_on, closes_on, budget_fen, given)
    if problems:
        raise Invalid(problems)
    place = next_number(session, f"subsidy_batch:{SCHEME}:{programme_year}")
    made = SubsidyBatch(
        number=f"{SCHEME}-{programme_year}-{place}",
        scheme=SCHEME,
        programme_year=programme_year,
        title=title.strip(),
        opens_on=opens_on,
        closes_on=closes_on,
        budget_fen=budget_fen,
        parameters=given,
        state=states.BATCH_OPEN,
        created_at=now,
    )
    session.add(made)
    session.flush()
    audit.record(session, actor, "subsidy_batch.open", "subsidy_batch", made.id, now=now, parameters=given)
    return made


def propose(session: Session, actor: Actor, number: str, *, version: int, now: datetime) -> SubsidyBatch:
    """Draw up the list: weigh everything finance has checked, put on it what is granted an amount.

    What is granted nothing stays where it is, with the calculation that says why; the region refuses it.
    Raises Conflict when nothing can be granted, or no rule gives an answer.
    """
    batch = _moved(session, actor, number, "propose", version=version, now=now)
    candidates = reading.in_states(session, batch.id, (states.FINANCE_CHECKED, states.PROPOSED))
    review.ensure_independent(actor, candidates)
    if not candidates:
        raise Conflict(N_("本批没有财务核查通过的申报，还不能生成名单。"))
    rows = _keep(session, batch, PROPOSED, _answered(session, batch, candidates), candidates, now)
    granted = [a for a in candidates if rows[a.id].granted_fen]
    if not granted:
        raise Conflict(N_("核查通过的申报测算结果都是 0，没有可以列入名单的；请逐件看原因。"))
    for application in candidates:
        _list(session, application, rows[application.id], actor, now)
    return batch


def publish(session: Session, actor: Actor, number: str, *, version: int, now: datetime) -> SubsidyBatch:
    """Publish the list: the working days of the publicity begin tomorrow and are stored."""
    batch = _moved(session, actor, number, "publish", version=version, now=now)
    listed = reading.in_states(session, batch.id, (states.PROPOSED,))
    review.ensure_independent(actor, listed)
    if not listed:
        raise Conflict(N_("名单是空的，不能公示；请撤回名单重新计算。"))
    batch.published_on = legal_day(now)
    _count_days(session, batch)
    days = {"first": batch.published_on.isoformat(), "last": batch.publicity_last_day.isoformat()}
    for application in listed:
        entry = workflow.apply(
            session, states.APPLICATION, application, "publicize", actor=actor, now=now, **days
        )
        telling.tell(session, application, "subsidy_publicized", key=f"{entry.id}", now=now, day=days["last"])
    session.flush()
    return batch


def approve(session: Session, actor: Actor, number: str, *, version: int, now: datetime) -> SubsidyBatch:
    """Approve what was published without an open objection, after the last day of the publicity.

    The final amounts are calculated anew; where one differs from what was published the list must be drawn up
    again. Raises Conflict.
    """
    batch = _locked(session, number, version)
    require(actor, Permission.SUBSIDY_BATCH, batch.permission_subject())
    _ensure_days_have_passed(batch, legal_day(now))
    listed = reading.in_states(session, batch.id, (states.PUBLICIZED,))
    review.ensure_independent(actor, listed)
    if not listed:
        raise Conflict(N_("没有公示期满且无异议的申报。"))
    round_ = _round(session, batch)
    weighings = _answered(session, batch, round_)
    _ensure_as_published(session, listed, weighings)
    rows = _keep(session, batch, FINAL, weighings, listed, now)
    for application in listed:
        _award(session, application, rows[application.id], actor, now)
    if not reading.in_states(session, batch.id, states.PUBLISHED):
        workflow.apply(session, states.BATCH, batch, "approve", actor=actor, now=now)
    session.flush()
    return batch


def withdraw(
    session: Session, actor: Actor, number: str, reason: str, *, version: int, now: datetime
) -> SubsidyBatch:
    """Take the list back: facts have changed, the amounts must be weighed and published again."""
    batch = _moved(session, actor, number, "withdraw", version=version, now=now, reason=reason)
    listed = reading.in_states(session, batch.id, (states.PROPOSED, *states.PUBLISHED))
    review.ensure_independent(actor, listed)
    for application in listed:
        workflow.apply(
            session,
            states.APPLICATION,
            application,
            "withdraw_from_list",
            actor=actor,
            now=now,
            reason=reason,
        )
    if not reading.in_states(session, batch.id, (states.APPROVED,)):
        batch.published_on = batch.publicity_last_day = None
    session.flush()
    return batch


def _moved(
    session: Session,
    actor: Actor,
    number: str,
    action: str,
    *,
    version: int,
    now: datetime,
    reason: str | None = None,
) -> SubsidyBatch:
    batch = reading.batch(session, number)
    workflow.apply(session, states.BATCH, batch, action, actor=actor, now=now, version=version, reason=reason)
    return batch


def _locked(session: Session, number: str, version: int) -> SubsidyBatch:
    batch = reading.batch(session, number)
    lock_row(session, batch)
    if batch.version != version:
        raise StaleEdit
    return batch


def _answered(
    session: Session, batch: SubsidyBatch, applications: Sequence[SubsidyApplication]
) -> list[Weighing]:
    """The weighings of a list. Raises Conflict where the rules give no answer – never 0 in its place."""
    weighings = calculation.weigh(session, batch, applications)
    for weighing in weighings:
        if not weighing.answered:
            raise Conflict(NO_ANSWER_SENTENCES[weighing.calculation.result.status])
    return weighings


def _keep(
    session: Session,
    batch: SubsidyBatch,
    kind: str,
    weighings: Sequence[Weighing],
    concerned: Sequence[SubsidyApplication],
    now: datetime,
) -> dict[int, SubsidyCalculation]:
    rows: dict[int, SubsidyCalculation] = {}
    for weighing in weighings:
        mine = [a for a in concerned if a.arm == weighing.arm]
        if mine:
            rows |= calculation.store(session, batch, kind, weighing, mine, now=now)
    return rows


def _list(
    session: Session,
    application: SubsidyApplication,
    row: SubsidyCalculation,
    actor: Actor,
    now: datetime,
) -> None:
    """Put it on the list, or off it, as its amount says."""
    if row.granted_fen and application.state == states.FINANCE_CHECKED:
        workflow.apply(session, states.APPLICATION, application, "propose", actor=actor, now=now)
    if not row.granted_fen and application.state == states.PROPOSED:
        reason = N_("重新计算后金额为 0，移出名单。")
        workflow.apply(
            session,
            states.APPLICATION,
            application,
            "withdraw_from_list",
            actor=actor,
            now=now,
            reason=reason,
        )
    if row.granted_fen:
        telling.tell(
            session,
            application,
            "subsidy_proposed",
            key=f"c{row.id}",
            now=now,
            amount=format_yuan(row.granted_fen),
        )


def _award(
    session: Session,
    application: SubsidyApplication,
    row: SubsidyCalculation,
    actor: Actor,
    now: datetime,
) -> None:
    workflow.apply(session, states.APPLICATION, application, "approve", actor=actor, now=now)
    application.final, application.award_fen = row, row.granted_fen
    session.flush()
    telling.tell(
        session, application, "subsidy_award", key="award", now=now, amount=format_yuan(row.granted_fen)
    )


def _round(session: Session, batch: SubsidyBatch) -> list[SubsidyApplication]:
    """Whoever was weighed for the list that is published now and is still in it."""
    newest = (
        select(func.max(SubsidyRun.id))
        .where(SubsidyRun.batch_id == batch.id, SubsidyRun.kind == PROPOSED)
        .group_by(SubsidyRun.arm)
    )
    weighed = set(
        session.scalars(
            select(SubsidyCalculation.application_id)
            .join(SubsidyRun, SubsidyRun.id == SubsidyCalculation.run_id)
            .where(SubsidyRun.id.in_(newest))
        )
    )
    still = reading.in_states(session, batch.id, (states.FINANCE_CHECKED, *states.PUBLISHED))
    return [application for application in still if application.id in weighed]


def _ensure_as_published(
    session: Session, listed: Sequence[SubsidyApplication], weighings: Sequence[Weighing]
) -> None:
    """Raise Conflict naming the applications whose final amount is not the published one."""
    published = calculation.latest(session, [a.id for a in listed], PROPOSED)
    now_granted = {i: result.granted for weighing in weighings for i, result in weighing.results().items()}
    changed = [a.number for a in listed if now_granted[a.id] != published[a.id].granted_fen]
    if changed:
        raise Conflict(
            N_("名单公示后事实有变化，%(numbers)s 的金额与公示不同。请撤回名单，重新计算后再公示。"),
            numbers="、".join(changed),
        )


def _ensure_days_have_passed(batch: SubsidyBatch, today: date) -> None:
    if batch.state != states.BATCH_PUBLICIZING:
        raise Conflict(N_("名单还没有公示，不能立项。"))
    if today <= batch.publicity_last_day:
        raise Conflict(
            N_("公示到 %(last)s（含当日）为止，期满后才能立项。"), last=batch.publicity_last_day.isoformat()
        )


def _count_days(session: Session, batch: SubsidyBatch) -> None:
    rules = load_rule_book().in_force(batch.published_on, batch.parameters)
    found = DeadlineFacts(start=batch.published_on, rule="SUBSIDY_PUBLICITY")
    answer = calculate_deadline(found, rules, workdays.load(session))
    if isinstance(answer, NoAnswer):
        raise Conflict(N_("公示期的天数没有核实值，不能公示。"))
    batch.publicity_last_day = answer.last_day
    batch.calendar_published = answer.calendar_published


def _problems(
    year: int,
    title: str,
    opens_on: date | None,
    closes_on: date | None,
    budget_fen: int | None,
    parameters: dict,
) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    if not 2 <= len(title.strip()) <= 120:
        found["title"] = [N_("请填写批次名称，2 到 120 个字。")]
    for name, day in (("opens_on", opens_on), ("closes_on", closes_on)):
        if day is None:
            found[name] = [N_("请填写日期，格式如 2027-06-30。")]
    if None not in (opens_on, closes_on) and closes_on < opens_on:
        found["closes_on"] = [N_("截止日期不能早于开始日期。")]
    if budget_fen is not None and not 0 < budget_fen < AMOUNT_LIMIT_FEN:
        found["budget_fen"] = [N_("预算要大于 0；没有预算限制的留空。")]
    if year not in _YEARS:
        found["programme_year"] = [N_("请填写项目年度，如 2027。")]
        return found
    try:
        rules = load_rule_book().for_programme(year, parameters)
    except CaseError as error:
        key = error.field.removeprefix("parameters.")
        found["parameters"] = [N_("参数 %(key)s 不存在，或取值不合规定。") % {"key": key}]
        return found
    if "first_programme_year" not in rules or year < (rules.get("first_programme_year") or year):
        found["programme_year"] = [N_("这个年度没有可适用的规则，不能开批次。")]
    return found
