"""The fields a listing's import understands: codes by name, prices, rights, indicators."""

from datetime import date

import pytest

from marketplace import codes
from marketplace.importing.problems import Unsuitable
from marketplace.listings.content import (
    CONTENT_TYPES,
    AchievementIndicator,
    Contributor,
    DemandIndicator,
    IpRight,
    Kind,
)
from marketplace.listings.services import import_fields

ACHIEVEMENT = import_fields.fields_of(Kind.ACHIEVEMENT)
DEMAND = import_fields.fields_of(Kind.DEMAND)


def read(name, text, fields=ACHIEVEMENT):
    """The values of a cell that must be understood whole."""
    reading = fields[name].read(text)
    assert reading.problems == ()
    return reading.values


def refused(name, text, fields=ACHIEVEMENT):
    """What is said of a cell, and what is kept of it."""
    reading = fields[name].read(text)
    assert reading.problems
    return reading


@pytest.mark.parametrize("kind", list(Kind))
def test_every_field_is_content_or_a_name_for_several(kind):
    content = CONTENT_TYPES[kind].__dataclass_fields__
    beyond = import_fields.fields_of(kind).keys() - content.keys()
    assert beyond == {"price"} | ({"validity"} if kind is Kind.DEMAND else set())
    # Files are uploaded, not imported.
    assert content.keys() - import_fields.fields_of(kind).keys() == {"attachment_ids"}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("C27", "C27"),
        ("医药制造业", "C27"),
        ("制造业——医药制造业", "C27"),
        ("制造业 > 医药制造业", "C27"),
        ("农、林、牧、渔业——农业", "A01"),
        ("教育——教育", "P83"),
        ("教育", "P"),
        ("电力、热力、燃气、及水生产和供应业", "D"),
        ("制造业——文教工美体育和娱乐用品制造业", "C24"),
        ("制造业——计算机、通信和其他电子设备制造", "C39"),
        ("制造业——铁路、船舶、航空航天和其他运输", "C37"),
    ],
)
def test_industries_are_found_by_name(text, code):
    assert read("industry_codes", text) == {"industry_codes": (code,)}


@pytest.mark.parametrize("text", ["造业", "制造业——软件业", "X99", "业"])
def test_an_industry_that_is_none_is_named(text):
    reading = refused("industry_codes", text)
    assert reading.values == {"industry_codes": ()}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("150203", "150203"),
        ("昆都仑区", "150203"),
        ("包头市昆都仑区", "150203"),
        ("内蒙古自治区 包头市", "150200"),
        ("浙江省", "330000"),
    ],
)
def test_regions_are_found_by_name(text, code):
    assert read("region_code", text) == {"region_code": code}


def test_a_name_cut_short_is_taken_only_when_one_fits():
    assert import_fields.code_of(codes.technology_fields(), "环境保护与资源", "") == "07"
    with pytest.raises(Unsuitable):
        import_fields.code_of(codes.regions(), "科尔沁左翼", "")


def test_prices_become_three_fields():
    band = {"price_kind": "band", "price_min_fen": 45_000_000, "price_max_fen": 60_000_000}
    assert read("price", "45万元-60万元") == band
    assert read("price", "9.0万元-9.0万元")["price_kind"] == "fixed"
    assert read("price", "面议") == {
        "price_kind": "negotiable",
        "price_min_fen": None,
        "price_max_fen": None,
    }
    assert read("price", "面议（45-60万元）") == {**band, "price_kind": "negotiable"}
    assert refused("price", "看情况").values == {}


def test_validity_becomes_two_days():
    assert read("validity", "2020-01-1310:49:39.0至2021-01-1310:49:41.0", DEMAND) == {
        "valid_from": date(2020, 1, 13),
        "valid_to": date(2021, 1, 13),
    }
    assert refused("validity", "长期", DEMAND).values == {}


def test_indicators_are_small_tables():
    assert read("indicators", "硬度|58|HRC|常温|检测报告；工作温度|-40~60|℃") == {
        "indicators": (
            AchievementIndicator("硬度", "58", "HRC", "常温", "检测报告"),
            AchievementIndicator("工作温度", "-40~60", "℃"),
        )
    }
    assert read("indicators", "硬度|52|≥|60|HRC|必须;寿命||||月|期望", DEMAND) == {
        "indicators": (
            DemandIndicator("硬度", "52", "≥", "60", "HRC", True),
            DemandIndicator("寿命", "", "≥", "", "月", False),
        )
    }
    kept = refused("indicators", "硬度|很硬|HRC；温度|900|℃").values
    assert [row.name for row in kept["indicators"]] == ["温度"]
    for text in ("|1|HRC", "硬度|1|约|2|HRC", "硬度|1|≥|2|HRC|也许"):
        assert refused("indicators", text, DEMAND).values == {"indicators": ()}


def test_rights_are_checked():
    assert read("ip_rights", "发明专利|ZL201310653529.9|方法|有效|示例公司|2033-12-05；非专利技术") == {
        "ip_rights": (
            IpRight("invention_patent", "2013106535299", "方法", "granted", "示例公司", date(2033, 12, 5)),
            IpRight("trade_secret"),
        )
    }
    reading = refused("ip_rights", "发明专利|ZL201310653529.8；实用新型专利")
    assert reading.values == {"ip_rights": (IpRight("utility_model"),)}
    assert "校验位" in reading.problems[0][1]


def test_people_and_identifiers_are_checked():
    assert read("contributors", "甲|教授|总体；乙") == {
        "contributors": (Contributor("甲", "教授", "总体"), Contributor("乙"))
    }
    assert refused("contributors", "|教授").values == {"contributors": ()}
    assert read("contact_phone", "0471-1234567") == {"contact_phone": "04711234567"}
    assert refused("contact_phone", "12345").values == {}
    assert read("contact_email", "A@Example.COM") == {"contact_email": "a@example.com"}
    assert read("registration_no", "1502026y0001") == {"registration_no": "1502026Y0001"}
    assert refused("registration_no", "2026-1").values == {}


def test_choices_are_read_by_code_or_name():
    assert read("modes", "普通许可、transfer") == {"modes": ("license_non_exclusive", "transfer")}
    assert read("stage_label", "通过中试") == {"stage_label": "pilot_scale"}
    assert read("ownership", "单位所有") == {"ownership": "unit"}
    assert read("limited", "是", DEMAND) == {"limited": True}
    assert read("solve_by", "2027/6/30", DEMAND) == {"solve_by": date(2027, 6, 30)}
    assert "应为：单位所有" in refused("ownership", "国有").problems[0][1]
    assert refused("trl", "10").values == {}


def test_too_many_keywords_are_cut_and_said():
    reading = refused("keywords", "，".join(f"词{i}" for i in range(12)))
    assert len(reading.values["keywords"]) == 8
