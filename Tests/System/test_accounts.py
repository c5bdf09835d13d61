"""People who log in: the first administrator, sessions over TLS, one-time passwords, limits, and what the log says."""

import base64
import json
import re
import secrets

import pytest
from ground.one_time import one_time_password
from ground.waiting import wait_until
from test_qr import drawn, holds

PASSWORD, OTHER = secrets.token_urlsafe(18), secrets.token_urlsafe(18)


class Browser:
    """What a page of ours does: it keeps the cookie, and sends the token against other sites."""

    def __init__(self, world):
        self.rest = world.rest.by()
        self.cookie = self.csrf = None

    def login(self, username="root", password=PASSWORD, **more):
        answer = self.rest.post("/auth/login", {"username": username, "password": password} | more)
        if answer.status == 200:
            self.cookie = answer.headers["Set-Cookie"].split(";")[0]
            self.csrf = answer.data["csrf_token"]
        return answer

    def request(self, method, path, body=None, **headers):
        if self.cookie:
            headers["Cookie"] = self.cookie
        if self.csrf:
            headers["X_CSRF_Token"] = self.csrf
        return self.rest.request(method, path, body, **headers)

    def get(self, path):
        return self.request("GET", path)


def set_up(world):
    """The first administrator, made as the manual says; the code."""
    setup_code = world.aifw("admin", "setup-code").stdout.strip()
    world.rest.by().post(
        "/auth/setup", {"code": setup_code, "username": "root", "password": PASSWORD}).must(201)
    return setup_code


@pytest.fixture
def browser(world):
    """A world with the administrator `root`, who is logged in."""
    set_up(world)
    browser = Browser(world)
    browser.login().must(200)
    return browser


def test_the_first_administrator_is_made_by_the_code_and_there_is_no_second_first(world):
    nobody = world.rest.by()
    wrong = {"code": "AAAAA-AAAAA-AAAAA-AAAAA-AAAAAA", "username": "eve", "password": PASSWORD}
    assert nobody.post("/auth/setup", wrong).must(403).json["type"] == "/problems/setup-code-refused"
    setup_code = set_up(world)
    again = {"code": setup_code, "username": "eve", "password": PASSWORD}
    assert nobody.post("/auth/setup", again).must(409).json["type"] == "/problems/setup-done"
    refused = world.aifw("admin", "setup-code", check=False)
    assert refused.returncode == 1 and refused.stdout == ""
    (user,) = json.loads(world.aifw("user", "list", "--json").stdout)["data"]
    assert (user["username"], user["scopes"]) == ("root", ["admin"])


def test_a_session_does_what_its_user_may_and_changes_nothing_for_another_site(world, browser):
    cookie = browser.login().must(200).headers["Set-Cookie"]
    assert re.fullmatch(
        r"__Host-aifw=[\w-]{43}; Path=/; Max-Age=43200; Secure; HttpOnly; SameSite=Strict", cookie)
    assert browser.get("/users").must(200).json["total"] == 1
    body = {"username": "reader", "password": PASSWORD, "scopes": ["vpn:read"]}
    csrf, browser.csrf = browser.csrf, None
    assert browser.request("POST", "/users", body).must(403).json["type"] == "/problems/csrf"
    browser.csrf = csrf
    browser.request("POST", "/users", body).must(201)
    reader = Browser(world)
    reader.login("READER").must(200)
    reader.get("/vpn/ipsec").must(200)
    for path in ("/users", "/audit", "/tokens"):
        assert reader.get(path).must(403).json["type"] == "/problems/forbidden"
    elsewhere = {"Sec_Fetch_Site": "cross-site"}
    assert browser.rest.post("/auth/login", {"username": "root", "password": PASSWORD}, **elsewhere).status == 403
    assert browser.request("POST", "/auth/logout").must(200).json == {"message": "Logged out"}
    browser.get("/auth/session").must(401)
    reader.get("/auth/session").must(200)


def test_a_session_outlives_the_daemon_and_ends_with_the_password(world, browser):
    world.api.kill()
    world.start_api()
    browser.rest.port = world.rest.port
    assert browser.get("/auth/session").must(200).data["name"] == "root"
    file = world.folder / "clients" / "password"
    file.write_text(OTHER + "\n")
    world.shell('aifw user password root --password-stdin < "$1"', file)
    browser.get("/auth/session").must(401)
    browser.login().must(401)
    browser.login(password=OTHER).must(200)
    world.aifw("user", "remove", "root")
    browser.get("/auth/session").must(401)


def test_with_one_time_passwords_a_password_alone_is_not_enough(world, browser):
    user = browser.get("/users").data[0]["id"]
    enrolled = browser.request("POST", f"/users/{user}/totp").must(201).data
    assert f"secret={enrolled['secret']}&" in enrolled["otpauth_uri"]
    is_whole = holds(drawn(enrolled["qr_svg"].encode()), enrolled["otpauth_uri"])
    assert is_whole
    assert (world.folder / "api" / "totp.key").stat().st_mode & 0o777 == 0o600
    browser.request("PUT", f"/users/{user}/totp", {"code": one_time_password(enrolled["secret"])}).must(200)
    browser.get("/auth/session").must(401)
    assert browser.login().must(401).json["type"] == "/problems/totp-needed"
    # The next step's is taken early; the present one's was used to confirm.
    later = one_time_password(enrolled["secret"], 1)
    browser.login(totp=later).must(200)
    assert browser.login(totp=later).must(401).json["type"] == "/problems/login-failed"
    world.api.kill()
    world.start_api()
    browser.rest.port = world.rest.port
    assert browser.login(totp=later).must(401).json["type"] == "/problems/login-failed"
    world.aifw("user", "remove-totp", "root")
    browser.login().must(200)


def test_failures_are_slowed_down_and_the_right_password_gets_in_when_told(world, browser):
    for _ in range(3):
        browser.login(password=OTHER).must(401)
    slowed = browser.login().must(429)
    assert slowed.json["type"] == "/problems/too-many-requests"
    assert 1 <= int(slowed.headers["Retry-After"]) <= 60
    # The session that there is, a token and the socket are not concerned.
    browser.get("/auth/session").must(200)
    world.rest.get("/audit").must(200)
    world.aifw("user", "list")
    wait_until(lambda: browser.login().status == 200, "let in, as Retry-After says")


def test_what_happened_is_in_the_log_and_no_secret_is_anywhere(world, browser):
    browser.login("nobody").must(401)
    browser.login(password=OTHER).must(401)
    tunnel = world.rest.tunnel()
    world.rest.request("PATCH", f"/vpn/wg/{tunnel['id']}", {"mtu": 1380}).must(200)
    user = browser.get("/users").data[0]["id"]
    seed = browser.request("POST", f"/users/{user}/totp").must(201).data["secret"]
    browser.request("PATCH", f"/users/{user}", {"password": OTHER}).must(200)
    audit = world.rest.get("/audit").must(200)
    seen = [(line["action"], line["actor"]["kind"], line["actor"]["name"], (line["object"] or {}).get("name"))
            for line in audit.data]
    account = ("account", "uid 0")
    assert seen == [
        ("update", "user", "root", "root"), ("update", "user", "root", "root"),
        ("update", "token", "system-tests", "office-vpn"), ("create", "token", "system-tests", "office-vpn"),
        ("login_failed", "anyone", "root", "root"), ("login_failed", "anyone", "nobody", None),
        ("login", "user", "root", "root"), ("create", "anyone", "set-up code", "root"), ("create", *account, None),
        ("create", *account, "system-tests")]
    assert audit.data[0]["changes"] == {"password": "changed"}
    assert audit.data[2]["changes"] == {"mtu": {"from": 1420, "to": 1380}}
    assert audit.data[0]["origin"] == "127.0.0.1" and audit.data[-1]["origin"] == "local"
    shown = world.aifw("audit", "--limit", "3").stdout
    assert "mtu 1420 > 1380" in shown
    secrets_ = [PASSWORD, OTHER, seed, browser.cookie.split("=")[1], browser.csrf]
    files = [*(world.folder / "api").glob("aifw.db*"), *(world.folder / "logs").iterdir()]
    places = {path.name: path.read_bytes() for path in files} | {"audit": audit.body}
    assert len(places) > 4
    for name, content in places.items():
        for number, secret in enumerate(secrets_):
            forms = {secret.encode(), base64.b64encode(secret.encode()), secret.encode().hex().encode()}
            if number == 2:
                forms.add(base64.b32decode(secret))
            if number == 3:
                forms.add(base64.urlsafe_b64decode(secret + "="))
            # Not the values themselves: a failing test must not print them.
            assert not any(form in content for form in forms), f"secret {number} is in {name}"
