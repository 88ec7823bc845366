"""kill -9 inside a write, then a restart: the index equals the database and no record is half written."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from marketplace.app import create_app
from marketplace.extensions import db
from marketplace.indexing import upkeep
from marketplace.listings.models import Listing, ListingRevision
from marketplace.outbox import depth
from marketplace.permissions import Role
from marketplace.web.transaction import unit_of_work
from marketplace.worker import run_pass
from marketplace.workflow import HistoryEntry
from tests import factories
from tests.conftest import NOW, ROOT, settings_for

KILLS = int(os.environ.get("MARKETPLACE_SOAK_KILLS", "3"))


@pytest.fixture
def database_url(tmp_path, sqlite_template):
    """Processes of their own share a file: SQLite only."""
    (tmp_path / "market.db").write_bytes(sqlite_template.read_bytes())
    return f"sqlite:///{tmp_path / 'market.db'}"


@pytest.fixture
def home(tmp_path: Path, database_url: str) -> Path:
    """A market with one enterprise and one operator, used by processes of their own."""
    app = create_app(settings_for(tmp_path, database_url))
    with app.app_context():
        with unit_of_work() as session:
            house = factories.organisation(session, now=NOW)
            factories.actor(session, Role.ENTERPRISE_MEMBER, house, now=NOW)
            factories.operator(session, now=NOW)
        db.engine.dispose()
    return tmp_path


def kill_once(home: Path, seed: int) -> None:
    """Start the writing process, let it work for a moment, kill it where it stands."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.services.kill_target", str(home), str(seed)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout.readline().strip() == "ready"
        time.sleep(random.Random(seed).uniform(0.2, 1.2))
        assert process.poll() is None, "the process ended by itself"
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_index_equals_database_after_kills(home: Path, database_url: str):
    for seed in range(KILLS):
        kill_once(home, seed)
    app = create_app(settings_for(home, database_url))
    with app.app_context():
        run_pass(app)
        assert depth(db.session) == {}
        assert upkeep.compare(db.session, app.extensions["search"]).equal
        assert db.session.scalar(select(func.count()).select_from(Listing)) > 0
        _no_half_records()
        db.session.rollback()
        db.engine.dispose()


def _no_half_records() -> None:
    """What was written in one transaction is there together or not at all."""
    session = db.session
    for listing in session.scalars(select(Listing)):
        assert listing.revisions, "a listing without its revision"
        assert listing.state == "published" or listing.state == "withdrawn"
    moves = session.scalar(select(func.count()).where(HistoryEntry.subject_type == "revision"))
    assert moves == 2 * session.scalar(select(func.count()).select_from(ListingRevision))
