"""Bulk moves obey the state table, and refuse what only a person may do."""

import pytest

from marketplace import outbox, workflow
from marketplace.accounts.models import Organisation
from marketplace.accounts.services import installed
from marketplace.accounts.states import ORGANISATION
from marketplace.bulk_workflow import apply_all, emit_all
from marketplace.errors import Conflict, Invalid
from marketplace.listings import states
from marketplace.listings.content import Kind
from marketplace.listings.models import Listing, ListingRevision
from marketplace.listings.services import bulk_publication, drafts
from marketplace.listings.services.bulk_publication import Publication
from tests import factories


@pytest.fixture
def revisions(session, now):
    """Drafts of three listings that an import made."""
    house = factories.organisation(session, now=now)
    content = factories.demand()
    listings = [
        drafts.create_listing(session, Kind.DEMAND, house.id, author_id=None, now=now) for _ in range(3)
    ]
    return [drafts.add_revision(session, listing, content, None, now=now) for listing in listings]


def test_every_record_moves_with_history_and_quiet_news(session, revisions, now):
    ids = [revision.id for revision in revisions]
    before = [revision.version for revision in revisions]
    apply_all(session, states.REVISION, ListingRevision, "accept_import", ids, now=now)
    assert [revision.state for revision in revisions] == ["accepted"] * 3
    assert [revision.version for revision in revisions] == [version + 1 for version in before]
    for revision in revisions:
        (entry,) = workflow.history(session, "revision", revision.id)
        assert (entry.from_state, entry.to_state, entry.actor_id) == ("draft", "accepted", None)
    assert outbox.depth(session) == {}  # revisions tell nobody


def test_one_record_in_another_state_stops_all(session, revisions, now):
    ids = [revision.id for revision in revisions]
    apply_all(session, states.REVISION, ListingRevision, "accept_import", ids[:1], now=now)
    with pytest.raises(Conflict, match="已通过"):
        apply_all(session, states.REVISION, ListingRevision, "accept_import", ids, now=now)
    assert [revision.state for revision in revisions] == ["accepted", "draft", "draft"]


@pytest.mark.parametrize(
    ("machine", "model", "action"),
    [
        (states.REVISION, ListingRevision, "submit_to_staff"),  # has a guard
        (ORGANISATION, Organisation, "submit"),  # asks for evidence
    ],
)
def test_a_move_that_asks_for_more_cannot_be_done_in_bulk(session, revisions, now, machine, model, action):
    house = factories.organisation(session, now=now, verified=False)
    record = house if model is Organisation else revisions[0]
    with pytest.raises(ValueError, match="more than a bulk move"):
        apply_all(session, machine, model, action, [record.id], now=now)


def test_nothing_to_do_is_nothing_done(session, now):
    apply_all(session, states.LISTING, Listing, "publish", [], now=now)
    emit_all(session, [], now=now)
    bulk_publication.publish_imported(session, [], now=now)
    assert outbox.depth(session) == {}


def test_a_withdrawn_listing_is_published_only_from_a_draft(session, revisions, now):
    one = Publication(revisions[0].listing_id, revisions[0].id, factories.demand())
    bulk_publication.publish_imported(session, [one], now=now)
    assert revisions[0].listing.state == "published"
    with pytest.raises(Conflict):
        bulk_publication.publish_imported(session, [one], now=now)


def test_offices_are_entered_by_the_installation_and_checked(session, now):
    data = {
        "name": "示例登记站",
        "organisation_type": "registration_agency",
        "party_kind": "PUBLIC_INSTITUTION",
        "credit_code": factories.credit_code(77),
        "registration_region": "150100",
    }
    office = installed.enter(session, data, now=now)
    assert (office.state, office.name_key) == ("verified", "示例登记站")
    (entry,) = workflow.history(session, "organisation", office.id)
    assert (entry.action, entry.actor_id) == ("enter", None)
    with pytest.raises(Invalid) as refused:
        installed.enter(
            session,
            {
                "name": "示例企业",
                "organisation_type": "enterprise",
                "party_kind": "?",
                "registration_region": "999999",
                "credit_code": "1",
            },
            now=now,
        )
    assert set(refused.value.problems) == {
        "organisation_type",
        "party_kind",
        "registration_region",
        "credit_code",
    }


def test_a_source_is_entered_once(session, now):
    first = installed.ensure_source(session, "示例 来源（甲）", "150000", now=now)
    assert installed.ensure_source(session, "示例来源(甲)", "150000", now=now).id == first.id
    assert (first.credit_code, first.state) == (None, "verified")
