"""What holds of every page whatever is on it: its heading, landmarks, themes, widths, keys, and what it costs."""

from collections import Counter

import pytest
from ground.axe import axe_in_both
from ground.pictures import shoot
from selenium.webdriver import Keys

# The links of the frame, without those that leave the page; a test compares.
PLACES = ["/", "/wireguard", "/ipsec", "/rules", "/audit", "/tokens", "/users", "/backup"]
OPEN = ["/setup", "/tokens"]
# States that only a colour would say.
_STATES = """return [...document.querySelectorAll(".state, nav [aria-current]")].filter((one) => one.checkVisibility())
    .filter((one) => one.innerText.trim() === "").length;"""


@pytest.fixture(scope="module")
def tunnel(world):
    return world.rest.tunnel(enabled=False)


def arrive(browser, path):
    """Opens it, and returns when its heading is there."""
    browser.open(path)
    # The page's own: the navigation, which is there before, has headings of the next level.
    browser.wait_for(lambda: headings(browser), f"a heading at {path}")


def run(browser, script, *arguments):
    return browser.driver.execute_script(script, *arguments)


def headings(browser):
    return run(browser, "return [...document.querySelectorAll('h1')].map((one) => one.innerText.trim());")


def holds_up(browser, path, name):
    """What every page is held to."""
    assert len(headings(browser)) == 1 and run(browser, "return document.querySelectorAll('main').length;") == 1
    assert run(browser, "return document.documentElement.lang;") == "en"
    browser.settle()
    shift = browser.layout_shift()
    assert shift < 0.02, f"{path} shifts by {shift}"
    for size in ("wide", "desktop"):
        browser.size(size)
        browser.settle()
        assert run(browser, "return document.documentElement.scrollWidth <= innerWidth;"), f"{path} at {size}"
    browser.no_overflow()
    assert axe_in_both(browser) == []
    shoot(browser, name)


def test_the_frame_leads_to_each_place_by_a_title_and_a_heading_with_the_focus(browser):
    arrive(browser, "/backup")
    links = run(browser, "return [...document.querySelectorAll('nav a:not([target])')].map((one) => one.pathname);")
    assert links == PLACES
    for place in PLACES:
        browser.driver.find_element("css selector", f"nav a[href='{place}']").click()
        browser.wait_for(lambda: browser.path() == place, place)  # noqa: B023
        (heading,) = browser.wait_for(lambda: headings(browser), "a heading")
        browser.wait_for(lambda: browser.driver.title == f"{headings(browser)[0]} · AiFw VPN", "the title")
        browser.wait_for(lambda: browser.focused().role() == "heading", "the focus at the heading")
        here = run(
            browser, "return [...document.querySelectorAll('nav [aria-current=page]')].map((one) => one.pathname);")
        assert here == [place], heading


@pytest.mark.parametrize("path", [*PLACES, "/wireguard/{id}"])
def test_a_page_holds_up_in_both_themes_and_every_width(browser, tunnel, path):
    arrive(browser, path.format(id=tunnel["id"]))
    browser.wait_for(lambda: browser.focused().role() == "heading", "the focus at the heading")
    assert run(browser, "return document.querySelectorAll('header.bar, nav[aria-label]').length;") == 2
    holds_up(browser, path, "page-" + (path.strip("/").replace("/{id}", "-one") or "overview"))


@pytest.mark.parametrize("path", OPEN)
def test_what_is_open_to_all_holds_up_too(visitor, path):
    arrive(visitor, path)
    assert visitor.driver.title.endswith(" · AiFw VPN") and visitor.focused().role() == "textbox"
    holds_up(visitor, path, {"/setup": "page-set-up", "/tokens": "page-log-in"}[path])


def test_the_first_key_leads_to_the_content(browser):
    arrive(browser, "/tokens")
    browser.wait_for(lambda: browser.focused().name() == "Tokens", "the focus at the heading")
    run(browser, "document.activeElement.blur(); document.querySelector('.skip').focus();")
    skip = browser.focused()
    assert skip.name() == "To the content" and skip.element.rect["x"] >= 0
    browser.keys(Keys.ENTER)
    assert browser.focused().name() == "Tokens" and browser.path() == "/tokens"


def test_the_menu_of_a_phone_works_by_keys(browser):
    browser.size("phone")
    arrive(browser, "/tokens")
    menu = browser.button("Menu")
    assert not browser.has("link", "Users") and menu.attribute("aria-expanded") == "false"
    menu.focus()
    browser.keys(Keys.ENTER)
    assert browser.has("link", "Users") and menu.attribute("aria-expanded") == "true"
    browser.keys(Keys.TAB, Keys.TAB)
    assert browser.focused().role() == "link"
    browser.keys(Keys.ESCAPE)
    assert not browser.has("link", "Users") and browser.focused().name() == "Menu"
    browser.keys(Keys.ENTER, Keys.ESCAPE)
    assert not browser.has("link", "Users") and browser.focused().name() == "Menu"
    browser.keys(Keys.ENTER)
    browser.link("Rules").focus()
    browser.keys(Keys.ENTER)
    browser.wait_for(lambda: browser.focused().name() == "Rules", "the focus at the heading")
    assert not browser.has("link", "Users")


def test_nothing_moves_for_who_wants_it_still(browser):
    moving = "return document.getAnimations().length;"
    seen = """window.began = 0; addEventListener("animationstart", () => { began += 1; }, true);
        addEventListener("transitionrun", () => { began += 1; }, true);"""
    for is_still in (False, True):
        browser.reduce_motion(is_still)
        arrive(browser, "/tokens")
        run(browser, seen)
        browser.button("Add token").click()
        browser.dialog("Add token").field("Name").focus()
        browser.settle()
        assert (run(browser, "return began;") == 0) is is_still
        assert run(browser, moving) == 0


def test_forced_colours_and_a_zoom_of_200_per_cent_hide_nothing(browser, tunnel):
    for path in ("/", "/wireguard", f"/wireguard/{tunnel['id']}", "/tokens"):
        arrive(browser, path)
        browser.settle()
        browser.chromium.command("Emulation.setEmulatedMedia", features=[{"name": "forced-colors", "value": "active"}])
        assert run(browser, "return matchMedia('(forced-colors: active)').matches;") and run(browser, _STATES) == 0
        here = run(browser, """const here = document.querySelector("nav [aria-current]");
            return here.checkVisibility() ? getComputedStyle(here).outlineStyle : "solid";""")
        assert here == "solid"
        browser.theme("light")
        # What 1280 px leave at 200 %.
        browser.chromium.command(
            "Emulation.setDeviceMetricsOverride", width=640, height=400, deviceScaleFactor=2, mobile=False)
        browser.settle()
        assert run(browser, "return document.documentElement.scrollWidth <= innerWidth;"), path
        assert headings(browser) and browser.has("button", "Menu")
        browser.size("desktop")


def test_the_first_view_is_small_and_no_file_comes_twice(visitor, admin):
    def cost():
        visitor.settle()
        # Also what follows a press within half a second: on a slow machine it would come later.
        shift = visitor.layout_shift(is_all=True)
        assert shift < 0.02, f"{visitor.path()} shifts by {shift}"
        found = visitor.transferred()
        twice = [url for url, times in Counter(found.urls).items() if times > 1 and "/page/" in url]
        assert twice == [] and found.bytes < 150_000, f"{found.bytes} bytes, {found.requests} requests"
        kinds = run(visitor, """return [...new Set(
            performance.getEntries().map((one) => one.nextHopProtocol).filter(Boolean))];""")
        assert kinds == ["h2"]

    arrive(visitor, "/")
    cost()
    visitor.log_in(admin)
    visitor.wait_for(lambda: visitor.has("heading", "Overview"), "the overview")
    # All that it took to get there, as for whoever comes with an empty cache.
    cost()
    visitor.chromium.command("Network.clearBrowserCache")
    arrive(visitor, "/")
    cost()
