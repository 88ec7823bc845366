"""A mail that says more than one sentence: sections of lines with their links, and how to hear no more.

Kept with the mail as plain data and written when it is sent, in the reader's language.
"""

from dataclasses import asdict, dataclass
from typing import Any, Self


@dataclass(frozen=True)
class Line:
    """One thing and its page (without host); `note` is a message id of a word about it."""

    text: str
    path: str
    note: str = ""


@dataclass(frozen=True)
class Section:
    """A heading, what is named below it, how many more there are, and the page with all of them."""

    title: str
    lines: tuple[Line, ...]
    more: int
    path: str


@dataclass(frozen=True)
class Letter:
    """What a mail says beyond its sentence. `unsubscribe_path` answers GET with a page and POST at once (RFC 8058)."""

    sections: tuple[Section, ...]
    unsubscribe_path: str

    def to_json(self) -> dict[str, Any]:
        """The document to keep."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """The letter of a kept document."""
        sections = tuple(
            Section(**{**section, "lines": tuple(Line(**line) for line in section["lines"])})
            for section in data["sections"]
        )
        return cls(sections, data["unsubscribe_path"])
