"""The pages of a draft and of its review: what is filled in, what is missing, what changed."""

from collections.abc import Collection, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from flask import url_for
from flask_babel import gettext

from marketplace import codes
from marketplace.attachments import Attachment
from marketplace.errors import Difference, Invalid
from marketplace.listings import clarity, completeness, labels, states
from marketplace.listings.content import Kind
from marketplace.listings.models import Listing, ListingRevision
from marketplace.listings.presenters.words import public_file, shown
from marketplace.listings.services.drafts import StaleDraft
from marketplace.listings.services.resemblance import LookAlike
from marketplace.listings.services.shared_rights import SharedNumber
from marketplace.permissions import Role
from marketplace.web.jinja import percent
from search.indicator_text import Suggestion

POSTING_ROLES = frozenset({Role.RESEARCHER, Role.UNIT_MANAGER, Role.ENTERPRISE_MEMBER, Role.BROKER})


def draft_head(revision: ListingRevision) -> SimpleNamespace:
    """What the pages of a draft say about it."""
    return SimpleNamespace(
        id=revision.id,
        number=revision.listing.number,
        version=revision.version,
        title=revision.title,
        organisation=revision.listing.organisation.name,
    )


def draft_side(
    revision: ListingRevision, shared: Sequence[SharedNumber], look_alikes: Sequence[LookAlike]
) -> SimpleNamespace:
    """The side column of a draft: listings with the same rights, those that look like it, how clear a demand is."""
    return SimpleNamespace(
        **posted_before(revision, shared, look_alikes),
        clarity=_clarity(revision) if revision.listing.kind == Kind.DEMAND else None,
    )


def _clarity(revision: ListingRevision) -> SimpleNamespace:
    """How clear a demand is, and for each thing missing what to write and where."""
    score, points = clarity.of(revision.typed_content())
    return SimpleNamespace(
        score=score,
        missing=[
            SimpleNamespace(text=gettext(p.missing), worth=p.worth, url=_field_url(revision, p.field))
            for p in points
            if not p.met
        ],
        met=[gettext(p.text) for p in points if p.met],
    )


def _field_url(revision: ListingRevision, name: str) -> str:
    step = _step_of(revision, name)
    return url_for("listings.step_page", revision_id=revision.id, step=step) + f"#{name}"


def posted_before(
    revision: ListingRevision, shared: Sequence[SharedNumber], look_alikes: Sequence[LookAlike]
) -> dict[str, list[SimpleNamespace]]:
    """What may have been posted before, each listing once: by a right's number, else by what it looks like."""
    named = {listing.id for one in shared for listing in one.listings}
    return {
        "same_rights": [_same_right(revision.listing, one) for one in shared],
        "look_alikes": [look_alike_row(one) for one in look_alikes if one.listing.id not in named],
    }


def _same_right(own: Listing, found: SharedNumber) -> SimpleNamespace:
    """A right whose number others name, and those of them that the reader may know of."""
    kind = gettext(codes.ip_types().name(found.right.kind)) if found.right.kind else ""
    return SimpleNamespace(
        right=f"{kind} {found.right.number}".strip(),
        listings=[_naming_it(own, listing) for listing in found.listings],
        hidden=found.hidden,
    )


def _naming_it(own: Listing, listing: Listing) -> SimpleNamespace:
    page = "listings.detail" if listing.state == states.PUBLISHED else "listings.own"
    return SimpleNamespace(
        title=listing.title,
        url=url_for(page, number=listing.number),
        number=listing.number,
        house=listing.organisation.name,
        own=listing.organisation_id == own.organisation_id,
        state=gettext(states.LISTING.labels[listing.state]),
    )


def look_alike_row(found: LookAlike) -> SimpleNamespace:
    """A listing that looks like a draft, with what makes it look so."""
    listing = found.listing
    hidden = listing.hide_owner and not found.own_house
    if found.same_title:
        why = gettext("标题相同")
    elif found.copied:
        why = gettext("正文有 %(share)s 相同", share=percent(found.copied, 0))
    else:
        why = gettext("标题和内容很相近")
    return SimpleNamespace(
        title=listing.accepted_revision.title,
        url=url_for("listings.detail", number=listing.number),
        number=listing.number,
        house=gettext("未公开单位名称") if hidden else listing.organisation.name,
        own=found.own_house,
        why=why,
    )


def suggested_rows(found: Sequence[Suggestion], shown: Collection[tuple[str, str]]) -> list[SimpleNamespace]:
    """Indicators read from the text, each with the words it was read from; without those on the page already."""
    return [
        SimpleNamespace(place=place, text=_indicator(one), quotation=one.quotation)
        for place, one in enumerate(found)
        if (one.name, one.unit) not in shown
    ]


def _indicator(found: Suggestion) -> str:
    if found.value is None:
        return f"{found.name} {found.low:f}–{found.high:f} {found.unit}".strip()
    return f"{found.name} {found.comparator.value} {found.value:f} {found.unit}".strip()


def steps_with_answers(revision: ListingRevision) -> set[str]:
    """The steps of a draft in which something has been filled in and nothing is missing."""
    content = revision.typed_content()
    missing = completeness.problems(content)
    groups = _STEP_FIELDS[revision.listing.kind]
    return {
        step
        for step, names in groups.items()
        if any(getattr(content, name) for name in names) and not any(name in missing for name in names)
    }


def check_page(
    revision: ListingRevision, refused: Invalid | None, files: list[Attachment]
) -> SimpleNamespace:
    """Every answer with a link to its step, and what is missing."""
    content = revision.typed_content()
    groups = []
    for step, names in _STEP_FIELDS[revision.listing.kind].items():
        url = url_for("listings.step_page", revision_id=revision.id, step=step)
        rows = [
            {"term": gettext(labels.FIELDS[name]), "text": shown(content, name), "url": f"{url}#{name}"}
            for name in names
        ]
        groups.append({"url": url, "rows": rows})
    missing = (refused.problems if refused else None) or {}
    return SimpleNamespace(
        head=draft_head(revision),
        groups=groups,
        files=[draft_file(file, revision.id) for file in files],
        errors=[
            {
                "target": _field_url(revision, name),
                "label": gettext(labels.FIELDS.get(name, name)),
                "message": gettext(sentence),
            }
            for name, sentences in missing.items()
            for sentence in sentences
        ],
    )


def review_row(revision: ListingRevision) -> dict[str, Any]:
    """A revision in the queue of a unit or of staff."""
    return {
        "id": revision.id,
        "title": revision.title,
        "number": revision.listing.number,
        "kind": gettext("成果") if revision.listing.kind == Kind.ACHIEVEMENT else gettext("需求"),
        "organisation": revision.listing.organisation.name,
        "submitted_at": revision.submitted_at,
    }


def review_page(revision: ListingRevision, files: list[Attachment]) -> SimpleNamespace:
    """A revision as its reviewer reads it: all answers, and what changed since the published one."""
    content = revision.typed_content()
    published = revision.listing.accepted_revision
    before = published.typed_content() if published is not None and published.id != revision.id else None
    names = [name for group in _STEP_FIELDS[revision.listing.kind].values() for name in group]
    return SimpleNamespace(
        id=revision.id,
        version=revision.version,
        title=revision.title,
        number=revision.listing.number,
        organisation=revision.listing.organisation.name,
        submitted_at=revision.submitted_at,
        facts=[(gettext(labels.FIELDS[name]), shown(content, name) or None) for name in names],
        changes=[]
        if before is None
        else [
            (gettext(labels.FIELDS[n]), shown(before, n), shown(content, n))
            for n in names
            if getattr(before, n) != getattr(content, n)
        ],
        files=[public_file(file) for file in files],
    )


def differences(stale: StaleDraft) -> list[Difference]:
    """The fields on which what was typed differs from what is stored now, as the listing's pages show them."""
    return [
        Difference(gettext(label), shown(stale.mine, name), shown(stale.theirs, name))
        for name, label in labels.FIELDS.items()
        if name in stale.names and getattr(stale.mine, name) != getattr(stale.theirs, name)
    ]


def draft_file(attachment: Attachment, revision_id: int) -> dict[str, Any]:
    """A file of a draft, with the way to take it out."""
    return {
        **public_file(attachment),
        "remove_url": url_for(
            "listings.remove_file", revision_id=revision_id, public_id=attachment.public_id
        ),
    }


def _step_of(revision: ListingRevision, name: str) -> str:
    groups: Mapping[str, tuple[str, ...]] = _STEP_FIELDS[revision.listing.kind]
    return next((step for step, names in groups.items() if name in names), next(iter(groups)))


_STEP_FIELDS: dict[str, dict[str, tuple[str, ...]]] = {
    Kind.ACHIEVEMENT: {
        "about": ("title", "use", "problem", "principle", "keywords"),
        "scope": ("field_codes", "industry_codes", "region_code", "scenarios"),
        "indicators": ("indicators",),
        "rights": (
            "trl",
            "trl_note",
            "ip_rights",
            "ownership",
            "ownership_note",
            "contributors",
            "registration_no",
            "government_project",
        ),
        "terms": (
            "modes",
            "pricing_mode",
            "price_kind",
            "price_min_fen",
            "price_max_fen",
            "confidentiality",
            "contact_name",
            "contact_phone",
            "contact_email",
        ),
    },
    Kind.DEMAND: {
        "about": ("title", "current_state", "goal", "limits", "tried", "keywords"),
        "indicators": ("indicators", "wanted_trl", "solve_by"),
        "scope": ("field_codes", "industry_codes", "region_code"),
        "terms": ("modes", "price_kind", "price_min_fen", "price_max_fen", "budget_public", "is_challenge"),
        "audience": ("limited", "hide_owner", "contact_name", "contact_phone", "contact_email"),
    },
}
