"""Clusters of near-duplicate demands of different firms: which belong together, and what they have in common.

A cluster is a star: one demand, its centre, and demands that are each like the centre. Chains (A like B, B like
C, A nothing like C) therefore never grow into one cluster, and a firm stands in it once, with the demand of its
that is likest. Everything here depends on the likenesses alone, never on the order in which they come.

Which pairs count is measured in docs/matching.md: whole texts alike, and the titles too, because a company that
introduces itself in the same words in every demand makes whole texts alike that ask for different things.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

#: Two demands can stand together from this likeness of the whole texts and of title and keywords on.
CUT = 0.60
TITLE_CUT = 0.30
#: A cluster that people have been asked about keeps its members down to this likeness: idf drifts with the market.
STAY = 0.55
#: More firms than this are not put into one cluster: a problem that common is a field, not a project.
MOST_MEMBERS = 12

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Cluster:
    """Demands that belong together: the centre, all members in ascending order, how like the centre the least is."""

    centre: int
    members: tuple[int, ...]
    likeness: float


def pair(one: int, other: int) -> Pair:
    """Return the name of a pair, the same whichever comes first."""
    return (one, other) if one < other else (other, one)


def clusters(
    firms: Mapping[int, int],
    likeness: Mapping[Pair, float],
    kept: Iterable[Collection[int]] = (),
) -> list[Cluster]:
    """Return disjoint clusters of two members or more: those that go on first, in their order, then new ones.

    `firms` maps demands to firms, `likeness` pairs (as `pair` names them) to their likeness; what may not stand
    together is left out of it. `kept` are groups that people know of: a group loses only what is no longer like
    its centre and wins what is like it; of a group that falls below two members nothing is kept.
    """
    near = _neighbours(firms, likeness)
    going_on = [star for group in kept if (star := _shrunk(near, group)) is not None]
    free = set(firms).difference(*(star.members for star in going_on))
    _join(near, firms, going_on, free)
    return [_settled(near, star) for star in (*going_on, *_stars(near, firms, free))]


@dataclass(slots=True)
class _Star:
    """A cluster in the making."""

    centre: int
    members: set[int]


_Near = Mapping[int, Mapping[int, float]]


def _neighbours(firms: Mapping[int, int], likeness: Mapping[Pair, float]) -> dict[int, dict[int, float]]:
    near: dict[int, dict[int, float]] = {demand: {} for demand in firms}
    for (one, other), value in likeness.items():
        if value >= STAY and one in firms and other in firms and firms[one] != firms[other]:
            near[one][other] = near[other][one] = value
    return near


def _shrunk(near: _Near, group: Collection[int]) -> _Star | None:
    """What is left of a group around the member that most of the others are like."""
    present = sorted(demand for demand in group if demand in near)
    alike = {one: [near[one][other] for other in present if other in near[one]] for one in present}
    if not present:
        return None
    centre = max(present, key=lambda one: (len(alike[one]), sum(sorted(alike[one])), -one))
    members = {centre, *(other for other in present if other in near[centre])}
    return _Star(centre, members) if len(members) > 1 else None


def _join(near: _Near, firms: Mapping[int, int], stars: Sequence[_Star], free: set[int]) -> None:
    """Let free demands join the stars whose centres they are like, the likest first."""
    wishes = sorted(
        (-near[star.centre][demand], place, demand)
        for place, star in enumerate(stars)
        for demand in near[star.centre]
        if demand in free and near[star.centre][demand] >= CUT
    )
    for _alike, place, demand in wishes:
        star = stars[place]
        taken = {firms[member] for member in star.members}
        if demand in free and firms[demand] not in taken and len(star.members) < MOST_MEMBERS:
            star.members.add(demand)
            free.discard(demand)


def _settled(near: _Near, star: _Star) -> Cluster:
    others = star.members - {star.centre}
    return Cluster(
        star.centre, tuple(sorted(star.members)), min(near[star.centre][other] for other in others)
    )


def _stars(near: _Near, firms: Mapping[int, int], free: set[int]) -> list[_Star]:
    """The fullest star first, then the fullest of what is left, until nothing free is like anything free.

    What a star is worth only falls while others are taken away, so a worth that is still true when it comes to
    the top of the heap is the best of all.
    """
    found = []
    heap = [(*_worth(near, firms, free, demand), demand) for demand in free]
    heapq.heapify(heap)
    while heap:
        size, total, demand = heapq.heappop(heap)
        if demand not in free or size == 0:
            continue
        now = _worth(near, firms, free, demand)
        if now != (size, total):
            heapq.heappush(heap, (*now, demand))
            continue
        members = {demand, *_followers(near, firms, free, demand)}
        free -= members
        found.append(_Star(demand, members))
    return found


def _worth(near: _Near, firms: Mapping[int, int], free: Collection[int], demand: int) -> tuple[int, float]:
    """How many would follow a demand and how like it they are, negative: the smallest is the best."""
    followers = _followers(near, firms, free, demand) if demand in free else []
    return -len(followers), -sum(sorted(near[demand][other] for other in followers))


def _followers(near: _Near, firms: Mapping[int, int], free: Collection[int], demand: int) -> list[int]:
    """The likest free demand of every other firm, the likest firms first."""
    alike = sorted((-value, other) for other, value in near[demand].items() if value >= CUT and other in free)
    by_firm: dict[int, int] = {}
    for _value, other in alike:
        by_firm.setdefault(firms[other], other)
    return list(by_firm.values())[: MOST_MEMBERS - 1]
