"""Repeating a stored calculation: the same facts under the rules as they were kept, compared with what was said.

What differs means that the engine has changed or that a row was tampered with; the stored amount stands, and
people are told. Nothing is written.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from marketplace.policy.engine import calculate_subsidy
from marketplace.policy.programmes.subsidy_terms import SubsidyFacts
from marketplace.policy.ruleset import Reference, Rule, RuleSet
from marketplace.policy.table import read, write
from marketplace.policy.trace import Trace
from marketplace.subsidies.models import RuleSetText, SubsidyRun


@dataclass(frozen=True)
class Replay:
    """What a repetition found; all true: the stored amount can be repeated to the fen."""

    rules_unchanged: bool
    trace_unchanged: bool
    same_result: bool
    same_trace: bool

    @property
    def agrees(self) -> bool:
        """Whether everything is as it was stored."""
        return self.rules_unchanged and self.trace_unchanged and self.same_result and self.same_trace


def recompute(session: Session, run: SubsidyRun) -> Replay:
    """Run the stored facts under the stored rules and compare result and trace with what was kept."""
    text = session.get_one(RuleSetText, run.rule_set_hash).text
    again = calculate_subsidy(read(SubsidyFacts, run.facts), stored_rules(text))
    return Replay(
        rules_unchanged=hashlib.sha256(text.encode()).hexdigest() == run.rule_set_hash,
        trace_unchanged=Trace.from_json(run.trace).hash == run.trace_hash,
        same_result=write(again.result) == run.result,
        same_trace=again.trace.hash == run.trace_hash,
    )


def stored_rules(text: str) -> RuleSet:
    """The rule set that `RuleSet.text` wrote; the wording of the names is not kept."""
    return RuleSet({raw["key"]: _rule(raw) for raw in json.loads(text)})


def _rule(raw: Mapping[str, Any]) -> Rule:
    reference = raw["reference"]
    return Rule(
        key=raw["key"],
        name="",
        value=raw["value"],
        status=raw["status"],
        effective_from=_day(raw["effective_from"]),
        effective_to=_day(raw["effective_to"]),
        reference=_reference(reference) if reference else None,
        assumed_for=tuple(raw["assumed_for"]),
        overridden=raw["overridden"],
    )


def _reference(raw: Mapping[str, Any]) -> Reference:
    return Reference(
        title=raw["title"],
        document_number=raw["document_number"],
        clause=raw["clause"],
        url=raw["url"],
        issued_on=_day(raw["issued_on"]),
        verified_on=_day(raw["verified_on"]),
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
