"""The facets of the result page: the values to offer, the counts beside them, the chips of what is chosen."""

from typing import Any

from marketplace import codes
from marketplace.discovery.forms import Asked
from marketplace.discovery.presenters.addresses import url_without
from marketplace.discovery.presenters.names import FACETS
from marketplace.discovery.services import Found
from search.facets import Facet, FacetCount

_MOST_OPTIONS = 8
_TREES = {
    Facet.FIELD: codes.technology_fields,
    Facet.INDUSTRY: codes.industries,
    Facet.REGION: codes.regions,
}


def panel(found: Found, asked: Asked) -> list[dict[str, Any]]:
    """Every facet that has something to choose."""
    offered = ((facet, _values(facet, found, asked)) for facet in FACETS)
    return [_facet(facet, values, asked) for facet, values in offered if values]


def chips(asked: Asked) -> list[dict[str, str]]:
    """What is chosen, each with the address that takes it back."""
    return [
        {"label": f"{heading}：{name(value)}", "url": url_without(asked, parameter, value)}
        for parameter, heading, name in FACETS.values()
        for value in asked.chosen[parameter]
    ]


def _facet(facet: Facet, values: list[FacetCount], asked: Asked) -> dict[str, Any]:
    parameter, heading, name = FACETS[facet]
    chosen = asked.chosen[parameter]
    return {
        "name": parameter,
        "label": heading,
        "options": [
            {"value": c.value, "label": name(c.value), "count": c.count, "checked": c.value in chosen}
            for c in values
        ],
        "more_url": None,
    }


def _values(facet: Facet, found: Found, asked: Asked) -> list[FacetCount]:
    """The values to offer: the most frequent of the level to choose on, and everything chosen."""
    chosen = asked.chosen[FACETS[facet][0]]
    counts = {count.value: count for count in found.result.facets.get(facet, ())}
    values = [c for c in counts.values() if c.count and _offered(facet, c.value, chosen)][:_MOST_OPTIONS]
    present = {c.value for c in values}
    return values + [counts.get(v) or FacetCount(v, 0) for v in chosen if v not in present]


def _offered(facet: Facet, value: str, chosen: tuple[str, ...]) -> bool:
    """Trees are offered level by level: the top, and what lies below a chosen value."""
    if facet not in _TREES or value in chosen:
        return True
    entry = _TREES[facet]().get(value)
    return entry is not None and (entry.parent is None or entry.parent in chosen)
