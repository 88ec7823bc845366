"""A market for tests of saved searches: people who post, people who wait, and the clock in the worker's hand."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

from flask import Flask
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from marketplace.accounts.models import Organisation
from marketplace.discovery import forms
from marketplace.discovery.saved import asking, digester
from marketplace.discovery.saved.models import Frequency, SavedSearch, SearchDigestItem
from marketplace.discovery.saved.services import keeping
from marketplace.listings.models import Listing
from marketplace.listings.services import drafts, publication
from marketplace.listings.services.drafts import find_listing
from marketplace.notices.models import Mail, Notice
from marketplace.permissions import Actor, Role
from marketplace.web.transaction import unit_of_work
from marketplace.worker import run_pass
from tests import factories

#: Monday, a quarter past eight in Asia/Shanghai; tests of digests begin the Sunday before.
MONDAY = datetime(2026, 3, 2, 0, 15, tzinfo=UTC)
SUNDAY = MONDAY - timedelta(days=1)
DAY = timedelta(days=1)


@dataclass
class Market:
    """An enterprise that posts demands, the staff, and a person of another firm who waits for news."""

    app: Flask
    firm: int
    member: Actor
    operator: Actor
    reader: Actor

    def post(self, now: datetime, **changes) -> str:
        """A published and indexed demand; returns its number."""
        with unit_of_work() as session:
            house = session.get_one(Organisation, self.firm)
            content = factories.demand(**changes)
            number = factories.published(session, self.member, house, content, self.operator, now=now).number
        run_pass(self.app, only=["index"])
        return number

    def change(self, number: str, now: datetime, **changes) -> None:
        """A new accepted revision of a demand, indexed."""
        with unit_of_work() as session:
            revision = drafts.edit(session, self.member, number, now=now)
            drafts.save(session, self.member, revision.id, changes, version=revision.version, now=now)
            drafts.submit(session, self.member, revision.id, version=revision.version, now=now)
            publication.accept(session, self.operator, revision.id, version=revision.version, now=now)
        run_pass(self.app, only=["index"])

    def withdraw(self, number: str, now: datetime) -> None:
        """Off the market, and off the index a moment later."""
        with unit_of_work() as session:
            listing = find_listing(session, number)
            publication.withdraw(session, self.member, number, "solved", version=listing.version, now=now)

    def save(
        self, now: datetime, frequency: str = Frequency.DAILY, who: Actor | None = None, **address
    ) -> int:
        """Save a search; returns its id."""
        asked = forms.read(MultiDict(address))
        wish = keeping.Wish(
            address.get("q", "无名"), frequency, asking.stored(asked), asking.fingerprint(asked)
        )
        with unit_of_work() as session:
            return keeping.keep(session, who or self.reader, wish, now=now).id

    def digest(self, now: datetime) -> int:
        """One round of the worker over the searches that are due."""
        return digester.run(self.app.extensions["search"], secret=self.app.secret_key, now=now)


def market(app: Flask, now: datetime) -> Market:
    """Everybody, as of this moment."""
    with unit_of_work() as session:
        firm = factories.organisation(session, now=now)
        house = factories.organisation(session, now=now)
        return Market(
            app,
            firm.id,
            factories.actor(session, Role.ENTERPRISE_MEMBER, firm, now=now),
            factories.operator(session, now=now),
            factories.actor(session, Role.ENTERPRISE_MEMBER, house, now=now),
        )


def told() -> list[tuple[int, str, bool]]:
    """What has been told so far: search, number of the listing, whether it was new; in order."""
    with unit_of_work() as session:
        rows = session.scalars(
            select(SearchDigestItem).order_by(
                SearchDigestItem.digest_id, SearchDigestItem.saved_search_id, SearchDigestItem.place
            )
        )
        return [(row.saved_search_id, _number(session, row.listing_id), row.first) for row in rows]


def notices_of(user_id: int) -> list[dict]:
    """The facts of the digests in a person's inbox, oldest first."""
    with unit_of_work() as session:
        found = session.scalars(
            select(Notice)
            .where(Notice.kind == "search_digest", Notice.user_id == user_id)
            .order_by(Notice.id)
        )
        return [notice.params for notice in found]


def queued_mails() -> list[Mail]:
    """The mails of digests, written and not yet sent."""
    with unit_of_work() as session:
        found = session.scalars(select(Mail).where(Mail.kind == "search_digest").order_by(Mail.id)).all()
        session.expunge_all()
        return list(found)


def sent_mails(app: Flask) -> list[EmailMessage]:
    """The digests that left as mails, oldest first."""
    folder = app.extensions["settings"].home / "mail"
    read = (
        message_from_bytes(path.read_bytes(), policy=policy.default) for path in sorted(folder.glob("*.eml"))
    )
    return [message for message in read if "List-Unsubscribe" in message]


def searches(ids: Iterable[int]) -> list[SavedSearch]:
    """The rows of these searches as they are now."""
    with unit_of_work() as session:
        found = session.scalars(
            select(SavedSearch).where(SavedSearch.id.in_(ids)).order_by(SavedSearch.id)
        ).all()
        session.expunge_all()
        return list(found)


def _number(session, listing_id: int) -> str:
    return session.get_one(Listing, listing_id).number
