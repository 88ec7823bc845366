"""Taking a listing off the market: one reason that can be counted, and words for what the reason leaves open."""

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField
from wtforms.validators import Optional

from marketplace.listings.closing import OWN_REASONS
from marketplace.web.forms import MarketForm, choices, long_text


class ClosingForm(MarketForm):
    """Why it is taken off the market."""

    version = HiddenField()
    closing = RadioField(_l("下架的原因"), validate_choice=False)
    note = long_text(_l("补充说明"), 500, Optional(), description=_l("选“其他原因”时请写几个字"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.closing.choices = choices((code, gettext(text)) for code, text in OWN_REASONS.items())
