"""Coming in and going out: the first administrator, log-in and log-out, sessions that end, and other sites' pages."""

import json
import secrets

import pytest
from ground.account import Account
from ground.browser import Browser
from ground.cable import Cable
from ground.one_time import one_time_password
from ground.site import Site
from ground.waiting import wait_until
from ground.world import World
from selenium.webdriver import Keys

WRONG = "The name, the password or the one-time password is wrong."


@pytest.fixture
def new_firewall(request, binaries, chromium):
    """The browser of whoever sets up a firewall that has no user yet."""
    world = World(binaries)
    cable = Cable(lambda: world.rest.port)
    try:
        browser = Browser(chromium, f"https://127.0.0.1:{cable.port}", world)
        yield browser
        browser.end(request.node.name)
    finally:
        cable.cut()
        world.close()


@pytest.fixture(scope="module")
def site(world):
    """Pages of another port of the same host, by HTTPS: to a browser the same site, so that cookies go along."""
    sites = []

    def make(pages, **options):
        sites.append(Site(pages, **options))
        return sites[-1]

    yield make
    for one in sites:
        one.close()


def cookie(browser):
    """The session's, as a header field has it; None without one."""
    found = [one for one in browser.driver.get_cookies() if one["name"] == "__Host-aifw"]
    return f"__Host-aifw={found[0]['value']}" if found else None


def end_session(browser):
    """As the server would, behind the page's back: by its cookie, from elsewhere."""
    rest = browser.world.rest.by()
    token = rest.get("/auth/session", Cookie=cookie(browser)).must(200).data["csrf_token"]
    rest.post("/auth/logout", Cookie=cookie(browser), X_CSRF_Token=token).must(200)


def arrive(browser, heading):
    """Returns when the page of this heading is there."""
    browser.wait_for(lambda: browser.has("heading", heading), f"the page {heading}")


def token_names(world):
    return {token["name"] for token in world.rest.get("/tokens").must(200).data}


def begin_token(browser, name):
    """Opens the form of a new token, and types its name."""
    browser.open("/tokens")
    browser.button("Add token").click()
    browser.dialog("Add token").field("Name").fill(name)


def see_new_token(browser):
    """Returns when it is shown, and closes that."""
    dialog = browser.dialog("The new token")
    browser.world.secrets.read_text(dialog.text())
    dialog.button("Done").click()
    browser.wait_gone("dialog", "The new token")


# MARK: The first administrator

def test_whoever_has_the_code_becomes_the_first_administrator_and_nobody_the_second(new_firewall):
    browser, world = new_firewall, new_firewall.world
    browser.evidence.expect_status(403, 409, 422)
    browser.open("/")
    browser.link("Set it up with the one-time code").click()
    code = world.aifw("admin", "setup-code").stdout.strip()
    world.secrets.add("a set-up code", code)
    assert browser.focused().name() == "One-time code"
    password = secrets.token_urlsafe(18)
    world.secrets.add("a password", password)

    def send(code, name, password, again):
        for label, text in (("One-time code", code), ("User name", name), ("Password", password),
                            ("Password again", again)):
            browser.field(label).fill(text)
        browser.button("Set up").click()

    send("AAAAA-AAAAA-AAAAA-AAAAA-AAAAAA", "root", password, password)
    assert "aifw admin setup-code" in browser.field("One-time code").error()
    assert browser.focused().name() == "One-time code"
    send(code, "root", "short", "short")
    assert "12" in browser.field("Password").error()
    send(code, "root", password, password + "?")
    assert browser.field("Password again").error() == "is not the same password"
    assert not browser.field("One-time code").is_refused()
    assert world.rest.get("/users").data == []
    # As somebody types who reads it from another screen.
    send(code.replace("-", "").lower(), "root", password, password)
    arrive(browser, "Overview")
    assert browser.path() == "/" and world.rest.get("/users").data[0]["username"] == "root"
    browser.tell_session()
    browser.open("/setup")
    send(code, "eve", password, password)
    browser.wait_for(lambda: "There is a user already" in browser.alerts(), "the refusal")
    assert [user["username"] for user in world.rest.get("/users").data] == ["root"]


def test_a_password_manager_is_told_what_each_field_is(visitor):
    visitor.open("/setup")
    assert visitor.field("User name").attribute("autocomplete") == "username"
    for label in ("Password", "Password again"):
        assert visitor.field(label).attribute("autocomplete") == "new-password"
        assert visitor.field(label).attribute("type") == "password"
    visitor.open("/")
    assert visitor.field("User name").attribute("autocomplete") == "username"
    assert visitor.field("Password").attribute("autocomplete") == "current-password"
    assert visitor.field("Password").attribute("type") == "password"
    hidden = visitor.driver.find_element("css selector", "input[name=totp]")
    assert hidden.get_attribute("autocomplete") == "one-time-code" and not hidden.is_displayed()


# MARK: In

def test_a_wrong_password_is_refused_in_words_and_the_address_is_kept(visitor, admin):
    visitor.evidence.expect_status(401)
    visitor.open("/tokens")
    visitor.field("User name").fill(admin.username)
    visitor.field("Password").fill("not the password")
    visitor.button("Log in").click()
    visitor.wait_for(lambda: WRONG in visitor.alerts(), "the refusal")
    assert not visitor.has("field", "One-time password")
    visitor.log_in(admin)
    arrive(visitor, "Tokens")
    assert visitor.path() == "/tokens" and visitor.driver.title == "Tokens · AiFw VPN"
    visitor.wait_for_text("system-tests")
    visitor.reload()
    visitor.wait_for_text("system-tests")
    assert not visitor.has("field", "Password")


def test_a_one_time_password_is_asked_for_where_it_is_needed(visitor, world):
    olga = Account(world.rest, "olga", ["vpn:read"])
    enrolled = world.rest.post(f"/users/{olga.user['id']}/totp").must(201).data
    code = one_time_password(enrolled["secret"])
    world.rest.request("PUT", f"/users/{olga.user['id']}/totp", {"code": code}).must(200)
    visitor.evidence.expect_status(401)
    visitor.open("/ipsec")
    visitor.field("User name").fill(olga.username)
    visitor.field("Password").fill(olga.password)
    visitor.keys(Keys.ENTER)
    field = visitor.field("One-time password")
    visitor.wait_for(lambda: visitor.focused().name() == "One-time password", "the focus at the new field")
    assert visitor.alerts() == ""
    later = one_time_password(enrolled["secret"], 1)
    field.fill(f"{(int(later) + 500_000) % 1_000_000:06}")
    visitor.keys(Keys.ENTER)
    visitor.wait_for(lambda: WRONG in visitor.alerts(), "the refusal")
    field.fill(later)
    visitor.keys(Keys.ENTER)
    arrive(visitor, "IPsec")
    visitor.tell_session()
    assert visitor.path() == "/ipsec" and not visitor.has("link", "Users")


def test_somebody_with_a_phone_or_without_a_mouse_gets_in(visitor, admin):
    visitor.size("phone")
    visitor.open("/tokens")
    visitor.wait_for(lambda: visitor.focused().name() == "User name", "the focus at the first field")
    visitor.keys(admin.username, Keys.TAB, admin.password, Keys.ENTER)
    arrive(visitor, "Tokens")
    visitor.tell_session()
    visitor.wait_for(lambda: visitor.focused().name() == "Tokens", "the focus at the heading")
    visitor.no_overflow()


def test_no_secret_is_where_scripts_or_others_may_read_it(visitor, world, admin):
    visitor.open("/tokens")
    visitor.log_in(admin)
    arrive(visitor, "Tokens")
    seen = visitor.driver.execute_script("""return JSON.stringify([{...localStorage}, {...sessionStorage},
        history.state, location.href, document.cookie, name,
        [...document.querySelectorAll("input")].map((input) => input.value)]);""")
    held = cookie(visitor)
    token = world.rest.by().get("/auth/session", Cookie=held).must(200).data["csrf_token"]
    kept = json.loads(seen)[0]
    mark = json.loads(kept.pop("logged-in"))
    # A word of this log-in's own, which opens nothing.
    assert kept == {} and set(mark) == {"name", "id"} and mark["name"] == admin.username
    assert mark["id"] not in held + token and json.loads(seen)[4] == ""
    for secret in (admin.password, held.split("=")[1], token):
        assert secret not in seen
    databases = visitor.driver.execute_async_script("indexedDB.databases().then(arguments[0]);")
    assert databases == [] and visitor.driver.execute_async_script("caches.keys().then(arguments[0]);") == []
    assert all(admin.password not in url and token not in url for url in visitor.evidence.urls())


# MARK: Out

def test_after_a_log_out_the_cookie_is_dead_and_back_shows_nothing(visitor, world, admin):
    visitor.open("/tokens")
    visitor.log_in(admin)
    visitor.wait_for_text("system-tests")
    old = cookie(visitor)
    visitor.button("Log out").click()
    visitor.wait_for(lambda: visitor.has("field", "Password"), "the log-in")
    world.rest.by().get("/auth/session", Cookie=old).must(401)
    assert cookie(visitor) is None
    visitor.back()
    visitor.wait_for(lambda: visitor.path() == "/tokens" and visitor.has("field", "Password"), "the log-in again")
    assert "system-tests" not in visitor.driver.page_source
    visitor.reload()
    visitor.field("Password").focus()


def test_what_was_typed_outlives_the_session_and_is_sent_after_the_log_in(browser, world, admin):
    browser.evidence.expect_status(401)
    begin_token(browser, "typed before")
    browser.wait_for(lambda: "live" in browser.statuses(), "the stream")
    end_session(browser)
    browser.keys(Keys.ENTER)
    dialog = browser.dialog("Your session has ended")
    assert dialog.field("User name").value() == admin.username
    browser.wait_for(lambda: browser.focused().name() == "Password", "the focus at the password")
    assert browser.driver.find_element("css selector", "input[name=name]").get_property("value") == "typed before"
    # Nothing but a log-in closes it.
    browser.keys(Keys.ESCAPE, Keys.ESCAPE, Keys.ESCAPE)
    assert browser.has("dialog", "Your session has ended")
    dialog.field("Password").fill(admin.password)
    browser.keys(Keys.ENTER)
    see_new_token(browser)
    browser.tell_session()
    browser.wait_for_text("typed before")
    assert [token["name"] for token in world.rest.get("/tokens").data].count("typed before") == 1


def test_a_log_out_in_another_tab_is_noticed_and_loses_nothing(browser, admin):
    browser.evidence.expect_status(401)
    # The stream that is refused has no status in the console.
    browser.evidence.expect_words("net::ERR_")
    begin_token(browser, "typed in the first tab")
    first = browser.new_tab()
    browser.open("/tokens")
    browser.button("Log out").click()
    browser.wait_for(lambda: browser.has("field", "Password"), "the log-in")
    browser.go_to_tab(first)
    browser.dialog("Your session has ended").field("Password").fill(admin.password)
    browser.keys(Keys.ENTER)
    browser.wait_gone("dialog", "Your session has ended")
    browser.tell_session()
    assert browser.dialog("Add token").field("Name").value() == "typed in the first tab"
    browser.dialog("Add token").field("Name").focus()
    browser.keys(Keys.ENTER)
    see_new_token(browser)
    browser.wait_for_text("typed in the first tab")
    browser.wait_for(lambda: "live" in browser.statuses().split("\n"), "the stream again")


def test_somebody_else_may_go_on_where_a_session_has_ended(browser, world):
    eve = Account(world.rest, "eve", ["vpn:read"])
    browser.evidence.expect_status(401)
    browser.evidence.expect_words("net::ERR_")
    browser.open("/tokens")
    browser.wait_for_text("system-tests")
    end_session(browser)
    browser.dialog("Your session has ended").link("Log in as somebody else").click()
    browser.field("User name").fill("")
    browser.log_in(eve)
    browser.wait_for_text("Logged in as eve")
    assert browser.path() == "/" and not browser.has("link", "Tokens")


def test_nothing_is_done_in_the_name_of_who_has_logged_in_in_another_tab(browser, world):
    boris = Account(world.rest, "boris", ["admin"])
    browser.evidence.expect_status(403, 401)
    begin_token(browser, "whose")
    first = browser.new_tab()
    browser.enter(boris)
    browser.evidence.expect_status(403)
    browser.go_to_tab(first)
    browser.dialog("Add token").field("Name").focus()
    browser.keys(Keys.ENTER)
    browser.wait_for(lambda: "boris has logged in" in browser.alerts(), "the refusal")
    assert "whose" not in token_names(world)
    assert browser.has("dialog", "Somebody else is logged in")
    assert browser.driver.find_element("css selector", "input[name=name]").get_property("value") == "whose"


# MARK: Other sites, and who tries too often

def test_a_write_without_the_token_against_other_sites_changes_nothing(browser, world):
    browser.evidence.expect_status(403)
    browser.open("/tokens")
    browser.wait_for_text("system-tests")
    answer = browser.driver.execute_async_script("""fetch("/api/v1/tokens", {method: "POST",
        headers: {"Content-Type": "application/json"}, body: JSON.stringify({name: "forged", scopes: ["admin"]}),
    }).then(async (response) => arguments[0]([response.status, (await response.json()).type]));""")
    assert answer == [403, "/problems/csrf"] and "forged" not in token_names(world)


ATTACK = """<!DOCTYPE html><title>A page</title><link rel="icon" href="data:,">
<form method="post" action="%(origin)s/api/v1/%(path)s" enctype="%(type)s"><input name='%(head)s' value='%(tail)s'>
</form><script>
const body = JSON.stringify(%(body)s), url = "%(origin)s/api/v1/%(path)s", done = [];
const tell = (name) => (answer) => {
    done.push(name + ": " + (answer.type ?? answer.name));
    document.title = done.length;
};
fetch(url, {method: "POST", mode: "no-cors", credentials: "include", body}).then(tell("plain"), tell("plain"));
fetch(url, {method: "POST", credentials: "include", body, headers: {"Content-Type": "application/json",
    "X-CSRF-Token": "x"}}).then(tell("with fields"), tell("with fields"));
fetch("%(origin)s/api/v1/tokens", {credentials: "include"}).then(tell("read"), tell("read"));
</script>"""


@pytest.mark.parametrize("scheme", ["https", "http"])
@pytest.mark.parametrize("path", ["tokens", "auth/login", "auth/logout"])
def test_a_page_of_another_port_can_neither_change_nor_read_anything(browser, world, admin, site, scheme, path):
    browser.open("/tokens")
    browser.wait_for_text("system-tests")
    held = cookie(browser)
    eve = {"username": "mallory", "password": secrets.token_urlsafe(18)}
    body = {"tokens": {"name": "forged", "scopes": ["admin"]}, "auth/login": eve, "auth/logout": {}}[path]
    text = json.dumps(body)[:-1] + (", " if body else "") + '"rest": "'
    tls = [world.folder / "api" / name for name in ("tls.crt", "tls.key")] if scheme == "https" else None
    page = ATTACK % {"origin": browser.origin, "path": path, "type": "text/plain", "head": text, "tail": '"}',
                     "body": json.dumps(body)}
    driver = browser.driver
    other = site({"/": page}, tls=tls)
    driver.get(other.origin)
    browser.wait_for(lambda: driver.title == "3", "the end of three requests")
    # No answer was for that page's eyes; only the one that nobody reads was sent at all.
    told = sorted(driver.execute_script("return done;"))
    assert told == ["plain: opaque", "read: TypeError", "with fields: TypeError"]
    driver.execute_script("document.forms[0].submit();")
    browser.wait_for(lambda: "/problems/" in browser.text(), "the answer to the form")
    assert '"status":2' not in browser.text().replace(" ", "")
    # What that page was told, and asked, is not our page's.
    browser.evidence.begin()
    assert "forged" not in token_names(world)
    assert world.rest.by().get("/auth/session", Cookie=held).must(200).data["name"] == admin.username
    assert cookie(browser) in (held, None)
    browser.open("/tokens")
    browser.wait_for_text("system-tests")


def test_who_has_failed_too_often_is_told_to_wait_and_let_in_afterwards(new_firewall):
    browser, world = new_firewall, new_firewall.world
    root = Account(world.rest, "root")
    browser.evidence.expect_status(429)
    browser.open("/")
    browser.field("User name").fill(root.username)
    browser.field("Password").fill(root.password)

    def fail():
        answer = world.rest.by().post("/auth/login", {"username": "nobody", "password": "not the password"})
        return answer.status == 429 and int(answer.headers["Retry-After"]) >= 8

    wait_until(fail, "a wait of 8 s", 40)
    browser.keys(Keys.ENTER)
    browser.wait_for(lambda: "the next one is taken in" in browser.alerts(), "the words")

    def again():
        browser.keys(Keys.ENTER)
        browser.settle()
        return not browser.has("field", "Password")

    browser.wait_for(again, "the way in", 40)
    arrive(browser, "Overview")
    browser.tell_session()


# MARK: What happens while a session has ended, or is another's

def test_back_does_not_close_the_log_in(browser, admin):
    browser.evidence.expect_status(401)
    browser.evidence.expect_words("net::ERR_")
    browser.open("/")
    arrive(browser, "Overview")
    browser.link("Tokens").click()
    arrive(browser, "Tokens")
    browser.wait_for(lambda: "live" in browser.statuses().split("\n"), "the stream")
    end_session(browser)
    browser.dialog("Your session has ended").field("Password").focus()
    browser.back()
    browser.wait_for(lambda: browser.path() == "/", "the page before")
    assert browser.has("dialog", "Your session has ended")
    browser.log_in(admin)
    browser.wait_gone("dialog", "Your session has ended")
    arrive(browser, "Overview")
    browser.wait_for_text("Nothing needs attention.")


def log_in_in_another_tab(browser, account):
    """As whoever does not know that somebody is logged in here; returns to the first tab."""
    first = browser.new_tab()
    browser.open("/setup")
    browser.driver.execute_script("localStorage.clear();")
    browser.open("/")
    browser.log_in(account)
    arrive(browser, "Overview")
    browser.go_to_tab(first)


def test_nothing_is_read_in_the_name_of_who_has_logged_in_in_another_tab(browser, world):
    vera = Account(world.rest, "vera", ["admin"])
    tunnel = world.rest.tunnel(enabled=False)
    peer = world.rest.peer(tunnel, "laptop")
    browser.open(f"/wireguard/{tunnel['id']}")
    browser.wait_for_text("laptop")
    log_in_in_another_tab(browser, vera)
    dialog = browser.dialog("Somebody else is logged in")
    assert "vera has logged in" in dialog.text()
    browser.keys(Keys.ESCAPE, Keys.ESCAPE, Keys.ESCAPE)
    assert browser.has("dialog", "Somebody else is logged in")
    refused = browser.driver.execute_async_script(
        "import(`${location.origin}/page/lib/api.js`).then(({ get }) => get(arguments[0], { as: 'text' }))"
        ".then(() => arguments[1]('read'), (error) => arguments[1](error.code));",
        f"/vpn/wg/{tunnel['id']}/peers/{peer['id']}/config")
    assert refused == "somebody-else"
    revealed = world.rest.get("/audit?action=reveal").must(200).data
    assert "vera" not in [line["actor"]["name"] for line in revealed]
    dialog.button("Load the page again").click()
    browser.wait_for_text("Logged in as vera")
    world.rest.delete(f"/vpn/wg/{tunnel['id']}").must(200)


def test_who_the_session_belongs_to_is_asked_when_the_stream_comes_back(browser, world, cable):
    nora = Account(world.rest, "nora", ["admin"])
    browser.evidence.expect_words("net::ERR_")
    browser.open("/tokens")
    browser.wait_for(lambda: "live" in browser.statuses().split("\n"), "the stream")
    first = browser.new_tab()
    # Without a word to other tabs.
    browser.enter(nora)
    browser.evidence.expect_words("net::ERR_")
    browser.go_to_tab(first)
    cable.cut()
    browser.wait_for(lambda: "Not live" in browser.statuses(), "words about the stream")
    cable.mend()
    browser.wait_for(lambda: browser.has("dialog", "Somebody else is logged in"), "words about nora", seconds=40)
    assert "nora has logged in" in browser.text()


def test_another_name_of_the_same_user_is_known_in_every_tab(visitor, world):
    zoe = Account(world.rest, "zoe", ["admin"])
    visitor.open("/tokens")
    visitor.log_in(zoe)
    arrive(visitor, "Tokens")
    first = visitor.new_tab()
    visitor.open("/users")
    visitor.row("zoe").button("Edit zoe").click()
    visitor.dialog("Edit zoe").field("Name").fill("zoe-ii")
    visitor.dialog("Edit zoe").button("Save").click()
    visitor.wait_gone("dialog", "Edit zoe")
    visitor.go_to_tab(first)
    visitor.wait_for_text("Logged in as zoe-ii")
    visitor.link("Users").click()
    visitor.row("zoe-ii").there()
    assert not visitor.has("dialog")


def see_ended_session(browser):
    """Ends it, and returns when the page asks for the password."""
    end_session(browser)
    browser.dialog("Your session has ended").field("Password").focus()


def shown(browser):
    """All that can be read, in whatever dialog."""
    return browser.driver.execute_script("return document.body.innerText;")


def test_keys_are_covered_when_the_session_has_ended(browser, world, admin):
    browser.evidence.expect_status(401)
    browser.evidence.expect_words("net::ERR_")
    tunnel = world.rest.tunnel(endpoint="vpn.example.org:51820", enabled=False)
    world.rest.peer(tunnel, "laptop")
    association = world.rest.association(enabled=False)

    def lock_and_return():
        see_ended_session(browser)
        text, source = shown(browser), browser.driver.page_source
        browser.log_in(admin)
        browser.wait_gone("dialog", "Your session has ended")
        return text, source

    browser.open(f"/wireguard/{tunnel['id']}")
    browser.button("Configuration of laptop").click()
    dialog = browser.dialog("Configuration of laptop")
    dialog.button("Show text").click()
    browser.wait_for(lambda: "PrivateKey" in shown(browser), "the text")
    text, source = lock_and_return()
    is_covered = "PrivateKey" not in text and "PrivateKey" not in source
    assert is_covered

    browser.open("/ipsec")
    browser.button("Far end office-to-dc").click()
    browser.dialog("Far end of office-to-dc").button("Show text").click()
    browser.wait_for(lambda: "ip xfrm" in shown(browser), "the text")
    text, source = lock_and_return()
    is_covered = "ip xfrm state" not in text and "ip xfrm state" not in source
    assert is_covered
    world.rest.delete(f"/vpn/ipsec/{association['id']}").must(200)
    world.rest.delete(f"/vpn/wg/{tunnel['id']}").must(200)


def test_what_is_shown_once_can_be_read_again_after_the_log_in_only(browser, world, admin):
    browser.evidence.expect_status(401)
    browser.evidence.expect_words("net::ERR_")
    begin_token(browser, "seen once")
    browser.keys(Keys.ENTER)
    browser.wait_for(lambda: "aifw_" in browser.dialog("The new token").text(), "the token")
    world.secrets.read_text(browser.dialog("The new token").text())
    see_ended_session(browser)
    is_covered = "aifw_" not in shown(browser)
    assert is_covered
    browser.log_in(admin)
    browser.wait_gone("dialog", "Your session has ended")
    is_back = "aifw_" in shown(browser)
    assert is_back
    see_new_token(browser)

    user = Account(world.rest, "enrolled", ["vpn:read"])
    browser.open("/users")
    browser.row("enrolled").button("Set up one-time passwords of enrolled").click()
    browser.dialog("One-time passwords for enrolled").field("Code").focus()
    picture = browser.driver.find_element("css selector", ".enrolment img")
    secret = browser.driver.find_element("css selector", ".enrolment .secret").text
    world.secrets.add("a seed in base 32", secret)
    see_ended_session(browser)
    is_covered = secret not in shown(browser) and not picture.is_displayed()
    assert is_covered
    browser.log_in(admin)
    browser.wait_gone("dialog", "Your session has ended")
    assert picture.is_displayed()
    world.rest.delete(f"/users/{user.user['id']}").must(200)
