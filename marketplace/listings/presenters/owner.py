"""The owner's page of a listing: where it stands, what can be done, what happened."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask import url_for
from flask_babel import gettext

from marketplace.listings import completeness, states
from marketplace.listings.models import Listing, ListingRevision
from marketplace.listings.presenters.rows import own_state
from marketplace.listings.services.reading import needs_confirmation


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
    stale: bool
    confirmed_on: date | None
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
        actions=[t.action for t in states.LISTING.actions(listing.state) if t.permission]
        if may_manage
        else [],
        may_confirm=may_manage and listing.state == states.PUBLISHED,
        stale=needs_confirmation(listing, today),
        confirmed_on=listing.confirmed_on,
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
        "note": entry.reason,
    }


def _returned_reason(last: ListingRevision, entries: list[Any]) -> str | None:
    if last.state != states.RETURNED:
        return None
    return next(
        (e.reason for e in entries if e.to_state == states.RETURNED and e.subject_id == last.id), None
    )
