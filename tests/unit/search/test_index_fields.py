"""A document taken apart for an index: the same pieces as of its whole texts, and ready to travel between processes."""

from __future__ import annotations

import math
import pickle
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.documents import ACHIEVEMENT, DEMAND, ListingDocument
from search.index_fields import Norms, prepare, prepared
from search.likeness import (
    inverse_document_frequencies,
    inverse_document_frequency,
    text_weights,
)
from search.tokenizer import bigrams, characters, words

#: Texts with everything that might reach over the line between two of them.
TEXTS = st.text(st.sampled_from("耐磨塗层。；aB9.%°ΣςÅ㎡\u0301\ud83d\ude00 \n（①Ａ"), max_size=12)


def document(kind=ACHIEVEMENT, **values):
    base = {
        "listing_id": 7,
        "revision_id": 3,
        "title": "耐磨涂层",
        "published_on": date(2025, 1, 1),
        "confirmed_on": date(2025, 2, 1),
        "scopes": ("public",),
    }
    return ListingDocument(kind=kind, **{**base, **values})


def test_an_achievement_is_taken_apart():
    made = prepare(
        document(
            keywords=("钛粉",), summary="用于WC-Co。防腐", trl=6, price_min_fen=5, scopes=("b", "public", "b")
        )
    )
    assert (made.doc_id, made.kind) == ("achievement:7", "achievement")
    assert made.texts == {
        "title_words": "耐磨 涂层",
        "keyword_words": "钛粉",
        "all_words": "耐磨 涂层 钛粉 用于 wc-co wcco wc co 防腐",
        "all_characters": "耐 磨 涂 层 ¦ 钛 粉 ¦ 用 于 wc co ¦ 防 腐 ¦",
        "own_achievement": "耐 磨 涂 层 钛 粉",
        "more_achievement": "用 于 wc co 防 腐",
        "pairs_achievement": "耐磨 磨涂 涂层 钛粉",
    }
    assert made.terms["kind"] == ["achievement"] and made.terms["scopes"] == ["b", "public"]
    assert made.terms["maturity_band"] == ["5-7"] and made.terms["price_bands"] == ["0-30"]
    assert made.numbers == {
        "trl": 6,
        "price_min": 5,
        "price_max": 5,
        "published_on": date(2025, 1, 1).toordinal(),
        "confirmed_on": date(2025, 2, 1).toordinal(),
    }
    assert (made.keys["listing_id"], made.keys["revision_id"], made.keys["kind_number"]) == (7, 3, 0)
    assert (
        made.fingerprint
        == document(
            keywords=("钛粉",), summary="用于WC-Co。防腐", trl=6, price_min_fen=5, scopes=("b", "public", "b")
        ).fingerprint()
    )
    assert made.own_characters == set("耐磨涂层钛粉")


def test_a_kind_that_is_not_matched_has_nothing_to_match_with():
    made = prepare(document("expert"))
    assert made.match_weights is None and made.own_characters == set()
    assert sorted(made.texts) == ["all_characters", "all_words", "keyword_words", "title_words"]


@given(TEXTS, st.lists(TEXTS, max_size=2), TEXTS, TEXTS, TEXTS, st.sampled_from((ACHIEVEMENT, DEMAND)))
def test_the_pieces_are_those_of_the_whole_texts(title, keywords, summary, body, indicators, kind):
    whole = document(
        kind, title=title, keywords=tuple(keywords), summary=summary, body=body, indicators=indicators
    )
    made = prepare(whole)
    assert made.texts[f"own_{kind}"].split() == characters(whole.own_text)
    assert made.texts[f"more_{kind}"].split() == characters(whole.more_text)
    assert made.texts[f"pairs_{kind}"].split() == bigrams(whole.own_text)
    assert made.match_weights == text_weights(kind, whole.own_text, whole.more_text).to_bytes()
    texts = (title, *keywords, summary, body, indicators)
    assert made.texts["all_words"].split() == [word for text in texts for word in words(text)]
    rest = made.texts["all_characters"].replace("¦", "").split()
    assert rest == [token for text in texts for token in characters(text)]


def test_what_is_prepared_travels_and_is_not_prepared_again():
    made = prepare(document(DEMAND, summary="寿命延长", organisation_id=4))
    assert pickle.loads(pickle.dumps(made)) == made
    assert prepared(made) is made
    assert prepared(document(DEMAND, summary="寿命延长", organisation_id=4)) == made


def test_idf_of_many_is_the_idf_of_each():
    frequencies = [0, 1, 7, 100, 101, 5_000]
    expected = [inverse_document_frequency(100, one) for one in frequencies]
    assert inverse_document_frequencies(100, frequencies) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("norms", "documents", "frequency"),
    [
        (Norms(), 2_000, {"耐": 2, "磨": 1, "涂": 1, "层": 1}),
        (
            Norms({ACHIEVEMENT: 2_998}, lambda kind, token: 10),
            3_000,
            {"耐": 12, "磨": 11, "涂": 11, "层": 11},
        ),
    ],
)
def test_norms_know_what_was_indexed_and_what_was_learned(norms, documents, frequency):
    made = prepare(document())
    for one in (made, prepare(document(title="耐火砖"))):
        norms.learn(one)
    length = math.sqrt(sum(inverse_document_frequency(documents, frequency[c]) ** 2 for c in "耐磨涂层"))
    assert norms.inverse_length(ACHIEVEMENT, made.match_weights) == pytest.approx(1 / length)


def test_norms_of_an_empty_text():
    assert Norms().inverse_length(ACHIEVEMENT, prepare(document(title="。")).match_weights) == 0


def test_the_first_documents_are_learned_before_any_is_given(monkeypatch):
    monkeypatch.setattr("search.index_fields._SEED_DOCUMENTS", 2)
    norms, read = Norms(), []
    source = (read.append(number) or prepare(document(listing_id=number)) for number in range(4))
    given_out = norms.learning(source)
    assert next(given_out).doc_id == "achievement:0" and read == [0, 1]
    assert [one.doc_id for one in given_out] == ["achievement:1", "achievement:2", "achievement:3"]
