"""What the applicant's people hear of their application."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.accounts.models import Membership
from marketplace.clock import legal_day
from marketplace.notices import services as notices
from marketplace.permissions import TRADING_ROLES
from marketplace.subsidies.models import SubsidyApplication


def tell(
    session: Session,
    application: SubsidyApplication,
    kind: str,
    *,
    key: str,
    now: datetime,
    **params: object,
) -> None:
    """Tell everybody who acts for the applicant; `key` names the step, so that it is told once."""
    for user_id in _people(session, application, now):
        notices.tell(
            session,
            user_id,
            kind,
            key=f"subsidy:{application.id}:{key}",
            path=f"/subsidies/applications/{application.number}",
            params={"number": application.number, "title": application.contract.title, **params},
            now=now,
        )


def _people(session: Session, application: SubsidyApplication, now: datetime) -> list[int]:
    today = legal_day(now)
    members = session.scalars(
        select(Membership.user_id).where(
            Membership.organisation_id == application.applicant_id,
            Membership.role.in_(TRADING_ROLES),
            Membership.from_on <= today,
            Membership.to_on.is_(None) | (Membership.to_on >= today),
        )
    )
    return sorted(set(members))
