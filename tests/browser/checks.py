"""What every page must pass: one heading, no sideways scrolling, no violation of axe, a quiet console."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import ARTEFACTS

_axe = Axe()


def look(page: Page, name: str, script: bool = True) -> None:
    """Check the page that is open and keep its picture under tests/artefacts."""
    width = page.viewport_size["width"]
    assert page.locator("h1").count() == 1, (name, page.locator("h1").all_inner_texts())
    assert not sideways(page), f"{name} scrolls sideways at {width} px"
    if script:
        found = _axe.run(page)
        assert found.violations_count == 0, f"{name} at {width} px: {found.generate_report()}"
    assert not page.complaints, (name, page.complaints)
    ARTEFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTEFACTS / f"{name}-{width}.png", full_page=True)


def sideways(page: Page) -> bool:
    """Whether the page is wider than the window; measured from outside, so that it works without script."""
    session = page.context.new_cdp_session(page)
    metrics = session.send("Page.getLayoutMetrics")
    session.detach()
    return metrics["cssContentSize"]["width"] > page.viewport_size["width"]
