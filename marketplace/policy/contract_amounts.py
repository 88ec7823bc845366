"""The three amounts of a contract, checked against each other (policy.md 4; domain.md 2.6, C02–C06)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal

from marketplace.money import AMOUNT_LIMIT_FEN, Fen, words_match
from marketplace.policy.outcome import applying
from marketplace.policy.ruleset import RuleSet
from marketplace.policy.table import AtLeastOne, Text

PARAMETERS = frozenset({"large_technical_fen"})

ItemKind = Literal["EQUIPMENT", "INSTRUMENT", "PARTS", "MATERIALS", "OTHER"]
PaymentMode = Literal["LUMP_SUM", "INSTALMENTS", "ROYALTY", "ROYALTY_WITH_UPFRONT", "OTHER"]

#: Payments under these modes depend on later sales, so instalments need not add up to the total.
ROYALTY_MODES = frozenset({"ROYALTY", "ROYALTY_WITH_UPFRONT"})


@dataclass(frozen=True, slots=True, kw_only=True)
class NonTechnicalItem:
    """One line of the worksheet. A carrier (合理数量标的物) is not deducted, but needs a reason."""

    kind: ItemKind
    amount: Fen
    carrier: bool = False
    carrier_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractAmountsFacts:
    """The amounts as declared; `amount_open` when the total cannot be fixed yet (royalties)."""

    total_amount: Fen | None = None
    technical_amount: Fen | None = None
    amount_open: bool = False
    non_technical: tuple[NonTechnicalItem, ...] = ()
    amount_in_words: Text | None = None
    payment_mode: PaymentMode = "LUMP_SUM"
    instalments: Annotated[tuple[Fen, ...], AtLeastOne()] | None = None
    red_flag: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractAmountsResult:
    """The computed technical amount (None without a total, or if not positive) and what is wrong."""

    status: str = "OK"
    valid: bool
    reasons: tuple[str, ...]
    technical_amount: Fen | None
    second_review: bool


def missing_field(facts: ContractAmountsFacts, _rules: RuleSet) -> Iterator[str]:
    """The total, if it is missing although the amount is not open."""
    if facts.total_amount is None and not facts.amount_open:
        yield "total_amount"


def wrong_value(facts: ContractAmountsFacts, _rules: RuleSet) -> Iterator[str]:
    """The words, if the total is too large to be written in words."""
    too_large = facts.total_amount is not None and facts.total_amount >= AMOUNT_LIMIT_FEN
    if facts.amount_in_words is not None and too_large:
        yield "amount_in_words"


def check(facts: ContractAmountsFacts, rules: RuleSet) -> ContractAmountsResult:
    """Compute technical = total − Σ items that are not carriers, and test every declared figure."""
    technical = None
    if facts.total_amount is not None:
        technical = facts.total_amount - sum(each.amount for each in facts.non_technical if not each.carrier)
    reasons = _reasons(facts, technical)
    large = technical is not None and technical >= rules.value("large_technical_fen")
    return ContractAmountsResult(
        valid=not reasons,
        reasons=reasons,
        technical_amount=Fen(technical) if technical is not None and technical > 0 else None,
        second_review=large or facts.red_flag,
    )


def _reasons(facts: ContractAmountsFacts, technical: int | None) -> tuple[str, ...]:
    tests = {
        "AMOUNT_OPEN": facts.amount_open,
        "CARRIER_REASON_MISSING": any(
            each.carrier and not each.carrier_reason.strip() for each in facts.non_technical
        ),
    }
    if technical is not None:
        tests |= _total_tests(facts, facts.total_amount, technical)
    return applying(tests)


def _total_tests(facts: ContractAmountsFacts, total: int, technical: int) -> dict[str, bool]:
    declared = facts.technical_amount
    adds_up = facts.payment_mode in ROYALTY_MODES or facts.instalments is None
    return {
        "TOTAL_NOT_POSITIVE": total <= 0,
        "TECHNICAL_NOT_POSITIVE": technical <= 0,
        "TECHNICAL_EXCEEDS_TOTAL": declared is not None and declared > total,
        "TECHNICAL_MISMATCH": declared is not None and declared != technical,
        "WORDS_MISMATCH": facts.amount_in_words is not None and not words_match(total, facts.amount_in_words),
        "INSTALMENTS_MISMATCH": not adds_up and sum(facts.instalments) != total,
    }
