"""The error summary: every message once, in order, leading to a control that is really there."""

import pytest
from wtforms import (
    FieldList,
    FileField,
    Form,
    FormField,
    RadioField,
    SelectChoice,
    SelectMultipleField,
    StringField,
)
from wtforms.validators import DataRequired, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from marketplace.web import gallery
from marketplace.web.jinja import FormError, form_errors


def choices(**labels):
    return [SelectChoice(value, label) for value, label in labels.items()]


class Indicator(Form):
    name = StringField("名称", [DataRequired("请写名称，例如硬度")])
    target = StringField("目标", [DataRequired("要填数字，例如 900")])


class Place(Form):
    city = StringField("城市", [DataRequired("请选择城市")])


class Demand(Form):
    title = StringField("名称", [DataRequired("请写名称")])
    rows = FieldList(FormField(Indicator), "指标", min_entries=2)
    place = FormField(Place, "所在地")
    seen_by = RadioField("谁能看到", [DataRequired("请选择一项")], choices=choices(a="甲", b="乙"))
    modes = SelectMultipleField(
        "方式",
        [DataRequired("至少选一种")],
        choices=choices(l="许可"),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    paper = FileField("附件")

    def validate_rows(self, field):
        if len(field.entries) < 3:
            raise ValidationError("至少写 3 行")


@pytest.fixture
def invalid(app):
    with app.test_request_context():
        form = Demand(data={"rows": [{"name": "硬度", "target": ""}, {"name": "", "target": "1"}]})
        assert not form.validate()
        yield form


def test_messages_come_in_the_order_of_the_form(invalid):
    assert [(e.label, e.message) for e in form_errors(invalid)] == [
        ("名称", "请写名称"),
        ("指标", "至少写 3 行"),
        ("第 1 行 目标", "要填数字，例如 900"),
        ("第 2 行 名称", "请写名称，例如硬度"),
        ("城市", "请选择城市"),
        ("谁能看到", "请选择一项"),
        ("方式", "至少选一种"),
    ]


def test_each_message_leads_to_the_control_it_is_about(invalid):
    assert [e.target for e in form_errors(invalid)] == [
        "title",
        "rows",
        "rows-0-target",
        "rows-1-name",
        "place-city",
        "seen_by-0",
        "modes-0",
    ]


def test_a_mistake_of_the_whole_form_leads_to_the_page(app):
    with app.test_request_context():
        form = Place(data={"city": "包头"})
        form.form_errors.append("两处金额不一致")
        assert form_errors(form) == [FormError("main", "", "两处金额不一致")]


def test_a_form_without_mistakes_has_no_summary(app, render):
    with app.test_request_context():
        assert form_errors(Place(data={"city": "包头"})) == []
        html = "{% import 'components/errors.html' as e %}{{ e.error_summary(form) }}"
    assert render(html, form=Place(data={"city": "包头"})).get_text(strip=True) == ""


def test_every_link_of_the_gallery_leads_to_an_element(render, frame):
    page = render("components/gallery.html", **frame)
    links = page.select(".tm-errors a")
    assert len(links) == 4
    for link in links:
        assert page.find(id=link["href"][1:]) is not None, link["href"]


def test_the_summary_uses_the_words_that_stand_beside_the_field(render, frame):
    page = render("components/gallery.html", **frame)
    beside = " ".join(error.get_text(" ", strip=True) for error in page.select(".tm-error"))
    for link in page.select(".tm-errors a"):
        assert link.get_text(strip=True).split("：", 1)[1] in beside


def test_the_summary_takes_the_focus_and_the_title_says_it(render, frame):
    page = render("components/gallery.html", **frame)
    summary = page.select_one(".tm-errors")
    assert summary["role"] == "alert"
    assert summary["tabindex"] == "-1"
    assert summary.has_attr("autofocus")
    assert "有 4 处需要修改" in summary.h2.get_text()
    assert page.title.get_text().startswith("错误：")


def test_the_gallery_form_has_one_field_of_each_kind(app):
    with app.test_request_context():
        kinds = {field.__class__.__name__ for field in gallery.form()}
    assert {"StringField", "FieldList", "RadioField", "DateField", "FileField", "BooleanField"} <= kinds
