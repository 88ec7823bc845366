"""What the engines index: one typed, immutable document per public listing, and the one way to name it.

A document is built from a listing's accepted revision by the caller; the engine adds nothing of its own.
Dates are stored as dates, never as flags that the clock would change ("fresh" is decided at query time).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date

ACHIEVEMENT = "achievement"
DEMAND = "demand"
# Experts and transfer agencies join the same index later; only matched kinds get matching fields.
KINDS = (ACHIEVEMENT, DEMAND, "expert", "agency")
MATCHED_KINDS = (ACHIEVEMENT, DEMAND)

FEN_PER_WAN = 1_000_000
# Half-open bands [from, to) in fen, the choices of the price facet (design/visual picture 02).
PRICE_BANDS: tuple[tuple[str, int, int | None], ...] = (
    ("0-30", 0, 30 * FEN_PER_WAN),
    ("30-100", 30 * FEN_PER_WAN, 100 * FEN_PER_WAN),
    ("100-500", 100 * FEN_PER_WAN, 500 * FEN_PER_WAN),
    ("500-", 500 * FEN_PER_WAN, None),
)
# Closed bands of technology readiness levels, highest first as they are shown.
MATURITY_BANDS: tuple[tuple[str, int, int], ...] = (("8-9", 8, 9), ("5-7", 5, 7), ("1-4", 1, 4))


def doc_id(kind: str, listing_id: int) -> str:
    """Name a document. Index, update, delete and reconcile all use this one function."""
    if kind not in KINDS:
        raise ValueError(f"unknown kind of listing: {kind!r}")
    return f"{kind}:{listing_id}"


def parse_doc_id(name: str) -> tuple[str, int]:
    """Undo `doc_id`. Raises ValueError for anything it did not make."""
    kind, _, number = name.partition(":")
    if kind not in KINDS or not number.isdigit():
        raise ValueError(f"not a document id: {name!r}")
    return kind, int(number)


def price_bands(price_min_fen: int | None, price_max_fen: int | None) -> tuple[str, ...]:
    """Return the codes of all bands that a price or price range (fen, both ends included) touches."""
    low = price_min_fen if price_min_fen is not None else price_max_fen
    high = price_max_fen if price_max_fen is not None else price_min_fen
    if low is None or high is None:
        return ()
    return tuple(code for code, start, end in PRICE_BANDS if high >= start and (end is None or low < end))


def maturity_band(trl: int | None) -> str | None:
    """Return the code of the maturity band of a readiness level 1–9, or None when it is not known."""
    return next((code for code, low, high in MATURITY_BANDS if trl is not None and low <= trl <= high), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingDocument:
    """One public listing as the engines see it.

    Code tuples (`field_codes`, `industry_codes`, `region_codes`) hold the code and all its ancestors, so that
    a tree facet is a plain term filter. `scopes` are visibility tokens: a reader finds the document only
    with at least one of them, so an empty tuple hides it from everybody. `organisation_id` is None when the
    owner is hidden. `measures` are the stated values with units, packed, `stated` their names and units
    (search.measures). Prices are fen, both ends included; `trl` is 1–9.
    """

    listing_id: int
    kind: str
    revision_id: int
    title: str
    published_on: date
    confirmed_on: date
    scopes: tuple[str, ...]
    summary: str = ""
    body: str = ""
    keywords: tuple[str, ...] = ()
    indicators: str = ""
    measures: tuple[int, ...] = ()
    stated: tuple[str, ...] = ()
    field_codes: tuple[str, ...] = ()
    industry_codes: tuple[str, ...] = ()
    region_codes: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()
    trl: int | None = None
    price_min_fen: int | None = None
    price_max_fen: int | None = None
    organisation_id: int | None = None

    def __post_init__(self) -> None:
        doc_id(self.kind, self.listing_id)
        if self.listing_id < 0 or self.revision_id < 0:
            raise ValueError("listing_id and revision_id must not be negative")
        if self.trl is not None and not 1 <= self.trl <= 9:
            raise ValueError(f"trl must be 1 to 9, not {self.trl}")
        for price in (self.price_min_fen, self.price_max_fen):
            if price is not None and price < 0:
                raise ValueError("a price must not be negative")

    @property
    def doc_id(self) -> str:
        """The document's name in every engine."""
        return doc_id(self.kind, self.listing_id)

    @property
    def own_text(self) -> str:
        """The text that matching compares: title and keywords (design/search.md section 3, step 1)."""
        return "\n".join((self.title, *self.keywords))

    @property
    def more_text(self) -> str:
        """The text that matching weighs lower: an achievement's summary, a demand's whole description."""
        if self.kind == DEMAND:
            return "\n".join(part for part in (self.summary, self.body, self.indicators) if part)
        return self.summary

    def fingerprint(self) -> str:
        """Return 32 hexadecimal digits over everything indexed; reconcile compares it with the row's."""
        content = _ENCODER.encode({name: getattr(self, name) for name in _FIELDS})
        return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:32]


_FIELDS = tuple(field.name for field in fields(ListingDocument))
# Made once: making one costs as much as writing a document with it.
_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, default=str)


def settled(
    upserts: Iterable[ListingDocument], deletes: Iterable[str]
) -> tuple[list[ListingDocument], set[str]]:
    """Return what a batch comes to: each document once, the last one given, and the ids to delete, which win.

    Raises ValueError for an id that `doc_id` did not make.
    """
    gone = set(deletes)
    for name in gone:
        parse_doc_id(name)
    fresh = {document.doc_id: document for document in upserts if document.doc_id not in gone}
    return list(fresh.values()), gone
