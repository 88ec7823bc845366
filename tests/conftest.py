"""What every test may use: a market of its own, on SQLite or PostgreSQL, with its own clock and folders."""

import os
import socket
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from marketplace.app import create_app
from marketplace.config import Settings, read_settings
from marketplace.db import writing
from marketplace.extensions import db
from marketplace.migrations import run as migrations
from search.elastic import ElasticAddress, ElasticEngine
from tests.bytecode import SharedBytecode
from tests.servers import Elasticsearch, Postgres, chromium, missing, postgres_available

ROOT = Path(__file__).resolve().parent.parent
NOW = datetime(2026, 3, 3, 1, 0, tzinfo=UTC)
BENCHMARK = Path(os.environ.get("MARKETPLACE_BENCHMARK") or ROOT.parent / "shared" / "benchmark").resolve()
_BYTECODE = SharedBytecode()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Say plainly what a test needs; with CI=true a missing thing is a failure."""
    if item.get_closest_marker("benchmark") and not BENCHMARK.is_dir():
        missing(f"the folder of real listings and judgments is not at {BENCHMARK} (MARKETPLACE_BENCHMARK)")


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
    return "template_market"


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
        }
    )


def build(settings: Settings) -> Flask:
    """A market for tests. Its forms need no CSRF token; the browser tests, which send it, build their own."""
    made = create_app(settings)
    made.config["WTF_CSRF_ENABLED"] = False
    made.jinja_env.bytecode_cache = _BYTECODE
    return made


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
def database_url(tmp_path: Path, sqlite_template: Path) -> str:
    """A fresh SQLite database; `both_databases` puts PostgreSQL in its place."""
    path = tmp_path / "market.db"
    path.write_bytes(sqlite_template.read_bytes())
    return f"sqlite:///{path}"


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
