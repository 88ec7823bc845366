"""On a narrow page the list of matches and the card of one are two pages; on a wide one they stand side by side."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Market
from tests.browser.test_page_sweep import log_in

pytestmark = pytest.mark.browser


def test_a_phone_shows_the_list_then_the_one_that_was_chosen(stocked: Market, opened):
    page = opened(390, 844)
    log_in(page, stocked, "member")
    page.goto("/my/listings/{demand}/matches".format(**stocked.listings))
    chosen = page.locator(".tm-match")
    card = page.get_by_role("heading", name="为什么是")
    expect(chosen).to_have_count(1)
    expect(card).to_be_hidden()
    chosen.click()
    expect(card).to_be_visible()
    expect(page.get_by_role("link", name="回到 1 项匹配（第 1 项）")).to_be_visible()
    top = card.bounding_box()["y"]
    assert top < 844, "the answer stands on the first screen"
    page.get_by_role("link", name="回到 1 项匹配").click()
    expect(card).to_be_hidden()


def test_a_wide_page_shows_both(stocked: Market, opened):
    page = opened(1366, 768)
    log_in(page, stocked, "member")
    page.goto("/my/listings/{demand}/matches".format(**stocked.listings))
    assert page.get_by_role("heading", name="为什么是").bounding_box()["y"] < 768
    expect(page.locator(".tm-match")).to_be_visible()
    page.goto("/my/listings/{demand}/matches/{achievement}".format(**stocked.listings))
    expect(page.get_by_role("link", name="回到")).to_be_hidden()
