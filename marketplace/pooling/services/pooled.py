"""What a published common demand says of the firms behind it: never a figure, place or field of one firm alone.

Only firms that agreed count. A fact is told when at least two of them share it; the pooled budget is told as a
band of a coarse scale, because from an exact sum of two each could work out the other's, and from two sums told
one after the other everybody could work out the firm that joined in between.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, selectinload

from marketplace import codes
from marketplace.codes import CodeList
from marketplace.errors import NotFound
from marketplace.indexing.indicator_rows import read_rows
from marketplace.listings.content import DemandContent
from marketplace.listings.models import Listing
from marketplace.permissions import Actor, Permission, can, require
from marketplace.pooling import states
from marketplace.pooling.models import ClusterMember, DemandCluster
from marketplace.pooling.services.neighbourhood import suitable
from search.documents import FEN_PER_WAN
from search.joint_indicators import JointIndicator, joint_indicators

#: Firms that must share a fact before it is told (k-anonymity).
LEAST_SHARING = 2
#: The scale of pooled budgets, 万元: a sum is told as the step it falls into.
_STEPS_WAN = (0, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000)
BUDGET_STEPS = tuple(pairwise(step * FEN_PER_WAN for step in _STEPS_WAN))
_LEAGUE = 2


@dataclass(frozen=True)
class Pool:
    """A common demand with what may be told; `budget` in fen, its upper end None above the scale."""

    cluster: DemandCluster
    firms: int
    fields: tuple[str, ...]
    industries: tuple[str, ...]
    regions: tuple[str, ...]
    budget: tuple[int, int | None] | None
    budgets_counted: int
    indicators: tuple[JointIndicator, ...]
    named: tuple[ClusterMember, ...]


def published(session: Session, *, page: int, size: int) -> tuple[list[Pool], int]:
    """Published common demands, the newest first, and how many there are."""
    query = select(DemandCluster).where(DemandCluster.state == states.PUBLISHED)
    total = session.scalar(select(func.count()).select_from(query.subquery()))
    rows = session.scalars(
        _with_members(query)
        .order_by(DemandCluster.published_at.desc(), DemandCluster.id.desc())
        .limit(size)
        .offset((page - 1) * size)
    )
    shown = [pool(cluster) for cluster in rows]
    return [one for one in shown if one.firms >= states.LEAST_AGREED], total


def find(session: Session, actor: Actor, number: str) -> Pool:
    """A published common demand. Raises NotFound, also where too few of its demands are left.

    Staff see one that was taken down too.
    """
    cluster = session.scalar(_with_members(select(DemandCluster).where(DemandCluster.number == number)))
    if cluster is None:
        raise NotFound
    require(actor, Permission.POOL_VIEW, cluster.permission_subject(), view=Permission.POOL_VIEW)
    found = pool(cluster)
    if found.firms < states.LEAST_AGREED and not can(
        actor, Permission.POOL_MANAGE, cluster.permission_subject()
    ):
        raise NotFound
    return found


def may_respond(actor: Actor, cluster: DemandCluster) -> bool:
    """Whether this person may say that he can solve it."""
    return can(actor, Permission.POOL_RESPOND, cluster.permission_subject())


def pool(cluster: DemandCluster) -> Pool:
    """What may be told of a cluster whose members are loaded: counts, shared facts, bands."""
    agreed = consenting(cluster)
    contents = [member.listing.accepted_revision.typed_content() for member in agreed]
    budgets = [
        amount
        for member, content in zip(agreed, contents, strict=True)
        if member.counts_budget and (amount := limit_of(content)) is not None
    ]
    return Pool(
        cluster=cluster,
        firms=len(agreed),
        fields=shared(codes.technology_fields(), [content.field_codes for content in contents]),
        industries=shared(codes.industries(), [content.industry_codes for content in contents]),
        regions=_shared_regions(contents),
        budget=budget_band(budgets),
        budgets_counted=len(budgets),
        indicators=tuple(joint_indicators([read_rows(content) for content in contents])),
        named=tuple(agreed) if _may_be_named(agreed) else (),
    )


def consenting(cluster: DemandCluster) -> list[ClusterMember]:
    """The members that agreed and whose demands are still there for everybody."""
    there = suitable({member.listing_id: member.listing for member in cluster.members})
    return [m for m in cluster.members if m.state == states.AGREED and m.listing_id in there]


def limit_of(content: DemandContent) -> int | None:
    """What a demand says it can spend at most, fen."""
    return content.price_max_fen if content.price_max_fen is not None else content.price_min_fen


def budget_band(budgets: Sequence[int]) -> tuple[int, int | None] | None:
    """The step of the scale in which the sum of these budgets (fen) falls; None for fewer than two."""
    if len(budgets) < LEAST_SHARING:
        return None
    total = sum(budgets)
    above = (BUDGET_STEPS[-1][1], None)
    return next(((low, high) for low, high in BUDGET_STEPS if low <= total < high), above)


def shared(tree: CodeList, chosen: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """The narrowest codes of a tree under which at least two firms come."""
    counted = Counter(code for codes_of_firm in chosen for code in tree.with_ancestors(codes_of_firm))
    common = {code for code, firms in counted.items() if firms >= LEAST_SHARING}
    above = {step for code in common for step in tree.path(code)[:-1]}
    return tuple(sorted(common - above))


def _shared_regions(contents: Sequence[DemandContent]) -> tuple[str, ...]:
    """Leagues and cities that at least two firms share, or else the province; never a county."""
    tree = codes.regions()
    leagues = [tree.path(content.region_code)[:_LEAGUE][-1:] for content in contents]
    return shared(tree, leagues)


def _may_be_named(agreed: Sequence[ClusterMember]) -> bool:
    return bool(agreed) and all(m.shows_name and not m.listing.hide_owner for m in agreed)


def _with_members(query: Select[tuple[DemandCluster]]) -> Select[tuple[DemandCluster]]:
    listing = selectinload(DemandCluster.members).joinedload(ClusterMember.listing)
    return query.options(
        listing.joinedload(Listing.accepted_revision), listing.joinedload(Listing.organisation)
    )
