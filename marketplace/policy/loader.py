"""Reads the parameter files, strictly: an unknown key, a wrong value or an overlap stops the start.

One YAML file per parameter in `parameters/<scheme>/<key>.yaml`; how to write one: docs/policy-authoring.md.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

from marketplace.policy.errors import ParameterFileError
from marketplace.policy.ruleset import (
    STATUSES,
    UNVERIFIED,
    VERIFIED,
    DatedValue,
    Parameter,
    Reference,
    RuleBook,
)
from marketplace.policy.values import CHOICE, TYPE_NAMES, is_allowed

PARAMETER_FOLDER = Path(__file__).parent / "parameters"

_PARAMETER_KEYS = {"key", "name", "description", "type", "used_by", "values"}
_PARAMETER_EXTRAS = {"choices", "assumed_for"}
_VALUE_KEYS = {"effective_from", "effective_to", "value", "status", "reference"}
_VALUE_EXTRAS = {"note"}
_REFERENCE_KEYS = {"title", "document_number", "clause", "url", "issued_on", "verified_on"}


class _StrictLoader(yaml.SafeLoader):
    """SafeLoader that refuses a key written twice (the standard one silently keeps the last)."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        doubled = {key for key in keys if keys.count(key) > 1}
        if doubled:
            raise ParameterFileError(f"键重复：{'、'.join(sorted(map(str, doubled)))}")
        return super().construct_mapping(node, deep)


@cache
def load_rule_book(folder: Path = PARAMETER_FOLDER) -> RuleBook:
    """Read every parameter file under `folder`. Raises ParameterFileError with file and sentence."""
    parameters: dict[str, Parameter] = {}
    for path in sorted(folder.glob("*/*.yaml")):
        parameter = read_parameter(path)
        if parameter.key in parameters:
            raise ParameterFileError(f"{path.name}：参数 {parameter.key} 已在另一方案中定义。")
        parameters[parameter.key] = parameter
    return RuleBook(parameters)


def read_parameter(path: Path) -> Parameter:
    """Read one parameter file. Raises ParameterFileError whose text names the file and what is wrong."""
    try:
        raw = yaml.load(path.read_text(encoding="utf-8"), Loader=_StrictLoader)
        return _parameter(raw, path)
    except (ParameterFileError, yaml.YAMLError, UnicodeDecodeError) as error:
        raise ParameterFileError(f"{path.parent.name}/{path.name}：{error}") from error


def _parameter(raw: Any, path: Path) -> Parameter:
    _expect_keys(raw, _PARAMETER_KEYS, _PARAMETER_EXTRAS, "参数")
    if raw["key"] != path.stem:
        raise ParameterFileError(f"key 应与文件名一致，应为 {path.stem}。")
    if raw["type"] not in TYPE_NAMES:
        raise ParameterFileError(f"type 应为其中之一：{'、'.join(sorted(TYPE_NAMES))}。")
    choices = tuple(raw.get("choices", ()))
    if bool(choices) != (raw["type"] == CHOICE):
        raise ParameterFileError("choices 只用于 type: choice，且必须写。")
    if not isinstance(raw["values"], list) or not raw["values"]:
        raise ParameterFileError("values 至少要有一条。")
    values = tuple(_dated_value(each, raw["type"], choices) for each in raw["values"])
    _expect_in_order(values)
    return Parameter(
        key=raw["key"],
        scheme=path.parent.name,
        name=_text(raw, "name"),
        description=_text(raw, "description"),
        type_name=raw["type"],
        choices=choices,
        used_by=tuple(raw["used_by"]),
        assumed_for=tuple(raw.get("assumed_for", ())),
        values=values,
    )


def _dated_value(raw: Any, type_name: str, choices: tuple[str, ...]) -> DatedValue:
    _expect_keys(raw, _VALUE_KEYS, _VALUE_EXTRAS, "values 中的一条")
    value, status = raw["value"], raw["status"]
    if status not in STATUSES:
        raise ParameterFileError(f"status 应为其中之一：{'、'.join(STATUSES)}。")
    if (value is None) != (status == UNVERIFIED):
        raise ParameterFileError("没有核实值时 value 写 null、status 写 unverified，二者须同时出现。")
    if value is not None and not is_allowed(type_name, choices, value):
        raise ParameterFileError(f"value {value!r} 不是类型 {type_name} 允许的值。")
    reference = _reference(raw["reference"])
    if status == VERIFIED and reference.verified_on is None:
        raise ParameterFileError("status 为 verified 时须写 reference.verified_on（核对原文的日期）。")
    first, last = _day(raw, "effective_from"), _day(raw, "effective_to", optional=True)
    if last is not None and last < first:
        raise ParameterFileError("effective_to 不能早于 effective_from。")
    return DatedValue(first, last, value, status, reference, raw.get("note"))


def _reference(raw: Any) -> Reference:
    _expect_keys(raw, _REFERENCE_KEYS, set(), "reference")
    return Reference(
        title=_text(raw, "title"),
        document_number=_text(raw, "document_number", optional=True),
        clause=_text(raw, "clause", optional=True),
        url=_text(raw, "url", optional=True),
        issued_on=_day(raw, "issued_on", optional=True),
        verified_on=_day(raw, "verified_on", optional=True),
    )


def _expect_keys(raw: Any, required: set[str], extras: set[str], what: str) -> None:
    if not isinstance(raw, Mapping):
        raise ParameterFileError(f"{what}应为一组键值。")
    if missing := required - set(raw):
        raise ParameterFileError(f"{what}缺少 {'、'.join(sorted(missing))}。")
    if unknown := set(raw) - required - extras:
        raise ParameterFileError(f"{what}有未知的键 {'、'.join(sorted(map(str, unknown)))}。")


def _expect_in_order(values: tuple[DatedValue, ...]) -> None:
    for earlier, later in pairwise(values):
        if earlier.effective_to is None or later.effective_from <= earlier.effective_to:
            day_before = later.effective_from - timedelta(days=1)
            raise ParameterFileError(
                f"自 {later.effective_from} 起的值与上一条重叠，上一条应至迟到 {day_before} 为止。"
            )


def _text(raw: Mapping[str, Any], key: str, optional: bool = False) -> str | None:
    value = raw[key]
    if (value is None and optional) or (isinstance(value, str) and value.strip()):
        return value
    raise ParameterFileError(f"{key} 应为文字。")


def _day(raw: Mapping[str, Any], key: str, optional: bool = False) -> date | None:
    value = raw[key]
    if (value is None and optional) or type(value) is date:
        return value
    raise ParameterFileError(f"{key} 应为日期，如 2026-01-01（不加引号）。")
