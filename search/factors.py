"""What a pair's score is made of: one table of weights, one function per factor, and the hard conflicts.

The score is the weighted mean of the parts that both sides state, each between 0 and 1 (design/search.md
section 3, step 3). The text carries most of the weight, because it is the only part that was measured against
human judgments; the others order what is already alike and explain it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from typing import Any

from search.apportion import points_and_maxima
from search.indicators import IndicatorResult, Necessity, Outcome
from search.match_result import Conflict, ConflictKind, Factor, MatchSubject, Part

# The only place weights stand. They add up to 100 when everything is known.
WEIGHTS: dict[Factor, float] = {
    Factor.INDICATORS: 20.0,
    Factor.TEXT: 55.0,
    Factor.FIELD: 10.0,
    Factor.MATURITY: 4.0,
    Factor.PRICE: 4.0,
    Factor.MODE: 3.0,
    Factor.REGION: 2.0,
    Factor.FRESHNESS: 2.0,
}
_NECESSITY_WEIGHT = {Necessity.MUST: 2.0, Necessity.WISH: 1.0}
_NO_OUTCOMES = {outcome.value: 0 for outcome in Outcome}
# Fit by how many levels the achievement is below the wanted maturity.
_MATURITY_FIT = (1.0, 0.6, 0.3, 0.0)
# Fit by how many digits of the GB/T 2260 code agree: county, league or city, region, elsewhere.
_REGION_FIT = ((6, 1.0, "county"), (4, 0.8, "city"), (2, 0.5, "province"), (0, 0.2, "elsewhere"))
_FRESH_DAYS, _STALE_DAYS = 30, 180
_PARTLY_AFFORDABLE = 0.7


@dataclass(frozen=True, slots=True)
class Assessment:
    """One factor's value (None: not known), its weight here and the facts behind it."""

    factor: Factor
    value: float | None
    weight: float
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Pair:
    """A demand, an achievement, and what was already found out about the two."""

    demand: MatchSubject
    achievement: MatchSubject
    text_score: float
    indicators: tuple[IndicatorResult, ...]
    today: date | None


def assess(pair: Pair) -> list[Assessment]:
    """Return every factor's assessment in the order of the card."""
    return [_ASSESSORS[factor](pair) for factor in Factor]


def reassess(assessments: Sequence[Assessment], pair: Pair, factor: Factor) -> list[Assessment]:
    """Return the assessments of a pair that differs from theirs in what this one factor looks at."""
    return [_ASSESSORS[factor](pair) if item.factor is factor else item for item in assessments]


def total_score(assessments: Sequence[Assessment]) -> float:
    """Return the weighted mean of the known values as 0–100."""
    known = [item for item in assessments if item.value is not None]
    weight = sum(item.weight for item in known)
    return 100 * sum(item.weight * (item.value or 0.0) for item in known) / weight if weight else 0.0


def card_parts(assessments: Sequence[Assessment], headline: int) -> tuple[Part, ...]:
    """Give every part its whole points; unknown parts have none and no maximum."""
    known = [item for item in assessments if item.value is not None]
    weight = sum(item.weight for item in known)
    maxima = [100 * item.weight / weight for item in known]
    gained = [top * (item.value or 0.0) for top, item in zip(maxima, known, strict=True)]
    shown: Mapping[object, tuple[int, int]] = dict(
        zip((item.factor for item in known), points_and_maxima(gained, maxima, headline), strict=True)
    )
    return tuple(
        Part(
            factor=item.factor,
            weight=item.weight,
            value=item.value,
            points=shown.get(item.factor, (0, 0))[0],
            maximum=shown.get(item.factor, (0, 0))[1],
            facts=item.facts,
        )
        for item in assessments
    )


def _known(factor: Factor, value: float, **facts: Any) -> Assessment:
    return Assessment(factor, min(1.0, max(0.0, value)), WEIGHTS[factor], facts)


def _unknown(factor: Factor, **facts: Any) -> Assessment:
    return Assessment(factor, None, WEIGHTS[factor], facts)


def _text(pair: Pair) -> Assessment:
    return _known(Factor.TEXT, pair.text_score / 100, score=pair.text_score)


def _indicators(pair: Pair) -> Assessment:
    """Mean fit of the indicators that can be compared; the weight shrinks with those that cannot.

    So an owner who states one of three indicators is never worse off than one who states none. Figures that are
    withheld count for nothing: from the points of a shortfall they could be worked out.
    """
    counts = dict(_NO_OUTCOMES)
    known = whole = fit = 0.0
    for result in pair.indicators:
        weight = _NECESSITY_WEIGHT[result.demanded.necessity]
        counts[result.outcome.value] += 1
        whole += weight
        if result.fit is not None:
            known += weight
            fit += weight * result.fit
    if not known or pair.achievement.indicators_withheld:
        return _unknown(Factor.INDICATORS, **counts)
    return Assessment(Factor.INDICATORS, fit / known, WEIGHTS[Factor.INDICATORS] * known / whole, counts)


def _code_likeness(left: Set[str], right: Set[str]) -> float | None:
    """Return the shared share of the shorter list: a coarse code is fully met by a finer one below it."""
    if not left or not right:
        return None
    return len(left & right) / min(len(left), len(right))


def _field(pair: Pair) -> Assessment:
    sides = (pair.demand, pair.achievement)
    fields = [frozenset(side.field_codes) for side in sides]
    industries = [frozenset(side.industry_codes) for side in sides]
    alike = (_code_likeness(*fields), _code_likeness(*industries))
    values = [value for value in alike if value is not None]
    if not values:
        return _unknown(Factor.FIELD)
    return _known(
        Factor.FIELD,
        sum(values) / len(values),
        shared_fields=sorted(fields[0] & fields[1]),
        shared_industries=sorted(industries[0] & industries[1]),
    )


def _maturity(pair: Pair) -> Assessment:
    wanted, offered = pair.demand.trl, pair.achievement.trl
    if wanted is None or offered is None:
        return _unknown(Factor.MATURITY, wanted=wanted, offered=offered)
    gap = min(max(0, wanted - offered), len(_MATURITY_FIT) - 1)
    return _known(Factor.MATURITY, _MATURITY_FIT[gap], wanted=wanted, offered=offered)


def asked_price(subject: MatchSubject) -> tuple[int, int] | None:
    """Return the lowest and highest price in fen, or None when neither is stated."""
    low, high = subject.price_min_fen, subject.price_max_fen
    if low is None and high is None:
        return None
    return (low if low is not None else high or 0, high if high is not None else low or 0)


def budget_limit(subject: MatchSubject) -> int | None:
    """Return the most a demand will pay, in fen (a single stated figure is the limit)."""
    return subject.price_max_fen if subject.price_max_fen is not None else subject.price_min_fen


def _price(pair: Pair) -> Assessment:
    limit, asked = budget_limit(pair.demand), asked_price(pair.achievement)
    facts = {
        "budget_max_fen": limit,
        "asked_min_fen": asked and asked[0],
        "asked_max_fen": asked and asked[1],
    }
    if limit is None or asked is None:
        return _unknown(Factor.PRICE, **facts)
    low, high = asked
    facts["over_fen"] = max(0, low - limit)
    if high <= limit:
        return _known(Factor.PRICE, 1.0, **facts)
    if low <= limit:
        return _known(Factor.PRICE, _PARTLY_AFFORDABLE, **facts)
    # Falls with the square: a tenth over the budget is a talk, twice the budget is not.
    return _known(Factor.PRICE, min(_PARTLY_AFFORDABLE, (limit / low) ** 2), **facts)


def _mode(pair: Pair) -> Assessment:
    wanted, offered = pair.demand.modes, pair.achievement.modes
    shared = [mode for mode in wanted if mode in offered]
    facts = {"shared": shared, "wanted": list(wanted), "offered": list(offered)}
    if not wanted or not offered:
        return _unknown(Factor.MODE, **facts)
    return _known(Factor.MODE, 1.0 if shared else 0.0, **facts)


def _region(pair: Pair) -> Assessment:
    wanted, offered = _digits(pair.demand.region_code), _digits(pair.achievement.region_code)
    facts = {"wanted": pair.demand.region_code, "offered": pair.achievement.region_code}
    if not wanted or not offered:
        return _unknown(Factor.REGION, **facts)
    depth = min(len(wanted), len(offered))
    for digits, value, nearness in _REGION_FIT:
        if digits <= max(depth, 0) and wanted[:digits] == offered[:digits]:
            # A code of a whole region is fully met by every place inside it.
            whole = digits == depth
            return _known(Factor.REGION, 1.0 if whole and digits else value, nearness=nearness, **facts)
    raise AssertionError("the last row of the table fits every pair of codes")


def _digits(code: str | None) -> str:
    """Return a GB/T 2260 code without the zeros for "the whole of it": 150000 → 15, 150200 → 1502."""
    digits = (code or "").strip()
    while len(digits) > 2 and digits.endswith("00"):
        digits = digits[:-2]
    return digits


def _freshness(pair: Pair) -> Assessment:
    dates = [side.confirmed_on for side in (pair.demand, pair.achievement) if side.confirmed_on is not None]
    if pair.today is None or not dates:
        return _unknown(Factor.FRESHNESS)
    older = min(dates)
    days = max(0, (pair.today - older).days)
    value = 1 - (days - _FRESH_DAYS) / (_STALE_DAYS - _FRESH_DAYS)
    return _known(Factor.FRESHNESS, value, confirmed_on=older.isoformat(), days=days)


_ASSESSORS: dict[Factor, Callable[[Pair], Assessment]] = {
    Factor.INDICATORS: _indicators,
    Factor.TEXT: _text,
    Factor.FIELD: _field,
    Factor.MATURITY: _maturity,
    Factor.PRICE: _price,
    Factor.MODE: _mode,
    Factor.REGION: _region,
    Factor.FRESHNESS: _freshness,
}


def conflicts(pair: Pair) -> list[Conflict]:
    """Return the contradictions of a pair; they are shown beside the score and do not change it."""
    found = []
    wanted, offered = pair.demand.modes, pair.achievement.modes
    if wanted and offered and not set(wanted) & set(offered):
        facts: dict[str, Any] = {"wanted": list(wanted), "offered": list(offered)}
        found.append(Conflict(ConflictKind.NO_COMMON_MODE, facts))
    limit, asked = budget_limit(pair.demand), asked_price(pair.achievement)
    if limit is not None and asked is not None and asked[0] > limit:
        facts = {"budget_max_fen": limit, "asked_min_fen": asked[0], "over_fen": asked[0] - limit}
        found.append(Conflict(ConflictKind.OVER_BUDGET, facts))
    level, least = pair.achievement.trl, pair.demand.trl
    if level is not None and least is not None and level < least:
        found.append(Conflict(ConflictKind.IMMATURE, {"wanted": least, "offered": level}))
    for result in pair.indicators:
        if result.outcome is Outcome.CONFLICT and result.demanded.necessity is Necessity.MUST:
            found.append(Conflict(ConflictKind.INDICATOR, {"name": result.demanded.name}))
    return found
