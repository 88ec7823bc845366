"""How fresh an organisation's public listings are, and why a person's listings went off the market."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from statistics import median

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from marketplace.accounts.models import Organisation
from marketplace.listings import closing, freshness, states
from marketplace.listings.models import Listing
from marketplace.listings.services.confirming import looked_after_by
from marketplace.permissions import Actor
from marketplace.workflow import HistoryEntry

#: Imported sources confirm nothing: a figure would blame the wrong house.
_SOURCE = "source"


@dataclass(frozen=True)
class Figure:
    """An organisation's published listings, how many were confirmed recently, and the median age in days."""

    listings: int
    recent: int
    median_days: float


def of_organisations(session: Session, ids: Collection[int], today: date) -> dict[int, Figure]:
    """The figure of each organisation that shows something in public, in one query.

    Listings that hide their owner or are limited to verified members are left out: the figure is public, and
    would tell of them.
    """
    rows = session.execute(
        select(Listing.organisation_id, Listing.confirmed_on, func.count())
        .join(Organisation, Organisation.id == Listing.organisation_id)
        .where(
            Listing.organisation_id.in_(ids),
            Listing.state == states.PUBLISHED,
            Listing.hide_owner.is_(False),
            Listing.limited.is_(False),
            Organisation.organisation_type != _SOURCE,
        )
        .group_by(Listing.organisation_id, Listing.confirmed_on)
    ).all()
    ages: dict[int, Counter[int]] = {}
    for organisation_id, confirmed_on, count in rows:
        ages.setdefault(organisation_id, Counter())[freshness.age(confirmed_on, today)] += count
    return {organisation_id: _figure(found) for organisation_id, found in ages.items()}


def closings(session: Session, actor: Actor) -> dict[str, int]:
    """How many of the listings this person looks after are off the market, by the reason of their last closing.

    Those that were closed before reasons had codes count as 其他.
    """
    last = (
        select(func.max(HistoryEntry.id))
        .join(Listing, Listing.id == HistoryEntry.subject_id)
        .where(
            HistoryEntry.subject_type == states.LISTING.name,
            HistoryEntry.to_state.in_(states.CLOSED),
            Listing.state.in_(states.CLOSED),
            looked_after_by(actor),
        )
        .group_by(HistoryEntry.subject_id)
    )
    code = HistoryEntry.data["closing"].as_string()
    rows = session.execute(select(code, func.count()).where(HistoryEntry.id.in_(last)).group_by(code)).all()
    counts: Counter[str] = Counter()
    for reason, count in rows:
        counts[reason if reason in closing.CLOSING_REASONS else closing.OTHER] += count
    return dict(counts)


def _figure(ages: Counter[int]) -> Figure:
    return Figure(
        listings=ages.total(),
        recent=sum(count for days, count in ages.items() if days <= freshness.RECENT_DAYS),
        median_days=median(ages.elements()),
    )
