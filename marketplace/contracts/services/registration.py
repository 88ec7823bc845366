"""Recognition and registration by the agency (domain.md 2.4): clocks, two pairs of eyes, the number.

The first and the second reviewer are different people; nobody reviews a contract of his own house. The
day of acceptance does not count; while supplements are asked for, the clock stands still.
"""

import secrets
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace import workdays, workflow
from marketplace.clock import legal_day
from marketplace.contracts import states
from marketplace.contracts.models import Contract, RegistrationAgency
from marketplace.contracts.reasons import REFUSAL_REASONS
from marketplace.contracts.services import checks, drafting
from marketplace.contracts.services.reading import find
from marketplace.deals import states as deal_states
from marketplace.deals.services import publicity
from marketplace.errors import N_, Conflict, Forbidden, Invalid
from marketplace.notices import services as notices
from marketplace.numbering import next_number
from marketplace.permissions import SYSTEM, Actor
from marketplace.policy.deadlines import DeadlineFacts, Pause
from marketplace.policy.engine import calculate_deadline
from marketplace.policy.loader import load_rule_book

SUPPLEMENT_DAYS = 15


def accept(session: Session, actor: Actor, number: str, *, version: int, now: datetime) -> Contract:
    """Accept an application: the clock starts, the due day is fixed."""
    contract = _reviewable(session, actor, number)
    _move(session, contract, "accept", actor, version=version, now=now)
    contract.accepted_on, contract.clock = legal_day(now), {"pauses": []}
    contract.due_on = _due_on(session, contract)
    session.flush()
    return contract


def request_supplement(
    session: Session,
    actor: Actor,
    number: str,
    reasons: Sequence[Mapping[str, str]],
    *,
    version: int,
    now: datetime,
) -> Contract:
    """Ask for supplements in writing, with a deadline; the clock stops. Raises Invalid without a reason."""
    contract = _reviewable(session, actor, number)
    wanted = [dict(r) for r in reasons if r.get("text", "").strip()]
    if not wanted:
        raise Invalid({"reason": [N_("请至少写一条补正要求：哪里不符、怎样改。")]})
    before = contract.state
    text = "；".join(r["text"].strip() for r in wanted)
    _move(session, contract, "request_supplement", actor, version=version, now=now, reason=text)
    contract.remembered_state = states.SUBMITTED if before == states.SUBMITTED else states.ACCEPTED
    contract.supplement_reasons = wanted
    contract.supplement_due_on = legal_day(now) + timedelta(days=SUPPLEMENT_DAYS)
    if contract.accepted_on is not None:
        contract.clock = {"pauses": [*contract.clock["pauses"], {"start": legal_day(now).isoformat()}]}
        contract.due_on = None
    session.flush()
    _tell_seller(session, contract, "supplement_due", f"supplement:{contract.version}", now, reason=text)
    return contract


def resubmit(session: Session, actor: Actor, number: str, *, version: int, now: datetime) -> Contract:
    """Back from supplements to where it was; the clock goes on. Raises Invalid while something is missing."""
    contract = find(session, number)
    drafting.ensure_complete(session, contract, now=now)
    target = "submitted" if contract.remembered_state == states.SUBMITTED else "accepted"
    workflow.apply(
        session, states.CONTRACT, contract, f"resubmit_to_{target}", actor=actor, now=now, version=version
    )
    contract.supplement_reasons, contract.supplement_due_on = [], None
    if contract.accepted_on is not None:
        *done, open_pause = contract.clock["pauses"]
        contract.clock = {"pauses": [*done, {**open_pause, "end": legal_day(now).isoformat()}]}
        contract.due_on = _due_on(session, contract)
    session.flush()
    return contract


def withdraw(
    session: Session, actor: Actor, number: str, reason: str, *, version: int, now: datetime
) -> Contract:
    """The applicant takes the application back; the deal returns to its agreed terms."""
    contract = find(session, number)
    _move(session, contract, "withdraw", actor, version=version, now=now, reason=reason)
    drafting.release_deal(session, contract, now=now)
    return contract


def lapse_due(session: Session, *, now: datetime, limit: int = 100) -> int:
    """Close the applications whose supplements are overdue; returns how many."""
    due = session.scalars(
        select(Contract)
        .where(Contract.state == states.SUPPLEMENT, Contract.supplement_due_on < legal_day(now))
        .limit(limit)
    ).all()
    for contract in due:
        workflow.apply(session, states.CONTRACT, contract, "lapse", actor=SYSTEM, now=now)
        drafting.release_deal(session, contract, now=now)
        _tell_seller(session, contract, "contract_closed", "lapsed", now)
    return len(due)


def first_review(
    session: Session, actor: Actor, number: str, *, red_flag: bool, version: int, now: datetime
) -> Contract:
    """Class and technical amount are right. Raises Invalid while an amount rule fails."""
    contract = _reviewable(session, actor, number)
    problems = checks.amounts(contract)
    if problems:
        raise Invalid({"items": problems})
    _move(session, contract, "first_review", actor, version=version, now=now)
    contract.first_reviewer_id, contract.red_flag = actor.user_id, red_flag
    session.flush()
    return contract


def second_review_due(contract: Contract) -> bool:
    """Whether a second person must look: a large technical amount or a red flag."""
    return checks.evaluate(contract).second_review


def approve(session: Session, actor: Actor, number: str, *, version: int, now: datetime) -> Contract:
    """The same registrar approves, only when no second review is due."""
    contract = _reviewable(session, actor, number)
    if second_review_due(contract):
        raise Conflict(N_("金额较大或有红旗，须由另一人二次审核。"))
    if contract.state == states.FIRST_REVIEWED and contract.first_reviewer_id != actor.user_id:
        raise Conflict(N_("请由初审人审核通过；您可以要求二次审核。"))
    return _move(session, contract, "approve", actor, version=version, now=now)


def second_review(session: Session, actor: Actor, number: str, *, version: int, now: datetime) -> Contract:
    """Another person approves a large or flagged contract."""
    contract = _other_person(session, actor, number)
    if contract.state == states.FIRST_REVIEWED and not second_review_due(contract):
        raise Conflict(N_("这份合同不需要二次审核，由初审人审核通过即可。"))
    _move(session, contract, "second_review", actor, version=version, now=now)
    contract.second_reviewer_id = actor.user_id
    session.flush()
    return contract


def send_back(
    session: Session, actor: Actor, number: str, reason: str, *, version: int, now: datetime
) -> Contract:
    """The second reviewer wants the first review done again."""
    contract = _other_person(session, actor, number)
    return _move(session, contract, "send_back", actor, version=version, now=now, reason=reason)


def refuse(
    session: Session, actor: Actor, number: str, code: str, reason: str, *, version: int, now: datetime
) -> Contract:
    """Refuse registration with a reason code (domain.md 2.5); the deal returns to its agreed terms."""
    if code not in REFUSAL_REASONS:
        raise Invalid({"refusal_reason": [N_("请选择不予登记的情形。")]})
    contract = _reviewable(session, actor, number)
    _move(session, contract, "refuse", actor, version=version, now=now, reason=reason, refusal_reason=code)
    contract.refusal_reason = code
    drafting.release_deal(session, contract, now=now)
    _tell_seller(session, contract, "contract_refused", "refused", now, reason=REFUSAL_REASONS[code])
    return contract


def register(session: Session, actor: Actor, number: str, *, version: int, now: datetime) -> Contract:
    """Register: sixteen digits without gap or duplicate, a verification code, the deal concluded."""
    contract = _reviewable(session, actor, number)
    _move(
        session,
        contract,
        "register",
        actor,
        version=version,
        now=now,
        effect=lambda: _number(session, contract, now),
    )
    if contract.deal is not None:
        workflow.apply(session, deal_states.DEAL, contract.deal, "conclude", actor=SYSTEM, now=now)
        record = publicity.live(contract.deal)
        if record is not None and record.state == deal_states.CONFIRMED:
            workflow.apply(session, deal_states.PUBLICITY, record, "sign", actor=SYSTEM, now=now)
    session.flush()
    for side in ("SELLER", "BUYER"):
        _tell(
            session, contract, side, "contract_registered", "registered", now, number=contract.registration_no
        )
    return contract


def amend(
    session: Session,
    actor: Actor,
    number: str,
    changes: Mapping[str, Any],
    reason: str,
    *,
    version: int,
    now: datetime,
) -> Contract:
    """A change registered on application; the amounts are verified again. Raises Invalid."""
    contract = _reviewable(session, actor, number)
    before = {name: getattr(contract, name) for name in changes}
    _move(session, contract, "amend", actor, version=version, now=now, reason=reason, before=before)
    with session.no_autoflush:  # total and technical amount are written together
        for name, value in changes.items():
            setattr(contract, name, value)
        drafting.settle(contract)
    problems = checks.amounts(contract)
    if problems:
        raise Invalid({"items": problems})
    session.flush()
    return contract


def end(
    session: Session, actor: Actor, number: str, action: str, reason: str, *, version: int, now: datetime
) -> Contract:
    """Cancel (注销) or revoke (撤销) a registration; both parties are told."""
    contract = _reviewable(session, actor, number)
    _move(session, contract, action, actor, version=version, now=now, reason=reason)
    for side in ("SELLER", "BUYER"):
        _tell(session, contract, side, "registration_ended", action, now, reason=reason)
    return contract


def registration_no(session: Session, agency: RegistrationAgency, day: date) -> str:
    """The next number of an agency's point: year 4, region 4, point 2, serial 6 (domain.md 2.7)."""
    prefix = f"{day.year}{agency.region4}{agency.point}"
    return f"{prefix}{next_number(session, f'registration:{prefix}'):06d}"


def _number(session: Session, contract: Contract, now: datetime) -> None:
    """Day, number and verification code, written together with the state."""
    contract.registered_on = legal_day(now)
    contract.registration_no = registration_no(session, contract.agency, contract.registered_on)
    contract.verification_code = secrets.token_hex(4).upper()


def _reviewable(session: Session, actor: Actor, number: str) -> Contract:
    contract = find(session, number)
    if any(actor.member_of(i) for i in contract.permission_subject().organisations["party"]):
        raise Forbidden(N_("您所在的单位是合同的一方，不能审核这份合同。"))
    return contract


def _other_person(session: Session, actor: Actor, number: str) -> Contract:
    contract = _reviewable(session, actor, number)
    if contract.first_reviewer_id == actor.user_id:
        raise Conflict(N_("初审和二次审核要由不同的人办理。"))
    return contract


def _move(session: Session, contract: Contract, action: str, actor: Actor, **kwargs) -> Contract:
    workflow.apply(session, states.CONTRACT, contract, action, actor=actor, **kwargs)
    return contract


def _due_on(session: Session, contract: Contract) -> date | None:
    pauses = tuple(
        Pause(
            start=date.fromisoformat(p["start"]), end=date.fromisoformat(p["end"]) if p.get("end") else None
        )
        for p in contract.clock["pauses"]
    )
    facts = DeadlineFacts(start=contract.accepted_on, rule="REGISTRATION_DECISION", pauses=pauses)
    return calculate_deadline(
        facts, load_rule_book().in_force(contract.accepted_on), workdays.load(session)
    ).last_day


def _tell_seller(
    session: Session, contract: Contract, kind: str, key: str, now: datetime, **params: object
) -> None:
    _tell(session, contract, "SELLER", kind, key, now, **params)


def _tell(
    session: Session, contract: Contract, side: str, kind: str, key: str, now: datetime, **params: object
) -> None:
    for user_id in drafting.people_of(session, contract, side):
        notices.tell(
            session,
            user_id,
            kind,
            key=f"contract:{contract.id}:{key}",
            path=f"/contracts/{contract.number}",
            params={"title": contract.title, **params},
            now=now,
        )
