"""What every kind of calculation has in common: an answer, or the reason why there is none."""

from dataclasses import dataclass, field
from typing import Literal

from marketplace.policy.table import OMIT_IF_NONE

OK = "OK"
NO_RULE_IN_FORCE = "NO_RULE_IN_FORCE"
PARAMETER_UNVERIFIED = "PARAMETER_UNVERIFIED"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoAnswer:
    """No amount, and never 0 in its place: no rule is in force, or a parameter has no verified value."""

    status: Literal["NO_RULE_IN_FORCE", "PARAMETER_UNVERIFIED"]
    unverified: tuple[str, ...] | None = field(default=None, metadata=OMIT_IF_NONE)


def applying(tests: dict[str, bool]) -> tuple[str, ...]:
    """The codes whose test is true, in the order of the table they stand in."""
    return tuple(code for code, applies in tests.items() if applies)
