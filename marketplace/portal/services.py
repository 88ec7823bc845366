"""What the home page and the workbench need to know, gathered from the features."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from marketplace.accounts.models import Organisation
from marketplace.accounts.services import organisations
from marketplace.clock import LEGAL_ZONE, legal_day
from marketplace.contracts.services import reading as contracts
from marketplace.deals.models import PricePublicity
from marketplace.deals.services import reading as deals
from marketplace.discovery.services import popular
from marketplace.listings import freshness, states
from marketplace.listings.content import Kind
from marketplace.listings.models import Listing, ListingRevision
from marketplace.listings.services import reading
from marketplace.matching.models import MatchRun
from marketplace.matching.services import pairs
from marketplace.notices import services as notices
from marketplace.notices.models import Notice
from marketplace.permissions import Actor, Permission, Role, can
from marketplace.subsidies.models import SubsidyApplication
from marketplace.subsidies.services import applications
from marketplace.subsidies.services import reading as subsidies

_SHOWN = 8
_HOT_WORDS = 6
#: What stands on the home page while too few people have searched.
EDITORS_WORDS = ("稀土永磁", "煤基新材料", "风机叶片检测", "盐碱地改良", "乳品益生菌", "储能电池热管理")


@dataclass(frozen=True)
class Figures:
    """The market in figures, as of now."""

    achievements: int
    achievements_month: int
    demands: int
    demands_month: int
    fresh: int
    fresh_share: int
    matched: int
    registered: int
    registered_month: int


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """How much waits for one person, queue by queue: the counts of the menu at the side."""

    unread: int
    unit_waiting: int
    staff_waiting: int
    organisations_waiting: int
    subsidy_waiting: dict[str, int]


@dataclass(frozen=True, kw_only=True)
class Desk(Waiting):
    """What is due to one person."""

    notices: list[Notice]
    unit_queue: list[ListingRevision]
    staff_queue: list[ListingRevision]
    organisations: list[Organisation]
    returned: list[Listing]
    matches: list[tuple[Listing, int, int]]
    can_post: bool
    awaits_verification: bool
    applications: list[SubsidyApplication]


def figures(session: Session, *, now: datetime) -> Figures:
    """Counts of the home page: outcomes of this month (Asia/Shanghai) and in all."""
    today = legal_day(now)
    month = datetime(today.year, today.month, 1, tzinfo=LEGAL_ZONE)
    published = select(func.count()).select_from(Listing).where(Listing.state == states.PUBLISHED)
    fresh = session.scalar(published.where(Listing.confirmed_on >= freshness.recent_since(today)))
    achievements = reading.published_since(session, Kind.ACHIEVEMENT, None)
    demands = reading.published_since(session, Kind.DEMAND, None)
    total = achievements + demands
    return Figures(
        achievements=achievements,
        achievements_month=reading.published_since(session, Kind.ACHIEVEMENT, month),
        demands=demands,
        demands_month=reading.published_since(session, Kind.DEMAND, month),
        fresh=fresh,
        fresh_share=round(100 * fresh / total) if total else 0,
        matched=session.scalar(select(func.count(func.distinct(MatchRun.demand_id)))),
        registered=contracts.registered_since(session, None),
        registered_month=contracts.registered_since(session, month.date()),
    )


def hot_words(session: Session) -> list[str]:
    """The popular searches, most asked first; the editors' own fill what is missing of six."""
    return list(dict.fromkeys((*popular.shown(session), *EDITORS_WORDS)))[:_HOT_WORDS]


def running_publicities(session: Session, limit: int) -> tuple[list[PricePublicity], int]:
    """Prices that are being published now, those that end first; and how many there are."""
    return deals.running_publicities(session, limit)


def waiting(session: Session, actor: Actor) -> Waiting:
    """The counts of the queues this person reviews, in a fixed number of queries."""
    operator = Role.OPERATOR in actor.roles()
    return Waiting(
        unread=notices.unread_count(session, actor),
        unit_waiting=reading.awaiting_unit(session, actor, page=1, size=1)[1],
        staff_waiting=reading.awaiting_staff(session, actor, page=1, size=1)[1],
        organisations_waiting=organisations.waiting(session, page=1, size=1)[1] if operator else 0,
        subsidy_waiting=subsidies.queue_counts(session, actor),
    )


def desk(session: Session, actor: Actor, *, today: date) -> Desk:
    """Everything due to this person, in a fixed number of queries."""
    unit_queue, unit_waiting = reading.awaiting_unit(session, actor, page=1, size=_SHOWN)
    staff_queue, staff_waiting = reading.awaiting_staff(session, actor, page=1, size=_SHOWN)
    waiting, organisations_waiting = (
        organisations.waiting(session, page=1, size=_SHOWN) if Role.OPERATOR in actor.roles() else ([], 0)
    )
    return Desk(
        unread=notices.unread_count(session, actor),
        notices=notices.unread(session, actor, limit=_SHOWN),
        unit_queue=unit_queue,
        unit_waiting=unit_waiting,
        staff_queue=staff_queue,
        staff_waiting=staff_waiting,
        organisations=waiting,
        organisations_waiting=organisations_waiting,
        returned=_returned(session, actor),
        matches=pairs.waiting(session, actor),
        can_post=can(actor, Permission.LISTING_CREATE),
        awaits_verification=_awaits_verification(actor),
        subsidy_waiting=subsidies.queue_counts(session, actor),
        applications=applications.unfinished(session, actor, today, limit=_SHOWN),
    )


def _awaits_verification(actor: Actor) -> bool:
    """Whether this person may post as soon as his organisation is verified; an office's people never may."""
    if can(actor, Permission.LISTING_CREATE):
        return False
    verified = tuple(replace(member, verified=True) for member in actor.members)
    return can(replace(actor, members=verified), Permission.LISTING_CREATE)


def _returned(session: Session, actor: Actor) -> list[Listing]:
    return list(
        session.scalars(
            select(Listing)
            .join(ListingRevision, ListingRevision.listing_id == Listing.id)
            .where(Listing.author_id == actor.user_id, ListingRevision.state == states.RETURNED)
            .options(selectinload(Listing.revisions), joinedload(Listing.organisation))
            .order_by(Listing.id.desc())
            .limit(_SHOWN)
        ).unique()
    )
