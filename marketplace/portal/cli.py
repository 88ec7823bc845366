"""`flask demo load`: the invented market to try things out in."""

import sys

import click
from flask import current_app
from flask.cli import AppGroup

from marketplace.errors import MarketError
from marketplace.portal import demo

group = AppGroup("demo", help="The demonstration market.")
COMMANDS = (group,)


@group.command("load")
def load() -> None:
    """Load the demonstration market and print its accounts; a second call changes nothing.

    Example: flask demo load
    """
    try:
        made = demo.load(current_app._get_current_object(), click.echo)
    except MarketError as error:
        click.echo(f"demo market: {error}", err=True)
        sys.exit(1)
    click.echo("demo market: loaded" if made else "demo market: already there")
    for account in demo.accounts():
        click.echo(str(account))
