"""The page of one tunnel: how it is and what it carries, and the table of its peers, which stays true by itself."""

import re
import secrets
from datetime import UTC, datetime, timedelta

import pytest
from ground.account import Account
from ground.axe import axe_in_both
from ground.client import PingStream
from ground.pictures import shoot
from selenium.webdriver import Keys

ODD = '"a" & <script>alert(1)</script> 🦊 שלום'
# The status is read every 5 s; the rest is for a slow machine.
LOOK = 30
# The row that is first in sight below the table's head, and how far below the edge of the window it begins.
FIRST = """
const head = document.querySelector("thead").getBoundingClientRect().bottom;
const row = [...document.querySelectorAll("tbody tr[aria-rowindex]")].find(
    (one) => one.getBoundingClientRect().top >= head);
return [row.querySelector("bdi").textContent, Math.round(row.getBoundingClientRect().top)];
"""

# What is read every few seconds is read no more: only events are left.
STOP_TIMERS = "for (let timer = setTimeout(() => {}); timer > 0; timer -= 1) clearTimeout(timer);"
# The request to delete something gets no answer, when `lose()` says so.
HOLD_DELETION = """
const real = fetch;
globalThis.fetch = (address, options) => (options.method !== "DELETE" ? real(address, options)
    : new Promise((_, reject) => { globalThis.lose = () => reject(new TypeError("no answer")); }));
"""


class Office:
    """A tunnel, and the page of it."""

    _made = 0

    def __init__(self, world, browser, *names, runs=False, **peers):
        Office._made += 1
        self.number = number = Office._made
        self.world, self.rest, self.browser = world, world.rest, browser
        self.gateway = f"10.{number}.0.1"
        self.tunnel = self.rest.tunnel(
            name=f"office {number}", interface=f"wg{number}", listen_port=51820 + number, address=f"{self.gateway}/16")
        self.path = f"/vpn/wg/{self.tunnel['id']}"
        self.peers = {name: self.rest.peer(self.tunnel, name) for name in names}
        if runs:
            self.rest.start(self.tunnel)

    def bulk(self, names):
        self.rest.post(f"{self.path}/peers/bulk", {"peers": [{"name": name} for name in names]}).must(201)

    def patch(self, name, /, **changes):
        self.rest.request("PATCH", f"{self.path}/peers/{self.peers[name]['id']}", changes).must(200)

    def delete(self, name):
        self.rest.delete(f"{self.path}/peers/{self.peers.pop(name)['id']}").must(200)

    def open(self, query=""):
        self.browser.open(f"/wireguard/{self.tunnel['id']}{query}")
        self.browser.heading(self.tunnel["name"]).there()
        return self

    def shown(self):
        """The names in the table's rows that are in the document, in their order."""
        return self.browser.driver.execute_script(
            "return [...document.querySelectorAll('tbody bdi')].map((name) => name.textContent);")

    def shows(self, *names):
        """Waits until the table has these rows and no others."""
        self.browser.wait_for(lambda: self.shown() == list(names), f"{names} in the table and not {self.shown()}")

    def rows(self):
        """How many rows the table says that it has, its head not counted."""
        return int(self.browser.table("Peers").attribute("aria-rowcount") or 1) - 1

    def says(self, name, column, pattern):
        """Waits until a peer's cell says this; what it says."""
        def found():
            text = self.browser.row(name).cell(column)
            return text if re.search(pattern, text) else None

        return self.browser.wait_for(found, f"'{pattern}' as {column} of {name}", LOOK)


@pytest.fixture
def office(world, browser):
    return lambda *names, **options: Office(world, browser, *names, **options)


def test_a_tunnel_is_shown_with_what_others_need_to_know_of_it(office, browser):
    page = office().open()
    tunnel = page.tunnel
    browser.wait_for_text("There are no peers.")
    for word in (tunnel["interface"], str(tunnel["listen_port"]), tunnel["address"], tunnel["public_key"], "down"):
        assert word in browser.text()
    browser.button("Copy").click()
    # The page itself may not read what is copied, so it is pasted.
    browser.button("Copied").there()
    browser.field("Search peers").focus()
    browser.keys(Keys.CONTROL + "v")
    assert browser.field("Search peers").value() == tunnel["public_key"]
    page.rest.start(tunnel)
    browser.button("Stop").there()
    browser.wait_for(lambda: re.search(r"^up$", browser.text(), re.MULTILINE), "the state")
    assert not browser.has("button", "Start")


def test_each_state_is_told_and_a_client_that_connects_is_online_with_its_traffic(office, browser, world):
    page = office("laptop", "off", "soon over", "unheard", runs=True)
    page.patch("off", enabled=False)
    soon = datetime.now(UTC) + timedelta(seconds=20)
    page.patch("soon over", expires_at=soon.strftime("%Y-%m-%dT%H:%M:%SZ"))
    page.open()
    page.says("soon over", "State", r"expires in \d+ s")
    page.says("laptop", "State", "^never$")
    page.says("off", "State", "^disabled$")
    client = world.client()
    client.bring_up(world.rest.config(page.tunnel, page.peers["laptop"]))
    assert client.reaches(page.gateway)
    page.says("laptop", "State", "^online$")
    page.says("laptop", "Last handshake", r"^\d+ s ago$")
    pings = PingStream(client, page.gateway)
    for way in ("In", "Out"):
        page.says("laptop", way, r"^[1-9][\d.]* (B|KiB) [1-9][\d.]* k?bit/s$")
    page.browser.wait_for(
        lambda: any(name.startswith("now ") for name in page.browser.row("laptop").names("image")), "its line", LOOK)
    pings.stop()
    page.says("laptop", "In", r" 0 bit/s$")
    page.says("soon over", "State", r"^expired \d+ s ago$")
    page.says("unheard", "State", "^never$")
    page.says("unheard", "In", "^0 B 0 bit/s$")
    assert {peer["name"]: peer["state"] for peer in page.rest.status(page.tunnel)["peers"]} == {
        "laptop": "online", "off": "disabled", "soon over": "expired", "unheard": "never"}
    assert [name for name in browser.names("button") if name.split()[-1] in "online stale expired disabled never"] == [
        "1 online", "1 expired", "1 disabled", "1 never"]
    # Without an interface nobody is heard, and what it has counted is gone with it.
    page.rest.post(f"{page.path}/stop").must(200)
    page.says("laptop", "State", "^never$")
    page.says("laptop", "In", "^0 B –$")


def test_peers_are_found_and_sorted_and_the_address_keeps_it(office, browser):
    page = office("Zoe", ODD, "off")
    page.bulk([f"peer {number}" for number in range(1, 13)])
    page.patch("off", enabled=False)
    page.open()
    order = [ODD, "off", *(f"peer {number}" for number in range(1, 13)), "Zoe"]
    page.shows(*order)
    assert page.rows() == 15
    browser.button("Name").click()
    page.shows(*reversed(order))
    browser.button("Addresses").click()
    page.shows("Zoe", ODD, "off", *(f"peer {number}" for number in range(1, 13)))
    search = browser.field("Search peers")
    for words, found in (
            ("PEER 1", ["peer 1", "peer 10", "peer 11", "peer 12"]), ("<script>", [ODD]), ("🦊", [ODD]),
            (f"10.{page.number}.0.3/", [ODD]), (page.peers["Zoe"]["public_key"][:12], ["Zoe"]), ("disabled", ["off"])):
        search.fill(words)
        page.shows(*found)
    browser.reload()
    page.shows("off")
    assert browser.field("Search peers").value() == "disabled"
    browser.field("Search peers").fill("nobody")
    browser.wait_for_text("Nothing matches the search.")
    browser.field("Search peers").fill("")
    page.shows("Zoe", ODD, "off", *(f"peer {number}" for number in range(1, 13)))
    browser.button("1 disabled").click()
    page.shows("off")
    assert browser.button("1 disabled").attribute("aria-pressed") == "true"
    browser.reload()
    page.shows("off")
    page.patch("Zoe", enabled=False)
    page.shows("Zoe", "off")
    browser.button("2 disabled").click()
    browser.wait_for(lambda: len(page.shown()) == 15, "all again")
    # Each column.
    for column in ("State", "Last handshake", "In", "Out", "Now", "Name"):
        head = browser.button(column)
        head.click()
        sorts = "return document.querySelector('th[aria-sort]').textContent;"
        assert browser.driver.execute_script(sorts) == column and len(page.shown()) == 15
    browser.button("State").click()
    assert page.shown()[:2] == ["Zoe", "off"] or page.shown()[:2] == ["off", "Zoe"]


def test_a_row_has_its_menu_by_the_keyboard_alone(office, browser):
    page = office("laptop", "off")
    page.patch("off", enabled=False)
    page.open()
    more = browser.button("More for off")
    more.focus()
    browser.keys(Keys.ENTER)
    assert more.attribute("aria-expanded") == "true"
    menu = browser.part("menu", "More for off")
    items = ["Details…", "Configuration…", "Edit…", "Enable", "Rotate key…", "Delete…"]
    assert menu.names("menuitem") == items
    for key, item in ((Keys.ARROW_DOWN, 1), (Keys.END, -1), (Keys.ARROW_DOWN, 0), (Keys.ARROW_UP, -1), (Keys.HOME, 0),
                      ("r", 4)):
        browser.keys(key)
        assert browser.focused().name() == items[item]
    for leave in (Keys.ESCAPE, Keys.TAB):
        browser.keys(leave)
        assert not browser.has("menu") and more.attribute("aria-expanded") == "false"
        if leave == Keys.ESCAPE:
            assert browser.focused().name() == "More for off"
            browser.keys(Keys.ARROW_DOWN)
    more.focus()
    browser.keys(Keys.ARROW_DOWN, "e", "e", Keys.ENTER)
    page.says("off", "State", "^never$")
    assert page.rest.get(f"{page.path}/peers/{page.peers['off']['id']}").data["enabled"]
    browser.wait_for(lambda: browser.focused().name() == "More for off", "the focus where it was")
    # A mouse opens and closes it too; no cell of the table cuts it off.
    browser.button("More for laptop").click()
    last = browser.part("menuitem", "Delete…").element
    assert browser.driver.execute_script("""const box = arguments[0].getBoundingClientRect();
        return document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2) === arguments[0];""", last)
    browser.button("More for laptop").click()
    browser.wait_for(lambda: not browser.has("menu"), "the menu closed by its button")


def test_what_other_administrators_do_is_shown_by_itself(office, browser):
    page, other = office("laptop", "phone"), office()
    page.open().shows("laptop", "phone")
    page.peers["desk"] = page.rest.peer(page.tunnel, "desk")
    page.shows("desk", "laptop", "phone")
    page.patch("desk", name="table")
    page.shows("laptop", "phone", "table")
    assert browser.has("button", "More for table") and not browser.has("button", "More for desk")
    page.delete("laptop")
    page.shows("phone", "table")
    # Of which tunnel a peer is, no event says; another one's are asked for nowhere.
    other.bulk([f"other {number}" for number in range(40)])
    page.bulk([f"new {number}" for number in range(150)])
    browser.wait_for(lambda: page.rows() == 152, "152 peers", LOOK)
    assert not [name for name in page.shown() if name.startswith("other")]
    for peer in page.rest.get(f"{page.path}/peers?q=new&limit=60").data:
        page.rest.request("PATCH", f"{page.path}/peers/{peer['id']}", {"enabled": False}).must(200)
    browser.wait_for(lambda: "60 disabled" in browser.names("button"), "60 that are disabled", LOOK)


def test_what_comes_in_moves_neither_focus_nor_the_place(office, browser):
    page = office("m")
    page.bulk([f"peer {number:03}" for number in range(200)])
    page.open()
    browser.wait_for(lambda: page.rows() == 201, "all peers")
    run = browser.driver.execute_script
    run("scrollTo(0, 4000);")
    browser.wait_for(lambda: "peer 100" in page.shown(), "rows in the middle")
    name, top = run(FIRST)
    run("[...document.querySelectorAll('tbody bdi')].find((one) => one.textContent === arguments[0]).closest('tr')"
        ".querySelector('.acts button').focus({preventScroll: true});", name)
    focus = browser.focused().name()
    for new in ("a", "b"):
        page.peers[new] = page.rest.peer(page.tunnel, new)
    browser.wait_for(lambda: page.rows() == 203, "203 peers")
    assert run(FIRST) == [name, top]
    page.delete("a")
    browser.wait_for(lambda: page.rows() == 202, "202 peers")
    assert run(FIRST) == [name, top]
    assert browser.focused().name() == focus
    # Out of sight it is still there.
    run("scrollTo(0, 0);")
    browser.wait_for(lambda: "b" in page.shown(), "the first rows")
    assert browser.focused().name() == focus
    browser.keys(Keys.TAB)
    browser.wait_for(lambda: run("return scrollY;") > 2000, "the place of the focus in sight")


def test_ten_thousand_peers_are_a_few_rows_and_the_last_is_found(office, browser):
    page = office()
    page.bulk([f"peer {number:05}" for number in range(10_000)])
    page.open()
    browser.wait_for(lambda: page.rows() == 10_000, "10,000 peers", 60)
    assert browser.text().count("10,000 peers") == 1
    assert len(page.shown()) < 60
    browser.driver.execute_script("scrollTo(0, document.documentElement.scrollHeight);")
    browser.wait_for(lambda: page.shown()[-1] == "peer 09999", "the last row")
    assert len(page.shown()) < 60
    index = browser.row("peer 09999").attribute("aria-rowindex")
    assert index == "10001"
    browser.driver.execute_script("scrollTo(0, 0);")
    browser.field("Search peers").fill("09999")
    page.shows("peer 09999")
    browser.button("Name").click()
    browser.field("Search peers").fill("")
    browser.wait_for(lambda: page.shown()[0] == "peer 09999", "the last first")
    page.rest.delete(page.path).must(200)
    browser.heading("No such tunnel").there()


def test_a_tunnel_that_is_deleted_or_never_was_says_so(office, browser):
    page = office("laptop", runs=True)
    page.open().shows("laptop")
    page.rest.delete(page.path).must(200)
    browser.heading("No such tunnel").there()
    browser.link("Go to the list of tunnels.").click()
    browser.heading("WireGuard").there()
    browser.back()
    browser.evidence.expect_status(404)
    browser.heading("No such tunnel").there()
    for path in ("/wireguard/nonsense", "/wireguard/%3Cscript%3E", "/wireguard/00000000-0000-4000-8000-000000000000"):
        browser.open(path)
        browser.heading("No such tunnel").there()
    assert len([url for url in browser.evidence.urls() if "/vpn/wg/" in url and "nonsense" in url]) == 0


def test_the_graph_is_of_the_hour_the_day_or_the_month(office, browser):
    page = office("laptop").open()
    for label, words in (("Hour", "the last hour"), ("Day", "the last day"), ("Month", "the last month")):
        browser.field(label).click()
        browser.part("image", f"{words}: at most 0 bit/s in and 0 bit/s out").there()
        assert browser.field(label).is_checked()
    browser.reload()
    browser.part("image", "the last month: at most 0 bit/s in and 0 bit/s out").there()
    assert page.rest.get(f"{page.path}/history?range=month").data["range"] == "month"


def test_everybody_can_use_it_in_both_themes_and_on_a_phone(office, browser):
    page = office("laptop", "a name that is as long as a name may be, which is 64 characters", ODD, "off", runs=True)
    page.patch("off", enabled=False)
    later = datetime.now(UTC) + timedelta(days=40)
    page.patch("laptop", expires_at=later.strftime("%Y-%m-%dT%H:%M:%SZ"))
    page.open()
    page.says("off", "State", "^disabled$")
    page.says("laptop", "In", "bit/s$")
    assert browser.layout_shift() < 0.02
    assert axe_in_both(browser) == []
    browser.button("More for laptop").click()
    assert axe_in_both(browser) == []
    browser.keys(Keys.ESCAPE)
    browser.no_overflow()
    shoot(browser, "tunnel")


def test_who_may_only_look_is_offered_nothing_else(office, visitor, world):
    page = office("laptop")
    reader = Account(world.rest, "reader", ["vpn:read"])
    visitor.enter(reader)
    page.browser = visitor
    page.open().shows("laptop")
    for name in ("Add peer", "Add many", "Start", "Edit", "Delete", "Configuration of laptop"):
        assert not visitor.has("button", name)


def test_while_the_kernel_can_not_be_asked_the_page_says_so(office, browser, world):
    page = office("laptop", runs=True).open()
    browser.wait_for(lambda: re.search(r"^up$", browser.text(), re.MULTILINE), "the state")
    browser.evidence.expect_status(503)

    def reads(name):
        return len([url for url in browser.evidence.urls() if f"{page.path}/{name}" in url])

    world.helper.kill()
    try:
        words = page.rest.get(f"{page.path}/status").must(503).json["detail"]
        browser.wait_for(lambda: words in browser.alerts(), f"the words '{words}'", LOOK)
        # What else is read, and can be, takes nothing back.
        before = reads("history")
        browser.wait_for(lambda: reads("history") >= before + 2, "two more readings of the traffic", LOOK)
        assert words in browser.alerts()
        assert browser.alerts().count(words) == 1
    finally:
        world.helper.start()
    browser.wait_for(lambda: browser.alerts() == "", "the page without the words", LOOK)


def test_a_restore_shows_on_the_page_of_a_tunnel(office, browser, world):
    page = office("laptop")
    passphrase = secrets.token_urlsafe(18)
    world.secrets.add("a backup's passphrase", passphrase)
    file = page.rest.get("/backup", Backup_Passphrase=passphrase).must(200).body

    def restore():
        browser.settle()
        browser.driver.execute_script(STOP_TIMERS)
        page.rest.request(
            "POST", "/restore", file, Content_Type="application/octet-stream", Backup_Passphrase=passphrase).must(200)

    page.open().shows("laptop")
    page.rest.request("PATCH", page.path, {"name": "another name"}).must(200)
    browser.heading("another name").element
    restore()
    browser.heading(page.tunnel["name"]).element
    late = office("phone").open()
    late.shows("phone")
    browser.evidence.expect_status(404)
    restore()
    browser.heading("No such tunnel").element


def test_what_becomes_of_a_request_is_told_whose_question_was_closed(office, browser):
    page = office("laptop").open()
    browser.driver.execute_script(HOLD_DELETION)
    browser.button("More for laptop").click()
    browser.part("menuitem", "Delete…").click()
    dialog = browser.dialog("Delete the peer?")
    dialog.button("Delete peer").click()
    dialog.button("Cancel").click()
    browser.wait_gone("dialog", "Delete the peer?")
    browser.driver.execute_script("lose();")
    browser.wait_for(
        lambda: "Delete peer: The firewall does not answer." in browser.statuses(), "what has become of it")
    page.shows("laptop")
