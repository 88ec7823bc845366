"""The pages of payments, applications, review, batches and the public lists, as people use them."""

import io
from datetime import timedelta

import pytest

from marketplace.contracts.services import payments as payment_services
from marketplace.subsidies.services import applications, batches, reading
from tests import subsidy_factories as make
from tests.functional.conftest import books
from tests.functional.test_query_counts import statements
from tests.subsidy_factories import PDF, YUAN

MILLION = 1_000_000 * YUAN


@pytest.fixture
def query_count(site):
    """How many statements a page takes."""

    def count(client, path: str) -> int:
        with statements(site) as seen:
            assert client.get(path).status_code == 200, path
        return len(seen)

    return count


def payment_form(**changes) -> dict:
    return {
        "voucher_no": "HD 2026 0001",
        "paid_on": "2026-02-10",
        "invoice_no": "FP0001",
        "amount_fen": "1,000,000.00",
        "separated": "yes",
        "bank_tech_fen": "1000000",
        "invoice_tech_fen": "1000000",
        "form": "CASH",
        **changes,
    }


def scans() -> dict:
    return {name: (io.BytesIO(PDF), f"{name}.pdf") for name in ("invoice", "bank_slip")}


def test_an_applicant_enters_a_payment_claims_it_and_hands_in(market, soup):
    buyer = market.client("buyer")
    path = f"/contracts/{market.contract}/payments"
    sent = buyer.post(f"{path}/new", data={**payment_form(), **scans()})
    assert sent.status_code == 302
    page = soup(buyer.get(path))
    assert "HD20260001" in page.text and "invoice.pdf" in page.text and "1,000,000.00" in page.text
    sent = buyer.post(
        "/subsidies/start", data={"contract": f"{market.contract}:BUYER", "batch": market.batch}
    )
    number = sent.location.split("/")[-2]
    ticks = [box["value"] for box in soup(buyer.get(sent.location)).select("input[name=payments]")]
    form = {"version": "1", "payments": ticks, "no_related": "y", "no_duplicate": "y"}
    assert buyer.post(sent.location, data=form).status_code == 302
    page = soup(buyer.get(f"/subsidies/applications/{number}"))
    assert page.select_one(".tm-figure").text == "¥100,000.00"
    assert "壹拾万元整" in page.text and "1,000,000.00 × 10.00 %" in page.text
    confirm = soup(buyer.get(f"/subsidies/applications/{number}/submit"))
    version = confirm.select_one("input[name=version]")["value"]
    assert (
        buyer.post(f"/subsidies/applications/{number}/submit", data={"version": version}).status_code == 302
    )
    with books(market) as session:
        assert reading.find(session, number).state == "SUBMITTED"
    assert number in soup(buyer.get("/subsidies")).text
    assert buyer.get(f"/subsidies/applications/{number}/edit").status_code == 409


def test_what_was_typed_stays_and_the_sentence_stands_at_its_field(market, soup):
    buyer = market.client("buyer")
    path = f"/contracts/{market.contract}/payments/new"
    answer = buyer.post(path, data=payment_form(amount_fen="一百万", paid_on="2027-01-01", voucher_no=""))
    page = soup(answer)
    assert answer.status_code == 422
    assert page.select_one("#amount_fen")["value"] == "一百万"
    assert page.select_one("#amount_fen-error")
    answer = buyer.post(path, data=payment_form(paid_on="2027-01-01"))
    assert answer.status_code == 422 and "不能晚于今天" in soup(answer).select_one("#paid_on-error").text
    wrong = buyer.post(path, data={**payment_form(), "invoice": (io.BytesIO(b"GIF89a"), "a.pdf")})
    assert wrong.status_code == 422 and soup(wrong).select_one("#invoice-error")
    with books(market) as session:
        _contract, rows = payment_services.of_contract(session, market.people["buyer"], market.contract)
        assert rows == []


def test_handing_in_says_what_is_missing(market, soup):
    with books(market):
        number = market.subsidy.draft().number
    buyer = market.client("buyer")
    answer = buyer.post(f"/subsidies/applications/{number}/submit", data={"version": "1"})
    assert answer.status_code == 422
    assert "请至少勾选一笔窗口期内的付款。" in soup(answer).text
    edit = buyer.post(f"/subsidies/applications/{number}/edit", data={"version": "1", "payments": ["999"]})
    assert edit.status_code == 422
    contradiction = {"version": "1", "no_related": "y", "declared": "y", "common_control_bp": "12.345"}
    page = soup(buyer.post(f"/subsidies/applications/{number}/edit", data=contradiction))
    assert (
        page.select_one("#common_control_bp-error")
        and page.select_one("#common_control_bp")["value"] == "12.345"
    )


def test_a_payment_is_changed_and_removed_through_its_pages(market, soup):
    with books(market):
        made = market.subsidy.pay()
        payment_id, version = made.id, made.version
    buyer, path = market.client("buyer"), f"/contracts/{market.contract}/payments"
    form = soup(buyer.get(f"{path}/{payment_id}"))
    assert form.select_one("#amount_fen")["value"] == "1,000,000.00"
    stale = payment_form(version=str(version - 1))
    assert buyer.post(f"{path}/{payment_id}", data=stale).status_code == 409
    assert buyer.post(f"{path}/{payment_id}", data=payment_form(version=str(version))).status_code == 302
    confirm = soup(buyer.get(f"{path}/{payment_id}/remove"))
    version = confirm.select_one("input[name=version]")["value"]
    assert buyer.post(f"{path}/{payment_id}/remove", data={"version": version}).status_code == 302
    assert "还没有录入付款" in soup(buyer.get(path)).text


def test_the_reviewers_pass_it_on_and_finance_verifies(handed_in, soup):
    number = handed_in.application
    for person, label in (("county", "旗县审核通过"), ("league", "推荐到自治区"), ("region", "受理")):
        client = handed_in.client(person)
        assert number in soup(client.get("/subsidies/review")).text
        page = soup(client.get(f"/subsidies/review/{number}"))
        assert label in page.text and "bank_slip.pdf" in page.text
        _decide(client, soup, number, "pass", "材料齐全")
    finance = handed_in.client("finance")
    page = soup(finance.get(f"/subsidies/review/{number}"))
    verdict = page.select_one("#vouchers a.btn")["href"]
    form = soup(finance.get(f"/subsidies/review/{number}/pass"))
    data = {"version": form.select_one("#version")["value"], "reason": "同意"}
    empty = soup(finance.post(f"/subsidies/review/{number}/pass", data=data))
    assert "还有凭证没有核验结果" in empty.text
    form = soup(finance.get(verdict))
    data = {"version": form.select_one("#version")["value"], "verdict": "REJECTED", "reason": ""}
    assert finance.post(verdict, data=data).status_code == 422
    assert finance.post(verdict, data={**data, "verdict": "VERIFIED"}).status_code == 302
    with books(handed_in) as session:
        county = handed_in.people["county"].user_id
        name = reading.names(session, [county])[county]
    assert name in soup(finance.get(f"/subsidies/review/{number}")).select_one(".tm-timeline").text
    _decide(finance, soup, number, "pass", "核验无误")
    with books(handed_in) as session:
        assert reading.find(session, number).state == "FINANCE_CHECKED"


def _decide(client, soup, number, action, opinion):
    form = soup(client.get(f"/subsidies/review/{number}/{action}"))
    version = form.select_one("#version")["value"]
    refused = client.post(f"/subsidies/review/{number}/{action}", data={"version": version, "reason": " "})
    assert refused.status_code == 422
    answer = client.post(f"/subsidies/review/{number}/{action}", data={"version": version, "reason": opinion})
    assert answer.status_code == 302


def test_the_list_is_drawn_up_published_and_approved_through_the_board(handed_in, soup, now):
    with books(handed_in) as session:
        made = reading.find(session, handed_in.application)
        make.checked(session, handed_in.subsidy.office, made, now=now)
    region, path = handed_in.client("region"), f"/subsidies/batches/{handed_in.batch}"
    assert handed_in.client().get(f"/subsidies/publicity/{handed_in.batch}").status_code == 404
    for action in ("propose", "publish"):
        assert any(f"{path}/{action}" == a["href"] for a in soup(region.get(path)).select("a.btn"))
        version = soup(region.get(f"{path}/{action}")).select_one("#version")["value"]
        assert region.post(f"{path}/{action}", data={"version": version}).status_code == 302
    page = soup(region.get(path))
    assert not any(a["href"].endswith("/approve") for a in page.select("a.btn"))
    version = soup(region.get(f"{path}/approve")).select_one("#version")["value"]
    assert region.post(f"{path}/approve", data={"version": version}).status_code == 409
    handed_in.app.extensions["clock"].move(timedelta(days=10))
    assert region.post(f"{path}/approve", data={"version": version}).status_code == 302
    assert "100,000.00" in soup(region.get(f"{path}?state=APPROVED")).text
    assert "这个阶段没有申报" in soup(region.get(f"{path}?state=SUBMITTED")).text
    assert region.get(f"{path}?state=NONSENSE").status_code == 200


def test_the_award_shows_its_trace(awarded, soup):
    page = soup(awarded.client("buyer").get(f"/subsidies/applications/{awarded.application}/award"))
    assert page.select_one(".tm-figure").text == "¥100,000.00"
    with books(awarded) as session:
        found = reading.find(session, awarded.application)
        assert found.final.run.trace_hash in page.text
    assert (
        awarded.client("seller").get(f"/subsidies/applications/{awarded.application}/award").status_code
        == 404
    )
    assert awarded.client().get(f"/subsidies/applications/{awarded.application}/award").status_code == 302


def test_the_public_list_says_what_may_be_said_and_nothing_else(awarded, soup):
    with books(awarded) as session:
        found = reading.find(session, awarded.application)
        secrets = [found.contract.title, found.number, found.applicant.credit_code]
        secrets += [p.payment.voucher_no for p in found.claims] + [p.payment.invoice_no for p in found.claims]
        shown = [
            found.applicant.name,
            found.contract.registration_no,
            "8,000,000.00",
            "1,000,000.00",
            "100,000.00",
        ]
    page = soup(awarded.client().get(f"/subsidies/publicity/{awarded.batch}")).select_one("main").text
    for text in shown:
        assert text in page
    for text in secrets:
        assert text not in page
    assert awarded.batch in soup(awarded.client().get("/subsidies/publicity")).text


def test_the_published_list_in_english_names_the_applicant_by_its_column(awarded, soup):
    client = awarded.client()
    client.post("/language", data={"language": "en", "next": "/"})
    table = soup(client.get(f"/subsidies/publicity/{awarded.batch}")).select_one("main table")
    assert table.find("th", scope="col").get_text(strip=True) == "Applicant organisation"


def test_scans_are_for_the_parties_and_the_reviewers(handed_in):
    with books(handed_in) as session:
        made = reading.find(session, handed_in.application)
        payment_id = made.claims[0].payment_id
        scan = payment_services.files(session, [payment_id])[payment_id]["invoice"]
        path = f"/subsidies/files/{scan.public_id}"
    for person in ("buyer", "seller", "county", "league", "region", "finance"):
        with handed_in.client(person).get(path) as answer:
            assert (answer.status_code, answer.data) == (200, PDF), person
            assert "attachment" in answer.headers["Content-Disposition"]
    for person in ("member", "operator", "nobody"):
        assert handed_in.client(person).get(path).status_code == 404
    assert handed_in.client("buyer").get("/subsidies/files/unknown").status_code == 404


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/subsidies", {"buyer", "county", "region", "finance", "nobody"}),
        ("/subsidies/review", {"county", "region", "finance"}),
        ("/subsidies/batches", {"region", "finance"}),
        ("/subsidies/batches/new", {"region"}),
        ("/subsidies/batches/{batch}", {"region", "finance"}),
        ("/subsidies/batches/{batch}/propose", {"region"}),
        ("/subsidies/review/{application}", {"county", "region", "finance"}),
        ("/subsidies/applications/{application}", {"buyer", "county", "region", "finance"}),
        ("/contracts/{contract}/payments", {"buyer"}),
    ],
)
def test_each_page_opens_for_its_people_only(handed_in, path, allowed):
    address = path.format(
        batch=handed_in.batch, application=handed_in.application, contract=handed_in.contract
    )
    for person in ("buyer", "county", "region", "finance", "nobody"):
        status = handed_in.client(person).get(address).status_code
        assert (status == 200) == (person in allowed), (person, status)
        assert status in (200, 403, 404)
    assert handed_in.client().get(address).status_code == 302


def test_a_batch_is_opened_with_parameters_of_its_own(market, soup):
    region = market.client("region")
    form = {
        "programme_year": "2027",
        "title": "2027 年度第二批",
        "opens_on": "2026-03-01",
        "closes_on": "2026-03-31",
        "budget_fen": "30000000",
        "parameters": 'rate_bp: 800\nenterprise_year_cap_fen: "OFF"',
    }
    for wrong in (
        {"parameters": "rate"},
        {"parameters": "rate: 1"},
        {"opens_on": ""},
        {"programme_year": "2019"},
    ):
        answer = region.post("/subsidies/batches/new", data={**form, **wrong})
        assert answer.status_code == 422, wrong
        (name,) = wrong
        assert soup(answer).select_one(f"#{name}-error"), wrong
    sent = region.post("/subsidies/batches/new", data=form)
    assert sent.status_code == 302
    page = soup(region.get(sent.location))
    assert "rate_bp = 800" in page.text and "30,000,000.00" in page.text


def test_lists_ask_the_database_a_fixed_number_of_times(handed_in, query_count, now):
    paths = {
        "/subsidies": "buyer",
        f"/contracts/{handed_in.contract}/payments": "buyer",
        "/subsidies/review": "county",
        f"/subsidies/batches/{handed_in.batch}": "region",
        "/subsidies/batches": "region",
        "/subsidies/publicity": "nobody",
        "/subsidies/start": "buyer",
    }
    few = {path: query_count(handed_in.client(person), path) for path, person in paths.items()}
    with books(handed_in) as session:
        for _ in range(3):
            make.batch(session, handed_in.subsidy.office.region, now=now)
            handed_in.subsidy.pay()
            handed_in.subsidy.another()
            about = make.contract(
                session,
                handed_in.subsidy.buyer.house,
                handed_in.subsidy.seller.house,
                technical=20 * MILLION,
            )
            make.pay(
                session,
                handed_in.subsidy.storage,
                handed_in.people["buyer"],
                about,
                MILLION,
                "2026-02-01",
                now=now,
            )
            make.apply(session, handed_in.people["buyer"], handed_in.subsidy.batch, about, now=now)
    many = {path: query_count(handed_in.client(person), path) for path, person in paths.items()}
    assert many == few
    assert max(many.values()) <= 16, many


def test_the_public_list_asks_a_fixed_number_of_times(awarded, query_count, now):
    path = f"/subsidies/publicity/{awarded.batch}"
    few = query_count(awarded.client(), path)
    with books(awarded) as session:
        batch = reading.batch(session, awarded.batch)
        more = [awarded.subsidy.another(found=batch) for _ in range(3)]
        for made in more:
            make.checked(session, awarded.subsidy.office, made, now=now)
        make.awarded(session, awarded.subsidy.office, batch, now=now)
    assert query_count(awarded.client(), path) == few


def test_unknown_numbers_are_not_found(handed_in):
    buyer, region = handed_in.client("buyer"), handed_in.client("region")
    for client, path in (
        (buyer, "/subsidies/applications/B2027-99999"),
        (buyer, "/contracts/S2025-99999/payments"),
        (buyer, f"/contracts/{handed_in.contract}/payments/9999"),
        (region, "/subsidies/batches/none"),
        (region, "/subsidies/review/none"),
        (region, "/subsidies/publicity/none"),
    ):
        assert client.get(path).status_code == 404, path


def test_withdrawing_a_list_needs_a_reason(handed_in, soup, now):
    with books(handed_in) as session:
        made = reading.find(session, handed_in.application)
        batch = reading.batch(session, handed_in.batch)
        make.checked(session, handed_in.subsidy.office, made, now=now)
        batches.propose(session, handed_in.people["region"], batch.number, version=batch.version, now=now)
        version = batch.version
    region, path = handed_in.client("region"), f"/subsidies/batches/{handed_in.batch}/withdraw"
    assert region.post(path, data={"version": version, "reason": ""}).status_code == 422
    assert region.post(path, data={"version": version, "reason": "凭证有误"}).status_code == 302
    with books(handed_in) as session:
        assert reading.find(session, handed_in.application).state == "FINANCE_CHECKED"


def test_starting_twice_leads_to_the_one_that_exists(market):
    buyer = market.client("buyer")
    form = {"contract": f"{market.contract}:BUYER", "batch": market.batch}
    assert buyer.post("/subsidies/start", data=form).status_code == 302
    assert buyer.post("/subsidies/start", data=form).status_code == 409
    same = {"contract": f"{market.contract}:SELLER", "batch": market.batch}
    assert buyer.post("/subsidies/start", data=same).status_code == 422
    with books(market) as session:
        rows, total = reading.mine(session, market.people["buyer"], page=1, size=20)
        assert total == 1 and applications.editable(rows[0], market.people["buyer"])
