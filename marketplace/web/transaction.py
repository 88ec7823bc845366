"""The one commit of a request, and the one of a command.

A request that may write holds SQLite's write lock from its start and is committed when its response is
not an error; everything else is rolled back. Work put off with `after_commit` runs then, each piece in
a transaction of its own, and its failure cannot undo what the person was told.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import structlog
from flask import Flask, Response, g, request
from sqlalchemy.orm import Session

from marketplace.db import writing
from marketplace.extensions import db

log = structlog.get_logger(__name__)

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class MarketFlask(Flask):
    """Flask with the commit between the view and the response, where its errors still become pages."""

    def dispatch_request(self):
        with ExitStack() as stack:
            if request.method not in SAFE_METHODS:
                stack.enter_context(writing())
            response = self.make_response(super().dispatch_request())
            settle(response)
        _run_after_commit()
        return response


def settle(response: Response) -> None:
    """Commit what a successful writing request did; forget the rest."""
    if request.method not in SAFE_METHODS and response.status_code < 400:
        db.session.commit()
    else:
        db.session.rollback()
        g.pop("after_commit", None)


def after_commit(work: Callable[[Session], None]) -> None:
    """Do something in a transaction of its own once this request has been settled (also a reading one)."""
    g.setdefault("after_commit", []).append(work)


def on_read(work: Callable[[Session], None]) -> None:
    """A small write that a reading request causes, such as counting a view."""
    g.setdefault("on_read", []).append(work)


def _run_after_commit() -> None:
    for work in (*g.pop("after_commit", ()), *g.pop("on_read", ())):
        try:
            with unit_of_work() as session:
                work(session)
        except Exception:
            log.exception("work after commit failed")


@contextmanager
def unit_of_work() -> Iterator[Session]:
    """One transaction of a command or of the worker: committed at the end, rolled back on an error."""
    with writing():
        db.session.rollback()
        try:
            yield db.session
            db.session.commit()
        except BaseException:
            db.session.rollback()
            raise
