"""Matching: candidates from the engine, exact likeness, the explained score (design/search.md section 3).

A pair of demand and achievement has one score, whichever side asks: the demand's text is always the query
side, and idf always comes from the achievements. Only the counterfactuals depend on who is reading.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import filterfalse
from threading import Lock
from weakref import WeakKeyDictionary

from search.backend import SearchEngine, WeightedTerm
from search.calibration import band_of, calibrate
from search.counterfactuals import counterfactuals
from search.documents import ACHIEVEMENT, DEMAND
from search.factors import Pair, assess, card_parts, conflicts, total_score
from search.indicators import compare_all
from search.levels import Market
from search.likeness import (
    TextVector,
    TextWeights,
    inverse_document_frequency,
    likeness,
    products,
    text_vector,
    text_weights,
)
from search.match_result import Match, MatchSubject
from search.reasons import shared_words

# Stored with every match; change it whenever a score or a reason could come out differently.
ALGORITHM_VERSION = "m1.1"

# More terms never hurt (search.md section 3); 128 reach the recall of all of them at half the cost.
CANDIDATE_TERMS = 128
# The design takes 500 because BM25 order is rough. This engine query follows the cosine: its 150 best hold
# 98.6 % of the exactly rescored 50 best (public benchmark), at a third of the cost.
CANDIDATES = 150
# Candidates whose further facts are looked at: the text alone decides who gets that far.
_EXPLAINED = 100


@dataclass(frozen=True, slots=True)
class TextCandidate:
    """A listing that may match, by its text alone: `likeness` is exact, `score` its calibrated 0–100."""

    listing_id: int
    revision_id: int
    likeness: float
    weights: TextWeights = field(repr=False)

    @property
    def score(self) -> float:
        """The calibrated text score, 0–100."""
        return calibrate(self.likeness)


class _Statistics:
    """idf over the achievements' own text, remembered as long as the index does not change."""

    def __init__(self, engine: SearchEngine) -> None:
        self._engine = engine
        self._lock = Lock()
        self._generation: str | None = None
        self._documents = 0
        self._idf: dict[str, float] = {}

    def idf_of(self, weights: Iterable[TextWeights]) -> dict[str, float]:
        """Return a table that knows every token of these texts, fetching what is missing in one call."""
        texts = list(weights)
        generation = self._engine.generation
        with self._lock:
            if generation != self._generation:
                # A new table, not an emptied one: others may still be reading theirs.
                self._documents = self._engine.document_count(ACHIEVEMENT)
                self._idf, self._generation = {}, generation
            known = self._idf.__contains__
            missing = {
                token
                for text in texts
                for table in (text.characters, text.pairs)
                for token in filterfalse(known, table)
            }
            if missing:
                frequencies = self._engine.document_frequencies(ACHIEVEMENT, missing)
                for token, frequency in frequencies.items():
                    self._idf[token] = inverse_document_frequency(self._documents, frequency)
            return self._idf

    @property
    def of_absent(self) -> float:
        """The idf of a token that no achievement has; everything found has less."""
        return inverse_document_frequency(self._documents, 0)


class Matcher:
    """Finds and explains matches on one engine. Safe to share between threads."""

    def __init__(self, engine: SearchEngine) -> None:
        self._engine = engine
        self._statistics = _Statistics(engine)

    def candidates(
        self, subject: MatchSubject, scopes: Sequence[str], limit: int = CANDIDATES
    ) -> list[TextCandidate]:
        """Return listings of the other kind that the reader may see, the likest text first.

        The subject itself need not be in the index. Raises EngineUnavailable.
        """
        return self._likest(subject, _other(subject), self.candidate_ids(subject, scopes, limit))

    def alike(self, subject: MatchSubject, scopes: Sequence[str], limit: int) -> list[TextCandidate]:
        """Return listings of the subject's own kind that the reader may see, without itself, the likest first."""
        terms = self._terms(subject, subject.kind)
        found = self._engine.candidates(subject.kind, terms, scopes, limit + 1)
        others = [listing_id for listing_id in found if listing_id != subject.listing_id]
        return self._likest(subject, subject.kind, others[:limit])

    def _likest(self, subject: MatchSubject, kind: str, ids: Sequence[int]) -> list[TextCandidate]:
        texts = self._engine.match_texts(kind, ids)
        values = self._against(_weights(subject), [text.weights for text in texts])
        found = [
            TextCandidate(text.listing_id, text.revision_id, value, text.weights)
            for text, value in zip(texts, values, strict=True)
        ]
        # Equal likeness keeps the engine's order, which is stable within one state of the index.
        return sorted(found, key=lambda item: -item.likeness)

    def _against(self, own: TextWeights, others: Sequence[TextWeights]) -> list[float]:
        """Return the likeness of one text to each of many."""

        def compared(idf: Mapping[str, float]) -> list[float]:
            vector = text_vector(own, idf)
            return [likeness(vector, other, idf) for other in others]

        try:
            # Nearly always every token is known already; looking each up beforehand would take as long again.
            return compared(self._statistics.idf_of([own]))
        except KeyError:
            return compared(self._statistics.idf_of([own, *others]))

    def candidate_ids(self, subject: MatchSubject, scopes: Sequence[str], limit: int) -> list[int]:
        """Return the engine's own answer to the candidate query, in its approximate order."""
        kind = _other(subject)
        return self._engine.candidates(kind, self._terms(subject, kind), scopes, limit)

    def _terms(self, subject: MatchSubject, sought: str) -> list[WeightedTerm]:
        """Return the characters of a text that say most about which listings of a kind are like it."""
        own = _weights(subject)
        idf = self._statistics.idf_of([own])
        weights = own.characters
        if sought == ACHIEVEMENT:
            # A token no achievement has weighs most and finds nothing: it must not take another's place.
            absent = self._statistics.of_absent
            weights = {token: weight for token, weight in weights.items() if idf[token] < absent}
        best = sorted(weights, key=lambda token: -weights[token] * idf[token])
        return [WeightedTerm(token, weights[token]) for token in best[:CANDIDATE_TERMS]]

    def match(
        self,
        subject: MatchSubject,
        load: Callable[[Sequence[int]], Iterable[MatchSubject]],
        scopes: Sequence[str],
        *,
        today: date | None = None,
        limit: int = 50,
    ) -> list[Match]:
        """Return the best `limit` matches with their reasons, by unrounded score.

        `load` gives the other side's subjects for listing ids (missing ones are dropped: the row was taken
        off since the index saw it). The reader is the subject's owner.
        """
        likest = self.candidates(subject, scopes)[:_EXPLAINED]
        others = list(load([item.listing_id for item in likest]))
        scored = self._scored(subject, others, likest, today)
        order = sorted(range(len(others)), key=lambda i: (-scored[i], others[i].listing_id))
        return self.explain(subject, [others[i] for i in order[:limit]], likest, today=today)

    def _scored(
        self,
        subject: MatchSubject,
        others: Sequence[MatchSubject],
        likest: Sequence[TextCandidate],
        today: date | None,
    ) -> list[float]:
        """Return the score of each pair; a demand's likeness is known where the index has the same revision."""
        if subject.kind == ACHIEVEMENT:
            return [self.scores(other, [subject], today)[0][0] for other in others]
        known = {(item.listing_id, item.revision_id): item.likeness for item in likest}
        changed = [other for other in others if (other.listing_id, other.revision_id) not in known]
        for other, value in zip(changed, self._likenesses(subject, changed), strict=True):
            known[other.listing_id, other.revision_id] = value
        return [
            total_score(assess(_pair(subject, other, known[other.listing_id, other.revision_id], today)))
            for other in others
        ]

    def explain(
        self,
        subject: MatchSubject,
        others: Sequence[MatchSubject],
        likest: Sequence[TextCandidate] = (),
        *,
        today: date | None = None,
    ) -> list[Match]:
        """Score pairs with all their reasons; the reader, who decides the changes, is the subject's owner.

        What the index weighed of `likest` is not weighed again.
        """
        weighed = {(item.listing_id, item.revision_id): item.weights for item in likest}
        weights = [weighed.get((other.listing_id, other.revision_id)) or _weights(other) for other in others]
        own, *vectors = self._vectors([_weights(subject), *weights])
        return [
            _match(*_sides(subject, other), products(own, vector), subject.kind, today)
            for other, vector in zip(others, vectors, strict=True)
        ]

    def _vectors(self, weights: Sequence[TextWeights]) -> list[TextVector]:
        idf = self._statistics.idf_of(weights)
        return [text_vector(item, idf) for item in weights]

    def scores(
        self, demand: MatchSubject, achievements: Sequence[MatchSubject], today: date | None = None
    ) -> list[tuple[float, float]]:
        """Return (score, likeness) of one demand with many achievements, as `explain` has them."""
        values = self._likenesses(demand, achievements)
        return [
            (total_score(assess(_pair(demand, achievement, value, today))), value)
            for achievement, value in zip(achievements, values, strict=True)
        ]

    def pairs(
        self, demand: MatchSubject, achievements: Sequence[MatchSubject], today: date | None = None
    ) -> list[Pair]:
        """Return the pairs that `scores` scores, so that one side can be changed and scored again."""
        values = self._likenesses(demand, achievements)
        return [_pair(demand, *found, today) for found in zip(achievements, values, strict=True)]

    def _likenesses(self, demand: MatchSubject, achievements: Sequence[MatchSubject]) -> list[float]:
        return self._against(_weights(demand), [_weights(achievement) for achievement in achievements])

    def market(self, achievements: Iterable[MatchSubject]) -> Market:
        """Return these achievements' texts as one table, to find where each stands for a demand."""
        texts = [_weights(achievement) for achievement in achievements]
        return Market(texts, self._statistics.idf_of(texts))

    def vector(self, subject: MatchSubject) -> TextVector:
        """Return the subject's text as the likeness sees it."""
        return self._vectors([_weights(subject)])[0]


_matchers: WeakKeyDictionary[SearchEngine, Matcher] = WeakKeyDictionary()


def matcher_of(engine: SearchEngine) -> Matcher:
    """Return the matcher of an engine, one for the whole process: it remembers term statistics."""
    return _matchers.setdefault(engine, Matcher(engine))


def _other(subject: MatchSubject) -> str:
    return DEMAND if subject.kind == ACHIEVEMENT else ACHIEVEMENT


def _weights(subject: MatchSubject) -> TextWeights:
    return text_weights(subject.kind, subject.own_text, subject.text)


def _pair(demand: MatchSubject, achievement: MatchSubject, alike: float, today: date | None) -> Pair:
    return Pair(
        demand=demand,
        achievement=achievement,
        text_score=calibrate(alike),
        indicators=compare_all(demand.indicators, achievement.indicators),
        today=today,
    )


def _match(
    demand: MatchSubject,
    achievement: MatchSubject,
    alike: Mapping[str, float],
    reader: str,
    today: date | None,
) -> Match:
    """One pair with its reasons; `alike` is what each shared character and pair adds to the likeness."""
    value = sum(alike.values())
    pair = _pair(demand, achievement, value, today)
    assessments = assess(pair)
    score = total_score(assessments)
    return Match(
        achievement_id=achievement.listing_id,
        achievement_revision_id=achievement.revision_id,
        demand_id=demand.listing_id,
        demand_revision_id=demand.revision_id,
        algorithm_version=ALGORITHM_VERSION,
        score=score,
        headline=round(score),
        band=band_of(score),
        likeness=value,
        parts=card_parts(assessments, round(score)),
        words=shared_words(_texts(demand), _texts(achievement), alike),
        conflicts=tuple(conflicts(pair)),
        indicators=pair.indicators,
        counterfactuals=counterfactuals(pair, assessments, reader),
    )


def _sides(subject: MatchSubject, other: MatchSubject) -> tuple[MatchSubject, MatchSubject]:
    return (subject, other) if subject.kind == DEMAND else (other, subject)


def _texts(subject: MatchSubject) -> tuple[str, ...]:
    return subject.title, *subject.keywords, subject.text
