"""How words are typed by pinyin and initials, and which sound alike."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.pinyin import full_pinyin, initials, key_of, sounds


@pytest.mark.parametrize(
    ("word", "full", "short"),
    [
        ("耐高温", {"naigaowen"}, {"ngw"}),
        ("PLC控制", {"plckongzhi"}, {"plckz"}),
        ("控制PLC柜", {"kongzhiplcgui"}, {"kzplcg"}),
        ("Wi-Fi", {"wifi"}, {"wifi"}),
        ("C++接口", {"cjiekou"}, {"cjk"}),
        ("绿色", {"lvse"}, {"ls"}),
        ("重载", {"zhongzai", "chongzai"}, {"zz", "cz"}),
        ("轧辊", {"zhagun", "yagun"}, {"zg", "yg"}),
        ("塗層", {"tuceng"}, {"tc"}),
        ("ＰＭ２．５", {"pm25"}, {"pm25"}),
        ("𬭎铁", {"hongtie"}, {"ht"}),
        ("", set(), set()),
        ("！？", set(), set()),
    ],
)
def test_the_ways_to_type_a_word(word, full, short):
    assert (set(full_pinyin(word)), set(initials(word))) == (full, short)


def test_a_word_of_many_readings_has_a_bounded_number_of_keys():
    assert len(full_pinyin("参数模型重载调行长")) == 4


@pytest.mark.parametrize(
    ("text", "key"),
    [("耐高温 tu", "耐高温tu"), ("Xi'an", "xian"), ("lü色", "lv色"), ("ＰＬＣ　控制", "plc控制")],
)
def test_what_typing_is_compared_by(text, key):
    assert key_of(text) == key


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("图层", "涂层", True),
        ("涂曾", "涂层", True),
        ("生长", "胜仗", True),
        ("精密", "经密", True),
        ("金密", "精密", True),
        ("图层", "涂料", False),
        ("PLC空制", "PLC控制", True),
    ],
)
def test_words_that_sound_alike(one, other, alike):
    assert bool(set(sounds(one)) & set(sounds(other))) is alike


@given(st.text(max_size=30))
def test_any_text_has_keys_without_an_error(text):
    assert len(full_pinyin(text)) == len(set(full_pinyin(text))) <= 4
    assert len(initials(text)) <= len(sounds(text)) + 4
