"""Icons: one symbol at a time out of Bootstrap-Flask's sprite, inlined into the page.

The sprite weighs 1.1 MB and is never linked. It is read once per process; a page carries only the paths of
the icons it shows. Every icon stands beside words and is therefore hidden from screen readers.
"""

import re
from functools import cache
from pathlib import Path

import flask_bootstrap
from markupsafe import Markup

SPRITE = Path(flask_bootstrap.__file__).parent / "static" / "bootstrap5" / "icons" / "bootstrap-icons.svg"

_SYMBOL = re.compile(r"<symbol\b(?P<attributes>[^>]*)>(?P<drawing>.*?)</symbol>", re.DOTALL)
_ATTRIBUTE = re.compile(r'(?P<name>id|viewBox)="(?P<value>[^"]*)"')


class UnknownIconError(LookupError):
    """A template asks for an icon that the sprite does not hold."""


@cache
def icon_names() -> frozenset[str]:
    """Names of all icons of the installed sprite."""
    return frozenset(_drawings())


@cache
def icon(name: str) -> Markup:
    """The icon as inline SVG: 1 em, the colour of the text, hidden from screen readers.

    Raises UnknownIconError for a name that the sprite does not hold.
    """
    try:
        view_box, drawing = _drawings()[name]
    except KeyError:
        raise UnknownIconError(f"the sprite of Bootstrap Icons holds no icon named {name!r}") from None
    # The drawing comes from the installed package, not from a person: safe to mark.
    return Markup(
        f'<svg class="tm-icon" width="1em" height="1em" viewBox="{view_box}" fill="currentColor" '
        f'aria-hidden="true" focusable="false">{drawing}</svg>'
    )


@cache
def _drawings() -> dict[str, tuple[str, str]]:
    """Icon name → (viewBox, drawing), of the whole sprite."""
    found = {}
    for symbol in _SYMBOL.finditer(SPRITE.read_text(encoding="utf-8")):
        attributes = {a["name"]: a["value"] for a in _ATTRIBUTE.finditer(symbol["attributes"])}
        found[attributes["id"]] = (attributes["viewBox"], symbol["drawing"].strip())
    return found
