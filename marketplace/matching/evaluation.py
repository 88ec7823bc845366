"""Measuring matching against human judgments, on an index of its own that is thrown away afterwards."""

from pathlib import Path
from typing import Any

from search import evaluation
from search.embedded import EmbeddedEngine

_ENGINES = {"embedded": EmbeddedEngine}


def evaluate_files(
    demands: Path, judged: Path, *, engine: str, scores: Path | None = None, candidates: Path | None = None
) -> dict[str, Any]:
    """The figures of the evaluation. Raises ValueError with a sentence for a file that cannot be used."""
    return evaluation.evaluate_files(
        demands, judged, _ENGINES[engine], scores_path=scores, candidates_path=candidates
    )
