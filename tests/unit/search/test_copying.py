"""How much of a text stands word for word in another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.copying import LEAST_CHARACTERS, PASSAGE, bare, copied_share

TEXT = (
    "风口小套端部长期受高温铁水与煤粉冲刷，常规喷涂层容易剥落，停炉更换损失大，需要更耐磨、更耐高温的涂层。"
)
OTHER = "羊绒纤维与羊毛纤维在显微镜下的鳞片形态不同，人工鉴别费时，希望用图像识别快速区分两种纤维的含量比例。"


def test_the_same_text_is_copied_whole_whatever_its_punctuation_and_width():
    assert copied_share(TEXT, TEXT) == 1.0
    assert copied_share(TEXT, TEXT.replace("，", ", ").replace("。", "．")) == 1.0
    assert copied_share("風口" + TEXT[2:], TEXT) == 1.0, "traditional characters"


def test_another_text_shares_nothing():
    assert copied_share(TEXT, OTHER) == 0.0


def test_half_a_text_put_into_another_is_half_copied():
    mixed = TEXT[: len(TEXT) // 2] + OTHER[: len(OTHER) // 2]
    assert 0.35 <= copied_share(mixed, TEXT) <= 0.55


def test_a_changed_word_here_and_there_hides_little():
    assert copied_share(TEXT.replace("煤粉", "焦粉").replace("停炉", "停机"), TEXT) >= 0.5


@pytest.mark.parametrize("length", [0, PASSAGE, LEAST_CHARACTERS - 1])
def test_a_short_text_says_nothing(length):
    assert copied_share(bare(TEXT)[:length], TEXT) == 0.0


@given(st.text(max_size=200), st.text(max_size=200))
def test_it_is_a_share_of_anything(text, other):
    assert 0.0 <= copied_share(text, other) <= 1.0
