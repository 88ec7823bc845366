"""One person at one window, by keyboard or by pointer, who looks at every page he comes to."""

import re
from datetime import date, timedelta

from playwright.sync_api import Page, expect

from marketplace.clock import legal_day
from tests.browser.checks import look
from tests.browser.conftest import PASSWORD, Market
from tests.browser.hands import Keyboard, Pointer

#: Both ways of walking: width, height, with script.
WAYS = [(1366, 768, True), (390, 844, False)]
WAY_NAMES = ["keyboard", "without script"]


class Walker:
    """One person at one window, checking every page he comes to."""

    def __init__(self, market: Market, page: Page, script: bool):
        self.market, self.page, self.script = market, page, script
        self.hands = Keyboard(page) if script else Pointer(page)
        self.seen: set[str] = set()

    def look(self, name: str) -> None:
        if name not in self.seen:
            look(self.page, f"walk-{name}", self.script)
            self.seen.add(name)

    def field(self, name: str):
        return self.page.locator(f"#form [name={name}]")

    def press(self, name: str) -> None:
        self.hands.follow(self.page.locator("main").get_by_role("button", name=name, exact=True))

    def open(self, name: str) -> None:
        self.hands.follow(self.page.locator("main").get_by_role("link", name=re.compile(f"^{name}")).first)

    def fill(self, **values: str) -> None:
        for name, value in values.items():
            self.hands.write(self.field(name.replace("__", "-")), value)

    def change_to(self, person: str) -> None:
        """Another person sits down: fresh cookies, then logging in."""
        self.page.context.clear_cookies()
        self.page.goto("/login")
        self.look("login")
        self.fill(address=self.market.addresses[person], password=PASSWORD)
        self.hands.follow(self.page.locator("#form").get_by_role("button", name="登录"))
        expect(self.page).to_have_url(re.compile("/workbench$"))
        self.look(f"workbench-{person}")

    def rail(self, name: str) -> None:
        """From any page to one of the person's places."""
        if self.page.viewport_size["width"] < 768:
            self.page.get_by_text("菜单", exact=True).first.click()
        link = self.page.locator("nav:visible").get_by_role("link", name=re.compile(name))
        self.hands.follow(link.first)

    def confirm(self, label: str, **values: str) -> None:
        """Answer a page that asks before it acts."""
        for name, value in values.items():
            self.hands.write(self.page.locator(f"main [name={name}]"), value)
        self.look(f"confirm-{label}")
        self.press(f"确认{label}")

    def next_step(self, name: str) -> None:
        self.look(name)
        self.press("保存并继续")

    @property
    def today(self) -> date:
        """The legal day of the market."""
        return legal_day(self.market.app.extensions["clock"].now())

    def wait(self, days: int) -> None:
        """Let days pass: the market's clock is moved, the worker works once."""
        self.market.do(lambda: self.market.app.extensions["clock"].move(timedelta(days=days)))
        self.market.work()

    def wait_for(self, day: date) -> None:
        """Let the days before this one pass."""
        self.wait((day - self.today).days)
