"""The market read in English: amounts in yuan, a state that is no command, headings that mean what stands below."""

import re
from dataclasses import replace

from flask.testing import FlaskClient
from sqlalchemy import select

from marketplace.contracts.forms import BasicsForm
from marketplace.contracts.models import Contract
from marketplace.listings.content import Kind
from marketplace.listings.services import drafts
from tests import factories
from tests.functional.conftest import Town, publish

HAN = re.compile(r"[\u4e00-\u9fff]")


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


def test_a_form_offers_codes_in_the_language_of_its_reader(town: Town, now, soup):
    with town.books() as session:
        draft = drafts.start(session, town.people["member"], Kind.DEMAND, town.houses["enterprise"], now=now)
        path = f"/drafts/{draft.id}/scope"

    def offered(client: FlaskClient, name: str) -> dict[str, str]:
        chosen = soup(client.get(path)).select(f"select[name={name}] option")
        return {option["value"]: option.text for option in chosen if option["value"]}

    chinese, english = town.client("member"), reader(town, "member")
    assert offered(chinese, "region_code")["150203"] == "内蒙古自治区 包头市 昆都仑区"
    assert offered(english, "region_code")["150203"] == "Inner Mongolia, Baotou, Kundulun District"
    assert offered(chinese, "field_codes-0")["0702"] == "环境保护与资源综合利用 / 水污染防治"
    assert offered(chinese, "industry_codes-0")["C31"] == "黑色金属冶炼和压延加工业"
    assert offered(english, "industry_codes-0")["C31"] == "Smelting and rolling of ferrous metals"
    for name in ("region_code", "field_codes-0", "industry_codes-0"):
        assert not [label for label in offered(english, name).values() if HAN.search(label)], name
    page = soup(english.get(path))
    assert "Manufacturing" in [group["label"] for group in page.select("optgroup")]


def test_an_organisation_s_place_is_named_in_the_language_of_the_reader(town: Town, soup):
    house = town.houses["enterprise"]
    path = f"/organisations/{house}"
    chinese = words(soup(town.client().get(path)).main)
    english = words(soup(reader(town).get(path)).main)
    assert "注册地 内蒙古自治区 包头市 昆都仑区" in chinese
    assert "Kundulun District, Baotou, Inner Mongolia" in english and "昆都仑" not in english
    form = soup(reader(town, "member").get(f"{path}/edit"))
    chosen = form.select_one("select[name=tax_region] option[value='150203']")
    assert chosen.text == "Inner Mongolia, Baotou, Kundulun District"


def test_a_contract_names_codes_in_the_language_of_its_reader(market: Town, soup):
    with market.books() as session:
        contract = session.scalar(select(Contract).where(Contract.number == market.contract))
        contract.technology_field, contract.industry_code = "0702", "C27"
    path = f"/contracts/{market.contract}"
    chinese = words(soup(market.client("buyer").get(path)).main)
    english = words(soup(reader(market, "buyer").get(path)).main)
    assert "环境保护与资源综合利用 / 水污染防治" in chinese and "制造业 / 医药制造业" in chinese
    assert "注册地 内蒙古自治区 " in chinese
    assert "Manufacturing / Pharmaceuticals" in english and ", Inner Mongolia" in english
    assert not re.search("水污染|医药制造|内蒙古自治区|专利实施许可", english)


def test_a_contract_s_form_offers_codes_in_the_language_of_its_reader(site):
    for language, han in (("en", False), ("zh_CN", True)):
        with site.test_request_context(headers={"Cookie": f"locale={language}"}):
            form = BasicsForm()
            fields = (form.contract_subtype, form.technology_field, form.industry_code, form.ipr)
            labels = [str(choice.label) for field in fields for choice in field.choices if choice.value]
        assert len(labels) > 100
        assert [label for label in labels if bool(HAN.search(label)) is not han] == []


def test_names_in_a_row_are_separated_as_the_language_does(town: Town, now, soup):
    content = factories.achievement(modes=("license_non_exclusive", "transfer"))
    with town.books() as session:
        number = publish(session, town, "researcher", "university", content, now)
    detail = f"/listings/{number}"
    assert "普通许可、转让" in words(soup(town.client().get(detail)).main)
    assert "Non-exclusive licence, Transfer" in words(soup(reader(town).get(detail)).main)
