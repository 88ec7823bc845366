"""The address of a search as a request: whitelist, bounds, and a sentence for whatever cannot be used.

Filter state lives in the address, so that a result can be shared. An address is read once, into `Asked`; unknown
values are left out and kept by name, because the page says what it left out.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from werkzeug.datastructures import MultiDict

from marketplace import codes
from marketplace.discovery import ranges as indicator_ranges
from marketplace.discovery.ranges import AskedRanges
from marketplace.listings import freshness
from marketplace.web.typed_text import one_line
from search.asked_prices import AskedPrice, read_price
from search.documents import ACHIEVEMENT, DEMAND, MATURITY_BANDS, PRICE_BANDS
from search.facets import DAYS_BACK, Facet
from search.measures import AskedMeasure, read_measures
from search.query import MAX_TEXT_LENGTH, Filters, SearchRequest, Sort

PAGE_SIZE = 20
#: Kinds that can be searched; experts and agencies join when they exist.
KINDS = (ACHIEVEMENT, DEMAND)
_MOST_VALUES = 30
_DEEPEST_PAGE = 10_000 // PAGE_SIZE
#: Longer numbers need not be read to know that they name no page.
_LONGEST_PAGE = 9
# Of a text longer than it may be, this much is looked at: signs that are taken out first must not use it up.
_LONGEST_RAW = 4 * MAX_TEXT_LENGTH

#: Parameters whose values are codes of a tree.
TREES: Mapping[str, Callable[[], codes.CodeList]] = {
    "field": codes.technology_fields,
    "industry": codes.industries,
    "region": codes.regions,
}
#: Parameter of the address → field of the filters and the values it may take.
CHOICES: Mapping[str, tuple[str, frozenset[str]]] = {
    "field": ("fields", frozenset(c.code for c in TREES["field"]())),
    "industry": ("industries", frozenset(c.code for c in TREES["industry"]())),
    "region": ("regions", frozenset(c.code for c in TREES["region"]())),
    "mode": ("modes", frozenset(c.code for c in codes.cooperation_modes())),
    "maturity": ("maturity_bands", frozenset(band[0] for band in MATURITY_BANDS)),
    "price": ("price_bands", frozenset(band[0] for band in PRICE_BANDS)),
}
#: Parameters that count days back from today → their facet and the field of the filters.
DATES: Mapping[str, tuple[Facet, str]] = {
    "published": (Facet.PUBLISHED, "published_since"),
    "fresh": (Facet.FRESHNESS, "confirmed_since"),
}
#: Every parameter that holds choices, with the values it may take.
KNOWN: Mapping[str, frozenset[str]] = {
    "kind": frozenset(KINDS),
    **{parameter: allowed for parameter, (_name, allowed) in CHOICES.items()},
    **{parameter: frozenset(map(str, DAYS_BACK[facet][1])) for parameter, (facet, _name) in DATES.items()},
}


@dataclass(frozen=True)
class Asked:
    """What an address asks for. `text` is the box as typed, `words` what is left of it beside price and values.

    `chosen` holds the known values of every parameter of KNOWN, `ranges` those of indicators; `unknown` pairs
    (parameter, value) that were left out; `cut` says that the text was longer than it may be.
    """

    text: str
    words: str
    measures: tuple[AskedMeasure, ...]
    price: AskedPrice | None
    literal: bool
    chosen: Mapping[str, tuple[str, ...]]
    ranges: AskedRanges
    sort: Sort
    page: int
    cut: bool
    unknown: tuple[tuple[str, str], ...]

    def request(self, scopes: Iterable[str], today: date) -> SearchRequest:
        """The search for a reader with these visibility tokens."""
        return SearchRequest(
            scopes=tuple(scopes),
            text=self.words,
            literal=self.literal,
            fill_up=True,
            kinds=self.chosen["kind"],
            filters=self._filters(today),
            sort=self.sort,
            page=self.page,
            page_size=PAGE_SIZE,
            fresh_since=freshness.recent_since(today),
            today=today,
            with_indicators=self.ranges.want_names,
        )

    @property
    def kind(self) -> str:
        """The one kind asked for; empty for all of them."""
        return self.chosen["kind"][0] if len(self.chosen["kind"]) == 1 else ""

    def parameters(self) -> dict[str, object]:
        """The address again, without its page and without what was not understood."""
        kept: dict[str, object] = {name: list(values) for name, values in self.chosen.items() if values}
        kept |= self.ranges.parameters()
        if self.text:
            kept["q"] = self.text
        if self.literal:
            kept["plain"] = 1
        if self.sort is not Sort.RELEVANCE:
            kept["sort"] = self.sort.value
        return kept

    def pairs(self, *without: str) -> list[tuple[str, str]]:
        """The address again as (parameter, value), without some parameters: what a form about those keeps."""
        return [
            (name, str(value))
            for name, values in self.parameters().items()
            if name not in without
            for value in (values if isinstance(values, list) else [values])
        ]

    def _filters(self, today: date) -> Filters:
        chosen = {name: self.chosen[parameter] for parameter, (name, _allowed) in CHOICES.items()}
        # Several choices are alternatives, and who wants 90 days wants the last 30, too.
        since = {
            name: today - timedelta(days=max(map(int, self.chosen[parameter])))
            for parameter, (_facet, name) in DATES.items()
            if self.chosen[parameter]
        }
        measures = tuple((asked.low, asked.high) for asked in self.measures)
        measures += tuple(asked.bounds() for asked in self.ranges.usable)
        ends = (
            {"price_min_fen": self.price.low_fen, "price_max_fen": self.price.high_fen} if self.price else {}
        )
        return Filters(**chosen, **since, **ends, measures=measures)

    def values(self) -> list[tuple[str, int, int]]:
        """The values asked for, written in the text or picked: name and packed ends of each."""
        written = [(one.name, one.low, one.high) for one in self.measures]
        return written + [(one.name, *one.bounds()) for one in self.ranges.usable]


def read(args: MultiDict[str, str]) -> Asked:
    """Read an address, within bounds. Never raises."""
    raw = one_line(args.get("q", ""), _LONGEST_RAW)
    text, literal = raw[:MAX_TEXT_LENGTH].strip(), bool(args.get("plain"))
    left, price = (text, None) if literal else read_price(text)
    words, measures = (text, ()) if literal else read_measures(left)
    chosen, unknown = _choices(args)
    ranges, no_indicators = indicator_ranges.read(args)
    unknown += no_indicators
    sort, page = args.get("sort", ""), args.get("page", "")
    if sort and sort not in set(Sort):
        unknown.append(("sort", sort))
    if page and _page(page) is None:
        unknown.append(("page", page))
    return Asked(
        text=text,
        words=words[:MAX_TEXT_LENGTH],  # a sign may stand for a whole phrase: reading values spells it out
        measures=measures,
        price=price,
        literal=literal,
        chosen=chosen,
        ranges=ranges,
        sort=Sort(sort) if sort in set(Sort) else Sort.RELEVANCE,
        page=_page(page) or 1,
        cut=len(raw) > MAX_TEXT_LENGTH,
        unknown=tuple(unknown),
    )


def request_of(args: MultiDict[str, str], scopes: Iterable[str], today: date) -> SearchRequest:
    """The search that an address asks for, within bounds."""
    return read(args).request(scopes, today)


def understood(args: MultiDict[str, str]) -> tuple[str, tuple[AskedMeasure, ...]]:
    """The words of the search and the values with units in it; with `plain` the text is only words."""
    asked = read(args)
    return asked.words, asked.measures


def _choices(args: MultiDict[str, str]) -> tuple[dict[str, tuple[str, ...]], list[tuple[str, str]]]:
    """The known values of every parameter, in the order typed, and what is left out."""
    chosen, unknown = {}, []
    for parameter, allowed in KNOWN.items():
        values = [value for value in dict.fromkeys(args.getlist(parameter)) if value]
        known = [value for value in values if value in allowed]
        chosen[parameter] = _narrowest(parameter, known[:_MOST_VALUES])
        left_out = known[_MOST_VALUES:] + [value for value in values if value not in allowed]
        unknown += [(parameter, value) for value in left_out]
    return chosen, unknown


def _narrowest(parameter: str, values: list[str]) -> tuple[str, ...]:
    """The values; of a tree without those above another one: who ticks a part of what is ticked wants that part."""
    if parameter not in TREES:
        return tuple(values)
    tree = TREES[parameter]()
    above = {step for value in values for step in tree.path(value)[:-1]}
    return tuple(value for value in values if value not in above)


def _page(text: str) -> int | None:
    """The page, no deeper than the deepest; None for what is no page."""
    if not (text.isascii() and text.isdigit()) or not text.strip("0"):
        return None
    return min(int(text), _DEEPEST_PAGE) if len(text) <= _LONGEST_PAGE else _DEEPEST_PAGE
