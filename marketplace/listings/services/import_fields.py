"""What a column of an imported file may become: the fields of content.py, and `price` and `validity`."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from marketplace import codes, identifiers, money
from marketplace.codes import CodeList
from marketplace.importing import fields as readers
from marketplace.importing import values
from marketplace.importing.fields import Field, Reading, single
from marketplace.importing.problems import Unsuitable
from marketplace.listings import labels
from marketplace.listings.content import (
    INDICATOR_NUMBER,
    REGISTRATION_NO,
    AchievementIndicator,
    Comparator,
    Contributor,
    DemandIndicator,
    IpRight,
    Kind,
    PriceKind,
)

#: Longer than the forms allow: what a source says is kept whole; its owner shortens it when he edits.
LONGEST_TEXT = 20_000
LONGEST_TITLE = 200

#: A name that a source cut short is recognised from this many characters on.
_LEAST_PREFIX = 4
_PATENTS = frozenset({"invention_patent", "utility_model", "design_patent", "patent_application"})

#: What sources call kinds of rights, besides the names of the code list.
_IP_SYNONYMS = {
    "非专利技术": "trade_secret",
    "专有技术": "trade_secret",
    "实用新型专利": "utility_model",
    "外观专利": "design_patent",
    "外观设计专利": "design_patent",
    "软件著作权": "software_copyright",
    "植物新品种": "plant_variety",
}


def fields_of(kind: Kind) -> Mapping[str, Field]:
    """Every field that a column may feed, by name."""
    own = _achievement_fields() if kind is Kind.ACHIEVEMENT else _demand_fields()
    return {field.name: field for field in (*_common_fields(), *own)}


def _common_fields() -> list[Field]:
    return [
        _text("title", LONGEST_TITLE, "写清对象和用途", joins=False),
        Field("keywords", _label("keywords"), "最多 8 个，用逗号隔开", _words("keywords", 30, 8), joins=True),
        _codes("field_codes", codes.technology_fields, "技术领域代码或名称，如 05 或 新材料及其应用"),
        _codes("industry_codes", codes.industries, "国民经济行业代码或名称，如 C31 或 医药制造业"),
        _choices("modes", _names(codes.cooperation_modes())),
        Field(
            "region_code",
            _label("region_code"),
            "行政区划代码或名称，如 150203",
            single("region_code", _region),
        ),
        Field("price", "价格或预算", "45万元、45万元-60万元、面议（45万元-60万元）", _read_price),
        _choice("price_kind", {str(k): labels.PRICE_KINDS[k] for k in PriceKind}),
        _whole("price_min_fen", 0, money.AMOUNT_LIMIT_FEN - 1, "整数，单位为分；通常改用 price"),
        _whole("price_max_fen", 0, money.AMOUNT_LIMIT_FEN - 1, "整数，单位为分；通常改用 price"),
        _text("contact_name", 40, "双方同意前不公开", joins=False),
        Field(
            "contact_phone", _label("contact_phone"), "手机号或带区号的电话", single("contact_phone", _phone)
        ),
        Field("contact_email", _label("contact_email"), "name@example.com", single("contact_email", _email)),
        _text("source_note", 500, "关于来源的说明"),
    ]


def _achievement_fields() -> list[Field]:
    stages = {name: label for name, (label, _low, _high) in labels.STAGE_LABELS.items()}
    return [
        _text("use", 500, "给谁用、带来什么好处"),
        _text("problem", LONGEST_TEXT, "解决的问题"),
        _text("principle", LONGEST_TEXT, "怎样起作用"),
        Field(
            "scenarios",
            _label("scenarios"),
            "最多 10 个，用分号隔开",
            readers.several("scenarios", values.phrases, lambda part: values.within(part, 100), 10),
            joins=True,
        ),
        _table("indicators", "名称|数值|单位|测试条件|证据；每行一项，用分号隔开", _offered, 5, 20),
        _whole("trl", 1, 9, "1–9"),
        _choice("stage_label", stages),
        _text("trl_note", 200, "证明材料"),
        _table("ip_rights", "类型|号码|名称|状态|权利人|有效期至；每行一项，用分号隔开", _right, 6, 20),
        _choice("ownership", labels.OWNERSHIPS),
        _text("ownership_note", 200, "共有或赋权的比例、期限"),
        _table("contributors", "姓名|职称|贡献；每行一人，用分号隔开", _contributor, 3, 20),
        Field(
            "registration_no",
            _label("registration_no"),
            "12 位，如 1502026Y0001",
            single("registration_no", _registration_no),
        ),
        _text("government_project", 100, "项目编号或名称"),
        _choice("pricing_mode", labels.PRICING_MODES),
        _choice("confidentiality", labels.CONFIDENTIALITY),
    ]


def _demand_fields() -> list[Field]:
    return [
        _text("current_state", LONGEST_TEXT, "现在怎样做、难在哪里"),
        _text("goal", LONGEST_TEXT, "要达到什么，最好能用数字衡量"),
        _text("limits", LONGEST_TEXT, "成本、温度、尺寸、介质等"),
        _text("tried", LONGEST_TEXT, "试过什么办法，为什么没成"),
        _table("indicators", "名称|现状|比较符|目标|单位|必须或期望；每行一项，用分号隔开", _wanted, 6, 20),
        _whole("wanted_trl", 1, 9, "1–9"),
        _day("solve_by"),
        _day("valid_from"),
        _day("valid_to"),
        Field("validity", "来源有效期", "2026-01-01至2026-12-31", _read_validity),
        *(_yes_no(name) for name in ("budget_public", "is_challenge", "limited", "hide_owner")),
    ]


# --- kinds of fields ----------------------------------------------------------------------------------------


def _label(name: str) -> str:
    return labels.FIELDS[name]


def _text(name: str, longest: int, form: str, joins: bool = True) -> Field:
    return Field(name, _label(name), form, readers.text(name, longest), joins)


def _words(name: str, longest: int, most: int) -> Callable[[str], Reading]:
    return readers.several(name, values.words, lambda part: values.within(part, longest), most)


def _whole(name: str, least: int, most: int, form: str) -> Field:
    return Field(name, _label(name), form, single(name, lambda text: values.whole_number(text, least, most)))


def _day(name: str) -> Field:
    return Field(name, _label(name), "2026-03-31", single(name, values.day))


def _yes_no(name: str) -> Field:
    return Field(name, _label(name), "是 或 否", single(name, values.yes_no))


def _choice(name: str, choices: Mapping[str, str]) -> Field:
    label = _label(name)
    form = "、".join(choices.values())
    return Field(name, label, form, single(name, lambda text: values.named(text, choices, label)))


def _choices(name: str, choices: Mapping[str, str]) -> Field:
    label = _label(name)
    read = readers.several(name, values.words, lambda part: values.named(part, choices, label), len(choices))
    return Field(name, label, "、".join(choices.values()), read, joins=True)


def _codes(name: str, code_list: Callable[[], CodeList], form: str) -> Field:
    read = readers.several(name, values.names, lambda part: code_of(code_list(), part, form), 5)
    return Field(name, _label(name), form, read, joins=True)


def _table(name: str, form: str, parse: Callable[[list[str]], Any], most_cells: int, most_rows: int) -> Field:
    return Field(name, _label(name), form, readers.table(name, parse, most_cells, most_rows), joins=True)


def _names(code_list: CodeList) -> dict[str, str]:
    return {code.code: code.name for code in code_list}


# --- codes by name ------------------------------------------------------------------------------------------


def code_of(code_list: CodeList, text: str, form: str) -> str:
    """The code meant by a code, a name, or names from the top down (“制造业——医药制造业”).

    Punctuation does not matter; a name cut short is recognised when only one fits. Raises Unsuitable.
    """
    if text.strip() in code_list:
        return text.strip()
    index = _index(code_list)
    key = values.name_key(text)
    if key in index:
        return index[key]
    if len(key) >= _LEAST_PREFIX:
        depths = {code: len(code_list.path(code)) for name, code in index.items() if name.startswith(key)}
        highest = [code for code, depth in depths.items() if depth == min(depths.values())]
        if len(highest) == 1:
            return highest[0]
    raise Unsuitable(form)


@cache
def _index(code_list: CodeList) -> dict[str, str]:
    """Names with and without the names above them; the entry nearest the top wins a shared name."""
    index: dict[str, str] = {}
    for code in sorted(code_list, key=lambda entry: len(code_list.path(entry.code))):
        keys = [values.name_key(code_list.name(step)) for step in code_list.path(code.code)]
        for start in range(len(keys)):
            index.setdefault("".join(keys[start:]), code.code)
    return index


def _region(text: str) -> str:
    return code_of(codes.regions(), text, "填写行政区划代码或名称，如 150203 或 包头市昆都仑区")


# --- cells of their own kind --------------------------------------------------------------------------------


def _read_price(text: str) -> Reading:
    try:
        price = values.price(text)
    except Unsuitable as unsuitable:
        return Reading({}, ((values.wrong(text), str(unsuitable)),))
    kind = PriceKind.FIXED if price.low_fen == price.high_fen else PriceKind.BAND
    return Reading(
        {
            "price_kind": PriceKind.NEGOTIABLE.value if price.negotiable else kind.value,
            "price_min_fen": price.low_fen,
            "price_max_fen": price.high_fen,
        }
    )


def _read_validity(text: str) -> Reading:
    try:
        first, last = values.period(text)
    except Unsuitable as unsuitable:
        return Reading({}, ((values.wrong(text), str(unsuitable)),))
    return Reading({"valid_from": first, "valid_to": last})


def _phone(text: str) -> str:
    return _identified("phone", identifiers.check_phone(text))


def _email(text: str) -> str:
    return _identified("email", identifiers.check_email(text))


def _identified(kind: str, check: identifiers.IdentifierCheck) -> str:
    if not check.valid:
        raise Unsuitable(identifiers.reason_sentence(kind, check.reasons[0]))
    return check.normalised


def _registration_no(text: str) -> str:
    number = identifiers.clean(text)
    if not REGISTRATION_NO.fullmatch(number):
        raise Unsuitable("12 位：7 位数字、1 个字母、4 位数字，如 1502026Y0001")
    return number


def _padded(cells: list[str], width: int) -> list[str]:
    return [values.within(cell, 100) for cell in (*cells, *[""] * (width - len(cells)))]


def _checked_number(text: str) -> str:
    if text and not INDICATOR_NUMBER.fullmatch(text):
        raise Unsuitable("指标要填数字，例如 900；范围写成 60~65")
    return text


def _offered(cells: list[str]) -> AchievementIndicator:
    name, value, unit, condition, evidence = _padded(cells, 5)
    if not name:
        raise Unsuitable("第一格是指标名称")
    return AchievementIndicator(name, _checked_number(value), unit, condition, evidence)


def _wanted(cells: list[str]) -> DemandIndicator:
    name, current, comparator, target, unit, necessity = _padded(cells, 6)
    if not name:
        raise Unsuitable("第一格是指标名称")
    if comparator and comparator not in set(Comparator):
        raise Unsuitable(f"比较符应为 {' '.join(Comparator)}")
    if necessity not in ("", "必须", "期望"):
        raise Unsuitable("最后一格应为 必须 或 期望")
    return DemandIndicator(
        name,
        current,
        comparator or Comparator.AT_LEAST.value,
        _checked_number(target),
        unit,
        necessity != "期望",
    )


def _right(cells: list[str]) -> IpRight:
    kind, number, name, status, owner, valid_to = _padded(cells, 6)
    code = _IP_SYNONYMS.get(kind) or values.named(kind, _names(codes.ip_types()), "知识产权类型")
    if number and code in _PATENTS:
        number = _identified("patent_no", identifiers.check_patent_no(number))
    return IpRight(
        kind=code,
        number=number[:40],
        name=name,
        status=values.named(status, labels.IP_STATUSES, "状态") if status else "",
        owner=owner,
        valid_to=values.day(valid_to) if valid_to else None,
    )


def _contributor(cells: list[str]) -> Contributor:
    name, title, contribution = _padded(cells, 3)
    if not name:
        raise Unsuitable("第一格是姓名")
    return Contributor(name, title, contribution)
