"""Errors of the policy engine: unreadable facts, and parameter files that cannot be trusted."""


class CaseError(ValueError):
    """Facts or overrides that cannot be read: a code of policy.md 1.3 and the place of the fault."""

    def __init__(self, code: str, field: str) -> None:
        super().__init__(f"{code}: {field}")
        self.code = code
        self.field = field


class CaseFileError(ValueError):
    """A file of cases that is not a JSON array. The text is a Chinese sentence for the person who gave it."""


class ParameterFileError(ValueError):
    """A parameter file with an unknown key, a wrong value or overlapping periods; the text names the file."""
