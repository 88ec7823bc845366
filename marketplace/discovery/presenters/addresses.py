"""Addresses of searches that differ from the present one in something."""

from collections.abc import Iterable

from flask import url_for

from marketplace.discovery.forms import Asked
from marketplace.discovery.ranges import PARAMETERS, AskedRange
from search.indicator_text import readable
from search.measures import AskedMeasure


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
    return search_url(asked, **dict.fromkeys(PARAMETERS), q=_without_values(asked, asked.measures))


def url_without_measure(asked: Asked, measure: AskedMeasure) -> str:
    """The same search with the value taken out of the text; its name stays as a word.

    With it go the values given in the same breath (抗拉强度和延伸率分别≥600MPa和18%); their names stay, too.
    """
    return search_url(asked, q=_without_values(asked, [measure]))


def url_without_written_price(asked: Asked) -> str:
    """The same search without the price in its text."""
    return search_url(asked, q=_without_price(asked))


def url_without_prices(asked: Asked) -> str:
    """The same search without choices of prices and without the one in its text."""
    return search_url(asked, price=None, q=_without_price(asked))


def _without_price(asked: Asked) -> str | None:
    return (_taken_out(asked.text, asked.price.quotation, "") if asked.price else asked.text) or None


def _without_values(asked: Asked, measures: Iterable[AskedMeasure]) -> str | None:
    left = asked.text
    for quotation in dict.fromkeys(measure.quotation for measure in measures):
        names = " ".join(measure.name for measure in asked.measures if measure.quotation == quotation)
        left = _taken_out(left, quotation, names)
    return left or None


def _taken_out(text: str, quotation: str, names: str) -> str:
    return " ".join(readable(text).replace(quotation, f" {names} ", 1).split())


def unfiltered_url(asked: Asked) -> str:
    """The same search without any filter; price and values with units in its text are filters, too."""
    return search_url(asked, **dict.fromkeys((*asked.chosen, *PARAMETERS)), q=asked.words or None)
