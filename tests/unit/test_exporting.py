"""Tables as files: what Excel reads is what was there, and nothing in it runs."""

import csv
import io

import pytest
from openpyxl import load_workbook

from marketplace.exporting import Table, as_csv, as_xlsx, harmless, line

DANGEROUS = (
    "=1+1",
    "+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝cmd|'/c calc'!A1",
    "＋1",
    "－1",
    "＠A1",
)


@pytest.mark.parametrize("text", DANGEROUS)
def test_a_formula_becomes_a_text_in_both_kinds_of_file(text):
    assert harmless(text) == f"'{text}"
    table = Table("表", ["列"], [[text]])
    (row,) = list(csv.reader(io.StringIO(b"".join(as_csv(table)).decode("utf-8-sig"), newline="")))[1:]
    assert row == [f"'{text}"]
    cell = load_workbook(io.BytesIO(as_xlsx(table))).active["A2"]
    assert cell.data_type == "s", "a text, not a formula"
    assert cell.value.strip() == text.strip()


@pytest.mark.parametrize("cell", ["硬度 ≥60", "a=b", "", " 前有空格", "1", "C++"])
def test_other_texts_stay_as_they_are(cell):
    assert harmless(cell) == cell


def test_numbers_are_numbers_also_below_zero():
    assert harmless(-5) == "-5"
    assert line((-5, "-5", 7)) == "-5,'-5,7\r\n"


def test_csv_begins_with_the_mark_that_excel_needs_and_ends_with_the_note():
    table = Table("表", ["编号", "名称"], [["A1", '带"引号"，和,逗号'], ["A2", "两\n行"]], note="只有前 2 条")
    assert (
        b"".join(as_csv(table))
        == ('\ufeff编号,名称\r\nA1,"带""引号""，和,逗号"\r\nA2,"两\n行"\r\n只有前 2 条\r\n').encode()
    )


def test_a_workbook_has_its_headings_in_view_and_the_note_last():
    table = Table("结果[1]:*?/\\" + "长" * 40, ["编号", "数"], [["A1", 3]], note="只有前 1 条")
    sheet = load_workbook(io.BytesIO(as_xlsx(table))).active
    assert [[cell.value for cell in row] for row in sheet] == [
        ["编号", "数"],
        ["A1", 3],
        ["只有前 1 条", None],
    ]
    assert sheet["A1"].font.bold and not sheet["A2"].font.bold
    assert sheet.freeze_panes == "A2"
    assert len(sheet.title) == 31 and sheet.title.startswith("结果 1")


def test_characters_that_no_workbook_may_hold_are_left_out():
    table = Table("表", ["列"], [["a\x00b\x0bc\x1f"]])
    assert load_workbook(io.BytesIO(as_xlsx(table))).active["A2"].value == "abc"
    assert b"".join(as_csv(table)).decode("utf-8-sig") == "列\r\nabc\r\n"


def test_a_csv_of_many_rows_comes_line_by_line():
    asked = []

    def rows():
        for number in range(3):
            asked.append(number)
            yield [number]

    lines = as_csv(Table("表", ["数"], rows()))
    assert [next(lines) for _ in range(3)] == [b"\xef\xbb\xbf", "数\r\n".encode(), b"0\r\n"]
    assert asked == [0]
