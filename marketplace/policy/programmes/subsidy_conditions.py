"""Conditions across the fields of the subsidy's facts (policy.md 1.3, 3): each yields the faulty places."""

from collections.abc import Iterator

from marketplace.calendar import CalendarRangeError
from marketplace.policy.bans import ban_last_day
from marketplace.policy.programmes.subsidy_terms import Ban, SubsidyFacts
from marketplace.policy.ruleset import RuleSet


def missing_field(facts: SubsidyFacts, _rules: RuleSet) -> Iterator[str]:
    """Places of fields that are required because of another."""
    if facts.applied_on is None and any(enterprise.bans for enterprise in facts.enterprises):
        yield "applied_on"
    for place, contract in enumerate(facts.contracts):
        registered = contract.registration_status != "NOT_REGISTERED"
        required = {
            "contract_subtype": contract.contract_class == "DEVELOPMENT",
            "registration_no": registered,
            "registered_on": registered,
            "total_amount": not contract.amount_open,
            "technical_amount": not contract.amount_open,
        }
        for name, needed in required.items():
            if needed and getattr(contract, name) is None:
                yield f"contracts[{place}].{name}"


def wrong_value(facts: SubsidyFacts, rules: RuleSet) -> Iterator[str]:
    """Places of technical amounts that cannot be, and of bans that end after 9999-12-31."""
    for place, enterprise in enumerate(facts.enterprises):
        for number, ban in enumerate(enterprise.bans):
            if not _has_last_day(ban, rules):
                yield f"enterprises[{place}].bans[{number}].decision_date"
    for place, contract in enumerate(facts.contracts):
        if not contract.amount_open and not 0 < contract.technical_amount <= contract.total_amount:
            yield f"contracts[{place}].technical_amount"


def _has_last_day(ban: Ban, rules: RuleSet) -> bool:
    years = rules.get("ban_years") if ban.years is None else ban.years
    try:
        return years is None or bool(ban_last_day(ban.decision_date, years))
    except CalendarRangeError:
        return False


def doubled_id(facts: SubsidyFacts, _rules: RuleSet) -> Iterator[str]:
    """Places of ids that were met before in their list; defaults count."""
    yield from _doubled("enterprises", "enterprise_id", facts.enterprises)
    yield from _doubled("contracts", "contract_id", facts.contracts)
    yield from _doubled("contracts", "application_no", facts.contracts)


def _doubled(array: str, name: str, items: tuple) -> Iterator[str]:
    seen = set()
    for place, item in enumerate(items):
        if getattr(item, name) in seen:
            yield f"{array}[{place}].{name}"
        seen.add(getattr(item, name))


def unknown_reference(facts: SubsidyFacts, _rules: RuleSet) -> Iterator[str]:
    """Places of contracts whose enterprise is not listed."""
    listed = {enterprise.enterprise_id for enterprise in facts.enterprises}
    for place, contract in enumerate(facts.contracts):
        if contract.enterprise_id not in listed:
            yield f"contracts[{place}].enterprise_id"
