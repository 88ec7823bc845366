"""The price that a search text asks for: 价格30万以内, 预算不超过50万元, 10-30万元.

Without a name of money only amounts in 元 count that say how they are meant; 30万以下 may be anything.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from search.documents import FEN_PER_WAN
from search.indicator_patterns import COMPARING, COMPARING_STRONGLY, SUFFIX
from search.indicator_text import readable
from search.indicator_words import ABOUT, COMPARATOR_OF, FILLERS, SUFFIXES
from search.indicators import Comparator
from search.query import HIGHEST_PRICE_FEN
from search.spelt_numbers import in_digits

_NAMES = "转让价格|许可价格|转让费|许可费|价格|报价|总价|售价|价位|预算|费用|经费"
_NUMBER = r"\d{1,9}(?:\.\d{1,4})?"
_UNIT = "[百千]?万元?|亿元?|千元|元"
# Nothing stands before it, and no 元/吨 or 万吨 behind: that is what one piece costs, or an amount of something.
_PRICE = re.compile(
    rf"(?<!\S)(?P<name>{_NAMES})?\s*(?(name)(?:{FILLERS})*(?:{ABOUT}|在)?\s*)"
    rf"(?P<comparator>(?(name)(?:{COMPARING})|(?:{COMPARING_STRONGLY})))?\s*"
    rf"(?P<low>{_NUMBER})\s*(?P<low_unit>{_UNIT})?(?:\s*[~～—–至到-]\s*(?P<high>{_NUMBER})\s*(?P<unit>{_UNIT}))?"
    rf"(?P<suffix>{SUFFIX}|左右)?(?=的|\s|$)"
)
_FEN_PER = {
    "元": FEN_PER_WAN // 10_000,
    "千": FEN_PER_WAN // 10,
    "万": FEN_PER_WAN,
    "亿": FEN_PER_WAN * 10_000,
}
_TIMES = {"百": 100, "千": 1_000}
_AT_LEAST = frozenset({Comparator.AT_LEAST, Comparator.ABOVE})


@dataclass(frozen=True, slots=True)
class AskedPrice:
    """A price from `low_fen` to `high_fen`, both included, None for no end, as written in `quotation`."""

    low_fen: int | None
    high_fen: int | None
    quotation: str


def read_price(text: str) -> tuple[str, AskedPrice | None]:
    """Take the first price out of a search text; returns what is left of it, and the price."""
    plain = readable(text)
    digits, places = in_digits(plain)
    for match in _PRICE.finditer(digits):
        start, end = places[match.start()], places[match.end()]
        price = _price(match, plain[start:end])
        if price is not None:
            return " ".join(f"{plain[:start]} {plain[end:].removeprefix('的')}".split()), price
    return text, None


def _price(match: re.Match[str], quotation: str) -> AskedPrice | None:
    unit = match["unit"] or match["low_unit"]
    meant = match["comparator"] or match["suffix"] or match["high"]
    if unit is None or not (match["name"] or (meant and unit.endswith("元"))):
        return None
    low = _fen(match["low"], match["low_unit"] or unit)
    if match["high"] is not None:
        ends = sorted((low, _fen(match["high"], unit)))
    elif _comparator(match) in _AT_LEAST:
        ends = [low, None]
    else:
        ends = [None, low]  # who names a budget can spend that much at most
    return AskedPrice(*ends, quotation) if max(filter(None, ends), default=0) <= HIGHEST_PRICE_FEN else None


def _comparator(match: re.Match[str]) -> Comparator | None:
    return SUFFIXES.get(match["suffix"]) or COMPARATOR_OF.get(match["comparator"])


def _fen(number: str, unit: str) -> int:
    times = _TIMES.get(unit[0], 1) if unit[1:2] == "万" else 1
    base = unit[1:2] if times > 1 else unit[0]
    return int(Decimal(number) * _FEN_PER[base] * times)
