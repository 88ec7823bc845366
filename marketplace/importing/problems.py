"""What can be wrong with an import: with the file as a whole, with a cell, with a row."""

from dataclasses import dataclass

from marketplace.errors import BadRequest


class Unreadable(BadRequest):
    """The file or the mapping cannot be used at all; the sentence says what would be right."""


class Unsuitable(ValueError):
    """A cell does not fit its field; the text says what would be right."""


@dataclass(frozen=True)
class Finding:
    """One line of the report: what is wrong in a row and what would be right.

    `row` counts as a spreadsheet does (the header is row 1); `kept` is False when the row was rejected.
    """

    row: int
    key: str
    column: str
    wrong: str
    right: str
    kept: bool = True


def quoted(text: str, longest: int = 40) -> str:
    """A cell's text for a sentence: in brackets, on one line, shortened."""
    line = " ".join(text.split())
    return f"「{line[:longest]}{'…' if len(line) > longest else ''}」"
