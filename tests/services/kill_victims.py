"""What is killed in the middle of its writes, and who keeps it busy: a worker, a web server, a search node."""

import random
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPException
from http.cookiejar import CookieJar
from pathlib import Path

from bs4 import BeautifulSoup
from flask import Flask

from marketplace.accounts.models import Organisation, User
from marketplace.extensions import db
from marketplace.listings import states
from marketplace.listings.content import Kind
from marketplace.listings.models import Listing, ListingRevision
from marketplace.listings.services import drafts, publication
from marketplace.permissions import Actor, Role
from marketplace.web.transaction import unit_of_work
from tests import factories
from tests.conftest import NOW, ROOT
from tests.servers import Elasticsearch
from tests.services.kill_target import BROKEN_OFF, mark

#: Seconds until a write must have begun, before the test gives up.
_PATIENCE = 60
# Seconds from the mark to the kill, at most: about as long as a write takes.
_LONGEST_WRITE = {"database": 0.002, "index": 0.008}


class People:
    """One firm and one operator of a market, and what they do all day."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        with app.app_context(), unit_of_work() as session:
            house = factories.organisation(session, now=NOW)
            self.house_id = house.id
            self.member: Actor = factories.actor(session, Role.ENTERPRISE_MEMBER, house, now=NOW)
            self.operator: Actor = factories.operator(session, now=NOW)
            self.operator_address = session.get_one(User, self.operator.user_id).email

    def submit(self) -> int:
        """Hand in one demand; returns its revision."""
        with unit_of_work() as session:
            house = session.get_one(Organisation, self.house_id)
            content = factories.demand()
            revision = drafts.start(session, self.member, Kind.DEMAND, house.id, now=NOW, content=content)
            drafts.submit(session, self.member, revision.id, version=revision.version, now=NOW)
            return revision.id

    def act(self, chance: random.Random) -> None:
        """Publish something or withdraw something."""
        revision_id = self.submit()
        with unit_of_work() as session:
            version = session.get_one(ListingRevision, revision_id).version
            publication.accept(session, self.operator, revision_id, version=version, now=NOW)
        if chance.random() < 0.4:
            with unit_of_work() as session:
                shown = session.query(Listing).filter_by(state=states.PUBLISHED).all()
                gone = chance.choice(shown)
                publication.withdraw(
                    session, self.member, gone.number, "solved", version=gone.version, now=NOW
                )

    @contextmanager
    def busy(self, seed: int) -> Iterator[None]:
        """Act without end in a thread beside the block."""
        over, failed = threading.Event(), []

        def live() -> None:
            chance = random.Random(seed)
            with self.app.app_context():
                try:
                    while not over.wait(0.01):
                        self.act(chance)
                except Exception as error:
                    failed.append(error)
                db.session.rollback()

        thread = threading.Thread(target=live)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()
        assert not failed, failed


@contextmanager
def process(*arguments: object) -> Iterator[tuple[subprocess.Popen, str]]:
    """A process of kill_target, ready, with what it said; it is gone afterwards."""
    command = [sys.executable, "-m", "tests.services.kill_target", *map(str, arguments)]
    started = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        said = started.stdout.readline().split()
        assert said[:1] == ["ready"], "the process did not start"
        yield started, said[-1]
    finally:
        started.kill()
        started.wait()
        started.stdout.close()


def await_write(home: Path, place: str, chance: random.Random) -> None:
    """Let the process work for a moment, wait until it is inside a write, and let it get on with it."""
    time.sleep(chance.uniform(0.1, 0.8))
    inside, last = mark(home, place), time.monotonic() + _PATIENCE
    while not inside.exists():
        assert time.monotonic() < last, f"no write to the {place} in {_PATIENCE} s"
        time.sleep(0.0005)
    time.sleep(chance.uniform(0, _LONGEST_WRITE[place]))


def kill_inside(victim: subprocess.Popen, home: Path, place: str, chance: random.Random) -> bool:
    """kill -9 at a seeded moment of a write; returns whether it was still inside."""
    await_write(home, place, chance)
    assert victim.poll() is None, "the process ended by itself"
    victim.kill()
    victim.wait()
    landed = mark(home, place).exists()
    for left in home.glob("inside-*"):
        left.unlink()
    return landed


class WorkerVictim:
    """A worker process beside people who write; killed inside the database and inside the index in turn."""

    def __init__(self, home: Path, people: People, *search: str) -> None:
        self._home, self._people, self._search = home, people, search

    def kill_once(self, seed: int) -> bool:
        """Start it, keep it busy, kill it; returns whether it was inside a write."""
        place = ("index", "database")[seed % 2]
        with process("worker", self._home, *self._search) as (worker, _), self._people.busy(seed):
            return kill_inside(worker, self._home, place, random.Random(seed))


class WebVictim:
    """A web server whose client accepts listings over HTTP; what was answered must still be there."""

    def __init__(self, home: Path, people: People) -> None:
        self._home, self._people = home, people
        self.answered: list[int] = []
        self.refused: list[str] = []

    def kill_once(self, seed: int) -> bool:
        """Start it, post to it, kill it; returns whether it was inside a write."""
        with self._people.app.app_context():
            waiting = [self._people.submit() for _ in range(60)]
            db.session.rollback()
        with process("web", self._home) as (server, port):
            browser = Browser(int(port))
            browser.submit("/login", address=self._people.operator_address, password="correct horse")
            clerk = threading.Thread(target=self._accept, args=(browser, waiting))
            clerk.start()
            try:
                return kill_inside(server, self._home, "database", random.Random(seed))
            finally:
                server.kill()
                clerk.join()

    def _accept(self, browser: "Browser", waiting: list[int]) -> None:
        try:
            for revision_id in waiting:
                browser.submit(f"/staff/review/{revision_id}", action="approve")
                self.answered.append(revision_id)
        except urllib.error.HTTPError as error:
            self.refused.append(f"{error.code} {error.url}")
        except (OSError, HTTPException):
            """The server was killed below him."""


class NodeVictim:
    """The search server below a worker that goes on; killed inside `engine.apply`, then started again."""

    def __init__(self, home: Path, people: People, server: Elasticsearch, index: str) -> None:
        self._home, self._people, self._server = home, people, server
        self._search = (server.urls[0], index)

    def kill_once(self, seed: int) -> bool:
        """Kill the node while the worker writes to it; returns whether that broke off the write."""
        broken_off = self._home / BROKEN_OFF
        broken_off.write_text("")
        with process("worker", self._home, *self._search):
            with self._people.busy(seed):
                await_write(self._home, "index", random.Random(seed))
                self._server.kill()
                _wait_until(lambda: broken_off.read_text() or not mark(self._home, "index").exists())
                landed = bool(broken_off.read_text())
            self._server.restart()
        return landed


def _wait_until(true: Callable[[], object]) -> None:
    last = time.monotonic() + _PATIENCE
    while not true():
        assert time.monotonic() < last
        time.sleep(0.005)


class Browser:
    """A person's browser: keeps cookies, fills in the hidden fields of a form, follows redirects."""

    def __init__(self, port: int) -> None:
        self._root = f"http://127.0.0.1:{port}"
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def submit(self, path: str, **values: str) -> None:
        """Open the page and send its form with these values. Raises OSError when no answer comes."""
        with self._opener.open(self._root + path, timeout=30) as page:
            form = BeautifulSoup(page.read(), "html.parser").select_one("main form[method=post]")
        hidden = {field["name"]: field.get("value", "") for field in form.select("input[type=hidden]")}
        data = urllib.parse.urlencode(hidden | values).encode()
        with self._opener.open(self._root + path, data, timeout=30) as answer:
            answer.read()
