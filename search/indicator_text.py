"""Suggest indicator rows from free Chinese text, for the owner to confirm: 硬度≥60HRC, 能耗下降15%以上.

Suggestions are a convenience, never data: nothing here is stored without a person's yes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from search import indicator_words as vocabulary
from search.indicators import AchievementIndicator, Comparator, DemandIndicator, Necessity
from search.tokenizer import cut, is_han
from search.units import parse_unit

_MAX_TEXT = 20_000
_LONGEST_NAME = 20
# Bounded, so that a made-up exponent cannot fill the memory with digits. A power whose superscript was lost in
# copying (1×108) is believed behind a single digit only.
_NUMBER = (
    r"(?:[-+]?\d(?:\.\d{1,12})?[×x*]10\^?-?\d{1,2}(?!\d)|[-+]?\d{1,15}(?:\.\d{1,12})?(?:[×x*]10\^-?\d{1,2})?)"
)
# A number is never part of a longer one, of a date, a time, a ratio or a size like 30×20.
_WHOLE = r"(?!\s*[×x*]\s*\d|[.:/]?\d)"
_CHINESE_UNIT = (
    "摄氏度|千瓦时|千瓦|兆瓦|兆帕|毫克|微克|千克|公斤|公里|千米|毫米|厘米|微米|纳米|毫升|小时|分钟|公顷|平方米|立方米|"
    "毫安时|安时|个百分点|百分点|个月|吨|克|米|升|秒|天|年|亩|元|目|次|个|台|件|套|转|伏|瓦|倍|度"
)
_NEGATIVE_POWER = r"-[1-3](?![\d.A-Za-z°%\u4e00-\u9fff])"
_ASCII_UNIT = rf"(?:[%‰]|[A-Za-zµμΩ°℃][A-Za-zµμΩ]*+(?:[23](?!\d)|{_NEGATIVE_POWER})?)"
_ONE_UNIT = rf"(?:{_ASCII_UNIT}|{_CHINESE_UNIT})"
_UNIT = rf"(?:[百千万亿]?{_ONE_UNIT}(?:[/·每]{_ONE_UNIT}|/\({_ONE_UNIT}[·*]{_ONE_UNIT}\))*|[万亿](?![a-z]))"
# A name starts with a letter, after a grading like 100/120 at most; digits may follow inside (PM2.5浓度).
_NAME = r"(?:\d+/\d+)?[\u4e00-\u9fffA-Za-z](?:[\u4e00-\u9fffA-Za-z0-9/_\-]|(?<=\d)\.(?=\d)){0,29}?"
_COMPARING = "|".join(re.escape(word) for word in sorted(vocabulary.COMPARATOR_OF, key=len, reverse=True))
# A number glued to Latin letters is a model (Q345, V2.0), but for pH and hardness scales written first (HRC53).
_NOT_GLUED = r"(?:(?<=[pP]H)|(?<![A-Za-z\d.]))"
# One of these makes a number a statement; without any the name goes on (PM2.5浓度…).
_STATING = ("comparator", "change", "plusminus", "spread", "high", "scale", "lowunit", "unit")
_STATED = "".join(f"(?({group})|" for group in _STATING) + "(?!)" + ")" * len(_STATING)
# A unit behind the first number's own belongs to a second number, or is another word (耐温120度 PP材料).
_ONE_UNIT_MORE = "(?(high)|(?(spread)|(?(lowunit)(?!))))"
_PATTERN = re.compile(
    rf"(?P<name>{_NAME})(?:\([^()]{{1,20}}\))?\s*(?:[由从]\s*{_NUMBER}\s*{_UNIT}?\s*)?"
    rf"(?P<change>{vocabulary.CHANGES})?\s*(?:{vocabulary.FILLERS})*(?::\s*(?=[≥≤<>≧≦]))?(?P<comparator>(?:{_COMPARING}))?\s*了?"
    rf"\s*(?:{vocabulary.ABOUT})?\s*(?P<plusminus>±)?\s*\(?"
    rf"(?:(?P<scale>HR[ABC]|HV|HBW?)\s*|{_NOT_GLUED})(?P<low>{_NUMBER}){_WHOLE}\s*(?P<lowunit>{_UNIT})?"
    rf"(?:\s*±\s*(?P<spread>{_NUMBER}){_WHOLE})?"
    rf"(?:\s*(?:~|～|-|—|–|至|到)\s*(?P<high>{_NUMBER}){_WHOLE})?\)?\s*(?:{_ONE_UNIT_MORE}(?P<unit>{_UNIT}))?"
    rf"(?P<suffix>及?以上|及?以下|以内|之内)?(?!\s*[×x*]\s*\d){_STATED}"
)
_BORDER = re.compile(r"[，。；、,;!?！？\n\r\t“”\"：]")
_DIGIT = re.compile(r"\d")
_SUPERSCRIPT = re.compile(r"(?<=10)([⁻−]?[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,2})")
# A value under which something else holds (25℃时, 900℃条件下) is no indicator itself.
_CONDITION = re.compile(r"\s*(?:条件|环境|时|下(?!降))")
# What may stand between the words of a name, and is left out when spellings are compared.
_JOINTS = str.maketrans("", "", " /()_-.")
# Latin names that are quantities by themselves, also without a unit.
_LATIN_RATIOS = frozenset({"ph", "pue"})
_YEARS = range(1900, 2101)


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


def readable(text: str) -> str:
    """Return `text` as indicators are read from it: full width half, m³ as m3, 10⁸ as 10^8, 2,000 as 2000.

    Case stays, because mPa is not MPa. Quotations are pieces of this text.
    """
    raised = _SUPERSCRIPT.sub(r"^\1", text)
    plain = unicodedata.normalize("NFKC", raised).replace("−", "-")
    return re.sub(r"(?<=\d),(?=\d{3})", "", plain)


def _sentences(text: str) -> Iterator[str]:
    parts = _BORDER.split(readable(text[:_MAX_TEXT]))
    yield from filter(_DIGIT.search, parts)


def _read(sentence: str) -> Iterator[Suggestion]:
    for match in _PATTERN.finditer(sentence):
        suggestion = _from_match(match)
        if suggestion is not None:
            yield suggestion


def _from_match(match: re.Match[str]) -> Suggestion | None:
    start = _name_start(match["name"])
    name = match["name"][start:].strip(" -_/")
    if not name or len(name) > _LONGEST_NAME:
        return None
    unit = _unit(match, name)
    comparator = _comparator(match, name, unit)
    name += match["change"] or ""  # a change (下降, 提高) belongs to the name
    if comparator is None or _is_noise(match, name, unit):
        return None
    low = _number(match["low"])
    quotation = match.group()[start:].strip()
    if comparator is not Comparator.RANGE:
        return Suggestion(name, comparator, low, None, None, unit, quotation)
    if match["spread"]:
        spread = abs(_number(match["spread"]))
        return Suggestion(name, comparator, None, low - spread, low + spread, unit, quotation)
    ends = sorted((low, _number(match["high"])))
    return Suggestion(name, comparator, None, ends[0], ends[1], unit, quotation)


def _comparator(match: re.Match[str], name: str, unit: str) -> Comparator | None:
    if match["high"] is not None or match["spread"]:
        return Comparator.RANGE
    if match["plusminus"]:
        return Comparator.AT_MOST
    if match["suffix"]:
        return vocabulary.SUFFIXES[match["suffix"]]
    word = match["comparator"]
    if match["change"] and word in vocabulary.BESIDE_A_CHANGE:
        return Comparator.AT_LEAST  # 能耗下降 15 % promises at least that much
    if word == "优于" and name.endswith(vocabulary.SMALLER_IS_BETTER):
        return Comparator.BELOW
    if word is not None:
        return vocabulary.COMPARATOR_OF[word]
    # "硬度 62 HRC" says a value only when the unit is a real one; "2020年" or "3个" would be noise.
    return Comparator.EQUAL if unit and _is_measure(unit, name) else None


def _is_measure(unit: str, name: str) -> bool:
    if len(unit) == 1 and "A" <= unit <= "Z" and not name.endswith(vocabulary.QUANTITIES):
        return False  # 支持4K显示, 5G网络
    return unit not in vocabulary.COUNTED and parse_unit(unit).expression not in (None, "dimensionless")


def _unit(match: re.Match[str], name: str) -> str:
    unit = match["unit"] or match["lowunit"] or match["scale"] or ""
    if unit != "度":
        return unit
    if "电" in name:
        return "kWh"
    return "°C" if any(sign in name for sign in "温热冷熔沸") else "°"


def _is_noise(match: re.Match[str], name: str, unit: str) -> bool:
    """Tell numbers that state no property of a technology: marks, dates, business figures, conditions, counts."""
    after = match.string[match.end() :]
    if name.lower().endswith(vocabulary.MARKS) or _CONDITION.match(after):
        return True
    if unit.startswith("年") and _number(match["low"]) in _YEARS:
        return True
    if unit.endswith("元") and name.endswith(vocabulary.BUSINESS):
        return True
    if not any(is_han(character) for character in name):
        # Only letters: a quantity by itself, or compared in so many words (COD≤50mg/L).
        return name.lower() not in _LATIN_RATIOS and (not unit or _is_weak(match))
    if unit:
        return match["comparator"] is None and after.startswith("级")  # 10万吨级装置
    return _counts_something(match, name.lower(), after)


def _counts_something(match: re.Match[str], name: str, after: str) -> bool:
    """Tell numbers without a unit that are no ratio: 培训3000人次, 特点:1、, 达到6级."""
    if _is_weak(match) and not name.endswith(vocabulary.QUANTITIES):
        return True
    if match["comparator"] is None and not match["spread"] and "ph" not in name:
        return True
    return not match["suffix"] and after[:1].isalpha() and after[0] not in vocabulary.GOING_ON


def _is_weak(match: re.Match[str]) -> bool:
    return match["comparator"] is None or match["comparator"] in vocabulary.WEAK_WORDS


def _number(text: str) -> Decimal:
    mantissa, _, power = re.sub(r"[×x*]10\^?", "E", text).partition("E")
    number = Decimal(f"{mantissa}E{power}") if power else Decimal(mantissa)
    return Decimal(f"{number:f}")


def _name_start(raw: str) -> int:
    """Return where the last noun phrase before the value begins in `raw`; its length when there is none."""
    words = cut(raw)
    for index in range(len(words) - 1, -1, -1):
        if words[index] in vocabulary.NOT_NAMES:
            words = words[index + 1 :]
            break
    if not words:
        return len(raw)
    lower, wanted = raw.lower(), _squeezed("".join(words))
    start = lower.find(words[0])
    while start >= 0 and _squeezed(lower[start:]) != wanted:
        start = lower.find(words[0], start + 1)
    return max(0, start)


def _squeezed(text: str) -> str:
    return text.translate(_JOINTS)
