"""Why a match does not fit."""

from flask_babel import lazy_gettext as _l
from wtforms import RadioField
from wtforms.validators import Optional

from marketplace.matching.reasons import DECLINE_REASONS
from marketplace.web.forms import MarketForm, choices, long_text


class DeclineForm(MarketForm):
    """A reason code, and a note for the other side."""

    reason_code = RadioField(_l("不合适的原因"), validators=[Optional()])
    note = long_text(_l("补充说明"), 500, Optional(), description=_l("对方会看到，请勿写联系方式"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.reason_code.choices = choices((code, _l(text)) for code, text in DECLINE_REASONS.items())
