"""No secret in a log, in arguments, in an environment, in the database, in what a GET answers or an error says, or in
the helper's memory once a request is over."""

import base64
import json
import os
import re
import struct
import subprocess

import pytest
from ground.frames import Frames
from ground.process import Process
from ground.secrets import Secrets, forms
from ground.waiting import wait_until
from ground.watch import Watch
from ground.world import API_ACCOUNT, HELPER_ACCOUNT, World


ENDS = {"name": "bad", "src_addr": "203.0.113.1", "dst_addr": "198.51.100.1", "enabled": False}


def text(key):
    return base64.b64encode(key).decode()


@pytest.fixture
def lived(world):
    """A world in which much has happened, what was seen of its processes meanwhile, and its secrets."""
    rest, other, given, device = world.rest, os.urandom(32), text(os.urandom(32)), text(os.urandom(32))
    hexadecimal = {name: os.urandom(36).hex() for name in ("enc_key_in", "enc_key_out")}
    with Watch(period=0) as watch:
        tunnel = rest.tunnel()
        brought = rest.tunnel(
            name="brought", interface="wg1", listen_port=51821, address="10.1.0.1/24", private_key=device, enabled=True)
        peer = rest.peer(tunnel, "laptop")
        shared = rest.peer(tunnel, "shared", preshared_key=given)
        turned = rest.peer(tunnel, "turned", preshared_key="auto")
        rest.start(tunnel)
        client = world.connected_client(tunnel, peer)
        texts = [rest.config(tunnel, one) for one in (peer, shared, turned)]
        rest.post(f"/vpn/wg/{tunnel['id']}/peers/{turned['id']}/rotate").must(200)
        texts.append(rest.config(tunnel, turned))
        world.aifw("vpn", "wg-config", "--tunnel", tunnel["id"], peer["id"])
        world.aifw("vpn", "wg-status", tunnel["id"])
        associations = [
            rest.association(enabled=False, **hexadecimal),
            rest.association(name="made", protocol="esp+ah", enc_algo="aes-256-cbc", dst_addr="198.51.100.2",
                             mode="transport", enabled=False)]
        scripts = [rest.far_end(one, form) for one in associations for form in ("xfrm", "setkey", "json")]
        world.aifw("vpn", "ipsec-config", associations[1]["id"])
        errors = [
            # No key of this length, none at all, not a text; and where the kernel has no ESP, one that it refuses.
            rest.post("/vpn/ipsec", ENDS | {"enc_key_in": hexadecimal["enc_key_in"] + "00"}).must(422),
            rest.post("/vpn/ipsec", ENDS | {"enc_key_in": hexadecimal["enc_key_in"] + "x"}).must(422),
            rest.post("/vpn/ipsec", ENDS | {"enc_key_in": [hexadecimal["enc_key_in"]]}).must(422),
            rest.post("/vpn/ipsec", ENDS | {"mode": "beet"} | hexadecimal).must(422)]
        refused = [rest.post(f"/vpn/ipsec/{one['id']}/start") for one in associations]
        errors += [
            rest.post("/vpn/wg", {"name": "bad", "address": "x", "private_key": given}).must(422),
            # Taken already; a key that is one letter too long; one that is none.
            rest.post("/vpn/wg", {"name": "bad", "interface": "wg1", "address": "10.7.0.1/24", "private_key": device}),
            rest.post("/vpn/wg", {"name": "bad", "address": "10.7.0.1/24", "private_key": f"x{device}"}).must(422),
            rest.post("/vpn/wg", {"name": "bad", "address": "10.7.0.1/24", "private_key": [device]}).must(422)]
        for wrong in ({"allowed_ips": "x", "preshared_key": given}, {"preshared_key": f"{given} "},
                      {"preshared_key": {"key": given}}):
            errors.append(rest.post(f"/vpn/wg/{tunnel['id']}/peers", {"name": "bad"} | wrong).must(422))
        rest.request("PATCH", f"/vpn/wg/{brought['id']}", {"private_key": text(other)}).must(200)
        world.helper.kill()
        world.helper.start()
        wait_until(lambda: rest.get(f"/vpn/wg/{tunnel['id']}/status").status == 200, "the helper back", 15)
        answers = [rest.get(path) for path in (
            "/vpn/wg", f"/vpn/wg/{tunnel['id']}", f"/vpn/wg/{tunnel['id']}/peers", f"/vpn/wg/{tunnel['id']}/status",
            f"/vpn/wg/{tunnel['id']}/peers/{peer['id']}", f"/vpn/wg/{tunnel['id']}/peers/{shared['id']}",
            f"/vpn/wg/{brought['id']}", f"/vpn/wg/{brought['id']}/status", "/vpn/ipsec", "/vpn/rules",
            "/vpn/rules?format=nft", "/vpn/rules?format=pf", "/audit", "//healthz")]
        answers += [rest.get(f"/vpn/ipsec/{one['id']}{place}") for one in associations for place in ("", "/status")]
        answers += refused
    assert all(answer.status >= 400 for answer in errors)
    assert client.interface
    secrets = {
        "a pre-shared key": base64.b64decode(given), "a tunnel's next key": other,
        "a tunnel's key that was brought": base64.b64decode(device),
        "the vault's key": (world.state / "master.key").read_bytes()}
    for number, config in enumerate(texts):
        for kind, key in re.findall(r"^(PrivateKey|PresharedKey) = (.+)$", config, re.MULTILINE):
            secrets[f"{kind} of configuration {number}"] = base64.b64decode(key)
    for name, key in hexadecimal.items():
        secrets[name] = bytes.fromhex(key)
    for number, script in enumerate(scripts):
        # The second has two each way, one to encrypt and one to authenticate.
        found = sorted(set(re.findall(r"\b(?:0x)?([0-9a-f]{64,})\b", script)))
        assert len(found) == (2 if number < 3 else 4), "the keys of an association"
        secrets |= {f"key {place} of far end {number}": bytes.fromhex(key) for place, key in enumerate(found)}
    for interface in ("wg0", "wg1"):
        key = world.gateway.run("wg", "show", interface, "private-key").stdout.strip()
        secrets[f"the private key of {interface}"] = base64.b64decode(key)
    made = {secret for name, secret in secrets.items() if name.startswith("PrivateKey")}
    rotated = len(made) == len(texts)
    assert rotated, "each configuration has a key of its own, the one after the rotation too"
    return world, watch, answers + errors, secrets


def test_no_secret_is_anywhere_it_does_not_belong(lived):
    world, watch, answers, secrets = lived
    token = world.rest.token.encode()
    places = {f"log of {path.name}": path.read_bytes() for path in (world.folder / "logs").iterdir()}
    places |= {f"answer {number}": answer.body for number, answer in enumerate(answers)}
    places |= {f"process {number}": seen for number, seen in enumerate(sorted(watch.seen))}
    places |= {path.name: path.read_bytes() for path in (world.folder / "api").glob("aifw.db*")}
    assert any(name.startswith("aifw.db") for name in places) and len(watch.seen) > 10
    for place, content in places.items():
        assert token not in content, f"the token is in {place}"
        for name, secret in secrets.items():
            # Not the values themselves: a failing test must not print them.
            assert not any(form in content for form in forms(secret)), f"{name} is in {place}"


def test_an_answer_says_that_there_are_secrets_without_saying_them(world):
    tunnel = world.rest.tunnel()
    peer = world.rest.peer(tunnel, "laptop")
    assert peer["has_private_key"] is True and peer["has_preshared_key"] is False
    for one in (tunnel, peer):
        assert not {"private_key", "preshared_key"} & set(one)


def test_what_must_be_kept_is_kept_from_others(lived):
    world = lived[0]
    for path in (world.folder / "api").iterdir():
        if path.is_file() and path not in (world.certificate, world.configuration):
            assert path.stat().st_mode & 0o007 == 0, f"{path.name} can be read by everybody"


# MARK: The search itself, of every world when it is closed

# Its last byte is one that the text behind it has not, in any form: without it, it is no more there.
PLANTED = os.urandom(31) + b"\xff"


@pytest.mark.parametrize("form", [
    lambda key: key, lambda key: key.hex().encode(), lambda key: key.hex().upper().encode(), base64.b64encode,
    base64.urlsafe_b64encode, lambda key: base64.b64encode(b"x" + key + b"yz"),
    lambda key: base64.urlsafe_b64encode(b"xy" + key), lambda key: base64.b64encode(key + b"x")])
def test_a_secret_is_found_in_any_form_and_at_any_place(form):
    secrets = Secrets()
    secrets.add("another", os.urandom(32))
    secrets.add("the one", PLANTED)
    for place in range(9):
        text = os.urandom(100) + b"." * place + form(PLANTED) + b"." * 13
        assert secrets.search().names_in(text) == ["the one"]
        assert secrets.search().names_in(text.replace(form(PLANTED), form(PLANTED[:-1]))) == []


def test_what_can_not_be_told_from_chance_is_not_looked_for():
    secrets = Secrets()
    for plain in (bytes(32), b"x" * 100, "123456", "aaaabbbbcccc"):
        secrets.add("plain", plain)
    assert len(secrets) == 0


def test_a_short_password_is_found_too():
    secrets = Secrets()
    secrets.add("a password", "pass phrase 1")
    for text in (b"POST pass phrase 1", base64.b64encode(b"user:pass phrase 1"), b"pass phrase 1".hex().encode()):
        assert secrets.search().names_in(text) == ["a password"]


def test_what_passes_through_a_client_is_learnt():
    secrets, cookie, code, password = Secrets(), *(base64.urlsafe_b64encode(os.urandom(16)).decode().rstrip("=")
                                                   for _ in range(3))
    key = [text(os.urandom(32)) for _ in range(3)]
    words = {"token": f"aifw_{base64.urlsafe_b64encode(os.urandom(32)).decode().rstrip('=')}",
             "secret": base64.b32encode(os.urandom(20)).decode(), "code": code}
    secrets.read_request({"username": "nobody", "password": password, "peers": [{"preshared_key": key[0]}],
                          "enc_key_in": os.urandom(36).hex()})
    for body in (words, {"data": words}, {"data": [words]}):
        headers = [("Content-Type", "application/json"), ("Set-Cookie", f"a={cookie}; Secure")]
        secrets.read_answer("POST", "/x", 201, headers, json.dumps(body).encode())
    config = f"[Interface]\nPrivateKey = {key[1]}\n[Peer]\nPresharedKey = {key[2]}\n"
    secrets.read_answer("POST", "/x", 201, headers[:1], json.dumps({"config": config}).encode())
    secrets.read_answer("GET", "/x/config", 200, [("Content-Type", "text/plain")], config.encode())
    search = secrets.search()
    for secret in (password, cookie, *words.values(), *map(base64.b64decode, key), base64.b32decode(words["secret"])):
        found = len(search.names_in(b"..." + (secret if isinstance(secret, bytes) else secret.encode())))
        assert found, "it was not learnt"
    assert search.names_in(b"nobody") == []


@pytest.mark.parametrize("place", ["logs/aifw-privd", "helper/state/master.key.new", "api/aifw.db-wal", "core"])
def test_a_world_with_a_secret_in_a_file_can_not_be_closed_in_peace(binaries, place):
    world = World(binaries, api=False)
    world.secrets.add("a key of this test", PLANTED)
    with (world.folder / place).open("ab") as file:
        file.write(b"it is " + base64.b64encode(PLANTED))
    with pytest.raises(AssertionError, match=f"a key of this test in {re.escape(place)}"):
        world.close()
    assert not world.folder.exists()


def test_the_master_key_is_nowhere_but_in_its_file(binaries):
    world = World(binaries, api=False)
    with world.helper.log.open("ab") as log:
        log.write((world.state / "master.key").read_bytes().hex().encode())
    with pytest.raises(AssertionError, match="the master key in logs/aifw-privd'"):
        world.close()


def test_a_secret_in_arguments_is_seen():
    secrets = Secrets()
    secrets.add("a key of this test", made := os.urandom(32))
    with Watch() as watch:
        process = subprocess.Popen(["sleep", "infinity"], env={"KEY": made.hex()})
        wait_until(lambda: any(b"KEY=" in seen for seen in list(watch.seen)), "the environment of sleep")
        process.kill()
        process.wait()
    assert secrets.search().names_in(b"".join(watch.seen)) == ["a key of this test"]


# MARK: The helper's memory

TUNNEL, PEER = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"
ASSOCIATION = "00000000-0000-4000-8000-000000000003"
PRIVATE, SHARED, ENCRYPTION = "wireguard-private-key", "wireguard-preshared-key", "ipsec-encryption-key-in"
SEALED = {
    "device": (TUNNEL, "device", PRIVATE), "client": (PEER, "client", PRIVATE), "shared": (PEER, "client", SHARED),
    "association": (ASSOCIATION, "client", ENCRYPTION)}


class Vaulted:
    """The helper, its two connections, and keys that were given to it sealed."""

    def __init__(self, world):
        self.world = world
        self.writer, self.reader = (Frames(world.helper_socket, API_ACCOUNT) for _ in range(2))
        self.writer.greet("write")
        self.reader.greet("read")
        self.keys = {name: os.urandom(36 if name == "association" else 32) for name in SEALED}
        # As X25519 has them (RFC 7748, section 5), so that what wireguard-go is told is what was given.
        for name in ("device", "client"):
            key = bytearray(self.keys[name])
            key[0], key[31] = key[0] & 248, key[31] & 127 | 64
            self.keys[name] = bytes(key)
        answer = self.writer.ask(self.wish())
        self.sealed = dict(zip(SEALED, (one["secret"] for one in answer["seal"]["sealed"])))

    def wish(self):
        return {"seal": {"secrets": [
            {"object": object, "class": kind, "purpose": purpose, "given": text(self.keys[name])}
            for name, (object, kind, purpose) in SEALED.items()]}}

    def tunnel(self):
        return self.writer.ask({"applyTunnel": {
            "tunnel": TUNNEL, "interface": "wg0", "private_key": self.sealed["device"], "listen_port": 51820,
            "mtu": 1420, "addresses": ["10.0.0.1/24"]}})

    def peers(self):
        return self.writer.ask({"applyPeers": {"tunnel": TUNNEL, "interface": "wg0", "set": [{
            "public_key": text(os.urandom(32)), "allowed_ips": ["10.0.0.2/32"],
            "preshared_key": {"object": PEER, "secret": self.sealed["shared"]}}]}})

    def association(self):
        """Installed, or refused by a kernel without ESP: it was opened for either."""
        answer = self.writer.ask({"applyAssociations": {"add": [{
            "object": ASSOCIATION, "direction": "in", "number": 1, "source": "198.51.100.1",
            "destination": "192.0.2.1", "spi": 4096, "mode": "tunnel", "encryption": "aes-256-gcm",
            "encryption_key": self.sealed["association"], "replay_window": 0}]}})
        assert answer == {"applyAssociations": {}} or answer["refused"]["code"] == "kernel"
        # What is there is read with its key, for the key's fingerprint.
        assert "readAssociations" in self.reader.ask({"readAssociations": {}})

    def reveal(self):
        clients = [name for name in SEALED if name != "device"]
        answer = self.reader.ask({"reveal": {"secrets": [
            {"object": SEALED[name][0], "purpose": SEALED[name][2], "secret": self.sealed[name]}
            for name in clients]}})
        # Compared apart: a failing assertion prints what it compares.
        right = answer["reveal"]["secrets"] == [text(self.keys[name]) for name in clients]
        assert right, "the keys must come back as they were given"

    def reseal(self):
        return self.writer.ask({"reseal": {"secrets": [
            {"object": object, "class": kind, "purpose": purpose, "secret": self.sealed[name]}
            for name, (object, kind, purpose) in SEALED.items()]}})

    def refused(self):
        """A request with good keys whose last item is none."""
        wish = self.wish()
        wish["seal"]["secrets"].append({"object": PEER, "class": "device", "purpose": SHARED})
        assert self.writer.ask(wish)["refused"]["code"] == "policy"

    def malformed(self):
        """The same, cut off in the middle of the JSON: the connection is closed, and made again."""
        wish = json.dumps(self.wish()).encode()
        self.writer.send(wish[:-3])
        assert self.writer.receive()["refused"]["code"] == "malformed" and self.writer.receive() is None
        self.writer.close()
        self.writer = Frames(self.world.helper_socket, API_ACCOUNT)
        self.writer.greet("write")

    def left(self):
        """Where in the helper's memory keys stand: which, in a form of what length, in what piece of memory. A half
        counts too: the allocator writes into the first 16 bytes of what it is given back."""
        # It does one thing after the other: with this answer, it is done with what was asked before.
        assert "inventory" in self.reader.ask({"inventory": {}})
        found = []
        for place, memory in Process(self.world.helper.pid).private_memory():
            for name, key in self.keys.items():
                for form in forms(key):
                    if any(half in memory for half in (form, form[:len(form) // 2], form[len(form) // 2:])):
                        found.append((name, len(form), place))
        return found

    def close(self):
        self.writer.close()
        self.reader.close()


@pytest.fixture
def vaulted(helper_world):
    made = Vaulted(helper_world)
    yield made
    made.close()


def test_a_key_that_has_been_dealt_with_is_in_the_helpers_memory_no_more(vaulted):
    assert vaulted.left() == [], "after seal"
    for verb in (vaulted.tunnel, vaulted.peers, vaulted.association, vaulted.reveal, vaulted.reseal, vaulted.refused,
                 vaulted.malformed):
        answer = verb()
        assert answer is None or "refused" not in answer, verb.__name__
        assert vaulted.left() == [], f"after {verb.__name__}"
    shown = vaulted.world.gateway.run("wg", "show", "wg0", "private-key").stdout.strip()
    used = shown == text(vaulted.keys["device"])
    assert used, "wireguard-go must have the key that was given"


def test_a_key_in_half_a_frame_is_in_the_helpers_memory_until_it_is_given_up(vaulted):
    """That keys can be found there at all, and that what nobody finishes is wiped as well."""
    body = json.dumps(vaulted.wish()).encode()
    vaulted.writer.send_raw(struct.pack(">I", len(body) + 1) + body)
    found = wait_until(vaulted.left, "the keys in memory")
    assert {name for name, _, _ in found} == set(SEALED)
    assert vaulted.writer.receive() is None, "half a frame must end the connection"
    assert vaulted.left() == []


def test_the_master_keys_themselves_are_wiped_once_others_are_derived_from_them(helper_world):
    world = helper_world
    done = world.gateway.run(
        world.binaries / "aifw-privd", "--rotate-key", "--user", HELPER_ACCOUNT, "--state-directory", world.state)
    world.helper.stop()
    world.helper.start()
    file = (world.state / "master.key").read_bytes()
    assert len(file) == 64
    keys = {"the current one": file[:32], "the former one": file[32:]}
    places = dict(Process(world.helper.pid).private_memory())
    assert any(name.startswith("[heap]") for name in places)
    places |= {"what was said": (done.stdout + done.stderr).encode(), "the log": world.helper.log.read_bytes()}
    for place, content in places.items():
        for name, key in keys.items():
            found = any(form in content for form in forms(key)) or key[:16] in content or key[16:] in content
            assert not found, f"{name} is in {place}"
