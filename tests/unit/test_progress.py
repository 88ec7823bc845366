"""The bar of commands: on a terminal, and nowhere else."""

import io
import sys

from marketplace.progress import progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_sees_how_far_it_is(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with progress("rebuild", 4) as bar:
        bar.update(1)
        bar.update(3)
    assert "rebuild" in terminal.getvalue() and "100%" in terminal.getvalue()


def test_a_log_sees_nothing(monkeypatch):
    log = io.StringIO()
    monkeypatch.setattr(sys, "stderr", log)
    with progress("rebuild", 4) as bar:
        bar.update(4)
    assert log.getvalue() == ""
