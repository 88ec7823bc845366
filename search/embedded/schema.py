"""The embedded index's fields, and how a listing document becomes one of its documents."""

from __future__ import annotations

import math
from collections import Counter
from itertools import chain

import tantivy

from search.documents import KINDS, MATCHED_KINDS, ListingDocument, maturity_band, price_bands
from search.likeness import TextWeights, inverse_document_frequency, text_weights
from search.tokenizer import bigrams, characters, characters_with_breaks, words

# Raise whenever a field changes: older indexes then ask for a rebuild.
SCHEMA_VERSION = "2"
# Below this size idf is computed as if there were so many documents, so that norms written while a market
# is young stay comparable with later ones.
_LEAST_DOCUMENTS = 2_000
_FACTOR_SCALE = 256.0  # match vectors are shorter than this, so that 1 / |vector| comes out above 1
_UNKNOWN_PRICE = (1 << 43) - 1
_TERM_FIELDS = ("kind", "scopes", "field_codes", "industry_codes", "region_codes", "modes")


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("doc_id", tokenizer_name="raw", index_option="basic")
    for name in (*_TERM_FIELDS, "maturity_band", "price_bands"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
    for name in ("all_words", "title_words", "keyword_words"):
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="freq")
    builder.add_text_field("all_characters", tokenizer_name="whitespace", index_option="position")
    for kind in MATCHED_KINDS:
        for prefix in ("own", "more", "pairs"):
            builder.add_text_field(f"{prefix}_{kind}", tokenizer_name="whitespace", index_option="basic")
    builder.add_float_field("match_norm", fast=True)
    for name in ("trl", "price_min", "price_max", "published_on", "confirmed_on", "organisation_id"):
        builder.add_integer_field(name, indexed=True, fast=True)
    for name in ("listing_id", "kind_number"):
        builder.add_unsigned_field(name, indexed=True, fast=True, stored=True)
    for name in ("sort_newest", "sort_confirmed", "sort_price", "sort_maturity"):
        builder.add_unsigned_field(name, fast=True)
    builder.add_unsigned_field("revision_id", stored=True)
    for name in ("fingerprint", "match_weights"):
        builder.add_bytes_field(name, stored=True, indexed=False)
    return builder.build()


SCHEMA = _schema()


class Norms:
    """Lengths of match vectors, from the document frequencies known while writing.

    They only order candidates (the exact cosine is computed later), so they may lag behind until a rebuild.
    """

    def __init__(self, searcher: tantivy.Searcher | None) -> None:
        self._searcher = searcher
        self._seen: dict[str, Counter[str]] = {kind: Counter() for kind in MATCHED_KINDS}
        self._documents: Counter[str] = Counter()
        self._indexed: dict[tuple[str, str], int] = {}
        if searcher is not None:
            for kind in MATCHED_KINDS:
                self._documents[kind] = searcher.doc_freq("kind", kind)

    def learn(self, document: ListingDocument) -> None:
        """Count a document that is about to be written."""
        if document.kind in MATCHED_KINDS:
            self._documents[document.kind] += 1
            self._seen[document.kind].update(set(characters(document.own_text)))

    def _frequency(self, kind: str, token: str) -> int:
        seen = self._seen[kind][token]
        if self._searcher is None:
            return seen
        key = (kind, token)
        if key not in self._indexed:
            self._indexed[key] = self._searcher.doc_freq(f"own_{kind}", token)
        return seen + self._indexed[key]

    def inverse_length(self, kind: str, weights: TextWeights) -> float:
        """Return 1 / |vector| of a listing's characters (0 when it has none)."""
        documents = max(self._documents[kind], _LEAST_DOCUMENTS)
        squares = (
            (weight * inverse_document_frequency(documents, self._frequency(kind, token))) ** 2
            for token, weight in weights.characters.items()
        )
        total = sum(squares)
        return 1 / math.sqrt(total) if total else 0.0


def field_factor(factor: float) -> float:
    """Return the field value that makes `weight_by_field` multiply a score in proportion to `factor`.

    tantivy-py 0.27 multiplies by log2(2 + value) and takes negative values for 0 (seen in its scores; a test
    holds it). So the factor is scaled into 1…1000, where the power stays finite, and only proportions count.
    """
    return 2 ** min(max(factor * _FACTOR_SCALE, 1.0), 1_000.0) - 2


def _sort_key(value: int, listing_id: int) -> int:
    # The low 20 bits make the order of equal values the same on every page and every day.
    return (min(value, _UNKNOWN_PRICE) << 20) | (listing_id & 0xFFFFF)


def _text_fields(document: ListingDocument) -> dict[str, str]:
    fields = {
        "title_words": " ".join(words(document.title)),
        "keyword_words": " ".join(chain.from_iterable(words(keyword) for keyword in document.keywords)),
    }
    rest = chain.from_iterable(words(text) for text in (document.summary, document.body, document.indicators))
    fields["all_words"] = " ".join((fields["title_words"], fields["keyword_words"], *rest))
    texts = (document.title, *document.keywords, document.summary, document.body, document.indicators)
    fields["all_characters"] = " ".join(characters_with_breaks(texts))
    if document.kind in MATCHED_KINDS:
        fields[f"own_{document.kind}"] = " ".join(characters(document.own_text))
        fields[f"more_{document.kind}"] = " ".join(characters(document.more_text))
        fields[f"pairs_{document.kind}"] = " ".join(bigrams(document.own_text))
    return fields


def to_tantivy(document: ListingDocument, norms: Norms) -> tantivy.Document:
    made = tantivy.Document()
    made.add_text("doc_id", document.doc_id)
    made.add_text("kind", document.kind)
    for name in _TERM_FIELDS[1:]:
        for value in dict.fromkeys(getattr(document, name)):
            made.add_text(name, value)
    band = maturity_band(document.trl)
    if band is not None:
        made.add_text("maturity_band", band)
    for code in price_bands(document.price_min_fen, document.price_max_fen):
        made.add_text("price_bands", code)
    for name, text in _text_fields(document).items():
        made.add_text(name, text)
    if document.kind in MATCHED_KINDS:
        weights = text_weights(document.kind, document.own_text, document.more_text)
        made.add_float("match_norm", field_factor(norms.inverse_length(document.kind, weights)))
        made.add_bytes("match_weights", weights.to_bytes())
    _add_numbers(made, document)
    made.add_bytes("fingerprint", document.fingerprint().encode("ascii"))
    return made


def _add_numbers(made: tantivy.Document, document: ListingDocument) -> None:
    low = document.price_min_fen if document.price_min_fen is not None else document.price_max_fen
    high = document.price_max_fen if document.price_max_fen is not None else low
    optional = {
        "trl": document.trl,
        "price_min": low,
        "price_max": high,
        "organisation_id": document.organisation_id,
    }
    for name, value in optional.items():
        if value is not None:
            made.add_integer(name, value)
    made.add_integer("published_on", document.published_on.toordinal())
    made.add_integer("confirmed_on", document.confirmed_on.toordinal())
    made.add_unsigned("listing_id", document.listing_id)
    made.add_unsigned("kind_number", KINDS.index(document.kind))
    made.add_unsigned("revision_id", document.revision_id)
    number = document.listing_id
    made.add_unsigned("sort_newest", _sort_key(document.published_on.toordinal(), number))
    made.add_unsigned("sort_confirmed", _sort_key(document.confirmed_on.toordinal(), number))
    made.add_unsigned("sort_price", _sort_key(_UNKNOWN_PRICE if low is None else low, number))
    made.add_unsigned("sort_maturity", _sort_key(document.trl or 0, number))
