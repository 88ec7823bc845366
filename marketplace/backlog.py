"""Doing a consumer's work again by hand: what is to be done stands in the outbox, so that it survives a stop."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import click
from flask import current_app
from sqlalchemy.orm import Session

from marketplace import outbox
from marketplace.extensions import db
from marketplace.progress import progress
from marketplace.web.transaction import unit_of_work


@dataclass(frozen=True)
class Backlog:
    """What one reader of the outbox has still to hear of, in things that people count, such as demands."""

    consumer: str
    things: str

    def add(self, chosen: Callable[[Session], Sequence[int]]) -> None:
        """Put listings into the queue, quietly: nobody is told of old news. What waits already is not put twice."""
        now = current_app.extensions["clock"].now()
        current_app.extensions["lexicon"].refresh(db.session, at_once=True)
        with unit_of_work() as session:
            outbox.emit_once(session, self.consumer, "listing", chosen(session), now=now, quiet=True)

    def waiting(self) -> int:
        """How many changes are still to be heard of."""
        return outbox.depth(db.session).get(self.consumer, 0)

    def work(self, done: Callable[[int], object]) -> int:
        """Work off the queue, the index first; `done` hears of every batch. Returns how many still wait."""
        before = 0

        def report(name: str, count: int) -> None:
            nonlocal before
            if name == self.consumer:
                done(count - before)
                before = count

        current_app.extensions["worker"](only=("index", self.consumer), report=report)
        return self.waiting()

    def run(self) -> None:
        """Work off the queue as a command: with a progress bar, and exit code 1 when something is left."""
        with progress(self.things, self.waiting()) as bar:
            left = self.work(bar.update)
        if left:
            click.echo(f"{self.consumer}: {left} {self.things} still wait; see the worker's log", err=True)
            sys.exit(1)
