"""What staff decided about clusters and no calculation undoes: demands that do not belong together, or that do.

A decision holds until what it was about has changed: title, keywords or description of one of the demands,
letters and figures alone counted. Of two decisions the later one holds: putting together brings back what was apart.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import combinations

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from marketplace.listings.models import Listing, ListingRevision
from marketplace.matching.subjects import subject
from marketplace.pooling import states
from marketplace.pooling.models import ClusterMember, DemandCluster
from search.clustering import Pair, pair
from search.copying import bare


def barred(session: Session, listings: Mapping[int, Listing]) -> set[Pair]:
    """Pairs of these demands that must not stand in one cluster."""
    decided = session.scalars(
        select(ClusterMember)
        .where(ClusterMember.listing_id.in_(listings))
        .options(joinedload(ClusterMember.revision))
    )
    by_cluster: dict[int, list[ClusterMember]] = defaultdict(list)
    for member in decided:
        if _unchanged(listings[member.listing_id], member.revision):
            by_cluster[member.cluster_id].append(member)
    pairs = {kind: set() for kind in (_apart, _together)}
    for members in by_cluster.values():
        for one, other in combinations(members, 2):
            for kind, found in pairs.items():
                if kind(one, other):
                    found.add(pair(one.listing_id, other.listing_id))
    return pairs[_apart] - pairs[_together]


def still_placed(clusters: Iterable[DemandCluster], listings: Mapping[int, Listing]) -> frozenset[int]:
    """The demands among these that staff put where they stand and whose texts are still the same."""
    return frozenset(
        member.listing_id
        for cluster in clusters
        for member in cluster.live_members
        if member.placed
        and member.listing_id in listings
        and _unchanged(listings[member.listing_id], member.revision)
    )


def _apart(one: ClusterMember, other: ClusterMember) -> bool:
    """One was taken out of the other's cluster, or staff closed the cluster they were in."""
    both = {one.state, other.state}
    return states.REMOVED in both or both == {states.ENDED}


def _together(one: ClusterMember, other: ClusterMember) -> bool:
    """Staff put both where they stand."""
    return all(member.placed and member.state in states.LIVE for member in (one, other))


def _unchanged(listing: Listing, then: ListingRevision) -> bool:
    if listing.accepted_revision_id == then.id:
        return True
    return _text(listing, listing.accepted_revision) == _text(listing, then)


def _text(listing: Listing, revision: ListingRevision) -> str:
    read = subject(listing, revision)
    return bare(f"{read.own_text}{read.text}")
