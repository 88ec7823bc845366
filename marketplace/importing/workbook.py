"""The first sheet of an Excel workbook (.xlsx), row by row, without loading it whole."""

import warnings
import zipfile
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO

import openpyxl

from marketplace.errors import N_
from marketplace.importing.problems import Unreadable

_LARGEST_UNPACKED = 300 * 1024 * 1024
_LARGEST_RATIO = 100
_LARGEST_ENTRIES = 2000
_BROKEN = N_("工作簿已损坏，打不开。请用 Excel 打开后另存为 .xlsx 或 CSV 再导入。")
_BOMB = N_("工作簿解压后过大，可能是压缩炸弹，没有打开。请另存为 CSV 后再导入。")
_NO_SHEET = N_("工作簿里没有工作表。请把数据放在第一张工作表里。")


class Workbook:
    """A workbook that has been looked at from outside. Raises Unreadable for a bomb or a broken file."""

    def __init__(self, path: Path):
        self._path = path
        _refuse_bomb(path)

    def lines(self) -> Iterator[tuple[int, list[str]]]:
        """(number, cells as text) of every row of the first sheet."""
        try:
            yield from self._rows()
        except (Unreadable, OSError):
            raise
        # openpyxl lets through whatever its XML or ZIP layer raises: KeyError, ValueError, ParseError, …
        except Exception as error:
            raise Unreadable(_BROKEN) from error

    def _rows(self) -> Iterator[tuple[int, list[str]]]:
        # By an open file: by a path openpyxl would insist on the ending .xlsx.
        with self._path.open("rb") as file, closing(_opened(file)) as book:
            if not book.worksheets:
                raise Unreadable(_NO_SHEET)
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # programs write wrong sizes, up to the largest sheet there is
            for number, cells in enumerate(sheet.iter_rows(values_only=True), 1):
                yield number, [as_text(cell) for cell in cells]


def _opened(file: BinaryIO) -> openpyxl.Workbook:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about styles and validations, which do not matter here
        return openpyxl.load_workbook(file, read_only=True, data_only=True)


def as_text(value: Any) -> str:
    """A cell as a person reads it: whole numbers without a decimal point, days as 2026-03-01."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == value.time().min else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def _refuse_bomb(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise Unreadable(_BROKEN) from error
    unpacked = sum(entry.file_size for entry in entries)
    if (
        len(entries) > _LARGEST_ENTRIES
        or unpacked > _LARGEST_UNPACKED
        or unpacked > _LARGEST_RATIO * max(path.stat().st_size, 100_000)
    ):
        raise Unreadable(_BOMB)
