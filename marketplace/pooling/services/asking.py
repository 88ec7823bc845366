"""Asking the firms of a cluster whether they want to publish their problem together, and taking their answers.

An answer is the firm's own act: staff can ask, never answer. Until a firm has agreed nothing of it counts
anywhere; what it agreed to it can take back at any time.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.orm.attributes import flag_modified

from marketplace import workflow
from marketplace.accounts.services import organisations
from marketplace.errors import N_, Conflict, NotFound
from marketplace.listings.models import Listing
from marketplace.notices import services as notices
from marketplace.permissions import SYSTEM, Actor, Permission, require
from marketplace.pooling import states
from marketplace.pooling.models import ClusterMember, DemandCluster

_MAY_CHANGE = states.LIVE - {states.DECLINED}
#: Answer → the act of the state table.
ANSWERS = ("agree", "decline", "postpone")


@dataclass(frozen=True)
class Answer:
    """What a firm says: one of ANSWERS, whether its budget counts, whether it may be named once all agree."""

    act: str
    counts_budget: bool = False
    shows_name: bool = False


def ask(session: Session, actor: Actor, cluster: DemandCluster, *, version: int, now: datetime) -> int:
    """Ask the people of every member that has not been asked; returns how many firms that were.

    Raises Forbidden, StaleEdit, Conflict (closed, or everybody has been asked).
    """
    require(actor, Permission.POOL_MANAGE, cluster.permission_subject())
    if cluster.state == states.PROPOSED:
        workflow.apply(session, states.CLUSTER, cluster, "ask", actor=actor, now=now, version=version)
    elif cluster.state not in states.ASKED:
        raise Conflict(N_("这一组已经关闭，不能再征求意见。"))
    asked = _ask_members(session, cluster, now)
    if not asked:
        raise Conflict(N_("各家都已经征求过意见了。"))
    return asked


def ask_of_itself(session: Session, cluster: DemandCluster, *, now: datetime) -> None:
    """What a person's own publishing brought together is asked about without staff: the words are everybody's."""
    if cluster.state == states.PROPOSED:
        workflow.apply(session, states.CLUSTER, cluster, "ask", actor=SYSTEM, now=now)
    if cluster.state in states.ASKED:
        _ask_members(session, cluster, now)


def keep_honest(session: Session, cluster: DemandCluster, *, now: datetime) -> None:
    """Take a published common demand down when fewer firms than needed still agree."""
    agreed = sum(member.state == states.AGREED for member in cluster.members)
    if cluster.state == states.PUBLISHED and agreed < states.LEAST_AGREED:
        workflow.apply(session, states.CLUSTER, cluster, "suspend", actor=SYSTEM, now=now)
        for member in cluster.members:
            if member.state == states.AGREED:
                params = {"number": cluster.number, "title": cluster.title}
                tell(session, member, "pool_suspended", params, f"/my/pooled-demands/{member.id}", now=now)


def ask_anew(
    session: Session, cluster: DemandCluster, *, whose: Collection[str] = _MAY_CHANGE, now: datetime
) -> None:
    """What firms were asked about has changed: the answers of members in these states do not count any more.

    They are told so and have to be asked again, which is staff's next step. A no stays a no. A published demand is
    taken down when too few are left that agree.
    """
    asked = [m for m in cluster.live_members if m.asked_at is not None and m.state in whose]
    for member in asked:
        if member.state != states.WAITING:
            workflow.apply(session, states.MEMBER, member, "ask_anew", actor=SYSTEM, now=now)
        member.asked_at, member.counts_budget, member.shows_name = None, False, False
        params = {"title": member.listing.accepted_revision.title}
        tell(session, member, "pool_changed", params, f"/my/listings/{member.listing.number}", now=now)
    session.flush()
    keep_honest(session, cluster, now=now)


def outdate(cluster: DemandCluster) -> None:
    """Refuse as stale what firms answer from a page that still shows other words."""
    for member in cluster.live_members:
        if member.asked_at is not None:
            flag_modified(member, "asked_at")


def member_for(session: Session, actor: Actor, member_id: int) -> ClusterMember:
    """A firm's place in a cluster, for its own people. Raises NotFound for anybody else: that it exists is secret."""
    member = session.scalar(
        select(ClusterMember)
        .where(ClusterMember.id == member_id)
        .options(
            joinedload(ClusterMember.cluster).selectinload(DemandCluster.members),
            joinedload(ClusterMember.listing).joinedload(Listing.accepted_revision),
            joinedload(ClusterMember.organisation),
        )
    )
    if member is None:
        raise NotFound
    require(actor, Permission.POOL_ANSWER, member.permission_subject(), view=Permission.POOL_ANSWER)
    return member


def mine(session: Session, actor: Actor, *, page: int, size: int) -> tuple[list[ClusterMember], int]:
    """The places of this person's demands and of the houses he trades for, newest first, and how many."""
    query = (
        select(ClusterMember)
        .join(ClusterMember.cluster)
        .join(ClusterMember.listing)
        .where(
            ClusterMember.state.in_(states.LIVE),
            ClusterMember.asked_at.is_not(None),
            DemandCluster.state.in_(states.ASKED),
            (Listing.author_id == actor.user_id) | ClusterMember.organisation_id.in_(actor.houses()),
        )
    )
    total = session.scalar(select(func.count()).select_from(query.subquery()))
    rows = session.scalars(
        query.options(
            joinedload(ClusterMember.cluster).selectinload(DemandCluster.members),
            joinedload(ClusterMember.listing).joinedload(Listing.accepted_revision),
        )
        .order_by(ClusterMember.id.desc())
        .limit(size)
        .offset((page - 1) * size)
    )
    return list(rows), total


def answer(
    session: Session, actor: Actor, member_id: int, said: Answer, *, version: int, now: datetime
) -> ClusterMember:
    """Take a firm's answer; a later one replaces it. Raises NotFound, StaleEdit, Conflict."""
    member = member_for(session, actor, member_id)
    agreed = said.act == "agree"

    def write() -> None:
        member.counts_budget = agreed and said.counts_budget
        member.shows_name = agreed and said.shows_name
        member.answered_at, member.answered_by_id = now, actor.user_id

    workflow.apply(
        session,
        states.MEMBER,
        member,
        said.act,
        actor=actor,
        now=now,
        version=version,
        effect=write,
        counts_budget=agreed and said.counts_budget,
        shows_name=agreed and said.shows_name,
    )
    session.refresh(member.cluster, ["members"])
    keep_honest(session, member.cluster, now=now)
    return member


def people_of(session: Session, member: ClusterMember) -> list[int]:
    """Who is told about a member: the demand's author, for one without author those who manage the firm's people."""
    if member.listing.author_id is not None:
        return [member.listing.author_id]
    return organisations.people_managers(session, member.organisation_id)


def tell(
    session: Session,
    member: ClusterMember,
    kind: str,
    params: Mapping[str, object],
    path: str,
    *,
    now: datetime,
) -> None:
    """Tell a firm's people one thing about its place in a cluster, once for each state of the cluster."""
    key = f"{kind}:{member.id}:{member.cluster.version}"
    for user_id in people_of(session, member):
        notices.tell(session, user_id, kind, key=key, path=path, params=params, now=now)


def _ask_members(session: Session, cluster: DemandCluster, now: datetime) -> int:
    unasked = [member for member in cluster.live_members if member.asked_at is None]
    for member in unasked:
        member.asked_at = now
        params = {"count": len(cluster.live_members), "title": member.listing.accepted_revision.title}
        tell(session, member, "pool_asked", params, f"/my/pooled-demands/{member.id}", now=now)
    session.flush()
    return len(unasked)
