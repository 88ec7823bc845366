"""Third stage: two payments, the application through county, league, region and finance, the list, the award."""

import re
from datetime import date
from pathlib import Path

from playwright.sync_api import expect

from tests import factories
from tests.browser.walk.walker import Walker

#: Day of the bank slip, amount and its technical part in yuan: 500,000.00 of the price is for technology.
_PAYMENTS = (("2025-04-10", "330000.00", "300000.00"), ("2025-05-15", "220000.00", "200000.00"))
_CALL = {
    "programme_year": "2026",
    "title": "2026 年度技术交易后补助",
    "opens_on": "2025-12-01",
    "closes_on": "2025-12-31",
    "budget_fen": "30000000",
}


def apply_and_award(walker: Walker, scan: Path) -> None:
    """The enterprise pays in spring; the call comes in December."""
    walker.wait_for(date(2025, 5, 20))
    pay(walker, scan)
    walker.wait_for(date(2025, 12, 1))
    call_for_applications(walker)
    apply(walker)
    for person in ("county", "league", "region"):
        review(walker, person)
    verify_vouchers(walker)
    publish_list(walker)
    walker.wait(days=8)
    approve(walker)
    read_award(walker)


def pay(walker: Walker, scan: Path) -> None:
    walker.change_to("member")
    walker.rail("我的合同")
    walker.open(factories.achievement().title)
    walker.open("付款")
    for number, (day, amount, technical) in enumerate(_PAYMENTS, 1):
        walker.open("录入付款")
        walker.fill(voucher_no=f"HD2025{number:04d}", paid_on=day, invoice_no=f"FP2025{number:04d}")
        walker.fill(amount_fen=amount, bank_tech_fen=technical, invoice_tech_fen=technical)
        for slot in ("invoice", "bank_slip"):
            walker.field(slot).set_input_files(scan)
        walker.look("payment")
        walker.press("保存")
        expect(walker.page.get_by_text(f"HD2025{number:04d}").first).to_be_visible()
    walker.look("payments")


def call_for_applications(walker: Walker) -> None:
    walker.change_to("region")
    walker.rail("申报批次")
    walker.open("开新批次")
    walker.fill(**_CALL)
    walker.look("batch-new")
    walker.press("开批次")
    expect(walker.page.get_by_role("heading", name=_CALL["title"])).to_be_visible()


def apply(walker: Walker) -> None:
    walker.change_to("member")
    walker.rail("我的补贴")
    walker.look("subsidies")
    walker.open("新申报")
    walker.look("application-start")
    walker.press("开始申报")
    boxes = walker.page.locator("input[name=payments]")
    for place in range(boxes.count()):
        walker.hands.choose("payments", boxes.nth(place).get_attribute("value"))
    for name in ("no_related", "no_duplicate"):
        walker.hands.choose(name, "y")
    walker.look("application-edit")
    walker.press("保存并测算")
    expect(walker.page.locator(".tm-figure").first).to_have_text("¥50,000.00")
    walker.look("application-estimate")
    walker.open("用这次测算申报")
    walker.confirm("提交")
    expect(walker.page.get_by_text("已提交").first).to_be_visible()


def review(walker: Walker, person: str) -> None:
    walker.change_to(person)
    walker.open("去审核")
    walker.look("subsidy-queue")
    walker.open("B2026")
    walker.look("subsidy-review")
    decide(walker, {"county": "旗县审核通过", "league": "推荐到自治区", "region": "受理"}[person])


def decide(walker: Walker, label: str) -> None:
    walker.open(label)
    walker.confirm(label, reason="材料齐全，与原件相符。")
    expect(walker.page.get_by_text("已办理").first).to_be_visible()


def verify_vouchers(walker: Walker) -> None:
    walker.change_to("finance")
    walker.open("去审核")
    walker.open("B2026")
    for _payment in _PAYMENTS:
        walker.open("核验$")
        walker.hands.choose("verdict", "VERIFIED")
        walker.look("voucher")
        walker.press("保存")
    decide(walker, "核查通过")


def publish_list(walker: Walker) -> None:
    walker.change_to("region")
    walker.rail("申报批次")
    walker.open(_CALL["title"])
    walker.look("board")
    for label in ("生成拟支持名单", "发布公示"):
        walker.open(label)
        walker.confirm(label)
    walker.look("board-published")
    walker.open("看公示")
    expect(walker.page.locator("main").get_by_text("50,000.00").first).to_be_visible()
    walker.look("subsidy-publicity")


def approve(walker: Walker) -> None:
    walker.change_to("region")
    walker.rail("申报批次")
    walker.open(_CALL["title"])
    walker.open("公示期满，立项")
    walker.confirm("公示期满，立项")
    walker.look("board-approved")


def read_award(walker: Walker) -> None:
    walker.change_to("member")
    walker.rail("我的补贴")
    walker.open(factories.achievement().title)
    walker.open("看立项结果")
    main = walker.page.locator("main")
    expect(main.locator(".tm-figure").first).to_have_text("¥50,000.00")
    for text in ("伍万元整", "500,000.00 × 10.00 %", re.compile("[0-9a-f]{64}")):
        expect(main.get_by_text(text).first).to_be_visible()
    walker.look("award")
