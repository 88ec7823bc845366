"""Sample data of the component gallery: every macro once, with the longest name and the largest amount.

Only the development page and the tests of the look use it. The data stand beside the template, in
gallery.yaml; here are the form, which a template cannot make, and the reading of the file.
"""

from datetime import date
from functools import cache

import yaml
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    FieldList,
    FileField,
    Form,
    FormField,
    PasswordField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from marketplace.config import ROOT

SAMPLES = ROOT / "templates" / "components" / "gallery.yaml"


def _choices(**labels: str) -> list[SelectChoice]:
    return [SelectChoice(value, label) for value, label in labels.items()]


class _DemandIndicator(Form):
    name = StringField("名称")
    current = StringField("现状")
    comparator = SelectField("比较", choices=_choices(ge="≥", le="≤", eq="="))
    target = StringField("目标")
    unit = StringField("单位")
    necessity = SelectField("程度", choices=_choices(must="必须", wish="期望"))


class GalleryForm(FlaskForm):
    """One field of each kind."""

    title = StringField(
        "需求名称", description="说清对象和要解决的问题，20 字左右", validators=[InputRequired()]
    )
    indicators = FieldList(FormField(_DemandIndicator), "要达到的指标")
    tried = TextAreaField("试过什么办法", description="写清失败原因，可少走弯路。", validators=[Optional()])
    field = SelectField(
        "技术领域",
        choices=[
            SelectChoice("", "请选择"),
            SelectChoice("materials", "新材料及其应用"),
            SelectChoice("energy", "新能源与高效节能"),
        ],
    )
    visibility = RadioField(
        "谁能看到",
        choices=[
            SelectChoice("public", "公开"),
            SelectChoice("members", "登录用户"),
            SelectChoice("named", "指定单位"),
        ],
    )
    modes = SelectMultipleField(
        "接受的合作方式",
        choices=[
            SelectChoice("license", "许可"),
            SelectChoice("transfer", "转让"),
            SelectChoice("joint", "合作开发"),
        ],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validators=[Optional()],
    )
    deadline = DateField("希望在哪天前解决", description="格式 2027-06-30，最长一年")
    budget = StringField("预计投入上限", description="不公开时只用于匹配")
    code = StringField("统一社会信用代码")
    evidence = FileField("检测报告", validators=[Optional()])
    secret = PasswordField("密码")
    agreed = BooleanField("我已核对以上内容与原件一致")


def form() -> GalleryForm:
    """The form, partly filled, with the mistakes people make."""
    filled = GalleryForm(
        formdata=None,
        data={
            "title": "高炉风口套表面耐磨涂层",
            "indicators": [
                {"name": "硬度", "current": "52", "comparator": "ge", "target": "60", "unit": "HRC"},
                {"name": "工作温度", "current": "750", "comparator": "ge", "target": "越高越好", "unit": "℃"},
            ],
            "tried": "等离子喷涂 NiCrAlY，约 3 个月后端部剥落；堆焊高铬铸铁，热裂。",
            "visibility": "public",
            "deadline": date(2026, 6, 30),
            "budget": "50",
            "code": "91350100M000100Y4Z",
        },
    )
    filled.deadline.errors = ["不能早于今天 2026-11-20"]
    filled.code.errors = ["第 18 位不能是 Z，请对照营业执照核对"]
    filled.visibility.errors = ["请选择一项"]
    filled.indicators.entries[1].form.target.errors = ["要填数字，例如 900"]
    return filled


@cache
def _samples() -> dict:
    return yaml.safe_load(SAMPLES.read_text(encoding="utf-8"))


def _days(today: date) -> list[dict]:
    """The fifteen days of a publicity around `today`."""
    return [
        {"label": day, "title": f"{today:%Y-%m}-{day}", "state": _state(day, today.day)}
        for day in range(11, 26)
    ]


def _state(day: int, today: int) -> str:
    if day == today:
        return "today"
    return "past" if day < today else "future"


def samples() -> dict:
    """Everything the gallery shows; needs a request."""
    data = _samples()
    return {**data, "form": form(), "days": _days(data["today"])}
