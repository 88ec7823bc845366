"""What taking all filters off would give, where several of them leave little."""

from marketplace.discovery.services.searching import Found
from search import facets
from search.backend import EngineUnavailable, SearchEngine
from search.query import FEW_HITS


def unfiltered(engine: SearchEngine, found: Found) -> int | None:
    """How many hits the text has without any filter; None with one filter, or where it does not help.

    One filter is offered to be loosened by itself. Asked only where little was found.
    """
    request, total = found.request, found.result.strict_total
    if not found.available or total >= FEW_HITS or len(facets.chosen(request)) < 2:
        return None
    try:
        (hits,) = engine.totals([facets.without_any_choice(request)])
    except EngineUnavailable:
        return None
    return hits if hits > total else None
