"""A wheel holds everything the packages read beside themselves: no file of theirs is forgotten in setup.cfg."""

from configparser import ConfigParser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
#: Compiled by the interpreter, or the source from which what is packed is compiled.
_NOT_PACKED = frozenset({".pyc", ".po"})


def packages() -> list[Path]:
    """The folders that `packages = find:` finds."""
    return [path.parent for top in ("marketplace", "search") for path in (ROOT / top).rglob("__init__.py")]


def packed() -> set[Path]:
    """The modules of the packages, and what the patterns of setup.cfg add."""
    setup = ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    found = {module for package in packages() for module in package.glob("*.py")}
    for package, patterns in setup["options.package_data"].items():
        folder = ROOT.joinpath(*package.split("."))
        for pattern in patterns.replace("\n", ",").split(","):
            if pattern.strip():
                found.update(folder.glob(pattern.strip()))
    return found


@pytest.mark.parametrize("top", ["marketplace", "search"])
def test_every_file_of_a_package_is_packed(top):
    files = {path for path in (ROOT / top).rglob("*") if path.is_file() and path.suffix not in _NOT_PACKED}
    assert files
    assert not {str(path.relative_to(ROOT)) for path in files - packed()}
