"""Starting: a server and a worker have read the dictionary before the first search, a command has not."""

import os
import subprocess
import sys

import pytest

from marketplace import worker
from search import tokenizer
from tests.conftest import ROOT

_PROBE = "import wsgi; from search import tokenizer; print(tokenizer._Jieba._instance is not None)"


@pytest.fixture
def nothing_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that has not cut any text."""
    monkeypatch.setattr(tokenizer._Jieba, "_instance", None)
    tokenizer._segmenter_with.cache_clear()


@pytest.mark.parametrize(("command", "ready"), [("", "True"), ("true", "False")], ids=["server", "command"])
def test_a_server_is_ready_to_search_a_command_starts_at_once(tmp_path, command, ready):
    environment = {
        **os.environ,
        "MARKETPLACE_ENV": "testing",
        "MARKETPLACE_HOME": str(tmp_path),
        "FLASK_RUN_FROM_CLI": command,
    }
    probe = subprocess.run(
        [sys.executable, "-c", _PROBE], env=environment, cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert probe.stdout.strip() == ready
    assert bool(list((tmp_path / "cache").glob("jieba-*.cache"))) == (ready == "True")


def test_the_dictionary_is_parsed_once_and_then_read_from_home(app, nothing_read, monkeypatch):
    tokenizer.warm_up()
    kept = app.extensions["settings"].home / "cache"
    assert [path.suffix for path in kept.iterdir()] == [".cache"]
    first = tokenizer.words("高炉风口耐磨涂层")
    monkeypatch.setattr(tokenizer._Jieba, "_instance", None)
    monkeypatch.setattr("jieba.Tokenizer.gen_pfdict", lambda *_: pytest.fail("parsed a second time"))
    tokenizer._segmenter_with.cache_clear()
    assert tokenizer.words("高炉风口耐磨涂层") == first


def test_a_worker_is_ready_before_its_first_pass(app, nothing_read, monkeypatch):
    seen = []
    monkeypatch.setattr(
        worker.BlockingScheduler, "start", lambda self: seen.append(tokenizer._Jieba._instance)
    )
    worker.run(app)
    assert len(seen) == 1 and seen[0] is not None
