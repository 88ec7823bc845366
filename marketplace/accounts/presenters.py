"""Organisations and people as pages show them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from flask_babel import gettext

from marketplace import codes
from marketplace.accounts import states
from marketplace.accounts.models import IdentityChange, Membership, Organisation
from marketplace.accounts.services import identity
from marketplace.accounts.services.organisation_data import FIELDS, IDENTITY, PARTY_KINDS, TYPES, shown
from marketplace.attachments import Attachment
from marketplace.errors import Difference
from marketplace.permissions import Actor, Permission, can
from marketplace.web import code_names
from marketplace.web.jinja import ABSENT
from marketplace.web.labels import ROLES

FAMILIES = {
    states.UNVERIFIED: "idle",
    states.SUBMITTED: "progress",
    states.RETURNED: "waiting",
    states.VERIFIED: "done",
    states.SUSPENDED: "negative",
}
CHANGE_FAMILIES = {
    states.SUBMITTED: "progress",
    states.ACCEPTED: "done",
    states.REFUSED: "negative",
    states.WITHDRAWN: "idle",
}


@dataclass(frozen=True)
class OrganisationPage:
    """An organisation's page: facts, state and what this person may do."""

    id: int
    version: int
    name: str
    state_label: str
    state_family: str
    facts: list[tuple[str, str | None]]
    may_edit: bool
    may_submit: bool
    may_change: bool
    may_manage_people: bool
    may_verify: bool
    waiting: bool
    suspended: bool
    verified: bool


@dataclass(frozen=True)
class ChangePage:
    """A change of identity: old beside new, the file that proves it, and where it stands."""

    id: int
    version: int
    organisation_id: int
    name: str
    state_label: str
    state_family: str
    rows: list[dict[str, str]]
    evidence: dict
    asked_by: str
    asked_at: datetime
    waiting: bool
    refused: bool
    other_code: bool


@dataclass(frozen=True)
class Colleague:
    """One line of the list of colleagues."""

    id: int
    name: str
    role: str
    since: object
    manages_people: bool
    is_me: bool


def organisation_page(organisation: Organisation, actor: Actor) -> OrganisationPage:
    """What the page of an organisation shows to this person."""
    subject = organisation.permission_subject()
    may_edit = can(actor, Permission.ORGANISATION_EDIT, subject)
    return OrganisationPage(
        id=organisation.id,
        version=organisation.version,
        name=organisation.name,
        state_label=gettext(states.ORGANISATION.labels[organisation.state]),
        state_family=FAMILIES[organisation.state],
        facts=_facts(organisation),
        may_edit=may_edit,
        may_submit=may_edit and organisation.state in (states.UNVERIFIED, states.RETURNED),
        may_change=may_edit and identity.may_ask(organisation),
        may_manage_people=can(actor, Permission.ORGANISATION_MANAGE_PEOPLE, subject),
        may_verify=can(actor, Permission.ORGANISATION_VERIFY, subject),
        waiting=organisation.state == states.SUBMITTED,
        suspended=organisation.state == states.SUSPENDED,
        verified=organisation.state == states.VERIFIED,
    )


def identity_facts(organisation: Organisation) -> list[tuple[str, str | None]]:
    """The facts that the operator has verified."""
    return [(gettext(FIELDS[name]), _said(shown(getattr(organisation, name))) or None) for name in IDENTITY]


def change_rows(change: IdentityChange) -> list[dict[str, str]]:
    """Old beside new, field by field, in the order of the form."""
    return [
        {
            "label": gettext(FIELDS[name]),
            "before": _said(shown(change.before[name])) or ABSENT,
            "after": _said(shown(change.after[name])) or ABSENT,
        }
        for name in IDENTITY
        if name in change.after
    ]


def _said(value: str) -> str:
    """A value of an organisation's data in the language of the reader; regions are codes until here."""
    if value in codes.regions():
        return code_names.place(value)
    return gettext(value) if value else ""


def change_page(change: IdentityChange) -> ChangePage:
    """A change as its owner and the operator see it."""
    return ChangePage(
        id=change.id,
        version=change.version,
        organisation_id=change.organisation_id,
        name=change.organisation.name,
        state_label=gettext(states.IDENTITY_CHANGE.labels[change.state]),
        state_family=CHANGE_FAMILIES[change.state],
        rows=change_rows(change),
        evidence=evidence_file(change.evidence),
        asked_by=change.asked_by.name,
        asked_at=change.asked_at,
        waiting=identity.waits(change),
        refused=change.state == states.REFUSED,
        other_code="credit_code" in change.after,
    )


def waiting_row(organisation: Organisation, change: IdentityChange | None) -> dict:
    """An organisation in the operator's queue: new, or with what it wants to change."""
    return {
        "id": organisation.id,
        "name": organisation.name,
        "credit_code": organisation.credit_code,
        "url": url_for("accounts.decide_change", change_id=change.id)
        if change
        else url_for("accounts.decide", organisation_id=organisation.id),
        "changes": change_rows(change) if change else [],
    }


def translated(differences: Iterable[Difference]) -> list[Difference]:
    """The two versions of a stale edit in the reader's language."""
    return [Difference(gettext(d.label), _said(d.mine), _said(d.theirs)) for d in differences]


def colleague(membership: Membership, actor: Actor) -> Colleague:
    """One membership as a line."""
    return Colleague(
        id=membership.id,
        name=membership.user.name,
        role=gettext(ROLES[membership.role]),
        since=membership.from_on,
        manages_people=membership.manages_people,
        is_me=membership.user_id == actor.user_id,
    )


def evidence_file(attachment: Attachment) -> dict:
    """One evidence file as a link."""
    return {
        "name": attachment.filename,
        "url": url_for("accounts.evidence_file", public_id=attachment.public_id),
        "note": f"{attachment.size / 1024:.0f} KB",
    }


def _facts(organisation: Organisation) -> list[tuple[str, str | None]]:
    rows = (
        (gettext("统一社会信用代码"), organisation.credit_code),
        (gettext("单位类型"), gettext(TYPES[organisation.organisation_type])),
        (gettext("单位性质"), gettext(PARTY_KINDS[organisation.party_kind])),
        (gettext("注册地"), code_names.place(organisation.registration_region)),
        (gettext("纳税地"), code_names.place(organisation.tax_region)),
        (gettext("法定代表人"), organisation.legal_representative),
        (gettext("地址"), organisation.address),
        (gettext("单位电话"), organisation.phone),
        (gettext("曾用名"), "；".join(organisation.former_names)),
    )
    return [(term, value or None) for term, value in rows]
