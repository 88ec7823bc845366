"""Rubbish into every form and address of payments and subsidies, on both databases: never a broken page."""

from collections.abc import Callable

import pytest

from tests import subsidy_factories as make
from tests.conftest import DATABASES
from tests.functional.conftest import Town
from tests.functional.test_bad_input import RUBBISH

FIELDS = (
    "amount_fen",
    "arm",
    "bank_tech_fen",
    "batch",
    "budget_fen",
    "cashed",
    "closes_on",
    "common_control_bp",
    "contract",
    "declared",
    "fiscal_fen",
    "form",
    "invoice",
    "invoice_no",
    "invoice_tech_fen",
    "level",
    "no_duplicate",
    "no_related",
    "opens_on",
    "other_level_fen",
    "paid_on",
    "parameters",
    "parent_subsidiary",
    "payments",
    "programme_year",
    "reason",
    "refund_fen",
    "same_legal_representative",
    "separated",
    "title",
    "verdict",
    "version",
    "voucher_no",
)
GET_FIELDS = (
    "page",
    "state",
    "level",
    "day",
    "year",
    "arm",
    "contract_class",
    "paid",
    "technical_amount",
    "related",
    "party_kind",
    "contract",
)
PEOPLE = ("buyer", "seller", "county", "region", "finance", "nobody", None)


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, empty_database: Callable[[str], str]) -> str:
    """What one database swallows another refuses: both are asked."""
    return empty_database(request.param)


@pytest.fixture
def market(town: Town, site, now):
    """A draft, an application at finance, a payment that may be changed."""
    with town.books() as session:
        made = make.Town(session, site.extensions["storage"], now)
        at_finance = made.another()
        make.to_finance(session, made.office, at_finance, now=now)
        payment, draft = made.pay(), made.draft()
        town.people |= {"buyer": made.buyer.member, "seller": made.seller.member, **vars(made.office)}
        town.paths = [
            *(f"/contracts/{made.contract.number}/payments{end}" for end in ("", "/new", f"/{payment.id}")),
            f"/contracts/{made.contract.number}/payments/{payment.id}/remove",
            *(
                f"/subsidies{end}"
                for end in ("", "/start", "/review", "/batches", "/batches/new", "/publicity")
            ),
            *(f"/subsidies/applications/{draft.number}{end}" for end in ("", "/edit", "/submit", "/award")),
            f"/subsidies/review/{at_finance.number}/payments/{at_finance.claims[0].payment_id}",
            *(
                f"/subsidies/review/{at_finance.number}{end}"
                for end in ("", "/pass", "/return", "/reject", "/object", "/resolve")
            ),
            *(
                f"/subsidies/batches/{made.batch.number}{end}"
                for end in ("", "/propose", "/publish", "/approve", "/withdraw")
            ),
            f"/subsidies/publicity/{made.batch.number}",
            "/subsidies/calculator",
            "/subsidies/rules",
        ]
    return town


@pytest.mark.parametrize("kind", RUBBISH)
def test_rubbish_is_answered_with_a_page(market, kind):
    typed = RUBBISH[kind]
    broken = []
    for person in PEOPLE:
        client = market.client(person)
        for path in market.paths:
            for data in ({}, {"version": "1"}):
                sent = client.post(path, data=dict.fromkeys(FIELDS, typed) | data)
                broken += [(person, "POST", path)] if sent.status_code >= 500 else []
            if len(typed) < 100:
                shown = client.get(path, query_string=dict.fromkeys(GET_FIELDS, typed))
                broken += [(person, "GET", path)] if shown.status_code >= 500 else []
                if "<script>alert(1)" in shown.get_data(as_text=True):
                    broken.append((person, "unescaped", path))
    assert not broken
