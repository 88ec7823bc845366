"""Making the index anew: counted against the database before it is used, and one rebuild at a time, on both engines."""

import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from multiprocessing import active_children
from pathlib import Path

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from marketplace.config import SearchSettings
from marketplace.extensions import db
from marketplace.indexing import documents, readers
from marketplace.indexing.exclusive import only_rebuild
from marketplace.indexing.readers import Beside
from marketplace.lexicon.models import LexiconEntry
from marketplace.lexicon.services import entries
from marketplace.web.transaction import unit_of_work
from search import dictionary
from search.backend import EngineBusy
from tests.conftest import NOW, ROOT
from tests.services.market_on_servers import Market, market_on

BUSY = "index: another rebuild of this index is running; nothing was done, try again when it has ended\n"
DEATH = (
    "index: a process that read listings for the index has ended before its time (killed, out of memory, or the code "
    "was changed under it); the old index stays in use\n"
)
TITLES = [f"高炉风口耐磨涂层{number}号（示例）" for number in range(5)]


@pytest.fixture(autouse=True)
def files_alone() -> Iterator[None]:
    """The word lists of a process outlive a test."""
    yield
    dictionary.use(dictionary.Additions())


@pytest.fixture(params=["embedded", pytest.param("servers", marks=pytest.mark.xdist_group("elasticsearch"))])
def market(request, tmp_path: Path, sqlite_template: Path) -> Iterator[Market]:
    """A market with five demands in its index, on each engine."""
    settings = SearchSettings()
    if request.param == "servers":
        urls = request.getfixturevalue("elasticsearch").urls
        settings = SearchSettings(hosts=urls, index=f"test_{uuid.uuid4().hex[:12]}")
    with market_on(tmp_path, sqlite_template, settings) as made:
        made.post(*TITLES)
        made.recover()
        yield made
        if not settings.hosts:
            made.engine.drop = lambda: None  # its folder goes with the test's


@pytest.fixture
def in_the_middle(monkeypatch) -> Callable[[Callable[[], object]], list]:
    """Do something once while a rebuild reads its third listing; the list given back holds what it returned."""
    everything = documents.everything

    def arrange(work: Callable[[], object]) -> list:
        results: list = []

        def interrupted(session):
            for place, document in enumerate(everything(session)):
                if place == 2 and not results:
                    results.append(work())
                yield document

        monkeypatch.setattr(documents, "everything", interrupted)
        return results

    return arrange


def other_shell(market: Market, *arguments: str) -> tuple[int, str]:
    """Exit code and output of `flask index …` in a process of its own."""
    settings = market.app.extensions["settings"]
    environment = {
        **os.environ,
        "MARKETPLACE_ENV": "testing",
        "MARKETPLACE_HOME": str(settings.home),
        "MARKETPLACE_DATABASE_URL": settings.database_url,
        "MARKETPLACE_CLOCK": NOW.isoformat(),
        "MARKETPLACE_SEARCH_URL": ",".join(settings.search.hosts),
        "MARKETPLACE_SEARCH_INDEX": settings.search.index,
    }
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "index", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
    return done.returncode, done.stdout + done.stderr


def elsewhere(market: Market, work: Callable[[], object]) -> object:
    """What `work` returns in a thread with a session of its own."""
    results = []

    def run() -> None:
        with market.app.app_context():
            results.append(work())

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(60)
    return results[0]


def add_term(market: Market, words: str) -> int:
    with unit_of_work() as session:
        return entries.add(session, market.operator, "term", words, now=NOW).id


def in_force(entry_id: int) -> bool:
    with unit_of_work() as session:
        return session.get_one(LexiconEntry, entry_id).applied_at is not None


def test_an_index_that_lacks_listings_is_not_put_into_use(market, monkeypatch):
    generation, everything = market.engine.generation, documents.everything
    with monkeypatch.context() as patch:
        patch.setattr(documents, "everything", lambda session: list(everything(session))[:-1])
        patch.setattr("marketplace.indexing.upkeep._PAUSE_SECONDS", 0.01)
        code, output = market.command("rebuild")
    assert (code, output) == (
        1,
        "index: the new index has 4 documents, the database 5 for it and 0 changes that wait; "
        "the old index stays in use\n",
    )
    assert market.engine.generation == generation and market.engine.count() == 5
    market.recover()
    assert market.command("rebuild") == (0, "index: 5 documents\n")


def test_changes_that_wait_or_come_meanwhile_are_no_reason_to_refuse(market, in_the_middle):
    market.post("光伏板清洗机器人（示例）")
    came = in_the_middle(lambda: elsewhere(market, lambda: market.post("风机叶片检测机器人（示例）")))
    code, output = market.command("rebuild")
    assert (code, output) == (0, "index: 6 documents\n") and len(came) == 1
    assert len(market.waiting()) == 2
    market.recover()
    assert market.engine.count() == 7


def test_of_two_rebuilds_one_wins_and_the_other_says_so(market, in_the_middle):
    second = in_the_middle(lambda: (other_shell(market, "rebuild"), other_shell(market, "rollback")))
    assert market.command("rebuild") == (0, "index: 5 documents\n")
    assert second == [((1, BUSY), (1, BUSY))]
    market.recover()
    assert other_shell(market, "rebuild") == (0, "index: 5 documents\n"), (
        "afterwards there is nothing in the way"
    )
    market.recover()


def test_new_words_wait_for_a_rebuild_that_somebody_started(market, in_the_middle):
    entry = add_term(market, "耐磨涂层")
    with capture_logs() as log:
        worked = in_the_middle(lambda: elsewhere(market, market.work))
        assert market.command("rebuild") == (0, "index: 5 documents\n")
    assert worked == [0] and not in_force(entry)
    refused = [
        (one["consumer"], one["error"]) for one in log if one["event"] == "search engine not available"
    ]
    assert refused[0] == ("lexicon", BUSY.removeprefix("index: ").strip())
    market.work()
    assert in_force(entry) and not market.engine.needs_rebuild
    market.recover()


def test_a_rebuild_by_hand_waits_for_the_one_with_new_words(market, in_the_middle):
    entry = add_term(market, "耐磨涂层")
    by_hand = in_the_middle(lambda: other_shell(market, "rebuild"))
    market.work()
    assert by_hand == [(1, BUSY)]
    assert in_force(entry) and not market.engine.needs_rebuild
    assert other_shell(market, "rebuild") == (0, "index: 5 documents\n"), "made with the new words, too"
    assert not market.engine.needs_rebuild
    market.recover()


def test_a_reading_process_that_dies_leaves_the_old_index_in_use(market, monkeypatch):
    monkeypatch.setattr(readers, "WORTH_PROCESSES", 0)
    monkeypatch.setattr(documents, "_ROWS_AT_ONCE", 1)
    settings = market.app.extensions["settings"]
    market.app.extensions["settings"] = replace(settings, rebuild_processes=2)
    assert market.command("rebuild") == (0, "index: 5 documents\n")
    generation, in_order = market.engine.generation, Beside._in_order

    def killed(self, make):
        for place, one in enumerate(in_order(self, make)):
            if place == 0:
                victim, *_ = beside = active_children()
                os.kill(victim.pid, signal.SIGKILL)
                for process in beside:  # the others are ended as soon as the death is seen
                    process.join(20)
            yield one

    with monkeypatch.context() as patch:
        patch.setattr(Beside, "_in_order", killed)
        assert market.command("rebuild") == (1, DEATH)
    assert market.engine.generation == generation and market.engine.count() == 5
    assert market.command("rebuild") == (0, "index: 5 documents\n")
    market.recover()


def test_the_place_is_free_again_afterwards_also_after_an_error(app):
    with only_rebuild(db.session), pytest.raises(EngineBusy), only_rebuild(db.session):
        pytest.fail("two at a time")
    with pytest.raises(ValueError, match="broken"), only_rebuild(db.session):
        raise ValueError("broken")
    with only_rebuild(db.session):
        assert db.session.scalar(select(1)) == 1


_HOLD = """
import sys, time
from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from marketplace.indexing.exclusive import only_rebuild
with Session(create_engine(sys.argv[1])) as session, only_rebuild(session):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_killed_rebuild_leaves_nothing_in_the_way(app, database_url):
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLD, database_url], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    with holder, holder.stdout:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(EngineBusy), only_rebuild(db.session):
            pytest.fail("two at a time")
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    last = time.monotonic() + 10
    while True:  # the database server notices within a moment
        try:
            with only_rebuild(db.session):
                return
        except EngineBusy:
            assert time.monotonic() < last, "still held by a process that is gone"
            time.sleep(0.05)
