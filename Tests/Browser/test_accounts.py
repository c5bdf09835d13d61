"""Tokens, users and one-time passwords by the page; what they do is asked of the API."""

import re
import secrets
import subprocess
import time

import pytest
from ground.account import Account
from ground.axe import axe
from ground.one_time import one_time_password
from ground.pictures import shoot
from ground.traces import is_nowhere
from ground.waiting import wait_until

HOSTILE = '"><script>alert(1)</script> \U0001f98a \u05e9\u05dc\u05d5\u05dd'


def log_in(world, username, password):
    return world.rest.by().post("/auth/login", {"username": username, "password": password})


@pytest.fixture
def boss(world, visitor):
    """Another administrator, who is logged in by the form; gone after the test."""
    boss = Account(world.rest, f"boss-{secrets.token_hex(4)}")
    visitor.open("/users")
    visitor.log_in(boss)
    visitor.heading("Users").there()
    yield boss
    world.rest.delete(f"/users/{boss.user['id']}")


def scope(browser, name):
    """The box of a scope in the open dialog."""
    return browser.driver.find_element("css selector", f"dialog input[value='{name}']")


# MARK: Tokens

def test_a_token_is_shown_once_works_and_is_refused_when_it_is_deleted(world, browser):
    browser.evidence.expect_status(422)
    browser.open("/tokens")
    browser.button("Add token").click()
    dialog = browser.dialog("Add token")
    dialog.button("Add token").click()
    assert dialog.field("Name").error()
    dialog.field("Name").fill(HOSTILE)
    dialog.field("Expires").choose("at a time to choose")
    dialog.button("Add token").click()
    assert dialog.field("Expires at").error()
    dialog.field("Expires").choose("in 30 days")
    dialog.button("Add token").double_click()
    token = re.search(r"aifw_[A-Za-z0-9_-]{43}", browser.dialog("The new token").text())[0]
    world.rest.by(token).get("/vpn/wg").must(200)
    world.rest.by(token).get("/audit").must(403)
    browser.dialog("The new token").button("Copy").click()
    browser.wait_for_text("Copied")
    is_copied = browser.clipboard() == token
    assert is_copied
    browser.dialog("The new token").button("Done").click()
    browser.wait_gone("dialog", "The new token")
    is_gone = is_nowhere(browser, token)
    assert is_gone
    made = [one for one in world.rest.get("/tokens").data if one["name"] == HOSTILE]
    assert len(made) == 1 and made[0]["scopes"] == ["vpn:read"]
    row = browser.row(HOSTILE)
    assert row.cell("Expires") in ("in 29 d", "in 30 d") and row.cell("May") == "Look"
    row.button(f"Delete {HOSTILE}").click()
    browser.dialog("Delete the token?").button("Delete token").click()
    browser.wait_gone("row", HOSTILE)
    world.rest.by(token).get("/vpn/wg").must(401)


def test_a_token_that_has_expired_says_so(world, browser):
    end = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 6))
    token = world.rest.post("/tokens", {"name": "short", "scopes": ["admin"], "expires_at": end}).must(201).data
    wait_until(lambda: world.rest.by(token["token"]).get("/vpn/wg").status == 401, "the token's end", 20)
    browser.open("/tokens")
    row = browser.row("short")
    assert row.cell("Expires").startswith("expired") and row.cell("May") == "Administer"
    world.rest.delete(f"/tokens/{token['id']}").must(200)
    browser.wait_gone("row", "short")


# MARK: Users

def test_a_user_is_added_changed_and_deleted(world, browser):
    browser.evidence.expect_status(409, 412, 422)
    password = secrets.token_urlsafe(18)
    world.secrets.add("a password", password)
    browser.open("/tokens")
    browser.link("Users").click()
    browser.button("Add user").click()
    dialog = browser.dialog("Add user")
    dialog.field("Name").fill("<script>alert(1)</script>")
    dialog.field("Password").fill("short")
    dialog.field("Password again").fill("other")
    dialog.button("Add user").click()
    assert dialog.field("Password again").error() == "is not the same password"
    dialog.field("Password again").fill("short")
    dialog.button("Add user").click()
    assert "characters" in dialog.field("Name").error() and "12" in dialog.field("Password").error()
    # What is typed is not lost by the back button, and not by closing without a question.
    browser.back()
    browser.wait_for_text("unsaved changes")
    assert browser.path() == "/users" and dialog.field("Name").value() == "<script>alert(1)</script>"
    dialog.button("Close").click()
    dialog.button("Keep editing").click()
    dialog.field("Name").fill("ADMIN")
    for label in ("Password", "Password again"):
        dialog.field(label).fill(password)
    dialog.button("Add user").click()
    assert dialog.field("Name").error()
    dialog.field("Name").fill("anna@example.org")
    scope(browser, "vpn:write").click()
    dialog.button("Add user").double_click()
    browser.wait_gone("dialog", "Add user")
    browser.wait_for(lambda: "anna@example.org" in browser.statuses(), "a word of what was done")
    row = browser.row("anna@example.org")
    assert (row.cell("May"), row.cell("Last log-in")) == ("Look, change", "never")
    is_gone = is_nowhere(browser, password)
    assert is_gone
    session = log_in(world, "anna@example.org", password).must(200).headers["Set-Cookie"].split(";")[0]
    user = next(one for one in world.rest.get("/users").data if one["username"] == "anna@example.org")
    assert user["scopes"] == ["vpn:read", "vpn:write"]

    # Another one changes the user while the form is open.
    row.button("Edit anna@example.org").click()
    dialog = browser.dialog("Edit anna@example.org")
    world.rest.request("PATCH", f"/users/{user['id']}", {"username": "anna"}).must(200)
    dialog.field("Name").fill("anne")
    dialog.button("Save").click()
    browser.wait_for(lambda: "changed by somebody else" in browser.alerts(), "the words of the 412")
    assert world.rest.get(f"/users/{user['id']}").data["username"] == "anna"
    dialog.button("Close").click()
    dialog.button("Discard it").click()
    browser.row("anna").button("Edit anna").click()
    dialog = browser.dialog("Edit anna")
    dialog.field("Name").fill("anne")
    scope(browser, "vpn:write").click()
    dialog.button("Save").click()
    assert browser.row("anne").cell("May") == "Look"
    world.rest.by().get("/auth/session", Cookie=session).must(401)

    browser.row("anne").button("Delete anne").click()
    browser.dialog("Delete the user?").button("Delete user").click()
    browser.wait_gone("row", "anne")
    world.rest.get(f"/users/{user['id']}").must(404)


def test_who_changes_the_own_password_logs_in_again_and_goes_on(world, visitor, boss):
    visitor.evidence.expect_status(401)
    # The stream ends with the session.
    visitor.evidence.expect_words("events")
    former, boss.password = boss.password, secrets.token_urlsafe(18)
    world.secrets.add("a password", boss.password)
    visitor.row(boss.username).button(f"Edit {boss.username}").click()
    dialog = visitor.dialog(f"Edit {boss.username}")
    boss.username = f"{boss.username}-ii"
    dialog.field("Name").fill(boss.username)
    for label in ("New password optional", "Password again optional"):
        dialog.field(label).fill(boss.password)
    dialog.button("Save").click()
    again = visitor.dialog("Your session has ended")
    assert again.field("User name").value() == boss.username
    visitor.log_in(boss)
    visitor.wait_gone("dialog", "Your session has ended")
    assert boss.username in visitor.row(boss.username).cell("Name")
    visitor.wait_for_text(f"Logged in as {boss.username}")
    log_in(world, boss.username, former).must(401)
    is_gone = is_nowhere(visitor, boss.password)
    assert is_gone


# MARK: One-time passwords

def codes(browser, account):
    """What the list of users says of an account's one-time passwords."""
    return browser.row(account.username).cell("One-time password")


def test_an_authenticator_is_enrolled_by_its_picture_and_then_a_log_in_needs_it(world, visitor, boss):
    visitor.evidence.expect_status(401, 422)
    visitor.evidence.expect_words("events")
    row = visitor.row(boss.username)
    row.button(f"Set up one-time passwords of {boss.username}").click()
    dialog = visitor.dialog(f"One-time passwords for {boss.username}")
    visitor.settle()
    image = visitor.driver.find_element("css selector", "dialog img")
    assert image.get_attribute("src").startswith("blob:") and image.size["width"] >= 280
    picture = image.screenshot_as_png
    read = subprocess.run(
        ["zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", "-"], input=picture, check=True,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.decode().strip()
    found = re.fullmatch(rf"otpauth://totp/AiFw:{boss.username}\?secret=([A-Z2-7]{{32}})&issuer=AiFw.*", read)
    assert found is not None
    secret = found[1]
    world.secrets.add("a seed in base 32", secret)
    is_shown = secret in dialog.text()
    assert is_shown
    assert axe(visitor) == []
    # No code of now is it; nothing has changed by a wrong one.
    near = {one_time_password(secret, step) for step in range(-2, 3)}
    dialog.field("Code").fill(next(text for text in ("000000", "111111", "222222", "333333", "444444", "555555")
                                   if text not in near))
    dialog.button("Switch on").click()
    assert "authenticator" in dialog.field("Code").error()
    dialog.field("Code").fill(one_time_password(secret))
    dialog.button("Switch on").click()
    visitor.dialog("Your session has ended").there()
    visitor.wait_for(lambda: is_nowhere(visitor, secret), "the end of what shows the secret")
    assert visitor.driver.find_elements("css selector", "img[src^='blob:']") == []
    # A password alone is not enough; the code that confirmed it is taken no more, the next one is.
    visitor.dialog("Your session has ended").field("Password").fill(boss.password)
    visitor.dialog("Your session has ended").button("Log in").click()
    visitor.dialog("Your session has ended").field("One-time password").fill(one_time_password(secret, 1))
    visitor.dialog("Your session has ended").button("Log in").click()
    visitor.wait_gone("dialog", "Your session has ended")
    visitor.wait_for(lambda: codes(visitor, boss).startswith("yes"), "the row as it is now")
    assert world.rest.get(f"/users/{boss.user['id']}").data["has_totp"] is True

    visitor.row(boss.username).button(f"Remove one-time passwords of {boss.username}").click()
    visitor.dialog("Remove one-time passwords?").button("Remove").click()
    visitor.log_in(boss)
    visitor.wait_gone("dialog", "Remove one-time passwords?")
    visitor.wait_for(lambda: codes(visitor, boss).startswith("no"), "the row as it is now")


# MARK: Who may not, and how it looks

def test_who_is_no_administrator_sees_no_page_of_theirs(world, visitor):
    reader = Account(world.rest, "reader", ["vpn:read"])
    visitor.open("/users")
    visitor.log_in(reader)
    visitor.wait_for_text("This page is for administrators.")
    for path, name in (("/audit", "Audit"), ("/tokens", "Tokens"), ("/users", "Users"), ("/backup", "Backup")):
        visitor.open(path)
        visitor.wait_for_text("This page is for administrators.")
        assert visitor.has("heading", name) and not visitor.has("link", name)
    assert axe(visitor) == []
    world.rest.delete(f"/users/{reader.user['id']}").must(200)


@pytest.mark.parametrize("page, action, dialog", [
    ("tokens", "Add token", "Add token"), ("users", "Add user", "Add user"),
])
def test_each_page_is_fit_for_everybody(world, browser, page, action, dialog):
    token = world.rest.post("/tokens", {"name": HOSTILE, "scopes": ["vpn:read"]}).must(201).data
    browser.open(f"/{page}")
    browser.row(HOSTILE if page == "tokens" else "admin (you)").there()
    for theme in ("light", "dark"):
        browser.theme(theme)
        assert axe(browser) == []
    browser.no_overflow()
    shoot(browser, page)
    browser.button(action).click()
    browser.dialog(dialog).there()
    browser.theme("dark")
    assert axe(browser) == []
    browser.no_overflow()
    world.rest.delete(f"/tokens/{token['id']}").must(200)


# MARK: What is typed or clicked in haste

def test_a_year_of_five_digits_is_refused_and_the_page_goes_on(browser):
    browser.evidence.expect_status(422)
    browser.open("/tokens")
    browser.button("Add token").click()
    dialog = browser.dialog("Add token")
    dialog.field("Name").fill("for ages")
    dialog.field("Expires").choose("at a time to choose")
    dialog.field("Expires at").fill("12026-11-26T08:00")
    dialog.button("Add token").click()
    assert dialog.field("Expires at").error()
    dialog.button("Close").click()
    dialog.button("Discard it").click()
    browser.wait_gone("dialog", "Add token")
    browser.link("Users").click()
    browser.wait_for(lambda: browser.has("heading", "Users"), "the other page")


def test_a_double_click_opens_one_form_and_makes_one_secret(world, visitor, boss):
    visitor.evidence.expect_status(401)
    visitor.evidence.expect_words("events")
    row = visitor.row(boss.username)
    open_dialogs = "return document.querySelectorAll('dialog[open]').length;"
    row.button(f"Edit {boss.username}").double_click()
    dialog = visitor.dialog(f"Edit {boss.username}")
    visitor.settle()
    assert visitor.driver.execute_script(open_dialogs) == 1
    dialog.button("Close").click()
    visitor.wait_gone("dialog", f"Edit {boss.username}")
    row.button(f"Set up one-time passwords of {boss.username}").double_click()
    dialog = visitor.dialog(f"One-time passwords for {boss.username}")
    visitor.settle()
    assert visitor.driver.execute_script(open_dialogs) == 1
    secret = visitor.driver.find_element("css selector", ".enrolment .secret").text
    world.secrets.add("a seed in base 32", secret)
    dialog.field("Code").fill(one_time_password(secret))
    dialog.button("Switch on").click()
    visitor.dialog("Your session has ended").there()
    assert world.rest.get(f"/users/{boss.user['id']}").data["has_totp"] is True
