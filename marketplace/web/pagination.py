"""Pages of a list: bounded, and the same links everywhere."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import request, url_for

PAGE_SIZE = 20
DEEPEST_PAGE = 500


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
        args = {**request.view_args, **request.args.to_dict(flat=False), "page": number}
        return url_for(request.endpoint, **args)


def page_number() -> int:
    """The page asked for, within bounds; nonsense is page 1."""
    text = request.args.get("page", "1")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1
    return min(max(number, 1), DEEPEST_PAGE)
