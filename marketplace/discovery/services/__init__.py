"""What discovery does: searching the market, and what helps a person to ask it."""

from collections.abc import Sequence
from dataclasses import dataclass

from marketplace.discovery.services.exporting import exported
from marketplace.discovery.services.likeness import alike
from marketplace.discovery.services.loosening import unfiltered
from marketplace.discovery.services.searching import Found, all_hits, counted, search, several
from marketplace.discovery.services.wording import Correction, Related, Unexcluded
from marketplace.listings.models import Listing
from marketplace.listings.services.reading import scopes


@dataclass(frozen=True)
class Aids:
    """What helps to ask better: words that may be meant, words the hits share, listings like a text without hits."""

    corrections: Sequence[Correction] = ()
    related: Sequence[Related] = ()
    alike: Sequence[Listing] = ()
    unexcluded: Unexcluded | None = None
    unfiltered: int | None = None


__all__ = [
    "Aids",
    "Found",
    "alike",
    "all_hits",
    "counted",
    "exported",
    "scopes",
    "search",
    "several",
    "unfiltered",
]
