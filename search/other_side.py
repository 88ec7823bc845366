"""A match as the owner of the achievement may see it.

A match is calculated and stored for the owner of the demand: his budget counts in it even where nobody else may know
it, and its changes are his to make. For the other side the budget that is hidden is left out of everything a figure
could be worked out from, and the changes are those of the achievement.
"""

from __future__ import annotations

from dataclasses import replace

from search.calibration import band_of
from search.counterfactuals import counterfactuals
from search.documents import ACHIEVEMENT
from search.factors import Assessment, Pair, card_parts, conflicts, reassess, total_score
from search.match_result import Factor, Match, MatchSubject

_WHOLE = 100.0


def as_offered(match: Match, demand: MatchSubject, achievement: MatchSubject) -> Match:
    """Return the match for the achievement's owner.

    `demand` is the demand as strangers see it (a hidden budget as None) in the revision that was matched,
    `achievement` the other side in its own. What neither changes keeps its stored value, so that a pair without
    secrets has the same score on both sides.
    """
    text = next(part.value for part in match.parts if part.factor is Factor.TEXT)
    pair = Pair(demand, achievement, _WHOLE * (text or 0.0), match.indicators, None)
    stored = [Assessment(part.factor, part.value, part.weight, dict(part.facts)) for part in match.parts]
    shown = reassess(stored, pair, Factor.PRICE)
    score = total_score(shown)
    return replace(
        match,
        score=score,
        headline=round(score),
        band=band_of(score),
        parts=card_parts(shown, round(score)),
        conflicts=tuple(conflicts(pair)),
        counterfactuals=counterfactuals(pair, shown, ACHIEVEMENT),
    )
