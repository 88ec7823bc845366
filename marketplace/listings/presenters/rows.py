"""A listing as a row: in results and in its owner's list."""

from collections.abc import Collection
from datetime import date
from typing import Any

from flask import url_for
from flask_babel import gettext

from marketplace.listings import states
from marketplace.listings.content import Content, Kind
from marketplace.listings.models import Listing, ListingRevision
from marketplace.listings.presenters.freshness import days_left, grey_days
from marketplace.listings.presenters.words import field_name, mode_names, open_indicators, place, row_price

_MOST_INDICATORS = 4
LISTING_FAMILIES = {
    states.UNPUBLISHED: "idle",
    states.PUBLISHED: "done",
    states.PAUSED: "waiting",
    states.WITHDRAWN: "idle",
    states.LAPSED: "waiting",
}


REVISION_FAMILIES = {
    states.DRAFT: "idle",
    states.UNIT_APPROVAL: "progress",
    states.STAFF_REVIEW: "progress",
    states.ACCEPTED: "done",
    states.RETURNED: "waiting",
}


def listing_row(
    listing: Listing, today: date, *, title: Any = None, excerpt: Any = None, met: Collection[str] = ()
) -> dict[str, Any]:
    """A published listing as a row of results; title and excerpt may be highlight segments.

    `met` are the names of indicators that meet what was asked for: they come first and say so.
    """
    content = listing.accepted_revision.typed_content()
    return {
        "url": url_for("listings.detail", number=listing.number),
        "title": title or content.title,
        "number": listing.number,
        "organisation": owner_name(listing),
        "place": place(content.region_code),
        "field": field_name(content),
        "excerpt": excerpt,
        "indicators": _indicators(content, met),
        "trl": getattr(content, "trl", None),
        "modes": mode_names(content),
        "confirmed_on": listing.confirmed_on,
        "stale_days": grey_days(listing, today),
        **row_price(content),
    }


def _indicators(content: Content, met: Collection[str]) -> list[dict[str, str]]:
    rows = [
        {"label": gettext("%(indicator)s，达到", indicator=text), "verdict": "met"}
        if row.name in met
        else {"label": text, "verdict": "plain"}
        for row, text in zip(content.indicators, open_indicators(content), strict=False)
    ]
    return sorted(rows, key=lambda row: row["verdict"] != "met")[:_MOST_INDICATORS]


def own_row(listing: Listing, views: int, today: date) -> dict[str, Any]:
    """A listing in its owner's list: the state of its last revision where that is still open."""
    last = listing.revisions[-1]
    state_label, family = own_state(listing, last)
    return {
        "url": url_for("listings.own", number=listing.number),
        "title": last.title or gettext("（未写标题）"),
        "number": listing.number,
        "kind": gettext("成果") if listing.kind == Kind.ACHIEVEMENT else gettext("需求"),
        "organisation": listing.organisation.name,
        "status_label": state_label,
        "status_family": family,
        "views": views,
        "confirmed_on": listing.confirmed_on,
        "days_left": days_left(listing, today),
        "stale_days": grey_days(listing, today) if listing.state == states.PUBLISHED else None,
    }


def own_state(listing: Listing, last: ListingRevision) -> tuple[str, str]:
    """What an owner must know first: an open revision counts before the public state."""
    if last.state != states.ACCEPTED:
        return gettext(states.REVISION.labels[last.state]), REVISION_FAMILIES[last.state]
    return gettext(states.LISTING.labels[listing.state]), LISTING_FAMILIES[listing.state]


def owner_name(listing: Listing) -> str:
    """Whose it is, where the owner lets that be known."""
    return gettext("未公开单位名称") if listing.hide_owner else listing.organisation.name
