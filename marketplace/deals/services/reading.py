"""Reading deals and publicities."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from marketplace.deals import states
from marketplace.deals.models import Deal, DealMessage, PricePublicity
from marketplace.errors import NotFound
from marketplace.permissions import Actor, Permission, require

_PUBLIC = (states.PUBLICIZING, states.OBJECTED, states.CONFIRMED, states.SIGNED, states.INTERRUPTED)


@dataclass(frozen=True)
class Opened:
    """A deal as one of its people sees it."""

    deal: Deal
    side: str | None
    messages: Sequence[DealMessage]


def find(session: Session, number: str) -> Deal:
    """The deal with this number. Raises NotFound."""
    deal = session.scalar(
        select(Deal)
        .where(Deal.number == number)
        .options(
            joinedload(Deal.seller),
            joinedload(Deal.buyer),
            joinedload(Deal.achievement_revision),
            joinedload(Deal.demand_revision),
        )
    )
    if deal is None:
        raise NotFound
    return deal


def view(session: Session, actor: Actor, number: str) -> Opened:
    """A deal for its parties. Raises NotFound for everybody else: that it exists is secret."""
    deal = find(session, number)
    require(actor, Permission.DEAL_VIEW, deal.permission_subject(), view=Permission.DEAL_VIEW)
    messages = session.scalars(
        select(DealMessage)
        .where(DealMessage.deal_id == deal.id)
        .options(joinedload(DealMessage.author), joinedload(DealMessage.organisation))
        .order_by(DealMessage.id)
        .limit(500)
    ).all()
    return Opened(deal, side_of(deal, actor), messages)


def side_of(deal: Deal, actor: Actor) -> str | None:
    """Seller or buyer: whom this person acts for; None for a broker who mediates between them."""
    if actor.user_id is not None and actor.user_id == deal.seller_person_id:
        return "seller"
    if actor.user_id is not None and actor.user_id == deal.buyer_person_id:
        return "buyer"
    houses = actor.houses()
    if deal.seller_id in houses:
        return "seller"
    return "buyer" if deal.buyer_id in houses else None


def mine(session: Session, actor: Actor, *, page: int, size: int) -> tuple[list[Deal], int]:
    """The deals this person may see, the newest first."""
    houses, person = actor.houses(), actor.user_id
    query = select(Deal).where(
        or_(
            Deal.seller_id.in_(houses),
            Deal.buyer_id.in_(houses),
            Deal.seller_person_id == person,
            Deal.buyer_person_id == person,
            Deal.broker_id == person,
        )
    )
    total = session.scalar(select(func.count()).select_from(query.subquery()))
    rows = session.scalars(
        query.options(
            joinedload(Deal.seller),
            joinedload(Deal.buyer),
            joinedload(Deal.achievement_revision),
            joinedload(Deal.demand_revision),
            joinedload(Deal.agreed_terms),
            selectinload(Deal.terms),
            selectinload(Deal.publicities),
        )
        .order_by(Deal.id.desc())
        .limit(size)
        .offset((page - 1) * size)
    )
    return list(rows), total


def publicities(session: Session, *, page: int, size: int) -> tuple[list[PricePublicity], int]:
    """Published price publicities, the running ones first, then the newest."""
    query = select(PricePublicity).where(PricePublicity.state.in_(_PUBLIC))
    total = session.scalar(select(func.count()).select_from(query.subquery()))
    running = (PricePublicity.state == states.PUBLICIZING).desc()
    rows = session.scalars(
        query.options(joinedload(PricePublicity.deal).joinedload(Deal.seller))
        .order_by(running, PricePublicity.id.desc())
        .limit(size)
        .offset((page - 1) * size)
    )
    return list(rows), total


def running_publicities(session: Session, limit: int) -> tuple[list[PricePublicity], int]:
    """Prices that are being published now, those that end first; and how many there are."""
    query = select(PricePublicity).where(PricePublicity.state == states.PUBLICIZING)
    total = session.scalar(select(func.count()).select_from(query.subquery()))
    rows = session.scalars(
        query.options(joinedload(PricePublicity.deal).joinedload(Deal.seller))
        .order_by(PricePublicity.last_day, PricePublicity.id)
        .limit(limit)
    )
    return list(rows), total


def publicity(session: Session, actor: Actor, number: str) -> PricePublicity:
    """One publicity. Raises NotFound while it is only the unit's draft."""
    found = session.scalar(
        select(PricePublicity)
        .where(PricePublicity.number == number)
        .options(joinedload(PricePublicity.deal).joinedload(Deal.seller))
    )
    if found is None:
        raise NotFound
    require(actor, Permission.PUBLICITY_VIEW, found.permission_subject(), view=Permission.PUBLICITY_VIEW)
    return found
