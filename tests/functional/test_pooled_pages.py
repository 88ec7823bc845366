"""Pages of common demands as people use them: who sees what, what stays secret, what is done once."""

import re

import pytest
from sqlalchemy import func, select

from marketplace.notices.models import Notice
from marketplace.pooling.models import ClusterMember, ClusterResponse, DemandCluster
from marketplace.workflow import HistoryEntry
from tests import factories
from tests.functional.conftest import Town, publish

TITLES = {"member": "高炉风口套表面耐磨涂层", "stranger": "高炉风口小套耐磨涂层开发"}
HOUSES = {"member": "enterprise", "stranger": "other"}


@pytest.fixture
def asked(town: Town, now) -> Town:
    """Two firms whose demands are alike and that were asked, and a university with an achievement."""
    with town.books() as session:
        for who, title in TITLES.items():
            content = factories.demand(title=title, price_max_fen=48_765_400)
            town.listings[who] = publish(session, town, who, HOUSES[who], content, now)
        town.listings["achievement"] = publish(
            session, town, "researcher", "university", factories.achievement(), now
        )
    town.work()
    with town.books() as session:
        town.places = dict(session.execute(select(ClusterMember.organisation_id, ClusterMember.id)).all())
        town.cluster = session.scalar(select(DemandCluster.id))
    return town


@pytest.fixture
def pooled(asked: Town) -> Town:
    """The same with both agreed, their budgets counted, published."""
    for who in TITLES:
        say(asked, who, act="agree", counts_budget="y")
    act(asked, "publish")
    return asked


def place(town: Town, who: str) -> str:
    """The address of a firm's place in the cluster."""
    return f"/my/pooled-demands/{town.places[town.houses[HOUSES[who]]]}"


def version_in(page) -> str:
    return page.select_one("#form [name=version], form [name=version]")["value"]


def say(town: Town, who: str, **typed):
    """Answer as a person does: open the page, tick, send."""
    client = town.client(who)
    html = client.get(place(town, who)).get_data(as_text=True)
    version = re.search(r'name="version"[^>]*value="(\d+)"', html)[1]
    return client.post(place(town, who), data={"version": version, **typed})


def act(town: Town, action: str, path: str = "", **typed):
    """An act of staff, through its question."""
    client = town.client("operator")
    address = f"/staff/pooled-demands/{town.cluster}{path}/{action}"
    html = client.get(address).get_data(as_text=True)
    version = re.search(r'name="version"[^>]*value="(\d+)"', html)[1]
    return client.post(address, data={"version": version, **typed})


# --- the firm's own page ------------------------------------------------------------------------------------


def test_a_firm_sees_its_own_demand_and_the_problem_in_everybodys_words(asked, soup):
    page = soup(asked.client("member").get(place(asked, "member")))
    text = page.main.get_text(" ", strip=True)
    assert "有 2 家企业（含贵单位）有相近的难题，已有 0 家同意联合发布。" in text
    assert "高炉风口、耐磨涂层共性难题" in text and TITLES["member"] in text
    assert "48.7654 万元" in text.replace("\xa0", " "), "its own budget"
    assert asked.listings["stranger"] not in str(page) and TITLES["stranger"] not in str(page)
    with asked.books() as session:
        paths = session.scalars(select(Notice.path).where(Notice.kind == "pool_asked"))
        assert place(asked, "member") in paths.all()


@pytest.mark.parametrize(
    ("who", "status"),
    [(None, 302), ("stranger", 404), ("operator", 404), ("newcomer", 404), ("colleague", 200)],
)
def test_a_firms_place_is_its_own_secret(asked, who, status):
    client = asked.client(who)
    assert client.get(place(asked, "member")).status_code == status
    posted = client.post(place(asked, "member"), data={"act": "agree", "version": "1"})
    assert posted.status_code == {200: 409}.get(status, status)


def test_an_answer_is_taken_once_and_can_be_changed(asked, soup):
    client = asked.client("member")
    html = client.get(place(asked, "member")).get_data(as_text=True)
    version = re.search(r'name="version"[^>]*value="(\d+)"', html)[1]
    form = {"version": version, "act": "agree", "counts_budget": "y", "submission_key": "twice"}
    for _ in range(2):
        assert client.post(place(asked, "member"), data=form).location == place(asked, "member")
    with asked.books() as session:
        moves = select(func.count(HistoryEntry.id)).where(HistoryEntry.subject_type == "cluster_member")
        assert session.scalar(moves) == 1
    page = soup(client.get(place(asked, "member")))
    assert page.select_one("[name=act][value=agree]").has_attr("checked")
    assert page.select_one("[name=counts_budget]").has_attr("checked")
    assert say(asked, "member", act="decline").status_code == 302
    assert not soup(client.get(place(asked, "member"))).select_one("[name=counts_budget]").has_attr("checked")


def test_an_empty_answer_and_a_stale_one_are_told(asked, soup):
    answer = say(asked, "member", counts_budget="y")
    assert answer.status_code == 422 and "请选择一项。" in answer.get_data(as_text=True)
    assert soup(answer).select_one("[name=counts_budget]").has_attr("checked"), "what was ticked stays"
    stale = asked.client("member").post(place(asked, "member"), data={"act": "agree", "version": "99"})
    assert stale.status_code == 409
    nonsense = say(asked, "member", act="sell")
    assert nonsense.status_code == 422


def test_the_list_of_ones_own_places(asked, soup):
    text = soup(asked.client("member").get("/my/pooled-demands")).main.get_text(" ", strip=True)
    assert "共 1 项" in text and "2 家企业（含贵单位）" in text.replace("\xa0", " ")
    assert "还没有与您相近的需求。" in asked.client("researcher").get("/my/pooled-demands").get_data(
        as_text=True
    )


# --- the public page ----------------------------------------------------------------------------------------


def test_nothing_of_a_single_firm_is_in_the_public_pages(pooled, soup):
    for path in ("/pooled-demands", "/pooled-demands/P2026-00001"):
        for who in (None, "newcomer", "researcher"):
            html = pooled.client(who).get(path).get_data(as_text=True)
            main = str(soup(pooled.client(who).get(path)).main)
            for house in ("enterprise", "other"):
                with pooled.books() as session:
                    name = session.scalar(
                        select(ClusterMember).where(ClusterMember.organisation_id == pooled.houses[house])
                    ).organisation.name
                assert name not in main
            for secret in (
                *TITLES.values(),
                pooled.listings["member"],
                pooled.listings["stranger"],
                "48.7654",
            ):
                assert secret not in html, (path, who, secret)
            for number in pooled.places.values():
                assert f"/my/pooled-demands/{number}" not in html


def test_what_the_public_page_tells(pooled, soup):
    text = soup(pooled.client().get("/pooled-demands/P2026-00001")).main.get_text(" ", strip=True)
    text = text.replace("\xa0", " ")
    for told in ("2 家", "新材料及其应用", "黑色金属冶炼和压延加工业", "包头市", "50–100 万元", "≥ 60 HRC"):
        assert told in text, told


def test_all_agreeing_to_be_named_names_them(pooled, soup):
    for who in TITLES:
        page = soup(pooled.client().get("/pooled-demands/P2026-00001"))
        assert "联合发布的企业" not in page.main.get_text()
        say(pooled, who, act="agree", shows_name="y")
    page = soup(pooled.client().get("/pooled-demands/P2026-00001"))
    assert {link["href"] for link in page.main.select(".tm-lines a")} == {
        f"/listings/{pooled.listings[who]}" for who in TITLES
    }


@pytest.mark.parametrize("number", ["P2026-00009", "1", "P", "%00", "P2026-00001x"])
def test_a_number_nobody_has_is_not_found(pooled, number):
    assert pooled.client().get(f"/pooled-demands/{number}").status_code == 404


def test_before_and_after_it_is_published_there_is_no_page(asked):
    for who in TITLES:
        say(asked, who, act="agree")
    assert asked.client().get("/pooled-demands/P2026-00001").status_code == 404
    act(asked, "publish")
    assert asked.client().get("/pooled-demands/P2026-00001").status_code == 200
    say(asked, "stranger", act="decline")
    assert asked.client().get("/pooled-demands/P2026-00001").status_code == 404
    assert "现在没有共性需求。" in asked.client().get("/pooled-demands").get_data(as_text=True)


# --- responding ---------------------------------------------------------------------------------------------

RESPOND = "/pooled-demands/P2026-00001/respond"


def test_a_response_is_made_once_and_forwarded_by_staff(pooled, soup):
    client = pooled.client("researcher")
    form = {"achievement": pooled.listings["achievement"], "text": "已有两个案例。", "submission_key": "one"}
    for _ in range(2):
        assert client.post(RESPOND, data=form).location == "/pooled-demands/P2026-00001"
    again = client.post(RESPOND, data={**form, "submission_key": "two"})
    assert again.status_code == 409 and "已经回应过" in again.get_data(as_text=True)
    with pooled.books() as session:
        response = session.scalars(select(ClusterResponse.id)).one()
    assert act(pooled, "forward", f"/responses/{response}").status_code == 302
    with pooled.books() as session:
        told = session.scalars(select(Notice.path).where(Notice.kind == "pool_forwarded")).all()
        assert told == [f"/listings/{pooled.listings['achievement']}"] * 2
    stale = pooled.client("operator").post(
        f"/staff/pooled-demands/{pooled.cluster}/responses/{response}/forward", data={"version": "1"}
    )
    assert stale.status_code == 409


def test_a_response_keeps_what_was_typed_and_says_what_is_missing(pooled, soup):
    answer = pooled.client("researcher").post(RESPOND, data={"achievement": "A1", "text": "  "})
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "请选择本单位一项在架的成果。" in text and "请写明怎样解决" in text
    long = pooled.client("researcher").post(RESPOND, data={"achievement": "", "text": "长" * 1001})
    assert long.status_code == 422 and "长" * 1001 in long.get_data(as_text=True)


@pytest.mark.parametrize(
    ("who", "status"), [(None, 302), ("newcomer", 403), ("nobody", 403), ("researcher", 200)]
)
def test_who_may_respond(pooled, who, status):
    assert pooled.client(who).get(RESPOND).status_code == status


# --- staff --------------------------------------------------------------------------------------------------

STAFF = ("", "/words", "/ask", "/publish", "/close")


@pytest.mark.parametrize(("who", "status"), [(None, 302), ("member", 403), ("manager", 403)])
def test_clusters_are_for_staff(asked, who, status):
    member = asked.places[asked.houses["enterprise"]]
    base = f"/staff/pooled-demands/{asked.cluster}"
    paths = ["/staff/pooled-demands", *(base + more for more in STAFF), f"{base}/members/{member}/remove"]
    for path in paths:
        assert asked.client(who).get(path).status_code == status, path


def test_staff_see_members_words_and_answers(asked, soup):
    say(asked, "member", act="agree", counts_budget="y")
    client = asked.client("operator")
    listed = soup(client.get("/staff/pooled-demands?state=asking"))
    row = [cell.get_text(" ", strip=True) for cell in listed.select("tbody tr > *")]
    assert row[:4] == ["高炉风口、耐磨涂层共性难题", "2", "1", "1"]
    text = soup(client.get(f"/staff/pooled-demands/{asked.cluster}")).main.get_text(" ", strip=True)
    for told in (
        *TITLES.values(),
        "各条都与它比较",
        "预算计入合计",
        "不公开名称",
        "还差 1 家同意才能发布。",
        "共同的词：",
    ):
        assert told in text, told
    assert soup(client.get("/staff/pooled-demands?state=closed")).main.get_text().count("这里还没有。") == 1
    assert client.get("/staff/pooled-demands?state=nonsense&page=0").status_code == 200


def test_publishing_too_early_says_why(asked):
    answer = act(asked, "publish")
    assert answer.status_code == 422
    assert "同意联合发布的企业还不足两家，暂不能发布。" in answer.get_data(as_text=True)


def test_staff_word_it_and_a_stale_edit_is_told(asked, soup):
    assert act(asked, "words", title="", summary="概述").status_code == 422
    assert act(asked, "words", title="风口延寿", summary="风口寿命短。").status_code == 302
    stale = asked.client("operator").post(
        f"/staff/pooled-demands/{asked.cluster}/words", data={"version": "1", "title": "旧", "summary": "旧"}
    )
    assert stale.status_code == 409
    assert "风口延寿" in soup(asked.client("member").get(place(asked, "member"))).main.get_text()


def test_taking_a_member_out_and_closing_need_reasons(asked, soup):
    member = asked.places[asked.houses["other"]]
    assert act(asked, "remove", f"/members/{member}", reason="").status_code == 422
    assert act(asked, "close", reason="").status_code == 422
    assert act(asked, "remove", f"/members/{member}", reason="另一种工况").status_code == 302
    text = soup(asked.client("operator").get(f"/staff/pooled-demands/{asked.cluster}")).main.get_text(
        " ", strip=True
    )
    assert "已关闭" in text and "曾在组内" in text
    assert asked.client("stranger").get(place(asked, "stranger")).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/staff/pooled-demands/999",
        "/staff/pooled-demands/99999999999999999999",
        "/staff/pooled-demands/1/sell",
        "/staff/pooled-demands/1/members/999/remove",
        "/staff/pooled-demands/1/responses/1/forward",
    ],
)
def test_staff_addresses_of_nothing(asked, path):
    assert asked.client("operator").get(path).status_code == 404
