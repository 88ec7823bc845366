"""A module that outgrows its bound is split while it is still easy to split."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
#: Longest files by folder, in lines; tables written out by migrations are as long as the schema.
BOUNDS = {"marketplace": 400, "search": 400, "benchmarks": 400, "tests": 500}
_GENERATED = "versions"


def modules(folder: str) -> list[Path]:
    return [path for path in sorted((ROOT / folder).rglob("*.py")) if _GENERATED not in path.parts]


@pytest.mark.parametrize("folder", BOUNDS)
def test_no_module_is_longer_than_its_bound(folder):
    lengths = {str(path.relative_to(ROOT)): path.read_text().count("\n") for path in modules(folder)}
    assert lengths, f"{folder} holds no module"
    assert not {name: lines for name, lines in lengths.items() if lines > BOUNDS[folder]}
