"""Whether two indicator names speak of the same thing: synonyms first, shared characters second.

The synonym groups are ours; a name that says a change (下降, 提高) only meets names that say the same change, and
one that says which end is meant (施工温度下限) only those of the same end.
"""

from __future__ import annotations

from collections import Counter
from functools import lru_cache

from search.tokenizer import characters, normalise

_GROUPS: tuple[tuple[str, ...], ...] = (
    ("硬度", "洛氏硬度", "表面硬度", "显微硬度", "维氏硬度", "布氏硬度"),
    ("工作温度", "使用温度", "耐温", "耐热温度", "耐受温度", "服役温度", "最高使用温度", "耐高温"),
    ("结合强度", "结合力", "附着力", "附着强度", "粘结强度", "粘接强度"),
    ("处理量", "处理能力", "处理规模"),
    ("产能", "生产能力", "年产量", "生产规模", "年产能"),
    ("去除率", "脱除率", "净化率", "净化效率", "去除效率"),
    ("收率", "得率", "产率", "回收率"),
    ("寿命", "使用寿命", "工作寿命", "服役寿命"),
    ("循环寿命", "循环次数", "充放电次数"),
    ("能耗", "电耗", "耗能", "能源消耗", "耗电量", "单位能耗"),
    ("纯度", "含量", "纯净度"),
    ("粒径", "粒度", "颗粒尺寸", "平均粒径"),
    ("比容量", "克容量", "放电比容量"),
    ("准确率", "识别率", "识别准确率", "正确率", "检出率"),
    ("精度", "误差", "测量精度", "测量误差", "控制精度", "定位精度"),
    ("响应时间", "反应时间", "延时", "延迟"),
    ("功率", "额定功率", "输出功率"),
    ("电压", "额定电压", "工作电压"),
    ("压力", "工作压力", "耐压", "承压"),
    ("成本", "单位成本", "生产成本"),
    ("效率", "转换效率", "转化率", "转化效率"),
)
_GROUP_OF = {normalise(name): number for number, group in enumerate(_GROUPS) for name in group}
_UP = ("提高", "提升", "增加", "增长", "上升")
_DOWN = ("下降", "降低", "减少", "降幅", "减量", "节约", "节省")
_ENDS = ("下限", "上限")
_SYNONYM_LIKENESS = 0.9


def _change(name: str) -> int:
    """Return 1 for a name of an increase, −1 for a decrease, 0 for a plain quantity."""
    if any(word in name for word in _DOWN):
        return -1
    return 1 if any(word in name for word in _UP) else 0


def _end(name: str) -> str | None:
    return next((end for end in _ENDS if end in name), None)


@lru_cache(maxsize=10_000)
def name_likeness(left: str, right: str) -> float:
    """Return 1 for the same name, .9 for synonyms, otherwise the shared share of characters (Dice)."""
    left, right = normalise(left).strip(), normalise(right).strip()
    if left == right:
        return 1.0
    if _change(left) != _change(right) or _end(left) != _end(right):
        return 0.0
    groups = _GROUP_OF.get(left), _GROUP_OF.get(right)
    if groups[0] is not None and groups[0] == groups[1]:
        return _SYNONYM_LIKENESS
    if None not in groups:
        return 0.0  # two names we know, and they are not the same quantity
    first, second = Counter(characters(left)), Counter(characters(right))
    total = sum(first.values()) + sum(second.values())
    return 2 * sum((first & second).values()) / total if total else 0.0
