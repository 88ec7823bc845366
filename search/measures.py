"""Values with units as one orderable number each, so that any engine finds “at least 60 HRC” by a range.

A value is brought to the base unit of its dimension and packed into 63 bits: 15 for the dimension, 48 for the
value in its natural order (sign, exponent and 36 bits of mantissa, more than anybody measures). Opaque units
(目, HRC) are dimensions of their own.

Each value is packed twice. By its dimension, for what is typed: 硬度≥60HRC keeps 硬度 as a word of the search. And
by the indicator's name and dimension, for an indicator picked from a list: those are the numbers below zero, 23 bits
for name and dimension and 40 for the value. Two of a listing's indicators share the 23 bits once in eight million.
"""

from __future__ import annotations

import hashlib
import re
import struct
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import groupby
from operator import attrgetter

from search.indicator_patterns import COMPARING_STRONGLY, UNIT
from search.indicator_text import readable, suggest_indicators
from search.indicator_words import COMPARATOR_OF, QUANTITIES
from search.indicators import AchievementIndicator, Comparator, DemandIndicator
from search.tokenizer import normalise
from search.units import in_base_unit, parse_unit

_VALUE_BITS = 48
_DIMENSION_BITS = 15
_MOST = (1 << _VALUE_BITS) - 1
_NAMED_VALUE_BITS = 40
_NAMED_BITS = 23
_FIRST_NAMED = -(1 << 63)
# Between the name and the unit of an indicator, in the index and in addresses.
_SEPARATOR = "|"
_LONGEST_NAME, _LONGEST_UNIT = 40, 20
_MOST_MEASURES = 5
# ≥60HRC, with nothing around it: what a name says stands before it, what a word says behind it.
_NAMELESS = re.compile(
    rf"(?<!\S)(?P<comparator>{COMPARING_STRONGLY})\s*(?P<value>-?\d{{1,15}}(?:\.\d{{1,12}})?)\s*(?P<unit>{UNIT})(?!\S)"
)
# 耐温 800℃ asks for a material that stands at least that much, though nobody writes “at least”.
_WITHSTANDING = ("耐", "抗", "承")


@dataclass(frozen=True, slots=True)
class AskedMeasure:
    """A value with its unit that a search asks for, as written in `quotation`; bounds are packed keys.

    `name` is empty where only the unit says what is measured.
    """

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
    """Return both numbers of all stated ends of these indicators, each once, in order."""
    found: set[int] = set()
    for row in indicators:
        ends = row.bounds if isinstance(row, DemandIndicator) else (row.low, row.high)
        for end in ends if row.unit.strip() else ():
            if end is not None:
                magnitude, dimension = in_base_unit(end, row.unit)
                value = _ordered(float(magnitude))
                found.add((_dimension_number(dimension) << _VALUE_BITS) | value)
                found.add(_named(row.name, dimension, value))
    return tuple(sorted(found))


def stated(indicators: Iterable[AchievementIndicator | DemandIndicator]) -> tuple[str, ...]:
    """Return the indicators by name and unit, “硬度|HRC”: each name once per dimension, in the unit stated first."""
    found: dict[tuple[str, str], str] = {}
    for row in indicators:
        key = indicator_key(row.name, row.unit)
        if key is not None:
            found.setdefault(same_indicator(key), key)
    return tuple(found.values())


def indicator_key(name: str, unit: str) -> str | None:
    """Return the name and unit of an indicator as one text, or None without one of them or where one is too long."""
    name = " ".join(unicodedata.normalize("NFKC", name).replace(_SEPARATOR, " ").split())
    unit = parse_unit(unit).text
    if not 0 < len(name) <= _LONGEST_NAME or not 0 < len(unit) <= _LONGEST_UNIT or _SEPARATOR in unit:
        return None
    return f"{name}{_SEPARATOR}{unit}"


def read_key(text: str) -> str | None:
    """Return the key that a typed text means, in any width and spelling of its unit; None for what is no key."""
    name, _, unit = text.partition(_SEPARATOR)
    return indicator_key(name, unit)


def same_indicator(key: str) -> tuple[str, str]:
    """Return what two keys have in common that speak of one indicator in two units or spellings of its name."""
    name, _, unit = key.partition(_SEPARATOR)
    _magnitude, dimension = in_base_unit(Decimal(1), unit)
    return _plain(name), dimension


def range_of(key: str, low: Decimal | None, high: Decimal | None) -> tuple[int, int]:
    """Return the numbers between which a value of this indicator lies, both included; None is no end."""
    name, _, unit = key.partition(_SEPARATOR)
    ends = [None if end is None else in_base_unit(end, unit)[0] for end in (low, high)]
    _magnitude, dimension = in_base_unit(Decimal(1), unit)
    least, most = (None if end is None else _ordered(float(end)) for end in ends)
    return (
        _named(name, dimension, 0 if least is None else least),
        _named(name, dimension, _MOST if most is None else most),
    )


def read_measures(text: str) -> tuple[str, tuple[AskedMeasure, ...]]:
    """Take the values with units out of a search text; their names stay in it as words.

    Returns the remaining text and the values, in reading order.
    """
    left, named = _named_values(readable(text))
    left, nameless = _nameless_values(left)
    found = (*named, *nameless)[:_MOST_MEASURES]
    return (" ".join(left.split()), found) if found else (text, ())


def _named_values(left: str) -> tuple[str, list[AskedMeasure]]:
    found: list[AskedMeasure] = []
    suggestions = suggest_indicators(left, limit=_MOST_MEASURES)
    for quotation, said in groupby(suggestions, key=attrgetter("quotation")):
        asked = [_asked(suggestion.as_demand(), quotation) for suggestion in said]
        if None not in asked and quotation in left:
            found += asked
            left = left.replace(quotation, f" {' '.join(one.name for one in asked)} ", 1)
    return left, found


def _nameless_values(left: str) -> tuple[str, list[AskedMeasure]]:
    """Take out values that stand alone and say how they are meant (≥60HRC): whatever is measured in that unit."""
    found: list[AskedMeasure] = []
    for match in _NAMELESS.finditer(left):
        if parse_unit(match["unit"]).expression is not None:
            comparator, value = COMPARATOR_OF[match["comparator"]], Decimal(match["value"])
            row = DemandIndicator(name="", comparator=comparator, value=value, unit=match["unit"])
            found.append(_asked(row, match.group()))
    for one in found:
        left = left.replace(one.quotation, " ", 1)
    return left, found


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
    return _hashed(dimension, _DIMENSION_BITS)


def _named(name: str, dimension: str, value: int) -> int:
    """Pack an ordered value under the indicator's name."""
    number = _hashed(f"{_plain(name)}{_SEPARATOR}{dimension}", _NAMED_BITS)
    return _FIRST_NAMED + ((number << _NAMED_VALUE_BITS) | (value >> (_VALUE_BITS - _NAMED_VALUE_BITS)))


def _plain(name: str) -> str:
    return re.sub(r"\s+", "", normalise(name.replace(_SEPARATOR, " ")))


@lru_cache(maxsize=10_000)
def _hashed(text: str, bits: int) -> int:
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:4], "big") >> (32 - bits)


def _ordered(value: float) -> int:
    """Pack a float so that whole numbers compare as the floats do."""
    (bits,) = struct.unpack(">Q", struct.pack(">d", value + 0.0))
    ordered = bits ^ (0xFFFFFFFFFFFFFFFF if bits >> 63 else 1 << 63)
    return ordered >> (64 - _VALUE_BITS)
