"""The public page of a listing."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext

from marketplace import codes, identifiers
from marketplace.listings import completeness, labels, states
from marketplace.listings.content import AchievementContent, Content
from marketplace.listings.presenters.freshness import grey_days
from marketplace.listings.presenters.rows import LISTING_FAMILIES
from marketplace.listings.presenters.words import field_name, mode_names, price_note, public_file
from marketplace.listings.services.reading import PublicListing
from marketplace.web import code_names
from marketplace.web.jinja import ABSENT


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
    stale_days: int | None
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
        stale_days=grey_days(listing, today) if listing.state == states.PUBLISHED else None,
        organisation=listing.organisation.name if found.sees_owner else gettext("未公开单位名称"),
        organisation_id=listing.organisation_id if found.sees_owner else None,
        place=code_names.place(content.region_code) or ABSENT,
        field_name=field_name(content),
        industries=[code_names.full_name(codes.industries(), c) for c in content.industry_codes],
        marks=_marks(found),
        indicators=_indicator_rows(content) if found.sees_details else [],
        trl=content.trl if achievement else content.wanted_trl,
        trl_facts=_trl_facts(content),
        sections=_sections(content) if found.sees_details else [],
        rights=[_right(r) for r in content.ip_rights] if achievement and found.sees_details else [],
        rights_facts=_rights_facts(content) if achievement else [],
        price_min_fen=content.price_min_fen if price_shown else None,
        price_max_fen=content.price_max_fen if price_shown else None,
        price_note=price_note(content, price_shown),
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


def _marks(found: PublicListing) -> list[dict]:
    """Trust marks: what somebody checked, and what only the publisher says."""
    content = found.content
    house = found.listing.organisation
    marks = []
    if house.organisation_type != "source":
        marks.append({"text": gettext("单位已认证"), "met": house.state == "verified"})
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
    if isinstance(content, AchievementContent):
        return [vars(row) for row in content.indicators]
    return [{**vars(row), "necessity": gettext(labels.NECESSITIES[row.must])} for row in content.indicators]


def _trl_facts(content: Content) -> list[tuple[str, str | None]]:
    level = codes.trl_levels().get(str(getattr(content, "trl", None) or ""))
    if level is None:
        return []
    following = codes.trl_levels().get(str(int(level.code) + 1))
    # Names of their own: a text inside gettext(…) would itself be collected for translation.
    meaning = level.more["sentence"]
    facts = [(gettext("现在"), f"{level.code} {gettext(level.name)}：{gettext(meaning)}")]
    if content.trl_note:
        facts.append((gettext("证明"), content.trl_note))
    if following:
        missing = following.more["proof"]
        facts.append((gettext("到 %(level)s 级还需要", level=following.code), gettext(missing)))
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
