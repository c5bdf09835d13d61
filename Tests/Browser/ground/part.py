"""A part of the page, in the words of who reads it: roles, names, texts."""

from contextlib import suppress

from selenium.common.exceptions import ElementClickInterceptedException, StaleElementReferenceException
from selenium.webdriver import Keys
from selenium.webdriver.support.select import Select

from .finding import candidates, clean
from .waiting import wait_until

# What a field says of itself: whether it is refused, and the texts of what it names as the reason.
_FAULT = """
const [field] = arguments;
if (field.getAttribute("aria-invalid") !== "true") return null;
const ids = field.getAttribute("aria-errormessage") ?? field.getAttribute("aria-describedby") ?? "";
const found = ids.split(/\\s+/).filter(Boolean).map((id) => document.getElementById(id))
    .filter((element) => element?.checkVisibility({visibilityProperty: true}))
    .map((element) => element.innerText.trim());
return [...new Set(found)].filter(Boolean).join("\\n");
"""
_CELL = """
const [row, header] = arguments;
const clean = (text) => (text ?? "").replace(/\\s+/g, " ").trim();
const table = row.closest("table, [role=table], [role=grid]");
const headers = [...table.querySelectorAll("thead th, [role=columnheader]")].map((cell) => clean(cell.textContent));
const place = headers.findIndex((text) => text === header);
const cells = [...row.querySelectorAll("td, th, [role=cell], [role=gridcell], [role=rowheader]")];
return place < 0 ? null : clean(cells[place]?.innerText);
"""
_PUT = """
const [field, text] = arguments;
field.value = text;
field.dispatchEvent(new Event("input", {bubbles: true}));
field.dispatchEvent(new Event("change", {bubbles: true}));
"""


class Part:
    """Is looked for when it is needed, for up to 10 s, and once more when the page has put another in its place. One
    that is asked for by a name must be the only one of that name in the topmost open dialog, or else on the page."""

    def __init__(self, browser, find):
        self.browser = browser
        self._find = find
        self._element = None

    # MARK: What is in it

    def part(self, role, name):
        """Whatever has this role, and exactly this accessible name."""
        return Part(self.browser, lambda: self._wait_for_one(role, name))

    def button(self, name):
        return self.part("button", name)

    def link(self, name):
        return self.part("link", name)

    def field(self, label):
        """What is filled in or chosen: a text, a number, a list, a box."""
        return self.part("field", label)

    def heading(self, name):
        return self.part("heading", name)

    def dialog(self, name):
        """An open one."""
        return self.part("dialog", name)

    def table(self, name):
        return self.part("table", name)

    def row(self, text):
        """The row of a table in which something has this text and no other."""
        return self.part("row", text)

    def has(self, role, name=None):
        """Whether it is there now, without waiting."""
        return self._now(lambda element: bool(candidates(self.browser.driver, element, role, name)))

    def names(self, role):
        """The accessible names of all that have the role now, in the page's order."""
        return self._now(lambda element: [
            clean(found.accessible_name) for found in candidates(self.browser.driver, element, role, None)])

    def wait_gone(self, role, name):
        """Returns when it is there no more: a dialog that closes, a row that is deleted."""
        wait_until(lambda: not self.has(role, name), f"the end of {role} '{name}'")

    def there(self):
        """Itself, when it is there."""
        self._now(lambda element: element)
        return self

    # MARK: What it says

    def text(self):
        """As it is shown."""
        return self._now(lambda element: self._script("return (arguments[0] ?? document.body).innerText;", element))

    def name(self):
        return self._now(lambda element: clean(element.accessible_name))

    def role(self):
        return self._now(lambda element: element.aria_role)

    def value(self):
        return self._now(lambda element: element.get_property("value"))

    def attribute(self, name):
        return self._now(lambda element: element.get_dom_attribute(name))

    def cell(self, header):
        """Of a row: the text in the column with this header."""
        return self._now(lambda element: self._script(_CELL, element, header))

    def is_enabled(self):
        return self._now(lambda element: element.is_enabled())

    def is_checked(self):
        return self._now(lambda element: element.is_selected() or element.get_attribute("aria-checked") == "true")

    def error(self):
        """Of a field: the words that say why it is refused; waits until it is."""
        return wait_until(lambda: self._now(lambda element: self._script(_FAULT, element)), "a fault at the field")

    def is_refused(self):
        return self.attribute("aria-invalid") == "true"

    # MARK: What is done to it

    def click(self):
        """As soon as nothing lies over it."""
        def hit(element):
            with suppress(ElementClickInterceptedException):
                element.click()
                return True

        wait_until(lambda: self._now(hit), "a click: something lies over it")

    def double_click(self):
        """Twice, as fast as a hand may: the second click comes whatever the first has changed."""
        self._now(lambda element: self.browser.actions().double_click(element).perform())

    def fill(self, text):
        """Puts `text` in the place of what is there, as a keyboard would; any text, emoji too. Dates and times are
        given as HTML writes them."""
        def put(element):
            if element.get_property("type") in ("date", "datetime-local", "time"):
                # Typed into the parts of a picker they would be in the order of the locale.
                self._script(_PUT, element, text)
                return
            element.click()
            element.send_keys(Keys.CONTROL, "a")
            element.send_keys(Keys.DELETE)
            if text:
                # As an input method gives it: keys there are for the plain characters only.
                self.browser.chromium.command("Input.insertText", text=text)

        self._now(put)

    def choose(self, option):
        """Of a list: the option with this text."""
        self._now(lambda element: Select(element).select_by_visible_text(option))

    def check(self, checked=True):
        if self.is_checked() != checked:
            self.click()

    def give_file(self, path):
        self._now(lambda element: element.send_keys(str(path)))

    def focus(self):
        self._now(lambda element: self._script("arguments[0].focus();", element))

    # MARK: Where it is

    @property
    def element(self):
        """Selenium's."""
        if self._element is None:
            self._element = self._find()
        return self._element

    def _now(self, action):
        for _ in range(3):
            try:
                return action(self.element)
            except StaleElementReferenceException as fault:
                # The page has made another one meanwhile.
                self._element, last = None, fault
        raise last

    def _script(self, text, *arguments):
        return self.browser.driver.execute_script(text, *arguments)

    def _wait_for_one(self, role, name):
        def one():
            found = self._now(lambda element: candidates(self.browser.driver, element, role, name))
            counts.append(len(found))
            return found[0] if len(found) == 1 else None

        counts = []
        try:
            return wait_until(one, f"{role} '{name}'")
        except AssertionError as fault:
            raise AssertionError(f"{fault}: there are {counts[-1]}; {role}s: {self.names(role)[:40]}") from None
