"""Search and matching in a large market: the bars of design/search.md section 5, both sides in one run.

    python -m benchmarks.search --listings 100000

measures the engine of the settings: the embedded index, or the servers of MARKETPLACE_SEARCH_URL. Times are
milliseconds, p50 / p95. “Raw” is the time that passed inside the engine's own calls during the same service calls.
With `--home FOLDER` the market stays there, and the next run measures it without importing and rebuilding anew.
"""

import argparse
import json
import multiprocessing
import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.datastructures import MultiDict

from benchmarks import large_market, market, pages, rebuilding
from marketplace.config import SearchSettings, Settings
from marketplace.discovery import forms, services
from marketplace.extensions import db
from marketplace.indexing import upkeep
from marketplace.indexing.engines import engine_of
from marketplace.listings.models import Listing
from marketplace.matching.services import runs
from marketplace.permissions import VISITOR
from search import tokenizer
from search.matching import matcher_of
from search.query import SearchRequest

QUERIES, DEMANDS, PAGE_SECONDS = 300, 300, 3.0


def run(listings: int, *, home: Path | None = None, with_pages: bool = True) -> dict[str, Any]:
    """All figures for a market of this size."""
    with market.empty(home) as app:
        tokenizer.warm_up()
        found: dict[str, Any] = {
            "benchmark": "search",
            "listings": listings,
            "engine": type(app.extensions["search"]).__name__,
            **_made(app, listings),
            "search": _searches(app),
            "matching": _matching(app),
            "processes": _processes(app),
        }
        if with_pages:
            found["page"] = _page(app)
        return found


def _made(app: Flask, listings: int) -> dict[str, Any]:
    """Bring the listings in and index them; nothing of it where that was done before."""
    made: dict[str, Any] = {}
    if not upkeep.published(db.session):
        imported = rebuilding.seconds(lambda: large_market.fill(app, listings))
        made["import_rows_per_second"] = round(listings / imported)
    if app.extensions["search"].needs_rebuild:
        made["rebuild"] = rebuilding.run(app)
    return made


def _searches(app: Flask) -> dict[str, Any]:
    """Service calls of several shapes with the engine's own share of them."""
    queries = large_market.queries(app, QUERIES)
    draw = random.Random(7)
    shapes: dict[str, Callable[[str], dict[str, Any]]] = {
        "words": lambda text: {"q": text},
        "filtered": lambda text: {
            "q": text.split()[0],
            "kind": "achievement",
            "maturity": draw.choice(("8-9", "5-7", "1-4")),
        },
        "no_text": lambda _text: {"kind": "achievement", "field": draw.choice(("01", "03", "05"))},
        "deep": lambda _text: {"kind": "achievement", "page": "490"},
    }
    return {name: _measured(app, [shape(text) for text in queries]) for name, shape in shapes.items()}


def _measured(app: Flask, addresses: Sequence[dict[str, Any]]) -> dict[str, Any]:
    engine, today = app.extensions["search"], app.extensions["clock"].now().date()
    whole, raw = [], []
    with _raw_time(engine) as inside:
        for address in addresses:
            request = forms.request_of(MultiDict(address), services.scopes(VISITOR), today)
            before = inside[0]
            start = time.perf_counter()
            services.search(db.session, engine, VISITOR, request)
            whole.append(time.perf_counter() - start)
            raw.append(inside[0] - before)
            db.session.rollback()
    return {
        "service": _quantiles(whole),
        "raw": _quantiles(raw),
        "ratio_p95": round(_p95(whole) / _p95(raw), 2),
    }


def _matching(app: Flask) -> dict[str, Any]:
    """A demand against all achievements, from the database to the explained list, as the worker does it."""
    engine, now = app.extensions["search"], app.extensions["clock"].now()
    matcher = matcher_of(engine)
    ids = runs.published_demands(db.session)
    chosen = random.Random(3).sample(ids, min(DEMANDS, len(ids)))
    whole, raw = [], []
    with _raw_time(engine) as inside:
        for demand_id in chosen:
            demand = db.session.get(Listing, demand_id)
            before = inside[0]
            start = time.perf_counter()
            runs.calculate(db.session, matcher, demand, now=now)
            whole.append(time.perf_counter() - start)
            raw.append(inside[0] - before)
            db.session.rollback()
    pairs = upkeep.published(db.session) - len(ids)
    return {
        "calculate": _quantiles(whole),
        "raw": _quantiles(raw),
        "ratio_p95": round(_p95(whole) / _p95(raw), 2),
        "pairs_per_second": round(pairs * len(chosen) / sum(whole)),
    }


def _processes(app: Flask) -> dict[str, Any]:
    """Searches per second of two processes against one: readers do not wait for each other."""
    today = app.extensions["clock"].now().date()
    asked = [
        forms.request_of(MultiDict({"q": text}), services.scopes(VISITOR), today)
        for text in large_market.queries(app, QUERIES)
    ]
    one, two = (_throughput(app.extensions["settings"], asked, count) for count in (1, 2))
    return {"one": round(one, 1), "two": round(two, 1), "ratio": round(two / one, 2)}


def _throughput(settings: Settings, asked: Sequence[SearchRequest], processes: int) -> float:
    # Fresh processes with engines of their own, as servers have them.
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        work = [(settings.search, settings.index, asked)] * processes
        return sum(pool.starmap(_searches_per_second, work, chunksize=1))


def _searches_per_second(search: SearchSettings, folder: Path, asked: Sequence[SearchRequest]) -> float:
    engine = engine_of(search, folder)
    for request in asked[:20]:
        engine.search(request)
    count, start = 0, time.perf_counter()
    while time.perf_counter() - start < PAGE_SECONDS:
        engine.search(asked[count % len(asked)])
        count += 1
    return count / (time.perf_counter() - start)


def _page(app: Flask) -> dict[str, Any]:
    """The search page with twenty rows against the plain pages."""
    pages.add_plain(app)
    paths = [
        f"/search?q={text.split()[0]}&kind=achievement&maturity=5-7" for text in large_market.queries(app, 50)
    ]
    medians = pages.speeds_of({"search": pages.caller(app, paths), **pages.plain_callers(app)})
    return {
        **{name: round(value, 1) for name, value in medians.items()},
        **{f"ratio_to_{plain}": pages.ratios(medians, plain)["search"] for plain in ("trivial", "layout")},
    }


class _Timed:
    """Another object whose calls add up the time they take."""

    def __init__(self, inner: Any, total: list[float]) -> None:
        self._inner, self._total = inner, total

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if not callable(found):
            return found

        def timed(*args, **kwargs):
            start = time.perf_counter()
            try:
                return found(*args, **kwargs)
            finally:
                self._total[0] += time.perf_counter() - start

        return timed


@contextmanager
def _raw_time(engine: Any) -> Iterator[list[float]]:
    """Seconds spent in the engine's own calls while this is open: tantivy's, or the servers'."""
    total = [0.0]
    if hasattr(engine, "_searcher"):
        searcher = engine._searcher
        engine._searcher = lambda: _Timed(searcher(), total)
        try:
            yield total
        finally:
            del engine._searcher
        return
    transport = type(engine._client)
    request = transport.perform_request

    def timed(self, *args, **kwargs):
        start = time.perf_counter()
        try:
            return request(self, *args, **kwargs)
        finally:
            total[0] += time.perf_counter() - start

    transport.perform_request = timed
    try:
        yield total
    finally:
        transport.perform_request = request


def _p95(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


def _quantiles(values: Sequence[float]) -> str:
    return f"{statistics.median(values) * 1000:.1f} / {_p95(values) * 1000:.1f}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--listings", type=int, default=10_000)
    parser.add_argument("--home", type=Path, help="Keep the market in this folder.")
    parser.add_argument("--no-pages", action="store_true", help="Leave the page out.")
    given = parser.parse_args()
    figures = run(given.listings, home=given.home, with_pages=not given.no_pages)
    print(json.dumps(figures, ensure_ascii=False, indent=1))
