"""Keeping clusters: what a calculation found becomes clusters and members, with ids and answers that survive it."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from marketplace import outbox, workflow
from marketplace.permissions import SYSTEM
from marketplace.pooling import states
from marketplace.pooling.models import ClusterMember, DemandCluster
from marketplace.pooling.services import asking
from marketplace.pooling.services.neighbourhood import Neighbourhood, goes_on, standing_of
from marketplace.pooling.services.wording import wording
from search.clustering import Cluster, pair


def store(session: Session, around: Neighbourhood, *, now: datetime, quiet: bool) -> bool:
    """Bring the clusters among these demands up to date; unless `quiet` ask the people of new members.

    Returns False, having written nothing, when others changed these clusters since: look around again.
    """
    present = _locked(session, around.standing.values())
    inside = {member.listing_id: cluster.id for cluster in present for member in cluster.live_members}
    standing = standing_of(session, {*around.firms, *around.standing})
    if not inside == standing == dict(around.standing):
        return False
    pairs, left_over = _assigned(present, around.found)
    for cluster in left_over:
        _dissolve(session, cluster, now)
    for cluster, found in pairs:
        if cluster is not None:
            _let_go(session, cluster, found.members, now)
    stored = [_written(session, cluster, found, around, now) for cluster, found in pairs]
    for cluster in stored:
        asking.keep_honest(session, cluster, now=now)
        if not quiet:
            asking.ask_of_itself(session, cluster, now=now)
    _look_further(session, around, stored, now)
    return True


def _locked(session: Session, cluster_ids: Iterable[int]) -> list[DemandCluster]:
    return list(
        session.scalars(
            select(DemandCluster)
            .where(DemandCluster.id.in_(set(cluster_ids)))
            .order_by(DemandCluster.id)
            .with_for_update()
            .options(selectinload(DemandCluster.members).selectinload(ClusterMember.listing))
            .execution_options(populate_existing=True)
        )
    )


def _assigned(
    present: Sequence[DemandCluster], found: Sequence[Cluster]
) -> tuple[list[tuple[DemandCluster | None, Cluster]], list[DemandCluster]]:
    """Which cluster goes on as which: those that people know of first, then by how many members they share."""
    wishes = []
    for cluster in present:
        own = {member.listing_id for member in cluster.live_members}
        for place, one in enumerate(found):
            if shared := len(own.intersection(one.members)):
                wishes.append((not goes_on(cluster), -shared, cluster.id, place))
    by_id = {cluster.id: cluster for cluster in present}
    taken: dict[int, DemandCluster] = {}
    for _known, _shared, cluster_id, place in sorted(wishes):
        if cluster_id in by_id and place not in taken:
            taken[place] = by_id.pop(cluster_id)
    return [(taken.get(place), one) for place, one in enumerate(found)], list(by_id.values())


def _dissolve(session: Session, cluster: DemandCluster, now: datetime) -> None:
    _let_go(session, cluster, (), now)
    workflow.apply(session, states.CLUSTER, cluster, "dissolve", actor=SYSTEM, now=now)


def _let_go(session: Session, cluster: DemandCluster, staying: Collection[int], now: datetime) -> None:
    for member in cluster.live_members:
        if member.listing_id not in staying:
            workflow.apply(session, states.MEMBER, member, "leave", actor=SYSTEM, now=now)


def _written(
    session: Session, cluster: DemandCluster | None, found: Cluster, around: Neighbourhood, now: datetime
) -> DemandCluster:
    """The cluster as it was found; its words are made anew until staff write them or the first firm reads them.

    A firm says yes to the words it was shown: who joins later is asked about the same ones.
    """
    cluster = cluster or DemandCluster(
        state=states.PROPOSED, created_at=now, members=[], centre_id=found.centre
    )
    cluster.centre_id, cluster.likeness = found.centre, found.likeness
    if not cluster.edited and all(member.asked_at is None for member in cluster.live_members):
        said = wording([around.subjects[listing_id] for listing_id in found.members])
        cluster.title, cluster.summary, cluster.words = said.title, said.summary, list(said.words)
    session.add(cluster)
    session.flush()
    for listing_id in found.members:
        _take_in(session, cluster, listing_id, found.centre, around, now)
    session.flush()
    return cluster


def _take_in(
    session: Session,
    cluster: DemandCluster,
    listing_id: int,
    centre: int,
    around: Neighbourhood,
    now: datetime,
) -> None:
    member = next((m for m in cluster.members if m.listing_id == listing_id), None)
    if member is None:
        member = ClusterMember(
            listing_id=listing_id,
            organisation_id=around.firms[listing_id],
            state=states.WAITING,
            created_at=now,
        )
        cluster.members.append(member)
    elif member.state not in states.LIVE:
        # What it was asked before was about another text: it is asked again.
        workflow.apply(session, states.MEMBER, member, "return", actor=SYSTEM, now=now)
        member.asked_at, member.counts_budget, member.shows_name = None, False, False
    member.placed = listing_id in around.placed
    member.revision_id = around.subjects[listing_id].revision_id
    alike = around.likeness.get(pair(listing_id, centre), 0.0)
    member.likeness = None if listing_id == centre else alike


def _look_further(
    session: Session, around: Neighbourhood, stored: Sequence[DemandCluster], now: datetime
) -> None:
    """Demands that lost their cluster may belong to others, which were not looked at here."""
    placed = {member.listing_id for cluster in stored for member in cluster.live_members}
    lost = sorted(set(around.standing).intersection(around.firms).difference(placed))
    if lost:
        outbox.emit_once(session, "pooling", "listing", lost, now=now, quiet=True)
