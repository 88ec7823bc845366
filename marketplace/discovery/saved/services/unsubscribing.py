"""Unsubscribing from a mail, without logging in: whoever holds the link may stop what it was sent for."""

from datetime import datetime

from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace import audit
from marketplace.accounts.models import User
from marketplace.discovery.saved.models import Frequency, SavedSearch
from marketplace.errors import N_, NotFound
from marketplace.permissions import Actor

_SALT = "unsubscribe from digests"


def path_for(user_id: int, secret: str) -> str:
    """The address of a person's page to unsubscribe. It does not expire: old mails must work, too."""
    return f"/unsubscribe/{URLSafeSerializer(secret, salt=_SALT).dumps(user_id)}"


def person_of(session: Session, token: str, secret: str) -> User:
    """The person a link was made for. Raises NotFound for a forged one."""
    try:
        user_id = URLSafeSerializer(secret, salt=_SALT).loads(token)
    except (BadData, ValueError) as error:
        raise NotFound(N_("这个退订链接不对，请从邮件里重新打开，或登录后在“我的订阅”里修改。")) from error
    user = session.get(User, user_id)
    if user is None:
        raise NotFound
    return user


def alerting(session: Session, user: User) -> list[SavedSearch]:
    """The searches this person hears of, last saved first."""
    return list(
        session.scalars(
            select(SavedSearch)
            .where(SavedSearch.user_id == user.id, SavedSearch.frequency != Frequency.OFF)
            .order_by(SavedSearch.id.desc())
        )
    )


def stop(session: Session, user: User, search_id: int | None, *, now: datetime) -> list[SavedSearch]:
    """Stop the alerts of one search, or of all without an id; returns those it stopped. Can be repeated."""
    stopped = [search for search in alerting(session, user) if search_id in (None, search.id)]
    for search in stopped:
        search.frequency = Frequency.OFF
        audit.record(session, Actor(user.id), "saved_search.unsubscribe", "saved_search", search.id, now=now)
    session.flush()
    return stopped
