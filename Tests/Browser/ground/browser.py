"""One user's browser: what is done in it, and what is to be seen."""

import re
from contextlib import suppress

from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver import ActionChains, Keys

from .evidence import Evidence
from .part import Part
from .pictures import folder, picture
from .waiting import wait_until

# Width, height, pixels to a CSS pixel, whether it is a phone with a finger on it.
SIZES = {"phone": (360, 740, 2, True), "desktop": (1280, 800, 1, False), "wide": (1920, 1080, 1, False)}
_HELD = {Keys.SHIFT, Keys.CONTROL, Keys.ALT}

# Nothing has changed for 300 ms, no picture is missing and nothing moves that will stand still; or 5 s are over.
_SETTLE = """
const done = arguments[0], began = performance.now();
let changed = began;
const observer = new MutationObserver(() => { changed = performance.now(); });
observer.observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
const moves = () => document.getAnimations().some((one) => one.playState === "running"
    && one.effect?.getComputedTiming().endTime !== Infinity);
const isQuiet = () => document.readyState === "complete" && document.fonts.status === "loaded" && !moves()
    && [...document.images].every((image) => image.complete) && performance.now() - changed > 300;
const look = () => {
    if (!isQuiet() && performance.now() - began < 5000) return setTimeout(look, 50);
    observer.disconnect();
    done();
};
look();
"""
_SHIFT = """
const [isAll, done] = arguments;
let sum = 0;
const add = (entries) => entries.forEach((entry) => { if (isAll || !entry.hadRecentInput) sum += entry.value; });
const observer = new PerformanceObserver((list) => add(list.getEntries()));
observer.observe({type: "layout-shift", buffered: true});
// What was before comes as a task of its own, after the next frame at the latest.
requestAnimationFrame(() => setTimeout(() => {
    add(observer.takeRecords());
    done(sum);
}, 50));
"""
# What ends to the right of the view, and is not in something that scrolls or cuts by itself.
_WIDE = """
const width = arguments[0];
const cuts = (element) => {
    for (let one = element.parentElement; one && one !== document.body; one = one.parentElement) {
        if (getComputedStyle(one).overflowX !== "visible") return true;
    }
    return false;
};
const wide = [...document.body.querySelectorAll("*")].filter((element) => element.checkVisibility()
    && element.getBoundingClientRect().right > width + 0.5 && !cuts(element));
const words = (element) => `<${element.localName} class="${element.getAttribute("class") ?? ""}"> `
    + `to ${Math.round(element.getBoundingClientRect().right)}: ${(element.textContent ?? "").trim().slice(0, 40)}`;
return {page: document.documentElement.scrollWidth, wide: wide.slice(0, 8).map(words)};
"""


class Browser(Part):
    """The page as a whole is a part too: `browser.button("Add tunnel").click()`. `origin` is its home.
    With a `world`, logs in there, and tells its secrets what the page was given. Begins with a cleared store, at the
    size and in the theme of a desktop in daylight."""

    def __init__(self, chromium, origin, world=None):
        super().__init__(self, lambda: None)
        self.chromium = chromium
        self.driver = chromium.driver
        self.origin = origin
        self.world = world
        chromium.forget(origin)
        self._size, self._theme, self._is_still = "desktop", "light", False
        self._apply()
        self.evidence = Evidence(self.driver, origin)

    def _now(self, action):
        # There is always a page, and no element stands for it.
        return action(None)

    def end(self, test):
        """Leaves the page. Fails if it did what it must not; a picture is kept then under the test's name."""
        faults = self.evidence.faults()
        if faults:
            self.keep(test)
        self.chromium.forget(self.origin)
        assert not faults, "the page did what it must not:\n" + "\n".join(faults)

    # MARK: Where it is

    def open(self, path="/"):
        """Goes to a path of the origin, as if it were typed into the address bar."""
        self.driver.get(f"{self.origin}{path}")

    def path(self):
        """Where it is now, what is behind # included."""
        return self.driver.current_url.removeprefix(self.origin)

    def reload(self):
        self.driver.refresh()

    def back(self):
        self.driver.back()

    def new_tab(self):
        """Opens another tab and goes there; returns the former, for `go_to_tab`."""
        former = self.driver.current_window_handle
        self.driver.switch_to.new_window("tab")
        self._apply()
        return former

    def go_to_tab(self, tab):
        """Returns the one that was left."""
        former = self.driver.current_window_handle
        self.driver.switch_to.window(tab)
        return former

    # MARK: Who is there

    def log_in(self, account, code=None):
        """By the form, wherever it is shown now; a `code` is given when the page has asked for it. Returns when the
        form is gone."""
        self._fill_in("username", account.username)
        self._fill_in("current-password", account.password)
        self.keys(Keys.ENTER)
        if code is not None:
            self._fill_in("one-time-code", code)
            self.keys(Keys.ENTER)
        self.wait_for(lambda: not self._inputs("current-password"), "the page after the log-in")
        if self.world:
            self.tell_session()

    def enter(self, account):
        """Has a session of the account's from now on, without the form: for a test that is about something else."""
        cookie = account.session(self.world.rest)
        name, _, value = cookie.partition("=")
        self.chromium.command("Network.setCookie", name=name, value=value, url=self.origin, path="/", secure=True,
                              httpOnly=True, sameSite="Strict")
        # What the page itself remembers of a log-in can only be said at its own origin.
        self.open("/api/v1/auth/session")
        self.driver.execute_script("localStorage.setItem('logged-in', 'yes');")
        # Of JSON chromium asks for an icon too, which may not be there.
        self.driver.get("about:blank")
        self.evidence.begin()

    def _inputs(self, purpose):
        found = self.driver.find_elements("css selector", f"input[autocomplete~='{purpose}']")
        with suppress(StaleElementReferenceException):
            return [element for element in found if element.is_displayed()]
        return found

    def _fill_in(self, purpose, text):
        field = Part(self, lambda: wait_until(lambda: self._inputs(purpose), f"a field for {purpose}")[0])
        field.fill(text)

    def tell_session(self):
        """Tells the secrets of a session that the page has begun without `log_in`."""
        for cookie in self.driver.get_cookies():
            text = f"{cookie['name']}={cookie['value']}"
            self.world.secrets.read_answer("POST", "/auth/login", 200, [("Set-Cookie", text)], b"")
            self.world.rest.by().get("/auth/session", Cookie=text)

    # MARK: What is there

    def statuses(self):
        """The texts of all status regions, joined: what was done."""
        return "\n".join(self._texts("status"))

    def alerts(self):
        """The texts of all alerts, joined: what went wrong."""
        return "\n".join(self._texts("alert"))

    def _texts(self, role):
        selector = {"status": "output, [role=status]"}.get(role, f"[role={role}]")
        return self.driver.execute_script(
            "return [...document.querySelectorAll(arguments[0])].map((one) => one.innerText.trim()).filter(Boolean);",
            selector)

    def focused(self):
        """What has the keyboard."""
        return Part(self, lambda: self.driver.switch_to.active_element)

    def wait_for(self, condition, what, seconds=10):
        """The first truthy answer of `condition()`. A part that the page is just replacing counts as not there yet."""
        def answer():
            with suppress(StaleElementReferenceException):
                return condition()

        return wait_until(answer, what, seconds)

    def wait_for_text(self, text, seconds=10):
        try:
            self.wait_for(lambda: text in self.text(), f"the text '{text}'", seconds)
        except AssertionError as fault:
            raise AssertionError(f"{fault}; the page says: {self.text()[:2000]}") from None

    def settle(self):
        """Returns when the page is quiet: all is loaded, and nothing moves or changes."""
        self.driver.execute_async_script(_SETTLE)

    # MARK: What is done

    def actions(self):
        return ActionChains(self.driver, duration=20)

    def keys(self, *keys):
        """Pressed one after the other, by who has no mouse; selenium's `Keys` has their names. What begins with Shift,
        Control or Alt is pressed while that is held: `Keys.SHIFT + Keys.TAB`."""
        for key in keys:
            actions, held = self.actions(), []
            while len(key) > 1 and key[0] in _HELD:
                held.append(key[0])
                actions.key_down(key[0])
                key = key[1:]
            actions.send_keys(key)
            for one in reversed(held):
                actions.key_up(one)
            actions.perform()

    def download(self, name):
        """The text of a file that the page has saved under this name; waits until it is whole, and takes it away."""
        return self.download_bytes(name).decode()

    def download_bytes(self, name):
        file = self.chromium.downloads / name
        # Until they are whole, downloads end in .crdownload.
        wait_until(lambda: file.exists() and not list(file.parent.glob("*.crdownload")), f"the download of {name}")
        content = file.read_bytes()
        file.unlink()
        if self.world:
            type = "application/zip" if name.endswith(".zip") else "text/plain"
            self.world.secrets.read_answer("GET", "/vpn/ipsec/id/config", 200, [("Content-Type", type)], content)
        return content

    def clipboard(self):
        """What the page has copied, as text: pasted into an empty tab, for the page's policy lets nobody read it
        there."""
        former = self.new_tab()
        self.driver.execute_script("document.body.append(document.createElement('textarea'));")
        field = self.driver.find_element("css selector", "textarea")
        field.click()
        self.chromium.command("Input.dispatchKeyEvent", type="keyDown", key="v", modifiers=2, commands=["paste"])
        text = field.get_property("value")
        self.driver.close()
        self.driver.switch_to.window(former)
        if self.world:
            self.world.secrets.read_text(text)
        return text

    # MARK: How it is looked at

    def keep(self, test):
        """A picture and the text of the page as it is now, under the name of a test that has failed; their path without
        the ending."""
        place = folder() / re.sub(r"[^A-Za-z0-9_-]+", "-", test)
        picture(self, place.with_suffix(".png"))
        place.with_suffix(".txt").write_text(f"{self.path()}\n\n{self.text()}\n")
        return place

    def size(self, name):
        """`phone`, `desktop` or `wide`."""
        self._size = name
        self._apply()

    def theme(self, name):
        """`light` or `dark`, by the system's setting."""
        self._theme = name
        self._apply()

    def reduce_motion(self, reduced=True):
        self._is_still = reduced
        self._apply()

    def _apply(self):
        width, height, scale, phone = SIZES[self._size]
        command = self.chromium.command
        command(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=phone)
        command("Emulation.setTouchEmulationEnabled", enabled=phone)
        command("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": self._theme},
            {"name": "prefers-reduced-motion", "value": "reduce" if self._is_still else "no-preference"}])

    # MARK: What is measured

    def no_overflow(self):
        """Nothing goes over the edge of a phone, 360 px wide; what scrolls by itself may."""
        former = self._size
        self.size("phone")
        try:
            self.settle()
            width = SIZES["phone"][0]
            found = self.driver.execute_script(_WIDE, width)
        finally:
            self.size(former)
        assert found["page"] <= width and not found["wide"], (
            f"{self.path()} is {found['page']} px wide on a phone of {width} px; over its edge: {found['wide']}")

    def layout_shift(self, is_all=False):
        """The sum of all shifts since the page was opened (Layout Instability): of those that nobody's doing has called
        for, or of all."""
        return self.driver.execute_async_script(_SHIFT, is_all)

    def transferred(self):
        """What the page has cost since it was navigated to (`Transfer`)."""
        return self.evidence.transferred()
