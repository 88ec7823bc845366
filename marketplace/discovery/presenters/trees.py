"""Facets whose values are codes of a tree: a few beside the results, all that have hits on a page of their own."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from flask import url_for

from marketplace import codes
from marketplace.discovery.forms import TREES, Asked
from marketplace.discovery.presenters.addresses import search_url
from marketplace.discovery.presenters.left_out import left_out
from marketplace.discovery.presenters.names import FACETS
from marketplace.discovery.services import Found
from search.facets import Facet

#: Values offered beside the results on each level that stands open.
_FIRST = 5
_FACET_OF = {parameter: facet for facet, (parameter, _heading, _name) in FACETS.items() if parameter in TREES}


@dataclass(frozen=True)
class Branch:
    """One code with the branches below it; `open` where it or anything below it is chosen."""

    code: str
    label: str
    count: int
    chosen: bool
    open: bool
    branches: tuple["Branch", ...]


def is_tree(facet: Facet) -> bool:
    """Whether the values of a facet have levels."""
    return FACETS[facet][0] in TREES


def branches(facet: Facet, found: Found, asked: Asked) -> tuple[Branch, ...]:
    """Every branch that has hits or is chosen, in the order of its list; codes that left the list have none."""
    parameter, _heading, _name = FACETS[facet]
    tree, chosen = TREES[parameter](), asked.chosen[parameter]
    counts = {count.value: count.count for count in found.result.facets.get(facet, ()) if count.count}
    below: dict[str | None, dict[str, None]] = {}
    for code in tree.with_ancestors((*counts, *chosen)):
        below.setdefault(tree.get(code).parent, {})[code] = None
    return tuple(_branches(facet, tree, below, counts, chosen))


def _branches(
    facet: Facet,
    tree: codes.CodeList,
    below: Mapping[str | None, Iterable[str]],
    counts: Mapping[str, int],
    chosen: tuple[str, ...],
    parent: str | None = None,
) -> Iterator[Branch]:
    name = FACETS[facet][2]
    wanted = below.get(parent, ())
    for code in (entry.code for entry in tree.children(parent) if entry.code in wanted):
        inner = tuple(_branches(facet, tree, below, counts, chosen, code)) if code in below else ()
        is_open = code in chosen or any(branch.open for branch in inner)
        yield Branch(code, name(code), counts.get(code, 0), code in chosen, is_open, inner)


def options(top: tuple[Branch, ...]) -> list[dict[str, Any]]:
    """The few to offer beside the results: the most frequent of each open level, and whatever is chosen."""
    return list(_options(top, 1))


def _options(level: tuple[Branch, ...], depth: int) -> Iterator[dict[str, Any]]:
    by_count = sorted(level, key=lambda branch: -branch.count)
    for place, branch in enumerate(by_count):
        if place < _FIRST or branch.open:
            yield {
                "value": branch.code,
                "label": branch.label,
                "count": branch.count,
                "checked": branch.chosen,
                "level": depth,
            }
            if branch.open:
                yield from _options(branch.branches, depth + 1)


def size(level: tuple[Branch, ...]) -> int:
    """How many branches there are on all levels."""
    return sum(1 + size(branch.branches) for branch in level)


def tree_url(facet: Facet, asked: Asked) -> str:
    """The page with the whole tree, for the same search."""
    return url_for("discovery.facet_tree", parameter=FACETS[facet][0], **asked.parameters())


def tree_page(parameter: str, found: Found, asked: Asked) -> SimpleNamespace:
    """Everything the page of a whole tree shows."""
    facet = _FACET_OF[parameter]
    top = branches(facet, found, asked)
    return SimpleNamespace(
        parameter=parameter,
        heading=FACETS[facet][1],
        branches=top,
        size=size(top),
        available=found.available,
        left_out=left_out(asked),
        kept=asked.pairs(without=parameter),
        back=search_url(asked),
    )
