"""The base of every form: CSRF, a submission key, cleaned text, and the service's problems beside the fields."""

import re
from collections.abc import Iterable

from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import DateField, FieldList, HiddenField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import Length, Optional

from marketplace.errors import N_, Invalid
from marketplace.money import MoneyError, format_wan_yuan, parse_wan_yuan
from marketplace.web.once import submission_key

TOO_LONG = N_("最多 %(max)d 个字，请删短一些。")


class MarketForm(FlaskForm):
    """A form of the market. Required fields say nothing, optional ones say 选填 (their flag `optional`)."""

    submission_key = HiddenField(default=submission_key)

    def take(self, problems: Invalid) -> None:
        """Put what the service found beside the fields it concerns; what has no field stands above the form."""
        for name, sentences in problems.problems.items():
            texts = [gettext(sentence) for sentence in sentences]
            if name in self and isinstance(self[name].errors, (list, tuple)):
                self[name].errors = [*self[name].errors, *texts]
            else:
                self.form_errors.extend(texts)


def text(label: str, longest: int, *validators, **kwargs) -> StringField:
    """One line of text, stripped, with its bound."""
    return StringField(
        label, [*validators, Length(max=longest, message=_bound(longest))], filters=[_strip], **kwargs
    )


def long_text(label: str, longest: int, *validators, **kwargs) -> TextAreaField:
    """Several lines, stripped, with their bound."""
    return TextAreaField(
        label, [*validators, Length(max=longest, message=_bound(longest))], filters=[_strip], **kwargs
    )


def choices(pairs: Iterable[tuple[str, object]], group: object = None) -> list[SelectChoice]:
    """Values with their labels as WTForms wants them, perhaps under one heading."""
    return [SelectChoice(value, label, optgroup=group) for value, label in pairs]


class Rows(FieldList):
    """A list of rows; names whose number is no small whole number are left out instead of breaking the form."""

    def _extract_indices(self, prefix, formdata):
        sane = re.compile(rf"{re.escape(prefix)}-[0-9]{{1,4}}(?:-|$)")
        return super()._extract_indices(prefix, [name for name in formdata if sane.match(name)])


class MoneyField(StringField):
    """An amount typed in 万元; `data` is integer fen, what was typed is kept in `raw_data`."""

    def __init__(self, label: str, validators=(), **kwargs):
        super().__init__(label, [Optional(), *validators], **kwargs)

    def process_formdata(self, values) -> None:
        typed = (values[0] if values else "").strip()
        if not typed:
            self.data = None
            return
        try:
            self.data = parse_wan_yuan(typed)
        except MoneyError as error:
            self.data = None
            raise ValueError(gettext(str(error))) from error

    def _value(self) -> str:
        if self.raw_data:
            return self.raw_data[0]
        return "" if self.data is None else format_wan_yuan(self.data)


def _strip(value: str | None) -> str | None:
    return value.strip().replace("\x00", "") if isinstance(value, str) else value


def _bound(longest: int) -> str:
    return lazy_gettext(TOO_LONG, max=longest)


class DateText(DateField):
    """A day typed as YYYY-MM-DD; what was typed is kept when it is no day."""

    def __init__(self, label: str, validators=(), **kwargs):
        super().__init__(label, [Optional(), *validators], **kwargs)

    def process_formdata(self, values) -> None:
        try:
            super().process_formdata(values)
        except ValueError as error:
            raise ValueError(gettext("日期请写成 2027-06-30 的样子。")) from error
