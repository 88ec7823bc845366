"""Organisations: entering one, having it verified by the market operator, keeping its data right."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, BinaryIO

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from marketplace import attachments, audit, identifiers, workflow
from marketplace.accounts import states
from marketplace.accounts.models import IdentityChange, Membership, Organisation
from marketplace.accounts.services import proof
from marketplace.accounts.services.organisation_data import (
    FIRST_ROLES,
    IDENTITY,
    cleaned,
    details_problems,
    differences,
    identity_problems,
    name_key,
)
from marketplace.attachments import Attachment, Storage
from marketplace.clock import legal_day
from marketplace.errors import N_, Invalid, NotFound, StaleEdit
from marketplace.notices import services as notices
from marketplace.permissions import Actor, Permission, can, require

EVIDENCE = "licence"


def register(session: Session, actor: Actor, data: Mapping[str, Any], *, now: datetime) -> Organisation:
    """A new organisation, unverified, with the actor as its first member and people manager.

    Raises Invalid; for a credit code already here the sentence leads to claiming that organisation.
    """
    values = _checked(session, data)
    organisation = Organisation(
        **values, name_key=name_key(values["name"]), state=states.UNVERIFIED, created_at=now
    )
    session.add(organisation)
    session.flush()
    session.add(
        Membership(
            user_id=actor.user_id,
            organisation_id=organisation.id,
            role=FIRST_ROLES[values["organisation_type"]],
            manages_people=True,
            from_on=legal_day(now),
        )
    )
    audit.record(session, actor, "organisation.register", "organisation", organisation.id, now=now)
    session.flush()
    return organisation


def update(
    session: Session,
    actor: Actor,
    organisation_id: int,
    data: Mapping[str, Any],
    *,
    version: int,
    now: datetime,
) -> Organisation:
    """Correct the data; of a verified organisation everything but its identity (see services/identity.py).

    Raises StaleEdit with both versions, Invalid with a sentence per field.
    """
    organisation = get(session, organisation_id)
    member = require(
        actor,
        Permission.ORGANISATION_EDIT,
        organisation.permission_subject(),
        view=Permission.ORGANISATION_VIEW,
    )
    if organisation.version != version:
        raise StaleEdit(differences(organisation, cleaned(data)))
    if identity_is_fixed(organisation):
        values = _details_beside_identity(organisation, data)
    else:
        values = _checked(session, data, own_id=organisation.id)
    changed = sorted(name for name, value in values.items() if getattr(organisation, name) != value)
    take_over(organisation, values)
    audit.record(
        session,
        actor,
        "organisation.update",
        "organisation",
        organisation.id,
        now=now,
        membership=member,
        fields=changed,
    )
    session.flush()
    return organisation


def identity_is_fixed(organisation: Organisation) -> bool:
    """Whether the operator has vouched for its identity, so that a change of it needs him again.

    A suspended organisation is included: it would come back under a name that nobody has looked at.
    """
    return organisation.state in (states.VERIFIED, states.SUSPENDED)


def take_over(organisation: Organisation, values: Mapping[str, Any]) -> None:
    """Write checked values; an earlier name stays on record."""
    if values.get("name", organisation.name) != organisation.name:
        organisation.former_names = [*organisation.former_names, organisation.name]
        organisation.name_key = name_key(values["name"])
    for name, value in values.items():
        setattr(organisation, name, value)


def submit(
    session: Session,
    actor: Actor,
    organisation_id: int,
    storage: Storage,
    upload: BinaryIO | None,
    filename: str,
    *,
    version: int,
    now: datetime,
) -> Organisation:
    """Ask for verification with one evidence file (licence or certificate). Raises Invalid."""
    organisation = get(session, organisation_id)
    require(
        actor,
        Permission.ORGANISATION_EDIT,
        organisation.permission_subject(),
        view=Permission.ORGANISATION_VIEW,
    )
    stored = proof.store(
        session,
        storage,
        actor,
        organisation,
        upload,
        filename,
        purpose=EVIDENCE,
        missing=N_("请上传营业执照或法人证书的扫描件，PDF 或图片均可。"),
        now=now,
    )
    workflow.apply(
        session,
        states.ORGANISATION,
        organisation,
        "submit",
        actor=actor,
        now=now,
        version=version,
        evidence=stored.public_id,
    )
    return organisation


def decide(
    session: Session,
    actor: Actor,
    organisation_id: int,
    action: str,
    *,
    version: int,
    now: datetime,
    reason: str | None = None,
) -> Organisation:
    """The operator verifies, returns, suspends or restores; its people managers are told."""
    organisation = get(session, organisation_id)
    entry = workflow.apply(
        session,
        states.ORGANISATION,
        organisation,
        action,
        actor=actor,
        now=now,
        version=version,
        reason=reason,
    )
    kind = {"verify": "organisation_verified", "return": "organisation_returned"}.get(action)
    if kind:
        for user_id in people_managers(session, organisation.id):
            notices.tell(
                session,
                user_id,
                kind,
                key=f"organisation:{organisation.id}:{entry.id}",
                path=f"/organisations/{organisation.id}",
                params={"name": organisation.name, "reason": reason or ""},
                now=now,
            )
    return organisation


def get(session: Session, organisation_id: int) -> Organisation:
    """The organisation. Raises NotFound."""
    organisation = session.get(Organisation, organisation_id)
    if organisation is None:
        raise NotFound
    return organisation


def view(
    session: Session,
    actor: Actor,
    organisation_id: int,
    permission: Permission = Permission.ORGANISATION_VIEW,
) -> Organisation:
    """An organisation for this person to see, or to do with what `permission` says.

    Raises NotFound where he may not see it (existence is secret until verified), else Forbidden.
    """
    organisation = get(session, organisation_id)
    require(
        actor,
        permission,
        organisation.permission_subject(),
        view=Permission.ORGANISATION_VIEW,
    )
    return organisation


def people_managers(session: Session, organisation_id: int) -> list[int]:
    """Who hears what becomes of an organisation."""
    return list(
        session.scalars(
            select(Membership.user_id)
            .where(
                Membership.organisation_id == organisation_id,
                Membership.manages_people,
                Membership.to_on.is_(None),
            )
            .distinct()
        )
    )


def find_by_credit_code(session: Session, code: str) -> Organisation | None:
    """The organisation with this code, cleaned first."""
    return session.scalar(select(Organisation).where(Organisation.credit_code == identifiers.clean(code)))


def waiting(session: Session, *, page: int, size: int) -> tuple[list[Organisation], int]:
    """Organisations that wait for the operator, and how many there are: those to be verified, and verified
    ones that ask to change their identity. Those that have waited longest come first, as far as is known.
    """
    asked = and_(IdentityChange.organisation_id == Organisation.id, IdentityChange.state == states.SUBMITTED)
    query = (
        select(Organisation)
        .outerjoin(IdentityChange, asked)
        .where(or_(Organisation.state == states.SUBMITTED, IdentityChange.id.is_not(None)))
    )
    total = session.scalar(select(func.count()).select_from(query.subquery()))
    since = func.coalesce(IdentityChange.asked_at, Organisation.created_at)
    rows = session.scalars(query.order_by(since, Organisation.id).limit(size).offset((page - 1) * size))
    return list(rows), total


def evidence(session: Session, actor: Actor, organisation_id: int) -> list[Attachment]:
    """Every evidence file, oldest first, for those who edit or verify the organisation."""
    organisation = view(session, actor, organisation_id)
    if not _may_see_evidence(actor, organisation):
        return []
    return attachments.of(session, "organisation", organisation.id)


def evidence_file(session: Session, actor: Actor, public_id: str) -> Attachment:
    """One evidence file for download. Raises NotFound for everybody who may not see it."""
    attachment = attachments.find(session, public_id)
    if attachment is None or attachment.subject_type != "organisation":
        raise NotFound
    if not _may_see_evidence(actor, get(session, attachment.subject_id)):
        raise NotFound
    return attachment


def _may_see_evidence(actor: Actor, organisation: Organisation) -> bool:
    subject = organisation.permission_subject()
    return can(actor, Permission.ORGANISATION_EDIT, subject) or can(
        actor, Permission.ORGANISATION_VERIFY, subject
    )


def _details_beside_identity(organisation: Organisation, data: Mapping[str, Any]) -> dict[str, Any]:
    """The cleaned details of an organisation whose identity is fixed, or Invalid."""
    values = cleaned(data)
    problems = details_problems(values)
    for name in IDENTITY:
        if name in values and values[name] != getattr(organisation, name):
            problems[name] = [
                N_("已认证的单位要改这一项，请在单位页面申请“变更认证信息”，经平台运营核验后生效。")
            ]
    if problems:
        raise Invalid(problems)
    return {name: value for name, value in values.items() if name not in IDENTITY}


def _checked(session: Session, data: Mapping[str, Any], own_id: int | None = None) -> dict[str, Any]:
    """The cleaned values, or Invalid with a sentence per field."""
    values = {"public_unit": False, **cleaned(data)}
    problems = {**identity_problems(session, values, own_id), **details_problems(values)}
    if problems:
        raise Invalid(problems)
    return values
