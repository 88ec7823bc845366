"""Files as people send them, good and broken."""

import io
import zipfile
from pathlib import Path

import openpyxl
import pytest

HEADER = ["编号", "标题", "说明"]
ROWS = [["1", "耐磨涂层", "高炉风口用，耐高温"], ["2", "种薯扩繁", "雾培\n分批采收"]]


def csv_text(rows=(HEADER, *ROWS)) -> str:
    """A small table as CSV, cells quoted."""
    return "\r\n".join(",".join(f'"{cell}"' for cell in row) for row in rows) + "\r\n"


def workbook_bytes(rows=(HEADER, *ROWS)) -> bytes:
    """A small table as XLSX."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def with_entry(content: bytes, name: str, data: bytes) -> bytes:
    """The same archive with one entry replaced."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for entry in old.namelist():
            new.writestr(entry, data if entry == name else old.read(entry))
    return stream.getvalue()


@pytest.fixture
def saved(tmp_path: Path):
    """Writes a file and returns its path."""

    def save(content: bytes | str, name: str = "rows.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return save
