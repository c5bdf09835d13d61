"""What an earlier firewall with the same manual did wrong, one proof each that this one does not.

The proofs are short and look at a live system from outside; what each is about has tests in depth elsewhere. Where
there is no such part yet (`@not_built`), the proof is that there is none: it fails on the day when there is one, and is
then to be replaced by a real one. What shows in a browser only is proved in Tests/Browser (`proved_in_browser`).
"""

import ctypes
import json
import os
import re
import sqlite3
import struct
import subprocess
import threading
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from ground import ruleset, xfrm
from ground.process import Process
from ground.secrets import Secrets
from ground.waiting import wait_until
from ground.world import API_ACCOUNT, HELPER_ACCOUNT
from hostile.calls import table
from test_associations import GOOD, has_esp
from test_pf import Anchor, PfWorld

# By part, in the words in which each was noted.
DEFECTS = {
    "the manual's own examples": [
        'Peer creation with "allowed_ips": ["10.0.0.2/32"] is refused',
        "persistent_keepalive is dropped silently",
        "a peer without public_key is refused unless an undocumented flag is set",
        "IPsec creation with src_addr/dst_addr is refused",
        "interface is ignored",
        "-o laptop.conf saves JSON",
        "?split_tunnel does nothing",
        "wg-peer-add, as printed, claims 0.0.0.0/0, so a second such peer is refused",
        "A created SA emits no rule until the next boot",
        "and never reaches the kernel: it has no keys",
    ],
    "security": [
        "Deleting a peer deletes a row; the running interface keeps it",
        "Pre-shared and private keys pass through predictable files in /tmp",
        "wg is run through sudo wildcards that make the API user root",
        "Lists and GETs return private keys to anyone with read scope",
        "so does the CLI's JSON",
        "Names, interface names, DNS and split routes go unescaped into pf rules",
        "and into client configs: a PostUp that runs on the client",
        "{tid} is ignored: a peer can be changed through any tunnel's id",
        "a config can mix two tunnels' keys",
        "Without wg installed, keys are random bytes with no relation",
        "A supplied private key keeps the public key of another",
        "No audit of VPN changes",
        "keys in plain text in the database",
        "keys in plain text in backups and replication",
    ],
    "state": [
        "Every start destroys and re-creates the interface",
        "and every API restart does so for all tunnels",
        "Adding or editing a peer of a running tunnel changes nothing until restart",
        "or changing the port",
        "One bad peer aborts a start half-way",
        "One forked process per peer",
        "Two writers fight over the anchor",
        "stopping leaves ports open, or closes others'",
        'load errors are swallowed and "started" is answered',
        "status is what was last written, never read back",
        '"Running" is reported for rows',
        "An expired commit-confirm erases all VPN configuration",
        "Restore and replication lose client keys, split routes and listen interface",
        "store tunnels as down",
        "and give each SA a new SPI",
        "a half-failed restore reports success",
        "On a high-availability pair both nodes handshake",
        "after fail-over the new master starts nothing",
        "client endpoints never use the shared address",
    ],
    "addresses": [
        "next-ip: a /28 hands out foreign addresses",
        "a /16 stops at 253",
        "IPv6 fails",
        "two callers get the same address",
        "Overlap is compared as text before the slash",
        "Prefixes up to 255 are taken",
        "IPv6 tunnels come up without an address",
        "The client's Address is its first AllowedIP only",
        "::/0 is pushed to IPv4-only tunnels",
    ],
    "IPsec": [
        "pf directions are inverted (pass in from local to remote)",
        "esp+ah opens only ESP",
        "GCM is paired with an HMAC",
        "one SPI serves both directions",
        "and is never checked for uniqueness",
        "unknown modes silently become tunnel",
    ],
    "API, CLI, page": [
        "Errors have empty bodies",
        "unknown tunnel 500",
        "clash 400",
        "failed delete 404",
        "No GET by id",
        "PUT erases what it is not given",
        "No paging",
        "no ETag",
        "The CLI writes the database directly: no authentication, audit or effect",
        "it panics on short keys",
        "The page's IPsec table reads fields that are never sent",
        "no peer edit, no download, no QR, no pre-shared key",
        "deletes without asking",
        "keeps its token in local storage",
    ],
}
BROWSER = Path(__file__).parents[1] / "Browser"
# A defect to what proves that it is not ours.
PROOFS = {}


def proves(*defects):
    def register(proof):
        for defect in defects:
            assert defect not in PROOFS, defect
            PROOFS[defect] = proof
        return proof
    return register


# Of a part that is not there.
not_built = proves


def proved_in_browser(test, *defects):
    """By `test` ("FILE::TEST" of Tests/Browser), which is run with those of the page; here only that it is there."""
    def proof(_):
        file, name = test.split("::")
        assert f"\ndef {name}(" in (BROWSER / file).read_text(), f"there is no {test} in {BROWSER}"

    proves(*defects)(proof)


def test_every_defect_has_a_proof_and_every_proof_its_defect():
    named = [defect for part in DEFECTS.values() for defect in part]
    assert sorted(PROOFS) == sorted(named) and len(named) == len(set(named))


class Ground:
    """The world, and what a proof begins with."""

    def __init__(self, world):
        self.world, self.rest, self.gateway = world, world.rest, world.gateway

    def __getattr__(self, name):
        # `get`, `post`, `tunnel`, `peer` and so on.
        return getattr(self.rest, name)

    def patch(self, path, body, **headers):
        return self.request("PATCH", path, body, **headers)

    def path(self, tunnel, peer=None):
        return f"/vpn/wg/{tunnel['id']}" + (f"/peers/{peer['id']}" if peer else "")

    def add_association(self, **fields):
        """One that is not enabled, for a kernel without ESP."""
        return self.association(**({"enabled": False} | fields))

    @contextmanager
    def reader(self):
        """Somebody who may read, and no more."""
        made = self.post("/tokens", {"name": "reader", "scopes": ["vpn:read"]}).must(201).data
        yield self.by(made["token"])
        self.delete(f"/tokens/{made['id']}").must(200)


@pytest.fixture(scope="module")
def ground(shared_world):
    return Ground(shared_world)


@pytest.fixture(autouse=True)
def _nothing_is_left(request):
    yield
    if "ground" in request.fixturenames:
        ground = request.getfixturevalue("ground")
        for kind in ("wg", "ipsec"):
            for one in ground.get(f"/vpn/{kind}").must(200).data:
                ground.delete(f"/vpn/{kind}/{one['id']}").must(200)


@pytest.mark.parametrize("defect", [defect for part in DEFECTS.values() for defect in part])
def test_we_do_not_have_it(ground, defect):
    PROOFS[defect](ground)


# MARK: The manual's own examples

@proves('Peer creation with "allowed_ips": ["10.0.0.2/32"] is refused', "persistent_keepalive is dropped silently",
        "a peer without public_key is refused unless an undocumented flag is set")
def _(ground):
    peer = ground.peer(ground.tunnel(), "laptop", allowed_ips=["10.0.0.2/32"], persistent_keepalive=25)
    assert (peer["allowed_ips"], peer["persistent_keepalive"]) == (["10.0.0.2/32"], 25) and peer["public_key"]


@proves("IPsec creation with src_addr/dst_addr is refused")
def _(ground):
    made = ground.add_association(src_addr="203.0.113.1", dst_addr="198.51.100.1")
    assert (made["src_addr"], made["dst_addr"]) == ("203.0.113.1", "198.51.100.1")


@proves("interface is ignored")
def _(ground):
    assert ground.tunnel(interface="wg7", enabled=True)["interface"] == "wg7"
    assert "wg7" in ground.gateway.links() and "wg0" not in ground.gateway.links()


@proves("-o laptop.conf saves JSON")
def _(ground):
    tunnel = ground.tunnel()
    answer = ground.get(ground.path(tunnel, ground.peer(tunnel, "laptop")) + "/config").must(200)
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert 'filename="laptop.conf"' in answer.headers["Content-Disposition"]
    assert answer.body.startswith(b"[Interface]\n")


@proves("?split_tunnel does nothing")
def _(ground):
    tunnel = ground.tunnel(split_routes="10.0.0.0/8")
    peer = ground.peer(tunnel, "laptop")
    found = [re.search("AllowedIPs = (.*)", ground.config(tunnel, peer, split))[1] for split in (False, True)]
    assert found == ["0.0.0.0/0", "10.0.0.0/8"]


@proves("wg-peer-add, as printed, claims 0.0.0.0/0, so a second such peer is refused")
def _(ground):
    tunnel = ground.tunnel()
    for name in ("laptop", "phone"):
        key = subprocess.run("wg genkey | wg pubkey", shell=True, check=True, text=True, stdout=subprocess.PIPE)
        ground.world.shell(f"aifw vpn wg-peer-add --tunnel {tunnel['id']} --name {name} --pubkey {key.stdout.strip()} "
                           "--endpoint 1.2.3.4:51820")
    peers = ground.get(ground.path(tunnel) + "/peers").must(200).data
    assert [peer["allowed_ips"] for peer in peers] == [["10.0.0.2/32"], ["10.0.0.3/32"]]


@proves("A created SA emits no rule until the next boot", "and never reaches the kernel: it has no keys")
def _(ground):
    """As it is created. A kernel without ESP says no, which shows that it was asked, and then there is no SA that has
    no rule either; Tests/VM/test_filter.py has one with ESP."""
    answer = ground.post("/vpn/ipsec", GOOD)
    if has_esp(ground.gateway):
        answer.must(201)
        assert len(xfrm.states(ground.gateway)) == 2 and xfrm.digest(ground.gateway)
        assert ruleset.loaded(ground.gateway)["gateways4"]
    else:
        assert "aes-256-gcm" in answer.must(502).json["detail"]
        assert ground.get("/vpn/ipsec").must(200).data == []
    assert ruleset.strays(ground.world) == []


# MARK: Security

@proves("Deleting a peer deletes a row; the running interface keeps it")
def _(ground):
    tunnel = ground.tunnel(enabled=True)
    peer = ground.peer(tunnel, "laptop")
    assert set(ground.world.wireguard()) == {peer["public_key"]}
    ground.delete(ground.path(tunnel, peer)).must(200)
    assert ground.world.wireguard() == {}


IN_CREATE, IN_MOVED_TO, IN_NONBLOCK = 0x100, 0x80, 0x800


@proves("Pre-shared and private keys pass through predictable files in /tmp")
def _(ground):
    libc = ctypes.CDLL(None, use_errno=True)
    watch = libc.inotify_init1(IN_NONBLOCK)
    assert watch >= 0 and libc.inotify_add_watch(watch, b"/tmp", IN_CREATE | IN_MOVED_TO) >= 0
    tunnel = ground.tunnel()
    ground.peer(tunnel, "laptop", preshared_key="auto")
    ground.start(tunnel)
    # That it would be seen.
    with open(f"/tmp/aifw-seen-{os.getpid()}", "x"):
        pass
    os.unlink(f"/tmp/aifw-seen-{os.getpid()}")
    events, names = os.read(watch, 1 << 16), []
    os.close(watch)
    while events:
        length = struct.unpack_from("iIII", events)[3]
        names.append(events[16:16 + length].rstrip(b"\0").decode())
        events = events[16 + length:]
    # Others on this machine may put theirs there meanwhile, as may other runs of these tests.
    ours = [name for name in names if re.search("wg|psk|key|aifw", name) and not name.startswith("aifw-world-")
            or os.path.exists(f"/tmp/{name}") and os.stat(f"/tmp/{name}").st_uid in (API_ACCOUNT, HELPER_ACCOUNT)]
    assert ours == [f"aifw-seen-{os.getpid()}"]


@proves("wg is run through sudo wildcards that make the API user root")
def _(ground):
    api = Process(ground.world.api.pid)
    status = api.status()
    assert status["NoNewPrivs"] == "1" and status["Uid"].split() == [str(API_ACCOUNT)] * 4
    assert all(int(status[name], 16) == 0 for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"))
    ground.start(ground.tunnel())
    children = [(task / "children").read_text() for task in api.path("task").iterdir()]
    assert set(children) == {""}, "it has started something"


def keys_known(ground, tunnel):
    """The private keys of all that are there, from where they may be had."""
    secrets = Secrets()
    for peer in ground.get(ground.path(tunnel) + "/peers").must(200).data:
        secrets.read_text(ground.config(tunnel, peer))
    shown = ground.gateway.run("wg", "show", tunnel["interface"], "private-key").stdout.strip()
    secrets.add_key("the tunnel's key", shown)
    assert len(secrets) >= 2
    return secrets.search()


@proves("Lists and GETs return private keys to anyone with read scope")
def _(ground):
    tunnel = ground.tunnel(enabled=True)
    peer = ground.peer(tunnel, "laptop", preshared_key="auto")
    secrets = keys_known(ground, tunnel)
    with ground.reader() as reader:
        for path in ("/vpn/wg", ground.path(tunnel), ground.path(tunnel) + "/peers", ground.path(tunnel, peer),
                     ground.path(tunnel) + "/status", "/vpn/rules", "/vpn/rules?format=nft"):
            assert secrets.names_in(reader.get(path).must(200).body) == []
        for place in ("config", "config/qr"):
            assert reader.get(f"{ground.path(tunnel, peer)}/{place}").must(403).json["type"] == "/problems/forbidden"


@proves("so does the CLI's JSON")
def _(ground):
    tunnel = ground.tunnel(enabled=True)
    ground.peer(tunnel, "laptop", preshared_key="auto")
    secrets = keys_known(ground, tunnel)
    for words in (["wg-list"], ["wg-peer-list", "--tunnel", tunnel["id"]], ["wg-status", tunnel["id"]]):
        shown = ground.world.aifw("vpn", *words, "--json").stdout
        assert json.loads(shown) and secrets.names_in(shown.encode()) == []


HOSTILE = '"; pass in quick all # } \' $(reboot) `reboot` \\'


@proves("Names, interface names, DNS and split routes go unescaped into pf rules")
def _(ground):
    tunnel = ground.tunnel(name=HOSTILE, listen_interface="uplink", enabled=True)
    ground.peer(tunnel, HOSTILE)
    ground.add_association(name=HOSTILE)
    for format in ("pf", "nft"):
        text = ground.get(f"/vpn/rules?format={format}").must(200).body.decode()
        assert "51820" in text and "pass in quick all" not in text and "reboot" not in text
    for field in ("interface", "listen_interface", "dns", "split_routes"):
        for value in (f"wg1{HOSTILE}", "wg1\npass in all"):
            answer = ground.post("/vpn/wg", {"name": "x", "address": "10.9.0.1/24", field: value}).must(422)
            assert answer.fields == {field}


@proves("and into client configs: a PostUp that runs on the client")
def _(ground):
    tunnel = ground.tunnel(name=HOSTILE)
    peer = ground.peer(tunnel, HOSTILE)
    values = dict(re.findall(r"^(\w+) = (.*)$", ground.config(tunnel, peer), re.MULTILINE))
    assert set(values) <= {"PrivateKey", "Address", "DNS", "MTU", "PublicKey", "PresharedKey", "Endpoint", "AllowedIPs",
                           "PersistentKeepalive"}
    for field in ("name", "dns", "split_routes", "endpoint"):
        answer = ground.patch(ground.path(tunnel), {field: "10.0.0.0/8\nPostUp = touch /tmp/owned"}).must(422)
        assert answer.fields == {field}


@proves("{tid} is ignored: a peer can be changed through any tunnel's id", "a config can mix two tunnels' keys")
def _(ground):
    tunnel, other = ground.tunnel(), ground.tunnel(
        name="other", interface="wg1", listen_port=51821, address="10.1.0.1/24")
    peer = ground.peer(tunnel, "laptop")
    for method, place, body in (("PATCH", "", {"name": "x"}), ("PUT", "", {"name": "x"}), ("DELETE", "", None),
                                ("POST", "/rotate", None), ("GET", "/config", None), ("GET", "", None)):
        ground.request(method, ground.path(other, peer) + place, body).must(404)
    assert ground.get(ground.path(tunnel, peer)).must(200).data == peer


def public(private):
    return subprocess.run(["wg", "pubkey"], input=private, text=True, check=True, stdout=subprocess.PIPE).stdout.strip()


@proves("Without wg installed, keys are random bytes with no relation")
def _(ground):
    """As far as the daemons see, there is no wg."""
    gateway, program = ground.gateway, subprocess.run(
        ["which", "wg"], check=True, text=True, stdout=subprocess.PIPE).stdout.strip()
    gateway.run("mount", "--bind", "/dev/null", program)
    try:
        assert gateway.run("wg", "--version", check=False).returncode != 0
        tunnel = ground.tunnel()
        peer = ground.peer(tunnel, "laptop")
        values = dict(re.findall(r"^(\w+) = (.*)$", ground.config(tunnel, peer), re.MULTILINE))
    finally:
        gateway.run("umount", program)
    assert public(values["PrivateKey"]) == peer["public_key"] and values["PublicKey"] == tunnel["public_key"]


@proves("A supplied private key keeps the public key of another")
def _(ground):
    private = [subprocess.run(["wg", "genkey"], check=True, text=True, stdout=subprocess.PIPE).stdout.strip()
               for _ in range(2)]
    tunnel = ground.tunnel(private_key=private[0], enabled=True)
    right = tunnel["public_key"] == public(private[0])
    assert right
    changed = ground.patch(ground.path(tunnel), {"private_key": private[1]}).must(200).data
    right = changed["public_key"] == public(private[1]) == ground.gateway.run(
        "wg", "show", "wg0", "public-key").stdout.strip()
    assert right


def revisions(ground):
    """The log of changes, from the oldest: (action, kind of object, its name, kind of actor)."""
    with closing(sqlite3.connect(f"file:{ground.world.database}?mode=ro", uri=True, timeout=10)) as database:
        return database.execute(
            "SELECT action, object_type, object_name, actor_kind FROM revision ORDER BY number").fetchall()


@proves("No audit of VPN changes")
def _(ground):
    before = len(revisions(ground))
    tunnel = ground.tunnel(name="audited")
    peer = ground.peer(tunnel, "laptop")
    ground.config(tunnel, peer)
    ground.patch(ground.path(tunnel), {"mtu": 1400}).must(200)
    ground.start(tunnel)
    ground.delete(ground.path(tunnel, peer)).must(200)
    assert revisions(ground)[before:] == [
        ("create", "tunnel", "audited", "token"), ("create", "peer", "laptop", "token"),
        ("reveal", "peer", "laptop", "token"), ("update", "tunnel", "audited", "token"),
        ("start", "tunnel", "audited", "token"), ("delete", "peer", "laptop", "token")]


@proves("keys in plain text in the database")
def _(ground):
    tunnel = ground.tunnel(enabled=True)
    ground.peer(tunnel, "laptop", preshared_key="auto")
    secrets = keys_known(ground, tunnel)
    files = list((ground.world.folder / "api").glob("aifw.db*"))
    assert any(b"laptop" in file.read_bytes() for file in files)
    assert [name for file in files for name in secrets.names_in(file.read_bytes())] == []


# MARK: State

@proves("Every start destroys and re-creates the interface")
def _(ground):
    tunnel = ground.tunnel(enabled=True)
    index = ground.world.index()
    for _ in range(3):
        ground.start(tunnel)
    assert ground.world.index() == index


@proves("and every API restart does so for all tunnels")
def _(ground):
    ground.tunnel(enabled=True)
    ground.tunnel(name="other", interface="wg1", listen_port=51821, address="10.1.0.1/24", enabled=True)
    index = [ground.world.index(name) for name in ("wg0", "wg1")]
    ground.world.api.kill()
    ground.world.start_api()
    wait_until(lambda: ground.get("//readyz").status == 200, "the API ready")
    assert [ground.world.index(name) for name in ("wg0", "wg1")] == index


@proves("Adding or editing a peer of a running tunnel changes nothing until restart")
def _(ground):
    tunnel = ground.tunnel(enabled=True)
    peer = ground.peer(tunnel, "laptop")
    assert ground.world.wireguard() == {peer["public_key"]: {"10.0.0.2/32"}}
    ground.patch(ground.path(tunnel, peer), {"allowed_ips": "10.0.0.9"}).must(200)
    assert ground.world.wireguard() == {peer["public_key"]: {"10.0.0.9/32"}}


@proves("or changing the port")
def _(ground):
    tunnel = ground.tunnel(enabled=True)
    index = ground.world.index()
    ground.patch(ground.path(tunnel), {"listen_port": 51999}).must(200)
    assert ground.gateway.run("wg", "show", "wg0", "listen-port").stdout.strip() == "51999"
    assert ground.world.index() == index


@proves("One bad peer aborts a start half-way")
def _(ground):
    """What would be bad is refused when it is made; what goes bad by itself keeps nobody else out."""
    tunnel = ground.tunnel()
    for bad in ({"public_key": "x"}, {"allowed_ips": "10.0.0.999"}, {"preshared_key": "x"}, {"endpoint": "x:0"}):
        ground.post(ground.path(tunnel) + "/peers", {"name": "bad"} | bad).must(422)
    good = [ground.peer(tunnel, f"good {number}") for number in range(3)]
    nowhere = ground.peer(tunnel, "nowhere", endpoint="192.0.2.253:9")
    off = ground.peer(tunnel, "off", enabled=False)
    ground.start(tunnel)
    assert set(ground.world.wireguard()) == {peer["public_key"] for peer in [*good, nowhere]} - {off["public_key"]}


@proves("One forked process per peer")
def _(ground):
    def processes():
        return sorted(ground.gateway.processes()), int(re.search(
            r"^Threads:\s+(\d+)", Process(ground.world.helper.pid).path("status").read_text(), re.MULTILINE)[1])

    tunnel = ground.tunnel(enabled=True)
    before = processes()
    for number in range(10):
        ground.peer(tunnel, f"peer {number}")
        assert processes() == before
    assert len(ground.world.wireguard()) == 10


@proves("Two writers fight over the anchor", "stopping leaves ports open, or closes others'")
def _(ground):
    tunnels = [ground.tunnel(name=f"t{number}", interface=f"wg{number}", listen_port=51820 + number,
                             address=f"10.{number}.0.1/24", enabled=True) for number in range(3)]
    ground.add_association()
    ground.post(ground.path(tunnels[1]) + "/stop").must(200)
    assert ruleset.loaded(ground.gateway)["wg_ports"] == {"51820", "51822"}
    ground.delete(ground.path(tunnels[2])).must(200)
    assert ruleset.loaded(ground.gateway)["wg_ports"] == {"51820"} and ruleset.strays(ground.world) == []


@proves('load errors are swallowed and "started" is answered')
def _(ground):
    """Where the name is somebody else's, nothing can be loaded."""
    tunnel = ground.tunnel(interface="wg5")
    ground.gateway.ip("link", "add", "wg5", "type", "bridge")
    try:
        answer = ground.post(ground.path(tunnel) + "/start")
        assert answer.status in (409, 502) and "wg5" in answer.json["detail"]
        assert ground.get(ground.path(tunnel)).must(200).data["enabled"] is False
        assert not any((ruleset.loaded(ground.gateway) or {}).values())
    finally:
        ground.gateway.ip("link", "delete", "wg5")


@proves("status is what was last written, never read back")
def _(ground):
    tunnel = ground.tunnel(enabled=True)
    assert ground.status(tunnel)["running"] is True
    ground.world.helper.stop()
    assert ground.get(ground.path(tunnel) + "/status").must(503).json["type"] == "/problems/helper-unavailable"
    ground.gateway.ip("link", "delete", "wg0")
    ground.world.helper.start()
    wait_until(lambda: ground.get(ground.path(tunnel) + "/status").status == 200, "a status", 20)
    # It is made again by itself; what is said of it is what there is.
    wait_until(lambda: ground.status(tunnel)["running"] == ("wg0" in ground.gateway.links()) is True, "wg0 back", 20)


@proves('"Running" is reported for rows')
def _(ground):
    tunnel = ground.tunnel()
    assert ground.status(tunnel) == {"running": False, "interface": "wg0", "peers": []}
    assert ground.get(ground.path(tunnel)).must(200).data["status"] == "down"
    association = ground.add_association()
    assert (association["status"], association["installed"]) == ("down", False)
    assert ground.get(f"/vpn/ipsec/{association['id']}/status").must(200).json == {"running": False}


def there_is_none(*words):
    """No call has one of the words in its path."""
    assert [path for _, path in table() if any(word in path for word in words)] == [], "give it a proof of its own"


@not_built("An expired commit-confirm erases all VPN configuration")
def _(ground):
    there_is_none("commit", "confirm")


PASSPHRASE = {"Backup_Passphrase": "a passphrase of the defects"}


@proves("keys in plain text in backups and replication")
def _(ground):
    """What a GET answers is searched for all secrets when the world is closed; this one is encrypted, and there is no
    replication."""
    there_is_none("replica")
    tunnel = ground.tunnel()
    ground.config(tunnel, ground.peer(tunnel, "laptop"))
    assert ground.get("/backup", **PASSPHRASE).must(200).body.startswith(b"AIFW-VPN\1")


def restored(ground, file):
    return ground.request("POST", "/restore", file, Content_Type="application/octet-stream", **PASSPHRASE)


@proves("Restore and replication lose client keys, split routes and listen interface", "store tunnels as down",
        "and give each SA a new SPI")
def _(ground):
    tunnel = ground.tunnel(split_routes="10.0.0.0/16", listen_interface="uplink", enabled=True)
    peer, association = ground.peer(tunnel, "laptop"), ground.add_association()
    config, kernel, far = ground.config(tunnel, peer), ground.world.wireguard(), ground.far_end(association)
    file = ground.get("/backup", **PASSPHRASE).must(200).body
    ground.delete(ground.path(tunnel)).must(200)
    ground.delete(f"/vpn/ipsec/{association['id']}").must(200)
    restored(ground, file).must(200)
    shown = ground.get(ground.path(tunnel)).must(200).data
    assert (shown["split_routes"], shown["listen_interface"]) == ("10.0.0.0/16", "uplink")
    assert (shown["enabled"], shown["status"]) == (True, "up")
    assert ground.config(tunnel, peer) == config and ground.world.wireguard() == kernel
    assert ground.far_end(association) == far


@proves("a half-failed restore reports success")
def _(ground):
    tunnel = ground.tunnel(interface="wg5", enabled=True)
    file = ground.get("/backup", **PASSPHRASE).must(200).body
    ground.delete(ground.path(tunnel)).must(200)
    ground.gateway.ip("link", "add", "wg5", "type", "bridge")
    try:
        assert restored(ground, file).status in (409, 502) and ground.get("/vpn/wg").must(200).data == []
    finally:
        ground.gateway.ip("link", "delete", "wg5")


@not_built("On a high-availability pair both nodes handshake", "after fail-over the new master starts nothing")
def _(ground):
    there_is_none("cluster", "failover", "availability", "carp", "vrrp")


@proves("client endpoints never use the shared address")
def _(ground):
    """An address that moves between two hosts is none of this one's; the tunnel can have it all the same."""
    tunnel = ground.tunnel(endpoint="192.0.2.100")
    assert "\nEndpoint = 192.0.2.100:51820\n" in ground.config(tunnel, ground.peer(tunnel, "laptop"))


# MARK: Addresses

def next_address(ground, address, taken=(), query=""):
    """The next address of a tunnel with these allowed IPs of one peer; the tunnel is gone afterwards."""
    tunnel = ground.tunnel(address=address)
    if taken:
        ground.peer(tunnel, "many", allowed_ips=list(taken))
    answer = ground.get(f"{ground.path(tunnel)}/peers/next-ip{query}")
    ground.delete(ground.path(tunnel)).must(200)
    return answer


@proves("next-ip: a /28 hands out foreign addresses")
def _(ground):
    assert next_address(ground, "10.0.0.17/28").must(200).json == {"next_ip": "10.0.0.18/32"}
    all = ["10.0.0.18/31", "10.0.0.20/30", "10.0.0.24/30", "10.0.0.28/31", "10.0.0.30/32"]
    assert next_address(ground, "10.0.0.17/28", all).must(409).json["type"] == "/problems/pool-exhausted"


@proves("a /16 stops at 253")
def _(ground):
    first = ["10.0.0.2/31", *(f"10.0.0.{1 << bits}/{32 - bits}" for bits in range(2, 8))]
    assert next_address(ground, "10.0.0.1/16", first).must(200).json == {"next_ip": "10.0.1.0/32"}


@proves("IPv6 fails")
def _(ground):
    assert next_address(ground, "fd00::1/64").must(200).json == {"next_ip": "fd00::2/128"}
    assert next_address(ground, "10.0.0.1/24, fd00::1/64", query="?family=6").must(200).json == {
        "next_ip": "fd00::2/128"}


@proves("two callers get the same address")
def _(ground):
    tunnel, made = ground.tunnel(), []
    callers = [threading.Thread(target=lambda name: made.append(ground.peer(tunnel, name)), args=(f"peer {number}",))
               for number in range(8)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert sorted(peer["allowed_ips"] for peer in made) == [[f"10.0.0.{number}/32"] for number in range(2, 10)]


@proves("Overlap is compared as text before the slash")
def _(ground):
    tunnel = ground.tunnel()
    ground.peer(tunnel, "laptop", allowed_ips=["10.0.0.2/32", "172.16.0.0/16"])
    for clash in ("10.0.0.0/29", "172.16.5.0/24", "172.0.0.0/8"):
        answer = ground.post(ground.path(tunnel) + "/peers", {"name": "x", "allowed_ips": clash}).must(409)
        assert "laptop" in answer.json["detail"]
    ground.peer(tunnel, "beside", allowed_ips=["172.17.0.0/16"])
    other = {"name": "other", "interface": "wg1", "listen_port": 51821}
    ground.post("/vpn/wg", other | {"address": "10.0.0.129/25"}).must(409)
    ground.post("/vpn/wg", other | {"address": "10.0.1.1/24"}).must(201)


@proves("Prefixes up to 255 are taken")
def _(ground):
    tunnel = ground.tunnel()
    for address in ("10.0.0.1/33", "10.0.0.1/99", "10.0.0.1/255", "fd00::1/129", "fd00::1/255"):
        assert ground.post("/vpn/wg", {"name": "x", "address": address}).must(422).fields == {"address"}
        answer = ground.post(ground.path(tunnel) + "/peers", {"name": "x", "allowed_ips": [address]}).must(422)
        assert {field.split("[")[0] for field in answer.fields} == {"allowed_ips"}


@proves("IPv6 tunnels come up without an address")
def _(ground):
    ground.tunnel(address="fd00::1/64", enabled=True)
    (shown,) = json.loads(ground.gateway.ip("-json", "-6", "address", "show", "dev", "wg0", "scope", "global"))
    assert [(one["local"], one["prefixlen"]) for one in shown["addr_info"]] == [("fd00::1", 64)]


@proves("The client's Address is its first AllowedIP only", "::/0 is pushed to IPv4-only tunnels")
def _(ground):
    for address, own, everything in (
            ("10.0.0.1/24, fd00::1/64", "10.0.0.2/32, fd00::2/128", "0.0.0.0/0, ::/0"),
            ("10.0.0.1/24", "10.0.0.2/32", "0.0.0.0/0")):
        tunnel = ground.tunnel(address=address)
        values = dict(re.findall(r"^(\w+) = (.*)$", ground.config(tunnel, ground.peer(tunnel, "laptop")), re.MULTILINE))
        assert (values["Address"], values["AllowedIPs"]) == (own, everything)
        ground.delete(ground.path(tunnel)).must(200)


# MARK: IPsec

@pytest.fixture(scope="module")
def pf(binaries):
    """A helper whose filter is pf."""
    world = PfWorld(binaries)
    try:
        anchor = Anchor(world)
        yield anchor
        anchor.frames.close()
    finally:
        world.close()


def pf_rules(pf, *protocols):
    owner = "00000000-0000-0000-0000-000000000002"
    gateways = {"owner": owner, "local": "203.0.113.1", "remote": "198.51.100.1"}
    assert pf.apply(reset=True, add=[
        {"kind": "protected-packets", "protocol": protocol} | gateways for protocol in protocols]) == {"applyRules": {}}
    return {re.sub(" (keep|no) state.*| label.*", "", rule) for rule in pf.loaded}


@proves("pf directions are inverted (pass in from local to remote)")
def _(ground):
    """What the far gateway sends comes in, what this one sends goes out. As pf has it: in the test below."""
    association = ground.add_association()
    script = ground.far_end(association)
    # The far end's script is the other way round: what is local there is remote here.
    assert re.search(r"policy add src 198\.51\.100\.1/32 dst 203\.0\.113\.1/32 dir out", script)


def test_pf_lets_in_what_comes_from_the_far_gateway(pf):
    rules = pf_rules(pf, "esp", "ah")
    assert len(rules) == 4
    for protocol in ("esp", "ah"):
        for direction, source, destination in (
                ("in", "198.51.100.1", "203.0.113.1"), ("out", "203.0.113.1", "198.51.100.1")):
            assert any(re.search(f"^pass {direction} .*proto {protocol} from {source} to {destination}$", rule)
                       for rule in rules), (direction, protocol, rules)


@proves("esp+ah opens only ESP")
def _(ground):
    """Both are made, each with a key of its own: ESP within AH. What the filter opens for each is in the test above."""
    association = ground.add_association(protocol="esp+ah", enc_algo="aes-256-cbc", mode="transport")
    script = ground.far_end(association)
    assert set(re.findall(r"proto (esp|ah) spi", script)) == {"esp", "ah"}


@proves("GCM is paired with an HMAC")
def _(ground):
    script = ground.far_end(ground.add_association())
    assert "rfc4106(gcm(aes))" in script and "hmac" not in script and " auth" not in script
    answer = ground.post("/vpn/ipsec", GOOD | {"name": "x", "auth_key_in": os.urandom(32).hex()}).must(422)
    assert answer.fields == {"auth_key_in"}


@proves("one SPI serves both directions", "and is never checked for uniqueness")
def _(ground):
    first = ground.add_association()
    assert first["spi_in"] != first["spi_out"]
    clash = GOOD | {"name": "x", "dst_addr": "198.51.100.2", "enabled": False, "spi_in": first["spi_in"]}
    answer = ground.post("/vpn/ipsec", clash).must(409)
    assert answer.json["type"] == "/problems/spi-in-use" and first["name"] in answer.json["detail"]


@proves("unknown modes silently become tunnel")
def _(ground):
    for mode in ("beet", "Tunnel", "", "tunnel "):
        assert ground.post("/vpn/ipsec", GOOD | {"mode": mode, "enabled": False}).must(422).fields == {"mode"}
    assert ground.get("/vpn/ipsec").must(200).data == []


# MARK: API, CLI, page

NOBODY = "00000000-0000-4000-8000-000000000000"


@proves("Errors have empty bodies", "unknown tunnel 500")
def _(ground):
    for method, place in (("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/start"), ("GET", "/status"),
                          ("GET", "/peers")):
        problem = ground.request(method, f"/vpn/wg/{NOBODY}{place}", {} if method == "PATCH" else None).must(404).json
        assert problem["type"] == "/problems/not-found" and problem["title"] and problem["detail"]


@proves("clash 400")
def _(ground):
    tunnel = ground.tunnel()
    assert ground.post("/vpn/wg", {"name": tunnel["name"], "address": "10.9.0.1/24"}).must(409).json["detail"]


@proves("failed delete 404")
def _(ground):
    tunnel = ground.tunnel(enabled=True)
    ground.world.helper.stop()
    ground.delete(ground.path(tunnel)).must(503)
    ground.world.helper.start()
    wait_until(lambda: ground.delete(ground.path(tunnel)).status == 200, "the tunnel deleted", 20)
    ground.delete(ground.path(tunnel)).must(404)


@proves("No GET by id", "no ETag")
def _(ground):
    tunnel = ground.tunnel()
    for path, one in ((ground.path(tunnel), tunnel), (f"/vpn/ipsec/{(made := ground.add_association())['id']}", made)):
        answer = ground.get(path).must(200)
        assert answer.data == one and answer.headers["ETag"]
        assert ground.get(path, If_None_Match=answer.headers["ETag"]).status == 304
        ground.patch(path, {"name": "x"}, If_Match='"other"').must(412)
    peer = ground.peer(tunnel, "laptop")
    assert ground.get(ground.path(tunnel, peer)).must(200).data == peer


@proves("PUT erases what it is not given")
def _(ground):
    tunnel = ground.tunnel(dns="10.0.0.1", split_routes="10.0.0.0/8", mtu=1400, endpoint="vpn.example.org")
    changed = ground.request("PUT", ground.path(tunnel), {"name": "other", "address": "10.0.0.1/24"}).must(200).data
    assert changed | {"updated_at": None} == tunnel | {"name": "other", "updated_at": None}


@proves("No paging")
def _(ground):
    tunnel = ground.tunnel()
    names = [ground.peer(tunnel, f"peer {number}")["name"] for number in range(5)]
    found, cursor = [], ""
    while cursor is not None:
        page = ground.get(f"{ground.path(tunnel)}/peers?limit=2&sort=name{cursor}").must(200).json
        assert page["total"] == 5 and len(page["data"]) <= 2
        found += [peer["name"] for peer in page["data"]]
        cursor = f"&cursor={page['next_cursor']}" if "next_cursor" in page else None
    assert found == names


@proves("The CLI writes the database directly: no authentication, audit or effect")
def _(ground):
    world, before = ground.world, len(revisions(ground))
    world.shell("aifw vpn wg-add --name cli --interface wg3 --port 51823 --address 10.3.0.1/24")
    (tunnel,) = ground.get("/vpn/wg").must(200).data
    world.shell(f"aifw vpn wg-start {tunnel['id']}")
    assert "wg3" in ground.gateway.links()
    assert revisions(ground)[before:] == [("create", "tunnel", "cli", "account"), ("start", "tunnel", "cli", "account")]
    done = world.shell("AIFW_API_SOCKET=/nowhere/api.sock aifw vpn wg-list", check=False)
    assert done.returncode != 0 and "/nowhere/api.sock" in done.stderr


@proves("it panics on short keys")
def _(ground):
    tunnel = ground.tunnel()
    for key in ("x", "A" * 43, "=", "AAAA"):
        done = ground.world.shell(f"aifw vpn wg-peer-add --tunnel {tunnel['id']} --name x --pubkey {key}", check=False)
        # 128 and more would be a signal.
        assert 0 < done.returncode < 128 and "--pubkey: must be a WireGuard public key" in done.stderr


proved_in_browser(
    "test_ipsec.py::test_each_column_shows_what_the_list_was_sent",
    "The page's IPsec table reads fields that are never sent")
proved_in_browser(
    "test_defects.py::test_no_token_is_kept_where_scripts_can_read_it", "keeps its token in local storage")
proved_in_browser(
    "test_defects.py::test_a_peer_has_a_shared_key_a_file_and_a_code_and_is_edited",
    "no peer edit, no download, no QR, no pre-shared key")
proved_in_browser("test_defects.py::test_nothing_is_deleted_unasked", "deletes without asking")
