"""Putting two clusters together by hand: what the calculation keeps apart, staff may see as one problem.

One cluster goes on with the demands of both, the other is closed. Each demand stays until its text changes. What the
firms had been asked about is not what they are asked about now, so that nobody's yes goes over: everybody but those
who said no is asked again, and a published demand is taken down until enough have agreed.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace import outbox, workflow
from marketplace.db import lock_row
from marketplace.errors import N_, Invalid, StaleEdit
from marketplace.matching.subjects import subject
from marketplace.permissions import MARKET, SYSTEM, Actor, Permission, require
from marketplace.pooling import states
from marketplace.pooling.models import ClusterMember, DemandCluster
from marketplace.pooling.services import asking
from marketplace.pooling.services.neighbourhood import suitable
from marketplace.pooling.services.wording import wording
from search.clustering import MOST_MEMBERS
from search.tokenizer import cut

#: The newest clusters among which those with common words are looked for, and how many are offered.
_LOOKED_AT = 500
MOST_OFFERED = 20


@dataclass(frozen=True)
class Seen:
    """What staff had before them: versions of the cluster that goes on and of the other, and all their demands."""

    version: int
    other_version: int
    demands: frozenset[int]


@dataclass(frozen=True)
class Offer:
    """A cluster that could be put into another, with the words that both have."""

    id: int
    title: str
    state: str
    words: tuple[str, ...]


def offers(session: Session, actor: Actor, cluster: DemandCluster) -> list[Offer]:
    """Clusters that share words with this one, those that share most first. Raises Forbidden."""
    require(actor, Permission.POOL_MANAGE, MARKET)
    rows = session.execute(
        select(DemandCluster.id, DemandCluster.title, DemandCluster.state, DemandCluster.words)
        .where(DemandCluster.state.in_((states.PROPOSED, states.ASKING)), DemandCluster.id != cluster.id)
        .order_by(DemandCluster.id.desc())
        .limit(_LOOKED_AT)
    )
    found = [Offer(i, title, state, _shared(cluster.words, words)) for i, title, state, words in rows]
    alike = sorted((one for one in found if one.words), key=lambda one: (-sum(map(len, one.words)), -one.id))
    return alike[:MOST_OFFERED]


def demands_of(*clusters: DemandCluster) -> frozenset[int]:
    """The demands that stand in these clusters."""
    return frozenset(member.listing_id for cluster in clusters for member in cluster.live_members)


def check(into: DemandCluster, other: DemandCluster) -> None:
    """Raise Invalid with every sentence that says why these two cannot be put together."""
    problems = []
    if into.id == other.id:
        problems.append(N_("不能与自己合并，请选择另一组。"))
    if states.CLOSED in (into.state, other.state):
        problems.append(N_("其中一组已经关闭，不能合并。"))
    if other.state == states.PUBLISHED:
        problems.append(N_("已发布的共性需求不能并入别的组；请打开它，把另一组并进来。"))
    if into.id != other.id and _firms(into) & _firms(other):
        problems.append(N_("两组里有同一家企业的需求。一家企业在一组里只有一条，请先移出其中一条。"))
    if len(demands_of(into, other)) > MOST_MEMBERS:
        problems.append(N_("合并后超过 12 家企业。这么普遍的问题更适合分成几组。"))
    if problems:
        raise Invalid({"": problems})


def merge(
    session: Session,
    actor: Actor,
    into: DemandCluster,
    other: DemandCluster,
    reason: str,
    *,
    seen: Seen,
    now: datetime,
) -> None:
    """Put the demands of `other` into `into` and close it; the firms that had been asked are told.

    Raises Forbidden, StaleEdit, Conflict, Invalid (no reason, or one of `check`).
    """
    for cluster in sorted((into, other), key=lambda one: one.id):
        require(actor, Permission.POOL_MANAGE, cluster.permission_subject())
        lock_row(session, cluster)
        session.refresh(cluster, ["members"])
    if seen != Seen(into.version, other.version, demands_of(into, other)):
        raise StaleEdit
    check(into, other)
    moving = other.live_members
    took = {"actor": actor, "now": now, "reason": reason}
    workflow.apply(session, states.CLUSTER, into, "take_in", other=other.id, **took)
    workflow.apply(session, states.CLUSTER, other, "merge", into=into.id, **took)
    for member in moving:
        _move(session, member, into, now)
    session.refresh(into, ["members"])
    for member in into.live_members:
        member.placed = True
    _reword(into)
    asking.ask_anew(session, into, now=now)
    outbox.emit_once(session, "pooling", "listing", sorted(demands_of(into)), now=now, quiet=True)


def _move(session: Session, member: ClusterMember, into: DemandCluster, now: datetime) -> None:
    """Let a demand stand in another cluster, with what its firm has been asked and has said."""
    said = {"state": member.state if member.state == states.DECLINED else states.WAITING}
    said |= {name: getattr(member, name) for name in ("asked_at", "answered_at", "answered_by_id")}
    workflow.apply(session, states.MEMBER, member, "leave", actor=SYSTEM, now=now)
    there = next((one for one in into.members if one.listing_id == member.listing_id), None)
    if there is None:
        there = ClusterMember(
            cluster=into,
            listing_id=member.listing_id,
            organisation_id=member.organisation_id,
            created_at=now,
            counts_budget=False,
            shows_name=False,
            **said,
        )
        session.add(there)
    else:
        workflow.apply(session, states.MEMBER, there, "return", actor=SYSTEM, now=now)
        if said["state"] == states.DECLINED:
            workflow.apply(session, states.MEMBER, there, "decline", actor=SYSTEM, now=now)
        there.asked_at, there.counts_budget, there.shows_name = said["asked_at"], False, False
    # How like the new centre it is, the worker finds out next.
    there.revision_id, there.likeness = member.revision_id, 0.0
    session.flush()


def _reword(cluster: DemandCluster) -> None:
    """Words that all members use, where staff have not written others."""
    if cluster.edited:
        return
    there = suitable({member.listing_id: member.listing for member in cluster.live_members})
    if there:
        said = wording([subject(row, row.accepted_revision) for row in there.values()])
        cluster.title, cluster.summary, cluster.words = said.title, said.summary, list(said.words)


def _firms(cluster: DemandCluster) -> set[int]:
    return {member.organisation_id for member in cluster.live_members}


def _shared(own: Collection[str], others: Collection[str]) -> tuple[str, ...]:
    """The words inside the common words of both: 余热 of 余热回收 and 余热制冷."""
    mine = {part for word in own for part in cut(word)}
    parts = dict.fromkeys(part for word in others for part in cut(word))
    return tuple(part for part in parts if part in mine and len(part) > 1)
