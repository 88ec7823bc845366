"""Demonstration markets to copy: loading one takes seconds, so each is loaded once for all tests of a run."""

import fcntl
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask

from marketplace.extensions import db
from marketplace.portal import demo
from tests.conftest import NOW, build, settings_for
from tests.servers import Postgres

#: Days and hours at which a demonstration market must be alive, beside that of all tests.
OPENINGS = ("2025-03-03T09:00:00+08:00", "2026-11-21T22:30:00+08:00", "2027-08-15T00:05:00+08:00")
#: Both databases. A server belongs to a test process: one loads for all.
DEMO_DATABASES = (
    "sqlite",
    pytest.param("postgres", marks=(pytest.mark.postgres, pytest.mark.xdist_group("demo_on_postgres"))),
)


class DemoMarkets:
    """Loads a market when it is first asked for, on a shelf that all test processes of a run share.

    `sqlite` and `postgres` give a migrated, empty database file and, with its server, the name of one.
    """

    def __init__(
        self, shelf: Path, sqlite: Callable[[], Path], postgres: Callable[[], tuple[Postgres, str]]
    ) -> None:
        self._shelf, self._sqlite, self._postgres = shelf, sqlite, postgres
        self._on_servers: set[str] = set()

    def copied(self, kind: str, home: Path, opens: datetime = NOW) -> Flask:
        """A copy of the market that was loaded at this moment, on "sqlite" or "postgres", outside its context.

        Its clock goes on where the loaded market's stands.
        """
        copy = self._copy_of_server if kind == "postgres" else self._copy_of_file
        return _market(home, copy(home, opens), opens)

    @contextmanager
    def opened(self, kind: str, home: Path, opens: datetime = NOW) -> Iterator[Flask]:
        """The same in its context."""
        with _context(self.copied(kind, home, opens)) as app:
            yield app

    def _copy_of_file(self, home: Path, opens: datetime) -> str:
        loaded = self._shelf / f"{opens:%Y%m%dT%H%M}"
        with (self._shelf / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not loaded.exists():
                making = self._shelf / "making"
                shutil.rmtree(making, ignore_errors=True)
                making.mkdir()
                shutil.copy(self._sqlite(), making / "market.db")
                _load(making, f"sqlite:///{making / 'market.db'}", opens)
                making.rename(loaded)
        shutil.copytree(loaded, home, dirs_exist_ok=True)
        return f"sqlite:///{home / 'market.db'}"

    def _copy_of_server(self, home: Path, opens: datetime) -> str:
        server, template = self._postgres()
        name = f"demo_{opens:%Y%m%dT%H%M}"
        loaded = self._shelf / f"postgres-{id(self)}-{name}"
        if name not in self._on_servers:
            _load(loaded, server.new_database(name, template), opens)
            self._on_servers.add(name)
        shutil.copytree(loaded, home, dirs_exist_ok=True)
        return server.new_database("demo_copy", name)


def _load(home: Path, url: str, opens: datetime) -> None:
    with _context(_market(home, url, opens)) as app:
        assert demo.load(app, lambda line: None)


def _market(home: Path, url: str, opens: datetime) -> Flask:
    return build(replace(settings_for(home, url), clock_start=opens))


@contextmanager
def _context(app: Flask) -> Iterator[Flask]:
    with app.app_context():
        yield app
        db.session.rollback()
        db.engine.dispose()
