"""What a match is made from and what it says, as plain data that survives a trip through JSON.

A stored match is a snapshot: it can be shown years later without the algorithm that made it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from search.calibration import Band
from search.documents import ACHIEVEMENT, DEMAND
from search.indicators import (
    AchievementIndicator,
    Comparator,
    DemandIndicator,
    IndicatorResult,
    Necessity,
    Outcome,
)


class Factor(StrEnum):
    """The parts a score is made of, in the order of the card."""

    INDICATORS = "indicators"
    TEXT = "text"
    FIELD = "field"
    MATURITY = "maturity"
    PRICE = "price"
    MODE = "mode"
    REGION = "region"
    FRESHNESS = "freshness"

    @property
    def label(self) -> str:
        """The Chinese name of the part."""
        return _FACTOR_LABELS[self]


_FACTOR_LABELS = {
    Factor.INDICATORS: "指标",
    Factor.TEXT: "文本",
    Factor.FIELD: "领域",
    Factor.MATURITY: "成熟度",
    Factor.PRICE: "价格",
    Factor.MODE: "方式",
    Factor.REGION: "地域",
    Factor.FRESHNESS: "保鲜",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchSubject:
    """One side of a match: an achievement, or a demand.

    For a demand `text` is its whole description, `trl` the wanted level, the prices its budget and the
    indicators DemandIndicator rows; for an achievement `text` is the summary, `trl` its level, the prices
    what it asks and the indicators AchievementIndicator rows. Prices are fen. `field_codes` and
    `industry_codes` may hold ancestors; `region_code` is a GB/T 2260 code of 2, 4 or 6
    digits. Empty or None means not stated. `indicators_withheld`: the other side may hear whether they meet what
    it demands, not the figures.
    """

    kind: str
    listing_id: int
    title: str
    revision_id: int = 0
    keywords: tuple[str, ...] = ()
    text: str = ""
    field_codes: tuple[str, ...] = ()
    industry_codes: tuple[str, ...] = ()
    region_code: str | None = None
    modes: tuple[str, ...] = ()
    trl: int | None = None
    price_min_fen: int | None = None
    price_max_fen: int | None = None
    indicators: tuple[DemandIndicator, ...] | tuple[AchievementIndicator, ...] = ()
    indicators_withheld: bool = False
    confirmed_on: date | None = None

    def __post_init__(self) -> None:
        wanted = {ACHIEVEMENT: AchievementIndicator, DEMAND: DemandIndicator}.get(self.kind)
        if wanted is None:
            raise ValueError(f"only achievements and demands are matched, not {self.kind!r}")
        if not all(isinstance(row, wanted) for row in self.indicators):
            raise ValueError(f"indicators of a {self.kind} must be {wanted.__name__} rows")

    @property
    def own_text(self) -> str:
        """Title and keywords, as the index has them."""
        return "\n".join((self.title, *self.keywords))


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One factor of the score. `value` 0…1 is None when one side did not say; it then leaves the mean.

    `weight` is the factor's weight in this pair, `points` of `maximum` what the card shows (integers; over
    all parts points add up to the headline and maxima to 100). `facts` holds what a sentence needs.
    """

    factor: Factor
    weight: float
    value: float | None
    points: int = 0
    maximum: int = 0
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SharedWord:
    """A word of the achievement and its exact share (0…1) of the text likeness.

    `by_character` marks words that only share characters with `counterpart`, a word of the demand.
    """

    word: str
    share: float
    by_character: bool = False
    counterpart: str | None = None


class ConflictKind(StrEnum):
    """Contradictions that are flagged beside the score, never hidden."""

    NO_COMMON_MODE = "no_common_mode"
    OVER_BUDGET = "over_budget"
    IMMATURE = "immature"
    INDICATOR = "indicator"


@dataclass(frozen=True, slots=True)
class Conflict:
    """One contradiction and the figures that show it."""

    kind: ConflictKind
    facts: Mapping[str, Any]


class Change(StrEnum):
    """What a reader could change to make a match better."""

    MODE = "mode"
    BUDGET = "budget"
    PRICE = "price"
    REGION = "region"
    MATURITY = "maturity"
    INDICATOR = "indicator"


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """One change the reader can make and the headline scores before and after it."""

    change: Change
    facts: Mapping[str, Any]
    score_from: int
    score_to: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A scored pair with its reasons. Order by `score` (0–100, unrounded), show `headline`."""

    achievement_id: int
    achievement_revision_id: int
    demand_id: int
    demand_revision_id: int
    algorithm_version: str
    score: float
    headline: int
    band: Band
    likeness: float
    parts: tuple[Part, ...]
    words: tuple[SharedWord, ...]
    conflicts: tuple[Conflict, ...]
    indicators: tuple[IndicatorResult, ...]
    counterfactuals: tuple[Counterfactual, ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON data; decimals become strings, dates ISO text."""
        return _plain(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Match:
        """Undo `to_json`."""
        simple = {f.name: data[f.name] for f in fields(cls) if f.name not in _NESTED}
        simple["band"] = Band(data["band"])
        return cls(
            **simple,
            parts=tuple(Part(**{**row, "factor": Factor(row["factor"])}) for row in data["parts"]),
            words=tuple(SharedWord(**row) for row in data["words"]),
            conflicts=tuple(Conflict(ConflictKind(row["kind"]), row["facts"]) for row in data["conflicts"]),
            indicators=tuple(_indicator_result(row) for row in data["indicators"]),
            counterfactuals=tuple(
                Counterfactual(**{**row, "change": Change(row["change"])}) for row in data["counterfactuals"]
            ),
        )


_NESTED = {"parts", "words", "conflicts", "indicators", "counterfactuals", "band"}


def _plain(value: Any) -> Any:
    if hasattr(value, "__dataclass_fields__"):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value


def _decimals(row: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {**row, **{name: None if row[name] is None else Decimal(row[name]) for name in names}}


def _indicator_result(row: Mapping[str, Any]) -> IndicatorResult:
    demanded = _decimals(row["demanded"], "value", "low", "high")
    demanded["comparator"] = Comparator(demanded["comparator"])
    demanded["necessity"] = Necessity(demanded["necessity"])
    offered = row["offered"]
    return IndicatorResult(
        **{
            **_decimals(row, "offered_low", "offered_high", "difference"),
            "outcome": Outcome(row["outcome"]),
            "demanded": DemandIndicator(**demanded),
            "offered": None if offered is None else AchievementIndicator(**_decimals(offered, "low", "high")),
        }
    )
