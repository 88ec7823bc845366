"""Counting searches beside answering them: in memory first, into the database after the answer has gone out.

A search never waits for the database because of it and never fails because of it: what cannot be written is lost, which
popular searches can bear. The browser remembers in its own signed cookie what it was counted for today, as short keyed
digests; the server keeps no such thing.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, MutableMapping
from datetime import date
from threading import Lock
from time import monotonic

import structlog
from flask import Flask

from marketplace.discovery.services import popular
from marketplace.web.transaction import unit_of_work

log = structlog.get_logger(__name__)

#: Where the browser's cookie holds the digests, and how many of them.
COOKIE_KEY = "counted"
_MOST_REMEMBERED = 12
#: Texts that wait in memory; more are not counted.
_MOST_WAITING = 500
#: Between two writes of one process.
_SECONDS = 10.0


class SearchCounter:
    """The counts of one process that have not been written yet."""

    def __init__(self, app: Flask, clock: Callable[[], float] = monotonic) -> None:
        self._app, self._clock = app, clock
        self._lock = Lock()
        self._waiting: Counter[tuple[date, str]] = Counter()
        self._next_write = clock()

    def count(self, text: str, day: date, browser: MutableMapping[str, object]) -> None:
        """Count a text for this browser, once a day. One that came without our cookie is not counted:
        programs keep none, and a person's first page gives him one.
        """
        if not browser:
            return
        digest = self._digest(f"{day}:{text}")
        counted = browser.get(COOKIE_KEY)
        counted = counted if isinstance(counted, list) else []
        if digest in counted:
            return
        browser[COOKIE_KEY] = [*counted, digest][-_MOST_REMEMBERED:]
        with self._lock:
            if len(self._waiting) < _MOST_WAITING:
                self._waiting[day, text] += 1

    @property
    def due(self) -> bool:
        """Whether counts wait and the last write was long enough ago."""
        return bool(self._waiting) and self._clock() >= self._next_write

    def write(self) -> None:
        """Write what waits, in a transaction of its own. Never raises."""
        with self._lock:
            counts, self._waiting = self._waiting, Counter()
            self._next_write = self._clock() + _SECONDS
        try:
            with self._app.app_context(), unit_of_work() as session:
                popular.add(session, counts)
        except Exception:
            log.warning("searches could not be counted", texts=len(counts), exc_info=True)

    def _digest(self, text: str) -> str:
        key = hashlib.sha256(self._app.config["SECRET_KEY"].encode()).digest()
        return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=6, key=key).hexdigest()
