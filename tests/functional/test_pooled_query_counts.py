"""Pages of common demands ask the database a fixed number of questions, however many clusters and members."""

import pytest

from marketplace.accounts.models import Organisation
from marketplace.listings.models import Listing
from marketplace.listings.services.drafts import find_listing
from marketplace.permissions import Actor, Role
from marketplace.pooling.models import ClusterMember, ClusterResponse, DemandCluster
from tests import factories
from tests.functional.conftest import Town, publish
from tests.functional.test_query_counts import statements

#: Page, who opens it, and how many statements it may take at most (measured, then rounded up to the next five).
PAGES = (
    ("/pooled-demands", None, 10),
    ("/pooled-demands/P2026-00001", None, 10),
    ("/pooled-demands/P2026-00001/respond", "researcher", 15),
    ("/gaps", None, 5),
    ("/my/pooled-demands", "member", 10),
    ("/my/pooled-demands/1", "member", 15),
    ("/staff/pooled-demands", "operator", 15),
    ("/staff/pooled-demands/1", "operator", 20),
    ("/staff/pooled-demands/1/merge", "operator", 20),
)


def cluster(session, town: Town, number: int, now) -> DemandCluster:
    """A published cluster with the member's demand."""
    owner = session.get_one(Organisation, town.houses["enterprise"])
    listing = demand_of(session, town, town.people["member"], owner, now)
    made = DemandCluster(
        number=f"P2026-{number:05d}",
        state="published",
        title=f"第 {number} 组",
        summary="相近的难题",
        words=["涂层"],
        centre_id=listing.id,
        likeness=0.8,
        created_at=now,
        published_at=now,
        members=[member_with(listing, now)],
    )
    session.add(made)
    return made


def fill(session, town: Town, made: DemandCluster, firms: int, now) -> None:
    """More firms that agreed, and as many responses."""
    for _ in range(firms):
        house = factories.organisation(session, now=now)
        person = factories.actor(session, Role.ENTERPRISE_MEMBER, house, now=now)
        made.members.append(member_with(demand_of(session, town, person, house, now), now))
        number = publish(session, town, "researcher", "university", factories.achievement(), now)
        made.responses.append(response_with(town, find_listing(session, number), now))
    session.flush()


def demand_of(session, town: Town, person: Actor, house: Organisation, now) -> Listing:
    operator = town.people["operator"]
    return factories.published(session, person, house, factories.demand(), operator, now=now)


def member_with(listing: Listing, now) -> ClusterMember:
    return ClusterMember(
        listing_id=listing.id,
        organisation_id=listing.organisation_id,
        revision_id=listing.accepted_revision_id,
        likeness=0.8,
        state="agreed",
        counts_budget=True,
        asked_at=now,
        created_at=now,
    )


def response_with(town: Town, achievement: Listing, now) -> ClusterResponse:
    return ClusterResponse(
        achievement_id=achievement.id,
        organisation_id=achievement.organisation_id,
        person_id=town.people["researcher"].user_id,
        text="可以解决",
        state="received",
        created_at=now,
    )


def measured(town: Town) -> dict[str, list[str]]:
    found = {}
    for path, person, _bound in PAGES:
        client = town.client(person)
        with statements(town.app) as seen:
            assert client.get(path).status_code == 200, path
        # The word lists are read again from time to time, whatever the page.
        found[path] = [statement for statement in seen if "FROM lexicon_entries" not in statement]
    return found


@pytest.fixture
def counts(town: Town, now):
    """The statements with one cluster of two firms, and with eight of them, the first of seven firms."""
    with town.books() as session:
        fill(session, town, cluster(session, town, 1, now), 1, now)
    few = measured(town)
    with town.books() as session:
        fill(session, town, session.get_one(DemandCluster, 1), 5, now)
        for number in range(2, 9):
            fill(session, town, cluster(session, town, number, now), 2, now)
    return few, measured(town)


def test_more_clusters_and_members_do_not_mean_more_statements(counts):
    few, many = counts
    for path, _person, bound in PAGES:
        extra = [statement for statement in many[path] if statement not in few[path]]
        assert len(many[path]) == len(few[path]), (path, len(few[path]), len(many[path]), extra[:3])
        assert len(many[path]) <= bound, (path, len(many[path]))
