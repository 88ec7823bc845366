"""What a parameter may hold: one check per type name, used for parameter files and for overrides alike."""

import re
from collections.abc import Callable, Sequence
from datetime import date

from marketplace.policy.table import parse_date

#: Switches a cap off (policy.md 2). Not the same as None, which means “no verified value”.
OFF = "OFF"

ARMS = ("BUYER", "SELLER")
PARTY_KINDS = (
    "ENTERPRISE",
    "PUBLIC_INSTITUTION",
    "SOCIAL_ORGANISATION",
    "GOVERNMENT",
    "INDIVIDUAL",
    "OTHER",
)
CONTRACT_CLASSES = ("DEVELOPMENT", "TRANSFER", "LICENSE", "CONSULTING", "SERVICE")
DEVELOPMENT_SUBTYPES = ("DEVELOPMENT.COMMISSIONED", "DEVELOPMENT.COOPERATIVE")

Check = Callable[[object], bool]


def _whole(least: int, most: int | None = None) -> Check:
    def check(value: object) -> bool:
        return type(value) is int and value >= least and (most is None or value <= most)

    return check


def _codes(allowed: Sequence[str]) -> Check:
    def check(value: object) -> bool:
        return isinstance(value, list) and all(isinstance(code, str) and code in allowed for code in value)

    return check


def _contract_classes(value: object) -> bool:
    entries = _codes(CONTRACT_CLASSES + DEVELOPMENT_SUBTYPES)
    return isinstance(value, dict) and set(value) == set(ARMS) and all(map(entries, value.values()))


def _window(value: object) -> bool:
    return isinstance(value, dict) and set(value) == {"first", "last"} and all(map(_edge, value.values()))


def _edge(value: object) -> bool:
    if not isinstance(value, dict) or set(value) != {"year_offset", "month_day"}:
        return False
    return _whole(-9, 9)(value["year_offset"]) and _month_day(value["month_day"])


def _month_day(value: object) -> bool:
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{2}-[0-9]{2}", value):
        return False
    try:
        date(2000, int(value[:2]), int(value[3:]))  # a leap year: 02-29 is a month and day like any other
    except ValueError:
        return False
    return True


_AMOUNT = _whole(0)

_CHECKS: dict[str, Check] = {
    "bp": _whole(0, 10_000),
    "fen": _AMOUNT,
    "fen_or_off": lambda value: value == OFF or _AMOUNT(value),
    "fen_unit": _whole(1),
    "days": _whole(1, 10_000),
    "ban_years": _whole(1, 100),
    "months": _whole(1),
    "year": _whole(1900, 9000),
    "switch": lambda value: type(value) is bool,
    "day": lambda value: parse_date(value) is not None,
    "window": _window,
    "contract_classes": _contract_classes,
    "party_kinds": _codes(PARTY_KINDS),
}

#: The type whose values the parameter file lists itself.
CHOICE = "choice"
TYPE_NAMES = frozenset(_CHECKS) | {CHOICE}


def is_allowed(type_name: str, choices: Sequence[str], value: object) -> bool:
    """Whether `value` (never None) may stand in a parameter of that type."""
    if type_name == CHOICE:
        return isinstance(value, str) and value in choices
    return _CHECKS[type_name](value)
