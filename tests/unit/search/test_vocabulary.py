"""The words a listing brings into the vocabulary, and by what each is found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.vocabulary import as_written, prefix_keys, words_of


def test_words_phrases_keywords_and_terms_of_a_listing():
    title = "高炉风口用耐高温耐磨涂层及等离子堆焊工艺（示例）"
    found = words_of(title, ("PLC控制", "堆焊"), "让风口寿命延长，去噪更好")
    assert {word for word, in_title in found.items() if in_title} == {
        *("高炉风口", "耐高温耐磨涂层", "耐磨涂层", "等离子堆焊工艺", "堆焊工艺"),
        *("高炉", "风口", "耐高温", "高温", "耐磨", "涂层", "等离子", "离子", "堆焊", "工艺"),
    }
    assert {word for word, in_title in found.items() if not in_title} == {"plc控制", "plc", "控制", "去噪"}


@pytest.mark.parametrize(
    ("title", "absent"),
    [
        ("一种基于风机的检测技术", {"一种", "基于", "的", "技术"}),
        ("X射线 5 2024 3.5%", {"x", "5", "2024", "3.5%"}),
        ("系统和装置", {"系统", "装置", "和"}),
        ("涂" * 60, {"涂" * 60, "涂"}),
    ],
)
def test_what_says_nothing_is_no_word_of_the_market(title, absent):
    assert not absent & words_of(title, (), "").keys()


@given(st.text(max_size=200), st.lists(st.text(max_size=30), max_size=8), st.text(max_size=200))
def test_whatever_a_listing_says_its_words_are_few_and_short(title, keywords, summary):
    found = words_of(title, keywords, summary)
    assert len(found) <= 40
    assert all(2 <= len(word) <= 20 for word in found)


@pytest.mark.parametrize(
    ("word", "texts", "shown"),
    [
        ("plc控制", ["基于ＰＬＣ控制的风机"], "PLC控制"),
        ("wi-fi", ["远程", "Wi-Fi抄表"], "Wi-Fi"),
        ("涂层", ["塗層"], "涂层"),
        ("coating", ["没有"], "coating"),
    ],
)
def test_a_word_is_shown_as_somebody_wrote_it(word, texts, shown):
    assert as_written(word, texts) == shown


def test_a_text_is_found_by_itself_its_pinyin_and_its_initials():
    assert prefix_keys("PLC控制") == {"plc控制", "plckongzhi", "plckz"}
    assert prefix_keys("coating") == {"coating"}
    assert prefix_keys("？！") == frozenset()
    assert max(map(len, prefix_keys("高炉风口用耐高温耐磨涂层及等离子堆焊工艺"))) == 40
