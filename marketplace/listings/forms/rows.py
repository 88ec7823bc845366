"""The rows of the step forms: indicators, rights, people. Each turns into one row of the draft's content."""

from flask_babel import lazy_gettext as _l
from wtforms import Form, SelectField, StringField
from wtforms.validators import Length

from marketplace import codes
from marketplace.listings import labels
from marketplace.listings.content import (
    AchievementIndicator,
    Comparator,
    Contributor,
    DemandIndicator,
    IpRight,
)
from marketplace.listings.validators import check_indicator_number, check_patent
from marketplace.web.forms import DateText, choices

PLEASE = ("", _l("请选择"))


class AchievementIndicatorRow(Form):
    """名称 | 数值 | 单位 | 测试条件 | 证据."""

    name = StringField(_l("名称"), [Length(max=40)])
    value = StringField(_l("数值"), [Length(max=30), check_indicator_number])
    unit = StringField(_l("单位"), [Length(max=20)])
    condition = StringField(_l("测试条件"), [Length(max=100)])
    evidence = StringField(_l("证据"), [Length(max=100)])

    def row(self) -> AchievementIndicator:
        """The row as content."""
        return AchievementIndicator(**{name: (value or "").strip() for name, value in self.data.items()})


class DemandIndicatorRow(Form):
    """名称 | 现状 | 比较 | 目标 | 单位 | 程度."""

    name = StringField(_l("名称"), [Length(max=40)])
    current = StringField(_l("现状"), [Length(max=30)])
    comparator = SelectField(
        _l("比较"),
        choices=choices((c, _l("之间") if c is Comparator.BETWEEN else c.value) for c in Comparator),
    )
    target = StringField(_l("目标"), [Length(max=30), check_indicator_number])
    unit = StringField(_l("单位"), [Length(max=20)])
    necessity = SelectField(_l("程度"), choices=choices([("must", _l("必须")), ("wish", _l("期望"))]))

    def row(self) -> DemandIndicator | None:
        """The row as content; None for an empty one."""
        values = {name: (self.data[name] or "").strip() for name in ("name", "current", "target", "unit")}
        if not (values["name"] or values["target"]):
            return None
        return DemandIndicator(**values, comparator=self.comparator.data, must=self.necessity.data == "must")


class IpRow(Form):
    """One right."""

    kind = SelectField(_l("类型"))
    number = StringField(_l("号码"), [Length(max=40), check_patent])
    name = StringField(_l("名称"), [Length(max=100)])
    status = SelectField(_l("状态"))
    owner = StringField(_l("权利人"), [Length(max=100)])
    valid_to = DateText(_l("有效期至"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.kind.choices = choices([PLEASE, *((c.code, _l(c.name)) for c in codes.ip_types())])
        self.status.choices = choices(
            [PLEASE, *((value, _l(name)) for value, name in labels.IP_STATUSES.items())]
        )

    def row(self) -> IpRight:
        """The row as content."""
        values = {
            name: (self.data[name] or "").strip() for name in ("kind", "number", "name", "status", "owner")
        }
        return IpRight(**values, valid_to=self.valid_to.data)


class ContributorRow(Form):
    """One person who made it."""

    name = StringField(_l("姓名"), [Length(max=40)])
    title = StringField(_l("职称"), [Length(max=40)])
    contribution = StringField(_l("贡献"), [Length(max=100)])

    def row(self) -> Contributor:
        """The row as content."""
        return Contributor(**{name: (value or "").strip() for name, value in self.data.items()})
