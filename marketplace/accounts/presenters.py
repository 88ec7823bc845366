"""Organisations and people as pages show them."""

from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext

from marketplace import codes
from marketplace.accounts import states
from marketplace.accounts.models import Membership, Organisation
from marketplace.accounts.services.organisations import PARTY_KINDS, TYPES
from marketplace.attachments import Attachment
from marketplace.permissions import Actor, Permission, can
from marketplace.web.labels import ROLES

FAMILIES = {
    states.UNVERIFIED: "idle",
    states.SUBMITTED: "progress",
    states.RETURNED: "waiting",
    states.VERIFIED: "done",
    states.SUSPENDED: "negative",
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
    may_manage_people: bool
    may_verify: bool
    waiting: bool
    suspended: bool
    verified: bool


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
        may_manage_people=can(actor, Permission.ORGANISATION_MANAGE_PEOPLE, subject),
        may_verify=can(actor, Permission.ORGANISATION_VERIFY, subject),
        waiting=organisation.state == states.SUBMITTED,
        suspended=organisation.state == states.SUSPENDED,
        verified=organisation.state == states.VERIFIED,
    )


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
    regions = codes.regions()
    rows = (
        (gettext("统一社会信用代码"), organisation.credit_code),
        (gettext("单位类型"), gettext(TYPES[organisation.organisation_type])),
        (gettext("单位性质"), gettext(PARTY_KINDS[organisation.party_kind])),
        (gettext("注册地"), regions.full_name(organisation.registration_region)),
        (gettext("纳税地"), regions.full_name(organisation.tax_region or "")),
        (gettext("法定代表人"), organisation.legal_representative),
        (gettext("地址"), organisation.address),
        (gettext("单位电话"), organisation.phone),
        (gettext("曾用名"), "；".join(organisation.former_names)),
    )
    return [(term, value or None) for term, value in rows]
