"""One Elasticsearch server that fails in every way: the market stays up, says so, and loses nothing."""

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from marketplace.config import SearchSettings
from marketplace.extensions import db
from marketplace.indexing import upkeep
from search.backend import EngineUnavailable
from search.elastic import connection, mapping, writer
from tests.servers import Elasticsearch
from tests.services.market_on_servers import Market, WatchedBulk, market_on
from tests.services.stalling_relay import StallingRelay

pytestmark = pytest.mark.xdist_group("elasticsearch")

MANY = [f"高炉风口耐磨涂层{number}号（示例）" for number in range(30)]


@pytest.fixture
def server(elasticsearch: Elasticsearch) -> Iterator[Elasticsearch]:
    """The server that all tests share, which these may kill: afterwards it runs as before."""
    yield elasticsearch
    if elasticsearch.started.get(0) != {}:
        elasticsearch.restart()


@pytest.fixture
def settings(server: Elasticsearch) -> SearchSettings:
    """An index of the test's own on it."""
    return SearchSettings(hosts=server.urls, index=f"test_{uuid.uuid4().hex[:12]}")


@pytest.fixture
def start(tmp_path: Path, sqlite_template: Path) -> Iterator[Callable[[SearchSettings], Market]]:
    """Start the whole application on a search engine."""
    with ExitStack() as stack:
        yield lambda search: stack.enter_context(market_on(tmp_path, sqlite_template, search))


def versions(market: Market) -> list[str]:
    """The names of all indexes the market has on the servers."""
    with market.engine._calls.guarded():
        return market.engine._indexes.versions()


def test_a_server_that_comes_up_after_the_market(server, settings, start):
    server.kill()
    market = start(settings)
    market.post("高炉风口耐磨涂层（示例）", "光伏板清洗机器人（示例）")
    page = market.page("风口 涂层")
    assert page.limited
    assert market.numbers[0] in page.text and market.numbers[1] not in page.text
    assert market.work() == 0
    assert market.untouched(2)
    for command in (("reconcile", "--check"), ("status",), ("rollback",)):
        code, output = market.command(*command)
        assert code == 1 and "Connection" in output, command
    code, output = market.command("drain")
    assert code == 1 and "index: 2 changes still wait" in output
    server.restart()
    market.recover()
    assert versions(market) == [f"{settings.index}-000001"]
    page = market.page("风口 涂层")
    assert not page.limited and market.numbers[0] in page.text


def test_a_server_killed_in_the_middle_of_a_bulk(server, settings, start, monkeypatch):
    market = start(settings)
    market.post(*MANY)
    bulk = WatchedBulk(monkeypatch, after=15, then=server.kill)
    assert market.work() == 0
    assert len(bulk.acknowledged) == 20, "the kill landed between the first part and the last"
    assert market.untouched(30)
    page = market.page("涂层17号")
    assert page.limited and market.numbers[17] in page.text
    server.restart()
    left = market.differences()
    assert len(left.missing) == 10 and not set(left.missing) & set(bulk.acknowledged)
    assert market.page("涂层17号").limited is False
    market.recover()


def test_a_server_killed_in_the_middle_of_a_rebuild(server, settings, start, monkeypatch):
    market = start(settings)
    market.post(*MANY)
    market.recover()
    bulk = WatchedBulk(monkeypatch, after=15, then=server.kill)
    code, output = market.command("rebuild")
    assert code == 1 and "Connection" in output
    assert len(bulk.acknowledged) == 20, "the kill landed between the first part and the last"
    assert market.page("涂层17号").limited
    server.restart()
    assert versions(market) == [f"{settings.index}-00000{number}" for number in (1, 2)]
    assert market.numbers[17] in market.page("涂层17号").text, "the old index answers"
    market.post("光伏板清洗机器人（示例）")
    market.recover()
    assert market.command("rebuild") == (0, "index: 31 documents\n")
    assert versions(market) == [f"{settings.index}-00000{number}" for number in (1, 2)]
    assert market.differences().equal
    assert market.numbers[-1] in market.page("清洗机器人").text


def test_an_upgrade_of_the_mapping_waits_for_a_rebuild_and_can_be_taken_back(settings, start, monkeypatch):
    market = start(settings)
    market.post(*MANY[:3])
    market.recover()
    with monkeypatch.context() as newer:
        newer.setattr(mapping, "MAPPING_VERSION", "newer")
        market.post("光伏板清洗机器人（示例）")
        assert market.work() == 0 and market.untouched(1), "writing waits"
        assert not market.page("涂层").limited, "the old index answers"
        assert market.command("status")[0] == 1
        assert market.command("rebuild") == (0, "index: 4 documents\n")
        market.recover()
        code, output = market.command("rollback")
        assert code == 1 and "made by another version" in output, "newer code cannot use the older index"
    market.post("风机叶片检测机器人（示例）")
    assert market.work() == 0, "older code cannot use the newer index"
    assert market.command("rollback") == (0, "index: back; missing 2, extra 0, stale 0, mended\n")
    market.recover()


@pytest.fixture
def relay(server: Elasticsearch) -> Iterator[StallingRelay]:
    """A relay in front of the server."""
    made = StallingRelay(server.ports[0][0])
    yield made
    made.close()


def test_an_answer_that_is_lost_after_the_swap_costs_no_index(settings, relay, start, monkeypatch):
    monkeypatch.setattr(writer, "WRITE_SECONDS", 5.0)
    market = start(replace(settings, hosts=(relay.url,)))
    market.post(*MANY[:3])
    market.recover()
    indexes = market.engine._writer._indexes
    activate = indexes.activate

    def unheard(name):
        known = indexes.aliased()
        patch.setattr(indexes, "aliased", lambda: known)
        relay.stall()  # the swap itself gets through, its answer does not
        activate(name)

    with monkeypatch.context() as patch, pytest.raises(EngineUnavailable, match="silent"):
        patch.setattr(indexes, "activate", unheard)
        upkeep.rebuild(db.session, market.engine)
    db.session.rollback()
    relay.flow()
    time.sleep(connection._PAUSE_SECONDS)
    assert market.differences().equal, "the index in use is whole"
    market.recover()
    assert market.command("rebuild")[0] == 0
    assert len(versions(market)) == 2


def test_a_silent_server_is_waited_for_once(settings, relay, start, monkeypatch):
    monkeypatch.setattr(connection, "READ_SECONDS", 1.2)
    monkeypatch.setattr(connection, "_PAUSE_SECONDS", 2.0)
    market = start(replace(settings, hosts=(relay.url,)))
    market.post("高炉风口耐磨涂层（示例）")
    market.recover()
    assert not market.page("涂层").limited
    relay.stall()
    begun = time.monotonic()
    assert market.page("涂层").limited
    waited = time.monotonic() - begun
    assert 1.2 <= waited < 2.4, "one time-out, not two"
    asked = relay.requests
    page = market.page("涂层")
    assert page.limited and market.numbers[0] in page.text
    assert relay.requests == asked, "the next one does not even ask"
    market.post("光伏板清洗机器人（示例）")
    assert market.work() == 0
    assert market.untouched(1)
    relay.flow()
    assert market.page("涂层").limited, "until the pause is over"
    time.sleep(2.0)
    assert not market.page("涂层").limited
    market.recover()


def test_a_full_queue_is_no_failed_attempt(server, settings, start, monkeypatch):
    monkeypatch.setattr(writer, "_BULK_WAIT_SECONDS", 0.05)
    market = start(settings)
    market.post("高炉风口耐磨涂层（示例）")
    market.recover()
    server.restart(settings={"indexing_pressure.memory.limit": "1kb"})
    market.post(*MANY[:5])
    with capture_logs() as log:
        assert market.work() == 0
    assert [entry["error"][:18] for entry in log] == ["elasticsearch: 429"]
    assert market.untouched(5)
    page = market.page("风口")
    assert not page.limited and market.numbers[0] in page.text, "reading goes on"
    server.restart()
    market.recover()
