"""Addresses of searches that differ from the present one in something."""

from flask import url_for

from marketplace.discovery.forms import Asked


def search_url(asked: Asked, **changed: object) -> str:
    """The same search with some parameters changed; None takes one out. Begins at the first page."""
    return url_for("discovery.search", **{**asked.parameters(), **changed})


def url_without(asked: Asked, parameter: str, value: str | None = None) -> str:
    """The same search without one value of a parameter, or without all of them."""
    left = [kept for kept in asked.chosen[parameter] if value is not None and kept != value]
    return search_url(asked, **{parameter: left or None})


def unfiltered_url(asked: Asked) -> str:
    """The same search without any filter; values with units in its text are filters, too."""
    return search_url(asked, **dict.fromkeys(asked.chosen), q=asked.words or None)
