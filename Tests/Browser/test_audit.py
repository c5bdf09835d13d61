"""The audit log by the page: what was done is told in words, as it is done, and what is read stays where it is."""

import pytest
from ground.account import Account
from ground.axe import axe
from ground.pictures import shoot
from selenium.webdriver import Keys

HOSTILE = '"><script>alert(1)</script> \U0001f98a \u05e9\u05dc\u05d5\u05dd'
PEERS = 110

# The names of what the rows are about, from above, and where the row of an element is.
_NAMES = "return [...document.querySelectorAll('td.object .name')].map((one) => one.textContent);"
_SUM = "return document.querySelector('.toolbar .sum').textContent;"
# The answer with older lines waits for `release()`.
_HOLD_OLDER = """
const real = fetch;
const held = new Promise((resolve) => { globalThis.release = resolve; });
globalThis.fetch = async (address, options) => {
    const answer = await real(address, options);
    if (address.searchParams.has("cursor") && address.pathname.endsWith("/audit")) await held;
    return answer;
};
"""
_TOP = "return arguments[0].getBoundingClientRect().top;"


@pytest.fixture(scope="module")
def place(world):
    """A tunnel with more peers than one page of the log has lines, changed twice, and one that is gone."""
    tunnel = world.rest.tunnel(name=HOSTILE)
    peers = [{"name": f"peer {number}"} for number in range(PEERS)]
    world.rest.post(f"/vpn/wg/{tunnel['id']}/peers/bulk", {"peers": peers}).must(201)
    change(world, tunnel, 1300)
    change(world, tunnel, 1301)
    gone = world.rest.tunnel(name="gone", interface="wg7", listen_port=51827, address="10.7.0.1/24")
    world.rest.delete(f"/vpn/wg/{gone['id']}").must(200)
    return tunnel


def rows(browser):
    return browser.driver.find_elements("css selector", "table[aria-label='Audit log'] tbody tr")


def change(world, tunnel, mtu):
    world.rest.request("PATCH", f"/vpn/wg/{tunnel['id']}", {"mtu": mtu}).must(200)


def test_what_was_done_is_told_by_whom_and_how_newest_first(world, browser, place):
    account = Account(world.rest, "reader", ["vpn:read"])
    world.rest.by().post("/auth/login", {"username": "reader", "password": "wrong horse battery"}).must(401)
    browser.open("/audit")
    refused = browser.row("wrong password")
    assert refused.cell("Action") == "log-in refused" and refused.cell("Object").startswith("user reader")
    assert refused.cell("Who") == "unknown reader from 127.0.0.1"
    entries = world.rest.get("/audit?limit=100").data
    named = [entry["object"]["name"] for entry in entries if entry["object"]]
    assert browser.driver.execute_script(_NAMES) == named
    assert len(rows(browser)) == 100
    total = world.rest.get("/audit?limit=1").json["total"]
    browser.wait_for_text(f"{total} entries")
    # The tunnel that is there has a page, the one that is gone has none.
    deleted = next(row for row in rows(browser) if "deleted" in row.text)
    assert deleted.find_elements("css selector", "td.object a") == []
    changed = next(row for row in rows(browser) if "changed" in row.text and "mtu" in row.text)
    assert "mtu: 1300 → 1301" in changed.text
    link = changed.find_element("css selector", "td.object a")
    assert link.text == HOSTILE
    link.click()
    assert browser.path() == f"/wireguard/{place['id']}"
    world.rest.delete(f"/users/{account.user['id']}").must(200)


def test_older_lines_come_when_they_are_asked_for_and_new_ones_by_themselves(world, browser, place):
    browser.open("/audit")
    browser.wait_for(lambda: len(rows(browser)) == 100, "the newest lines")
    change(world, place, 1400)
    browser.wait_for(lambda: "1400" in rows(browser)[0].text, "the new line on top")
    assert len(rows(browser)) == 101
    # By the keyboard; what was read stays.
    browser.button("Older").focus()
    browser.keys(Keys.ENTER)
    total = world.rest.get("/audit?limit=1").json["total"]
    browser.wait_for(lambda: len(rows(browser)) == total, "the whole log")
    assert not browser.has("button", "Older") and browser.focused().role() == "row"
    read = rows(browser)[60]
    browser.driver.execute_script("arguments[0].scrollIntoView({block: 'center'});", read)
    browser.settle()
    before = browser.driver.execute_script(_TOP, read)
    change(world, place, 1401)
    change(world, place, 1402)
    browser.wait_for(lambda: len(rows(browser)) == total + 2, "the new lines")
    browser.button("2 new entries above").there()
    assert abs(browser.driver.execute_script(_TOP, read) - before) <= 1
    browser.button("2 new entries above").click()
    browser.wait_for(lambda: browser.driver.execute_script("return scrollY;") == 0, "the top of the page")
    assert "1402" in rows(browser)[0].text and not browser.has("button", "2 new entries above")


def test_the_log_is_cut_by_what_was_done_to_what_and_the_address_keeps_it(world, browser, place):
    browser.open("/audit")
    browser.field("Action").choose("deleted")
    browser.wait_for(lambda: rows(browser) and all("deleted" in row.text for row in rows(browser)), "deletions only")
    assert any("gone" in row.text for row in rows(browser))
    browser.reload()
    browser.wait_for(lambda: rows(browser) and all("deleted" in row.text for row in rows(browser)), "the same cut")
    assert browser.field("Action").value() == "delete"
    browser.field("Action").choose("All actions")
    browser.field("Search names").fill("GONE")
    browser.wait_for(lambda: len(rows(browser)) == 2 and all("gone" in row.text for row in rows(browser)), "two lines")
    browser.field("Search names").fill("nothing is called that")
    browser.wait_for_text("Nothing in the log fits.")
    browser.field("Search names").fill("")
    browser.wait_for(lambda: len(rows(browser)) == 100, "all again")
    rows(browser)[0].find_element("css selector", "td.object button").click()
    browser.wait_for_text("One object only.")
    first = world.rest.get("/audit?limit=1").data[0]["object"]
    assert f"object={first['id']}" in browser.path()
    total = world.rest.get(f"/audit?limit=1&object={first['id']}").json["total"]
    browser.wait_for_text(f"{total} entr")
    browser.button("Show all objects").click()
    browser.wait_for(lambda: "object" not in browser.path(), "the address of all")


def test_the_page_is_fit_for_everybody(world, browser):
    rest = world.rest
    branch = rest.tunnel(name="branch", interface="wg8", listen_port=51828, address="10.8.0.1/24")
    rest.request("PATCH", f"/vpn/wg/{branch['id']}", {"dns": "9.9.9.9", "split_routes": "10.0.0.0/16"}).must(200)
    rest.request("PATCH", f"/vpn/wg/{branch['id']}", {"name": f"branch {HOSTILE}", "dns": None}).must(200)
    rest.by().post("/auth/login", {"username": "branch", "password": "wrong horse battery"}).must(401)
    # axe-core takes its time for each line: these are a few.
    browser.open("/audit?q=branch")
    browser.wait_for(lambda: len(rows(browser)) == 4, "what was done to the branch")
    assert f"name: branch → branch {HOSTILE}" in rows(browser)[1].text
    for theme in ("light", "dark"):
        browser.theme(theme)
        assert axe(browser) == []
    browser.size("phone")
    assert axe(browser) == []
    # No line is torn apart by a long name, and no time is cut.
    assert max(row.size["height"] for row in rows(browser)) < 250
    cut = "return [...document.querySelectorAll('td.when')].filter((one) => one.scrollWidth > one.clientWidth).length;"
    assert browser.driver.execute_script(cut) == 0
    browser.no_overflow()
    shoot(browser, "audit")


@pytest.fixture(scope="module")
def crowd(world):
    """`crowd(number)` adds so many peers at once."""
    tunnel = world.rest.tunnel(name="crowd", interface="wg9", listen_port=51829, address="10.64.0.1/16")
    made = []

    def add(number):
        made.append(number)
        peers = [{"name": f"crowd {len(made)} {place}"} for place in range(number)]
        world.rest.post(f"/vpn/wg/{tunnel['id']}/peers/bulk", {"peers": peers}).must(201)

    return add


def shows_all(world, browser):
    """Waits until the page says how long the log is now."""
    total = world.rest.get("/audit?limit=1").json["total"]
    browser.wait_for(lambda: browser.driver.execute_script(_SUM) == f"{total:,} entries", "all that was done", 30)


def test_a_page_that_stays_open_does_not_grow_without_end(world, browser, place, crowd):
    browser.open("/audit")
    browser.wait_for(lambda: len(rows(browser)) == 100, "the newest lines")
    most = 0
    for _ in range(14):
        crowd(90)
        shows_all(world, browser)
        most = max(most, len(rows(browser)))
    assert 1000 < most <= 1100
    assert len(rows(browser)) < most
    # What it has left out can be had again.
    before = len(rows(browser))
    browser.button("Older").click()
    browser.wait_for(lambda: len(rows(browser)) == before + 100, "older lines")
    named = [entry["object"]["name"] for entry in world.rest.get(f"/audit?limit={before + 100}").data]
    assert browser.driver.execute_script(_NAMES) == named


def test_older_lines_that_come_too_late_leave_no_gap(world, browser, place, crowd):
    browser.open("/audit")
    browser.wait_for(lambda: len(rows(browser)) == 100, "the newest lines")
    browser.driver.execute_script(_HOLD_OLDER)
    browser.button("Older").click()
    # More than a page: the list begins anew.
    crowd(110)
    shows_all(world, browser)
    browser.driver.execute_script("release();")
    browser.wait_for(lambda: browser.button("Older").attribute("aria-disabled") is None, "the end of the question")
    assert len(rows(browser)) == 100
    browser.button("Older").click()
    browser.wait_for(lambda: len(rows(browser)) == 200, "the lines that follow")
    named = [entry["object"]["name"] for entry in world.rest.get("/audit?limit=200").data]
    assert browser.driver.execute_script(_NAMES) == named
