"""A small market for tests of common demands: firms that ask for nearly the same, each by one person."""

from sqlalchemy import select

from marketplace.accounts.models import Organisation
from marketplace.listings.content import DemandContent
from marketplace.listings.models import Listing
from marketplace.listings.services import drafts, publication
from marketplace.permissions import Actor, Role
from marketplace.pooling.models import ClusterMember, DemandCluster
from marketplace.pooling.services import asking, managing
from marketplace.pooling.services.asking import Answer
from marketplace.web.transaction import unit_of_work
from marketplace.worker import run_pass
from tests import factories

TITLES = (
    "高炉风口套表面耐磨涂层",
    "高炉风口小套耐磨涂层开发",
    "高炉风口端部耐磨涂层技术",
    "风口套耐磨涂层延寿",
)


class Firms:
    """Firms by place: 0, 1, 2 …, made when they are first asked for."""

    def __init__(self, app, now):
        self.app, self.now = app, now
        self.houses: list[int] = []
        self.people: list[Actor] = []
        with unit_of_work() as session:
            self.operator = factories.operator(session, now=now)

    def firm(self, place: int) -> tuple[int, Actor]:
        """The house and the person of a firm."""
        while len(self.houses) <= place:
            with unit_of_work() as session:
                house = factories.organisation(session, now=self.now)
                self.people.append(factories.actor(session, Role.ENTERPRISE_MEMBER, house, now=self.now))
                self.houses.append(house.id)
        return self.houses[place], self.people[place]

    def ask(self, place: int, **changes) -> str:
        """A published demand of a firm, by default one that all firms have; returns its number."""
        house_id, person = self.firm(place)
        content = factories.demand(**{"title": TITLES[place % len(TITLES)], **changes})
        return self.publish(person, house_id, content)

    def publish(self, person: Actor, house_id: int, content: DemandContent) -> str:
        with unit_of_work() as session:
            house = session.get_one(Organisation, house_id)
            return factories.published(session, person, house, content, self.operator, now=self.now).number

    def change(self, place: int, number: str, **values) -> None:
        """Publish a new revision of a firm's demand."""
        with unit_of_work() as session:
            person = self.people[place]
            revision = drafts.edit(session, person, number, now=self.now)
            drafts.save(session, person, revision.id, values, version=revision.version, now=self.now)
            drafts.submit(session, person, revision.id, version=revision.version, now=self.now)
            publication.accept(session, self.operator, revision.id, version=revision.version, now=self.now)

    def withdraw(self, place: int, number: str) -> None:
        with unit_of_work() as session:
            listing = session.scalar(select(Listing).where(Listing.number == number))
            publication.withdraw(
                session, self.people[place], number, "solved", version=listing.version, now=self.now
            )

    def work(self) -> None:
        """The worker, without mails."""
        run_pass(self.app, only=("index", "pooling"))

    def answer(self, number: str, act: str, *, by: Actor | None = None, **ticks) -> None:
        """A firm's answer about its demand, by its author unless told otherwise."""
        with unit_of_work() as session:
            member = live(session, number)
            who = by or self.people[self.houses.index(member.organisation_id)]
            asking.answer(session, who, member.id, Answer(act, **ticks), version=member.version, now=self.now)

    def publish_pool(self) -> str:
        """Staff publish the one cluster; returns its number."""
        with unit_of_work() as session:
            cluster = managing.opened(session, self.operator, only_cluster(session).id)
            managing.publish(session, self.operator, cluster, version=cluster.version, now=self.now)
            return cluster.number


def live(session, number: str) -> ClusterMember:
    """The place of a demand in its cluster."""
    return session.scalar(
        select(ClusterMember)
        .join(ClusterMember.listing)
        .where(
            Listing.number == number, ClusterMember.state.in_(("waiting", "agreed", "declined", "postponed"))
        )
    )


def only_cluster(session) -> DemandCluster:
    """The one cluster that is not closed."""
    return session.scalars(select(DemandCluster).where(DemandCluster.state != "closed")).one()


def groups() -> list[tuple[str, ...]]:
    """The demands of each cluster that is not closed, by number."""
    with unit_of_work() as session:
        clusters = session.scalars(
            select(DemandCluster).where(DemandCluster.state != "closed").order_by(DemandCluster.id)
        )
        return [tuple(sorted(m.listing.number for m in cluster.live_members)) for cluster in clusters]
