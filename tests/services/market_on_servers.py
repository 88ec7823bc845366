"""A whole market on Elasticsearch servers that fail: what its pages show, what waits, what differs afterwards."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from marketplace.accounts.models import Organisation
from marketplace.config import SearchSettings
from marketplace.extensions import db
from marketplace.indexing import upkeep
from marketplace.outbox import OutboxRow
from marketplace.permissions import Actor, Role
from marketplace.web.transaction import unit_of_work
from marketplace.worker import run_pass
from search.backend import EngineUnavailable
from search.elastic import writer
from tests import factories
from tests.conftest import NOW, build, settings_for

#: The sentence of templates/discovery/search.html.
LIMITED = "暂时只按标题查找"


@dataclass(frozen=True)
class Page:
    """What a visitor reads: whether the search is limited, and the page's text."""

    limited: bool
    text: str


@dataclass
class Market:
    """One market in its context: one firm posts, one operator accepts."""

    app: Flask
    member: Actor
    operator: Actor
    house_id: int
    numbers: list[str] = field(default_factory=list)

    @property
    def engine(self):
        """The search engine."""
        return self.app.extensions["search"]

    def post(self, *titles: str) -> None:
        """Publish one demand per title, in one transaction."""
        with unit_of_work() as session:
            house = session.get_one(Organisation, self.house_id)
            for title in titles:
                content = factories.demand(title=title, keywords=())
                made = factories.published(session, self.member, house, content, self.operator, now=NOW)
                self.numbers.append(made.number)

    def page(self, words: str) -> Page:
        """Search as a visitor; the page must answer, whatever the servers do."""
        answer = self.app.test_client().get("/search", query_string={"q": words})
        assert answer.status_code == 200
        text = answer.get_data(as_text=True)
        return Page(LIMITED in text, text)

    def work(self) -> int:
        """One pass of the worker; returns how many changes the index has heard of."""
        return run_pass(self.app).get("index", 0)

    def waiting(self) -> list[OutboxRow]:
        """The changes the index has not heard of."""
        with unit_of_work() as session:
            return session.query(OutboxRow).filter_by(consumer="index", done_at=None).all()

    def untouched(self, count: int) -> bool:
        """Whether this many changes wait, given back as if nobody had tried them."""
        rows = self.waiting()
        return len(rows) == count and all((r.attempts, r.claimed_by) == (0, None) for r in rows)

    def differences(self) -> upkeep.Comparison:
        """Index against database."""
        found = upkeep.compare(db.session, self.engine)
        db.session.rollback()
        return found

    def command(self, *arguments: str) -> tuple[int, str]:
        """Exit code and output of `flask index …`."""
        result = self.app.test_cli_runner().invoke(args=["index", *arguments])
        return result.exit_code, result.output

    def recover(self) -> None:
        """One pass of the worker, after which nothing waits and nothing differs."""
        self.work()
        assert self.waiting() == []
        assert self.differences() == upkeep.Comparison((), (), ())
        assert self.command("reconcile", "--check") == (0, "missing 0, extra 0, stale 0\n")


@contextmanager
def market_on(home: Path, template: Path, search: SearchSettings) -> Iterator[Market]:
    """Start the whole application in `home`, on a copy of the empty database; its index is removed at the end."""
    database = home / "market.db"
    if not database.exists():
        shutil.copy(template, database)
    app = build(replace(settings_for(home, f"sqlite:///{database}"), search=search))
    with app.app_context():
        with unit_of_work() as session:
            house = factories.organisation(session, now=NOW)
            member = factories.actor(session, Role.ENTERPRISE_MEMBER, house, now=NOW)
            market = Market(app, member, factories.operator(session, now=NOW), house.id)
        yield market
        with suppress(EngineUnavailable):
            market.engine.drop()
        db.session.rollback()
        db.engine.dispose()


class WatchedBulk:
    """Lets the engine write in parts of ten, notes what the servers acknowledged, and acts in between."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, after: int, then: Callable[[], Any]) -> None:
        self.acknowledged: list[str] = []
        self._after, self._then = after, then
        self._bulk = writer.streaming_bulk
        monkeypatch.setattr(writer, "streaming_bulk", self._watch)
        monkeypatch.setattr(writer, "_BULK_DOCUMENTS", 10)

    def _watch(self, *arguments, **options):
        for done, outcome in self._bulk(*arguments, **options):
            if done:
                self.acknowledged.append(next(iter(outcome.values()))["_id"])
                if len(self.acknowledged) == self._after:
                    self._then()
            yield done, outcome
