"""Which encoding a text file has: UTF-8 with or without BOM, UTF-16, or GB18030. Nothing else is guessed."""

import codecs
from collections.abc import Iterator
from pathlib import Path

from marketplace.errors import N_
from marketplace.importing.problems import Unreadable

_CHUNK = 1 << 16
#: Characters that are looked at to judge whether a decoding makes sense.
_SAMPLE = 200_000
#: GB18030 decodes most bytes to something. Real Chinese text keeps within GB 2312 but for a few names;
#: text of another encoding read this way lands outside it every second character.
_MOST_ODD = 0.2

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_UNKNOWN = N_("认不出文件的编码。请用 Excel 另存为“CSV UTF-8（逗号分隔）”或 .xlsx 后再导入。")
_NUL = N_("文件里有空字符（NUL），可能不是文本或已损坏。请重新导出为 CSV 或 .xlsx。")


def detect(path: Path) -> str:
    """The name of the encoding, for `open`. The whole file is decoded once, in pieces.

    Raises Unreadable when no encoding fits or the text holds NUL characters.
    """
    with path.open("rb") as file:
        head = file.read(_CHUNK)
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return _confirmed(path, encoding)
    if b"\0" in head:
        return _without_bom(path)
    if _sample(path, "utf-8") is not None:
        return "utf-8"
    sample = _sample(path, "gb18030")
    if sample is None or _odd_share(sample) > _MOST_ODD:
        raise Unreadable(_UNKNOWN)
    return "gb18030"


def _confirmed(path: Path, encoding: str) -> str:
    if _sample(path, encoding) is None:
        raise Unreadable(_UNKNOWN)
    return encoding


def _without_bom(path: Path) -> str:
    """NUL bytes are half characters of UTF-16, or the file is no text."""
    for encoding in ("utf-16-le", "utf-16-be"):
        sample = _sample(path, encoding)
        if sample and "\0" not in sample and _odd_share(sample) <= _MOST_ODD:
            return encoding
    raise Unreadable(_NUL)


def _sample(path: Path, encoding: str) -> str | None:
    """The beginning of the text, or None when the file has bytes that are not of this encoding."""
    pieces, length = [], 0
    try:
        for piece in _decoded(path, encoding):
            if length < _SAMPLE:
                pieces.append(piece)
                length += len(piece)
    except UnicodeError:
        return None
    return "".join(pieces)


def _decoded(path: Path, encoding: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield decoder.decode(chunk)
        yield decoder.decode(b"", final=True)


def _odd_share(text: str) -> float:
    """The share of characters beyond ASCII that do not belong to everyday Chinese text."""
    beyond = [character for character in text if character > "\x7f"]
    odd = sum(1 for character in beyond if not _everyday(character))
    controls = sum(1 for character in text if character < " " and character not in "\t\r\n")
    return (odd + controls) / max(1, len(beyond) + controls)


def _everyday(character: str) -> bool:
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True
