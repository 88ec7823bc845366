"""The kinds that read an identifier or an amount in words: tables around `identifiers` and `money`."""

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated

from marketplace.identifiers import check_credit_code, check_patent_no, check_registration_no
from marketplace.money import AMOUNT_LIMIT_FEN, Fen, amount_in_words, words_match
from marketplace.policy.ruleset import RuleSet
from marketplace.policy.table import OMIT_IF_NONE, Between, Matching, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedValue:
    """An identifier as typed; it may be empty."""

    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationNumberFacts:
    """A registration number, the day for the year test, and the region table if one is given."""

    value: str
    today: date | None = None
    region_codes: tuple[Annotated[str, Matching("[0-9]{4}")], ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WordsFacts:
    """An amount, and words to compare with it."""

    amount: Annotated[Fen, Between(0, AMOUNT_LIMIT_FEN - 1)]
    words: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentifierResult:
    """The cleaned value and what is wrong with it."""

    status: str = "OK"
    valid: bool
    normalised: str | None
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditCodeResult(IdentifierResult):
    """Also the warnings and the code that was probably meant."""

    warnings: tuple[str, ...]
    suggestion: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PatentNumberResult(IdentifierResult):
    """Also the kind of patent."""

    patent_kind: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WordsResult:
    """The canonical words; `matches` only if words were given."""

    status: str = "OK"
    words: str
    matches: bool | None = field(default=None, metadata=OMIT_IF_NONE)


def credit_code(facts: TypedValue, _rules: RuleSet) -> CreditCodeResult:
    """Check a unified social credit code."""
    found = check_credit_code(facts.value)
    return CreditCodeResult(
        valid=found.valid,
        normalised=found.normalised,
        reasons=found.reasons,
        warnings=found.warnings,
        suggestion=found.suggestion,
    )


def patent_no(facts: TypedValue, _rules: RuleSet) -> PatentNumberResult:
    """Check a patent number."""
    found = check_patent_no(facts.value)
    return PatentNumberResult(
        valid=found.valid,
        normalised=found.normalised,
        reasons=found.reasons,
        patent_kind=found.patent_kind,
    )


def registration_no(facts: RegistrationNumberFacts, _rules: RuleSet) -> IdentifierResult:
    """Check a contract registration number."""
    found = check_registration_no(facts.value, facts.today, facts.region_codes)
    return IdentifierResult(valid=found.valid, normalised=found.normalised, reasons=found.reasons)


def words(facts: WordsFacts, _rules: RuleSet) -> WordsResult:
    """Write an amount in words and compare the words given."""
    matches = None if facts.words is None else words_match(facts.amount, facts.words)
    return WordsResult(words=amount_in_words(facts.amount), matches=matches)
