"""Fields: label, hint, error, control, echo – tied together for people who do not see them."""

import pytest
from wtforms import (
    BooleanField,
    DateField,
    FieldList,
    FileField,
    Form,
    FormField,
    HiddenField,
    PasswordField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Optional

FIELDS = "{% import 'components/field.html' as fields %}"


def choices(**labels):
    return [SelectChoice(value, label) for value, label in labels.items()]


class Row(Form):
    key = HiddenField()
    name = StringField("名称")
    comparator = SelectField("比较", choices=choices(ge="≥"))
    target = StringField("目标")


class Sample(Form):
    title = StringField("名称", [InputRequired()], description="20 字左右")
    note = TextAreaField("说明", [Optional()])
    field = SelectField("领域", choices=choices(m="新材料"))
    seen_by = RadioField("谁能看到", choices=choices(a="公开", b="指定单位"))
    agreed = BooleanField("我已核对")
    day = DateField("日期")
    paper = FileField("附件")
    secret = PasswordField("密码")
    budget = StringField("预算")
    code = StringField("统一社会信用代码")
    rows = FieldList(FormField(Row), "指标", min_entries=2)


@pytest.fixture
def form():
    return Sample(data={"note": "四个汉字", "title": "涂层", "code": "91350100M000100Y43"})


def test_parts_stand_in_their_order(render, form):
    form.title.errors = ["请写清对象"]
    group = render(FIELDS + "{{ fields.text(form.title) }}", form=form).select_one(".tm-field")
    parts = group.find_all(recursive=False)
    assert [part.name for part in parts] == ["label", "div", "div", "div"]
    assert [part.get("id") for part in parts[1:3]] == ["title-hint", "title-error"]
    assert parts[3].find("input") is not None
    assert "tm-field--error" in group["class"]


def test_hint_error_and_echo_are_named_to_screen_readers(render, form):
    form.budget.errors = ["金额写数字"]
    page = render(FIELDS + "{{ fields.money(form.budget, hint='不公开时只用于匹配') }}", form=form)
    control = page.find(id="budget")
    described = control["aria-describedby"].split()
    assert described == ["budget-hint", "budget-error", "budget-echo"]
    assert all(page.find(id=name) is not None for name in described)
    assert control["aria-invalid"] == "true"


def test_a_field_in_order_is_not_called_invalid(render, form):
    control = render(FIELDS + "{{ fields.text(form.title) }}", form=form).find(id="title")
    assert not control.has_attr("aria-invalid")
    assert control["aria-describedby"] == "title-hint"
    assert control["value"] == "涂层"


def test_only_optional_fields_say_so(render, form):
    assert "选填" in render(FIELDS + "{{ fields.textarea(form.note) }}", form=form).get_text()
    assert "选填" not in render(FIELDS + "{{ fields.text(form.title) }}", form=form).get_text()
    assert "选填" in render(FIELDS + "{{ fields.text(form.title, optional=true) }}", form=form).get_text()


def test_typed_text_is_escaped_and_kept(render):
    form = Sample(data={"title": '"><script>alert(1)</script>'})
    page = render(FIELDS + "{{ fields.text(form.title) }}", form=form)
    assert page.find("script") is None
    assert page.find(id="title")["value"] == '"><script>alert(1)</script>'


def test_the_counter_counts_characters(render, form):
    page = render(FIELDS + "{{ fields.textarea(form.note, limit=300) }}", form=form)
    assert page.find(id="note-count").get_text(strip=True) == "4 / 300"
    assert page.find("textarea")["data-counter"] == "note-count"


def test_radio_buttons_are_one_group_with_a_legend(render, form):
    form.seen_by.errors = ["请选择一项"]
    source = FIELDS + "{{ fields.radios(form.seen_by, notes={'b': '只有被点名的能看到'}) }}"
    group = render(source, form=form).find("fieldset")
    assert group.legend.get_text(strip=True) == "谁能看到"
    assert group["id"] == "seen_by"
    assert "seen_by-error" in group["aria-describedby"]
    for radio in group.select("input[type=radio]"):
        assert group.find("label", attrs={"for": radio["id"]}) is not None
    assert "只有被点名的能看到" in group.get_text()


def test_money_has_its_unit_and_the_servers_echo(render, form):
    page = render(FIELDS + "{{ fields.money(form.budget, echo_fen=30500000) }}", form=form)
    assert page.select_one(".tm-unit-name").get_text() == "万元"
    assert page.find(id="budget")["inputmode"] == "decimal"
    echo = page.find(id="budget-echo")
    assert "¥305,000.00" in echo.get_text()
    assert "叁拾万伍仟元整" in echo.get_text()
    assert echo["aria-live"] == "polite"


def test_without_a_readable_amount_there_is_no_echo(render, form):
    page = render(FIELDS + "{{ fields.money(form.budget, unit='元') }}", form=form)
    assert page.find(id="budget-echo").get_text(strip=True) == ""
    assert page.find(id="budget")["data-money"] == "yuan"


def test_credit_code_is_typed_without_help_of_the_browser(render, form):
    control = render(FIELDS + "{{ fields.credit_code(form.code) }}", form=form).find(id="code")
    assert control["spellcheck"] == "false"
    assert control["autocomplete"] == "off"
    assert "tm-code" in control["class"]


def test_file_field_says_its_limits_before_the_upload(render, form):
    call = "{{ fields.file(form.paper, accept='.pdf', limit_text='不超过 20 MB', current=current) }}"
    page = render(FIELDS + call, form=form, current=[{"name": "报告.pdf"}])
    text = page.get_text()
    assert text.index("不超过 20 MB") < text.index("报告.pdf")
    assert page.find(id="paper")["accept"] == ".pdf"


@pytest.mark.parametrize(
    ("name", "selector"),
    [
        ("title", "input[type=text]"),
        ("note", "textarea"),
        ("field", "select"),
        ("seen_by", "fieldset input[type=radio]"),
        ("agreed", "input[type=checkbox]"),
        ("day", "input[type=date]"),
        ("paper", "input[type=file]"),
        ("secret", "input[type=password]"),
    ],
)
def test_the_general_macro_picks_the_control(render, form, name, selector):
    page = render(FIELDS + f"{{{{ fields.field(form.{name}) }}}}", form=form)
    assert page.select_one(selector) is not None


# --- rows ---------------------------------------------------------------------------------------------------

ROWS = (
    "{% import 'components/indicators.html' as i %}"
    "{% set columns = [{'name': 'name', 'size': 'wide'}, {'name': 'comparator'}, {'name': 'target'}] %}"
    "{{ i.rows(form.rows, columns, '指标', id='rows', minimum=minimum, prefix=prefix) }}"
)


def test_rows_are_added_and_deleted_by_submit_buttons(render, form):
    page = render(ROWS, form=form, minimum=0, prefix="")
    buttons = {b["name"]: b for b in page.select("button")}
    assert set(buttons) == {"delete_row_0", "delete_row_1", "add_row"}
    assert {b["type"] for b in buttons.values()} == {"submit"}
    assert "第 2 行" in buttons["delete_row_1"].get_text()


def test_two_lists_on_a_page_do_not_share_button_names(render, form):
    page = render(ROWS, form=form, minimum=0, prefix="ip-")
    assert {b["name"] for b in page.select("button")} == {"ip-delete_row_0", "ip-delete_row_1", "ip-add_row"}


def test_the_last_rows_of_a_minimum_cannot_be_deleted(render, form):
    page = render(ROWS, form=form, minimum=2, prefix="")
    assert [b["name"] for b in page.select("button")] == ["add_row"]


def test_every_cell_has_its_label_and_hidden_fields_are_kept(render, form):
    page = render(ROWS, form=form, minimum=0, prefix="")
    for control in page.select(".tm-rowset-cell input, .tm-rowset-cell select"):
        assert page.find("label", attrs={"for": control["id"]}) is not None
    assert page.find("input", attrs={"type": "hidden", "name": "rows-1-key"}) is not None
    assert [s["class"] for s in page.select("select")] == [["form-select"], ["form-select"]]


def test_the_error_of_a_row_names_row_and_column(render, form):
    form.rows.entries[1].form.target.errors = ["要填数字，例如 900"]
    page = render(ROWS, form=form, minimum=0, prefix="")
    assert page.find(id="rows-1-target-error").get_text(" ", strip=True) == "第 2 行 目标：要填数字，例如 900"
    assert page.find(id="rows-1-target")["aria-describedby"] == "rows-1-target-error"
    assert "tm-field--error" in page.find(id="rows")["class"]
