"""Facts and a rule set in, an answer and its trace out.

`answer` gives only the result, in the order of precedence of policy.md 1.4; services call the functions named
for what they compute. `calculate_subsidy` also gives the trace and the rule set as stored with a decision.
"""

from dataclasses import dataclass
from typing import Any

from marketplace.calendar import CalendarRangeError, WorkCalendar
from marketplace.policy.contract_amounts import ContractAmountsFacts, ContractAmountsResult
from marketplace.policy.deadlines import DeadlineFacts, DeadlineResult
from marketplace.policy.errors import CaseError
from marketplace.policy.kinds import KINDS, Kind
from marketplace.policy.outcome import NO_RULE_IN_FORCE, PARAMETER_UNVERIFIED, NoAnswer
from marketplace.policy.programmes import post_transaction_subsidy as subsidy
from marketplace.policy.programmes.subsidy_terms import SubsidyFacts, SubsidyResult
from marketplace.policy.programmes.subsidy_trace import trace_answer
from marketplace.policy.ruleset import RuleSet
from marketplace.policy.table import write
from marketplace.policy.trace import Trace


def check(kind: Kind, facts: Any, rules: RuleSet) -> None:
    """Test the conditions across fields; raises CaseError for the first that does not hold."""
    for code, find in kind.conditions:
        for place in find(facts, rules):
            raise CaseError(code, place)


def refusal(kind: Kind, facts: Any, rules: RuleSet) -> NoAnswer | None:
    """Why the rules allow no answer, None if they do: nothing in force, or no verified value."""
    keys = kind.parameters(facts)
    if kind.without_formula(facts) or rules.missing(keys):
        return NoAnswer(status=NO_RULE_IN_FORCE)
    if unverified := rules.unverified(keys):
        return NoAnswer(status=PARAMETER_UNVERIFIED, unverified=unverified)
    return None


def answer(kind: Kind, facts: Any, rules: RuleSet, **known: Any) -> Any:
    """The result of a kind, or a NoAnswer. Raises CaseError when the facts contradict themselves.

    `known` goes to the formula beside the facts (the calendar of a deadline).
    """
    check(kind, facts, rules)
    try:
        return refusal(kind, facts, rules) or kind.answer(facts, rules, **known)
    except CalendarRangeError:
        raise CaseError("BAD_VALUE", "start") from None


def calculate_deadline(
    facts: DeadlineFacts, rules: RuleSet, calendar: WorkCalendar
) -> DeadlineResult | NoAnswer:
    """Compute a deadline with a calendar table. Raises CaseError when the facts contradict themselves."""
    return answer(KINDS["deadline"], facts, rules, calendar=calendar)


def check_contract_amounts(facts: ContractAmountsFacts, rules: RuleSet) -> ContractAmountsResult | NoAnswer:
    """Check the amounts of a contract. Raises CaseError when the facts contradict themselves."""
    return answer(KINDS["contract_amounts"], facts, rules)


@dataclass(frozen=True, slots=True)
class Calculation:
    """A result with all that is stored beside it; `trace` None if it was left out (mass runs)."""

    result: SubsidyResult | NoAnswer
    rule_set_hash: str
    rule_set_text: str
    trace: Trace | None


def calculate_subsidy(facts: SubsidyFacts, rules: RuleSet, *, traced: bool = True) -> Calculation:
    """Calculate the post-transaction subsidy. Raises CaseError when the facts contradict themselves."""
    kind = KINDS["subsidy"]
    keys = kind.parameters(facts)
    result = answer(kind, facts, rules)
    trace = None
    if traced:
        work = None if isinstance(result, NoAnswer) else subsidy.work_through(facts, rules)
        root = trace_answer(facts, rules, work, result)
        trace = Trace("subsidy", write(facts), rules.hash(keys), root)
    return Calculation(result, rules.hash(keys), rules.text(keys), trace)
