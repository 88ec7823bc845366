"""Matching: candidates from the engine, exact likeness, the explained score (design/search.md section 3).

A pair of demand and achievement has one score, whichever side asks: the demand's text is always the query
side, and idf always comes from the achievements. Only the counterfactuals depend on who is reading.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from threading import Lock

from search.apportion import points_and_maxima
from search.backend import MatchText, SearchEngine, WeightedTerm
from search.calibration import band_of, calibrate
from search.counterfactuals import counterfactuals
from search.documents import ACHIEVEMENT, DEMAND
from search.factors import Assessment, Pair, assess, conflicts, total_score
from search.indicators import compare_all
from search.likeness import (
    TextVector,
    inverse_document_frequency,
    likeness,
    products,
    term_weights,
    text_vector,
)
from search.match_result import Match, MatchSubject, Part
from search.reasons import shared_words
from search.tokenizer import bigrams, characters

# Stored with every match; change it whenever a score or a reason could come out differently.
ALGORITHM_VERSION = "m1.0"

# More terms never hurt (search.md section 3); 128 reach the recall of all of them at half the cost.
CANDIDATE_TERMS = 128
CANDIDATES = 500
# Candidates whose further facts are looked at: the text alone decides who gets that far.
_EXPLAINED = 100


@dataclass(frozen=True, slots=True)
class TextCandidate:
    """A listing that may match, by its text alone: `likeness` is exact, `score` its calibrated 0–100."""

    listing_id: int
    revision_id: int
    likeness: float

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
        self._absent: set[str] = set()

    def refresh(self) -> None:
        """Forget everything when the index changed."""
        generation = self._engine.generation
        with self._lock:
            if generation != self._generation:
                self._documents = self._engine.document_count(ACHIEVEMENT)
                self._idf, self._absent = {}, set()
                self._generation = generation

    def learn(self, tokens: Iterable[str]) -> dict[str, float]:
        """Fetch what is not known yet in one call, and return that."""
        with self._lock:
            missing = set(tokens).difference(self._idf)
            frequencies = self._engine.document_frequencies(ACHIEVEMENT, missing) if missing else {}
            fetched = {
                token: inverse_document_frequency(self._documents, frequency)
                for token, frequency in frequencies.items()
            }
            self._idf.update(fetched)
            self._absent.update(token for token, frequency in frequencies.items() if not frequency)
            return fetched

    def stands_in_achievements(self, token: str) -> bool:
        """Tell whether a learned token stands in any achievement's own text."""
        return token not in self._absent

    def idf(self, token: str) -> float:
        """Return a token's idf, fetching it when it was not learned (or forgotten by a refresh since)."""
        known = self._idf.get(token)
        return self.learn((token,))[token] if known is None else known


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
        self._statistics.refresh()
        other = DEMAND if subject.kind == ACHIEVEMENT else ACHIEVEMENT
        listing_ids = self.candidate_ids(subject, scopes, limit)
        texts = self._engine.match_texts(other, listing_ids)
        found = [
            TextCandidate(text.listing_id, text.revision_id, alike)
            for text, alike in zip(texts, self._likenesses(subject, other, texts), strict=True)
        ]
        # Equal likeness keeps the engine's order, which is stable within one state of the index.
        return sorted(found, key=lambda item: -item.likeness)

    def candidate_ids(self, subject: MatchSubject, scopes: Sequence[str], limit: int) -> list[int]:
        """Return the engine's own answer to the candidate query, in its approximate order."""
        self._statistics.refresh()
        other = DEMAND if subject.kind == ACHIEVEMENT else ACHIEVEMENT
        weights = term_weights(subject.kind, subject.own_text, subject.text)
        self._statistics.learn(weights)
        if other == ACHIEVEMENT:
            # A token no achievement has weighs most and finds nothing: it must not take another's place.
            weights = {t: w for t, w in weights.items() if self._statistics.stands_in_achievements(t)}
        best = sorted(weights, key=lambda token: -weights[token] * self._statistics.idf(token))
        terms = [WeightedTerm(token, weights[token]) for token in best[:CANDIDATE_TERMS]]
        return self._engine.candidates(other, terms, scopes, limit)

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
        others = load([item.listing_id for item in likest])
        matches = [
            self.explain(*_sides(subject, other), reader=subject.kind, today=today) for other in others
        ]
        matches.sort(key=lambda match: (-match.score, match.achievement_id, match.demand_id))
        return matches[:limit]

    def explain(
        self, demand: MatchSubject, achievement: MatchSubject, *, reader: str, today: date | None = None
    ) -> Match:
        """Score one pair with all its reasons; `reader` (achievement or demand) decides the changes."""
        self._statistics.refresh()
        left, right = self._vectors([demand, achievement])
        alike = products(left, right)
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
            parts=_parts(assessments, round(score)),
            words=shared_words(_texts(demand), _texts(achievement), alike),
            conflicts=tuple(conflicts(pair)),
            indicators=pair.indicators,
            counterfactuals=counterfactuals(pair, reader, lambda changed: total_score(assess(changed))),
        )

    def scores(
        self, demand: MatchSubject, achievements: Sequence[MatchSubject], today: date | None = None
    ) -> list[tuple[float, float]]:
        """Return (score, likeness) of one demand with many achievements, as `explain` has them."""
        self._statistics.refresh()
        vectors = self._vectors([demand, *achievements])
        found = []
        for achievement, vector in zip(achievements, vectors[1:], strict=True):
            value = likeness(vectors[0], vector)
            found.append((total_score(assess(_pair(demand, achievement, value, today))), value))
        return found

    def _vectors(self, subjects: Sequence[MatchSubject]) -> list[TextVector]:
        self._statistics.learn(token for item in subjects for token in _tokens(item.own_text, item.text))
        idf = self._statistics.idf
        return [text_vector(item.kind, item.own_text, item.text, idf) for item in subjects]

    def _likenesses(self, subject: MatchSubject, other: str, texts: Sequence[MatchText]) -> list[float]:
        (own,) = self._vectors([subject])
        self._statistics.learn(token for text in texts for token in _tokens(text.own_text, text.more_text))
        idf = self._statistics.idf
        return [likeness(own, text_vector(other, text.own_text, text.more_text, idf)) for text in texts]


def _pair(demand: MatchSubject, achievement: MatchSubject, alike: float, today: date | None) -> Pair:
    return Pair(
        demand=demand,
        achievement=achievement,
        text_score=calibrate(alike),
        indicators=compare_all(demand.indicators, achievement.indicators),
        today=today,
    )


def _sides(subject: MatchSubject, other: MatchSubject) -> tuple[MatchSubject, MatchSubject]:
    return (subject, other) if subject.kind == DEMAND else (other, subject)


def _texts(subject: MatchSubject) -> tuple[str, ...]:
    return subject.title, *subject.keywords, subject.text


def _tokens(*texts: str) -> set[str]:
    return {token for text in texts for token in (*characters(text), *bigrams(text))}


def _parts(assessments: Sequence[Assessment], headline: int) -> tuple[Part, ...]:
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
