"""Forms of a contract's draft, of the registrar's decisions, and of checking a certificate."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
)
from wtforms.validators import Length, Optional, ValidationError

from marketplace import codes
from marketplace.contracts.models import Contract
from marketplace.contracts.reasons import REFUSAL_REASONS, SUPPLEMENT_PHRASES
from marketplace.web import code_names
from marketplace.web.forms import DateText, MarketForm, MoneyField, choices, long_text, text
from marketplace.web.steps import LONGEST_LIST, Step

ITEM_KINDS = {
    "EQUIPMENT": _l("设备费"),
    "INSTRUMENT": _l("仪器费"),
    "PARTS": _l("零部件费"),
    "MATERIALS": _l("材料费"),
    "OTHER": _l("其他非技术性费用"),
}
_PLEASE = ("", _l("请选择"))
_DAYS = frozenset({"sign_date", "begin_date", "end_date"})


class ContractStep(MarketForm):
    """One step of a contract's draft."""

    plain: tuple[str, ...] = ()

    def fill(self, contract: Contract) -> None:
        """Show what the draft holds."""
        for name in self.plain:
            self[name].process(None, getattr(contract, name))

    def changes(self) -> dict[str, Any]:
        """What this step changes."""
        return {name: _stored(name, self[name].data) for name in self.plain}


class BasicsForm(ContractStep):
    """What the contract is about, when, and how it is classified."""

    plain = (
        "title",
        "contract_subtype",
        "technical_content",
        "ip_terms",
        "sign_date",
        "begin_date",
        "end_date",
        "technology_field",
        "industry_code",
        "socioeconomic_objective",
        "ipr",
        "program_source",
        "program_no",
    )
    title = text(_l("项目名称"), 200)
    contract_subtype = SelectField(_l("合同类别"))
    technical_content = long_text(_l("技术内容、目标和验收标准"), 4000)
    ip_terms = long_text(_l("知识产权和成果归属"), 2000)
    sign_date = DateText(_l("签订日期"))
    begin_date = DateText(_l("合同开始日期"))
    end_date = DateText(_l("合同结束日期"))
    technology_field = SelectField(_l("技术领域"))
    industry_code = SelectField(_l("服务的国民经济行业"))
    socioeconomic_objective = SelectField(_l("社会经济目标"), description=_l("类别名称待核实"))
    ipr = SelectField(_l("知识产权类别"))
    program_source = text(_l("计划来源"), 60, description=_l("不属于政府计划项目的写“计划外”"))
    program_no = text(_l("项目编号"), 60, Optional())
    is_related = RadioField(_l("双方是否为关联交易"), validators=[Optional()])

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        kinds, fields, industries = codes.contract_kinds(), codes.technology_fields(), codes.industries()
        self.contract_subtype.choices = choices(
            (c.code, code_names.full_name(kinds, c.code)) for c in kinds if c.parent
        )
        self.technology_field.choices = choices(
            [_PLEASE, *((c.code, code_names.full_name(fields, c.code)) for c in fields)]
        )
        self.industry_code.choices = choices(
            [
                _PLEASE,
                *(
                    (c.code, code_names.full_name(industries, c.code))
                    for section in industries.children()
                    for c in industries.children(section.code)
                ),
            ]
        )
        self.socioeconomic_objective.choices = choices(
            [_PLEASE, *((c.code, _l(c.name)) for c in codes.socioeconomic_objectives())]
        )
        self.ipr.choices = choices([_PLEASE, *((c.code, _l(c.name)) for c in codes.ip_types())])
        self.is_related.choices = choices([("no", _l("否")), ("yes", _l("是"))])

    def fill(self, contract: Contract) -> None:
        super().fill(contract)
        self.is_related.process(None, {True: "yes", False: "no"}.get(contract.is_related))

    def changes(self) -> dict[str, Any]:
        related = {"yes": True, "no": False}.get(self.is_related.data or "")
        return {**super().changes(), "is_related": related}


class ItemRow(Form):
    """One non-technical cost."""

    kind = SelectField(_l("费用类别"), choices=choices([_PLEASE, *ITEM_KINDS.items()]))
    description = StringField(_l("内容"), [Length(max=200)])
    amount_fen = MoneyField(_l("金额（万元）"))
    carrier = BooleanField(_l("合理数量标的物"))
    carrier_reason = StringField(_l("理由"), [Length(max=200)])

    def validate_amount_fen(self, field) -> None:
        """A cost that is named has an amount."""
        if self.kind.data and field.data is None and not field.errors:
            raise ValidationError(_l("请填写金额，单位为万元，例如 12.5。"))

    def row(self) -> dict[str, Any] | None:
        """The row for the service; None for an empty one."""
        if not self.kind.data:
            return None
        return {
            "kind": self.kind.data,
            "description": self.description.data or "",
            "amount_fen": self.amount_fen.data,
            "carrier": self.carrier.data,
            "carrier_reason": self.carrier_reason.data or "",
        }


class InstalmentRow(Form):
    """One instalment."""

    condition = StringField(_l("支付条件"), [Length(max=200)])
    amount_fen = MoneyField(_l("金额（万元）"))

    def row(self) -> dict[str, Any] | None:
        """The row for the service; None for an empty one."""
        if not self.amount_fen.data:
            return None
        return {"condition": self.condition.data or "", "amount_fen": self.amount_fen.data}


class AmountsForm(ContractStep):
    """The worksheet of the technical amount (技术交易额核定单) and the payment plan."""

    items = FieldList(FormField(ItemRow), min_entries=1, max_entries=LONGEST_LIST)
    instalments = FieldList(FormField(InstalmentRow), min_entries=1, max_entries=LONGEST_LIST)

    def fill(self, contract: Contract) -> None:
        for name, rows in (("items", contract.items), ("instalments", contract.instalments)):
            while self[name].entries:
                self[name].pop_entry()
            for row in rows or ({},):
                self[name].append_entry(row if isinstance(row, dict) else _row_data(name, row))

    def rows(self, name: str) -> list[dict[str, Any]]:
        """The typed rows of one list."""
        return [row for row in (entry.form.row() for entry in self[name]) if row is not None]


class CopyForm(ContractStep):
    """The signed copy."""

    file = FileField(_l("签字盖章的合同扫描件"))


STEPS = (
    Step("basics", _l("合同要点"), BasicsForm),
    Step("amounts", _l("金额核定"), AmountsForm),
    Step("copy", _l("签章扫描件"), CopyForm),
    Step("check", _l("检查并提交"), None),
)


class DecisionForm(MarketForm):
    """A decision of the registrar or of the applicant."""

    version = HiddenField()
    reason = long_text(_l("说明"), 1000, Optional())
    red_flag = BooleanField(_l("提请二次审核（红旗）"))


class SupplementForm(MarketForm):
    """What must be supplemented: ready phrases and one's own words."""

    version = HiddenField()
    phrase = SelectField(_l("补正事项"))
    text = long_text(_l("具体要求"), 500, description=_l("写清哪一页、哪一条、怎样改"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.phrase.choices = choices((code, _l(words)) for code, words in SUPPLEMENT_PHRASES.items())


class RefusalForm(MarketForm):
    """Why registration is refused."""

    version = HiddenField()
    refusal_reason = RadioField(_l("不予登记情形"), validators=[Optional()])
    reason = long_text(_l("具体说明"), 1000)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.refusal_reason.choices = choices((code, _l(words)) for code, words in REFUSAL_REASONS.items())


class VerifyForm(Form):
    """A certificate's number and code, in the address."""

    number = text(_l("登记编号"), 40, description=_l("16 位数字，空格可有可无"))
    code = text(_l("验证码"), 20, description=_l("证明下方的 8 位字符"))


def _stored(name: str, value: Any) -> Any:
    """An empty text is stored as such; only a day may be absent."""
    return value if value is not None or name in _DAYS else ""


def _row_data(name: str, row: Any) -> dict[str, Any]:
    names = (
        ("kind", "description", "amount_fen", "carrier", "carrier_reason")
        if name == "items"
        else ("condition", "amount_fen")
    )
    return {field: getattr(row, field) for field in names}
