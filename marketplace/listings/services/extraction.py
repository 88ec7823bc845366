"""Indicators read from what the owner has written, for him to confirm one by one (design/search.md section 4).

Nothing is taken over without a person's yes; each suggestion quotes the words it was read from.
"""

from dataclasses import replace

from marketplace.listings.content import (
    AchievementIndicator,
    Comparator,
    Content,
    DemandContent,
    DemandIndicator,
)
from search.indicator_text import Suggestion, suggest_indicators

MOST = 8


def suggestions(content: Content) -> list[Suggestion]:
    """What the text states and the rows do not have yet, in reading order, at most MOST."""
    stated = {(row.name.strip(), row.unit.strip()) for row in content.indicators}
    found = map(_as_written, suggest_indicators(_told(content)))
    return [one for one in found if (one.name, one.unit) not in stated][:MOST]


def as_row(suggestion: Suggestion, content: Content) -> DemandIndicator | AchievementIndicator:
    """The row a confirmed suggestion becomes; whether it must be met is the owner's to choose."""
    sign = _SIGNS.get(suggestion.comparator.value, Comparator.BETWEEN)
    if isinstance(content, DemandContent):
        return DemandIndicator(
            name=suggestion.name, comparator=sign, target=_amount(suggestion), unit=suggestion.unit
        )
    written = "" if sign in (Comparator.EQUAL, Comparator.BETWEEN) else sign
    return AchievementIndicator(
        name=suggestion.name, value=f"{written}{_amount(suggestion)}", unit=suggestion.unit
    )


#: The comparators by the sign both sides write; a range has a word there and a sign here.
_SIGNS = {comparator.value: comparator for comparator in Comparator}


def _as_written(suggestion: Suggestion) -> Suggestion:
    """With the one-character sign for degrees Celsius, as the trade writes it; reading takes it apart."""
    return replace(
        suggestion,
        unit=suggestion.unit.replace("°C", "℃"),
        quotation=suggestion.quotation.replace("°C", "℃"),
    )


def _told(content: Content) -> str:
    """What speaks of the aim: a demand's present values and its site's conditions are no targets."""
    return content.goal if isinstance(content, DemandContent) else content.text


def _amount(suggestion: Suggestion) -> str:
    if suggestion.value is not None:
        return f"{suggestion.value:f}"
    return f"{suggestion.low:f}~{suggestion.high:f}"
