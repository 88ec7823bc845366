"""`flask listings import` and `template` as a person uses them: exit codes, encodings, real files."""

import csv
import io

import openpyxl
import pytest
from sqlalchemy import func, select

from marketplace.accounts.models import Organisation
from marketplace.config import ROOT
from marketplace.extensions import db
from marketplace.listings.models import Listing
from tests.conftest import BENCHMARK

TEXT = "source_id,title,principle,price\n1,高炉风口耐磨涂层,等离子堆焊,45万元\n"


@pytest.fixture
def flask(app):
    """Runs a command; nothing but an exit code may come out of it."""

    def start(*arguments):
        result = app.test_cli_runner().invoke(args=[str(argument) for argument in arguments])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        db.session.rollback()
        return result

    return start


def titles():
    return [listing.revisions[-1].title for listing in db.session.scalars(select(Listing))]


def workbook(rows):
    book, stream = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_files_in_every_promised_encoding_go_in(flask, tmp_path, encoding):
    path = tmp_path / "rows.csv"
    path.write_bytes(TEXT.encode(encoding))
    assert flask("listings", "import", "achievement", path).exit_code == 0
    assert titles() == ["高炉风口耐磨涂层"]


def test_a_workbook_goes_in_and_the_report_has_a_place_of_its_own(flask, tmp_path, app):
    path = tmp_path / "rows.xlsx"
    path.write_bytes(workbook(csv.reader(TEXT.splitlines())))
    result = flask("listings", "import", "achievement", path, "--publish")
    assert result.exit_code == 0
    assert titles() == ["高炉风口耐磨涂层"]
    report = app.extensions["settings"].home / "reports" / "rows.report.csv"
    assert str(report) in result.output
    assert "没有技术领域" in report.read_text(encoding="utf-8-sig")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0" * 100,
        b"id\n",
        b'a,b\n"1,2\n',
        bytes(range(256)) * 10,
        workbook([["a"], ["1"]])[:-300],
        (",".join(f"c{i}" for i in range(100_000)) + "\n1\n").encode(),
        b"source_id,titel\n1,a\n",
        b"title\na\n",
    ],
)
def test_a_file_that_cannot_be_read_ends_with_2_and_one_sentence(flask, tmp_path, content):
    path = tmp_path / "rows.csv"
    path.write_bytes(content)
    result = flask("listings", "import", "achievement", path)
    assert result.exit_code == 2
    assert "Traceback" not in result.output
    assert len(result.output.splitlines()) == 1
    assert db.session.scalar(select(func.count(Listing.id))) == 0


def test_other_things_that_cannot_be_used_end_with_2(flask, tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text(TEXT)
    broken = tmp_path / "map.yaml"
    broken.write_text("source: [")
    for options in ((tmp_path,), (tmp_path / "none.csv",), (path, "--map", broken), (path, "--report", path)):
        result = flask("listings", "import", "achievement", *options)
        assert (result.exit_code, len(result.output.splitlines())) == (2, 1), result.output
    assert path.read_text() == TEXT


def test_rejected_rows_end_with_3_and_good_ones_are_in(flask, tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text(TEXT + "2,,,\n")
    assert flask("listings", "import", "achievement", path).exit_code == 3
    assert titles() == ["高炉风口耐磨涂层"]


@pytest.mark.parametrize("kind", ["achievement", "demand"])
def test_the_template_is_understood_by_the_import(flask, tmp_path, kind):
    path = tmp_path / "template.csv"
    written = flask("listings", "template", kind, path)
    assert written.exit_code == 0
    assert "price: 价格或预算" in written.output
    with path.open("a", encoding="utf-8") as file:
        file.write("1,按模板填写的标题\n")
    assert flask("listings", "import", kind, path).exit_code == 0
    assert titles() == ["按模板填写的标题"]
    assert flask("listings", "template", kind, path).exit_code == 2


def test_help_shows_an_example(flask):
    for command in ("import", "template"):
        assert "Example: flask listings" in flask("listings", command, "--help").output


@pytest.mark.benchmark
def test_the_real_files_go_in_but_for_one_row(flask, tmp_path):
    found = {}
    for kind, name, rows in (
        ("achievement", "zhejiang_market_results", 2810),
        ("demand", "zhejiang_market_needs", 1729),
    ):
        report = tmp_path / f"{kind}.csv"
        result = flask(
            *("listings", "import", kind, BENCHMARK / "listings" / f"{name}.csv", "--publish"),
            *("--map", ROOT / "seed_data" / "import_maps" / f"{name}.yaml", "--report", report),
        )
        rejected = 1 if kind == "demand" else 0
        assert result.exit_code == (3 if rejected else 0), result.output
        assert f"{rows} rows, {rows - rejected} new, {rejected} rejected" in result.output
        with report.open(encoding="utf-8-sig", newline="") as file:
            found[kind] = list(csv.DictReader(file))
    _check_rejected_row(found["demand"])
    assert {line["问题"] for lines in found.values() for line in lines} == {
        "只写了“面议”，没有价格区间",
        "没有说明文字",
        "没有价格或预算",
        "没有技术领域",
        "来源网站标注的有效期已过",
        "没有合作方式",
        "既没有标题也没有说明文字",
    }
    published = db.session.execute(
        select(Listing.kind, func.count()).where(Listing.state == "published").group_by(Listing.kind)
    )
    assert dict(published.all()) == {"achievement": 2810, "demand": 1728}
    assert db.session.scalar(select(func.count(Organisation.id))) == 1


def _check_rejected_row(lines):
    rejected = [line for line in lines if line["处理"] == "未导入"]
    assert [(line["行号"], line["编号"]) for line in rejected] == [("833", "zjn-0832")]
