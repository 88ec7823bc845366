"""Home page and search page, requests per second, against a trivial Flask + ORM page of 20 rows.

There are two such pages: one line of template around the rows, and the same rows inside the layout that every page of
the site has, with its session, languages and menu. All sides are called in-process through WSGI, one after the other
in rounds, so that they share the machine's moods; the ratio of the medians counts.
"""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from itertools import cycle
from typing import Any

from flask import Flask, render_template_string
from sqlalchemy import select

from benchmarks import market
from marketplace.extensions import db
from marketplace.listings.models import Listing
from marketplace.web.access import public

ROUNDS, SECONDS = 5, 1.0
_ROWS = "<ul>{% for row in rows %}<li>{{ row.number }}</li>{% endfor %}</ul>"
#: Address of a page to compare with → its template.
PLAIN = {
    "/trivial": _ROWS,
    "/layout": "{% extends 'layouts/public.html' %}{% block main %}" + _ROWS + "{% endblock %}",
}
PAGES = {"home": "/", "search": "/search?q=涂层&kind=achievement&mode=transfer"}


def run() -> dict[str, Any]:
    """Requests per second of each page and their ratios to the plain pages."""
    with market.demonstration() as app:
        add_plain(app)
        medians = speeds_of({name: caller(app, [path]) for name, path in PAGES.items()} | plain_callers(app))
    return {
        "benchmark": "pages",
        "requests_per_second": {name: round(value, 1) for name, value in medians.items()},
        **{f"ratio_to_{plain}": ratios(medians, plain) for plain in ("trivial", "layout")},
    }


def speeds_of(calls: Mapping[str, Callable[[], None]]) -> dict[str, float]:
    """The median of each page's requests per second, all of them in turns."""
    speeds: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(ROUNDS):
        for name, call in calls.items():
            speeds[name].append(per_second(call))
    return {name: statistics.median(values) for name, values in speeds.items()}


def ratios(medians: Mapping[str, float], plain: str) -> dict[str, float]:
    """Each page's share of a plain page's requests per second."""
    return {
        name: round(value / medians[plain], 3) for name, value in medians.items() if f"/{name}" not in PLAIN
    }


def add_plain(app: Flask) -> None:
    """Attach the pages to compare with."""
    for path, template in PLAIN.items():
        app.add_url_rule(path, endpoint=path, view_func=_plain(template))


def _plain(template: str) -> Callable[[], str]:
    @public
    def page() -> str:
        rows = db.session.scalars(select(Listing).limit(20)).all()
        return render_template_string(template, rows=rows)

    return page


def plain_callers(app: Flask) -> dict[str, Callable[[], None]]:
    """A call for each page to compare with, by its name."""
    return {path[1:]: caller(app, [path]) for path in PLAIN}


def caller(app: Flask, paths: Sequence[str]) -> Callable[[], None]:
    """A call that opens the next of these pages each time, as a visitor."""
    client, turns = app.test_client(), cycle(paths)

    def call() -> None:
        response = client.get(next(turns))
        assert response.status_code == 200

    return call


def per_second(call: Callable[[], None]) -> float:
    """Calls per second over a fixed time, after one to warm up."""
    call()
    count, start = 0, time.perf_counter()
    while time.perf_counter() - start < SECONDS:
        call()
        count += 1
    return count / (time.perf_counter() - start)


if __name__ == "__main__":
    print(run())
