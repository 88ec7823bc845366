"""How clear a demand is, 0–100: what an answerer needs to know, each point worth what it helps."""

from dataclasses import dataclass

from marketplace.errors import N_
from marketplace.listings.content import DemandContent

_LONG_ENOUGH = 40


@dataclass(frozen=True)
class Point:
    """One thing that makes a demand clearer."""

    text: str
    worth: int
    met: bool


def of(content: DemandContent) -> tuple[int, list[Point]]:
    """The score and its points. The worths add up to 100."""
    numbers = [i for i in content.indicators if i.target]
    points = [
        Point(N_("说清了现状与难处"), 20, len(content.current_state) >= _LONG_ENOUGH),
        Point(N_("说清了要达到什么"), 15, len(content.goal) >= _LONG_ENOUGH),
        Point(N_("目标值可比对"), 25, bool(numbers)),
        Point(N_("指标写了单位"), 10, bool(numbers) and all(i.unit for i in numbers)),
        Point(N_("写了限制条件"), 10, bool(content.limits)),
        Point(N_("写了试过的办法"), 10, bool(content.tried)),
        Point(N_("给出了预算"), 10, content.price_max_fen is not None),
    ]
    return sum(point.worth for point in points if point.met), points
