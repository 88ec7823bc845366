"""Importing listings: idempotent, resumable, honest about defects, and the same as one by one."""

import csv
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from marketplace import audit, outbox, workflow
from marketplace.accounts.models import Organisation
from marketplace.accounts.services import installed
from marketplace.extensions import db
from marketplace.importing.mapping import RowMapping
from marketplace.importing.runner import Judged, Record
from marketplace.listings import freshness, states
from marketplace.listings.content import Kind
from marketplace.listings.models import Listing, ListingRevision
from marketplace.listings.services import drafts, importing, publication, reading
from marketplace.notices.models import Mail, Notice
from marketplace.permissions import SYSTEM, VISITOR, Role
from marketplace.web.transaction import unit_of_work
from tests import factories

HEADER = "source_id,title,principle,field_codes,modes,price,contact_name"


def line(number, title=None, price="45万元"):
    return f"{number},{title or f'第{number}项耐磨涂层技术'},等离子堆焊,05,普通许可,{price},示例联系人"


def table(*lines):
    return "\n".join((HEADER, *lines)) + "\n"


@pytest.fixture
def run(app, tmp_path):
    """Runs the command on a text; returns its result and the lines of the report."""

    def start(text, *options, kind="achievement", name="rows.csv", encoding="utf-8"):
        path, report = tmp_path / name, tmp_path / "report.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        report.unlink(missing_ok=True)
        result = app.test_cli_runner().invoke(
            args=["listings", "import", kind, str(path), "--report", str(report), *options]
        )
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        db.session.rollback()
        return result, _lines(report)

    return start


def _lines(report):
    if not report.exists():
        return []
    with report.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))[1:]


def count(model):
    return db.session.scalar(select(func.count()).select_from(model))


def everything():
    """Every row that an import may write, as plain values."""
    tables = (Listing, ListingRevision, workflow.HistoryEntry, outbox.OutboxRow, audit.AuditEntry)
    return [db.session.execute(select(table.__table__).order_by(table.id)).all() for table in tables]


def listing_of(source_id):
    return db.session.scalar(select(Listing).where(Listing.source_id == str(source_id)))


def test_rows_are_published_quietly_and_a_second_run_changes_nothing(run):
    text = table(*(line(i) for i in range(1, 8)))
    result, lines = run(text, "--publish")
    assert (result.exit_code, lines) == (0, [])
    assert "7 rows, 7 new, 0 rejected" in result.output
    before = everything()
    assert [listing.number[-5:] for listing in before[0]] == [f"{i:05d}" for i in range(1, 8)]
    assert reading.public(db.session, VISITOR, listing_of(3).number).content.title == "第3项耐磨涂层技术"
    assert outbox.depth(db.session) == {"index": 8, "vocabulary": 7, "matching": 7, "pooling": 7}
    assert all(row.quiet for row in db.session.scalars(select(outbox.OutboxRow)))
    assert (count(Notice), count(Mail)) == (0, 0)
    again, _lines_again = run(text, "--publish")
    assert "7 unchanged" in again.output
    assert everything() == before


def test_one_audit_row_says_what_was_imported(run):
    run(table(line(1), line(2)), "--publish")
    rows = db.session.scalars(
        select(audit.AuditEntry).where(audit.AuditEntry.action == "listings.import")
    ).all()
    assert len(rows) == 1
    assert rows[0].data["file"] == "rows.csv"
    assert rows[0].data["rows"] == 2
    assert len(rows[0].data["sha256"]) == 64


def sink(now, publish=True, source="示例来源", kind=Kind.DEMAND):
    mapping = RowMapping(source, kind.value, "id", (), {})
    owner = importing.owner_finder(mapping, None, now=now)
    return importing.ListingSink(mapping, owner, publish=publish, now=now, facts={})


@pytest.mark.parametrize("content", [factories.demand(), factories.demand(limited=True, hide_owner=True)])
def test_the_bulk_path_ends_in_the_same_rows_as_the_single_one(session, now, content):
    source = installed.ensure_source(session, "示例来源", "150000", now=now)
    bulk = sink(now)
    bulk.store(session, [Judged(Record(2, "bulk", {}), content)])
    single = drafts.create_listing(session, Kind.DEMAND, source.id, author_id=None, now=now)
    single.source, single.source_id = "示例来源", "single"
    revision = drafts.add_revision(session, single, content, None, now=now)
    workflow.apply(session, states.REVISION, revision, "accept_import", actor=SYSTEM, now=now, quiet=True)
    publication.publish(session, revision, now=now, quiet=True)
    session.flush()
    assert _as_told(session, "bulk") == _as_told(session, "single")


def _as_told(session, source_id):
    """A listing with its revision, history and outbox rows, without what tells any two records apart."""
    session.expire_all()
    listing = session.scalar(select(Listing).where(Listing.source_id == source_id))
    revision = listing.accepted_revision
    histories = [
        (h.subject_type, h.action, h.from_state, h.to_state, h.actor_id, h.reason, h.data, h.at)
        for kind, record in (("listing", listing.id), ("revision", revision.id))
        for h in workflow.history(session, kind, record)
    ]
    events = session.execute(
        select(outbox.OutboxRow.consumer, outbox.OutboxRow.quiet, outbox.OutboxRow.created_at)
        .where(outbox.OutboxRow.entity_type == "listing", outbox.OutboxRow.entity_id == listing.id)
        .order_by(outbox.OutboxRow.consumer)
    ).all()
    apart = {"id", "number", "version", "source_id", "listing_id", "accepted_revision_id"}
    columns = [
        {name: getattr(row, name) for name in set(row.__table__.columns.keys()) - apart}
        for row in (listing, revision)
    ]
    return columns, revision.number, histories, events


def test_a_changed_row_becomes_a_new_revision(run):
    run(table(line(1), line(2)), "--publish")
    result, lines = run(table(line(1, "改过的标题写在这里"), line(2)), "--publish")
    assert (result.exit_code, lines) == (0, [])
    assert "1 changed" in result.output and "1 unchanged" in result.output
    changed = listing_of(1)
    assert [(r.number, r.state) for r in changed.revisions] == [(1, "accepted"), (2, "accepted")]
    assert reading.public(db.session, VISITOR, changed.number).content.title == "改过的标题写在这里"
    assert [h.action for h in workflow.history(db.session, "listing", changed.id)] == ["publish"] * 2


@pytest.mark.parametrize("act", ["edit", "withdraw"])
def test_a_listing_somebody_took_in_hand_is_left_alone_and_reported(run, act, now):
    with unit_of_work() as session:
        house = factories.organisation(session, now=now, kind="university")
        manager = factories.actor(session, Role.UNIT_MANAGER, house, now=now)
        code = house.credit_code
    run(table(line(1)), "--publish", "--organisation", code)
    with unit_of_work() as session:
        listing = listing_of(1)
        if act == "edit":
            drafts.edit(session, manager, listing.number, now=now)
        else:
            publication.withdraw(
                session, manager, listing.number, "stopped", version=listing.version, now=now
            )
    before = everything()[:3]
    result, lines = run(table(line(1, "来源又改了标题")), "--publish", "--organisation", code)
    assert result.exit_code == 0
    assert "1 left alone" in result.output
    assert lines[0][:3] == ["2", "1", "source_id"]
    assert "未覆盖" in lines[0][3]
    assert everything()[:3] == before


def test_a_paused_listing_gets_the_new_text_and_stays_paused(run, now):
    run(table(line(1)), "--publish")
    with unit_of_work() as session:
        operator = factories.operator(session, now=now)
        listing = listing_of(1)
        publication.pause(session, operator, listing.number, "核实中", version=listing.version, now=now)
    run(table(line(1, "改过的标题写在这里")), "--publish")
    listing = listing_of(1)
    assert (listing.state, listing.accepted_revision.title) == ("paused", "改过的标题写在这里")


def test_drafts_are_published_by_a_later_run_that_says_so(run):
    run(table(line(1)))
    assert (listing_of(1).state, listing_of(1).revisions[0].state) == ("unpublished", "draft")
    result, _lines = run(table(line(1)), "--publish")
    assert "1 published" in result.output
    assert (listing_of(1).state, listing_of(1).revisions[0].state) == ("published", "accepted")


def test_defects_are_kept_and_reported(run):
    text = (
        "source_id,title,goal,price,validity,modes,field_codes\n"
        "a,只有标题没有说明,,面议,2019-01-01至2020-01-01,普通许可,05\n"
        "b,,只有说明没有标题的需求,看情况,,,99\n"
        "c,,,,,,\n"
    )
    result, lines = run(text, "--publish", kind="demand")
    assert result.exit_code == 3
    assert "2 new, 1 rejected" in result.output
    assert {(x[0], x[2], x[3]) for x in lines} == {
        ("2", "price", "只写了“面议”，没有价格区间"),
        ("2", "goal", "没有说明文字"),
        ("2", "validity", "来源网站标注的有效期已过"),
        ("3", "title", "没有标题，用说明文字的开头代替"),
        ("3", "price", "「看情况」无法识别"),
        ("3", "price", "没有价格或预算"),
        ("3", "field_codes", "「99」无法识别"),
        ("3", "field_codes", "没有技术领域"),
        ("3", "modes", "没有合作方式"),
        ("4", "title", "既没有标题也没有说明文字"),
    }
    assert [x[5] for x in lines].count("未导入") == 1
    assert all(x[4] for x in lines)
    assert listing_of("b").accepted_revision.title == "只有说明没有标题的需求"


def test_imported_validity_is_information_and_confirmation_starts_today(run, app):
    run(
        "source_id,title,goal,validity\n1,过期的需求标题,要达到的目标,2019-01-01至2020-01-01\n",
        "--publish",
        kind="demand",
    )
    listing = listing_of(1)
    assert listing.confirmed_on == app.extensions["clock"].today()
    assert not freshness.needs_confirmation(listing.confirmed_on, listing.confirmed_on + timedelta(days=90))
    assert listing.accepted_revision.typed_content().valid_to.year == 2020


def test_listings_belong_to_the_source_or_to_the_organisation_named(run, now):
    with unit_of_work() as session:
        house = factories.organisation(session, now=now)
        code = house.credit_code
    run(table(line(1)))
    run(table(line(1)), "--organisation", code.lower())
    owners = db.session.scalars(select(Organisation).join(Listing).order_by(Listing.id)).all()
    assert [owner.credit_code for owner in owners] == [None, code]
    source = owners[0]
    assert (source.party_kind, source.organisation_type, source.state) == ("OTHER", "source", "verified")
    run(table(line(2)))
    assert count(Organisation) == 2


@pytest.mark.parametrize(
    ("code", "word"),
    [("91150100MA0000001B", "校验位"), ("123", "18 位"), (factories.credit_code(7), "没有代码为")],
)
def test_an_unknown_organisation_stops_the_import(run, code, word):
    result, _lines = run(table(line(1)), "--organisation", code)
    assert result.exit_code == 2
    assert word in result.output
    assert count(Listing) == 0


def test_an_unverified_organisation_stops_the_import(run, now):
    with unit_of_work() as session:
        code = factories.organisation(session, now=now, verified=False).credit_code
    assert run(table(line(1)), "--organisation", code)[0].exit_code == 2


def test_a_number_that_belongs_to_another_organisation_is_left_alone(session, now):
    house = factories.organisation(session, now=now)
    sink(now).store(session, [Judged(Record(2, "1", {}), factories.demand())])
    mapping = RowMapping("示例来源", "demand", "id", (), {})
    owner = importing.owner_finder(mapping, house.credit_code, now=now)
    other = importing.ListingSink(mapping, owner, publish=True, now=now, facts={})
    stored = other.store(session, [Judged(Record(2, "1", {}), factories.demand(title="换了一个标题"))])
    assert dict(stored.counts) == {"left alone": 1}
    assert stored.findings[0].wrong == "这个编号已属于另一单位"


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_an_interrupted_import_is_finished_by_running_it_again(run, monkeypatch, error, app):
    text = table(*(line(i) for i in range(1, 701)))
    store, calls = importing.ListingSink.store, []

    def breaking(self, session, accepted):
        stored = store(self, session, accepted)
        calls.append(len(accepted))
        if len(calls) == 2:
            raise error
        return stored

    monkeypatch.setattr(importing.ListingSink, "store", breaking)
    if error is KeyboardInterrupt:
        result, _lines = run(text, "--publish")
        assert result.exit_code == 130
        assert "再运行一次" in result.output
    else:
        with pytest.raises(AssertionError):
            run(text, "--publish")
        db.session.rollback()
    assert count(Listing) == 300
    monkeypatch.setattr(importing.ListingSink, "store", store)
    result, _lines = run(text, "--publish")
    assert (result.exit_code, count(Listing), count(ListingRevision)) == (0, 700, 700)
    assert "400 new" in result.output and "300 unchanged" in result.output
    numbers = db.session.scalars(select(Listing.number).order_by(Listing.id)).all()
    assert [number[-5:] for number in numbers] == [f"{i:05d}" for i in range(1, 701)]


def test_two_imports_of_one_source_at_once_do_not_store_a_row_twice(run, monkeypatch):
    run(table(line(1)))
    monkeypatch.setattr(importing.ListingSink, "_known", lambda *_args: {})
    result, _lines = run(table(line(1)))
    assert result.exit_code == 2
    assert "再运行一次" in result.output
    assert count(Listing) == 1


def test_a_dry_run_says_everything_and_stores_nothing(run):
    result, lines = run(table(line(1), line(2, price="面议"), "3,,,,,,"), "--publish", "--dry-run")
    assert result.exit_code == 3
    assert "dry run, nothing stored: 3 rows, 2 new, 1 rejected" in result.output
    assert len(lines) == 2
    assert (count(Listing), count(Organisation), count(outbox.OutboxRow)) == (0, 0, 0)
