"""The commands of `flask`: database, worker, policy, and those of the features."""

import sys
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext

from marketplace import worker
from marketplace.indexing import cli as indexing
from marketplace.listings import cli as listings
from marketplace.matching import cli as matching
from marketplace.migrations import run as migrations
from marketplace.policy.evaluate import evaluate_file
from marketplace.pooling import cli as pooling
from marketplace.portal import cli as portal

database = AppGroup("db", help="The database.")
policy = AppGroup("policy", help="Rules as data.")


def register(app: Flask) -> None:
    """Attach every command."""
    for command in (
        database,
        worker_command,
        policy,
        *indexing.COMMANDS,
        *listings.COMMANDS,
        *matching.COMMANDS,
        *pooling.COMMANDS,
        *portal.COMMANDS,
    ):
        app.cli.add_command(command)


@database.command("upgrade")
def upgrade() -> None:
    """Bring the database to the newest schema.

    Example: flask db upgrade
    """
    migrations.upgrade(current_app.extensions["settings"].database_url)
    click.echo("database: up to date")


@click.command("worker")
@click.option("--once", is_flag=True, help="One pass over everything that is waiting, then end.")
@with_appcontext
def worker_command(once: bool) -> None:
    """Index changes, find matches and send mails.

    Example: flask worker --once
    """
    app = current_app._get_current_object()
    if not once:
        worker.run(app)
        return
    done = worker.run_pass(app)
    click.echo("worker: " + (", ".join(f"{name} {count}" for name, count in done.items()) or "nothing to do"))


@policy.command("evaluate")
@click.argument("cases", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def evaluate(cases: Path) -> None:
    """Evaluate policy cases: one JSON object per line, in the order of the file.

    Example: flask policy evaluate cases.json
    """
    try:
        lines = list(evaluate_file(cases.read_text(encoding="utf-8")))
    except ValueError as error:
        click.echo(f"{cases.name}: {error}", err=True)
        sys.exit(2)
    for line in lines:
        click.echo(line)
