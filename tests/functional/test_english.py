"""The market read in English: amounts in yuan, a state that is no command, headings that mean what stands below."""

import re
from dataclasses import replace

from flask.testing import FlaskClient

from tests import factories
from tests.functional.conftest import Town, publish


def reader(town: Town, name: str | None = None) -> FlaskClient:
    """A browser that has chosen English."""
    client = town.client(name)
    client.post("/language", data={"language": "en", "next": "/"})
    return client


def words(page) -> str:
    """The text of a page with single spaces."""
    return " ".join(page.get_text(" ").split())


def test_prices_are_read_in_yuan(listed: Town, soup):
    detail = f"/listings/{listed.listings['achievement']}"
    assert "45–60 万元" in words(soup(listed.client().get(detail)).main)
    english = words(soup(reader(listed).get(detail)).main)
    assert "450,000–600,000 yuan" in english and "×10,000" not in english


def test_a_budget_on_the_home_page_is_read_in_yuan(listed: Town, soup):
    assert "预算 30–50 万元" in words(soup(listed.client().get("/")).main)
    assert "Budget 300,000–500,000 yuan" in words(soup(reader(listed).get("/")).main)


def test_the_reasons_of_a_match_name_amounts_in_yuan(listed: Town, soup):
    path = f"/my/listings/{listed.listings['demand']}/matches"
    assert "预算上限 50 万元，报价在内或有交集" in words(soup(listed.client("member").get(path)).main)
    english = words(soup(reader(listed, "member").get(path)).main)
    assert "Budget limit 500,000 yuan" in english and "×10,000" not in english


def test_a_price_above_the_budget_is_told_in_yuan(town: Town, now, soup):
    price = {"price_min_fen": 62_000_050, "price_max_fen": 62_000_050}
    dear = replace(factories.achievement(), price_kind="fixed", **price)
    with town.books() as session:
        publish(session, town, "researcher", "university", dear, now)
        demand = publish(session, town, "member", "enterprise", factories.demand(), now)
    town.work()
    path = f"/my/listings/{demand}/matches"
    assert "超预算 12.00005 万元" in words(soup(town.client("member").get(path)).main)
    assert "Over budget by 120,000.50 yuan" in words(soup(reader(town, "member").get(path)).main)


def test_a_paused_listing_is_paused_and_its_button_says_pause(listed: Town, soup):
    number = listed.listings["demand"]
    own, client = f"/my/listings/{number}", reader(listed, "member")
    before = words(soup(client.get(own)).main)
    assert re.search(r"\bPause\b", before) and "Paused" not in before
    version = soup(client.get(f"{own}/pause")).select_one("main input[name=version]")["value"]
    assert client.post(f"{own}/pause", data={"version": version, "reason": "设备检修"}).location == own
    after = soup(client.get(own)).main
    assert "Paused" in [badge.get_text(strip=True) for badge in after.select(".tm-badge")]
    assert "已暂停" in words(soup(listed.client("member").get(own)).main)


def test_places_and_industries_have_english_names(listed: Town, soup):
    detail = f"/listings/{listed.listings['achievement']}"
    chinese, english = (words(soup(client.get(detail)).main) for client in (listed.client(), reader(listed)))
    assert "内蒙古自治区 包头市 昆都仑区" in chinese and "制造业 / 黑色金属冶炼和压延加工业" in chinese
    assert "Kundulun District, Baotou, Inner Mongolia" in english
    assert "Manufacturing / Smelting and rolling of ferrous metals" in english
    found = words(soup(reader(listed).get("/search?region=150200&industry=C31")).main)
    assert "Baotou" in found and "Smelting and rolling of ferrous metals" in found and "包头" not in found
