"""Technical indicators as rows, and the comparison of what is demanded with what is offered.

Source: design/search.md section 4 and product.md section 3.1. An offer that falls short is shown with the gap
("差 2 HRC"), never dropped; "not stated" is its own state and never counts as zero. All values are Decimal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from search.indicator_names import name_likeness
from search.units import comparable, convert

LEAST_NAME_LIKENESS = 0.6
# An offer this far below its target (as a share of the target) fits not at all; nearer ones in proportion.
_USELESS_SHORTFALL = Decimal(1) / Decimal(3)


class Comparator(StrEnum):
    """How a demanded value is meant."""

    AT_LEAST = "≥"
    AT_MOST = "≤"
    EQUAL = "="
    ABOVE = ">"
    BELOW = "<"
    RANGE = "范围"


class Necessity(StrEnum):
    """Whether a demanded indicator must be met or is wished for."""

    MUST = "must"
    WISH = "wish"


class Outcome(StrEnum):
    """What comparing one demanded indicator came to."""

    MET = "met"
    SHORT = "short"
    CONFLICT = "conflict"
    UNKNOWN = "unknown"

    @property
    def label(self) -> str:
        """The outcome in one word."""
        return {"met": "达到", "short": "不足", "conflict": "冲突", "unknown": "未提供"}[self.value]


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandIndicator:
    """One row of a demand: 名称 | 比较符 | 数值 or 范围 | 单位 | 必须/期望.

    RANGE uses `low` and `high` (both included); every other comparator uses `value`.
    """

    name: str
    comparator: Comparator
    value: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    unit: str = ""
    necessity: Necessity = Necessity.MUST

    def __post_init__(self) -> None:
        if self.comparator is Comparator.RANGE:
            if self.low is None or self.high is None or self.low > self.high:
                raise ValueError("范围要写下限和上限，且下限不大于上限，例如 20 到 30")
        elif self.value is None:
            raise ValueError(f"比较符“{self.comparator.value}”后面要有一个数值，例如 60")

    @property
    def bounds(self) -> tuple[Decimal | None, Decimal | None]:
        """The demanded interval; None means unbounded on that side."""
        if self.comparator is Comparator.RANGE:
            return self.low, self.high
        if self.comparator in (Comparator.AT_LEAST, Comparator.ABOVE):
            return self.value, None
        if self.comparator in (Comparator.AT_MOST, Comparator.BELOW):
            return None, self.value
        return self.value, self.value


@dataclass(frozen=True, slots=True, kw_only=True)
class AchievementIndicator:
    """One row of an achievement: 名称 | 数值 | 单位 | 测试条件 | 证据.

    An exact value has `low` equal to `high`; "≥ 58" has only `low`, "≤ 5" only `high`, a range both.
    """

    name: str
    low: Decimal | None = None
    high: Decimal | None = None
    unit: str = ""
    condition: str = ""
    evidence: str = ""

    def __post_init__(self) -> None:
        if self.low is None and self.high is None:
            raise ValueError("指标要有数值，例如 62")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError("指标的下限不能大于上限")

    @classmethod
    def exact(cls, name: str, value: Decimal, unit: str = "") -> AchievementIndicator:
        """Make a row with one exact value."""
        return cls(name=name, low=value, high=value, unit=unit)


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorResult:
    """One demanded indicator and what was offered for it.

    `difference` is in the demand's unit and never negative: the margin when met, the gap when short, the
    distance when in conflict, None when unknown. `offered_low` / `offered_high` are the offer in the
    demand's unit; `offered` is the row as stated. `partly` marks a stated range of which one end reaches the
    target.
    """

    demanded: DemandIndicator
    outcome: Outcome
    offered: AchievementIndicator | None = None
    offered_low: Decimal | None = None
    offered_high: Decimal | None = None
    difference: Decimal | None = None
    partly: bool = False

    @property
    def converted(self) -> bool:
        """Whether the offer was stated in another unit (the page then shows the original too)."""
        return self.offered is not None and (self.offered.low, self.offered.high) != (
            self.offered_low,
            self.offered_high,
        )

    @property
    def fit(self) -> float | None:
        """How well it fits, 0 to 1; None when unknown."""
        if self.outcome is Outcome.UNKNOWN:
            return None
        if self.outcome is Outcome.MET:
            return 1.0
        if self.outcome is Outcome.CONFLICT or self.difference is None:
            return 0.0
        low, high = self.demanded.bounds
        target = max(abs(bound) for bound in (low, high) if bound is not None) or Decimal(1)
        return max(0.0, float(1 - self.difference / target / _USELESS_SHORTFALL))


def compare(demanded: DemandIndicator, offers: Sequence[AchievementIndicator]) -> IndicatorResult:
    """Compare one demanded indicator with the best matching offered row."""
    offer = find_offer(demanded, offers)
    if offer is None:
        return IndicatorResult(demanded=demanded, outcome=Outcome.UNKNOWN)
    low = None if offer.low is None else convert(offer.low, offer.unit, demanded.unit)
    high = None if offer.high is None else convert(offer.high, offer.unit, demanded.unit)
    if low is not None and high is not None and low > high:
        low, high = high, low  # a unit that runs the other way
    outcome, difference, partly = _judge(demanded, low, high)
    return IndicatorResult(
        demanded=demanded,
        outcome=outcome,
        offered=offer,
        offered_low=low,
        offered_high=high,
        difference=difference,
        partly=partly,
    )


def compare_all(
    demanded: Sequence[DemandIndicator], offers: Sequence[AchievementIndicator]
) -> tuple[IndicatorResult, ...]:
    """Compare every demanded indicator, in the demand's order."""
    return tuple(compare(indicator, offers) for indicator in demanded)


def find_offer(
    demanded: DemandIndicator, offers: Sequence[AchievementIndicator]
) -> AchievementIndicator | None:
    """Return the offered row that speaks of the same thing in a comparable unit, the likest name first."""
    best, best_likeness = None, LEAST_NAME_LIKENESS
    for offer in offers:
        alike = name_likeness(demanded.name, offer.name)
        better = alike >= best_likeness and (best is None or alike > best_likeness)
        if better and comparable(offer.unit, demanded.unit):
            best, best_likeness = offer, alike
    return best


_Judgement = tuple[Outcome, Decimal | None, bool]


def _judge(demanded: DemandIndicator, low: Decimal | None, high: Decimal | None) -> _Judgement:
    if demanded.comparator in (Comparator.AT_LEAST, Comparator.ABOVE):
        return _judge_floor(demanded.value, low, high, strict=demanded.comparator is Comparator.ABOVE)
    if demanded.comparator in (Comparator.AT_MOST, Comparator.BELOW):
        strict = demanded.comparator is Comparator.BELOW
        # A ceiling is a floor seen in the mirror.
        return _judge_floor(_negated(demanded.value), _negated(high), _negated(low), strict=strict)
    return _judge_interval(demanded, low, high)


def _negated(value: Decimal | None) -> Decimal | None:
    return None if value is None else -value


def _judge_floor(
    floor: Decimal | None, low: Decimal | None, high: Decimal | None, *, strict: bool
) -> _Judgement:
    assert floor is not None  # guaranteed by DemandIndicator
    if low is None:
        # Only an upper bound is stated: it can rule the target out, never confirm it.
        if high is not None and (high < floor or (strict and high == floor)):
            return Outcome.CONFLICT, floor - high, False
        return Outcome.UNKNOWN, None, False
    if low > floor or (low == floor and not strict):
        return Outcome.MET, low - floor, False
    return Outcome.SHORT, floor - low, high is None or high > floor or (high == floor and not strict)


def _judge_interval(demanded: DemandIndicator, low: Decimal | None, high: Decimal | None) -> _Judgement:
    wanted_low, wanted_high = demanded.bounds
    assert wanted_low is not None and wanted_high is not None
    if low is None or high is None:
        stated = low if high is None else high
        assert stated is not None
        outside = stated > wanted_high if high is None else stated < wanted_low
        edge = wanted_high if high is None else wanted_low
        return (Outcome.CONFLICT, abs(stated - edge), False) if outside else (Outcome.UNKNOWN, None, False)
    if wanted_low <= low and high <= wanted_high:
        return Outcome.MET, min(low - wanted_low, wanted_high - high), False
    overlap = low <= wanted_high and high >= wanted_low
    gap = max(wanted_low - low, high - wanted_high) if overlap else max(wanted_low - high, low - wanted_high)
    if demanded.comparator is Comparator.EQUAL and not overlap:
        return Outcome.CONFLICT, gap, False
    return Outcome.SHORT, gap, overlap
