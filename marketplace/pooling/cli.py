"""`flask pooling …`: clustering the market's demands again."""

import click
from flask.cli import AppGroup

from marketplace.backlog import Backlog
from marketplace.matching.services.runs import published_demands

pooling = AppGroup("pooling", help="Near-duplicate demands of different firms.")
COMMANDS = (pooling,)
BACKLOG = Backlog("pooling", "demands")


@pooling.command("run")
@click.option("--all", "everything", is_flag=True, help="Every published demand, not only those that wait.")
def run(everything: bool) -> None:
    """Cluster demands again, after an upgrade or a large import; nobody is asked of himself.

    Stopped half-way, the command without the option goes on where it stopped: it does what waits.
    Example: flask pooling run --all
    """
    if everything:
        BACKLOG.add(published_demands)
    BACKLOG.run()
