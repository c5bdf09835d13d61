"""Backup and restore by the page: the file that is saved brings back what was deleted, and a client goes on."""

import re
import secrets

import pytest
from ground.account import Account
from ground.axe import axe
from ground.pictures import shoot
from ground.traces import is_nowhere
from selenium.webdriver import Keys

NAME = 'Zweigstelle "<b>\u00fc</b>" \U0001f98a'

# What is restored is told when `release()` says so.
HOLD = """
const real = fetch;
const held = new Promise((resolve) => { globalThis.release = resolve; });
globalThis.fetch = async (address, options) => {
    const answer = await real(address, options);
    if (address.pathname.endsWith("/restore") && !address.searchParams.has("dry_run")) await held;
    return answer;
};
"""


@pytest.fixture(scope="module")
def place(world):
    """A running tunnel of that name, and a client that was connected."""
    tunnel = world.rest.tunnel(name=NAME)
    peer = world.rest.peer(tunnel, "laptop")
    world.rest.start(tunnel)
    return tunnel, peer, world.connected_client(tunnel, peer)


def make(browser, world):
    """Makes a backup by the page; the file and its passphrase."""
    passphrase = secrets.token_urlsafe(18)
    world.secrets.add("a backup's passphrase", passphrase)
    browser.button("Make a backup").click()
    dialog = browser.dialog("Make a backup")
    dialog.field("Passphrase").fill(passphrase)
    dialog.field("Passphrase again").fill(passphrase)
    dialog.button("Make the backup").double_click()
    browser.wait_gone("dialog", "Make a backup")
    browser.wait_for(lambda: "Backup made" in browser.statuses(), "a word of what was made")
    name = re.search(r"aifw-vpn-\d{4}-\d\d-\d\d\.backup", browser.statuses())[0]
    return browser.download_bytes(name), passphrase


def ask(browser, file, passphrase):
    """Fills in the form of a restore and asks what would change."""
    dialog = browser.dialog("Restore a backup")
    dialog.field("File of a backup").give_file(file)
    dialog.field("Passphrase").fill(passphrase)
    dialog.button("Show changes").click()


def test_a_backup_brings_back_a_deleted_tunnel_and_its_client(world, browser, place, tmp_path):
    browser.evidence.expect_status(422)
    tunnel, peer, client = place
    path = f"/vpn/wg/{tunnel['id']}"
    browser.open("/backup")
    browser.button("Make a backup").click()
    dialog = browser.dialog("Make a backup")
    assert "no way to recover" in dialog.text()
    for passphrase, again, label, words in (
            ("short", "other", "Passphrase again", "same"), ("short", "short", "Passphrase", "12"),
            ("\u00fcber den Wolken", "\u00fcber den Wolken", "Passphrase", "English keyboard")):
        dialog.field("Passphrase").fill(passphrase)
        dialog.field("Passphrase again").fill(again)
        dialog.button("Make the backup").click()
        assert words in dialog.field(label).error()
    dialog.button("Cancel").click()
    content, passphrase = make(browser, world)
    # The tunnels' keys are lost with this machine, for it has no recovery key: the API says so.
    assert NAME in browser.statuses() and "recovery" in browser.statuses()
    assert content.startswith(b"AIFW-VPN")
    browser.wait_for_text("by admin")
    is_gone = is_nowhere(browser, passphrase)
    assert is_gone
    assert len([one for one in world.rest.get("/audit?action=backup").data]) == 1

    world.rest.delete(path).must(200)
    assert not client.reaches(tries=1)
    file, damaged, foreign = (tmp_path / name for name in ("good.backup", "damaged.backup", "foreign.backup"))
    file.write_bytes(content)
    damaged.write_bytes(content[:-20])
    foreign.write_bytes(b"PK" + bytes(200))
    browser.button("Restore a backup").click()
    dialog = browser.dialog("Restore a backup")
    dialog.button("Show changes").click()
    assert "Choose the file" in dialog.field("File of a backup").error()
    ask(browser, foreign, passphrase)
    assert "no backup of AiFw" in dialog.field("File of a backup").error()
    ask(browser, damaged, passphrase)
    assert "not whole" in dialog.field("File of a backup").error()
    huge = tmp_path / "huge.backup"
    with huge.open("wb") as stream:
        stream.truncate((64 << 20) + 1)
    ask(browser, huge, passphrase)
    assert "64 MiB" in dialog.field("File of a backup").error()
    ask(browser, file, "another horse battery")
    assert "does not open" in dialog.field("Passphrase").error()
    ask(browser, file, passphrase)
    trial = browser.dialog("What a restore would change")
    words = ("created", "updated", "deleted", "unchanged")
    assert [trial.row("Tunnels").cell(word) for word in words] == ["1", "0", "0", "0"]
    assert trial.row("Peers").cell("created") == "1" and trial.row("Users").cell("unchanged") == "1"
    world.rest.get(path).must(404)
    trial.button("Restore now").double_click()
    done = browser.dialog("Restored")
    assert done.row("Tunnels").cell("created") == "1"
    assert world.rest.get(path).must(200).data["status"] == "up"
    client.begin_anew()
    assert client.reaches()
    done.button("Done").click()
    browser.wait_gone("dialog", "Restored")
    is_gone = is_nowhere(browser, passphrase)
    assert is_gone
    assert len([one for one in world.rest.get("/audit?action=restore").data]) == 1


def test_who_is_not_in_a_backup_is_told_and_logged_out(world, visitor, admin, place, tmp_path):
    visitor.evidence.expect_status(401)
    visitor.evidence.expect_words("events")
    file = tmp_path / "former.backup"
    passphrase = secrets.token_urlsafe(18)
    world.secrets.add("a backup's passphrase", passphrase)
    file.write_bytes(world.rest.get("/backup", Backup_Passphrase=passphrase).must(200).body)
    late = Account(world.rest, "late")
    visitor.open("/backup")
    visitor.log_in(late)
    visitor.button("Restore a backup").click()
    ask(visitor, file, passphrase)
    trial = visitor.dialog("What a restore would change")
    assert trial.row("Users").cell("deleted") == "1" and "gets nobody in any more" in trial.text()
    trial.button("Back").click()
    # What was chosen is still there.
    visitor.dialog("Restore a backup").button("Show changes").click()
    visitor.dialog("What a restore would change").button("Restore now").click()
    again = visitor.dialog("Your session has ended")
    visitor.wait_for(lambda: visitor.has("dialog", "Your session has ended"), "the question for a log-in", 20)
    world.rest.get(f"/users/{late.user['id']}").must(404)
    again.link("Log in as somebody else").click()
    visitor.log_in(admin)
    visitor.wait_for_text("Logged in as admin")


def test_the_page_is_fit_for_everybody(browser):
    browser.open("/backup")
    browser.wait_for_text("Last restored")
    for theme in ("light", "dark"):
        browser.theme(theme)
        assert axe(browser) == []
    browser.no_overflow()
    shoot(browser, "backup")
    for name in ("Make a backup", "Restore a backup"):
        browser.button(name).click()
        browser.dialog(name).there()
        browser.theme("dark")
        assert axe(browser) == []
        browser.no_overflow()
        browser.dialog(name).button("Close").click()
        browser.wait_gone("dialog", name)


def test_nobody_leaves_before_it_is_told_what_was_restored(world, browser, place, tmp_path):
    file = tmp_path / "current.backup"
    passphrase = secrets.token_urlsafe(18)
    world.secrets.add("a backup's passphrase", passphrase)
    file.write_bytes(world.rest.get("/backup", Backup_Passphrase=passphrase).must(200).body)
    browser.open("/backup")
    browser.button("Restore a backup").click()
    ask(browser, file, passphrase)
    browser.driver.execute_script(HOLD)
    trial = browser.dialog("What a restore would change")
    trial.button("Restore now").click()
    trial.button("Restoring…").element
    browser.keys(Keys.ESCAPE, Keys.ESCAPE)
    for name in ("Close", "Back"):
        trial.button(name).click()
    trial.button("Restoring…").element
    assert "Discard it" not in browser.text()
    browser.driver.execute_script("release();")
    browser.dialog("Restored").button("Done").click()
    browser.wait_gone("dialog", "Restored")
