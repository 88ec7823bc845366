"""Suggestions while somebody types: by keyboard and pointer, during composition, with a server that is slow or away."""

from urllib.parse import unquote

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.checks import look
from tests.browser.conftest import Market

pytestmark = pytest.mark.browser

BOX, LIST = "#search-query", "#search-query-suggestions"


@pytest.fixture
def window(stocked: Market, opened) -> Page:
    """The home page, with every question to the server for suggestions noted in `page.asked`."""
    page = opened(1366, 768)
    page.asked = []
    page.on(
        "request", lambda request: "suggest.json" in request.url and page.asked.append(unquote(request.url))
    )
    page.goto("/")
    return page


def options(page: Page) -> list[str]:
    return page.locator(f"{LIST} [role=option] .tm-suggestion-text").all_inner_texts()


def active(page: Page) -> str | None:
    chosen = page.locator(BOX).get_attribute("aria-activedescendant")
    return page.locator(f"#{chosen} .tm-suggestion-text").inner_text() if chosen else None


def type_and_wait(page: Page, text: str) -> None:
    page.locator(BOX).press_sequentially(text, delay=20)
    page.locator(LIST).wait_for(state="visible")


def test_arrows_choose_enter_follows_and_escape_closes(window: Page):
    type_and_wait(window, "tc")
    box = window.locator(BOX)
    expect(box).to_have_attribute("aria-expanded", "true")
    expect(box).to_have_role("combobox")
    assert active(window) is None and options(window)[0] == "涂层"
    box.press("ArrowDown")
    assert active(window) == "涂层"
    assert window.locator(f"{LIST} [aria-selected=true]").count() == 1
    box.press("ArrowUp")
    assert active(window) is None, "above the first is the box itself"
    box.press("ArrowUp")
    assert active(window) == options(window)[-1]
    box.press("Escape")
    expect(window.locator(LIST)).to_be_hidden()
    expect(box).to_have_attribute("aria-expanded", "false")
    assert box.input_value() == "tc", "the first Escape only closes the list"
    box.press("ArrowDown")
    window.locator(LIST).wait_for(state="visible")
    box.press("ArrowDown")
    box.press("Enter")
    window.wait_for_url("**/search?q=*")
    assert unquote(window.url).endswith("/search?q=涂层&kind=achievement")
    assert not window.complaints


def test_enter_without_a_choice_searches_what_was_typed(window: Page):
    type_and_wait(window, "tc")
    window.locator(BOX).press("Enter")
    window.wait_for_url("**/search?kind=achievement&q=tc")


def test_a_pointer_chooses_a_title(window: Page):
    type_and_wait(window, "gaolu")
    window.locator(f"{LIST} [role=option]", has_text="套表面").last.click()
    window.wait_for_url("**/listings/D2026-*")


def test_fast_typing_asks_once(window: Page):
    window.locator(BOX).press_sequentially("gaolufengkou", delay=5)
    window.locator(LIST).wait_for(state="visible")
    assert len(window.asked) == 1 and "q=gaolufengkou" in window.asked[0]


def test_what_was_asked_before_is_not_asked_again(window: Page):
    type_and_wait(window, "tc")
    box = window.locator(BOX)
    box.press("Backspace")
    window.wait_for_function("() => document.querySelector('#search-query-suggestions').hidden")
    box.press_sequentially("c")
    window.locator(LIST).wait_for(state="visible")
    assert [url for url in window.asked if "q=tc" in url] == window.asked[:1]


def test_nothing_happens_while_a_word_is_being_composed(window: Page):
    """As an input method does it: the composition's text stands in the box before it is one."""
    box = window.locator(BOX)
    box.focus()
    ime = window.context.new_cdp_session(window)
    for text in ("t", "tu", "tu'c", "tu'ceng"):
        ime.send(
            "Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)}
        )
    assert box.input_value() == "tu'ceng"
    window.wait_for_timeout(400)
    assert window.asked == [] and window.locator(LIST).is_hidden()
    ime.send("Input.insertText", {"text": "涂层"})
    window.locator(LIST).wait_for(state="visible")
    assert box.input_value() == "涂层"
    assert len(window.asked) == 1 and "q=涂层" in window.asked[0]


@pytest.mark.parametrize("key", ["Enter", "ArrowDown", "Escape"])
def test_keys_of_a_composition_belong_to_the_input_method(window: Page, key: str):
    type_and_wait(window, "tc")
    box = window.locator(BOX)
    box.press("ArrowDown")
    for marks in ({"isComposing": True}, {"keyCode": 229}):
        prevented = box.evaluate(
            "(box, init) => !box.dispatchEvent(new KeyboardEvent('keydown', init))",
            {"key": key, "bubbles": True, "cancelable": True, **marks},
        )
        # Only Enter is held back: it would send the form (market.js).
        assert prevented == (key == "Enter")
    expect(window.locator(LIST)).to_be_visible()
    assert active(window) == "涂层" and window.url.endswith("/")


def test_a_late_answer_does_not_replace_a_newer_one(window: Page, stocked: Market):
    held: list[Route] = []

    def hold(route: Route) -> None:
        if route.request.url.endswith("q=tc"):
            held.append(route)
        else:
            route.continue_()

    window.route("**/search/suggest.json*", hold)
    box = window.locator(BOX)
    box.press_sequentially("tc")
    window.wait_for_timeout(400)
    assert len(held) == 1
    box.fill("高炉")
    window.locator(LIST).wait_for(state="visible")
    shown = options(window)
    assert shown and "涂层" not in shown
    held[0].abort()
    window.wait_for_timeout(200)
    assert options(window) == shown


@pytest.mark.parametrize("answer", [{"status": 429}, {"status": 500}, {"body": "not json"}])
def test_a_server_that_refuses_leaves_an_ordinary_search_box(window: Page, answer: dict):
    window.route("**/search/suggest.json*", lambda route: route.fulfill(**answer))
    window.locator(BOX).press_sequentially("tc")
    window.wait_for_timeout(500)
    expect(window.locator(LIST)).to_be_hidden()
    window.locator(BOX).press("Enter")
    window.wait_for_url("**/search?kind=achievement&q=tc")
    assert not [text for text in window.complaints if "Failed to load resource" not in text]


@pytest.mark.parametrize("width", [390, 1366])
@pytest.mark.parametrize("path", ["/", "/search?q=涂层"])
def test_the_open_list_passes_the_checks_of_a_page(stocked: Market, opened, width: int, path: str):
    page = opened(width, 844)
    page.goto(path)
    page.locator(BOX).fill("")
    type_and_wait(page, "gaolu")
    page.locator(BOX).press("ArrowDown")
    look(page, f"suggestions-{'home' if path == '/' else 'search'}")
    box, shown = page.locator(BOX).bounding_box(), page.locator(LIST).bounding_box()
    assert shown["y"] >= box["y"] + box["height"]
    assert page.locator(f"{LIST} [role=option]").first.bounding_box()["height"] >= 40


def test_without_a_script_a_second_button_leads_to_the_list(stocked: Market, opened):
    page = opened(390, 844, script=False)
    page.goto("/")
    page.locator(BOX).fill("tc")
    page.get_by_role("button", name="联想").click()
    page.wait_for_url("**/search/suggest?kind=achievement&q=tc")
    look(page, "suggest-page-no-script", script=False)
    page.get_by_role("link", name="涂层").first.click()
    page.wait_for_url("**/search?q=*")
