"""Service tests run on both databases."""

import os
from collections.abc import Callable

import pytest

from tests.conftest import DATABASES
from tests.services.demo_markets import DemoMarkets


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, empty_database: Callable[[str], str]) -> str:
    """A fresh database of each kind in turn."""
    return empty_database(request.param)


@pytest.fixture(scope="session")
def demo_markets(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> DemoMarkets:
    """Demonstration markets to copy; those on SQLite are loaded once for all test processes of this run."""
    base, asked = tmp_path_factory.getbasetemp(), request.getfixturevalue
    shelf = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "demo-markets"
    shelf.mkdir(exist_ok=True)
    return DemoMarkets(
        shelf,
        lambda: asked("sqlite_template"),
        lambda: (asked("postgres"), asked("postgres_template")),
    )
