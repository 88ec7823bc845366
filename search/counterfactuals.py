"""Which single change, in the reader's own hands, would lift a match.

A demand's owner can accept another mode, raise the budget, widen the place, accept an earlier maturity or
loosen an indicator; an achievement's owner can offer another mode or ask less. Nobody is told to change what
the other side decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from search.documents import DEMAND
from search.factors import Assessment, Pair, asked_price, budget_limit, reassess, total_score
from search.indicators import Comparator, DemandIndicator, IndicatorResult, Outcome, compare_all
from search.match_result import Change, Counterfactual, Factor

MOST_CHANGES = 3
#: The one factor that looks at what a change changes.
CONCERNED = {
    Change.MODE: Factor.MODE,
    Change.BUDGET: Factor.PRICE,
    Change.PRICE: Factor.PRICE,
    Change.REGION: Factor.REGION,
    Change.MATURITY: Factor.MATURITY,
    Change.INDICATOR: Factor.INDICATORS,
}


def counterfactuals(pair: Pair, assessments: Sequence[Assessment], reader: str) -> tuple[Counterfactual, ...]:
    """Return the changes that lift the shown score by a point or more, the biggest lift first.

    `assessments` are those of the pair; `reader` is the kind of the reader's own listing.
    """
    before = round(total_score(assessments))
    changes = _demand_changes(pair) if reader == DEMAND else _achievement_changes(pair)
    found = [
        Counterfactual(
            change, facts, before, round(total_score(reassess(assessments, changed, CONCERNED[change])))
        )
        for change, facts, changed in changes
    ]
    better = [item for item in found if item.score_to > item.score_from]
    better.sort(key=lambda item: -item.score_to)
    return tuple(better[:MOST_CHANGES])


_Possible = tuple[Change, dict[str, Any], Pair]


def _demand_changes(pair: Pair) -> Iterator[_Possible]:
    demand, achievement = pair.demand, pair.achievement
    if demand.modes and not set(demand.modes) & set(achievement.modes):
        for mode in achievement.modes[:1]:
            changed = replace(demand, modes=(*demand.modes, mode))
            yield Change.MODE, {"mode": mode}, replace(pair, demand=changed)
    limit, asked = budget_limit(demand), asked_price(achievement)
    if limit is not None and asked is not None and asked[1] > limit:
        # To the price itself when all of it is above the budget, to its upper end when only that is.
        target = asked[0] if asked[0] > limit else asked[1]
        changed = replace(demand, price_max_fen=target)
        yield Change.BUDGET, {"from_fen": limit, "to_fen": target}, replace(pair, demand=changed)
    if demand.region_code is not None:
        changed = replace(demand, region_code=None)
        yield Change.REGION, {"from": demand.region_code}, replace(pair, demand=changed)
    if demand.trl is not None and achievement.trl is not None and achievement.trl < demand.trl:
        changed = replace(demand, trl=achievement.trl)
        facts = {"from": demand.trl, "to": achievement.trl}
        yield Change.MATURITY, facts, replace(pair, demand=changed)
    yield from _loosened_indicators(pair)


def _loosened_indicators(pair: Pair) -> Iterator[_Possible]:
    for position, result in enumerate(pair.indicators):
        looser = loosened(result)
        if looser is None:
            continue
        rows = [item.demanded for item in pair.indicators]
        rows[position] = looser
        results = compare_all(rows, pair.achievement.indicators)
        yield Change.INDICATOR, indicator_facts(result.demanded, looser), replace(pair, indicators=results)


def indicator_facts(before: DemandIndicator, after: DemandIndicator) -> dict[str, Any]:
    """Return what a sentence about a loosened indicator needs."""
    return {
        "name": after.name,
        "comparator": after.comparator.value,
        "unit": after.unit,
        "from": _shown(before),
        "to": _shown(after),
    }


def loosened(result: IndicatorResult) -> DemandIndicator | None:
    """Return the demanded row, loosened just enough to be met by an offer that falls short; else None.

    None, too, where it fits not at all: nobody gives up a limit of 5 ℃ for an offer of 950 ℃.
    """
    if result.outcome is not Outcome.SHORT or not result.fit:
        return None
    demanded, low, high = result.demanded, result.offered_low, result.offered_high
    if demanded.comparator in (Comparator.AT_LEAST, Comparator.ABOVE):
        return replace(demanded, comparator=Comparator.AT_LEAST, value=low)
    if demanded.comparator in (Comparator.AT_MOST, Comparator.BELOW):
        return replace(demanded, comparator=Comparator.AT_MOST, value=high)
    wanted_low, wanted_high = demanded.bounds
    if None in (low, high, wanted_low, wanted_high):
        return None
    return replace(
        demanded,
        comparator=Comparator.RANGE,
        value=None,
        low=min(wanted_low, low),  # type: ignore[type-var]
        high=max(wanted_high, high),  # type: ignore[type-var]
    )


def _shown(row: DemandIndicator) -> str:
    return f"{row.low}–{row.high}" if row.comparator is Comparator.RANGE else str(row.value)


def _achievement_changes(pair: Pair) -> Iterator[_Possible]:
    demand, achievement = pair.demand, pair.achievement
    if achievement.modes and demand.modes and not set(demand.modes) & set(achievement.modes):
        mode = demand.modes[0]
        changed = replace(achievement, modes=(*achievement.modes, mode))
        yield Change.MODE, {"mode": mode}, replace(pair, achievement=changed)
    limit, asked = budget_limit(demand), asked_price(achievement)
    if limit is not None and asked is not None and asked[1] > limit:
        changed = replace(achievement, price_min_fen=min(asked[0], limit), price_max_fen=limit)
        facts = {"from_fen": asked[0] if asked[0] > limit else asked[1], "to_fen": limit}
        yield Change.PRICE, facts, replace(pair, achievement=changed)
