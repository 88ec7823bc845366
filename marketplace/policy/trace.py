"""The trace of a calculation: what went in, which rule was applied, how it was rounded, what came out.

A trace is stored unchanged beside its amount. Its hash covers the facts, the hash of the rule set, and of
every node the codes, fen and days – never a word meant for reading: mending a sentence changes no hash.
"""

import copy
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from marketplace.policy.ruleset import Rule, RuleSet

#: Raise when the meaning of a node changes; stored traces keep the version they were written with.
SCHEMA_VERSION = 1

Scalar = int | str | bool | None


@dataclass(frozen=True, slots=True)
class ParameterUse:
    """A parameter as a step read it. Days are ISO strings; `reference` is for reading and is not hashed."""

    key: str
    value: Any
    status: str
    effective_from: str | None
    effective_to: str | None
    reference: Mapping[str, str | None] | None

    @classmethod
    def of(cls, rule: Rule) -> "ParameterUse":
        """The use of a rule."""
        return cls(
            key=rule.key,
            value=rule.value,
            status=rule.status,
            effective_from=_iso(rule.effective_from),
            effective_to=_iso(rule.effective_to),
            reference=_reference(rule),
        )

    def to_json(self) -> dict[str, Any]:
        """All fields as JSON, independent of the rule book it came from."""
        return {name: copy.deepcopy(getattr(self, name)) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class TraceNode:
    """One step. Names of inputs that end in `_fen` hold fen; `operation` and `rounding` are codes."""

    step: str
    subject: str | None = None
    operation: str | None = None
    rounding: str | None = None
    inputs: tuple[tuple[str, Scalar], ...] = ()
    parameters: tuple[ParameterUse, ...] = ()
    result: Scalar = None
    codes: tuple[str, ...] = ()
    children: tuple["TraceNode", ...] = ()

    def input(self, name: str) -> Scalar:
        """The input of that name; raises KeyError if the step has none."""
        return dict(self.inputs)[name]

    def walk(self) -> Iterable["TraceNode"]:
        """This node and everything below it, in order."""
        yield self
        for child in self.children:
            yield from child.walk()

    def to_json(self) -> dict[str, Any]:
        """The node and its children as JSON."""
        return {
            "step": self.step,
            "subject": self.subject,
            "operation": self.operation,
            "rounding": self.rounding,
            "inputs": [list(pair) for pair in self.inputs],
            "parameters": [use.to_json() for use in self.parameters],
            "result": self.result,
            "codes": list(self.codes),
            "children": [child.to_json() for child in self.children],
        }

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> "TraceNode":
        """The node that `to_json` wrote."""
        return cls(
            step=raw["step"],
            subject=raw["subject"],
            operation=raw["operation"],
            rounding=raw["rounding"],
            inputs=tuple((name, value) for name, value in raw["inputs"]),
            parameters=tuple(ParameterUse(**use) for use in raw["parameters"]),
            result=raw["result"],
            codes=tuple(raw["codes"]),
            children=tuple(map(cls.from_json, raw["children"])),
        )


def node(
    step: str,
    *,
    rules: RuleSet | None = None,
    uses: Iterable[str] = (),
    inputs: Mapping[str, Any] | None = None,
    children: Iterable[TraceNode] = (),
    result: Any = None,
    **codes: Any,
) -> TraceNode:
    """Write a node; `uses` names the parameters that the step read from `rules`."""
    return TraceNode(
        step=step,
        inputs=tuple((name, _scalar(value)) for name, value in (inputs or {}).items()),
        parameters=tuple(ParameterUse.of(rules[key]) for key in uses),
        result=_scalar(result),
        children=tuple(children),
        **codes,
    )


@dataclass(frozen=True, slots=True)
class Trace:
    """A whole calculation: the kind, its facts in the form of the policy cases, its rule set, its steps."""

    kind: str
    facts: Mapping[str, Any]
    rule_set_hash: str
    root: TraceNode
    schema_version: int = SCHEMA_VERSION

    @property
    def hash(self) -> str:
        """SHA-256 in hexadecimal of everything but the references."""
        content = self.to_json()
        _drop_references(content["root"])
        canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """The trace as JSON, to be stored unchanged."""
        return {
            "schema_version": self.schema_version,
            "kind": self.kind,
            "facts": copy.deepcopy(dict(self.facts)),
            "rule_set_hash": self.rule_set_hash,
            "root": self.root.to_json(),
        }

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> "Trace":
        """The trace that `to_json` wrote."""
        return cls(
            kind=raw["kind"],
            facts=raw["facts"],
            rule_set_hash=raw["rule_set_hash"],
            root=TraceNode.from_json(raw["root"]),
            schema_version=raw["schema_version"],
        )


def _drop_references(raw: dict[str, Any]) -> None:
    for use in raw["parameters"]:
        del use["reference"]
    for child in raw["children"]:
        _drop_references(child)


def _scalar(value: Any) -> Scalar:
    return value.isoformat() if isinstance(value, date) else value


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _reference(rule: Rule) -> dict[str, str | None] | None:
    if rule.reference is None:
        return None
    names = ("title", "document_number", "clause", "url", "issued_on", "verified_on")
    return {name: _scalar(getattr(rule.reference, name)) for name in names}
