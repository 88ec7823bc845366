"""Forms of reviewers: an opinion, a verdict on a voucher, a new batch."""

import json

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, IntegerField, RadioField, TextAreaField
from wtforms.validators import InputRequired, Optional

from marketplace.contracts.services.payments import REJECTED, VERIFIED
from marketplace.subsidies.forms import YuanField
from marketplace.web.forms import DateText, MarketForm, choices, long_text, text

_LONGEST_PARAMETERS = 900


class OpinionForm(MarketForm):
    """A decision with its opinion."""

    version = HiddenField()
    reason = long_text(_l("审核意见"), 1000, Optional())


class BatchActForm(MarketForm):
    """An act on a batch; withdrawing a list needs a reason."""

    version = HiddenField()
    reason = long_text(_l("原因"), 1000, Optional())


class VerdictForm(MarketForm):
    """What finance found about one voucher."""

    version = HiddenField()
    verdict = RadioField(
        _l("核验结果"),
        choices=choices(((VERIFIED, _l("核验通过")), (REJECTED, _l("不予计入")))),
        validators=[InputRequired(_l("请选择核验结果。"))],
    )
    reason = long_text(_l("不予计入的原因"), 200, Optional(), description=_l("申报单位会看到"))


class ParametersField(TextAreaField):
    """Overrides of rule parameters, one `key: value` per line, the value in JSON; `data` is a dict."""

    def process_formdata(self, values) -> None:
        typed = (values[0] if values else "").strip()
        self.data = {}
        if len(typed) > _LONGEST_PARAMETERS:
            raise ValueError(gettext("参数太多，请只写与规则不同的。"))
        for line in typed.splitlines():
            if line.strip():
                self._take(line)

    def _take(self, line: str) -> None:
        key, separator, value = line.replace("：", ":").partition(":")
        try:
            self.data[key.strip()] = json.loads(value)
        except ValueError as error:
            raise ValueError(
                gettext("参数“%(line)s”看不懂，请写成 rate_bp: 800 的样子。", line=line[:40])
            ) from error
        if not separator or not key.strip():
            raise ValueError(gettext("参数“%(line)s”看不懂，请写成 rate_bp: 800 的样子。", line=line[:40]))

    def _value(self) -> str:
        if self.raw_data:
            return self.raw_data[0]
        return "\n".join(f"{key}: {json.dumps(value)}" for key, value in (self.data or {}).items())


class BatchForm(MarketForm):
    """A call for applications."""

    programme_year = IntegerField(
        _l("项目年度"),
        [InputRequired(_l("请填写项目年度，如 2027。"))],
        description=_l("凭证窗口由年度的规则推出"),
    )
    title = text(_l("批次名称"), 120)
    opens_on = DateText(_l("征集开始"))
    closes_on = DateText(_l("征集截止（含当日）"))
    budget_fen = YuanField(_l("预算"), description=_l("没有预算限制的留空"))
    parameters = ParametersField(
        _l("本批参数"),
        [Optional()],
        description=_l("与规则不同的参数，每行一个，如 rate_bp: 800；没有的留空"),
    )
