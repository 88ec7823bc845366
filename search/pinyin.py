"""How Chinese words are typed and heard in Latin letters: full pinyin, initials, and what sounds alike.

pypinyin is imported where it is used: its tables take 0.2 s and 57 MB, which a process that never asks does not pay.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice, product

from search.tokenizer import HAN, normalise

# What a key is made of: Han characters, Latin and Greek letters, digits. Everything else only divides (wi-fi, xi'an).
_KEY = re.compile(rf"[{HAN}a-z0-9\u00b5\u03b1-\u03c9]+")
_HAN = re.compile(rf"[{HAN}]")
_PIECE = re.compile(rf"[{HAN}]|[^{HAN}]+")
# Characters of technical words that people read, or type, in a second way. pypinyin knows many more readings, but
# most of them are so rare (耐 neng, 温 yun) that they only find what nobody meant.
_READ_TWICE = {
    "重": ("zhong", "chong"),
    "长": ("chang", "zhang"),
    "行": ("hang", "xing"),
    "调": ("tiao", "diao"),
    "传": ("chuan", "zhuan"),
    "降": ("jiang", "xiang"),
    "薄": ("bo", "bao"),
    "率": ("lv", "shuai"),
    "数": ("shu", "shuo"),
    "弹": ("tan", "dan"),
    "曝": ("bao", "pu"),
    "参": ("can", "shen"),
    "模": ("mo", "mu"),
    "剥": ("bo", "bao"),
    "露": ("lu", "lou"),
    "壳": ("ke", "qiao"),
    "差": ("cha", "chai"),
    "粘": ("zhan", "nian"),
    "轧": ("zha", "ya"),
}
# More combinations than this of one word are not told apart.
_READINGS = 4
# Initials and endings that many speakers do not tell apart (zh/z, ang/an), as one.
_ALIKE = ((re.compile(r"^([zcs])h"), r"\1"), (re.compile(r"(?<=[aei])ng$"), "n"))


def key_of(text: str) -> str:
    """Return a text as it is compared while somebody types: normalised, without spaces and signs, ü as v."""
    return "".join(_KEY.findall(normalise(text).replace("ü", "v")))


def has_han(text: str) -> bool:
    """Tell whether a text has a Han character in it."""
    return _HAN.search(text) is not None


def full_pinyin(word: str) -> tuple[str, ...]:
    """Return the ways to type a word in full (耐高温 → naigaowen), letters and digits in it as they are."""
    return tuple(dict.fromkeys("".join(syllables) for syllables in _readings(key_of(word))))


def initials(word: str) -> tuple[str, ...]:
    """Return the ways to type a word by the first letter of each character (耐高温 → ngw, plc控制 → plckz)."""
    return tuple(dict.fromkeys(_initials(key_of(word), syllables) for syllables in _readings(key_of(word))))


def sounds(word: str) -> tuple[str, ...]:
    """Return how a word may sound; words with one in common are easily written for each other (图层, 涂层)."""
    return tuple(dict.fromkeys(" ".join(map(_sound, syllables)) for syllables in _readings(key_of(word))))


@lru_cache(maxsize=4_096)
def _readings(key: str) -> tuple[tuple[str, ...], ...]:
    """The syllables of a key, one tuple per reading; runs of letters and digits count as one syllable."""
    if not has_han(key):
        return ((key,),) if key else ()
    from pypinyin import lazy_pinyin

    # By phrases first (银行 yinhang), then whatever else a character of the table may be.
    pieces = _PIECE.findall(key)
    likeliest = lazy_pinyin(key, errors=_PIECE.findall)
    each = (
        dict.fromkeys((said, *_READ_TWICE.get(piece, ())))
        for piece, said in zip(pieces, likeliest, strict=True)
    )
    return tuple(islice(product(*each), _READINGS))


def _initials(key: str, syllables: tuple[str, ...]) -> str:
    pieces = _PIECE.findall(key)
    return "".join(
        said[:1] if has_han(piece) else piece for piece, said in zip(pieces, syllables, strict=True)
    )


def _sound(syllable: str) -> str:
    for pattern, plain in _ALIKE:
        syllable = pattern.sub(plain, syllable)
    return syllable
