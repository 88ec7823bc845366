"""What of an address was not understood, in one sentence."""

from flask_babel import gettext

from marketplace.discovery.forms import Asked
from marketplace.discovery.presenters.names import PARAMETER_NAMES

#: So many conditions that are not known are named; of each so many characters.
_MOST_NAMED, _LONGEST_NAMED = 5, 30


def left_out(asked: Asked) -> str | None:
    """One sentence about the conditions of the address that are not known, or not any more."""
    if not asked.unknown:
        return None
    named = "、".join(
        f"{PARAMETER_NAMES[parameter]} {shortened(value, _LONGEST_NAMED)}"
        for parameter, value in asked.unknown[:_MOST_NAMED]
    )
    more = len(asked.unknown) - _MOST_NAMED
    if more > 0:
        return gettext("“%(named)s”等 %(count)s 个条件不认识，已略去", named=named, count=len(asked.unknown))
    return gettext("“%(named)s”这一条件不认识，已略去", named=named)


def shortened(text: str, most: int) -> str:
    """The text, or its first characters and a sign that there were more."""
    return text if len(text) <= most else f"{text[:most]}…"
