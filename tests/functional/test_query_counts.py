"""Every list page asks the database a fixed number of questions, however long the list."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partialmethod

import pytest
from flask import Flask
from sqlalchemy import event

from marketplace.accounts import states
from marketplace.accounts.models import Organisation
from marketplace.accounts.services import colleagues
from marketplace.discovery.saved.models import SearchDigest, SearchDigestItem
from marketplace.discovery.saved.services import keeping
from marketplace.extensions import db
from marketplace.lexicon.services.force import Lookup
from marketplace.listings.content import Kind
from marketplace.listings.services import drafts, publication
from marketplace.notices import services as notices
from tests import factories
from tests.functional.conftest import Town, publish

#: Page, who opens it, and how many statements it may take at most (measured, then rounded up to the next five).
PAGES = (
    ("/", None, 15),
    ("/search", None, 5),
    ("/search?q=涂层&kind=achievement", "member", 10),
    ("/search/tree/industry?q=涂层&region=150200", None, 5),
    ("/search/indicators?q=涂层&measure=硬度|HRC&from=1", None, 5),
    ("/my/listings", "member", 15),
    ("/my/listings", "manager", 15),
    ("/unit/approvals", "manager", 10),
    ("/staff/review", "operator", 10),
    ("/staff/organisations", "operator", 15),
    ("/staff/matching", "operator", 15),
    ("/staff/pooled-demands", "operator", 15),
    ("/my/listings/D2026-00001/matches", "member", 20),
    ("/my/listings/A2026-00001/matches", "researcher", 20),
    ("/my/listings/D2026-00001", "member", 15),
    ("/notices", "researcher", 10),
    ("/my/searches", "researcher", 10),
    ("/my/digests/1", "researcher", 10),
    ("/organisations", "operator", 15),
    ("/workbench", "operator", 30),
    ("/workbench", "member", 30),
    ("/workbench", "manager", 30),
    ("/workbench", "researcher", 30),
)


def grow(town: Town, now, count: int, start: int) -> None:
    """Add rows to every list of the market."""
    with town.books() as session:
        for number in range(start, start + count):
            tell = {"key": f"test:{number}", "path": "/", "params": {"title": str(number)}, "now": now}
            publish(session, town, "researcher", "university", factories.achievement(), now)
            listing = publish(session, town, "member", "enterprise", factories.demand(), now)
            _tell_of(session, town, listing, number, now)
            notices.tell(session, town.people["researcher"].user_id, "listing_published", **tell)
            waiting = factories.organisation(session, now=now, verified=False)
            waiting.state = states.SUBMITTED
            _hand_in(session, town, "researcher", "university", factories.achievement(), now)
            _hand_in(session, town, "member", "enterprise", factories.demand(), now)
            returned = _hand_in(session, town, "researcher", "university", factories.achievement(), now)
            publication.return_by_unit(
                session, town.people["manager"], returned.id, "请补充", version=returned.version, now=now
            )
            newcomer = factories.actor_of(session, factories.user(session, now=now).id, now)
            house = session.get_one(Organisation, town.houses["enterprise"])
            colleagues.claim(session, newcomer, house.credit_code, "enterprise_member", "", now=now)
    town.work()


def _tell_of(session, town: Town, listing: str, number: int, now) -> None:
    """A saved search of the researcher, and a line of his digest about it."""
    person = town.people["researcher"]
    wish = keeping.Wish(f"订阅{number}", "daily", [["q", f"涂层 {number}"]], str(number))
    search = keeping.keep(session, person, wish, now=now)
    if session.get(SearchDigest, 1) is None:
        session.add(SearchDigest(id=1, user_id=person.user_id, day=now.date(), made_at=now))
        session.flush()
    found = drafts.find_listing(session, listing)
    session.add(
        SearchDigestItem(
            saved_search_id=search.id,
            listing_id=found.id,
            revision_id=found.accepted_revision_id,
            digest_id=1,
            place=0,
            first=True,
        )
    )


def _hand_in(session, town: Town, author: str, house: str, content, now):
    kind = Kind.DEMAND if house == "enterprise" else Kind.ACHIEVEMENT
    person = town.people[author]
    revision = drafts.start(session, person, kind, town.houses[house], now=now, content=content)
    return drafts.submit(session, person, revision.id, version=revision.version, now=now)


@contextmanager
def statements(app: Flask) -> Iterator[list[str]]:
    """The statements sent while this is open, without the transactions' own.

    Words in force are looked up by every page that reads texts, not by whichever comes after a few seconds.
    """
    seen: list[str] = []

    def note(_connection, _cursor, statement, *_rest):
        if not statement.startswith(("BEGIN", "PRAGMA")):
            seen.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Lookup, "refresh", partialmethod(Lookup.refresh, at_once=True))
            yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def measured(town: Town) -> dict[tuple[str, str | None], list[str]]:
    found = {}
    for path, person, _bound in PAGES:
        client = town.client(person)
        with statements(town.app) as seen:
            assert client.get(path).status_code == 200, path
        found[path, person] = seen
    return found


@pytest.fixture
def counts(town: Town, now):
    """The statements of each page with 3 rows in every list, and with 20."""
    # The words in force are looked up again every few seconds: here once, before anything is counted.
    town.app.extensions["lexicon"] = Lookup(clock=lambda: 0.0)
    town.client(None).get("/search")
    grow(town, now, 3, 0)
    few = measured(town)
    grow(town, now, 17, 3)
    return few, measured(town)


def test_more_rows_do_not_mean_more_statements(counts):
    few, many = counts
    for page, seen in many.items():
        extra = [statement for statement in seen if statement not in few[page]]
        assert len(seen) == len(few[page]), (page, len(few[page]), len(seen), extra[:2] or seen[-2:])
    for path, person, bound in PAGES:
        assert len(many[path, person]) <= bound, (path, person, len(many[path, person]))
