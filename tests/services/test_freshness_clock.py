"""The worker's round over the freshness clock: who is asked when, what goes off line, and what is left alone."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from marketplace.accounts.models import Membership, Organisation, User
from marketplace.audit import AuditEntry
from marketplace.extensions import db
from marketplace.listings import closing, freshness_round
from marketplace.listings.models import Listing, ListingReminder
from marketplace.listings.services import confirming, publication, reminding
from marketplace.matching.models import MatchEntry
from marketplace.notices.models import Mail, Notice
from marketplace.outbox import OutboxRow
from marketplace.permissions import Actor, Role
from marketplace.web.transaction import unit_of_work
from marketplace.worker import run_pass
from marketplace.workflow import HistoryEntry
from search.match_result import Factor, Match
from tests import factories

SECRET = "a secret of this test that is long enough"


@dataclass
class Clock:
    """A market with one enterprise, one university and staff, looked at so many days after its start."""

    app: Flask
    start: datetime
    firm: int
    unit: int
    member: Actor
    researcher: Actor
    manager: Actor
    operator: Actor

    def after(self, days: int) -> datetime:
        return self.start + timedelta(days=days)

    def demand(self, **changes) -> int:
        with unit_of_work() as session:
            house = session.get_one(Organisation, self.firm)
            content = factories.demand(**changes)
            return factories.published(session, self.member, house, content, self.operator, now=self.start).id

    def achievement(self, **changes) -> int:
        with unit_of_work() as session:
            house = session.get_one(Organisation, self.unit)
            content = factories.achievement(**changes)
            return factories.published_by_unit(
                session, self.researcher, self.manager, house, content, self.operator, now=self.start
            ).id

    def round(self, days: int) -> dict[str, int]:
        """One round so many days after the start."""
        return freshness_round.run(secret=SECRET, now=self.after(days))

    def state(self, listing: int) -> str:
        db.session.rollback()
        return db.session.get_one(Listing, listing).state

    def told(self, who: Actor) -> list[str]:
        """What the clock has told this person, oldest first: kind and, of a reminder, until when."""
        db.session.rollback()
        rows = db.session.scalars(
            select(Notice)
            .where(Notice.user_id == who.user_id, Notice.kind != "listing_published")
            .order_by(Notice.id)
        )
        return [f"{row.kind} {row.params.get('until', '')}".strip() for row in rows]


@pytest.fixture
def clock(app, now) -> Clock:
    with unit_of_work() as session:
        firm = factories.organisation(session, now=now)
        unit = factories.organisation(session, now=now, kind="university", public_unit=True)
        return Clock(
            app=app,
            start=now,
            firm=firm.id,
            unit=unit.id,
            member=factories.actor(session, Role.ENTERPRISE_MEMBER, firm, now=now),
            researcher=factories.actor(session, Role.RESEARCHER, unit, now=now),
            manager=factories.actor(session, Role.UNIT_MANAGER, unit, now=now),
            operator=factories.operator(session, now=now),
        )


REMINDED, OFF_LINE = "listings reminded", "listings off line"
#: The market starts on 2026-03-03; day 91 is 06-02, day 121 is 07-02.
DUE, LAST = "listing_confirm_due 2026-06-02", "listing_confirm_last 2026-07-02"


def test_the_whole_way_day_by_day(clock):
    listing = clock.demand()
    days = {day: done for day in range(1, 130) if (done := clock.round(day))}
    assert days == {
        60: {REMINDED: 1},
        75: {REMINDED: 1},
        85: {REMINDED: 1},
        91: {REMINDED: 1},
        105: {REMINDED: 1},
        121: {OFF_LINE: 1},
    }
    assert clock.told(clock.member) == [DUE, DUE, DUE, LAST, "listing_lapsed"]
    assert clock.state(listing) == "lapsed"
    entry = db.session.scalars(select(HistoryEntry).where(HistoryEntry.action == "lapse")).one()
    assert (entry.actor_id, entry.data) == (None, {"closing": closing.UNCONFIRMED})
    audit = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "listing.lapse")).one()
    assert (audit.actor_id, audit.subject_id) == (None, listing)
    mails = db.session.scalars(select(Mail).where(Mail.kind.startswith("listing_confirm"))).all()
    assert len(mails) == 4 and all(mail.path.startswith("/confirm/") for mail in mails)


def test_the_same_day_asks_once(clock):
    clock.demand()
    assert [clock.round(60), clock.round(60), clock.round(61)] == [{REMINDED: 1}, {}, {}]
    assert clock.told(clock.member) == [DUE]


def test_a_worker_that_stood_still_sends_the_newest_notice_and_gives_sixteen_days(clock):
    listing = clock.demand()
    assert clock.round(200) == {REMINDED: 1}
    assert clock.told(clock.member) == ["listing_confirm_last 2026-10-05"]
    assert clock.round(215) == {}
    assert clock.state(listing) == "published"
    assert clock.round(216) == {OFF_LINE: 1}


def test_a_confirmation_starts_the_days_again(clock):
    listing = clock.demand()
    clock.round(105)
    with unit_of_work() as session:
        number = session.get_one(Listing, listing).number
        confirming.confirm(session, clock.member, number, now=clock.after(119))
    assert [clock.round(day) for day in (121, 150, 178)] == [{}, {}, {}]
    assert clock.round(179) == {REMINDED: 1}
    assert clock.round(119 + 121) == {REMINDED: 1}, "only the last notice, not the end"
    assert clock.state(listing) == "published"


def test_what_was_confirmed_between_looking_and_acting_is_left_alone(clock):
    listing = clock.demand()
    with unit_of_work() as session:
        assert not reminding.remind(session, listing, secret=SECRET, now=clock.after(59))
        assert not reminding.lapse(session, listing, secret=SECRET, now=clock.after(120))
    assert clock.told(clock.member) == [] and clock.state(listing) == "published"


def test_what_is_paused_is_not_asked_about_and_resuming_confirms(clock):
    listing = clock.demand()
    with unit_of_work() as session:
        row = session.get_one(Listing, listing)
        publication.pause(session, clock.member, row.number, "要修改", version=row.version, now=clock.start)
    assert clock.round(150) == {}
    with unit_of_work() as session:
        row = session.get_one(Listing, listing)
        publication.resume(session, clock.member, row.number, version=row.version, now=clock.after(151))
        assert row.confirmed_on == clock.after(151).date()
    assert clock.round(152) == {}


def test_an_imported_listing_that_nobody_can_answer_for_stays(clock):
    listing = clock.demand()
    with unit_of_work() as session:
        session.get_one(Listing, listing).author_id = None
    assert [clock.round(day) for day in (60, 91, 105, 121, 500)] == [{}] * 5
    assert clock.state(listing) == "published"


def test_a_unit_s_manager_answers_where_there_is_no_author(clock):
    listing = clock.achievement()
    with unit_of_work() as session:
        session.get_one(Listing, listing).author_id = None
    clock.round(60)
    assert clock.told(clock.manager) == [DUE]
    with unit_of_work() as session:
        one = select(Membership).where(Membership.user_id == clock.manager.user_id)
        session.scalars(one).one().to_on = clock.after(70).date()
    assert clock.round(75) == {}, "the manager has left"


def test_a_manager_is_asked_in_the_place_of_an_author_who_is_gone(clock):
    listing = clock.achievement()
    with unit_of_work() as session:
        session.get_one(User, clock.researcher.user_id).active = False
    clock.round(60)
    assert (clock.told(clock.researcher), clock.told(clock.manager)) == ([], [DUE])
    clock.round(105)
    assert clock.round(121) == {OFF_LINE: 1}
    assert clock.told(clock.manager)[-1] == "listing_lapsed"
    assert clock.state(listing) == "lapsed"


def test_silence_of_nobody_takes_nothing_off_line(clock):
    listing = clock.demand()
    with unit_of_work() as session:
        session.get_one(User, clock.member.user_id).active = False
    assert clock.round(105) == {REMINDED: 1}
    reminder = db.session.scalars(select(ListingReminder)).one()
    assert (reminder.step, reminder.asked, reminder.listing_id) == (105, 0, listing)
    assert clock.round(300) == {}
    assert clock.state(listing) == "published"


def test_a_person_without_address_is_told_in_the_site(clock):
    clock.demand()
    with unit_of_work() as session:
        person = session.get_one(User, clock.member.user_id)
        person.email, person.phone = None, "13800000000"
    clock.round(60)
    assert clock.told(clock.member) == [DUE]
    assert db.session.scalars(select(Mail).where(Mail.kind == "listing_confirm_due")).all() == []


def test_a_listing_that_fails_stops_no_other(clock, monkeypatch):
    broken, *others = [clock.demand() for _ in range(3)]
    tell = reminding._tell

    def failing(session, listing, *args, **kwargs):
        if listing.id == broken:
            raise RuntimeError("a title that cannot be written")
        tell(session, listing, *args, **kwargs)

    monkeypatch.setattr(reminding, "_tell", failing)
    assert clock.round(60) == {REMINDED: 2}
    taken = db.session.scalars(select(ListingReminder.listing_id).order_by(ListingReminder.listing_id))
    assert taken.all() == others, "what failed left nothing behind"
    monkeypatch.setattr(reminding, "_tell", tell)
    assert clock.round(60) == {REMINDED: 1}


def test_a_round_is_bounded_and_the_next_goes_on(clock, monkeypatch):
    for _ in range(5):
        clock.demand()
    monkeypatch.setattr(freshness_round, "PER_ROUND", 2)
    assert [clock.round(60) for _ in range(4)] == [{REMINDED: 2}, {REMINDED: 2}, {REMINDED: 1}, {}]


def test_the_worker_looks_again_on_the_next_day_only(clock, monkeypatch):
    rounds = []

    def counted(*, secret, now):
        rounds.append(now.date())
        return {REMINDED: 3} if len(rounds) == 1 else {}

    monkeypatch.setattr(freshness_round, "run", counted)
    run = [run_pass(clock.app).get(REMINDED) for _ in range(3)]
    clock.app.extensions["clock"].move(timedelta(days=1))
    run_pass(clock.app)
    today = clock.start.date()
    assert run == [3, None, None]
    assert rounds == [today, today, today + timedelta(days=1)]


def test_the_match_loses_its_freshness_when_a_side_turns_grey(clock):
    clock.demand()
    achievement = clock.achievement()
    run_pass(clock.app)
    assert _freshness(achievement) == 1
    clock.app.extensions["clock"].move(timedelta(days=91))
    run_pass(clock.app)  # takes the step, which puts both sides into the queue
    db.session.rollback()
    waiting = select(OutboxRow).where(OutboxRow.done_at.is_(None), OutboxRow.entity_type == "listing")
    assert all(row.quiet for row in db.session.scalars(waiting))
    run_pass(clock.app)
    assert _freshness(achievement) == pytest.approx(1 - (91 - 30) / 150)


def _freshness(achievement: int) -> float:
    db.session.rollback()
    entry = db.session.scalars(
        select(MatchEntry)
        .where(MatchEntry.achievement_id == achievement)
        .order_by(MatchEntry.id.desc())
        .limit(1)
    ).one()
    return next(part.value for part in Match.from_json(entry.detail).parts if part.factor is Factor.FRESHNESS)
