"""A rebuild of the index against its parts: taking the texts apart, and what the engine itself needs to insert."""

import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

import tantivy
from flask import Flask

from marketplace.extensions import db
from marketplace.indexing import documents, readers, upkeep
from search import tokenizer
from search.documents import ListingDocument
from search.elastic.indexes import Indexes
from search.elastic.writer import Writer, _upsert
from search.embedded.engine import _writer
from search.embedded.schema import SCHEMA, to_tantivy
from search.index_fields import Norms, prepare

_SAMPLE = 20_000


def run(app: Flask) -> dict[str, Any]:
    """Seconds for the whole index from the database, and for its parts, scaled from a sample."""
    engine = app.extensions["search"]
    processes = app.extensions["settings"].rebuild_processes
    whole = seconds(lambda: upkeep.rebuild(db.session, engine, processes=processes))
    count = engine.count()
    sample = list(islice(documents.everything(db.session), _SAMPLE))
    share = count / len(sample)
    segmentation = seconds(lambda: [_tokens(document) for document in sample]) * share
    insert = _raw_insert(engine, sample) * share
    return {
        "documents": count,
        "processes": processes if count >= readers.WORTH_PROCESSES else 1,
        "seconds": round(whole, 1),
        "segmentation_seconds": round(segmentation, 1),
        "raw_insert_seconds": round(insert, 1),
        "ratio": round(whole / (segmentation + insert), 2),
    }


def seconds(work: Callable[[], object]) -> float:
    """How long a piece of work takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _tokens(document: ListingDocument) -> int:
    texts = (document.title, document.summary, document.body, *document.keywords)
    return sum(len(tokenizer.words(text)) + len(tokenizer.characters(text)) for text in texts)


def _raw_insert(engine: Any, sample: Sequence[ListingDocument]) -> float:
    """Seconds for documents that are ready as the engine wants them."""
    norms = Norms()
    ready = list(norms.learning(map(prepare, sample)))
    if hasattr(engine, "_searcher"):
        return _into_tantivy([to_tantivy(document, norms) for document in ready])
    return _into_servers(engine, [_upsert(document, norms) for document in ready])


def _into_tantivy(ready: Sequence[tantivy.Document]) -> float:
    with tempfile.TemporaryDirectory() as folder:
        index = tantivy.Index(SCHEMA, folder)

        def insert() -> None:
            with _writer(index) as writer:
                for document in ready:
                    writer.add_document(document)

        return seconds(insert)


def _into_servers(engine: Any, ready: Sequence[dict[str, Any]]) -> float:
    used = engine._indexes._address
    address = replace(used, index=f"{used.index}-raw")
    indexes, writer = Indexes(engine._client, address), Writer(engine._client, address)
    name = indexes.begin()

    def insert() -> None:
        writer._write(indexes.next_alias, ready, None)
        engine._client.indices.refresh(index=name)

    try:
        return seconds(insert)
    finally:
        indexes.remove(name)
