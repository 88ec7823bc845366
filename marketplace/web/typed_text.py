"""A text that came in an address, as one line that people can read."""

import unicodedata

#: What breaks a line is a space; what has no shape (joiners, direction marks, halves of characters) is nothing.
_BREAKING, _SHAPELESS = frozenset({"Cc", "Zl", "Zp"}), frozenset({"Cf", "Cs"})


def one_line(text: str, most: int) -> str:
    """The first `most` characters of a typed text, without line breaks and signs that nobody sees."""
    kinds = ((sign, unicodedata.category(sign)) for sign in text[:most])
    seen = (" " if kind in _BREAKING else sign for sign, kind in kinds if kind not in _SHAPELESS)
    return "".join(seen).strip()
