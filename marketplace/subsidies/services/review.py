"""Review of an application: county check, league recommendation, region acceptance, finance (domain.md 3.7).

Who may decide follows the applicant's place (属地管理); nobody decides about his own house or the other
party of the contract. Every step keeps the opinion, the person and the time.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace import audit, workflow
from marketplace.contracts.models import ContractPayment
from marketplace.contracts.services import payments
from marketplace.db import lock_row
from marketplace.errors import N_, Conflict, Forbidden, NotFound, StaleEdit
from marketplace.permissions import Actor, Permission, require
from marketplace.subsidies import states
from marketplace.subsidies.models import PaymentClaim, SubsidyApplication
from marketplace.subsidies.services import facts, reading, telling

#: State → the step forward, and the one back to the applicant.
_FORWARD = {
    states.SUBMITTED: "pass_county",
    states.COUNTY_PASSED: "recommend",
    states.RECOMMENDED: "accept",
    states.ACCEPTED: "check_finance",
}
_BACK = {
    states.SUBMITTED: "return_by_county",
    states.COUNTY_PASSED: "return_by_league",
    states.RECOMMENDED: "return_by_region",
    states.ACCEPTED: "return_by_finance",
}


def advance(
    session: Session, actor: Actor, number: str, opinion: str, *, version: int, now: datetime
) -> SubsidyApplication:
    """Pass it on to the next level. Raises Invalid without an opinion or while a voucher is undecided."""
    application = independent(session, actor, number)
    action = _FORWARD.get(application.state)
    return _move(session, application, action, actor, opinion, version=version, now=now)


def send_back(
    session: Session, actor: Actor, number: str, reason: str, *, version: int, now: datetime
) -> SubsidyApplication:
    """Return it to the applicant, who may mend it and hand it in again; it starts at the county once more."""
    application = independent(session, actor, number)
    level = application.state
    _move(session, application, _BACK.get(level), actor, reason, version=version, now=now)
    application.returned_from = level
    _release(session, application)
    telling.tell(
        session, application, "subsidy_returned", key=f"v{application.version}", now=now, reason=reason
    )
    return application


def reject(
    session: Session, actor: Actor, number: str, reason: str, *, version: int, now: datetime
) -> SubsidyApplication:
    """Refuse support; its payments may be claimed in another batch of the year."""
    application = independent(session, actor, number)
    numbers = [payment.voucher_no for payment in facts.claimed(application)]
    _move(session, application, "reject", actor, reason, version=version, now=now, vouchers=numbers)
    _release(session, application)
    for claim in list(application.claims):
        application.claims.remove(claim)
        session.delete(claim)
    session.flush()
    telling.tell(session, application, "subsidy_rejected", key="rejected", now=now, reason=reason)
    return application


def note_objection(
    session: Session, actor: Actor, number: str, text: str, *, version: int, now: datetime
) -> SubsidyApplication:
    """Note what was objected during the publicity; the application waits until it is settled."""
    application = independent(session, actor, number)
    _move(session, application, "object", actor, text, version=version, now=now)
    telling.tell(
        session, application, "subsidy_objection", key=f"v{application.version}", now=now, reason=text
    )
    return application


def resolve_objection(
    session: Session, actor: Actor, number: str, text: str, *, version: int, now: datetime
) -> SubsidyApplication:
    """The objection does not stand, with the reasons."""
    application = independent(session, actor, number)
    return _move(session, application, "resolve", actor, text, version=version, now=now)


def decide_payment(
    session: Session,
    actor: Actor,
    number: str,
    payment_id: int,
    verdict: str,
    reason: str | None,
    *,
    version: int,
    now: datetime,
) -> ContractPayment:
    """The finance office verifies or refuses one claimed payment. Raises Invalid, Conflict, StaleEdit."""
    application = independent(session, actor, number)
    require(
        actor,
        Permission.SUBSIDY_FINANCE,
        application.permission_subject(),
        view=Permission.SUBSIDY_VIEW,
    )
    if application.state != states.ACCEPTED:
        raise Conflict(N_("现在不在财务核查环节，不能核验凭证。"))
    payment = next((p for p in facts.claimed(application) if p.id == payment_id), None)
    if payment is None:
        raise NotFound
    lock_row(session, payment)
    if payment.version != version:
        raise StaleEdit
    payments.settle(session, payment, verdict, reason, by=actor)
    audit.record(
        session,
        actor,
        "subsidy_application.decide_payment",
        "subsidy_application",
        application.id,
        now=now,
        payment=payment.id,
        verdict=verdict,
    )
    return payment


def independent(session: Session, actor: Actor, number: str) -> SubsidyApplication:
    """The application, for a person who has no stake in it. Raises NotFound, Forbidden."""
    application = reading.find(session, number)
    require(actor, Permission.SUBSIDY_VIEW, application.permission_subject(), view=Permission.SUBSIDY_VIEW)
    ensure_independent(actor, [application])
    return application


def ensure_independent(actor: Actor, applications: Sequence[SubsidyApplication]) -> None:
    """Raise Forbidden where this person belongs to the applicant or to a party of the contract (回避)."""
    for application in applications:
        parties = application.contract.organisations_on("BUYER") | application.contract.organisations_on(
            "SELLER"
        )
        if any(actor.member_of(i) for i in parties | {application.applicant_id}):
            raise Forbidden(N_("您所在的单位是申报单位或合同的一方，应当回避，不能审核这件申报。"))


def _move(
    session: Session,
    application: SubsidyApplication,
    action: str | None,
    actor: Actor,
    opinion: str,
    *,
    version: int,
    now: datetime,
    **data: object,
) -> SubsidyApplication:
    workflow.apply(
        session,
        states.APPLICATION,
        application,
        action or "",
        actor=actor,
        now=now,
        version=version,
        reason=opinion,
        **data,
    )
    session.flush()
    return application


def _release(session: Session, application: SubsidyApplication) -> None:
    """Unlock its payments, but for those that the other arm has under review."""
    mine = facts.claimed(application)
    held = set(
        session.scalars(
            select(PaymentClaim.payment_id)
            .join(SubsidyApplication, SubsidyApplication.id == PaymentClaim.application_id)
            .where(
                PaymentClaim.payment_id.in_([p.id for p in mine]),
                SubsidyApplication.id != application.id,
                SubsidyApplication.state.in_(states.LIVE),
            )
        )
    )
    payments.unlock(session, [p for p in mine if p.id not in held])
