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
    apart: Iterable[Pair] = (),
    placed: Collection[int] = (),
) -> list[Cluster]:
    """Return disjoint clusters of two members or more: those that go on first, in their order, then new ones.

    `firms` maps demands to firms, `likeness` pairs (as `pair` names them) to their likeness. `kept` are groups
    that people know of: a group loses only what is no longer like its centre and wins what is like it; of a
    group that falls below two members nothing is kept. Pairs that are `apart` never come into one cluster, not
    even through a third that is like both. Demands that people `placed` in their group stay in it, like its centre
    or not.
    """
    graph = _Graph(firms, likeness, apart)
    going_on = [star for group in kept if (star := _shrunk(graph, group, placed)) is not None]
    free = set(firms).difference(*(star.members for star in going_on))
    _join(graph, going_on, free)
    return [_settled(likeness, star) for star in (*going_on, *_stars(graph, free))]


@dataclass(slots=True)
class _Star:
    """A cluster in the making."""

    centre: int
    members: set[int]


class _Graph:
    """Who is like whom, and who may stand in one cluster."""

    def __init__(
        self, firms: Mapping[int, int], likeness: Mapping[Pair, float], apart: Iterable[Pair]
    ) -> None:
        self.firms = firms
        self._apart = frozenset(apart)
        self.near: dict[int, dict[int, float]] = {demand: {} for demand in firms}
        for (one, other), value in likeness.items():
            if value >= STAY and one in firms and other in firms and self.agree(one, (other,)):
                self.near[one][other] = self.near[other][one] = value

    def agree(self, demand: int, others: Iterable[int]) -> bool:
        """Whether a demand may stand beside all of these."""
        return all(
            self.firms[demand] != self.firms[other] and pair(demand, other) not in self._apart
            for other in others
        )


def _shrunk(graph: _Graph, group: Collection[int], placed: Collection[int]) -> _Star | None:
    """What is left of a group around the member that most of the others are like."""
    near = graph.near
    present = sorted(demand for demand in group if demand in near)
    alike = {one: [near[one][other] for other in present if other in near[one]] for one in present}
    if not present:
        return None
    centre = max(present, key=lambda one: (len(alike[one]), sum(sorted(alike[one])), -one))
    members = {centre, *(other for other in present if other in near[centre] or other in placed)}
    return _Star(centre, members) if len(members) > 1 else None


def _join(graph: _Graph, stars: Sequence[_Star], free: set[int]) -> None:
    """Let free demands join the stars whose centres they are like, the likest first."""
    wishes = sorted(
        (-alike, place, demand)
        for place, star in enumerate(stars)
        for demand, alike in graph.near[star.centre].items()
        if demand in free and alike >= CUT
    )
    for _alike, place, demand in wishes:
        star = stars[place]
        if demand in free and len(star.members) < MOST_MEMBERS and graph.agree(demand, star.members):
            star.members.add(demand)
            free.discard(demand)


def _settled(likeness: Mapping[Pair, float], star: _Star) -> Cluster:
    others = star.members - {star.centre}
    least = min(_of(likeness, star.centre, other) for other in others)
    return Cluster(star.centre, tuple(sorted(star.members)), least)


def _of(likeness: Mapping[Pair, float], one: int, other: int) -> float:
    """The likeness of two demands; 0 where nobody found any, which happens to placed ones alone."""
    return likeness.get((one, other), likeness.get((other, one), 0.0))


def _stars(graph: _Graph, free: set[int]) -> list[_Star]:
    """The fullest star first, then the fullest of what is left, until nothing free is like anything free.

    What a star is worth falls while others are taken away, so a worth that is still true when it comes to the
    top of the heap is the best of all.
    """
    found = []
    heap = [(*_worth(graph, free, demand), demand) for demand in free]
    heapq.heapify(heap)
    while heap:
        size, total, demand = heapq.heappop(heap)
        if demand not in free or size == 0:
            continue
        now = _worth(graph, free, demand)
        if now != (size, total):
            heapq.heappush(heap, (*now, demand))
            continue
        members = {demand, *_followers(graph, free, demand)}
        free -= members
        found.append(_Star(demand, members))
    return found


def _worth(graph: _Graph, free: Collection[int], demand: int) -> tuple[int, float]:
    """How many would follow a demand and how like it they are, negative: the smallest is the best."""
    followers = _followers(graph, free, demand)
    return -len(followers), -sum(sorted(graph.near[demand][other] for other in followers))


def _followers(graph: _Graph, free: Collection[int], demand: int) -> list[int]:
    """The likest free demands that may stand together, of every firm the likest one."""
    alike = sorted((-value, other) for other, value in graph.near[demand].items() if value >= CUT)
    followers: list[int] = []
    for _value, other in alike:
        if other in free and len(followers) < MOST_MEMBERS - 1 and graph.agree(other, followers):
            followers.append(other)
    return followers
