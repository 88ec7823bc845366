"""Marks Chinese sentences for translation; they are translated where they are shown."""


def N_(text: str) -> str:
    """Mark a message for translation without translating it here."""
    return text
