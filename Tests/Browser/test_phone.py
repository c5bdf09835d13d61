"""What the tables have no room for on a phone is had there all the same."""

import re

import pytest
from ground.account import Account
from ground.axe import axe_in_both
from ground.client import PingStream
from ground.pictures import shoot

# The status is read every 5 s; the rest is for a slow machine.
LOOK = 30


@pytest.fixture
def tunnel(world):
    tunnel = world.rest.tunnel()
    world.rest.start(tunnel)
    yield tunnel
    world.rest.delete(f"/vpn/wg/{tunnel['id']}").must(200)


def details(browser, name):
    browser.button(f"More for {name}").click()
    browser.part("menuitem", "Details…").click()
    return browser.dialog(f"Details of {name}")


def test_all_that_is_known_of_a_peer_is_had_by_who_may_look(world, visitor, tunnel):
    peer = world.rest.peer(tunnel, "laptop")
    client = world.connected_client(tunnel, peer)
    visitor.enter(Account(world.rest, "reader", ["vpn:read"]))
    visitor.size("phone")
    visitor.open(f"/wireguard/{tunnel['id']}")
    visitor.button("More for laptop").click()
    assert visitor.part("menu", "More for laptop").names("menuitem") == ["Details…"]
    visitor.part("menuitem", "Details…").click()
    dialog = visitor.dialog("Details of laptop")
    for word in (*peer["allowed_ips"], peer["public_key"]):
        assert word in dialog.text()

    def says(pattern):
        visitor.wait_for(lambda: re.search(pattern, dialog.text(), re.MULTILINE), f"'{pattern}'", LOOK)

    says("^online$")
    says(r"^\d+ s ago$")
    says(r"^[\d.]+:\d+$")
    pings = PingStream(client, "10.0.0.1")
    for _ in ("in", "out"):
        says(r"^[1-9][\d.]* (B|KiB), now [1-9][\d.]* k?bit/s$")
    visitor.wait_for(lambda: any(name.startswith("now ") for name in dialog.names("image")), "its line", LOOK)
    pings.stop()
    assert axe_in_both(visitor) == []
    visitor.no_overflow()
    shoot(visitor, "peer-details")
    # What is changed shows, and there is nothing to look at when the peer is gone.
    path = f"/vpn/wg/{tunnel['id']}/peers/{peer['id']}"
    world.rest.request("PATCH", path, {"name": "tablet", "enabled": False}).must(200)
    dialog = visitor.dialog("Details of tablet")
    says("^disabled$")
    world.rest.delete(path).must(200)
    visitor.wait_gone("dialog", "Details of tablet")


def test_details_are_beside_what_else_can_be_done(world, browser, tunnel):
    world.rest.peer(tunnel, "laptop")
    browser.open(f"/wireguard/{tunnel['id']}")
    assert "never" in details(browser, "laptop").text()


def test_what_a_token_may_do_is_told(world, browser):
    token = world.rest.post("/tokens", {"name": "script", "scopes": ["vpn:read", "vpn:write"]}).must(201).data
    browser.size("phone")
    browser.open("/tokens")
    assert "Look, change" in browser.row("script").text()
    assert axe_in_both(browser) == []
    browser.no_overflow()
    world.rest.delete(f"/tokens/{token['id']}").must(200)
