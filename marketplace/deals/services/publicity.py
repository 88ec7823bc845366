"""The publicity of a negotiated price of a public unit (促进科技成果转化法 art. 18; domain.md 5).

At least fifteen days are counted from the day after posting; a contract may be made from the day after the
last one. Another price needs another publicity; one that was taken down does not count.
"""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace import workdays, workflow
from marketplace.clock import legal_day
from marketplace.deals import states
from marketplace.deals.models import Deal, PricePublicity
from marketplace.errors import N_, Conflict, NotFound
from marketplace.listings.content import AchievementContent, PricingMode
from marketplace.notices import services as notices
from marketplace.numbering import next_number
from marketplace.permissions import SYSTEM, Actor
from marketplace.policy.deadlines import DeadlineFacts
from marketplace.policy.engine import calculate_deadline
from marketplace.policy.loader import load_rule_book

_LIVE = (states.DRAFT, states.PUBLICIZING, states.OBJECTED, states.CONFIRMED, states.SIGNED)


def required(deal: Deal) -> bool:
    """Whether the law asks for it: a public unit sells at a negotiated price."""
    if not deal.seller.public_unit:
        return False
    if deal.achievement_revision is None:
        return True
    content = deal.achievement_revision.typed_content()
    return content.pricing_mode in ("", PricingMode.NEGOTIATED)


def prepare(session: Session, deal: Deal, *, now: datetime) -> PricePublicity:
    """The record of the agreed price, a draft until the unit posts it. Nothing is typed twice."""
    terms = deal.agreed_terms
    year = legal_day(now).year
    revision = deal.achievement_revision or deal.demand_revision
    content = revision.typed_content()
    made = PricePublicity(
        number=f"G{year}-{next_number(session, f'publicity:{year}'):05d}",
        deal=deal,
        terms_id=terms.id,
        state=states.DRAFT,
        title=revision.title,
        summary=content.use if isinstance(content, AchievementContent) else content.goal,
        mode=terms.mode,
        price_fen=terms.price_fen,
        created_at=now,
    )
    session.add(made)
    session.flush()
    return made


def post(
    session: Session, actor: Actor, number: str, *, interested_buyer: bool, version: int, now: datetime
) -> PricePublicity:
    """The unit publishes the price; the days begin to count tomorrow."""
    record = find(session, number)
    entry = workflow.apply(session, states.PUBLICITY, record, "post", actor=actor, now=now, version=version)
    record.interested_buyer = interested_buyer
    record.posted_on = legal_day(now)
    _count_days(session, record)
    session.flush()
    _tell_buyer(session, record, "publicity_posted", f"{entry.id}", now)
    return record


def act(
    session: Session, actor: Actor, number: str, action: str, reason: str, *, version: int, now: datetime
) -> PricePublicity:
    """Note an objection, settle it, or take the publicity down (then it does not count)."""
    if action not in ("object", "resolve", "interrupt"):
        raise NotFound
    record = find(session, number)
    workflow.apply(
        session, states.PUBLICITY, record, action, actor=actor, now=now, version=version, reason=reason
    )
    if action == "object":
        record.objection = reason
    elif action == "resolve":
        record.resolution = reason
    session.flush()
    return record


def drop(session: Session, deal: Deal, reason: str, *, now: datetime) -> None:
    """Interrupt the live publicity of a deal whose terms no longer stand."""
    record = live(deal)
    if record is not None and record.state != states.SIGNED:
        workflow.apply(session, states.PUBLICITY, record, "interrupt", actor=SYSTEM, now=now, reason=reason)


def confirm_due(session: Session, *, now: datetime, limit: int = 100) -> int:
    """Confirm the publicities whose last day has passed without an open objection; returns how many."""
    due = session.scalars(
        select(PricePublicity)
        .where(PricePublicity.state == states.PUBLICIZING, PricePublicity.contract_from <= legal_day(now))
        .limit(limit)
    ).all()
    for record in due:
        entry = workflow.apply(session, states.PUBLICITY, record, "confirm", actor=SYSTEM, now=now)
        _tell_buyer(session, record, "publicity_confirmed", f"{entry.id}", now)
    return len(due)


def allow_contract(session: Session, deal: Deal, *, now: datetime) -> PricePublicity | None:
    """The guard of drafting a contract: the confirmed publicity of the agreed price, None where none is asked.

    Raises Conflict with the day from which a contract may be made.
    """
    if not required(deal):
        return None
    record = live(deal)
    if record is None or record.terms_id != deal.agreed_terms_id:
        raise Conflict(N_("协议定价要先公示成果名称和拟交易价格；请先由单位发布公示。"))
    if record.state == states.PUBLICIZING and record.contract_from <= legal_day(now):
        workflow.apply(session, states.PUBLICITY, record, "confirm", actor=SYSTEM, now=now)
    if record.state in (states.CONFIRMED, states.SIGNED):
        return record
    if record.state == states.PUBLICIZING:
        raise Conflict(N_("价格正在公示，%(day)s 起才能起草合同。"), day=record.contract_from.isoformat())
    raise Conflict(N_("价格公示还没有完成，不能起草合同。"))


def live(deal: Deal) -> PricePublicity | None:
    """The publicity that stands, if any."""
    return next((p for p in reversed(deal.publicities) if p.state in _LIVE), None)


def find(session: Session, number: str) -> PricePublicity:
    """The publicity with this number. Raises NotFound."""
    found = session.scalar(select(PricePublicity).where(PricePublicity.number == number))
    if found is None:
        raise NotFound
    return found


def days_left(record: PricePublicity, today: date) -> int:
    """Days that are still to pass, the last one included; 0 once it is over."""
    return max(0, (record.last_day - today).days) if record.last_day else 0


def _count_days(session: Session, record: PricePublicity) -> None:
    facts = DeadlineFacts(start=record.posted_on, rule="PRICE_PUBLICITY")
    answer = calculate_deadline(facts, load_rule_book().in_force(record.posted_on), workdays.load(session))
    record.last_day = answer.last_day
    record.contract_from = answer.earliest_contract_day
    record.calendar_published = answer.calendar_published


def _tell_buyer(session: Session, record: PricePublicity, kind: str, key: str, now: datetime) -> None:
    deal = record.deal
    for user_id in {deal.buyer_person_id, deal.seller_person_id} - {None}:
        notices.tell(
            session,
            user_id,
            kind,
            key=f"publicity:{record.id}:{key}",
            path=f"/publicity/{record.number}",
            params={"title": record.title, "day": record.contract_from.isoformat()},
            now=now,
        )
