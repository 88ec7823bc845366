"""Ranges of indicators in the address of a search: an indicator, from, to.

In the address each range is one value of `measure` (name and unit), one of `from` and one of `to`, in the same order,
so that a plain form can send them. What cannot be used is kept as it was typed, with what is wrong with it.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import zip_longest

from werkzeug.datastructures import MultiDict

from marketplace.web.typed_text import one_line
from search.measures import range_of, read_key

INDICATOR, LOW, HIGH = PARAMETERS = ("measure", "from", "to")
MOST_RANGES = 5
#: Of a typed number this much is kept, also where it is none.
LONGEST_NUMBER = 20
_LONGEST_INDICATOR = 80
_NUMBER = re.compile(r"[-+]?\d{1,12}(\.\d{1,8})?")


class Problem(StrEnum):
    """Why a range cannot be used."""

    NO_INDICATOR = "no_indicator"
    NO_END = "no_end"
    NO_NUMBER = "no_number"
    UPSIDE_DOWN = "upside_down"


@dataclass(frozen=True)
class AskedRange:
    """One range as typed; `key` is name and unit in one, empty where none was chosen."""

    key: str
    low: str
    high: str

    @property
    def name(self) -> str:
        """The indicator's name."""
        return self.key.partition("|")[0]

    @property
    def unit(self) -> str:
        """The unit of both ends."""
        return self.key.partition("|")[2]

    @property
    def problem(self) -> Problem | None:
        """What is wrong with it."""
        if not self.key:
            return Problem.NO_INDICATOR
        if not self.low and not self.high:
            return Problem.NO_END
        if self.not_numbers:
            return Problem.NO_NUMBER
        low, high = number(self.low), number(self.high)
        return Problem.UPSIDE_DOWN if None not in (low, high) and low > high else None

    @property
    def not_numbers(self) -> tuple[str, ...]:
        """The ends that are no numbers, as typed."""
        return tuple(end for end in (self.low, self.high) if end and number(end) is None)

    def bounds(self) -> tuple[int, int]:
        """The packed ends (search.measures); only of a range without a problem."""
        return range_of(self.key, number(self.low), number(self.high))


@dataclass(frozen=True)
class AskedRanges:
    """The ranges of an address: those that narrow the search, and those that cannot be used, as typed."""

    usable: tuple[AskedRange, ...] = ()
    faulty: tuple[AskedRange, ...] = ()

    @property
    def want_names(self) -> bool:
        """Whether an indicator must still be picked for what was typed."""
        return any(one.problem is Problem.NO_INDICATOR for one in self.faulty)

    def parameters(self, without: AskedRange | None = None) -> dict[str, list[str]]:
        """The usable ones as parameters of an address."""
        kept = [one for one in self.usable if one != without]
        if not kept:
            return {}
        return {
            INDICATOR: [one.key for one in kept],
            LOW: [one.low for one in kept],
            HIGH: [one.high for one in kept],
        }


def read(args: MultiDict[str, str]) -> tuple[AskedRanges, list[tuple[str, str]]]:
    """The ranges of an address, and what names no indicator as (parameter, value). Never raises."""
    typed = list(_typed(args))
    keys = {key: read_key(key) or "" for key, _low, _high in typed}
    unknown = [(INDICATOR, key) for key in keys if key and not keys[key]]
    named = (AskedRange(keys[key], low, high) for key, low, high in typed if not key or keys[key])
    found = list(dict.fromkeys(named))
    unknown += [(INDICATOR, one.key) for one in found[MOST_RANGES:]]
    found = found[:MOST_RANGES]
    usable = tuple(one for one in found if one.problem is None)
    return AskedRanges(usable, tuple(one for one in found if one.problem is not None)), unknown


def number(text: str) -> Decimal | None:
    """A typed number in any width and with commas between thousands; None for what is none."""
    plain = unicodedata.normalize("NFKC", text).replace("−", "-").replace(",", "").strip()
    return Decimal(plain) if plain.isascii() and _NUMBER.fullmatch(plain) else None


def _typed(args: MultiDict[str, str]) -> Iterable[Sequence[str]]:
    """The lines of the form that are not empty. An untouched line of the list says nothing."""
    columns = (args.getlist(parameter) for parameter in PARAMETERS)
    for key, low, high in zip_longest(*columns, fillvalue=""):
        line = (
            one_line(key, _LONGEST_INDICATOR),
            one_line(low, LONGEST_NUMBER),
            one_line(high, LONGEST_NUMBER),
        )
        if any(line):
            yield line
