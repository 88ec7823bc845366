"""Saved searches and digests as pages show them."""

from collections.abc import Mapping, Sequence
from datetime import date
from types import SimpleNamespace
from typing import Any

from flask import url_for
from flask_babel import gettext

from marketplace.discovery.forms import Asked
from marketplace.discovery.presenters import ranges
from marketplace.discovery.presenters.addresses import search_url
from marketplace.discovery.presenters.names import FACETS, SORT_NAMES
from marketplace.discovery.presenters.results import understood
from marketplace.discovery.saved import asking
from marketplace.discovery.saved.forms import FREQUENCIES
from marketplace.discovery.saved.models import Frequency, SavedSearch, SearchDigest, SearchDigestItem
from marketplace.discovery.saved.services.keeping import LONGEST_NAME
from marketplace.listings.models import Listing
from marketplace.listings.presenters import listing_row
from search.query import Sort, parse

#: From this many on, what is new is not counted any further.
MOST_COUNTED = 100


def conditions(asked: Asked) -> list[tuple[str, str]]:
    """What a search asks for, in words: how its text is understood, then every choice."""
    parsed = parse(asked.words, literal=asked.literal)
    said: dict[str, list[str]] = {}
    for part in understood(parsed, asked):
        said.setdefault(part.kind or gettext("搜索词"), []).append(
            f"{part.text}（{part.more}）" if part.more else part.text
        )
    for parameter, heading, name in FACETS.values():
        if asked.chosen[parameter]:
            said[str(heading)] = [name(value) for value in asked.chosen[parameter]]
    if asked.ranges.usable:
        said.setdefault(gettext("指标"), []).extend(map(ranges.shown, asked.ranges.usable))
    if asked.literal:
        said[gettext("方式")] = [gettext("只按原文搜索")]
    if asked.sort is not Sort.RELEVANCE:
        said[gettext("排序")] = [str(SORT_NAMES[asked.sort])]
    return [(term, "、".join(texts)) for term, texts in said.items()]


def suggested_name(asked: Asked) -> str:
    """A name to begin with: the text, else the choices."""
    words = asked.text or " ".join(text for _term, text in conditions(asked))
    return words if len(words) <= LONGEST_NAME else f"{words[: LONGEST_NAME - 1]}…"


def row(search: SavedSearch, new: int | None) -> dict[str, Any]:
    """A saved search in its person's list; `new` is None where it is not known."""
    asked = asking.restored(search.parameters)
    return {
        "id": search.id,
        "name": search.name,
        "conditions": "；".join(f"{term}：{text}" for term, text in conditions(asked)),
        "frequency": str(FREQUENCIES[search.frequency]),
        "alerts": search.frequency != Frequency.OFF,
        "outdated": bool(asked.unknown),
        "new": _new(new),
        "created_at": search.created_at,
    }


def result_url(search: SavedSearch) -> str:
    """The result page of a saved search."""
    return search_url(asking.restored(search.parameters))


def digest_page(
    digest: SearchDigest,
    contents: Sequence[tuple[SavedSearch, Sequence[SearchDigestItem], int]],
    listings: Mapping[int, Listing],
    today: date,
) -> SimpleNamespace:
    """A digest as its person may read it now: what he may not see any more is only counted."""
    return SimpleNamespace(
        day=digest.day,
        total=sum(count for _search, _items, count in contents),
        sections=[_section(search, items, count, listings, today) for search, items, count in contents],
    )


def _section(
    search: SavedSearch,
    items: Sequence[SearchDigestItem],
    count: int,
    listings: Mapping[int, Listing],
    today: date,
) -> SimpleNamespace:
    return SimpleNamespace(
        name=search.name,
        rows=[listing_row(listings[i.listing_id], today) for i in items if i.listing_id in listings],
        gone=sum(1 for item in items if item.listing_id not in listings),
        more=count - len(items),
        url=url_for("discovery.run_saved_search", search_id=search.id),
    )


def _new(count: int | None) -> str | None:
    if not count:
        return None
    if count >= MOST_COUNTED:
        return gettext("%(count)s 条以上新信息", count=MOST_COUNTED)
    return gettext("%(count)s 条新信息", count=count)
