"""`flask demo load`: the invented market to try things out in."""

import click
from flask import current_app
from flask.cli import AppGroup

from marketplace.portal import demo

group = AppGroup("demo", help="The demonstration market.")
COMMANDS = (group,)


@group.command("load")
def load() -> None:
    """Load the demonstration market; a second call changes nothing.

    Example: flask demo load
    """
    made = demo.load(current_app._get_current_object(), click.echo)
    click.echo("demo market: loaded" if made else "demo market: already there")
