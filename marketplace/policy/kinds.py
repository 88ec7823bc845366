"""The kinds of calculation that this version answers, as a table: facts, conditions, parameters, formula.

A kind that is not in the table is unknown to `evaluate` and to every caller.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from marketplace.policy import contract_amounts, deadlines, identifier_kinds, windows
from marketplace.policy.programmes import post_transaction_subsidy, subsidy_conditions, subsidy_terms
from marketplace.policy.ruleset import RuleSet

Find = Callable[[Any, RuleSet], Iterable[str]]


def _no_keys(_facts: Any) -> frozenset[str]:
    return frozenset()


def _never(_facts: Any) -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One row: how facts of a kind are read, checked and answered.

    `conditions` are (error code, places of the fault), in the order of policy.md 1.3. `without_formula` says
    “no rule in force” before any parameter is asked. `rule_day` is the day whose rules a case is read by.
    """

    name: str
    facts: type
    answer: Callable[[Any, RuleSet], Any]
    conditions: tuple[tuple[str, Find], ...] = ()
    parameters: Callable[[Any], frozenset[str]] = _no_keys
    without_formula: Callable[[Any], bool] = _never
    rule_day: Callable[[Any], date] = lambda _facts: date.max


def _keys(keys: frozenset[str]) -> Callable[[Any], frozenset[str]]:
    return lambda _facts: keys


def _programme_day(facts: Any) -> date:
    return date(facts.programme_year, 1, 1)


KINDS = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            Kind(
                name="subsidy",
                facts=subsidy_terms.SubsidyFacts,
                answer=post_transaction_subsidy.calculate,
                conditions=(
                    ("MISSING_FIELD", subsidy_conditions.missing_field),
                    ("BAD_VALUE", subsidy_conditions.wrong_value),
                    ("DUPLICATE_ID", subsidy_conditions.doubled_id),
                    ("UNKNOWN_REFERENCE", subsidy_conditions.unknown_reference),
                ),
                parameters=_keys(post_transaction_subsidy.PARAMETERS),
                without_formula=post_transaction_subsidy.without_formula,
                rule_day=_programme_day,
            ),
            Kind(
                name="window",
                facts=windows.WindowFacts,
                answer=windows.place,
                parameters=_keys(windows.PARAMETERS),
                rule_day=_programme_day,
            ),
            Kind(
                name="deadline",
                facts=deadlines.DeadlineFacts,
                answer=deadlines.compute,
                conditions=(
                    ("MISSING_FIELD", deadlines.missing_field),
                    ("BAD_VALUE", deadlines.wrong_value),
                ),
                parameters=deadlines.parameters_used,
                rule_day=lambda facts: facts.start,
            ),
            Kind(
                name="contract_amounts",
                facts=contract_amounts.ContractAmountsFacts,
                answer=contract_amounts.check,
                conditions=(
                    ("MISSING_FIELD", contract_amounts.missing_field),
                    ("BAD_VALUE", contract_amounts.wrong_value),
                ),
                parameters=_keys(contract_amounts.PARAMETERS),
            ),
            Kind(name="credit_code", facts=identifier_kinds.TypedValue, answer=identifier_kinds.credit_code),
            Kind(name="patent_no", facts=identifier_kinds.TypedValue, answer=identifier_kinds.patent_no),
            Kind(
                name="registration_no",
                facts=identifier_kinds.RegistrationNumberFacts,
                answer=identifier_kinds.registration_no,
            ),
            Kind(name="amount_in_words", facts=identifier_kinds.WordsFacts, answer=identifier_kinds.words),
        )
    }
)
