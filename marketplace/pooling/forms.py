"""Forms of common demands: a firm's answer, a response, and what staff write and decide."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, RadioField, SelectField
from wtforms.validators import InputRequired, Optional

from marketplace.pooling.services.asking import Answer
from marketplace.pooling.services.responding import LONGEST_TEXT
from marketplace.pooling.services.wording import LONGEST_SUMMARY, LONGEST_TITLE
from marketplace.web.forms import MarketForm, choices, long_text, text

ANSWERS = {"agree": _l("同意联合发布"), "decline": _l("不参加"), "postpone": _l("以后再说")}


class AnswerForm(MarketForm):
    """What a firm says to pooling its demand."""

    version = HiddenField()
    act = RadioField(_l("贵单位的意见"), validators=[InputRequired(_l("请选择一项。"))])
    counts_budget = BooleanField(
        _l("把我的预算上限计入合计"),
        description=_l("对外只显示合计落在哪一档，不显示任何一家的数字；至少两家计入才显示"),
    )
    shows_name = BooleanField(
        _l("同意公开单位名称"),
        description=_l("所有同意联合发布的企业都勾选后才公开，否则一家也不公开"),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.act.choices = choices(ANSWERS.items())

    def said(self) -> Answer:
        """What was typed, for the service."""
        return Answer(self.act.data, bool(self.counts_budget.data), bool(self.shows_name.data))


class ResponseForm(MarketForm):
    """“I can solve this”, with one of one's own achievements."""

    achievement = SelectField(_l("用哪一项成果解决"), validate_choice=False)
    text = long_text(
        _l("怎样解决"), LONGEST_TEXT, description=_l("例如适用的工况、已有的案例、需要的条件；请勿写联系方式")
    )


class WordingForm(MarketForm):
    """Title and summary of a common demand, by staff."""

    version = HiddenField()
    title = text(_l("名称"), LONGEST_TITLE, description=_l("中性的名称，不出现任何一家企业"))
    summary = long_text(
        _l("概述"), LONGEST_SUMMARY, description=_l("写共同的难题，不引用某一家的原文、预算和地点")
    )


class MergeForm(MarketForm):
    """Putting two clusters together: why, and what was seen of both."""

    version = HiddenField()
    other_version = HiddenField()
    demands = HiddenField()
    reason = long_text(_l("原因"), 500, description=_l("例如同一个难题的两种说法；记入办理经过"))


class DecisionForm(MarketForm):
    """A step of staff that may need a reason."""

    version = HiddenField()
    reason = long_text(_l("原因"), 500, Optional())
