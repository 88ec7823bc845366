"""The step forms of achievements and demands. Each form turns into changes of the draft's content and back.

A draft may be saved incomplete; what is missing is said on the check page. What is typed must be readable:
a wrong number, date or check digit is said beside its field and nothing is lost.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import MultipleFileField
from wtforms import BooleanField, FormField, RadioField, SelectField, SelectMultipleField, widgets
from wtforms.validators import Length, Optional

from marketplace import codes
from marketplace.listings import labels
from marketplace.listings.content import AchievementIndicator, Contributor, DemandIndicator, IpRight
from marketplace.listings.forms.rows import (
    PLEASE,
    AchievementIndicatorRow,
    ContributorRow,
    DemandIndicatorRow,
    IpRow,
)
from marketplace.listings.validators import (
    check_contact,
    check_not_past,
    check_price_order,
    check_registration_no,
)
from marketplace.web import code_names
from marketplace.web.forms import DateText, MarketForm, MoneyField, Rows, choices, long_text, text
from marketplace.web.regions import region_choices
from marketplace.web.steps import LONGEST_LIST, Step
from marketplace.web.typed_text import one_line

#: Content fields whose absence is None, not an empty text.
_NULLABLE = frozenset({"trl", "wanted_trl", "solve_by", "price_min_fen", "price_max_fen"})


class Checkboxes(SelectMultipleField):
    """Several of few."""

    widget = widgets.ListWidget(prefix_label=False)
    option_widget = widgets.CheckboxInput()


class StepForm(MarketForm):
    """One step: content → form by `fill`, form → changes by `changes`."""

    #: Form fields that are content fields of the same name.
    plain: tuple[str, ...] = ()
    #: Those that may come with the address of a new listing.
    begins_with: tuple[str, ...] = ()

    def fill(self, content: Any) -> None:
        """Show what the draft holds."""
        for name in self.plain:
            self[name].process(None, _for_field(getattr(content, name)))

    def begin_with(self, typed: Mapping[str, str]) -> bool:
        """Show texts that came with the address, in bounds; tells whether there was one."""
        begun = [name for name in self.begins_with if typed.get(name)]
        for name in begun:
            longest = next(rule.max for rule in self[name].validators if isinstance(rule, Length))
            self[name].process(None, one_line(typed[name], longest))
        return bool(begun)

    def changes(self) -> dict[str, Any]:
        """What this step changes in the content."""
        return {name: _for_content(name, self[name].data) for name in self.plain}


class _Keywords(StepForm):
    keywords = text(_l("关键词"), 200, Optional(), description=_l("最多 8 个，用空格或逗号隔开"))

    def fill(self, content: Any) -> None:
        super().fill(content)
        self.keywords.process(None, " ".join(content.keywords))

    def changes(self) -> dict[str, Any]:
        return {**super().changes(), "keywords": _split(self.keywords.data, 8)}


class AchievementAbout(_Keywords):
    """Step 1 of an achievement."""

    plain = ("title", "use", "problem", "principle")
    title = text(_l("标题"), 60, description=_l("写清对象和用途，例如“高炉风口用耐磨涂层”"))
    use = text(
        _l("一句话用途"),
        100,
        description=_l("给谁用、带来什么好处，例如“让风口小套更换周期由 4 个月延长到 9 个月”"),
    )
    problem = long_text(_l("解决的问题"), 1000)
    principle = long_text(_l("怎样起作用"), 1000, description=_l("200 字左右，不写需要保密的参数"))


class DemandAbout(_Keywords):
    """Step 1 of a demand."""

    plain = ("title", "current_state", "goal", "limits", "tried")
    begins_with = ("title", "goal")
    title = text(_l("标题"), 60, description=_l("写清对象和难题，例如“高炉风口套表面耐磨涂层”"))
    current_state = long_text(
        _l("现状与难处"), 2000, description=_l("现在怎样做、难在哪里，不用写企业名称和产量")
    )
    goal = long_text(_l("要达到什么"), 2000, description=_l("最好能用数字衡量；数字可在下一步逐项填写"))
    limits = long_text(_l("限制条件"), 1000, Optional(), description=_l("成本、温度、尺寸、介质等"))
    tried = long_text(_l("试过什么办法"), 1000, Optional(), description=_l("写清失败原因，可少走弯路"))


class _Scope(StepForm):
    region_code = SelectField(_l("所在地区"), validate_choice=True)
    plain = ("region_code",)
    field_codes = Rows(SelectField(_l("技术领域")), min_entries=2, max_entries=2)
    industry_codes = Rows(SelectField(_l("应用行业")), min_entries=3, max_entries=3)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.region_code.choices = region_choices()
        for entry in self.field_codes:
            entry.choices = _field_choices()
        for entry in self.industry_codes:
            entry.choices = _industry_choices()

    def fill(self, content: Any) -> None:
        super().fill(content)
        for name in ("field_codes", "industry_codes"):
            for entry, code in zip(self[name], (*getattr(content, name), "", "", ""), strict=False):
                entry.data = code

    def changes(self) -> dict[str, Any]:
        chosen = {name: _chosen(self[name]) for name in ("field_codes", "industry_codes")}
        return {**super().changes(), **chosen}


class AchievementScope(_Scope):
    """Step 2 of an achievement: where it belongs and where it helps."""

    scenarios = text(_l("应用场景"), 200, Optional(), description=_l("例如 高炉 轧辊 输煤部件，用空格隔开"))

    def fill(self, content: Any) -> None:
        super().fill(content)
        self.scenarios.process(None, " ".join(content.scenarios))

    def changes(self) -> dict[str, Any]:
        return {**super().changes(), "scenarios": _split(self.scenarios.data, 10)}


class DemandScope(_Scope):
    """Step 3 of a demand."""


class _Rows(StepForm):
    """A step with rows: `row_lists` names the field lists, their row types and button prefixes."""

    row_lists: tuple[tuple[str, type, str], ...] = ()

    def fill(self, content: Any) -> None:
        super().fill(content)
        for name, _type, _prefix in self.row_lists:
            rows = self[name]
            while rows.entries:
                rows.pop_entry()
            for row in getattr(content, name) or ({},):
                rows.append_entry(_row_data(row))

    def take_over(self, name: str, added: Iterable[Any]) -> None:
        """Add rows to a list, below what was typed; an empty last row gives way."""
        rows = self[name]
        if rows.entries and not any(rows.entries[-1].data.get(key) for key in ("name", "value", "target")):
            rows.pop_entry()
        for row in added:
            if len(rows.entries) < LONGEST_LIST:
                rows.append_entry(_row_data(row))

    def changes(self) -> dict[str, Any]:
        lists = {name: self._typed(name, row_type) for name, row_type, _prefix in self.row_lists}
        return {**super().changes(), **lists}

    def _typed(self, name: str, row_type: type) -> tuple:
        made = (entry.form.row() for entry in self[name])
        return tuple(row for row in made if row != row_type() and row is not None)


class AchievementIndicators(_Rows):
    """Step 3 of an achievement."""

    row_lists = (("indicators", AchievementIndicator, ""),)
    indicators = Rows(FormField(AchievementIndicatorRow), min_entries=1, max_entries=LONGEST_LIST)


class DemandIndicators(_Rows):
    """Step 2 of a demand."""

    plain = ("wanted_trl", "solve_by")
    row_lists = (("indicators", DemandIndicator, ""),)
    indicators = Rows(FormField(DemandIndicatorRow), min_entries=1, max_entries=LONGEST_LIST)
    wanted_trl = SelectField(_l("希望的成熟度"), coerce=str, validators=[Optional()])
    solve_by = DateText(_l("希望在哪天前解决"), [check_not_past])

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.wanted_trl.choices = [*choices([("", _l("不限"))]), *_trl_choices()]

    def changes(self) -> dict[str, Any]:
        changes = super().changes()
        return {**changes, "wanted_trl": _level(self.wanted_trl.data)}


class AchievementRights(_Rows):
    """Step 4 of an achievement: how mature it is, and whose."""

    plain = ("trl", "trl_note", "ownership", "ownership_note", "registration_no", "government_project")
    row_lists = (("ip_rights", IpRight, "ip-"), ("contributors", Contributor, "person-"))
    trl = RadioField(_l("成熟度"), coerce=str, validators=[Optional()])
    trl_note = text(
        _l("成熟度证明"), 200, Optional(), description=_l("4 级及以上写明证明材料，7 级及以上要有用户证明")
    )
    files = MultipleFileField(_l("证明文件和附件"))
    ip_rights = Rows(FormField(IpRow), min_entries=1, max_entries=LONGEST_LIST)
    ownership = RadioField(_l("成果归属"), validators=[Optional()])
    ownership_note = text(_l("归属说明"), 200, Optional(), description=_l("共有或赋权的比例、期限"))
    contributors = Rows(FormField(ContributorRow), min_entries=1, max_entries=LONGEST_LIST)
    registration_no = text(
        _l("成果登记号"), 20, Optional(), check_registration_no, description=_l("12 位，如 1502026Y0001")
    )
    government_project = text(
        _l("相关政府项目"), 100, Optional(), description=_l("项目编号或名称，没有可不填")
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.trl.choices = _trl_choices()
        self.ownership.choices = choices((value, _l(name)) for value, name in labels.OWNERSHIPS.items())

    def changes(self) -> dict[str, Any]:
        changes = super().changes()
        return {**changes, "trl": _level(self.trl.data)}


class _Terms(StepForm):
    plain = ("modes", "price_kind", "price_min_fen", "price_max_fen")
    modes = Checkboxes(_l("合作方式"), validators=[Optional()])
    price_kind = RadioField(_l("报价方式"), validators=[Optional()])
    price_min_fen = MoneyField(_l("价格（下限）"))
    price_max_fen = MoneyField(_l("价格上限"), [check_price_order])

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.modes.choices = choices((c.code, _l(c.name)) for c in codes.cooperation_modes())
        self.price_kind.choices = choices((value, _l(name)) for value, name in labels.PRICE_KINDS.items())

    def changes(self) -> dict[str, Any]:
        changes = super().changes()
        if changes["price_kind"] == "fixed":
            changes["price_max_fen"] = changes["price_min_fen"]
        return changes


class AchievementTerms(_Terms):
    """Step 5 of an achievement: how and for how much."""

    plain = (
        *_Terms.plain,
        "pricing_mode",
        "confidentiality",
        "contact_name",
        "contact_phone",
        "contact_email",
    )
    pricing_mode = RadioField(_l("定价方式"), validators=[Optional()])
    confidentiality = RadioField(_l("公开程度"), validators=[Optional()])
    contact_name = text(_l("联系人"), 40)
    contact_phone = text(_l("联系电话"), 30, Optional(), check_contact)
    contact_email = text(_l("电子邮箱"), 254, Optional(), check_contact)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.pricing_mode.choices = choices((value, _l(name)) for value, name in labels.PRICING_MODES.items())
        self.confidentiality.choices = choices(
            (value, _l(name)) for value, name in labels.CONFIDENTIALITY.items()
        )


class DemandTerms(_Terms):
    """Step 4 of a demand."""

    plain = (*_Terms.plain, "budget_public", "is_challenge")
    budget_public = BooleanField(_l("公开预算"), description=_l("不公开时只用于匹配"))
    is_challenge = BooleanField(_l("作为榜单发布（揭榜挂帅）"))


class DemandAudience(StepForm):
    """Step 5 of a demand: who sees it, whom to ask."""

    plain = ("limited", "hide_owner", "contact_name", "contact_phone", "contact_email")
    limited = BooleanField(_l("定向公开"), description=_l("只有已认证单位的成员能看到"))
    hide_owner = BooleanField(
        _l("不显示单位名称"), description=_l("公开页面只写行业和地区，双方同意后才互见")
    )
    contact_name = text(_l("联系人"), 40)
    contact_phone = text(_l("联系电话"), 30, Optional(), check_contact)
    contact_email = text(_l("电子邮箱"), 254, Optional(), check_contact)
    files = MultipleFileField(_l("附件"))


ACHIEVEMENT_STEPS = (
    Step("about", _l("说明成果"), AchievementAbout),
    Step("scope", _l("领域与地区"), AchievementScope),
    Step("indicators", _l("技术指标"), AchievementIndicators),
    Step("rights", _l("成熟度与权属"), AchievementRights),
    Step("terms", _l("合作与价格"), AchievementTerms),
    Step("check", _l("检查并提交"), None),
)
DEMAND_STEPS = (
    Step("about", _l("说明难题"), DemandAbout),
    Step("indicators", _l("技术指标"), DemandIndicators),
    Step("scope", _l("领域与地区"), DemandScope),
    Step("terms", _l("预算与方式"), DemandTerms),
    Step("audience", _l("谁能看到"), DemandAudience),
    Step("check", _l("检查并提交"), None),
)
STEPS = {"achievement": ACHIEVEMENT_STEPS, "demand": DEMAND_STEPS}


def _for_field(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _for_content(name: str, value: Any) -> Any:
    if isinstance(value, list):
        return tuple(value)
    empty = None if name in _NULLABLE else ""
    return empty if value is None or value == "" else value


def _row_data(row: Any) -> dict[str, Any]:
    data = dict(vars(row)) if hasattr(row, "__dataclass_fields__") else dict(row)
    if "must" in data:
        data["necessity"] = "must" if data.pop("must") else "wish"
    return data


def _split(typed: str | None, most: int) -> tuple[str, ...]:
    for separator in "，,、；;　":
        typed = (typed or "").replace(separator, " ")
    return tuple(dict.fromkeys(word[:30] for word in (typed or "").split()))[:most]


def _chosen(rows: Rows) -> tuple[str, ...]:
    return tuple(dict.fromkeys(entry.data for entry in rows if entry.data))


def _level(value: Any) -> int | None:
    return int(value) if str(value).isdigit() else None


def _field_choices() -> list:
    fields = codes.technology_fields()
    return choices([PLEASE, *((c.code, code_names.full_name(fields, c.code)) for c in fields)])


def _industry_choices() -> list:
    industries = codes.industries()
    sections = {
        code_names.name(industries, section.code): [
            (c.code, code_names.name(industries, c.code)) for c in industries.children(section.code)
        ]
        for section in industries.children()
    }
    return {"": [PLEASE], **sections}


def _trl_choices() -> list:
    levels = codes.trl_levels()
    return choices((c.code, _l("%(level)s 级 %(name)s", level=c.code, name=c.name)) for c in levels)
