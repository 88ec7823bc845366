"""How a listing document becomes fields of an index: the same words, characters and keys in every engine.

Taking a document apart (`prepare`) is pure and costs most of a rebuild, so it may be done in other processes. What
comes of it depends on no other document; only the length of the match vector does (`Norms`), which the writing
process adds.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice, repeat
from operator import mul

from search.documents import DEMAND, KINDS, MATCHED_KINDS, ListingDocument, maturity_band, price_bands
from search.likeness import TextWeights, inverse_document_frequencies, weighed
from search.tokenizer import BREAK, bigrams, sentences, words

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


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedDocument:
    """Everything an engine stores of one listing but its match norm, as plain texts and numbers.

    `terms` are exact values, `texts` tokens joined by spaces, `numbers` what ranges ask for, `keys` whole numbers
    that every document has. `match_weights` is a packed TextWeights, None for kinds that are not matched.
    """

    doc_id: str
    kind: str
    terms: dict[str, list[str]]
    texts: dict[str, str]
    numbers: dict[str, int]
    keys: dict[str, int]
    measures: tuple[int, ...]
    fingerprint: str
    match_weights: bytes | None

    @property
    def own_characters(self) -> set[str]:
        """The characters of title and keywords; none for kinds that are not matched."""
        return set(self.texts.get(f"own_{self.kind}", "").split())


def prepare(document: ListingDocument) -> PreparedDocument:
    """Take a document apart."""
    texts = _TakenApart(document)
    return PreparedDocument(
        doc_id=document.doc_id,
        kind=document.kind,
        terms=term_values(document),
        texts=texts.fields(),
        numbers=numbers(document),
        keys={
            **sort_keys(document),
            "listing_id": document.listing_id,
            "kind_number": KINDS.index(document.kind),
            "revision_id": document.revision_id,
        },
        measures=measures(document),
        fingerprint=document.fingerprint(),
        match_weights=texts.weights().to_bytes() if document.kind in MATCHED_KINDS else None,
    )


def prepared(document: ListingDocument | PreparedDocument) -> PreparedDocument:
    """Prepare a document that is not prepared yet."""
    return document if isinstance(document, PreparedDocument) else prepare(document)


def term_values(document: ListingDocument) -> dict[str, list[str]]:
    """Return the exact values of every term field, each once."""
    band = maturity_band(document.trl)
    return {
        "kind": [document.kind],
        **{name: list(dict.fromkeys(getattr(document, name))) for name in CODE_FIELDS},
        "maturity_band": [] if band is None else [band],
        "price_bands": list(price_bands(document.price_min_fen, document.price_max_fen)),
    }


class _TakenApart:
    """The texts of a document, every one taken apart once: words, characters and match vector need the same pieces.

    The line between two texts ends every token and every run of Han, so the pieces of `own_text` and `more_text` are
    those of the texts that they are made of.
    """

    def __init__(self, document: ListingDocument) -> None:
        self._kind = document.kind
        self._own = (document.title, *document.keywords)
        self._rest = (document.summary, document.body, document.indicators)
        # What `more_text` is made of.
        self._more = self._rest if document.kind == DEMAND else self._rest[:1]
        own, rest = (list(map(sentences, texts)) for texts in (self._own, self._rest))
        self._sentences = [*chain.from_iterable(own), *chain.from_iterable(rest)]
        self._own_characters = _flat(own)
        self._more_characters = _flat(rest[: len(self._more)])
        self._own_pairs = [pair for text in self._own for pair in bigrams(text)]

    def fields(self) -> dict[str, str]:
        """Return the pre-split texts: tokens joined by spaces, for fields split at spaces."""
        title, *keywords = self._own
        fields = {
            "title_words": " ".join(words(title)),
            "keyword_words": " ".join(chain.from_iterable(map(words, keywords))),
        }
        rest = chain.from_iterable(map(words, self._rest))
        fields["all_words"] = " ".join((fields["title_words"], fields["keyword_words"], *rest))
        fields["all_characters"] = " ".join([f"{' '.join(sentence)} {BREAK}" for sentence in self._sentences])
        if self._kind in MATCHED_KINDS:
            fields[f"own_{self._kind}"] = " ".join(self._own_characters)
            fields[f"more_{self._kind}"] = " ".join(self._more_characters)
            fields[f"pairs_{self._kind}"] = " ".join(self._own_pairs)
        return fields

    def weights(self) -> TextWeights:
        """Return the weights of matching: `likeness.text_weights` of the document's two texts."""
        more_pairs = chain.from_iterable(map(bigrams, self._more))
        return weighed(self._kind, self._own_characters, self._more_characters, self._own_pairs, more_pairs)


def _flat(texts: Sequence[Sequence[Sequence[str]]]) -> list[str]:
    return [token for text in texts for sentence in text for token in sentence]


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
        frequency: Callable[[str, str], int] | None = None,
    ) -> None:
        self._indexed_frequency = frequency
        self._documents = Counter(documents or {})
        self._seen: dict[str, Counter[str]] = {kind: Counter() for kind in MATCHED_KINDS}

    def learn(self, document: PreparedDocument) -> None:
        """Count a document that is about to be written."""
        if document.kind in MATCHED_KINDS:
            self._documents[document.kind] += 1
            self._seen[document.kind].update(document.own_characters)

    def learning(self, documents: Iterable[PreparedDocument]) -> Iterator[PreparedDocument]:
        """Give every document of a fresh index: the first ones are learned beforehand, the others on the way."""
        source = iter(documents)
        seed = list(islice(source, _SEED_DOCUMENTS))
        for document in seed:
            self.learn(document)
        yield from seed
        for document in source:
            self.learn(document)
            yield document

    def inverse_length(self, kind: str, match_weights: bytes) -> float:
        """Return 1 / |vector| of a listing's characters (0 when it has none)."""
        weights = TextWeights.from_bytes(match_weights).characters
        documents = max(self._documents[kind], _LEAST_DOCUMENTS)
        idf = inverse_document_frequencies(documents, self._frequencies(kind, weights))
        length = math.hypot(*map(mul, weights.values(), idf))
        return 1 / length if length else 0.0

    def _frequencies(self, kind: str, tokens: Iterable[str]) -> Iterable[int]:
        seen, indexed = self._seen[kind], self._indexed_frequency
        if indexed is None:
            return map(seen.get, tokens, repeat(0))
        return [seen[token] + indexed(kind, token) for token in tokens]
