"""Numbers in Chinese characters as digits, where they are clearly values: 延长到九个月以上, 达到百分之九十五.

Without a comparator before them or a border behind them such characters are words (一种, 三相, 第二次), and stay.
So do those that count things (至少一个) and those that belong to a unit (500千克).
"""

from __future__ import annotations

import re
import unicodedata

from search.indicator_patterns import COMPARING_STRONGLY, SUFFIX, UNIT

_CHARACTERS = "零〇一二两三四五六七八九十百千"
_DECIMALS = "零〇一二三四五六七八九"
# The longest comparator with room for spaces.
_NEAR = 12
_THINGS = "个(?!月|小时|百分点)|台|件|套"
# 几十, 数百, 四五百 and 第三 are no values, 一百多 is none either: no unit follows it. In 五千克 the unit is 千克.
_SPELT = re.compile(
    rf"(?<![几数第\d{_CHARACTERS}])"
    rf"(?:百分之(?P<share>[{_CHARACTERS}]{{1,5}})(?:点(?P<decimals>[{_DECIMALS}]{{1,4}}))?"
    rf"|(?P<number>(?![百千]|[{_DECIMALS}]{{2}}[十百千])(?:千(?![克米瓦])|(?!千)[{_CHARACTERS}]){{1,9}}))"
    rf"(?=(?(number)[万亿]?(?!{_THINGS}){UNIT})(?P<border>{SUFFIX})?)"
)
_COMPARED = re.compile(rf"(?:{COMPARING_STRONGLY}|[了由从])\s*$")


def in_digits(text: str) -> tuple[str, list[int]]:
    """Return `text` with its values in digits, and for each place of that, its end included, the place in `text`."""
    pieces: list[str] = []
    places: list[int] = []
    done = 0
    for match in _SPELT.finditer(text):
        if match["border"] or _COMPARED.search(text, max(0, match.start() - _NEAR), match.start()):
            pieces += text[done : match.start()], (digits := _digits(match))
            places += [*range(done, match.start()), *[match.start()] * len(digits)]
            done = match.end()
    return "".join((*pieces, text[done:])), [*places, *range(done, len(text) + 1)]


def _digits(match: re.Match[str]) -> str:
    if match["number"]:
        return str(_value(match["number"]))
    decimals = "".join(str(_worth(character)) for character in match["decimals"] or "")
    return f"{_value(match['share'])}{'.' if decimals else ''}{decimals}%"


def _value(characters: str) -> int:
    """Return what characters are worth: 一百二十 and 一二〇 are 120."""
    total, digits = 0, ""
    for worth in map(_worth, characters):
        if worth < 10:
            digits += str(worth)
        else:
            total, digits = total + int(digits or "1") * worth, ""
    return total + int(digits or "0")


def _worth(character: str) -> int:
    return 2 if character == "两" else int(unicodedata.numeric(character))
