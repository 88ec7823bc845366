"""Money: integer fen everywhere inside, text only at the edges.

Reads what people type (万元 or 元), writes what they read, spells amounts out in capitals, and holds the four
roundings that the law asks for: “最高” down, “不低于” up, taxes half up, shares by largest remainder
(domain.md 0.2-4). No float ever holds an amount. Pure.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NewType

from marketplace.errors import N_

#: An amount in fen. Facts and results of the policy engine declare their amounts with it.
Fen = NewType("Fen", int)

FEN_PER_YUAN = 100
FEN_PER_WAN_YUAN = 1_000_000
FEN_PER_YI_YUAN = 10_000_000_000
BASIS_POINTS = 10_000

#: First amount that can no longer be typed, stored (64-bit columns) or spelt out: 10^16 yuan.
AMOUNT_LIMIT_FEN = 10**16 * FEN_PER_YUAN

_FULL_WIDTH_TO_ASCII = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_TYPED_AMOUNT = re.compile(r"(?P<whole>[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.(?P<part>[0-9]+))?")


class MoneyError(ValueError):
    """An amount that cannot be read or shown; its text is a Chinese sentence saying what would be right."""


# --- what people type ---------------------------------------------------------------------------------------


def clean(text: str) -> str:
    """Full-width ASCII to half-width, all white space removed, upper case (policy.md 1.6)."""
    half_width = text.translate(_FULL_WIDTH_TO_ASCII)
    return "".join(character for character in half_width if not character.isspace()).upper()


@dataclass(frozen=True, slots=True)
class _Unit:
    """A unit of typing: its decimals down to the fen, and whole sentences, each a message to translate."""

    suffix: str
    decimals: int
    empty: str
    unreadable: str
    too_fine: str
    other_unit: str


_YUAN = _Unit(
    suffix="元",
    decimals=2,
    empty=N_("请填写金额，单位为元，如 305,000.00。"),
    unreadable=N_("金额只能写数字、小数点和千位分隔逗号，单位为元，如 305,000.00。"),
    too_fine=N_("以元为单位的金额最多写 2 位小数（精确到分）。"),
    other_unit=N_("这里的单位是元，请换算成元后只填写数字，如 305,000.00。"),
)
_WAN_YUAN = _Unit(
    suffix="万",
    decimals=6,
    empty=N_("请填写金额，单位为万元，如 30.5。"),
    unreadable=N_("金额只能写数字、小数点和千位分隔逗号，单位为万元，如 30.5。"),
    too_fine=N_("以万元为单位的金额最多写 6 位小数（精确到分）。"),
    other_unit=N_("这里的单位是万元，请换算成万元后只填写数字，如 30.5。"),
)
_NEGATIVE = N_("金额不能为负数，请填写大于或等于 0 的数。")
_TOO_LARGE = N_("金额过大，请填写小于一亿亿元的数。")
#: Longer runs of digits are refused before they are turned into a number (int() is quadratic).
_MAX_DIGITS = 40


def parse_yuan(text: str) -> int:
    """Read an amount typed in yuan (at most 2 decimals, thousands separators allowed); return fen.

    Raises MoneyError for anything else, a negative amount included.
    """
    return _parse(text, _YUAN)


def parse_wan_yuan(text: str) -> int:
    """Read an amount typed in 万元 (at most 6 decimals, that is one fen); return fen.

    Raises MoneyError for anything else, a negative amount included.
    """
    return _parse(text, _WAN_YUAN)


def _parse(text: str, unit: _Unit) -> int:
    typed = _without_unit(clean(text), unit)
    if not typed:
        raise MoneyError(unit.empty)
    found = _TYPED_AMOUNT.fullmatch(typed.lstrip("-−"))
    if found is None:
        raise MoneyError(unit.unreadable)
    if typed[0] in "-−":
        raise MoneyError(_NEGATIVE)
    part = found["part"] or ""
    if len(part) > unit.decimals:
        raise MoneyError(unit.too_fine)
    if len(found["whole"]) > _MAX_DIGITS:
        raise MoneyError(_TOO_LARGE)
    fen = int(found["whole"].replace(",", "") + part.ljust(unit.decimals, "0"))
    if fen >= AMOUNT_LIMIT_FEN:
        raise MoneyError(_TOO_LARGE)
    return fen


def _without_unit(typed: str, unit: _Unit) -> str:
    """Drop a leading ¥ and a trailing unit; a unit other than the one asked for is a mistake worth naming."""
    bare = typed.removeprefix("¥").removeprefix("￥")
    number = bare.removesuffix("元")
    if number[-1:] in ("万", "亿"):
        number, suffix = number[:-1], number[-1]
    else:
        suffix = "元" if number != bare else unit.suffix
    if suffix != unit.suffix:
        raise MoneyError(unit.other_unit)
    return number


# --- what people read ---------------------------------------------------------------------------------------


def plain_yuan(fen: int) -> str:
    """Yuan with two decimals and no separators (`"550000.00"`): the form of files and policy cases."""
    # Decimal writes integers of any length; str() refuses those of more than 4,300 digits.
    whole, part = divmod(abs(fen), FEN_PER_YUAN)
    return f"{'-' if fen < 0 else ''}{Decimal(whole):f}.{part:02d}"


def parse_plain_yuan(text: str) -> int:
    """Read the form that `plain_yuan` writes; return fen. The caller has checked the form."""
    whole, _, part = text.partition(".")
    return int(Decimal(whole + part))


def format_yuan(fen: int) -> str:
    """Yuan for deciding: `"550,000.00"`, exact to the fen, negative with a minus sign."""
    return f"{_minus(fen)}{abs(fen) // FEN_PER_YUAN:,}.{abs(fen) % FEN_PER_YUAN:02d}"


def format_wan_yuan(fen: int, to_fen: int | None = None, *, min_decimals: int = 0) -> str:
    """万元 for reading, exact, trailing zeros trimmed; a band as `"45–60"`.

    In columns give `min_decimals=2`, so that figures align: `"45.00"`, `"12.345678"`.
    """
    return _band(fen, to_fen, lambda amount: _exact(amount, FEN_PER_WAN_YUAN, 6, min_decimals))


def format_whole_yuan(fen: int, to_fen: int | None = None) -> str:
    """Yuan for reading, exact, without decimals where there are no fen: `"550,000"`, `"450,000–600,000.50"`."""
    return _band(fen, to_fen, lambda amount: format_yuan(amount).removesuffix(".00"))


def format_yi(fen: int, decimals: int = 2) -> str:
    """亿元 for totals, rounded half up to `decimals` places (display only, never to decide)."""
    scale = 10**decimals
    rounded = half_up_div(abs(fen) * scale, FEN_PER_YI_YUAN)
    whole, part = divmod(rounded, scale)
    digits = f".{part:0{decimals}d}" if decimals else ""
    return f"{_minus(fen) if rounded else ''}{whole:,}{digits}"


def _exact(fen: int, unit_fen: int, max_decimals: int, min_decimals: int) -> str:
    whole, part = divmod(abs(fen), unit_fen)
    digits = f"{part:0{max_decimals}d}".rstrip("0").ljust(min_decimals, "0")
    return f"{_minus(fen)}{whole:,}{'.' + digits if digits else ''}"


def _band(fen: int, to_fen: int | None, shown: Callable[[int], str]) -> str:
    """One figure, or two where they differ to the reader."""
    low = shown(fen)
    high = low if to_fen is None else shown(to_fen)
    return low if high == low else f"{low}–{high}"


def _minus(fen: int) -> str:
    return "−" if fen < 0 else ""


# --- rounding and sharing -----------------------------------------------------------------------------------


def floor_bp(fen: int, basis_points: int) -> int:
    """`fen` × rate, rounded down to the fen: “最高”, “不超过”."""
    return fen * basis_points // BASIS_POINTS


def ceil_bp(fen: int, basis_points: int) -> int:
    """`fen` × rate, rounded up to the fen: “不低于”."""
    return -(-fen * basis_points // BASIS_POINTS)


def half_up_bp(fen: int, basis_points: int) -> int:
    """`fen` × rate, rounded half up to the fen: taxes. `fen` must not be negative."""
    return half_up_div(fen * basis_points, BASIS_POINTS)


def half_up_div(numerator: int, denominator: int) -> int:
    """numerator ÷ denominator rounded half up; both non-negative, denominator > 0."""
    if numerator < 0 or denominator <= 0:
        raise MoneyError(N_("四舍五入只用于非负数。"))
    return (2 * numerator + denominator) // (2 * denominator)


def floor_to_unit(fen: int, unit_fen: int) -> int:
    """Round down to a whole multiple of `unit_fen` (1 = fen, 100 = yuan, 1,000,000 = 万元)."""
    return fen - fen % unit_fen


def largest_remainder(
    total: int, weights: Sequence[int], tie_keys: Sequence[object] | None = None
) -> list[int]:
    """Share `total` over `weights` so that the parts sum to it exactly (policy.md 1.5).

    Each part is floor(total × weight / Σ weights); the fen left over go one each to the largest remainders,
    ties in the order of `tie_keys` (default: place in the list). Raises MoneyError if the weights sum to 0.
    """
    if total < 0 or any(weight < 0 for weight in weights) or sum(weights) <= 0:
        raise MoneyError(N_("分摊需要非负的总额和至少一个大于 0 的权重。"))
    whole = sum(weights)
    parts = [total * weight // whole for weight in weights]
    keys = range(len(weights)) if tie_keys is None else tie_keys
    ranked = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), keys[i]))
    for i in ranked[: total - sum(parts)]:
        parts[i] += 1
    return parts


# --- amounts in words ---------------------------------------------------------------------------------------

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("仟", "佰", "拾", "")
_SAME_WORD = str.maketrans("圆圓正萬億貳貮參叄陸", "元元整万亿贰贰叁叁陆")


def amount_in_words(fen: int) -> str:
    """The amount in Chinese capitals: 107000.53 yuan is 壹拾万柒仟元伍角叁分 (policy.md 8).

    Raises MoneyError for a negative amount or one of 10^16 yuan and more.
    """
    if not 0 <= fen < AMOUNT_LIMIT_FEN:
        raise MoneyError(N_("只能写出不小于 0、小于一亿亿元的金额大写。"))
    yuan, cents = divmod(fen, FEN_PER_YUAN)
    jiao, last = divmod(cents, 10)
    if not cents:
        return f"{_yuan_in_words(yuan)}元整"
    words = f"{_yuan_in_words(yuan)}元" if yuan else ""
    if jiao:
        words += f"{_DIGITS[jiao]}角"
    elif yuan:
        words += "零"
    return words + (f"{_DIGITS[last]}分" if last else "")


def words_match(fen: int, text: str) -> bool:
    """Whether `text` says the same amount, allowing for the usual ways of writing it (policy.md 8)."""
    return _comparable(amount_in_words(fen)) == _comparable(text)


def _yuan_in_words(yuan: int) -> str:
    if not yuan:
        return "零"
    hundred_millions, rest = divmod(yuan, 10**8)
    return _join(hundred_millions, "亿", rest, 10**7, _below_hundred_million)


def _below_hundred_million(number: int) -> str:
    ten_thousands, rest = divmod(number, 10**4)
    return _join(ten_thousands, "万", rest, 10**3, _four_digits)


def _join(high: int, unit: str, low: int, full_from: int, spell_low: Callable[[int], str]) -> str:
    """`high` in front of its unit, then `low`; 零 between them when the leading digit of `low` is 0."""
    spell_high = _below_hundred_million if unit == "亿" else _four_digits
    words = f"{spell_high(high)}{unit}" if high else ""
    if not low:
        return words
    return words + ("零" if high and low < full_from else "") + spell_low(low)


def _four_digits(number: int) -> str:
    words, gap = "", False
    for digit, place in zip(f"{number:04d}", _PLACES, strict=True):
        if digit == "0":
            gap = bool(words)
            continue
        words += ("零" if gap else "") + _DIGITS[int(digit)] + place
        gap = False
    return words


def _comparable(text: str) -> str:
    bare = clean(text).removeprefix("人民币")
    bare = bare[1:] if bare[:1] in ("¥", "￥") else bare
    bare = bare.translate(_SAME_WORD).replace("零", "")
    return bare.removesuffix("整").removeprefix("元")
