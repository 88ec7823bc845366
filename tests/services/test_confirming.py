"""Confirming and closing: who may, once, by page, list and link; and what is counted of it."""

from datetime import timedelta

import pytest
from sqlalchemy import event, select

from marketplace.accounts import states as accounts
from marketplace.accounts.models import Membership, User
from marketplace.accounts.services import people
from marketplace.audit import AuditEntry
from marketplace.errors import Conflict, Forbidden, Invalid, NotFound, StaleEdit
from marketplace.listings import states
from marketplace.listings.services import confirm_links, confirming, freshness_figures, publication, reminding
from marketplace.listings.services.confirm_links import Standing
from marketplace.permissions import Role
from marketplace.workflow import history
from tests import factories

SECRET = "a secret of this test that is long enough"


@pytest.fixture
def firm(session, now):
    return factories.organisation(session, now=now)


@pytest.fixture
def member(session, firm, now):
    return factories.actor(session, Role.ENTERPRISE_MEMBER, firm, now=now)


@pytest.fixture
def operator(session, now):
    return factories.operator(session, now=now)


@pytest.fixture
def post(session, firm, member, operator, now):
    """Publish a demand of the firm."""

    def publish(**changes):
        content = factories.demand(**changes)
        return factories.published(session, member, firm, content, operator, now=now)

    return publish


def confirmations(session) -> list[str]:
    rows = session.scalars(select(AuditEntry).where(AuditEntry.action == "listing.confirm"))
    return [row.data["by"] for row in rows]


# --- confirming ---------------------------------------------------------------------------------------------


def test_confirming_twice_on_a_day_is_one_confirmation(session, post, member, now):
    listing, later = post(), now + timedelta(days=80)
    for _ in range(2):
        confirming.confirm(session, member, listing.number, now=later)
    assert listing.confirmed_on == later.date()
    assert confirmations(session) == ["page"]


def test_who_may_confirm(session, post, firm, operator, now):
    listing, later = post(), now + timedelta(days=80)
    colleague = factories.actor(session, Role.ENTERPRISE_MEMBER, firm, now=now)
    other = factories.organisation(session, now=now)
    stranger = factories.actor(session, Role.UNIT_MANAGER, other, now=now)
    for person in (colleague, stranger):
        with pytest.raises(Forbidden):
            confirming.confirm(session, person, listing.number, now=later)
    assert listing.confirmed_on == now.date()
    confirming.confirm(session, operator, listing.number, now=later)
    assert listing.confirmed_on == later.date()


def test_what_is_secret_stays_secret(session, post, now):
    listing = post(limited=True)
    nobody = factories.actor_of(session, factories.user(session, now=now).id, now)
    with pytest.raises(NotFound):
        confirming.confirm(session, nobody, listing.number, now=now)


def test_only_what_is_or_was_on_the_market_can_be_confirmed(session, post, member, now):
    paused, withdrawn = post(), post()
    publication.pause(session, member, paused.number, "要修改", version=paused.version, now=now)
    publication.withdraw(session, member, withdrawn.number, "solved", version=withdrawn.version, now=now)
    for listing in (paused, withdrawn):
        with pytest.raises(Conflict):
            confirming.confirm(session, member, listing.number, now=now + timedelta(days=1))


def test_what_went_off_line_comes_back_without_review(session, post, member, now):
    listing, later = post(), now + timedelta(days=130)
    revision = listing.accepted_revision
    reminding.take_off_line(session, listing, now=now + timedelta(days=121))
    assert listing.state == states.LAPSED
    confirming.confirm(session, member, listing.number, now=later)
    assert (listing.state, listing.confirmed_on) == (states.PUBLISHED, later.date())
    assert listing.accepted_revision is revision
    assert [move.action for move in history(session, "listing", listing.id)] == [
        "confirm_again",
        "lapse",
        "publish",
    ]


def test_a_house_that_is_not_verified_any_more_brings_nothing_back(session, post, firm, member, now):
    listing = post()
    reminding.take_off_line(session, listing, now=now)
    firm.state = accounts.SUSPENDED
    with pytest.raises(Invalid) as refused:
        confirming.confirm(session, member, listing.number, now=now + timedelta(days=1))
    assert list(refused.value.problems) == ["organisation"]
    assert (listing.state, listing.confirmed_on) == (states.LAPSED, now.date())


def test_several_are_confirmed_at_once(session, post, member, now):
    first, second, gone = post(), post(), post()
    publication.withdraw(session, member, gone.number, "solved", version=gone.version, now=now)
    later = now + timedelta(days=70)
    numbers = [first.number, second.number, first.number, gone.number]
    assert confirming.confirm_all(session, member, numbers, now=later) == 2
    assert confirming.confirm_all(session, member, numbers, now=later) == 0
    assert {first.confirmed_on, second.confirmed_on} == {later.date()}
    assert (gone.state, gone.confirmed_on) == (states.WITHDRAWN, now.date())
    assert confirmations(session) == ["list", "list"]


def test_one_that_is_not_his_spoils_the_whole_list(session, post, member, now):
    listing, later = post(), now + timedelta(days=70)
    other = factories.organisation(session, now=now)
    stranger = factories.actor(session, Role.ENTERPRISE_MEMBER, other, now=now)
    with pytest.raises(Forbidden):
        confirming.confirm_all(session, stranger, [listing.number], now=later)
    with pytest.raises(NotFound):
        confirming.confirm_all(session, member, [listing.number, "D2026-99999"], now=later)
    assert listing.confirmed_on == now.date()


def test_what_waits_is_one_s_own_and_old_enough(session, post, member, firm, now):
    old, lapsed, fresh, withdrawn = post(), post(), post(), post()
    reminding.take_off_line(session, lapsed, now=now)
    fresh.confirmed_on = now.date() + timedelta(days=1)
    publication.withdraw(session, member, withdrawn.number, "solved", version=withdrawn.version, now=now)
    day = now.date() + timedelta(days=60)
    session.flush()
    assert confirming.waiting(session, member, day - timedelta(days=1)) == ([], 0)
    assert confirming.waiting(session, member, day) == ([old, lapsed], 2)
    colleague = factories.actor(session, Role.ENTERPRISE_MEMBER, firm, now=now)
    assert confirming.waiting(session, colleague, day) == ([], 0)


# --- links --------------------------------------------------------------------------------------------------


def link(listing, who, now, secret=SECRET) -> str:
    """The token of a link sent today."""
    return confirm_links.path_for(listing, who.user_id, secret, today=now.date()).removeprefix("/confirm/")


def test_a_link_confirms_once_as_its_person(session, post, member, now):
    listing, later = post(), now + timedelta(days=75)
    token = link(listing, member, now + timedelta(days=60))
    question = confirm_links.open_link(session, token, SECRET, now=later)
    assert question.standing is Standing.OPEN
    confirm_links.confirm(session, question, now=later)
    again = confirm_links.open_link(session, token, SECRET, now=later + timedelta(days=1))
    assert again.standing is Standing.CONFIRMED
    confirm_links.confirm(session, again, now=later + timedelta(days=1))
    assert listing.confirmed_on == later.date()
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "listing.confirm")).one()
    assert (entry.actor_id, entry.data) == (member.user_id, {"by": "link"})


def test_a_link_brings_back_what_went_off_line(session, post, member, now):
    listing, later = post(), now + timedelta(days=125)
    reminding.take_off_line(session, listing, now=now + timedelta(days=121))
    question = confirm_links.open_link(session, link(listing, member, later), SECRET, now=later)
    confirm_links.confirm(session, question, now=later)
    assert listing.state == states.PUBLISHED


@pytest.mark.parametrize("spoil", ["x", "", "cut", "other secret", "password"])
def test_a_link_that_was_not_made_here_is_refused(session, post, member, now, spoil):
    token = link(post(), member, now)
    forged = {
        "x": token + "x",
        "": "",
        "cut": token[:-4],
        "other secret": link(post(), member, now, "another secret of this test"),
        "password": people.reset_token(session.get_one(User, member.user_id), SECRET),
    }[spoil]
    with pytest.raises(NotFound, match="不完整"):
        confirm_links.open_link(session, forged, SECRET, now=now)


def test_a_link_is_good_for_ninety_days(session, post, member, now):
    token = link(post(), member, now)
    last = now + timedelta(days=90)
    assert confirm_links.open_link(session, token, SECRET, now=last).standing is Standing.OPEN
    with pytest.raises(NotFound, match="过期"):
        confirm_links.open_link(session, token, SECRET, now=last + timedelta(days=1))


def test_the_right_of_the_link_s_person_is_looked_at_again(session, now, operator):
    unit = factories.organisation(session, now=now, kind="university", public_unit=True)
    researcher = factories.actor(session, Role.RESEARCHER, unit, now=now)
    manager = factories.actor(session, Role.UNIT_MANAGER, unit, now=now)
    content = factories.achievement()
    listing = factories.published_by_unit(session, researcher, manager, unit, content, operator, now=now)
    tokens = [link(listing, who, now) for who in (researcher, manager)]
    membership = session.scalars(select(Membership).where(Membership.user_id == manager.user_id)).one()
    membership.to_on = now.date()
    session.get_one(User, researcher.user_id).active = False
    session.flush()
    session.expire_all()
    tomorrow = now + timedelta(days=1)
    for token in tokens:
        with pytest.raises(Forbidden, match="不再负责"):
            confirm_links.open_link(session, token, SECRET, now=tomorrow)


def test_what_is_paused_or_withdrawn_asks_nothing(session, post, member, now):
    paused, withdrawn = post(), post()
    publication.pause(session, member, paused.number, "要修改", version=paused.version, now=now)
    publication.withdraw(session, member, withdrawn.number, "solved", version=withdrawn.version, now=now)
    for listing, standing in ((paused, Standing.PAUSED), (withdrawn, Standing.CLOSED)):
        question = confirm_links.open_link(session, link(listing, member, now), SECRET, now=now)
        assert question.standing is standing
        before = listing.version
        confirm_links.confirm(session, question, now=now)
        confirm_links.close(session, question, "solved", "", version=before, now=now)
        assert listing.version == before


def test_a_link_closes_with_a_reason(session, post, member, now):
    listing = post()
    question = confirm_links.open_link(session, link(listing, member, now), SECRET, now=now)
    for reason, note, field in (("", "", "closing"), ("unconfirmed", "", "closing"), ("other", " ", "note")):
        with pytest.raises(Invalid) as refused:
            confirm_links.close(session, question, reason, note, version=listing.version, now=now)
        assert list(refused.value.problems) == [field]
    with pytest.raises(StaleEdit):
        confirm_links.close(session, question, "solved", "", version=listing.version - 1, now=now)
    confirm_links.close(session, question, "other", "项目取消", version=listing.version, now=now)
    assert listing.state == states.WITHDRAWN
    entry = history(session, "listing", listing.id)[0]
    assert (entry.actor_id, entry.reason, entry.data) == (member.user_id, "项目取消", {"closing": "other"})
    acts = session.scalars(select(AuditEntry.action).where(AuditEntry.subject_id == listing.id)).all()
    assert {"listing.withdraw", "listing.close_by_link"} <= set(acts)


# --- figures ------------------------------------------------------------------------------------------------


def test_closings_are_counted_by_their_last_reason(session, post, member, firm, now):
    listings = [post() for _ in range(5)]
    for listing, reason in zip(listings, ("solved", "solved", "transferred"), strict=False):
        publication.withdraw(session, member, listing.number, reason, version=listing.version, now=now)
    for listing in listings[3:]:
        reminding.take_off_line(session, listing, now=now)
    publication.withdraw(session, member, listings[3].number, "stopped", version=listings[3].version, now=now)
    history(session, "listing", listings[2].id)[0].data = {}
    session.flush()
    assert freshness_figures.closings(session, member) == {
        "solved": 2,
        "other": 1,
        "stopped": 1,
        "unconfirmed": 1,
    }
    confirming.confirm(session, member, listings[4].number, now=now + timedelta(days=1))
    assert "unconfirmed" not in freshness_figures.closings(session, member)
    stranger = factories.actor(session, Role.ENTERPRISE_MEMBER, firm, now=now)
    assert freshness_figures.closings(session, stranger) == {}


def test_the_public_figure_tells_nothing_of_what_is_not_public(session, post, firm, member, now):
    ages = (0, 90, 91, 200)
    today = now.date() + timedelta(days=200)
    for listing, age in zip([post() for _ in ages], ages, strict=True):
        listing.confirmed_on = today - timedelta(days=age)
    hidden, limited, paused = post(hide_owner=True), post(limited=True), post()
    publication.pause(session, member, paused.number, "要修改", version=paused.version, now=now)
    source = factories.organisation(session, now=now, kind="source")
    post().organisation_id = source.id
    session.flush()
    assert hidden.state == limited.state == states.PUBLISHED
    figures = freshness_figures.of_organisations(session, [firm.id, source.id], today)
    assert figures == {firm.id: freshness_figures.Figure(listings=4, recent=2, median_days=90.5)}


def test_figures_of_many_organisations_are_one_question(session, post, firm, now):
    post()
    session.flush()
    asked = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda *args: asked.append(args[2]))
    others = [firm.id, *range(10_000, 10_050)]
    assert list(freshness_figures.of_organisations(session, others, now.date())) == [firm.id]
    assert len(asked) == 1
