"""Values with units as one orderable number each, so that any engine finds “at least 60 HRC” by a range.

A value is brought to the base unit of its dimension and packed into 63 bits: 15 for the dimension, 48 for the
value in its natural order (sign, exponent and 36 bits of mantissa, more than anybody measures). Opaque units
(目, HRC) are dimensions of their own.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from search.indicator_text import readable, suggest_indicators
from search.indicator_words import QUANTITIES
from search.indicators import AchievementIndicator, Comparator, DemandIndicator
from search.units import in_base_unit

_VALUE_BITS = 48
_DIMENSION_BITS = 15
_LEAST, _MOST = 0, (1 << _VALUE_BITS) - 1
_MOST_MEASURES = 5
# 耐温 800℃ asks for a material that stands at least that much, though nobody writes “at least”.
_WITHSTANDING = ("耐", "抗", "承")


@dataclass(frozen=True, slots=True)
class AskedMeasure:
    """A value with its unit that a search asks for, as written in `quotation`; bounds are packed keys."""

    name: str
    comparator: Comparator
    value: str
    unit: str
    low: int
    high: int
    quotation: str


def pack(value: Decimal, unit: str) -> int | None:
    """Return the orderable number of a value, or None for a value without a unit."""
    if not unit.strip():
        return None
    magnitude, dimension = in_base_unit(value, unit)
    return (_dimension_number(dimension) << _VALUE_BITS) | _ordered(float(magnitude))


def packed(indicators: Iterable[AchievementIndicator | DemandIndicator]) -> tuple[int, ...]:
    """Return the numbers of all stated ends of these indicators, each once, in order."""
    found = set()
    for row in indicators:
        ends = row.bounds if isinstance(row, DemandIndicator) else (row.low, row.high)
        found.update(pack(end, row.unit) for end in ends if end is not None)
    return tuple(sorted(found - {None}))


def read_measures(text: str) -> tuple[str, tuple[AskedMeasure, ...]]:
    """Take the values with units out of a search text; their names stay in it as words.

    Returns the remaining text and the values, in reading order.
    """
    found: list[AskedMeasure] = []
    left = readable(text)
    for suggestion in suggest_indicators(left, limit=_MOST_MEASURES):
        asked = _asked(suggestion.as_demand(), suggestion.quotation)
        if asked is not None and suggestion.quotation in left:
            found.append(asked)
            left = left.replace(suggestion.quotation, f" {suggestion.name} ", 1)
    return (" ".join(left.split()), tuple(found)) if found else (text, ())


def _asked(row: DemandIndicator, quotation: str) -> AskedMeasure | None:
    comparator = row.comparator
    if comparator is Comparator.EQUAL and not row.name.endswith(QUANTITIES):
        return None  # 储氢 -20℃, 风机 10kW: the name is a thing, so nobody knows of what the value is asked
    if comparator is Comparator.EQUAL and row.name.startswith(_WITHSTANDING):
        comparator = Comparator.AT_LEAST
    low, high = row.bounds if comparator is row.comparator else (row.value, None)
    ends = [pack(end, row.unit) for end in (low, high) if end is not None]
    if None in ends:
        return None
    dimension = ends[0] >> _VALUE_BITS
    least = ends[0] if low is not None else dimension << _VALUE_BITS
    most = ends[-1] if high is not None else (dimension << _VALUE_BITS) | _MOST
    shown = f"{low}–{high}" if comparator is Comparator.RANGE else f"{low if low is not None else high}"
    return AskedMeasure(row.name, comparator, shown, row.unit, least, most, quotation)


def _dimension_number(dimension: str) -> int:
    digest = hashlib.sha256(dimension.encode("utf-8")).digest()
    return int.from_bytes(digest[:2], "big") >> (16 - _DIMENSION_BITS)


def _ordered(value: float) -> int:
    """Pack a float so that whole numbers compare as the floats do."""
    (bits,) = struct.unpack(">Q", struct.pack(">d", value + 0.0))
    ordered = bits ^ (0xFFFFFFFFFFFFFFFF if bits >> 63 else 1 << 63)
    return ordered >> (64 - _VALUE_BITS)
