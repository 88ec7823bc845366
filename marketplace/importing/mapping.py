"""How the columns of a file become fields: by their own names, or by a mapping file in YAML.

A mapping file says: `source` (its name; with the row's id it makes the import repeatable), `kind`, `id` (the
column of the row's id), `columns` (column → field, or a list of fields), `constants` (field → text) and
`ignore` (columns left out on purpose). A column's field may have `values` (cell text → text for the field),
`words` (words that a cell may run together → text each), `otherwise` (text for a cell that `values` does not
list; without it the field reads the cell itself) and `prefix`. `region`, if given, is where the source
is at home.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from marketplace.errors import N_
from marketplace.importing import values
from marketplace.importing.fields import Field, Reading, joined
from marketplace.importing.problems import Unreadable
from marketplace.importing.table import Row

LARGEST_FILE = 1024 * 1024
LONGEST_SOURCE = 60
LONGEST_KEY = 80

_KEYS = frozenset({"source", "kind", "id", "region", "columns", "constants", "ignore"})
_TARGET_KEYS = frozenset({"field", "values", "words", "prefix", "otherwise"})


@dataclass(frozen=True)
class Target:
    """One column feeding one field, with what its cells are turned into first."""

    column: str
    field: Field
    values: Mapping[str, str]
    words: Mapping[str, str]
    prefix: str = ""
    otherwise: str | None = None

    def read(self, cell: str) -> Reading:
        """The field's values of a cell; a cell the mapping turns into nothing is empty on purpose."""
        if not self.words:
            return self._field(self.values.get(cell, cell if self.otherwise is None else self.otherwise))
        found, rest = values.glued(cell, self.words)
        wanted = "\n".join(self.words[word] for word in found if self.words[word])
        reading = self._field(wanted)
        if not rest:
            return reading
        problem = (values.wrong(rest), f"应由这些词组成：{'、'.join(self.words)}")
        return Reading(reading.values, (*reading.problems, problem))

    def _field(self, text: str) -> Reading:
        return self.field.read(self.prefix + text) if text else Reading()


@dataclass(frozen=True)
class RowMapping:
    """A checked mapping."""

    source: str
    kind: str
    id_column: str
    targets: tuple[Target, ...]
    constants: Mapping[str, Any]
    ignored: frozenset[str] = frozenset()
    region: str = ""

    def check(self, columns: Sequence[str]) -> None:
        """Raises Unreadable when the file lacks a mapped column or has one that nobody has decided on."""
        wanted = dict.fromkeys((self.id_column, *(target.column for target in self.targets)))
        lacking = [name for name in wanted if name not in columns]
        if lacking:
            raise Unreadable(N_("文件里没有映射要用的列：%(names)s。"), names="、".join(lacking))
        unknown = [name for name in columns if name not in wanted and name not in self.ignored]
        if unknown:
            raise Unreadable(
                N_("映射没有说明这些列怎么办：%(names)s。请在 columns 里指明字段，或列入 ignore。"),
                names="、".join(name[:30] for name in unknown[:10]),
            )

    def read(self, row: Row) -> tuple[dict[str, Any], list[tuple[str, str, str]]]:
        """The content values of a row, and (column, wrong, right) for every cell that could not be used."""
        found: dict[str, Any] = dict(self.constants)
        fed: set[str] = set()
        problems = []
        for target in self.targets:
            reading = target.read(row.cells[target.column])
            problems += [(target.column, wrong, right) for wrong, right in reading.problems]
            for name, value in reading.values.items():
                found[name] = joined(found[name], value) if name in fed else value
                fed.add(name)
        return found, problems

    def column_of(self, field: str) -> str | None:
        """The column that feeds a field; None where none does."""
        return next((t.column for t in self.targets if t.field.name == field), None)


def by_name(columns: Sequence[str], fields: Mapping[str, Field], kind: str, source: str) -> RowMapping:
    """The mapping of a file whose columns are named as the fields (or by their Chinese labels).

    Raises Unreadable for a column that is no field, and when `source_id` is missing.
    """
    labels = {field.label: name for name, field in fields.items()}
    targets, id_column = [], ""
    for column in columns:
        name = labels.get(column, column)
        if name == "source_id":
            id_column = column
        elif name in fields:
            targets.append(Target(column, fields[name], {}, {}))
        else:
            raise Unreadable(
                N_("没有“%(name)s”这个字段%(near)s。可用的列名见 flask listings template。"),
                name=column[:40],
                near=_near(name, fields),
            )
    if not id_column:
        raise Unreadable(N_("缺少 source_id 列：每行要有自己的编号，重复导入时才不会重复。"))
    return RowMapping(source, kind, id_column, tuple(targets), {})


def load(path: Path, fields: Mapping[str, Field], kind: str) -> RowMapping:
    """The mapping in a YAML file. Raises Unreadable with what is wrong in it."""
    data = _document(path)
    _refuse_unknown_keys(data, _KEYS, path.name)
    source, id_column = _required(data, "source", path), _required(data, "id", path)
    if len(source) > LONGEST_SOURCE:
        raise _wrong(path, N_("source 最多 %(most)s 个字。"), most=LONGEST_SOURCE)
    if _required(data, "kind", path) != kind:
        raise _wrong(path, N_("映射用于 %(theirs)s，命令里写的是 %(ours)s。"), theirs=data["kind"], ours=kind)
    return RowMapping(
        source=source,
        kind=kind,
        id_column=id_column,
        targets=tuple(_targets(path, data, fields)),
        constants=_constants(path, data, fields),
        ignored=frozenset(_list(path, data, "ignore")),
        region=str(data.get("region") or ""),
    )


def _document(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise _wrong(path, N_("文件超过 1 MB。"))
        # The base loader keeps every scalar a text: codes such as 07 stay what they are.
        data = yaml.load(path.read_text(encoding="utf-8-sig"), Loader=yaml.BaseLoader)
    except OSError as error:
        raise _wrong(path, N_("读不出来：%(reason)s。"), reason=error.strerror or "I/O") from error
    except UnicodeError as error:
        raise _wrong(path, N_("请用 UTF-8 编码保存。")) from error
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        raise _wrong(
            path, N_("第 %(line)s 行不是正确的 YAML。"), line=mark.line + 1 if mark else "?"
        ) from error
    if not isinstance(data, dict):
        raise _wrong(path, N_("应为“键: 值”的形式，并有 source、kind、id 和 columns。"))
    return data


def _targets(path: Path, data: dict[str, Any], fields: Mapping[str, Field]) -> list[Target]:
    columns = data.get("columns")
    if not isinstance(columns, dict) or not columns:
        raise _wrong(path, N_("缺少 columns：列名对应字段，例如 title: title。"))
    targets = []
    for column, wanted in columns.items():
        for one in wanted if isinstance(wanted, list) else [wanted]:
            targets.append(_target(path, str(column), one, fields))
    fed: set[str] = set()
    for target in targets:
        if target.field.name in fed and not target.field.joins:
            raise _wrong(path, N_("字段 %(name)s 只能对应一列。"), name=target.field.name)
        fed.add(target.field.name)
    return targets


def _target(path: Path, column: str, wanted: Any, fields: Mapping[str, Field]) -> Target:
    options = wanted if isinstance(wanted, dict) else {"field": wanted}
    _refuse_unknown_keys(options, _TARGET_KEYS, path.name)
    field = _field(path, str(options.get("field") or ""), fields)
    tables = {name: _texts(path, column, options.get(name)) for name in ("values", "words")}
    otherwise = str(options["otherwise"]) if "otherwise" in options else None
    for text in (*tables["values"].values(), *tables["words"].values(), otherwise or ""):
        _check_value(path, field, text)
    return Target(column, field, **tables, prefix=str(options.get("prefix") or ""), otherwise=otherwise)


def _constants(path: Path, data: dict[str, Any], fields: Mapping[str, Field]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, text in _texts(path, "constants", data.get("constants")).items():
        field = _field(path, name, fields)
        _check_value(path, field, text)
        found.update(field.read(text).values)
    return found


def _field(path: Path, name: str, fields: Mapping[str, Field]) -> Field:
    if name not in fields:
        raise _wrong(path, N_("没有字段“%(name)s”%(near)s。"), name=name[:40], near=_near(name, fields))
    return fields[name]


def _check_value(path: Path, field: Field, text: str) -> None:
    for wrong, right in field.read(text).problems if text else ():
        raise _wrong(
            path,
            N_("字段 %(name)s 的值%(wrong)s：%(right)s。"),
            name=field.name,
            wrong=wrong,
            right=right,
        )


def _texts(path: Path, place: str, given: Any) -> dict[str, str]:
    if given in (None, ""):
        return {}
    if not isinstance(given, dict) or any(isinstance(v, (dict, list)) for v in given.values()):
        raise _wrong(path, N_("%(place)s 下面应为“原文: 值”的形式。"), place=place)
    return {str(key).strip(): str(value) for key, value in given.items()}


def _list(path: Path, data: dict[str, Any], name: str) -> list[str]:
    given = data.get(name) or []
    if not isinstance(given, list) or any(not isinstance(entry, str) for entry in given):
        raise _wrong(path, N_("%(name)s 应为列名的清单。"), name=name)
    return given


def _required(data: dict[str, Any], name: str, path: Path) -> str:
    value = data.get(name)
    if not isinstance(value, str) or not value.strip():
        raise _wrong(path, N_("缺少 %(name)s。"), name=name)
    return value.strip()


def _refuse_unknown_keys(given: Mapping[str, Any], known: frozenset[str], filename: str) -> None:
    unknown = sorted(str(key) for key in given.keys() - known)
    if unknown:
        raise Unreadable(
            N_("映射文件“%(file)s”：不认识 %(names)s，可用的是 %(known)s。"),
            file=filename,
            names="、".join(unknown),
            known="、".join(sorted(known)),
        )


def _near(name: str, fields: Mapping[str, Field]) -> str:
    near = get_close_matches(name, fields, n=1)
    return f"，是不是 {near[0]}" if near else ""


def _wrong(path: Path, message: str, **params: object) -> Unreadable:
    return Unreadable(
        N_("映射文件“%(file)s”：%(what)s"), file=path.name, what=message % params if params else message
    )
