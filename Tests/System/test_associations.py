"""IPsec associations through the API, on a host whose kernel may have no ESP: the rest is in Tests/VM/test_ipsec.py."""

import json
import os
import re
import subprocess

import pytest
from ground import ruleset, xfrm
from ground.manual import Manual
from ground.world import World

GOOD = {"name": "office-to-dc", "src_addr": "203.0.113.1", "dst_addr": "198.51.100.1"}
NETWORKS = {"src_networks": ["10.1.0.0/16", "fd00:1::/64"], "dst_networks": ["10.2.0.0/16", "fd00:2::/64"]}
KEY = re.compile(r"0x([0-9a-f]{40,})")


@pytest.fixture
def association(shared_world):
    """One that is not enabled, and gone afterwards."""
    made = shared_world.rest.association(enabled=False)
    yield made
    shared_world.rest.delete(path(made)).must(200)


def path(association, *parts):
    return "/".join(("/vpn/ipsec", association["id"], *parts))


def has_esp(namespace):
    """Whether the kernel takes ESP at all."""
    line = ("xfrm state add src 192.0.2.1 dst 192.0.2.9 proto esp spi 0x1 aead rfc4106(gcm(aes)) "
            f"0x{os.urandom(36).hex()} 128")
    if namespace.run("ip", "-batch", "-", input=line, check=False).returncode != 0:
        return False
    namespace.ip("xfrm", "state", "delete", "src", "192.0.2.1", "dst", "192.0.2.9", "proto", "esp", "spi", "0x1")
    return True


# MARK: One that is not enabled

def test_the_manuals_line_makes_an_association_that_is_not_enabled(world):
    """Its own line enables it at once; with one member more it does not."""
    manual = Manual(world, world.folder / "clients" / "reader")
    answer = manual.do("create-association", ('"mode": "tunnel"', '"mode": "tunnel", "enabled": false'))["data"]
    assert answer["name"] == "office-to-dc" and (answer["protocol"], answer["mode"]) == ("esp", "tunnel")
    assert (answer["enc_algo"], answer["auth_algo"]) == ("aes-256-gcm", "hmac-sha256")
    assert (answer["src_networks"], answer["dst_networks"]) == (["203.0.113.1/32"], ["198.51.100.1/32"])
    assert (answer["enabled"], answer["status"], answer["installed"]) == (False, "down", False)
    assert answer["spi"] == answer["spi_in"] >= 256 and answer["spi_out"] >= 256
    assert answer["replay_window"] == 0 and answer["status_detail"] is None
    assert not [name for name in answer if "key" in name]


def test_it_is_created_read_changed_and_deleted_without_the_kernel(world):
    rest = world.rest
    created = rest.post("/vpn/ipsec", GOOD | NETWORKS | {"enabled": False}).must(201)
    one = created.data
    assert created.headers["Location"] == f"/api/v1{path(one)}"
    assert rest.get(path(one)).must(200).data == one
    assert rest.get(path(one)).headers["ETag"] == created.headers["ETag"]
    assert rest.get("/vpn/ipsec").must(200).data == [one]
    assert rest.get(path(one, "status")).must(200).json == {"running": False}
    changed = rest.request("PATCH", path(one), {"name": "renamed", "replay_window": 32}).must(200)
    assert (changed.data["name"], changed.data["replay_window"]) == ("renamed", 32)
    assert changed.data["spi_in"] == one["spi_in"] and changed.data["dst_networks"] == one["dst_networks"]
    assert rest.request("PATCH", path(one), {"name": "x"}, If_Match=created.headers["ETag"]).status == 412
    replaced = rest.request("PUT", path(one), GOOD | {"mode": "transport", "protocol": "ah"}).must(200).data
    assert (replaced["mode"], replaced["protocol"], replaced["src_networks"]) == ("transport", "ah", None)
    assert xfrm.states(world.gateway) == xfrm.policies(world.gateway) == [] and ruleset.strays(world) == []
    assert rest.delete(path(one)).must(200).json == {"message": "Association deleted"}
    assert rest.get(path(one)).status == 404 and rest.get("/vpn/ipsec").must(200).data == []


def test_older_spellings_are_taken(world):
    one = world.rest.post("/vpn/ipsec", {
        "name": "old", "local_addr": "2001:db8::1", "remote_addr": "2001:db8:9::1", "protocol": "esp_ah",
        "spi_in": "0x1000", "spi_out": 4097, "src_networks": "fd00:1::/64, fd00:3::/64", "dst_networks": "fd00:2::/64",
        "enabled": False}).must(201).data
    assert (one["src_addr"], one["dst_addr"], one["protocol"]) == ("2001:db8::1", "2001:db8:9::1", "esp+ah")
    assert (one["spi"], one["spi_in"], one["spi_out"]) == (4096, 4096, 4097)
    assert one["src_networks"] == ["fd00:1::/64", "fd00:3::/64"]


@pytest.mark.without_esp
@pytest.mark.parametrize("command", ["start", "enabled"])
def test_where_the_kernel_refuses_a_start_leaves_it_as_it_was(world, command):
    one = world.rest.association(enabled=False)
    before = world.rest.get(path(one)).must(200)
    answer = (world.rest.post(path(one, "start")) if command == "start"
              else world.rest.request("PATCH", path(one), {"enabled": True})).must(502)
    assert "aes-256-gcm" in answer.json["detail"]
    after = world.rest.get(path(one)).must(200)
    assert (after.data, after.headers["ETag"]) == (before.data, before.headers["ETag"])
    assert xfrm.states(world.gateway) == xfrm.policies(world.gateway) == [] and ruleset.strays(world) == []
    for _ in range(2):
        assert world.rest.post(path(one, "stop")).must(200).json == {"message": "Association stopped"}


@pytest.mark.without_esp
def test_where_the_kernel_refuses_a_creation_leaves_nothing(world):
    for fields in ({}, {"protocol": "ah"}, {"protocol": "esp+ah", "enc_algo": "aes-256-cbc"}):
        answer = world.rest.post("/vpn/ipsec", GOOD | fields).must(502)
        named = fields.get("enc_algo") or ("hmac-sha256" if fields else "aes-256-gcm")
        assert named in answer.json["detail"] and answer.json["type"].startswith("/problems/")
    assert world.rest.get("/vpn/ipsec").must(200).data == []
    assert xfrm.states(world.gateway) == xfrm.policies(world.gateway) == [] and ruleset.strays(world) == []
    world.rest.association(enabled=False)


def test_without_the_helper_nothing_is_created(world):
    world.helper.stop()
    assert world.rest.post("/vpn/ipsec", GOOD | {"enabled": False}).must(503).headers["Retry-After"]
    world.helper.start()
    assert world.rest.get("/vpn/ipsec").must(200).data == []


# MARK: What the far end is given

SHAPES = [
    {"enc_algo": "aes-256-gcm"}, {"enc_algo": "aes-128-gcm", "mode": "transport"}, {"enc_algo": "chacha20-poly1305"},
    {"enc_algo": "aes-256-cbc", "auth_algo": "hmac-sha512"}, {"protocol": "ah", "mode": "transport"},
    {"protocol": "esp+ah", "auth_algo": "hmac-sha384"}, {"protocol": "esp+ah", "enc_algo": "aes-256-cbc"}]


@pytest.fixture(scope="module")
def farside(binaries):
    """Another AiFw, which is the far end of what the shared one makes."""
    world = World(binaries)
    yield world
    world.close()


def keys(text):
    """The keys in a script or file. Compare them apart: a failing assertion prints what it compares."""
    return set(KEY.findall(text))


def keys_of(fields):
    """How many keys an association has: AH, and ESP with a cipher that needs it, have the same for authentication."""
    authenticates = "ah" in fields.get("protocol", "esp") or fields.get("enc_algo") == "aes-256-cbc"
    return 2 * (("esp" in fields.get("protocol", "esp")) + authenticates)


@pytest.mark.parametrize("fields", SHAPES)
def test_three_formats_hold_the_same_keys(shared_world, farside, fields):
    rest = shared_world.rest
    one = rest.association(enabled=False, replay_window=16, **fields)
    script, setkey, body = (rest.far_end(one, name) for name in ("xfrm", "setkey", "json"))
    found = json.loads(body)
    given = [value for name, value in found.items() if "_key_" in name]
    same = keys(script) == keys(setkey) == set(given)
    assert same and len(given) == len(set(given)) == keys_of(fields)
    assert (found["src_addr"], found["dst_addr"]) == (one["dst_addr"], one["src_addr"])
    assert (found["spi_in"], found["spi_out"]) == (one["spi_out"], one["spi_in"])
    theirs = farside.rest.post("/vpn/ipsec", found | {"enabled": False}).must(201).data
    back = json.loads(farside.rest.far_end(theirs, "json"))
    turned = {name: back[name.replace("in", "out") if name.endswith("_in") else name.replace("out", "in")]
              for name in found if "_key_" in name}
    same = all(turned[name] == found[name] for name in turned)
    assert same and back["src_addr"] == one["src_addr"], "what the far end hands back is this end's own"
    farside.rest.delete(path(theirs)).must(200)
    rest.delete(path(one)).must(200)


@pytest.mark.parametrize("form, kind, name", [
    ("xfrm", "text/plain", "office-to-dc.sh"), ("setkey", "text/plain", "office-to-dc.conf"),
    ("json", "application/json", None)])
def test_a_configuration_is_kept_by_nobody_on_its_way(shared_world, association, form, kind, name):
    rest, one = shared_world.rest, association
    answer = rest.get(path(one, f"config?format={form}")).must(200)
    assert answer.headers["Content-Type"].startswith(kind) and answer.headers["Cache-Control"] == "no-store"
    if name:
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'


def test_the_script_is_shell_and_puts_no_key_among_arguments(shared_world, association):
    script = shared_world.rest.far_end(association)
    checked = subprocess.run(["sh", "-n"], input=script, text=True, stderr=subprocess.PIPE)
    assert checked.returncode == 0, KEY.sub("(key)", checked.stderr)
    before, _, fed = script.partition("<<")
    fed_only = KEY.search(fed) is not None and KEY.search(before) is None
    assert fed_only, "keys are fed to ip by its input"


def test_a_name_that_is_shell_reaches_no_script(shared_world):
    name = "$(touch /tmp/owned)'\"`;\\"
    one = shared_world.rest.association(name=name, enabled=False)
    for form in ("xfrm", "setkey"):
        answer = shared_world.rest.get(path(one, f"config?format={form}")).must(200)
        assert "owned" not in answer.body.decode() and "$" not in answer.headers["Content-Disposition"]
    assert json.loads(shared_world.rest.far_end(one, "json"))["name"] == name
    shared_world.rest.delete(path(one)).must(200)


def test_only_who_may_see_secrets_gets_a_configuration(shared_world, association):
    rest, one = shared_world.rest, association
    mine = rest.token
    try:
        for scope, status in (("vpn:read", 403), ("vpn:write", 403), ("vpn:secrets", 200)):
            rest.token = mine
            rest.token = rest.post("/tokens", {"name": scope, "scopes": [scope]}).must(201).data["token"]
            rest.get(path(one, "config")).must(status)
            rest.get(path(one)).must(200)
    finally:
        rest.token = mine


# MARK: Bad input

HEX = {length: "5a" * length for length in (20, 31, 32, 35, 36, 37, 64)}
WRONG = [
    ({}, {"name", "src_addr", "dst_addr"}, ""),
    (GOOD | {"dst_addr": "2001:db8::1"}, {"dst_addr"}, "family"),
    (GOOD | {"dst_addr": GOOD["src_addr"]}, {"dst_addr"}, "both ends"),
    (GOOD | {"dst_addr": "224.0.0.1"}, {"dst_addr"}, "one host"),
    (GOOD | {"src_addr": "0.0.0.0"}, {"src_addr"}, ""),
    (GOOD | {"src_addr": "::", "dst_addr": "ff02::1"}, {"src_addr", "dst_addr"}, ""),
    (GOOD | {"dst_addr": "255.255.255.255"}, {"dst_addr"}, ""),
    (GOOD | {"dst_addr": "127.0.0.1"}, {"dst_addr"}, "loopback"),
    (GOOD | {"src_addr": "203.0.113.1/32"}, {"src_addr"}, ""),
    (GOOD | {"dst_addr": "vpn.example.org"}, {"dst_addr"}, ""),
    (GOOD | {"dst_addr": "198.51.100.1\nPostUp = x"}, {"dst_addr"}, ""),
    (GOOD | {"src_networks": ["10.1.0.5/24"]}, {"src_networks"}, "10.1.0.0/24"),
    (GOOD | {"dst_networks": "10.2.0.0/33"}, {"dst_networks"}, ""),
    (GOOD | {"dst_networks": ["0.0.0.0/0"]}, {"dst_networks"}, "0.0.0.0/0"),
    (GOOD | {"dst_networks": ["192.0.2.0/24"]}, {"dst_networks"}, "192.0.2.0/24"),
    (GOOD | {"dst_networks": ["fd00:2::/64"]}, {"src_networks", "dst_networks"}, "IPv6"),
    (GOOD | NETWORKS | {"dst_networks": NETWORKS["src_networks"]}, {"dst_networks"}, "both ends"),
    (GOOD | NETWORKS | {"mode": "transport"}, {"src_networks", "dst_networks"}, "transport"),
    (GOOD | {"protocol": "gre"}, {"protocol"}, "esp+ah"),
    (GOOD | {"protocol": "ESP"}, {"protocol"}, "esp"),
    (GOOD | {"mode": "beet"}, {"mode"}, "transport"),
    (GOOD | {"enc_algo": "3des"}, {"enc_algo"}, "aes-256-gcm"),
    (GOOD | {"auth_algo": "hmac-md5"}, {"auth_algo"}, "hmac-sha256"),
    (GOOD | {"enc_algo": ""}, {"enc_algo"}, ""),
    (GOOD | {"enc_key_in": HEX[32], "enc_key_out": HEX[37]}, {"enc_key_in", "enc_key_out"}, "36"),
    (GOOD | {"enc_algo": "aes-128-gcm", "enc_key_in": HEX[36]}, {"enc_key_in"}, "20"),
    (GOOD | {"protocol": "ah", "auth_algo": "hmac-sha512", "auth_key_in": HEX[32]}, {"auth_key_in"}, "64"),
    (GOOD | {"auth_key_in": HEX[32]}, {"auth_key_in"}, "aes-256-gcm"),
    (GOOD | {"protocol": "ah", "enc_key_out": HEX[36]}, {"enc_key_out"}, "ah"),
    (GOOD | {"enc_key_in": "5a" * 35 + "zz"}, {"enc_key_in"}, "hexadecimal"),
    (GOOD | {"enc_key_in": "5a" * 35 + "5"}, {"enc_key_in"}, "hexadecimal"),
    (GOOD | {"enc_key_in": "00" * 36}, {"enc_key_in"}, "zeros"),
    (GOOD | {"enc_key_in": 12}, {"enc_key_in"}, "string"),
    (GOOD | {"spi_in": 255}, {"spi_in"}, "256"),
    (GOOD | {"spi_out": 1 << 32}, {"spi_out"}, "4294967295"),
    (GOOD | {"spi_in": "0xyz"}, {"spi_in"}, "0x"),
    (GOOD | {"spi_in": 4096.5}, {"spi_in"}, ""),
    (GOOD | {"replay_window": 33}, {"replay_window"}, "32"),
    (GOOD | {"replay_window": -1}, {"replay_window"}, ""),
    (GOOD | {"enabled": "yes"}, {"enabled"}, ""),
    (GOOD | {"encalgo": "aes-256-gcm"}, {"encalgo"}, "enc_algo"),
    (GOOD | {"local_addr": "203.0.113.2"}, {"local_addr"}, "src_addr"),
    ({"name": "a\nb", "src_addr": "x", "dst_addr": "::", "protocol": "x", "mode": "x", "enc_algo": "x", "spi_in": 1},
     {"name", "src_addr", "dst_addr", "protocol", "mode", "enc_algo", "spi_in"}, ""),
]


@pytest.fixture(scope="module")
def ground(shared_world):
    """An association that nothing here may change."""
    one = shared_world.rest.association(name="there already", enabled=False, spi_in=0x2000, spi_out=0x2001, **NETWORKS)
    yield shared_world.rest, one
    shared_world.rest.delete(path(one))


@pytest.mark.parametrize("body, fields, word", WRONG)
def test_a_wrong_association_is_refused_by_field_with_the_reason(ground, body, fields, word):
    rest, one = ground
    before = rest.get("/vpn/ipsec").must(200).json
    answer = rest.post("/vpn/ipsec", body | {"enabled": body.get("enabled", False)}).must(422)
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    named = {field.split("[")[0] for field in answer.fields}
    # Whether networks that don't match are the fault of the one or the other is a matter of taste.
    assert named == fields or named and named < fields == {"src_networks", "dst_networks"}, answer.json["errors"]
    said = " ".join(fault["detail"] for fault in answer.json["errors"])
    assert word in said and all(fault["detail"] for fault in answer.json["errors"])
    assert not any(key in said for key in HEX.values()), "no error quotes a key"
    assert rest.get("/vpn/ipsec").must(200).json == before


@pytest.mark.parametrize("change, field", [
    ({"name": "there already"}, "name"), ({"spi_in": 0x2000}, "spi_in"),
    ({"dst_addr": "198.51.100.1", "spi_out": 0x2001}, "spi_out"), (NETWORKS, "dst_networks")])
def test_a_clash_names_the_other_association(ground, change, field):
    rest, one = ground
    other = {"name": "new", "src_addr": "203.0.113.1", "dst_addr": "198.51.100.1", "enabled": False}
    before = rest.get("/vpn/ipsec").must(200).json
    answer = rest.post("/vpn/ipsec", other | change).must(409)
    assert "there already" in answer.body.decode() and answer.json["type"].startswith("/problems/")
    assert rest.get("/vpn/ipsec").must(200).json == before


def test_a_changed_read_only_member_is_refused_and_an_unchanged_one_ignored(ground):
    rest, one = ground
    rest.request("PUT", path(one), one).must(200)
    answer = rest.request("PATCH", path(one), {"id": "00000000-0000-4000-8000-000000000000", "spi": 77}).must(422)
    assert answer.fields == {"id", "spi"}


@pytest.mark.parametrize("method, place, status", [
    ("GET", "not-an-id", 404), ("GET", "00000000-0000-4000-8000-000000000000", 404),
    ("POST", "00000000-0000-4000-8000-000000000000/start", 404),
    ("GET", "00000000-0000-4000-8000-000000000000/config", 404),
    ("DELETE", "00000000-0000-4000-8000-000000000000", 404), ("GET", "?limit=0", 422), ("GET", "?sort=spi", 422)])
def test_a_wrong_place_is_a_problem_too(ground, method, place, status):
    answer = ground[0].request(method, f"/vpn/ipsec{place if place[0] == '?' else '/' + place}").must(status)
    assert answer.json["detail"]


def test_an_unknown_format_is_named(ground):
    rest, one = ground
    answer = rest.get(path(one, "config?format=racoon")).must(422)
    assert "setkey" in answer.body.decode()


# MARK: Restarts

def test_what_is_not_enabled_is_there_after_a_restart_with_the_same_keys(world):
    one = world.rest.association(enabled=False, protocol="esp+ah")
    before = keys(world.rest.far_end(one))
    world.api.kill()
    world.helper.kill()
    world.helper.start()
    world.start_api()
    assert world.rest.get(path(one)).must(200).data == one
    same = keys(world.rest.far_end(one)) == before
    assert same and len(before) == 4
