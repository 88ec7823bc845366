"""Facets whose values are codes of a tree: a few beside the results, all that have hits on a page of their own."""

from collections.abc import Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from flask import url_for

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


class _Counted:
    """What a search found of a tree: hits by code (those of the codes above included), what is chosen, what is open."""

    def __init__(self, facet: Facet, found: Found, asked: Asked) -> None:
        parameter, _heading, self.name = FACETS[facet]
        self._tree = TREES[parameter]()
        counted = found.result.facets.get(facet, ())
        self.counts = {one.value: one.count for one in counted if one.count and one.value in self._tree}
        self.chosen = asked.chosen[parameter]
        self.open = set(self._tree.with_ancestors(self.chosen))
        # A branch may be newer than the index, so that only what is below it is counted there.
        known = self.counts.keys() | {None}
        orphans = [code for code in self.counts if self._tree.get(code).parent not in known]
        self._shown = self.open.union(self.counts, self._tree.with_ancestors(orphans))

    def level(self, parent: str | None) -> list[str]:
        """The codes right below one that have hits or are open, in the order of the list."""
        return [entry.code for entry in self._tree.children(parent) if entry.code in self._shown]

    @property
    def size(self) -> int:
        """How many branches there are on all levels."""
        return len(self._shown)


def _branches(tree: _Counted, parent: str | None = None) -> tuple[Branch, ...]:
    """Every branch that has hits or is chosen; codes that left the list have none."""
    return tuple(
        Branch(
            code=code,
            label=tree.name(code),
            count=tree.counts.get(code, 0),
            chosen=code in tree.chosen,
            open=code in tree.open,
            branches=_branches(tree, code),
        )
        for code in tree.level(parent)
    )


def options(facet: Facet, found: Found, asked: Asked) -> tuple[list[dict[str, Any]], bool]:
    """The few to offer beside the results, and whether there are more.

    Of each open level the most frequent ones, and whatever is chosen; nothing below that is looked at.
    """
    tree = _Counted(facet, found, asked)
    few = list(_options(tree))
    return few, len(few) < tree.size


def _options(tree: _Counted, parent: str | None = None, depth: int = 1) -> Iterator[dict[str, Any]]:
    by_count = sorted(tree.level(parent), key=lambda code: -tree.counts.get(code, 0))
    for place, code in enumerate(by_count):
        if place < _FIRST or code in tree.open:
            yield {
                "value": code,
                "label": tree.name(code),
                "count": tree.counts.get(code, 0),
                "checked": code in tree.chosen,
                "level": depth,
            }
            if code in tree.open:
                yield from _options(tree, code, depth + 1)


def tree_url(facet: Facet, asked: Asked) -> str:
    """The page with the whole tree, for the same search."""
    return url_for("discovery.facet_tree", parameter=FACETS[facet][0], **asked.parameters())


def tree_page(parameter: str, found: Found, asked: Asked) -> SimpleNamespace:
    """Everything the page of a whole tree shows."""
    facet = _FACET_OF[parameter]
    tree = _Counted(facet, found, asked)
    return SimpleNamespace(
        parameter=parameter,
        heading=FACETS[facet][1],
        branches=_branches(tree),
        size=tree.size,
        available=found.available,
        left_out=left_out(asked),
        kept=asked.pairs(parameter),
        back=search_url(asked),
    )
