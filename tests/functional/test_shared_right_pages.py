"""A right's number that is used twice: said on the owner's pages and to the reviewer, in nobody's way."""

from dataclasses import replace

import pytest

from marketplace.listings.content import IpRight, Kind
from marketplace.listings.services import drafts
from tests import factories
from tests.functional.conftest import Town, publish

PATENT = IpRight("invention_patent", "2013106535299", "一种涂层", "granted", "示例大学")
HEADING = "号码已在别处填过"


@pytest.fixture
def rights(town: Town, now) -> Town:
    """A published achievement of the university, and a manager's draft there that names the same patent."""
    content = factories.achievement(ip_rights=(PATENT,))
    with town.books() as session:
        town.listings["first"] = publish(session, town, "researcher", "university", content, now)
        again = replace(
            content, title="风口套耐磨层快速修复工艺", use="示例用途，与另一项无关", problem="示例问题"
        )
        revision = drafts.start(
            session,
            town.people["manager"],
            Kind.ACHIEVEMENT,
            town.houses["university"],
            now=now,
            content=again,
        )
        town.draft = revision.id
    return town


def card(page):
    """The card about numbers in the side column."""
    heads = [head for head in page.select("aside h2") if head.text == HEADING]
    return heads[0].find_parent("section") if heads else None


@pytest.mark.parametrize("step", ["about", "rights", "check"])
def test_every_step_names_the_right_and_the_other_listing(rights, soup, step):
    found = card(soup(rights.client("manager").get(f"/drafts/{rights.draft}/{step}")))
    assert found.select_one("strong").text == "发明专利 2013106535299"
    assert found.a["href"] == f"/listings/{rights.listings['first']}"
    assert found.select_one(".tm-cell-sub").text == f"{rights.listings['first']} · 本单位 · 在架"
    assert "不影响提交" in found.text


def test_it_does_not_stand_in_the_way_and_the_reviewer_sees_it(rights, soup):
    client = rights.client("manager")
    version = soup(client.get(f"/drafts/{rights.draft}/check")).select_one("input[name=version]")["value"]
    assert client.post(f"/drafts/{rights.draft}/check", data={"version": version}).status_code == 302
    found = card(soup(rights.client("operator").get(f"/staff/review/{rights.draft}")))
    assert found.a["href"] == f"/listings/{rights.listings['first']}"
    assert "本单位" in found.text and "多半是同一项成果" in found.text


def test_what_the_owner_may_not_see_is_not_named(rights, soup, now):
    with rights.books() as session:
        secret = factories.achievement(
            ip_rights=(IpRight("software_copyright", "2023SR0123456"),), confidentiality="after_agreement"
        )
        number = publish(session, rights, "researcher", "university", secret, now)
        content = factories.achievement(ip_rights=(IpRight("software_copyright", "2023 SR 0123456"),))
        member, house = rights.people["member"], rights.houses["enterprise"]
        draft = drafts.start(session, member, Kind.ACHIEVEMENT, house, now=now, content=content).id
    page = soup(rights.client("member").get(f"/drafts/{draft}/check"))
    found = card(page)
    assert found.select_one("li").text == "有您不能查看的信息也填了这个号码。"
    assert found.find("a") is None and number not in found.text and "示例单位" not in found.text


def test_a_demand_and_an_achievement_without_rights_have_no_such_card(rights, soup, now):
    with rights.books() as session:
        member, house = rights.people["member"], rights.houses["enterprise"]
        ids = [
            drafts.start(session, member, kind, house, now=now, content=content).id
            for kind, content in (
                (Kind.DEMAND, factories.demand()),
                (Kind.ACHIEVEMENT, factories.achievement()),
            )
        ]
    for revision_id in ids:
        assert card(soup(rights.client("member").get(f"/drafts/{revision_id}/check"))) is None
