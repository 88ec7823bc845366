"""Turn Chinese technical text into tokens: words for searching, single characters for matching.

Source of the two kinds: design/search.md section 2. Words come from jieba's search mode with a user
dictionary; characters are single Han characters plus whole Latin or digit tokens, because related demands and
achievements often share a character (污泥/污水) but no word. Everything is normalised first, so that
full-width, traditional and upper-case spellings meet.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Callable, Iterable, Set
from functools import lru_cache
from importlib.metadata import version
from itertools import groupby

import opencc
import rjieba

from search.dictionary import Additions, additions, dictionary_hash, technical_terms

__all__ = [
    "bigrams",
    "characters",
    "cut",
    "normalise",
    "sentences",
    "tokenizer_version",
    "unsearchable",
    "warm_up",
    "words",
]

# Raise when the rules of this module change what a text is turned into: an index then asks for a rebuild.
RULES_VERSION = 1

HAN = r"\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_ALNUM = r"a-z0-9\u00b5\u03b1-\u03c9"
# In this order: names that end in signs (c++, c#), compounds (wi-fi, pm2.5, 3.5%), degrees, runs of Han.
_TOKEN = re.compile(
    rf"(?P<signed>(?<![{_ALNUM}])[a-z](?:\+\+|#))"
    rf"|(?P<latin>[{_ALNUM}]+(?:[.\-_][{_ALNUM}]+)*%?)"
    r"|(?P<degree>°[cfk]?)"
    rf"|(?P<han>[{HAN}]+)"
)
_CHARACTER = re.compile(rf"[{HAN}]|[{_ALNUM}]+(?:\.\d+)*")
_HAN_RUN = re.compile(rf"[{HAN}]+")
# jieba's words are made of these; a rarer character is a word by itself and ends those beside it.
_JIEBA_RUN = re.compile(r"[\u4e00-\u9fd5]+")
_JIEBA_PIECE = re.compile(r"[\u4e00-\u9fd5]+|.")
_PART = re.compile(r"\d+(?:\.\d+)*|[^\W\d_]+|%")
_JOINER = re.compile(r"[.\-_]")
_BREAK = re.compile(r"[。；;！!？?\n\r]+")
# Stands where a sentence ends, so that a phrase never reaches across it.
BREAK = "¦"

_LONGEST_SINGLE = 3  # Han words up to this length are never taken apart again
_MAX_TOKEN = 80  # longer runs are noise (hashes, base64) and would only fill the term dictionary


def tokenizer_version() -> str:
    """Name the rules and the dictionary in force; two indexes with different names are not comparable."""
    return f"rjieba-{version('rjieba')}-r{RULES_VERSION}-{dictionary_hash()}"


class _Segmenter:
    """jieba's dictionary with further terms, read once. Cutting is read-only and safe between threads."""

    def __init__(self, terms: Iterable[str]) -> None:
        self._jieba = rjieba.Jieba()
        for term in terms:
            self._jieba.add_word(term, None, None)

    def words(self, run: str) -> list[str]:
        """The words of a run of Han, without overlap."""
        return self._taken_apart(run, self._jieba.cut)

    def search_words(self, run: str) -> list[str]:
        """The words of a run of Han with the shorter ones inside longer ones."""
        return self._taken_apart(run, self._jieba.cut_for_search)

    @staticmethod
    def _taken_apart(run: str, cut: Callable[[str], list[str]]) -> list[str]:
        if _JIEBA_RUN.fullmatch(run):
            return cut(run)
        return [word for piece in _JIEBA_PIECE.findall(run) for word in cut(piece)]


@lru_cache(maxsize=2)
def _segmenter_with(added: Additions) -> _Segmenter:
    return _Segmenter(technical_terms())


def _segmenter() -> _Segmenter:
    return _segmenter_with(additions())


_thread = threading.local()


def _to_simplified(text: str) -> str:
    converter = getattr(_thread, "converter", None)
    if converter is None:
        converter = _thread.converter = opencc.OpenCC("t2s")
    return converter.convert(text)


@lru_cache(maxsize=256)
def normalise(text: str) -> str:
    """Return `text` in half-width, lower-case, simplified form (NFKC, so ㎡ becomes m2 and ℃ becomes °c).

    Remembered for a while: words, characters and pairs of a document are taken from the same texts.
    """
    folded = unicodedata.normalize("NFKC", text).lower()
    # Greek and Latin lower case may undo the composition; a lone surrogate would not survive UTF-8.
    folded = folded.encode("utf-8", "ignore").decode("utf-8")
    if folded.isascii():
        return folded
    return _to_simplified(folded)


def _latin_tokens(token: str) -> list[str]:
    """Return a compound and everything it should be found by: wi-fi, wi, fi, wifi; 60hrc, 60, hrc; 3.5."""
    if len(token) > _MAX_TOKEN:
        return []
    found = [token]
    if token[-1] == "%":
        found.append(token[:-1])
    bare = token.rstrip("%")
    if _JOINER.search(bare) and not re.fullmatch(r"[\d.]+", bare):
        found.append(_JOINER.sub("", bare))
        found.extend(part for part in re.split(r"[\-_]", bare) if part)
    found.extend(part for part in _PART.findall(bare) if part != bare)
    return list(dict.fromkeys(found))


def words(text: str) -> list[str]:
    """Return the words a document is found by, in reading order, with shorter words inside longer ones.

    jieba's search mode for Han; Latin and digit compounds whole and in parts. Repeats are kept: they are the
    term frequency.
    """
    found: list[str] = []
    segmenter = _segmenter()
    for match in _TOKEN.finditer(normalise(text)):
        if match.lastgroup == "han":
            found.extend(segmenter.search_words(match.group()))
        elif match.lastgroup == "latin":
            found.extend(_latin_tokens(match.group()))
        else:
            found.append(match.group())
    return found


def cut(text: str, touching: Set[str] | None = None) -> list[str]:
    """Return the words of `text` without overlap (what a person would read), compounds whole.

    With `touching`, runs of Han that have none of these characters are left out: they need not be taken apart.
    """
    found: list[str] = []
    for match in _TOKEN.finditer(normalise(text)):
        token = match.group()
        if match.lastgroup == "han":
            if touching is None or not touching.isdisjoint(token):
                found.extend(_segmenter().words(token))
        elif len(token) <= _MAX_TOKEN:
            found.append(token)
    return found


def unsearchable(text: str) -> list[str]:
    """Return the pieces of `text` that are letters or pictures to a reader and no token to us, in reading order.

    Other scripts, emoji, runs too long to be words. Punctuation and signs of arithmetic say nothing by themselves.
    """
    normal = normalise(text)
    rest = _TOKEN.sub(lambda match: match.group() if len(match.group()) > _MAX_TOKEN else " ", normal)
    return ["".join(run) for speaks, run in groupby(rest, _says_something) if speaks]


def _says_something(sign: str) -> bool:
    return unicodedata.category(sign)[0] in "LNM" or unicodedata.category(sign) in ("So", "Cn", "Co")


def tiles(word: str) -> list[str]:
    """Split a long Han word into the shorter words it is made of (废水处理 → 废水, 处理); [] when it is not."""
    if len(word) <= _LONGEST_SINGLE:
        return []
    pieces = sorted(
        (piece for piece in _segmenter().search_words(word) if piece != word and len(piece) > 1), key=len
    )
    found: list[str] = []
    rest = word
    while rest:
        piece = next((piece for piece in reversed(pieces) if rest.startswith(piece)), None)
        if piece is None:
            return []
        found.append(piece)
        rest = rest.removeprefix(piece)
    return found


def token_parts(token: str) -> list[str]:
    """Split a Latin or digit compound into letters and numbers: 60hrc → 60, hrc; a plain token → itself."""
    return _PART.findall(token) or [token]


def characters(text: str) -> list[str]:
    """Return single Han characters and whole Latin or digit tokens, in reading order."""
    return character_tokens(normalise(text))


def character_tokens(normal: str) -> list[str]:
    """Return the characters of a text that is normalised already."""
    found = _CHARACTER.findall(normal)
    if max(map(len, found), default=0) <= _MAX_TOKEN:
        return found
    return [token for token in found if len(token) <= _MAX_TOKEN]


def sentences(text: str) -> list[list[str]]:
    """Return the characters of each sentence that has any; all together they are the `characters` of the text."""
    return list(filter(None, map(character_tokens, _BREAK.split(normalise(text)))))


def bigrams(text: str) -> list[str]:
    """Return the pairs of neighbouring Han characters inside each run of Han."""
    return pair_tokens(normalise(text))


def pair_tokens(normal: str) -> list[str]:
    """Return the pairs of a text that is normalised already."""
    runs = _HAN_RUN.findall(normal)
    return [run[i : i + 2] for run in runs for i in range(len(run) - 1)]


def is_han(token: str) -> bool:
    """Tell whether `token` consists of Han characters only."""
    return _HAN_RUN.fullmatch(token) is not None


def warm_up() -> None:
    """Read the dictionary and the table of traditional characters now (a tenth of a second), not in a request."""
    cut("预热")
