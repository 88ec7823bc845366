"""Listings as the matcher sees them. Indicators are typed as text; what is no number is left to the reader."""

import re
from decimal import Decimal

from marketplace import codes
from marketplace.listings.content import AchievementContent, Content, DemandContent
from marketplace.listings.content import AchievementIndicator as TypedOffer
from marketplace.listings.content import DemandIndicator as TypedDemand
from marketplace.listings.models import Listing, ListingRevision
from search.indicators import AchievementIndicator, Comparator, DemandIndicator, Necessity
from search.match_result import MatchSubject

_VALUE = re.compile(
    r"\s*(?P<sign>[≥≤><＝=≈±]?)\s*(?P<low>[-−+]?\d+(?:\.\d+)?)(?:\s*[~～–至\-]\s*(?P<high>[-−+]?\d+(?:\.\d+)?))?\s*"
)


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
        indicators=tuple(filter(None, map(_wanted if demand else _offered, content.indicators))),
        confirmed_on=listing.confirmed_on,
    )


def _text(content: Content) -> str:
    """What the index holds as further text of the same listing: the two must agree."""
    if isinstance(content, AchievementContent):
        return content.use
    return "\n".join(filter(None, (content.goal, content.current_state, content.limits, content.tried)))


def _wanted(row: TypedDemand) -> DemandIndicator | None:
    found = _VALUE.fullmatch(row.target)
    if not row.name or found is None:
        return None
    low, high = _decimal(found["low"]), _decimal(found["high"])
    necessity = Necessity.MUST if row.must else Necessity.WISH
    if high is not None:
        low, high = min(low, high), max(low, high)
        return DemandIndicator(
            name=row.name, comparator=Comparator.RANGE, low=low, high=high, unit=row.unit, necessity=necessity
        )
    comparator = Comparator(row.comparator) if row.comparator in set(Comparator) else Comparator.EQUAL
    if comparator is Comparator.RANGE:
        comparator = Comparator.EQUAL
    return DemandIndicator(
        name=row.name, comparator=comparator, value=low, unit=row.unit, necessity=necessity
    )


def _offered(row: TypedOffer) -> AchievementIndicator | None:
    found = _VALUE.fullmatch(row.value)
    if not row.name or found is None:
        return None
    low, high = _decimal(found["low"]), _decimal(found["high"])
    if high is not None:
        low, high = min(low, high), max(low, high)
    else:
        low, high = _bounds(found["sign"], low)
    return AchievementIndicator(
        name=row.name, low=low, high=high, unit=row.unit, condition=row.condition, evidence=row.evidence
    )


def _bounds(sign: str, value: Decimal) -> tuple[Decimal | None, Decimal | None]:
    if sign in ("≥", ">"):
        return value, None
    if sign in ("≤", "<"):
        return None, value
    if sign == "±":
        return -abs(value), abs(value)
    return value, value


def _decimal(text: str | None) -> Decimal | None:
    return Decimal(text.replace("−", "-")) if text else None
