"""Words that all texts share, and nothing that only one of them says."""

from search.common_words import MOST_SUBJECT_WORDS, CommonWords, common_words
from search.match_result import MatchSubject


def demand(title: str, text: str = "", *keywords: str) -> MatchSubject:
    return MatchSubject(kind="demand", listing_id=1, title=title, text=text, keywords=keywords)


def test_words_of_all_titles_and_keywords_in_their_order():
    texts = [demand("高炉风口套表面耐磨涂层"), demand("高炉风口小套耐磨涂层开发", "", "堆焊")]
    assert common_words(texts) == CommonWords(("高炉风口", "耐磨涂层"), ())
    assert common_words(texts[::-1]) == common_words(texts)


def test_a_word_only_one_says_is_never_there():
    texts = [demand("某某集团防覆冰涂层", "预算三百万"), demand("叶片防覆冰涂层", "北方风场")]
    said = "".join((*common_words(texts).subject, *common_words(texts).details))
    assert "覆冰" in said
    assert not any(word in said for word in ("集团", "预算", "叶片", "风场"))


def test_a_keyword_of_one_is_a_word_of_the_others_title():
    texts = [demand("板坯连铸结晶器延寿"), demand("铜板修复", "", "连铸", "结晶器")]
    assert common_words(texts).subject == ("连铸", "结晶器")


def test_latin_words_keep_their_spelling():
    texts = [demand("PLC控制的输送机"), demand("输送机的plc控制改造")]
    assert "PLC" in "".join(common_words(texts).subject)


def test_terms_of_the_descriptions_come_second_and_unjoined():
    sentence = "采用等离子堆焊制备的涂层开裂，需要新的粘结剂。"
    found = common_words([demand("高炉风口延寿", sentence), demand("高炉风口修复", sentence)])
    assert found.subject == ("高炉风口",)
    assert all(len(word) <= 6 for word in found.details)
    assert not any(word in "高炉风口" for word in found.details)


def test_nothing_in_common_is_nothing():
    assert common_words([demand("甲醇制烯烃"), demand("马铃薯脱毒")]) == CommonWords((), ())


def test_generic_words_say_nothing():
    assert common_words([demand("技术开发项目"), demand("系统研究开发项目")]).subject == ()


def test_there_are_few_words_however_long_the_titles():
    title = "矿井 水泵 风机 皮带 刮板 液压 支架 电缆"
    assert len(common_words([demand(title), demand(title + " 改造")]).subject) == MOST_SUBJECT_WORDS
