"""Indicators as people type them, read as numbers; what is no number is left to the reader."""

import re
from decimal import Decimal

from marketplace.listings.content import AchievementIndicator as TypedOffer
from marketplace.listings.content import Content, DemandContent
from marketplace.listings.content import DemandIndicator as TypedDemand
from search.indicators import AchievementIndicator, Comparator, DemandIndicator, Necessity

_VALUE = re.compile(
    r"\s*(?P<sign>[≥≤><＝=≈±]?)\s*(?P<low>[-−+]?\d+(?:\.\d+)?)(?:\s*[~～–至\-]\s*(?P<high>[-−+]?\d+(?:\.\d+)?))?\s*"
)


def read_rows(content: Content) -> tuple[AchievementIndicator | DemandIndicator, ...]:
    """The rows of a listing that state a number."""
    read = _wanted if isinstance(content, DemandContent) else _offered
    return tuple(filter(None, map(read, content.indicators)))


def _wanted(row: TypedDemand) -> DemandIndicator | None:
    found = _VALUE.fullmatch(row.target)
    if not row.name or found is None:
        return None
    low, high = _decimal(found["low"]), _decimal(found["high"])
    necessity = Necessity.MUST if row.must else Necessity.WISH
    if high is not None:
        low, high = min(low, high), max(low, high)
        return DemandIndicator(
            name=row.name, comparator=Comparator.RANGE, low=low, high=high, unit=row.unit, necessity=necessity
        )
    comparator = Comparator(row.comparator) if row.comparator in set(Comparator) else Comparator.EQUAL
    if comparator is Comparator.RANGE:
        comparator = Comparator.EQUAL
    return DemandIndicator(
        name=row.name, comparator=comparator, value=low, unit=row.unit, necessity=necessity
    )


def _offered(row: TypedOffer) -> AchievementIndicator | None:
    found = _VALUE.fullmatch(row.value)
    if not row.name or found is None:
        return None
    low, high = _decimal(found["low"]), _decimal(found["high"])
    if high is not None:
        low, high = min(low, high), max(low, high)
    else:
        low, high = _bounds(found["sign"], low)
    return AchievementIndicator(
        name=row.name, low=low, high=high, unit=row.unit, condition=row.condition, evidence=row.evidence
    )


def _bounds(sign: str, value: Decimal) -> tuple[Decimal | None, Decimal | None]:
    if sign in ("≥", ">"):
        return value, None
    if sign in ("≤", "<"):
        return None, value
    if sign == "±":
        return -abs(value), abs(value)
    return value, value


def _decimal(text: str | None) -> Decimal | None:
    return Decimal(text.replace("−", "-")) if text else None
