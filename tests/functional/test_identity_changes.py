"""The pages on which a verified organisation changes its name or code, and the operator decides."""

import io

import pytest

from marketplace.accounts.models import IdentityChange, Organisation
from tests.factories import credit_code
from tests.functional.conftest import Town

NEW_NAME = "示例新材料集团有限公司"
PDF = b"%PDF-1.7 notice of change"


@pytest.fixture
def house(town: Town) -> str:
    """The address of the enterprise's page."""
    return f"/organisations/{town.houses['enterprise']}"


def typed_in(page) -> dict[str, str]:
    """What the form holds as it is shown: the values a browser would send back, without the file."""
    form = page.find("form", id="form")
    kept = {
        field["name"]: field.get("value", "")
        for field in form.find_all("input")
        if field.get("type") not in ("file", "checkbox") and field.get("name")
    }
    chosen = {s["name"]: s.find("option", selected=True)["value"] for s in form.find_all("select")}
    return kept | chosen


def send(client, path: str, soup, proof: bytes | None = PDF, **changes):
    """Ask for a change from the form as it stands now."""
    typed = {**typed_in(soup(client.get(path))), **changes}
    if proof is not None:
        typed["evidence"] = (io.BytesIO(proof), "变更通知书.pdf")
    return client.post(path, data=typed)


def names(town: Town) -> tuple[str, list[str]]:
    """The enterprise's name and former names in the database."""
    with town.books() as session:
        found = session.get_one(Organisation, town.houses["enterprise"])
        return found.name, found.former_names


def cells(page) -> list[list[str]]:
    """The comparison as it is read: label, old, new."""
    return [
        [cell.get_text(strip=True) for cell in row.find_all(["th", "td"])]
        for row in page.select("table tbody tr")
    ]


def test_a_new_name_is_asked_for_seen_old_beside_new_and_accepted(town: Town, house, soup):
    member, operator, visitor = town.client("member"), town.client("operator"), town.client()
    old, _former = names(town)
    assert soup(member.get(house)).find("a", href=f"{house}/identity")
    form = member.get(f"{house}/identity").get_data(as_text=True)
    assert "原名称记入“曾用名”" in form and "照常办理" in form
    sent = send(member, f"{house}/identity", soup, name=NEW_NAME)
    assert sent.status_code == 302 and sent.location == house
    pending = soup(member.get(house))
    assert "变更审核中" in pending.text and cells(pending) == [["单位全称", old, NEW_NAME]]
    assert not pending.find("a", href=f"{house}/identity")
    assert names(town) == (old, [])
    assert NEW_NAME not in visitor.get(house).get_data(as_text=True), "the public sees what was verified"
    assert NEW_NAME not in town.client("colleague").get(house).get_data(as_text=True)

    queue = soup(operator.get("/staff/organisations"))
    assert cells(queue) == [["单位全称", old, NEW_NAME]]
    assert "单位认证" in soup(operator.get("/workbench")).text
    address = queue.find("a", string=old)["href"]
    assert operator.get(f"{house}/decide").location == address, "the workbench leads to the change"
    page = soup(operator.get(address))
    assert cells(page) == [["单位全称", old, NEW_NAME]] and "一般不换统一社会信用代码" not in page.text
    proof = operator.get(page.select_one(".tm-file-list a")["href"], buffered=True)
    assert proof.data == PDF and "attachment" in proof.headers["Content-Disposition"]
    version = page.find("input", {"name": "version"})["value"]
    done = operator.post(address, data={"version": version, "action": "accept"})
    assert done.location == "/staff/organisations"
    assert names(town) == (NEW_NAME, [old])
    public = soup(visitor.get(house))
    assert public.h1.text == NEW_NAME and old in public.text
    assert "已通过核验" in member.get("/notices").get_data(as_text=True)
    assert "没有待认证的单位" in operator.get("/staff/organisations").get_data(as_text=True)
    again = operator.post(address, data={"version": version, "action": "accept"})
    assert again.status_code == 409


def test_a_refused_change_keeps_the_old_identity_and_what_was_typed(town: Town, house, soup):
    member, operator = town.client("member"), town.client("operator")
    old, _former = names(town)
    send(member, f"{house}/identity", soup, name=NEW_NAME, credit_code=credit_code(4711))
    address = operator.get(f"{house}/decide").location
    page = soup(operator.get(address))
    assert "一般不换统一社会信用代码" in page.text, "another code is a warning to look twice"
    version = page.find("input", {"name": "version"})["value"]
    refusal = {"version": version, "action": "refuse", "reason": ""}
    silent = operator.post(address, data=refusal)
    assert silent.status_code == 422 and "填写此项" in silent.get_data(as_text=True)
    assert operator.post(address, data={**refusal, "reason": "公章看不清"}).status_code == 302
    assert names(town) == (old, [])
    own = soup(member.get(house))
    assert "公章看不清" in own.text and "变更未通过" in own.text and own.h1.text == old
    assert "公章看不清" in member.get("/notices").get_data(as_text=True)
    assert "公章看不清" not in town.client().get(house).get_data(as_text=True)
    assert "已经办结" in operator.get(address).get_data(as_text=True)
    typed = typed_in(soup(member.get(own.find("a", string="修改后重新申请")["href"])))
    assert (typed["name"], typed["credit_code"]) == (NEW_NAME, credit_code(4711))


def test_a_request_sent_twice_is_one_and_a_second_one_has_to_wait(town: Town, house, soup):
    member, path = town.client("member"), f"{house}/identity"
    typed = {**typed_in(soup(member.get(path))), "name": NEW_NAME}
    assert typed["submission_key"]
    answers = [
        member.post(path, data={**typed, "evidence": (io.BytesIO(PDF), "变更通知书.pdf")}) for _ in range(2)
    ]
    assert [(a.status_code, a.location) for a in answers] == [(302, house)] * 2
    with town.books() as session:
        assert session.query(IdentityChange).count() == 1
    other = {**typed, "submission_key": "another", "evidence": (io.BytesIO(PDF), "x.pdf")}
    assert member.post(path, data=other).status_code == 409
    assert member.get(path).location == house, "there is nothing to fill in while one waits"


def test_a_stale_request_shows_both_versions(town: Town, house, soup):
    member, path = town.client("member"), f"{house}/identity"
    old, _former = names(town)
    opened = typed_in(soup(member.get(path)))
    details = {**typed_in(soup(member.get(f"{house}/edit"))), "phone": "0472-7654321"}
    assert member.post(f"{house}/edit", data=details).status_code == 302
    stale = member.post(
        path, data={**opened, "name": NEW_NAME, "evidence": (io.BytesIO(PDF), "变更通知书.pdf")}
    )
    page = soup(stale)
    assert stale.status_code == 409 and cells(page) == [["单位全称", NEW_NAME, old]]
    assert page.find("a", href=path)
    english = town.client("member")
    english.post("/language", data={"language": "en", "next": "/"})
    stale = english.post(
        path, data={**opened, "party_kind": "OTHER", "evidence": (io.BytesIO(PDF), "变更通知书.pdf")}
    )
    assert cells(soup(stale))[0][1:] == ["Other", "Enterprise"]


def test_the_free_form_has_no_identity_and_takes_none(town: Town, house, soup):
    member, path = town.client("member"), f"{house}/edit"
    old, _former = names(town)
    page = soup(member.get(path))
    assert page.find("a", href=f"{house}/identity") and old in page.text
    typed = typed_in(page)
    assert not typed.keys() & {
        "name",
        "credit_code",
        "party_kind",
        "organisation_type",
        "registration_region",
    }
    planted = {
        **typed,
        "name": NEW_NAME,
        "credit_code": credit_code(4711),
        "organisation_type": "university",
        "party_kind": "OTHER",
        "registration_region": "150203",
    }
    refused = member.post(path, data=planted)
    assert refused.status_code == 422 and "变更认证信息" in refused.get_data(as_text=True)
    assert names(town) == (old, [])
    newcomer = town.client("newcomer")
    own = f"/organisations/{town.houses['newcomer']}"
    assert "name" in typed_in(soup(newcomer.get(f"{own}/edit"))), "before the verification all is free"
    assert newcomer.get(f"{own}/identity").location == own


@pytest.mark.parametrize(
    ("proof", "sentence"),
    [(None, "请上传变更后"), (b"", "空文件"), (b"<html>", "不是可接受的文件类型")],
)
def test_without_a_good_proof_nothing_is_asked_and_nothing_typed_is_lost(
    town: Town, house, soup, proof, sentence
):
    answer = send(town.client("member"), f"{house}/identity", soup, proof=proof, name=NEW_NAME)
    page = soup(answer)
    assert answer.status_code == 422 and sentence in page.text
    assert typed_in(page)["name"] == NEW_NAME
    with town.books() as session:
        assert session.query(IdentityChange).count() == 0


def test_the_owner_takes_a_request_back(town: Town, house, soup):
    member = town.client("member")
    send(member, f"{house}/identity", soup, name=NEW_NAME)
    form = soup(member.get(house)).find("form", action=lambda a: a and a.endswith("/withdraw"))
    version = form.find("input", {"name": "version"})["value"]
    assert town.client("stranger").post(form["action"], data={"version": version}).status_code == 404
    assert member.post(form["action"], data={"version": "nonsense"}).status_code == 409
    assert member.post(form["action"], data={"version": version}).location == house
    assert "变更审核中" not in member.get(house).get_data(as_text=True)
    assert soup(member.get(house)).find("a", href=f"{house}/identity")


def test_who_has_no_part_in_it_is_kept_out(town: Town, house, soup):
    send(town.client("member"), f"{house}/identity", soup, name=NEW_NAME)
    address = town.client("operator").get(f"{house}/decide").location
    data = {"version": "1", "action": "accept"}
    assert town.client().get(address).location.startswith("/login")
    assert town.client("member").get(address).status_code == 403
    assert town.client("member").post(address, data=data).status_code == 403
    for name in ("colleague", "stranger", "nobody"):
        assert town.client(name).get(address).status_code == 404
        assert town.client(name).post(address, data=data).status_code == 404
        assert town.client(name).get(f"{house}/identity").status_code == 403
    assert town.client("operator").get("/identity-changes/99/decide").status_code == 404


def test_the_pages_speak_english(town: Town, house, soup):
    member, operator = town.client("member"), town.client("operator")
    for client in (member, operator):
        client.post("/language", data={"language": "en", "next": "/"})
    assert soup(member.get(f"{house}/identity")).h1.text == "Change verified information"
    send(member, f"{house}/identity", soup, party_kind="OTHER", public_unit="y")
    pending = soup(member.get(house))
    assert "Change under review" in pending.text
    assert [row[1:] for row in cells(pending)] == [["Enterprise", "Other"], ["No", "Yes"]]
    address = operator.get(f"{house}/decide").location
    assert soup(operator.get(address)).h1.text == "Decide on a change of verified information"
