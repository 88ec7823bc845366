"""A saved search's name and how often to hear of it; what to stop by a mail's link."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField
from wtforms.validators import InputRequired

from marketplace.discovery.saved.models import Frequency
from marketplace.discovery.saved.services.keeping import LONGEST_NAME
from marketplace.web.forms import MarketForm, choices, text
from marketplace.web.typed_text import one_line

FREQUENCIES = {
    Frequency.DAILY: _l("每天"),
    Frequency.WEEKLY: _l("每周"),
    Frequency.OFF: _l("不提醒"),
}


class SavedSearchForm(MarketForm):
    """A name and a frequency; the version that was shown where a search is changed."""

    name = text(_l("名称"), LONGEST_NAME, InputRequired(_l("请给订阅起个名称，不超过 60 个字。")))
    frequency = RadioField(
        _l("有新信息时提醒"),
        choices=choices((frequency.value, label) for frequency, label in FREQUENCIES.items()),
        default=Frequency.DAILY.value,
        validators=[InputRequired(_l("请选择提醒频率。"))],
        description=_l("每天 8 点以后，或每周一；有电子邮箱的同时发邮件，没有新信息不打扰"),
        validate_choice=False,
    )
    version = HiddenField()

    def wish(self) -> tuple[str, str]:
        """Name and frequency, the name in one line without signs that nobody sees."""
        return one_line(self.name.data or "", LONGEST_NAME), self.frequency.data or ""
