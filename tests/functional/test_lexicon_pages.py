"""Staff add words in two steps: see what would change, then apply; nobody else gets there."""

import pytest
from sqlalchemy import select

from marketplace.lexicon.models import LexiconEntry
from search import dictionary
from tests.functional.conftest import Town


@pytest.fixture(autouse=True)
def files_alone():
    """The lists of a process outlive a test."""
    yield
    dictionary.use(dictionary.Additions())


def entries(town: Town) -> list[tuple[str, str, bool]]:
    with town.books() as session:
        rows = session.scalars(select(LexiconEntry).order_by(LexiconEntry.id))
        return [(row.kind, row.words, row.removed_at is not None) for row in rows]


def test_an_addition_is_previewed_then_applied_then_found(listed: Town, soup):
    operator = listed.client("operator")
    page = soup(operator.get("/staff/lexicon/preview?kind=synonyms&words=堆焊修补 等离子堆焊"))
    assert "这些词将互为同义词：堆焊修补、等离子堆焊" in page.text and entries(listed) == []
    form = {tag["name"]: tag["value"] for tag in page.select("#preview form input")}
    assert operator.post("/staff/lexicon", data=form).location == "/staff/lexicon"
    operator.post("/staff/lexicon", data=form)
    assert entries(listed) == [("synonyms", "堆焊修补 等离子堆焊", False)], "sent twice, added once"
    assert "生效中" in soup(operator.get("/staff/lexicon")).main.text


def test_a_term_waits_for_the_index_and_says_so(listed: Town, soup):
    operator = listed.client("operator")
    page = soup(operator.get("/staff/lexicon/preview?kind=term&words=高炉风口"))
    assert "切分的变化" in page.text and "高炉 / 风口" in page.text
    operator.post("/staff/lexicon", data={"kind": "term", "words": "高炉风口", "submission_key": "k"})
    assert "等待生效" in soup(operator.get("/staff/lexicon")).main.text
    assert listed.work()["lexicon"] == 1
    page = soup(operator.get("/staff/lexicon"))
    assert "生效中" in page.main.text
    link = page.select_one("ul.tm-rows a")["href"]
    version = soup(operator.get(link)).select_one("input[name=version]")["value"]
    for _ in range(2):  # a double click
        sent = {"version": version, "submission_key": "remove"}
        assert operator.post(link, data=sent).location == "/staff/lexicon"
    assert "正在撤下" in soup(operator.get("/staff/lexicon")).main.text
    listed.work()
    assert "还没有补充过词。" in soup(operator.get("/staff/lexicon")).main.text
    assert operator.get(link).status_code == 409
    late = operator.post(link, data={"version": version})
    assert late.status_code == 409 and "这一条已经撤下了。" in soup(late).main.text


@pytest.mark.parametrize(
    "query", ["", "kind=term", "kind=synonyms&words=土豆", "kind=x&words=甲 乙", "words=%00%ED%A0%80"]
)
def test_what_cannot_be_added_is_said_beside_the_field(town: Town, soup, query):
    answer = town.client("operator").get(f"/staff/lexicon/preview?{query}")
    assert answer.status_code == 422
    assert soup(answer).select(".tm-error")


def test_a_stale_removal_and_a_wrong_id(town: Town):
    operator = town.client("operator")
    operator.post("/staff/lexicon", data={"kind": "synonyms", "words": "甲醛树脂 酚醛"})
    with town.books() as session:
        entry_id = session.scalar(select(LexiconEntry.id))
    assert operator.post(f"/staff/lexicon/{entry_id}/remove", data={"version": "99"}).status_code == 409
    assert operator.get("/staff/lexicon/4711/remove").status_code == 404


@pytest.mark.parametrize(("who", "status"), [(None, 302), ("member", 403), ("manager", 403)])
def test_the_lexicon_is_for_staff(town: Town, who, status):
    client = town.client(who)
    assert client.get("/staff/lexicon").status_code == status
    assert client.get("/staff/lexicon/preview?kind=term&words=高炉风口").status_code == status
    assert client.post("/staff/lexicon", data={"kind": "term", "words": "高炉风口"}).status_code == status
    assert entries(town) == []
