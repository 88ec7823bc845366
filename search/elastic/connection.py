"""Reaching the servers: addresses, log-in, patience, and one meaning for every way a call can fail."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock

from elasticsearch import ApiError, ConnectionTimeout, Elasticsearch, OrjsonSerializer, TransportError
from elasticsearch.helpers import BulkIndexError

from search.backend import EngineUnavailable

#: Seconds a page waits for an answer, and a batch of writes for its end.
READ_SECONDS, WRITE_SECONDS = 3.0, 60.0
#: Seconds during which nobody asks again after the servers were silent: pages must not queue up behind them.
_PAUSE_SECONDS = 2.0

# A server that is away is told in one line by whoever asked; the client would add a page of frames to each call.
logging.getLogger("elastic_transport").setLevel(logging.ERROR)


@dataclass(frozen=True, slots=True)
class ElasticAddress:
    """Where the servers are and how to log in: nothing, name and password, or an API key.

    `hosts` are complete addresses (`https://search-1.example:9200`); `index` is the alias that readers ask;
    `ca_file` the certificate authority of https addresses. `replicas` copies are kept beside each shard.
    """

    hosts: tuple[str, ...]
    index: str = "market"
    user: str = ""
    password: str = ""
    api_key: str = ""
    ca_file: str | None = None
    shards: int = 1
    replicas: int = 0

    def client(self) -> Elasticsearch:
        """Make a client; it connects at its first call."""
        secrets: dict[str, object] = {}
        if self.api_key:
            secrets["api_key"] = self.api_key
        elif self.user:
            secrets["basic_auth"] = (self.user, self.password)
        if self.ca_file:
            secrets["ca_certs"] = self.ca_file
        # A read that failed on one node may be asked of the next; a busy server (429) is left alone.
        return Elasticsearch(
            list(self.hosts),
            request_timeout=READ_SECONDS,
            max_retries=max(1, len(self.hosts) - 1),
            retry_on_status=(502, 503, 504),
            retry_on_timeout=False,
            serializer=OrjsonSerializer(),
            **secrets,
        )


class Calls:
    """Guards calls to the servers: their errors become EngineUnavailable, silence is remembered for a moment."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._silent_until = 0.0

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Translate every failure; fail at once shortly after the servers were silent."""
        if time.monotonic() < self._silent_until:
            raise EngineUnavailable("elasticsearch did not answer a moment ago")
        try:
            yield
        except ConnectionTimeout as error:
            with self._lock:
                self._silent_until = time.monotonic() + _PAUSE_SECONDS
            raise EngineUnavailable(f"elasticsearch is silent: {error}") from error
        except (ApiError, TransportError, BulkIndexError) as error:
            raise EngineUnavailable(f"elasticsearch: {_said(error)}") from error


def _said(error: Exception) -> str:
    if isinstance(error, ApiError):
        return f"{error.status_code} {error.message}"
    return f"{type(error).__name__}: {error}"[:500]
