"""The judged indicator cases of tests/indicator_cases: reading texts, and comparing rows over units."""

from decimal import Decimal
from pathlib import Path

import pytest

from search.indicator_text import Suggestion, readable, suggest_indicators
from search.indicators import AchievementIndicator, Comparator, DemandIndicator, compare
from tests import cases

FOLDER = Path(__file__).resolve().parents[2] / "indicator_cases"
EXTRACTION = cases.read(FOLDER / "extraction.yaml")
COMPARISON = cases.read(FOLDER / "comparison.yaml")


def cells(row: str) -> list[str]:
    return ["" if cell.strip() == '""' else cell.strip() for cell in row.split(" | ")]


def as_read(found: Suggestion) -> list[str]:
    value = f"{found.low}~{found.high}" if found.value is None else str(found.value)
    return [found.name, found.comparator.value, value, found.unit, found.quotation]


def numbers(found: Suggestion) -> set[Decimal]:
    return {number for number in (found.value, found.low, found.high) if number is not None}


@pytest.mark.parametrize("case", EXTRACTION, ids=[case["text"][:24] for case in EXTRACTION])
def test_what_is_read_from_a_text(case):
    found = suggest_indicators(case["text"])
    rows, expected = [as_read(one) for one in found], [cells(row) for row in case["rows"]]
    problems = [f"not read: {row}" for row in expected if row not in rows]
    problems += [f"read: {row}" for row in rows if row not in expected]
    stated = set().union(*map(numbers, found))
    problems += [f"{trap} is no value" for trap in case.get("must_not", ()) if Decimal(str(trap)) in stated]
    cases.settle(case, problems)


@pytest.mark.parametrize("case", EXTRACTION, ids=[case["text"][:24] for case in EXTRACTION])
def test_quotations_are_pieces_of_the_text(case):
    plain = readable(case["text"]).replace(",", "")
    assert all(one.quotation in plain for one in suggest_indicators(case["text"]))


def ends(text: str) -> tuple[Decimal | None, Decimal | None]:
    if text[0] in "≥≤":
        stated = Decimal(text[1:])
        return (stated, None) if text[0] == "≥" else (None, stated)
    low, _, high = text.partition("~")
    return Decimal(low), Decimal(high or low)


def demanded(row: str) -> DemandIndicator:
    name, sign, value, unit = cells(row)
    low, high = ends(value)
    if sign == Comparator.RANGE.value:
        return DemandIndicator(name=name, comparator=Comparator.RANGE, low=low, high=high, unit=unit)
    return DemandIndicator(name=name, comparator=Comparator(sign), value=low, unit=unit)


def offered(row: str) -> AchievementIndicator:
    name, value, unit = cells(row)
    low, high = ends(value)
    return AchievementIndicator(name=name, low=low, high=high, unit=unit)


@pytest.mark.parametrize("case", COMPARISON, ids=[f"{c['demand']} / {c['offer']}" for c in COMPARISON])
def test_what_a_comparison_comes_to(case):
    result = compare(demanded(case["demand"]), [offered(case["offer"])])
    wanted = Decimal(str(case["by"])) if "by" in case else None
    problems = []
    if (result.outcome.value, result.difference) != (case["outcome"], wanted):
        problems.append(f"{result.outcome.value} by {result.difference}")
    cases.settle(case, problems)


def test_there_are_enough_cases_and_few_gaps(capsys):
    cases.check_share("indicator extraction", EXTRACTION, 60, capsys)
    cases.check_share("indicator comparison", COMPARISON, 30, capsys)
