"""Order, caps, deductions and budget of the subsidy (policy.md 3, steps 1 and 5–7), and what always holds."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.policy.loader import load_rule_book
from marketplace.policy.programmes import post_transaction_subsidy
from marketplace.policy.programmes.subsidy_terms import (
    Contract,
    Enterprise,
    PriorAward,
    SubsidyFacts,
    Voucher,
)

BOOK = load_rule_book()


def awards(case):
    return {each["contract_id"]: each["award"] for each in case.result()["contracts"]}


def test_the_rate_is_taken_once_of_the_whole_base(subsidy):
    """Three payments of 0.09 would each give 0.00; together they give 0.02."""
    subsidy.first_contract["vouchers"] = [subsidy.voucher(f"B-{n}", "0.09") for n in range(3)]
    assert subsidy.contract_result()["raw"] == "0.02"


def test_caps_do_not_apply_the_rounding_unit_again(subsidy):
    subsidy.parameters = {"rounding_unit_fen": 100, "contract_life_cap_fen": 555_555}
    found = subsidy.contract_result()
    assert (found["raw"], found["award"], found["limits"]) == ("10000.00", "5555.55", ["CONTRACT_LIFE_CAP"])


@pytest.mark.parametrize(
    ("prior", "award", "limits"),
    [
        (("C1", 2025, "1.00", "1995000.00", {}), "5000.00", ["CONTRACT_LIFE_CAP"]),
        (("C1", 2025, "1.00", "1990000.00", {}), "10000.00", []),
        (("C1", 2025, "1.00", "2000000.00", {}), "0.00", ["CONTRACT_LIFE_CAP"]),
        (("C1", 2025, "1.00", "9000000.00", {}), "0.00", ["CONTRACT_LIFE_CAP"]),
        (("C1", 2025, "1.00", "2000000.00", {"arm": "SELLER"}), "10000.00", []),
        (("C9", 2026, "1.00", "1995000.00", {}), "5000.00", ["ENTERPRISE_YEAR_CAP"]),
        (("C9", 2026, "1.00", "1995000.00", {"arm": "SELLER"}), "5000.00", ["ENTERPRISE_YEAR_CAP"]),
        (("C9", 2025, "1.00", "1995000.00", {}), "10000.00", []),
        (("C9", 2026, "1.00", "1995000.00", {"enterprise_id": "乙"}), "10000.00", []),
        (("C1", 2026, "1.00", "1995000.00", {}), "5000.00", ["CONTRACT_LIFE_CAP"]),
    ],
)
def test_caps_and_what_they_count(subsidy, prior, award, limits):
    *arguments, changes = prior
    subsidy.facts["prior_awards"] = [subsidy.prior(*arguments, **changes)]
    found = subsidy.contract_result()
    assert (found["award"], found["limits"]) == (award, limits)


def test_each_cut_adds_its_code(subsidy):
    subsidy.parameters = {
        "contract_life_cap_fen": 900_000,
        "enterprise_year_cap_fen": 800_000,
        "duplicate_level": "DEDUCT",
    }
    subsidy.first_contract.update(technical_amount="95000.00", other_level_amount="3000.00")
    subsidy.facts["budget"] = "1000.00"
    found = subsidy.contract_result()
    assert found["limits"] == [
        "REGISTERED_AMOUNT",
        "CONTRACT_LIFE_CAP",
        "ENTERPRISE_YEAR_CAP",
        "OTHER_LEVEL_DEDUCTED",
        "BUDGET",
    ]
    assert (found["raw"], found["award"], found["granted"]) == ("9500.00", "5000.00", "1000.00")


def test_caps_can_be_switched_off(subsidy):
    subsidy.parameters = {"contract_life_cap_fen": "OFF", "enterprise_year_cap_fen": "OFF"}
    subsidy.first_contract.update(total_amount="90000000.00", technical_amount="90000000.00")
    subsidy.first_contract["vouchers"] = [subsidy.voucher("B-1", "90000000.00")]
    found = subsidy.contract_result()
    assert (found["award"], found["limits"]) == ("9000000.00", [])


@pytest.mark.parametrize(
    ("other", "award", "limits"),
    [
        ("0.00", "10000.00", []),
        ("0.01", "9999.99", ["OTHER_LEVEL_DEDUCTED"]),
        ("10000.01", "0.00", ["OTHER_LEVEL_DEDUCTED"]),
    ],
)
def test_money_of_another_level_is_deducted_if_the_rule_says_so(subsidy, other, award, limits):
    subsidy.parameters["duplicate_level"] = "DEDUCT"
    subsidy.first_contract["other_level_amount"] = other
    found = subsidy.contract_result()
    assert (found["award"], found["limits"], found["reasons"]) == (award, limits, [])


@pytest.mark.parametrize(
    ("first", "second", "winner"),
    [
        ({"registered_on": "2025-01-02"}, {"registered_on": "2025-01-01"}, "C2"),
        ({"registration_no": "10"}, {"registration_no": "9"}, "C1"),
        ({"application_no": "b"}, {"application_no": "B"}, "C2"),
        ({"application_no": "2"}, {"application_no": "10"}, "C2"),
        ({"registration_no": "2"}, {"registration_no": "1", "registered_on": "2025-12-31"}, "C1"),
    ],
)
def test_contracts_are_placed_in_order_of_registration(subsidy, first, second, winner):
    subsidy.parameters["enterprise_year_cap_fen"] = 1_000_000
    subsidy.first_contract.update(first)
    subsidy.facts["contracts"].append(subsidy.contract("C2", "甲", [subsidy.voucher("B-2")], **second))
    assert awards(subsidy) == {"C1": "0.00", "C2": "0.00"} | {winner: "10000.00"}
    assert [each["contract_id"] for each in subsidy.result()["contracts"]] == ["C1", "C2"]


def test_a_contract_without_a_day_of_registration_meets_its_vouchers_last(subsidy):
    unregistered = {"registration_status": "NOT_REGISTERED", "registration_no": None, "registered_on": None}
    subsidy.first_contract.update(unregistered)
    subsidy.facts["contracts"].append(subsidy.contract("C2", "甲", [subsidy.voucher("B-1")]))
    found = subsidy.result()["contracts"]
    assert [each["vouchers"][0]["reasons"] for each in found] == [["DUPLICATE_VOUCHER"], []]


def test_an_award_of_nothing_takes_no_room(subsidy):
    subsidy.parameters["enterprise_year_cap_fen"] = 1_000_000
    subsidy.first_contract["relation"] = {"declared": True}
    subsidy.facts["contracts"].append(
        subsidy.contract("C2", "甲", [subsidy.voucher("B-2")], registered_on="2025-02-01")
    )
    assert awards(subsidy) == {"C1": "0.00", "C2": "10000.00"}


@pytest.mark.parametrize(
    ("budget", "granted", "limited"),
    [("10000.00", "10000.00", []), ("9999.99", "9999.99", ["BUDGET"]), ("0.00", "0.00", ["BUDGET"])],
)
def test_the_budget_cuts_only_when_it_is_short(subsidy, budget, granted, limited):
    subsidy.facts["budget"] = budget
    found = subsidy.result()
    assert (found["total_award"], found["total_granted"]) == ("10000.00", granted)
    assert found["contracts"][0]["limits"] == limited


def test_a_contract_that_loses_nothing_has_no_limit(subsidy):
    """0.03 and 0.00 share a budget of 0.02: only the one that had something loses."""
    subsidy.first_contract["vouchers"] = [subsidy.voucher("B-1", "0.30")]
    subsidy.facts["contracts"].append(subsidy.contract("C2", "甲", []))
    subsidy.facts["budget"] = "0.02"
    first, second = subsidy.result()["contracts"]
    assert (first["granted"], first["limits"]) == ("0.02", ["BUDGET"])
    assert (second["granted"], second["limits"]) == ("0.00", [])


@pytest.mark.parametrize(
    ("arm", "parameters", "assumed"),
    [
        (
            "BUYER",
            {},
            [
                "contract_life_cap_fen",
                "duplicate_level",
                "eligible_party_kinds",
                "enterprise_year_cap_fen",
                "min_base_fen",
                "related_share_bp",
            ],
        ),
        (
            "SELLER",
            {"min_base_fen": 0, "duplicate_level": "REJECT", "related_share_bp": 2500},
            ["contract_life_cap_fen", "eligible_party_kinds", "enterprise_year_cap_fen", "rate_bp"],
        ),
        (
            "SELLER",
            {"rate_bp": 300, "contract_life_cap_fen": "OFF", "enterprise_year_cap_fen": "OFF"},
            ["duplicate_level", "eligible_party_kinds", "min_base_fen", "related_share_bp"],
        ),
    ],
)
def test_defaults_that_no_source_states_are_named(subsidy, arm, parameters, assumed):
    subsidy.facts["arm"] = arm
    subsidy.parameters = parameters
    assert subsidy.result()["assumed"] == assumed


# --- what always holds --------------------------------------------------------------------------------------

FEN = st.integers(min_value=0, max_value=5_000_000_000)


@st.composite
def programmes(draw) -> SubsidyFacts:
    """A programme year with a few enterprises, contracts, payments and earlier awards."""
    names = ["甲", "乙"]
    contracts = []
    for number in range(draw(st.integers(1, 5))):
        technical = draw(st.integers(min_value=1, max_value=50_000_000_000))
        payments = draw(st.lists(FEN, max_size=3))
        contracts.append(
            Contract(
                contract_id=f"C{number}",
                enterprise_id=draw(st.sampled_from(names)),
                contract_class="TRANSFER",
                registration_no=f"{number}",
                registered_on=date(2025, 1, draw(st.integers(1, 28))),
                total_amount=technical,
                technical_amount=technical,
                vouchers=tuple(
                    Voucher(
                        voucher_no=f"{number}-{n}", paid_on=date(2025, 1, 1), invoice_tech=fen, bank_tech=fen
                    )
                    for n, fen in enumerate(payments)
                ),
            )
        )
    priors = draw(st.lists(st.tuples(st.integers(0, 4), st.integers(2023, 2026), FEN, FEN), max_size=4))
    return SubsidyFacts(
        programme_year=2026,
        arm="BUYER",
        enterprises=tuple(
            Enterprise(
                enterprise_id=name,
                party_kind="ENTERPRISE",
                registered_in_region=True,
                taxed_in_region=True,
            )
            for name in names
        ),
        contracts=tuple(contracts),
        prior_awards=tuple(
            PriorAward(
                contract_id=f"C{number}",
                enterprise_id="甲",
                arm="BUYER",
                programme_year=year,
                base=base,
                award=award,
            )
            for number, year, base, award in priors
        ),
        budget=draw(st.none() | FEN),
    )


def _of_enterprise(facts: SubsidyFacts, name: str) -> set[str]:
    return {contract.contract_id for contract in facts.contracts if contract.enterprise_id == name}


@given(programmes(), st.integers(0, 10_000), st.integers(1, 1_000_000))
def test_no_cap_is_ever_exceeded(facts, rate, unit):
    rules = BOOK.for_programme(2026, {"rate_bp": rate, "rounding_unit_fen": unit})
    result = post_transaction_subsidy.calculate(facts, rules)
    year_cap, life_cap = rules.value("enterprise_year_cap_fen"), rules.value("contract_life_cap_fen")
    for contract, found in zip(facts.contracts, result.contracts, strict=True):
        earlier = [prior for prior in facts.prior_awards if prior.contract_id == contract.contract_id]
        assert 0 <= found.granted <= found.award <= found.raw <= found.period_base * rate // 10_000
        assert found.raw % unit == 0
        assert found.period_base + sum(prior.base for prior in earlier) <= max(
            contract.technical_amount, sum(prior.base for prior in earlier)
        )
        assert not found.award or found.award + sum(prior.award for prior in earlier) <= life_cap
    for name in ("甲", "乙"):
        own = _of_enterprise(facts, name)
        new = sum(found.award for found in result.contracts if found.contract_id in own)
        old = sum(p.award for p in facts.prior_awards if p.enterprise_id == name and p.programme_year == 2026)
        assert not new or new + old <= year_cap


@given(programmes())
def test_totals_are_the_sums_and_never_above_the_budget(facts):
    result = post_transaction_subsidy.calculate(facts, BOOK.for_programme(2026))
    assert result.total_award == sum(found.award for found in result.contracts)
    assert result.total_granted == sum(found.granted for found in result.contracts)
    expected = result.total_award if facts.budget is None else min(result.total_award, facts.budget)
    assert result.total_granted == expected
    for found in result.contracts:
        assert bool(found.granted < found.award) == ("BUDGET" in found.limits)


@given(programmes(), st.randoms())
def test_the_order_of_the_list_does_not_matter(facts, random):
    """Only the registration decides: the same contracts shuffled get the same amounts."""
    rules = BOOK.for_programme(2026)
    shuffled = list(facts.contracts)
    random.shuffle(shuffled)
    names = SubsidyFacts.__dataclass_fields__
    changed = SubsidyFacts(**{n: getattr(facts, n) for n in names} | {"contracts": tuple(shuffled)})
    one = post_transaction_subsidy.calculate(facts, rules)
    two = post_transaction_subsidy.calculate(changed, rules)
    assert {each.contract_id: each for each in one.contracts} == {
        each.contract_id: each for each in two.contracts
    }
