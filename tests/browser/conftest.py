"""A market on a real port and a real Chromium: the pages as people and their tools see them."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page
from waitress.server import create_server

from marketplace.accounts.models import Organisation, User
from marketplace.app import create_app
from marketplace.discovery.saved import digester
from marketplace.discovery.saved.services import keeping, unsubscribing
from marketplace.extensions import db
from marketplace.listings.services import confirm_links
from marketplace.permissions import Actor, Role
from marketplace.pooling.services import asking, managing, responding
from marketplace.pooling.services.asking import Answer
from marketplace.web.transaction import unit_of_work
from marketplace.worker import run_pass
from tests import factories
from tests.conftest import NOW, ROOT, settings_for
from tests.stage import Stage

ARTEFACTS = ROOT / "tests" / "artefacts"
PASSWORD = "correct horse"


@dataclass
class Market:
    """A running market: its address, its people (name → e-mail) and its listings (name → number)."""

    app: Flask
    url: str
    hands: ThreadPoolExecutor
    addresses: dict[str, str] = field(default_factory=dict)
    listings: dict[str, str] = field(default_factory=dict)

    def work(self) -> None:
        """One pass of the worker."""
        self.do(lambda: run_pass(self.app))

    def do(self, act: Callable[[], object]) -> None:
        """Act inside the application, in a thread of its own: the browser's driver has a loop in this one."""

        def inside():
            with self.app.app_context():
                act()

        self.hands.submit(inside).result()


@pytest.fixture
def opens() -> datetime:
    """The moment at which the market's clock starts."""
    return NOW


@pytest.fixture
def market(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch, opens: datetime, stage: Stage
) -> Iterator[Market]:
    """The real application behind waitress, with CSRF protection, and one person of every kind."""
    hands = ThreadPoolExecutor(max_workers=1)
    settings = replace(settings_for(tmp_path / "home", database_url), clock_start=opens)
    app = hands.submit(create_app, settings).result()
    server = create_server(app, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    made = Market(app, f"http://127.0.0.1:{server.effective_port}", hands)
    made.do(lambda: made.addresses.update(stage.set(_scene(opens), None, app, lambda: _settle(app, opens))))
    yield made
    server.close()
    server.task_dispatcher.shutdown()
    thread.join(timeout=5)
    made.do(lambda: db.engine.dispose())
    hands.shutdown()


def _scene(opens: datetime) -> str:
    return f"market of {opens:%Y-%m-%d}"


def _settle(app: Flask, now: datetime) -> dict[str, str]:
    with app.app_context(), unit_of_work() as session:
        unit = factories.organisation(session, now=now, kind="university", public_unit=True)
        firm = factories.organisation(session, now=now)
        people = {
            "researcher": factories.actor(session, Role.RESEARCHER, unit, now=now),
            "manager": factories.actor(session, Role.UNIT_MANAGER, unit, now=now, manages=True),
            "member": factories.actor(session, Role.ENTERPRISE_MEMBER, firm, now=now, manages=True),
            "operator": factories.operator(session, now=now),
        }
        rival = factories.organisation(session, now=now)
        people["rival"] = factories.actor(session, Role.ENTERPRISE_MEMBER, rival, now=now)
        return {name: session.get_one(User, a.user_id).email for name, a in people.items()}


@pytest.fixture
def stocked(market: Market, opens: datetime, stage: Stage) -> Market:
    """The market with a published achievement and demand that match, and a member who was told of the news."""

    def stock() -> None:
        market.listings |= stage.set("stocked", _scene(opens), market.app, lambda: _fill(market))

    market.do(stock)
    return market


def _fill(market: Market) -> dict[str, str]:
    for step in (_stock, lambda market: run_pass(market.app), _tell_of_news, _pool):
        with market.app.app_context():
            step(market)
    return market.listings


def _stock(market: Market) -> None:
    with unit_of_work() as session:
        actors = {name: _actor(session, address) for name, address in market.addresses.items()}
        houses = {name: actors[name].members[0].organisation_id for name in ("researcher", "member", "rival")}
        for name, author, house, content in (
            ("achievement", "manager", houses["researcher"], factories.achievement()),
            ("rival demand", "rival", houses["rival"], factories.demand(title="高炉风口小套耐磨涂层开发")),
            ("demand", "member", houses["member"], factories.demand()),
        ):
            house = session.get_one(Organisation, house)
            listing = factories.published(
                session, actors[author], house, content, actors["operator"], now=NOW
            )
            market.listings[name] = listing.number
        # What the demand's author would be mailed on day 60.
        market.listings["confirm"] = confirm_links.path_for(
            listing, actors["member"].user_id, market.app.secret_key, today=NOW.date() + timedelta(days=60)
        )


def _tell_of_news(market: Market) -> None:
    secret = market.app.secret_key
    with unit_of_work() as session:
        member = _actor(session, market.addresses["member"])
        wish = keeping.Wish("耐磨涂层", "daily", [["q", "耐磨涂层"]], "wish")
        keeping.keep(session, member, wish, now=NOW - timedelta(days=2))
        market.listings["unsubscribe"] = unsubscribing.path_for(member.user_id, secret)
    assert digester.run(market.app.extensions["search"], secret=secret, now=NOW + timedelta(days=1)) == 1


def _pool(market: Market) -> None:
    """The two demands that are alike are published together, with a response that waits for staff."""
    with unit_of_work() as session:
        actors = {name: _actor(session, address) for name, address in market.addresses.items()}
        cluster = managing.opened(session, actors["operator"], 1)
        places = {member.listing.number: member for member in cluster.members}
        for name, who in (("rival demand", "rival"), ("demand", "member")):
            place, said = places[market.listings[name]], Answer("agree", counts_budget=True)
            asking.answer(session, actors[who], place.id, said, version=place.version, now=NOW)
        market.listings["place"] = str(place.id)
        managing.publish(session, actors["operator"], cluster, version=cluster.version, now=NOW)
        solved = "已在两座高炉上应用。"
        responding.respond(
            session, actors["manager"], cluster, market.listings["achievement"], solved, now=NOW
        )


def _actor(session, address: str) -> Actor:
    found = session.query(User).filter_by(email=address).one()
    return factories.actor_of(session, found.id, NOW)


@pytest.fixture
def opened(browser: Browser, market: Market) -> Iterator[Callable[..., Page]]:
    """Open a window of some width; what its console says against a page is collected in `page.complaints`."""
    contexts = []

    def open_window(width: int, height: int, script: bool = True) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            java_script_enabled=script,
            base_url=market.url,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.complaints = []
        page.on(
            "console", lambda m: page.complaints.append(m.text) if m.type in ("error", "warning") else None
        )
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        return page

    yield open_window
    for context in contexts:
        context.close()
