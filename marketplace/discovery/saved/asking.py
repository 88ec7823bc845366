"""A saved search as it is kept, and as the search it asks for today.

The address's own parameters are kept, not a request: what an address means stays in one place, and a code that is
no longer in its list is noticed instead of silently widening the search.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from werkzeug.datastructures import MultiDict

from marketplace.discovery import forms
from marketplace.discovery.forms import Asked
from marketplace.errors import N_
from search.query import MAX_PAGE_SIZE, SearchRequest, Sort, parse
from search.tokenizer import normalise

NOTHING_ASKED = N_("没有可以订阅的条件。请先输入搜索词或选择筛选条件，再订阅。")


def stored(asked: Asked) -> list[list[str]]:
    """The search as it is kept: pairs of parameter and value, in the order of the address."""
    return [
        [name, str(value)]
        for name, values in asked.parameters().items()
        for value in (values if isinstance(values, list) else [values])
    ]


def restored(parameters: Iterable[Sequence[str]]) -> Asked:
    """The search again, as the address of these parameters is understood today."""
    return forms.read(MultiDict((name, value) for name, value in parameters))


def fingerprint(asked: Asked) -> str:
    """The same for searches that find the same: width, case, spaces, order of values and of hits do not matter."""
    text = " ".join(normalise(asked.text).split())
    chosen = {name: sorted(values) for name, values in asked.chosen.items() if values}
    ranges = sorted([one.key, one.low, one.high] for one in asked.ranges.usable)
    asks = [text, bool(text) and asked.literal, chosen, *([ranges] if ranges else [])]
    said = json.dumps(asks, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()


def asks_for_something(asked: Asked) -> bool:
    """Whether anything is asked for: a word that can be looked for, a value with its unit, or a choice."""
    if any(asked.chosen.values()) or asked.measures or asked.price or asked.ranges.usable:
        return True
    parsed = parse(asked.words, literal=asked.literal)
    return bool(parsed.clauses or parsed.excluded)


def since(asked: Asked, scopes: Iterable[str], day: date, today: date) -> SearchRequest:
    """The search among what was confirmed on or after `day`, last confirmed first.

    Publishing a revision confirms its listing, so that nothing published or changed since is missing.
    """
    request = asked.request(scopes, today)
    earliest = max(day, request.filters.confirmed_since or day)
    return replace(
        request,
        fill_up=False,  # what holds some of the words is no news
        filters=replace(request.filters, confirmed_since=earliest),
        sort=Sort.CONFIRMED,
        page=1,
        page_size=MAX_PAGE_SIZE,
        with_facets=False,
    )
