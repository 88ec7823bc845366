"""Icons: inlined one by one, unknown names found before a page breaks."""

import re
from pathlib import Path

import pytest

from marketplace.config import ROOT
from marketplace.web.icons import UnknownIconError, icon, icon_names

TEMPLATES = ROOT / "templates"

# `icon('name')`, `icon_name='name'`, the maps of the component files, `'icon': 'name'` in data.
_CALL = re.compile(r"""\bicon(?:_name)?\s*(?:\(|=)\s*['"]([a-z0-9-]+)['"]""")
_MAP = re.compile(r"\{% set \w*ICONS = (\{.*?\}) %\}", re.DOTALL)
_ENTRY = re.compile(r""":\s*['"]([a-z0-9-]+)['"]""")
_KEYED = re.compile(r"""['"]?\bicon['"]?:\s*['"]?([a-z0-9-]+)""")
_PYTHON = re.compile(r"""["']?\bicon["']?\s*[:=]\s*["']([a-z0-9-]+)["']""")


def names_used() -> dict[str, set[str]]:
    """Icon name → templates and presenters that ask for it."""
    found: dict[str, set[str]] = {}
    for path in [*TEMPLATES.rglob("*.html"), *TEMPLATES.rglob("*.yaml")]:
        text = path.read_text(encoding="utf-8")
        names = [*_CALL.findall(text), *_KEYED.findall(text)]
        for table in _MAP.findall(text):
            names += _ENTRY.findall(table)
        for name in names:
            found.setdefault(name, set()).add(str(path.relative_to(ROOT)))
    for path in (ROOT / "marketplace").rglob("*.py"):
        for name in _PYTHON.findall(path.read_text(encoding="utf-8")):
            found.setdefault(name, set()).add(str(path.relative_to(ROOT)))
    return found


def test_every_icon_used_is_in_the_sprite():
    missing = {name: files for name, files in names_used().items() if name not in icon_names()}
    assert missing == {}


def test_the_list_of_used_icons_sees_calls_maps_and_data():
    used = names_used()
    assert {"search", "hourglass-split", "dash-circle", "file-earmark-check", "reply"} <= set(used)


def test_an_icon_is_small_hidden_and_takes_the_colour_of_the_text():
    svg = icon("search")
    assert svg.startswith("<svg ")
    assert 'width="1em"' in svg
    assert 'height="1em"' in svg
    assert 'fill="currentColor"' in svg
    assert 'aria-hidden="true"' in svg
    assert 'viewBox="0 0 16 16"' in svg
    assert "<path" in svg
    assert len(svg) < 5_000


def test_icons_differ():
    assert icon("search") != icon("bell")


@pytest.mark.parametrize("name", ["", "no-such-icon", "Search", "search ", "../search"])
def test_an_unknown_icon_is_an_error_that_names_it(name):
    with pytest.raises(UnknownIconError, match=re.escape(repr(name))):
        icon(name)


def test_no_page_links_the_sprite_or_the_icon_font():
    for path in [*TEMPLATES.rglob("*.html"), *(ROOT / "static").rglob("*.css")]:
        text = Path(path).read_text(encoding="utf-8")
        assert "bootstrap-icons" not in text, path
