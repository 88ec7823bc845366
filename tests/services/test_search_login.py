"""Logging in to Elasticsearch: names and passwords, API keys, and certificates."""

import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from marketplace.config import SearchSettings, read_settings
from search.backend import EngineUnavailable
from tests.secured_elasticsearch import SecuredElasticsearch, make_certificate
from tests.services.market_on_servers import Market, market_on

pytestmark = pytest.mark.xdist_group("elasticsearch")


@pytest.fixture(scope="module")
def secured() -> Iterator[SecuredElasticsearch]:
    """A server that asks who is there."""
    server = SecuredElasticsearch()
    yield server
    server.stop()


@pytest.fixture
def settings(secured: SecuredElasticsearch, tmp_path: Path) -> SearchSettings:
    """What an operator would set for it."""
    address = secured.urls[0].replace("https://", "https://market:correct%20horse@")
    return read_settings(
        {
            "MARKETPLACE_ENV": "testing",
            "MARKETPLACE_HOME": str(tmp_path),
            "MARKETPLACE_SEARCH_URL": address,
            "MARKETPLACE_SEARCH_CA_FILE": str(secured.ca_file),
            "MARKETPLACE_SEARCH_INDEX": f"test_{uuid.uuid4().hex[:12]}",
        }
    ).search


@pytest.fixture
def start(tmp_path: Path, sqlite_template: Path) -> Iterator[Callable[[SearchSettings], Market]]:
    """Start the whole application on a search engine."""
    with ExitStack() as stack:
        yield lambda search: stack.enter_context(market_on(tmp_path, sqlite_template, search))


def test_name_password_and_certificate_open_the_door(settings, start):
    market = start(settings)
    market.post("高炉风口耐磨涂层（示例）")
    market.recover()
    page = market.page("涂层")
    assert not page.limited and market.numbers[0] in page.text
    assert market.command("rebuild") == (0, "index: 1 documents\n")
    market.recover()
    code, output = market.command("rollback")
    assert code == 0 and "index: back" in output


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"password": "wrong horse"}, "401"),
        ({"user": "", "password": ""}, "401"),
        ({"user": "stranger", "password": "battery staple"}, "403"),
        ({"index": "somebody_elses"}, "403"),
        ({"ca_file": "other"}, "CERTIFICATE_VERIFY_FAILED"),
        ({"ca_file": None}, "CERTIFICATE_VERIFY_FAILED"),
    ],
    ids=["password", "nobody", "role", "index", "foreign-certificate", "unknown-certificate"],
)
def test_who_is_not_let_in_searches_titles_and_loses_nothing(settings, start, tmp_path, wrong, said):
    if wrong.get("ca_file"):
        make_certificate(tmp_path / "key", tmp_path / "other")
        wrong = {"ca_file": str(tmp_path / "other")}
    market = start(replace(settings, **wrong))
    market.post("高炉风口耐磨涂层（示例）")
    with pytest.raises(EngineUnavailable, match=said):
        market.engine.count()
    page = market.page("涂层")
    assert page.limited and market.numbers[0] in page.text
    assert market.work() == 0
    assert market.untouched(1)


class _Porter(BaseHTTPRequestHandler):
    """Writes down with what every caller introduces himself, and lets nobody in."""

    def do_GET(self) -> None:
        self.server.introductions.append(self.headers["Authorization"])
        self.send_response(401)
        self.send_header("X-Elastic-Product", "Elasticsearch")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_POST = do_GET

    def log_message(self, *_arguments) -> None:
        """Nothing: the test looks at the list."""


@pytest.fixture
def porter() -> Iterator[HTTPServer]:
    """A server that records the Authorization header. API keys do not work in the distribution for tests."""
    with HTTPServer(("127.0.0.1", 0), _Porter) as server:
        server.introductions = []
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_an_api_key_is_sent_with_every_call(porter, start, tmp_path):
    settings = read_settings(
        {
            "MARKETPLACE_ENV": "testing",
            "MARKETPLACE_HOME": str(tmp_path),
            "MARKETPLACE_SEARCH_URL": f"http://127.0.0.1:{porter.server_port}",
            "MARKETPLACE_SEARCH_API_KEY": "bWFya2V0OmtleQ==",
        }
    ).search
    market = start(settings)
    assert market.page("涂层").limited
    with pytest.raises(EngineUnavailable, match="401"):
        market.engine.apply([], ["demand:1"])
    assert len(porter.introductions) >= 2
    assert set(porter.introductions) == {"ApiKey bWFya2V0OmtleQ=="}
