"""Reading what people and other programs write into cells: money, days, periods, lists, glued words.

Each function returns a value or raises Unsuitable with a sentence that says what would be right. Nothing is
guessed: an amount without a unit or a day that does not exist is refused.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from marketplace import money
from marketplace.importing.problems import Unsuitable, quoted

_PRICE_FORM = "写成 45万元、45万元-60万元、面议 或 面议（45万元-60万元）"
_DAY_FORM = "写成 2026-03-31"
_PERIOD_FORM = "写成 2026-01-01至2026-12-31"

_AMOUNT = r"([0-9][0-9,]*(?:\.[0-9]+)?)(亿元?|万元?|元)?"
_BAND = re.compile(rf"[¥￥]?{_AMOUNT}(?:(?:-|~|～|—+|–|至|到)[¥￥]?{_AMOUNT})?")
_UNITS = {"亿": money.FEN_PER_YI_YUAN, "万": money.FEN_PER_WAN_YUAN, "元": money.FEN_PER_YUAN}
_LONGEST_NUMBER = 24

# A clock time may be glued to the day (“2020-01-1310:49:39.0”): the day ends before an hour or no digit.
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})(?=\d{2}:|\D|$)日?")
_COMPACT_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})")

_SEPARATORS = re.compile(r"[,，、;；|｜\n]+")
_NAME_SEPARATORS = re.compile(r"[,，;；|｜\n]+")
_SENTENCE_SEPARATORS = re.compile(r"[;；|｜\n]+")
_ROWS = re.compile(r"[;；\n]+")
_CELLS = re.compile(r"[|｜]")
_YES = frozenset({"是", "yes", "y", "true", "1", "√", "有"})
_NO = frozenset({"否", "no", "n", "false", "0", "×", "无"})


@dataclass(frozen=True)
class Price:
    """A price as stated: both ends in fen (equal for a fixed price, None when not stated), 面议 or not."""

    low_fen: int | None
    high_fen: int | None
    negotiable: bool


def price(text: str) -> Price:
    """“45万元”, “100.0万元-200.0万元”, “300000元”, “面议”, “面议（45-60万元）”."""
    typed = money.clean(text)
    stated = typed.replace("面议", "").strip("()，,:;；")
    negotiable = "面议" in typed
    if negotiable and not stated:
        return Price(None, None, True)
    found = _BAND.fullmatch(stated)
    if found is None:
        raise Unsuitable(_PRICE_FORM)
    low_text, low_unit, high_text, high_unit = found.groups()
    if not (low_unit or high_unit):
        raise Unsuitable(f"写明单位，{_PRICE_FORM}")
    low = _fen(low_text, low_unit or high_unit)
    high = _fen(high_text, high_unit or low_unit) if high_text else low
    if low > high:
        raise Unsuitable(f"下限不能高于上限；{_PRICE_FORM}")
    return Price(low, high, negotiable)


def _fen(number: str, unit: str) -> int:
    if len(number) > _LONGEST_NUMBER:
        raise Unsuitable(_PRICE_FORM)
    amount = Decimal(number.replace(",", "")) * _UNITS[unit[0]]
    if amount != amount.to_integral_value() or amount >= money.AMOUNT_LIMIT_FEN:
        raise Unsuitable(f"金额精确到分、小于一亿亿元；{_PRICE_FORM}")
    return int(amount)


def day(text: str) -> date:
    """“2026-03-31”, “2026/3/31”, “2026年3月31日”, “20260331”, with or without a clock time behind."""
    found = _DAY.match(text.strip()) or _COMPACT_DAY.fullmatch(text.strip())
    if found is None:
        raise Unsuitable(_DAY_FORM)
    return _real_day(found, _DAY_FORM)


def period(text: str) -> tuple[date | None, date | None]:
    """First and last day of “…至…”; either side may be missing, clock times are left out."""
    typed = text.strip()
    found = [_real_day(match, _PERIOD_FORM) for match in _DAY.finditer(typed)]
    if len(found) > 2 or (not found and typed.strip("至到 ")):
        raise Unsuitable(_PERIOD_FORM)
    if not found:
        return None, None
    if len(found) == 1:
        return (None, found[0]) if typed[0] in "至到" else (found[0], None)
    if found[0] > found[1]:
        raise Unsuitable(f"第一天不能晚于最后一天；{_PERIOD_FORM}")
    return found[0], found[1]


def _real_day(found: re.Match[str], form: str) -> date:
    try:
        return date(*map(int, found.groups()))
    except ValueError as error:
        raise Unsuitable(f"填写日历上有的日子；{form}") from error


def whole_number(text: str, least: int, most: int) -> int:
    """A whole number within bounds."""
    typed = money.clean(text)
    if not re.fullmatch(r"[0-9]{1,18}", typed) or not least <= int(typed) <= most:
        raise Unsuitable(f"填写 {least} 到 {most} 的整数")
    return int(typed)


def yes_no(text: str) -> bool:
    """“是” or “否”, and the usual signs for them."""
    typed = money.clean(text).lower()
    if typed in _YES:
        return True
    if typed in _NO:
        return False
    raise Unsuitable("填写 是 或 否")


def words(text: str) -> tuple[str, ...]:
    """The parts of a list written with commas, 顿号, semicolons, bars or line breaks; each once."""
    return _parts(_SEPARATORS, text)


def names(text: str) -> tuple[str, ...]:
    """The same for names that may hold a 顿号 themselves (“农、林、牧、渔业”)."""
    return _parts(_NAME_SEPARATORS, text)


def phrases(text: str) -> tuple[str, ...]:
    """The same for phrases that may hold commas; semicolons, bars and line breaks part them."""
    return _parts(_SENTENCE_SEPARATORS, text)


def _parts(separators: re.Pattern[str], text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in separators.split(text) if part.strip()))


def rows(text: str, most_cells: int) -> list[list[str]]:
    """Small tables in one cell: rows end with a semicolon or a line break, cells with a bar."""
    made = [[cell.strip() for cell in _CELLS.split(line)] for line in _ROWS.split(text) if line.strip()]
    if any(len(cells) > most_cells for cells in made):
        raise Unsuitable(f"每行最多 {most_cells} 格，用 | 隔开，行与行用分号隔开")
    return made


def glued(text: str, known: Iterable[str]) -> tuple[tuple[str, ...], str]:
    """Known words in a text that runs them together (“完全转让许可转让”), longest first, and what is left.

    Separators between the words do not matter.
    """
    by_length = sorted((word for word in known if word), key=len, reverse=True)
    found: list[str] = []
    rest: list[str] = []
    position = 0
    while position < len(text):
        word = next((w for w in by_length if text.startswith(w, position)), None)
        if word is None:
            rest.append(text[position])
            position += 1
        else:
            found.append(word)
            rest.append(" ")
            position += len(word)
    left = _SEPARATORS.sub(" ", "".join(rest)).replace("/", " ")
    return tuple(dict.fromkeys(found)), " ".join(left.split())


def within(text: str, longest: int) -> str:
    """The text without control characters. Raises Unsuitable when it is too long."""
    cleaned = printable(text)
    if len(cleaned) > longest:
        raise Unsuitable(f"最多 {longest:,} 个字")
    return cleaned


def printable(text: str) -> str:
    """The text without control characters other than tabs and line breaks, trimmed."""
    kept = (c for c in text if c in "\t\n" or unicodedata.category(c) not in ("Cc", "Cs", "Co"))
    return "".join(kept).strip()


def name_key(name: str) -> str:
    """A name for comparison: punctuation, spaces and width do not matter."""
    return "".join(c for c in unicodedata.normalize("NFKC", name).casefold() if c.isalnum())


def named(text: str, choices: dict[str, str], what: str) -> str:
    """The code behind a code or a name from a short list."""
    key = name_key(text)
    for code, name in choices.items():
        if key in (name_key(code), name_key(name)):
            return code
    raise Unsuitable(f"{what}应为：{'、'.join(choices.values())}")


def wrong(text: str) -> str:
    """The sentence for a cell that could not be read."""
    return f"{quoted(text)}无法识别"
