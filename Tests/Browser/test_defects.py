"""What the page of an earlier firewall with the same manual did wrong, one proof each that this one does not. The list
of all its defects is in Tests/System/test_defects.py, which names these."""

import json

import pytest
from ground.account import Account


@pytest.fixture
def rest(world):
    """Nothing is left of what a test has made."""
    yield world.rest
    for kind in ("wg", "ipsec"):
        for one in world.rest.get(f"/vpn/{kind}").must(200).data:
            world.rest.delete(f"/vpn/{kind}/{one['id']}").must(200)


STORED = """
const done = arguments[0];
Promise.all([indexedDB.databases(), caches.keys(), navigator.serviceWorker.getRegistrations()]).then((lists) => done({
    local: {...localStorage}, session: {...sessionStorage}, cookie: document.cookie, lists: lists.flat().length,
    name: window.name, history: JSON.stringify(history.state) + location.href,
}));
"""


def test_no_token_is_kept_where_scripts_can_read_it(visitor, world, rest):
    """The session is a cookie that is out of every script's reach; what is stored beside it is whose it is."""
    account = Account(rest, "keeper")
    visitor.open("/")
    visitor.log_in(account)
    visitor.open("/tokens")
    visitor.settle()
    stored = visitor.driver.execute_async_script(STORED)
    mark = json.loads(stored["local"].pop("logged-in"))
    assert (stored["local"], stored["session"]) == ({}, {})
    assert set(mark) == {"name", "id"} and mark["name"] == "keeper"
    assert (stored["cookie"], stored["lists"], stored["name"]) == ("", 0, "")
    assert stored["history"] == f'{{"place":0}}{visitor.origin}/tokens'
    (cookie,) = visitor.driver.get_cookies()
    assert mark["id"] not in cookie["value"]
    assert (cookie["httpOnly"], cookie["secure"], cookie["sameSite"]) == (True, True, "Strict")
    # That it is the session, and all of it: without it nobody is logged in.
    visitor.driver.delete_cookie(cookie["name"])
    visitor.evidence.expect_status(401)
    visitor.reload()
    visitor.wait_for(lambda: visitor.driver.find_elements("css selector", "input[type=password]"), "the log-in")


def test_nothing_is_deleted_unasked(browser, world, rest):
    """Neither an association nor a tunnel nor a peer, and nothing if the answer is no; if it is yes, it is gone, and
    gone from the kernel."""
    association = rest.association(enabled=False)
    tunnel = rest.tunnel(enabled=True)
    peer = rest.peer(tunnel, "laptop")
    browser.open("/ipsec")
    asks(browser, rest, f"/vpn/ipsec/{association['id']}", "Delete the association?", "Delete association",
         lambda: browser.button("Delete office-to-dc").click())
    browser.open(f"/wireguard/{tunnel['id']}")
    assert set(world.wireguard()) == {peer["public_key"]}
    asks(browser, rest, f"/vpn/wg/{tunnel['id']}/peers/{peer['id']}", "Delete the peer?", "Delete peer",
         lambda: choose(browser, "laptop", "Delete…"))
    assert world.wireguard() == {}
    asks(browser, rest, f"/vpn/wg/{tunnel['id']}", "Delete the tunnel?", "Delete tunnel",
         lambda: browser.button("Delete").click())
    assert "wg0" not in world.gateway.links()


def asks(browser, rest, path, question, answer, begin):
    for said, status in (("Cancel", 200), (answer, 404)):
        begin()
        assert browser.dialog(question).has("button", "Cancel")
        rest.get(path).must(200)
        browser.dialog(question).button(said).click()
        browser.wait_for(lambda: not browser.has("dialog"), "the end of the question")
        rest.get(path).must(status)


def choose(browser, name, item):
    """Of the menu of a peer's row."""
    browser.button(f"More for {name}").click()
    browser.part("menuitem", item).click()


def test_a_peer_has_a_shared_key_a_file_and_a_code_and_is_edited(browser, world, rest):
    tunnel = rest.tunnel(enabled=True, endpoint="192.0.2.1")
    browser.open(f"/wireguard/{tunnel['id']}")
    browser.button("Add peer").click()
    browser.field("Name").fill("laptop")
    browser.dialog("Add a peer to office-vpn").button("Add peer").click()
    dialog = browser.dialog("Configuration of laptop")
    picture = browser.part("image", "QR code of the configuration of laptop").element
    (peer,) = rest.get(f"/vpn/wg/{tunnel['id']}/peers").must(200).data
    assert peer["has_preshared_key"] is True
    # A square of black and white that is drawn, of 21 modules at least.
    size = browser.driver.execute_script("return [arguments[0].naturalWidth, arguments[0].naturalHeight];", picture)
    assert size[0] == size[1] > 21
    dialog.button("Download").click()
    same = (file := browser.download("laptop.conf")) == rest.config(tunnel, peer)
    assert same and file.count("\nPresharedKey = ") == 1
    dialog.button("Close").click()
    browser.wait_for(lambda: not browser.has("dialog"), "the end of the dialog")
    choose(browser, "laptop", "Edit…")
    browser.field("Addresses").fill("10.0.0.77/32")
    browser.dialog("Edit laptop").button("Save changes").click()
    browser.wait_for(lambda: not browser.has("dialog"), "the end of the form")
    assert rest.get(f"/vpn/wg/{tunnel['id']}/peers/{peer['id']}").must(200).data["allowed_ips"] == ["10.0.0.77/32"]
    assert world.wireguard() == {peer["public_key"]: {"10.0.0.77/32"}}
