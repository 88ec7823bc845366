"""The public calculator and the page of rules: no log-in, state in the address, open questions stay open."""

import pytest


def result(soup, client, **answers):
    return soup(client.get("/subsidies/calculator", query_string=answers))


COMPLETE = {
    "arm": "BUYER",
    "year": "2027",
    "contract_class": "LICENSE",
    "party_kind": "ENTERPRISE",
    "registered_in_region": "yes",
    "taxed_in_region": "yes",
    "contract_registered": "yes",
    "registered_elsewhere": "no",
    "related": "no",
    "separated": "yes",
    "in_equity": "no",
    "amount_open": "no",
    "banned": "no",
    "paid": "2,500,000.00",
    "total_amount": "8000000",
    "technical_amount": "8000000",
    "refund": "0",
    "fiscal": "0",
    "other_level_amount": "0",
    "earlier_base": "0",
    "earlier_award": "0",
    "awarded_this_year": "1,830,000.00",
}


def test_a_visitor_gets_the_amount_of_the_picture_with_every_step(town, soup):
    page = result(soup, town.client(), **COMPLETE)
    assert page.select_one(".tm-figure").text == "¥170,000.00"
    steps = [cell.text for cell in page.select(".tm-trace-result")]
    assert steps == ["2,500,000.00", "2,500,000.00", "250,000.00", "250,000.00", "170,000.00"]
    assert "min(250,000.00，2,000,000.00 − 1,830,000.00)" in page.text
    assert page.select_one(".tm-trace-binding").text.count("170,000.00") == 1
    assert "少 80,000.00 元" in page.text and "未询问" not in page.select_one("#result").text
    assert "参数待核实" in page.select_one("#result").text
    assert page.select_one("#paid")["value"] == "2,500,000.00"


def test_an_open_question_is_neither_yes_nor_no(town, soup):
    answers = {k: v for k, v in COMPLETE.items() if k not in ("related", "taxed_in_region")}
    page = result(soup, town.client(), **answers)
    assert page.select_one(".tm-figure").text == "¥170,000.00"
    open_ones = [li.text for li in page.select(".tm-whynot li") if "未询问" in li.text]
    assert len(open_ones) == 2 and any("关联" in text for text in open_ones)
    failed = result(soup, town.client(), **{**COMPLETE, "related": "yes"})
    assert failed.select_one(".tm-figure").text == "¥0.00"
    assert "买卖双方是关联方" in failed.select_one(".tm-whynot").text


def test_without_a_rule_or_a_payment_there_is_no_amount_and_never_a_zero(town, soup):
    for changes, words in (({"year": "2019"}, "没有可适用的规则"), ({"paid": ""}, "还没有填付款金额")):
        page = result(soup, town.client(), **{**COMPLETE, **changes})
        assert page.select_one(".tm-figure") is None
        assert words in page.select_one("#result").text
        assert "¥0.00" not in page.select_one("#result").text


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"year": "20x7"}, "year"),
        ({"year": "0001"}, "year"),
        ({"paid": "很多"}, "paid"),
        ({"paid": "-1"}, "paid"),
        ({"technical_amount": "9000000"}, "technical_amount"),
        ({"total_amount": "0"}, "total_amount"),
        ({"related": "maybe"}, "related"),
    ],
)
def test_nonsense_gets_a_sentence_and_stays(town, soup, changes, field):
    page = result(soup, town.client(), **{**COMPLETE, **changes})
    assert page.select_one(f"#{field}-error")
    assert page.select_one("#result") is None


def test_the_empty_calculator_asks_and_answers_nothing(town, soup):
    page = soup(town.client().get("/subsidies/calculator"))
    assert page.select_one("#result") is None
    assert "留空按 2027 年度" in page.text
    assert not page.select_one("form[method=get] input[name=csrf_token]")


def test_the_rules_of_a_day_name_value_certainty_and_source(town, soup):
    page = soup(town.client().get("/subsidies/rules"))
    rows = {row.th.text.strip(): row.text for row in page.select("table tbody tr")}
    assert "10.00 %" in rows["补助比例"] and "已核实" in rows["补助比例"]
    assert "2,000,000.00 元" in rows["企业年度上限"] and "参数待核实" in rows["企业年度上限"]
    assert "5 个工作日" in rows["补助公示期"]
    assert "前两年 11-01 至 上一年 10-31" in rows["付款窗口"]
    assert len(rows) == 18
    old = soup(town.client().get("/subsidies/rules?day=2020-12-31"))
    assert old.text.count("没有可适用的规则") >= 18
    assert town.client().get("/subsidies/rules?day=nonsense").status_code == 200
