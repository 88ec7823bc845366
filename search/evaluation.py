"""Measure matching against human judgments, through the product's own scoring path and candidate query.

Input: one JSON object per line. Demands `{need_id, title, text}`; judgments `{need_id, result_words, level}`,
where the words joined by "" are an achievement's title. A pair judged twice counts twice; ties are broken at
random (with a fixed seed). The definitions are those of design/search.md section 3.
"""

from __future__ import annotations

import json
import random
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from search import metrics
from search.backend import SearchEngine
from search.cross_validation import errors_of_unseen
from search.documents import ACHIEVEMENT, DEMAND, ListingDocument
from search.levels import LEVEL_THRESHOLDS, Standing, level_of
from search.match_result import MatchSubject
from search.matching import Matcher

RECALL_DEPTH = 200
# Recall at one depth jumps with single titles; the mean over these tells two methods apart on fewer demands.
_RECALL_DEPTHS = (100, 150, 200, 250, 300)
_SCOPES = ("evaluation",)
_ANY_DAY = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class DemandCase:
    """One demand of the evaluation set."""

    need_id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Judgment:
    """One judge's level (1–4, 4 = strongly related) for an achievement title and a demand."""

    need_id: str
    title: str
    level: int


@dataclass(frozen=True, slots=True)
class PairScore:
    """How the product scored one judged pair."""

    need_id: str
    title: str
    score: float
    level: int
    judged: int
    standing: Standing


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The figures, and the scores and candidate lists they were computed from."""

    figures: dict[str, Any]
    pairs: tuple[PairScore, ...]
    candidates: Mapping[str, tuple[str, ...]]


def evaluate(
    demands: Sequence[DemandCase],
    judged: Sequence[Judgment],
    engine: SearchEngine,
    *,
    folds: int | None = None,
    seed: int = 0,
    resamples: int = 2_000,
) -> Evaluation:
    """Fill `engine` with all judged titles, score every pair and return the figures.

    With `folds` the error of the levels is also measured by cross-validation over the demands. The engine's
    former content is replaced: hand in one of its own. Raises ValueError for sets that do not belong together
    and for more folds than demands, EngineUnavailable when the engine fails.
    """
    by_demand = _group(demands, judged)
    titles = sorted({judgment.title for judgment in judged})
    engine.rebuild(_documents(titles))
    matcher = Matcher(engine)
    market = matcher.market(_achievements(titles))
    numbers = {title: number for number, title in enumerate(titles)}
    pairs: list[PairScore] = []
    candidates: dict[str, tuple[str, ...]] = {}
    for number, (demand, judgments) in enumerate(by_demand):
        subject = MatchSubject(kind=DEMAND, listing_id=number, title=demand.title, text=demand.text)
        best = matcher.candidate_ids(subject, _SCOPES, _RECALL_DEPTHS[-1])
        candidates[demand.need_id] = tuple(titles[listing_id] for listing_id in best)
        standings = market.standings(matcher.vector(subject), [numbers[item.title] for item in judgments])
        pairs.extend(_score(matcher, subject, judgments, standings))
    figures = _figures(pairs, candidates, folds=folds, seed=seed, resamples=resamples)
    shown = {need_id: found[:RECALL_DEPTH] for need_id, found in candidates.items()}
    return Evaluation(figures, tuple(pairs), shown)


def _group(
    demands: Sequence[DemandCase], judged: Sequence[Judgment]
) -> list[tuple[DemandCase, list[Judgment]]]:
    grouped: dict[str, list[Judgment]] = defaultdict(list)
    for judgment in judged:
        grouped[judgment.need_id].append(judgment)
    missing = grouped.keys() - {demand.need_id for demand in demands}
    if missing:
        raise ValueError(f"{len(missing)} judged demands are not in the demands file, e.g. {min(missing)}")
    if not grouped:
        raise ValueError("there are no judgments to measure against")
    return [(demand, grouped[demand.need_id]) for demand in demands if demand.need_id in grouped]


def _documents(titles: Iterable[str]) -> Iterator[ListingDocument]:
    for listing_id, title in enumerate(titles):
        yield ListingDocument(
            listing_id=listing_id,
            kind=ACHIEVEMENT,
            revision_id=0,
            title=title,
            published_on=_ANY_DAY,
            confirmed_on=_ANY_DAY,
            scopes=_SCOPES,
        )


def _achievements(titles: Iterable[str]) -> list[MatchSubject]:
    return [MatchSubject(kind=ACHIEVEMENT, listing_id=i, title=title) for i, title in enumerate(titles)]


def _score(
    matcher: Matcher, subject: MatchSubject, judgments: Sequence[Judgment], standings: Sequence[Standing]
) -> Iterator[PairScore]:
    scores = matcher.scores(subject, _achievements(judgment.title for judgment in judgments))
    for judgment, (score, _), standing in zip(judgments, scores, standings, strict=True):
        level = level_of(standing, LEVEL_THRESHOLDS)
        yield PairScore(judgment.need_id, judgment.title, score, level, judgment.level, standing)


def _figures(
    pairs: Sequence[PairScore],
    candidates: Mapping[str, Sequence[str]],
    *,
    folds: int | None,
    seed: int,
    resamples: int,
) -> dict[str, Any]:
    by_demand: dict[str, list[PairScore]] = defaultdict(list)
    for pair in pairs:
        by_demand[pair.need_id].append(pair)
    chance = random.Random(seed)
    ranked = {need_id: _ranked_levels(group, chance) for need_id, group in by_demand.items()}
    graded = [levels for levels in ranked.values() if metrics.counts_for_ndcg(levels)]
    relevant = {need_id: levels for need_id, levels in ranked.items() if metrics.has_relevant(levels)}
    recalls = {
        depth: [_recall(by_demand[need_id], candidates[need_id][:depth]) for need_id in relevant]
        for depth in _RECALL_DEPTHS
    }
    errors = [float(sum(abs(pair.level - pair.judged) for pair in group)) for group in by_demand.values()]

    def mean(values: Sequence[float]) -> dict[str, float | None]:
        estimate = metrics.mean_with_interval(values, [1] * len(values), resamples=resamples, seed=seed)
        return estimate.rounded()

    def error(totals: Sequence[float], transform: Callable = lambda value: value) -> dict[str, float | None]:
        sizes = [len(group) for group in by_demand.values()]
        estimate = metrics.mean_with_interval(
            totals, sizes, resamples=resamples, seed=seed, transform=transform
        )
        return estimate.rounded()

    figures = {
        "demands": len(by_demand),
        "graded": len(graded),
        "pairs": len(pairs),
        "ndcg10": mean([metrics.ndcg(levels) for levels in graded]),
        "map": mean([metrics.average_precision(levels) for levels in relevant.values()]),
        "p5": mean([metrics.precision(levels) for levels in relevant.values()]),
        "recall200": mean(recalls[RECALL_DEPTH]),
        "recall100_300": mean([statistics.fmean(each) for each in zip(*recalls.values(), strict=True)]),
        "mae": error(errors),
        "score": error(errors, lambda value: 1 / (1 + value)),
    }
    if folds is not None:
        known = [[(pair.standing, pair.judged) for pair in group] for group in by_demand.values()]
        figures["folds"] = folds
        figures["mae_unseen"] = error(errors_of_unseen(known, folds, seed=seed))
    return figures


def _ranked_levels(group: Sequence[PairScore], chance: random.Random) -> list[int]:
    keyed = [(-pair.score, chance.random(), pair.judged) for pair in group]
    return [judged for _, _, judged in sorted(keyed)]


def _recall(group: Sequence[PairScore], found: Sequence[str]) -> float:
    relevant = {pair.title for pair in group if pair.judged >= metrics.RELEVANT_LEVEL}
    return len(relevant.intersection(found)) / len(relevant)


def evaluate_files(
    demands_path: Path,
    judged_path: Path,
    engine: SearchEngine,
    *,
    scores_path: Path | None = None,
    candidates_path: Path | None = None,
    folds: int | None = None,
    seed: int = 0,
    resamples: int = 2_000,
) -> dict[str, Any]:
    """Evaluate on two files and return the figures, ready to print as one JSON object.

    `engine` is filled anew, as `evaluate` says. `scores_path` gets one line per judged pair `{need_id, title,
    score, level}`, `candidates_path` one per demand `{need_id, titles}`; `folds` as in `evaluate`. Raises
    ValueError with one sentence for a file that cannot be used.
    """
    demands = [_demand(row, where) for row, where in _rows(demands_path)]
    if len({demand.need_id for demand in demands}) != len(demands):
        raise ValueError(f"{demands_path}: a need_id stands on two lines")
    judged = [_judgment(row, where) for row, where in _rows(judged_path)]
    result = evaluate(demands, judged, engine, folds=folds, seed=seed, resamples=resamples)
    if scores_path is not None:
        rows = (
            {"need_id": pair.need_id, "title": pair.title, "score": pair.score, "level": pair.level}
            for pair in result.pairs
        )
        _write(scores_path, rows)
    if candidates_path is not None:
        rows = ({"need_id": name, "titles": list(titles)} for name, titles in result.candidates.items())
        _write(candidates_path, rows)
    return result.figures


def _rows(path: Path) -> Iterator[tuple[dict[str, Any], str]]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise ValueError(f"{path}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: is not UTF-8 text") from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        where = f"{path}, line {number}"
        try:
            row = json.loads(line)
        except ValueError as error:
            raise ValueError(f"{where}: is not a JSON object") from error
        if not isinstance(row, dict):
            raise ValueError(f"{where}: is not a JSON object")
        yield row, where


def _demand(row: Mapping[str, Any], where: str) -> DemandCase:
    values = [row.get(name) for name in ("need_id", "title", "text")]
    if not all(isinstance(value, str) for value in values) or not values[0]:
        raise ValueError(f"{where}: need_id, title and text must be texts")
    return DemandCase(*values)


def _judgment(row: Mapping[str, Any], where: str) -> Judgment:
    words, level = row.get("result_words"), row.get("level")
    if not isinstance(words, list) or not words or not all(isinstance(word, str) for word in words):
        raise ValueError(f"{where}: result_words must be a list of words")
    if isinstance(level, bool) or level not in (1, 2, 3, 4):
        raise ValueError(f"{where}: level must be 1, 2, 3 or 4")
    if not isinstance(row.get("need_id"), str):
        raise ValueError(f"{where}: need_id must be a text")
    return Judgment(row["need_id"], "".join(words), level)


def _write(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    try:
        with path.open("w", encoding="utf-8") as stream:
            for row in rows:
                stream.write(json.dumps(row, ensure_ascii=False) + "\n")
    except OSError as error:
        raise ValueError(f"{path}: cannot be written ({error.strerror})") from error
