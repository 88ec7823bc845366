"""Listings as the matcher sees them."""

from marketplace import codes
from marketplace.indexing.indicator_rows import read_rows
from marketplace.listings.content import AchievementContent, Content, DemandContent
from marketplace.listings.models import Listing, ListingRevision
from search.match_result import MatchSubject


def subject(listing: Listing, revision: ListingRevision) -> MatchSubject:
    """One side of a match, from one revision of a listing."""
    content = revision.typed_content()
    demand = isinstance(content, DemandContent)
    return MatchSubject(
        kind=str(listing.kind),
        listing_id=listing.id,
        revision_id=revision.id,
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
        confirmed_on=listing.confirmed_on,
    )


def _text(content: Content) -> str:
    """What the index holds as further text of the same listing: the two must agree."""
    if isinstance(content, AchievementContent):
        return content.use
    return "\n".join(filter(None, (content.goal, content.current_state, content.limits, content.tried)))
