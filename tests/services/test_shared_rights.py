"""Rights that two listings name by the same number: found however it was typed, told to whom it may be told."""

import pytest
from alembic import command
from sqlalchemy import select

from marketplace.accounts.models import Organisation
from marketplace.extensions import db
from marketplace.listings.content import IpRight, Kind
from marketplace.listings.models import Listing, ListingRevision, ListingRight
from marketplace.listings.services import bulk_publication, drafts, publication, shared_rights
from marketplace.listings.services.bulk_publication import Publication
from marketplace.migrations import run
from marketplace.permissions import Role
from marketplace.web.transaction import unit_of_work
from tests import factories
from tests.services.trading_market import Market

PATENT = IpRight("invention_patent", "2013106535299", "一种涂层", "granted", "示例大学")
#: What check_patent lets through, and what an import or an older form may hold.
TYPED = (
    "ZL201310653529.9",
    "2013 1065 3529.9",
    "ＺＬ２０１３１０６５３５２９．９",
    "cn201310653529.9",
    "201310653529",
)


@pytest.fixture
def market(app, now) -> Market:
    return Market(app, now)


@pytest.fixture
def rival(market) -> tuple:
    """A researcher of another university, with his house."""
    with unit_of_work() as session:
        house = factories.organisation(session, now=market.now, kind="university")
        return factories.actor(session, Role.RESEARCHER, house, now=market.now), house.id


def draft(market, author, house, *rights, kind=Kind.ACHIEVEMENT, **changes) -> int:
    content = factories.achievement(ip_rights=rights, **changes)
    with unit_of_work() as session:
        owner = session.get_one(Organisation, house)
        return drafts.start(session, author, kind, owner.id, now=market.now, content=content).id


def hand_in(market, author, revision_id) -> None:
    with unit_of_work() as session:
        revision = session.get_one(ListingRevision, revision_id)
        drafts.submit(session, author, revision_id, version=revision.version, now=market.now)


def found(actor, revision_id) -> list[tuple]:
    """(number as typed, numbers of the other listings, whether there are hidden ones) of each shared right."""
    with unit_of_work() as session:
        revision = session.get_one(ListingRevision, revision_id)
        shared = shared_rights.shared(session, actor, revision)
        return [(one.right.number, [row.number for row in one.listings], one.hidden) for one in shared]


def stored() -> list[tuple[str, str]]:
    with unit_of_work() as session:
        rows = session.execute(
            select(Listing.number, ListingRight.number)
            .join(ListingRight.listing)
            .order_by(Listing.number, ListingRight.number)
        )
        return [tuple(row) for row in rows]


@pytest.mark.parametrize("typed", TYPED)
def test_a_published_one_is_found_however_the_number_was_typed(market, rival, typed):
    posted = market.offer(ip_rights=(PATENT,), title="风口用涂层的制备方法")
    again = draft(market, *rival, IpRight("invention_patent", typed), title="完全不同的标题")
    assert found(rival[0], again) == [(typed, [posted], False)]


def test_every_right_is_compared_by_itself(market, rival):
    software = IpRight("software_copyright", "2023SR0123456")
    first, second = (
        market.offer(ip_rights=(PATENT, software)),
        market.offer(ip_rights=(software,), title="风口寿命预测软件"),
    )
    other = IpRight("plant_variety", "CNA20201234.5")
    again = draft(market, *rival, other, IpRight("software_copyright", "2023sr 0123456"), PATENT)
    assert found(rival[0], again) == [
        ("2023sr 0123456", [first, second], False),
        (PATENT.number, [first], False),
    ]


def test_ones_own_listing_is_no_second_posting(market):
    posted = market.offer(ip_rights=(PATENT,))
    with unit_of_work() as session:
        revision = drafts.edit(session, market.researcher, posted, now=market.now).id
    assert found(market.researcher, revision) == []


def test_details_that_are_not_open_stay_unsaid(market, rival):
    market.offer(ip_rights=(PATENT,), confidentiality="after_agreement")
    again = draft(market, *rival, PATENT)
    assert found(rival[0], again) == [(PATENT.number, [], True)], "that there is one, not which"
    assert found(market.operator, again)[0][1:] == (["A2026-00001"], False), "staff see everything"
    inside = draft(market, market.researcher, market.unit, PATENT)
    assert found(market.researcher, inside) == [(PATENT.number, ["A2026-00001"], False)]


def test_what_is_still_being_written_is_nobodys_business(market, rival):
    draft(market, *rival, PATENT)
    own = draft(market, market.researcher, market.unit, PATENT)
    assert found(market.researcher, own) == [] and found(market.operator, own) == []


def test_what_waits_for_review_is_told_without_saying_whose(market, rival):
    theirs = draft(market, *rival, PATENT)
    hand_in(market, rival[0], theirs)
    own = draft(market, market.researcher, market.unit, PATENT)
    assert found(market.researcher, own) == [(PATENT.number, [], True)]
    assert found(market.operator, own) == [(PATENT.number, ["A2026-00001"], False)]


def test_a_second_draft_of_ones_own_is_told(market):
    draft(market, market.researcher, market.unit, PATENT)
    second = draft(market, market.researcher, market.unit, PATENT)
    assert found(market.researcher, second) == [(PATENT.number, ["A2026-00001"], False)]


def test_a_number_of_a_pending_change_is_not_told_to_outsiders(market, rival):
    posted = market.offer()
    with unit_of_work() as session:
        revision = drafts.edit(session, market.researcher, posted, now=market.now)
        rights = {"ip_rights": (PATENT,)}
        drafts.save(session, market.researcher, revision.id, rights, version=revision.version, now=market.now)
    again = draft(market, *rival, PATENT)
    assert found(rival[0], again) == [(PATENT.number, [], True)]


def test_what_was_taken_off_does_not_count(market, rival):
    posted = market.offer(ip_rights=(PATENT,))
    again = draft(market, *rival, PATENT)
    assert found(rival[0], again) == [(PATENT.number, [posted], False)]
    with unit_of_work() as session:
        listing = session.scalar(select(Listing).where(Listing.number == posted))
        publication.withdraw(
            session, market.researcher, posted, "transferred", version=listing.version, now=market.now
        )
    assert found(rival[0], again) == []


def test_the_table_follows_the_content(market):
    posted = market.offer(ip_rights=(PATENT, IpRight("software_copyright", "2023SR0123456")))
    assert stored() == [(posted, "2013106535299"), (posted, "2023SR0123456")]
    with unit_of_work() as session:
        revision = drafts.edit(session, market.researcher, posted, now=market.now)
        rights = (PATENT, IpRight("plant_variety", "CNA20201234.5"), IpRight("trade_secret", "无"))
        drafts.save(session, market.researcher, revision.id, {"ip_rights": rights}, version=1, now=market.now)
        revision_id = revision.id
    both = [(posted, "2013106535299"), (posted, "2023SR0123456"), (posted, "CNA202012345")]
    assert stored() == both, "what the public sees, and what is being written"
    hand_in(market, market.researcher, revision_id)
    with unit_of_work() as session:
        revision = session.get_one(ListingRevision, revision_id)
        publication.accept(session, market.operator, revision.id, version=revision.version, now=market.now)
    assert stored() == [both[0], both[2]]


def test_nothing_is_stored_when_the_change_is_not(market):
    posted = market.offer()
    with pytest.raises(RuntimeError), unit_of_work() as session:
        revision = drafts.edit(session, market.researcher, posted, now=market.now)
        drafts.save(
            session, market.researcher, revision.id, {"ip_rights": (PATENT,)}, version=1, now=market.now
        )
        raise RuntimeError
    assert stored() == []


def test_publishing_in_bulk_writes_the_numbers_of_what_is_published(market):
    posted = market.offer(ip_rights=(PATENT,))
    content = factories.achievement(ip_rights=(IpRight("software_copyright", "2023SR0123456"),))
    with unit_of_work() as session:
        listing = session.scalar(select(Listing).where(Listing.number == posted))
        revision = drafts.add_revision(session, listing, content, None, now=market.now)
        published = [Publication(listing.id, revision.id, content)]
        bulk_publication.publish_imported(session, published, now=market.now)
    assert stored() == [(posted, "2023SR0123456")]


def imported(app, tmp_path, *rights: str, publish: bool = False) -> None:
    """Import one achievement with these rights."""
    path = tmp_path / "rows.csv"
    header = "source_id,title,principle,field_codes,modes,price,contact_name,ip_rights"
    row = f"1,示例耐磨涂层技术,等离子堆焊,05,普通许可,45万元,示例联系人,{'；'.join(rights)}"
    path.write_text(f"{header}\n{row}\n", encoding="utf-8")
    options = ("--report", str(tmp_path / "report.csv"), *(("--publish",) if publish else ()))
    result = app.test_cli_runner().invoke(args=["listings", "import", "achievement", str(path), *options])
    assert result.exit_code == 0, result.output


def test_an_import_writes_numbers_too_and_keeps_those_of_what_is_published(app, market, tmp_path):
    imported(app, tmp_path, "发明专利|ZL201310653529.9", publish=True)
    assert stored() == [("A2026-00001", "2013106535299")]
    imported(app, tmp_path, "软件著作权|2023SR0123456")
    assert stored() == [("A2026-00001", "2013106535299"), ("A2026-00001", "2023SR0123456")]
    imported(app, tmp_path, "软件著作权|2023SR0123456", publish=True)
    assert stored() == [("A2026-00001", "2023SR0123456")]


def test_an_upgrade_finds_the_numbers_of_what_is_there(market, database_url):
    market.offer(ip_rights=(PATENT, IpRight("patent_application", "201310653529.9")))
    market.ask()
    draft(market, market.researcher, market.unit, IpRight("software_copyright", "2023SR0123456"))
    before = stored()
    assert [number for _listing, number in before] == ["2013106535299", "2023SR0123456"]
    db.session.rollback()
    db.engine.dispose()
    command.downgrade(run.configuration(database_url), "0012")
    run.upgrade(database_url)
    assert stored() == before
