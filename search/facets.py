"""Which facets there are, what belongs to each, and which filter to loosen when little is found.

A facet's counts are computed without the facet's own choice, so that ticking one box does not empty the boxes
beside it. The same queries give, for every filter in force, how many hits there would be without it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import chain

from search.query import Filters, SearchRequest


class Facet(StrEnum):
    """The facets of the result page, in the order of the page."""

    KIND = "kind"
    FIELD = "field"
    INDUSTRY = "industry"
    MATURITY = "maturity"
    MODE = "mode"
    PRICE = "price"
    REGION = "region"
    PUBLISHED = "published"
    FRESHNESS = "freshness"
    MEASURE = "measure"  # indicators, by name and unit; chosen as a range of values


# The choices of a request that belong to each facet (names of Filters fields, or "kinds").
FACET_CHOICES: dict[Facet, tuple[str, ...]] = {
    Facet.KIND: ("kinds",),
    Facet.FIELD: ("fields",),
    Facet.INDUSTRY: ("industries",),
    Facet.MATURITY: ("maturity_bands", "trl_min", "trl_max"),
    Facet.MODE: ("modes",),
    Facet.PRICE: ("price_bands", "price_min_fen", "price_max_fen"),
    Facet.REGION: ("regions",),
    Facet.PUBLISHED: ("published_since",),
    Facet.FRESHNESS: ("confirmed_since",),
    Facet.MEASURE: ("measures",),
}

# Facets of dates: the field, and how many days back from today the choices go.
DAYS_BACK: dict[Facet, tuple[str, tuple[int, ...]]] = {
    Facet.PUBLISHED: ("published_on", (30, 90, 365)),
    Facet.FRESHNESS: ("confirmed_on", (30, 90, 180)),
}

# The indexed term field behind every other facet.
FACET_FIELDS: dict[Facet, str] = {
    Facet.KIND: "kind",
    Facet.FIELD: "field_codes",
    Facet.INDUSTRY: "industry_codes",
    Facet.MATURITY: "maturity_band",
    Facet.MODE: "modes",
    Facet.PRICE: "price_bands",
    Facet.REGION: "region_codes",
    Facet.MEASURE: "stated",
}
# Values that are counted at most, above the number of codes in any list (GB/T 4754 has 1,971); of indicators, which
# people write as they like, only the most frequent.
MOST_VALUES = dict.fromkeys(FACET_FIELDS, 2_000) | {Facet.MEASURE: 60}


@dataclass(frozen=True, slots=True)
class FacetCount:
    """One value of a facet and the number of hits that have it."""

    value: str
    count: int


@dataclass(frozen=True, slots=True)
class Loosening:
    """What taking one facet's choice back would give: `hits` in all, at the strictest reading of the text."""

    facet: Facet
    hits: int


def is_chosen(request: SearchRequest, facet: Facet) -> bool:
    """Tell whether the request makes a choice in this facet."""
    empty = Filters()
    return any(
        bool(request.kinds) if name == "kinds" else getattr(request.filters, name) != getattr(empty, name)
        for name in FACET_CHOICES[facet]
    )


def chosen(request: SearchRequest) -> tuple[Facet, ...]:
    """Return the facets in which a choice was made."""
    return tuple(facet for facet in Facet if is_chosen(request, facet))


def without_choice(request: SearchRequest, facet: Facet) -> SearchRequest:
    """Return the request with this facet's own choice taken back."""
    return request.without(*FACET_CHOICES[facet])


def without_any_choice(request: SearchRequest) -> SearchRequest:
    """Return the request with the choices of all facets taken back; its text stays."""
    return request.without(*chain.from_iterable(FACET_CHOICES.values()))


@dataclass(frozen=True, slots=True)
class CountingGroup:
    """Facets whose values are counted over the hits of one request; `taken_back` is the choice it has not."""

    request: SearchRequest
    counted: tuple[Facet, ...]
    taken_back: Facet | None = None


def counting_groups(request: SearchRequest) -> list[CountingGroup]:
    """Group the facets by the request their counts come from: all unchosen ones share the request itself.

    So do the indicators, where they are asked for: ranges of several all apply, so what another one would leave is
    counted among the hits.
    """
    picked = chosen(request)
    shared = tuple(facet for facet in Facet if facet not in picked and facet is not Facet.MEASURE)
    shared += (Facet.MEASURE,) * request.with_indicators
    groups = [CountingGroup(request, shared)] if shared else []
    for facet in picked:
        counted = () if facet is Facet.MEASURE else (facet,)
        groups.append(CountingGroup(without_choice(request, facet), counted, facet))
    return groups


def days_back(facet: Facet, today: date) -> tuple[tuple[str, date], ...]:
    """Return the choices of a facet of dates as (days as text, on or after)."""
    return tuple((str(days), today - timedelta(days=days)) for days in DAYS_BACK[facet][1])


def best_loosenings(found: list[Loosening], total: int) -> tuple[Loosening, ...]:
    """Keep the filters whose removal adds hits, most hits first."""
    better = [item for item in found if item.hits > total]
    return tuple(sorted(better, key=lambda item: (-item.hits, item.facet.value)))
