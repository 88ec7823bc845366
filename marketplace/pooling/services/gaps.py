"""Where supply and demand miss each other: counts by industry and maturity, made by the worker, read by everybody.

Only listings that are open to everybody count. A demand is unmatched when its latest run holds no published
achievement of the band “fair” or above, an achievement when no demand's latest run holds it so.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from marketplace import codes
from marketplace.db import insert_into
from marketplace.listings import states as listing_states
from marketplace.listings.content import Kind
from marketplace.listings.models import Listing, ListingRevision
from marketplace.matching.models import MatchEntry, MatchRun
from marketplace.matching.services.runs import latest_runs
from marketplace.pooling.models import GapCell, GapSurvey
from marketplace.workflow import HistoryEntry
from search.calibration import LEAST_SCORES, Band
from search.documents import maturity_band

#: Stands for all industries or all maturities; a listing counts there once, however many industries it states.
ALL = "*"
#: A change is counted after this time at the latest; a market that was empty does not wait.
EVERY = timedelta(hours=1)
_SURVEY = 1
_AT_ONCE = 500
#: 门类 and 大类 of GB/T 4754.
_LEVELS = 2

_Key = tuple[str, str, str]


@dataclass(frozen=True)
class Counted:
    """What a count came to: key (kind, industry, maturity) → listings, and unmatched ones."""

    basis: str
    listings: Mapping[_Key, int]
    unmatched: Mapping[_Key, int]


def due(session: Session, *, now: datetime) -> str | None:
    """The state of the market that should be counted now; None while the last count will do."""
    newest_move = session.scalar(select(func.max(HistoryEntry.id)))
    if newest_move is None:
        return None
    newest_run = session.scalar(select(func.max(MatchRun.id)))
    basis = f"{newest_run}:{newest_move}"
    last = session.get(GapSurvey, _SURVEY)
    if last is None or last.made_at is None:
        return basis
    if last.basis == basis:
        return None
    empty = session.scalar(select(func.count()).select_from(GapCell)) == 0
    # A count from before the first match calls everything a gap: it must not stand for an hour.
    unmatched = newest_run is not None and last.basis.startswith("None:")
    return basis if empty or unmatched or last.made_at <= now - EVERY else None


def count(session: Session, basis: str) -> Counted:
    """Count every public listing, in slices, so that memory stays bounded. Writes nothing."""
    matched = {Kind.DEMAND: _matched_demands(session), Kind.ACHIEVEMENT: _matched_achievements(session)}
    listings: Counter[_Key] = Counter()
    unmatched: Counter[_Key] = Counter()
    for listing_id, kind, content in _public(session):
        keys = [(str(kind), i, m) for i in _industries(content) for m in _maturities(content)]
        listings.update(keys)
        if listing_id not in matched[Kind(kind)]:
            unmatched.update(keys)
    return Counted(basis, listings, unmatched)


def store(session: Session, counted: Counted, *, now: datetime) -> None:
    """Put a new count in the place of the last one."""
    session.execute(insert_into(session, GapSurvey).values(id=_SURVEY, basis="").on_conflict_do_nothing())
    survey = session.scalar(select(GapSurvey).where(GapSurvey.id == _SURVEY).with_for_update())
    session.execute(delete(GapCell))
    rows = [
        {
            "kind": kind,
            "industry": industry,
            "maturity": maturity,
            "listings": total,
            "unmatched": counted.unmatched.get((kind, industry, maturity), 0),
        }
        for (kind, industry, maturity), total in sorted(counted.listings.items())
    ]
    if rows:
        session.execute(insert(GapCell), rows)
    survey.basis, survey.made_at = counted.basis, now
    session.flush()


def table(session: Session, kind: Kind, section: str | None) -> dict[str, dict[str, GapCell]]:
    """The cells of a kind by industry and maturity: all 门类, or the 大类 of one; and those of all under ALL."""
    cells = session.scalars(select(GapCell).where(GapCell.kind == kind))
    shown: dict[str, dict[str, GapCell]] = {}
    for cell in cells:
        if _belongs(cell.industry, section):
            shown.setdefault(cell.industry, {})[cell.maturity] = cell
    return shown


def everything(session: Session) -> list[GapCell]:
    """All cells, for taking them along."""
    return list(session.scalars(select(GapCell).order_by(GapCell.kind, GapCell.industry, GapCell.maturity)))


def made_at(session: Session) -> datetime | None:
    """When the counts were made; None before the first."""
    survey = session.get(GapSurvey, _SURVEY)
    return survey.made_at if survey else None


def _belongs(industry: str, section: str | None) -> bool:
    """Whether a row stands in the table of all 门类, or in that of one with its 大类 and itself as the sum."""
    if section is None:
        return len(industry) <= 1
    return industry == section or codes.industries().path(industry)[:-1] == (section,)


def _public(session: Session) -> Iterator[tuple[int, str, dict]]:
    last = 0
    while True:
        # By id alone: with the state in the condition SQLite sorts everything that is published for every slice.
        rows = session.execute(
            select(Listing.id, Listing.kind, ListingRevision.content, Listing.state, Listing.limited)
            .join(ListingRevision, Listing.accepted_revision_id == ListingRevision.id)
            .where(Listing.id > last)
            .order_by(Listing.id)
            .limit(_AT_ONCE)
        ).all()
        if not rows:
            return
        for listing_id, kind, content, state, limited in rows:
            if state == listing_states.PUBLISHED and not limited:
                yield listing_id, kind, content
        last = rows[-1].id


def _industries(content: Mapping) -> set[str]:
    """The 门类 and 大类 of a stored document, each once."""
    tree = codes.industries()
    stated = {step for code in content.get("industry_codes", ()) for step in tree.path(code)[:_LEVELS]}
    return (stated or {""}) | {ALL}


def _maturities(content: Mapping) -> tuple[str, str]:
    """An achievement's maturity, a demand's wanted one."""
    return maturity_band(content.get("trl") or content.get("wanted_trl")) or "", ALL


def _matched_demands(session: Session) -> Collection[int]:
    return set(session.scalars(_fair(MatchRun.demand_id, MatchEntry.achievement_id)))


def _matched_achievements(session: Session) -> Collection[int]:
    return set(session.scalars(_fair(MatchEntry.achievement_id, MatchRun.demand_id)))


def _fair(wanted, other):
    """One side of the fair pairs of the latest runs whose other side everybody can still find."""
    return (
        select(wanted)
        .join_from(MatchRun, MatchEntry, MatchEntry.run_id == MatchRun.id)
        .join(Listing, Listing.id == other)
        .where(
            MatchRun.id.in_(latest_runs()),
            MatchEntry.score >= LEAST_SCORES[Band.FAIR],
            Listing.state == listing_states.PUBLISHED,
            Listing.limited.is_(False),
        )
        .distinct()
    )
