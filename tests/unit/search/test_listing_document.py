"""Documents and their names."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from search.documents import (
    FEN_PER_WAN,
    ListingDocument,
    doc_id,
    maturity_band,
    parse_doc_id,
    price_bands,
)


def document(**values):
    base = {
        "listing_id": 7,
        "kind": "achievement",
        "revision_id": 3,
        "title": "耐磨涂层",
        "published_on": date(2025, 1, 1),
        "confirmed_on": date(2025, 2, 1),
        "scopes": ("public",),
    }
    return ListingDocument(**{**base, **values})


def test_one_name_for_index_update_and_delete():
    assert document().doc_id == doc_id("achievement", 7)
    assert parse_doc_id(document().doc_id) == ("achievement", 7)


@pytest.mark.parametrize("name", ["", "achievement", "achievement:", "x:1", "demand:-1", "demand:1:2"])
def test_foreign_names_are_refused(name):
    with pytest.raises(ValueError, match="not a document id"):
        parse_doc_id(name)


@pytest.mark.parametrize(
    "values",
    [
        {"kind": "patent"},
        {"trl": 0},
        {"trl": 10},
        {"price_min_fen": -1},
        {"listing_id": -1},
        {"revision_id": -1},
    ],
)
def test_impossible_documents_are_refused(values):
    with pytest.raises(ValueError, match=r"must|unknown"):
        document(**values)


@pytest.mark.parametrize(
    "change",
    [
        {"title": "另一个"},
        {"revision_id": 4},
        {"scopes": ()},
        {"confirmed_on": date(2025, 2, 2)},
        {"price_max_fen": 1},
        {"keywords": ("涂层",)},
        {"organisation_id": 1},
    ],
)
def test_fingerprint_sees_every_change(change):
    assert replace(document(), **change).fingerprint() != document().fingerprint()
    assert document().fingerprint() == document().fingerprint()


def test_fingerprint_survives_broken_text():
    assert len(document(title="坏\ud800字").fingerprint()) == 32


def test_match_texts_by_kind():
    parts = {"keywords": ("涂层",), "summary": "摘要", "body": "正文", "indicators": "硬度"}
    assert document(**parts).own_text == "耐磨涂层\n涂层"
    assert document(**parts).more_text == "摘要"
    assert document(kind="demand", **parts).more_text == "摘要\n正文\n硬度"


@pytest.mark.parametrize(
    ("low", "high", "bands"),
    [
        (None, None, ()),
        (0, 0, ("0-30",)),
        (30 * FEN_PER_WAN, None, ("30-100",)),
        (None, 30 * FEN_PER_WAN - 1, ("0-30",)),
        (20 * FEN_PER_WAN, 120 * FEN_PER_WAN, ("0-30", "30-100", "100-500")),
        (900 * FEN_PER_WAN, 900 * FEN_PER_WAN, ("500-",)),
    ],
)
def test_price_bands_are_half_open(low, high, bands):
    assert price_bands(low, high) == bands


@pytest.mark.parametrize(
    ("trl", "band"), [(None, None), (1, "1-4"), (4, "1-4"), (5, "5-7"), (8, "8-9"), (9, "8-9")]
)
def test_maturity_bands(trl, band):
    assert maturity_band(trl) == band
