"""Fields that a feature offers to imports: how a cell becomes content."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from marketplace.importing import values
from marketplace.importing.problems import Unsuitable


@dataclass(frozen=True)
class Reading:
    """What a cell gave: content values by name, and (wrong, right) for what could not be used."""

    values: Mapping[str, Any] = field(default_factory=dict)
    problems: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Field:
    """A target of a column. `form` says how to write it; several columns may feed a field that `joins`."""

    name: str
    label: str
    form: str
    read: Callable[[str], Reading]
    joins: bool = False


def single(name: str, parse: Callable[[str], Any]) -> Callable[[str], Reading]:
    """A reader that gives one value, or one problem."""

    def read(text: str) -> Reading:
        try:
            return Reading({name: parse(text)})
        except Unsuitable as unsuitable:
            return Reading({}, ((values.wrong(text), str(unsuitable)),))

    return read


def several(
    name: str, split: Callable[[str], tuple[str, ...]], parse: Callable[[str], Any], most: int
) -> Callable[[str], Reading]:
    """A reader of a list that keeps the parts it understands and names the others."""

    def read(text: str) -> Reading:
        found, problems = [], []
        for part in split(text):
            try:
                found.append(parse(part))
            except Unsuitable as unsuitable:
                problems.append((values.wrong(part), str(unsuitable)))
        unique = list(dict.fromkeys(found))
        if len(unique) > most:
            problems.append((f"有 {len(unique)} 项", f"最多 {most} 项，已保留前 {most} 项"))
        return Reading({name: tuple(unique[:most])}, tuple(problems))

    return read


def text(name: str, longest: int) -> Callable[[str], Reading]:
    """A reader of free text; what is too long is cut, and said."""

    def read(typed: str) -> Reading:
        try:
            return Reading({name: values.within(typed, longest)})
        except Unsuitable as unsuitable:
            cut = values.printable(typed)[:longest]
            return Reading({name: cut}, ((f"有 {len(typed):,} 个字，已截短", str(unsuitable)),))

    return read


def table(
    name: str, parse: Callable[[list[str]], Any], most_cells: int, most_rows: int
) -> Callable[[str], Reading]:
    """A reader of a small table in a cell; rows that cannot be read are named, the others kept."""

    def read(typed: str) -> Reading:
        found, problems = [], []
        try:
            lines = values.rows(typed, most_cells)
        except Unsuitable as unsuitable:
            return Reading({}, ((values.wrong(typed), str(unsuitable)),))
        for line in lines:
            try:
                found.append(parse(line))
            except Unsuitable as unsuitable:
                problems.append((values.wrong(" | ".join(line)), str(unsuitable)))
        if len(found) > most_rows:
            problems.append((f"有 {len(found)} 行", f"最多 {most_rows} 行，已保留前 {most_rows} 行"))
        return Reading({name: tuple(found[:most_rows])}, tuple(problems))

    return read


def joined(old: Any, new: Any) -> Any:
    """Two columns for one field: texts one below the other, lists one behind the other."""
    if isinstance(old, tuple):
        return tuple(dict.fromkeys((*old, *new)))
    return "\n".join(filter(None, (old, new)))
