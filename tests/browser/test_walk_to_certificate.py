"""The walk goes on: terms, publicity, contract, supplement, registration, and the public check of the certificate."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from marketplace.contracts.models import Contract, RegistrationAgency
from marketplace.extensions import db
from marketplace.permissions import Role
from marketplace.web.transaction import unit_of_work
from tests import factories
from tests.browser.conftest import Market
from tests.browser.walker import WAY_NAMES, WAYS, Walker
from tests.conftest import NOW

pytestmark = pytest.mark.browser


@pytest.fixture
def trading(stocked: Market) -> Market:
    """The stocked market with a registration agency and a registrar."""

    def settle() -> None:
        with unit_of_work() as session:
            office = factories.organisation(session, now=NOW, kind="registration_agency")
            session.add(
                RegistrationAgency(
                    organisation_id=office.id, region_code="150000", region4="1500", point="01"
                )
            )
            registrar = factories.actor(session, Role.REGISTRAR, office, now=NOW)
            stocked.addresses["registrar"] = factories.user_of(session, registrar).email

    stocked.do(settle)
    return stocked


def rail(walker: Walker, name: str) -> None:
    """From the workbench to one of its places."""
    if walker.page.viewport_size["width"] < 768:
        walker.page.get_by_text("菜单", exact=True).first.click()
    walker.hands.follow(walker.page.locator("nav:visible").get_by_role("link", name=re.compile(name)).first)


def open_deal(walker: Walker) -> None:
    rail(walker, "我的洽谈")
    walker.open(factories.achievement().title)


def negotiate(walker: Walker) -> None:
    walker.change_to("member")
    walker.open("看匹配")
    walker.press("接受这项匹配")
    walker.open("提出条款")
    walker.fill(price_fen="55")
    walker.hands.choose("mode", "license_non_exclusive")
    walker.hands.choose("payment_mode", "LUMP_SUM")
    walker.fill(ip_terms="成果归供给方，需求方在本厂使用。")
    walker.look("terms")
    walker.press("提出")
    walker.look("deal-proposed")
    walker.change_to("manager")
    open_deal(walker)
    walker.press("同意这版条款")
    expect(walker.page.get_by_text("条款双方已同意").first).to_be_visible()
    walker.look("deal-agreed")


def publish_price(walker: Walker) -> None:
    walker.open("发布公示")
    walker.hands.choose("checked", "y")
    walker.look("publicity-post")
    walker.press("同意并发布公示")
    walker.look("publicity")
    walker.market.do(lambda: walker.market.app.extensions["clock"].move(timedelta(days=16)))
    walker.market.work()


def draft_contract(walker: Walker, scan: Path) -> None:
    walker.change_to("manager")
    open_deal(walker)
    walker.press("起草合同")
    walker.look("contract-draft")
    walker.open("填写合同")
    for name in ("sign_date", "begin_date", "end_date"):
        walker.fill(**{name: "2027-03-18" if name == "end_date" else "2026-03-19"})
    walker.hands.select(walker.field("socioeconomic_objective"), "10")
    walker.hands.select(walker.field("ipr"), "trade_secret")
    walker.hands.choose("is_related", "no")
    walker.next_step("contract-basics")
    walker.hands.select(walker.field("items-0-kind"), "EQUIPMENT")
    walker.fill(items__0__description="喷枪", items__0__amount_fen="5")
    walker.next_step("contract-amounts")
    walker.page.locator("#form [name=file]").set_input_files(scan)
    walker.next_step("contract-copy")
    walker.look("contract-check")
    walker.press("确认并提交")
    expect(walker.page.get_by_text("已提交登记机构").first).to_be_visible()


def decide(walker: Walker, label: str, **values: str) -> None:
    walker.open(label)
    for name, value in values.items():
        walker.hands.write(walker.page.locator(f"main [name={name}]"), value)
    walker.look(f"registry-{label}")
    walker.press(f"确认{label}")
    expect(walker.page.get_by_text("已办理").first).to_be_visible()


def register(walker: Walker) -> None:
    walker.change_to("registrar")
    rail(walker, "合同登记")
    walker.look("registry")
    walker.open("S2026")
    walker.look("registry-review")
    decide(walker, "受理")
    decide(walker, "要求补正", text="第 3 页缺买方印章")
    walker.change_to("manager")
    rail(walker, "我的合同")
    walker.open(factories.achievement().title)
    expect(walker.page.get_by_text("第 3 页缺买方印章").first).to_be_visible()
    walker.look("contract-supplement")
    walker.open("填写合同")
    for _step in ("basics", "amounts", "copy"):
        walker.press("保存并继续")
    walker.press("确认并提交")
    walker.change_to("registrar")
    rail(walker, "合同登记")
    walker.open("S2026")
    for label in ("初审通过", "审核通过"):
        decide(walker, label)
    walker.open("登记并发证")
    walker.press("确认登记")


def verify(walker: Walker) -> None:
    facts: dict[str, str] = {}

    def read() -> None:
        contract = db.session.query(Contract).one()
        facts.update(number=contract.registration_no, code=contract.verification_code)
        db.session.rollback()

    walker.market.do(read)
    walker.page.context.clear_cookies()
    walker.page.goto("/verify")
    for name, value in facts.items():
        walker.hands.write(walker.page.locator(f"main [name={name}]"), value)
    walker.press("核验")
    expect(walker.page.get_by_text("编号与验证码相符")).to_be_visible()
    expect(walker.page.get_by_text("500,000.00").first).to_be_visible()
    walker.look("verified")


@pytest.mark.parametrize(("width", "height", "script"), WAYS, ids=WAY_NAMES)
def test_from_an_accepted_match_to_a_verified_certificate(
    trading: Market, opened, tmp_path: Path, width: int, height: int, script: bool
):
    scan = tmp_path / "合同.pdf"
    scan.write_bytes(b"%PDF-1.7 signed")
    walker = Walker(trading, opened(width, height, script), script)
    negotiate(walker)
    publish_price(walker)
    draft_contract(walker, scan)
    register(walker)
    verify(walker)
