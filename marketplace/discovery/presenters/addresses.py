"""Addresses of searches that differ from the present one in something."""

from flask import url_for

from marketplace.discovery.forms import Asked
from marketplace.discovery.ranges import PARAMETERS, AskedRange


def search_url(asked: Asked, **changed: object) -> str:
    """The same search with some parameters changed; None takes one out. Begins at the first page."""
    return url_for("discovery.search", **{**asked.parameters(), **changed})


def url_without(asked: Asked, parameter: str, value: str | None = None) -> str:
    """The same search without one value of a parameter, or without all of them."""
    left = [kept for kept in asked.chosen[parameter] if value is not None and kept != value]
    return search_url(asked, **{parameter: left or None})


def url_without_range(asked: Asked, one: AskedRange) -> str:
    """The same search without one range of an indicator."""
    return search_url(asked, **{**dict.fromkeys(PARAMETERS), **asked.ranges.parameters(without=one)})


def url_without_measures(asked: Asked) -> str:
    """The same search without ranges of indicators and without the values with units in its text."""
    return search_url(asked, **dict.fromkeys(PARAMETERS), q=asked.words or None)


def unfiltered_url(asked: Asked) -> str:
    """The same search without any filter; values with units in its text are filters, too."""
    return search_url(asked, **dict.fromkeys((*asked.chosen, *PARAMETERS)), q=asked.words or None)
