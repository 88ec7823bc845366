"""The import runner: rows in batches, each batch in one transaction; interrupted and run again without harm.

What has been stored is found again by its key, so a second run goes over it and changes nothing: that is
how an import resumes. The feature's sink decides what a row means; the runner knows only rows and keys.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Protocol

from sqlalchemy.orm import Session

from marketplace.importing.mapping import LONGEST_KEY, RowMapping
from marketplace.importing.problems import Finding, quoted
from marketplace.importing.report import Report
from marketplace.importing.table import Row, Table

BATCH = 300


@dataclass(frozen=True)
class Record:
    """A row on its way into the market: its number, its key at the source and the content values."""

    row: int
    key: str
    values: dict[str, Any]


@dataclass(frozen=True)
class Judged:
    """What the sink makes of a record: the content to store (None: rejected) and what it found."""

    record: Record
    content: Any
    findings: tuple[Finding, ...] = ()


@dataclass
class Stored:
    """What became of a batch: how many records by outcome (the sink's own words), and what it found."""

    counts: Counter = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)


class Sink(Protocol):
    """The feature's part of an import."""

    def judge(self, record: Record) -> Judged: ...

    def store(self, session: Session, accepted: Sequence[Judged]) -> Stored: ...


@dataclass
class Totals:
    """What an import did."""

    rows: int = 0
    rejected: int = 0
    counts: Counter = field(default_factory=Counter)


class _Discard(Exception):
    """Ends a dry run's transaction so that it is rolled back."""


def run(
    table: Table,
    mapping: RowMapping,
    sink: Sink,
    report: Report,
    *,
    transaction: Callable[[], AbstractContextManager[Session]],
    advance: Callable[[int], None],
    batch: int = BATCH,
    dry_run: bool = False,
) -> Totals:
    """Import a table. With `dry_run` everything is done and every transaction rolled back.

    Rejected are rows with too many cells, without an id, with an id seen before in the file, and those
    the sink rejects; all others are stored, with findings for what they lack.
    """
    totals = Totals()
    judged_rows = _judged(table, mapping, sink)
    while rows := list(islice(judged_rows, batch)):
        accepted = [judged for judged, _findings in rows if judged is not None]
        findings = [finding for _judged, found in rows for finding in found]
        stored = _store(sink, accepted, transaction, dry_run)
        report.add([*findings, *stored.findings])
        totals.rows += len(rows)
        totals.rejected += len(rows) - len(accepted)
        totals.counts += stored.counts
        advance(len(rows))
    return totals


def _store(
    sink: Sink,
    accepted: Sequence[Judged],
    transaction: Callable[[], AbstractContextManager[Session]],
    dry_run: bool,
) -> Stored:
    stored = Stored()
    try:
        with transaction() as session:
            stored = sink.store(session, accepted)
            if dry_run:
                raise _Discard
    except _Discard:
        pass
    return stored


def _judged(
    table: Table, mapping: RowMapping, sink: Sink
) -> Iterator[tuple[Judged | None, Sequence[Finding]]]:
    """Every row with what was found in it; None in place of a rejected one."""
    seen: dict[str, int] = {}
    for row in table.rows():
        key = row.cells[mapping.id_column]
        unusable = _unusable(row, key, mapping.id_column, seen, len(table.columns))
        if unusable is not None:
            yield None, [unusable]
            continue
        seen[key] = row.number
        values, problems = mapping.read(row)
        judged = sink.judge(Record(row.number, key, values))
        if judged.content is None:
            yield None, judged.findings
            continue
        cells = [Finding(row.number, key, *problem) for problem in problems]
        yield judged, [*cells, *judged.findings]


def _unusable(row: Row, key: str, column: str, seen: dict[str, int], width: int) -> Finding | None:
    """Why a row cannot be placed or found again; None when it can."""

    def rejected(where: str, wrong: str, right: str) -> Finding:
        return Finding(row.number, key[:LONGEST_KEY], where, wrong, right, kept=False)

    if row.surplus:
        return rejected(
            "（整行）", f"比表头多出 {row.surplus} 格", f"每行 {width} 格；文字里的逗号要用引号括起"
        )
    if not key:
        return rejected(column, "没有编号", "每行填一个不重复的编号，重复导入时靠它认出同一条")
    if len(key) > LONGEST_KEY:
        return rejected(column, f"编号有 {len(key)} 个字", f"最多 {LONGEST_KEY} 个字")
    if key in seen:
        return rejected(column, f"编号{quoted(key)}与第 {seen[key]} 行相同", "每行一个编号；请删去重复的一行")
    return None
