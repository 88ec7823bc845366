"""What staff decided about clusters and no calculation undoes: demands that do not belong together.

A decision holds until what it was about has changed: title, keywords or description of one of the two demands,
letters and figures alone counted.
"""

from collections import defaultdict
from collections.abc import Mapping
from itertools import combinations

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from marketplace.listings.models import Listing, ListingRevision
from marketplace.matching.subjects import subject
from marketplace.pooling import states
from marketplace.pooling.models import ClusterMember
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
    return {
        pair(one.listing_id, other.listing_id)
        for members in by_cluster.values()
        for one, other in combinations(members, 2)
        if _apart(one, other)
    }


def _apart(one: ClusterMember, other: ClusterMember) -> bool:
    """One was taken out of the other's cluster, or staff closed the cluster they were in."""
    both = {one.state, other.state}
    return states.REMOVED in both or both == {states.ENDED}


def _unchanged(listing: Listing, then: ListingRevision) -> bool:
    if listing.accepted_revision_id == then.id:
        return True
    return _text(listing, listing.accepted_revision) == _text(listing, then)


def _text(listing: Listing, revision: ListingRevision) -> str:
    read = subject(listing, revision)
    return bare(f"{read.own_text}{read.text}")
