"""Suggest indicator rows from free Chinese text, for the owner to confirm: 硬度≥60HRC, 能耗下降15%以上.

Suggestions are a convenience, never data: nothing here is stored without a person's yes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from search.indicators import AchievementIndicator, Comparator, DemandIndicator, Necessity
from search.tokenizer import cut, is_han
from search.units import parse_unit

_WORDS: dict[Comparator, tuple[str, ...]] = {
    Comparator.AT_LEAST: (
        "≥", ">=", "≧", "⩾", "不低于", "不小于", "不少于", "大于等于", "大于或等于", "高于等于",
        "至少", "达到", "可达到", "可达", "达", "最少",
    ),
    Comparator.AT_MOST: (
        "≤", "<=", "≦", "⩽", "不超过", "不高于", "不大于", "不多于", "小于等于", "小于或等于",
        "低于等于", "至多", "最多", "控制在", "±",
    ),
    Comparator.ABOVE: (">", "大于", "高于", "超过", "多于", "优于"),
    Comparator.BELOW: ("<", "小于", "低于", "少于"),
    Comparator.EQUAL: ("=", "为", ":", "是"),
}  # fmt: skip
_COMPARATOR_OF = {word: comparator for comparator, words in _WORDS.items() for word in words}
_CHANGES = "下降|降低|减少|提高|提升|增加|节约|缩短|延长"
_SUFFIXES = {
    "以上": Comparator.AT_LEAST, "及以上": Comparator.AT_LEAST, "以下": Comparator.AT_MOST,
    "及以下": Comparator.AT_MOST, "以内": Comparator.AT_MOST, "之内": Comparator.AT_MOST,
}  # fmt: skip

# Bounded, so that a made-up exponent cannot fill the memory with digits.
_NUMBER = r"-?\d{1,15}(?:\.\d{1,12})?(?:[×x*]10\^?-?\d{1,2}(?!\d))?"
_MAX_TEXT = 20_000
_CHINESE_UNIT = (
    "摄氏度|千瓦时|千瓦|兆瓦|兆帕|毫克|微克|千克|公斤|公里|千米|毫米|厘米|微米|纳米|毫升|小时|分钟|公顷|平方米|立方米|"
    "个月|吨|克|米|升|秒|天|年|亩|元|目|次|个|台|件|套|转|伏|瓦|倍"
)
_ASCII_UNIT = r"(?:[A-Za-zµμΩ°℃%‰][A-Za-zµμΩ]*(?:[23](?!\d))?)"
_ONE_UNIT = rf"(?:{_ASCII_UNIT}|{_CHINESE_UNIT})"
_UNIT = rf"(?:[百千万亿]?{_ONE_UNIT}(?:[/·每]{_ONE_UNIT}|/\({_ONE_UNIT}[·*]{_ONE_UNIT}\))*|[万亿](?![a-z]))"
# A name starts with a letter, after a grading like 100/120 at most; digits may follow inside.
_NAME = r"(?:\d+/\d+)?[\u4e00-\u9fffA-Za-z][\u4e00-\u9fffA-Za-z0-9/()_\-]{0,29}?"
_COMPARING = "|".join(re.escape(word) for word in sorted(_COMPARATOR_OF, key=len, reverse=True))
_PATTERN = re.compile(
    rf"(?P<name>{_NAME})\s*(?P<change>{_CHANGES})?\s*(?P<comparator>(?:{_COMPARING}))?\s*了?(?P<plusminus>±)?\s*"
    rf"(?P<low>{_NUMBER})\s*(?P<lowunit>{_UNIT})?"
    rf"(?:\s*(?:~|～|-|—|–|至|到)\s*(?P<high>{_NUMBER}))?\s*(?P<unit>{_UNIT})?"
    r"(?P<suffix>及?以上|及?以下|以内|之内)?"
)
_BORDER = re.compile(r"[，。；、,;!?！？\n\r\t“”\"：]")
# What may stand between the words of a name, and is left out when spellings are compared.
_JOINTS = str.maketrans("", "", " /()_-")
# Words that do not belong to a name that follows them; the name starts after the last of them.
_NOT_NAMES = frozenset(
    (
        *"的其且并使将在为与及和或需应可能要让对了是有时下后中内以由从到用该本约至",
        *(
            "要求",
            "需要",
            "能够",
            "可以",
            "实现",
            "满足",
            "保证",
            "确保",
            "具有",
            "主要",
            "指标",
            "技术指标",
            "其中",
        ),
        *("产品", "达到", "目标", "预期", "使得", "项目", "平均", "大约", "一般", "同时", "通过", "采用"),
    )
)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One indicator read from a text, with the words it was read from."""

    name: str
    comparator: Comparator
    value: Decimal | None
    low: Decimal | None
    high: Decimal | None
    unit: str
    quotation: str

    def as_demand(self, necessity: Necessity = Necessity.MUST) -> DemandIndicator:
        """Return the row a demand would have."""
        return DemandIndicator(
            name=self.name,
            comparator=self.comparator,
            value=self.value,
            low=self.low,
            high=self.high,
            unit=self.unit,
            necessity=necessity,
        )

    def as_achievement(self) -> AchievementIndicator:
        """Return the row an achievement would have."""
        low, high = self.as_demand().bounds
        return AchievementIndicator(name=self.name, low=low, high=high, unit=self.unit)


def suggest_indicators(text: str, limit: int = 20) -> list[Suggestion]:
    """Return the indicators a text states, in reading order, at most `limit`, without repeats."""
    found: dict[tuple[str, str, str], Suggestion] = {}
    for sentence in _sentences(text):
        for suggestion in _read(sentence):
            found.setdefault((suggestion.name, suggestion.unit, suggestion.quotation), suggestion)
            if len(found) >= limit:
                return list(found.values())
    return list(found.values())


def _sentences(text: str) -> Iterator[str]:
    # Superscripts become plain digits (m³ → m3) and full width half; case stays, because mPa is not MPa.
    clean = re.sub(r"(?<=\d),(?=\d{3})", "", unicodedata.normalize("NFKC", text[:_MAX_TEXT]))
    yield from (part for part in _BORDER.split(clean) if part and any(c.isdigit() for c in part))


def _read(sentence: str) -> Iterator[Suggestion]:
    for match in _PATTERN.finditer(sentence):
        suggestion = _from_match(match)
        if suggestion is not None:
            yield suggestion


def _from_match(match: re.Match[str]) -> Suggestion | None:
    unit = (match["unit"] or match["lowunit"] or "").strip()
    comparator = _comparator(match)
    name = _name(match["name"], match["change"])
    if comparator is None or not name or (not unit and match["comparator"] is None):
        return None
    low = _number(match["low"])
    quotation = match.group().strip()
    if match["high"] is not None:
        ends = sorted((low, _number(match["high"])))
        return Suggestion(name, Comparator.RANGE, None, ends[0], ends[1], unit, quotation)
    return Suggestion(name, comparator, low, None, None, unit, quotation)


def _comparator(match: re.Match[str]) -> Comparator | None:
    if match["high"] is not None:
        return Comparator.RANGE
    if match["plusminus"]:
        return Comparator.AT_MOST
    if match["suffix"]:
        return _SUFFIXES[match["suffix"]]
    word = match["comparator"]
    if match["change"] and word in (None, "为", "达", "达到", "可达"):
        return Comparator.AT_LEAST  # 能耗下降 15 % promises at least that much
    if word is not None:
        return _COMPARATOR_OF[word]
    # "硬度 62 HRC" says a value only when the unit is a real one; "2020年" or "3个" would be noise.
    known = match["unit"] or match["lowunit"]
    return Comparator.EQUAL if known and _is_measure(known) else None


def _is_measure(unit: str) -> bool:
    counted = {
        "年",
        "个",
        "次",
        "台",
        "件",
        "套",
        "天",
        "元",
        "倍",
        "万",
        "亿",
        "个月",
        "万元",
        "亿元",
        "t",
        "A",
    }
    return unit not in counted and parse_unit(unit).expression not in (None, "dimensionless")


def _number(text: str) -> Decimal:
    mantissa, _, power = re.sub(r"[×x*]10\^?", "E", text).partition("E")
    number = Decimal(f"{mantissa}E{power}") if power else Decimal(mantissa)
    return Decimal(f"{number:f}")


def _name(raw: str, change: str | None) -> str:
    """Keep the last noun phrase before the value; a change (下降, 提高) belongs to the name."""
    words = cut(raw)
    for index in range(len(words) - 1, -1, -1):
        if words[index] in _NOT_NAMES:
            words = words[index + 1 :]
            break
    name = _as_written(raw, words)
    if not any(is_han(character) for character in name) or len(name) > 20:
        return ""
    return f"{name}{change or ''}"


def _as_written(raw: str, words: list[str]) -> str:
    """Return the end of `raw` that starts with the first of `words`, in its own spelling."""
    if not words:
        return ""
    lower, wanted = raw.lower(), _squeezed("".join(words))
    start = lower.find(words[0])
    while start >= 0 and _squeezed(lower[start:]) != wanted:
        start = lower.find(words[0], start + 1)
    return raw[max(0, start) :].strip(" -_/()")


def _squeezed(text: str) -> str:
    return text.translate(_JOINTS)
