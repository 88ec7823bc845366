"""Last stage: a visitor checks the certificate with its number and code, and reads how the award was worked out."""

from playwright.sync_api import expect

from marketplace.contracts.models import Contract
from marketplace.extensions import db
from tests.browser.walk.walker import Walker


def check_and_read(walker: Walker) -> None:
    """Without an account."""
    walker.page.context.clear_cookies()
    walker.page.goto("/verify")
    for name, value in _certificate(walker).items():
        walker.hands.write(walker.page.locator(f"main [name={name}]"), value)
    walker.press("核验")
    expect(walker.page.get_by_text("编号与验证码相符")).to_be_visible()
    expect(walker.page.get_by_text("500,000.00").first).to_be_visible()
    walker.look("verified")
    walker.page.goto("/")
    walker.open("算一算可享补贴")
    walker.look("calculator")
    walker.open("现行参数和依据")
    expect(walker.page.locator("main").get_by_text("10.00 %").first).to_be_visible()
    walker.look("rules")


def _certificate(walker: Walker) -> dict[str, str]:
    """Number and code as they stand on the paper that the parties hold."""
    facts: dict[str, str] = {}

    def read() -> None:
        contract = db.session.query(Contract).one()
        facts.update(number=contract.registration_no, code=contract.verification_code)
        db.session.rollback()

    walker.market.do(read)
    return facts
