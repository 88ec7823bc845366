"""Other words for a search, and the ways out of a result that is empty or not what was sought."""

from typing import Any

from flask import url_for
from flask_babel import gettext

from marketplace.discovery.forms import Asked
from marketplace.discovery.presenters.addresses import (
    search_url,
    unfiltered_url,
    url_without,
    url_without_measures,
    url_without_prices,
)
from marketplace.discovery.presenters.names import FACETS, KIND_NAMES, LOOSENED
from marketplace.discovery.services import Aids, Found
from marketplace.discovery.services.wording import Unexcluded
from marketplace.listings.models import Listing
from search.documents import DEMAND
from search.facets import Facet
from search.query import Level

#: What a draft that begins with a search takes of it, in characters (listings/forms/steps.py bounds it again).
_TITLE = 60


def corrections(aids: Aids, asked: Asked) -> list[dict[str, Any]]:
    """Near words: the whole text as it would be, and how many hits it has."""
    return [
        {
            "text": each.text,
            "note": gettext("%(count)s 条", count=each.hits),
            "url": search_url(asked, q=each.text),
        }
        for each in aids.corrections
    ]


def related(found: Found, aids: Aids, asked: Asked) -> list[dict[str, str]]:
    """Words the hits share: added to a text whose words were all found, in the place of one that was not."""
    adds = found.result.reading.level is Level.ALL_WORDS
    return [
        {
            "text": each.shown,
            "url": search_url(asked, q=f"{asked.text} {each.word}" if adds else each.word),
        }
        for each in aids.related
    ]


def alike(aids: Aids) -> list[dict[str, str]]:
    """Listings like a text that found nothing, as rows that say what each is."""
    return [_alike(listing) for listing in aids.alike]


def _alike(listing: Listing) -> dict[str, str]:
    return {
        "label": str(KIND_NAMES[listing.kind]),
        "text": listing.accepted_revision.title,
        "note": listing.number,
        "url": url_for("listings.detail", number=listing.number),
    }


def ways_out(found: Found, aids: Aids, asked: Asked) -> list[dict[str, str]]:
    """Filters to loosen and what each, or all, would give; posting it as a demand and looking at everything."""
    ways = [
        {
            "label": gettext(
                "去掉“%(facet)s”条件，有 %(count)s 条", facet=LOOSENED[loose.facet], count=loose.hits
            ),
            "url": _loosened(asked, loose.facet),
        }
        for loose in found.result.loosen[:3]
    ]
    if aids.unfiltered is not None:
        label = gettext("去掉全部筛选条件，有 %(count)s 条", count=aids.unfiltered)
        ways.append({"label": label, "url": unfiltered_url(asked)})
    if aids.unexcluded is not None:
        ways.insert(0, _unexcluded(aids.unexcluded, asked))
    nothing = found.result.total == 0
    if nothing or (asked.text and asked.kind != DEMAND):
        ways.append({"label": gettext("把它作为需求发布，让成果来找您"), "url": _as_demand(asked)})
    if nothing:
        ways.append({"label": gettext("浏览全部成果和需求"), "url": url_for("discovery.search")})
    return ways


def _unexcluded(found: Unexcluded, asked: Asked) -> dict[str, str]:
    words = "、".join(found.words)
    label = gettext("不排除“%(words)s”，有 %(count)s 条", words=words, count=found.hits)
    return {"label": label, "url": search_url(asked, q=found.text)}


def _loosened(asked: Asked, facet: Facet) -> str:
    if facet is Facet.MEASURE:
        return url_without_measures(asked)
    if facet is Facet.PRICE:
        return url_without_prices(asked)
    return url_without(asked, FACETS[facet][0])


def _as_demand(asked: Asked) -> str:
    """The form of a new demand with the text in it; values in its aim are offered there as indicators."""
    text = asked.text or None
    return url_for("listings.start", kind="demand", title=text and text[:_TITLE], goal=text)
