"""Marking hits on the text as written."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.highlight import excerpt, highlight
from search.query import Level, parse


def hits(text, query, level=Level.ALL_WORDS):
    return [segment.text for segment in highlight(text, parse(query), level) if segment.hit]


@pytest.mark.parametrize(
    ("text", "query", "marked"),
    [
        ("锂电池涂层与隔膜", "电池 隔膜", ["电池", "隔膜"]),
        ("ＰＬＣ控制", "plc", ["ＰＬＣ"]),
        ("鈦合金材料", "钛合金", ["鈦合金"]),
        ("硬度达 62 HRC", "62HRC", ["62 HRC"]),
        ("硬度达162HRC", "62HRC", []),
        ("SPLC模块", "plc", []),
        ("支持C++与C", "C++", ["C++"]),
        ("电池涂层", "电池 涂层", ["电池涂层"]),
        ("涂层、电池", '"涂层电池"', ["涂层、电池"]),
        ("<b>涂层</b>", "涂层", ["涂层"]),
        ("马铃薯种薯", "土豆", ["马铃薯"]),
        ("处理含油废水", "废水处理", ["处理", "废水"]),
        ("没有", "涂层", []),
        ("", "涂层", []),
        ("涂层", "", []),
    ],
)
def test_hits(text, query, marked):
    assert hits(text, query) == marked


def test_character_level_marks_single_characters():
    assert hits("废气治理", "污水治理", Level.ALL_WORDS) == ["治理"]
    assert hits("污泥处理", "污水治理", Level.CHARACTERS) == ["污", "理"]


def test_excerpt_shows_the_window_with_most_different_hits():
    text = "涂层" * 5 + "无关内容" * 60 + "。这里涂层硬度达到六十。" + "后面" * 60
    found = excerpt(text, parse("涂层 硬度"), width=30)
    shown = "".join(segment.text for segment in found.segments)
    assert "涂层硬度" in shown
    assert len(shown) == 30
    assert found.cut_before
    assert found.cut_after


def test_excerpt_starts_at_its_sentence():
    text = "甲" * 100 + "。涂层很硬" + "乙" * 100
    found = excerpt(text, parse("涂层"), width=20)
    assert found.segments[0].text.startswith("涂层")


def test_excerpt_without_hits_is_the_beginning():
    found = excerpt("甲" * 50, parse("涂层"), width=20)
    assert found.segments == (("甲" * 20, False),)
    assert not found.cut_before
    assert found.cut_after


def test_short_text_is_whole():
    found = excerpt("耐磨涂层", parse("涂层"), width=20)
    assert not found.cut_before
    assert not found.cut_after


_ANY = st.text(alphabet=st.sampled_from('涂层电池ＰLC硬度60 HRC。㎡℃ﬁİ《"“”<>&'), max_size=40)


@settings(max_examples=300, deadline=None)
@given(_ANY | st.text(max_size=40), _ANY, st.integers(1, 50))
def test_nothing_is_lost_or_added(text, query, width):
    parsed = parse(query)
    for level in (Level.ALL_WORDS, Level.CHARACTERS):
        assert "".join(segment.text for segment in highlight(text, parsed, level)) == text
    shown = "".join(segment.text for segment in excerpt(text, parsed, width=width).segments)
    assert shown in text
    assert len(shown) == min(width, len(text))
