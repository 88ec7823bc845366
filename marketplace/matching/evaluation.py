"""Measuring matching against human judgments, on an index of its own that is thrown away afterwards."""

from pathlib import Path
from typing import Any

from marketplace.config import SearchSettings
from marketplace.indexing.engines import passing_engine
from search import evaluation


def evaluate_files(
    demands: Path,
    judged: Path,
    *,
    search: SearchSettings,
    scores: Path | None = None,
    candidates: Path | None = None,
    folds: int | None = None,
) -> dict[str, Any]:
    """The figures of the evaluation. Raises ValueError with a sentence for a file that cannot be used."""
    with passing_engine(search) as engine:
        return evaluation.evaluate_files(
            demands, judged, engine, scores_path=scores, candidates_path=candidates, folds=folds
        )
