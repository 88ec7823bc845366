"""Service tests run on both databases."""

from collections.abc import Callable

import pytest

from tests.conftest import DATABASES


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, empty_database: Callable[[str], str]) -> str:
    """A fresh database of each kind in turn."""
    return empty_database(request.param)
