"""Going up from an empty database gives exactly the tables of the models."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect

from marketplace import tables  # noqa: F401  every model is known to the metadata
from marketplace.db import Base
from marketplace.migrations import run


@pytest.fixture
def engine(database_url):
    made = create_engine(database_url)
    yield made
    made.dispose()


def test_the_migrations_and_the_models_agree(engine):
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_going_up_twice_changes_nothing(engine, database_url):
    before = sorted(inspect(engine).get_table_names())
    run.upgrade(database_url)
    assert sorted(inspect(engine).get_table_names()) == before
    assert {"alembic_version", *Base.metadata.tables} == set(before)
