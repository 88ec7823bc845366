"""Judged cases in YAML: reading them, known gaps, and the share of gaps that is allowed."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

#: At most this share of the cases of one folder may be marked `known_gap`.
MOST_GAPS = 0.1


def read(path: Path) -> list[dict[str, Any]]:
    """The cases of one file."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def settle(case: dict[str, Any], problems: Sequence[str]) -> None:
    """Fail on problems; a known gap is shown as one, and fails as soon as it is none any more."""
    gap = case.get("known_gap")
    if gap and problems:
        pytest.xfail(f"known gap: {gap}")
    assert not gap, "this case passes now: remove its known_gap"
    assert not problems, "\n".join(problems)


def check_share(
    name: str, cases: Sequence[dict[str, Any]], least: int, capsys: pytest.CaptureFixture
) -> None:
    """Print how many cases and gaps there are; too few cases or too many gaps fail."""
    gaps = [case for case in cases if case.get("known_gap")]
    with capsys.disabled():
        print(f"\n{name}: {len(cases)} cases, {len(gaps)} known gaps")
    assert len(cases) >= least
    assert len(gaps) <= MOST_GAPS * len(cases)
