"""Checks of single fields of a listing; each sentence says what would be right."""

from flask_babel import gettext
from wtforms import Field, Form
from wtforms.validators import ValidationError

from marketplace import identifiers
from marketplace.listings.content import INDICATOR_NUMBER, REGISTRATION_NO
from marketplace.web import context

_PATENTS = frozenset({"invention_patent", "utility_model", "design_patent", "patent_application"})


def check_indicator_number(_form: Form, field: Field) -> None:
    """An indicator is a number, so that it can be compared."""
    typed = (field.data or "").strip()
    if typed and not INDICATOR_NUMBER.fullmatch(typed):
        raise ValidationError(gettext("要填数字，例如 900；范围写成 60~65。写不出数字的可留到文字说明里。"))


def check_patent(form: Form, field: Field) -> None:
    """Patent numbers have a check digit; other rights have not."""
    typed = (field.data or "").strip()
    if not typed or form["kind"].data not in _PATENTS:
        return
    check = identifiers.check_patent_no(typed)
    if not check.valid:
        raise ValidationError(gettext(identifiers.reason_sentence("patent_no", check.reasons[0])))
    field.data = check.normalised


def check_registration_no(_form: Form, field: Field) -> None:
    """批准登记号: three digits, year, a letter, four digits (domain.md 6.2)."""
    typed = identifiers.clean(field.data or "")
    if typed and not REGISTRATION_NO.fullmatch(typed):
        raise ValidationError(gettext("成果登记号为 12 位：7 位数字、1 个字母、4 位数字，如 1502026Y0001。"))
    field.data = typed


def check_contact(_form: Form, field: Field) -> None:
    """A telephone number or an e-mail address, by the field's name."""
    typed = (field.data or "").strip()
    if not typed:
        return
    kind = "email" if field.short_name.endswith("email") else "phone"
    check = identifiers.check_email(typed) if kind == "email" else identifiers.check_phone(typed)
    if not check.valid:
        raise ValidationError(gettext(identifiers.reason_sentence(kind, check.reasons[0])))
    field.data = check.normalised


def check_not_past(_form: Form, field: Field) -> None:
    """A wish for a day that is still to come."""
    if field.data and field.data < context.today():
        raise ValidationError(gettext("不能早于今天 %(today)s。", today=context.today().isoformat()))


def check_price_order(form: Form, field: Field) -> None:
    """The upper end is not below the lower one."""
    low = form["price_min_fen"].data
    if low is not None and field.data is not None and field.data < low:
        raise ValidationError(gettext("上限不能低于下限，请检查两个数是否填反了。"))
