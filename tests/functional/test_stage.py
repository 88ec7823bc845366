"""A town that is copied is the town that was built, and nothing of another test is in it."""

import pytest
from flask import Flask
from sqlalchemy import func, select

from marketplace.db import Base
from marketplace.extensions import db
from marketplace.web.transaction import unit_of_work
from tests import factories
from tests.conftest import build, settings_for
from tests.stage import Stage


@pytest.fixture
def own_stage(tmp_path, sqlite_template) -> Stage:
    return Stage(tmp_path / "stage", sqlite_template)


@pytest.fixture
def market(tmp_path, sqlite_template):
    """Makes empty markets, as each test has one."""

    def make(name: str) -> Flask:
        path = tmp_path / f"{name}.db"
        path.write_bytes(sqlite_template.read_bytes())
        return build(settings_for(tmp_path / name, f"sqlite:///{path}"))

    return make


@pytest.fixture
def people(now):
    """Builds a town of one person in a market; notes in which markets it has."""

    class People(list):
        def into(self, app: Flask) -> dict[str, int]:
            self.append(app)
            (app.extensions["settings"].home / "note").write_text("示例")
            with app.app_context(), unit_of_work() as session:
                return {"person": factories.user(session, now=now).id}

    return People()


def rows(app: Flask) -> dict[str, int]:
    """The tables that are not empty, with their rows."""
    with app.app_context():
        found = {
            name: db.session.scalar(select(func.count()).select_from(table))
            for name, table in Base.metadata.tables.items()
        }
        db.session.rollback()
    return {name: count for name, count in found.items() if count}


def test_the_second_market_is_a_copy_of_the_first(own_stage, market, people):
    first, second = market("first"), market("second")
    assert own_stage.set("a", None, first, lambda: people.into(first)) == {"person": 1}
    assert own_stage.set("a", None, second, lambda: people.into(second)) == {"person": 1}
    assert people == [first]
    assert rows(second) == rows(first) and rows(first)["users"] == 1
    assert (second.extensions["settings"].home / "note").read_text() == "示例"


def test_the_clock_of_a_copy_goes_on_where_the_first_stood(own_stage, market, people):
    first, second = market("first"), market("second")
    own_stage.set("a", None, first, lambda: people.into(first))
    built = first.extensions["clock"].now()
    own_stage.set("a", None, second, lambda: people.into(second))
    assert 0 <= (second.extensions["clock"].now() - built).total_seconds() < 30


def test_what_was_done_after_the_copy_stays_there(own_stage, market, people):
    apps = [market(name) for name in ("first", "second", "third")]
    seen = []
    for app in apps:
        known = own_stage.set("a", None, app, lambda app=app: people.into(app))
        seen.append((known.copy(), rows(app)))
        known["person"] = 0
        people.into(app)
    assert seen == [seen[0]] * 3
    assert rows(apps[2])["users"] == 2


@pytest.mark.parametrize("after", [None, "a"])
def test_a_market_with_something_more_is_built_upon(own_stage, market, people, after):
    for place in range(2):
        app = market(f"first{place}")
        if after:
            own_stage.set("a", None, app, lambda app=app: people.into(app))
        own_stage.set("b", after, app, lambda app=app: people.into(app))
    built, before = people.copy(), rows(app)["users"]
    other = market("other")
    if after:
        own_stage.set("a", None, other, lambda: people.into(other))
    people.into(other)
    own_stage.set("b", after, other, lambda: people.into(other))
    assert people == [*built, other, other]
    assert rows(other)["users"] == before + 1


def test_a_scene_that_never_was_is_built_upon(own_stage, market, people):
    for name in ("first", "second"):
        app = market(name)
        own_stage.set("b", "a", app, lambda app=app: people.into(app))
    assert len(people) == 2


@pytest.mark.postgres
def test_other_databases_are_built(own_stage, tmp_path, empty_database, people):
    for place in range(2):
        app = build(settings_for(tmp_path / str(place), empty_database("postgres")))
        assert own_stage.set("a", None, app, lambda app=app: people.into(app)) == {"person": 1}
        assert rows(app)["users"] == 1
        with app.app_context():
            db.engine.dispose()
    assert len(people) == 2
