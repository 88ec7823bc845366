"""`flask index …`: rebuild, status, reconcile, rollback, drain."""

import sys

import click
from flask import current_app
from flask.cli import AppGroup

from marketplace.extensions import db
from marketplace.indexing import upkeep
from marketplace.indexing.exclusive import only_rebuild
from marketplace.progress import progress
from search.backend import EngineUnavailable

index = AppGroup("index", help="The search index.")
COMMANDS = (index,)


@index.command("rebuild")
def rebuild() -> None:
    """Make the index anew from the database.

    One at a time: while another rebuild runs, also the worker's after a change of words, it ends with code 1, and so
    it does, the old index staying in use, when the new one does not hold what the database has for it.
    Example: flask index rebuild
    """
    with _engine_errors(), only_rebuild(db.session), _over_listings("rebuild") as bar:
        count = upkeep.rebuild(db.session, _engine(), bar.update, processes=_processes())
    click.echo(f"index: {count} documents")


@index.command("status")
def status() -> None:
    """Show how index and database stand.

    Example: flask index status
    """
    with _engine_errors():
        found = upkeep.status(db.session, _engine())
    click.echo(f"published listings: {found.rows}")
    click.echo("documents: needs a rebuild" if found.needs_rebuild else f"documents: {found.documents}")
    click.echo(f"waiting changes: {found.waiting}")
    if found.needs_rebuild:
        sys.exit(1)


@index.command("reconcile")
@click.option("--check", is_flag=True, help="Only compare; exit code 1 when something differs.")
def reconcile(check: bool) -> None:
    """Compare index and database and mend what differs.

    Example: flask index reconcile --check
    """
    with _engine_errors():
        with _over_listings("compare") as bar:
            found = upkeep.compare(db.session, _engine(), bar.update, processes=_processes())
        click.echo(f"missing {len(found.missing)}, extra {len(found.extra)}, stale {len(found.stale)}")
        if check:
            sys.exit(0 if found.equal else 1)
        if not found.equal:
            upkeep.mend(db.session, _engine(), found)
            click.echo("mended")


@index.command("rollback")
def rollback() -> None:
    """Go back to the index before the last rebuild, and write what has changed since.

    Example: flask index rollback
    """
    with _engine_errors(), only_rebuild(db.session), _over_listings("compare") as bar:
        found = upkeep.rollback(db.session, _engine(), bar.update, processes=_processes())
    click.echo(
        f"index: back; missing {len(found.missing)}, extra {len(found.extra)}, stale {len(found.stale)}, mended"
    )


@index.command("drain")
def drain() -> None:
    """Work off the changes that wait for the index.

    Example: flask index drain
    """
    with progress("drain", upkeep.waiting(db.session)) as bar:
        done = current_app.extensions["worker"](
            only=("index",), report=lambda _name, count: bar.update(count - bar.pos)
        )
    click.echo(f"index: {done.get('index', 0)} changes")
    if left := upkeep.waiting(db.session):
        click.echo(f"index: {left} changes still wait; see the worker's log", err=True)
        sys.exit(1)


def _over_listings(label: str):
    return progress(label, upkeep.published(db.session))


def _engine():
    """The market's engine, read and written with the market's own words."""
    current_app.extensions["lexicon"].refresh(db.session, at_once=True)
    return current_app.extensions["search"]


def _processes() -> int:
    return current_app.extensions["settings"].rebuild_processes


class _engine_errors:
    """An engine that cannot answer ends the command with its sentence and exit code 1."""

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if isinstance(error, EngineUnavailable):
            click.echo(f"index: {error}", err=True)
            sys.exit(1)
        return False
