"""`flask listings …`: importing listings from files, and the template for such a file."""

import csv
import hashlib
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from marketplace.errors import MarketError
from marketplace.importing import mapping as mappings
from marketplace.importing.mapping import RowMapping
from marketplace.importing.problems import Unreadable
from marketplace.importing.progress import progress
from marketplace.importing.report import Report
from marketplace.importing.runner import Totals, run
from marketplace.importing.table import Table, open_table
from marketplace.listings.content import Kind
from marketplace.listings.services import import_fields, importing
from marketplace.web.transaction import unit_of_work

SOME_REJECTED, CANNOT_READ, INTERRUPTED = 3, 2, 130

listings = AppGroup("listings", help="Achievements and demands.")
COMMANDS = (listings,)

_KIND = click.Choice([kind.value for kind in Kind])
_FILE = click.Path(path_type=Path)


@listings.command("import")
@click.argument("kind", type=_KIND)
@click.argument("file", type=_FILE)
@click.option("--map", "map_file", type=_FILE, help="YAML file that says which column is which field.")
@click.option("--publish", is_flag=True, help="Show the listings to the public at once.")
@click.option(
    "--organisation", metavar="CODE", help="Credit code of the verified organisation they belong to."
)
@click.option("--dry-run", is_flag=True, help="Do everything, write the report, store nothing.")
@click.option("--report", "report_file", type=_FILE, help="Where to write the report (CSV).")
def import_file(
    kind: str,
    file: Path,
    map_file: Path | None,
    publish: bool,
    organisation: str | None,
    dry_run: bool,
    report_file: Path | None,
) -> None:
    """Import achievements or demands from a CSV or XLSX file; running it again changes nothing.

    Without --map the columns are named as the fields (see `flask listings template`). Exit code 0: all
    rows are in; 3: some were rejected, see the report; 2: the file cannot be read.

    Example: flask listings import achievement results.csv --map seed_data/import_maps/results.yaml --publish
    """
    now = current_app.extensions["clock"].now()
    with _sentences_for_errors():
        fields = import_fields.fields_of(Kind(kind))
        table = open_table(file)
        mapping = _mapping(map_file, fields, table, kind, organisation)
        mapping.check(table.columns)
        owner = importing.owner_finder(mapping, organisation, now=now)
        if organisation:
            with unit_of_work() as session:
                importing.owner_by_code(session, organisation)
        sink = importing.ListingSink(mapping, owner, publish=publish, now=now, facts=_facts(file, table))
        with (
            Report(_report_path(file, report_file)) as report,
            progress(table.row_count, "import") as advance,
        ):
            totals = run(
                table, mapping, sink, report, transaction=unit_of_work, advance=advance, dry_run=dry_run
            )
    _tell(totals, report, dry_run)
    if totals.rejected:
        sys.exit(SOME_REJECTED)


@listings.command("template")
@click.argument("kind", type=_KIND)
@click.argument("file", type=_FILE)
def template(kind: str, file: Path) -> None:
    """Write an empty CSV file with the columns an import understands, and print how to fill them.

    Example: flask listings template achievement achievements.csv
    """
    fields = import_fields.fields_of(Kind(kind))
    try:
        with file.open("x", encoding="utf-8-sig", newline="") as opened:
            csv.writer(opened).writerow(["source_id", *fields])
    except OSError as error:
        click.echo(f"“{file}”写不了：{error.strerror}。请换一个新文件名。", err=True)
        sys.exit(CANNOT_READ)
    click.echo("source_id: 每行一个不重复的编号")
    for field in fields.values():
        click.echo(f"{field.name}: {field.label}（{field.form}）")


@contextmanager
def _sentences_for_errors() -> Iterator[None]:
    """A file that cannot be used ends the command with its sentence, Ctrl-C with what to do next."""
    try:
        yield
    except MarketError as error:
        click.echo(f"import: {error}", err=True)
        sys.exit(CANNOT_READ)
    except KeyboardInterrupt:
        click.echo("import: 已中断。已写入的行不会丢，再运行一次同样的命令即可接着导入。", err=True)
        sys.exit(INTERRUPTED)


def _mapping(
    map_file: Path | None, fields: Mapping, table: Table, kind: str, organisation: str | None
) -> RowMapping:
    if map_file is not None:
        return mappings.load(map_file, fields, kind)
    source = f"{importing.DEFAULT_SOURCE} {organisation}" if organisation else importing.DEFAULT_SOURCE
    return mappings.by_name(table.columns, fields, kind, source)


def _facts(file: Path, table: Table) -> dict[str, object]:
    """What the audit row says of the file."""
    with file.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    return {"file": file.name, "sha256": digest, "rows": table.row_count}


def _report_path(file: Path, chosen: Path | None) -> Path:
    path = chosen or current_app.extensions["settings"].home / "reports" / f"{file.stem}.report.csv"
    if path.resolve() == file.resolve():
        raise Unreadable("报告不能写到被导入的文件上。请用 --report 换一个文件名。")
    return path


def _tell(totals: Totals, report: Report, dry_run: bool) -> None:
    counts = ", ".join(f"{count} {outcome}" for outcome, count in totals.counts.items() if count)
    prefix = "dry run, nothing stored: " if dry_run else ""
    click.echo(f"import: {prefix}{totals.rows} rows, {counts or '0 stored'}, {totals.rejected} rejected")
    click.echo(f"report: {report.path} ({report.lines} lines)")
