"""VPN → WireGuard: the list of tunnels, and what is done from there. The kernel is asked what it has then."""

import tempfile
import zipfile
from pathlib import Path

import pytest
from ground.account import Account
from ground.axe import axe
from ground.pictures import shoot
from selenium.webdriver import Keys

DROP = """
const dataTransfer = new DataTransfer();
dataTransfer.items.add(new File([arguments[1]], "wg0.conf"));
arguments[0].dispatchEvent(new DragEvent("drop", {dataTransfer, bubbles: true, cancelable: true}));
"""
TYPED = "There is a form with unsaved changes"


@pytest.fixture(autouse=True)
def nothing_stays(world):
    """No test meets the tunnels of another."""
    yield
    for tunnel in tunnels(world):
        world.rest.delete(f"/vpn/wg/{tunnel['id']}").must(200)


@pytest.fixture
def folder():
    """For files with keys in them, which are gone when the test is."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@pytest.fixture
def page(browser):
    browser.open("/wireguard")
    browser.wait_for(lambda: "Loading" not in browser.text() and browser.has("button", "Add tunnel"), "the list")
    return browser


def tunnels(world):
    return world.rest.get("/vpn/wg").must(200).data


def read(world, tunnel):
    return world.rest.get(f"/vpn/wg/{tunnel['id']}").must(200).data


def open_form(page):
    """The form of a new tunnel, filled in."""
    page.button("Add tunnel").click()
    form = page.dialog("Add tunnel")
    page.wait_for(lambda: form.has("field", "Name"), "the form")
    return form


def open_edit(page, name):
    page.button(f"Edit {name}").click()
    form = page.dialog(f"Edit {name}")
    page.wait_for(lambda: form.has("field", "Name"), "the form")
    form.button("More settings").click()
    return form


def paste(page, text):
    page.button("Import").click()
    page.dialog("Import tunnels").field("Or the text of a file optional").fill(text)
    page.button("Check").click()


def is_there(page, role, name):
    page.wait_for(lambda: page.has(role, name), f"a {role} '{name}'")


def is_gone(page, role, name):
    page.wait_for(lambda: not page.has(role, name), f"the end of the {role} '{name}'")


# MARK: Adding

def test_the_first_tunnel_needs_a_name_only_and_a_double_click_makes_one(page, world):
    page.wait_for_text("There are no tunnels yet.")
    page.button("Add the first tunnel").click()
    form = page.dialog("Add tunnel")
    page.wait_for(lambda: form.has("field", "Name"), "the form")
    assert page.focused().name() == "Name"
    shown = [form.field(name).value() for name in ("Interface", "Port", "Address")]
    assert shown == ["wg0", "51820", "10.0.0.1/24"]
    assert form.field("Start it at once").is_checked()
    page.keys(*"office-vpn")
    form.button("Add tunnel").double_click()
    page.wait_for(lambda: page.path().startswith("/wireguard/"), "the page of the new tunnel")
    (tunnel,) = tunnels(world)
    assert page.path() == f"/wireguard/{tunnel['id']}"
    assert (tunnel["name"], tunnel["status"], tunnel["address"]) == ("office-vpn", "up", "10.0.0.1/24")
    assert world.gateway.links()["wg0"]["mtu"] == 1420
    assert "Added the tunnel office-vpn" in page.statuses()


def test_what_is_filled_in_is_the_next_that_is_free(page, world):
    world.rest.tunnel()
    world.rest.tunnel(name="far", interface="wg2", listen_port=51822, address="10.1.0.200/25, fd00::1/64")
    form = open_form(page)
    shown = [form.field(name).value() for name in ("Interface", "Port", "Address")]
    assert shown == ["wg1", "51821", "10.2.0.1/24"]
    form.field("Name").fill("near")
    form.field("Start it at once").check(False)
    form.button("Add tunnel").click()
    page.wait_for(lambda: page.path() != "/wireguard", "the page of the new tunnel")
    made = next(one for one in tunnels(world) if one["name"] == "near")
    assert [made[name] for name in ("interface", "listen_port", "address")] == ["wg1", 51821, "10.2.0.1/24"]
    assert made["enabled"] is False
    assert "wg1" not in world.gateway.links()


def test_more_settings_reach_the_tunnel(page, world):
    form = open_form(page)
    form.field("Name").fill("phones")
    form.field("Start it at once").check(False)
    form.button("More settings").click()
    given = {"Endpoint": "vpn.example.org:443", "DNS": "10.0.0.1, example.org", "Split routes": "172.29.0.0/16",
             "MTU": "1380", "Listen interface": "uplink", "Firewall mark": "0xca6c"}
    for name, text in given.items():
        form.field(f"{name} optional").fill(text)
    form.field("Masquerade").check()
    form.field("Install routes").check(False)
    form.field("Allow overlapping networks").check()
    form.button("Add tunnel").click()
    page.wait_for(lambda: page.path() != "/wireguard", "the page of the new tunnel")
    (made,) = tunnels(world)
    expected = {"endpoint": "vpn.example.org:443", "dns": "10.0.0.1, example.org", "split_routes": "172.29.0.0/16",
                "mtu": 1380, "listen_interface": "uplink", "fwmark": 0xca6c, "masquerade": True, "routes": False}
    assert {name: made[name] for name in expected} == expected


def test_what_is_wrong_stands_at_its_field(page, world):
    world.rest.tunnel()
    page.evidence.expect_status(409, 422)
    form = open_form(page)
    form.field("Name").fill("office-vpn")
    form.field("Address").fill("10.0.0.300/24")
    form.field("Port").fill("a lot")
    form.button("More settings").click()
    form.field("MTU optional").fill("5")
    form.button("More settings").click()
    form.button("Add tunnel").click()
    assert "10.0.0.300" in form.field("Address").error()
    assert form.field("Port").error() and "576" in form.field("MTU optional").error()
    assert page.focused().name() == "Port"
    form.field("Address").fill("10.5.0.1/24")
    form.field("Port").fill("51820")
    form.field("MTU optional").fill("1400")
    form.button("Add tunnel").click()
    assert "office-vpn" in form.field("Name").error() and not form.field("MTU optional").is_refused()
    form.field("Name").fill("other")
    form.button("Add tunnel").click()
    assert "in use by tunnel" in form.field("Port").error()
    assert [one["name"] for one in tunnels(world)] == ["office-vpn"]


@pytest.mark.parametrize("name", [
    '<script>document.title = "gone"</script>', """"quotes' & <b>bold</b>""", "🦊 שלום office", "W" * 64])
def test_a_name_is_text_and_breaks_nothing(page, world, name):
    form = open_form(page)
    form.field("Name").fill(name)
    form.field("Start it at once").check(False)
    form.button("Add tunnel").click()
    page.wait_for(lambda: page.path() != "/wireguard", "the page of the new tunnel")
    page.open("/wireguard")
    row = page.row(name)
    assert row.cell("Name") == name and row.has("button", f"Edit {name}")
    page.no_overflow()
    row.button(f"Delete {name}").click()
    dialog = page.dialog("Delete the tunnel?")
    page.wait_for(lambda: f"{name} is deleted" in dialog.text(), "the name in the question")
    page.no_overflow()


def test_a_name_that_turns_the_text_around_is_refused_at_its_field(page, world):
    page.evidence.expect_status(422)
    form = open_form(page)
    form.field("Name").fill("a\u202eb")
    form.button("Add tunnel").click()
    assert form.field("Name").error() and tunnels(world) == []


def test_what_was_typed_outlives_the_back_button_and_is_asked_for(page):
    page.open("/")
    page.link("WireGuard").click()
    form = open_form(page)
    form.field("Name").fill("half a na")
    page.back()
    page.wait_for(lambda: TYPED in page.statuses(), "a word about the form")
    assert page.path() == "/wireguard" and form.field("Name").value() == "half a na"
    page.keys(Keys.ESCAPE)
    form.button("Keep editing").click()
    page.keys(Keys.ESCAPE)
    form.button("Discard it").click()
    is_gone(page, "dialog", "Add tunnel")
    assert page.focused().name() == "Add tunnel"
    page.back()
    page.wait_for(lambda: page.path() == "/", "the page before")


# MARK: Editing

def test_an_edit_is_applied_live_and_a_second_one_over_it_refused(page, world):
    page.evidence.expect_status(412)
    tunnel = world.rest.tunnel(enabled=True)
    form = open_edit(page, "office-vpn")
    first = page.new_tab()
    page.open("/wireguard")
    other = open_edit(page, "office-vpn")
    other.field("Name").fill("main office")
    other.field("MTU optional").fill("1380")
    other.button("Save changes").click()
    page.wait_for(lambda: page.has("button", "Edit main office"), "the new name in the list")
    assert world.gateway.links()["wg0"]["mtu"] == 1380
    second = page.go_to_tab(first)
    form.field("DNS optional").fill("10.0.0.1")
    form.button("Save changes").click()
    page.wait_for(lambda: "changed by somebody else" in page.alerts(), "a word about the other edit")
    assert form.field("DNS optional").value() == "10.0.0.1"
    found = read(world, tunnel)
    assert (found["dns"], found["mtu"], found["name"]) == (None, 1380, "main office")
    page.go_to_tab(second)
    again = open_edit(page, "main office")
    assert again.field("MTU optional").value() == "1380"
    again.field("MTU optional").fill("")
    again.field("DNS optional").fill("10.0.0.53")
    again.button("Save changes").click()
    page.wait_for(lambda: "Saved main office" in page.statuses(), "a word about the edit")
    found = read(world, tunnel)
    assert (found["dns"], found["mtu"], found["enabled"]) == ("10.0.0.53", 1420, True)


def test_an_interface_is_changed_only_while_it_is_down(page, world):
    page.evidence.expect_status(409)
    world.rest.tunnel(enabled=True)
    form = open_edit(page, "office-vpn")
    form.field("Interface").fill("wg5")
    form.button("Save changes").click()
    assert "stopped" in form.field("Interface").error()
    assert "wg5" not in world.gateway.links()


# MARK: Starting, stopping, deleting

def test_whoever_stops_or_deletes_is_told_who_is_cut_off(page, world):
    tunnel = world.rest.tunnel(enabled=True)
    peer = world.rest.peer(tunnel, "laptop")
    world.rest.peer(tunnel, "phone")
    client = world.connected_client(tunnel, peer)
    row = page.row("office-vpn")
    page.wait_for(lambda: row.cell("Peers") == "2", "both peers in the list")
    assert row.cell("Status") == "up"

    # It has carried something, and a little later the page knows how much a second.
    page.wait_for(lambda: row.cell("Traffic").startswith("in ") and not row.cell("Traffic").startswith("in 0 B"),
                  "traffic in the list", 15)
    flows = iter(lambda: client.reaches() and row.has("image", None), None)
    page.wait_for(lambda: next(flows), "a line of the traffic", 25)
    assert "bit/s" in row.cell("Traffic")

    page.button("Stop office-vpn").click()
    dialog = page.dialog("Stop the tunnel?")
    page.wait_for(lambda: "2 peers, of which 1 is online now, are cut off" in dialog.text(), "who is connected")
    dialog.button("Cancel").click()
    is_gone(page, "dialog", "Stop the tunnel?")
    assert page.focused().name() == "Stop office-vpn" and client.reaches()

    page.button("Stop office-vpn").click()
    dialog.button("Stop tunnel").double_click()
    is_there(page, "button", "Start office-vpn")
    assert "wg0" not in world.gateway.links() and not client.reaches(tries=1)
    is_gone(page, "dialog", "Stop the tunnel?")
    assert page.focused().name() == "Start office-vpn"
    assert row.cell("Status") == "down"

    page.button("Start office-vpn").click()
    is_there(page, "button", "Stop office-vpn")
    client.begin_anew()
    assert client.reaches()
    page.button("Delete office-vpn").click()
    dialog = page.dialog("Delete the tunnel?")
    page.wait_for(lambda: "2 peers, of which 1 is online now, are cut off" in dialog.text(), "who is connected")
    dialog.button("Delete tunnel").click()
    page.wait_for_text("There are no tunnels yet.")
    assert "wg0" not in world.gateway.links() and tunnels(world) == []
    is_gone(page, "dialog", "Delete the tunnel?")
    assert page.focused().role() != "document" and page.focused().text() == "WireGuard"


def test_a_start_that_is_refused_says_why(page, world):
    page.evidence.expect_status(409, 502)
    world.rest.tunnel(interface="wg6")
    world.gateway.ip("link", "add", "wg6", "type", "bridge")
    try:
        page.button("Start office-vpn").click()
        dialog = page.dialog("Not started: office-vpn")
        assert "wg6" in dialog.text()
        page.keys(Keys.ESCAPE)
        is_gone(page, "dialog", "Not started: office-vpn")
        assert page.row("office-vpn").cell("Status") == "down"
    finally:
        world.gateway.ip("link", "del", "wg6")


def test_what_keeps_a_tunnel_down_stands_above_the_list(page, world):
    world.rest.tunnel(interface="wg6", enabled=True)
    world.gateway.ip("link", "del", "wg6")
    world.gateway.ip("link", "add", "wg6", "type", "bridge")
    try:
        # What is missing is made anew at the next reconciliation, of which there is one each 30 s: it is refused then.
        page.wait_for_text("office-vpn: interface wg6 exists", 45)
        assert page.row("office-vpn").cell("Status") == "error"
    finally:
        world.gateway.ip("link", "del", "wg6")


# MARK: The list

def test_the_list_is_searched_and_sorted_and_comes_back_as_it_was(page, world):
    for number, name in enumerate(["berlin", "Paris", "rome"]):
        world.rest.tunnel(name=name, interface=f"wg{number}", listen_port=51830 - number, address=f"10.{number}.0.1/24")
    names = lambda: [name for name in page.table("Tunnels").names("link")]  # noqa: E731
    page.wait_for(lambda: names() == ["berlin", "Paris", "rome"], "what was made meanwhile")
    page.table("Tunnels").button("Port").click()
    assert names() == ["rome", "Paris", "berlin"]
    page.field("Search tunnels").fill("10.1. paris")
    page.wait_for(lambda: names() == ["Paris"], "what the search leaves")
    page.field("Search tunnels").fill("oslo")
    page.wait_for_text("Nothing matches the search.")
    page.field("Search tunnels").fill("")
    page.reload()
    page.wait_for(lambda: names() == ["rome", "Paris", "berlin"], "the order that was chosen")


def test_who_may_only_look_has_no_buttons(visitor, world):
    world.rest.tunnel()
    visitor.enter(Account(world.rest, "reader", ["vpn:read"]))
    visitor.open("/wireguard")
    assert visitor.row("office-vpn").names("button") == []
    assert not visitor.has("button", "Add tunnel") and not visitor.has("button", "Import")


# MARK: Import

def test_an_exported_file_is_shown_and_then_made(page, world, folder):
    page.evidence.expect_status(409)
    tunnel = world.rest.tunnel()
    peer = world.rest.peer(tunnel, "laptop")
    file = folder / "at-the-office.conf"
    file.write_text(world.rest.config(tunnel, peer, split=True))
    page.button("Import").click()
    dialog = page.dialog("Import tunnels")
    dialog.field("Files optional").give_file(file)
    dialog.button("Check").click()
    page.wait_for(lambda: "at-the-office.conf line" in page.alerts(), "what clashes with the tunnel that there is")
    assert "office-vpn" in page.alerts()
    world.rest.delete(f"/vpn/wg/{tunnel['id']}").must(200)
    dialog.button("Check").click()
    row = dialog.row("at-the-office")
    assert [row.cell(name) for name in ("Interface", "Address", "Peers")] == ["wg0", "10.0.0.2/32", "1"]
    assert tunnels(world) == []
    dialog.button("Back").click()
    dialog.button("Check").click()
    dialog.button("Import 1 tunnel").double_click()
    page.wait_for(lambda: page.has("link", "at-the-office"), "the new tunnel in the list")
    (made,) = tunnels(world)
    assert (made["public_key"], made["enabled"], made["peer_count"]) == (peer["public_key"], False, 1)
    assert "down until you start" in page.statuses()


def test_all_faults_of_files_are_told_and_nothing_is_made(page, world, folder):
    page.evidence.expect_status(422)
    files = [folder / "good.conf", folder / "<b>bad<b>.conf"]
    key = world.gateway.run("wg", "genkey").stdout.strip()
    world.secrets.add_key("the key of an imported tunnel", key)
    good = f"[Interface]\nPrivateKey = {key}\nAddress = 10.8.0.1/24\nPostUp = reboot\n"
    files[0].write_text(good)
    files[1].write_text("[Interface]\nPrivateKey = none\nAddress = 10.9.0.1/24\nMTU = 70000\nColour = blue\n")
    page.button("Import").click()
    dialog = page.dialog("Import tunnels")
    dialog.button("Check").click()
    assert "Choose a file" in dialog.field("Files optional").error()
    dialog.field("Files optional").give_file("\n".join(map(str, files)))
    dialog.button("Check").click()
    page.wait_for(lambda: "<b>bad<b>.conf line 4: MTU must be from 576 to 65535, not 70000" in page.alerts(), "faults")
    assert "<b>bad<b>.conf line 5" in page.alerts() and "good.conf" not in page.alerts()
    assert tunnels(world) == []
    page.keys(Keys.ESCAPE)
    dialog.button("Discard it").click()
    is_gone(page, "dialog", "Import tunnels")

    paste(page, good)
    is_there(page, "button", "Import 1 tunnel")
    assert "line 4: PostUp is dropped" in dialog.text()
    dialog.button("Back").click()
    dialog.field("Or the text of a file optional").fill("")
    dialog.field("Name optional").fill("better")
    with zipfile.ZipFile(folder / "both.zip", "w") as archive:
        archive.writestr("good.conf", good)
        archive.writestr("read-me.txt", "Hello")
    dialog.field("Files optional").give_file(folder / "both.zip")
    dialog.button("Check").click()
    assert "each tunnel is called as its file" in dialog.field("Name optional").error()
    dialog.field("Name optional").fill("")
    dialog.button("Check").click()
    assert dialog.row("good").cell("Address") == "10.8.0.1/24"
    assert "read-me.txt" in dialog.text()
    dialog.button("Import 1 tunnel").click()
    page.wait_for(lambda: page.has("link", "good"), "the new tunnel in the list")
    assert [one["name"] for one in tunnels(world)] == ["good"]


def test_a_file_may_be_dropped_and_be_given_a_name(page, world):
    key = world.gateway.run("wg", "genkey").stdout.strip()
    world.secrets.add_key("the key of an imported tunnel", key)
    page.button("Import").click()
    dialog = page.dialog("Import tunnels")
    dialog.field("Name optional").fill('"dropped" 🦊')
    page.driver.execute_script(DROP, dialog.element, f"[Interface]\nPrivateKey = {key}\nAddress = 10.8.0.1/24\n")
    dialog.button("Check").click()
    assert dialog.row('"dropped" 🦊').cell("Interface") == "wg0"
    dialog.button("Import 1 tunnel").click()
    page.wait_for(lambda: page.has("link", '"dropped" 🦊'), "the new tunnel in the list")
    assert [one["address"] for one in tunnels(world)] == ["10.8.0.1/24"]


# MARK: How it looks

def test_everybody_can_use_the_page_in_both_themes(page, world):
    page.evidence.expect_status(422)
    assert axe(page) == []
    shoot(page, "wireguard-empty")
    tunnel = world.rest.tunnel(enabled=True)
    world.rest.peer(tunnel, "laptop")
    world.rest.tunnel(name="שלום 🦊 branch office in the far west of the country", interface="wg12", listen_port=51832,
                      address="10.12.0.1/24, fd00:12::1/64")
    is_there(page, "row", "office-vpn")
    page.settle()
    key = world.gateway.run("wg", "genkey").stdout.strip()
    world.secrets.add_key("the key of an imported tunnel", key)

    def look(name):
        page.settle()
        for theme in ("dark", "light"):
            page.theme(theme)
            assert axe(page) == [], f"{name} in the {theme} theme"
        page.no_overflow()

    look("wireguard")
    shoot(page, "wireguard")
    form = open_form(page)
    form.button("More settings").click()
    form.field("Address").fill("no address")
    form.field("Name").fill("x")
    form.button("Add tunnel").click()
    assert form.field("Address").error()
    look("wireguard-add")
    shoot(page, "wireguard-add")
    page.keys(Keys.ESCAPE)
    form.button("Discard it").click()
    page.button("Stop office-vpn").click()
    page.wait_for(lambda: "1 peer" in page.dialog("Stop the tunnel?").text(), "who is connected")
    look("wireguard-stop")
    page.button("Cancel").click()
    is_gone(page, "dialog", "Stop the tunnel?")
    paste(page, "[Interface]\n")
    page.wait_for(lambda: "config line" in page.alerts(), "a fault")
    look("wireguard-import")
    page.field("Or the text of a file optional").fill(
        f"[Interface]\nPrivateKey = {key}\nAddress = 10.8.0.1/24\nPostUp = reboot\n")
    page.button("Check").click()
    is_there(page, "button", "Import 1 tunnel")
    look("wireguard-import-preview")
    shoot(page, "wireguard-import-preview")


def test_the_focus_stays_where_it_is_while_the_list_is_read_anew(page, world):
    tunnel = world.rest.tunnel()
    page.link("office-vpn").focus()
    world.rest.peer(tunnel, "laptop")
    page.wait_for(lambda: page.row("office-vpn").cell("Peers") == "1", "the new peer in the list")
    assert page.focused().text() == "office-vpn"
    page.keys(Keys.TAB, Keys.TAB, Keys.ENTER)
    is_there(page, "dialog", "Edit office-vpn")
    page.wait_for(lambda: page.focused().name() == "Name", "the focus in the form")
