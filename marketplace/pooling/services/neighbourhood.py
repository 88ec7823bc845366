"""What has to be looked at again when a demand changed: the demands like it, and the clusters they stand in.

Everything here only reads; asking the engine stays outside the writing transaction.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from itertools import combinations

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from marketplace import codes
from marketplace.listings import states as listing_states
from marketplace.listings.content import Kind
from marketplace.listings.models import Listing
from marketplace.listings.services import reading
from marketplace.matching.subjects import subject
from marketplace.permissions import VISITOR
from marketplace.pooling import states
from marketplace.pooling.models import ClusterMember, DemandCluster
from marketplace.pooling.services.remembering import barred, still_placed
from search.clustering import STAY, TITLE_CUT, Cluster, Pair, clusters
from search.common_words import common_words
from search.likeness import products
from search.match_result import MatchSubject
from search.matching import Matcher

#: The likest demands that are looked at; a cluster has at most twelve members.
NEAREST = 20
# The index compares texts with indicator rows in them: a little lower, so that no pair is lost before it is
# compared exactly.
_NEAR_ENOUGH = STAY - 0.1


@dataclass(frozen=True)
class Neighbourhood:
    """Clusters as they should be among some demands, and which demands stood in which cluster when it was found."""

    subjects: Mapping[int, MatchSubject]
    firms: Mapping[int, int]
    found: tuple[Cluster, ...]
    likeness: Mapping[Pair, float]
    standing: Mapping[int, int]
    placed: frozenset[int]


def look_around(session: Session, matcher: Matcher, listing_id: int) -> Neighbourhood | None:
    """Cluster the demands around one; None where there is nothing to do. Raises EngineUnavailable."""
    own = suitable(reading.by_ids(session, {listing_id}))
    near = _nearest(matcher, own[listing_id]) if own else []
    touched = _clusters_of(session, {listing_id, *near})
    standing = {m.listing_id: cluster.id for cluster in touched for m in cluster.live_members}
    if not near and not standing:
        return None
    listings = suitable(reading.by_ids(session, {listing_id, *near, *standing}))
    subjects = {i: subject(row, row.accepted_revision) for i, row in listings.items()}
    firms = {i: row.organisation_id for i, row in listings.items()}
    kept = [{m.listing_id for m in cluster.live_members} for cluster in touched if goes_on(cluster)]
    placed = still_placed(touched, listings)
    together = {put for group in kept for put in combinations(sorted(placed & group), 2)}
    likeness = _likenesses(matcher, subjects, firms, together)
    found = clusters(firms, likeness, kept, barred(session, listings), placed)
    return Neighbourhood(subjects, firms, tuple(found), likeness, standing, placed)


def suitable(listings: Mapping[int, Listing]) -> dict[int, Listing]:
    """Those that take part: published to everybody, by a firm with a credit code.

    A limited demand does not: its owner chose whom it is for, and shared words would tell others of it.
    """
    return {
        listing_id: row
        for listing_id, row in listings.items()
        if row.kind == Kind.DEMAND
        and row.state == listing_states.PUBLISHED
        and not row.limited
        and row.organisation.credit_code
    }


def goes_on(cluster: DemandCluster) -> bool:
    """Whether people know of it, or staff worded it or put it together: it is not formed anew from nothing."""
    return (
        cluster.state in states.ASKED
        or cluster.edited
        or any(member.placed for member in cluster.live_members)
    )


def standing_of(session: Session, listing_ids: Collection[int]) -> dict[int, int]:
    """The cluster of every one of these demands that stands in one."""
    return dict(
        session.execute(
            select(ClusterMember.listing_id, ClusterMember.cluster_id).where(
                ClusterMember.listing_id.in_(listing_ids), ClusterMember.state.in_(states.LIVE)
            )
        ).all()
    )


def _nearest(matcher: Matcher, listing: Listing) -> list[int]:
    own = subject(listing, listing.accepted_revision)
    alike = matcher.alike(own, reading.scopes(VISITOR), NEAREST)
    return [candidate.listing_id for candidate in alike if candidate.likeness >= _NEAR_ENOUGH]


def _clusters_of(session: Session, listing_ids: Collection[int]) -> list[DemandCluster]:
    """The clusters in which these demands stand, with all their members, oldest first."""
    ids = set(standing_of(session, listing_ids).values())
    return list(
        session.scalars(
            select(DemandCluster)
            .where(DemandCluster.id.in_(ids))
            .order_by(DemandCluster.id)
            .options(joinedload(DemandCluster.members).joinedload(ClusterMember.revision))
        ).unique()
    )


def _likenesses(
    matcher: Matcher,
    subjects: Mapping[int, MatchSubject],
    firms: Mapping[int, int],
    together: Collection[Pair],
) -> dict[Pair, float]:
    """How alike the pairs are that may stand together: firms, fields, titles and a common word permitting.

    Of pairs that staff put `together` it is told however low it is.
    """
    whole = {i: matcher.vector(one) for i, one in subjects.items()}
    titles = {i: matcher.vector(replace(one, text="")) for i, one in subjects.items()}
    found = {}
    for one, other in combinations(sorted(subjects), 2):
        if (one, other) in together:
            found[one, other] = sum(products(whole[one], whole[other]).values())
            continue
        if firms[one] == firms[other] or not fields_agree(subjects[one], subjects[other]):
            continue
        alike = sum(products(whole[one], whole[other]).values())
        if alike < STAY or sum(products(titles[one], titles[other]).values()) < TITLE_CUT:
            continue
        if common_words((subjects[one], subjects[other])).subject:
            found[one, other] = alike
    return found


def fields_agree(one: MatchSubject, other: MatchSubject) -> bool:
    """The same technology field, or one above the other; a demand that states none agrees with any."""
    if not one.field_codes or not other.field_codes:
        return True
    return bool(_stated(one) & set(other.field_codes)) or bool(_stated(other) & set(one.field_codes))


def _stated(demand: MatchSubject) -> set[str]:
    """The fields as they were chosen: those that are not above another one."""
    fields = codes.technology_fields()
    above = {step for code in demand.field_codes for step in fields.path(code)[:-1]}
    return set(demand.field_codes) - above
