"""Tokens: what a text is found by."""

from __future__ import annotations

import csv
import threading
from itertools import islice

import jieba
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search import tokenizer
from search.dictionary import TERMS_FILE, dictionary_hash, technical_terms
from search.tokenizer import bigrams, characters, cut, normalise, sentences, unsearchable, words
from tests.conftest import BENCHMARK


@pytest.mark.parametrize(
    ("raw", "normal"),
    [
        ("ＰＬＣ控制", "plc控制"),
        ("１２．５％", "12.5%"),
        ("電池塗層", "电池涂层"),
        ("900℃", "900°c"),
        ("10㎡", "10m2"),
        ("Ni-Cr-B", "ni-cr-b"),
    ],
)
def test_normalise_brings_spellings_together(raw, normal):
    assert normalise(raw) == normal


def test_traditional_is_one_way_and_simplified_stays():
    assert normalise("电池") == "电池"
    assert words("鈦合金電池") == words("钛合金电池")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("C++程序", "c++"),
        ("C#开发", "c#"),
        ("PM2.5监测", "pm2.5"),
        ("精度3.5级", "3.5"),
        ("Wi-Fi模块", "wi-fi"),
        ("Wi-Fi模块", "wifi"),
        ("硬度60HRC", "60hrc"),
        ("硬度60HRC", "60"),
        ("硬度60HRC", "hrc"),
        ("能耗下降15%", "15%"),
        ("能耗下降15%", "15"),
        ("PLC控制", "plc"),
        ("PLC控制", "控制"),
        ("GB/T 1172-1999", "1172-1999"),
        ("锂电池涂层", "电池"),
        ("锂电池涂层", "涂层"),
        ("石墨烯薄膜", "石墨烯"),
        ("μm级", "μm"),
    ],
)
def test_words_hold_what_people_search_for(text, wanted):
    assert wanted in words(text)


def test_technical_terms_stay_whole():
    assert "钛粉" in technical_terms()
    assert "钛粉" in words("高纯钛粉制备")
    assert "矿热炉" in cut("矿热炉余热利用")


def test_cut_gives_words_without_overlap():
    text = "高炉风口套表面耐磨涂层"
    assert "".join(cut(text)) == text


def test_characters_are_single_han_and_whole_latin():
    assert characters("PLC控制 3.5kV") == ["plc", "控", "制", "3.5", "kv"]
    assert characters("60HRC") == ["60hrc"]
    assert characters("污泥/污水") == ["污", "泥", "污", "水"]


def test_rare_han_are_characters_too():
    assert characters("㛃䶮𬭎𫟹") == ["㛃", "䶮", "𬭎", "𫟹"]


def test_bigrams_stay_inside_a_run_of_han():
    assert bigrams("涂层A电池") == ["涂层", "电池"]


def test_a_text_is_taken_apart_sentence_by_sentence():
    assert sentences("耐磨涂层。电池！\n。钛") == [["耐", "磨", "涂", "层"], ["电", "池"], ["钛"]]
    assert sentences("。") == sentences("") == []


def test_endless_runs_are_left_out():
    assert words("a" * 500) == []
    assert characters("a" * 500) == []


def test_dictionary_is_ours_and_hashed():
    head = TERMS_FILE.read_text(encoding="utf-8").splitlines()[0]
    assert head.startswith("#")
    assert len(set(technical_terms())) == len(technical_terms())
    assert all(2 <= len(term) <= 4 for term in technical_terms())
    assert len(dictionary_hash()) == 16
    assert dictionary_hash() in tokenizer.tokenizer_version()


def test_first_use_by_many_threads_at_once():
    tokenizer._segmenter_with.cache_clear()
    results, errors = [], []

    def run():
        try:
            results.append(tuple(cut("高纯钛粉与固态电池")))
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(results) == 8
    assert len(set(results)) == 1


@pytest.fixture(scope="module")
def reference() -> jieba.Tokenizer:
    """The Python jieba with the same terms, which decides what is right."""
    jieba.setLogLevel("WARNING")
    made = jieba.Tokenizer()
    for term in technical_terms():
        made.add_word(term)
    return made


def assert_taken_apart_alike(run: str, reference: jieba.Tokenizer) -> None:
    assert tokenizer._segmenter().words(run) == list(reference.cut(run))
    assert tokenizer._segmenter().search_words(run) == list(reference.cut_for_search(run))


_HAN = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FD5)
_RARE = st.sampled_from("〇㐀㐌䶵鿡鿿𠀍𲎯")


@settings(max_examples=300, deadline=None)
@given(run=st.text(st.one_of(_HAN, _HAN, _HAN, _RARE), min_size=1, max_size=12))
def test_any_run_of_han_is_taken_apart_as_by_jieba(run, reference):
    assert_taken_apart_alike(run, reference)


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_words_of_the_dictionary_side_by_side_are_taken_apart_as_by_jieba(data, reference):
    known = [word for word in islice(reference.FREQ, 0, None, 97) if tokenizer.is_han(word)]
    words_of_it = data.draw(st.lists(st.sampled_from([*known, *technical_terms()]), min_size=1, max_size=5))
    assert_taken_apart_alike("".join(words_of_it), reference)


@pytest.mark.benchmark
def test_real_titles_are_taken_apart_as_by_jieba(reference):
    with (BENCHMARK / "listings" / "load_titles.csv").open(encoding="utf-8-sig", newline="") as stream:
        titles = [normalise(row["title"]) for row in islice(csv.DictReader(stream), 0, None, 5)]
    for title in titles:
        for run in tokenizer._HAN_RUN.findall(title):
            assert_taken_apart_alike(run, reference)


def test_runs_that_share_nothing_need_not_be_taken_apart():
    text = "高炉风口，耐磨涂层 60HRC"
    assert cut(text) == [*cut("高炉风口"), *cut("耐磨涂层"), "60hrc"]
    assert cut(text, {"磨": 1.0}.keys()) == [*cut("耐磨涂层"), "60hrc"]


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_any_text_gives_clean_tokens(text):
    for token in (*words(text), *characters(text), *bigrams(text), *cut(text)):
        assert token
        assert not any(c.isspace() for c in token)
        token.encode("utf-8")


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_normalising_twice_changes_no_tokens(text):
    assert characters(normalise(text)) == characters(text)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.sampled_from(["电池", "涂层", "PLC", "60HRC", "钛粉", "，", " "]), min_size=1, max_size=8))
def test_words_cover_every_character(parts):
    text = "".join(parts)
    assert {c for c in "".join(words(text)) if "\u4e00" <= c <= "\u9fff"} == {
        c for c in text if "\u4e00" <= c <= "\u9fff"
    }


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("涂层 硬度≥60HRC，C++、PM2.5", []),
        ("(a|b)* ~2 ^$ ± ½ ㎡ \ud800", []),
        ("涂层😀🐎 ok", ["😀🐎"]),
        ("ᠮᠣᠩᠭᠣᠯ 草场 привет", ["ᠮᠣᠩᠭᠣᠯ", "привет"]),
        ("x" * 81, ["x" * 81]),
        ("x" * 80, []),
    ],
)
def test_what_no_index_can_hold_is_told(text, pieces):
    assert unsearchable(text) == pieces
