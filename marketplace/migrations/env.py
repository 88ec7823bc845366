"""Alembic's environment: the metadata of every feature, on the connection it is handed."""

from alembic import context
from sqlalchemy import create_engine, pool

from marketplace import tables
from marketplace.db import UTCDateTime, configure_engine, writing


def render(kind: str, value: object, autogen_context) -> str | bool:
    """Write our own column types as what they are, so that migrations do not depend on the code."""
    if kind == "type" and isinstance(value, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def run() -> None:
    """Apply migrations in one transaction."""
    engine = create_engine(context.config.get_main_option("sqlalchemy.url"), poolclass=pool.NullPool)
    configure_engine(engine)
    with writing(), engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=tables.metadata,
            render_as_batch=connection.dialect.name == "sqlite",
            render_item=render,
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


run()
