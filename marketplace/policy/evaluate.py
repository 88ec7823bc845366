"""Policy cases: a JSON array of facts in, one line of JSON per case out (policy.md 1).

Cases are how officials, and other implementations, check the rules: nothing is guessed, nothing is skipped,
and a case that cannot be read is answered with the code and place of its first fault.
"""

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, NoReturn

from marketplace.policy.engine import answer
from marketplace.policy.errors import CaseError, CaseFileError
from marketplace.policy.kinds import KINDS, Kind
from marketplace.policy.loader import load_rule_book
from marketplace.policy.ruleset import RuleBook
from marketplace.policy.table import read, write

#: Python refuses to read longer integers by itself (a guard against slow conversion).
_LONGEST_PLAIN_INTEGER = 4000


def evaluate_file(text: str) -> Iterator[str]:
    """One line of JSON per case of the file, in its order: `{"id": …, "result": {…}}`.

    Raises CaseFileError before the first line if the text is not a JSON array.
    """
    cases = _parse(text)
    return (_line(case) for case in cases)


def evaluate_case(case: object, book: RuleBook | None = None) -> dict[str, Any]:
    """The result of one case (parsed JSON); of a case that cannot be read, `error` and `field`."""
    try:
        return _evaluate(case, book or load_rule_book())
    except CaseError as error:
        return {"error": error.code, "field": error.field}


def _evaluate(case: object, book: RuleBook) -> dict[str, Any]:
    kind = _kind(case)
    if case.get("facts") is None:
        raise CaseError("MISSING_FIELD", "facts")
    overrides = _overrides(case.get("parameters"), book)
    if not isinstance(case["facts"], Mapping):
        raise CaseError("BAD_VALUE", "facts")
    facts = read(kind.facts, case["facts"])
    return write(answer(kind, facts, book.nearest(kind.rule_day(facts), overrides)))


def _kind(case: object) -> Kind:
    name = case.get("kind") if isinstance(case, Mapping) else None
    if not isinstance(name, str) or name not in KINDS:
        raise CaseError("UNKNOWN_KIND", "kind")
    return KINDS[name]


def _overrides(raw: object, book: RuleBook) -> dict[str, Any]:
    if raw is None:
        return {}
    if not isinstance(raw, Mapping):
        raise CaseError("BAD_VALUE", "parameters")
    return book.check_overrides(raw)


def _line(case: object) -> str:
    # Escaped to ASCII, so that a line stays one line whatever white space an identifier contains.
    return json.dumps({"id": _id(case), "result": evaluate_case(case)})


def _id(case: object) -> Any:
    given = case.get("id") if isinstance(case, Mapping) else None
    try:
        json.dumps(given, allow_nan=False)
    except (ValueError, RecursionError):  # a number too long or too large to be written again
        return None
    return given


def _parse(text: str) -> list[Any]:
    try:
        cases = json.loads(text.removeprefix("\ufeff"), parse_int=_integer, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise CaseFileError(f"文件不是 JSON：{error}。应为案例组成的数组，如 [{{…}}, {{…}}]。") from None
    if not isinstance(cases, list):
        raise CaseFileError("文件应为案例组成的 JSON 数组，如 [{…}, {…}]。")
    return cases


def _integer(digits: str) -> int:
    return int(digits) if len(digits) < _LONGEST_PLAIN_INTEGER else int(Decimal(digits))


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} 不是 JSON 的数")
