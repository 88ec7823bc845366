"""How clear a demand is, 0–100: what an answerer needs to know, each point worth what it helps."""

from dataclasses import dataclass

from marketplace.errors import N_
from marketplace.listings.content import DemandContent

_LONG_ENOUGH = 40


@dataclass(frozen=True)
class Point:
    """One thing that makes a demand clearer: what it is, what to write where it is missing, and in which field."""

    text: str
    missing: str
    field: str
    worth: int
    met: bool


def of(content: DemandContent) -> tuple[int, list[Point]]:
    """The score and its points. The worths add up to 100."""
    numbers = [i for i in content.indicators if i.target]
    points = [
        Point(
            N_("说清了现状与难处"),
            N_("现状再写几句：现在用什么办法，多久出一次问题，损失多少"),
            "current_state",
            20,
            len(content.current_state) >= _LONG_ENOUGH,
        ),
        Point(
            N_("说清了要达到什么"),
            N_("目标再写几句：用在哪里，达到什么程度才算解决"),
            "goal",
            15,
            len(content.goal) >= _LONG_ENOUGH,
        ),
        Point(
            N_("目标值可比对"),
            N_("至少写一项带数字的指标，例如“硬度 ≥ 60 HRC”，才能逐项比对"),
            "indicators",
            25,
            bool(numbers),
        ),
        Point(
            N_("指标写了单位"),
            N_("给每项指标写上单位，例如 HRC、℃、万元/吨"),
            "indicators",
            10,
            bool(numbers) and all(i.unit for i in numbers),
        ),
        Point(
            N_("写了限制条件"),
            N_("写出不能变的条件，例如场地、介质、不能停产"),
            "limits",
            10,
            bool(content.limits),
        ),
        Point(
            N_("写了试过的办法"),
            N_("写出试过什么、为什么不行，免得再推荐同样的办法"),
            "tried",
            5,
            bool(content.tried),
        ),
        Point(
            N_("给出了预算"),
            N_("写出预算上限，报价高出太多的不会排在前面"),
            "price_max_fen",
            5,
            content.price_max_fen is not None,
        ),
        Point(
            N_("写了希望的成熟度"),
            N_("选希望的成熟度：要能直接用的，还是可以一起研发"),
            "wanted_trl",
            5,
            content.wanted_trl is not None,
        ),
        Point(
            N_("写了关键词"),
            N_("写两三个关键词，例如材料、设备、工艺的名称"),
            "keywords",
            5,
            bool(content.keywords),
        ),
    ]
    return sum(point.worth for point in points if point.met), points
