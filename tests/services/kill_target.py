"""The processes that test_kills.py kills: a worker without pause, or a web server.

Usage: python -m tests.services.kill_target worker|web HOME [SEARCH_URL SEARCH_INDEX]

Says `ready` and where it listens once it is at work. While it is inside a write, a file stands beside its
home: `inside-database` from the first changing statement to the end of its commit, `inside-index` during
`engine.apply`. What stands there after a kill -9 tells where the kill landed.
"""

import sys
import time
from dataclasses import replace
from pathlib import Path

import waitress
from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session

from marketplace.app import create_app
from marketplace.config import SearchSettings
from marketplace.extensions import db
from marketplace.worker import run_pass
from search.backend import EngineUnavailable
from tests.conftest import settings_for

#: Written to whenever the search engine broke off a write.
BROKEN_OFF = "broken-off"


def mark(home: Path, place: str) -> Path:
    """The file that stands while the process of this home is inside a write of this kind."""
    return home / f"inside-{place}"


def market_of(home: Path, search: SearchSettings) -> Flask:
    """The application on the database of this home."""
    return create_app(replace(settings_for(home, f"sqlite:///{home / 'market.db'}"), search=search))


def mark_database_writes(home: Path) -> None:
    """Keep the mark from the first changing statement of a transaction until it has ended."""
    inside = mark(home, "database")

    @event.listens_for(db.engine, "before_cursor_execute")
    def _writes(_connection, _cursor, statement, *_more):
        if statement.startswith(("INSERT", "UPDATE", "DELETE")):
            inside.touch()

    for over in ("after_commit", "after_rollback"):
        event.listen(Session, over, lambda _session: inside.unlink(missing_ok=True))


def mark_index_writes(app: Flask, home: Path) -> None:
    """Keep the mark during each `apply`."""
    engine = app.extensions["search"]
    apply = engine.apply

    def marked(*arguments, **options) -> None:
        mark(home, "index").touch()
        try:
            apply(*arguments, **options)
        except EngineUnavailable:
            with (home / BROKEN_OFF).open("a") as lines:
                lines.write("apply\n")
            raise
        finally:
            mark(home, "index").unlink()

    engine.apply = marked


def work(app: Flask) -> None:
    """One worker pass after the other until killed."""
    print("ready", flush=True)
    while True:
        run_pass(app)
        time.sleep(0.01)


def serve(app: Flask) -> None:
    """Serve as in production until killed."""
    server = waitress.create_server(app, host="127.0.0.1", port=0)
    print("ready", server.effective_port, flush=True)
    server.run()


def main(role: str, home: Path, url: str = "", index: str = "") -> None:
    """Start, mark every write, and go on until killed."""
    app = market_of(home, SearchSettings(hosts=(url,), index=index) if url else SearchSettings())
    with app.app_context():
        mark_database_writes(home)
        mark_index_writes(app, home)
        if role == "worker":
            work(app)
    serve(app)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:])
