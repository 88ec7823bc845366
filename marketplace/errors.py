"""Domain errors: raised by services, turned into pages, problem+json or exit codes in one place.

Messages are Chinese sentences marked with `N_` and translated where they are shown, so that
services stay free of Flask. `params` fill the placeholders after translation.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


def N_(text: str) -> str:
    """Mark a message for translation without translating it here."""
    return text


class MarketError(Exception):
    """Base of everything a service may refuse with a sentence for the person."""

    status = 400

    def __init__(self, message: str, **params: object):
        super().__init__(message % params if params else message)
        self.message = message
        self.params = params


class BadRequest(MarketError):
    """The request cannot be understood."""


class NotFound(MarketError):
    """No such record, or one whose existence is secret from this person."""

    status = 404

    def __init__(self, message: str = N_("没有找到您要看的内容，可能已被移走或编号有误。"), **params: object):
        super().__init__(message, **params)


class Forbidden(MarketError):
    """The record may be known, the act is not allowed to this person."""

    status = 403

    def __init__(self, message: str = N_("您的账号没有办理这件事的权限。"), **params: object):
        super().__init__(message, **params)


class Conflict(MarketError):
    """The act clashes with the state the record is in now."""

    status = 409


@dataclass(frozen=True)
class Difference:
    """One field on which two versions of a record differ."""

    label: str
    mine: str
    theirs: str


class StaleEdit(Conflict):
    """Somebody else saved first; carries both versions so that nothing typed is lost."""

    def __init__(self, differences: Sequence[Difference] = (), reload_url: str | None = None):
        super().__init__(N_("您打开之后，别人已经修改并保存了这份资料。两个版本如下，请核对后重新提交。"))
        self.differences = tuple(differences)
        self.reload_url = reload_url


class TooLarge(MarketError):
    """More was sent than is accepted."""

    status = 413


class TooManyRequests(MarketError):
    """The same thing was tried too often."""

    status = 429


class Unavailable(MarketError):
    """A part of the market cannot answer now; the same request may be made again later."""

    status = 503


class Invalid(MarketError):
    """Fields that need correction: field name → sentences that say what would be right."""

    status = 422

    def __init__(self, problems: Mapping[str, Sequence[str]]):
        super().__init__(N_("有内容需要修改。"))
        self.problems = {field: list(sentences) for field, sentences in problems.items()}
