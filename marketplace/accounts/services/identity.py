"""A verified organisation asks to be known by another name, code or legal form; the operator decides.

Until he accepts, the organisation stays verified as it was: its listings, deals and contracts go on under the
identity that was checked, and nobody appears under one that was not.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, BinaryIO

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace import audit, workflow
from marketplace.accounts import states
from marketplace.accounts.models import IdentityChange, Organisation
from marketplace.accounts.services import organisations, proof
from marketplace.accounts.services.organisation_data import (
    FIRST_ROLES,
    IDENTITY,
    cleaned,
    credit_code_is_free,
    differences,
    identity_problems,
)
from marketplace.attachments import Storage
from marketplace.db import lock_row
from marketplace.errors import N_, Conflict, Invalid, NotFound, StaleEdit
from marketplace.notices import services as notices
from marketplace.permissions import Actor, Permission, can, require
from marketplace.workflow import HistoryEntry

EVIDENCE = "identity_change"
_TOLD = {"accept": "identity_change_accepted", "refuse": "identity_change_refused"}


def ask(
    session: Session,
    actor: Actor,
    organisation_id: int,
    data: Mapping[str, Any],
    storage: Storage,
    upload: BinaryIO | None,
    filename: str,
    *,
    version: int,
    now: datetime,
) -> IdentityChange:
    """Ask for another identity with one file that proves it; only the fields that differ are kept.

    Raises Conflict (not verified, or one change waits already), StaleEdit with both versions, Invalid.
    """
    organisation = organisations.get(session, organisation_id)
    subject = organisation.permission_subject()
    member = require(actor, Permission.ORGANISATION_EDIT, subject, view=Permission.ORGANISATION_VIEW)
    lock_row(session, organisation)
    typed = {name: value for name, value in cleaned(data).items() if name in IDENTITY}
    if organisation.version != version:
        raise StaleEdit(differences(organisation, typed))
    _refuse_where_impossible(session, organisation)
    after = _changed(session, organisation, typed)
    change = IdentityChange(
        organisation=organisation,
        state=states.SUBMITTED,
        before={name: getattr(organisation, name) for name in after},
        after=after,
        evidence=proof.store(
            session,
            storage,
            actor,
            organisation,
            upload,
            filename,
            purpose=EVIDENCE,
            missing=N_("请上传变更后的营业执照或法人证书，或登记机关的变更通知书。"),
            now=now,
        ),
        asked_by_id=actor.user_id,
        asked_at=now,
    )
    session.add(change)
    session.flush()
    audit.record(
        session,
        actor,
        "identity_change.ask",
        states.IDENTITY_CHANGE.name,
        change.id,
        now=now,
        membership=member,
        fields=sorted(after),
    )
    session.flush()
    return change


def decide(
    session: Session,
    actor: Actor,
    change_id: int,
    action: str,
    *,
    version: int,
    now: datetime,
    reason: str | None = None,
) -> IdentityChange:
    """The operator accepts or refuses, or the owner withdraws; the people managers hear of a decision.

    Accepted, the new identity stands at once, the old name goes on record and the listings are indexed anew.
    Contracts keep the party as it was written into them. Raises Invalid, Conflict, StaleEdit.
    """
    change = get(session, change_id)
    entry = workflow.apply(
        session,
        states.IDENTITY_CHANGE,
        change,
        action,
        actor=actor,
        now=now,
        version=version,
        reason=reason,
        effect=(lambda: _put_in_force(session, change)) if action == "accept" else None,
        fields=sorted(change.after),
    )
    if action in _TOLD:
        _tell(session, change, _TOLD[action], entry, now)
    return change


def get(session: Session, change_id: int) -> IdentityChange:
    """The change. Raises NotFound."""
    return session.get(IdentityChange, change_id) or _missing()


def view(session: Session, actor: Actor, change_id: int, permission: Permission) -> IdentityChange:
    """A change for this person to do with what `permission` says. Raises NotFound or Forbidden."""
    change = get(session, change_id)
    require(actor, permission, change.permission_subject(), view=Permission.IDENTITY_CHANGE_VIEW)
    return change


def latest(session: Session, actor: Actor, organisation: Organisation) -> IdentityChange | None:
    """The last change that was asked for, however it ended; None for those who may not know of it."""
    change = session.scalar(
        select(IdentityChange)
        .where(IdentityChange.organisation_id == organisation.id)
        .order_by(IdentityChange.id.desc())
        .limit(1)
    )
    if change is None or not can(actor, Permission.IDENTITY_CHANGE_VIEW, change.permission_subject()):
        return None
    return change


def open_changes(session: Session, organisation_ids: Collection[int]) -> dict[int, IdentityChange]:
    """The changes that wait for the operator, by organisation."""
    rows = session.scalars(
        select(IdentityChange).where(
            IdentityChange.organisation_id.in_(organisation_ids), IdentityChange.state == states.SUBMITTED
        )
    )
    return {change.organisation_id: change for change in rows}


def refusal(session: Session, change: IdentityChange) -> str | None:
    """Why it was refused."""
    if change.state != states.REFUSED:
        return None
    return workflow.history(session, states.IDENTITY_CHANGE.name, change.id)[0].reason


def may_ask(organisation: Organisation) -> bool:
    """Whether its identity can be changed this way: verified on a page, not entered by the installation."""
    return organisation.state == states.VERIFIED and organisation.organisation_type in FIRST_ROLES


def waits(change: IdentityChange | None) -> bool:
    """Whether it waits for the operator."""
    return change is not None and change.state == states.SUBMITTED


def asked_for(organisation: Organisation, last: IdentityChange | None) -> dict[str, Any]:
    """What a new request starts from: the verified identity, and over it what was asked for last and refused,
    so that a blurred scan does not cost the typing.
    """
    again = last.after if last is not None and last.state == states.REFUSED else {}
    return {**{name: getattr(organisation, name) for name in IDENTITY}, **again}


def _refuse_where_impossible(session: Session, organisation: Organisation) -> None:
    if not may_ask(organisation):
        raise Conflict(N_("只有“已认证”的单位才需要申请变更；未认证的单位可以直接修改资料。"))
    if open_changes(session, [organisation.id]):
        raise Conflict(N_("已有一份变更申请在审核，请等结果，或先撤回再重新申请。"))


def _changed(session: Session, organisation: Organisation, typed: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that would be different. Raises Invalid for what is wrong, and for nothing at all."""
    wanted = {**{name: getattr(organisation, name) for name in IDENTITY}, **typed}
    problems = identity_problems(session, wanted, own_id=organisation.id)
    if problems:
        raise Invalid(problems)
    after = {name: value for name, value in wanted.items() if value != getattr(organisation, name)}
    if not after:
        raise Invalid({"name": [N_("这里填的和现在已认证的信息一样。请先改要变更的那一项。")]})
    return after


def _put_in_force(session: Session, change: IdentityChange) -> None:
    organisation = change.organisation
    code = change.after.get("credit_code")
    if code and not credit_code_is_free(session, code, own_id=organisation.id):
        raise Invalid(
            {
                "credit_code": [
                    N_("申请之后，平台上已有另一家单位使用这个代码，不能同意变更；请核实后不予变更。")
                ]
            }
        )
    organisations.take_over(organisation, change.after)


def _tell(session: Session, change: IdentityChange, kind: str, entry: HistoryEntry, now: datetime) -> None:
    for user_id in organisations.people_managers(session, change.organisation_id):
        notices.tell(
            session,
            user_id,
            kind,
            key=f"identity-change:{change.id}:{entry.id}",
            path=f"/organisations/{change.organisation_id}",
            params={"name": change.organisation.name, "reason": entry.reason or ""},
            now=now,
        )


def _missing():
    raise NotFound
