"""Deals and publicities as pages show them."""

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

from flask import url_for
from flask_babel import gettext

from marketplace import codes
from marketplace.deals import states
from marketplace.deals.models import Deal, DealTerms, PricePublicity
from marketplace.deals.services import publicity as publicities
from marketplace.deals.services.reading import Opened
from marketplace.deals.services.talking import PAYMENT_MODES, contacts_open
from marketplace.permissions import Actor, Permission, can

FAMILIES = {
    states.NEGOTIATING: "progress",
    states.AGREED: "waiting",
    states.CONTRACTING: "progress",
    states.CONCLUDED: "done",
    states.CLOSED: "idle",
}
PUBLICITY_FAMILIES = {
    states.DRAFT: "waiting",
    states.PUBLICIZING: "progress",
    states.OBJECTED: "review",
    states.CONFIRMED: "done",
    states.SIGNED: "done",
    states.INTERRUPTED: "negative",
}


def title_of(deal: Deal) -> str:
    """What the deal is about."""
    return (deal.achievement_revision or deal.demand_revision).title


def row(deal: Deal, actor: Actor) -> dict[str, Any]:
    """A deal in the list."""
    label, family = _state(deal)
    return {
        "url": url_for("deals.deal", number=deal.number),
        "title": title_of(deal),
        "number": deal.number,
        "parties": gettext("%(seller)s 与 %(buyer)s", seller=deal.seller.name, buyer=deal.buyer.name),
        "price_fen": deal.agreed_terms.price_fen if deal.agreed_terms else None,
        "state_label": label,
        "state_family": family,
    }


def page(opened: Opened, actor: Actor, history: list[Any], today: date) -> SimpleNamespace:
    """The room of a deal for one of its people."""
    deal, side = opened.deal, opened.side
    last = deal.terms[-1] if deal.terms else None
    record = publicities.live(deal)
    label, family = _state(deal)
    return SimpleNamespace(
        number=deal.number,
        version=deal.version,
        title=title_of(deal),
        state_label=label,
        state_family=family,
        facts=_facts(deal),
        acts=side is not None,
        negotiating=deal.state == states.NEGOTIATING,
        agreed=deal.state == states.AGREED,
        talking=deal.state != states.CLOSED,
        may_close=side is not None and deal.state in (states.NEGOTIATING, states.AGREED),
        terms=[_terms(t, deal) for t in reversed(deal.terms)],
        to_agree=last.number
        if last and side and last.proposed_by != side and deal.state == states.NEGOTIATING
        else None,
        waiting_for_other=bool(last and last.proposed_by == side and deal.state == states.NEGOTIATING),
        messages=[
            SimpleNamespace(author=m.author.name, organisation=m.organisation.name, text=m.text, at=m.at)
            for m in opened.messages
        ],
        contact=_contact(deal, side),
        publicity=publicity_box(record, actor, today) if record else None,
        contract_ready=deal.state == states.AGREED and _contract_ready(deal, record, today),
        publicity_required=publicities.required(deal) and deal.state in (states.AGREED, states.NEGOTIATING),
        history=[_history_line(entry) for entry in history],
        listings=_listings(deal),
    )


def _contract_ready(deal: Deal, record: PricePublicity | None, today: date) -> bool:
    """Whether the button to draft is worth showing; the service has the last word."""
    if not publicities.required(deal):
        return True
    if record is None or record.contract_from is None:
        return False
    return record.state != states.OBJECTED and record.contract_from <= today


def publicity_box(record: PricePublicity, actor: Actor, today: date) -> SimpleNamespace:
    """Where the publicity of a deal stands and what can be done."""
    return SimpleNamespace(
        number=record.number,
        url=url_for("deals.publicity", number=record.number),
        state_label=gettext(states.PUBLICITY.labels[record.state]),
        state_family=PUBLICITY_FAMILIES[record.state],
        draft=record.state == states.DRAFT,
        running=record.state in (states.PUBLICIZING, states.OBJECTED),
        may_manage=can(actor, Permission.PUBLICITY_MANAGE, record.permission_subject()),
        posted_on=record.posted_on,
        last_day=record.last_day,
        contract_from=record.contract_from,
        days_left=publicities.days_left(record, today),
        calendar_published=record.calendar_published,
    )


def publicity_row(record: PricePublicity, today: date) -> dict[str, Any]:
    """A publicity in the public list."""
    return {
        "url": url_for("deals.publicity", number=record.number),
        "number": record.number,
        "title": record.title,
        "organisation": record.deal.seller.name,
        "price_fen": record.price_fen,
        "posted_on": record.posted_on,
        "last_day": record.last_day,
        "days_left": publicities.days_left(record, today),
        "elapsed": _elapsed(record, today),
        "state_label": gettext(states.PUBLICITY.labels[record.state]),
        "state_family": PUBLICITY_FAMILIES[record.state],
        "running": record.state == states.PUBLICIZING,
    }


def publicity_page(record: PricePublicity, actor: Actor, history: list[Any], today: date) -> SimpleNamespace:
    """The public page of a publicity: the sheet, the days, the record."""
    return SimpleNamespace(
        **vars(publicity_box(record, actor, today)),
        version=record.version,
        title=record.title,
        organisation=record.deal.seller.name,
        summary=record.summary,
        price_fen=record.price_fen,
        mode=gettext(codes.cooperation_modes().name(record.mode)),
        interested_buyer=record.interested_buyer,
        objection=record.objection,
        resolution=record.resolution,
        elapsed=_elapsed(record, today),
        days=_days(record, today),
        can_object=record.state == states.PUBLICIZING,
        can_resolve=record.state == states.OBJECTED,
        history=[_publicity_line(entry) for entry in history],
    )


def _state(deal: Deal) -> tuple[str, str]:
    return gettext(states.DEAL.labels[deal.state]), FAMILIES[deal.state]


def _facts(deal: Deal) -> list[tuple[str, str | None]]:
    return [
        (gettext("供给方"), deal.seller.name),
        (gettext("需求方"), deal.buyer.name),
        (gettext("来源"), gettext("匹配") if deal.origin == "match" else gettext("意向")),
        (gettext("技术经纪人"), deal.broker.name if deal.broker else gettext("无")),
    ]


def _listings(deal: Deal) -> list[dict[str, str]]:
    found = []
    for label, listing, revision in (
        (gettext("成果"), deal.achievement, deal.achievement_revision),
        (gettext("需求"), deal.demand, deal.demand_revision),
    ):
        if listing is not None:
            found.append(
                {
                    "label": label,
                    "title": revision.title,
                    "url": url_for("listings.detail", number=listing.number),
                }
            )
    return found


def _terms(terms: DealTerms, deal: Deal) -> SimpleNamespace:
    by = gettext("供给方") if terms.proposed_by == "seller" else gettext("需求方")
    return SimpleNamespace(
        number=terms.number,
        proposed_by=by,
        proposed_at=terms.proposed_at,
        price_fen=terms.price_fen,
        mode=gettext(codes.cooperation_modes().name(terms.mode)),
        payment_mode=gettext(PAYMENT_MODES[terms.payment_mode]),
        ip_terms=terms.ip_terms,
        note=terms.note,
        stands=terms.id == deal.agreed_terms_id,
        seller_agreed=terms.seller_agreed_at is not None,
        buyer_agreed=terms.buyer_agreed_at is not None,
    )


def _contact(deal: Deal, side: str | None) -> SimpleNamespace:
    """The other side's contact once both have consented; before that, who has."""
    mine = getattr(deal, f"{side}_shows_contact_at") if side else None
    other_side = {"seller": "buyer", "buyer": "seller"}.get(side or "")
    theirs = getattr(deal, f"{other_side}_shows_contact_at") if other_side else None
    rows: list[tuple[str, str | None]] = []
    if side and contacts_open(deal):
        rows = _contact_rows(deal, other_side)
    return SimpleNamespace(
        mine=mine is not None, theirs=theirs is not None, rows=rows, may_show=bool(side) and not mine
    )


def _contact_rows(deal: Deal, side: str) -> list[tuple[str, str | None]]:
    revision = deal.achievement_revision if side == "seller" else deal.demand_revision
    if revision is not None:
        content = revision.typed_content()
        return [
            (gettext("联系人"), content.contact_name or None),
            (gettext("联系电话"), content.contact_phone or None),
            (gettext("电子邮箱"), content.contact_email or None),
        ]
    person = deal.seller_person if side == "seller" else deal.buyer_person
    return [
        (gettext("联系人"), person.name if person else None),
        (gettext("联系电话"), person.phone if person else None),
        (gettext("电子邮箱"), person.email if person else None),
    ]


def _history_line(entry: Any) -> dict[str, Any]:
    found = next((t for t in states.DEAL.transitions if t.action == entry.action), None)
    return {"on": entry.at, "act": gettext(found.label) if found else entry.action, "note": entry.reason}


def _publicity_line(entry: Any) -> dict[str, Any]:
    found = next((t for t in states.PUBLICITY.transitions if t.action == entry.action), None)
    return {"on": entry.at, "act": gettext(found.label) if found else entry.action, "note": entry.reason}


def _elapsed(record: PricePublicity, today: date) -> float:
    if record.posted_on is None or record.last_day is None:
        return 0.0
    whole = (record.last_day - record.posted_on).days
    return min(1.0, max(0.0, (today - record.posted_on).days / whole))


def _days(record: PricePublicity, today: date) -> list[dict[str, str]]:
    """The counted days as a grid."""
    if record.posted_on is None or record.last_day is None:
        return []
    days = [
        record.posted_on + timedelta(days=n) for n in range(1, (record.last_day - record.posted_on).days + 1)
    ]
    return [
        {
            "label": f"{day.month}-{day.day}",
            "state": "past" if day < today else ("today" if day == today else "future"),
            "title": day.isoformat(),
        }
        for day in days
    ]
