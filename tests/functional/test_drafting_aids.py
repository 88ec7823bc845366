"""The step pages help: indicators read from the text, what would make a demand clearer, what looks the same."""

import pytest

from marketplace.listings.content import Kind
from marketplace.listings.services import drafts
from tests import factories
from tests.functional.conftest import Town


@pytest.fixture
def draft(listed: Town, now) -> int:
    """A demand's draft with two figures in its text and no rows yet."""
    content = factories.demand(
        goal="涂层硬度不低于60HRC，工作温度不低于900℃。", limits="", tried="", wanted_trl=None, indicators=()
    )
    with listed.books() as session:
        kind, house = Kind.DEMAND, listed.houses["enterprise"]
        return drafts.start(session, listed.people["member"], kind, house, now=now, content=content).id


def rows_of(page) -> list[tuple[str, str]]:
    names = [tag["value"] for tag in page.select("input[name$='-name']") if tag.get("value")]
    return list(
        zip(
            names,
            [tag["value"] for tag in page.select("input[name$='-target']") if tag.get("value")],
            strict=True,
        )
    )


def test_figures_of_the_text_are_offered_with_their_words_and_taken_over_by_a_button(listed, draft, soup):
    client = listed.client("member")
    path = f"/drafts/{draft}/indicators"
    page = soup(client.get(path))
    assert "原文：“涂层硬度不低于60HRC”" in page.select_one("#suggestions").text
    assert rows_of(page) == []
    taken = soup(client.post(path, data={"take": "1", "version": "1"}))
    assert rows_of(taken) == [("工作温度", "900")]
    assert [tag["value"] for tag in taken.select("button[name=take]")] == ["0"], "the other is still offered"
    both = soup(client.post(path, data={"take": "all", "version": "1"}))
    assert rows_of(both) == [("涂层硬度", "60"), ("工作温度", "900")]
    # Nothing was stored by looking: the owner has not saved yet.
    assert rows_of(soup(client.get(path))) == []


def test_what_was_typed_stays_when_a_figure_is_taken_over(listed, draft, soup):
    form = {
        "indicators-0-name": "寿命",
        "indicators-0-target": "2",
        "indicators-0-comparator": "≥",
        "indicators-0-necessity": "wish",
        "take": "0",
        "version": "1",
    }
    page = soup(listed.client("member").post(f"/drafts/{draft}/indicators", data=form))
    assert rows_of(page) == [("寿命", "2"), ("涂层硬度", "60")]


@pytest.mark.parametrize("place", ["-1", "99", "zwei", "", "9" * 30])
def test_a_place_that_is_none_takes_nothing(listed, draft, soup, place):
    answer = listed.client("member").post(f"/drafts/{draft}/indicators", data={"take": place, "version": "1"})
    assert answer.status_code == 200 and rows_of(soup(answer)) == []


def test_what_is_missing_links_to_its_field(listed, draft, soup):
    page = soup(listed.client("member").get(f"/drafts/{draft}/check"))
    links = {link.text: link["href"] for link in page.select("aside .tm-lines a")}
    assert links["写出不能变的条件，例如场地、介质、不能停产"] == f"/drafts/{draft}/about#limits"
    assert links["选希望的成熟度：要能直接用的，还是可以一起研发"] == f"/drafts/{draft}/indicators#wanted_trl"


def test_a_second_posting_is_told_and_does_not_stand_in_the_way(listed, draft, soup, now):
    client = listed.client("member")
    page = soup(client.get(f"/drafts/{draft}/check"))
    assert "可能已经发布过" in page.aside.text and "标题相同" in page.aside.text
    assert page.aside.select_one("ul.tm-rows a")["href"] == f"/listings/{listed.listings['demand']}"
    version = page.select_one("input[name=version]")["value"]
    with listed.books() as session:
        values = {"indicators": factories.demand().indicators}
        drafts.save(session, listed.people["member"], draft, values, version=int(version), now=now)
    answer = client.post(f"/drafts/{draft}/check", data={"version": str(int(version) + 1)})
    assert answer.status_code == 302


def test_the_reviewer_sees_what_looks_the_same(listed, draft, soup, now):
    with listed.books() as session:
        values = {"indicators": factories.demand().indicators}
        saved = drafts.save(session, listed.people["member"], draft, values, version=1, now=now)
        drafts.submit(session, listed.people["member"], draft, version=saved.version, now=now)
    page = soup(listed.client("operator").get(f"/staff/review/{draft}"))
    assert "标题相同" in page.aside.text
