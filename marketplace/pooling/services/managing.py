"""What staff do with clusters: look, take out what does not belong, word, publish, close."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from marketplace import audit, outbox, workflow
from marketplace.clock import legal_day
from marketplace.db import lock_row
from marketplace.errors import N_, Invalid, NotFound, StaleEdit
from marketplace.listings.models import Listing
from marketplace.numbering import next_number
from marketplace.permissions import MARKET, SYSTEM, Actor, Permission, require
from marketplace.pooling import states
from marketplace.pooling.models import ClusterMember, ClusterResponse, DemandCluster
from marketplace.pooling.services import asking
from marketplace.pooling.services.wording import LONGEST_SUMMARY, LONGEST_TITLE
from search.copying import bare


def listed(
    session: Session, actor: Actor, state: str | None, *, page: int, size: int
) -> tuple[list[DemandCluster], int]:
    """Clusters of a state, or all that are not closed, newest first, with how many there are. Raises Forbidden."""
    require(actor, Permission.POOL_MANAGE, MARKET)
    query = select(DemandCluster)
    if state is None:
        query = query.where(DemandCluster.state != states.CLOSED)
    else:
        query = query.where(DemandCluster.state == state)
    total = session.scalar(select(func.count()).select_from(query.subquery()))
    rows = session.scalars(
        _whole(query).order_by(DemandCluster.id.desc()).limit(size).offset((page - 1) * size)
    )
    return list(rows), total


def counts(session: Session, actor: Actor) -> dict[str, int]:
    """How many clusters there are in each state. Raises Forbidden."""
    require(actor, Permission.POOL_MANAGE, MARKET)
    found = session.execute(select(DemandCluster.state, func.count()).group_by(DemandCluster.state))
    return dict(found.all())


def opened(session: Session, actor: Actor, cluster_id: int) -> DemandCluster:
    """A cluster with its members and responses, for staff. Raises Forbidden, NotFound."""
    require(actor, Permission.POOL_MANAGE, MARKET)
    responses = selectinload(DemandCluster.responses)
    cluster = session.scalar(
        _whole(select(DemandCluster).where(DemandCluster.id == cluster_id)).options(
            responses.joinedload(ClusterResponse.achievement).joinedload(Listing.accepted_revision),
            responses.joinedload(ClusterResponse.organisation),
        )
    )
    if cluster is None:
        raise NotFound
    return cluster


def member_of(cluster: DemandCluster, member_id: int) -> ClusterMember:
    """A live member of an opened cluster. Raises NotFound."""
    found = next((member for member in cluster.live_members if member.id == member_id), None)
    if found is None:
        raise NotFound
    return found


def remove(
    session: Session, actor: Actor, member: ClusterMember, reason: str, *, version: int, now: datetime
) -> None:
    """“This one does not belong”: it leaves, and does not come back until its text changes.

    Raises Forbidden, StaleEdit, Invalid (no reason).
    """
    cluster = member.cluster
    workflow.apply(
        session, states.MEMBER, member, "remove", actor=actor, now=now, version=version, reason=reason
    )
    session.refresh(cluster, ["members"])
    left = [one.listing_id for one in cluster.live_members]
    asking.keep_honest(session, cluster, now=now)
    if len(left) < 2:
        _end_members(session, cluster, "leave", now)
        workflow.apply(session, states.CLUSTER, cluster, "dissolve", actor=SYSTEM, now=now)
    outbox.emit_once(session, "pooling", "listing", [member.listing_id, *left], now=now, quiet=True)


def word(
    session: Session,
    actor: Actor,
    cluster: DemandCluster,
    title: str,
    summary: str,
    *,
    version: int,
    now: datetime,
) -> None:
    """Write title and summary by hand; from then on no calculation changes them.

    Who agreed to other words is told and must be asked again; letters and figures alone count.
    Raises Forbidden, StaleEdit, Invalid.
    """
    member = require(actor, Permission.POOL_MANAGE, cluster.permission_subject())
    lock_row(session, cluster)
    if cluster.version != version:
        raise StaleEdit
    problems = {
        "title": _problem(
            title, LONGEST_TITLE, N_("请写一个不透露企业的名称，例如“风电叶片防覆冰共性难题”。")
        ),
        "summary": _problem(summary, LONGEST_SUMMARY, N_("请写明共同的难题，不要引用某一家的原文。")),
    }
    if found := {name: [sentence] for name, sentence in problems.items() if sentence}:
        raise Invalid(found)
    before = bare(f"{cluster.title}{cluster.summary}")
    cluster.title, cluster.summary, cluster.edited = title.strip(), summary.strip(), True
    audit.record(
        session, actor, "demand_cluster.word", "demand_cluster", cluster.id, now=now, membership=member
    )
    session.flush()
    if bare(f"{cluster.title}{cluster.summary}") != before:
        asking.ask_anew(session, cluster, whose={states.AGREED}, now=now)
        asking.outdate(cluster)


def publish(
    session: Session, actor: Actor, cluster: DemandCluster, *, version: int, now: datetime
) -> DemandCluster:
    """Publish the common demand of the firms that agreed, under its number; they are told.

    Raises Forbidden, StaleEdit, Conflict, Invalid (too few agreed).
    """

    def number_it() -> None:
        year = legal_day(now).year
        cluster.number = cluster.number or f"P{year}-{next_number(session, f'pool:{year}'):05d}"
        cluster.published_at = cluster.published_at or now

    workflow.apply(
        session,
        states.CLUSTER,
        cluster,
        "publish",
        actor=actor,
        now=now,
        version=version,
        effect=number_it,
    )
    params = {"number": cluster.number, "title": cluster.title}
    for member in cluster.members:
        if member.state == states.AGREED:
            path = f"/pooled-demands/{cluster.number}"
            asking.tell(session, member, "pool_published", params, path, now=now)
    return cluster


def close(
    session: Session, actor: Actor, cluster: DemandCluster, reason: str, *, version: int, now: datetime
) -> None:
    """Close a cluster; its demands do not come together again until their texts change.

    Those who were asked are told the reason. Raises Forbidden, StaleEdit, Conflict, Invalid (no reason).
    """
    asked = [member for member in cluster.live_members if member.asked_at is not None]
    workflow.apply(
        session, states.CLUSTER, cluster, "close", actor=actor, now=now, version=version, reason=reason
    )
    for member in asked:
        params = {"title": cluster.title, "reason": reason}
        asking.tell(session, member, "pool_closed", params, f"/my/listings/{member.listing.number}", now=now)
    _end_members(session, cluster, "end", now)


def _end_members(session: Session, cluster: DemandCluster, action: str, now: datetime) -> None:
    for member in cluster.live_members:
        workflow.apply(session, states.MEMBER, member, action, actor=SYSTEM, now=now)


def _problem(text: str, longest: int, missing: str) -> str | None:
    if not text.strip():
        return missing
    return N_("写得太长了，请删短一些。") if len(text.strip()) > longest else None


def _whole(query):
    members = selectinload(DemandCluster.members)
    listing = members.joinedload(ClusterMember.listing)
    return query.options(
        listing.joinedload(Listing.accepted_revision),
        listing.joinedload(Listing.organisation),
        members.joinedload(ClusterMember.organisation),
    )
