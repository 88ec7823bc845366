"""A small market for tests of matching: an enterprise that asks and a university that offers."""

from marketplace.accounts.models import Organisation
from marketplace.listings.services import drafts, publication
from marketplace.matching.services import decisions, pairs
from marketplace.permissions import Role
from marketplace.web.transaction import unit_of_work
from tests import factories


class Market:
    """An enterprise that asks and a university that offers."""

    def __init__(self, app, now):
        self.app, self.now = app, now
        with unit_of_work() as session:
            self.firm = factories.organisation(session, now=now).id
            self.unit = factories.organisation(session, now=now, kind="university").id
            self.member = self._actor(session, Role.ENTERPRISE_MEMBER, self.firm)
            self.researcher = self._actor(session, Role.RESEARCHER, self.unit)
            self.operator = factories.operator(session, now=now)

    def _actor(self, session, role, house):
        return factories.actor(session, role, session.get_one(Organisation, house), now=self.now)

    def offer(self, **changes) -> str:
        return self._publish(self.researcher, self.unit, factories.achievement(**changes))

    def ask(self, **changes) -> str:
        return self._publish(self.member, self.firm, factories.demand(**changes))

    def _publish(self, author, house, content) -> str:
        with unit_of_work() as session:
            owner = session.get_one(Organisation, house)
            return factories.published(session, author, owner, content, self.operator, now=self.now).number

    def change(self, author, number: str, **values) -> None:
        """Publish a new revision."""
        with unit_of_work() as session:
            revision = drafts.edit(session, author, number, now=self.now)
            drafts.save(session, author, revision.id, values, version=revision.version, now=self.now)
            drafts.submit(session, author, revision.id, version=revision.version, now=self.now)
            publication.accept(session, self.operator, revision.id, version=revision.version, now=self.now)

    def seen(self, actor, number) -> list[str]:
        """The other sides that this person sees, best first."""
        with unit_of_work() as session:
            own = pairs.matches_of(session, actor, number)
            mine = own.listing.number
            return [p.achievement.number if p.demand.number == mine else p.demand.number for p in own.pairs]

    def decide(self, actor, number, other, decision, **more):
        with unit_of_work() as session:
            return decisions.decide(session, actor, number, other, decision, now=self.now, **more)
