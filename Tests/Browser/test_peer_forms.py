"""Peers in the page's dialogs: added, configured, edited, cut off, many at once; with what the kernel makes of it."""

import io
import re
import subprocess
import zipfile
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from ground.account import Account
from ground.axe import axe
from ground.pictures import shoot
from selenium.webdriver import Keys

KEY = "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg="
HOSTILE = "<img src=x onerror=alert(1)>\"'&amp; 🦊"


@pytest.fixture(scope="module")
def tunnel(world):
    """wg0, which is up."""
    tunnel = world.rest.tunnel(split_routes="10.0.0.0/24, 10.9.0.0/16", dns="10.0.0.1")
    world.rest.start(tunnel)
    return tunnel


@pytest.fixture
def page(browser, tunnel):
    """The tunnel's page."""
    visit(browser, tunnel)
    return browser


# MARK: What is done, in one place

def visit(page, tunnel, name=""):
    """The tunnel's page, with those peers that have this in their names: of many, some are out of sight."""
    page.open(f"/wireguard/{tunnel['id']}?q={quote(name)}")
    page.settle()


def open_form(page):
    page.button("Add peer").click()
    return page.dialog("Add a peer to office-vpn")


def add(page, name):
    """By its name only; the configuration's dialog, which is there at once."""
    open_form(page).field("Name").fill(name)
    page.keys(Keys.ENTER)
    return page.dialog(f"Configuration of {name}").there()


def configuration(page, name):
    act(page, name, "Configuration…")
    return page.dialog(f"Configuration of {name}").there()


def act(page, name, item):
    """What the menu of a peer's row has."""
    page.button(f"More for {name}").click()
    page.part("menuitem", item).click()


def edit(page, name):
    act(page, name, "Edit…")
    return page.dialog(f"Edit {name}").there()


def unfold(dialog):
    name = dialog.browser.wait_for(
        lambda: next((name for name in dialog.names("button") if name.startswith("More settings")), None),
        "what is folded away")
    dialog.button(name).click()


def close(page, dialog):
    dialog.button("Close").click()
    page.wait_for(lambda: not page.has("dialog"), "the end of the dialog")


def stored(world, tunnel, name):
    """The peer as the API has it, None if there is none."""
    peers = world.rest.get(f"/vpn/wg/{tunnel['id']}/peers?limit=1000").must(200).data
    return next((peer for peer in peers if peer["name"] == name), None)


def in_kernel(world, peer):
    return peer["public_key"] in world.wireguard()


def decoded(picture):
    """What is in the one QR code of a picture, which goes through pipes only."""
    command = ["zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", "-Sbinary", "-"]
    return subprocess.run(command, input=picture, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout


def code(page, name):
    """The QR code's picture on the screen."""
    return page.part("image", f"QR code of the configuration of {name}").element


def looks(world, name):
    """How often the audit log says that a configuration of the peer was seen."""
    log = world.rest.get("/audit?limit=1000").must(200).data
    return sum(entry["action"] == "reveal" and entry["object"]["name"] == name for entry in log)


def learn_text(page, dialog):
    """The configuration that is shown, whose keys must be nowhere else."""
    text = dialog.part("region", "The configuration").text()
    page.world.secrets.read_text(text)
    return text


# MARK: The laptop of ten seconds

def test_a_peer_with_a_name_only_pings_with_what_is_downloaded_copied_and_photographed(page, world, tunnel):
    dialog = add(page, "laptop")
    picture = code(page, "laptop")
    page.settle()
    assert picture.size["width"] >= 320 and picture.size["height"] >= 320
    photographed = decoded(picture.screenshot_as_png)
    assert looks(world, "laptop") == 1
    dialog.button("Download").click()
    downloaded = page.download("laptop.conf")
    dialog.button("Copy").click()
    page.wait_for(lambda: dialog.has("button", "Copied"), "the word that it is copied")
    # Nothing of it goes into a message of this test.
    same = page.clipboard() == downloaded == world.rest.config(tunnel, stored(world, tunnel, "laptop"))
    assert same
    same = photographed == downloaded.encode()
    assert same
    # The picture, the text and this test's own look: what was there was not asked for again.
    assert looks(world, "laptop") == 3
    client = world.client()
    client.bring_up(downloaded)
    assert client.reaches(), "no answer through the tunnel"
    close(page, dialog)
    assert page.focused().name() == "Add peer"
    page.wait_for(lambda: page.row("laptop").cell("State").startswith("online"), "that it is seen online")


def test_split_has_the_tunnels_routes(page, world, tunnel):
    dialog = add(page, "tablet")
    code(page, "tablet")
    assert "Split tunnel: 10.0.0.0/24, 10.9.0.0/16." in dialog.text()
    dialog.field("Only these networks").click()
    page.settle()
    photographed = decoded(code(page, "tablet").screenshot_as_png)
    dialog.button("Download").click()
    downloaded = page.download("tablet.conf")
    same = photographed == downloaded.encode()
    assert same
    assert re.search(r"^AllowedIPs = (.*)$", downloaded, re.MULTILINE)[1] == "10.0.0.0/24, 10.9.0.0/16"
    assert looks(world, "tablet") == 3
    client = world.client()
    client.bring_up(downloaded)
    assert client.reaches()


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_the_code_is_read_from_a_dark_screen(page, world, tunnel, size):
    world.rest.peer(tunnel, f"dark {size}", preshared_key="auto")
    page.theme("dark")
    page.size(size)
    visit(page, tunnel, f"dark {size}")
    configuration(page, f"dark {size}")
    picture = code(page, f"dark {size}")
    page.settle()
    assert picture.size["width"] >= 320
    text = world.rest.config(tunnel, stored(world, tunnel, f"dark {size}"))
    same = decoded(picture.screenshot_as_png) == text.encode()
    assert same


def test_no_key_is_left_behind(page, world, tunnel):
    dialog = add(page, "traceless")
    address = code(page, "traceless").get_property("src")
    dialog.button("Show text").click()
    page.wait_for(lambda: "PrivateKey" in dialog.text(), "the text")
    key = re.search(r"PrivateKey = (\S+)", learn_text(page, dialog))[1]
    dialog.button("Hide text").click()
    left = key in page.driver.page_source
    assert not left
    dialog.button("Show text").click()
    page.wait_for(lambda: "PrivateKey" in dialog.text(), "the text")
    close(page, dialog)
    stores = "return JSON.stringify([{...localStorage}, {...sessionStorage}, location.href, history.state]);"
    left = key in page.driver.page_source or key in page.driver.execute_script(stores)
    assert not left
    # Its address leads nowhere any more.
    page.evidence.expect_words("ERR_FILE_NOT_FOUND")
    assert address.startswith("blob:")
    assert page.driver.execute_async_script("""
        const [address, done] = arguments, image = new Image();
        image.onload = () => done("there");
        image.onerror = () => done("gone");
        image.src = address;
    """, address) == "gone"
    asked = [url for url in page.evidence.urls() if key in url]
    assert not asked


# MARK: More than a name

def test_all_that_is_set_reaches_the_api(page, world, tunnel):
    dialog = open_form(page)
    dialog.field("Name").fill("site")
    unfold(dialog)
    page.wait_for(lambda: re.search(r"the next free one, now 10\.0\.0\.\d+/32", dialog.text()), "the next address")
    dialog.field("Addresses optional").fill("10.0.0.77, 10.7.0.0/16")
    dialog.field("Keepalive optional").fill("")
    dialog.button("1 week").click()
    dialog.field("Preshared key").choose("None")
    dialog.field("Routes of the device optional").fill("10.9.0.0/16")
    dialog.field("Endpoint optional").fill("198.51.100.7:51820")
    dialog.button("Add peer").click()
    page.dialog("Configuration of site").there()
    peer = stored(world, tunnel, "site")
    assert peer["allowed_ips"] == ["10.0.0.77/32", "10.7.0.0/16"]
    assert (peer["persistent_keepalive"], peer["has_preshared_key"]) == (None, False)
    assert (peer["client_routes"], peer["endpoint"]) == ("10.9.0.0/16", "198.51.100.7:51820")
    left = datetime.fromisoformat(peer["expires_at"]) - datetime.now(timezone.utc)
    assert abs(left - timedelta(days=7)) < timedelta(minutes=2)
    assert world.wireguard()[peer["public_key"]] == {"10.0.0.77/32", "10.7.0.0/16"}


def test_what_is_offered_is_a_keepalive_and_a_preshared_key(page, world, tunnel):
    add(page, "plain")
    peer = stored(world, tunnel, "plain")
    assert (peer["persistent_keepalive"], peer["has_preshared_key"], peer["expires_at"]) == (25, True, None)


def test_every_fault_stands_at_its_field(page, world, tunnel):
    page.evidence.expect_status(422, 409)
    dialog = open_form(page)
    dialog.field("Name").fill("evil\u202egnp")
    unfold(dialog)
    dialog.field("Addresses optional").fill("10.0.0.256, 10.0.0.1/24")
    dialog.field("Keepalive optional").fill("often")
    dialog.field("Expires optional").there()
    page.driver.execute_script("""
        document.querySelector("dialog [name=expires_at]").value = "2020-01-01T00:00:00";
    """)
    dialog.field("Public key optional").fill("short")
    dialog.field("Preshared key").choose("This one:")
    dialog.field("The preshared key").fill("short")
    dialog.button("Add peer").click()
    assert "direction-changing" in dialog.field("Name").error()
    for label in ("Addresses optional", "Keepalive optional", "Expires optional", "Public key optional"):
        assert dialog.field(label).error(), label
    assert dialog.field("The preshared key").error()
    assert page.focused().name() == "Name"
    dialog.field("Name").fill("taken")
    dialog.field("Addresses optional").fill("10.0.0.1")
    for label in ("Keepalive optional", "Public key optional", "Expires optional"):
        page.driver.execute_script("arguments[0].value = '';", dialog.field(label).element)
    dialog.field("Preshared key").choose("None")
    dialog.button("Add peer").click()
    page.wait_for(lambda: not dialog.field("Name").is_refused(), "that the name is taken")
    assert "the tunnel's own" in dialog.field("Addresses optional").error()
    assert stored(world, tunnel, "taken") is None


@pytest.mark.parametrize("name", [HOSTILE, "W" * 64, "משרד", "../../etc/passwd"])
def test_names_of_all_kinds_are_shown_as_they_are(page, world, tunnel, name):
    dialog = add(page, name)
    assert stored(world, tunnel, name)
    code(page, name)
    dialog.button("Download").click()
    page.wait_for(lambda: list(page.chromium.downloads.glob("*.conf")), "a file")
    (file,) = page.chromium.downloads.glob("*.conf")
    page.download(file.name)
    page.no_overflow()
    close(page, dialog)
    visit(page, tunnel, name)
    page.row(name).there()
    page.no_overflow()


def test_a_name_that_is_in_use_is_refused_at_its_field(page, world, tunnel):
    world.rest.peer(tunnel, "twice")
    page.evidence.expect_status(409)
    dialog = open_form(page)
    dialog.field("Name").fill("twice")
    page.keys(Keys.ENTER)
    assert "is in use" in dialog.field("Name").error()


def test_a_double_click_adds_one(page, world, tunnel):
    dialog = open_form(page)
    dialog.field("Name").fill("double")
    dialog.button("Add peer").double_click()
    page.dialog("Configuration of double").there()
    peers = world.rest.get(f"/vpn/wg/{tunnel['id']}/peers?q=double").must(200).data
    assert [peer["name"] for peer in peers] == ["double"]


def test_a_configuration_that_is_not_kept_is_shown_this_once(page, world, tunnel):
    dialog = open_form(page)
    dialog.field("Name").fill("secretive")
    unfold(dialog)
    dialog.field("Do not keep the private key").check()
    dialog.button("Add peer").click()
    dialog = page.dialog("Configuration of secretive")
    assert "This is the only time that it can be seen." in dialog.text()
    # Nobody loses it by a slip.
    dialog.button("Close").click()
    dialog.button("Go back").click()
    dialog.button("Download").click()
    text = page.download("secretive.conf")
    client = world.client()
    client.bring_up(text)
    assert client.reaches()
    close(page, dialog)
    page.evidence.expect_status(409)
    visit(page, tunnel, "secretive")
    dialog = configuration(page, "secretive")
    page.wait_for(lambda: "was shown once" in dialog.text(), "the API's words")
    assert not dialog.has("button", "Download")
    close(page, dialog)
    # A new key is shown once too, and the old one is dead.
    act(page, "secretive", "Rotate key…")
    page.dialog("Rotate the key?").button("Rotate key").click()
    dialog = page.dialog("Configuration of secretive")
    dialog.button("Download").click()
    client.begin_anew()
    assert not client.reaches()
    client.begin_anew(page.download("secretive.conf"))
    assert client.reaches()


def test_a_peer_with_a_key_of_its_own_has_nothing_to_download(page, world, tunnel):
    dialog = open_form(page)
    dialog.field("Name").fill("own")
    unfold(dialog)
    dialog.field("Public key optional").fill(KEY)
    # Nobody could tell it a preshared key that is made here.
    assert dialog.field("Preshared key").value() == "none"
    dialog.button("Add peer").click()
    page.wait_for(lambda: "Added the peer own" in page.statuses(), "that it is added")
    assert not page.has("dialog")
    peer = stored(world, tunnel, "own")
    assert (peer["public_key"], peer["has_preshared_key"]) == (KEY, False)
    page.evidence.expect_status(409)
    visit(page, tunnel, "own")
    dialog = configuration(page, "own")
    page.wait_for(lambda: "only its public key was given" in dialog.text(), "the API's words")
    assert tunnel["public_key"] in dialog.text()
    assert not dialog.has("button", "Download")


# MARK: What a configuration may lack

def test_without_an_endpoint_the_way_to_it_is_a_button(page, world, tunnel):
    world.rest.peer(tunnel, "lost")
    world.gateway.ip("route", "del", "default")
    page.evidence.expect_status(409)
    try:
        visit(page, tunnel, "lost")
        dialog = configuration(page, "lost")
        page.wait_for(lambda: "othing says how clients reach this host" in dialog.text(), "the API's words")
        assert not dialog.has("button", "Download")
        dialog.button("Set the tunnel's endpoint").click()
        form = page.dialog("Edit office-vpn")
        unfold(form)
        form.field("Endpoint optional").fill("vpn.example.org")
        form.button("Save changes").click()
        code(page, "lost")
        dialog = page.dialog("Configuration of lost")
        dialog.button("Show text").click()
        page.wait_for(lambda: "Endpoint = vpn.example.org:51820" in dialog.text(), "the endpoint")
        learn_text(page, dialog)
    finally:
        world.gateway.ip("route", "add", "default", "via", "192.0.2.254")
        world.rest.request("PATCH", f"/vpn/wg/{tunnel['id']}", {"endpoint": None}).must(200)


def test_one_that_no_code_holds_can_still_be_downloaded(page, world, tunnel):
    routes = [f"10.{high}.{low}.0/24" for high in range(20, 22) for low in range(120)]
    peer = world.rest.peer(tunnel, "wide", client_routes=routes)
    visit(page, tunnel, "wide")
    page.evidence.expect_status(409)
    dialog = configuration(page, "wide")
    code(page, "wide")
    page.keys(Keys.TAB, Keys.ARROW_DOWN)
    page.wait_for(lambda: "a QR code holds 2953 at most" in dialog.text(), "the API's words")
    dialog.button("Download").click()
    same = page.download("wide.conf") == world.rest.config(tunnel, peer, split=True)
    assert same
    page.no_overflow()


def test_who_may_not_see_secrets_adds_without_them(visitor, world, tunnel):
    writer = Account(world.rest, "writer", ["vpn:write"])
    visitor.enter(writer)
    visitor.open(f"/wireguard/{tunnel['id']}")
    dialog = open_form(visitor)
    unfold(dialog)
    assert not dialog.has("field", "Do not keep the private key")
    dialog.field("Name").fill("unseen")
    visitor.keys(Keys.ENTER)
    visitor.wait_for(lambda: "Added the peer unseen" in visitor.statuses(), "that it is added")
    assert not visitor.has("dialog") and not visitor.has("button", "Configuration of unseen")
    assert looks(world, "unseen") == 0


def test_who_may_not_see_secrets_is_told_what_is_needed(visitor, world, tunnel):
    peer = world.rest.peer(tunnel, "barred")
    visitor.enter(Account(world.rest, "reader", ["vpn:read"]))
    visit(visitor, tunnel, "barred")
    visitor.evidence.expect_status(403)
    # The page offers no way there.
    visitor.driver.execute_script("""
        import(`${location.origin}/page/views/peer-config.js`)
            .then(({ openConfiguration }) => openConfiguration(...arguments));
    """, tunnel, peer)
    dialog = visitor.dialog("Configuration of barred")
    visitor.wait_for(lambda: "This needs the scope vpn:secrets" in dialog.text(), "the API's words")
    assert "can give you the right" in dialog.text() and not dialog.has("button", "Download")
    assert looks(world, "barred") == 0


# MARK: Edited and cut off

def test_an_edit_changes_what_was_changed_only(page, world, tunnel):
    peer = world.rest.peer(tunnel, "before", persistent_keepalive=25, preshared_key="auto")
    client = world.connected_client(tunnel, peer)
    visit(page, tunnel, "before")
    dialog = edit(page, "before")
    assert dialog.field("Keepalive optional").value() == "25"
    dialog.field("Name").fill("after")
    dialog.field("Addresses").fill(f"{peer['allowed_ips'][0]}, 10.66.0.0/16")
    dialog.button("1 day").click()
    dialog.button("Save changes").click()
    page.wait_for(lambda: "Saved the peer after" in page.statuses(), "that it is saved")
    now = stored(world, tunnel, "after")
    left = datetime.fromisoformat(now["expires_at"]) - datetime.now(timezone.utc)
    assert abs(left - timedelta(days=1)) < timedelta(minutes=2)
    unchanged = ("id", "public_key", "has_preshared_key", "persistent_keepalive", "enabled", "endpoint")
    assert {name: now[name] for name in unchanged} == {name: peer[name] for name in unchanged}
    assert world.wireguard()[peer["public_key"]] == {peer["allowed_ips"][0], "10.66.0.0/16"}
    assert client.reaches()
    # And back to never.
    visit(page, tunnel, "after")
    dialog = edit(page, "after")
    dialog.button("Never").click()
    dialog.button("Save changes").click()
    page.wait_for(lambda: stored(world, tunnel, "after")["expires_at"] is None, "no expiry")


def test_a_preshared_key_that_is_taken_away_cuts_off_who_has_it(page, world, tunnel):
    peer = world.rest.peer(tunnel, "sharing", preshared_key="auto")
    client = world.connected_client(tunnel, peer)
    visit(page, tunnel, "sharing")
    dialog = edit(page, "sharing")
    unfold(dialog)
    dialog.field("Preshared key").choose("None from now on")
    dialog.button("Save changes").click()
    page.wait_for(lambda: "The device needs its new configuration for that." in page.statuses(), "what is to be done")
    assert stored(world, tunnel, "sharing")["has_preshared_key"] is False
    client.begin_anew()
    assert not client.reaches()
    client.begin_anew(world.rest.config(tunnel, peer))
    assert client.reaches()


def test_another_tabs_change_is_not_overwritten(page, world, tunnel):
    peer = world.rest.peer(tunnel, "contested")
    visit(page, tunnel, "contested")
    dialog = edit(page, "contested")
    dialog.field("Keepalive optional").fill("15")
    former = page.new_tab()
    visit(page, tunnel, "contested")
    other = edit(page, "contested")
    other.field("Keepalive optional").fill("30")
    other.button("Save changes").click()
    page.wait_for(lambda: "Saved the peer contested" in page.statuses(), "that it is saved")
    page.go_to_tab(former)
    page.evidence.expect_status(412)
    dialog.button("Save changes").click()
    page.wait_for(lambda: "changed" in page.alerts(), "the API's words")
    assert world.rest.get(f"/vpn/wg/{tunnel['id']}/peers/{peer['id']}").data["persistent_keepalive"] == 30
    assert dialog.field("Keepalive optional").value() == "15"


def test_disabling_cuts_off_and_enabling_lets_in_again(page, world, tunnel):
    peer = world.rest.peer(tunnel, "switched")
    client = world.connected_client(tunnel, peer)
    visit(page, tunnel, "switched")
    page.wait_for(lambda: page.row("switched").cell("State").startswith("online"), "that it is seen online")
    act(page, "switched", "Disable")
    dialog = page.dialog("Disable the peer?")
    assert "It is online" in dialog.text()
    dialog.button("Cancel").click()
    assert in_kernel(world, peer)
    act(page, "switched", "Disable")
    page.dialog("Disable the peer?").button("Disable peer").click()
    page.wait_for(lambda: page.row("switched").cell("State").startswith("disabled"), "that it is seen disabled")
    assert not in_kernel(world, peer) and not client.reaches()
    act(page, "switched", "Enable")
    page.wait_for(lambda: "Enabled switched" in page.statuses(), "that it is enabled")
    assert in_kernel(world, peer)
    client.begin_anew()
    assert client.reaches()


def test_who_has_expired_is_not_enabled_without_a_new_date(page, world, tunnel):
    soon = (datetime.now(timezone.utc) + timedelta(seconds=6)).isoformat()
    peer = world.rest.peer(tunnel, "past", enabled=False, expires_at=soon)
    visit(page, tunnel, "past")
    page.wait_for(lambda: world.rest.request(
        "PATCH", f"/vpn/wg/{tunnel['id']}/peers/{peer['id']}", {"enabled": True}).status == 409 or world.rest.request(
        "PATCH", f"/vpn/wg/{tunnel['id']}/peers/{peer['id']}", {"enabled": False}).must(200) is None,
        "that it expires", 20)
    page.evidence.expect_status(409)
    act(page, "past", "Enable")
    page.wait_for(lambda: "past is not enabled: the peer has expired" in page.statuses(), "the API's words")
    assert stored(world, tunnel, "past")["enabled"] is False


def test_the_old_key_is_dead_when_it_is_rotated(page, world, tunnel):
    peer = world.rest.peer(tunnel, "rotating", preshared_key="auto")
    client = world.connected_client(tunnel, peer)
    visit(page, tunnel, "rotating")
    act(page, "rotating", "Rotate key…")
    page.dialog("Rotate the key?").button("Rotate key").click()
    dialog = page.dialog("Configuration of rotating")
    code(page, "rotating")
    assert not in_kernel(world, peer)
    dialog.button("Download").click()
    text = page.download("rotating.conf")
    client.begin_anew()
    assert not client.reaches()
    client.begin_anew(text)
    assert client.reaches()


def test_deleting_asks_and_cuts_off(page, world, tunnel):
    peer = world.rest.peer(tunnel, "doomed")
    client = world.connected_client(tunnel, peer)
    visit(page, tunnel, "doomed")
    act(page, "doomed", "Delete…")
    page.keys(Keys.ESCAPE)
    assert in_kernel(world, peer)
    act(page, "doomed", "Delete…")
    dialog = page.dialog("Delete the peer?")
    assert "doomed is cut off at once" in dialog.text()
    dialog.button("Delete peer").click()
    page.wait_for(lambda: "Deleted the peer doomed" in page.statuses(), "that it is deleted")
    assert not page.has("row", "doomed")
    assert stored(world, tunnel, "doomed") is None and not in_kernel(world, peer)
    client.begin_anew()
    assert not client.reaches()
    # Who works with the keys is not thrown out of the page.
    assert page.focused().element.tag_name != "body"


def test_what_is_gone_can_not_be_edited(page, world, tunnel):
    peer = world.rest.peer(tunnel, "vanished")
    visit(page, tunnel, "vanished")
    dialog = edit(page, "vanished")
    dialog.field("Name").fill("revived")
    world.rest.delete(f"/vpn/wg/{tunnel['id']}/peers/{peer['id']}").must(200)
    page.evidence.expect_status(404)
    dialog.button("Save changes").click()
    page.wait_for(lambda: page.alerts(), "the API's words")
    assert stored(world, tunnel, "revived") is None


# MARK: What was typed

def test_the_way_back_loses_nothing_that_was_typed(page, tunnel):
    page.link("WireGuard").click()
    page.link("office-vpn").click()
    page.settle()
    dialog = open_form(page)
    dialog.field("Name").fill("half typed")
    page.back()
    page.wait_for(lambda: "unsaved changes" in page.statuses(), "the words")
    assert dialog.field("Name").value() == "half typed"
    assert page.path() == f"/wireguard/{tunnel['id']}"
    page.keys(Keys.ESCAPE)
    dialog.button("Keep editing").click()
    assert dialog.field("Name").value() == "half typed"
    page.keys(Keys.ESCAPE)
    dialog.button("Discard it").click()
    page.wait_for(lambda: not page.has("dialog"), "the end of the dialog")


def test_a_session_that_ends_does_not_end_the_form(page, world, admin, tunnel):
    dialog = open_form(page)
    dialog.field("Name").fill("patient")
    end_session(page, world)
    page.evidence.expect_status(401)
    page.keys(Keys.ENTER)
    page.dialog("Your session has ended").there()
    page.log_in(admin)
    page.dialog("Configuration of patient").there()
    assert stored(world, tunnel, "patient")


def end_session(page, world):
    """As another tab does that logs out."""
    (cookie,) = (f"{one['name']}={one['value']}" for one in page.driver.get_cookies())
    nobody = world.rest.by()
    token = nobody.get("/auth/session", Cookie=cookie).must(200).data["csrf_token"]
    nobody.post("/auth/logout", Cookie=cookie, X_CSRF_Token=token).must(200)


# MARK: Many at once

def open_bulk(page):
    page.button("Add many").click()
    return page.dialog("Add many peers to office-vpn")


def test_lines_with_faults_are_told_and_then_added(page, world, tunnel):
    world.rest.peer(tunnel, "there already", allowed_ips="10.0.0.180")
    dialog = open_bulk(page)
    lines = dialog.field("Peers")
    lines.fill("name,allowed_ips,colour\nanna,,red\nanna,10.0.0.181,red\nbob\n")
    page.wait_for(lambda: "3 faults in 3 lines" in dialog.text(), "the faults")
    for words in ("Line 1, colour: is no column", "Line 3, name: is the same as in line 2", "Line 4: has 1 field,"):
        assert words in dialog.text(), words
    dialog.button("Add peers").click()
    page.wait_for(lambda: "Nothing was sent. 3 faults" in page.alerts(), "that nothing was sent")
    # Now what only the API can know.
    page.evidence.expect_status(422, 409)
    lines.fill("name,allowed_ips,keepalive\n\nthere already,10.0.0.180,25\nanna,10.0.0.1,70000\nbob,10.0.0.183,\n"
               "carl,10.0.0.183,\n")
    dialog.button("Add peers").click()
    page.wait_for(lambda: "Nothing was added." in page.alerts(), "the API's words")
    text = dialog.text()
    for words in ("Line 3, name: ", "Line 3, allowed_ips: ", "Line 4, keepalive: ", "Line 4, allowed_ips: ",
                  "Line 6, allowed_ips: "):
        assert words in text, words
    assert "line 5 (bob)" in text and "peers[" not in text
    assert stored(world, tunnel, "bob") is None
    lines.fill("name,allowed_ips,keepalive,enabled\nanna,10.0.0.182,25,\nbob,10.0.0.183,,no\n")
    page.wait_for(lambda: "2 peers, and nothing wrong" in dialog.text(), "no faults")
    dialog.button("Add peers").click()
    page.wait_for(lambda: "Added 2 peers to office-vpn" in page.statuses(), "that they are added")
    assert in_kernel(world, stored(world, tunnel, "anna"))
    assert stored(world, tunnel, "bob")["enabled"] is False


def test_a_file_of_names_brings_a_zip_of_configurations(page, world, tunnel, tmp_path):
    file = tmp_path / "team.csv"
    file.write_bytes("\ufeffname\r\n\"Dora, \"\"the\"\" admin\"\r\nצוות\r\n".encode())
    dialog = open_bulk(page)
    dialog.field("Or a CSV file optional").give_file(file)
    page.wait_for(lambda: "2 peers, and nothing wrong" in dialog.text(), "the preview")
    dialog.field("And download their configurations").check()
    dialog.button("Add peers").click()
    content = page.download_bytes("office-vpn.zip")
    page.wait_for(lambda: "Added 2 peers" in page.statuses(), "that they are added")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        texts = [archive.read(name).decode() for name in archive.namelist()]
    peers = [stored(world, tunnel, name) for name in ('Dora, "the" admin', "צוות")]
    same = sorted(texts) == sorted(world.rest.config(tunnel, peer) for peer in peers)
    assert same


def test_a_file_in_other_letters_is_refused(page, tmp_path):
    file = tmp_path / "old.csv"
    file.write_bytes("name\nJürgen\n".encode("latin-1"))
    dialog = open_bulk(page)
    dialog.field("Or a CSV file optional").give_file(file)
    assert "UTF-8" in dialog.field("Or a CSV file optional").error()
    assert dialog.field("Peers").value() == ""


def test_ten_thousand_lines_are_seen_and_found(page, tmp_path):
    file = tmp_path / "many.csv"
    file.write_text("name,allowed_ips\n" + "".join(f"peer {index},10.{index // 256}.{index % 256}.0/24\n"
                                                   for index in range(9_999)) + "peer 0,\n")
    dialog = open_bulk(page)
    dialog.field("Or a CSV file optional").give_file(file)
    page.wait_for(lambda: "1 fault in 10,000 lines" in dialog.text(), "the preview")
    assert "Line 10001, name: is the same as in line 2" in dialog.text()
    assert dialog.table("Preview").attribute("aria-rowcount") == "10001"
    assert len(page.driver.find_elements("css selector", "dialog tbody tr")) < 100
    # The line with the fault is the first; the last is reached by scrolling.
    page.driver.execute_script("const box = document.querySelector('dialog .table'); box.scrollTop = box.scrollHeight;")
    page.wait_for(lambda: dialog.has("row", "peer 9998"), "the last line")


# MARK: For everybody

def dialogs(page):
    """Each, by its name for the pictures, and what opens it."""
    def filled_bulk():
        dialog = open_bulk(page)
        dialog.field("Peers").fill("name,allowed_ips,keepalive\nanna,10.0.0.9,25\nanna,,x\nbob,10.0.0.1\n")

    def unfolded():
        unfold(open_form(page))

    def with_text():
        dialog = configuration(page, "peer of the pictures")
        code(page, "peer of the pictures")
        dialog.button("Show text").click()
        page.wait_for(lambda: "PrivateKey" in dialog.text(), "the text")
        learn_text(page, dialog)

    return SimpleNamespace(
        peer_add=unfolded, peer_configuration=with_text, peer_edit=lambda: unfold(edit(page, "peer of the pictures")),
        peer_delete=lambda: act(page, "peer of the pictures", "Delete…"), peer_bulk=filled_bulk,
        peer_without_key=lambda: configuration(page, "peer of the pictures too"))


@pytest.mark.parametrize("name", [
    "peer_add", "peer_configuration", "peer_edit", "peer_delete", "peer_bulk", "peer_without_key"])
def test_every_dialog_is_fit_for_everybody(page, world, tunnel, name):
    if not stored(world, tunnel, "peer of the pictures"):
        world.rest.peer(tunnel, "peer of the pictures", preshared_key="auto")
        world.rest.peer(tunnel, "peer of the pictures too", keep_private_key=False)
    page.evidence.expect_status(409)
    visit(page, tunnel, "peer of the pictures")
    getattr(dialogs(page), name)()
    page.settle()
    assert axe(page) == []
    page.theme("dark")
    assert axe(page) == []
    page.no_overflow()
    shoot(page, name.replace("_", "-"))


# MARK: A configuration that is out of date

_HOLD_CODES = """
const real = fetch;
const held = new Promise((resolve) => { globalThis.release = resolve; });
globalThis.fetch = async (address, options) => {
    const answer = await real(address, options);
    if (address.pathname.endsWith("/qr")) await held;
    return answer;
};
"""
CHANGED = "It was changed: ask for it again."


def rotate(world, tunnel, peer):
    world.rest.post(f"/vpn/wg/{tunnel['id']}/peers/{peer['id']}/rotate").must(200)


def test_a_key_that_is_dead_is_not_handed_out(page, world, tunnel):
    peer = world.rest.peer(tunnel, "outdated")
    visit(page, tunnel, "outdated")
    dialog = configuration(page, "outdated")
    code(page, "outdated")
    dialog.button("Show text").click()
    page.wait_for(lambda: "PrivateKey" in dialog.text(), "the text")
    learn_text(page, dialog)
    rotate(world, tunnel, peer)
    page.wait_for(lambda: CHANGED in page.alerts(), "the words that it was changed")
    assert not page.has("image", "QR code of the configuration of outdated")
    left = "PrivateKey" in page.driver.page_source
    assert not left
    # Nobody has asked again.
    assert looks(world, "outdated") == 2
    dialog.button("Show again").click()
    picture = code(page, "outdated")
    assert page.alerts() == ""
    page.settle()
    photographed = decoded(picture.screenshot_as_png)
    dialog.button("Download").click()
    downloaded = page.download("outdated.conf")
    same = photographed == downloaded.encode() == world.rest.config(tunnel, peer).encode()
    assert same


def test_an_answer_that_is_older_than_a_change_is_not_shown(page, world, tunnel):
    peer = world.rest.peer(tunnel, "overtaken")
    visit(page, tunnel, "overtaken")
    page.driver.execute_script(_HOLD_CODES)
    dialog = configuration(page, "overtaken")
    page.wait_for(lambda: looks(world, "overtaken") == 1, "an answer")
    rotate(world, tunnel, peer)
    page.wait_for(lambda: CHANGED in page.alerts(), "the words that it was changed")
    page.driver.execute_script("release();")
    page.settle()
    assert CHANGED in page.alerts() and not page.has("image", "QR code of the configuration of overtaken")
    dialog.button("Show again").click()
    code(page, "overtaken")
    # Of what is gone nothing can be shown.
    world.rest.delete(f"/vpn/wg/{tunnel['id']}/peers/{peer['id']}").must(200)
    page.wait_gone("dialog", "Configuration of overtaken")


def test_what_is_shown_goes_when_the_session_ends(page, world, tunnel):
    world.rest.peer(tunnel, "left behind")
    visit(page, tunnel, "left behind")
    dialog = configuration(page, "left behind")
    code(page, "left behind")
    dialog.button("Show text").click()
    page.wait_for(lambda: "PrivateKey" in dialog.text(), "the text")
    learn_text(page, dialog)
    page.driver.execute_script("document.dispatchEvent(new Event('session-ended'));")
    assert "The session had ended" in page.alerts()
    assert not page.has("image", "QR code of the configuration of left behind")
    left = "PrivateKey" in page.driver.page_source
    assert not left
    dialog.button("Show again").click()
    code(page, "left behind")
    assert looks(world, "left behind") == 3
