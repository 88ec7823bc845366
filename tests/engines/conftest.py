"""Engines under test. Every contract test runs once per engine named here."""

from __future__ import annotations

from datetime import date

import pytest

from search.documents import ListingDocument
from search.elastic import ElasticEngine
from search.embedded import EmbeddedEngine

ENGINES = ["embedded", pytest.param("elasticsearch", marks=pytest.mark.xdist_group("elasticsearch"))]


@pytest.fixture(params=ENGINES)
def engine_maker(request, tmp_path):
    """Return a function that opens the same (at first empty) index again, as another process would."""
    if request.param == "embedded":
        return lambda: EmbeddedEngine(tmp_path / "index")
    address = request.getfixturevalue("elastic_address")
    return lambda: ElasticEngine(address)


@pytest.fixture
def engine(engine_maker):
    """One engine on an empty index."""
    return engine_maker()


@pytest.fixture
def listing():
    """Return a maker of documents with sensible values for what a test does not care about."""

    def make(listing_id, title="耐磨涂层", **values):
        base = {
            "kind": "achievement",
            "revision_id": 1,
            "published_on": date(2025, 1, 1),
            "confirmed_on": date(2025, 1, 1),
            "scopes": ("public",),
        }
        return ListingDocument(listing_id=listing_id, title=title, **{**base, **values})

    return make
