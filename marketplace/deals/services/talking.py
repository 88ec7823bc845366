"""What happens inside a deal: messages, terms, consent, contacts, ending it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from marketplace import audit, codes, workflow
from marketplace.deals import states
from marketplace.deals.models import Deal, DealMessage, DealTerms
from marketplace.deals.services import publicity
from marketplace.deals.services.reading import find, side_of
from marketplace.errors import N_, Conflict, Forbidden, Invalid
from marketplace.notices import services as notices
from marketplace.permissions import Actor, Permission, require

PAYMENT_MODES = {
    "LUMP_SUM": N_("一次总付"),
    "INSTALMENTS": N_("分期支付"),
    "ROYALTY": N_("提成支付"),
    "ROYALTY_WITH_UPFRONT": N_("提成加入门费"),
    "OTHER": N_("其他"),
}


def post_message(session: Session, actor: Actor, number: str, text: str, *, now: datetime) -> DealMessage:
    """Say something to the other side. Raises Invalid for nothing, Conflict in a closed deal."""
    deal, side = _acting(session, actor, number)
    if deal.state == states.CLOSED:
        raise Conflict(N_("洽谈已经结束，不能再留言。"))
    if not text.strip():
        raise Invalid({"text": [N_("请写点内容再发送。")]})
    house = deal.seller_id if side == "seller" else deal.buyer_id
    message = DealMessage(
        deal_id=deal.id, author_id=actor.user_id, organisation_id=house, text=text.strip()[:2000], at=now
    )
    session.add(message)
    session.flush()
    _tell(session, actor, deal, "deal_message", f"message:{message.id}", now)
    return message


def propose(
    session: Session, actor: Actor, number: str, terms: Mapping[str, Any], *, now: datetime
) -> DealTerms:
    """Put terms on the table; the side that proposes agrees to them. Raises Invalid."""
    deal, side = _acting(session, actor, number)
    if deal.state != states.NEGOTIATING:
        raise Conflict(N_("条款已达成；要修改请先“重新洽谈”。"))
    _check_terms(terms)
    made = DealTerms(
        deal=deal,
        number=len(deal.terms) + 1,
        proposed_by=side,
        proposed_at=now,
        price_fen=terms["price_fen"],
        mode=terms["mode"],
        payment_mode=terms["payment_mode"],
        ip_terms=terms["ip_terms"].strip(),
        note=(terms.get("note") or "").strip() or None,
    )
    setattr(made, f"{side}_agreed_at", now)
    session.add(made)
    session.flush()
    audit.record(session, actor, "deal.propose", "deal", deal.id, now=now, terms=made.number)
    _tell(session, actor, deal, "deal_terms", f"terms:{made.id}", now)
    return made


def agree(
    session: Session, actor: Actor, number: str, terms_number: int, *, version: int, now: datetime
) -> Deal:
    """The other side agrees to the last proposal: the terms stand.

    A public unit's negotiated price then needs its publicity; the record is made at once, as a draft.
    Raises Conflict when newer terms have been proposed meanwhile.
    """
    deal, side = _acting(session, actor, number)
    last = deal.terms[-1] if deal.terms else None
    if last is None or last.number != terms_number:
        raise Conflict(N_("条款刚刚有了新的版本，请先看一看再决定。"))
    if side == last.proposed_by:
        raise Conflict(N_("这是您方提出的条款，等对方同意。"))
    workflow.apply(
        session, states.DEAL, deal, "agree", actor=actor, now=now, version=version, terms=last.number
    )
    setattr(last, f"{side}_agreed_at", now)
    deal.agreed_terms = last
    session.flush()
    if publicity.required(deal):
        publicity.prepare(session, deal, now=now)
    _tell(session, actor, deal, "deal_agreed", f"agreed:{last.id}", now)
    return deal


def reopen(session: Session, actor: Actor, number: str, reason: str, *, version: int, now: datetime) -> Deal:
    """Go back to negotiating; a publicity of the old price is interrupted."""
    deal, _side = _acting(session, actor, number)
    workflow.apply(session, states.DEAL, deal, "reopen", actor=actor, now=now, version=version, reason=reason)
    deal.agreed_terms = None
    publicity.drop(session, deal, reason, now=now)
    session.flush()
    _tell(session, actor, deal, "deal_reopened", f"reopened:{deal.version}", now)
    return deal


def close(session: Session, actor: Actor, number: str, reason: str, *, version: int, now: datetime) -> Deal:
    """End a deal without a contract; the other side is told why."""
    deal, _side = _acting(session, actor, number)
    workflow.apply(session, states.DEAL, deal, "close", actor=actor, now=now, version=version, reason=reason)
    publicity.drop(session, deal, reason, now=now)
    session.flush()
    _tell(session, actor, deal, "deal_closed", "closed", now, reason=reason)
    return deal


def show_contact(session: Session, actor: Actor, number: str, *, now: datetime) -> Deal:
    """Consent to show one's contact; both are seen once both sides have consented. Logged."""
    deal, side = _acting(session, actor, number)
    if getattr(deal, f"{side}_shows_contact_at") is None:
        setattr(deal, f"{side}_shows_contact_at", now)
        audit.record(session, actor, "deal.show_contact", "deal", deal.id, now=now, side=side)
        session.flush()
        _tell(session, actor, deal, "deal_contact", f"contact:{side}", now)
    return deal


def contacts_open(deal: Deal) -> bool:
    """Whether both sides have consented to show their contacts."""
    return deal.seller_shows_contact_at is not None and deal.buyer_shows_contact_at is not None


def _acting(session: Session, actor: Actor, number: str) -> tuple[Deal, str]:
    """The deal and the side this person acts for. Raises NotFound or Forbidden."""
    deal = find(session, number)
    require(actor, Permission.DEAL_ACT, deal.permission_subject(), view=Permission.DEAL_VIEW)
    side = side_of(deal, actor)
    if side is None:
        raise Forbidden
    return deal, side


def _check_terms(terms: Mapping[str, Any]) -> None:
    problems: dict[str, list[str]] = {}
    if not terms.get("price_fen"):
        problems["price_fen"] = [N_("请填写价格，单位为万元，例如 55。")]
    if terms.get("mode") not in codes.cooperation_modes() or terms.get("mode") == "other":
        problems["mode"] = [N_("请选择合作方式。")]
    if terms.get("payment_mode") not in PAYMENT_MODES:
        problems["payment_mode"] = [N_("请选择支付方式。")]
    if not (terms.get("ip_terms") or "").strip():
        problems["ip_terms"] = [N_("请写明知识产权和后续成果归谁、怎样使用。")]
    if problems:
        raise Invalid(problems)


def _tell(
    session: Session, actor: Actor, deal: Deal, kind: str, key: str, now: datetime, **params: object
) -> None:
    """The people of the other side hear of it, once."""
    title = (deal.achievement_revision or deal.demand_revision).title
    people = {deal.seller_person_id, deal.buyer_person_id, deal.broker_id} - {None, actor.user_id}
    for user_id in people:
        notices.tell(
            session,
            user_id,
            kind,
            key=f"deal:{deal.id}:{key}",
            path=f"/deals/{deal.number}",
            params={"title": title, **params},
            now=now,
        )
