"""Words a market adds to the lists that come with it: in force for the process, or only tried."""

import threading

import pytest

from search import dictionary
from search.dictionary import Additions, dictionary_hash, synonym_groups, technical_terms
from search.query import parse
from search.synonyms import others
from search.tokenizer import cut, tokenizer_version, words

TERM = Additions(terms=("煤矸石陶粒",))


@pytest.fixture
def in_force():
    """Put additions into force, and the files alone at the end."""
    yield dictionary.use
    dictionary.use(Additions())


def test_a_term_is_one_word_while_it_is_in_force(in_force):
    before = cut("煤矸石陶粒制备")
    in_force(TERM)
    assert cut("煤矸石陶粒制备") == ["煤矸石陶粒", "制备"]
    assert "煤矸石陶粒" in words("煤矸石陶粒制备") and "陶粒" in words("煤矸石陶粒制备")
    in_force(Additions())
    assert cut("煤矸石陶粒制备") == before == ["煤矸石", "陶粒", "制备"]


def test_a_term_changes_the_name_of_the_index_and_a_synonym_does_not(in_force):
    plain = (dictionary_hash(), tokenizer_version())
    in_force(Additions(synonyms=(("煤矸石", "矸石"),)))
    assert (dictionary_hash(), tokenizer_version()) == plain
    in_force(TERM)
    assert technical_terms()[-1] == "煤矸石陶粒"
    assert dictionary_hash() != plain[0] and tokenizer_version() != plain[1]


def test_a_term_of_the_file_added_again_changes_nothing(in_force):
    before = dictionary_hash()
    in_force(Additions(terms=(technical_terms()[0],)))
    assert dictionary_hash() == before


def test_synonyms_are_read_in_queries(in_force):
    assert others("煤矸石") == ()
    in_force(Additions(synonyms=(("煤矸石", "矸石"),)))
    assert others("煤矸石") == ("矸石",)
    (clause,) = parse("煤矸石").clauses
    assert [one.text for one in clause.alternatives] == ["矸石"]


def test_a_group_that_shares_a_word_with_another_joins_it(in_force):
    assert others("土豆") == ("马铃薯", "洋芋")
    in_force(Additions(synonyms=(("土豆", "山药蛋"), ("山药蛋", "地蛋"))))
    assert others("地蛋") == ("马铃薯", "土豆", "洋芋", "山药蛋")
    assert sum("土豆" in group for group in synonym_groups()) == 1


def test_what_is_tried_is_seen_inside_only_and_by_nobody_else():
    seen = []
    with dictionary.trying(TERM):
        assert cut("煤矸石陶粒") == ["煤矸石陶粒"]
        other = threading.Thread(target=lambda: seen.append(cut("煤矸石陶粒")))
        other.start()
        other.join()
    assert seen == [["煤矸石", "陶粒"]] and cut("煤矸石陶粒") == ["煤矸石", "陶粒"]
