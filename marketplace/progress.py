"""The progress bar of commands: on the terminal of whoever waits, nothing in a log."""

import sys

import click


def progress(label: str, length: int):
    """A bar over `length` steps, to be used with `with`; `update(n)` moves it. Hidden where nobody watches."""
    return click.progressbar(length=length, label=label, file=sys.stderr, hidden=not sys.stderr.isatty())
