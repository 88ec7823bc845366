"""The demonstration market's common demands: found by the worker, answered by their firms, published by staff."""

import time
from collections.abc import Iterator
from datetime import datetime

import yaml
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from marketplace.config import ROOT
from marketplace.extensions import db
from marketplace.listings.models import Listing, ListingRevision
from marketplace.permissions import Actor, Role
from marketplace.pooling import states
from marketplace.pooling.models import ClusterMember, DemandCluster
from marketplace.pooling.services import asking, managing, responding
from marketplace.pooling.services.asking import Answer
from marketplace.portal.demo.documents import Seed
from marketplace.portal.demo.houses import actor
from marketplace.web.transaction import unit_of_work

_FILE = ROOT / "seed_data" / "demo" / "pools.yaml"
#: Another worker may be at the same work: wait for it this often, this long.
_TRIES, _PAUSE_SECONDS = 60, 0.5


def pool(app: Flask, seed: Seed, *, now: datetime) -> int:
    """Let the worker find the clusters, then answer and publish, unless that has been done; returns how many."""
    if db.session.scalar(select(func.count(ClusterMember.id)).where(ClusterMember.answered_at.is_not(None))):
        return 0
    lines = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    wanted = [answer["demand"] for line in lines for answer in line["answers"]]
    # A market that was loaded before these demands were written never gets them.
    if any(_published(db.session, title) is None for title in wanted) or not _found(app, wanted):
        return 0
    with unit_of_work() as session:
        staff = actor(session, _address(seed, Role.OPERATOR), now)
        for line in lines:
            if "title" in line:
                _word(session, staff, line, now)
            _answer(session, line, now)
            if "title" in line:
                _publish(session, staff, line, now)
    return len(lines)


def _found(app: Flask, wanted: list[str]) -> bool:
    """Whether every demand that is named stands in a cluster; the worker is run until it does."""
    for attempt in range(_TRIES):
        if attempt:
            time.sleep(_PAUSE_SECONDS)
        app.extensions["worker"](only=("index", "pooling"))
        db.session.rollback()
        if all(_member(db.session, title) for title in wanted):
            return True
    return False


def _answer(session: Session, line: dict, now: datetime) -> None:
    for said in line["answers"]:
        member = _member(session, said["demand"])
        who = actor(session, member.listing.author.email, now)
        answer = Answer(said["answer"], said.get("budget", False), said.get("name", False))
        asking.answer(session, who, member.id, answer, version=member.version, now=now)


def _word(session: Session, staff: Actor, line: dict, now: datetime) -> None:
    """Words come before answers: a firm agrees to what it reads."""
    cluster = _cluster(session, staff, line)
    managing.word(session, staff, cluster, line["title"], line["summary"], version=cluster.version, now=now)


def _cluster(session: Session, staff: Actor, line: dict) -> DemandCluster:
    member = _member(session, line["answers"][0]["demand"])
    return managing.opened(session, staff, member.cluster_id)


def _publish(session: Session, staff: Actor, line: dict, now: datetime) -> None:
    cluster = _cluster(session, staff, line)
    managing.publish(session, staff, cluster, version=cluster.version, now=now)
    for offered in _achievements(session, line):
        listing, text = offered
        solver = actor(session, listing.author.email, now)
        responding.respond(session, solver, cluster, listing.number, text, now=now)


def _achievements(session: Session, line: dict) -> Iterator[tuple[Listing, str]]:
    for response in line.get("responses", ()):
        yield _published(session, response["achievement"]), response["text"]


def _published(session: Session, title: str) -> Listing | None:
    return session.scalar(
        select(Listing)
        .join(ListingRevision, Listing.accepted_revision_id == ListingRevision.id)
        .where(ListingRevision.title.startswith(title))
    )


def _member(session: Session, title: str) -> ClusterMember | None:
    """The place of a demand in a cluster whose firms have been asked."""
    return session.scalar(
        select(ClusterMember)
        .join(ClusterMember.cluster)
        .join(ClusterMember.listing)
        .join(ListingRevision, Listing.accepted_revision_id == ListingRevision.id)
        .where(
            ListingRevision.title.startswith(title),
            ClusterMember.state.in_(states.LIVE),
            DemandCluster.state.in_(states.ASKED),
        )
    )


def _address(seed: Seed, role: Role) -> str:
    return next(p.address for h in seed.houses for p in h.people if p.role is role)
