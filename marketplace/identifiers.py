"""Identifiers that people type: clean them, check them, say in Chinese what is wrong, mask them in public.

Credit codes (GB 32100), patent numbers, contract registration numbers, telephone numbers and e-mail addresses
(policy.md 7, product.md 4.4). A wrong check character is named, but the right one is never told: whoever
types a code must read it again from the document. Pure: standard library and phonenumbers.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import phonenumbers

from marketplace.errors import N_
from marketplace.money import clean as clean  # offered here too: identifiers are cleaned like amounts

# --- results ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class IdentifierCheck:
    """What a check found: the cleaned value (None if unreadable) and the codes of what is wrong."""

    normalised: str | None
    reasons: tuple[str, ...]

    @property
    def valid(self) -> bool:
        """Nothing is wrong."""
        return not self.reasons


@dataclass(frozen=True, slots=True)
class CreditCodeCheck(IdentifierCheck):
    """Also: `warnings` never make a code wrong; `suggestion` is the code with O→0, I→1 if that is right."""

    warnings: tuple[str, ...] = ()
    suggestion: str | None = None


@dataclass(frozen=True, slots=True)
class PatentNumberCheck(IdentifierCheck):
    """Also: the kind of patent that the fifth digit names, None if it names none."""

    patent_kind: str | None = None


@dataclass(frozen=True, slots=True)
class PhoneCheck(IdentifierCheck):
    """Also: MOBILE, LANDLINE or SERVICE (400/800), and the number grouped for reading."""

    phone_kind: str | None = None
    grouped: str | None = None


_SENTENCES = {
    "credit_code": {
        "LENGTH": N_("统一社会信用代码应为 18 位，请对照证照补全或删去多余字符。"),
        "CHARSET": N_("统一社会信用代码只含数字和大写字母，不含 I、O、S、V、Z，请检查数字是否写成了字母。"),
        "CHECKSUM": N_("统一社会信用代码的校验位与前 17 位不符，请对照证照逐位核对。"),
        "ORGANISATION_CODE": N_(
            "代码第 9–17 位（组织机构代码）的校验位不常见，请再核对一遍；确认无误可继续。"
        ),
    },
    "patent_no": {
        "FORMAT": N_("专利号应为 12 位数字加校验位，如 ZL201310653529.9，可省略 ZL、CN 和小数点。"),
        "YEAR": N_("专利号前四位是申请年份，应不早于 2003 年，请对照证书核对。"),
        "KIND": N_("专利号第 5 位应为 1（发明）、2（实用新型）、3（外观设计）、8 或 9（国际申请），请核对。"),
        "CHECKSUM": N_("专利号的校验位与前 12 位不符，请对照证书逐位核对。"),
    },
    "registration_no": {
        "FORMAT": N_("合同登记编号应为 16 位数字，以 19 或 20 开头，如 2026 1501 01 000123。"),
        "YEAR": N_("合同登记编号前四位是登记年份，不应晚于今年，请对照登记证明核对。"),
        "REGION": N_("合同登记编号第 5–8 位应为登记机构所在省、市的代码，请对照登记证明核对。"),
    },
    "phone": {
        "FORMAT": N_("请填写手机号、带区号的固定电话（如 0471-1234567，分机写作 -801）或 400/800 电话。"),
        "AREA_CODE": N_("固定电话的区号或位数不对，请写成“区号-号码”，如 0471-1234567。"),
    },
    "email": {
        "FORMAT": N_("请填写完整的电子邮箱地址，如 zhang.san@example.com。"),
        "LENGTH": N_("电子邮箱地址过长，@ 前最多 64 个字符，全长最多 254 个字符。"),
    },
}


def reason_sentence(kind: str, code: str) -> str:
    """The Chinese sentence for a reason (or warning) code of `kind`, saying what would be right."""
    return _SENTENCES[kind][code]


def reason_codes(kind: str) -> tuple[str, ...]:
    """Every code a check of `kind` can give, in the order of reporting."""
    return tuple(_SENTENCES[kind])


# --- unified social credit code -----------------------------------------------------------------------------

_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_VALUE = {character: value for value, character in enumerate(_CREDIT_ALPHABET)}
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def check_credit_code(value: str) -> CreditCodeCheck:
    """Check a unified social credit code (GB 32100-2015); the inner GB 11714 digit only warns."""
    code = clean(value)
    reasons = _credit_code_reasons(code)
    if reasons:
        mended = code.replace("O", "0").replace("I", "1")
        return CreditCodeCheck(code, reasons, suggestion=None if _credit_code_reasons(mended) else mended)
    warns = code[16] != _organisation_digit(code[8:16])
    return CreditCodeCheck(code, (), warnings=("ORGANISATION_CODE",) if warns else ())


def _credit_code_reasons(code: str) -> tuple[str, ...]:
    reasons = []
    if len(code) != 18:
        reasons.append("LENGTH")
    if not set(code) <= set(_CREDIT_ALPHABET):
        reasons.append("CHARSET")
    if not reasons and code[17] != _credit_check_character(code[:17]):
        reasons.append("CHECKSUM")
    return tuple(reasons)


def _credit_check_character(body: str) -> str:
    total = sum(_CREDIT_VALUE[character] * pow(3, place, 31) for place, character in enumerate(body))
    return _CREDIT_ALPHABET[(31 - total % 31) % 31]


def _organisation_digit(body: str) -> str:
    # int(c, 36) is the value GB 11714 gives a character: digits themselves, A = 10 … Z = 35.
    total = sum(int(c, 36) * weight for c, weight in zip(body, _ORGANISATION_WEIGHTS, strict=True))
    return "0123456789X0"[11 - total % 11]


# --- patent and registration numbers ------------------------------------------------------------------------

_PATENT_NO = re.compile(r"(?:ZL|CN)?([0-9]{12})\.?([0-9X])")
_PATENT_WEIGHTS = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
_PATENT_KINDS = {
    "1": "INVENTION",
    "2": "UTILITY_MODEL",
    "3": "DESIGN",
    "8": "PCT_INVENTION",
    "9": "PCT_UTILITY_MODEL",
}
#: The first year of the 12-digit numbers with a check character.
_FIRST_PATENT_YEAR = 2003


def check_patent_no(value: str) -> PatentNumberCheck:
    """Check a patent or application number of the form in use since October 2003; `normalised` has no dot."""
    found = _PATENT_NO.fullmatch(clean(value))
    if found is None:
        return PatentNumberCheck(None, ("FORMAT",))
    body, check = found.groups()
    kind = _PATENT_KINDS.get(body[4])
    reasons = {
        "YEAR": int(body[:4]) < _FIRST_PATENT_YEAR,
        "KIND": kind is None,
        "CHECKSUM": check != _patent_check_character(body),
    }
    return PatentNumberCheck(body + check, _true_keys(reasons), patent_kind=kind)


def _patent_check_character(body: str) -> str:
    return "0123456789X"[sum(int(d) * w for d, w in zip(body, _PATENT_WEIGHTS, strict=True)) % 11]


_REGISTRATION_NO = re.compile(r"(?:19|20)[0-9]{14}")
#: First two digits of GB/T 2260 codes, by ranges.
_PROVINCE_RANGES = ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 82))
_PROVINCES = frozenset(str(code) for first, last in _PROVINCE_RANGES for code in range(first, last + 1))


_RIGHT_APPLICATION = re.compile(r"(?:ZL|CN)?([0-9]{12}|[0-9]{8})([0-9X])")
_RIGHT_APPLICATION_UNCHECKED = re.compile(r"(?:ZL|CN)?([0-9]{12})")
# The letter after a Chinese publication number says which publication of the same file it is.
_RIGHT_PUBLICATION = re.compile(r"CN([0-9]{7,9})[ABCDSUY][0-9]?")
#: Shorter ones are no number of a right: “1”, “待定”, a year.
_LEAST_RIGHT_DIGITS = 6
LONGEST_RIGHT_KEY = 60


def right_key(number: str, kind: str) -> str | None:
    """The one spelling of a right's number by which two listings are compared; None for what is no number.

    Prefixes (ZL, CN), points, spaces and full width do not matter, nor whether a patent's application number was
    typed with its check character, nor which publication of a file is meant (CN…A, CN…B). An application number
    and a publication number of one patent have nothing in common and stay two. A bare number says little without
    the `kind` of right (ip_types.csv): it only equals those of the same kind.
    """
    plain = "".join(filter(str.isalnum, clean(number)))
    if sum(map(str.isdigit, plain)) < _LEAST_RIGHT_DIGITS:
        return None
    if found := _RIGHT_APPLICATION.fullmatch(plain):
        return "".join(found.groups())
    if (found := _RIGHT_APPLICATION_UNCHECKED.fullmatch(plain)) and found[1][4] in _PATENT_KINDS:
        return found[1] + _patent_check_character(found[1])
    if found := _RIGHT_PUBLICATION.fullmatch(plain):
        return f"CN{found[1]}"
    plain = plain.replace("第", "").replace("号", "")
    return (f"{kind}:{plain}" if plain.isdecimal() else plain)[:LONGEST_RIGHT_KEY]


def check_registration_no(
    value: str, today: date | None = None, region_codes: Collection[str] | None = None
) -> IdentifierCheck:
    """Check a 16-digit contract registration number: year 4, region 4, registration point 2, serial 6.

    Without `today` the year is not tested; `region_codes` (four digits each) narrows the regions, if given.
    """
    number = clean(value)
    if not _REGISTRATION_NO.fullmatch(number):
        return IdentifierCheck(number, ("FORMAT",))
    reasons = {
        "YEAR": today is not None and int(number[:4]) > today.year,
        "REGION": number[4:6] not in _PROVINCES
        or (region_codes is not None and number[4:8] not in region_codes),
    }
    return IdentifierCheck(number, _true_keys(reasons))


def _true_keys(reasons: dict[str, bool]) -> tuple[str, ...]:
    return tuple(code for code, applies in reasons.items() if applies)


# --- telephone and e-mail -----------------------------------------------------------------------------------

_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_SERVICE_LINE = re.compile(r"[48]00-?[0-9]{3}-?[0-9]{4}")
_LANDLINE = re.compile(r"(0[1-9][0-9]{1,2})-?([0-9]{6,8})(?:(?:-|转)([0-9]{1,6}))?")
_COUNTRY_PREFIX = re.compile(r"^(?:\+86|0086)-?")


def check_phone(value: str) -> PhoneCheck:
    """Check a mainland telephone number; `normalised` is its digits (`0471…-801` with an extension)."""
    typed = clean(value).replace("(", "").replace(")", "-").replace("—", "-").replace("–", "-")
    number = _COUNTRY_PREFIX.sub("", typed, count=1)
    compact = number.replace("-", "")
    if _MOBILE.fullmatch(compact):
        return PhoneCheck(compact, (), "MOBILE", f"{compact[:3]} {compact[3:7]} {compact[7:]}")
    if _SERVICE_LINE.fullmatch(number):
        return PhoneCheck(compact, (), "SERVICE", f"{compact[:3]}-{compact[3:6]}-{compact[6:]}")
    if number != typed and re.match(r"[1-9]", number):
        number = "0" + number  # +86 471 …: behind a country code the 0 of the area code is left out
    return _check_landline(number)


def _check_landline(number: str) -> PhoneCheck:
    if not re.fullmatch(r"0[0-9-]*(?:转[0-9]+)?", number):
        return PhoneCheck(None, ("FORMAT",))
    found = _LANDLINE.fullmatch(number)
    area_length = _area_code_length(found[1] + found[2]) if found else 0
    if not area_length:
        return PhoneCheck(None, ("AREA_CODE",))
    digits, extension = found[1] + found[2], found[3]
    tail = f"-{extension}" if extension else ""
    return PhoneCheck(digits + tail, (), "LANDLINE", f"{digits[:area_length]}-{digits[area_length:]}{tail}")


def _area_code_length(digits: str) -> int:
    """Length of the area code with its trunk 0; 0 if no area of the mainland has such a number."""
    try:
        parsed = phonenumbers.parse(digits, "CN")
    except phonenumbers.NumberParseException:
        return 0
    if not phonenumbers.is_valid_number_for_region(parsed, "CN"):
        return 0
    length = phonenumbers.length_of_geographical_area_code(parsed)
    return length + 1 if length else 0


_EMAIL = re.compile(
    r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])"
)


def check_email(value: str) -> IdentifierCheck:
    """Check an e-mail address; `normalised` is lower case, so that one mailbox is one account."""
    address = clean(value).lower()
    local = address.partition("@")[0]
    if len(address) > 254 or len(local) > 64:
        return IdentifierCheck(None, ("LENGTH",))
    return IdentifierCheck(address, ()) if _EMAIL.fullmatch(address) else IdentifierCheck(None, ("FORMAT",))


# --- masks for public pages ---------------------------------------------------------------------------------


def mask_phone(number: str) -> str:
    """`138****5678`; of a landline the area code and the last two digits stay; short ones vanish."""
    head = number.partition("-")[0]
    if _MOBILE.fullmatch(head):
        return f"{head[:3]}****{head[-4:]}"
    if len(head) < 7:
        return "*" * len(head)
    shown = head[:4] if head.startswith("0") else head[:3]
    return f"{shown}{'*' * (len(head) - len(shown) - 2)}{head[-2:]}"


def mask_email(address: str) -> str:
    """`z***@example.com`: the first character and the domain stay."""
    local, at, domain = address.partition("@")
    return f"{local[:1]}***{at}{domain}"


def mask_resident_id(number: str) -> str:
    """`110105********002X`: the first six and the last four stay; without 18 characters nothing shows."""
    return f"{number[:6]}{'*' * 8}{number[-4:]}" if len(number) == 18 else "*" * len(number)
