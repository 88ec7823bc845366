"""Which reading of a text an engine answers: the strictest that finds anything, filled up where that is little.

The same for every engine: each only says what one reading finds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from search.query import FEW_HITS, FILLED_BELOW, Level, Reading

Answer = TypeVar("Answer")
#: What a reading finds and how many hits that is; hits of the further readings, stricter ones, are to come first.
Ask = Callable[[Reading, Sequence[Reading]], tuple[Answer, int]]


@dataclass(frozen=True, slots=True)
class Taken(Generic[Answer]):
    """An answer with `total` hits. `fuller` of them hold what `reading` asks, the others what `filled` asks.

    `strictest` is what the strictest reading found.
    """

    answer: Answer
    strictest: Answer
    total: int
    reading: Reading
    fuller: int
    filled: Reading | None = None

    @property
    def answered(self) -> Reading:
        """The reading that all hits fulfil."""
        return self.filled or self.reading


def take(readings: Sequence[Reading], ask: Ask[Answer], *, fill_up: bool) -> Taken[Answer]:
    """Ask one reading after the other until one has hits; the strictest where none has.

    With `fill_up` fewer than FILLED_BELOW are followed by those of the next weaker readings, until there are
    FEW_HITS, as far as these ask for words: single characters are in too many texts to stand beside every word.
    """
    strictest, total = ask(readings[0], ())
    answer, place = strictest, 0
    while not total and place + 1 < len(readings):
        place += 1
        answer, total = ask(readings[place], ())
    if not total:
        return Taken(strictest, strictest, 0, readings[0], 0)
    taken = Taken(answer, strictest, total, readings[place], total)
    return _filled(taken, readings, place, ask) if fill_up and total < FILLED_BELOW else taken


def _filled(taken: Taken[Answer], readings: Sequence[Reading], place: int, ask: Ask[Answer]) -> Taken[Answer]:
    """The same hits with those of weaker readings after them, of no more readings than are needed."""
    for weaker in range(place + 1, len(readings)):
        if taken.total >= FEW_HITS or readings[weaker].level is not Level.SOME_WORDS:
            break
        answer, total = ask(readings[weaker], readings[place:weaker])
        if total > taken.total:
            first = readings[place], taken.fuller
            taken = Taken(answer, taken.strictest, total, *first, filled=readings[weaker])
    return taken
