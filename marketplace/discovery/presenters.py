"""The result page: rows with hits marked, facets, chips, and the ways out of an empty result."""

from datetime import date
from types import SimpleNamespace
from typing import Any

from flask import url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict

from marketplace import codes
from marketplace.discovery import forms
from marketplace.discovery.forms import CHOICES, KINDS
from marketplace.discovery.services import Found
from marketplace.listings.models import Listing
from marketplace.listings.presenters import listing_row
from search.facets import Facet, FacetCount
from search.highlight import excerpt, highlight
from search.indicator_text import readable
from search.indicators import Comparator
from search.measures import AskedMeasure
from search.query import Clause, Level, ParsedText, Sort

_MOST_OPTIONS = 8
_EXCERPT = 90

KIND_NAMES = {"achievement": _l("成果"), "demand": _l("需求")}
MATURITY_NAMES = {"8-9": _l("8–9 级 可以量产"), "5-7": _l("5–7 级 中试"), "1-4": _l("1–4 级 实验室")}
PRICE_NAMES = {
    "0-30": _l("30 万元以下"),
    "30-100": _l("30–100 万元"),
    "100-500": _l("100–500 万元"),
    "500-": _l("500 万元以上"),
}
SORT_NAMES = {
    Sort.RELEVANCE: _l("综合"),
    Sort.NEWEST: _l("最新发布"),
    Sort.CONFIRMED: _l("最近确认"),
    Sort.PRICE: _l("价格从低到高"),
    Sort.MATURITY: _l("成熟度从高到低"),
}
FRESH_NAMES = {"30": _l("30 天内确认"), "90": _l("90 天内确认"), "180": _l("180 天内确认")}

#: Facet → parameter of the address, its heading, and how its values are called.
FACETS = {
    Facet.KIND: ("kind", _l("类别"), lambda v: str(KIND_NAMES.get(v, v))),
    Facet.FIELD: ("field", _l("技术领域"), lambda v: gettext(codes.technology_fields().name(v))),
    Facet.INDUSTRY: ("industry", _l("应用行业"), lambda v: gettext(codes.industries().name(v))),
    Facet.MATURITY: ("maturity", _l("成熟度"), lambda v: str(MATURITY_NAMES.get(v, v))),
    Facet.MODE: ("mode", _l("合作方式"), lambda v: gettext(codes.cooperation_modes().name(v))),
    Facet.PRICE: ("price", _l("价格"), lambda v: str(PRICE_NAMES.get(v, v))),
    Facet.REGION: ("region", _l("地区"), lambda v: codes.regions().name(v)),
    Facet.FRESHNESS: ("fresh", _l("最近确认"), lambda v: str(FRESH_NAMES.get(v, v))),
}
#: What can be loosened, with its name: the facets, and the values written into the text.
LOOSENED = {facet: heading for facet, (_parameter, heading, _name) in FACETS.items()} | {
    Facet.MEASURE: _l("指标")
}


def result_page(found: Found, args: MultiDict[str, str], today: date) -> SimpleNamespace:
    """Everything the result page shows."""
    parsed = found.request.parsed()
    return SimpleNamespace(
        total=found.result.total,
        available=found.available,
        level_note=_level_note(found, parsed),
        truncated=parsed.truncated,
        rows=[_row(listing, parsed, found.result.reading.level, today) for listing in found.listings],
        understood=_understood(parsed, args),
        plain_url=_address(args, plain=1) if _not_word_by_word(parsed, args) else None,
        facets=[_facet(facet, found, args) for facet in FACETS if _values(facet, found, args)],
        chips=_chips(args),
        clear_url=url_for("discovery.search", q=forms.typed(args) or None),
        chosen=len(_chips(args)),
        sorts=[
            {"label": name, "url": _address(args, sort=sort.value), "active": sort is found.request.sort}
            for sort, name in SORT_NAMES.items()
        ],
        ways_out=_ways_out(found, args),
        kept=[(name, args[name]) for name in ("q", "sort", "plain") if args.get(name)],
        page=found.request.page,
        pages=max(1, min(found.request.last_page, -(-found.result.total // found.request.page_size))),
        page_url=lambda number: _address(args, page=number),
    )


def _level_note(found: Found, parsed: ParsedText) -> str | None:
    """What was given up so that there are hits at all."""
    reading = found.result.reading
    if reading.level is Level.SOME_WORDS:
        words = "".join(f"“{clause.text}”" for clause in parsed.optional)
        return gettext(
            "没有同时包含%(words)s的结果，以下包含其中 %(count)s 个词", words=words, count=reading.needed
        )
    if reading.level is Level.CHARACTERS:
        return gettext("没有包含这些词的结果，以下按单字相近")
    return None


def _understood(parsed: ParsedText, args: MultiDict[str, str]) -> list[SimpleNamespace]:
    """The parts of the text as the search took them; values with units can be taken out one by one."""
    measures = [
        SimpleNamespace(
            text=_measure_text(asked), kind=gettext("指标"), more=None, url=_without_measure(args, asked)
        )
        for asked in forms.understood(args)[1]
    ]
    wanted = [SimpleNamespace(text=c.text, kind=None, more=_synonyms(c), url=None) for c in parsed.clauses]
    return [
        *measures,
        *wanted,
        *(SimpleNamespace(text=c.text, kind=gettext("不含"), more=None, url=None) for c in parsed.excluded),
        *(SimpleNamespace(text=word, kind=gettext("略去"), more=None, url=None) for word in parsed.set_aside),
    ]


def _not_word_by_word(parsed: ParsedText, args: MultiDict[str, str]) -> bool:
    """Whether the text was not taken word by word: values with units, synonyms, words set aside."""
    changed = forms.understood(args)[1] or parsed.set_aside
    return bool(changed) or any(clause.alternatives for clause in parsed.clauses)


def _synonyms(clause: Clause) -> str | None:
    if not clause.alternatives:
        return None
    return gettext("含同义词 %(words)s", words="、".join(one.text for one in clause.alternatives))


def _measure_text(asked: AskedMeasure) -> str:
    sign = "" if asked.comparator is Comparator.RANGE else f"{asked.comparator.value} "
    return f"{asked.name} {sign}{asked.value} {asked.unit}"


def _without_measure(args: MultiDict[str, str], asked: AskedMeasure) -> str:
    """The same search with the value taken out of the text; its name stays as a word."""
    left = readable(forms.typed(args)).replace(asked.quotation, asked.name, 1)
    return _address(args, q=left)


def _row(listing: Listing, parsed: ParsedText, level: Level, today: date) -> dict[str, Any]:
    content = listing.accepted_revision.typed_content()
    open_text = content.text if getattr(content, "confidentiality", "public") == "public" else content.use
    piece = excerpt(open_text, parsed, level, _EXCERPT)
    segments = list(piece.segments)
    if piece.cut_before:
        segments.insert(0, ("…", False))
    if piece.cut_after:
        segments.append(("…", False))
    return listing_row(
        listing, today, title=highlight(content.title, parsed, level), excerpt=segments if open_text else None
    )


def _values(facet: Facet, found: Found, args: MultiDict[str, str]) -> list[FacetCount]:
    """The values to offer: the most frequent of the level to choose on, and everything chosen."""
    chosen = args.getlist(FACETS[facet][0])
    counts = {count.value: count for count in found.result.facets.get(facet, ())}
    offered = [c for c in counts.values() if _offered(facet, c.value, chosen)]
    values = offered[:_MOST_OPTIONS]
    present = {c.value for c in values}
    values += [counts.get(v) or FacetCount(v, 0) for v in chosen if v not in present and _known(facet, v)]
    return values


def _offered(facet: Facet, value: str, chosen: list[str]) -> bool:
    """Trees are offered level by level: the top, and what lies below a chosen value."""
    tree = {
        Facet.FIELD: codes.technology_fields,
        Facet.INDUSTRY: codes.industries,
        Facet.REGION: codes.regions,
    }.get(facet)
    if tree is None or value in chosen:
        return True
    entry = tree().get(value)
    return entry is not None and (entry.parent is None or entry.parent in chosen)


def _known(facet: Facet, value: str) -> bool:
    parameter = FACETS[facet][0]
    if parameter == "kind":
        return value in KINDS
    if parameter == "fresh":
        return value in FRESH_NAMES
    return value in CHOICES[parameter][1]


def _facet(facet: Facet, found: Found, args: MultiDict[str, str]) -> dict[str, Any]:
    parameter, heading, name = FACETS[facet]
    chosen = set(args.getlist(parameter))
    return {
        "name": parameter,
        "label": heading,
        "options": [
            {"value": c.value, "label": name(c.value), "count": c.count, "checked": c.value in chosen}
            for c in _values(facet, found, args)
        ],
        "more_url": None,
    }


def _chips(args: MultiDict[str, str]) -> list[dict[str, str]]:
    """What is chosen, each with the address that takes it back."""
    return [
        {"label": f"{heading}：{name(value)}", "url": _address_without(args, parameter, value)}
        for facet, (parameter, heading, name) in FACETS.items()
        for value in dict.fromkeys(args.getlist(parameter))
        if _known(facet, value)
    ]


def _ways_out(found: Found, args: MultiDict[str, str]) -> list[dict[str, str]]:
    """Filters to loosen with what each would give, then posting it as a demand."""
    ways = [
        {
            "label": gettext(
                "去掉“%(facet)s”条件，有 %(count)s 条", facet=LOOSENED[loose.facet], count=loose.hits
            ),
            "url": _loosened(args, loose.facet),
        }
        for loose in found.result.loosen[:3]
    ]
    if found.result.total == 0:
        ways.append(
            {
                "label": gettext("把它作为需求发布，让成果来找您"),
                "url": url_for("listings.start", kind="demand"),
            }
        )
    return ways


def _loosened(args: MultiDict[str, str], facet: Facet) -> str:
    if facet is Facet.MEASURE:
        words, _measures = forms.understood(args)
        return _address(args, q=words)
    return _address_without(args, FACETS[facet][0], None)


def _address(args: MultiDict[str, str], **changed: object) -> str:
    kept = {
        name: args.getlist(name) for name in (*CHOICES, "q", "kind", "sort", "fresh", "plain") if name in args
    }
    return url_for("discovery.search", **{**kept, **changed})


def _address_without(args: MultiDict[str, str], parameter: str, value: str | None) -> str:
    left = [v for v in args.getlist(parameter) if value is not None and v != value]
    return _address(args, **{parameter: left or None})
