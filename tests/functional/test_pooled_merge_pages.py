"""Staff put two clusters together on the pages: chosen, asked about, done once, nothing lost when it cannot be."""

import pytest
from sqlalchemy import select

from marketplace.pooling.models import DemandCluster
from marketplace.pooling.services import managing
from tests import factories
from tests.functional.conftest import Town, publish

COATING = {"member": "高炉风口套表面耐磨涂层", "stranger": "高炉风口小套耐磨涂层开发"}
HEAT = {"third": "热风炉烟气余热涂层回收", "fourth": "热风炉余热涂层回收发电"}
HOUSES = {"member": "enterprise", "stranger": "other", "third": "third", "fourth": "fourth"}


@pytest.fixture
def two(town: Town, now) -> Town:
    """Two clusters of two firms each."""
    with town.books() as session:
        for name in ("third", "fourth"):
            house = factories.organisation(session, now=now)
            town.houses[name] = house.id
            town.people[name] = factories.actor(session, "enterprise_member", house, now=now)
        for who, title in COATING.items():
            publish(session, town, who, HOUSES[who], factories.demand(title=title), now)
        for who, title in HEAT.items():
            text = {
                "current_state": "热风炉烟气直接排空，余热没有利用。" * 4,
                "goal": "余热回收率不低于60%。" * 4,
            }
            content = factories.demand(title=title, keywords=("余热",), limits="", tried="", **text)
            publish(session, town, who, HOUSES[who], content, now)
    town.work()
    with town.books() as session:
        town.into, town.other = session.scalars(select(DemandCluster.id).order_by(DemandCluster.id))
    return town


def address(town: Town, other: object = None) -> str:
    return f"/staff/pooled-demands/{town.into}/merge" + ("" if other is None else f"?other={other}")


def typed(page) -> dict[str, str]:
    """The hidden fields of the question."""
    return {
        tag["name"]: tag["value"] for tag in page.select("main form input[type=hidden]") if tag.get("value")
    }


def states(town: Town) -> list[str]:
    with town.books() as session:
        return list(session.scalars(select(DemandCluster.state).order_by(DemandCluster.id)))


def test_the_way_from_the_cluster_to_both_as_one(two, soup):
    client = two.client("operator")
    page = soup(client.get(f"/staff/pooled-demands/{two.into}"))
    assert f"第 {two.into} 组" in page.main.text
    assert page.find("a", string="与另一组合并")["href"] == address(two)
    page = soup(client.get(address(two)))
    offer = page.select_one("ul.tm-brief li")
    assert offer.select_one(".btn")["href"] == address(two, two.other)
    assert "共同的词：涂层" in offer.text
    page = soup(client.get(address(two, two.other)))
    facts = dict(zip([t.text for t in page.select("dt")], [d.text for d in page.select("dd")], strict=True))
    assert facts["合并后"] == "4 家" and facts["要重新征求"] == "4 家"
    assert all(title in facts["它的需求"] for title in COATING.values())
    assert all(title in facts["并入的需求"] for title in HEAT.values())
    answer = client.post(address(two, two.other), data={**typed(page), "reason": "同一改造项目"})
    assert answer.headers["Location"].endswith(f"/staff/pooled-demands/{two.into}")
    assert states(two) == ["asking", "closed"]
    page = soup(client.get(f"/staff/pooled-demands/{two.into}"))
    assert "征求意见（4 家）" in page.main.text and "人工合并" in page.main.text
    assert page.select_one(f".tm-timeline a[href$='/{two.other}']").text == f"看第 {two.other} 组"
    closed = soup(client.get(f"/staff/pooled-demands/{two.other}"))
    assert "并入另一组" in closed.select_one(".tm-timeline").text
    assert closed.find("a", string="与另一组合并") is None


def test_without_a_reason_it_asks_again_and_nothing_is_done(two, soup):
    client = two.client("operator")
    page = soup(client.get(address(two, two.other)))
    answer = client.post(address(two, two.other), data={**typed(page), "reason": " "})
    assert answer.status_code == 422 and states(two) == ["asking", "asking"]
    again = typed(soup(answer))
    assert {name: again[name] for name in ("version", "other_version", "demands")} == {
        name: typed(page)[name] for name in ("version", "other_version", "demands")
    }


def test_what_changed_in_between_is_not_put_together_unseen(two, soup, now):
    client = two.client("operator")
    page = soup(client.get(address(two, two.other)))
    with two.books() as session:
        operator = two.people["operator"]
        cluster = managing.opened(session, operator, two.other)
        managing.word(session, operator, cluster, "余热", "余热利用", version=cluster.version, now=now)
    answer = client.post(address(two, two.other), data={**typed(page), "reason": "同一项目"})
    assert answer.status_code == 409 and states(two) == ["asking", "asking"]


def test_sent_twice_it_is_done_once(two, soup):
    client = two.client("operator")
    data = {**typed(soup(client.get(address(two, two.other)))), "reason": "同一项目"}
    first, second = (client.post(address(two, two.other), data=data) for _ in range(2))
    assert (first.status_code, second.status_code) == (302, 302)
    assert second.headers["Location"] == first.headers["Location"]


@pytest.mark.parametrize(
    ("other", "sentence"),
    [
        ("999", "没有这个组号，请核对后再填。"),
        ("-1", "没有这个组号，请核对后再填。"),
        ("第二组<b>", "没有这个组号，请核对后再填。"),
        ("9" * 30, "没有这个组号，请核对后再填。"),
        ("own", "不能与自己合并，请选择另一组。"),
    ],
)
def test_a_number_that_will_not_do_is_said_and_kept(two, soup, other, sentence):
    other = str(two.into) if other == "own" else other
    answer = two.client("operator").get(address(two), query_string={"other": other})
    page = soup(answer)
    assert answer.status_code == 422
    assert page.select_one("[role=alert] li").text == sentence
    assert page.select_one("#other")["value"] == other


def test_it_is_staffs_alone(two):
    for who, status in ((None, 302), ("member", 403), ("manager", 403)):
        assert two.client(who).get(address(two, two.other)).status_code == status
    assert two.client("operator").get("/staff/pooled-demands/999/merge").status_code == 404


def test_before_other_words_void_a_yes_the_page_says_so(two, soup):
    client = two.client("operator")
    path = f"/staff/pooled-demands/{two.into}/words"
    assert "重新征求" not in soup(client.get(path)).main.text
    with two.books() as session:
        cluster = session.get_one(DemandCluster, two.into)
        cluster.members[0].state = "agreed"
    assert "有 1 家同意的是现在的说法" in soup(client.get(path)).main.text
