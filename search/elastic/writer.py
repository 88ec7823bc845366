"""Writing to an index on Elasticsearch servers: batches of changes, and whole successors."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from itertools import islice
from typing import Any

from elasticsearch import ApiError, Elasticsearch, TransportError
from elasticsearch.helpers import streaming_bulk

from search.backend import Approval, EngineUnavailable, RebuildNeeded
from search.documents import MATCHED_KINDS, ListingDocument, settled
from search.elastic import mapping
from search.elastic.connection import WRITE_SECONDS, ElasticAddress
from search.elastic.indexes import Indexes
from search.elastic.statistics import TermStatistics
from search.index_fields import Norms, PreparedDocument, prepare, prepared

_BULK_DOCUMENTS = 500
# A full queue (429) empties soon: wait and send the refused part again, which is safe with versions.
_BULK_RETRIES, _BULK_WAIT_SECONDS = 4, 0.5
# How long the servers may wait for a shard that has no node. A copy takes over within a second; for a shard
# without one there is no use in waiting their minute: the caller comes again.
_SHARD_SECONDS = 10
# Answers to one part of a batch: a later batch has written this document; it is not there; it cannot be indexed.
_LATE, _ABSENT, _BAD_DOCUMENT = 409, 404, 400


class Writer:
    """Writes documents under the number of their batch, so that late and repeated batches are harmless.

    Nobody waits for it at a page: everything it asks has more time than a reader's questions.
    """

    def __init__(self, client: Elasticsearch, address: ElasticAddress) -> None:
        self._client = client.options(request_timeout=WRITE_SECONDS)
        self._indexes = Indexes(self._client, address)
        self._statistics = TermStatistics(self._client)

    def apply(self, upserts: Iterable[ListingDocument], deletes: Iterable[str], version: int | None) -> None:
        """Write one batch to the index in use and to the successor being built, and make it visible."""
        fresh, gone = settled(upserts, deletes)
        if not fresh and not gone:
            return
        aliases = self._aliases()
        ready = list(map(prepare, fresh))
        norms = self._norms_beside(ready)
        actions = [_upsert(document, norms) for document in ready]
        actions += [{"_op_type": "delete", "_id": name} for name in sorted(gone)]
        for alias in aliases:
            self._write(alias, actions, version)
            self._client.indices.refresh(index=alias)

    def rebuild(
        self,
        documents: Iterable[ListingDocument | PreparedDocument],
        version: int | None,
        approve: Approval,
    ) -> int:
        """Build a successor and, once approved of, put it into use; returns the number of documents in it."""
        name = self._indexes.begin()
        try:
            self._fill(name, documents, version)
            approve(lambda: self._count(name))
            written = self._count(name)
        except BaseException:
            # Servers that are away keep the unfinished successor; the next rebuild removes it.
            with suppress(ApiError, TransportError):
                self._indexes.remove(name)
            raise
        # Never abandoned from here on: when the answer is lost, the successor may already be the index in use.
        self._indexes.activate(name)
        return written

    def rollback(self) -> None:
        """Put the index before the one in use back into use. Raises EngineUnavailable when there is none."""
        self._indexes.activate(self._indexes.previous())

    def drop(self) -> None:
        """Remove every version of the index from the servers."""
        for name in self._indexes.versions():
            self._indexes.remove(name)

    def _fill(
        self, name: str, documents: Iterable[ListingDocument | PreparedDocument], version: int | None
    ) -> None:
        self._client.indices.put_settings(index=name, settings={"refresh_interval": "-1"})
        norms = Norms()
        actions = (_upsert(document, norms) for document in norms.learning(map(prepared, documents)))
        self._write(self._indexes.next_alias, actions, version)
        self._client.indices.put_settings(index=name, settings={"refresh_interval": None})

    def _count(self, name: str) -> int:
        """The documents of one version, those included that changes have brought meanwhile."""
        self._client.indices.refresh(index=name)
        return self._client.count(index=name)["count"]

    def _aliases(self) -> list[str]:
        """The aliases to write to. Raises RebuildNeeded after a version change."""
        found = self._indexes.aliased()
        current = found.pop(self._indexes.alias, None)
        if current is None:
            self._indexes.create_first()
        elif not self._indexes.is_up_to_date(current):
            raise RebuildNeeded("the index was made by another version and must be rebuilt")
        return [self._indexes.alias, *found]

    def _norms_beside(self, fresh: Iterable[PreparedDocument]) -> Norms:
        """Norms for documents that join those already in the index."""
        matched = [document for document in fresh if document.kind in MATCHED_KINDS]
        tokens: dict[str, set[str]] = {f"own_{kind}": set() for kind in MATCHED_KINDS}
        for document in matched:
            texts = (document.texts[f"{part}_{document.kind}"] for part in ("own", "more"))
            tokens[f"own_{document.kind}"].update(*map(str.split, texts))
        known = self._statistics.of(self._indexes.current(), tokens)
        norms = Norms(
            {kind: known[f"own_{kind}"].documents for kind in MATCHED_KINDS},
            lambda kind, token: known[f"own_{kind}"].frequencies.get(token, 0),
        )
        for document in matched:
            norms.learn(document)
        return norms

    def _write(self, alias: str, actions: Iterable[dict[str, Any]], version: int | None) -> None:
        """Send a batch part by part: the next one is made while the servers take one in."""
        versioned = {} if version is None else {"version": version, "version_type": "external_gte"}
        remaining = ({**action, **versioned} for action in actions)
        with ThreadPoolExecutor(1) as sender:
            sent: Future[None] | None = None
            while part := list(islice(remaining, _BULK_DOCUMENTS)):
                if sent is not None:
                    sent.result()
                sent = sender.submit(self._send, alias, part)
            if sent is not None:
                sent.result()

    def _send(self, alias: str, part: Sequence[dict[str, Any]]) -> None:
        """Send one part; what a later batch has overtaken is left as it is."""
        results = streaming_bulk(
            self._client,
            part,
            index=alias,
            chunk_size=_BULK_DOCUMENTS,
            raise_on_error=False,
            max_retries=_BULK_RETRIES,
            initial_backoff=_BULK_WAIT_SECONDS,
            require_alias=True,
            timeout=f"{_SHARD_SECONDS}s",
        )
        for done, outcome in results:
            if not done:
                _judge(outcome)


def _upsert(document: PreparedDocument, norms: Norms) -> dict[str, Any]:
    return {"_op_type": "index", "_id": document.doc_id, "_source": mapping.to_source(document, norms)}


def _judge(outcome: dict[str, Any]) -> None:
    """Raise for a part of a batch that was refused: ValueError for a bad document, else EngineUnavailable."""
    ((operation, facts),) = outcome.items()
    status = facts.get("status")
    if status == _LATE or (operation == "delete" and status == _ABSENT):
        return
    reason = f"{facts.get('_id')}: {facts.get('error')}"[:500]
    if status == _BAD_DOCUMENT:
        raise ValueError(f"elasticsearch refused {reason}")
    raise EngineUnavailable(f"elasticsearch did not write {reason}")
