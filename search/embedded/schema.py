"""The embedded index's fields, and how a prepared document becomes one of its documents."""

from __future__ import annotations

from functools import cache

import tantivy

from search import index_fields
from search.documents import MATCHED_KINDS
from search.index_fields import Norms, PreparedDocument

# Raise whenever a field changes, or what is read out of texts for it: older indexes then ask for a rebuild.
SCHEMA_VERSION = "8"
_FACTOR_SCALE = 256.0  # match vectors are shorter than this, so that 1 / |vector| comes out above 1


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("doc_id", tokenizer_name="raw", index_option="basic")
    for name in index_fields.TERM_FIELDS:
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
    for name in index_fields.WORD_FIELDS:
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="freq")
    builder.add_text_field("all_characters", tokenizer_name="whitespace", index_option="position")
    for kind in MATCHED_KINDS:
        for prefix in ("own", "more", "pairs"):
            builder.add_text_field(f"{prefix}_{kind}", tokenizer_name="whitespace", index_option="basic")
    builder.add_float_field("match_norm", fast=True)
    for name in (
        "trl",
        "price_min",
        "price_max",
        "published_on",
        "confirmed_on",
        "organisation_id",
        "measures",
    ):
        builder.add_integer_field(name, indexed=True, fast=True)
    for name in ("listing_id", "kind_number"):
        builder.add_unsigned_field(name, indexed=True, fast=True, stored=True)
    for name in index_fields.SORT_FIELDS:
        builder.add_unsigned_field(name, fast=True)
    builder.add_unsigned_field("revision_id", stored=True)
    for name in ("fingerprint", "match_weights"):
        builder.add_bytes_field(name, stored=True, indexed=False)
    return builder.build()


SCHEMA = _schema()


def norms_beside(searcher: tantivy.Searcher) -> Norms:
    """Norms for documents that join those already in the index."""

    @cache
    def frequency(kind: str, token: str) -> int:
        return searcher.doc_freq(f"own_{kind}", token)

    return Norms({kind: searcher.doc_freq("kind", kind) for kind in MATCHED_KINDS}, frequency)


def field_factor(factor: float) -> float:
    """Return the field value that makes `weight_by_field` multiply a score in proportion to `factor`.

    tantivy-py 0.27 multiplies by log2(2 + value) and takes negative values for 0 (seen in its scores; a test
    holds it). So the factor is scaled into 1…1000, where the power stays finite, and only proportions count.
    """
    return 2 ** min(max(factor * _FACTOR_SCALE, 1.0), 1_000.0) - 2


def to_tantivy(document: PreparedDocument, norms: Norms) -> tantivy.Document:
    made = tantivy.Document()
    made.add_text("doc_id", document.doc_id)
    for name, values in document.terms.items():
        for value in values:
            made.add_text(name, value)
    for name, text in document.texts.items():
        made.add_text(name, text)
    if document.match_weights is not None:
        factor = field_factor(norms.inverse_length(document.kind, document.match_weights))
        made.add_float("match_norm", factor)
        made.add_bytes("match_weights", document.match_weights)
    for name, value in document.numbers.items():
        made.add_integer(name, value)
    for value in document.measures:
        made.add_integer("measures", value)
    for name, value in document.keys.items():
        made.add_unsigned(name, value)
    made.add_bytes("fingerprint", document.fingerprint.encode("ascii"))
    return made
