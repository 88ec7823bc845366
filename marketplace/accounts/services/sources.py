"""Where imported listings come from: a kind of its own among the organisations, without a credit code."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace import audit, workflow
from marketplace.accounts import states
from marketplace.accounts.models import Organisation
from marketplace.accounts.services.organisations import name_key
from marketplace.permissions import SYSTEM

TYPE = "source"


def ensure(session: Session, name: str, region_code: str, *, now: datetime) -> Organisation:
    """The source of this name, entered when it is not here yet. Nobody belongs to it."""
    found = session.scalar(
        select(Organisation).where(
            Organisation.name_key == name_key(name), Organisation.organisation_type == TYPE
        )
    )
    if found is not None:
        return found
    source = Organisation(
        name=name,
        name_key=name_key(name),
        credit_code=None,
        party_kind="OTHER",
        organisation_type=TYPE,
        public_unit=False,
        registration_region=region_code,
        state=states.UNVERIFIED,
        created_at=now,
    )
    session.add(source)
    session.flush()
    audit.record(session, SYSTEM, "organisation.enter_source", "organisation", source.id, now=now)
    workflow.apply(session, states.ORGANISATION, source, "enter_source", actor=SYSTEM, now=now, quiet=True)
    return source
