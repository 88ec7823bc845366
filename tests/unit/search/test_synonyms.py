"""Synonyms of a query: the list itself, and how clauses carry them."""

from collections import Counter

import pytest

from search.dictionary import synonym_groups
from search.query import ClauseKind, Level, parse
from search.synonyms import joined, others
from search.tokenizer import normalise, tiles


def test_every_group_is_normal_distinct_and_of_more_than_one_word():
    groups = synonym_groups()
    assert len(groups) > 40
    assert all(len(group) > 1 for group in groups)
    words = Counter(word for group in groups for word in group)
    assert [word for word, times in words.items() if times > 1] == []
    assert [word for word in words if normalise(word) != word] == []


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["土豆", "种植"], ["土豆", "种植"]),
        (["出水", "化学", "需氧量"], ["出水", "化学需氧量"]),
        (["草", "方格", "铺设"], ["草方格", "铺设"]),
        (["太阳能", "电池板"], ["太阳能电池板"]),
        (["化学", "电池"], ["化学", "电池"]),
        ([], []),
    ],
)
def test_pieces_of_a_word_of_the_list_are_put_together(words, expected):
    assert joined(words) == expected


def test_a_word_has_the_others_of_its_group():
    assert others("土豆") == ("马铃薯", "洋芋")
    assert others("没有这个词") == ()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("土豆 种植", {"土豆": ["马铃薯", "洋芋"], "种植": []}),
        ("ＣＯＤ", {"cod": ["化学需氧量"]}),
        ("太陽能板", {"太阳能板": ["光伏组件", "光伏板", "太阳能电池板"]}),
        ('"土豆"', {"土豆": []}),
        ("PM2.5", {"pm2.5": ["细颗粒物"]}),
    ],
)
def test_clauses_carry_their_alternatives(query, expected):
    clauses = parse(query).clauses
    assert {c.text: [one.text for one in c.alternatives] for c in clauses} == expected
    assert all(not c.alternatives for c in parse(query, literal=True).clauses)


def test_an_excluded_word_excludes_only_itself():
    (excluded,) = parse("种植 -土豆").excluded
    assert excluded.text == "土豆" and excluded.alternatives == ()


def test_a_mixed_alternative_is_looked_up_in_its_order():
    (clause,) = parse("增材制造").clauses
    mixed = next(one for one in clause.alternatives if one.text == "3d打印")
    assert mixed.kind is ClauseKind.PHRASE and mixed.tokens == ("3d", "打", "印")


def test_alternatives_do_not_count_as_words_of_the_text():
    parsed = parse("土豆 光伏板")
    assert [r.needed for r in parsed.readings() if r.level is not Level.CHARACTERS] == [2, 1]
    assert set(parsed.loose_characters) == set("土豆光伏板")


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("废水处理", ["废水", "处理"]),
        ("电池", []),
        ("发电机", []),
        ("石墨烯", []),
        ("计算机系统", ["计算机", "系统"]),
    ],
)
def test_a_long_word_is_made_of_shorter_ones(word, expected):
    assert tiles(word) == expected
