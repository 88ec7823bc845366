"""What several demands ask of the same quantity, as one band: from the loosest to the strictest target.

A quantity is joint when at least two of them state it, in the same direction and in units that convert into
each other; what only one of them states is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from search.indicator_names import name_likeness
from search.indicators import LEAST_NAME_LIKENESS, Comparator, DemandIndicator
from search.units import convert

LEAST_STATED = 2

_AT_LEAST = frozenset({Comparator.AT_LEAST, Comparator.ABOVE})
_AT_MOST = frozenset({Comparator.AT_MOST, Comparator.BELOW})


@dataclass(frozen=True, slots=True)
class JointIndicator:
    """One quantity: at least or at most `loosest` … `strictest` of `unit`, stated by `stated` demands."""

    name: str
    comparator: Comparator
    loosest: Decimal
    strictest: Decimal
    unit: str
    stated: int


def joint_indicators(demands: Sequence[Sequence[DemandIndicator]]) -> list[JointIndicator]:
    """Return the joint quantities of some demands' rows, those that most of them state first."""
    groups: list[dict[int, DemandIndicator]] = []
    rows = [(row, place) for place, demand in enumerate(demands) for row in demand]
    for row, place in sorted(rows, key=lambda item: (len(item[0].name), item[0].name, item[0].unit, item[1])):
        if _direction(row) is None or row.value is None:
            continue
        group = next((g for g in groups if place not in g and _fits(row, _first(g))), None)
        if group is None:
            groups.append({place: row})
        else:
            group[place] = row
    found = [_band(group) for group in groups if len(group) >= LEAST_STATED]
    return sorted(found, key=lambda band: (-band.stated, band.name))


def _direction(row: DemandIndicator) -> Comparator | None:
    if row.comparator in _AT_LEAST:
        return Comparator.AT_LEAST
    return Comparator.AT_MOST if row.comparator in _AT_MOST else None


def _first(group: dict[int, DemandIndicator]) -> DemandIndicator:
    return next(iter(group.values()))


def _fits(row: DemandIndicator, first: DemandIndicator) -> bool:
    return (
        _direction(row) is _direction(first)
        and name_likeness(row.name, first.name) >= LEAST_NAME_LIKENESS
        and convert(row.value, row.unit, first.unit) is not None
    )


def _band(group: dict[int, DemandIndicator]) -> JointIndicator:
    first = _first(group)
    values = sorted(convert(row.value, row.unit, first.unit) for row in group.values())
    rising = _direction(first) is Comparator.AT_LEAST
    loosest, strictest = (values[0], values[-1]) if rising else (values[-1], values[0])
    return JointIndicator(first.name, _direction(first), loosest, strictest, first.unit, len(group))
