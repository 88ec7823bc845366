"""Second stage: terms, price publicity, contract, supplement, registration."""

from datetime import timedelta
from pathlib import Path

from playwright.sync_api import expect

from tests import factories
from tests.browser.walk.walker import Walker


def trade_and_register(walker: Walker, scan: Path) -> None:
    """Both sides, the seller's manager, the registrar."""
    negotiate(walker)
    publish_price(walker)
    draft_contract(walker, scan)
    register(walker)


def open_deal(walker: Walker) -> None:
    walker.rail("我的洽谈")
    walker.open(factories.achievement().title)


def negotiate(walker: Walker) -> None:
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
    walker.wait(days=16)


def draft_contract(walker: Walker, scan: Path) -> None:
    walker.change_to("manager")
    open_deal(walker)
    walker.press("起草合同")
    walker.look("contract-draft")
    walker.open("填写合同")
    signed = walker.today
    walker.fill(sign_date=f"{signed}", begin_date=f"{signed}", end_date=f"{signed + timedelta(days=364)}")
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
    walker.confirm(label, **values)
    expect(walker.page.get_by_text("已办理").first).to_be_visible()


def register(walker: Walker) -> None:
    walker.change_to("registrar")
    walker.rail("合同登记")
    walker.look("registry")
    walker.open(f"S{walker.today.year}")
    walker.look("registry-review")
    decide(walker, "受理")
    decide(walker, "要求补正", text="第 3 页缺买方印章")
    walker.change_to("manager")
    walker.rail("我的合同")
    walker.open(factories.achievement().title)
    expect(walker.page.get_by_text("第 3 页缺买方印章").first).to_be_visible()
    walker.look("contract-supplement")
    walker.open("填写合同")
    for _step in ("basics", "amounts", "copy"):
        walker.press("保存并继续")
    walker.press("确认并提交")
    walker.change_to("registrar")
    walker.rail("合同登记")
    walker.open(f"S{walker.today.year}")
    for label in ("初审通过", "审核通过"):
        decide(walker, label)
    walker.open("登记并发证")
    walker.press("确认登记")
