"""The hits of a search as a file: the same order as the page, every row checked, bounded."""

from dataclasses import replace

import pytest
from werkzeug.datastructures import MultiDict

from marketplace.discovery import forms, services
from marketplace.discovery.services import exporting, searching
from marketplace.errors import Unavailable
from marketplace.listings.services import publication
from marketplace.permissions import VISITOR, Role
from marketplace.web.transaction import unit_of_work
from marketplace.worker import run_pass
from search.backend import EngineUnavailable
from tests import factories

COUNT = 23


@pytest.fixture
def market(app, now):
    """Twenty-three public demands and a limited one, found by 涂层."""
    with unit_of_work() as session:
        firm = factories.organisation(session, now=now)
        member = factories.actor(session, Role.ENTERPRISE_MEMBER, firm, now=now)
        operator = factories.operator(session, now=now)
        for number in range(COUNT):
            content = factories.demand(title=f"{'涂层' * (number % 4 + 1)}需求{number}")
            factories.published(session, member, firm, content, operator, now=now)
        limited = factories.published(
            session,
            member,
            firm,
            factories.demand(title="涂层，只给认证单位", limited=True),
            operator,
            now=now,
        )
        made = member, limited.number
    run_pass(app)
    return made


def asked(actor, now, **address):
    return forms.request_of(MultiDict(address), services.scopes(actor), now.date())


def exported(app, actor, now, **address) -> tuple[list[str], bool]:
    with unit_of_work() as session:
        request = asked(actor, now, **address)
        rows, more = services.exported(session, app.extensions["search"], actor, request)
        return [listing.number for listing in rows], more


def paged(app, actor, now, **address) -> list[str]:
    """What the result pages show, one after the other."""
    found = []
    with unit_of_work() as session:
        for page in ("1", "2"):
            request = asked(actor, now, page=page, **address)
            shown = services.search(session, app.extensions["search"], actor, request).listings
            found += [listing.number for listing in shown]
    return found


@pytest.mark.parametrize("sort", ["", "newest", "price"])
def test_a_file_holds_what_the_pages_show_in_their_order(app, market, now, sort):
    numbers, more = exported(app, VISITOR, now, q="涂层", sort=sort)
    assert (len(numbers), more) == (COUNT, False)
    assert numbers == paged(app, VISITOR, now, q="涂层", sort=sort)
    assert exported(app, VISITOR, now, q="涂层", sort=sort, page="2")[0] == numbers, (
        "always from the first hit"
    )


def test_a_file_holds_what_this_person_may_see(app, market, now):
    member, limited = market
    assert limited not in exported(app, VISITOR, now, q="涂层")[0]
    assert limited in exported(app, member, now, q="涂层")[0]


def test_every_row_is_checked_again_whatever_the_index_says(app, market, now):
    member, limited = market
    with unit_of_work() as session:
        listing = publication.find_listing(session, exported(app, VISITOR, now, q="涂层")[0][0])
        gone = listing.number
        publication.withdraw(session, member, gone, "solved", version=listing.version, now=now)
    assert gone not in exported(app, VISITOR, now, q="涂层")[0]
    request = replace(asked(member, now, q="涂层"), scopes=services.scopes(member))
    with unit_of_work() as session:
        rows, _more = services.exported(session, app.extensions["search"], VISITOR, request)
    assert limited not in [listing.number for listing in rows], "scopes that are not his do not help"


@pytest.mark.parametrize(("most", "more"), [(22, True), (23, False), (24, False)])
def test_a_file_is_cut_at_its_bound_and_says_so(app, market, now, monkeypatch, most, more):
    monkeypatch.setattr(exporting, "MOST_EXPORTED", most)
    numbers, cut = exported(app, VISITOR, now, q="涂层")
    assert (len(numbers), cut) == (min(most, COUNT), more)


def test_pages_of_the_engine_are_put_together(app, market, now, monkeypatch):
    whole, _more = exported(app, VISITOR, now, q="涂层")
    monkeypatch.setattr(searching, "MAX_PAGE_SIZE", 5)
    assert exported(app, VISITOR, now, q="涂层") == (whole, False)
    monkeypatch.setattr(exporting, "MOST_EXPORTED", 10)
    assert exported(app, VISITOR, now, q="涂层") == (whole[:10], True)


def test_without_an_engine_there_is_no_file_of_something_else(app, market, now, monkeypatch):
    def away(_request):
        raise EngineUnavailable("down")

    monkeypatch.setattr(app.extensions["search"], "search", away)
    with pytest.raises(Unavailable):
        exported(app, VISITOR, now, q="涂层")
