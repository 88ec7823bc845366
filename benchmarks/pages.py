"""Home page and search page, requests per second, against a trivial Flask + ORM page of 20 rows.

Both sides are called in-process through WSGI, one after the other in rounds, so that they share the
machine's moods; the ratio of the medians counts.
"""

import statistics
import time
from collections.abc import Callable, Sequence
from itertools import cycle
from typing import Any

from flask import Flask, render_template_string
from sqlalchemy import select

from benchmarks import market
from marketplace.extensions import db
from marketplace.listings.models import Listing
from marketplace.web.access import public

ROUNDS, SECONDS = 5, 1.0
_TRIVIAL = "<ul>{% for row in rows %}<li>{{ row.number }}</li>{% endfor %}</ul>"
PAGES = {"home": "/", "search": "/search?q=涂层&kind=achievement&mode=transfer"}


def run() -> dict[str, Any]:
    """Requests per second of each page and their ratio to the trivial page."""
    with market.demonstration() as app:
        add_trivial(app)
        calls = {
            "trivial": caller(app, ["/trivial"]),
            **{name: caller(app, [path]) for name, path in PAGES.items()},
        }
        speeds: dict[str, list[float]] = {name: [] for name in calls}
        for _ in range(ROUNDS):
            for name, call in calls.items():
                speeds[name].append(per_second(call))
    medians = {name: statistics.median(values) for name, values in speeds.items()}
    return {
        "benchmark": "pages",
        "requestsper_second": {name: round(value, 1) for name, value in medians.items()},
        "ratio_to_trivial": {name: round(medians[name] / medians["trivial"], 3) for name in PAGES},
    }


def add_trivial(app: Flask) -> None:
    """Attach the page to compare with."""

    @public
    def trivial():
        rows = db.session.scalars(select(Listing).limit(20)).all()
        return render_template_string(_TRIVIAL, rows=rows)

    app.add_url_rule("/trivial", view_func=trivial)


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
