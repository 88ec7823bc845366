"""The pages as people use them: a small market with one person of every kind, and a client for each."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from marketplace.accounts.models import Organisation
from marketplace.extensions import db
from marketplace.listings.content import AchievementContent, Kind
from marketplace.listings.services import drafts, publication
from marketplace.permissions import Actor, Role
from marketplace.subsidies.services import reading
from marketplace.web.transaction import unit_of_work
from marketplace.worker import run_pass
from tests import factories, subsidy_factories
from tests.conftest import build, settings_for
from tests.stage import Stage


@dataclass
class Town:
    """Who lives here: actors by name, organisations by name, numbers of listings by name."""

    app: Flask
    people: dict[str, Actor] = field(default_factory=dict)
    houses: dict[str, int] = field(default_factory=dict)
    listings: dict[str, str] = field(default_factory=dict)

    def client(self, name: str | None = None) -> FlaskClient:
        """A browser of this person, logged in; of a visitor without a name."""
        client = self.app.test_client()
        if name:
            with client.session_transaction() as session:
                session["_user_id"], session["_fresh"] = f"{self.people[name].user_id}:0", True
        return client

    def work(self) -> dict[str, int]:
        """One pass of the worker."""
        with self.app.app_context():
            return run_pass(self.app)

    @contextmanager
    def books(self) -> Iterator[Session]:
        """The database, in a transaction of its own, committed at the end."""
        with self.app.app_context(), unit_of_work() as session:
            yield session


@pytest.fixture
def rate_limit_url() -> str:
    """Nowhere; a test of the limits parametrises it."""
    return ""


@pytest.fixture
def site(tmp_path: Path, database_url: str, rate_limit_url: str) -> Iterator[Flask]:
    """A market outside any context: each request gets a context of its own, as on a server."""
    made = build(replace(settings_for(tmp_path / "home", database_url), rate_limit_url=rate_limit_url))
    yield made
    with made.app_context():
        db.engine.dispose()


@pytest.fixture
def town(site: Flask, stage: Stage, now) -> Town:
    """An enterprise, a university with a manager, an unverified firm, the market's staff."""
    people, houses = stage.set("town", None, site, lambda: _settle(Town(site), now))
    return Town(site, people, houses)


def _settle(made: Town, now: datetime) -> tuple[dict[str, Actor], dict[str, int]]:
    with made.books() as session:
        houses = {
            "enterprise": factories.organisation(session, now=now),
            "university": factories.organisation(session, now=now, kind="university", public_unit=True),
            "other": factories.organisation(session, now=now),
            "newcomer": factories.organisation(session, now=now, verified=False),
        }
        for name, role, house, manages in (
            ("member", Role.ENTERPRISE_MEMBER, "enterprise", True),
            ("colleague", Role.ENTERPRISE_MEMBER, "enterprise", False),
            ("researcher", Role.RESEARCHER, "university", False),
            ("manager", Role.UNIT_MANAGER, "university", True),
            ("stranger", Role.ENTERPRISE_MEMBER, "other", True),
            ("newcomer", Role.ENTERPRISE_MEMBER, "newcomer", True),
        ):
            made.people[name] = factories.actor(session, role, houses[house], now=now, manages=manages)
        made.people["operator"] = factories.operator(session, now=now)
        made.people["nobody"] = factories.actor_of(session, factories.user(session, now=now).id, now)
        return made.people, {name: house.id for name, house in houses.items()}


@pytest.fixture
def listed(town: Town, stage: Stage, now) -> Town:
    """The same town with a published achievement and demand that match, indexed and matched."""
    town.listings |= stage.set("listed", "town", town.app, lambda: _list(town, now))
    return town


def _list(town: Town, now: datetime) -> dict[str, str]:
    numbers = {}
    with town.books() as session:
        for name, author, house, content in (
            ("achievement", "researcher", "university", factories.achievement()),
            ("demand", "member", "enterprise", factories.demand()),
        ):
            numbers[name] = publish(session, town, author, house, content, now)
    town.work()
    return numbers


def publish(session, town: Town, author: str, house: str, content, now) -> str:
    """Publish through the services, with the unit's manager where the unit has one; returns the number."""
    kind = Kind.ACHIEVEMENT if isinstance(content, AchievementContent) else Kind.DEMAND
    owner = session.get_one(Organisation, town.houses[house])
    revision = drafts.start(session, town.people[author], kind, owner.id, now=now, content=content)
    drafts.submit(session, town.people[author], revision.id, version=revision.version, now=now)
    if revision.state == "unit_approval":
        publication.approve_by_unit(
            session, town.people["manager"], revision.id, version=revision.version, now=now
        )
    accepted = publication.accept(
        session, town.people["operator"], revision.id, version=revision.version, now=now
    )
    return accepted.number


@pytest.fixture
def soup() -> Callable[[TestResponse], BeautifulSoup]:
    """The answer as parsed HTML."""
    return lambda response: BeautifulSoup(response.get_data(as_text=True), "html.parser")


@pytest.fixture
def market(town: Town, site: Flask, now) -> Town:
    """The town with a registered contract of the enterprise, offices and an open batch."""
    with town.books() as session:
        town.subsidy = subsidy_factories.Town(session, site.extensions["storage"], now)
        town.people |= {"buyer": town.subsidy.buyer.member, "seller": town.subsidy.seller.member}
        town.people |= vars(town.subsidy.office)
        town.contract, town.batch = town.subsidy.contract.number, town.subsidy.batch.number
    return town


@contextmanager
def books(market: Town) -> Iterator[Session]:
    """The database, in a transaction of its own, with the subsidy town in it."""
    with market.books() as session:
        market.subsidy.back_in(session)
        yield session


@pytest.fixture
def handed_in(market: Town) -> Town:
    """The same with an application handed in."""
    with books(market):
        market.application = market.subsidy.handed_in().number
    return market


@pytest.fixture
def awarded(handed_in: Town, now) -> Town:
    """Through finance, listed, published, approved."""
    with books(handed_in) as session:
        office, batch = handed_in.subsidy.office, reading.batch(session, handed_in.batch)
        made = reading.find(session, handed_in.application)
        subsidy_factories.checked(session, office, made, now=now)
        subsidy_factories.awarded(session, office, batch, now=now)
    return handed_in
