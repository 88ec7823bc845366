"""The hits of a search as a table to take along: what the result page shows, one listing a line."""

from collections.abc import Iterable
from typing import Any

from flask import url_for
from flask_babel import gettext

from marketplace.discovery.presenters.names import KIND_NAMES
from marketplace.discovery.services.exporting import MOST_EXPORTED
from marketplace.exporting import Table
from marketplace.listings.models import Listing
from marketplace.listings.presenters import owner_name, row_price, shown
from marketplace.web.jinja import wan_yuan


def hits_table(listings: Iterable[Listing], more: bool, left_out: str | None, base_url: str) -> Table:
    """The listings as they may be shown to everybody who finds them.

    Its last line says where there were too many, and what of the address was not understood (`left_out`): a file
    that holds more than was asked for must not look as if it did not.
    """
    cut = gettext(
        "结果超过 %(most)s 条，这里只有前 %(most)s 条；请加条件缩小范围后再导出。", most=MOST_EXPORTED
    )
    notes = [left_out] * bool(left_out) + [cut] * more
    return Table(
        title=gettext("搜索结果"),
        headings=[
            gettext("编号"),
            gettext("类别"),
            gettext("名称"),
            gettext("单位"),
            gettext("技术领域"),
            gettext("应用行业"),
            gettext("地区"),
            gettext("成熟度"),
            gettext("合作方式"),
            gettext("价格或预算（万元）"),
            gettext("最近确认"),
            gettext("链接"),
        ],
        rows=[_row(listing, base_url) for listing in listings],
        note=" ".join(notes) or None,
    )


def _row(listing: Listing, base_url: str) -> list[str]:
    content = listing.accepted_revision.typed_content()
    return [
        listing.number,
        str(KIND_NAMES[listing.kind]),
        content.title,
        owner_name(listing),
        shown(content, "field_codes"),
        shown(content, "industry_codes"),
        shown(content, "region_code"),
        shown(content, "trl" if hasattr(content, "trl") else "wanted_trl"),
        shown(content, "modes"),
        _price(row_price(content)),
        listing.confirmed_on.isoformat() if listing.confirmed_on else "",
        base_url + url_for("listings.detail", number=listing.number),
    ]


def _price(price: dict[str, Any]) -> str:
    """The band in 万元, and what is to be said about it: `45–60（可面议）`."""
    low, high = price["price_low_fen"], price["price_high_fen"]
    known = low if low is not None else high
    figures = "" if known is None else wan_yuan(known, high if high != known else None)
    said = price["price_band"] or ""
    return f"{figures}（{said}）" if figures and said else figures or said
