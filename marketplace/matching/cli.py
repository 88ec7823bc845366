"""`flask matching …`: matching the market again, and evaluation against human judgments."""

import json
import sys
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from marketplace.backlog import Backlog
from marketplace.config import SearchSettings
from marketplace.matching.evaluation import evaluate_files
from marketplace.matching.services import runs
from search.backend import EngineUnavailable

matching = AppGroup("matching", help="Matching of supply and demand.")
COMMANDS = (matching,)
BACKLOG = Backlog("matching", "demands")

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_NEW_FILE = click.Path(dir_okay=False, path_type=Path)


@matching.command("run")
@click.option("--all", "stale", is_flag=True, help="Every demand whose matches another version made.")
@click.option("--anew", is_flag=True, help="Every demand, also those whose matches are up to date.")
def run(stale: bool, anew: bool) -> None:
    """Match demands again, after a change of weights or word lists; nobody is told of old news.

    Stopped half-way, the same command goes on where it stopped. Without an option only what waits is done.
    Example: flask matching run --all
    """
    if stale or anew:
        BACKLOG.add(runs.published_demands if anew else runs.stale_demands)
    BACKLOG.run()


@matching.command("evaluate")
@click.option("--demands", required=True, type=_FILE, help="Demands, one JSON object per line.")
@click.option("--judged", required=True, type=_FILE, help="Judgments, one JSON object per line.")
@click.option(
    "--engine",
    type=click.Choice(["embedded", "elasticsearch"]),
    help="Which engine to measure; the servers are those of MARKETPLACE_SEARCH_URL.  [default: the market's]",
)
@click.option("--scores", type=_NEW_FILE, help="Also write a line per judged pair to this file.")
@click.option("--candidates", type=_NEW_FILE, help="Also write the candidates of each demand to this file.")
@click.option("--folds", type=click.IntRange(min=2), help="Also measure the levels on unseen demands.")
def evaluate(
    demands: Path,
    judged: Path,
    engine: str | None,
    scores: Path | None,
    candidates: Path | None,
    folds: int | None,
) -> None:
    """Measure matching against human judgments and print the figures as one JSON object.

    Example: flask matching evaluate --demands needs.jsonl --judged judged.jsonl
    """
    try:
        figures = evaluate_files(
            demands, judged, search=_settings(engine), scores=scores, candidates=candidates, folds=folds
        )
    except ValueError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    except EngineUnavailable as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    click.echo(json.dumps(figures, ensure_ascii=False))


def _settings(engine: str | None) -> SearchSettings:
    """The market's own engine, or the one named. Raises ValueError without servers."""
    search = current_app.extensions["settings"].search
    if engine == "embedded":
        return SearchSettings()
    if engine == "elasticsearch" and not search.hosts:
        raise ValueError("MARKETPLACE_SEARCH_URL names no Elasticsearch server")
    return search
