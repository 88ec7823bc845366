"""The pieces of the patterns by which values are found in Chinese text: numbers, units and words that compare."""

from __future__ import annotations

import re
from collections.abc import Iterable

from search.indicator_words import COMPARATOR_OF, SUFFIXES, WEAK_WORDS

# Bounded, so that a made-up exponent cannot fill the memory with digits. A power whose superscript was lost in
# copying (1×108) is believed behind a single digit only.
NUMBER = (
    r"(?:[-+]?\d(?:\.\d{1,12})?[×x*]10\^?-?\d{1,2}(?!\d)|[-+]?\d{1,15}(?:\.\d{1,12})?(?:[×x*]10\^-?\d{1,2})?)"
)
# A number is never part of a longer one, of a date, a time, a ratio or a size like 30×20.
WHOLE = r"(?!\s*[×x*]\s*\d|[.:/]?\d)"
_CHINESE_UNIT = (
    "摄氏度|千瓦时|千瓦|兆瓦|兆帕|毫克|微克|千克|公斤|公里|千米|毫米|厘米|微米|纳米|毫升|小时|分钟|公顷|平方米|立方米|"
    "毫安时|安时|个百分点|百分点|个月|吨|克|米|升|秒|天|年|亩|元|目|次|个|台|件|套|转|伏|瓦|倍|度"
)
_NEGATIVE_POWER = r"-[1-3](?![\d.A-Za-z°%\u4e00-\u9fff])"
_ASCII_UNIT = rf"(?:[%‰]|[A-Za-zµμΩ°℃][A-Za-zµμΩ]*+(?:[23](?!\d)|{_NEGATIVE_POWER})?)"
_ONE_UNIT = rf"(?:{_ASCII_UNIT}|{_CHINESE_UNIT})"
UNIT = rf"(?:[百千万亿]?{_ONE_UNIT}(?:[/·每]{_ONE_UNIT}|/\({_ONE_UNIT}[·*]{_ONE_UNIT}\))*|[万亿](?![a-z]))"


def _any_of(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


COMPARING = _any_of(COMPARATOR_OF)
#: Without those that also stand in sentences without any value.
COMPARING_STRONGLY = _any_of(word for word in COMPARATOR_OF if word not in WEAK_WORDS)
SUFFIX = _any_of(SUFFIXES)
#: A value under which something else holds (25℃时, 900℃条件下) is no indicator itself.
CONDITION = re.compile(r"\s*(?:条件|环境|时|下(?!降))")
