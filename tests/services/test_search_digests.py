"""Digests of saved searches: what is new, once, in one message a day, and nothing its reader may not see."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from marketplace.accounts.models import Membership, Organisation, User
from marketplace.discovery.saved.models import Frequency, SavedSearch, SearchDigest
from marketplace.discovery.saved.services import digests, keeping
from marketplace.listings.models import Listing
from marketplace.permissions import Role
from marketplace.web.transaction import unit_of_work
from marketplace.worker import run_pass
from search.backend import EngineUnavailable
from tests import factories
from tests.saved_searches import (
    DAY,
    MONDAY,
    SUNDAY,
    Market,
    market,
    notices_of,
    queued_mails,
    searches,
    told,
)


@pytest.fixture
def town(app) -> Market:
    return market(app, SUNDAY - 30 * DAY)


def test_a_day_with_news_brings_one_digest_and_a_day_without_none(town):
    old = town.post(SUNDAY - DAY)
    search = town.save(SUNDAY, q="耐磨涂层")
    new = town.post(SUNDAY + DAY / 2)
    assert town.digest(MONDAY) == 1
    assert told() == [(search, new, True)]
    assert notices_of(town.reader.user_id) == [{"count": 1, "names": "耐磨涂层"}]
    assert town.digest(MONDAY) == 0 and town.digest(MONDAY + DAY) == 0
    assert len(told()) == 1 and old != new


def test_a_change_that_was_accepted_is_news_a_confirmation_is_not(town):
    number = town.post(SUNDAY - DAY)
    search = town.save(SUNDAY, q="耐磨涂层")
    assert town.digest(MONDAY) == 0
    town.change(number, MONDAY + DAY / 4, goal="涂层硬度不低于62HRC，工作温度不低于900℃，寿命延长一倍以上。")
    assert town.digest(MONDAY + DAY) == 1
    assert told() == [(search, number, False)]
    town.change(
        number, MONDAY + DAY * 1.25, goal="涂层硬度不低于63HRC，工作温度不低于900℃，寿命延长一倍以上。"
    )
    assert town.digest(MONDAY + 2 * DAY) == 1
    assert told() == [(search, number, False)] * 2, "another revision is other news"


def test_only_what_fits_the_whole_search_is_news(town):
    town.save(SUNDAY, q="耐磨涂层 硬度≥60HRC", field="05")
    town.post(
        SUNDAY + DAY / 4,
        title="光伏板清洗机器人",
        keywords=(),
        current_state="光伏板积灰多，人工清洗又慢又费水，遇到风沙天一周要洗两遍；板面的涂层不能划伤。",
        goal="清洗光伏板不用水，一小时清洗一千块，寿命不少于五年。",
        tried="人工清洗",
    )
    town.post(SUNDAY + DAY / 4, field_codes=("01",))
    assert town.digest(MONDAY) == 0, "looser readings of the words are no reason to write to anybody"
    fits = town.post(MONDAY + DAY / 4)
    assert town.digest(MONDAY + DAY) == 1
    assert [number for _search, number, _first in told()] == [fits]


def test_all_searches_of_a_person_are_told_in_one_digest(town):
    first, second, third = (town.save(SUNDAY, q=q) for q in ("耐磨涂层", "风口", "盐碱地"))
    number = town.post(SUNDAY + DAY / 2)
    assert town.digest(MONDAY) == 1
    assert told() == [(first, number, True), (second, number, True)]
    assert notices_of(town.reader.user_id) == [{"count": 2, "names": "耐磨涂层、风口"}]
    (mail,) = queued_mails()
    assert [section["title"] for section in mail.letter["sections"]] == ["耐磨涂层", "风口"]
    assert third not in [search for search, _number, _first in told()]


def test_many_hits_are_named_in_part_counted_in_full_and_never_repeated(town):
    search = town.save(SUNDAY, q="耐磨涂层")
    numbers = [town.post(SUNDAY + DAY / 2 + timedelta(minutes=n)) for n in range(digests.SHOWN + 2)]
    assert town.digest(MONDAY) == 1
    assert told() == [(search, number, True) for number in reversed(numbers)], "last published first"
    (mail,) = queued_mails()
    (section,) = mail.letter["sections"]
    assert [line["path"] for line in section["lines"]] == [
        f"/listings/{number}" for number in list(reversed(numbers))[: digests.SHOWN]
    ]
    assert section["more"] == 2
    assert town.digest(MONDAY + DAY) == 0


@pytest.mark.parametrize(
    ("frequency", "days"),
    [
        (Frequency.DAILY, ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun", "Mon"]),
        (Frequency.WEEKLY, ["Mon", "Mon"]),
        (Frequency.OFF, []),
    ],
)
def test_each_frequency_has_its_days(town, frequency, days):
    town.save(SUNDAY, frequency, q="耐磨涂层")
    heard = []
    for number in range(8):
        town.post(SUNDAY + number * DAY + DAY / 2)
        moment = MONDAY + number * DAY
        if town.digest(moment):
            heard.append(moment.strftime("%a"))
    assert heard == days
    expected = {Frequency.DAILY: 8, Frequency.WEEKLY: 8, Frequency.OFF: 0}[frequency]
    assert len(told()) == expected, "nothing is lost between two weekly digests"


def test_nobody_is_written_to_before_eight_and_what_was_missed_is_made_up_for(town):
    town.save(SUNDAY, q="耐磨涂层")
    town.post(SUNDAY + DAY / 2)
    eight = MONDAY - timedelta(minutes=15)
    assert town.digest(eight - timedelta(seconds=1)) == 0
    assert town.digest(eight) == 1
    town.save(SUNDAY, Frequency.WEEKLY, q="风口")
    town.post(MONDAY + DAY / 2)
    assert town.digest(MONDAY + 2 * DAY - timedelta(hours=3)) == 0, "five in the morning"
    assert town.digest(MONDAY + 2 * DAY) == 1, "on a Wednesday: no worker ran on Tuesday"


def test_what_was_indexed_late_is_told_the_next_day(town, monkeypatch):
    search = town.save(SUNDAY, q="耐磨涂层")
    with unit_of_work() as session:
        house = session.get_one(Organisation, town.firm)
        late = factories.published(
            session, town.member, house, factories.demand(), town.operator, now=MONDAY - timedelta(hours=1)
        ).number
    assert town.digest(MONDAY) == 0, "the index does not have it yet"
    run_pass(town.app, only=["index"])
    assert town.digest(MONDAY + DAY) == 1
    assert told() == [(search, late, True)]


def test_nothing_is_told_that_its_reader_may_not_see_any_more(town):
    town.save(SUNDAY, q="耐磨涂层")
    limited = town.post(SUNDAY + DAY / 2, limited=True)
    gone = town.post(SUNDAY + DAY / 2)
    town.withdraw(gone, SUNDAY + DAY / 2)
    with unit_of_work() as session:
        session.execute(
            update(Membership).where(Membership.user_id == town.reader.user_id).values(to_on=SUNDAY.date())
        )
    assert town.digest(MONDAY) == 0, "no member of a verified organisation any more"
    with unit_of_work() as session:
        session.execute(
            update(Membership).where(Membership.user_id == town.reader.user_id).values(to_on=None)
        )
    assert town.digest(MONDAY + DAY) == 1
    assert [number for _search, number, _first in told()] == [limited]


def test_a_hit_the_index_still_has_is_checked_against_the_database(town):
    """The index is not told: only the check of the rows keeps it out."""
    town.save(SUNDAY, q="耐磨涂层")
    number = town.post(SUNDAY + DAY / 2)
    with unit_of_work() as session:
        digests_listing = session.scalars(select(Listing)).one()
        digests_listing.limited = True
        session.execute(
            update(Membership).where(Membership.user_id == town.reader.user_id).values(to_on=SUNDAY.date())
        )
    assert town.digest(MONDAY) == 0 and told() == [], number


def test_while_no_engine_answers_everybody_waits_and_nothing_is_lost(town, monkeypatch):
    search = town.save(SUNDAY, q="耐磨涂层")
    number = town.post(SUNDAY + DAY / 2)
    engine = town.app.extensions["search"]
    whole = engine.search

    def away(_request):
        raise EngineUnavailable("down")

    monkeypatch.setattr(engine, "search", away)
    assert town.digest(MONDAY) == 0 and told() == []
    (kept,) = searches([search])
    assert kept.digested_at == SUNDAY and kept.tried_at is None, "not taken up, not put off"
    monkeypatch.setattr(engine, "search", whole)
    assert town.digest(MONDAY + timedelta(seconds=1)) == 1
    assert told() == [(search, number, True)]


def test_an_engine_that_goes_away_between_two_searches_leaves_the_person_whole(town, monkeypatch):
    for q in ("耐磨涂层", "风口"):
        town.save(SUNDAY, q=q)
    town.post(SUNDAY + DAY / 2)
    engine, asked = town.app.extensions["search"], []
    whole = engine.search

    def once(request):
        asked.append(request)
        if len(asked) == 2:
            raise EngineUnavailable("down")
        return whole(request)

    monkeypatch.setattr(engine, "search", once)
    assert town.digest(MONDAY) == 0 and told() == []
    assert town.digest(MONDAY) == 1
    assert len(told()) == 2 and len(notices_of(town.reader.user_id)) == 1


def test_a_round_takes_up_a_bounded_number_of_people_and_the_next_goes_on(town, monkeypatch):
    with unit_of_work() as session:
        house = factories.organisation(session, now=SUNDAY)
        others = [factories.actor(session, Role.ENTERPRISE_MEMBER, house, now=SUNDAY) for _ in range(4)]
    for person in (town.reader, *others):
        town.save(SUNDAY, q="耐磨涂层", who=person)
    town.post(SUNDAY + DAY / 2)
    monkeypatch.setattr("marketplace.discovery.saved.digester.PEOPLE_PER_ROUND", 2)
    assert [town.digest(MONDAY) for _round in range(4)] == [2, 2, 1, 0]
    assert [len(notices_of(person.user_id)) for person in (town.reader, *others)] == [1] * 5


def test_a_person_whose_digest_fails_does_not_hold_up_the_others(town, monkeypatch):
    with unit_of_work() as session:
        house = factories.organisation(session, now=SUNDAY)
        other = factories.actor(session, Role.ENTERPRISE_MEMBER, house, now=SUNDAY)
    for person in (town.reader, other):
        town.save(SUNDAY, q="耐磨涂层", who=person)
    town.post(SUNDAY + DAY / 2)
    whole = digests.tell

    def failing(session, user_id, *args, **kwargs):
        if user_id == town.reader.user_id:
            raise ValueError("cannot be written")
        return whole(session, user_id, *args, **kwargs)

    monkeypatch.setattr(digests, "tell", failing)
    assert town.digest(MONDAY) == 1
    assert len(notices_of(other.user_id)) == 1
    monkeypatch.setattr(digests, "tell", whole)
    assert town.digest(MONDAY + timedelta(minutes=9)) == 0, "it waits"
    assert town.digest(MONDAY + timedelta(minutes=11)) == 1
    assert len(notices_of(town.reader.user_id)) == 1


def test_a_person_without_an_active_account_hears_nothing(town):
    town.save(SUNDAY, q="耐磨涂层")
    town.post(SUNDAY + DAY / 2)
    with unit_of_work() as session:
        session.execute(update(User).where(User.id == town.reader.user_id).values(active=False))
    assert town.digest(MONDAY) == 0 and told() == []


def test_a_condition_that_is_no_longer_known_never_widens_the_search(town):
    search = town.save(SUNDAY, q="耐磨涂层", field="05")
    with unit_of_work() as session:
        session.get_one(SavedSearch, search).parameters = [["q", "耐磨涂层"], ["field", "05-old"]]
    town.post(SUNDAY + DAY / 2, field_codes=("01",))
    assert town.digest(MONDAY) == 0 and told() == []
    (kept,) = searches([search])
    assert kept.digested_at == MONDAY, "taken up: it is not asked again every second"


def test_who_switches_alerts_on_hears_of_what_comes_from_then_on(town):
    search = town.save(SUNDAY, Frequency.OFF, q="耐磨涂层")
    town.post(SUNDAY + DAY / 2)
    with unit_of_work() as session:
        keeping.change(session, town.reader, search, "涂层", "daily", version=1, now=MONDAY + DAY / 4)
    assert town.digest(MONDAY + DAY) == 0
    new = town.post(MONDAY + DAY * 1.25)
    assert town.digest(MONDAY + 2 * DAY) == 1
    assert told() == [(search, new, True)]


def test_one_person_gets_one_digest_a_day_whatever_becomes_due_later(town):
    first = town.save(SUNDAY, q="耐磨涂层")
    second = town.save(SUNDAY, Frequency.WEEKLY, q="风口")
    with unit_of_work() as session:
        session.get_one(SavedSearch, second).digested_at = MONDAY
    number = town.post(SUNDAY + DAY / 2)
    assert town.digest(MONDAY) == 1
    with unit_of_work() as session:
        session.get_one(SavedSearch, second).digested_at = SUNDAY
    assert town.digest(MONDAY + timedelta(hours=1)) == 0
    assert town.digest(MONDAY + 7 * DAY) == 1, "what waited is told by the next one"
    assert told() == [(first, number, True), (second, number, True)]
    with unit_of_work() as session:
        assert session.scalar(select(func.count()).select_from(SearchDigest)) == 2
