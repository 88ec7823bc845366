"""A file as a table: checked from end to end before the first row is handed out.

The whole file is read once to be sure that it can be, so that an import does not stop halfway at a broken
line; the second reading hands out the rows. Neither keeps more than one row in memory.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from marketplace.errors import N_
from marketplace.importing.delimited import DelimitedFile
from marketplace.importing.problems import Unreadable
from marketplace.importing.workbook import Workbook

LARGEST_FILE = 500 * 1024 * 1024
MOST_COLUMNS = 500
LONGEST_CELL = 131_072

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
#: Beginnings of files that are often chosen by mistake.
_NO_TABLE = (b"%PDF-", b"\xff\xd8\xff", b"\x89PNG", b"{\\rtf", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b")


class Lines(Protocol):
    """Something that can be read row by row, as often as wanted."""

    def lines(self) -> Iterator[tuple[int, list[str]]]: ...


@dataclass(frozen=True)
class Row:
    """One row: its number as a spreadsheet shows it, its cells by column, and how many cells are too many."""

    number: int
    cells: dict[str, str]
    surplus: int


class Table:
    """A checked table: `columns` in order and `row_count` rows that are not blank."""

    def __init__(self, source: Lines):
        self._source = source
        self.columns: tuple[str, ...] = ()
        self.row_count = 0
        for number, cells in source.lines():
            _check_cells(number, cells)
            if number == 1:
                self.columns = _header(cells)
            elif _is_filled(cells):
                self.row_count += 1
        if not self.columns:
            raise Unreadable(N_("文件是空的。第一行应为列名，下面每行一条。"))
        if not self.row_count:
            raise Unreadable(N_("文件只有列名，没有数据行。"))

    def rows(self) -> Iterator[Row]:
        """Every row that is not blank."""
        width = len(self.columns)
        for number, cells in self._source.lines():
            if number == 1 or not _is_filled(cells):
                continue
            texts = [cell.strip() for cell in cells]
            padded = [*texts, *[""] * (width - len(texts))]
            surplus = sum(1 for text in padded[width:] if text)
            yield Row(number, dict(zip(self.columns, padded, strict=False)), surplus)


def open_table(path: Path) -> Table:
    """The table in a CSV or XLSX file; its content decides the kind, not its name. Raises Unreadable."""
    try:
        return Table(_source(path))
    except OSError as error:
        raise Unreadable(
            N_("文件“%(name)s”读不出来：%(reason)s。"), name=path.name, reason=error.strerror or "I/O"
        ) from error


def _source(path: Path) -> Lines:
    if path.is_dir():
        raise Unreadable(N_("“%(name)s”是文件夹。请给出一个 CSV 或 .xlsx 文件。"), name=path.name)
    if not path.exists():
        raise Unreadable(N_("没有文件“%(name)s”。请检查路径。"), name=str(path))
    if not path.is_file():
        raise Unreadable(N_("“%(name)s”不是普通文件。请给出一个 CSV 或 .xlsx 文件。"), name=path.name)
    if path.stat().st_size > LARGEST_FILE:
        raise Unreadable(N_("文件超过 500 MB。请拆成几个文件分别导入。"))
    with path.open("rb") as file:
        head = file.read(8)
    if head.startswith(_ZIP):
        return Workbook(path)
    if head.startswith(_OLE):
        raise Unreadable(
            N_("这是旧版（.xls）或加密的 Excel 文件。请去掉密码，另存为 .xlsx 或 CSV 后再导入。")
        )
    if head.startswith(_NO_TABLE):
        raise Unreadable(N_("“%(name)s”不是表格。请给出一个 CSV 或 .xlsx 文件。"), name=path.name)
    return DelimitedFile(path)


def _header(cells: list[str]) -> tuple[str, ...]:
    names = [cell.strip() for cell in cells]
    while names and not names[-1]:
        names.pop()
    if len(names) > MOST_COLUMNS:
        raise Unreadable(
            N_("表头有 %(count)s 列，最多 %(most)s 列。请只保留要导入的列。"),
            count=f"{len(names):,}",
            most=MOST_COLUMNS,
        )
    if "" in names:
        raise Unreadable(N_("第 %(place)s 列没有列名。请补上列名或删去这一列。"), place=names.index("") + 1)
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if repeated:
        raise Unreadable(
            N_("列名重复：%(names)s。每个列名只能出现一次，请改名或删去多余的列。"),
            names="、".join(name[:30] for name in repeated[:5]),
        )
    return tuple(names)


def _check_cells(number: int, cells: list[str]) -> None:
    if any(len(cell) > LONGEST_CELL for cell in cells):
        raise Unreadable(
            N_("第 %(row)s 行有一格超过 %(most)s 个字，不像一条资料。请检查后拆短这一格。"),
            row=number,
            most=f"{LONGEST_CELL:,}",
        )
    if any("\0" in cell for cell in cells):
        raise Unreadable(
            N_("第 %(row)s 行里有空字符（NUL），文件可能已损坏。请重新导出后再导入。"), row=number
        )


def _is_filled(cells: list[str]) -> bool:
    return any(cell.strip() for cell in cells)
