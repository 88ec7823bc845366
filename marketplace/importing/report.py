"""The report of an import: one line per rejected row and per defect kept, as CSV that Excel opens."""

from collections.abc import Iterable
from pathlib import Path
from typing import Self

from marketplace import exporting
from marketplace.errors import N_
from marketplace.importing.problems import Finding, Unreadable

COLUMNS = ("行号", "编号", "列", "问题", "应为", "处理")
KEPT, REJECTED = "已导入，待补", "未导入"


class Report:
    """An open report file; written through after every batch, so that an interrupted run leaves its part."""

    def __init__(self, path: Path):
        self.path = path
        self.lines = 0
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("w", encoding="utf-8-sig", newline="")
        except OSError as error:
            raise Unreadable(
                N_("报告文件“%(name)s”写不了：%(reason)s。请用 --report 换一个位置。"),
                name=str(path),
                reason=error.strerror or "I/O",
            ) from error
        self._write(COLUMNS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._file.close()

    def add(self, findings: Iterable[Finding]) -> None:
        """Write findings in the order of their rows."""
        for found in sorted(findings, key=lambda finding: finding.row):
            kept = KEPT if found.kept else REJECTED
            self._write((found.row, found.key, found.column, found.wrong, found.right, kept))
            self.lines += 1
        self._file.flush()

    def _write(self, cells: Iterable[object]) -> None:
        self._file.write(exporting.line(cells))
