"""Bring the ways in which values are put into the one that is read: a name, a comparator, a number and its unit.

抗拉强度和屈服强度分别不低于600MPa和400MPa says two values in one breath, 不低于95%的转化率 the value before its name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from search.indicator_patterns import COMPARING, COMPARING_STRONGLY, CONDITION, NUMBER, SUFFIX, UNIT, WHOLE
from search.indicator_words import CHANGES, FILLERS, NOT_NAMES, QUANTITIES
from search.tokenizer import cut

_AND = r"(?:以及|[、和与及])"
_NAMES = r"[\u4e00-\u9fffA-Za-z0-9/_\-、.]{3,60}?"
_VALUE = rf"{NUMBER}{WHOLE}\s*(?:{UNIT})?"
_RESPECTIVELY = re.compile(
    rf"(?P<names>{_NAMES})(?P<change>{CHANGES})?(?:{FILLERS})*(?:分别|依次)(?P<later_change>{CHANGES})?(?:{FILLERS})*"
    rf"(?P<comparator>{COMPARING})?\s*了?\s*(?P<values>{_VALUE}(?:\s*{_AND}\s*(?:{COMPARING})?\s*{_VALUE})+)"
    rf"\s*(?P<suffix>{SUFFIX})?"
)
_ONE_VALUE = re.compile(rf"(?P<comparator>{COMPARING})?\s*(?P<number>{NUMBER})\s*(?P<unit>{UNIT})?")
_NAMED_AFTERWARDS = re.compile(
    rf"(?:(?P<comparator>{COMPARING_STRONGLY})\s*)?(?P<value>{NUMBER}{WHOLE}\s*{UNIT})(?P<suffix>{SUFFIX})?"
    r"的(?P<name>[\u4e00-\u9fffA-Za-z0-9]{2,24})"
)
# 在60%以上的湿度 is a condition, 节省60%以上的面积 says how much is saved.
_GOING_BEFORE = re.compile(rf"(?:在|于|(?:{CHANGES})了?)\s*$")
# As far before a value its name is looked for.
_NEAR = 30
# What may stand between the words of a name, and is left out when spellings are compared.
_JOINTS = str.maketrans("", "", " /()_-.")


@dataclass(frozen=True, slots=True)
class Phrase:
    """A text in the plain wording, and what was written in its stead where that was another."""

    text: str
    written: str = ""


def phrases(clause: str) -> Iterator[Phrase]:
    """Yield what a clause says, in reading order, its enumerations (、) one by one."""
    place = 0
    # This runs over every clause of every listing, and the word is in few.
    for match in _RESPECTIVELY.finditer(clause) if "分别" in clause or "依次" in clause else ():
        each = _respectively(match)
        if each:
            yield from _named_first(clause[place : match.start()])
            yield from each
            place = match.end()
    yield from _named_first(clause[place:])


def name_start(raw: str) -> int:
    """Return where the last noun phrase begins at the end of `raw`; its length when there is none."""
    words = cut(raw)
    for index in range(len(words) - 1, -1, -1):
        if words[index] in NOT_NAMES:
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


def _respectively(match: re.Match[str]) -> list[Phrase]:
    """Deal the values to as many of the last names; nothing where names and values do not go together."""
    values = [*_ONE_VALUE.finditer(match["values"])]
    names = re.split(_AND, match["names"])[-len(values) :]
    if len(names) < len(values) or not _parallel(names):
        return []
    names[0] = names[0][name_start(names[0]) :]
    change = match["change"] or match["later_change"] or ""
    written = match.group()[match["names"].index(names[0]) :].strip()
    return [
        Phrase(
            f"{name}{change}{value['comparator'] or match['comparator'] or ''}{value['number']}"
            f"{value['unit'] or values[-1]['unit'] or ''}{match['suffix'] or ''}",
            written,
        )
        for name, value in zip(names, values, strict=True)
    ]


def _parallel(names: Sequence[str]) -> bool:
    """Tell whether each name is a quantity of its own: in 小麦、玉米的产量 and 氮、钾利用率 the last one is of all."""
    return "的" not in names[-1] and len({name.endswith(QUANTITIES) for name in names}) == 1


def _named_first(text: str) -> Iterator[Phrase]:
    """Yield the parts of an enumeration, with the names that follow their values put before them."""
    for part in text.split("、"):
        place = 0
        for match in _NAMED_AFTERWARDS.finditer(part) if "的" in part else ():
            name = _name_behind(match)
            if name:
                yield Phrase(part[place : match.start()])
                yield Phrase(
                    f"{name}{match['comparator'] or ''}{match['value']}{match['suffix'] or ''}",
                    part[match.start() : match.start("name") + len(name)],
                )
                place = match.start("name") + len(name)
        yield Phrase(part[place:])


def _name_behind(match: re.Match[str]) -> str:
    """Return the quantity a value is said of after it; empty where its name stands before it or it is a condition."""
    before = match.string[max(0, match.start() - _NEAR) : match.start()]
    if not (match["comparator"] or match["suffix"]) or _GOING_BEFORE.search(before):
        return ""
    if name_start(before) < len(before):
        return ""
    words: list[str] = []
    for word in cut(match["name"]):
        if word in NOT_NAMES:
            break
        words.append(word)
    length = len("".join(words))
    if CONDITION.match(match.string, match.start("name") + length):
        return ""
    name = match["name"][:length]
    return name if name.endswith(QUANTITIES) else ""
