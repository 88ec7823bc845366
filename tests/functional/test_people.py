"""Accounts and organisations through the pages: register, log in, reset, verify, colleagues."""

import io
import re
from email import message_from_bytes, policy

import pytest

from marketplace.accounts.models import User
from marketplace.clock import Clock
from tests.factories import credit_code
from tests.functional.conftest import Town

PDF = b"%PDF-1.7 licence"
REGISTRATION = {
    "name": "示例新人",
    "address": "new@example.com",
    "password": "correct horse battery",
    "consent": "y",
}
HOUSE = {
    "name": "示例新材料有限公司",
    "credit_code": credit_code(777),
    "organisation_type": "enterprise",
    "party_kind": "ENTERPRISE",
    "registration_region": "150203",
    "tax_region": "150203",
    "submission_key": "once",
}


def mails(town: Town) -> list[str]:
    """The texts of the mails sent so far, newest last."""
    town.work()
    folder = town.app.extensions["settings"].home / "mail"
    found = [message_from_bytes(p.read_bytes(), policy=policy.default) for p in sorted(folder.glob("*.eml"))]
    return [f"{m['To']}\n{m.get_content()}" for m in found]


def link_in(text: str) -> str:
    return re.search(r"http://localhost(/\S+)", text).group(1)


def log_in(client, address: str, password: str = "correct horse", **more):
    return client.post("/login", data={"address": address, "password": password, **more})


def address_of(town: Town, name: str) -> str:
    with town.books() as session:
        return session.get_one(User, town.people[name].user_id).email


def test_a_person_registers_enters_an_organisation_and_it_is_verified(town: Town, soup):
    client, operator = town.client(), town.client("operator")
    assert client.post("/register", data=REGISTRATION).location == "/login"
    assert log_in(client, "NEW@example.com", "correct horse battery").location == "/workbench"
    assert "您还没有加入单位" in client.get("/workbench").get_data(as_text=True)
    refused = client.post("/organisations/new", data={**HOUSE, "name": "示", "credit_code": "1"})
    assert refused.status_code == 422 and "至少 4 个字" in refused.get_data(as_text=True)
    entered = client.post("/organisations/new", data=HOUSE)
    assert client.post("/organisations/new", data=HOUSE).location == entered.location
    page = entered.location.removesuffix("/submit")
    version = soup(client.get(entered.location)).find("input", {"name": "version"})["value"]
    assert client.get("/listings/new/demand").status_code == 403
    sent = client.post(
        entered.location,
        data={"version": version, "evidence": (io.BytesIO(PDF), "../../营业执照.PDF")},
    )
    assert sent.location == page
    assert page in str(soup(operator.get("/staff/organisations")))
    decision = soup(operator.get(f"{page}/decide"))
    evidence = operator.get(decision.find(class_="tm-file-list").find("a")["href"], buffered=True)
    assert evidence.data == PDF and "attachment" in evidence.headers["Content-Disposition"]
    version = decision.find("input", {"name": "version"})["value"]
    assert "填写此项" in operator.post(
        f"{page}/decide", data={"version": version, "action": "return"}
    ).get_data(as_text=True)
    done = operator.post(f"{page}/decide", data={"version": version, "action": "verify"})
    assert done.status_code == 302
    assert client.get("/listings/new/demand").status_code == 200
    assert any("已通过认证" in text for text in mails(town))
    again = operator.post(f"{page}/decide", data={"version": version, "action": "verify"})
    assert again.status_code == 409


def test_log_in_answers_alike_for_a_wrong_password_and_an_unknown_address(town: Town, soup):
    client = town.client()
    known = log_in(client, address_of(town, "member"), "wrong password")
    unknown = log_in(client, "nobody@example.com", "wrong password")
    assert known.status_code == unknown.status_code == 422
    first, second = (soup(answer).find(class_="tm-errors").text for answer in (known, unknown))
    assert first == second


def test_registering_a_known_address_answers_alike_and_tells_only_its_owner(town: Town):
    known = {**REGISTRATION, "address": address_of(town, "member")}
    answers = [town.client().post("/register", data=data) for data in (REGISTRATION, known)]
    assert [(a.status_code, a.location) for a in answers] == [(302, "/login")] * 2
    told = [text for text in mails(town) if "已有账号" in text]
    assert len(told) == 1 and told[0].startswith(known["address"])
    assert log_in(town.client(), known["address"]).location == "/workbench"
    assert log_in(town.client(), known["address"], REGISTRATION["password"]).status_code == 422


def test_a_reset_link_works_once_and_ends_open_sessions(town: Town):
    address, member = address_of(town, "member"), town.client("member")
    asked = [town.client().post("/accounts/reset", data={"address": a}) for a in (address, "x@example.com")]
    assert [(a.status_code, a.location) for a in asked] == [(302, "/login")] * 2
    (text,) = [text for text in mails(town) if "重设密码" in text]
    path = link_in(text)
    weak = town.client().post(path, data={"password": "short"})
    assert weak.status_code == 422 and "至少 10 位" in weak.get_data(as_text=True)
    assert member.get("/workbench").status_code == 200
    assert town.client().post(path, data={"password": "another good one"}).location == "/login"
    assert member.get("/workbench").location.startswith("/login")
    assert town.client().get(path).status_code == 404
    assert log_in(town.client(), address).status_code == 422
    assert log_in(town.client(), address, "another good one").location == "/workbench"


def test_a_reset_link_grows_old(town: Town, monkeypatch: pytest.MonkeyPatch):
    address = address_of(town, "member")
    town.client().post("/accounts/reset", data={"address": address})
    path = link_in(next(text for text in mails(town) if "重设密码" in text))
    monkeypatch.setattr("marketplace.accounts.services.people.RESET_SECONDS", -1)
    answer = town.client().get(path)
    assert answer.status_code == 404 and "链接已失效" in answer.get_data(as_text=True)
    assert town.client().get(path[:-2] + "xx").status_code == 404


def test_the_operator_makes_a_link_for_a_person_with_a_telephone_only(town: Town, soup):
    phone = {**REGISTRATION, "address": "138 0013 8000"}
    town.client().post("/register", data=phone)
    operator = town.client("operator")
    assert town.client("member").get("/staff/reset-password").status_code == 403
    assert operator.post("/staff/reset-password", data={"address": "139 0000 0000"}).status_code == 404
    page = soup(operator.post("/staff/reset-password", data={"address": "13800138000"}))
    path = link_in(page.find(class_="tm-code").text)
    assert town.client().post(path, data={"password": "a new long one"}).location == "/login"
    assert log_in(town.client(), "+86 138-0013-8000", "a new long one").location == "/workbench"


@pytest.mark.parametrize("rate_limit_url", ["memory://"])
def test_too_many_attempts_are_slowed_down_with_a_page(town: Town):
    client = town.client()
    answers = [log_in(client, "guess@example.com", f"wrong password {n}") for n in range(11)]
    assert [a.status_code for a in answers] == [422] * 10 + [429]
    assert "操作太频繁" in answers[-1].get_data(as_text=True)
    assert log_in(client, address_of(town, "member")).status_code == 302


@pytest.mark.parametrize("rate_limit_url", ["memory://"])
def test_logging_in_rightly_is_not_counted(town: Town):
    member = address_of(town, "member")
    answers = [log_in(town.client(), member) for _ in range(32)]
    assert {a.status_code for a in answers} == {302}
    wrong = [log_in(town.client(), member, "wrong password").status_code for _ in range(11)]
    assert wrong == [422] * 10 + [429]
    assert log_in(town.client(), member).status_code == 429, (
        "the right password does not open a locked account"
    )


def test_without_rate_limits_nobody_is_slowed_down(town: Town):
    client = town.client()
    answers = [log_in(client, "guess@example.com", f"wrong password {n}") for n in range(12)]
    assert [a.status_code for a in answers] == [422] * 12


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "\\\\evil",
    ],
)
def test_nobody_is_led_away_by_an_address(town: Town, target: str):
    address = address_of(town, "member")
    assert log_in(town.client(), address, next=target).location == "/workbench"
    for path in ("/language", "/display"):
        answer = town.client().post(path, data={"next": target, "language": "en", "mode": "elder"})
        assert answer.location == "/"


def test_a_visitor_goes_on_to_where_he_wanted(town: Town, soup):
    client = town.client()
    asked = client.get("/my/listings?kind=demand")
    form = soup(client.get(asked.location))
    target = form.select_one("#form input[name=next]")["value"]
    assert log_in(client, address_of(town, "member"), next=target).location == "/my/listings?kind=demand"


def test_a_session_of_before_does_not_survive_logging_in_or_out(town: Town):
    client = town.client()
    with client.session_transaction() as session:
        session["planted"] = "by somebody else"
    log_in(client, address_of(town, "member"))
    with client.session_transaction() as session:
        assert "planted" not in session and session["_user_id"]
    assert client.post("/logout").location == "/"
    with client.session_transaction() as session:
        assert "_user_id" not in session


def test_a_claim_is_decided_by_the_people_manager(town: Town, soup):
    client, member = town.client("nobody"), town.client("member")
    code = soup(client.get(f"/organisations/{town.houses['enterprise']}")).find(string=re.compile("^9115"))
    data = {"credit_code": code, "role": "enterprise_member", "message": "我在研发部"}
    assert client.post("/organisations/claim", data=data).location == "/organisations"
    assert client.post("/organisations/claim", data=data).status_code == 409
    form = soup(member.get("/organisations")).find("form", action=re.compile("/claims/"))
    version = form.find("input", {"name": "version"})["value"]
    decline = {"version": version, "action": "decline", "reason": ""}
    assert town.client("stranger").post(form["action"], data=decline).status_code in (403, 404)
    assert "写明不同意的原因" in member.post(form["action"], data=decline).get_data(as_text=True)
    accepted = member.post(form["action"], data={"version": version, "action": "accept"})
    assert accepted.status_code == 302
    assert "可以办理" not in client.get("/workbench").get_data(as_text=True)
    assert client.get("/listings/new/demand").status_code == 200


def test_colleagues_are_invited_given_management_and_removed(town: Town, soup):
    house = town.houses["enterprise"]
    member, nobody = town.client("member"), town.client("nobody")
    people = f"/organisations/{house}/people"
    assert town.client("stranger").get(people).status_code == 403
    assert nobody.get("/listings/new/demand").status_code == 403
    invite = {"address": address_of(town, "nobody"), "role": "enterprise_member"}
    assert member.post(people, data=invite).status_code == 302
    accept = soup(nobody.get("/organisations")).find("form", action=re.compile("/invitations/"))["action"]
    assert town.client("stranger").post(accept).status_code == 404
    assert nobody.post(accept).status_code == 302
    assert nobody.get("/listings/new/demand").status_code == 200
    page = soup(member.get(people))
    last = [a["href"] for a in page.find_all("a", href=re.compile(r"/memberships/\d+/end"))][-1]
    assert "确认移出" in member.get(last).get_data(as_text=True)
    assert town.client("stranger").post(last).status_code in (403, 404)
    assert member.post(last).status_code == 302
    assert nobody.get("/listings/new/demand").status_code == 403


def test_the_last_people_manager_stays_until_another_takes_over(town: Town, soup):
    people = f"/organisations/{town.houses['enterprise']}/people"
    member = town.client("member")
    ends = [a["href"] for a in soup(member.get(people)).find_all("a", href=re.compile("/end$"))]
    assert member.post(ends[0]).status_code == 409
    hand = soup(member.get(people)).find("form", action=re.compile("/manage$"))["action"]
    assert member.post(hand).status_code == 302
    assert town.client("colleague").get(people).status_code == 200
    assert member.post(ends[0]).status_code == 302
    assert member.get(people).status_code == 403


def test_an_invitation_can_be_taken_back(town: Town, soup):
    people = f"/organisations/{town.houses['enterprise']}/people"
    member = town.client("member")
    member.post(people, data={"address": "later@example.com", "role": "enterprise_member"})
    revoke = soup(member.get(people)).find("form", action=re.compile("/revoke$"))["action"]
    assert member.post(revoke).status_code == 302
    assert member.post(revoke).status_code == 409
    assert any(text.startswith("later@example.com") for text in mails(town))


def test_the_data_of_an_organisation_are_for_its_own_people_to_change(town: Town, soup):
    path = f"/organisations/{town.houses['enterprise']}/edit"
    assert town.client("stranger").get(path).status_code == 403
    assert town.client("stranger").get(f"/organisations/{town.houses['newcomer']}/edit").status_code == 404
    assert town.client("member").get(f"/organisations/{town.houses['enterprise']}/decide").status_code == 403
    form = soup(town.client("member").get(path))
    typed = {
        field["name"]: field.get("value", "") for field in form.select("#form input[name]") if field["name"]
    }
    typed |= {s["name"]: s.find("option", selected=True)["value"] for s in form.select("#form select")} | {
        "public_unit": ""
    }
    mine = {**typed, "phone": "0471-1234567", "submission_key": "a"}
    assert town.client("member").post(path, data=mine).status_code == 302
    stale = soup(town.client("member").post(path, data={**typed, "phone": "0472-7654321"}))
    assert "0471-1234567" in stale.text and "0472-7654321" in stale.text
    assert stale.find("a", href=path)


def test_language_and_display_are_remembered(town: Town, soup):
    client = town.client("member")
    assert soup(client.get("/")).html["lang"] == "zh-CN"
    back = client.post("/language", data={"language": "en", "next": "/about?x=1"})
    assert back.location == "/about?x=1"
    assert soup(client.get("/")).html["lang"] == "en"
    client.post("/display", data={"mode": "elder", "next": "/"})
    assert soup(client.get("/")).html["data-mode"] == "elder"
    client.post("/display", data={"mode": "nonsense", "next": "/"})
    assert not soup(client.get("/")).html.get("data-mode")


def test_the_clock_moves_forward_only_within_bounds(town: Town):
    clock: Clock = town.app.extensions["clock"]
    before = clock.today()
    for days in ("0", "-3", "401", "x"):
        town.client().post("/dev/clock", data={"days": days})
        assert clock.today() == before
    town.client().post("/dev/clock", data={"days": "15"})
    assert (clock.today() - before).days == 15
