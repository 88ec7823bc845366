"""Opening a deal: from an accepted match, or from an enquiry on a listing."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace import audit
from marketplace.clock import legal_day
from marketplace.deals import states
from marketplace.deals.models import Deal, DealMessage
from marketplace.errors import N_, Conflict, Invalid, NotFound
from marketplace.listings.content import Kind
from marketplace.listings.models import Listing
from marketplace.listings.services.drafts import find_listing
from marketplace.matching.models import MatchDecision
from marketplace.matching.services import decisions
from marketplace.notices import services as notices
from marketplace.numbering import next_number
from marketplace.permissions import Actor, Member, Permission, require


def accept_match(session: Session, actor: Actor, number: str, other: str, *, now: datetime) -> Deal:
    """Accept a match of one's own listing and open the deal with the other side.

    Raises Conflict when the pair has been decided or already has a live deal.
    """
    decision = decisions.decide(session, actor, number, other, "accepted", now=now)
    _refuse_second(
        session, Deal.demand_id == decision.demand_id, Deal.achievement_id == decision.achievement_id
    )
    deal = _open(
        session,
        "match",
        demand=decision.demand,
        achievement=decision.achievement,
        seller_id=decision.achievement.organisation_id,
        buyer_id=decision.demand.organisation_id,
        decision=decision,
        now=now,
    )
    _tell_others(session, actor, deal, now)
    audit.record(session, actor, "deal.open", "deal", deal.id, now=now)
    return deal


def enquire(
    session: Session, actor: Actor, number: str, organisation_id: int, text: str, *, now: datetime
) -> Deal:
    """Ask the owner of a published listing; the first message opens the deal.

    Raises Forbidden, Invalid (no text), Conflict (there is a live deal already).
    """
    listing = find_listing(session, number)
    subject = listing.permission_subject()
    require(actor, Permission.LISTING_ENQUIRE, subject, view=Permission.LISTING_VIEW)
    asker = _asking_member(actor, listing, organisation_id)
    if not text.strip():
        raise Invalid({"text": [N_("请写明想了解什么，例如能否用于您的工况、价格和时间。")]})
    achievement = listing if listing.kind == Kind.ACHIEVEMENT else None
    demand = listing if listing.kind == Kind.DEMAND else None
    seller_id, buyer_id = (
        (listing.organisation_id, asker.organisation_id)
        if achievement
        else (asker.organisation_id, listing.organisation_id)
    )
    if achievement is not None:
        _refuse_second(
            session, Deal.achievement_id == listing.id, Deal.demand_id.is_(None), Deal.buyer_id == buyer_id
        )
    else:
        _refuse_second(
            session, Deal.demand_id == listing.id, Deal.achievement_id.is_(None), Deal.seller_id == seller_id
        )
    deal = _open(
        session,
        "enquiry",
        demand=demand,
        achievement=achievement,
        seller_id=seller_id,
        buyer_id=buyer_id,
        now=now,
    )
    _name_asker(deal, actor, asker)
    session.add(
        DealMessage(
            deal_id=deal.id,
            author_id=actor.user_id,
            organisation_id=asker.organisation_id,
            text=text.strip()[:2000],
            at=now,
        )
    )
    session.flush()
    _tell_others(session, actor, deal, now)
    audit.record(session, actor, "deal.enquire", "deal", deal.id, now=now, membership=asker)
    return deal


def _open(
    session: Session,
    origin: str,
    *,
    demand: Listing | None,
    achievement: Listing | None,
    seller_id: int,
    buyer_id: int,
    now: datetime,
    decision: MatchDecision | None = None,
) -> Deal:
    year = legal_day(now).year
    deal = Deal(
        number=f"T{year}-{next_number(session, f'deal:{year}'):05d}",
        origin=origin,
        state=states.NEGOTIATING,
        demand=demand,
        demand_revision_id=demand.accepted_revision_id if demand else None,
        achievement=achievement,
        achievement_revision_id=achievement.accepted_revision_id if achievement else None,
        match_decision_id=decision.id if decision else None,
        seller_id=seller_id,
        buyer_id=buyer_id,
        seller_person_id=achievement.author_id if achievement else None,
        buyer_person_id=demand.author_id if demand else None,
        created_at=now,
    )
    session.add(deal)
    session.flush()
    return deal


def _asking_member(actor: Actor, listing: Listing, organisation_id: int) -> Member:
    """The membership in whose name the person asks; never the owner's own house."""
    member = actor.member_of(organisation_id)
    if member is None or not member.verified:
        raise NotFound
    if organisation_id == listing.organisation_id:
        raise Conflict(N_("这是本单位发布的信息，不能向自己提出意向。"))
    return member


def _name_asker(deal: Deal, actor: Actor, asker: Member) -> None:
    """Who asked speaks for his side."""
    if asker.organisation_id == deal.buyer_id:
        deal.buyer_person_id = actor.user_id
    else:
        deal.seller_person_id = actor.user_id


def _refuse_second(session: Session, *conditions) -> None:
    live = session.scalar(select(Deal).where(Deal.state != states.CLOSED, *conditions))
    if live is not None:
        raise Conflict(N_("这件事已经在洽谈（编号 %(number)s），请到那里继续。"), number=live.number)


def _tell_others(session: Session, actor: Actor, deal: Deal, now: datetime) -> None:
    """The people of the other side hear that a deal was opened."""
    title = (deal.achievement or deal.demand).accepted_revision.title
    for user_id in {deal.seller_person_id, deal.buyer_person_id} - {None, actor.user_id}:
        notices.tell(
            session,
            user_id,
            "deal_opened",
            key=f"deal:{deal.id}:opened",
            path=f"/deals/{deal.number}",
            params={"title": title},
            now=now,
        )
