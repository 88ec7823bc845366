"""Rubbish into every form, as everybody, on both databases: sentences come back, never a broken page."""

import itertools
from urllib.parse import urlencode

import pytest
from flask import url_for
from werkzeug.routing import IntegerConverter, Rule

from marketplace.listings.content import Kind
from marketplace.listings.services import drafts
from tests.conftest import DATABASES
from tests.functional.conftest import Town

RUBBISH = {
    "empty": "",
    "very long": "x" * 10_000,
    "NUL": "a\x00b\x00",
    "mixed": "<script>alert(1)</script>\"'><img src=x>%(name)s{0}🐎ＡＢＣ１２３",
    "wrong choice": "no_such_choice",
    "huge number": "9" * 30,
    "negative": "-1",
}
#: What PostgreSQL minds and SQLite does not.
FOR_POSTGRES = ("NUL", "huge number")
# fmt: off
#: Every name that any form of the market uses; a form takes those it knows.
FIELDS = (
    "action", "address", "attached", "confirm", "consent", "contact_email", "contact_name", "contact_phone",
    "contributors-0-name", "contributors-0-contribution", "credit_code", "current_state", "evidence",
    "field_codes-0", "goal", "government_project", "indicators-0-name", "indicators-0-value",
    "indicators-0-target", "indicators-0-comparator", "indicators-0-unit", "industry_codes-0",
    "ip_rights-0-kind", "ip_rights-0-number", "ip_rights-0-valid_to", "keywords", "language",
    "legal_representative", "limits", "message", "mode", "modes", "name", "next", "note", "organisation_id",
    "organisation_type", "ownership", "party_kind", "password", "phone", "price_kind", "price_max_fen",
    "price_min_fen", "pricing_mode", "principle", "problem", "reason", "reason_code", "region_code",
    "registration_no", "registration_region", "role", "solve_by", "submission_key", "tax_region", "title",
    "tried", "trl", "trl_note", "use", "version", "wanted_trl", "days", "confidentiality", "public_unit",
)
# fmt: on
#: Values with which a form gets further than its first check.
LIKELY = {"version": "1", "action": "approve", "days": "0"}
FORM = "application/x-www-form-urlencoded"
PEOPLE = ("researcher", "member", "operator")
EVERYBODY = (None, "newcomer", "manager", *PEOPLE)


#: What one database swallows another refuses: some tests ask both.
BOTH = pytest.mark.parametrize("database_url", DATABASES, indirect=True)


@pytest.fixture
def drafted(listed: Town, now) -> Town:
    """The market with an open draft of each kind, too."""
    with listed.books() as session:
        for name, kind, author, house in (
            ("achievement draft", Kind.ACHIEVEMENT, "researcher", "university"),
            ("demand draft", Kind.DEMAND, "member", "enterprise"),
        ):
            made = drafts.start(session, listed.people[author], kind, listed.houses[house], now=now)
            listed.listings[name] = made.id
    return listed


def addresses(town: Town, method: str) -> list[str]:
    """Every address of the market that takes this method, with ids that exist."""
    own, other = town.listings["demand"], town.listings["achievement"]
    values = {
        "number": [own, other],
        "other": [other],
        "organisation_id": [town.houses["enterprise"], town.houses["newcomer"]],
        "revision_id": [town.listings["achievement draft"], town.listings["demand draft"]],
        "kind": ["achievement", "demand"],
        "step": ["about", "scope", "indicators", "rights", "terms", "audience"],
    }
    found = []
    for rule in town.app.url_map.iter_rules():
        if method not in rule.methods or "static" in rule.endpoint:
            continue
        choices = [_choices(rule, name, values) for name in sorted(rule.arguments)]
        for chosen in itertools.product(*choices):
            with town.app.test_request_context():
                found.append(url_for(rule.endpoint, **dict(zip(sorted(rule.arguments), chosen, strict=True))))
    return found


def _choices(rule: Rule, name: str, values: dict[str, list]) -> list:
    converter = rule._converters[name]
    if hasattr(converter, "items"):  # <any(a, b):name>
        return sorted(converter.items)
    return values.get(name, ["1"] if isinstance(converter, IntegerConverter) else ["x"])


@pytest.mark.parametrize(
    ("kind", "database_url"),
    [(kind, "sqlite") for kind in RUBBISH]
    + [pytest.param(kind, "postgres", marks=pytest.mark.postgres) for kind in FOR_POSTGRES],
    indirect=["database_url"],
)
def test_rubbish_in_every_form_is_answered_with_a_page(drafted: Town, kind: str):
    values = fields(RUBBISH[kind])
    body = urlencode(values if kind in ("negative", "huge number") else {**values, **LIKELY})
    paths = [path for path in addresses(drafted, "POST") if path != "/logout"]
    broken = [
        (person, path)
        for person in (EVERYBODY if kind == "mixed" else PEOPLE)
        for client in [drafted.client(person)]
        for path in paths
        if client.post(path, data=body, content_type=FORM).status_code >= 500
    ]
    assert not broken


def test_rubbish_that_was_saved_is_shown_harmlessly(drafted: Town):
    body = urlencode({**fields(RUBBISH["mixed"][:55]), **LIKELY})
    for person in ("member", "researcher", "nobody"):
        client = drafted.client(person)
        for path in addresses(drafted, "POST"):
            if path != "/logout":
                client.post(path, data=body, content_type=FORM)
    saved = drafted.client("member").get(f"/drafts/{drafted.listings['demand draft']}/check")
    assert b"&lt;script&gt;" in saved.data
    for person in PEOPLE:
        client = drafted.client(person)
        for path in addresses(drafted, "GET"):
            answer = client.get(path)
            assert answer.status_code < 500, (person, path)
            assert b"<script>alert" not in answer.data and b"<img src=x" not in answer.data, (person, path)


def fields(value: str) -> dict[str, str]:
    """The same value under every name."""
    return dict.fromkeys(FIELDS, value)


QUERIES = (
    "page=-1&sort=x&kind=x&field=x&industry=x&region=x&mode=x&maturity=x&price=x&fresh=x&q=" + "a" * 10_000,
    "_external=1&_scheme=javascript&_anchor=x&_method=POST&endpoint=x&values=x&page=99999999999999999999&q=%00%FF",
    "q=%22((%5B*%3F~%5E:&q=AND+OR&kind=demand&kind=demand&number=1&whose=staff&page=%D9%A3&next=//evil.example",
)


@BOTH
def test_rubbish_in_an_address_is_answered_with_a_page(drafted: Town):
    client = drafted.client("member")
    for path, query in itertools.product(addresses(drafted, "GET"), QUERIES):
        assert client.get(f"{path}?{query}").status_code < 500, (path, query[:60])


UNKNOWN = (
    "/listings/{}",
    "/organisations/{}",
    "/my/listings/{}",
    "/my/listings/{}/matches",
    "/drafts/{}/about",
    "/staff/review/{}",
    "/files/{}",
    "/evidence/{}",
    "/memberships/{}/end",
    "/identity-changes/{}/decide",
    "/listings/new/{}",
    "/accounts/reset/{}",
)


@BOTH
def test_an_unknown_id_is_a_page_that_says_so(town: Town):
    client = town.client("operator")
    values = ("0", "999999", "9" * 40, "a%00b", "%2e%2e", "长" * 300, "-1", "٣")
    for path, value in itertools.product(UNKNOWN, values):
        answer = client.get(path.format(value))
        assert answer.status_code == 404, (path, value)
        assert "没有找到" in answer.get_data(as_text=True), (path, value)


@pytest.mark.parametrize(
    "name", ["indicators-²-name", "indicators-" + "9" * 5000 + "-name", "indicators--1-name"]
)
def test_rows_with_strange_numbers_do_not_break_the_form(drafted: Town, name: str):
    path = f"/drafts/{drafted.listings['demand draft']}/indicators"
    assert drafted.client("member").post(path, data={name: "硬度", "version": "1"}).status_code < 500


def test_what_is_refused_stays_in_the_form(town: Town, soup):
    typed = {"title": "高炉风口套表面耐磨涂层", "current_state": "难" * 2001, "goal": "寿命延长一倍"}
    page = soup(town.client("member").post("/listings/new/demand", data=typed))
    assert page.find("input", {"name": "title"})["value"] == typed["title"]
    assert page.find("textarea", {"name": "current_state"}).text.strip() == typed["current_state"]
    assert "最多 2000 个字" in page.find(class_="tm-errors").text
    assert page.find(class_="tm-errors").find("a")["href"] == "#current_state"


def test_a_form_without_its_token_is_refused_with_a_sentence(town: Town):
    town.app.config["WTF_CSRF_ENABLED"] = True
    for path in ("/login", "/register", "/notices/read-all", "/listings/new/demand"):
        answer = town.client("member").post(path, data={"title": "没有凭证"})
        assert answer.status_code == 400
        assert "安全凭证已过期" in answer.get_data(as_text=True)


def test_a_program_that_asks_for_json_gets_a_problem_document(town: Town):
    answer = town.client().get("/listings/A2026-99999", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert answer.json["title"] == "没有找到" and answer.json["status"] == 404
    assert town.client().get("/listings/A2026-99999").mimetype == "text/html"


def test_a_request_beyond_the_limit_is_refused_with_the_limits(town: Town):
    head = b'--x\r\nContent-Disposition: form-data; name="title"\r\n\r\n'
    body = head + b"x" * 3_000_000 + b"\r\n--x--\r\n"
    answer = town.client("member").post(
        "/listings/new/demand", data=body, content_type="multipart/form-data; boundary=x"
    )
    assert answer.status_code == 413
    assert "20 MB" in answer.get_data(as_text=True)
