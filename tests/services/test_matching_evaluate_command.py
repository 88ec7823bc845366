"""`flask matching evaluate` as a person uses it: one JSON object, exit codes, a sentence for what is wrong."""

import json

import pytest

DEMANDS = (
    {"need_id": "a", "title": "高炉耐磨涂层", "text": "耐高温"},
    {"need_id": "b", "title": "羊绒鉴别", "text": ""},
)
JUDGED = (
    {"need_id": "a", "result_words": ["高炉", "耐磨", "涂层"], "level": 4},
    {"need_id": "a", "result_words": ["电机"], "level": 1},
    {"need_id": "b", "result_words": ["羊绒", "纤维"], "level": 3},
)


@pytest.fixture
def evaluate(app, tmp_path):
    """Runs the command on the two small files; nothing but an exit code may come out of it."""
    for name, rows in (("needs", DEMANDS), ("judged", JUDGED)):
        lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
        (tmp_path / f"{name}.jsonl").write_text(lines, encoding="utf-8")

    def start(*options):
        files = ("--demands", tmp_path / "needs.jsonl", "--judged", tmp_path / "judged.jsonl")
        arguments = ["matching", "evaluate", *files, *options]
        result = app.test_cli_runner().invoke(args=[str(argument) for argument in arguments])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return start


def test_prints_one_object_of_figures(evaluate):
    result = evaluate()
    assert result.exit_code == 0
    figures = json.loads(result.output)
    assert (figures["demands"], figures["pairs"], figures["map"]["value"]) == (2, 3, 1.0)
    assert "mae_unseen" not in figures


def test_folds_add_the_error_on_unseen_demands(evaluate):
    figures = json.loads(evaluate("--folds", 2).output)
    assert figures["folds"] == 2
    assert set(figures["mae_unseen"]) == {"value", "low", "high"}


def test_writes_what_the_figures_come_from(evaluate, tmp_path):
    assert evaluate("--scores", tmp_path / "s", "--candidates", tmp_path / "c").exit_code == 0
    assert len((tmp_path / "s").read_text(encoding="utf-8").splitlines()) == 3
    found = [json.loads(line) for line in (tmp_path / "c").read_text(encoding="utf-8").splitlines()]
    assert {row["need_id"]: row["titles"][0] for row in found} == {"a": "高炉耐磨涂层", "b": "羊绒纤维"}


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--folds", 3), "folds must be 2 to 2, the number of demands, not 3"),
        (("--folds", 1), "1 is not in the range x>=2"),
        (("--engine", "elasticsearch"), "MARKETPLACE_SEARCH_URL names no Elasticsearch server"),
    ],
)
def test_what_cannot_be_done_ends_in_a_sentence(evaluate, options, sentence):
    result = evaluate(*options)
    assert result.exit_code == 2
    assert sentence in result.output
    assert "Traceback" not in result.output
