"""Listings as pages show them."""

from marketplace.listings.presenters.detail import DetailPage, detail_page
from marketplace.listings.presenters.drafts import (
    POSTING_ROLES,
    check_page,
    differences,
    draft_file,
    draft_head,
    draft_side,
    posted_before,
    review_page,
    review_row,
    steps_with_answers,
    suggested_rows,
)
from marketplace.listings.presenters.freshness import (
    closing_counts,
    figure_facts,
    grey_days,
    link_page,
    waiting_row,
)
from marketplace.listings.presenters.owner import OwnPage, history_line, own_page
from marketplace.listings.presenters.rows import (
    LISTING_FAMILIES,
    REVISION_FAMILIES,
    listing_row,
    own_row,
    own_state,
    owner_name,
)
from marketplace.listings.presenters.words import (
    indicator_texts,
    mode_names,
    named_modes,
    open_indicators,
    public_file,
    row_price,
    shown,
)

__all__ = [
    "LISTING_FAMILIES",
    "POSTING_ROLES",
    "REVISION_FAMILIES",
    "DetailPage",
    "OwnPage",
    "check_page",
    "closing_counts",
    "detail_page",
    "differences",
    "draft_file",
    "draft_head",
    "draft_side",
    "figure_facts",
    "grey_days",
    "history_line",
    "indicator_texts",
    "link_page",
    "listing_row",
    "mode_names",
    "named_modes",
    "open_indicators",
    "own_page",
    "own_row",
    "own_state",
    "owner_name",
    "posted_before",
    "public_file",
    "review_page",
    "review_row",
    "row_price",
    "shown",
    "steps_with_answers",
    "suggested_rows",
    "waiting_row",
]
