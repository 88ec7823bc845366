"""Identifiers: cleaning, check digits, reasons with their sentences, masks."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc
from stdnum.exceptions import ValidationError

from marketplace import identifiers
from marketplace.identifiers import (
    check_credit_code,
    check_email,
    check_patent_no,
    check_phone,
    check_registration_no,
    clean,
    mask_email,
    mask_phone,
    mask_resident_id,
    reason_codes,
    reason_sentence,
    right_key,
)

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@pytest.mark.parametrize(
    ("typed", "cleaned"),
    [
        ("　９１３５　０１ａ ", "913501A"),
        ("a\tb\nc\u2028d\x85e", "ABCDE"),
        ("ß", "SS"),
        ("！～", "!~"),
        ("￥（１）", "￥(1)"),
    ],
)
def test_typed_values_are_cleaned(typed, cleaned):
    assert clean(typed) == cleaned


# --- credit codes -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "reasons"),
    [
        ("91350100M000100Y43", ()),
        ("91110108551385082Q", ()),
        ("91110000600037341L", ()),
        ("９１１１００００６０００３７３４１ｌ", ()),
        ("9111 0000 6000 3734 1l", ()),
        ("91350100M000100Y4Z", ("CHARSET",)),
        ("91110000600037342L", ("CHECKSUM",)),
        ("9111000060003734", ("LENGTH",)),
        ("91110000600037341LL", ("LENGTH",)),
        ("", ("LENGTH",)),
        ("911100006000373-", ("LENGTH", "CHARSET")),
        ("9111000060003734１S", ("CHARSET",)),
        ("9111000060003734٣L", ("CHARSET",)),
    ],
)
def test_credit_codes(typed, reasons):
    found = check_credit_code(typed)
    assert found.reasons == reasons
    assert found.valid == (not reasons)
    assert found.normalised == clean(typed)


@pytest.mark.parametrize("code", ["N2110108551385082", "A1110108551385082", "Y1110108551385082"])
def test_letters_in_front_are_legal(code):
    """python-stdnum wants eight leading digits and refuses codes that some authorities do give out."""
    right = [code + check for check in ALPHABET if check_credit_code(code + check).valid]
    assert len(right) == 1
    with pytest.raises(ValidationError):
        uscc.validate(right[0])


@given(st.text("0123456789", min_size=8, max_size=8), st.text(ALPHABET, min_size=9, max_size=9))
def test_the_check_character_agrees_with_stdnum(office, body):
    right = [check for check in ALPHABET if check_credit_code(office + body + check).valid]
    assert right == [uscc.calc_check_digit(office + body)]


def test_the_organisation_code_only_warns():
    found = check_credit_code("91150404MA7FQW3145")
    assert found.valid
    assert found.warnings == ("ORGANISATION_CODE",)
    assert check_credit_code("91110000600037341L").warnings == ()
    assert check_credit_code("91110000600037342L").warnings == ()


@pytest.mark.parametrize(
    ("typed", "suggestion"),
    [
        ("9111OOOO6OOO37341L", "91110000600037341L"),
        ("9IIIOOOO6OOO3734IL", "91110000600037341L"),
        ("9IIIOOOO6OOO3734IM", None),
        ("91110000600037341L", None),
        ("91110000600037342L", None),
    ],
)
def test_letters_typed_for_digits_are_offered_as_digits(typed, suggestion):
    assert check_credit_code(typed).suggestion == suggestion


def test_no_sentence_tells_the_expected_check_character():
    """A sentence is the same for every code, so it cannot contain what would have been right."""
    sentence = reason_sentence("credit_code", check_credit_code("91110000600037342L").reasons[0])
    assert sentence == reason_sentence("credit_code", check_credit_code("91110108551385082A").reasons[0])
    assert "{" not in sentence
    assert "%" not in sentence


# --- patent and registration numbers ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "normalised", "kind", "reasons"),
    [
        ("201310653529.9", "2013106535299", "INVENTION", ()),
        ("zl 2013 1065 3529.9", "2013106535299", "INVENTION", ()),
        ("CN2013106535299", "2013106535299", "INVENTION", ()),
        ("201720065898x", "201720065898X", "UTILITY_MODEL", ()),
        ("cn202330287416．6", "2023302874166", "DESIGN", ()),
        ("ZL 2016800935177", "2016800935177", "PCT_INVENTION", ()),
        ("2022900642815", "2022900642815", "PCT_UTILITY_MODEL", ()),
        ("201310653529.8", "2013106535298", "INVENTION", ("CHECKSUM",)),
        ("CN199860417352.1", "1998604173521", None, ("YEAR", "KIND", "CHECKSUM")),
        ("ZLCN201310653529.9", None, None, ("FORMAT",)),
        ("ZL992473165", None, None, ("FORMAT",)),
        ("20131065352.99", None, None, ("FORMAT",)),
        ("201310653529..9", None, None, ("FORMAT",)),
        ("201310653529", None, None, ("FORMAT",)),
        ("２０１３１０６５３５２９。9", None, None, ("FORMAT",)),
        ("٢01310653529.9", None, None, ("FORMAT",)),
        ("", None, None, ("FORMAT",)),
    ],
)
def test_patent_numbers(typed, normalised, kind, reasons):
    found = check_patent_no(typed)
    assert (found.normalised, found.patent_kind, found.reasons) == (normalised, kind, reasons)


def test_a_single_wrong_digit_of_a_patent_number_is_always_found():
    right = "2013106535299"
    wrong = [right[:i] + d + right[i + 1 :] for i in range(5, 12) for d in "0123456789" if d != right[i]]
    assert all("CHECKSUM" in check_patent_no(number).reasons for number in wrong)


@pytest.mark.parametrize(
    ("typed", "today", "regions", "reasons"),
    [
        ("2026 1501 01 000123", date(2026, 11, 21), None, ()),
        ("2026150101000123", date(2025, 12, 31), None, ("YEAR",)),
        ("2026150101000123", None, None, ()),
        ("1999150101000123", date(2026, 1, 1), ["1501"], ()),
        ("2026150101000123", None, ["1502", "1101"], ("REGION",)),
        ("2026150101000123", None, [], ("REGION",)),
        ("2031770500000466", date(2030, 7, 1), None, ("YEAR", "REGION")),
        ("2026160101000123", None, ["1601"], ("REGION",)),
        ("2126150101000123", None, None, ("FORMAT",)),
        ("202615010100012", None, ["9999"], ("FORMAT",)),
        ("20261501010001２3", None, None, ()),
        ("2026-1501", None, None, ("FORMAT",)),
    ],
)
def test_registration_numbers(typed, today, regions, reasons):
    found = check_registration_no(typed, today, regions)
    assert found.reasons == reasons
    assert found.normalised == clean(typed)


def test_the_provinces_are_those_of_the_ranges():
    codes = [f"{n:02d}" for n in range(100)]
    known = {n for n in codes if not check_registration_no(f"2026{n}0101000123").reasons}
    ranges = [(11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 82)]
    assert known == {str(n) for first, last in ranges for n in range(first, last + 1)}


# --- telephone and e-mail -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "normalised", "kind", "grouped"),
    [
        ("13812345678", "13812345678", "MOBILE", "138 1234 5678"),
        ("+86 138-1234-5678", "13812345678", "MOBILE", "138 1234 5678"),
        ("0086 19912345678", "19912345678", "MOBILE", "199 1234 5678"),
        ("１３８１２３４５６７８", "13812345678", "MOBILE", "138 1234 5678"),
        ("0571-85009137", "057185009137", "LANDLINE", "0571-85009137"),
        ("（0471）1234567", "04711234567", "LANDLINE", "0471-1234567"),
        ("010-66513652转802", "01066513652-802", "LANDLINE", "010-66513652-802"),
        ("0471-1234567-801", "04711234567-801", "LANDLINE", "0471-1234567-801"),
        ("+86 471 6281234", "04716281234", "LANDLINE", "0471-6281234"),
        ("400-800-1234", "4008001234", "SERVICE", "400-800-1234"),
        ("8008101234", "8008101234", "SERVICE", "800-810-1234"),
    ],
)
def test_telephone_numbers(typed, normalised, kind, grouped):
    found = check_phone(typed)
    assert (found.normalised, found.phone_kind, found.grouped, found.reasons) == (
        normalised,
        kind,
        grouped,
        (),
    )


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "FORMAT"),
        ("hello", "FORMAT"),
        ("12012345678", "FORMAT"),
        ("1381234567", "FORMAT"),
        ("1234567", "FORMAT"),
        ("+1 202 555 0123", "FORMAT"),
        ("0571-8500913", "AREA_CODE"),
        ("0099-1234567", "AREA_CODE"),
        ("0" * 30, "AREA_CODE"),
        ("0471-123", "AREA_CODE"),
    ],
)
def test_what_is_no_telephone_number_says_why(typed, reason):
    found = check_phone(typed)
    assert found.reasons == (reason,)
    assert found.normalised is None


@pytest.mark.parametrize(
    ("typed", "normalised", "reasons"),
    [
        ("Zhang.San@Example.com", "zhang.san@example.com", ()),
        (" ｚｈａｎｇ＠example.com", "zhang@example.com", ()),
        ("a+b@mail.example.com.cn", "a+b@mail.example.com.cn", ()),
        ("zhang@example", None, ("FORMAT",)),
        ("zhang..san@example.com", None, ("FORMAT",)),
        (".zhang@example.com", None, ("FORMAT",)),
        ("zhang@-example.com", None, ("FORMAT",)),
        ("zhang@example.com.", None, ("FORMAT",)),
        ("a@b@example.com", None, ("FORMAT",)),
        ("张三@example.com", None, ("FORMAT",)),
        ("", None, ("FORMAT",)),
        ("a" * 65 + "@example.com", None, ("LENGTH",)),
        ("a@" + "b" * 60 + ".example" * 30 + ".com", None, ("LENGTH",)),
    ],
)
def test_email_addresses(typed, normalised, reasons):
    found = check_email(typed)
    assert (found.normalised, found.reasons) == (normalised, reasons)


@given(st.text(max_size=40))
def test_no_text_breaks_a_check(text):
    for check in (check_credit_code, check_patent_no, check_registration_no, check_phone, check_email):
        assert check(text).valid == (not check(text).reasons)


# --- masks and sentences ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("masked", "shown"),
    [
        (mask_phone("13812345678"), "138****5678"),
        (mask_phone("057185009137"), "0571******37"),
        (mask_phone("04711234567-801"), "0471*****67"),
        (mask_phone("4008001234"), "400*****34"),
        (mask_phone("12"), "**"),
        (mask_email("zhang@example.com"), "z***@example.com"),
        (mask_resident_id("11010519491231002X"), "110105********002X"),
        (mask_resident_id("123"), "***"),
    ],
)
def test_public_pages_show_masks(masked, shown):
    assert masked == shown


@pytest.mark.parametrize("kind", ["credit_code", "patent_no", "registration_no", "phone", "email"])
def test_every_reason_has_a_sentence_that_says_what_would_be_right(kind):
    sentences = [reason_sentence(kind, code) for code in reason_codes(kind)]
    assert len(set(sentences)) == len(sentences)
    assert all("请" in sentence or "应" in sentence or "最多" in sentence for sentence in sentences)


def test_an_unknown_reason_has_no_sentence():
    with pytest.raises(KeyError):
        identifiers.reason_sentence("credit_code", "FORMAT")


# --- numbers of rights --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("ZL201310653529.9", "2013106535299"),
        ("2013106535299", "2013106535299"),
        (" zl 2013 1065 3529 . 9 ", "2013106535299"),
        ("ＣＮ２０１３１０６５３５２９．９", "2013106535299"),
        ("201310653529", "2013106535299"),
        ("ZL98123456.X", "98123456X"),
        ("CN116812345B", "CN116812345"),
        ("CN 116812345 A", "CN116812345"),
        ("CN1234567C", "CN1234567"),
        ("2023SR0123456", "2023SR0123456"),
        ("软著登字第1234567号", "软著登字1234567"),
        ("软著登字 1234567", "软著登字1234567"),
        ("CNA20201234.5", "CNA202012345"),
        ("BS.205012345", "BS205012345"),
        ("1234567", "software_copyright:1234567"),
        ("待定", None),
        ("申请中 2026", None),
        ("", None),
        ("12345", None),
    ],
)
def test_a_rights_number_has_one_spelling(typed, key):
    assert right_key(typed, "software_copyright") == key


def test_bare_numbers_are_compared_within_a_kind_and_long_ones_are_cut():
    assert right_key("1234567", "ic_layout") != right_key("1234567", "software_copyright")
    assert len(right_key("A1" * 60, "design_copyright")) == 60


@given(st.text(max_size=80))
def test_any_text_has_a_key_that_is_its_own_key_or_none(text):
    key = right_key(text, "software_copyright")
    assert key is None or (len(key) <= 60 and right_key(key.rpartition(":")[2], "software_copyright") == key)
