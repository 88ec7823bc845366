"""Organisations that the installation itself enters, by its commands: offices, registration agencies, the
platform, and the sources of imported listings. No page does this, and nobody has to show a licence for them.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace import audit, codes, identifiers, workflow
from marketplace.accounts.models import Organisation
from marketplace.accounts.services.organisation_data import PARTY_KINDS, name_key
from marketplace.accounts.states import ORGANISATION, UNVERIFIED
from marketplace.errors import N_, Invalid
from marketplace.permissions import SYSTEM

#: Types that cannot be entered by a person on a page.
OFFICES = frozenset({"registration_agency", "government", "platform"})
SOURCE = "source"


def enter(session: Session, data: Mapping[str, Any], *, now: datetime) -> Organisation:
    """Enter an office, a registration agency or the platform, verified at once. Raises Invalid."""
    problems: dict[str, list[str]] = {}
    if data.get("organisation_type") not in OFFICES:
        problems["organisation_type"] = [N_("只有政府部门、登记机构和平台运营单位由系统登记。")]
    if data.get("party_kind") not in PARTY_KINDS:
        problems["party_kind"] = [N_("请选择单位性质。")]
    if data.get("registration_region") not in codes.regions():
        problems["registration_region"] = [N_("请选择地区，精确到旗县市区。")]
    check = identifiers.check_credit_code(data.get("credit_code") or "")
    if not check.valid:
        problems["credit_code"] = [identifiers.reason_sentence("credit_code", check.reasons[0])]
    if problems:
        raise Invalid(problems)
    return _entered(
        session, Organisation(**{**data, "credit_code": check.normalised, "state": UNVERIFIED}), now
    )


def ensure_source(session: Session, name: str, region_code: str, *, now: datetime) -> Organisation:
    """What imported listings belong to when nobody claims them: the source of this name. It has no members."""
    found = session.scalar(
        select(Organisation).where(
            Organisation.name_key == name_key(name), Organisation.organisation_type == SOURCE
        )
    )
    if found is not None:
        return found
    source = Organisation(
        name=name,
        party_kind="OTHER",
        organisation_type=SOURCE,
        registration_region=region_code,
        state=UNVERIFIED,
    )
    return _entered(session, source, now)


def _entered(session: Session, organisation: Organisation, now: datetime) -> Organisation:
    organisation.name_key = name_key(organisation.name)
    organisation.created_at = now
    session.add(organisation)
    session.flush()
    audit.record(session, SYSTEM, "organisation.enter", "organisation", organisation.id, now=now)
    workflow.apply(session, ORGANISATION, organisation, "enter", actor=SYSTEM, now=now, quiet=True)
    return organisation
