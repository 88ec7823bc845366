"""Small whole numbers that come back from hidden fields and addresses."""


def number(value: object) -> int:
    """The number, or -1 for nonsense: it fits no version and no id, and is told as such."""
    text = str(value or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
