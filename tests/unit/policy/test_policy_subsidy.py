"""The post-transaction subsidy, sentence by sentence of the rule (policy.md 3)."""

import pytest

# --- conditions across fields -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "error", "field"),
    [
        ({"contract_class": "DEVELOPMENT"}, "MISSING_FIELD", "contract_subtype"),
        ({"registration_no": None}, "MISSING_FIELD", "registration_no"),
        ({"registered_on": None}, "MISSING_FIELD", "registered_on"),
        ({"registered_on": None, "registration_status": "CHANGED"}, "MISSING_FIELD", "registered_on"),
        ({"total_amount": None}, "MISSING_FIELD", "total_amount"),
        ({"technical_amount": None}, "MISSING_FIELD", "technical_amount"),
        ({"technical_amount": "0.00"}, "BAD_VALUE", "technical_amount"),
        ({"technical_amount": "1000000.01"}, "BAD_VALUE", "technical_amount"),
        ({"enterprise_id": "乙"}, "UNKNOWN_REFERENCE", "enterprise_id"),
        ({"enterprise_id": "甲 "}, "UNKNOWN_REFERENCE", "enterprise_id"),
    ],
)
def test_conditions_of_a_contract(subsidy, changes, error, field):
    subsidy.first_contract.update(changes)
    assert subsidy.result() == {"error": error, "field": f"contracts[0].{field}"}


@pytest.mark.parametrize(
    "changes",
    [
        {"registration_status": "NOT_REGISTERED", "registration_no": None, "registered_on": None},
        {"amount_open": True, "total_amount": None, "technical_amount": None},
        {"amount_open": True, "technical_amount": "2000000.00"},
        {"contract_subtype": "COOPERATIVE"},
        {"technical_amount": "0.01"},
    ],
)
def test_what_the_conditions_let_pass(subsidy, changes):
    subsidy.first_contract.update(changes)
    assert subsidy.result()["status"] == "OK"


def test_applied_on_is_required_as_soon_as_any_enterprise_has_a_ban(subsidy):
    subsidy.facts["enterprises"].append(subsidy.enterprise("乙", bans=[{"decision_date": "1999-01-01"}]))
    assert subsidy.result() == {"error": "MISSING_FIELD", "field": "applied_on"}
    subsidy.facts["applied_on"] = "2025-12-01"
    assert subsidy.contract_result()["reasons"] == []


def test_a_ban_that_ends_beyond_the_calendar_is_no_value(subsidy):
    subsidy.facts["applied_on"] = "2025-12-01"
    subsidy.first_enterprise["bans"] = [{"decision_date": "9998-01-01"}]
    assert subsidy.error() == "BAD_VALUE"
    subsidy.parameters["ban_years"] = None  # the condition cannot be tested, so the parameter answers
    assert subsidy.result()["status"] == "PARAMETER_UNVERIFIED"
    subsidy.first_enterprise["bans"][0]["years"] = 2
    assert subsidy.error() == "BAD_VALUE"


@pytest.mark.parametrize("years", [0, 101, True, "3"])
def test_the_years_of_a_ban_are_bounded(subsidy, years):
    subsidy.facts["applied_on"] = "2025-12-01"
    subsidy.first_enterprise["bans"] = [{"decision_date": "2020-01-01", "years": years}]
    assert subsidy.result() == {"error": "BAD_VALUE", "field": "enterprises[0].bans[0].years"}


def test_ids_are_unique_each_in_its_list_and_defaults_count(subsidy):
    second = subsidy.contract("C2", "甲", [])
    subsidy.facts["contracts"].append(second)
    assert subsidy.error() is None
    second["application_no"] = "C1"
    assert subsidy.result() == {"error": "DUPLICATE_ID", "field": "contracts[1].application_no"}
    del second["application_no"]
    second["contract_id"] = "C1"
    second["application_no"] = "A2"
    assert subsidy.result() == {"error": "DUPLICATE_ID", "field": "contracts[1].contract_id"}
    second["contract_id"] = "甲"  # the id of an enterprise is another list
    assert subsidy.error() is None
    subsidy.facts["enterprises"].append(subsidy.enterprise("甲"))
    assert subsidy.error() == "DUPLICATE_ID"


def test_the_groups_of_conditions_come_in_order(subsidy):
    """Missing fields go before wrong values, those before doubled ids, those before references."""
    contracts = subsidy.facts["contracts"]
    contracts[0].update(technical_amount="0.00", enterprise_id="乙")
    contracts.append(subsidy.contract("C1", "甲", [], total_amount=None))
    assert subsidy.error() == "MISSING_FIELD"
    contracts[1]["total_amount"] = "1000000.00"
    assert subsidy.error() == "BAD_VALUE"
    contracts[0]["technical_amount"] = "1.00"
    assert subsidy.error() == "DUPLICATE_ID"
    contracts[1]["contract_id"] = "C2"
    assert subsidy.error() == "UNKNOWN_REFERENCE"


# --- steps 2 and 3 ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "reasons"),
    [
        ({"status": "PENDING"}, ["NOT_VERIFIED"]),
        ({"status": "REJECTED"}, ["NOT_VERIFIED"]),
        ({"paid_on": "2024-10-31"}, ["OUT_OF_WINDOW"]),
        ({"paid_on": "2024-11-01"}, []),
        ({"paid_on": "2025-10-31"}, []),
        ({"paid_on": "2025-11-01"}, ["OUT_OF_WINDOW"]),
        ({"form": "EQUITY"}, ["EQUITY_NOT_CASHED"]),
        ({"form": "EQUITY", "cashed": True}, []),
        ({"separated": False}, []),
        ({"refund": "100000.00"}, ["NET_NOT_POSITIVE"]),
        ({"refund": "99999.99"}, []),
        ({"fiscal": "60000.00", "refund": "60000.00"}, ["NET_NOT_POSITIVE"]),
        ({"invoice_tech": "0.00"}, ["NET_NOT_POSITIVE"]),
        (
            {"status": "PENDING", "paid_on": "2020-01-01", "form": "EQUITY", "bank_tech": "0.00"},
            ["NOT_VERIFIED", "OUT_OF_WINDOW", "EQUITY_NOT_CASHED", "NET_NOT_POSITIVE"],
        ),
    ],
)
def test_reasons_of_a_voucher(subsidy, changes, reasons):
    subsidy.first_voucher.update(changes)
    found = subsidy.contract_result()["vouchers"][0]
    assert found["reasons"] == reasons
    assert (found["base"] == "0.00") == bool(reasons)


def test_an_undivided_payment_counts_only_in_a_wholly_technical_contract(subsidy):
    subsidy.first_voucher["separated"] = False
    assert subsidy.contract_result()["verified_base"] == "100000.00"
    subsidy.first_contract["technical_amount"] = "999999.99"
    assert subsidy.contract_result()["vouchers"][0]["reasons"] == ["TECH_PART_UNCLEAR"]
    subsidy.first_contract.update(technical_amount="1000000.00", amount_open=True)
    assert subsidy.contract_result()["vouchers"][0]["reasons"] == ["TECH_PART_UNCLEAR"]


def test_parameters_of_the_voucher_step(subsidy):
    subsidy.first_voucher.update(form="EQUITY", fiscal="30000.00")
    subsidy.parameters = {"equity_payment": "INCLUDE", "fiscal_money": "INCLUDE"}
    assert subsidy.contract_result()["verified_base"] == "100000.00"


def test_a_voucher_number_counts_once_however_it_is_typed(subsidy):
    subsidy.first_contract["vouchers"] = [
        subsidy.voucher("ab-1", "10.00", status="REJECTED"),
        subsidy.voucher("ＡＢ －1", "20.00"),
        subsidy.voucher("AB1", "40.00"),
    ]
    found = subsidy.contract_result()
    assert [each["reasons"] for each in found["vouchers"]] == [["NOT_VERIFIED"], ["DUPLICATE_VOUCHER"], []]
    assert [each["voucher_no"] for each in found["vouchers"]] == ["ab-1", "ＡＢ －1", "AB1"]
    assert found["verified_base"] == "40.00"


@pytest.mark.parametrize(("arm", "reasons"), [("BUYER", ["DUPLICATE_VOUCHER"]), ("SELLER", [])])
def test_used_vouchers_bar_only_their_own_arm(subsidy, arm, reasons):
    subsidy.facts["used_vouchers"] = [{"voucher_no": "ｂ- 1", "arm": arm}]
    assert subsidy.contract_result()["vouchers"][0]["reasons"] == reasons


def test_used_vouchers_know_two_arms(subsidy):
    subsidy.facts["used_vouchers"] = [{"voucher_no": "B-1", "arm": "SERVICE"}]
    assert subsidy.result() == {"error": "BAD_VALUE", "field": "used_vouchers[0].arm"}


def test_what_is_left_of_the_registered_amount(subsidy):
    subsidy.facts["prior_awards"] = [
        subsidy.prior("C1", 2024, "500000.00", "1.00"),
        subsidy.prior("C1", 2026, "450000.00", "2.00"),
        subsidy.prior("C1", 2027, "900000.00", "4.00"),  # later than the case: ignored
        subsidy.prior("C1", 2025, "900000.00", "8.00", arm="SELLER"),  # another arm
        subsidy.prior("C2", 2025, "900000.00", "16.00"),  # another contract
    ]
    found = subsidy.contract_result()
    assert (found["verified_base"], found["period_base"], found["award"]) == (
        "100000.00",
        "50000.00",
        "5000.00",
    )
    assert found["limits"] == ["REGISTERED_AMOUNT"]
    assert found["application"] == "CONTINUING"


def test_nothing_left_is_a_reason_and_no_limit(subsidy):
    subsidy.facts["prior_awards"] = [subsidy.prior("C1", 2025, "1000000.00", "1.00")]
    found = subsidy.contract_result()
    assert found["reasons"] == ["REGISTERED_AMOUNT_USED_UP"]
    assert (found["period_base"], found["limits"]) == ("0.00", [])


def test_an_open_amount_shows_the_payment_and_no_base(subsidy):
    subsidy.first_contract.update(amount_open=True, total_amount=None, technical_amount=None)
    found = subsidy.contract_result()
    assert (found["verified_base"], found["period_base"], found["award"]) == ("100000.00", "0.00", "0.00")
    assert found["reasons"] == ["AMOUNT_OPEN"]


# --- step 4 -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("applied_on", "banned"),
    [("2025-03-14", False), ("2025-03-15", True), ("2028-03-15", True), ("2028-03-16", False)],
)
def test_a_ban_covers_its_decision_day_and_its_last_day(subsidy, applied_on, banned):
    subsidy.first_enterprise["bans"] = [{"decision_date": "2025-03-15"}]
    subsidy.facts["applied_on"] = applied_on
    assert ("BANNED" in subsidy.contract_result()["reasons"]) is banned


@pytest.mark.parametrize(
    ("test", "registered", "taxed", "barred"),
    [
        ("BOTH", True, False, True),
        ("BOTH", False, True, True),
        ("REGISTRATION", False, True, True),
        ("REGISTRATION", True, False, False),
        ("TAX", True, False, True),
        ("TAX", False, True, False),
        ("OFF", False, False, False),
    ],
)
def test_locality(subsidy, test, registered, taxed, barred):
    subsidy.parameters["locality_test"] = test
    subsidy.first_enterprise.update(registered_in_region=registered, taxed_in_region=taxed)
    assert subsidy.contract_result()["reasons"] == (["LOCALITY"] if barred else [])


@pytest.mark.parametrize(
    ("arm", "contract_class", "subtype", "allowed"),
    [
        ("BUYER", "CONSULTING", None, True),
        ("BUYER", "DEVELOPMENT", "COOPERATIVE", True),
        ("SELLER", "TRANSFER", None, True),
        ("SELLER", "LICENSE", None, True),
        ("SELLER", "DEVELOPMENT", "COMMISSIONED", True),
        ("SELLER", "DEVELOPMENT", "COOPERATIVE", False),
        ("SELLER", "SERVICE", None, False),
        ("SELLER", "CONSULTING", "COMMISSIONED", False),
    ],
)
def test_classes_by_arm(subsidy, arm, contract_class, subtype, allowed):
    subsidy.facts["arm"] = arm
    subsidy.first_contract.update(contract_class=contract_class, contract_subtype=subtype)
    assert subsidy.contract_result()["reasons"] == ([] if allowed else ["CONTRACT_CLASS"])


@pytest.mark.parametrize(
    ("relation", "related"),
    [
        ({"declared": True}, True),
        ({"parent_subsidiary": True}, True),
        ({"same_legal_representative": True}, True),
        ({"common_control_bp": 2499}, False),
        ({"common_control_bp": 2500}, True),
    ],
)
def test_related_parties(subsidy, relation, related):
    subsidy.first_contract["relation"] = relation
    assert subsidy.contract_result()["reasons"] == (["RELATED_PARTY"] if related else [])
    subsidy.parameters["related_party"] = "ALLOW"
    assert subsidy.contract_result()["reasons"] == []


@pytest.mark.parametrize(
    ("changes", "reasons"),
    [
        ({"registration_status": "CHANGED"}, []),
        ({"registration_status": "CANCELLED"}, ["REGISTRATION_VOID"]),
        ({"registration_status": "REVOKED"}, ["REGISTRATION_VOID"]),
        ({"registration_status": "NOT_REGISTERED"}, ["NOT_REGISTERED"]),
        ({"registered_on": "2025-12-02"}, ["NOT_REGISTERED"]),
        ({"registered_on": "2025-12-01"}, []),
        ({"contract_source": "EXTERNAL"}, ["CERTIFICATE_UNVERIFIED"]),
        ({"contract_source": "EXTERNAL", "certificate_verified": True}, []),
        ({"other_level_amount": "0.01"}, ["OTHER_LEVEL_SUBSIDY"]),
        ({"application": "CONTINUING"}, ["NOT_APPROVED_BEFORE"]),
        ({"application": "FIRST"}, []),
        ({"vouchers": []}, ["NO_VALID_PAYMENT"]),
    ],
)
def test_other_reasons(subsidy, changes, reasons):
    subsidy.facts["applied_on"] = "2025-12-01"
    subsidy.first_contract.update(changes)
    assert subsidy.contract_result()["reasons"] == reasons


def test_without_a_day_of_application_the_registration_is_not_late(subsidy):
    subsidy.first_contract["registered_on"] = "9999-01-01"
    assert subsidy.contract_result()["reasons"] == []


@pytest.mark.parametrize(
    ("year", "reasons", "application"),
    [
        (2025, [], "CONTINUING"),
        (2026, ["NOT_APPROVED_BEFORE"], "CONTINUING"),
        (2027, ["NOT_APPROVED_BEFORE"], "CONTINUING"),
    ],
)
def test_a_continuing_application_needs_an_award_of_an_earlier_year(subsidy, year, reasons, application):
    subsidy.first_contract["application"] = "CONTINUING"
    subsidy.facts["prior_awards"] = [subsidy.prior("C1", year, "0.00", "0.00")]
    found = subsidy.contract_result()
    assert (found["reasons"], found["application"]) == (reasons, application)


@pytest.mark.parametrize(("year", "application"), [(2025, "CONTINUING"), (2026, "FIRST"), (2027, "FIRST")])
def test_an_earlier_award_makes_an_application_continuing(subsidy, year, application):
    subsidy.first_contract["application"] = "FIRST"
    subsidy.facts["prior_awards"] = [subsidy.prior("C1", year, "0.00", "0.00")]
    assert subsidy.contract_result()["application"] == application


def test_every_reason_at_once_in_the_order_of_the_table(subsidy):
    subsidy.facts.update(arm="SELLER", applied_on="2025-01-01")
    subsidy.first_enterprise.update(
        party_kind="GOVERNMENT", taxed_in_region=False, bans=[{"decision_date": "2025-01-01", "years": 1}]
    )
    subsidy.first_contract.update(
        contract_class="SERVICE",
        registration_status="REVOKED",
        registered_on="2025-01-02",
        contract_source="EXTERNAL",
        amount_open=True,
        relation={"declared": True},
        other_level_amount="1.00",
        application="CONTINUING",
        vouchers=[],
    )
    assert subsidy.contract_result()["reasons"] == [
        "BANNED",
        "PARTY_KIND",
        "LOCALITY",
        "NOT_REGISTERED",
        "REGISTRATION_VOID",
        "CERTIFICATE_UNVERIFIED",
        "CONTRACT_CLASS",
        "AMOUNT_OPEN",
        "RELATED_PARTY",
        "OTHER_LEVEL_SUBSIDY",
        "NOT_APPROVED_BEFORE",
        "NO_VALID_PAYMENT",
    ]


@pytest.mark.parametrize(
    ("parameters", "paid", "reasons"),
    [
        ({"min_base_fen": 10_000_000}, "99999.99", ["BELOW_MIN_BASE"]),
        ({"min_base_fen": 10_000_000}, "100000.00", []),
        ({"rounding_unit_fen": 1_000_000}, "99999.99", ["BELOW_ROUNDING_UNIT"]),
        ({"rounding_unit_fen": 1_000_000}, "100000.00", []),
        ({"rounding_unit_fen": 1_000_000, "min_base_fen": 10_000_000}, "99999.99", ["BELOW_MIN_BASE"]),
        ({"rate_bp": 0}, "100000.00", ["BELOW_ROUNDING_UNIT"]),
    ],
)
def test_minimum_and_rounding_unit(subsidy, parameters, paid, reasons):
    subsidy.parameters = parameters
    subsidy.first_contract["vouchers"] = [subsidy.voucher("B-1", paid)]
    assert subsidy.contract_result()["reasons"] == reasons


def test_one_reason_makes_raw_and_award_nothing_and_leaves_no_limit(subsidy):
    subsidy.first_enterprise["taxed_in_region"] = False
    subsidy.first_contract["technical_amount"] = "50000.00"
    subsidy.parameters["contract_life_cap_fen"] = 100
    found = subsidy.contract_result()
    assert (found["raw"], found["award"], found["granted"], found["limits"]) == ("0.00", "0.00", "0.00", [])
    assert found["period_base"] == "50000.00"
