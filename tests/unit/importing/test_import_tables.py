"""Opening files: every encoding that is promised, and every way a file can be broken ends in one sentence."""

import csv
import os
from datetime import date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marketplace.importing import table as tables
from marketplace.importing.problems import Unreadable
from marketplace.importing.table import open_table
from marketplace.importing.workbook import as_text
from tests.unit.importing.conftest import HEADER, ROWS, csv_text, with_entry, workbook_bytes

SHEET = "xl/worksheets/sheet1.xml"


def cells(table):
    return [list(row.cells.values()) for row in table.rows()]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "gbk", "gb2312"]
)
def test_encodings_are_recognised(saved, encoding):
    table = open_table(saved(csv_text().encode(encoding)))
    assert table.columns == tuple(HEADER)
    assert cells(table) == ROWS
    assert table.row_count == 2


def test_utf_16_with_a_byte_order_mark_of_either_end(saved):
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        assert cells(open_table(saved(mark + csv_text().encode(encoding)))) == ROWS


def test_rare_characters_of_gb18030_are_no_reason_to_refuse(saved):
    rows = [["1", "朱镕基㐂", "𠮷野、龑、翀 一个生僻字不多的普通句子，说明用途和指标"]]
    assert cells(open_table(saved(csv_text([HEADER, *rows]).encode("gb18030")))) == rows


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_delimiters_of_spreadsheets_are_recognised(saved, delimiter):
    text = "\n".join(delimiter.join(row) for row in [HEADER, ["1", "甲", "乙"]])
    assert cells(open_table(saved(text))) == [["1", "甲", "乙"]]


def test_a_workbook_is_read_whatever_its_name(saved):
    table = open_table(saved(workbook_bytes(), "rows.csv"))
    assert cells(table) == ROWS
    assert [row.number for row in table.rows()] == [2, 3]


def test_cells_of_a_workbook_become_what_a_person_reads(saved):
    rows = [HEADER, [45.0, 0.5, datetime(2026, 3, 1)], [True, None, date(2026, 3, 2)]]
    assert cells(open_table(saved(workbook_bytes(rows)))) == [
        ["45", "0.5", "2026-03-01"],
        ["是", "", "2026-03-02"],
    ]
    assert as_text(datetime(2026, 3, 1, 8, 30)) == "2026-03-01 08:30:00"


def test_a_workbook_that_lies_about_its_size_is_read_by_its_rows(saved):
    content = workbook_bytes()
    sheet = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        '<dimension ref="A1:XFD1048576"/><sheetData>'
        '<row r="1"><c r="A1" t="inlineStr"><is><t>id</t></is></c></row>'
        '<row r="2"><c r="A2" t="inlineStr"><is><t>7</t></is></c></row>'
        "</sheetData></worksheet>"
    )
    table = open_table(saved(with_entry(content, SHEET, sheet.encode())))
    assert (table.columns, table.row_count, cells(table)) == (("id",), 1, [["7"]])


def test_blank_rows_are_passed_over_but_counted_in_the_numbers(saved):
    table = open_table(saved("id,a\n\n1,x\n,\n2,y\n"))
    assert [(row.number, row.cells["a"]) for row in table.rows()] == [(3, "x"), (5, "y")]


def test_short_and_long_rows_are_told_apart(saved):
    table = open_table(saved("id,a,b\n1\n2,x,y,,\n3,x,y,z,\n"))
    assert [(list(row.cells.values()), row.surplus) for row in table.rows()] == [
        (["1", "", ""], 0),
        (["2", "x", "y"], 0),
        (["3", "x", "y"], 1),
    ]


def test_trailing_columns_without_a_name_are_left_out(saved):
    assert open_table(saved("id,a,,\n1,x,,\n")).columns == ("id", "a")


def wide(count):
    return ",".join(f"c{i}" for i in range(count)) + "\n" + ",".join("1" for _ in range(count)) + "\n"


BROKEN = {
    "empty": (b"", "空的"),
    "only spaces": (b"  \n \n", "空的"),
    "only a header": (b"id,title\n", "没有数据行"),
    "100,000 columns": (wide(100_000).encode(), "100,000 列"),
    "NUL bytes": (b"id,title\n1,a\0b\n", "NUL"),
    "NUL far into the file": (b"id,title\n" + b"1,abcdefgh\n" * 9000 + b"2,\0\n", "NUL"),
    "a huge cell": (b'id,title\n1,"' + b"x" * 200_000 + b'"\n', "131,072"),
    "a huge line": (b"id,title\n1," + b"x" * 2_100_000 + b"\n", "第 2 行"),
    "an open quote": (b'id,title\n1,"abc\n2,def\n', "引号"),
    "text behind a quote": (b'id,title\n1,"abc"def\n', "第 2 行的引号"),
    "a repeated column": (b"id,title,title\n1,a,b\n", "列名重复：title"),
    "a column without a name": (b"id,,title\n1,a,b\n", "第 2 列没有列名"),
    "Big5": ("編號,標題\n1,讓風機葉片壽命延長的塗層技術說明\n".encode("big5"), "编码"),
    "Shift JIS": ("番号,題名\n1,カタカナとひらがなの説明文です\n".encode("shift_jis"), "编码"),
    "Latin-1": ("id,title\n1,Überprüfung für Köln, Größe\n".encode("latin-1"), "编码"),
    "UTF-8 cut in a character": (csv_text().encode()[:-8] + b"\xe9\x80", "编码"),
    "UTF-8 mark before other bytes": (b"\xef\xbb\xbfid\n\xff\xff\n", "编码"),
    "noise": (bytes(range(1, 256)) * 40, "编码"),
    "zeros": (bytes(5000), "NUL"),
    "PDF": (b"%PDF-1.7 ...", "不是表格"),
    "PNG": (b"\x89PNG\r\n\x1a\n....", "不是表格"),
    "old Excel": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "旧版"),
    "a cut workbook": (workbook_bytes()[:-400], "损坏"),
    "no workbook in the archive": (with_entry(workbook_bytes(), "xl/workbook.xml", b"<no/>"), "没有工作表"),
    "a workbook with broken XML": (
        with_entry(workbook_bytes(), SHEET, b"<worksheet><sheetData><row>"),
        "损坏",
    ),
    "a workbook without rows": (workbook_bytes([]), "空的"),
    "a zip bomb": (with_entry(workbook_bytes(), SHEET, b" " * 60_000_000), "压缩炸弹"),
    "a workbook with 100,000 columns": (
        with_entry(
            workbook_bytes(),
            SHEET,
            b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">'
            + b"".join(b'<c t="inlineStr"><is><t>c%d</t></is></c>' % i for i in range(100_000))
            + b"</row></sheetData></worksheet>",
        ),
        "100,000 列",
    ),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_file_is_refused_with_one_sentence(saved, what):
    content, word = BROKEN[what]
    with pytest.raises(Unreadable) as refused:
        open_table(saved(content))
    assert word in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_place_that_is_no_file_is_refused(tmp_path):
    for path, word in ((tmp_path, "文件夹"), (tmp_path / "none.csv", "没有文件")):
        with pytest.raises(Unreadable, match=word):
            open_table(path)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(Unreadable, match="不是普通文件"):
        open_table(pipe)


def test_a_file_that_is_too_large_is_not_read(saved, monkeypatch):
    monkeypatch.setattr(tables, "LARGEST_FILE", 10)
    with pytest.raises(Unreadable, match="500 MB"):
        open_table(saved(csv_text()))


def test_a_file_that_may_not_be_read_is_said(saved, monkeypatch):
    def refuse(*_args, **_kwargs):
        raise PermissionError(13, "Permission denied")

    path = saved(csv_text())
    monkeypatch.setattr("pathlib.Path.open", refuse)
    with pytest.raises(Unreadable, match="Permission denied"):
        open_table(path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.lists(
            st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20).map(str.strip),
            min_size=2,
            max_size=2,
        ).filter(any),
        min_size=1,
        max_size=8,
    ),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_whatever_a_spreadsheet_writes_is_read_back(tmp_path_factory, rows, encoding):
    path = tmp_path_factory.mktemp("round") / "rows.csv"
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows([["a", "b"], *rows])
    assert cells(open_table(path)) == rows


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=400))
def test_no_bytes_do_more_than_be_refused(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("noise") / "rows.csv"
    path.write_bytes(content)
    try:
        open_table(path)
    except Unreadable as refused:
        assert str(refused)
