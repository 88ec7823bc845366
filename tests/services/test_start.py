"""Starting: a server and a worker have read the dictionary before the first search, a command has not."""

import os
import subprocess
import sys

import pytest

from marketplace import worker
from search import tokenizer
from tests.conftest import ROOT

_PROBE = "import wsgi; from search import tokenizer; print(tokenizer._segmenter_with.cache_info().currsize)"


@pytest.mark.parametrize(("command", "read"), [("", "1"), ("true", "0")], ids=["server", "command"])
def test_a_server_is_ready_to_search_a_command_starts_at_once(tmp_path, command, read):
    environment = {
        **os.environ,
        "MARKETPLACE_ENV": "testing",
        "MARKETPLACE_HOME": str(tmp_path),
        "FLASK_RUN_FROM_CLI": command,
    }
    probe = subprocess.run(
        [sys.executable, "-c", _PROBE], env=environment, cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert probe.stdout.strip() == read


def test_a_worker_is_ready_before_its_first_pass(app, monkeypatch):
    tokenizer._segmenter_with.cache_clear()
    read = []
    monkeypatch.setattr(
        worker.BlockingScheduler,
        "start",
        lambda self: read.append(tokenizer._segmenter_with.cache_info().currsize),
    )
    worker.run(app)
    assert read == [1]
