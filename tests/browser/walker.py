"""One person at one window, by keyboard or by pointer, who looks at every page he comes to."""

import re

from playwright.sync_api import Page, expect

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

    def next_step(self, name: str) -> None:
        self.look(name)
        self.press("保存并继续")
