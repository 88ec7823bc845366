"""The table of gaps: where demands find no supply, and supply no demand, by industry and maturity."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from flask import url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from marketplace import codes
from marketplace.exporting import Table
from marketplace.listings.content import Kind
from marketplace.pooling.models import GapCell
from marketplace.pooling.services.gaps import ALL
from marketplace.web import code_names
from marketplace.web.jinja import date_time
from search.documents import MATURITY_BANDS

#: Bands as columns, from the laboratory to the market, then those that state none, then all.
MATURITIES = {
    **{code: _l("%(low)s–%(high)s 级", low=low, high=high) for code, low, high in reversed(MATURITY_BANDS)},
    "": _l("未填"),
    ALL: _l("合计"),
}
SIDES = {Kind.DEMAND: _l("需求缺供给"), Kind.ACHIEVEMENT: _l("成果缺需求")}


def page(
    kind: Kind,
    section: str | None,
    cells: Mapping[str, Mapping[str, GapCell]],
    made_at: datetime | None,
) -> SimpleNamespace:
    """One side of the table, those with the widest gaps first, with the sum below."""
    whole = section or ALL
    industries = [code for code in cells if code != whole]
    industries.sort(key=lambda code: (*_rank(cells[code][ALL]), code))
    return SimpleNamespace(
        kind=str(kind),
        section=section,
        section_name=code_names.name(codes.industries(), section) if section else None,
        tabs=[_tab(side, kind, section) for side in SIDES],
        columns=[{"key": code, "label": str(label)} for code, label in MATURITIES.items()],
        rows=[_row(kind, code, cells[code], section) for code in industries],
        total=_row(kind, whole, cells[whole], section, name=gettext("合计")) if whole in cells else None,
        made_at=made_at,
        meaning=meaning(),
        export_url=url_for("pooling.export_gaps", ending="csv"),
    )


def meaning() -> str:
    """What is counted, in one passage."""
    return gettext(
        "只统计公开在架的信息（不含定向公开）。需求缺供给：最近一次匹配里没有相近程度“较高”以上的成果；"
        "成果缺需求：没有一条需求与它的相近程度达到“较高”。需求的成熟度是希望的成熟度。"
        "一条信息属于几个行业时各算一次，合计只算一次。"
    )


def export_table(cells: Sequence[GapCell], made_at: datetime | None) -> Table:
    """All cells as a table to take along."""
    return Table(
        title=gettext("供需缺口榜"),
        headings=[
            gettext("方向"),
            gettext("行业代码"),
            gettext("行业"),
            gettext("成熟度"),
            gettext("没有匹配"),
            gettext("共有"),
        ],
        rows=[
            (
                str(SIDES[Kind(cell.kind)]),
                "" if cell.industry == ALL else cell.industry,
                _industry(cell.industry),
                str(MATURITIES[cell.maturity]),
                cell.unmatched,
                cell.listings,
            )
            for cell in cells
        ],
        note=gettext("更新时间 %(moment)s。%(meaning)s", moment=date_time(made_at), meaning=meaning()),
    )


def _tab(side: Kind, chosen: Kind, section: str | None) -> dict[str, Any]:
    return {
        "label": str(SIDES[side]),
        "url": url_for("pooling.gaps", side=str(side), industry=section),
        "active": side == chosen,
    }


def _row(
    kind: Kind, industry: str, cells: Mapping[str, GapCell], section: str | None, *, name: str | None = None
) -> SimpleNamespace:
    deeper = section is None and industry not in ("", ALL)
    return SimpleNamespace(
        name=name or _industry(industry),
        url=url_for("pooling.gaps", side=str(kind), industry=industry) if deeper else None,
        cells={code: _cell(kind, industry, code, cells.get(code)) for code in MATURITIES},
    )


def _cell(kind: Kind, industry: str, maturity: str, cell: GapCell | None) -> SimpleNamespace | None:
    if cell is None:
        return None
    # What states no industry or no maturity cannot be asked for in the search.
    findable = "" not in (industry, maturity)
    filters = {"industry": industry, "maturity": maturity}
    chosen = {name: code for name, code in filters.items() if code != ALL}
    return SimpleNamespace(
        unmatched=cell.unmatched,
        listings=cell.listings,
        url=url_for("discovery.search", kind=str(kind), **chosen) if findable else None,
    )


def _rank(cell: GapCell) -> tuple[int, int]:
    return -cell.unmatched, -cell.listings


def _industry(code: str) -> str:
    if code == ALL:
        return gettext("全部行业")
    return code_names.name(codes.industries(), code) if code else gettext("未填行业")
