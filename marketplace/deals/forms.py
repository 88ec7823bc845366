"""Forms of a deal: an enquiry, a message, terms, a decision with its reason."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, RadioField, SelectField
from wtforms.validators import InputRequired, Optional

from marketplace import codes
from marketplace.deals.services.talking import PAYMENT_MODES
from marketplace.web.forms import MarketForm, MoneyField, choices, long_text


class EnquiryForm(MarketForm):
    """The first message about a listing."""

    organisation_id = SelectField(_l("以哪个单位的名义"))
    text = long_text(
        _l("想了解什么"), 2000, description=_l("例如工况、用量、希望的价格和时间；请勿写联系方式")
    )


class MessageForm(MarketForm):
    """A message to the other side."""

    text = long_text(_l("留言"), 2000)


class TermsForm(MarketForm):
    """Terms to agree on."""

    price_fen = MoneyField(_l("价格"))
    mode = RadioField(_l("合作方式"), validators=[Optional()])
    payment_mode = RadioField(_l("支付方式"), validators=[Optional()])
    ip_terms = long_text(_l("知识产权和后续成果"), 1000, description=_l("归谁所有、怎样使用、改进成果归谁"))
    note = long_text(_l("其他条件"), 1000, Optional(), description=_l("交付、验收、期限等"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        modes = (c for c in codes.cooperation_modes() if c.code != "other")
        self.mode.choices = choices((c.code, _l(c.name)) for c in modes)
        self.payment_mode.choices = choices((value, _l(name)) for value, name in PAYMENT_MODES.items())


class DecisionForm(MarketForm):
    """A step that may need a reason."""

    version = HiddenField()
    reason = long_text(_l("原因"), 500, Optional())


class PostPublicityForm(MarketForm):
    """Publishing the price."""

    version = HiddenField()
    interested_buyer = BooleanField(_l("受让方是完成人或有利害关系"), description=_l("公示中会标明"))
    checked = BooleanField(
        _l("单位已集体决策同意，公示内容不含秘密"),
        validators=[InputRequired(_l("请确认单位已同意公示。"))],
    )
