"""The address of a search as a request: whitelist, bounds, and one sentence for what cannot be used.

Filter state lives in the address, so that a result can be shared; unknown values are left out, not errors.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta

from werkzeug.datastructures import MultiDict

from marketplace import codes
from search.documents import ACHIEVEMENT, DEMAND, MATURITY_BANDS, PRICE_BANDS
from search.facets import FRESHNESS_DAYS
from search.measures import AskedMeasure, read_measures
from search.query import MAX_TEXT_LENGTH, Filters, SearchRequest, Sort

PAGE_SIZE = 20
FRESH_DAYS = 90
#: Kinds that can be searched; experts and agencies join when they exist.
KINDS = (ACHIEVEMENT, DEMAND)
_MOST_VALUES = 30

#: Parameter of the address → field of the filters and the values it may take.
CHOICES: Mapping[str, tuple[str, frozenset[str]]] = {
    "field": ("fields", frozenset(c.code for c in codes.technology_fields())),
    "industry": ("industries", frozenset(c.code for c in codes.industries())),
    "region": ("regions", frozenset(c.code for c in codes.regions())),
    "mode": ("modes", frozenset(c.code for c in codes.cooperation_modes())),
    "maturity": ("maturity_bands", frozenset(band[0] for band in MATURITY_BANDS)),
    "price": ("price_bands", frozenset(band[0] for band in PRICE_BANDS)),
}


def request_of(args: MultiDict[str, str], scopes: Iterable[str], today: date) -> SearchRequest:
    """The search that an address asks for, within bounds."""
    sort = args.get("sort", "")
    text, measures = understood(args)
    return SearchRequest(
        scopes=tuple(scopes),
        text=text,
        literal=bool(args.get("plain")),
        kinds=tuple(kind for kind in dict.fromkeys(args.getlist("kind")) if kind in KINDS),
        filters=replace(_filters(args, today), measures=tuple((asked.low, asked.high) for asked in measures)),
        sort=Sort(sort) if sort in set(Sort) else Sort.RELEVANCE,
        page=_page(args.get("page", "1")),
        page_size=PAGE_SIZE,
        fresh_since=today - timedelta(days=FRESH_DAYS),
        today=today,
    )


def typed(args: MultiDict[str, str]) -> str:
    """The text of the search box, within bounds."""
    return args.get("q", "").strip()[:MAX_TEXT_LENGTH]


def understood(args: MultiDict[str, str]) -> tuple[str, tuple[AskedMeasure, ...]]:
    """The words of the search and the values with units in it; with `plain` the text is only words."""
    text = typed(args)
    return (text, ()) if args.get("plain") else read_measures(text)


def fresh_days(args: MultiDict[str, str]) -> int | None:
    """The freshness choice in days, if it is one of those offered."""
    value = args.get("fresh", "")
    return int(value) if value in {str(days) for days in FRESHNESS_DAYS} else None


def _filters(args: MultiDict[str, str], today: date) -> Filters:
    chosen = {
        name: tuple(v for v in dict.fromkeys(args.getlist(parameter)[:_MOST_VALUES]) if v in allowed)
        for parameter, (name, allowed) in CHOICES.items()
    }
    days = fresh_days(args)
    return Filters(**chosen, confirmed_since=today - timedelta(days=days) if days else None)


def _page(text: str) -> int:
    deepest = 10_000 // PAGE_SIZE
    page = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1
    return min(max(page, 1), deepest)
