"""kill -9 inside a write, counted; then a restart: the index equals the database and no record is half written.

Processes of their own share a file, so the database is SQLite. MARKETPLACE_SOAK_KILLS sets the number of kills
that must land inside a write.
"""

import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from marketplace.config import SearchSettings
from marketplace.extensions import db
from marketplace.indexing import upkeep
from marketplace.listings import states
from marketplace.listings.models import Listing, ListingRevision
from marketplace.outbox import OutboxRow, depth
from marketplace.worker import run_pass
from marketplace.workflow import HistoryEntry
from tests.servers import Elasticsearch
from tests.services.kill_target import market_of
from tests.services.kill_victims import NodeVictim, People, WebVictim, WorkerVictim

KILLS = int(os.environ.get("MARKETPLACE_SOAK_KILLS", "3"))
_MOST_TRIES = 4
ON_SERVERS = pytest.mark.xdist_group("elasticsearch")


@pytest.fixture
def start(tmp_path: Path, sqlite_template: Path) -> Iterator[Callable[..., Flask]]:
    """Start the market of this test again, as after a crash."""
    shutil.copy(sqlite_template, tmp_path / "market.db")
    started: list[Flask] = []

    def again(*search: str) -> Flask:
        url = search[:1]
        app = market_of(tmp_path, SearchSettings(hosts=url, index=search[1]) if url else SearchSettings())
        started.append(app)
        return app

    yield again
    for app in started:
        with app.app_context():
            db.engine.dispose()


@pytest.fixture
def on_server(request: pytest.FixtureRequest) -> Iterator[tuple[Elasticsearch, str]]:
    """The server that all tests share, and an index name; afterwards the server runs."""
    server: Elasticsearch = request.getfixturevalue("elasticsearch")
    yield server, f"test_{uuid.uuid4().hex[:12]}"
    if 0 not in server.processes:
        server.restart()


def test_a_worker_killed_inside_its_writes(start, tmp_path, capsys):
    victim = WorkerVictim(tmp_path, People(start()))
    kill_all("worker, embedded engine", victim.kill_once, capsys)
    all_is_well(start())


@ON_SERVERS
def test_a_worker_killed_while_it_writes_to_elasticsearch(start, tmp_path, on_server, capsys):
    server, index = on_server
    victim = WorkerVictim(tmp_path, People(start(server.urls[0], index)), server.urls[0], index)
    kill_all("worker, Elasticsearch", victim.kill_once, capsys)
    all_is_well(start(server.urls[0], index))


def test_a_web_server_killed_inside_its_writes(start, tmp_path, capsys):
    victim = WebVictim(tmp_path, People(start()))
    kill_all("web server", victim.kill_once, capsys)
    assert victim.refused == []
    app = start()
    with app.app_context():
        kept = db.session.scalars(select(ListingRevision.id).where(ListingRevision.state == states.ACCEPTED))
        assert victim.answered and set(victim.answered) <= set(kept), "what was answered is kept"
        db.session.rollback()
    all_is_well(app)


@ON_SERVERS
def test_an_elasticsearch_node_killed_inside_writes(start, tmp_path, on_server, capsys):
    server, index = on_server
    victim = NodeVictim(tmp_path, People(start(server.urls[0], index)), server, index)
    kill_all("Elasticsearch node", victim.kill_once, capsys)
    all_is_well(start(server.urls[0], index))


def kill_all(what: str, kill_once: Callable[[int], bool], capsys: pytest.CaptureFixture[str]) -> None:
    """Kill until as many have hit as asked, and tell how many did not: a write may end before the kill comes."""
    landed = tries = 0
    while landed < KILLS and tries < _MOST_TRIES * KILLS:
        landed += kill_once(tries)
        tries += 1
    with capsys.disabled():
        print(f"\n{what}: {landed} of {tries} kills landed inside a write")
    assert landed == KILLS


def all_is_well(app: Flask) -> None:
    """After one worker pass nothing waits, the index equals the database, and every record is whole."""
    with app.app_context():
        run_pass(app)
        assert depth(db.session) == {}
        assert upkeep.compare(db.session, app.extensions["search"]) == upkeep.Comparison((), (), ())
        assert app.extensions["search"].count() > 0
        every_record_is_whole()
        db.session.rollback()


def every_record_is_whole() -> None:
    """State, history and outbox were written in one transaction: they are there together or not at all."""
    session = db.session
    revision_moves, listing_moves = _moves("revision"), _moves("listing")
    told = dict(
        session.execute(
            select(OutboxRow.entity_id, func.count())
            .where(OutboxRow.consumer == "index", OutboxRow.entity_type == "listing")
            .group_by(OutboxRow.entity_id)
        ).all()
    )
    moves_of_a_revision = {states.DRAFT: 0, states.STAFF_REVIEW: 1, states.ACCEPTED: 2}
    moves_of_a_listing = {states.UNPUBLISHED: 0, states.PUBLISHED: 1, states.WITHDRAWN: 2}
    for listing in session.scalars(select(Listing)):
        (revision,) = listing.revisions
        assert revision_moves.get(revision.id, 0) == moves_of_a_revision[revision.state]
        assert listing_moves.get(listing.id, 0) == moves_of_a_listing[listing.state]
        assert told.get(listing.id, 0) == moves_of_a_listing[listing.state]
        assert (listing.state == states.UNPUBLISHED) == (revision.state != states.ACCEPTED)


def _moves(kind: str) -> dict[int, int]:
    counted = select(HistoryEntry.subject_id, func.count()).where(HistoryEntry.subject_type == kind)
    return dict(db.session.execute(counted.group_by(HistoryEntry.subject_id)).all())
