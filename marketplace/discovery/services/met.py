"""Which of an achievement's indicators meet what a search asks for."""

from collections.abc import Sequence

from marketplace.indexing.indicator_rows import read_rows
from marketplace.listings.content import AchievementContent, Content
from search.indicators import AchievementIndicator
from search.measures import packed

#: Name of an indicator and the packed numbers (search.measures) its value must lie between, both included.
AskedValue = tuple[str, int, int]


def met(content: Content, asked: Sequence[AskedValue]) -> frozenset[str]:
    """The names of the indicators with a stated value inside an asked range of the same name.

    硬度 and 显微硬度 are the same name here, 耐温 and 烧结温度 are not, though both are temperatures. A demand
    meets nothing: it asks itself.
    """
    if not asked or not isinstance(content, AchievementContent):
        return frozenset()
    return frozenset(row.name for row in read_rows(content) if any(_inside(row, one) for one in asked))


def _inside(row: AchievementIndicator, asked: AskedValue) -> bool:
    name, low, high = asked
    if name not in row.name and row.name not in name:
        return False
    return any(low <= number <= high for number in packed((row,)))
