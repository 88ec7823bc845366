"""Names of code lists in the language of the reader.

Short lists have their English in the catalogue, as all texts have. The long ones (regions, industries) have it in a
column `en` beside the Chinese, all regions and the two upper levels of the industries; a code without it keeps its
Chinese.
"""

from collections.abc import Iterable

from flask_babel import gettext

from marketplace import codes
from marketplace.codes import CodeList
from marketplace.web import locale


def name(entries: CodeList, code: str | None) -> str:
    """What a code is called, or the code itself where the list does not know it."""
    entry = entries.get(code)
    if entry is None:
        return code or ""
    return (locale.english() and entry.more.get("en")) or gettext(entry.name)


def full_name(entries: CodeList, code: str, separator: str = " / ") -> str:
    """The names from the top down, e.g. 制造业 / 医药制造业."""
    return separator.join(name(entries, step) for step in entries.path(code))


def listed(names: Iterable[str]) -> str:
    """Names one after the other, as the language of the reader separates them."""
    return (", " if locale.english() else "、").join(names)


def place(code: str | None, *, levels: int | None = None) -> str:
    """A region with what it lies in, the nearest `levels` of it or all: 内蒙古自治区 包头市, Baotou, Inner Mongolia."""
    regions = codes.regions()
    path = regions.path(code or "")[-(levels or 0) :]
    named = [name(regions, step) for step in path]
    return ", ".join(reversed(named)) if locale.english() else " ".join(named)
