"""Reading listings for the index in several processes: the same documents, in order, and no process left behind."""

import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import replace
from multiprocessing import active_children

import pytest
from sqlalchemy import insert, text, update
from sqlalchemy.exc import DBAPIError

from marketplace.db import reading_engine
from marketplace.extensions import db
from marketplace.indexing import documents, readers, upkeep
from marketplace.indexing.documents import Slice
from marketplace.indexing.readers import Beside, Here, reader
from marketplace.lexicon.services import entries
from marketplace.listings.models import Listing
from marketplace.permissions import Role
from marketplace.web.transaction import unit_of_work
from search import dictionary, tokenizer
from search.backend import EngineUnavailable
from search.dictionary import Additions
from search.index_fields import prepare
from tests import factories
from tests.conftest import NOW, ROOT
from tests.services.market_on_servers import Market

#: For what has nothing to do with the kind of database: starting processes takes its time.
on_one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def files_alone() -> Iterator[None]:
    """The word lists of a process outlive a test; processes must not."""
    yield
    dictionary.use(dictionary.Additions())
    assert active_children() == []


@pytest.fixture
def market(app) -> Market:
    """A market with demands and achievements, of all of which not everything is public."""
    with unit_of_work() as session:
        house = factories.organisation(session, now=NOW)
        member = factories.actor(session, Role.ENTERPRISE_MEMBER, house, now=NOW)
        made = Market(app, member, factories.operator(session, now=NOW), house.id)
        for number in range(6):
            changes = {
                "title": f"耐磨涂层{number}号（示例）",
                "limited": number == 1,
                "hide_owner": number == 2,
            }
            content = factories.demand(**changes, budget_public=number != 3)
            factories.published(session, member, house, content, made.operator, now=NOW)
            content = factories.achievement(
                title=f"高纯钛粉{number}号（示例）", confidentiality="public" if number else "on_request"
            )
            factories.published(session, member, house, content, made.operator, now=NOW)
        session.execute(update(Listing).where(Listing.id.in_([3, 4])).values(state="withdrawn"))
    made.work()
    return made


@pytest.fixture
def several(app, market, monkeypatch) -> Market:
    """The same market, read by two processes in slices of one listing."""
    monkeypatch.setattr(readers, "WORTH_PROCESSES", 0)
    monkeypatch.setattr(readers, "Here", None)
    monkeypatch.setattr(documents, "_ROWS_AT_ONCE", 1)
    app.extensions["settings"] = replace(app.extensions["settings"], rebuild_processes=2)
    return market


def here() -> list:
    return list(documents.everything(db.session))


def test_several_processes_make_the_same_documents_in_the_same_order(several):
    with reader(db.session, 12, 2) as listings:
        made, names = list(listings.documents()), list(listings.fingerprints())
    assert made == list(map(prepare, here()))
    assert [one.keys["listing_id"] for one in made] == [1, 2, 5, 6, 7, 8, 9, 10, 11, 12]
    assert names == [(one.doc_id, one.fingerprint()) for one in here()]


@on_one_database
def test_they_read_with_words_that_are_not_in_force_yet(several):
    before = [prepare(one).texts["all_words"] for one in here()]
    dictionary.use(Additions(terms=("耐磨涂层",)))
    with reader(db.session, 12, 2) as listings:
        made = [one.texts["all_words"] for one in listings.documents()]
    assert made == [prepare(one).texts["all_words"] for one in here()]
    assert made != before and any(" 耐磨涂层 " in one for one in made)


def test_a_rebuild_and_a_comparison_with_several_processes(several):
    assert several.command("rebuild") == (0, "index: 10 documents\n")
    assert several.command("reconcile", "--check") == (0, "missing 0, extra 0, stale 0\n")
    with unit_of_work() as session:
        session.execute(update(Listing).where(Listing.id == 7).values(hide_owner=True))
        session.execute(update(Listing).where(Listing.id == 6).values(state="withdrawn"))
        session.execute(update(Listing).where(Listing.id == 3).values(state="published"))
    assert several.command("reconcile", "--check") == (1, "missing 1, extra 1, stale 1\n")
    told = []
    assert upkeep.rebuild(db.session, several.engine, told.append, processes=2) == 10
    assert told == [1] * 10
    assert several.command("rollback")[1] == "index: back; missing 1, extra 1, stale 1, mended\n"


@on_one_database
def test_new_words_are_put_into_the_index_by_several_processes(several):
    with unit_of_work() as session:
        entries.add(session, several.operator, "term", "耐磨涂层", now=NOW)
    several.work()
    assert dictionary.technical_terms()[-1] == "耐磨涂层" and not several.engine.needs_rebuild
    assert upkeep.compare(db.session, several.engine, processes=2).equal


@on_one_database
@pytest.mark.parametrize(
    ("listings", "processes", "kind"), [(19_999, 8, Here), (20_000, 1, Here), (20_000, 2, Beside)]
)
def test_a_small_market_stays_in_one_process(app, listings, processes, kind):
    with reader(db.session, listings, processes) as found:
        assert type(found) is kind
        assert active_children() == []


def test_slices_hold_every_listing_once(market, monkeypatch):
    with unit_of_work() as session:
        far = {"id": 40, "number": "D2026-09999", "kind": "demand", "organisation_id": market.house_id}
        session.execute(insert(Listing).values(**far, state="draft", version=1, created_at=NOW))
    ids = [*range(1, 13), 40]
    for size in (1, 2, 5, 12, 13, 14):
        monkeypatch.setattr(documents, "_ROWS_AT_ONCE", size)
        found = list(documents.slices(db.session))
        assert [one.after for one in found] == [0, *(one.last for one in found[:-1])]
        assert [one.last for one in found] == [*ids[size - 1 : 12 : size], 40][: -(-13 // size)]


def test_an_empty_market_has_no_slices(app):
    assert list(documents.slices(db.session)) == []


class _Slow:
    """A pool whose work is done when it is asked for; counts what waits."""

    def __init__(self) -> None:
        self.waiting: deque[int] = deque()
        self.most = 0

    def submit(self, _work: Callable, _make: Callable, part: Slice) -> Future:
        self.waiting.append(part.last)
        self.most = max(self.most, len(self.waiting))
        future = Future()
        future.result = lambda: [self.waiting.popleft()]
        return future


@on_one_database
@pytest.mark.parametrize("processes", [2, 3])
def test_few_slices_are_under_way_however_slowly_they_are_taken(several, processes):
    pool = _Slow()
    taken = Beside(db.session, pool, processes).documents()
    assert next(taken) == 1 and list(pool.waiting) == list(range(2, 2 * processes + 1))
    assert list(taken) == list(range(2, 13))
    assert pool.most == 2 * processes


@on_one_database
def test_an_error_of_a_process_is_that_of_the_rebuild(several):
    assert several.command("rebuild") == (0, "index: 10 documents\n")
    generation = several.engine.generation
    with unit_of_work() as session:
        broken = session.get_one(Listing, 12).accepted_revision
        broken.content = {**broken.content, "trl": 12}
    code, output = several.command("rebuild")
    assert (code, output) == (1, "index: embedded index: trl must be 1 to 9, not 12\n")
    assert several.engine.generation == generation and several.engine.count() == 10


@on_one_database
def test_processes_of_other_code_are_refused(several, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(tokenizer, "tokenizer_version", lambda: "other rules")
        with pytest.raises(EngineUnavailable, match="the code was changed under it"):
            upkeep.compare(db.session, several.engine, processes=2)


@on_one_database
def test_whoever_interrupts_a_rebuild_keeps_the_old_index(several):
    assert several.command("rebuild") == (0, "index: 10 documents\n")
    generation = several.engine.generation

    def interrupted(_count: int) -> None:
        assert active_children()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        upkeep.rebuild(db.session, several.engine, interrupted, processes=2)
    assert active_children() == [] and several.engine.generation == generation


def test_a_reading_process_cannot_write(market, database_url):
    engine = reading_engine(db.engine.url)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM listings")) == 12
        with pytest.raises(DBAPIError, match=r"read-?only"):
            connection.execute(text("UPDATE listings SET state = 'draft'"))
    engine.dispose()


_READ = """
import sys, time
from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from marketplace.indexing import documents, readers
readers.WORTH_PROCESSES, documents._ROWS_AT_ONCE = 0, 1
with Session(create_engine(sys.argv[1])) as session, readers.reader(session, 1, 2) as listings:
    for one in listings.fingerprints():
        print(one[0], flush=True)
        time.sleep(60)
"""


@on_one_database
@pytest.mark.parametrize(
    ("end", "told"),
    [
        pytest.param(lambda group: os.killpg(group, signal.SIGINT), -signal.SIGINT, id="interrupted"),
        pytest.param(lambda group: os.kill(group, signal.SIGKILL), -signal.SIGKILL, id="killed"),
    ],
)
def test_no_process_outlives_the_one_that_writes(market, end, told):
    url = db.engine.url.render_as_string(hide_password=False)
    reading = subprocess.Popen(
        [sys.executable, "-c", _READ, url],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    with reading, reading.stdout:
        assert reading.stdout.readline() == "demand:1\n"
        end(reading.pid)
        assert reading.wait(30) == told
        last = time.monotonic() + 30
        while _alive(reading.pid):
            assert time.monotonic() < last, "a reading process is left behind"
            time.sleep(0.05)


def _alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
