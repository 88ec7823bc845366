"""The facets of the result page: the values to offer, the counts beside them, the chips of what is chosen."""

from typing import Any

from marketplace.discovery.forms import KNOWN, Asked
from marketplace.discovery.presenters import ranges, trees
from marketplace.discovery.presenters.addresses import url_without, url_without_range
from marketplace.discovery.presenters.names import FACETS
from marketplace.discovery.services import Found
from search.facets import Facet, FacetCount

_MOST_OPTIONS = 8


def panel(found: Found, asked: Asked) -> list[dict[str, Any]]:
    """Every facet that has something to choose."""
    offered = (
        _tree(facet, found, asked) if trees.is_tree(facet) else _list(facet, found, asked) for facet in FACETS
    )
    return [facet for facet in offered if facet["options"]]


def chips(asked: Asked) -> list[dict[str, str]]:
    """What is chosen, each with the address that takes it back."""
    chosen = [
        {"label": f"{heading}：{name(value)}", "url": url_without(asked, parameter, value)}
        for parameter, heading, name in FACETS.values()
        for value in asked.chosen[parameter]
    ]
    return chosen + [
        {"label": ranges.shown(one), "url": url_without_range(asked, one)} for one in asked.ranges.usable
    ]


def _tree(facet: Facet, found: Found, asked: Asked) -> dict[str, Any]:
    parameter, heading, _name = FACETS[facet]
    few, more = trees.options(facet, found, asked)
    more_url = trees.tree_url(facet, asked) if more else None
    return {"name": parameter, "label": heading, "options": few, "more_url": more_url}


def _list(facet: Facet, found: Found, asked: Asked) -> dict[str, Any]:
    parameter, heading, name = FACETS[facet]
    chosen = asked.chosen[parameter]
    options = [
        {"value": c.value, "label": name(c.value), "count": c.count, "checked": c.value in chosen}
        for c in _values(parameter, found.result.facets.get(facet, ()), chosen)
    ]
    return {"name": parameter, "label": heading, "options": options, "more_url": None}


def _values(parameter: str, counts: tuple[FacetCount, ...], chosen: tuple[str, ...]) -> list[FacetCount]:
    """The most frequent values, and everything chosen also where it has no hits."""
    known = [c for c in counts if c.count and c.value in KNOWN[parameter]][:_MOST_OPTIONS]
    present = {c.value for c in known}
    count_of = {c.value: c for c in counts}
    return known + [count_of.get(v) or FacetCount(v, 0) for v in chosen if v not in present]
