"""Listings as the matcher sees them."""

from dataclasses import replace
from datetime import date

from marketplace import codes
from marketplace.indexing.indicator_rows import read_rows
from marketplace.listings.content import AchievementContent, Content, DemandContent, Kind
from marketplace.listings.models import Listing, ListingRevision
from search.match_result import MatchSubject


def subject(listing: Listing, revision: ListingRevision) -> MatchSubject:
    """One side of a match, from one revision of a listing."""
    return subject_of(revision.typed_content(), listing.id, revision.id, listing.confirmed_on)


def open_subject(listing: Listing, revision: ListingRevision) -> MatchSubject:
    """One side of a match without what it keeps to itself, by this revision or by what it says today."""
    said = [revision.typed_content()]
    if listing.accepted_revision is not None:
        said.append(listing.accepted_revision.typed_content())
    full = subject(listing, revision)
    if any(map(hides_budget, said)):
        full = replace(full, price_min_fen=None, price_max_fen=None)
    return replace(full, indicators=()) if any(map(withholds_indicators, said)) else full


def hides_budget(content: Content) -> bool:
    """Whether the budget is used for matching only."""
    return isinstance(content, DemandContent) and not content.budget_public


def withholds_indicators(content: Content) -> bool:
    """Whether the figures wait for an agreement."""
    return isinstance(content, AchievementContent) and content.confidentiality == "after_agreement"


def subject_of(
    content: Content, listing_id: int, revision_id: int, confirmed_on: date | None
) -> MatchSubject:
    """One side of a match, from what a revision of a listing says."""
    demand = isinstance(content, DemandContent)
    return MatchSubject(
        kind=str(Kind.DEMAND if demand else Kind.ACHIEVEMENT),
        listing_id=listing_id,
        revision_id=revision_id,
        title=content.title,
        keywords=content.keywords,
        text=_text(content),
        field_codes=codes.technology_fields().with_ancestors(content.field_codes),
        industry_codes=codes.industries().with_ancestors(content.industry_codes),
        region_code=content.region_code or None,
        modes=content.modes,
        trl=content.wanted_trl if demand else content.trl,
        price_min_fen=content.price_min_fen,
        price_max_fen=content.price_max_fen,
        indicators=read_rows(content),
        indicators_withheld=withholds_indicators(content),
        confirmed_on=confirmed_on,
    )


def _text(content: Content) -> str:
    """What the index holds as further text of the same listing: the two must agree."""
    if isinstance(content, AchievementContent):
        return content.use
    return "\n".join(filter(None, (content.goal, content.current_state, content.limits, content.tried)))
