"""`flask pooling …`: clustering the market's demands again."""

import sys

import click
from flask.cli import AppGroup

from marketplace.matching import rerun
from marketplace.pooling.rerun import CONSUMER, queue
from marketplace.progress import progress

pooling = AppGroup("pooling", help="Near-duplicate demands of different firms.")
COMMANDS = (pooling,)


@pooling.command("run")
@click.option("--all", "everything", is_flag=True, help="Every published demand, not only those that wait.")
def run(everything: bool) -> None:
    """Cluster demands again, after an upgrade or a large import; nobody is asked of himself.

    Stopped half-way, the same command goes on where it stopped. Without the option only what waits is done.
    Example: flask pooling run --all
    """
    if everything:
        queue()
    with progress("demands", rerun.waiting(CONSUMER)) as bar:
        left = rerun.work(bar.update, CONSUMER)
    if left:
        click.echo(f"pooling: {left} demands still wait; see the worker's log", err=True)
        sys.exit(1)
