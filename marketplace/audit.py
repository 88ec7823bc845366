"""Who did what to which record, when, and for whom: written in the same transaction as the act."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from marketplace.db import Base, Identified, Key, UTCDateTime
from marketplace.permissions import Actor


class AuditEntry(Identified, Base):
    """One act. Rows are only ever added."""

    __tablename__ = "audit_entries"
    __table_args__ = (Index("ix_audit_entries_subject", "subject_type", "subject_id", "id"),)

    at: Mapped[datetime] = mapped_column(UTCDateTime, index=True, comment="moment of the act")
    actor_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id"), index=True, comment="person who acted; empty for the system"
    )
    on_behalf_of_id: Mapped[int | None] = mapped_column(
        ForeignKey("organisations.id"), comment="organisation the person acted for"
    )
    membership_id: Mapped[int | None] = mapped_column(
        ForeignKey("memberships.id"), comment="membership that carried the permission"
    )
    action: Mapped[str] = mapped_column(String(60), comment="what was done, e.g. revision.submit")
    subject_type: Mapped[str] = mapped_column(String(40), comment="kind of record")
    subject_id: Mapped[int | None] = mapped_column(Key, comment="record")
    data: Mapped[dict] = mapped_column(JSON, default=dict, comment="what changed, without personal data")


def record(
    session: Session,
    actor: Actor,
    action: str,
    subject_type: str,
    subject_id: int | None,
    *,
    now: datetime,
    membership=None,
    **data: object,
) -> None:
    """Add one audit row for an act of `actor` (the system when its user id is None)."""
    session.add(
        AuditEntry(
            at=now,
            actor_id=actor.user_id,
            membership_id=membership.id if membership else None,
            on_behalf_of_id=membership.organisation_id if membership else None,
            action=action,
            subject_type=subject_type,
            subject_id=subject_id,
            data=data,
        )
    )
