"""What may stand in an address: ids within the bounds of the database, text without control characters.

An address outside these bounds names nothing, so it is answered with 404 before any query is made.
"""

from flask import Flask
from werkzeug.routing import IntegerConverter, UnicodeConverter

_LARGEST_KEY = 2**63 - 1


class KeyConverter(IntegerConverter):
    """A key of a table: what no column can hold is no id."""

    regex = "[0-9]{1,19}"

    def __init__(self, url_map, *args, **kwargs):
        super().__init__(url_map, *args, **{"max": _LARGEST_KEY, **kwargs})


class TextConverter(UnicodeConverter):
    """A public number or an opaque id; PostgreSQL refuses texts with NUL."""

    regex = r"[^/\x00-\x1f]+"

    def __init__(self, url_map):
        super().__init__(url_map)
        self.regex = type(self).regex


def register(app: Flask) -> None:
    """Use these converters in every rule; must run before the rules are added."""
    app.url_map.converters.update(int=KeyConverter, default=TextConverter, string=TextConverter)
