"""What a listing says, in words: single fields, indicators, prices, files."""

from collections.abc import Iterable
from typing import Any

from flask import url_for
from flask_babel import gettext

from marketplace import codes
from marketplace.attachments import Attachment
from marketplace.listings import labels
from marketplace.listings.content import (
    AchievementIndicator,
    Content,
    DemandContent,
    DemandIndicator,
    IpRight,
    PriceKind,
)
from marketplace.web import code_names
from marketplace.web.jinja import amount_text


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
    return named_modes(content.modes)


def named_modes(modes: Iterable[str]) -> str:
    """Cooperation modes by name, one after the other."""
    return code_names.listed(code_names.name(codes.cooperation_modes(), code) for code in modes)


def place(code: str) -> str:
    """The nearest two levels, e.g. 包头市 昆都仑区."""
    return code_names.place(code, levels=2)


def field_name(content: Content) -> str:
    return code_names.name(codes.technology_fields(), content.field_codes[0]) if content.field_codes else ""


def row_price(content: Content) -> dict[str, Any]:
    """What everybody may know of the price or budget: its ends in fen, and what is said about it."""
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


def price_note(content: Content, shown_to_reader: bool) -> str | None:
    if not shown_to_reader:
        return gettext("预算不公开，只用于匹配")
    if content.price_kind == PriceKind.NEGOTIABLE:
        return gettext("可面议") if content.price_max_fen is not None else gettext("来源只写“面议”，未给区间")
    return None


def public_file(attachment: Attachment) -> dict[str, Any]:
    """A file as a link."""
    return {
        "name": attachment.filename,
        "url": url_for("listings.file", public_id=attachment.public_id),
        "note": _size(attachment.size),
    }


def _size(size: int) -> str:
    return f"{size / 1024 / 1024:.1f} MB" if size >= 1024 * 1024 else f"{max(1, size // 1024)} KB"


def _indicator(row: AchievementIndicator | DemandIndicator) -> str:
    """One indicator with all that is said about it: 硬度 ≥ 60 HRC（现状 52，必须）."""
    if isinstance(row, DemandIndicator):
        notes = [_note(gettext("现状"), row.current), gettext(labels.NECESSITIES[row.must])]
        return _with_notes((row.name, row.comparator, row.target, row.unit), notes)
    notes = [_note(gettext("测试条件"), row.condition), _note(gettext("证据"), row.evidence)]
    return _with_notes((row.name, row.value, row.unit), notes)


def _right(row: IpRight) -> str:
    """One right with all that is said about it: 发明专利 2020… 名称 权利人（有效，有效期至 2040-01-01）."""
    kind = gettext(codes.ip_types().name(row.kind)) if row.kind else ""
    notes = [gettext(labels.IP_STATUSES[row.status])] if row.status in labels.IP_STATUSES else []
    notes.append(_note(gettext("有效期至"), row.valid_to.isoformat() if row.valid_to else ""))
    return _with_notes((kind, row.number, row.name, row.owner), notes)


def _note(label: str, text: str) -> str:
    return f"{label} {text}" if text else ""


def _with_notes(words: Iterable[str], notes: Iterable[str]) -> str:
    said = "，".join(filter(None, notes))
    return " ".join(filter(None, words)) + (f"（{said}）" if said else "")


_SHOWN = {
    "field_codes": lambda v: "；".join(code_names.full_name(codes.technology_fields(), c) for c in v),
    "industry_codes": lambda v: "；".join(code_names.full_name(codes.industries(), c) for c in v),
    "region_code": code_names.place,
    "modes": named_modes,
    "trl": lambda v: f"{v} {gettext(codes.trl_levels().name(str(v)))}",
    "wanted_trl": lambda v: f"{v} {gettext(codes.trl_levels().name(str(v)))}",
    "ownership": lambda v: gettext(labels.OWNERSHIPS[v]),
    "pricing_mode": lambda v: gettext(labels.PRICING_MODES[v]),
    "price_kind": lambda v: gettext(labels.PRICE_KINDS[v]),
    "price_min_fen": amount_text,
    "price_max_fen": amount_text,
    "confidentiality": lambda v: gettext(labels.CONFIDENTIALITY[v]),
    "solve_by": lambda v: v.isoformat(),
    "indicators": lambda v: "；".join(map(_indicator, v)),
    "ip_rights": lambda v: "；".join(map(_right, v)),
    "contributors": lambda v: "；".join(" ".join(filter(None, (c.name, c.title, c.contribution))) for c in v),
}
