"""Which search engine a market has: the embedded index in its home, or Elasticsearch servers."""

import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from marketplace.config import SearchSettings
from search.backend import SearchEngine
from search.embedded import EmbeddedEngine


def engine_of(settings: SearchSettings, folder: Path) -> SearchEngine:
    """The engine of these settings; the embedded one lives in `folder`."""
    return _elastic(settings) if settings.hosts else EmbeddedEngine(folder)


@contextmanager
def passing_engine(settings: SearchSettings) -> Iterator[SearchEngine]:
    """An empty engine of the same kind that is gone afterwards, for measurements."""
    if not settings.hosts:
        with tempfile.TemporaryDirectory() as folder:
            yield EmbeddedEngine(Path(folder))
        return
    engine = _elastic(replace(settings, index=f"passing_{uuid.uuid4().hex[:12]}"))
    try:
        yield engine
    finally:
        engine.drop()


def _elastic(settings: SearchSettings):
    # Imported where it is used: the client library costs a third of a second at the start.
    from search.elastic import ElasticAddress, ElasticEngine

    return ElasticEngine(ElasticAddress(**vars(settings)))
