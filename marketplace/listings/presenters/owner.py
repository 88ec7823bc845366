"""The owner's page of a listing: where it stands, what can be done, what happened."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from types import SimpleNamespace
from typing import Any

from flask import url_for
from flask_babel import gettext

from marketplace.listings import completeness, states
from marketplace.listings.closing import CLOSING_REASONS
from marketplace.listings.models import Listing, ListingRevision
from marketplace.listings.presenters.freshness import clock
from marketplace.listings.presenters.rows import own_state

#: What an owner may do with a listing on a page that asks first.
_ASKED_FIRST = ("pause", "resume", "withdraw")


@dataclass(frozen=True)
class OwnPage:
    """The owner's page of a listing: where it stands, what can be done, what happened."""

    number: str
    kind: str
    title: str
    state_label: str
    state_family: str
    public_url: str | None
    open_revision_id: int | None
    may_edit: bool
    version: int
    actions: list[str]
    may_confirm: bool
    clock: SimpleNamespace | None
    views: int
    recent_views: int
    returned_reason: str | None
    defects: list[str]
    history: list[dict] = field(default_factory=list)


def own_page(
    listing: Listing,
    *,
    views: int,
    recent_views: int,
    history: Iterable[Any],
    may_edit: bool,
    may_manage: bool,
    today: date,
    last_notice_on: date | None,
) -> OwnPage:
    """What the owner of a listing sees."""
    last = listing.revisions[-1]
    label, family = own_state(listing, last)
    entries = list(history)
    writable = may_edit and last.state in (states.DRAFT, states.RETURNED)
    return OwnPage(
        number=listing.number,
        kind=str(listing.kind),
        title=last.title or gettext("（未写标题）"),
        state_label=label,
        state_family=family,
        public_url=url_for("listings.detail", number=listing.number)
        if listing.state == states.PUBLISHED
        else None,
        open_revision_id=last.id if writable else None,
        may_edit=may_edit and last.state not in (states.UNIT_APPROVAL, states.STAFF_REVIEW),
        version=listing.version,
        actions=[t.action for t in states.LISTING.actions(listing.state) if t.action in _ASKED_FIRST]
        if may_manage
        else [],
        may_confirm=may_manage,
        clock=clock(listing, today, last_notice_on),
        views=views,
        recent_views=recent_views,
        returned_reason=_returned_reason(last, entries),
        defects=[
            gettext(completeness.DEFECT_LABELS[d]) for d in completeness.defects(last.typed_content(), today)
        ]
        if listing.source
        else [],
        history=[history_line(entry) for entry in entries],
    )


def history_line(entry: Any) -> dict[str, Any]:
    """One move of a listing or a revision as a line of the timeline."""
    machine = states.REVISION if entry.subject_type == "revision" else states.LISTING
    found = next((t for t in machine.transitions if t.action == entry.action), None)
    return {
        "on": entry.at,
        "act": gettext(found.label) if found and found.label else entry.action,
        "note": _note(entry),
    }


def _note(entry: Any) -> str | None:
    """The closing reason and what was written with it."""
    reason = CLOSING_REASONS.get(entry.data.get("closing"))
    return "：".join(filter(None, (gettext(reason) if reason else None, entry.reason))) or None


def _returned_reason(last: ListingRevision, entries: list[Any]) -> str | None:
    if last.state != states.RETURNED:
        return None
    return next(
        (e.reason for e in entries if e.to_state == states.RETURNED and e.subject_id == last.id), None
    )
