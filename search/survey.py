"""Which one change to a listing would bring how many more matches, found by scoring all its candidates again.

None of the changes touches the text, so the candidates stay the same and the text scores too: what is counted
here is what a new match run over the changed listing would show.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from search.calibration import Band, band_of
from search.counterfactuals import CONCERNED, indicator_facts, loosened
from search.documents import DEMAND
from search.factors import (
    Assessment,
    Pair,
    asked_price,
    assess,
    budget_limit,
    conflicts,
    reassess,
    total_score,
)
from search.indicators import IndicatorResult, Necessity, Outcome, compare_all
from search.match_result import Change, MatchSubject

#: The bands whose pairs stand open in a list; what is only somewhat alike is folded away and not counted.
SHOWN_BANDS = frozenset({Band.FAIR, Band.HIGH})
MOST_CHANGES = 4
#: A higher budget or a lower price is looked for up to twice or down to half of today's.
_PRICE_REACH = 2
_MOST_TARGETS = 8
_MATURITY_STEPS = 3


@dataclass(frozen=True, slots=True)
class ListChange:
    """One change and how many more usable matches it brings; `facts` as in a Counterfactual."""

    change: Change
    facts: Mapping[str, Any]
    more: int


@dataclass(frozen=True, slots=True)
class Survey:
    """How many matches are usable now (`is_usable`), and the changes that bring most, the best first."""

    now: int
    changes: tuple[ListChange, ...]


_Changed = tuple[Change, dict[str, Any], MatchSubject]


def survey(pairs: Sequence[Pair], reader: str) -> Survey:
    """Count what each single change by the owner of the `reader` side would bring over all these pairs.

    `pairs` share the reader's side. What the reader may not see of the other sides must be left out by the
    caller (a hidden budget as None): a count would give it away.
    """
    if not pairs:
        return Survey(0, ())
    assessed = [(pair, assess(pair)) for pair in pairs]
    now = sum(is_usable(*both) for both in assessed)
    best: dict[Change, ListChange] = {}
    for change, facts, subject in _changes(pairs, reader):
        changed = ((_with(pair, reader, subject), before) for pair, before in assessed)
        more = (
            sum(is_usable(pair, reassess(before, pair, CONCERNED[change])) for pair, before in changed) - now
        )
        # The changes of a kind come smallest first: a bigger one must bring more.
        if more > 0 and (change not in best or more > best[change].more):
            best[change] = ListChange(change, facts, more)
    ranked = sorted(best.values(), key=lambda item: -item.more)
    return Survey(now, tuple(ranked[:MOST_CHANGES]))


def is_usable(pair: Pair, assessments: Sequence[Assessment]) -> bool:
    """Whether a pair is shown, nothing in it contradicts, and no indicator that must be met falls short."""
    if conflicts(pair) or any(map(_falls_short, pair.indicators)):
        return False
    return band_of(total_score(assessments)) in SHOWN_BANDS


def _falls_short(result: IndicatorResult) -> bool:
    return result.outcome is Outcome.SHORT and result.demanded.necessity is Necessity.MUST


def _with(pair: Pair, reader: str, subject: MatchSubject) -> Pair:
    """The pair with the reader's side changed; indicators are compared again where they were."""
    if reader != DEMAND:
        return replace(pair, achievement=subject)
    if subject.indicators == pair.demand.indicators:
        return replace(pair, demand=subject)
    compared = compare_all(subject.indicators, pair.achievement.indicators)
    return replace(pair, demand=subject, indicators=compared)


def _changes(pairs: Sequence[Pair], reader: str) -> Iterator[_Changed]:
    if reader == DEMAND:
        subject, others = pairs[0].demand, [pair.achievement for pair in pairs]
        yield from _modes(subject, others)
        yield from _budgets(subject, others)
        yield from _places(subject)
        yield from _maturities(subject)
        yield from _indicators(subject, pairs)
    else:
        subject, others = pairs[0].achievement, [pair.demand for pair in pairs]
        yield from _modes(subject, others)
        yield from _prices(subject, others)


def _modes(subject: MatchSubject, others: Iterable[MatchSubject]) -> Iterator[_Changed]:
    if not subject.modes:
        return
    for mode in dict.fromkeys(mode for other in others for mode in other.modes if mode not in subject.modes):
        yield Change.MODE, {"mode": mode}, replace(subject, modes=(*subject.modes, mode))


def _budgets(demand: MatchSubject, achievements: Iterable[MatchSubject]) -> Iterator[_Changed]:
    limit = budget_limit(demand)
    if not limit:
        return
    asked = {price[0] for price in map(asked_price, achievements) if price is not None}
    for target in _nearest(asked, lambda fen: limit < fen <= _PRICE_REACH * limit):
        facts = {"from_fen": limit, "to_fen": target}
        yield Change.BUDGET, facts, replace(demand, price_max_fen=target)


def _prices(achievement: MatchSubject, demands: Iterable[MatchSubject]) -> Iterator[_Changed]:
    asked = asked_price(achievement)
    if asked is None:
        return
    limits = {limit for limit in map(budget_limit, demands) if limit is not None}
    near = sorted((fen for fen in limits if asked[0] / _PRICE_REACH <= fen < asked[0]), reverse=True)
    for target in near[:_MOST_TARGETS]:
        changed = replace(achievement, price_min_fen=target, price_max_fen=max(target, asked[1]))
        yield Change.PRICE, {"from_fen": asked[0], "to_fen": target}, changed


def _places(demand: MatchSubject) -> Iterator[_Changed]:
    if demand.region_code is not None:
        yield Change.REGION, {"from": demand.region_code}, replace(demand, region_code=None)


def _maturities(demand: MatchSubject) -> Iterator[_Changed]:
    if demand.trl is None:
        return
    for level in range(demand.trl - 1, max(0, demand.trl - 1 - _MATURITY_STEPS), -1):
        yield Change.MATURITY, {"from": demand.trl, "to": level}, replace(demand, trl=level)


def _indicators(demand: MatchSubject, pairs: Sequence[Pair]) -> Iterator[_Changed]:
    """Each indicator, loosened to what the achievements offer that fall short of it, the nearest first."""
    for position, stated in enumerate(demand.indicators):
        results = [pair.indicators[position] for pair in pairs]
        short = [result for result in results if result.outcome is Outcome.SHORT]
        short.sort(key=lambda result: result.difference or 0)
        rows = dict.fromkeys(filter(None, map(loosened, short)))
        for row in islice(rows, _MOST_TARGETS):
            changed = [*demand.indicators[:position], row, *demand.indicators[position + 1 :]]
            yield Change.INDICATOR, indicator_facts(stated, row), replace(demand, indicators=tuple(changed))


def _nearest(prices: Iterable[int], within: Callable[[int], bool]) -> list[int]:
    return sorted(filter(within, prices))[:_MOST_TARGETS]
