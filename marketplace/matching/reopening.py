"""When a declined pair may be shown again: only when what the decline named has changed on either side."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from search.copying import bare
from search.factors import asked_price, budget_limit
from search.match_result import MatchSubject

#: Reason code → what of demand and achievement it was about. Every other reason is about the pair as a whole.
_ABOUT: dict[str, Callable[[MatchSubject, MatchSubject], Any]] = {
    "price": lambda demand, achievement: (budget_limit(demand), asked_price(achievement)),
    "maturity": lambda demand, achievement: (demand.trl, achievement.trl),
    "indicators": lambda demand, achievement: (demand.indicators, achievement.indicators),
    "region": lambda demand, achievement: (demand.region_code, achievement.region_code),
    "mode": lambda demand, achievement: (demand.modes, achievement.modes),
    "solved": lambda demand, _achievement: _content(demand),
}


def is_overtaken(
    reason: str, then: tuple[MatchSubject, MatchSubject], now: tuple[MatchSubject, MatchSubject]
) -> bool:
    """Whether a decline for `reason` no longer holds; both pairs are (demand, achievement)."""
    about = _ABOUT.get(reason, _everything)
    return about(*then) != about(*now)


def _everything(demand: MatchSubject, achievement: MatchSubject) -> Any:
    return _content(demand), _content(achievement)


def _content(side: MatchSubject) -> MatchSubject:
    """What a side says, letters and figures alone: no confirmation, comma or space brings a declined pair back."""
    return replace(
        side,
        revision_id=0,
        confirmed_on=None,
        indicators_withheld=False,
        title=bare(side.title),
        keywords=tuple(sorted(map(bare, side.keywords))),
        text=bare(side.text),
    )
