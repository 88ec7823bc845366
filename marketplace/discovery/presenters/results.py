"""The result page: rows with hits marked, how the search was understood, and the ways out of an empty result."""

from collections.abc import Sequence
from datetime import date
from types import SimpleNamespace
from typing import Any

from flask import url_for
from flask_babel import gettext

from marketplace.discovery.forms import Asked
from marketplace.discovery.presenters import aids as helping
from marketplace.discovery.presenters import facets, ranges
from marketplace.discovery.presenters.addresses import (
    search_url,
    url_without_measure,
    url_without_written_price,
)
from marketplace.discovery.presenters.left_out import left_out, shortened
from marketplace.discovery.presenters.names import SORT_NAMES
from marketplace.discovery.presenters.reading_notes import reading_notes
from marketplace.discovery.services import Aids, Found
from marketplace.discovery.services.met import AskedValue, met
from marketplace.listings.models import Listing
from marketplace.listings.presenters import listing_row
from marketplace.web.jinja import amount_text
from search.asked_prices import AskedPrice
from search.highlight import excerpt, highlight
from search.indicators import Comparator
from search.measures import AskedMeasure
from search.query import MAX_TEXT_LENGTH, Clause, Level, ParsedText

_EXCERPT = 90
_LONGEST_PART = 20


def result_page(found: Found, aids: Aids, asked: Asked, today: date) -> SimpleNamespace:
    """Everything the result page shows."""
    parsed = found.request.parsed()
    chips = facets.chips(asked)
    wanted = asked.values()
    return SimpleNamespace(
        total=found.result.total,
        available=found.available,
        notes=[
            *filter(
                None, (*reading_notes(found, parsed), _length_note(asked, parsed), _page_note(found, asked))
            )
        ],
        left_out=left_out(asked),
        rows=[_row(listing, parsed, found.result.reading.level, today, wanted) for listing in found.listings],
        understood=understood(parsed, asked),
        plain_url=search_url(asked, plain=1) if _not_word_by_word(parsed, asked) else None,
        facets=facets.panel(found, asked),
        ranges=ranges.panel(found, asked),
        range_problems=ranges.problems(asked),
        chips=chips,
        clear_url=url_for("discovery.search", q=asked.text or None),
        chosen=len(chips),
        sorts=[
            {"label": name, "url": search_url(asked, sort=sort.value), "active": sort is found.request.sort}
            for sort, name in SORT_NAMES.items()
        ],
        ways_out=helping.ways_out(found, aids, asked),
        corrections=helping.corrections(aids, asked),
        related=helping.related(found, aids, asked),
        alike=helping.alike(aids),
        kept=[(name, value) for name, value in asked.parameters().items() if name in ("q", "sort", "plain")],
        page=found.request.page,
        pages=found.pages,
        page_url=lambda number: search_url(asked, page=number),
    )


def _length_note(asked: Asked, parsed: ParsedText) -> str | None:
    if asked.cut:
        return gettext("搜索内容太长，只用了前 %(count)s 个字", count=MAX_TEXT_LENGTH)
    return gettext("搜索词太多，只用了前一部分") if parsed.truncated else None


def _page_note(found: Found, asked: Asked) -> str | None:
    if asked.page <= found.request.page:
        return None
    return gettext("没有那么多页，这是最后一页")


def understood(parsed: ParsedText, asked: Asked) -> list[SimpleNamespace]:
    """The parts of the text as the search took them; price and values with units can be taken out one by one."""
    return [
        *_price_part(asked),
        *(
            _part(_measure_text(m), gettext("指标"), url=url_without_measure(asked, m))
            for m in asked.measures
        ),
        *(_part(c.text, more=_synonyms(c)) for c in parsed.clauses),
        *(_part(c.text, gettext("不含")) for c in parsed.excluded),
        *(_part(word, gettext("略去")) for word in parsed.set_aside),
        *(_part(shortened(text, _LONGEST_PART), gettext("查不了")) for text in parsed.unsearchable),
    ]


def _price_part(asked: Asked) -> list[SimpleNamespace]:
    if asked.price is None:
        return []
    return [_part(_price_text(asked.price), gettext("价格"), url=url_without_written_price(asked))]


def _part(
    text: str, kind: str | None = None, more: str | None = None, url: str | None = None
) -> SimpleNamespace:
    return SimpleNamespace(text=text, kind=kind, more=more, url=url)


def _not_word_by_word(parsed: ParsedText, asked: Asked) -> bool:
    """Whether the text was not taken word by word: values with units, synonyms, words set aside."""
    changed = asked.measures or asked.price or parsed.set_aside
    return bool(changed) or any(clause.alternatives for clause in parsed.clauses)


def _synonyms(clause: Clause) -> str | None:
    if not clause.alternatives:
        return None
    return gettext("含同义词 %(words)s", words="、".join(one.text for one in clause.alternatives))


def _measure_text(asked: AskedMeasure) -> str:
    sign = "" if asked.comparator is Comparator.RANGE else f"{asked.comparator.value} "
    return f"{asked.name} {sign}{asked.value} {asked.unit}".lstrip()


def _price_text(asked: AskedPrice) -> str:
    if asked.low_fen is not None and asked.high_fen is not None:
        return amount_text(asked.low_fen, asked.high_fen)
    sign, end = ("≥", asked.low_fen) if asked.high_fen is None else ("≤", asked.high_fen)
    return f"{sign} {amount_text(end)}"


def _row(
    listing: Listing, parsed: ParsedText, level: Level, today: date, wanted: Sequence[AskedValue]
) -> dict[str, Any]:
    content = listing.accepted_revision.typed_content()
    piece = excerpt(content.open_text, parsed, level, _EXCERPT)
    segments = list(piece.segments)
    if piece.cut_before:
        segments.insert(0, ("…", False))
    if piece.cut_after:
        segments.append(("…", False))
    return listing_row(
        listing,
        today,
        title=highlight(content.title, parsed, level),
        excerpt=segments if content.open_text else None,
        met=met(content, wanted),
    )
