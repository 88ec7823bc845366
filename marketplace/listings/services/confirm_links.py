"""The link that lets a person confirm a listing without logging in: what it says, and what may be done with it.

It names the listing, the person it was sent to, the confirmation it answers and the last day on which it is good. The
signature is the right to open it; the right to confirm is looked at again, as for somebody who logged in.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy.orm import Session

from marketplace import audit
from marketplace.accounts.services import people
from marketplace.clock import legal_day
from marketplace.errors import N_, Forbidden, NotFound
from marketplace.listings import freshness, states
from marketplace.listings.models import Listing
from marketplace.listings.services import confirming, publication
from marketplace.permissions import Actor, Permission, can

_SALT = "listing confirmation"
_FORGED = N_("这个链接不完整，或者不是本平台发出的。请从邮件里重新打开，或登录后在“我的成果和需求”里确认。")
_OLD = N_("这个链接已经过期。请登录后在“我的成果和需求”里确认。")
_NOT_HIS = N_("这个链接的收件人现在不再负责这条信息，不能用它办理。请由现在的负责人登录后确认。")


class Standing(StrEnum):
    """What became of the question a link asks."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    PAUSED = "paused"
    CLOSED = "closed"


@dataclass(frozen=True)
class Question:
    """An opened link: the listing, whose link it is, and where the question stands."""

    listing: Listing
    actor: Actor
    standing: Standing


def path_for(listing: Listing, user_id: int, secret: str, *, today: date) -> str:
    """The path of a link for one person, good for `freshness.LINK_DAYS` days and one confirmation."""
    # The day is the market's own: a signer's timestamp would not see its clock move.
    until = today + timedelta(days=freshness.LINK_DAYS)
    told = [listing.id, user_id, listing.confirmed_on.isoformat(), until.isoformat()]
    return f"/confirm/{URLSafeSerializer(secret, salt=_SALT).dumps(told)}"


def open_link(session: Session, token: str, secret: str, *, now: datetime) -> Question:
    """What the link asks. Raises NotFound (forged, too old) or Forbidden (the person has lost the right)."""
    today = legal_day(now)
    listing_id, user_id, confirmed_on, until = _read(token, secret)
    listing = session.get(Listing, listing_id)
    if today > until or listing is None or listing.confirmed_on is None:
        raise NotFound(_OLD)
    actor = people.actor_of(people.load(session, user_id), today)
    if actor.user_id is None or not can(actor, Permission.LISTING_MANAGE, listing.permission_subject()):
        raise Forbidden(_NOT_HIS)
    return Question(listing, actor, _standing(listing, confirmed_on))


def confirm(session: Session, question: Question, *, now: datetime) -> None:
    """Answer: still valid. What has been answered stays as it is. Raises Invalid (house not verified any more)."""
    if question.standing is Standing.OPEN:
        confirming.confirm(session, question.actor, question.listing.number, now=now, by="link")


def close(
    session: Session, question: Question, reason: str, note: str, *, version: int, now: datetime
) -> None:
    """Answer: take it off the market. Raises Invalid (no reason), StaleEdit (changed since the page was opened)."""
    if question.standing is not Standing.OPEN:
        return
    listing = question.listing
    publication.withdraw(session, question.actor, listing.number, reason, note=note, version=version, now=now)
    audit.record(session, question.actor, "listing.close_by_link", "listing", listing.id, now=now)


def _read(token: str, secret: str) -> tuple[int, int, date, date]:
    try:
        listing_id, user_id, confirmed_on, until = URLSafeSerializer(secret, salt=_SALT).loads(token)
        return listing_id, user_id, date.fromisoformat(confirmed_on), date.fromisoformat(until)
    except (BadData, ValueError, TypeError) as error:
        raise NotFound(_FORGED) from error


def _standing(listing: Listing, confirmed_on: date) -> Standing:
    if listing.state == states.WITHDRAWN:
        return Standing.CLOSED
    if listing.state == states.PAUSED:
        return Standing.PAUSED
    return Standing.OPEN if listing.confirmed_on == confirmed_on else Standing.CONFIRMED
