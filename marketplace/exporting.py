"""The one exporter: a table of cells as CSV or XLSX, which a spreadsheet opens and never runs.

Who may see which row is decided by whoever hands the rows over. Texts of people are neutralised: a cell that a
spreadsheet would take for a formula begins with an apostrophe in CSV, and is marked as text in XLSX.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font

#: A cell that begins with one of these is a formula to a spreadsheet; the full-width signs are to Chinese Excel.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
#: Excel reads a CSV file as UTF-8 only where it begins with this mark.
_MARK = "\ufeff".encode()
_LONGEST_SHEET_NAME = 31
_NOT_IN_SHEET_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\", " "))


@dataclass(frozen=True)
class Table:
    """A table to export: headings, rows of as many cells, and a sentence below them where there is one to say."""

    title: str
    headings: Sequence[str]
    rows: Iterable[Sequence[object]]
    note: str | None = None


def harmless(cell: object) -> str:
    """The cell as a text of CSV that no spreadsheet takes for a formula."""
    text = ILLEGAL_CHARACTERS_RE.sub("", str(cell))
    return f"'{text}" if isinstance(cell, str) and text.startswith(_FORMULA) else text


def line(cells: Iterable[object]) -> str:
    """One line of a CSV file (RFC 4180), its end included."""
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerow([harmless(cell) for cell in cells])
    return buffer.getvalue()


def as_csv(table: Table) -> Iterator[bytes]:
    """The table as a CSV file that Excel opens: UTF-8 with its mark, line by line. The note is the last line."""
    yield _MARK
    for cells in _lines(table):
        yield line(cells).encode()


def as_xlsx(table: Table) -> bytes:
    """The table as a workbook of one sheet: headings bold and kept in view, every text a text."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(table.title.translate(_NOT_IN_SHEET_NAMES)[:_LONGEST_SHEET_NAME])
    sheet.freeze_panes = "A2"
    bold = Font(bold=True)
    for number, cells in enumerate(_lines(table)):
        made = [_text_cell(sheet, cell) for cell in cells]
        if number == 0:
            for cell in made:
                cell.font = bold
        sheet.append(made)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _lines(table: Table) -> Iterator[Sequence[object]]:
    yield table.headings
    yield from table.rows
    if table.note:
        yield (table.note,)


def _text_cell(sheet, value: object) -> WriteOnlyCell:
    if not isinstance(value, str):
        return WriteOnlyCell(sheet, value)
    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", value))
    cell.data_type = "s"
    return cell
