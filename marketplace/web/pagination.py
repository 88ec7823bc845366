"""Pages of a list: bounded, and the same links everywhere."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import request, url_for
from werkzeug.datastructures import MultiDict

PAGE_SIZE = 20
DEEPEST_PAGE = 500
_OF_URL_FOR = frozenset({"self", "endpoint", "values"})


@dataclass(frozen=True)
class Page:
    """One page of `total` rows."""

    items: Sequence
    number: int
    total: int
    size: int = PAGE_SIZE

    @property
    def pages(self) -> int:
        """How many pages can be opened."""
        return max(1, min(DEEPEST_PAGE, -(-self.total // self.size)))

    def url(self, number: int) -> str:
        """The same address at another page."""
        args = {**own_arguments(request.args), **request.view_args, "page": number}
        return url_for(request.endpoint, **args)


def own_arguments(args: MultiDict[str, str]) -> dict[str, list[str]]:
    """The arguments of an address that may go into another one: none that `url_for` takes for its own."""
    return {name: args.getlist(name) for name in args if not name.startswith("_") and name not in _OF_URL_FOR}


def page_number() -> int:
    """The page asked for, within bounds; nonsense is page 1."""
    text = request.args.get("page", "1")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1
    return min(max(number, 1), DEEPEST_PAGE)
