"""The runner: batches and transactions, rejected rows, interruption and running again, the report."""

import csv
from collections import Counter
from contextlib import contextmanager

import pytest

from marketplace.importing import fields as readers
from marketplace.importing import mapping as mappings
from marketplace.importing.fields import Field
from marketplace.importing.problems import Finding, Unreadable, quoted
from marketplace.importing.progress import progress
from marketplace.importing.report import COLUMNS, Report
from marketplace.importing.runner import Judged, Stored, run
from marketplace.importing.table import open_table

FIELDS = {"title": Field("title", "标题", "写清对象", readers.text("title", 5))}


class Shelf:
    """A store of titles by key, with transactions that can be taken back or break."""

    def __init__(self):
        self.kept: dict[str, str] = {}
        self.commits = 0
        self.break_at = None

    @contextmanager
    def transaction(self):
        draft = dict(self.kept)
        yield draft
        if self.commits == self.break_at:
            raise KeyboardInterrupt
        self.kept = draft
        self.commits += 1

    def judge(self, record):
        title = record.values.get("title", "")
        if not title:
            return Judged(record, None, (Finding(record.row, record.key, "标题", "空", "写标题", False),))
        findings = (Finding(record.row, record.key, "标题", "短", "写长"),) if len(title) < 2 else ()
        return Judged(record, title, findings)

    def store(self, draft, accepted):
        new = [judged for judged in accepted if judged.record.key not in draft]
        draft.update((judged.record.key, judged.content) for judged in new)
        return Stored(Counter(new=len(new), unchanged=len(accepted) - len(new)))


@pytest.fixture
def shelf():
    return Shelf()


@pytest.fixture
def importer(saved, tmp_path, shelf):
    """Imports a text; returns totals and the lines of the report."""

    def start(text, **options):
        table = open_table(saved(text))
        mapping = mappings.by_name(table.columns, FIELDS, "thing", "示例")
        path = tmp_path / "report.csv"
        with Report(path) as report:
            totals = run(
                table,
                mapping,
                shelf,
                report,
                transaction=shelf.transaction,
                advance=options.pop("advance", lambda more: None),
                **options,
            )
        with path.open(encoding="utf-8-sig", newline="") as file:
            return totals, list(csv.reader(file))[1:]

    return start


def rows(count):
    return "source_id,title\n" + "".join(f"{i},标题{i}\n" for i in range(count))


def test_rows_are_stored_in_batches_one_transaction_each(importer, shelf):
    told = []
    totals, lines = importer(rows(7), batch=3, advance=told.append)
    assert (totals.rows, totals.rejected, totals.counts["new"]) == (7, 0, 7)
    assert (shelf.commits, told, lines) == (3, [3, 3, 1], [])


def test_a_second_run_finds_everything_there(importer, shelf):
    importer(rows(7), batch=3)
    before = dict(shelf.kept)
    totals, _lines = importer(rows(7), batch=3)
    assert totals.counts == Counter(unchanged=7)
    assert shelf.kept == before


@pytest.mark.parametrize("batch_that_breaks", [0, 1, 2])
def test_an_interrupted_run_keeps_whole_batches_and_is_finished_by_the_next(
    importer, shelf, batch_that_breaks
):
    shelf.break_at = batch_that_breaks
    with pytest.raises(KeyboardInterrupt):
        importer(rows(7), batch=3)
    assert len(shelf.kept) == batch_that_breaks * 3
    shelf.break_at = None
    totals, _lines = importer(rows(7), batch=3)
    assert len(shelf.kept) == 7
    assert totals.counts["new"] == 7 - batch_that_breaks * 3


def test_a_dry_run_reports_and_stores_nothing(importer, shelf):
    totals, lines = importer("source_id,title\n1,甲\n2,乙乙\n", dry_run=True)
    assert totals.counts["new"] == 2
    assert (shelf.kept, shelf.commits) == ({}, 0)
    assert len(lines) == 1


def test_unusable_rows_are_rejected_and_good_ones_kept(importer, shelf):
    text = (
        "source_id,title\n1,好标题\n,没编号\n1,又一遍\n3,多,一格\n"
        + "9" * 81
        + ",编号太长\n4,\n5,甲\n6,太长的标题\n"
    )
    totals, lines = importer(text)
    assert (totals.rows, totals.rejected) == (8, 5)
    assert shelf.kept == {"1": "好标题", "5": "甲", "6": "太长的标题"}
    assert [(line[0], line[2], line[5]) for line in lines] == [
        ("3", "source_id", "未导入"),
        ("4", "source_id", "未导入"),
        ("5", "（整行）", "未导入"),
        ("6", "source_id", "未导入"),
        ("7", "标题", "未导入"),
        ("8", "标题", "已导入，待补"),
    ]
    assert all(line[3] and line[4] for line in lines)
    assert "与第 2 行相同" in lines[1][3]


def test_what_a_cell_says_too_much_is_reported_with_its_column(importer):
    _totals, lines = importer("source_id,title\n1,六个字的标题\n")
    assert lines == [["2", "1", "title", "有 6 个字，已截短", "最多 5 个字", "已导入，待补"]]


def test_the_report_is_a_file_that_excel_opens_without_running_formulas(tmp_path):
    path = tmp_path / "new" / "report.csv"
    with Report(path) as report:
        report.add([Finding(9, "=1+1", "@x", "错", "对"), Finding(2, "a", "b", "错", "对", False)])
        assert report.lines == 2
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        header, first, second = csv.reader(file)
    assert tuple(header) == COLUMNS
    assert first[0] == "2"
    assert second[1:3] == ["'=1+1", "'@x"]


def test_a_report_that_cannot_be_written_is_said(tmp_path):
    with pytest.raises(Unreadable, match="--report"):
        Report(tmp_path)


def test_cells_are_quoted_on_one_line_and_shortened():
    assert quoted("甲\n 乙") == "「甲 乙」"
    assert quoted("字" * 50, 5) == "「字字字字字…」"


def test_progress_is_plain_lines_where_there_is_no_terminal(capsys):
    with progress(5, "import") as advance:
        advance(3)
        advance(2)
    assert capsys.readouterr().out == "import: 3/5\nimport: 5/5\n"


def test_progress_is_a_bar_on_a_terminal(capsys, monkeypatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    with progress(5, "import") as advance:
        advance(5)
    assert "100%" in capsys.readouterr().out
