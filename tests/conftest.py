"""What every test may use: a market of its own, on SQLite or PostgreSQL, with its own clock and folders."""

import os
import socket
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from marketplace.accounts import passwords
from marketplace.app import create_app
from marketplace.config import Settings, read_settings
from marketplace.db import writing
from marketplace.extensions import db
from marketplace.migrations import run as migrations
from marketplace.web.transaction import MarketFlask
from search.elastic import ElasticAddress, ElasticEngine
from tests.bytecode import SharedBytecode
from tests.routes import SharedRule
from tests.servers import Elasticsearch, Postgres, chromium, missing, postgres_available
from tests.stage import Stage

ROOT = Path(__file__).resolve().parent.parent
NOW = datetime(2026, 3, 3, 1, 0, tzinfo=UTC)
BENCHMARK = Path(os.environ.get("MARKETPLACE_BENCHMARK") or ROOT.parent / "shared" / "benchmark").resolve()
_BYTECODE = SharedBytecode()
#: `parametrize("database_url", DATABASES, indirect=True)` or `fixture(params=DATABASES)`: on each in turn.
DATABASES = ("sqlite", pytest.param("postgres", marks=pytest.mark.postgres))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Say plainly what a test needs; with CI=true a missing thing is a failure."""
    if item.get_closest_marker("benchmark") and not BENCHMARK.is_dir():
        missing(f"the folder of real listings and judgments is not at {BENCHMARK} (MARKETPLACE_BENCHMARK)")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the tests that take long: no process shall be busy with one while the other has nothing to do."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that would leave this machine fails."""
    connect = socket.socket.connect

    def guarded(self, address):
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in (
            "127.0.0.1",
            "::1",
            "localhost",
        ):
            raise AssertionError(f"a test tried to reach {address[0]}")
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(scope="session", autouse=True)
def costly_hasher() -> Iterator[PasswordHasher]:
    """What hashes passwords on a market. In tests they cost little: nearly every test makes people."""
    real, quick = passwords._hasher, PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", quick)
        patch.setattr(passwords, "_NOBODY", quick.hash("nobody has this password"))
        yield real


@pytest.fixture(scope="session", autouse=True)
def shared_routes() -> Iterator[None]:
    """Applications of one test process share what their addresses were compiled to."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MarketFlask, "url_rule_class", SharedRule)
        yield


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A running PostgreSQL server, one per test process."""
    if not postgres_available():
        missing("PostgreSQL is not installed; apt-get install postgresql brings it")
    server = Postgres()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite database to copy."""
    path = tmp_path_factory.mktemp("template") / "market.db"
    migrations.upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres: Postgres) -> str:
    """The name of a migrated, empty PostgreSQL database to copy."""
    migrations.upgrade(postgres.new_database("template_market"))
    postgres.keep_contents("template_market")
    return "template_market"


@pytest.fixture
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], str]:
    """Makes a migrated, empty database, "sqlite" or "postgres", and returns its address."""

    def make(kind: str) -> str:
        if kind == "postgres":
            server = request.getfixturevalue("postgres")
            return server.empty_copy("market_test", request.getfixturevalue("postgres_template"))
        path = tmp_path / "market.db"
        path.write_bytes(request.getfixturevalue("sqlite_template").read_bytes())
        return f"sqlite:///{path}"

    return make


def settings_for(home: Path, database_url: str) -> Settings:
    """Settings of a test market. Tests are quicker than people: no rate limits (their own test has them)."""
    return read_settings(
        {
            "MARKETPLACE_ENV": "testing",
            "MARKETPLACE_HOME": str(home),
            "MARKETPLACE_DATABASE_URL": database_url,
            "MARKETPLACE_CLOCK": NOW.isoformat(),
            "MARKETPLACE_BASE_URL": "http://localhost",
            "MARKETPLACE_RATE_LIMIT_URL": "off",
            # One for all: links signed in a market go on working in a copy of it.
            "MARKETPLACE_SECRET_KEY": "the key of all markets of the tests",
        }
    )


def build(settings: Settings) -> Flask:
    """A market for tests. Its forms need no CSRF token; the browser tests, which send it, build their own."""
    made = create_app(settings)
    made.config["WTF_CSRF_ENABLED"] = False
    made.jinja_env.bytecode_cache = _BYTECODE
    with made.app_context():
        _do_not_wait_for_the_disk(db.engine)
    return made


def _do_not_wait_for_the_disk(engine: Engine) -> None:
    """A market waits at each commit until its database is on the disk, for the day the power fails. Tests need not:
    what a process wrote outlives its death all the same. Those that kill processes leave the market as it is.
    """
    if engine.dialect.name == "sqlite":
        event.listen(
            engine, "connect", lambda connection, _record: connection.execute("PRAGMA synchronous=OFF")
        )


@pytest.fixture(scope="session")
def elasticsearch() -> Iterator[Elasticsearch]:
    """A running Elasticsearch server. Tests that use it are in the xdist group of this name: one server for all."""
    server = Elasticsearch()
    yield server
    server.stop()


@pytest.fixture
def elastic_address(elasticsearch: Elasticsearch) -> Iterator[ElasticAddress]:
    """An index name of the test's own on the server; what was made under it is removed."""
    address = ElasticAddress(elasticsearch.urls, index=f"test_{uuid.uuid4().hex[:12]}")
    yield address
    ElasticEngine(address).drop()


@pytest.fixture
def database_url(request: pytest.FixtureRequest, empty_database: Callable[[str], str]) -> str:
    """A fresh SQLite database, or the kind that a test is parametrised with (`DATABASES`)."""
    return empty_database(getattr(request, "param", "sqlite"))


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Stage:
    """Where towns are kept as they were first built."""
    return Stage(tmp_path_factory.mktemp("stage"), sqlite_template)


@pytest.fixture
def app(tmp_path: Path, database_url: str) -> Iterator[Flask]:
    """A market of its own, in its context."""
    made = build(settings_for(tmp_path / "home", database_url))
    with made.app_context():
        yield made
        db.session.rollback()
        db.engine.dispose()


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    """A session inside a writing transaction, as a command has it."""
    with writing():
        yield db.session


@pytest.fixture
def now() -> datetime:
    """The moment at which tests happen."""
    return NOW


@pytest.fixture(scope="session")
def browser():
    """The system's Chromium, one per test process: its driver allows no second one beside it."""
    from playwright.sync_api import sync_playwright

    path = chromium()
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield launched
        launched.close()
