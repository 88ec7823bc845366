"""Two ways of working a page: with nothing but the keyboard, or with a pointer where no script runs."""

from playwright.sync_api import Locator, Page

_MOST_KEYS = 300


class Keyboard:
    """Tab to it, then Enter, Space, arrows or typing; fails where the keyboard cannot reach."""

    def __init__(self, page: Page):
        self.page = page

    def reach(self, target: Locator) -> None:
        """Press Tab until the target has the focus."""
        target.wait_for(state="attached")
        wanted = target.element_handle()
        for _press in range(_MOST_KEYS):
            if self.page.evaluate("wanted => document.activeElement === wanted", wanted):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"the keyboard does not reach {target}")

    def follow(self, target: Locator) -> None:
        """Go to a link or button, see that the focus shows, press Enter and wait for the next page."""
        self.reach(target)
        shown = self.page.evaluate(
            "() => { const s = getComputedStyle(document.activeElement); return s.outlineStyle + s.boxShadow }"
        )
        assert shown != "nonenone", f"no visible focus on {target}"
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def write(self, field: Locator, text: str) -> None:
        """Replace what stands in a field."""
        self.reach(field)
        if field.get_attribute("type") == "date":
            self._type_day(field, text)
        else:
            self.page.keyboard.press("Control+A")
            self.page.keyboard.insert_text(text)
        assert field.input_value() == text

    def _type_day(self, field: Locator, day: str) -> None:
        """A day is typed part by part, in the order of the system's language."""
        year, month, date = day.split("-")
        for digits in (f"{month}{date}{year}", f"{year}{month}{date}"):
            self.page.keyboard.type(digits)
            if field.input_value() == day:
                return
            self.page.keyboard.press("Shift+Tab")
            self.reach(field)

    def select(self, field: Locator, value: str) -> None:
        """Go down a list to the value."""
        self.reach(field)
        for _press in range(_MOST_KEYS):
            if field.input_value() == value:
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"the arrows do not reach {value} of {field}")

    def choose(self, name: str, value: str) -> None:
        """Tab to a group of radio buttons or check boxes, arrows (or Tab) to the choice."""
        wanted = self.page.locator(f'input[name="{name}"][value="{value}"]')
        if wanted.get_attribute("type") == "checkbox":
            self.reach(wanted)
            self.page.keyboard.press("Space")
        else:
            self._enter_group(name)
            for _press in range(_MOST_KEYS):
                if wanted.is_checked():
                    break
                self.page.keyboard.press("ArrowDown")
        assert wanted.is_checked(), (name, value)

    def _enter_group(self, name: str) -> None:
        for _press in range(_MOST_KEYS):
            if self.page.evaluate("name => document.activeElement.name === name", name):
                self.page.keyboard.press("Space")
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"the keyboard does not reach the choices of {name}")


class Pointer:
    """The same acts by touching, for a browser without script."""

    def __init__(self, page: Page):
        self.page = page

    def follow(self, target: Locator) -> None:
        target.click()
        self.page.wait_for_load_state()

    def write(self, field: Locator, text: str) -> None:
        field.fill(text)

    def select(self, field: Locator, value: str) -> None:
        field.select_option(value)

    def choose(self, name: str, value: str) -> None:
        self.page.locator(f'input[name="{name}"][value="{value}"]').check()
