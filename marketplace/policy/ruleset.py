"""Parameters with their dated values, and rule sets: what holds on one day, overrides of a batch included.

A rule set has a text (canonical JSON of every value with its dates and reference) and a hash of it. A stored
calculation names the hash, the text is kept once, and the calculation can be repeated years later.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from marketplace.policy.errors import CaseError
from marketplace.policy.messages import N_
from marketplace.policy.values import is_allowed

#: How sure a value is. `convention` is a choice of the platform where the source leaves the matter open.
VERIFIED, ASSUMED, CONVENTION, UNVERIFIED = "verified", "assumed", "convention", "unverified"
#: Of a rule, never of a file: set by a batch (or a case), so that its source is the notice of the batch.
OVERRIDE = "override"
STATUSES = (VERIFIED, ASSUMED, CONVENTION, UNVERIFIED)
STATUS_LABELS = MappingProxyType(
    {
        VERIFIED: N_("已核实"),
        ASSUMED: N_("参数待核实"),
        CONVENTION: N_("平台口径"),
        UNVERIFIED: N_("无核实值"),
        OVERRIDE: N_("本批次设定"),
    }
)


@dataclass(frozen=True, slots=True)
class Reference:
    """Where a value stands. `verified_on` is the day somebody last read it there (None: nobody has)."""

    title: str
    document_number: str | None
    clause: str | None
    url: str | None
    issued_on: date | None
    verified_on: date | None


@dataclass(frozen=True, slots=True)
class DatedValue:
    """A value and the days on which it holds, both ends included; `value` None has status `unverified`."""

    effective_from: date
    effective_to: date | None
    value: Any
    status: str
    reference: Reference
    note: str | None = None

    def holds_on(self, day: date) -> bool:
        """Whether the value is in force on `day`."""
        return self.effective_from <= day and (self.effective_to is None or day <= self.effective_to)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: what it is, what it may hold, and its values in order of time."""

    key: str
    scheme: str
    name: str
    description: str
    type_name: str
    choices: tuple[str, ...]
    used_by: tuple[str, ...]
    assumed_for: tuple[str, ...]
    values: tuple[DatedValue, ...]

    def on(self, day: date) -> DatedValue | None:
        """The value in force on `day`, None if there is none."""
        return next((value for value in self.values if value.holds_on(day)), None)

    def nearest(self, day: date) -> DatedValue:
        """The value in force on `day`, else the one whose period lies nearest."""
        return min(self.values, key=lambda value: _distance(value, day))


def _distance(value: DatedValue, day: date) -> int:
    if day < value.effective_from:
        return (value.effective_from - day).days
    if value.effective_to is not None and day > value.effective_to:
        return (day - value.effective_to).days
    return 0


@dataclass(frozen=True, slots=True)
class Rule:
    """A parameter as it holds for one calculation; an override has no dates and no reference."""

    key: str
    name: str
    value: Any
    status: str
    effective_from: date | None
    effective_to: date | None
    reference: Reference | None
    assumed_for: tuple[str, ...] = ()
    overridden: bool = False


class RuleSet:
    """The rules that hold for one calculation. A key that is not in force is missing, never guessed."""

    def __init__(self, rules: Mapping[str, Rule]) -> None:
        self._rules = MappingProxyType(dict(rules))

    def __contains__(self, key: str) -> bool:
        return key in self._rules

    def __getitem__(self, key: str) -> Rule:
        return self._rules[key]

    def value(self, key: str) -> Any:
        """The value of a key; None means “no verified value”. Raises KeyError if no rule is in force."""
        return self._rules[key].value

    def get(self, key: str) -> Any:
        """The value of a key, None if it has no verified value or no rule is in force."""
        return self._rules[key].value if key in self._rules else None

    def missing(self, keys: Iterable[str]) -> tuple[str, ...]:
        """The keys, sorted, for which no rule is in force."""
        return tuple(sorted(key for key in keys if key not in self._rules))

    def unverified(self, keys: Iterable[str]) -> tuple[str, ...]:
        """The keys, sorted, that are in force without a verified value."""
        return tuple(sorted(key for key in keys if key in self._rules and self.value(key) is None))

    def assumed(self, keys: Iterable[str], arm: str) -> tuple[str, ...]:
        """The keys, sorted, whose value is used although no source states it (shown as 参数待核实)."""
        return tuple(sorted(key for key in keys if self._is_assumed(self._rules[key], arm)))

    @staticmethod
    def _is_assumed(rule: Rule, arm: str) -> bool:
        return not rule.overridden and (rule.status == ASSUMED or arm in rule.assumed_for)

    def text(self, keys: Iterable[str]) -> str:
        """The rules of these keys as canonical JSON, to be kept beside the hash."""
        chosen = [asdict(self._rules[key]) for key in sorted(set(keys)) if key in self._rules]
        for rule in chosen:
            del rule["name"]  # wording; mending it must not make old calculations look recalculated
        return json.dumps(chosen, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)

    def hash(self, keys: Iterable[str]) -> str:
        """SHA-256 of `text`, in hexadecimal."""
        return hashlib.sha256(self.text(keys).encode()).hexdigest()


class RuleBook:
    """All parameters with all their values."""

    def __init__(self, parameters: Mapping[str, Parameter]) -> None:
        self.parameters = MappingProxyType(dict(parameters))

    def in_force(self, day: date, overrides: Mapping[str, Any] | None = None) -> RuleSet:
        """The rules in force on `day`; those without a value on that day are missing."""
        found = {key: parameter.on(day) for key, parameter in self.parameters.items()}
        return self._rule_set({key: value for key, value in found.items() if value}, overrides)

    def for_programme(self, year: int, overrides: Mapping[str, Any] | None = None) -> RuleSet:
        """The rules of a programme year: those in force on its first day, with the overrides of the batch."""
        return self.in_force(date(year, 1, 1), overrides)

    def nearest(self, day: date, overrides: Mapping[str, Any] | None = None) -> RuleSet:
        """The rules in force on `day`, else the nearest in time.

        Only for policy cases, which state their own validity (`first_programme_year`) and otherwise know one
        default per key. Real calculations ask `in_force`.
        """
        return self._rule_set({key: each.nearest(day) for key, each in self.parameters.items()}, overrides)

    def check_overrides(self, raw: Mapping[str, Any]) -> dict[str, Any]:
        """Check overrides by key; raises CaseError UNKNOWN_PARAMETER, then BAD_PARAMETER."""
        for key in raw:
            if key not in self.parameters:
                raise CaseError("UNKNOWN_PARAMETER", f"parameters.{key}")
        for key, value in raw.items():
            parameter = self.parameters[key]
            if value is not None and not is_allowed(parameter.type_name, parameter.choices, value):
                raise CaseError("BAD_PARAMETER", f"parameters.{key}")
        return dict(raw)

    def _rule_set(self, found: Mapping[str, DatedValue], overrides: Mapping[str, Any] | None) -> RuleSet:
        rules = {key: self._rule(key, value) for key, value in found.items()}
        for key, value in self.check_overrides(overrides or {}).items():
            rules[key] = self._override(key, value)
        return RuleSet(rules)

    def _rule(self, key: str, dated: DatedValue) -> Rule:
        parameter = self.parameters[key]
        return Rule(
            key=key,
            name=parameter.name,
            value=dated.value,
            status=dated.status,
            effective_from=dated.effective_from,
            effective_to=dated.effective_to,
            reference=dated.reference,
            assumed_for=parameter.assumed_for,
        )

    def _override(self, key: str, value: Any) -> Rule:
        return Rule(
            key=key,
            name=self.parameters[key].name,
            value=value,
            status=UNVERIFIED if value is None else OVERRIDE,
            effective_from=None,
            effective_to=None,
            reference=None,
            overridden=True,
        )
