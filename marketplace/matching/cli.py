"""`flask matching …`: evaluation against human judgments."""

import json
import sys
from pathlib import Path

import click
from flask.cli import AppGroup

from marketplace.matching.evaluation import evaluate_files

matching = AppGroup("matching", help="Matching of supply and demand.")
COMMANDS = (matching,)

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_NEW_FILE = click.Path(dir_okay=False, path_type=Path)


@matching.command("evaluate")
@click.option("--demands", required=True, type=_FILE, help="Demands, one JSON object per line.")
@click.option("--judged", required=True, type=_FILE, help="Judgments, one JSON object per line.")
@click.option("--engine", type=click.Choice(["embedded"]), default="embedded", show_default=True)
@click.option("--scores", type=_NEW_FILE, help="Also write a line per judged pair to this file.")
@click.option("--candidates", type=_NEW_FILE, help="Also write the candidates of each demand to this file.")
def evaluate(demands: Path, judged: Path, engine: str, scores: Path | None, candidates: Path | None) -> None:
    """Measure matching against human judgments and print the figures as one JSON object.

    Example: flask matching evaluate --demands needs.jsonl --judged judged.jsonl
    """
    try:
        figures = evaluate_files(demands, judged, engine=engine, scores=scores, candidates=candidates)
    except ValueError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    click.echo(json.dumps(figures, ensure_ascii=False))
