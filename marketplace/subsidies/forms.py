"""Forms of applicants: a payment, an application, and the calculator (a GET form whose state is the address)."""

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    widgets,
)
from wtforms.validators import Optional, ValidationError

from marketplace.contracts.models import ContractPayment
from marketplace.contracts.services.payments import FORMS, PaymentFields
from marketplace.money import MoneyError, format_yuan, parse_yuan
from marketplace.subsidies.models import SubsidyApplication
from marketplace.subsidies.services.applications import RELATIONS, Declaration
from marketplace.web.forms import DateText, MarketForm, MoneyField, choices, text

MOST_BASIS_POINTS = 10_000
_YEARS = range(1900, 9001)


class YuanField(MoneyField):
    """An amount typed in yuan, to the fen: as vouchers state it."""

    def process_formdata(self, values) -> None:
        typed = (values[0] if values else "").strip()
        self.data = None
        if not typed:
            return
        try:
            self.data = parse_yuan(typed)
        except MoneyError as error:
            raise ValueError(gettext(str(error))) from error

    def _value(self) -> str:
        if self.raw_data:
            return self.raw_data[0]
        return "" if self.data is None else format_yuan(self.data)


class PercentField(StringField):
    """A share typed in per cent with at most two decimals; `data` is basis points."""

    def process_formdata(self, values) -> None:
        typed = (values[0] if values else "").strip().removesuffix("%").strip()
        self.data = 0
        if not typed:
            return
        try:
            self.data = parse_yuan(typed)  # two decimals, like yuan: 12.34 is 1234
        except MoneyError as error:
            raise ValueError(gettext("请填写百分数，如 12.5；最多两位小数。")) from error
        if self.data > MOST_BASIS_POINTS:
            raise ValueError(gettext("持股比例应在 0 到 100 之间。"))

    def _value(self) -> str:
        if self.raw_data:
            return self.raw_data[0]
        return format_yuan(self.data) if self.data else ""


class PaymentForm(MarketForm):
    """One payment with its two scans."""

    version = HiddenField()
    voucher_no = text(_l("银行回单号"), 60, description=_l("照回单上的流水号或回单编号填写"))
    paid_on = DateText(_l("回单日期"))
    invoice_no = text(_l("发票号码"), 60)
    amount_fen = YuanField(_l("付款金额"))
    separated = RadioField(_l("技术部分是否分列"), default="yes")
    bank_tech_fen = YuanField(_l("回单对应的技术部分"), description=_l("没有分列的不用填"))
    invoice_tech_fen = YuanField(_l("发票上的技术部分"), description=_l("没有分列的不用填"))
    refund_fen = YuanField(_l("其中已退款"))
    fiscal_fen = YuanField(_l("其中财政资金"), description=_l("由政府科技项目或采购资金支付的部分"))
    form = RadioField(_l("支付形式"), default="CASH")
    cashed = BooleanField(_l("作价入股已变现"))
    invoice = FileField(_l("发票扫描件"))
    bank_slip = FileField(_l("银行回单扫描件"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.separated.choices = choices((("yes", _l("已分列")), ("no", _l("没有分列"))))
        self.form.choices = choices((value, _l(name)) for value, name in FORMS.items())

    def fill(self, payment: ContractPayment) -> None:
        """Show a stored payment."""
        names = (
            "voucher_no paid_on invoice_no amount_fen bank_tech_fen invoice_tech_fen refund_fen fiscal_fen"
        )
        for name in (*names.split(), "form", "cashed", "version"):
            self[name].process(None, getattr(payment, name))
        self.separated.process(None, "yes" if payment.separated else "no")

    def given(self) -> PaymentFields:
        """What was typed, for the service."""
        return PaymentFields(
            voucher_no=self.voucher_no.data or "",
            invoice_no=self.invoice_no.data or "",
            paid_on=self.paid_on.data,
            amount_fen=self.amount_fen.data,
            separated=self.separated.data == "yes",
            bank_tech_fen=self.bank_tech_fen.data,
            invoice_tech_fen=self.invoice_tech_fen.data,
            refund_fen=self.refund_fen.data or 0,
            fiscal_fen=self.fiscal_fen.data or 0,
            form=self.form.data or "",
            cashed=bool(self.cashed.data),
        )


class StartForm(MarketForm):
    """Which contract, which side, which batch."""

    contract = SelectField(_l("合同"))
    batch = SelectField(_l("申报批次"))


class PaymentTicks(SelectMultipleField):
    """Payments to tick."""

    widget = widgets.ListWidget(prefix_label=False)
    option_widget = widgets.CheckboxInput()


class ApplicationForm(MarketForm):
    """What the applicant claims and declares."""

    version = HiddenField()
    payments = PaymentTicks(_l("计入本次申报的付款"), coerce=int, validate_choice=False)
    declared = BooleanField(_l("双方是关联方"))
    parent_subsidiary = BooleanField(_l("双方是母子公司"))
    same_legal_representative = BooleanField(_l("双方法定代表人是同一人"))
    common_control_bp = PercentField(
        _l("同一控制人在对方的持股比例"), [Optional()], description=_l("没有的不填")
    )
    other_level_fen = YuanField(
        _l("已获其他层级的同类补助"), description=_l("盟市、旗县对同一付款给过的补助；没有的不填")
    )
    no_related = BooleanField(_l("承诺：买卖双方没有关联关系"))
    no_duplicate = BooleanField(_l("承诺：所列凭证没有在同类补助中重复申报，材料真实"))

    def fill(self, application: SubsidyApplication) -> None:
        """Show what the draft holds."""
        self.version.process(None, application.version)
        self.payments.process(None, [claim.payment_id for claim in application.claims])
        for name in (*RELATIONS, "common_control_bp"):
            self[name].process(None, (application.relation or {}).get(name) or 0)
        self.other_level_fen.process(None, application.other_level_fen or None)
        for name in ("no_related", "no_duplicate"):
            self[name].process(None, application.commitment_on is not None)

    def declaration(self) -> Declaration:
        """What was declared, for the service."""
        return Declaration(
            no_related=bool(self.no_related.data),
            no_duplicate=bool(self.no_duplicate.data),
            common_control_bp=self.common_control_bp.data or 0,
            other_level_fen=self.other_level_fen.data or 0,
            **{name: bool(self[name].data) for name in RELATIONS},
        )


# --- the calculator -----------------------------------------------------------------------------------------

ARMS = {"BUYER": _l("需求方（买技术并付款）"), "SELLER": _l("供给方（卖技术并收款）")}
CLASSES = {
    "TRANSFER": _l("技术转让"),
    "LICENSE": _l("技术许可"),
    "DEVELOPMENT.COMMISSIONED": _l("委托开发"),
    "DEVELOPMENT.COOPERATIVE": _l("合作开发"),
    "CONSULTING": _l("技术咨询"),
    "SERVICE": _l("技术服务"),
}
PARTY_KINDS = {
    "ENTERPRISE": _l("企业"),
    "PUBLIC_INSTITUTION": _l("事业单位"),
    "SOCIAL_ORGANISATION": _l("社会组织"),
    "GOVERNMENT": _l("机关"),
    "INDIVIDUAL": _l("个人"),
    "OTHER": _l("其他"),
}
#: Questions answered with yes or no, in the order of the page; an open one is 未询问.
QUESTIONS = {
    "registered_in_region": _l("工商注册地在自治区内"),
    "taxed_in_region": _l("纳税地在自治区内"),
    "contract_registered": _l("合同已认定登记"),
    "registered_elsewhere": _l("在区外登记"),
    "certificate_verified": _l("区外登记证明已核验"),
    "related": _l("买卖双方是关联方"),
    "separated": _l("发票和回单分列了技术部分"),
    "in_equity": _l("以作价入股支付"),
    "amount_open": _l("合同总额还没有确定"),
    "banned": _l("在禁止申报的期限内"),
}
#: Amounts of the calculator in yuan.
AMOUNTS = {
    "paid": _l("窗口期内实际支付的技术部分"),
    "total_amount": _l("合同成交额"),
    "technical_amount": _l("技术交易额"),
    "refund": _l("其中已退款"),
    "fiscal": _l("其中财政资金支付"),
    "other_level_amount": _l("已获其他层级的同类补助"),
    "earlier_base": _l("这份合同以前年度已计入的付款"),
    "earlier_award": _l("这份合同以前年度已获补助"),
    "awarded_this_year": _l("企业本年度其他合同已获补助"),
}
_NOT_ASKED = ("", _l("未询问"))


class CalculatorForm(MarketForm):
    """A handful of answers. Every one may stay open: 未询问 is neither yes nor no."""

    class Meta:
        csrf = False

    submission_key = None
    arm = RadioField(_l("申报类别"), default="BUYER", choices=choices(ARMS.items()), validators=[Optional()])
    year = text(_l("项目年度"), 4)
    contract_class = SelectField(_l("合同类别"), default="", choices=choices((_NOT_ASKED, *CLASSES.items())))
    party_kind = SelectField(_l("单位类型"), default="", choices=choices((_NOT_ASKED, *PARTY_KINDS.items())))

    def validate_year(self, field) -> None:
        """A year that some rule could know."""
        if field.data and self.chosen_year() is None:
            raise ValidationError(gettext("请填写项目年度，如 2027。"))

    def chosen_year(self) -> int | None:
        """The year that was typed; None for nothing or nonsense."""
        typed = self.year.data or ""
        readable = typed.isascii() and typed.isdigit() and len(typed) == 4
        return int(typed) if readable and int(typed) in _YEARS else None


def _add_fields() -> None:
    """One field per question and per amount of the tables above."""
    answers = choices((_NOT_ASKED, ("yes", _l("是")), ("no", _l("否"))))
    for name, label in QUESTIONS.items():
        setattr(CalculatorForm, name, SelectField(label, default="", choices=answers))
    for name, label in AMOUNTS.items():
        setattr(CalculatorForm, name, YuanField(label))


_add_fields()


def answers_of(form: CalculatorForm) -> dict[str, Any]:
    """The answers as the calculator names them; an open question is None."""
    yes_no = {"yes": True, "no": False}
    contract_class, _, subtype = (form.contract_class.data or "").partition(".")
    return {
        "arm": form.arm.data or "BUYER",
        "contract_class": contract_class or None,
        "contract_subtype": subtype or None,
        "party_kind": form.party_kind.data or None,
        **{name: yes_no.get(form[name].data) for name in QUESTIONS},
        **{name: form[name].data for name in AMOUNTS},
    }
