"""What the market knows of an organisation: fields and their names, cleaning, checking, comparing."""

import unicodedata
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace import codes, identifiers
from marketplace.accounts.models import Organisation
from marketplace.errors import N_, Difference
from marketplace.permissions import Role

#: What a person does for an organisation of each type when he is the first to enter it.
FIRST_ROLES = {
    "university": Role.UNIT_MANAGER,
    "institute": Role.UNIT_MANAGER,
    "enterprise": Role.ENTERPRISE_MEMBER,
    "agency": Role.BROKER,
}
TYPES = {
    "university": N_("高等院校"),
    "institute": N_("科研院所"),
    "enterprise": N_("企业"),
    "agency": N_("技术转移机构"),
    "registration_agency": N_("技术合同登记机构"),
    "government": N_("政府部门"),
    "platform": N_("平台运营"),
    "source": N_("导入来源"),
}
PARTY_KINDS = {
    "ENTERPRISE": N_("企业"),
    "PUBLIC_INSTITUTION": N_("事业单位"),
    "SOCIAL_ORGANISATION": N_("社会组织"),
    "GOVERNMENT": N_("政府机关"),
    "INDIVIDUAL": N_("自然人"),
    "OTHER": N_("其他"),
}
FIELDS = {
    "name": N_("单位全称"),
    "credit_code": N_("统一社会信用代码"),
    "organisation_type": N_("单位类型"),
    "party_kind": N_("单位性质"),
    "public_unit": N_("国家设立的研究开发机构或高等院校（协议定价须公示）"),
    "registration_region": N_("注册地"),
    "tax_region": N_("纳税地"),
    "legal_representative": N_("法定代表人"),
    "address": N_("地址"),
    "phone": N_("单位电话"),
}
#: What the operator has vouched for and rights rest on: who a party is, which subsidy it may ask for, whether
#: its prices must be published, which agency registers its contracts. Everything else is the owner's to correct.
IDENTITY = (
    "name",
    "credit_code",
    "organisation_type",
    "party_kind",
    "public_unit",
    "registration_region",
)
_BRACKETS = str.maketrans("（）【】", "()[]")


def name_key(name: str) -> str:
    """The name for comparison: full-width brackets and letters, spaces and case do not matter."""
    return "".join(unicodedata.normalize("NFKC", name).translate(_BRACKETS).split()).casefold()


def differences(organisation: Organisation, typed: Mapping[str, Any]) -> list[Difference]:
    """What was typed beside what is stored now, where they differ. Labels and words are message ids."""
    return [
        Difference(label, shown(typed[name]), shown(getattr(organisation, name)))
        for name, label in FIELDS.items()
        if name in typed and typed[name] != getattr(organisation, name)
    ]


def shown(value: Any) -> str:
    """One value of an organisation's data as people read it; words are message ids, regions their codes."""
    if isinstance(value, bool):
        return N_("是") if value else N_("否")
    named = {**TYPES, **PARTY_KINDS}.get(value, value) if isinstance(value, str) else value
    return named or ""


def cleaned(data: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed, as it would be stored: trimmed, nothing as None, the code without spaces."""
    values = {
        name: (value.strip() or None) if isinstance(value, str) else value for name, value in data.items()
    }
    if values.get("credit_code"):
        values["credit_code"] = identifiers.clean(values["credit_code"])
    if "public_unit" in values:
        values["public_unit"] = bool(values["public_unit"])
    return values


def identity_problems(
    session: Session, values: Mapping[str, Any], own_id: int | None = None
) -> dict[str, list[str]]:
    """What is wrong about the identity in cleaned values, a sentence per field."""
    problems: dict[str, list[str]] = {}
    if len(values.get("name") or "") < 4:
        problems["name"] = [N_("请填写证照上的单位全称，至少 4 个字。")]
    if values.get("organisation_type") not in FIRST_ROLES:
        problems["organisation_type"] = [N_("请选择单位类型。")]
    if values.get("party_kind") not in PARTY_KINDS:
        problems["party_kind"] = [N_("请选择单位性质。")]
    if values.get("registration_region") not in codes.regions():
        problems["registration_region"] = [N_("请选择地区，精确到旗县市区。")]
    check = identifiers.check_credit_code(values.get("credit_code") or "")
    if not check.valid:
        problems["credit_code"] = [identifiers.reason_sentence("credit_code", check.reasons[0])]
    elif not credit_code_is_free(session, check.normalised, own_id):
        problems["credit_code"] = [
            N_("这个单位已在平台上，不用重复登记；请用“加入已有单位”申请成为它的成员。")
        ]
    return problems


def credit_code_is_free(session: Session, code: str, own_id: int | None = None) -> bool:
    """Whether no other organisation has this code."""
    owner = session.scalar(select(Organisation.id).where(Organisation.credit_code == code))
    return owner is None or owner == own_id


def details_problems(values: Mapping[str, Any]) -> dict[str, list[str]]:
    """What is wrong about the rest, a sentence per field."""
    if values.get("tax_region") not in codes.regions():
        return {"tax_region": [N_("请选择地区，精确到旗县市区。")]}
    return {}
