"""Organisations: entering one, having it verified by the market operator, keeping its data right."""

import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any, BinaryIO

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from marketplace import attachments, audit, codes, identifiers, workflow
from marketplace.accounts import states
from marketplace.accounts.models import Membership, Organisation
from marketplace.attachments import Attachment, Storage
from marketplace.clock import legal_day
from marketplace.errors import N_, Difference, Invalid, NotFound, StaleEdit
from marketplace.notices import services as notices
from marketplace.permissions import Actor, Permission, Role, can, require

EVIDENCE = "licence"

#: What a person does for an organisation of each type when he is the first to enter it.
FIRST_ROLES = {
    "university": Role.UNIT_MANAGER,
    "institute": Role.UNIT_MANAGER,
    "enterprise": Role.ENTERPRISE_MEMBER,
    "agency": Role.BROKER,
}
TYPES = {
    "university": N_("高等院校"),
    "institute": N_("科研院所"),
    "enterprise": N_("企业"),
    "agency": N_("技术转移机构"),
    "registration_agency": N_("技术合同登记机构"),
    "government": N_("政府部门"),
    "platform": N_("平台运营"),
    "source": N_("导入来源"),
}
PARTY_KINDS = {
    "ENTERPRISE": N_("企业"),
    "PUBLIC_INSTITUTION": N_("事业单位"),
    "SOCIAL_ORGANISATION": N_("社会组织"),
    "GOVERNMENT": N_("政府机关"),
    "INDIVIDUAL": N_("自然人"),
    "OTHER": N_("其他"),
}
FIELDS = {
    "name": N_("单位全称"),
    "credit_code": N_("统一社会信用代码"),
    "organisation_type": N_("单位类型"),
    "party_kind": N_("单位性质"),
    "public_unit": N_("国家设立的研究开发机构或高等院校（协议定价须公示）"),
    "registration_region": N_("注册地"),
    "tax_region": N_("纳税地"),
    "legal_representative": N_("法定代表人"),
    "address": N_("地址"),
    "phone": N_("单位电话"),
}
_BRACKETS = str.maketrans("（）【】", "()[]")


def name_key(name: str) -> str:
    """The name for comparison: full-width brackets and letters, spaces and case do not matter."""
    return "".join(unicodedata.normalize("NFKC", name).translate(_BRACKETS).split()).casefold()


def register(session: Session, actor: Actor, data: Mapping[str, Any], *, now: datetime) -> Organisation:
    """A new organisation, unverified, with the actor as its first member and people manager.

    Raises Invalid; for a credit code already here the sentence leads to claiming that organisation.
    """
    values = _checked(session, data)
    organisation = Organisation(**values, state=states.UNVERIFIED, created_at=now)
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
    """Correct the data. A verified organisation whose name or code changes keeps the old name on record."""
    organisation = get(session, organisation_id)
    member = require(
        actor,
        Permission.ORGANISATION_EDIT,
        organisation.permission_subject(),
        view=Permission.ORGANISATION_VIEW,
    )
    values = _checked(session, data, own_id=organisation.id)
    if organisation.version != version:
        raise StaleEdit(_differences(organisation, values))
    if values["name"] != organisation.name:
        organisation.former_names = [*organisation.former_names, organisation.name]
    changed = sorted(name for name, value in values.items() if getattr(organisation, name) != value)
    for name, value in values.items():
        setattr(organisation, name, value)
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
    if upload is None or not filename:
        raise Invalid({"evidence": [N_("请上传营业执照或法人证书的扫描件，PDF 或图片均可。")]})
    stored = attachments.store(
        session,
        storage,
        actor,
        upload,
        filename,
        subject_type="organisation",
        subject_id=organisation.id,
        purpose=EVIDENCE,
        now=now,
        field="evidence",
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
        for user_id in _people_managers(session, organisation.id):
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


def find_by_credit_code(session: Session, code: str) -> Organisation | None:
    """The organisation with this code, cleaned first."""
    return session.scalar(select(Organisation).where(Organisation.credit_code == identifiers.clean(code)))


def waiting(session: Session, *, page: int, size: int) -> tuple[list[Organisation], int]:
    """Organisations that wait for verification, oldest first, and how many there are."""
    query = select(Organisation).where(Organisation.state == states.SUBMITTED)
    total = session.scalar(select(func.count()).select_from(query.subquery()))
    rows = session.scalars(query.order_by(Organisation.id).limit(size).offset((page - 1) * size))
    return list(rows), total


def evidence(session: Session, actor: Actor, organisation_id: int) -> list[Attachment]:
    """The evidence files, for those who edit or verify the organisation."""
    organisation = view(session, actor, organisation_id)
    if not _may_see_evidence(actor, organisation):
        return []
    return attachments.of(session, "organisation", organisation.id, EVIDENCE)


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


def _people_managers(session: Session, organisation_id: int) -> list[int]:
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


def _differences(organisation: Organisation, typed: Mapping[str, Any]) -> list[Difference]:
    """What was typed beside what is stored now, where they differ."""
    return [
        Difference(label, _shown(typed.get(name)), _shown(getattr(organisation, name)))
        for name, label in FIELDS.items()
        if typed.get(name) != getattr(organisation, name)
    ]


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return N_("是") if value else N_("否")
    named = {**TYPES, **PARTY_KINDS}.get(value, value) if isinstance(value, str) else value
    if isinstance(named, str) and named in codes.regions():
        return codes.regions().full_name(named)
    return named or ""


def _checked(session: Session, data: Mapping[str, Any], own_id: int | None = None) -> dict[str, Any]:
    """The cleaned values, or Invalid with a sentence per field."""
    values = {
        name: (value.strip() or None) if isinstance(value, str) else value for name, value in data.items()
    }
    problems: dict[str, list[str]] = {}
    if len(values.get("name") or "") < 4:
        problems["name"] = [N_("请填写证照上的单位全称，至少 4 个字。")]
    if values.get("organisation_type") not in FIRST_ROLES:
        problems["organisation_type"] = [N_("请选择单位类型。")]
    if values.get("party_kind") not in PARTY_KINDS:
        problems["party_kind"] = [N_("请选择单位性质。")]
    for name in ("registration_region", "tax_region"):
        if values.get(name) not in codes.regions():
            problems[name] = [N_("请选择地区，精确到旗县市区。")]
    check = identifiers.check_credit_code(values.get("credit_code") or "")
    if not check.valid:
        problems["credit_code"] = [identifiers.reason_sentence("credit_code", check.reasons[0])]
    else:
        values["credit_code"] = check.normalised
        known = find_by_credit_code(session, check.normalised)
        if known is not None and known.id != own_id:
            problems["credit_code"] = [
                N_("这个单位已在平台上，不用重复登记；请用“加入已有单位”申请成为它的成员。")
            ]
    if problems:
        raise Invalid(problems)
    values["name_key"] = name_key(values["name"])
    values["public_unit"] = bool(values.get("public_unit"))
    return values
