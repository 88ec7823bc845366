"""Facts of policy cases, as small as can be, to be changed in one place by each test."""

import copy
from typing import Any

import pytest

from marketplace.policy.evaluate import evaluate_case
from marketplace.policy.loader import load_rule_book


class SubsidyCase:
    """One enterprise, one contract of 1,000,000.00 and one payment of 100,000.00 in programme 2026."""

    def __init__(self) -> None:
        self.parameters: dict[str, Any] = {}
        self.facts: dict[str, Any] = {
            "programme_year": 2026,
            "arm": "BUYER",
            "enterprises": [self.enterprise("甲")],
            "contracts": [self.contract("C1", "甲", [self.voucher("B-1")])],
        }

    @staticmethod
    def enterprise(name: str, **changes: Any) -> dict[str, Any]:
        """An enterprise of the region."""
        return {
            "enterprise_id": name,
            "party_kind": "ENTERPRISE",
            "registered_in_region": True,
            "taxed_in_region": True,
        } | changes

    @staticmethod
    def contract(
        name: str, enterprise: str, vouchers: list[dict[str, Any]], **changes: Any
    ) -> dict[str, Any]:
        """A registered transfer, all of it technical."""
        return {
            "contract_id": name,
            "enterprise_id": enterprise,
            "contract_class": "TRANSFER",
            "registration_no": "2025150101000001",
            "registered_on": "2025-01-10",
            "total_amount": "1000000.00",
            "technical_amount": "1000000.00",
            "vouchers": vouchers,
        } | changes

    @staticmethod
    def voucher(number: str, amount: str = "100000.00", **changes: Any) -> dict[str, Any]:
        """A verified payment inside the window of 2026."""
        return {
            "voucher_no": number,
            "paid_on": "2025-03-01",
            "invoice_tech": amount,
            "bank_tech": amount,
        } | changes

    @staticmethod
    def prior(contract: str, year: int, base: str, award: str, **changes: Any) -> dict[str, Any]:
        """An earlier award to the enterprise 甲 as buyer."""
        return {
            "contract_id": contract,
            "enterprise_id": "甲",
            "arm": "BUYER",
            "programme_year": year,
            "base": base,
            "award": award,
        } | changes

    @property
    def first_contract(self) -> dict[str, Any]:
        """The facts of the first contract."""
        return self.facts["contracts"][0]

    @property
    def first_enterprise(self) -> dict[str, Any]:
        """The facts of the first enterprise."""
        return self.facts["enterprises"][0]

    @property
    def first_voucher(self) -> dict[str, Any]:
        """The facts of the first payment."""
        return self.first_contract["vouchers"][0]

    def case(self) -> dict[str, Any]:
        """The case as JSON would hold it."""
        return copy.deepcopy({"kind": "subsidy", "facts": self.facts, "parameters": self.parameters})

    def result(self) -> dict[str, Any]:
        """The whole result."""
        return evaluate_case(self.case())

    def contract_result(self, place: int = 0) -> dict[str, Any]:
        """The result of one contract."""
        return self.result()["contracts"][place]

    def error(self) -> str | None:
        """The error code, None if there is none."""
        return self.result().get("error")


@pytest.fixture
def subsidy() -> SubsidyCase:
    """A case that is granted 10,000.00 as it stands."""
    return SubsidyCase()


@pytest.fixture
def evaluate():
    """Evaluate facts of a kind: `evaluate("window", programme_year=2026)`."""

    def run(kind: str, parameters: dict[str, Any] | None = None, **facts: Any) -> dict[str, Any]:
        return evaluate_case({"kind": kind, "facts": facts, "parameters": parameters})

    return run


@pytest.fixture(scope="session")
def book():
    """The rule book of the repository."""
    return load_rule_book()
