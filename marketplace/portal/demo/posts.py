"""Placing the demonstration market's listings: written, handed in, approved, reviewed and kept as on the pages."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from io import BytesIO

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from marketplace.accounts.services import organisations
from marketplace.attachments import Storage
from marketplace.clock import legal_day
from marketplace.listings import freshness, states
from marketplace.listings.models import Listing, ListingRevision
from marketplace.listings.services import attaching, confirming, drafts, publication, reminding
from marketplace.permissions import Actor, Role
from marketplace.portal.demo.documents import House, Post, Seed
from marketplace.portal.demo.evidence import pdf
from marketplace.portal.demo.houses import actor

_STEPS = 5
_LONGEST_STEP = timedelta(days=1)


@dataclass
class _Walk:
    """One listing on its way: who takes part and what time it is."""

    session: Session
    post: Post
    author: Actor
    manager: Actor | None
    operator: Actor
    revision: ListingRevision
    now: datetime
    step: timedelta

    def act(self, service: Callable, who: Actor, *details: str) -> None:
        """One act on the revision, a little later than the last."""
        self.now += self.step
        service(self.session, who, self.revision.id, *details, version=self.revision.version, now=self.now)

    def pause(self) -> None:
        """The owner takes the published listing out of sight for a while."""
        self.now += self.step
        publication.pause(
            self.session, self.author, self.number, self.post.reason, version=self.version, now=self.now
        )

    def withdraw(self) -> None:
        """The owner takes the published listing off the market."""
        self.now += self.step
        publication.withdraw(
            self.session,
            self.author,
            self.number,
            self.post.closing,
            note=self.post.reason,
            version=self.version,
            now=self.now,
        )

    def lapse(self) -> None:
        """Nobody confirmed the published listing until its days were over."""
        self.now += timedelta(days=freshness.OFF_LINE_FROM)
        reminding.take_off_line(self.session, self.revision.listing, now=self.now)

    @property
    def number(self) -> str:
        return self.revision.listing.number

    @property
    def version(self) -> int:
        return self.revision.listing.version


def place(session: Session, storage: Storage, seed: Seed, *, now: datetime) -> int:
    """Place every listing unless the demonstration organisations have some already; returns how many."""
    houses = {
        house.values["credit_code"]: organisations.find_by_credit_code(
            session, house.values["credit_code"]
        ).id
        for house in seed.houses
    }
    if session.scalar(select(func.count(Listing.id)).where(Listing.organisation_id.in_(houses.values()))):
        return 0
    operator = actor(session, _address(seed.houses, Role.OPERATOR), now)
    # Oldest first, so that numbers grow with time.
    for post in sorted(seed.posts, key=lambda one: -one.days_ago):
        house, _person = seed.member(post.author)
        walk = _start(session, storage, seed, post, houses[house.values["credit_code"]], operator, now)
        _go(walk)
        _confirm(walk, now)
    return len(seed.posts)


def _start(
    session: Session,
    storage: Storage,
    seed: Seed,
    post: Post,
    house_id: int,
    operator: Actor,
    now: datetime,
) -> _Walk:
    """The draft with its content and files."""
    house, person = seed.member(post.author)
    written = now - timedelta(days=post.days_ago)
    author = actor(session, post.author, written)
    revision = drafts.start(session, author, post.kind, house_id, now=written)
    content = post.content(legal_day(now), house, person)
    changes = {field.name: getattr(content, field.name) for field in fields(content)}
    drafts.save(session, author, revision.id, changes, version=revision.version, now=written)
    files = [
        (BytesIO(pdf((name, content.title, "示例文件，仅供演示"))), f"{name}.pdf") for name in post.files
    ]
    if files:
        attaching.add(session, author, storage, revision, files, now=written)
    manager = _address([house], Role.UNIT_MANAGER)
    return _Walk(
        session=session,
        post=post,
        author=author,
        manager=actor(session, manager, written) if manager else None,
        operator=operator,
        revision=revision,
        now=written,
        step=min(_LONGEST_STEP, timedelta(days=post.days_ago) / (_STEPS + 1)),
    )


def _go(walk: _Walk) -> None:
    """As far as the post's state says."""
    wanted = walk.post.state
    if wanted == "draft":
        return
    walk.act(drafts.submit, walk.author)
    if walk.revision.state == states.UNIT_APPROVAL:
        _pass_unit(walk, wanted)
    if walk.revision.state != states.STAFF_REVIEW or wanted == states.STAFF_REVIEW:
        return
    if wanted == "returned_by_staff":
        walk.act(publication.return_by_staff, walk.operator, walk.post.reason)
    else:
        walk.act(publication.accept, walk.operator)
        _after_publication(walk, wanted)


def _pass_unit(walk: _Walk, wanted: str) -> None:
    if wanted == "returned_by_unit":
        walk.act(publication.return_by_unit, walk.manager, walk.post.reason)
    elif wanted != states.UNIT_APPROVAL:
        walk.act(publication.approve_by_unit, walk.manager)


def _after_publication(walk: _Walk, wanted: str) -> None:
    if wanted == "paused":
        walk.pause()
    elif wanted == "withdrawn":
        walk.withdraw()
    elif wanted == "lapsed":
        walk.lapse()
    elif wanted == "revised":
        walk.now += walk.step
        walk.revision = drafts.edit(walk.session, walk.author, walk.number, now=walk.now)
        drafts.save(
            walk.session,
            walk.author,
            walk.revision.id,
            walk.post.edited(),
            version=walk.revision.version,
            now=walk.now,
        )


def _confirm(walk: _Walk, today: datetime) -> None:
    """The owner of an old listing has looked at it since."""
    if walk.post.confirmed_days_ago is not None:
        when = today - timedelta(days=walk.post.confirmed_days_ago)
        confirming.confirm(walk.session, walk.author, walk.number, now=when)


def _address(houses: list[House] | tuple[House, ...], role: Role) -> str | None:
    return next((p.address for h in houses for p in h.people if p.role is role), None)
