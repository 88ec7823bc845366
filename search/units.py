"""Units as people write them (万t/a, 立方米/小时, ℃, HRC) and exact conversion between them with pint.

Everything is Decimal. Hardness scales, mesh and counted things have no conversion rule and only compare with
themselves; a unit nobody knows compares with its own spelling.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache, reduce
from tokenize import TokenError

import pint

_MULTIPLIERS = {
    "百": 100,
    "千": 1_000,
    "万": 10_000,
    "百万": 1_000_000,
    "千万": 10_000_000,
    "亿": 100_000_000,
}

# Chinese names, longest first when applied; the right side is pint's spelling.
_CHINESE = {
    "摄氏度": "degC", "立方米": "m**3", "立方厘米": "cm**3", "平方米": "m**2", "平方公里": "km**2",
    "平方厘米": "cm**2", "平方毫米": "mm**2", "千瓦时": "kWh", "兆瓦时": "MWh", "千瓦": "kW", "兆瓦": "MW",
    "兆帕": "MPa", "千帕": "kPa", "吉帕": "GPa", "帕": "Pa", "毫克": "mg", "微克": "ug", "千克": "kg",
    "公斤": "kg", "公里": "km", "千米": "km", "毫米": "mm", "厘米": "cm", "微米": "um", "纳米": "nm",
    "毫升": "mL", "毫秒": "ms", "小时": "hour", "分钟": "minute", "公顷": "hectare", "千赫": "kHz",
    "兆赫": "MHz", "赫兹": "Hz", "毫安时": "mA*hour", "安时": "A*hour", "毫安": "mA", "千伏": "kV", "伏": "V",
    "瓦": "W", "吨": "t", "克": "g", "米": "m", "升": "L", "秒": "s", "天": "day", "日": "day", "年": "year",
    "个月": "month", "月": "month", "亩": "mu_area", "元": "yuan", "转": "revolution", "分": "minute",
    "时": "hour", "目": "mesh", "百分点": "percent_point", "个百分点": "percent_point", "标方": "normal_cubic",
    "标准立方米": "normal_cubic", "牛": "N", "安": "A", "欧": "ohm",
}  # fmt: skip
# Latin spellings that pint reads otherwise or not at all.
_LATIN = {
    "°C": "degC", "℃": "degC", "K": "kelvin", "°F": "degF", "%": "percent_point", "‰": "permille_point",
    "ppm": "ppm_point", "ppb": "ppb_point", "a": "year", "y": "year", "yr": "year", "d": "day", "h": "hour",
    "hr": "hour", "H": "hour", "min": "minute", "rpm": "revolution/minute", "r": "revolution",
    "t": "metric_ton", "T": "metric_ton", "l": "L", "ml": "mL", "ug": "ug", "Ω": "ohm", "ha": "hectare",
    "g": "gram", "m": "meter", "s": "second", "u": "um", "µ": "um", "μ": "um", "°": "degree",
    "Nm": "N*m", "HRC": "hrc", "HRB": "hrb", "HRA": "hra", "HV": "hv", "HB": "hb", "HBW": "hb", "HS": "hs",
    "HD": "hd", "dB": "decibel_level", "pH": "ph_value", "mesh": "mesh", "cP": "mPa*s", "cp": "mPa*s",
    "MΩ": "Mohm", "kΩ": "kohm", "mΩ": "mohm", "CFU": "colony", "cfu": "colony", "IU": "activity_unit",
    "kgce": "kg_coal", "tce": "t_coal", "gce": "g_coal",
}  # fmt: skip
# Capitals typed carelessly, where only one reading makes sense in engineering.
_CARELESS = {
    "mpa": "MPa", "kpa": "kPa", "gpa": "GPa", "pa": "Pa", "kw": "kW", "kwh": "kWh", "kv": "kV", "hz": "Hz",
    "khz": "kHz", "mhz": "MHz", "ghz": "GHz", "mm": "mm", "cm": "cm", "um": "um", "nm": "nm", "km": "km",
    "kg": "kg", "mg": "mg", "wh": "Wh", "mah": "mA*hour", "ah": "A*hour", "db": "decibel_level",
    "ppm": "ppm_point", "rpm": "revolution/minute", "hrc": "hrc", "hv": "hv", "hb": "hb", "ph": "ph_value",
}  # fmt: skip
_OWN_DEFINITIONS = (
    "percent_point = [share]", "permille_point = 0.1 percent_point", "ppm_point = 0.0001 percent_point",
    "ppb_point = 0.0000001 percent_point", "yuan = [money]", "mesh = [mesh]", "hrc = [hrc]", "hrb = [hrb]",
    "hra = [hra]", "hv = [hv]", "hb = [hb]", "hs = [hs]", "hd = [hd]", "decibel_level = [loudness]",
    "ph_value = [acidity]", "normal_cubic = [normal_volume]", "colony = [colony]",
    "activity_unit = [activity_unit]", "g_coal = [coal]", "kg_coal = 1000 g_coal", "t_coal = 1000000 g_coal",
    "mu_area = 10000/15 * m**2",
)  # fmt: skip

# Spellings rewritten before a unit is taken apart: signs, and names that hold a digit or a bracket.
_SPELLINGS = (
    ("每", "/"), ("·", "*"), ("•", "*"), ("⋅", "*"), ("^", ""), ("Nm3", "标方"), ("dB(A)", "dB"),
)  # fmt: skip
_FACTOR = re.compile(r"[A-Za-zµμΩ°℃%‰]+|[\u4e00-\u9fff]+")
_POWER = re.compile(r"(?<=[A-Za-zµμ\u4e00-\u9fff])\^?(-?[1-9])(?![0-9])")
# What is handed to pint's evaluator: names with one-digit powers, multiplied and divided, one level of
# brackets. Nothing that could compute (9**9**9) gets through.
_ATOM = r"[A-Za-zµμ][A-Za-zµμ_0-9]*(?:\*\*-?[1-9])?"
_SAFE = re.compile(rf"{_ATOM}(?:[*/](?:{_ATOM}|\({_ATOM}(?:[*/]{_ATOM})*\)))*")
_MAX_LENGTH = 40
_CHINESE_PIECE = re.compile("|".join(sorted(_CHINESE, key=len, reverse=True)))


@cache
def _registry() -> pint.UnitRegistry:
    registry = pint.UnitRegistry(non_int_type=Decimal, cache_folder=None, on_redefinition="ignore")
    for definition in _OWN_DEFINITIONS:
        registry.define(definition)
    return registry


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit understood: `factor` times a pint unit, or an opaque spelling when `expression` is None."""

    text: str
    factor: Decimal
    expression: str | None


@lru_cache(maxsize=4_000)
def parse_unit(text: str) -> Unit:
    """Understand a unit. Never raises: what cannot be understood is opaque and equal only to itself."""
    clean = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))
    if clean == "T":  # alone a flux density; with anything beside it (万T, T/h) people mean tons
        return Unit(clean, Decimal(1), "tesla")
    multiplier, rest = _split_multiplier(clean)
    for candidate, factor in ((clean, Decimal(1)), (rest, multiplier)):
        expression = _expression(candidate)
        if expression is not None:
            return Unit(clean, factor, expression)
    return Unit(clean, multiplier, None) if rest else Unit(clean, Decimal(1), None)


def _split_multiplier(text: str) -> tuple[Decimal, str]:
    for word in sorted(_MULTIPLIERS, key=len, reverse=True):
        if text.startswith(word):
            return Decimal(_MULTIPLIERS[word]), text.removeprefix(word)
    return Decimal(1), text


def _expression(text: str) -> str | None:
    """Translate into pint's spelling, or None when a piece is unknown."""
    if not text:
        return "dimensionless"
    if len(text) > _MAX_LENGTH:
        return None
    spelled = reduce(lambda done, pair: done.replace(*pair), _SPELLINGS, text)
    spelled = _POWER.sub(lambda match: f"**{match.group(1)}", spelled)
    try:
        translated = _FACTOR.sub(lambda match: _piece(match.group()), spelled)
        if _SAFE.fullmatch(translated) is None:
            return None
        _registry().parse_units(translated)
    except (KeyError, ValueError, TypeError, SyntaxError, TokenError, pint.PintError):
        return None
    return translated


def _piece(name: str) -> str:
    """Translate one name; raises KeyError when nobody knows it."""
    if name in _LATIN:
        return _LATIN[name]
    if name[0] >= "\u4e00":
        if _CHINESE_PIECE.fullmatch(name) is None:
            raise KeyError(name)
        return _CHINESE[name]
    if name in _registry():
        return name
    return _CARELESS[name.lower()]


def convert(value: Decimal, unit: str, target: str) -> Decimal | None:
    """Return `value` of `unit` expressed in `target`, or None when there is no rule between the two."""
    source, wanted = parse_unit(unit), parse_unit(target)
    if source == wanted or source.text == wanted.text:
        return value
    if source.expression is None or wanted.expression is None:
        return None
    registry = _registry()
    try:
        found = registry.Quantity(value * source.factor, source.expression).to(wanted.expression)
    except pint.PintError:
        return None
    return _tidy(found.magnitude / wanted.factor)


@lru_cache(maxsize=4_000)
def _base_rule(text: str) -> tuple[str, bool]:
    """Return the base unit's spelling of a unit, and whether pint knows how to get there."""
    unit = parse_unit(text)
    if unit.expression is None:
        return unit.text.casefold(), False
    return str(_registry().Quantity(Decimal(1), unit.expression).to_base_units().units), True


def in_base_unit(value: Decimal, unit: str) -> tuple[Decimal, str]:
    """Return a value in the base unit of its dimension, and that unit's spelling (its own, when opaque)."""
    dimension, known = _base_rule(unit)
    if not known:
        return value * parse_unit(unit).factor, dimension
    found = parse_unit(unit)
    return _registry().Quantity(value * found.factor, found.expression).to_base_units().magnitude, dimension


def comparable(unit: str, other: str) -> bool:
    """Tell whether values of the two units can be compared."""
    return convert(Decimal(1), unit, other) is not None


def _tidy(value: Decimal) -> Decimal:
    """Round away the noise of a division (nobody measures 12 digits) and show no exponent."""
    rounded = Decimal(f"{value:.12g}")
    return Decimal(f"{rounded.normalize():f}")
