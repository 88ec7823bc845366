"""The index's fields on Elasticsearch, and how a prepared document becomes one of its documents.

Texts come pre-split (search.index_fields), so a stock server with its whitespace analyzer is enough. Nothing
is kept as raw text: the database has it, and a rebuild reads it from there.
"""

from __future__ import annotations

import base64
from typing import Any

from search import index_fields
from search.documents import MATCHED_KINDS
from search.index_fields import Norms, PreparedDocument
from search.tokenizer import tokenizer_version

# Raise whenever a field changes, or what is read out of texts for it: older indexes then ask for a rebuild.
MAPPING_VERSION = "7"


def version() -> dict[str, str]:
    """Name the mapping, the segmenter and its dictionary; kept in the index's `_meta`."""
    return {"mapping": MAPPING_VERSION, "tokenizer": tokenizer_version()}


def mappings() -> dict[str, Any]:
    """The strict mapping: a field that is not named here is refused."""
    keyword = {"type": "keyword"}
    present = {"type": "text", "analyzer": "whitespace", "index_options": "docs", "norms": False}
    number = {"type": "long"}
    properties: dict[str, Any] = dict.fromkeys(index_fields.TERM_FIELDS, keyword)
    for name in index_fields.WORD_FIELDS:
        properties[name] = {"type": "text", "analyzer": "whitespace", "index_options": "freqs"}
    properties["all_characters"] = {"type": "text", "analyzer": "whitespace", "index_options": "positions"}
    for kind in MATCHED_KINDS:
        properties |= {f"{prefix}_{kind}": present for prefix in ("own", "more", "pairs")}
    for name in (
        "trl",
        "price_min",
        "price_max",
        "published_on",
        "confirmed_on",
        "organisation_id",
        "measures",
    ):
        properties[name] = number
    for name in ("listing_id", "kind_number", *index_fields.SORT_FIELDS):
        properties[name] = number
    properties["match_norm"] = {"type": "float", "index": False}
    properties["revision_id"] = {"type": "long", "index": False}
    properties["fingerprint"] = {"type": "keyword", "index": False}
    properties["match_weights"] = {"type": "binary", "store": True}
    return {
        "dynamic": "strict",
        "_source": {"enabled": False},
        "_meta": version(),
        "properties": properties,
    }


def settings(shards: int, replicas: int) -> dict[str, Any]:
    """Settings of a new index. Deletions are remembered for an hour, longer than a rebuild or a late message."""
    return {
        "number_of_shards": shards,
        "number_of_replicas": replicas,
        "refresh_interval": "30s",
        "gc_deletes": "1h",
        "unassigned.node_left.delayed_timeout": "0",
    }


def to_source(document: PreparedDocument, norms: Norms) -> dict[str, Any]:
    """Return the fields of one document."""
    made: dict[str, Any] = {
        **document.terms,
        **document.texts,
        **document.numbers,
        **document.keys,
        "measures": list(document.measures),
        "fingerprint": document.fingerprint,
    }
    if document.match_weights is not None:
        made["match_norm"] = norms.inverse_length(document.kind, document.match_weights)
        made["match_weights"] = base64.b64encode(document.match_weights).decode("ascii")
    return made
