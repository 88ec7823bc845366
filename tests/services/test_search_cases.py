"""The judged searches of tests/search_cases, on both engines: the demonstration market and real listings.

A query is asked as a visitor asks it, through the form's reading of the address, the engine, and the database.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from marketplace.discovery import forms, services
from marketplace.extensions import db
from marketplace.indexing import upkeep
from marketplace.listings.models import Listing, ListingRevision
from marketplace.permissions import VISITOR
from search.backend import SearchEngine
from search.elastic import ElasticAddress, ElasticEngine
from search.embedded import EmbeddedEngine
from tests import cases
from tests.conftest import BENCHMARK, NOW, ROOT, build, settings_for

FOLDER = ROOT / "tests" / "search_cases"
DEMO = [case for path in sorted(FOLDER.glob("demo_*.yaml")) for case in cases.read(path)]
REAL = [case for path in sorted(FOLDER.glob("real_*.yaml")) for case in cases.read(path)]
#: Each engine's cases stay in one process: importing the real listings takes longer than all searches.
ENGINES = [
    pytest.param("embedded", marks=pytest.mark.xdist_group("embedded_search_cases")),
    pytest.param("elasticsearch", marks=pytest.mark.xdist_group("elasticsearch")),
]
TOP = 10
IMPORTS = (("achievement", "zhejiang_market_results"), ("demand", "zhejiang_market_needs"))


@dataclass(frozen=True)
class Answer:
    """What one search came to."""

    top: tuple[Listing, ...]
    reading: str
    understood: list[str]


@contextmanager
def market(folder: Path, template: Path) -> Iterator[Flask]:
    """A market that outlives a test; whoever needs its context enters it."""
    path = folder / "market.db"
    path.write_bytes(template.read_bytes())
    made = build(settings_for(folder / "home", f"sqlite:///{path}"))
    yield made
    with made.app_context():
        db.engine.dispose()


@pytest.fixture(scope="module")
def demo_market(tmp_path_factory, demo_markets):
    """The demonstration market, copied once for all cases."""
    app = demo_markets.copied("sqlite", tmp_path_factory.mktemp("demo"))
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="module")
def real_market(tmp_path_factory, sqlite_template):
    """The real listings, imported once for all cases."""
    with market(tmp_path_factory.mktemp("real"), sqlite_template) as app:
        for kind, name in IMPORTS:
            table, maps = BENCHMARK / "listings" / f"{name}.csv", ROOT / "seed_data" / "import_maps"
            arguments = ["listings", "import", kind, table, "--map", maps / f"{name}.yaml", "--publish"]
            app.test_cli_runner().invoke(args=[str(argument) for argument in arguments])
        yield app


@pytest.fixture(scope="module", params=ENGINES)
def new_engine(request, tmp_path_factory):
    """A maker of empty engines of one kind; theirs on the server are removed at the end."""
    if request.param == "embedded":
        yield lambda: EmbeddedEngine(tmp_path_factory.mktemp("index"))
        return
    server, made = request.getfixturevalue("elasticsearch"), []

    def make() -> ElasticEngine:
        made.append(ElasticEngine(ElasticAddress(server.urls, index=f"cases_{uuid.uuid4().hex[:12]}")))
        return made[-1]

    yield make
    for engine in made:
        engine.drop()


def filled(app: Flask, engine: SearchEngine) -> SearchEngine:
    """The engine with this market in its index; it has seen no other."""
    with app.app_context():
        assert upkeep.rebuild(db.session, engine) > 0
    return engine


@pytest.fixture(scope="module")
def demo_engine(demo_market, new_engine):
    """An engine that knows the demonstration market."""
    return filled(demo_market, new_engine())


@pytest.fixture(scope="module")
def real_engine(real_market, new_engine):
    """An engine that knows the real listings."""
    return filled(real_market, new_engine())


def ask(app: Flask, engine: SearchEngine, case: dict[str, Any]) -> Answer:
    address = MultiDict({"q": case["query"]} | ({"kind": case["kind"]} if "kind" in case else {}))
    with app.app_context():
        request = forms.request_of(address, services.scopes(VISITOR), NOW.date())
        found = services.search(db.session, engine, VISITOR, request)
        assert found.available
        asked = forms.understood(address)[1]
        values = [f"{one.name} {one.comparator.value} {one.value} {one.unit}" for one in asked]
        return Answer(found.listings[:TOP], found.result.reading.level.value, values)


def problems(case: dict[str, Any], answer: Answer, names: list[str]) -> list[str]:
    """What is not as judged; `names` are the titles or source ids of the top hits."""

    def shown(wanted: str) -> bool:
        return any(name.startswith(wanted) for name in names)

    found = [f"not among the first {TOP}: {wanted}" for wanted in case.get("must", ()) if not shown(wanted)]
    if "some" in case and not any(map(shown, case["some"])):
        found.append(f"none among the first {TOP}: {case['some']}")
    found += [f"among the first {TOP}: {banned}" for banned in case.get("must_not", ()) if shown(banned)]
    if "reading" in case and answer.reading != case["reading"]:
        found.append(f"read as {answer.reading}")
    if "understood" in case and answer.understood != case["understood"]:
        found.append(f"understood: {answer.understood}")
    return [*found, f"shown: {names}"] if found else []


def names_of(listed: list[dict[str, Any]]) -> list[str]:
    return [f"{case['query'][:24]}{'/' + case['kind'] if 'kind' in case else ''}" for case in listed]


@pytest.mark.parametrize("case", DEMO, ids=names_of(DEMO))
def test_what_a_visitor_finds_in_the_demonstration_market(demo_market, demo_engine, case):
    answer = ask(demo_market, demo_engine, case)
    titles = [listing.accepted_revision.title for listing in answer.top]
    cases.settle(case, problems(case, answer, titles))


@pytest.mark.benchmark
@pytest.mark.parametrize("case", REAL, ids=names_of(REAL))
def test_what_a_visitor_finds_among_real_listings(real_market, real_engine, case):
    answer = ask(real_market, real_engine, case)
    cases.settle(case, problems(case, answer, [listing.source_id for listing in answer.top]))


def cited(listed: list[dict[str, Any]]) -> set[str]:
    return {name for case in listed for part in ("must", "must_not", "some") for name in case.get(part, ())}


def test_every_cited_title_exists(demo_market):
    with demo_market.app_context():
        present = [revision.title for revision in db.session.scalars(select(ListingRevision))]
    assert not [title for title in cited(DEMO) if not any(name.startswith(title) for name in present)]


@pytest.mark.benchmark
def test_every_cited_source_id_exists(real_market):
    with real_market.app_context():
        assert cited(REAL) <= set(db.session.scalars(select(Listing.source_id)))


def test_there_are_enough_cases_and_few_gaps(capsys):
    cases.check_share("demonstration market searches", DEMO, 40, capsys)
    cases.check_share("real listings searches", REAL, 60, capsys)
