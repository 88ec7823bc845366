"""CSV files, row by row, in bounded memory."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from marketplace.errors import N_
from marketplace.importing import encodings
from marketplace.importing.problems import Unreadable

#: Characters of one physical line; longer ones are no table that a person made.
LONGEST_LINE = 2_000_000
#: Tabs are what Excel's “Unicode 文本” uses, semicolons some European exports.
_DELIMITERS = ",\t;"


class DelimitedFile:
    """A text table. Raises Unreadable while it is read when a line cannot be understood."""

    def __init__(self, path: Path):
        self._path = path
        self._encoding = encodings.detect(path)
        self._delimiter = self._most_likely_delimiter()

    def lines(self) -> Iterator[tuple[int, list[str]]]:
        """(number, cells) of every row; the header is row 1, blank rows count."""
        with self._path.open(encoding=self._encoding, newline="") as file:
            reader = csv.reader(_bounded(file), delimiter=self._delimiter, strict=True)
            number = 0
            try:
                for number, cells in enumerate(reader, 1):
                    yield number, cells
            except csv.Error as error:
                raise _explained(error, number + 1) from error

    def _most_likely_delimiter(self) -> str:
        with self._path.open(encoding=self._encoding, newline="") as file:
            header = next(_bounded(file), "")
        return max(_DELIMITERS, key=header.count)


def _bounded(file: TextIO) -> Iterator[str]:
    number = 0
    while line := file.readline(LONGEST_LINE):
        number += 1
        if len(line) == LONGEST_LINE:
            raise Unreadable(N_("第 %(line)s 行长得不像表格，请检查换行后重新导出。"), line=number)
        if "\0" in line:
            raise Unreadable(
                N_("第 %(line)s 行里有空字符（NUL），文件可能已损坏。请重新导出后再导入。"), line=number
            )
        yield line


def _explained(error: csv.Error, row: int) -> Unreadable:
    if "field larger" in str(error):
        return Unreadable(
            N_("第 %(row)s 行有一格超过 %(most)s 个字，不像一条资料。请检查引号是否成对，或拆短这一格。"),
            row=row,
            most=f"{csv.field_size_limit():,}",
        )
    return Unreadable(
        N_("第 %(row)s 行的引号不成对，后面的内容读不出来。请检查这一行，或用 Excel 重新导出。"), row=row
    )
