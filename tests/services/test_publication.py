"""From draft to publication: the two machines of a listing, with their guards."""

from datetime import timedelta

import pytest

from marketplace import outbox, workflow
from marketplace.errors import Conflict, Forbidden, Invalid, NotFound
from marketplace.listings import freshness
from marketplace.listings.content import DemandContent, Kind
from marketplace.listings.services import confirming, drafts, publication, reading
from marketplace.notices import services as notices
from marketplace.permissions import VISITOR, Role
from tests import factories


@pytest.fixture
def enterprise(session, now):
    return factories.organisation(session, now=now)


@pytest.fixture
def member(session, enterprise, now):
    return factories.actor(session, Role.ENTERPRISE_MEMBER, enterprise, now=now)


@pytest.fixture
def operator(session, now):
    return factories.operator(session, now=now)


def test_a_demand_is_published_by_staff_and_told_to_the_outbox(session, enterprise, member, operator, now):
    listing = factories.published(session, member, enterprise, factories.demand(), operator, now=now)
    assert listing.number == "D2026-00001"
    assert listing.state == "published"
    assert listing.confirmed_on == now.date()
    assert outbox.depth(session)["index"] == 1
    assert [n.kind for n in notices.unread(session, member)] == ["listing_published"]
    assert reading.public(session, VISITOR, listing.number).content.title == "高炉风口套表面耐磨涂层"


def test_an_achievement_of_a_unit_goes_through_its_manager(session, operator, now):
    unit = factories.organisation(session, now=now, kind="university", public_unit=True)
    researcher = factories.actor(session, Role.RESEARCHER, unit, now=now)
    manager = factories.actor(session, Role.UNIT_MANAGER, unit, now=now)
    revision = drafts.start(
        session, researcher, Kind.ACHIEVEMENT, unit.id, now=now, content=factories.achievement()
    )
    drafts.submit(session, researcher, revision.id, version=revision.version, now=now)
    assert revision.state == "unit_approval"
    with pytest.raises(Conflict):
        publication.accept(session, operator, revision.id, version=revision.version, now=now)
    with pytest.raises(Forbidden):
        publication.approve_by_unit(session, researcher, revision.id, version=revision.version, now=now)
    publication.approve_by_unit(session, manager, revision.id, version=revision.version, now=now)
    listing = publication.accept(session, operator, revision.id, version=revision.version, now=now)
    assert listing.state == "published"
    assert [h.action for h in workflow.history(session, "revision", revision.id)] == [
        "accept",
        "approve",
        "submit_to_unit",
    ]


def test_an_incomplete_draft_is_refused_with_a_sentence_per_field(session, enterprise, member, now):
    revision = drafts.start(session, member, Kind.DEMAND, enterprise.id, now=now)
    with pytest.raises(Invalid) as refused:
        drafts.submit(session, member, revision.id, version=revision.version, now=now)
    assert {"title", "goal", "price_kind", "contact_name"} <= set(refused.value.problems)
    assert revision.state == "draft"


def test_a_returned_revision_can_be_mended_and_handed_in_again(session, enterprise, member, operator, now):
    content = factories.demand()
    revision = drafts.start(session, member, Kind.DEMAND, enterprise.id, now=now, content=content)
    drafts.submit(session, member, revision.id, version=revision.version, now=now)
    with pytest.raises(Invalid):
        publication.return_by_staff(session, operator, revision.id, " ", version=revision.version, now=now)
    publication.return_by_staff(
        session, operator, revision.id, "请写清温度", version=revision.version, now=now
    )
    assert [n.params["reason"] for n in notices.unread(session, member)] == ["请写清温度"]
    drafts.save(session, member, revision.id, {"limits": "1000 ℃"}, version=revision.version, now=now)
    drafts.submit(session, member, revision.id, version=revision.version, now=now)
    assert revision.state == "staff_review"


def test_a_stale_edit_shows_both_versions(session, enterprise, member, now):
    revision = drafts.start(session, member, Kind.DEMAND, enterprise.id, now=now)
    opened = revision.version
    drafts.save(session, member, revision.id, {"title": "别人先写的标题"}, version=opened, now=now)
    with pytest.raises(drafts.StaleDraft) as clash:
        drafts.save(session, member, revision.id, {"title": "我写的标题"}, version=opened, now=now)
    assert clash.value.names == ("title",)
    assert (clash.value.mine.title, clash.value.theirs.title) == ("我写的标题", "别人先写的标题")


def test_the_public_sees_the_accepted_revision_while_the_next_is_written(
    session, enterprise, member, operator, now
):
    listing = factories.published(session, member, enterprise, factories.demand(), operator, now=now)
    revision = drafts.edit(session, member, listing.number, now=now)
    drafts.save(
        session, member, revision.id, {"title": "改过的标题还没通过"}, version=revision.version, now=now
    )
    assert reading.public(session, VISITOR, listing.number).content.title == "高炉风口套表面耐磨涂层"
    assert drafts.edit(session, member, listing.number, now=now).id == revision.id


def test_a_limited_demand_is_secret_from_visitors_and_hides_its_owner(
    session, enterprise, member, operator, now
):
    content = factories.demand(limited=True, hide_owner=True, budget_public=False)
    listing = factories.published(session, member, enterprise, content, operator, now=now)
    with pytest.raises(NotFound):
        reading.public(session, VISITOR, listing.number)
    other_house = factories.organisation(session, now=now)
    other = factories.actor(session, Role.ENTERPRISE_MEMBER, other_house, now=now)
    seen = reading.public(session, other, listing.number)
    assert not seen.sees_owner and not seen.sees_contact and seen.may_enquire
    unverified_house = factories.organisation(session, now=now, verified=False)
    stranger = factories.actor(session, Role.ENTERPRISE_MEMBER, unverified_house, now=now)
    with pytest.raises(NotFound):
        reading.public(session, stranger, listing.number)


@pytest.mark.parametrize(("action", "reason"), [("pause", "要修改"), ("withdraw", "solved")])
def test_a_listing_leaves_the_market_with_a_reason(
    session, enterprise, member, operator, now, action, reason
):
    listing = factories.published(session, member, enterprise, factories.demand(), operator, now=now)
    act = getattr(publication, action)
    with pytest.raises(Invalid):
        act(session, member, listing.number, "", version=listing.version, now=now)
    act(session, member, listing.number, reason, version=listing.version, now=now)
    with pytest.raises(NotFound):
        reading.public(session, VISITOR, listing.number)
    with pytest.raises(Conflict):
        act(session, member, listing.number, reason, version=listing.version, now=now)


def test_confirming_starts_the_freshness_clock_again(session, enterprise, member, operator, now):
    listing = factories.published(session, member, enterprise, factories.demand(), operator, now=now)
    later = now + timedelta(days=120)
    assert freshness.needs_confirmation(listing.confirmed_on, later.date())
    confirming.confirm(session, member, listing.number, now=later)
    assert not freshness.needs_confirmation(listing.confirmed_on, later.date())


def test_nobody_posts_for_an_unverified_or_foreign_organisation(session, member, now):
    unverified = factories.organisation(session, now=now, verified=False)
    stranger = factories.actor(session, Role.ENTERPRISE_MEMBER, unverified, now=now)
    with pytest.raises(Forbidden):
        drafts.start(session, stranger, Kind.DEMAND, unverified.id, now=now)
    with pytest.raises(NotFound):
        drafts.start(session, member, Kind.DEMAND, unverified.id, now=now)


def test_content_survives_the_trip_through_the_database(session, enterprise, member, now):
    content = factories.demand()
    revision = drafts.start(session, member, Kind.DEMAND, enterprise.id, now=now, content=content)
    session.expire_all()
    assert revision.typed_content() == content
    assert DemandContent.from_json({"title": "旧文档", "unknown_key": 1}).title == "旧文档"


def test_views_are_counted_per_day(session, enterprise, member, operator, now):
    listing = factories.published(session, member, enterprise, factories.demand(), operator, now=now)
    for day in (now.date(), now.date(), now.date() - timedelta(days=40)):
        reading.count_view(session, listing.id, day)
    assert reading.views(session, [listing.id]) == {listing.id: 3}
    assert reading.views(session, [listing.id], now.date()) == {listing.id: 2}
