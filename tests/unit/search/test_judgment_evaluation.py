"""The evaluation: definitions on a small set, clear words for broken files, the bars on the real one."""

from __future__ import annotations

import json

import pytest

from search.embedded import EmbeddedEngine
from search.evaluation import DemandCase, Judgment, evaluate, evaluate_files


def write(path, rows):
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n", encoding="utf-8")
    return path


DEMANDS = [
    {"need_id": "a", "title": "高炉耐磨涂层", "text": "耐高温"},
    {"need_id": "b", "title": "羊绒鉴别", "text": ""},
]
JUDGED = [
    {"need_id": "a", "result_words": ["高炉", "耐磨", "涂层"], "level": 4},
    {"need_id": "a", "result_words": ["羊绒", "纤维"], "level": 1},
    {"need_id": "a", "result_words": ["电机"], "level": 1},
    {"need_id": "b", "result_words": ["羊绒", "纤维"], "level": 3},
    {"need_id": "b", "result_words": ["电机"], "level": 1},
]


@pytest.fixture
def engine(tmp_path):
    return EmbeddedEngine(tmp_path / "index")


@pytest.fixture
def files(tmp_path):
    return write(tmp_path / "needs.jsonl", DEMANDS), write(tmp_path / "judged.jsonl", JUDGED)


def test_figures_of_a_small_set(files, tmp_path, engine):
    scores, candidates = tmp_path / "scores.jsonl", tmp_path / "candidates.jsonl"
    figures = evaluate_files(*files, engine, scores_path=scores, candidates_path=candidates, resamples=50)
    assert (figures["demands"], figures["graded"], figures["pairs"]) == (2, 0, 5)
    assert figures["map"]["value"] == 1.0
    assert figures["p5"]["value"] == pytest.approx(0.2)
    assert figures["recall200"]["value"] == 1.0
    assert figures["ndcg10"]["value"] is None
    assert figures["score"]["value"] == pytest.approx(1 / (1 + figures["mae"]["value"]), abs=1e-3)
    rows = [json.loads(line) for line in scores.read_text(encoding="utf-8").splitlines()]
    assert [set(row) for row in rows] == [{"need_id", "title", "score", "level"}] * 5
    assert rows[0]["score"] > rows[1]["score"]
    lists = [json.loads(line) for line in candidates.read_text(encoding="utf-8").splitlines()]
    assert [row["need_id"] for row in lists] == ["a", "b"]
    assert lists[0]["titles"][0] == "高炉耐磨涂层"


def test_outputs_let_anyone_recompute_the_error(files, tmp_path, engine):
    scores = tmp_path / "scores.jsonl"
    figures = evaluate_files(*files, engine, scores_path=scores, resamples=20)
    given = [json.loads(line)["level"] for line in scores.read_text(encoding="utf-8").splitlines()]
    errors = [abs(level - row["level"]) for level, row in zip(given, JUDGED, strict=True)]
    assert figures["mae"]["value"] == pytest.approx(sum(errors) / len(errors), abs=1e-4)


def test_folds_add_the_error_on_unseen_demands(files, engine):
    plain = evaluate_files(*files, engine, resamples=20)
    figures = evaluate_files(*files, engine, folds=2, resamples=20)
    assert {"folds", "mae_unseen"}.isdisjoint(plain)
    assert figures | plain == figures
    assert figures["folds"] == 2
    assert 0 <= figures["mae_unseen"]["low"] <= figures["mae_unseen"]["value"] <= 3


def test_more_folds_than_demands_are_refused(files, engine):
    with pytest.raises(ValueError, match="folds must be 2 to 2"):
        evaluate_files(*files, engine, folds=3)


def test_a_pair_judged_twice_counts_twice(tmp_path):
    judged = [Judgment("a", "涂层", 4), Judgment("a", "涂层", 4), Judgment("a", "电机", 1)]
    result = evaluate([DemandCase("a", "涂层", "")], judged, EmbeddedEngine(tmp_path / "i"), resamples=20)
    assert result.figures["pairs"] == 3
    assert result.figures["p5"]["value"] == pytest.approx(0.4)


def test_recall_is_also_told_as_a_mean_over_depths(tmp_path):
    """Of two related titles one has a character of the demand: it is found at every depth, the other at none."""
    judged = [Judgment("a", "涂层", 4), Judgment("a", "电机", 3)]
    result = evaluate([DemandCase("a", "涂层", "")], judged, EmbeddedEngine(tmp_path / "i"), resamples=20)
    assert result.figures["recall200"]["value"] == result.figures["recall100_300"]["value"] == 0.5
    # 120 titles before the only related one: found at 150 and deeper, four of five times.
    titles = [f"涂层{number}号" for number in range(120)]
    judged = [*(Judgment("a", title, 1) for title in titles), Judgment("a", "涂料生产线设备更新改造", 3)]
    result = evaluate([DemandCase("a", "涂层", "")], judged, EmbeddedEngine(tmp_path / "j"), resamples=20)
    assert result.figures["recall200"]["value"] == 1.0
    assert result.figures["recall100_300"]["value"] == 0.8


def test_candidate_lists_hold_what_the_bar_asks_for(tmp_path):
    judged = [Judgment("a", f"涂层{number}号", 1 + number % 4) for number in range(230)]
    result = evaluate([DemandCase("a", "涂层", "")], judged, EmbeddedEngine(tmp_path / "i"), resamples=20)
    assert len(result.candidates["a"]) == 200


def test_the_same_seed_gives_the_same_figures(files, engine):
    assert evaluate_files(*files, engine, seed=3, resamples=30) == evaluate_files(
        *files, engine, seed=3, resamples=30
    )


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"{", "line 1: is not a JSON object"),
        (b"[1]", "line 1: is not a JSON object"),
        (b"\xff\xfe", "is not UTF-8"),
        (b'{"need_id": "a", "result_words": [], "level": 1}', "result_words"),
        (b'{"need_id": "a", "result_words": ["x"], "level": 5}', "level must be"),
        (b'{"need_id": "a", "result_words": ["x"], "level": true}', "level must be"),
        (b'{"need_id": 7, "result_words": ["x"], "level": 1}', "need_id"),
        (b'{"need_id": "zz", "result_words": ["x"], "level": 1}', "not in the demands file"),
        (b"", "no judgments"),
    ],
)
def test_broken_judgments_end_in_a_sentence(files, content, sentence, engine):
    files[1].write_bytes(content)
    with pytest.raises(ValueError, match=sentence):
        evaluate_files(*files, engine)


@pytest.mark.parametrize(
    "row", [{}, {"need_id": "", "title": "", "text": ""}, {"need_id": "a", "title": 1, "text": ""}]
)
def test_broken_demands_end_in_a_sentence(files, row, engine):
    write(files[0], [row])
    with pytest.raises(ValueError, match="must be texts"):
        evaluate_files(*files, engine)


def test_a_demand_twice_is_refused(files, engine):
    write(files[0], [DEMANDS[0], DEMANDS[0]])
    with pytest.raises(ValueError, match="two lines"):
        evaluate_files(*files, engine)


def test_missing_and_unwritable_files_end_in_a_sentence(files, tmp_path, engine):
    with pytest.raises(ValueError, match="cannot be read"):
        evaluate_files(tmp_path / "none", files[1], engine)
    with pytest.raises(ValueError, match="cannot be written"):
        evaluate_files(*files, engine, scores_path=tmp_path / "no" / "folder", resamples=20)
