"""Listings through the pages: step by step to publication, and what each person then sees."""

import io
import re
from datetime import timedelta

import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from marketplace.listings.content import Kind
from marketplace.listings.services import drafts
from tests import factories
from tests.functional.conftest import Town, publish

ABOUT = {
    "title": "高炉风口套表面耐磨涂层",
    "current_state": "现有风口套表面喷涂层三个月后端部剥落",
    "goal": "寿命延长一倍以上",
    "keywords": "涂层，耐磨 涂层",
}
REST = {
    "scope": {
        "field_codes-0": "05",
        "field_codes-1": "",
        "industry_codes-0": "C31",
        "industry_codes-1": "",
        "industry_codes-2": "",
        "region_code": "150203",
    },
    "terms": {
        "modes": "license_non_exclusive",
        "price_kind": "band",
        "price_min_fen": "30",
        "price_max_fen": "50万",
        "budget_public": "y",
    },
    "audience": {"contact_name": "示例联系人", "contact_phone": "0471 123 4567"},
}
ROW = {
    "indicators-0-name": "硬度",
    "indicators-0-target": "60",
    "indicators-0-unit": "HRC",
    "indicators-0-comparator": "≥",
    "indicators-0-necessity": "must",
}


class Writer:
    """Somebody who fills in the steps of a form, as his browser would."""

    def __init__(self, client, soup):
        self.client, self.soup = client, soup

    def begin(self, kind: str, data: dict) -> str:
        answer = self.client.post(f"/listings/new/{kind}", data=data)
        assert answer.status_code == 302, answer.get_data(as_text=True)
        return answer.location.rpartition("/")[0]

    def version(self, path: str) -> str:
        return self.soup(self.client.get(path)).select_one("input[name=version]")["value"]

    def step(self, path: str, data: dict, **files):
        uploads = {field: FileStorage(stream, name) for field, (stream, name) in files.items()}
        values = {"version": self.version(path), **data, **uploads}
        boundary, body = encode_multipart(values)  # in memory: the client's own way leaves large files open
        return self.client.post(path, data=body, content_type=f"multipart/form-data; boundary={boundary}")


@pytest.fixture
def writer(town: Town, soup) -> Writer:
    return Writer(town.client("member"), soup)


def test_a_demand_goes_from_the_first_step_to_publication(town: Town, writer: Writer, soup):
    draft = writer.begin("demand", {**ABOUT, "save_draft": "1"})
    assert draft == "/my/listings"
    own = soup(writer.client.get("/my/listings/D2026-00001"))
    assert "草稿" in own.text
    draft = own.find("a", string=re.compile("接着填写"))["href"].removesuffix("/about")
    assert (
        soup(writer.client.get(f"{draft}/about")).find("input", {"name": "title"})["value"] == ABOUT["title"]
    )
    two = soup(writer.step(f"{draft}/indicators", {**ROW, "add_row": "1"}))
    assert two.find("input", {"name": "indicators-0-name"})["value"] == "硬度"
    assert two.find("input", {"name": "indicators-1-name"})
    second = {k.replace("-0-", "-1-"): v for k, v in ROW.items()} | {"indicators-1-name": "工作温度"}
    one = soup(writer.step(f"{draft}/indicators", {**ROW, **second, "delete_row_0": "1"}))
    assert one.find("input", {"name": "indicators-0-name"})["value"] == "工作温度"
    assert not one.find("input", {"name": "indicators-1-name"})
    saved = writer.step(f"{draft}/indicators", {**ROW, "solve_by": "2027-06-30"})
    assert saved.location == f"{draft}/scope"
    refused = soup(writer.client.post(f"{draft}/check", data={"version": writer.version(f"{draft}/check")}))
    links = {a["href"] for a in refused.find(class_="tm-errors").find_all("a")}
    assert {f"{draft}/scope#region_code", f"{draft}/terms#modes", f"{draft}/audience#contact_name"} <= links
    for name, data in REST.items():
        assert writer.step(f"{draft}/{name}", data).status_code == 302, name
    check = soup(writer.client.get(f"{draft}/check"))
    assert all(t in check.text for t in ("涂层、耐磨", "硬度 ≥ 60 HRC", "50 万元", "普通许可", "昆都仑区"))
    data = {"version": writer.version(f"{draft}/check"), "submission_key": "once"}
    answers = [writer.client.post(f"{draft}/check", data=data) for _twice in range(2)]
    assert [a.location for a in answers] == ["/my/listings/D2026-00001"] * 2
    assert writer.client.get(f"{draft}/about").status_code == 409
    operator = town.client("operator")
    review = soup(operator.get("/staff/review")).find("a", href=re.compile("/staff/review/"))["href"]
    version = soup(operator.get(review)).select_one("#form input[name=version]")["value"]
    returned = {"version": version, "action": "return", "reason": ""}
    assert operator.post(review, data=returned).status_code == 422
    assert operator.post(review, data={"version": version, "action": "approve"}).status_code == 302
    public = soup(town.client().get("/listings/D2026-00001"))
    assert public.h1.text == ABOUT["title"] and "0471" not in public.text and "示例联系人" not in public.text


def test_a_unit_manager_returns_with_a_reason_that_the_author_reads(town: Town, now, soup):
    researcher, manager = town.client("researcher"), town.client("manager")
    with town.books() as session:
        person, house = town.people["researcher"], town.houses["university"]
        made = drafts.start(
            session, person, Kind.ACHIEVEMENT, house, now=now, content=factories.achievement()
        )
        drafts.submit(session, person, made.id, version=made.version, now=now)
    review = soup(manager.get("/unit/approvals")).find("a", href=re.compile("/unit/review/"))["href"]
    for name in ("member", "researcher"):
        assert town.client(name).get(review).status_code == 403
    assert town.client("operator").get(review).status_code == 403
    version = soup(manager.get(review)).select_one("#form input[name=version]")["value"]
    manager.post(review, data={"version": version, "action": "return", "reason": "请附检测报告"})
    own = soup(researcher.get("/my/listings/A2026-00001"))
    assert "请附检测报告" in own.text and own.find("a", string=re.compile("接着填写"))
    assert "请附检测报告" in researcher.get("/workbench").get_data(as_text=True)


def test_the_same_form_sent_twice_makes_one_draft(town: Town, soup):
    client = town.client("member")
    key = soup(client.get("/listings/new/demand")).select_one("#form input[name=submission_key]")["value"]
    answers = [client.post("/listings/new/demand", data={**ABOUT, "submission_key": key}) for _ in range(2)]
    assert answers[0].location == answers[1].location
    assert "共 1 条" in client.get("/my/listings").get_data(as_text=True)


def test_a_stale_edit_shows_both_versions_and_the_way_on(writer: Writer, soup):
    draft = writer.begin("demand", ABOUT)
    path = f"{draft}/about"
    opened = writer.version(path)
    assert writer.client.post(path, data={**ABOUT, "version": opened, "goal": "同事写的"}).status_code == 302
    stale = writer.client.post(path, data={**ABOUT, "version": opened, "goal": "我后写的"})
    page = soup(stale)
    assert stale.status_code == 409
    assert "我后写的" in page.text and "同事写的" in page.text and page.find("a", href=path)
    assert "同事写的" in writer.client.get(path).get_data(as_text=True)


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"", "empty.pdf", "空文件"),
        (b"MZ program", "report.pdf", "不是可接受的文件类型"),
        (b"%PDF-" + b"0" * (21 * 1024 * 1024), "huge.pdf", "超过 20 MB"),
    ],
    ids=["empty", "fake", "huge"],
)
def test_a_refused_file_loses_nothing_that_was_typed(writer: Writer, soup, content, name, said):
    draft = writer.begin("demand", ABOUT)
    path = f"{draft}/audience"
    typed = {**REST["audience"], "contact_name": "刚写的名字"}
    answer = writer.step(path, typed, files=(io.BytesIO(content), name))
    page = soup(answer)
    assert answer.status_code == 422 and said in page.find(class_="tm-errors").text
    assert page.find("input", {"name": "contact_name"})["value"] == "刚写的名字"
    kept = writer.step(path, typed, files=(io.BytesIO(b"%PDF-1.7"), "../报告.pdf"))
    assert kept.status_code == 302
    link = soup(writer.client.get(path)).find("a", string="报告.pdf")
    download = writer.client.get(link["href"], buffered=True)
    assert (download.data, download.mimetype) == (b"%PDF-1.7", "application/pdf")


def test_eleven_files_are_one_too_many(writer: Writer, soup):
    path = f"{writer.begin('demand', ABOUT)}/audience"
    files = [(io.BytesIO(b"%PDF-" + bytes([n])), f"{n}.pdf") for n in range(11)]
    answer = writer.client.post(path, data={"version": writer.version(path), "files": files})
    assert answer.status_code == 422 and "最多 10 个文件" in soup(answer).find(class_="tm-errors").text


def test_a_listing_is_paused_resumed_withdrawn_and_confirmed(listed: Town, soup):
    number = listed.listings["demand"]
    member, visitor = listed.client("member"), listed.client()
    own = f"/my/listings/{number}"

    def move(action: str, **data):
        version = soup(member.get(f"{own}/{action}")).select_one("input[name=version]")["value"]
        return member.post(f"{own}/{action}", data={"version": version, **data})

    assert move("pause").status_code == 422
    assert move("pause", reason="要修改").status_code == 302
    assert visitor.get(f"/listings/{number}").status_code == 404
    assert move("resume").status_code == 302
    assert visitor.get(f"/listings/{number}").status_code == 200
    listed.app.extensions["clock"].move(timedelta(days=100))
    assert "待确认" in visitor.get(f"/listings/{number}").get_data(as_text=True)
    assert member.post(f"{own}/confirm").status_code == 302
    assert "待确认" not in visitor.get(f"/listings/{number}").get_data(as_text=True)
    assert move("withdraw").status_code == 422
    assert move("withdraw", closing="solved").status_code == 302
    assert visitor.get(f"/listings/{number}").status_code == 404
    assert "已下架" in member.get(own).get_data(as_text=True)


def test_a_colleague_sees_what_he_may_not_change(listed: Town, soup):
    own = f"/my/listings/{listed.listings['demand']}"
    colleague = listed.client("colleague")
    page = soup(colleague.get(own))
    assert page.h1 and not page.find("form", action=f"{own}/edit") and not page.find("a", href=f"{own}/pause")
    assert colleague.get(f"{own}/pause").status_code == 403
    assert colleague.post(f"{own}/edit").status_code == 403
    assert listed.client("stranger").get(own).status_code == 404


def test_views_are_counted_for_others_only(listed: Town):
    number = listed.listings["demand"]
    for name in (None, None, "stranger", "member"):
        listed.client(name).get(f"/listings/{number}")
    assert "浏览 3 次" in listed.client("member").get(f"/my/listings/{number}").get_data(as_text=True)


def test_a_limited_demand_with_a_hidden_owner(town: Town, now, soup):
    with town.books() as session:
        content = factories.demand(limited=True, hide_owner=True, budget_public=False)
        number = publish(session, town, "member", "enterprise", content, now)
    town.work()
    for name in (None, "nobody", "newcomer"):
        assert town.client(name).get(f"/listings/{number}").status_code == 404
        assert number not in town.client(name).get("/search?q=涂层").get_data(as_text=True)
    page = soup(town.client("stranger").get(f"/listings/{number}")).main.text
    assert "未公开单位名称" in page and "预算不公开" in page
    assert not re.search(r"30–50|示例联系人|04711234567", page)
    assert number in town.client("stranger").get("/search?q=涂层").get_data(as_text=True)
    assert "30–50" in town.client("member").get(f"/listings/{number}").get_data(as_text=True)


@pytest.mark.parametrize(
    ("level", "visitor", "person"),
    [("public", True, True), ("signed_in", False, True), ("after_agreement", False, False)],
)
def test_levels_of_confidentiality(town: Town, now, level: str, visitor: bool, person: bool):
    with town.books() as session:
        content = factories.achievement(confidentiality=level)
        number = publish(session, town, "researcher", "university", content, now)
    town.work()
    for name, sees in ((None, visitor), ("stranger", person), ("researcher", True)):
        page = town.client(name).get(f"/listings/{number}").get_data(as_text=True)
        assert ("镍基自熔合金" in page) is sees and ("检测报告" in page) is sees, name
    results = town.client().get("/search").get_data(as_text=True)
    assert number in results
    assert ("58 HRC" in results) is visitor and ("镍基自熔合金" in results) is visitor


def test_declining_a_match_tells_the_other_side_why(listed: Town, soup):
    demand, achievement = listed.listings["demand"], listed.listings["achievement"]
    member, researcher = listed.client("member"), listed.client("researcher")
    page = soup(member.get(f"/my/listings/{demand}/matches"))
    assert re.search(r"差.2.HRC", page.main.text) and "两边都有" in page.main.text
    path = f"/my/listings/{demand}/matches/{achievement}/decline"
    assert member.post(path, data={"reason_code": ""}).status_code == 422
    assert member.post(path, data={"reason_code": "price", "note": "超出预算"}).status_code == 302
    assert "价格不合适" in researcher.get("/workbench").get_data(as_text=True)
    theirs = soup(researcher.get(f"/my/listings/{achievement}/matches")).main.text
    assert "对方认为不合适" in theirs and "超出预算" in theirs
    again = member.post(path, data={"reason_code": "price"})
    assert again.status_code == 409
    assert listed.client("stranger").get(f"/my/listings/{demand}/matches").status_code == 404


def test_a_notice_is_opened_once_and_only_by_its_reader(listed: Town, soup):
    researcher = listed.client("researcher")
    opened = soup(researcher.get("/notices")).find("form", action=re.compile("/open$"))["action"]
    assert listed.client("member").post(opened).status_code == 404
    assert researcher.post(opened).location == f"/listings/{listed.listings['achievement']}"
    assert "未读" not in soup(researcher.get("/notices")).main.text
    assert listed.client().get("/notices").location.startswith("/login")
