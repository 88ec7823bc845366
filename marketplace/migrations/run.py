"""Migrating forward, from the command line, at the start of `make run` and in the tests."""

from pathlib import Path

from alembic import command
from alembic.config import Config


def configuration(url: str) -> Config:
    """Alembic's settings for one database."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def upgrade(url: str) -> None:
    """Bring the database to the newest schema."""
    command.upgrade(configuration(url), "head")


def new(url: str, message: str) -> None:
    """Write a migration from the difference between the models and a migrated database."""
    number = len(list((Path(__file__).parent / "versions").glob("0*.py"))) + 1
    command.revision(configuration(url), message, autogenerate=True, rev_id=f"{number:04d}")
