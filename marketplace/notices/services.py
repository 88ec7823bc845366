"""Telling people: a notice in the workbench, and a mail for those who have an address."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from marketplace import outbox
from marketplace.errors import NotFound
from marketplace.notices.letters import Letter
from marketplace.notices.models import Mail, Notice
from marketplace.permissions import Actor


def tell(
    session: Session,
    user_id: int,
    kind: str,
    *,
    key: str,
    path: str,
    params: Mapping[str, object],
    now: datetime,
    letter: Letter | None = None,
) -> Notice | None:
    """One person is told one thing once: a key seen before does nothing (returns None).

    `letter` is what the mail says beyond the sentence.
    """
    full_key = f"{key}:{user_id}"
    if session.scalar(select(Notice.id).where(Notice.key == full_key)) is not None:
        return None
    notice = Notice(key=full_key, user_id=user_id, kind=kind, params=dict(params), path=path, created_at=now)
    session.add(notice)
    session.flush()
    _queue_for(session, notice, letter, now)
    return notice


def queue_mail(
    session: Session,
    recipient: str,
    kind: str,
    *,
    path: str,
    params: Mapping[str, object],
    locale: str,
    now: datetime,
    notice_id: int | None = None,
    letter: Letter | None = None,
) -> Mail:
    """Write a mail that the worker sends after this transaction has been committed."""
    mail = Mail(
        recipient=recipient,
        kind=kind,
        params=dict(params),
        path=path,
        locale=locale,
        state="queued",
        created_at=now,
        notice_id=notice_id,
        letter=letter.to_json() if letter else None,
    )
    session.add(mail)
    session.flush()
    outbox.emit(session, "mail", mail.id, now=now)
    return mail


def unread(session: Session, actor: Actor, limit: int = 20) -> list[Notice]:
    """The newest notices this person has not opened."""
    return list(
        session.scalars(
            select(Notice)
            .where(Notice.user_id == actor.user_id, Notice.read_at.is_(None))
            .order_by(Notice.id.desc())
            .limit(limit)
        )
    )


def unread_count(session: Session, actor: Actor) -> int:
    """How many notices this person has not opened."""
    if actor.user_id is None:
        return 0
    return session.scalar(
        select(func.count())
        .select_from(Notice)
        .where(Notice.user_id == actor.user_id, Notice.read_at.is_(None))
    )


def inbox(session: Session, actor: Actor, *, page: int, size: int) -> tuple[list[Notice], int]:
    """Everything this person has been told, newest first, and how much it is."""
    query = select(Notice).where(Notice.user_id == actor.user_id)
    total = session.scalar(select(func.count()).select_from(query.subquery()))
    return list(
        session.scalars(query.order_by(Notice.id.desc()).limit(size).offset((page - 1) * size))
    ), total


def read(session: Session, actor: Actor, notice_id: int, *, now: datetime) -> Notice:
    """Mark one of the person's own notices read. Raises NotFound for anybody else's."""
    notice = session.get(Notice, notice_id)
    if notice is None or notice.user_id != actor.user_id:
        raise NotFound
    notice.read_at = notice.read_at or now
    return notice


def read_all(session: Session, actor: Actor, *, now: datetime) -> None:
    """Mark everything of this person read."""
    session.execute(
        update(Notice).where(Notice.user_id == actor.user_id, Notice.read_at.is_(None)).values(read_at=now)
    )


def _queue_for(session: Session, notice: Notice, letter: Letter | None, now: datetime) -> None:
    session.refresh(notice, ["user"])
    if notice.user.email and notice.user.active:
        queue_mail(
            session,
            notice.user.email,
            notice.kind,
            path=notice.path,
            params=notice.params,
            locale=notice.user.locale,
            now=now,
            notice_id=notice.id,
            letter=letter,
        )
