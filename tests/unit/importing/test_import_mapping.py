"""Mapping files: what they can say, and that a wrong one is named before the first row is read."""

import pytest

from marketplace.importing import fields as readers
from marketplace.importing import mapping as mappings
from marketplace.importing import values
from marketplace.importing.fields import Field
from marketplace.importing.problems import Unreadable
from marketplace.importing.table import Row

FIELDS = {
    field.name: field
    for field in (
        Field("title", "标题", "写清对象", readers.text("title", 10)),
        Field("text", "说明", "说明文字", readers.text("text", 100), joins=True),
        Field(
            "tags",
            "标签",
            "用逗号隔开",
            readers.several("tags", values.words, lambda part: values.within(part, 4), 3),
            joins=True,
        ),
        Field("level", "级别", "1–9", readers.single("level", lambda text: values.whole_number(text, 1, 9))),
    )
}

MAP = """
source: 示例来源
kind: thing
id: 编号
region: "150000"
columns:
  名称: title
  正文: text
  补充:
    field: text
    prefix: 另：
  类:
    - field: tags
      words: {甲类: 甲, 乙类: 乙, 其他: ""}
    - field: level
      otherwise: ""
      values: {甲类: "07"}
constants: {level: "2"}
ignore: [电话]
"""


@pytest.fixture
def load(tmp_path):
    def from_text(text, kind="thing"):
        path = tmp_path / "map.yaml"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return mappings.load(path, FIELDS, kind)

    return from_text


def row(**cells):
    return Row(2, {"编号": "1", "名称": "", "正文": "", "补充": "", "类": "", "电话": "", **cells}, 0)


def test_a_row_becomes_values(load):
    mapping = load(MAP)
    found, problems = mapping.read(row(名称="涂层", 正文="耐磨", 补充="便宜", 类="甲类乙类"))
    assert found == {"title": "涂层", "text": "耐磨\n另：便宜", "tags": ("甲", "乙"), "level": 2}
    assert problems == []
    assert (mapping.source, mapping.id_column, mapping.region) == ("示例来源", "编号", "150000")
    assert (mapping.column_of("title"), mapping.column_of("price")) == ("名称", None)


def test_codes_keep_their_leading_zero(load):
    assert load(MAP).read(row(类="甲类"))[0]["level"] == 7


def test_empty_cells_leave_constants_and_say_nothing(load):
    found, problems = load(MAP).read(row())
    assert found == {"level": 2}
    assert problems == []


def test_what_a_cell_has_too_much_is_named_and_the_rest_kept(load):
    found, problems = load(MAP).read(row(名称="十一个字的标题写得太长了", 类="甲类丁类"))
    assert found["title"] == "十一个字的标题写得太"
    assert found["tags"] == ("甲",)
    assert [(column, wrong) for column, wrong, _right in problems] == [
        ("名称", "有 12 个字，已截短"),
        ("类", "「丁类」无法识别"),
    ]


def test_words_mapped_to_nothing_are_left_out_on_purpose(load):
    found, problems = load(MAP).read(row(类="其他"))
    assert (found.get("tags", ()), problems) == ((), [])


def test_a_file_must_have_what_is_mapped_and_nothing_nobody_decided_on(load):
    mapping = load(MAP)
    mapping.check(["编号", "名称", "正文", "补充", "类", "电话"])
    with pytest.raises(Unreadable, match="没有映射要用的列：名称、类"):
        mapping.check(["编号", "正文", "补充", "电话"])
    with pytest.raises(Unreadable, match="没有说明这些列怎么办：价格"):
        mapping.check(["编号", "名称", "正文", "补充", "类", "电话", "价格"])


WRONG = {
    "no YAML": ("source: [", "不是正确的 YAML"),
    "tabs": ("source:\t\t- x\n\t- y: [", "不是正确的 YAML"),
    "a list": ("- a\n- b\n", "键: 值"),
    "empty": ("", "键: 值"),
    "another encoding": (MAP.encode("gb18030"), "UTF-8"),
    "no source": (MAP.replace("source: 示例来源", ""), "缺少 source"),
    "a long source": (MAP.replace("示例来源", "长" * 61), "最多 60 个字"),
    "no id": (MAP.replace("id: 编号", ""), "缺少 id"),
    "no columns": ("source: a\nkind: thing\nid: b\n", "缺少 columns"),
    "an unknown key": (MAP + "colums: {}\n", "不认识 colums"),
    "an unknown field": (MAP.replace("名称: title", "名称: titel"), "是不是 title"),
    "an unknown constant": (MAP.replace('level: "2"', "lvl: 2"), "没有字段“lvl”"),
    "an unknown option": (MAP.replace("prefix", "perfix"), "不认识 perfix"),
    "a value its field refuses": (MAP.replace('"07"', '"12"'), "填写 1 到 9 的整数"),
    "a constant its field refuses": (MAP.replace('level: "2"', "level: 很高"), "填写 1 到 9 的整数"),
    "two columns for one value": (MAP.replace("正文: text", "正文: title"), "title 只能对应一列"),
    "values that are no table": (MAP.replace('values: {甲类: "07"}', "values: [甲类]"), "原文: 值"),
    "an ignore list that is none": (MAP.replace("[电话]", "{电话: 1}"), "列名的清单"),
    "deep nesting": ("[" * 5000, "不是正确的 YAML"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_mapping_is_refused_with_one_sentence(load, what):
    text, word = WRONG[what]
    with pytest.raises(Unreadable) as refused:
        load(text)
    assert word in str(refused.value)
    assert "map.yaml" in str(refused.value)


def test_a_mapping_for_another_kind_or_out_of_reach_is_refused(load, tmp_path):
    with pytest.raises(Unreadable, match="映射用于 thing"):
        load(MAP, kind="other")
    with pytest.raises(Unreadable, match="读不出来"):
        mappings.load(tmp_path / "none.yaml", FIELDS, "thing")
    with pytest.raises(Unreadable, match="超过 1 MB"):
        load("#" * (1024 * 1024 + 1))


def test_columns_may_be_named_as_fields_or_labels():
    mapping = mappings.by_name(["source_id", "标题", "text"], FIELDS, "thing", "示例")
    found, _problems = mapping.read(Row(2, {"source_id": "1", "标题": "甲", "text": "乙"}, 0))
    assert found == {"title": "甲", "text": "乙"}
    with pytest.raises(Unreadable, match="没有“titel”这个字段，是不是 title"):
        mappings.by_name(["source_id", "titel"], FIELDS, "thing", "示例")
    with pytest.raises(Unreadable, match="缺少 source_id"):
        mappings.by_name(["title"], FIELDS, "thing", "示例")


def test_lists_and_tables_keep_what_they_understand():
    tags = FIELDS["tags"].read("甲，乙乙乙乙乙，丙、丁、戊")
    assert tags.values == {"tags": ("甲", "丙", "丁")}
    assert [wrong for wrong, _right in tags.problems] == ["「乙乙乙乙乙」无法识别", "有 4 项"]
    table = readers.table("rows", lambda cells: values.whole_number(cells[0], 1, 9), 2, 2)
    assert table("1|a；x|b；2；3").values == {"rows": (1, 2)}
    assert [wrong for wrong, _right in table("1|a；x|b；2；3").problems] == ["「x | b」无法识别", "有 3 行"]
    assert table("1|2|3").values == {}
