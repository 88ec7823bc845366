"""Forms of people and organisations."""

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import BooleanField, HiddenField, IntegerField, PasswordField, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from marketplace.accounts.services.colleagues import OPEN_ROLES
from marketplace.accounts.services.organisation_data import FIRST_ROLES, PARTY_KINDS, TYPES
from marketplace.web.forms import MarketForm, choices, long_text, text
from marketplace.web.labels import ROLES
from marketplace.web.regions import region_choices

_ADDRESS = _l("电子邮箱或手机号")


class LoginForm(MarketForm):
    """E-mail or phone and password."""

    address = text(_ADDRESS, 254, InputRequired(_l("请填写注册时用的电子邮箱或手机号。")))
    password = PasswordField(_l("密码"), [InputRequired(_l("请填写密码。")), Length(max=128)])
    next = HiddenField()


class RegistrationForm(MarketForm):
    """A new account."""

    name = text(_l("姓名"), 60, InputRequired(_l("请填写姓名，2 到 60 个字。")))
    address = text(_ADDRESS, 254, InputRequired(_l("请填写电子邮箱（如 name@example.com）或 11 位手机号。")))
    password = PasswordField(
        _l("密码"),
        [InputRequired(_l("请填写密码，至少 10 位。"))],
        description=_l("至少 10 位，可以用几个词连起来"),
    )
    consent = BooleanField(_l("我已阅读并同意隐私说明"))


class AskResetForm(MarketForm):
    """Ask for a link to set a new password."""

    address = text(_ADDRESS, 254, InputRequired(_l("请填写注册时用的电子邮箱或手机号。")))


class NewPasswordForm(MarketForm):
    """The new password."""

    password = PasswordField(
        _l("新密码"),
        [InputRequired(_l("请填写新密码，至少 10 位。"))],
        description=_l("至少 10 位，可以用几个词连起来"),
    )


class _IdentityFields(MarketForm):
    """Who an organisation is, as its licence says."""

    name = text(_l("单位全称"), 120, description=_l("与营业执照或法人证书上一致"))
    credit_code = text(_l("统一社会信用代码"), 40)
    organisation_type = SelectField(
        _l("单位类型"), choices=choices((value, _l(TYPES[value])) for value in FIRST_ROLES)
    )
    party_kind = SelectField(
        _l("单位性质"), choices=choices((value, _l(name)) for value, name in PARTY_KINDS.items())
    )
    public_unit = BooleanField(_l("国家设立的研究开发机构或高等院校（协议定价须公示）"))
    registration_region = SelectField(_l("注册地"), description=_l("登记机关所在的旗县市区"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.registration_region.choices = region_choices()


class DetailsForm(MarketForm):
    """What an organisation may correct by itself at any time."""

    version = IntegerField(default=0, validators=[Optional()])
    tax_region = SelectField(_l("纳税地"), description=_l("申报补贴时要求注册地和纳税地都在自治区内"))
    legal_representative = text(_l("法定代表人"), 60, Optional())
    address = text(_l("地址"), 200, Optional())
    phone = text(_l("单位电话"), 30, Optional())

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.tax_region.choices = region_choices()

    def values(self) -> dict:
        """What the service takes."""
        return _values(self)


class OrganisationForm(_IdentityFields, DetailsForm):
    """What contracts, checks and the subsidy need to know of an organisation."""


class IdentityChangeForm(_IdentityFields):
    """Another identity of a verified organisation, with one file that proves it."""

    version = HiddenField()
    evidence = FileField(_l("变更证明"))

    def values(self) -> dict:
        """What the service takes."""
        return _values(self)


class EvidenceForm(MarketForm):
    """One file that proves who the organisation is."""

    version = HiddenField()
    evidence = FileField(_l("营业执照或法人证书"))


class ReasonForm(MarketForm):
    """A decision, with the reason where one is owed."""

    version = HiddenField()
    #: Carried by the button that was pressed. Not a hidden field: its empty value would come before the button's.
    action = StringField()
    reason = long_text(_l("原因"), 500, Optional(), description=_l("写清哪里不符、怎样改；对方会看到"))


class ClaimForm(MarketForm):
    """Ask to belong to an organisation that is here."""

    credit_code = text(_l("统一社会信用代码"), 40, InputRequired(_l("请填写单位的统一社会信用代码，18 位。")))
    role = SelectField(_l("我的角色"))
    message = long_text(_l("说明"), 500, Optional(), description=_l("例如所在部门和职务，方便对方核实"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.role.choices = _role_choices(role for roles in OPEN_ROLES.values() for role in roles)


class InvitationForm(MarketForm):
    """Invite a colleague."""

    address = text(_l("同事的电子邮箱或手机号"), 254)
    role = SelectField(_l("角色"))

    def __init__(self, organisation_type: str, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.role.choices = _role_choices(OPEN_ROLES.get(organisation_type, ()))


def _role_choices(roles) -> list[SelectChoice]:
    return choices((role, _l(ROLES[role])) for role in dict.fromkeys(roles))


def _values(form: MarketForm) -> dict:
    left_out = {"csrf_token", "submission_key", "version", "evidence"}
    return {name: value for name, value in form.data.items() if name not in left_out}
