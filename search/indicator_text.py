"""Suggest indicator rows from free Chinese text, for the owner to confirm: 硬度≥60HRC, 能耗下降15%以上.

Suggestions are a convenience, never data: nothing here is stored without a person's yes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from search import indicator_words as vocabulary
from search.indicator_patterns import COMPARING, CONDITION, NUMBER, SUFFIX, UNIT, WHOLE
from search.indicator_phrases import name_start, phrases
from search.indicators import AchievementIndicator, Comparator, DemandIndicator, Necessity
from search.spelt_numbers import in_digits
from search.tokenizer import is_han
from search.units import parse_unit

_MAX_TEXT = 20_000
_LONGEST_NAME = 20
# A name starts with a letter, after a grading like 100/120 at most; digits may follow inside (PM2.5浓度).
_NAME = r"(?:\d+/\d+)?[\u4e00-\u9fffA-Za-z](?:[\u4e00-\u9fffA-Za-z0-9/_\-]|(?<=\d)\.(?=\d)){0,29}?"
# A number glued to Latin letters is a model (Q345, V2.0), but for pH and hardness scales written first (HRC53).
_NOT_GLUED = r"(?:(?<=[pP]H)|(?<![A-Za-z\d.]))"
# One of these makes a number a statement; without any the name goes on (PM2.5浓度…).
_STATING = ("comparator", "change", "plusminus", "spread", "high", "scale", "lowunit", "unit")
_STATED = "".join(f"(?({group})|" for group in _STATING) + "(?!)" + ")" * len(_STATING)
# A unit behind the first number's own belongs to a second number, or is another word (耐温120度 PP材料).
_ONE_UNIT_MORE = "(?(high)|(?(spread)|(?(lowunit)(?!))))"
_PATTERN = re.compile(
    rf"(?P<name>{_NAME})(?:\([^()]{{1,20}}\))?\s*(?:[由从]\s*{NUMBER}\s*{UNIT}?\s*)?"
    rf"(?P<change>{vocabulary.CHANGES})?\s*(?:{vocabulary.FILLERS})*(?::\s*(?=[≥≤<>≧≦]))?(?P<comparator>(?:{COMPARING}))?\s*了?"
    rf"\s*(?:{vocabulary.ABOUT})?\s*(?P<plusminus>±)?\s*\(?"
    rf"(?:(?P<scale>HR[ABC]|HV|HBW?)\s*|{_NOT_GLUED})(?P<low>{NUMBER}){WHOLE}\s*(?P<lowunit>{UNIT})?"
    rf"(?:\s*±\s*(?P<spread>{NUMBER}){WHOLE})?"
    rf"(?:\s*(?:~|～|-|—|–|至|到)\s*(?P<high>{NUMBER}){WHOLE})?\)?\s*(?:{_ONE_UNIT_MORE}(?P<unit>{UNIT}))?"
    rf"(?P<suffix>{SUFFIX})?(?!\s*[×x*]\s*\d){_STATED}"
)
_BORDER = re.compile(r"[，。；,;!?！？\n\r\t“”\"：]")
_SUPERSCRIPT = re.compile(r"(?<=10)([⁻−]?[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,2})")
_DIGIT = re.compile(r"\d")
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
    for clause in _BORDER.split(readable(text[:_MAX_TEXT])):
        for suggestion in _said(clause):
            found.setdefault((suggestion.name, suggestion.unit, suggestion.quotation), suggestion)
            if len(found) >= limit:
                return list(found.values())
    return list(found.values())


def readable(text: str) -> str:
    """Return `text` as indicators are read from it: full width half, m³ as m3, 10⁸ as 10^8, 2,000 as 2000.

    Case stays, because mPa is not MPa. Many spaces are one: the pattern tries each in several places. Quotations
    are pieces of this text.
    """
    raised = _SUPERSCRIPT.sub(r"^\1", text)
    plain = unicodedata.normalize("NFKC", raised).replace("−", "-")
    return re.sub(r"[^\S\n\r\t]+", " ", re.sub(r"(?<=\d),(?=\d{3})", "", plain))


def _said(clause: str) -> Iterator[Suggestion]:
    """Yield what a clause states, each quoted as it is written there."""
    text, places = in_digits(clause)
    if not _DIGIT.search(text):
        return
    for phrase in phrases(text):
        for suggestion in _read(phrase.text) if _DIGIT.search(phrase.text) else ():
            start = text.index(written := phrase.written or suggestion.quotation)
            quotation = clause[places[start] : places[start + len(written)]]
            yield replace(suggestion, quotation=quotation)


def _read(sentence: str) -> Iterator[Suggestion]:
    for match in _PATTERN.finditer(sentence):
        suggestion = _from_match(match)
        if suggestion is not None:
            yield suggestion


def _from_match(match: re.Match[str]) -> Suggestion | None:
    start = name_start(match["name"])
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
    if name.lower().endswith(vocabulary.MARKS) or CONDITION.match(after):
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
