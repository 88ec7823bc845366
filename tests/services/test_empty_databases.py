"""The PostgreSQL database of the tests is used again: each test finds it as the migrations leave one."""

from datetime import date

import pytest
from sqlalchemy import func, select

from marketplace import tables  # noqa: F401  every model is known to the metadata
from marketplace.db import Base
from marketplace.extensions import db
from marketplace.web.transaction import unit_of_work
from marketplace.workdays import CalendarDay
from tests import factories, servers
from tests.conftest import build, settings_for


@pytest.fixture
def visit(tmp_path, empty_database, now):
    """Opens the database as the next test would, notes what stands there, and leaves something behind."""

    def once(place: int) -> tuple[dict[str, int], list[tuple[date, str]], int]:
        app = build(settings_for(tmp_path / str(place), empty_database("postgres")))
        with app.app_context():
            with unit_of_work() as session:
                filled = {
                    name: rows
                    for name, table in Base.metadata.tables.items()
                    if (rows := session.scalar(select(func.count()).select_from(table)))
                }
                days = session.scalars(select(CalendarDay).order_by(CalendarDay.day)).all()
                found = [(day.day, day.kind) for day in days]
                house = factories.organisation(session, now=now)
                factories.user(session, now=now)
                session.delete(days[0])
                days[1].kind = "changed"
                session.add(CalendarDay(day=date(2045, 1, 1), kind="holiday", name="示例"))
            key = house.id
            db.session.rollback()
            db.engine.dispose()
        return filled, found, key

    return once


@pytest.mark.postgres
def test_what_a_test_leaves_behind_is_gone(visit):
    first = visit(0)
    filled, days, key = first
    assert list(filled) == ["calendar_days"] and filled["calendar_days"] == len(days) > 100
    assert key == 1
    assert [visit(1), visit(2)] == [first, first]


@pytest.mark.postgres
def test_now_and_then_it_is_a_new_copy(visit, postgres, postgres_template, monkeypatch):
    made = []
    copy = postgres.new_database
    monkeypatch.setattr(servers, "_USES_OF_A_COPY", 2)
    monkeypatch.setattr(postgres, "_uses", type(postgres._uses)())
    monkeypatch.setattr(postgres, "new_database", lambda *names: made.append(names) or copy(*names))
    seen = [visit(place) for place in range(5)]
    assert made == [("market_test", postgres_template)] * 3
    assert seen == [seen[0]] * 5
