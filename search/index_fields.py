"""How a listing document becomes fields of an index: the same words, characters and keys in every engine."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain, islice
from operator import mul

from search.documents import KINDS, MATCHED_KINDS, ListingDocument, maturity_band, price_bands
from search.likeness import TextWeights, inverse_document_frequency
from search.tokenizer import bigrams, characters, characters_with_breaks, words

#: Fields with the codes or indicators that a facet or filter asks for; each holds a tuple of the document.
CODE_FIELDS = ("scopes", "field_codes", "industry_codes", "region_codes", "modes", "stated")
TERM_FIELDS = ("kind", *CODE_FIELDS, "maturity_band", "price_bands")
WORD_FIELDS = ("all_words", "title_words", "keyword_words")
SORT_FIELDS = ("sort_newest", "sort_confirmed", "sort_price", "sort_maturity")

# Below this size idf is computed as if there were so many documents, so that norms written while a market
# is young stay comparable with later ones.
_LEAST_DOCUMENTS = 2_000
_UNKNOWN_PRICE = (1 << 43) - 1
# Documents whose own statistics seed the match norms of a fresh index before the first is written.
_SEED_DOCUMENTS = 5_000


def term_values(document: ListingDocument) -> dict[str, list[str]]:
    """Return the exact values of every term field, each once."""
    band = maturity_band(document.trl)
    return {
        "kind": [document.kind],
        **{name: list(dict.fromkeys(getattr(document, name))) for name in CODE_FIELDS},
        "maturity_band": [] if band is None else [band],
        "price_bands": list(price_bands(document.price_min_fen, document.price_max_fen)),
    }


def text_fields(document: ListingDocument) -> dict[str, str]:
    """Return the pre-split texts: tokens joined by spaces, for fields split at spaces."""
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


def numbers(document: ListingDocument) -> dict[str, int]:
    """Return what ranges ask for; unknown values are left out, so that no range contains them."""
    low, high = _prices(document)
    optional = {
        "trl": document.trl,
        "price_min": low,
        "price_max": high,
        "organisation_id": document.organisation_id,
    }
    known = {name: value for name, value in optional.items() if value is not None}
    days = {"published_on": document.published_on, "confirmed_on": document.confirmed_on}
    return known | {name: day.toordinal() for name, day in days.items()}


def sort_keys(document: ListingDocument) -> dict[str, int]:
    """Return one number per order, below 2⁶³; unknown prices and maturities come last."""
    low, _ = _prices(document)
    values = {
        "sort_newest": document.published_on.toordinal(),
        "sort_confirmed": document.confirmed_on.toordinal(),
        "sort_price": _UNKNOWN_PRICE if low is None else low,
        "sort_maturity": document.trl or 0,
    }
    return {name: _sort_key(value, document.listing_id) for name, value in values.items()}


def measures(document: ListingDocument) -> tuple[int, ...]:
    """Return the packed values with units, each once."""
    return tuple(dict.fromkeys(document.measures))


def kind_number(document: ListingDocument) -> int:
    """Return the kind's place in KINDS."""
    return KINDS.index(document.kind)


def _prices(document: ListingDocument) -> tuple[int | None, int | None]:
    """Both ends of the price range; where one is unknown, the other stands for it."""
    low = document.price_min_fen if document.price_min_fen is not None else document.price_max_fen
    high = document.price_max_fen if document.price_max_fen is not None else low
    return low, high


def _sort_key(value: int, listing_id: int) -> int:
    # The low 20 bits make the order of equal values the same on every page and every day.
    return (min(value, _UNKNOWN_PRICE) << 20) | (listing_id & 0xFFFFF)


class Norms:
    """Lengths of match vectors, from the document frequencies known while writing.

    They only order candidates (the exact cosine is computed later), so they may lag behind until a rebuild.
    `documents` is the number already indexed per kind, `frequency` the indexed frequency of a token.
    """

    def __init__(
        self,
        documents: Mapping[str, int] | None = None,
        frequency: Callable[[str, str], int] = lambda kind, token: 0,
    ) -> None:
        self._indexed_frequency = frequency
        self._documents = Counter(documents or {})
        self._seen: dict[str, Counter[str]] = {kind: Counter() for kind in MATCHED_KINDS}

    def learn(self, document: ListingDocument) -> None:
        """Count a document that is about to be written."""
        if document.kind in MATCHED_KINDS:
            self._documents[document.kind] += 1
            self._seen[document.kind].update(set(characters(document.own_text)))

    def learning(self, documents: Iterable[ListingDocument]) -> Iterator[ListingDocument]:
        """Give every document of a fresh index: the first ones are learned beforehand, the others on the way."""
        source = iter(documents)
        seed = list(islice(source, _SEED_DOCUMENTS))
        for document in seed:
            self.learn(document)
        yield from seed
        for document in source:
            self.learn(document)
            yield document

    def inverse_length(self, kind: str, weights: TextWeights) -> float:
        """Return 1 / |vector| of a listing's characters (0 when it has none)."""
        documents = max(self._documents[kind], _LEAST_DOCUMENTS)
        seen, indexed = self._seen[kind], self._indexed_frequency
        idf = [
            inverse_document_frequency(documents, seen[token] + indexed(kind, token))
            for token in weights.characters
        ]
        length = math.hypot(*map(mul, weights.characters.values(), idf))
        return 1 / length if length else 0.0
