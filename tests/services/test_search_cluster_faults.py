"""A cluster of three Elasticsearch nodes that loses one: with a copy nobody notices, without one writes wait."""

import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from marketplace.config import SearchSettings
from marketplace.extensions import db
from marketplace.outbox import OutboxRow
from search.backend import EngineUnavailable
from search.elastic import writer
from search.index_fields import Norms
from tests.servers import Elasticsearch
from tests.services.market_on_servers import Market, WatchedBulk, market_on

pytestmark = pytest.mark.xdist_group("elasticsearch")

MANY = [f"高炉风口耐磨涂层{number}号（示例）" for number in range(50)]


@pytest.fixture(scope="module")
def three_nodes() -> Iterator[Elasticsearch]:
    """The cluster, started once."""
    servers = Elasticsearch(nodes=3)
    yield servers
    servers.stop()


@pytest.fixture
def cluster(three_nodes: Elasticsearch) -> Iterator[Elasticsearch]:
    """The cluster with all its nodes, also for the next test."""
    yield three_nodes
    for number in range(3):
        if number not in three_nodes.processes:
            three_nodes.restart(number)


@pytest.fixture
def start(tmp_path: Path, sqlite_template: Path, cluster: Elasticsearch) -> Iterator[Callable[[int], Market]]:
    """Start the whole application on an index with so many copies."""
    search = SearchSettings(hosts=cluster.urls, index=f"test_{uuid.uuid4().hex[:12]}")
    with ExitStack() as stack:

        def begin(replicas: int) -> Market:
            settings = SearchSettings(search.hosts, index=search.index, replicas=replicas)
            return stack.enter_context(market_on(tmp_path, sqlite_template, settings))

        yield begin


def node_of_primary(market: Market) -> int:
    """The number of the node that holds the first copy of the only shard."""
    found = market.engine._client.search_shards(index=market.engine._alias)
    (copies,) = found["shards"]
    (primary,) = (copy for copy in copies if copy["primary"])
    return int(found["nodes"][primary["node"]]["name"].removeprefix("node-"))


def test_a_node_killed_during_writes_is_not_noticed(cluster, start, monkeypatch):
    market = start(replicas=1)
    market.post(*MANY[:5])
    market.recover()
    market.engine._client.cluster.health(index=market.engine._alias, wait_for_status="green", timeout="30s")
    market.post(*MANY[5:])
    number = node_of_primary(market)
    killer = threading.Thread(target=cluster.kill, args=(number,))
    bulk = WatchedBulk(monkeypatch, after=15, then=killer.start)
    with capture_logs() as log:
        assert market.work() == 45
    killer.join()
    assert len(bulk.acknowledged) == 45, "the kill landed between the first part and the last"
    assert [entry for entry in log if entry["log_level"] != "info"] == []
    assert {row.attempts for row in db.session.query(OutboxRow).filter_by(consumer="index")} == {1}
    left = {entry.doc_id for entry in market.engine.entries()}
    assert left >= set(bulk.acknowledged), "nothing acknowledged is lost"
    assert not market.page("涂层17号").limited
    cluster.restart(number)
    market.recover()


def test_while_a_shard_has_no_node_pages_are_limited_and_writes_wait(cluster, start, monkeypatch):
    monkeypatch.setattr(writer, "_SHARD_SECONDS", 1)
    market = start(replicas=0)
    market.post(*MANY[:20])
    market.recover()
    number = node_of_primary(market)
    cluster.kill(number)
    page = market.page("涂层17号")
    assert page.limited and market.numbers[17] in page.text
    market = start(replicas=0)  # also a process that is started only now, and has never seen the shard
    market.post("光伏板清洗机器人（示例）")
    with capture_logs() as log:
        assert market.work() == 0
    assert [entry["event"] for entry in log if entry["log_level"] != "info"] == [
        "search engine not available"
    ]
    assert market.untouched(1)
    with monkeypatch.context() as patch:  # the node dies after the statistics were read
        patch.setattr(market.engine._writer, "_norms_beside", lambda fresh: Norms())
        with pytest.raises(EngineUnavailable, match="unavailable_shards_exception"):
            market.engine.apply([], ["demand:1"], version=1_000_000)
    page = market.page("清洗机器人")
    assert page.limited and market.numbers[-1] in page.text
    assert market.command("reconcile", "--check")[0] == 1
    cluster.restart(number)
    market.recover()
    page = market.page("清洗机器人")
    assert not page.limited and market.numbers[-1] in page.text
