"""Field tables: a frozen dataclass *is* the table of an object, and this module reads JSON by it, strictly.

The order of the dataclass fields is the order of the table; a field without default is required; a default of
None means “may be absent”. The annotation says what belongs there: `Fen` an amount (string in yuan), `date`,
`bool`, `Text`, `Year`, `BasisPoints`, a `Literal` of codes, another dataclass, or a tuple of one of these.
The same table writes results back to JSON. Codes and order of the errors: policy.md 1.2, 1.3.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from datetime import date
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from marketplace.money import Fen, parse_plain_yuan, plain_yuan
from marketplace.policy.errors import CaseError

#: In the metadata of a result field: leave the key out when the value is None.
OMIT_IF_NONE = {"omit": "none"}
#: In the metadata of a result field: for our own pages, never a key of a case's result.
INTERNAL = {"omit": "always"}

Reader = Callable[[object, str], Any]


# --- constraints, as annotations ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Between:
    """A number (of fen, for amounts) that must lie between two bounds, both included."""

    least: int
    most: int

    def holds(self, value: Any) -> bool:
        """Whether the value keeps to the bounds."""
        return self.least <= value <= self.most


@dataclass(frozen=True, slots=True)
class AtLeastOne:
    """An array that must not be empty."""

    def holds(self, value: Any) -> bool:
        """Whether there is an element."""
        return len(value) > 0


@dataclass(frozen=True, slots=True)
class NotBlank:
    """A string that is not only white space."""

    def holds(self, value: Any) -> bool:
        """Whether there is anything to read."""
        return bool(value.strip())


@dataclass(frozen=True, slots=True)
class Matching:
    """A string that a pattern must match from end to end."""

    pattern: str

    def holds(self, value: Any) -> bool:
        """Whether the whole value matches."""
        return re.fullmatch(self.pattern, value) is not None


Text = Annotated[str, NotBlank()]
Year = Annotated[int, Between(1900, 9000)]
BasisPoints = Annotated[int, Between(0, 10_000)]
BanYears = Annotated[int, Between(1, 100)]
DayCount = Annotated[int, Between(1, 10_000)]


# --- reading ------------------------------------------------------------------------------------------------


def read(table: type, raw: object, path: str = "") -> Any:
    """Read `raw` (parsed JSON) as an object of `table`; raises CaseError for the first fault."""
    if not isinstance(raw, Mapping):
        raise CaseError("BAD_VALUE", path)
    values = {}
    readers = _readers(table)
    for field in fields(table):
        place = f"{path}.{field.name}" if path else field.name
        given = raw.get(field.name)
        if given is not None:
            values[field.name] = readers[field.name](given, place)
        elif _required(field):
            raise CaseError("MISSING_FIELD", place)
    for key in raw:
        if key not in readers:
            raise CaseError("UNKNOWN_FIELD", f"{path}.{key}" if path else str(key))
    return table(**values)


def _required(field: Field) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


@cache
def _readers(table: type) -> dict[str, Reader]:
    hints = get_type_hints(table, include_extras=True)
    return {field.name: _reader(hints[field.name]) for field in fields(table)}


def _reader(hint: Any) -> Reader:
    origin = get_origin(hint)
    if origin is Annotated:
        inner, *constraints = get_args(hint)
        return _constrained(_reader(inner), constraints)
    if origin in (Union, UnionType):
        return _reader(next(arm for arm in get_args(hint) if arm is not type(None)))
    if origin is Literal:
        return _choice(get_args(hint))
    if origin is tuple:
        return _array(_reader(get_args(hint)[0]))
    if is_dataclass(hint):
        return lambda raw, path: read(hint, raw, path)
    return _PLAIN_READERS[hint]


def _constrained(inner: Reader, constraints: list[Any]) -> Reader:
    def reader(raw: object, path: str) -> Any:
        value = inner(raw, path)
        if not all(constraint.holds(value) for constraint in constraints):
            raise CaseError("BAD_VALUE", path)
        return value

    return reader


def _choice(codes: tuple[str, ...]) -> Reader:
    def reader(raw: object, path: str) -> str:
        if not isinstance(raw, str) or raw not in codes:
            raise CaseError("BAD_VALUE", path)
        return raw

    return reader


def _array(element: Reader) -> Reader:
    def reader(raw: object, path: str) -> tuple:
        if not isinstance(raw, list | tuple):
            raise CaseError("BAD_VALUE", path)
        return tuple(element(item, f"{path}[{place}]") for place, item in enumerate(raw))

    return reader


def _exactly(kind: type) -> Reader:
    # type() and not isinstance(): a bool is an int to Python, but never in a case.
    def reader(raw: object, path: str) -> Any:
        if type(raw) is not kind:
            raise CaseError("BAD_VALUE", path)
        return raw

    return reader


_AMOUNT = re.compile(r"(-?)((?:0|[1-9][0-9]*)\.[0-9]{2})")


def _amount(raw: object, path: str) -> int:
    found = _AMOUNT.fullmatch(raw) if isinstance(raw, str) else None
    if found is None:
        raise CaseError("BAD_AMOUNT", path)
    fen = parse_plain_yuan(found[2])
    if found[1]:
        raise CaseError("NEGATIVE_AMOUNT" if fen else "BAD_AMOUNT", path)
    return fen


_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")


def parse_date(raw: object) -> date | None:
    """The day that `YYYY-MM-DD` names, None if `raw` is anything else or no real day."""
    found = _DATE.fullmatch(raw) if isinstance(raw, str) else None
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def _date(raw: object, path: str) -> date:
    day = parse_date(raw)
    if day is None:
        raise CaseError("BAD_DATE", path)
    return day


_PLAIN_READERS: dict[Any, Reader] = {
    Fen: _amount,
    date: _date,
    bool: _exactly(bool),
    int: _exactly(int),
    str: _exactly(str),
}


# --- writing ------------------------------------------------------------------------------------------------


def write(value: Any) -> dict[str, Any]:
    """Write facts or a result (a dataclass) as JSON: amounts and dates as strings, tuples as arrays."""
    hints = _result_hints(type(value))
    return {
        field.name: _written(getattr(value, field.name), hints[field.name])
        for field in fields(value)
        if not _omitted(field, getattr(value, field.name))
    }


def _omitted(field: Field, value: Any) -> bool:
    omit = field.metadata.get("omit")
    return omit == "always" or (omit == "none" and value is None)


@cache
def _result_hints(table: type) -> dict[str, Any]:
    return get_type_hints(table)


def _written(value: Any, hint: Any) -> Any:
    if isinstance(value, tuple):
        return [_written(item, get_args(hint)[0]) for item in value]
    if is_dataclass(value):
        return write(value)
    if isinstance(value, date):
        return value.isoformat()
    if value is not None and (hint is Fen or Fen in get_args(hint)):
        return plain_yuan(value)
    return value
