"""Suggestions as rows of the list page and as what the script of the search box reads."""

from typing import Any

from flask import url_for
from flask_babel import gettext

from marketplace.discovery.forms import Asked
from marketplace.discovery.presenters.names import KIND_NAMES
from marketplace.discovery.services.suggestions import SuggestedWord, Suggestions
from marketplace.listings.models import Listing


def rows(found: Suggestions, asked: Asked) -> list[dict[str, Any]]:
    """Every suggestion: what it is, its text, how many hits it has, where it leads."""
    return [*(_word(word, asked) for word in found.words), *(_title(listing) for listing in found.listings)]


def _word(word: SuggestedWord, asked: Asked) -> dict[str, Any]:
    kinds = list(asked.chosen["kind"]) or None
    return {
        "kind": "word",
        "label": gettext("词"),
        "text": word.shown,
        "note": None if word.hits is None else gettext("%(count)s 条", count=word.hits),
        "hits": word.hits,
        "url": url_for("discovery.search", q=word.text, kind=kinds),
    }


def _title(listing: Listing) -> dict[str, Any]:
    return {
        "kind": str(listing.kind),
        "label": str(KIND_NAMES[listing.kind]),
        "text": listing.accepted_revision.title,
        "note": None,
        "hits": None,
        "url": url_for("listings.detail", number=listing.number),
    }
