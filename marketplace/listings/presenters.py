"""Listings as pages show them: rows of lists, the public page, the owner's page, the draft's pages."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import SimpleNamespace
from typing import Any

from flask import url_for
from flask_babel import gettext

from marketplace import codes, identifiers
from marketplace.attachments import Attachment
from marketplace.errors import Invalid
from marketplace.listings import clarity, completeness, labels, states
from marketplace.listings.content import AchievementContent, Content, DemandContent, Kind, PriceKind
from marketplace.listings.models import Listing, ListingRevision
from marketplace.listings.services.reading import PublicListing, needs_confirmation
from marketplace.permissions import Role
from marketplace.web.jinja import ABSENT, wan_yuan

POSTING_ROLES = frozenset({Role.RESEARCHER, Role.UNIT_MANAGER, Role.ENTERPRISE_MEMBER, Role.BROKER})

LISTING_FAMILIES = {
    states.UNPUBLISHED: "idle",
    states.PUBLISHED: "done",
    states.PAUSED: "waiting",
    states.WITHDRAWN: "idle",
}
REVISION_FAMILIES = {
    states.DRAFT: "idle",
    states.UNIT_APPROVAL: "progress",
    states.STAFF_REVIEW: "progress",
    states.ACCEPTED: "done",
    states.RETURNED: "waiting",
}


def listing_row(listing: Listing, today: date, *, title: Any = None, excerpt: Any = None) -> dict[str, Any]:
    """A published listing as a row of results; title and excerpt may be highlight segments."""
    content = listing.accepted_revision.typed_content()
    return {
        "url": url_for("listings.detail", number=listing.number),
        "title": title or content.title,
        "number": listing.number,
        "organisation": _owner_name(listing),
        "place": _place(content.region_code),
        "field": _field_name(content),
        "excerpt": excerpt,
        "indicators": [{"label": text, "verdict": "plain"} for text in open_indicators(content)[:4]],
        "trl": getattr(content, "trl", None),
        "modes": mode_names(content),
        "confirmed_on": listing.confirmed_on,
        "stale_days": (today - listing.confirmed_on).days if needs_confirmation(listing, today) else None,
        **_row_price(content),
    }


def own_row(listing: Listing, views: int) -> dict[str, Any]:
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
    }


def own_state(listing: Listing, last: ListingRevision) -> tuple[str, str]:
    """What an owner must know first: an open revision counts before the public state."""
    if last.state != states.ACCEPTED:
        return gettext(states.REVISION.labels[last.state]), REVISION_FAMILIES[last.state]
    return gettext(states.LISTING.labels[listing.state]), LISTING_FAMILIES[listing.state]


@dataclass(frozen=True)
class DetailPage:
    """The public page of a listing."""

    number: str
    kind: str
    title: str
    lead: str
    state_label: str
    state_family: str
    published_on: Any
    confirmed_on: date | None
    stale: bool
    organisation: str
    organisation_id: int | None
    place: str
    field_name: str
    industries: list[str]
    marks: list[dict]
    indicators: list[dict]
    trl: int | None
    trl_facts: list[tuple[str, str | None]]
    sections: list[tuple[str, str]]
    rights: list[dict]
    rights_facts: list[tuple[str, str | None]]
    price_min_fen: int | None
    price_max_fen: int | None
    price_note: str | None
    terms: list[tuple[str, str | None]]
    contact: list[tuple[str, str | None]]
    files: list[dict]
    keywords: tuple[str, ...]
    defects: list[str]
    sees_details: bool
    may_manage: bool
    may_enquire: bool


def detail_page(found: PublicListing, today: date) -> DetailPage:
    """What the public page shows to this person."""
    content, listing = found.content, found.listing
    achievement = isinstance(content, AchievementContent)
    price_shown = achievement or content.budget_public or found.sees_contact
    return DetailPage(
        number=listing.number,
        kind=str(listing.kind),
        title=content.title,
        lead=content.use if achievement else "",
        state_label=gettext(states.LISTING.labels[listing.state]),
        state_family=LISTING_FAMILIES[listing.state],
        published_on=listing.published_at,
        confirmed_on=listing.confirmed_on,
        stale=needs_confirmation(listing, today),
        organisation=listing.organisation.name if found.sees_owner else gettext("未公开单位名称"),
        organisation_id=listing.organisation_id if found.sees_owner else None,
        place=codes.regions().full_name(content.region_code) if content.region_code else ABSENT,
        field_name=_field_name(content),
        industries=[codes.industries().full_name(c, " / ") for c in content.industry_codes],
        marks=_marks(found),
        indicators=_indicator_rows(content) if found.sees_details else [],
        trl=content.trl if achievement else content.wanted_trl,
        trl_facts=_trl_facts(content),
        sections=_sections(content) if found.sees_details else [],
        rights=[_right(r) for r in content.ip_rights] if achievement and found.sees_details else [],
        rights_facts=_rights_facts(content) if achievement else [],
        price_min_fen=content.price_min_fen if price_shown else None,
        price_max_fen=content.price_max_fen if price_shown else None,
        price_note=_price_note(content, price_shown),
        terms=_terms(content),
        contact=_contact(content) if found.sees_contact else [],
        files=[public_file(f) for f in found.files],
        keywords=content.keywords,
        defects=[gettext(completeness.DEFECT_LABELS[d]) for d in completeness.defects(content, today)]
        if found.may_manage or listing.source
        else [],
        sees_details=found.sees_details,
        may_manage=found.may_manage,
        may_enquire=found.may_enquire,
    )


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


def draft_head(revision: ListingRevision) -> SimpleNamespace:
    """What the pages of a draft say about it."""
    return SimpleNamespace(
        id=revision.id,
        number=revision.listing.number,
        version=revision.version,
        title=revision.title,
        organisation=revision.listing.organisation.name,
    )


def draft_side(revision: ListingRevision | None, today: date) -> SimpleNamespace | None:
    """The side column of a demand's draft: how clear it is and what would make it clearer."""
    if revision is None or revision.listing.kind != Kind.DEMAND:
        return None
    score, points = clarity.of(revision.typed_content())
    return SimpleNamespace(
        score=score,
        points=[SimpleNamespace(text=gettext(p.text), met=p.met, worth=p.worth) for p in points],
    )


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
                "target": url_for(
                    "listings.step_page", revision_id=revision.id, step=_step_of(revision, name)
                )
                + f"#{name}",
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


def public_file(attachment: Attachment) -> dict[str, Any]:
    """A file as a link."""
    return {
        "name": attachment.filename,
        "url": url_for("listings.file", public_id=attachment.public_id),
        "note": _size(attachment.size),
    }


def draft_file(attachment: Attachment, revision_id: int) -> dict[str, Any]:
    """A file of a draft, with the way to take it out."""
    return {
        **public_file(attachment),
        "remove_url": url_for(
            "listings.remove_file", revision_id=revision_id, public_id=attachment.public_id
        ),
    }


def shown(content: Content, name: str) -> str:
    """One field as text for people."""
    value = getattr(content, name)
    if name in _SHOWN:
        return _SHOWN[name](value) if value not in (None, "", ()) else ""
    if isinstance(value, bool):
        return gettext("是") if value else gettext("否")
    if isinstance(value, tuple):
        return "、".join(map(str, value))
    return "" if value is None else str(value)


def indicator_texts(content: Content) -> list[str]:
    """The indicators as short texts: 硬度 ≥ 60 HRC."""
    if isinstance(content, DemandContent):
        return [f"{i.name} {i.comparator} {i.target} {i.unit}".strip() for i in content.indicators]
    return [f"{i.name} {i.value} {i.unit}".strip() for i in content.indicators]


def open_indicators(content: Content) -> list[str]:
    """The indicators that everybody may read: none where the details are confidential."""
    return indicator_texts(content) if getattr(content, "confidentiality", "public") == "public" else []


def mode_names(content: Content) -> str:
    """The cooperation modes in words."""
    return "、".join(gettext(codes.cooperation_modes().name(code)) for code in content.modes)


def _owner_name(listing: Listing) -> str:
    return gettext("未公开单位名称") if listing.hide_owner else listing.organisation.name


def _place(code: str) -> str:
    """The nearest two levels, e.g. 包头市 昆都仑区."""
    regions = codes.regions()
    return " ".join(regions.name(step) for step in regions.path(code)[-2:]) if code else ""


def _field_name(content: Content) -> str:
    return codes.technology_fields().name(content.field_codes[0]) if content.field_codes else ""


def _row_price(content: Content) -> dict[str, Any]:
    if isinstance(content, DemandContent) and not content.budget_public:
        return {"price_low_fen": None, "price_high_fen": None, "price_band": gettext("预算不公开")}
    if content.price_kind == PriceKind.NEGOTIABLE:
        known = content.price_max_fen is not None
        return {
            "price_low_fen": content.price_min_fen,
            "price_high_fen": content.price_max_fen,
            "price_band": gettext("可面议") if known else gettext("来源只写“面议”，未给区间"),
        }
    return {
        "price_low_fen": content.price_min_fen,
        "price_high_fen": content.price_max_fen,
        "price_band": None,
    }


def _price_note(content: Content, shown_to_reader: bool) -> str | None:
    if not shown_to_reader:
        return gettext("预算不公开，只用于匹配")
    if content.price_kind == PriceKind.NEGOTIABLE:
        return gettext("可面议") if content.price_max_fen is not None else gettext("来源只写“面议”，未给区间")
    return None


def _marks(found: PublicListing) -> list[dict]:
    """Trust marks: what somebody checked, and what only the publisher says."""
    content = found.content
    marks = [{"text": gettext("单位已认证"), "met": found.listing.organisation.state == "verified"}]
    if isinstance(content, AchievementContent):
        checked = [r for r in content.ip_rights if r.number and identifiers.check_patent_no(r.number).valid]
        if checked:
            marks.append({"text": gettext("专利号校验通过 %(count)s 项", count=len(checked)), "met": True})
        if found.files:
            marks.append({"text": gettext("有 %(count)s 份附件", count=len(found.files)), "met": True})
        if content.registration_no:
            marks.append(
                {"text": gettext("成果登记号 %(number)s", number=content.registration_no), "met": True}
            )
        bare = sum(1 for i in content.indicators if not i.evidence)
        if bare:
            marks.append({"text": gettext("指标为发布人自报 %(count)s 项", count=bare), "met": False})
    if found.listing.source:
        marks.append({"text": gettext("导入自其他平台，来源方未在本平台核验"), "met": False})
    return marks


def _indicator_rows(content: Content) -> list[dict]:
    return [vars(row) for row in content.indicators]


def _trl_facts(content: Content) -> list[tuple[str, str | None]]:
    level = codes.trl_levels().get(str(getattr(content, "trl", None) or ""))
    if level is None:
        return []
    following = codes.trl_levels().get(str(int(level.code) + 1))
    facts = [(gettext("现在"), f"{level.code} {gettext(level.name)}：{gettext(level.more['sentence'])}")]
    if content.trl_note:
        facts.append((gettext("证明"), content.trl_note))
    if following:
        facts.append(
            (gettext("到 %(level)s 级还需要", level=following.code), gettext(following.more["proof"]))
        )
    return facts


def _sections(content: Content) -> list[tuple[str, str]]:
    names = (
        ("problem", "principle")
        if isinstance(content, AchievementContent)
        else ("current_state", "goal", "limits", "tried")
    )
    return [
        (gettext(labels.FIELDS[name]), getattr(content, name)) for name in names if getattr(content, name)
    ]


def _right(right: Any) -> dict[str, Any]:
    return {
        "kind": gettext(codes.ip_types().name(right.kind)) if right.kind else ABSENT,
        "number": right.number,
        "name": right.name,
        "status": gettext(labels.IP_STATUSES[right.status]) if right.status in labels.IP_STATUSES else ABSENT,
        "valid": right.status == "granted",
        "owner": right.owner,
        "valid_to": right.valid_to,
    }


def _rights_facts(content: AchievementContent) -> list[tuple[str, str | None]]:
    facts = []
    if content.ownership:
        note = f"；{content.ownership_note}" if content.ownership_note else ""
        facts.append((gettext("成果归属"), gettext(labels.OWNERSHIPS[content.ownership]) + note))
    if content.contributors:
        facts.append((gettext("完成人"), "、".join(c.name for c in content.contributors)))
    if content.government_project:
        facts.append((gettext("相关政府项目"), content.government_project))
    return facts


def _terms(content: Content) -> list[tuple[str, str | None]]:
    terms = [(gettext("方式"), mode_names(content) or None)]
    if isinstance(content, AchievementContent):
        if content.pricing_mode:
            terms.append((gettext("定价"), gettext(labels.PRICING_MODES[content.pricing_mode])))
        return terms
    terms.append((gettext("希望解决"), content.solve_by.isoformat() if content.solve_by else None))
    if content.is_challenge:
        terms.append((gettext("类型"), gettext("揭榜挂帅")))
    if content.valid_to:
        terms.append((gettext("来源有效期至"), content.valid_to.isoformat()))
    return terms


def _contact(content: Content) -> list[tuple[str, str | None]]:
    return [
        (gettext("联系人"), content.contact_name or None),
        (gettext("联系电话"), content.contact_phone or None),
        (gettext("电子邮箱"), content.contact_email or None),
    ]


def _returned_reason(last: ListingRevision, entries: list[Any]) -> str | None:
    if last.state != states.RETURNED:
        return None
    return next(
        (e.reason for e in entries if e.to_state == states.RETURNED and e.subject_id == last.id), None
    )


def _step_of(revision: ListingRevision, name: str) -> str:
    groups: Mapping[str, tuple[str, ...]] = _STEP_FIELDS[revision.listing.kind]
    return next((step for step, names in groups.items() if name in names), next(iter(groups)))


def _size(size: int) -> str:
    return f"{size / 1024 / 1024:.1f} MB" if size >= 1024 * 1024 else f"{max(1, size // 1024)} KB"


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

_SHOWN = {
    "field_codes": lambda v: "；".join(codes.technology_fields().full_name(c, " / ") for c in v),
    "industry_codes": lambda v: "；".join(codes.industries().full_name(c, " / ") for c in v),
    "region_code": lambda v: codes.regions().full_name(v),
    "modes": lambda v: "、".join(gettext(codes.cooperation_modes().name(c)) for c in v),
    "trl": lambda v: f"{v} {gettext(codes.trl_levels().name(str(v)))}",
    "wanted_trl": lambda v: f"{v} {gettext(codes.trl_levels().name(str(v)))}",
    "ownership": lambda v: gettext(labels.OWNERSHIPS[v]),
    "pricing_mode": lambda v: gettext(labels.PRICING_MODES[v]),
    "price_kind": lambda v: gettext(labels.PRICE_KINDS[v]),
    "price_min_fen": lambda v: f"{wan_yuan(v)} {gettext('万元')}",
    "price_max_fen": lambda v: f"{wan_yuan(v)} {gettext('万元')}",
    "confidentiality": lambda v: gettext(labels.CONFIDENTIALITY[v]),
    "solve_by": lambda v: v.isoformat(),
    "indicators": lambda v: "；".join(
        " ".join(
            part
            for part in (
                i.name,
                getattr(i, "comparator", ""),
                getattr(i, "target", "") or getattr(i, "value", ""),
                i.unit,
            )
            if part
        )
        for i in v
    ),
    "ip_rights": lambda v: "；".join(
        " ".join(filter(None, (codes.ip_types().name(r.kind), r.number, r.name, r.owner))) for r in v
    ),
    "contributors": lambda v: "；".join(" ".join(filter(None, (c.name, c.title, c.contribution))) for c in v),
}
