"""Code lists from seed_data/codes: regions, industries, technology fields, maturity, modes and kinds.

Pure data, read once. A code that is not in its list is `None`, never a guess.
"""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

_FOLDER = Path(__file__).resolve().parent.parent / "seed_data" / "codes"


@dataclass(frozen=True)
class Code:
    """One entry: its code, its Chinese name, the code above it and the other columns."""

    code: str
    name: str
    parent: str | None
    more: dict[str, str]


class CodeList:
    """An ordered list or tree of codes."""

    def __init__(self, codes: list[Code]):
        self._codes = {code.code: code for code in codes}

    def __iter__(self) -> Iterator[Code]:
        return iter(self._codes.values())

    def __contains__(self, code: object) -> bool:
        return code in self._codes

    def get(self, code: str | None) -> Code | None:
        return self._codes.get(code) if code else None

    def name(self, code: str | None) -> str:
        """The Chinese name, or the code itself where the list does not know it."""
        entry = self.get(code)
        return entry.name if entry else (code or "")

    def path(self, code: str) -> tuple[str, ...]:
        """The code and everything above it, from the top; empty for an unknown code."""
        path: list[str] = []
        entry = self.get(code)
        while entry:
            path.append(entry.code)
            entry = self.get(entry.parent)
        return tuple(reversed(path))

    def with_ancestors(self, chosen: Iterable[str]) -> tuple[str, ...]:
        """Every code chosen with all codes above it, each once; unknown codes are left out."""
        return tuple(dict.fromkeys(step for code in chosen for step in self.path(code)))

    def full_name(self, code: str, separator: str = " ") -> str:
        """The names from the top down, e.g. 内蒙古自治区 包头市 昆都仑区."""
        return separator.join(self.name(step) for step in self.path(code))

    def children(self, code: str | None = None) -> list[Code]:
        """The entries right below a code; the top level for None."""
        return self._children.get(code, [])

    def by_name(self, name: str) -> Code | None:
        """The first entry of this name."""
        return self._names.get(name)

    @cached_property
    def _children(self) -> dict[str | None, list[Code]]:
        children: dict[str | None, list[Code]] = {}
        for code in self:
            children.setdefault(code.parent, []).append(code)
        return children

    @cached_property
    def _names(self) -> dict[str, Code]:
        names: dict[str, Code] = {}
        for code in self:
            names.setdefault(code.name, code)
        return names


@cache
def _read(name: str) -> CodeList:
    with (_FOLDER / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        return CodeList(
            [
                Code(row.pop("code"), row.pop("name"), row.pop("parent", None) or None, row)
                for row in csv.DictReader(file)
            ]
        )


def regions() -> CodeList:
    """GB/T 2260: provinces, prefectures and the counties of Inner Mongolia."""
    return _read("regions")


def industries() -> CodeList:
    """GB/T 4754-2017 国民经济行业分类."""
    return _read("industries")


def technology_fields() -> CodeList:
    """技术领域 of the registration form."""
    return _read("technology_fields")


def trl_levels() -> CodeList:
    """技术就绪水平 1–9 with `sentence`, `proof`, `phase` and `stage`."""
    return _read("trl")


def cooperation_modes() -> CodeList:
    """Ways to work together, with the contract subtype they usually lead to."""
    return _read("cooperation_modes")


def ip_types() -> CodeList:
    """Kinds of intellectual property."""
    return _read("ip_types")


def contract_kinds() -> CodeList:
    """Classes and subtypes of technology contracts (民法典 851–887)."""
    return _read("contract_kinds")


def party_kinds() -> CodeList:
    """买卖方性质 of the registration form."""
    return _read("party_kinds")


def socioeconomic_objectives() -> CodeList:
    """社会经济目标 (GB/T 24450-2009); the names are still to be checked against the standard (待核实)."""
    return _read("socioeconomic_objectives")
