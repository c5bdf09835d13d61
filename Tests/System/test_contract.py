"""The REST contract, sentence by sentence, on one gateway: each case is named after what a client may rely on."""

import base64
import datetime
import io
import time
import zipfile

import pytest
from ground.waiting import wait_until

CASES = []
SECRETS = ("private_key", "preshared_key", "PrivateKey", "PresharedKey", "enc_key", "auth_key")
UNKNOWN = "00000000-0000-4000-8000-000000000000"
KEY = base64.b64encode(bytes(range(32))).decode()


def sentence(words):
    """Keeps a case under its sentence."""
    def keep(case):
        CASES.append(pytest.param(case, id=words))
        return case
    return keep


class Ground:
    """A gateway on which each case has tunnels of its own."""

    def __init__(self, world):
        self.world, self.rest, self._number = world, world.rest, 0

    def tunnel(self, **fields):
        self._number += 1
        tunnel = {"name": f"tunnel {self._number}", "address": f"10.{self._number}.0.1/24"}
        return self.rest.post("/vpn/wg", tunnel | fields).must(201).data

    def path(self, **fields):
        return f"/vpn/wg/{self.tunnel(**fields)['id']}"

    def peer(self, path, name="laptop", **fields):
        return self.rest.post(f"{path}/peers", {"name": name} | fields).must(201).data

    def association(self, **fields):
        self._number += 1
        return self.rest.association(**{
            "name": f"association {self._number}", "dst_addr": f"198.51.100.{self._number}", "enabled": False} | fields)

    def patch(self, path, body, status=200, **headers):
        return self.rest.request("PATCH", path, body, **headers).must(status)

    def put(self, path, body, status=200, **headers):
        return self.rest.request("PUT", path, body, **headers).must(status)

    def token(self, *scopes):
        """A client that may do no more than these scopes say."""
        self._number += 1
        made = self.rest.post("/tokens", {"name": f"token {self._number}", "scopes": list(scopes)}).must(201).data
        return self.rest.by(made["token"])


@pytest.fixture(scope="module")
def ground(shared_world):
    return Ground(shared_world)


def problem(answer, status, word):
    """The answer is this problem, complete and without a secret."""
    answer.must(status)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json["type"] == f"/problems/{word}" and answer.json["status"] == status
    assert answer.json["title"] and answer.json["detail"]
    return answer


def objects(ground):
    """A path of every kind of object that has a version, with a change for it."""
    path = ground.path()
    peer = f"{path}/peers/{ground.peer(path)['id']}"
    association = f"/vpn/ipsec/{ground.association()['id']}"
    return [(ground.path(), {"mtu": 1380}), (peer, {"keepalive": 25}), (association, {"replay_window": 32})]


# MARK: Envelope.

@sentence("One object is under data, a list too, with its total")
def _(ground):
    path = ground.path()
    made = ground.rest.post(f"{path}/peers", {"name": "laptop"}).must(201)
    assert made.json.keys() == {"data"} and made.data["name"] == "laptop"
    answer = ground.rest.get(f"{path}/peers").must(200).json
    assert answer.keys() == {"data", "total"} and answer["total"] == 1
    assert ground.rest.get(f"{path}/peers/{made.data['id']}").must(200).data == made.data


@sentence("Delete, start and stop answer a message; status and next-ip are bare objects")
def _(ground):
    path = ground.path()
    for verb, words in (("start", "Tunnel started"), ("start", "Tunnel started"), ("stop", "Tunnel stopped"),
                        ("stop", "Tunnel stopped")):
        assert ground.rest.post(f"{path}/{verb}").must(200).json == {"message": words}
    status = ground.rest.get(f"{path}/status").must(200).json
    assert status == {"running": False, "interface": status["interface"], "peers": []}
    assert ground.rest.get(f"{path}/peers/next-ip").must(200).json.keys() == {"next_ip"}
    peer = ground.peer(path)
    assert ground.rest.delete(f"{path}/peers/{peer['id']}").must(200).json == {"message": "Peer deleted"}
    assert ground.rest.delete(path).must(200).json == {"message": "Tunnel deleted"}
    association = ground.association()
    assert ground.rest.delete(f"/vpn/ipsec/{association['id']}").must(200).json == {"message": "Association deleted"}


@sentence("A tunnel shows these members")
def _(ground):
    assert ground.tunnel().keys() == {
        "id", "name", "interface", "public_key", "listen_port", "address", "dns", "mtu", "listen_interface",
        "split_routes", "endpoint", "fwmark", "masquerade", "routes", "enabled", "status", "status_detail",
        "peer_count", "transfer_rx", "transfer_tx", "created_at", "updated_at"}


@sentence("A peer shows these members, its allowed IPs as an array")
def _(ground):
    peer = ground.peer(ground.path(), allowed_ips="10.200.0.5, fd00::5")
    assert peer.keys() == {
        "id", "tunnel_id", "name", "public_key", "has_preshared_key", "has_private_key", "endpoint", "allowed_ips",
        "client_routes", "persistent_keepalive", "enabled", "expires_at", "created_at", "updated_at"}
    assert peer["allowed_ips"] == ["10.200.0.5/32", "fd00::5/128"] and peer["has_private_key"] is True


@sentence("An association shows its members without keys, spi as spi_in")
def _(ground):
    association = ground.association()
    assert association.keys() == {
        "id", "name", "src_addr", "dst_addr", "protocol", "mode", "enc_algo", "auth_algo", "src_networks",
        "dst_networks", "spi", "spi_in", "spi_out", "replay_window", "enabled", "status", "status_detail", "installed",
        "created_at", "updated_at"}
    assert association["spi"] == association["spi_in"]


@sentence("No answer holds a secret but configurations and what is shown once")
def _(ground):
    path = ground.path(private_key=KEY)
    peer = ground.peer(path, preshared_key=KEY)
    association = ground.association()
    for place in ("/vpn/wg", path, f"{path}/status", f"{path}/peers", f"{path}/peers/{peer['id']}", "/vpn/ipsec",
                  f"/vpn/ipsec/{association['id']}", "/vpn/rules", "/vpn/summary", "/tokens"):
        body = ground.rest.get(place).must(200).body.decode()
        for word in SECRETS:
            assert word not in body.replace("has_private_key", "").replace("has_preshared_key", ""), (place, word)
        assert KEY not in body


@sentence("Times are RFC 3339 in UTC, ids are UUIDs in lower case")
def _(ground):
    tunnel = ground.tunnel()
    made = datetime.datetime.fromisoformat(tunnel["created_at"].replace("Z", "+00:00"))
    assert tunnel["created_at"].endswith("Z") and abs(made.timestamp() - time.time()) < 60
    assert tunnel["id"] == tunnel["id"].lower() and len(tunnel["id"]) == 36


@sentence("Location is an absolute path, and leads to the object with the ETag of its creation")
def _(ground):
    path = ground.path()
    for place, body in (("/vpn/wg", {"name": "located", "address": "10.210.0.1/24"}),
                        (f"{path}/peers", {"name": "located"}),
                        ("/vpn/ipsec", {"name": "located", "src_addr": "203.0.113.1", "dst_addr": "198.51.100.200",
                                        "enabled": False})):
        made = ground.rest.post(place, body).must(201)
        assert made.headers["Location"].startswith("/api/v1/vpn/")
        found = ground.rest.get("/" + made.headers["Location"]).must(200)
        assert found.headers["ETag"] == made.headers["ETag"] and found.data["id"] == made.data["id"]


@sentence("All answers have the headers that keep browsers from harm")
def _(ground):
    for answer in (ground.rest.get("/vpn/wg"), ground.rest.get("/nothing"), ground.rest.get("//healthz"),
                   ground.rest.post("/vpn/wg", b"{")):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


@sentence("Configurations, reveals and tokens are not stored by anybody on the way")
def _(ground):
    path = ground.path()
    peer = f"{path}/peers/{ground.peer(path)['id']}"
    association = ground.association()
    for answer in (ground.rest.get(f"{peer}/config"), ground.rest.get(f"{peer}/config/qr"),
                   ground.rest.get(f"{peer}/config", Accept="application/json"),
                   ground.rest.get(f"/vpn/ipsec/{association['id']}/config"), ground.rest.get("/tokens"),
                   ground.rest.post(f"{path}/peers", {"name": "once", "keep_private_key": False}),
                   ground.rest.post("/tokens", {"name": "not stored", "scopes": ["vpn:read"]})):
        assert answer.status in (200, 201) and answer.headers["Cache-Control"] == "no-store"


# MARK: Lists.

def lists(ground):
    """Every list with names that it holds, in the order they were made. Associations are off: this kernel may have no
    IPsec."""
    path = ground.path()
    names = ["delta", "alpha", "Charlie", "bravo"]
    for name in names:
        ground.peer(path, name)
        ground.rest.post("/tokens", {"name": f"list {name}", "scopes": ["vpn:read"]}).must(201)
        ground.association(name=f"list {name}")
        ground.tunnel(name=f"list {name}", enabled=True)
    return [(f"{path}/peers?", lambda one: one["name"], names)] + [
        (f"{place}?q=LIST%20&", lambda one: one["name"], [f"list {name}" for name in names])
        for place in ("/tokens", "/vpn/ipsec", "/vpn/wg")
    ] + [("/vpn/rules?q=list%20&", lambda one: one["object"]["name"], [f"list {name}" for name in names])]


def forget(ground):
    """Deletes what `lists` made, for its names are to be free again."""
    for place in ("/tokens", "/vpn/ipsec", "/vpn/wg"):
        for one in ground.rest.get(f"{place}?q=list%20").must(200).data:
            ground.rest.delete(f"{place}/{one['id']}").must(200)


def distinct(values):
    return list(dict.fromkeys(values))


@sentence("Every list is sorted by name or age, either way, the oldest first if nothing is said")
def _(ground):
    for place, name, made in lists(ground):
        def shown(sort, place=place, name=name):
            answer = ground.rest.get(f"{place}limit=1000{sort}").must(200)
            return distinct(name(one) for one in answer.data)
        assert shown("") == shown("&sort=created_at") == made, place
        assert shown("&sort=-created_at") == made[::-1], place
        assert shown("&sort=name") == sorted(made), place
        assert shown("&sort=-name") == sorted(made, reverse=True), place
        problem(ground.rest.get(f"{place}sort=size"), 422, "invalid")
    forget(ground)


@sentence("Every list comes in pages, whose cursors survive that the last row of a page is deleted")
def _(ground):
    for place, name, made in lists(ground):
        for sort in ("created_at", "-name"):
            whole = ground.rest.get(f"{place}limit=1000&sort={sort}").must(200)
            assert "next_cursor" not in whole.json and whole.json["total"] == len(whole.data)
            pages, cursor = [], ""
            while cursor is not None:
                page = ground.rest.get(f"{place}limit=1&sort={sort}{cursor}").must(200).json
                assert len(page["data"]) == 1 and page["total"] == len(whole.data)
                pages += page["data"]
                assert len(pages) <= len(whole.data)
                cursor = f"&cursor={page['next_cursor']}" if "next_cursor" in page else None
            assert pages == whole.data, place
        problem(ground.rest.get(f"{place}limit=0"), 422, "invalid")
        problem(ground.rest.get(f"{place}limit=1001"), 422, "invalid")
        problem(ground.rest.get(f"{place}cursor=nonsense"), 422, "invalid")
        problem(ground.rest.get(f"{place}lmit=5"), 422, "invalid")
    path = ground.path()
    peers = [ground.peer(path, name) for name in ("a", "b", "c")]
    cursor = ground.rest.get(f"{path}/peers?limit=2").must(200).json["next_cursor"]
    ground.rest.delete(f"{path}/peers/{peers[1]['id']}").must(200)
    rest = ground.rest.get(f"{path}/peers?limit=2&cursor={cursor}").must(200)
    assert [one["name"] for one in rest.data] == ["c"]
    forget(ground)


@sentence("q finds a part of the name, the beginning of an address, and of a key")
def _(ground):
    path = ground.path()
    one = ground.peer(path, "My Laptop", allowed_ips="10.201.7.9")
    ground.peer(path, "phone")
    for words in ("laptop", "LAPTOP", "10.201.7", one["public_key"][:8].replace("+", "%2B").replace("/", "%2F")):
        found = ground.rest.get(f"{path}/peers?q={words}").must(200)
        assert [peer["name"] for peer in found.data] == ["My Laptop"] and found.json["total"] == 1, words
    assert ground.rest.get(f"{path}/peers?q=nobody").must(200).json == {"data": [], "total": 0}


# MARK: Errors.

@sentence("A path that leads nowhere, and an id that is none or another tunnel's, are 404")
def _(ground):
    path, other = ground.path(), ground.path()
    peer = ground.peer(path)
    for place in ("/nothing", "/vpn/wg/x", f"/vpn/wg/{UNKNOWN}", f"/vpn/wg/{UNKNOWN}/peers", f"{path}/peers/x",
                  f"{path}/peers/{UNKNOWN}", f"{other}/peers/{peer['id']}", f"/vpn/ipsec/{UNKNOWN}", "/vpn//wg"):
        problem(ground.rest.get(place), 404, "not-found")
    problem(ground.rest.post(f"/vpn/wg/{UNKNOWN}/peers", {"name": "x"}), 404, "not-found")
    problem(ground.rest.post(f"/vpn/wg/{UNKNOWN}/peers/bulk", {"peers": [{"name": "x"}]}), 404, "not-found")
    problem(ground.rest.delete(f"/tokens/{UNKNOWN}"), 404, "not-found")


@sentence("A wrong method is 405 with those that are possible")
def _(ground):
    path = ground.path()
    for method, place, allowed in (
            ("DELETE", "/vpn/wg", {"GET", "HEAD", "POST"}), ("GET", f"{path}/start", {"POST"}),
            ("POST", path, {"GET", "HEAD", "PUT", "PATCH", "DELETE"}), ("GET", f"{path}/peers/bulk", {"POST"}),
            ("PUT", f"{path}/peers/next-ip", {"GET", "HEAD"}), ("POST", "/vpn/summary", {"GET", "HEAD"}),
            ("PATCH", "/tokens", {"GET", "HEAD", "POST"})):
        answer = problem(ground.rest.request(method, place), 405, "method-not-allowed")
        assert set(answer.headers["Allow"].split(", ")) == allowed


@sentence("HEAD answers as GET does, without a body")
def _(ground):
    for place in ("/vpn/wg", ground.path(), "/vpn/summary", "/nothing"):
        get, head = ground.rest.get(place), ground.rest.request("HEAD", place)
        assert (head.status, head.body) == (get.status, b"")
        for name in ("Content-Type", "ETag"):
            assert head.headers.get(name) == get.headers.get(name)


@sentence("Another content type is 415, an encoded body too; PATCH takes merge-patch and JSON")
def _(ground):
    path = ground.path()
    for kind in ("text/plain", "application/xml", "application/merge-patch+json", "multipart/form-data"):
        problem(ground.rest.post(f"{path}/peers", {"name": "x"}, Content_Type=kind), 415, "unsupported-media-type")
    problem(ground.rest.post(f"{path}/peers", {"name": "x"}, Content_Encoding="gzip"), 415, "unsupported-media-type")
    problem(ground.rest.request("PATCH", path, {"mtu": 1300}, Content_Type="text/plain"), 415, "unsupported-media-type")
    for kind in ("application/merge-patch+json", "application/json", "application/json; charset=utf-8"):
        ground.patch(path, {"mtu": 1300}, Content_Type=kind)


@sentence("Where there are several forms, one that is none of them is 406, and nothing is done")
def _(ground):
    path = ground.path()
    peer = f"{path}/peers/{ground.peer(path)['id']}"
    problem(ground.rest.get(f"{peer}/config", Accept="text/html"), 406, "not-acceptable")
    bulk = ground.rest.post(f"{path}/peers/bulk", {"peers": [{"name": "x"}]}, Accept="text/html")
    problem(bulk, 406, "not-acceptable")
    assert ground.rest.get(f"{path}/peers").must(200).json["total"] == 1


@sentence("413 beyond 1 MiB, and beyond 64 MiB for bulk")
def _(ground):
    path = ground.path()
    for method, place in (("POST", f"{path}/peers"), ("PUT", path), ("POST", f"{path}/start")):
        problem(ground.rest.request(method, place, b"{}", Content_Length=str((1 << 20) + 1)), 413, "too-large")
    problem(ground.rest.post(f"{path}/peers/bulk", b"{}", Content_Length=str((64 << 20) + 1)), 413, "too-large")
    many = b'{"peers": [' + b"0," * 1_000_000 + b"0]}"
    problem(ground.rest.post(f"{path}/peers/bulk", many), 413, "too-large")
    padding = b" " * (2 << 20)
    ground.rest.post(f"{path}/peers/bulk", padding + b'{"peers": [{"name": "padded"}]}').must(201)


@sentence("All faults are told, not the first; an unknown member with the nearest known one")
def _(ground):
    path = ground.path()
    answer = problem(ground.rest.post(f"{path}/peers", {
        "nmae": "x", "keepalive": -1, "endpoint": "a b", "expires_at": "yesterday", "enabled": 1}), 422, "invalid")
    assert answer.fields == {"nmae", "name", "keepalive", "endpoint", "expires_at", "enabled"}
    details = {fault["field"]: fault["detail"] for fault in answer.json["errors"]}
    assert '"name"' in details["nmae"]


@sentence("A wrong or unknown query value is 422 wherever there is a query")
def _(ground):
    path = ground.path()
    peer = f"{path}/peers/{ground.peer(path)['id']}"
    for method, place in (
            ("GET", f"{path}?x=1"), ("GET", f"{path}/peers/next-ip?family=5"), ("GET", f"{peer}/config?split_tunnel=1"),
            ("GET", "/vpn/rules?format=ipfw"), ("GET", "/vpn/rules?format=pf&limit=1"), ("GET", "/vpn/summary?x"),
            ("GET", "/vpn/history?range=week"), ("GET", "/vpn/history?peer=laptop"),
            ("POST", f"{path}/start?force=true"), ("POST", f"{peer}/rotate?x=1"), ("DELETE", f"{peer}?x=1"),
            ("DELETE", f"/tokens/{UNKNOWN}?x=1"), ("GET", f"{path}/status?x=1"), ("GET", "/vpn/wg?limit=1&limit=2")):
        problem(ground.rest.request(method, place), 422, "invalid")


@sentence("A clash is 409 and names the other object: name, interface, port, address, key, overlap")
def _(ground):
    tunnel = ground.tunnel(private_key=base64.b64encode(bytes(range(1, 33))).decode())
    path = f"/vpn/wg/{tunnel['id']}"
    peer = ground.peer(path, allowed_ips="10.202.0.0/24")
    for body, word in (({"name": tunnel["name"]}, "name-in-use"),
                       ({"interface": tunnel["interface"]}, "interface-in-use"),
                       ({"listen_port": tunnel["listen_port"]}, "port-in-use"),
                       ({"address": tunnel["address"]}, "overlap"),
                       ({"private_key": base64.b64encode(bytes(range(1, 33))).decode()}, "key-in-use")):
        answer = ground.rest.post("/vpn/wg", {"name": "clash", "address": "10.203.0.1/24"} | body)
        assert tunnel["name"] in problem(answer, 409, word).json["detail"]
    for body, word in (({"name": "laptop"}, "name-in-use"), ({"public_key": peer["public_key"]}, "key-in-use"),
                       ({"allowed_ips": "10.202.0.0/24"}, "address-in-use"), ({"allowed_ips": "10.202.0.7"}, "overlap"),
                       ({"public_key": tunnel["public_key"]}, "key-in-use")):
        problem(ground.rest.post(f"{path}/peers", {"name": "clash"} | body), 409, word)
    ground.peer(path, "permitted", allowed_ips="10.202.0.7", allow_overlap=True)


# MARK: Conditions.

@sentence("If-Match is honoured by PUT, PATCH and DELETE: 412 for another version, * for any")
def _(ground):
    for path, change in objects(ground):
        first = ground.rest.get(path).must(200)
        ground.patch(path, change, If_Match=first.headers["ETag"])
        now = ground.rest.get(path).must(200)
        assert now.headers["ETag"] != first.headers["ETag"]
        whole = {name: now.data[name] for name in ("name", "address", "src_addr", "dst_addr") if name in now.data}
        for method, body in (("PATCH", change), ("PUT", whole), ("PUT", first.data), ("DELETE", None)):
            answer = ground.rest.request(method, path, body, If_Match=first.headers["ETag"])
            problem(answer, 412, "precondition-failed")
        assert ground.rest.get(path).must(200).headers["ETag"] == now.headers["ETag"]
        ground.put(path, whole, If_Match=f'"other", {now.headers["ETag"]}')
        ground.rest.delete(path, If_Match="*").must(200)
    token = ground.rest.post("/tokens", {"name": "conditional", "scopes": ["vpn:read"]}).must(201)
    place = f"/tokens/{token.data['id']}"
    problem(ground.rest.delete(place, If_Match='"other"'), 412, "precondition-failed")
    ground.rest.delete(place, If_Match=token.headers["ETag"]).must(200)


@sentence("If-None-Match answers 304 for the version that the client has")
def _(ground):
    for path, _ in objects(ground):
        etag = ground.rest.get(path).must(200).headers["ETag"]
        known = ground.rest.get(path, If_None_Match=etag).must(304)
        assert known.body == b"" and known.headers["ETag"] == etag
        ground.rest.get(path, If_None_Match='"r0"').must(200)


@sentence("A tunnel's ETag is its own: peers do not move it, nor does what the kernel counts")
def _(ground):
    path = ground.path()
    etag = ground.rest.get(path).must(200).headers["ETag"]
    ground.peer(path)
    assert ground.rest.get(path).must(200).headers["ETag"] == etag
    ground.patch(path, {"mtu": ground.rest.get(path).data["mtu"]}, If_Match=etag)
    assert ground.rest.get(path).must(200).headers["ETag"] == etag, "what changes nothing moves nothing"


# MARK: Bodies.

@sentence("PUT and PATCH keep what is left out; null clears; PUT needs the required fields")
def _(ground):
    tunnel = ground.tunnel(
        dns="1.1.1.1", split_routes="10.204.0.0/16", endpoint="vpn.example.org", mtu=1300, fwmark="0x10")
    path = f"/vpn/wg/{tunnel['id']}"
    kept = ground.put(path, {"name": tunnel["name"], "address": tunnel["address"]}).data
    for name in ("dns", "split_routes", "endpoint", "mtu", "fwmark", "public_key"):
        assert kept[name] == tunnel[name], name
    assert problem(ground.rest.request("PUT", path, {"name": "x"}), 422, "invalid").fields == {"address"}
    names = ("dns", "split_routes", "endpoint", "mtu", "fwmark")
    cleared = ground.patch(path, {name: None for name in names}).data
    assert [cleared[name] for name in names] == [None, None, None, 1420, None]
    for name in ("name", "address", "enabled", "interface", "listen_port", "private_key"):
        assert problem(ground.rest.request("PATCH", path, {name: None}), 422, "invalid").fields == {name}
    peer = ground.peer(
        path, keepalive=25, preshared_key="auto", endpoint="192.0.2.9:51820", client_routes="10.9.0.0/16")
    place = f"{path}/peers/{peer['id']}"
    assert ground.put(place, {"name": "laptop"}).data == ground.rest.get(place).must(200).data
    after = ground.patch(
        place, {"keepalive": None, "preshared_key": None, "endpoint": None, "client_routes": None}).data
    assert (after["persistent_keepalive"], after["has_preshared_key"], after["endpoint"], after["client_routes"]) == (
        None, False, None, None)


@sentence('"" clears optional free texts and 0 a keepalive, never an enumerated word')
def _(ground):
    tunnel = ground.tunnel(
        dns="1.1.1.1", split_routes="10.205.0.0/16", endpoint="vpn.example.org", listen_interface="uplink")
    path = f"/vpn/wg/{tunnel['id']}"
    names = ("dns", "split_routes", "endpoint", "listen_interface")
    cleared = ground.patch(path, {name: "" for name in names}).data
    assert [cleared[name] for name in names] == [None] * 4
    peer = ground.peer(
        path, keepalive=25, preshared_key="auto", endpoint="192.0.2.9:51820", client_routes="10.9.0.0/16")
    place = f"{path}/peers/{peer['id']}"
    after = ground.patch(place, {"keepalive": 0, "preshared_key": "", "endpoint": "", "client_routes": ""}).data
    assert (after["persistent_keepalive"], after["has_preshared_key"], after["endpoint"], after["client_routes"]) == (
        None, False, None, None)
    association = f"/vpn/ipsec/{ground.association()['id']}"
    for name in ("protocol", "mode", "enc_algo", "auth_algo"):
        for word in ("", "rot13"):
            assert problem(ground.rest.request("PATCH", association, {name: word}), 422, "invalid").fields == {name}
    problem(ground.rest.request("PATCH", path, {"name": ""}), 422, "invalid")
    problem(ground.rest.request("PATCH", path, {"name": "   "}), 422, "invalid")


@sentence("Other spellings mean the same; two that differ are 422")
def _(ground):
    path = ground.path()
    assert ground.peer(path, keepalive=25)["persistent_keepalive"] == 25
    ground.peer(path, "both", keepalive=25, persistent_keepalive=25, auto_generate_key=True)
    answer = ground.rest.post(f"{path}/peers", {"name": "x", "keepalive": 25, "persistent_keepalive": 26})
    assert problem(answer, 422, "invalid").fields == {"keepalive"}
    body = {"name": "aliased", "local_addr": "203.0.113.1", "remote_addr": "198.51.100.220", "protocol": "esp_ah",
            "enc_algo": "aes-256-cbc", "enabled": False}
    made = ground.rest.post("/vpn/ipsec", body).must(201).data
    assert (made["src_addr"], made["dst_addr"], made["protocol"]) == ("203.0.113.1", "198.51.100.220", "esp+ah")
    answer = ground.rest.post("/vpn/ipsec", body | {"name": "x", "src_addr": "203.0.113.2"})
    assert "local_addr" in problem(answer, 422, "invalid").fields


@sentence("Read-only members sent back unchanged are ignored, changed ones are 422")
def _(ground):
    for path, _ in objects(ground):
        shown = ground.rest.get(path).must(200)
        ground.put(path, shown.data)
        assert ground.rest.get(path).must(200).headers["ETag"] == shown.headers["ETag"]
        for name, value in (("id", UNKNOWN), ("created_at", "2001-01-01T00:00:00Z"), ("updated_at", None)):
            answer = ground.rest.request("PATCH", path, {name: value})
            assert problem(answer, 422, "invalid").fields == {name}


@sentence("A number is a whole number in digits: neither text, nor 51820.0, nor 5e4")
def _(ground):
    for number in (b'"51821"', b"51821.0", b"5e4", b"true", b"[]"):
        body = b'{"name": "numbers", "address": "10.206.0.1/24", "listen_port": ' + number + b"}"
        assert problem(ground.rest.post("/vpn/wg", body), 422, "invalid").fields == {"listen_port"}


# MARK: Who may.

@sentence("Scopes: write and secrets imply read, admin all; what hands out configurations needs secrets too")
def _(ground):
    path = ground.path()
    peer = f"{path}/peers/{ground.peer(path)['id']}"
    bulk = {"peers": [{"name": "bulk", "keep_private_key": False}]}
    asked = [
        ("read", "GET", "/vpn/wg", None), ("read", "GET", "/vpn/summary", None), ("read", "GET", "/vpn/rules", None),
        ("write", "PATCH", path, {"mtu": 1300}), ("write", "POST", f"{path}/stop", None),
        ("secrets", "GET", f"{peer}/config", None), ("secrets", "GET", f"{peer}/config/qr", None),
        ("both", "POST", f"{path}/peers", {"name": "once", "keep_private_key": False}),
        ("both", "POST", f"{path}/peers/bulk", bulk), ("admin", "GET", "/tokens", None),
        ("admin", "POST", "/tokens", {"name": "by a token", "scopes": ["vpn:read"]}),
    ]
    may = {("vpn:read",): {"read"}, ("vpn:write",): {"read", "write"}, ("vpn:secrets",): {"read", "secrets"},
           ("vpn:write", "vpn:secrets"): {"read", "write", "secrets", "both"},
           ("admin",): {"read", "write", "secrets", "both", "admin"}}
    for scopes, kinds in may.items():
        client = ground.token(*scopes)
        for kind, method, place, body in asked:
            answer = client.request(method, place, body)
            if kind in kinds:
                assert answer.status in (200, 201, 409), (scopes, method, place, answer.body)
            else:
                problem(answer, 403, "forbidden")


@sentence("Without a good token 401 says how to come in; the health checks need none")
def _(ground):
    nobody = ground.rest.by()
    assert problem(nobody.get("/vpn/wg"), 401, "unauthenticated").headers["WWW-Authenticate"].startswith("Bearer ")
    assert nobody.get("//healthz").must(200).json and nobody.get("//readyz").must(200).json


@sentence("A token is shown once, with its scopes and expiry; an expired one lets nobody in")
def _(ground):
    soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=6)
    body = {"name": "short", "scopes": ["vpn:read"], "expires_at": soon.isoformat()}
    made = ground.rest.post("/tokens", body).must(201).data
    assert made["token"].startswith("aifw_") and made["scopes"] == ["vpn:read"] and made["expires_at"].endswith("Z")
    assert all("token" not in one for one in ground.rest.get("/tokens?limit=1000").must(200).data)
    client = ground.rest.by(made["token"])
    client.get("/vpn/wg").must(200)
    wait_until(lambda: client.get("/vpn/wg").status == 401, "the token to expire", 20)
    answer = ground.rest.post("/tokens", body | {"name": "past"})
    assert problem(answer, 422, "invalid").fields == {"expires_at"}


# MARK: Peers.

@sentence("The next address is the lowest free one: never the network's, the broadcast or the tunnel's own")
def _(ground):
    for address, first, count in (
            ("10.220.0.1/30", "10.220.0.2/32", 1), ("10.220.1.0/31", "10.220.1.1/32", 1), ("10.220.2.2/32", None, 0),
            ("10.220.3.2/29", "10.220.3.1/32", 5), ("fd20::1/126", "fd20::2/128", 2),
            ("fd20:1::/127", "fd20:1::1/128", 1),
            ("fd20:2::1/128", None, 0)):
        path = ground.path(address=address)
        next_ip = f"{path}/peers/next-ip"
        if first is None:
            problem(ground.rest.get(next_ip), 409, "pool-exhausted")
        else:
            assert ground.rest.get(next_ip).must(200).json == {"next_ip": first}, address
        peers = [{"name": str(number)} for number in range(count + 1)]
        answer = problem(ground.rest.post(f"{path}/peers/bulk", {"peers": peers}), 409, "pool-exhausted")
        assert answer.fields == {f"peers[{count}].allowed_ips"}
        if count:
            made = ground.rest.post(f"{path}/peers/bulk", {"peers": peers[:-1]}).must(201).data
            assert made[0]["allowed_ips"] == [first] and len({one["allowed_ips"][0] for one in made}) == count
        problem(ground.rest.get(next_ip), 409, "pool-exhausted")
        problem(ground.rest.post(f"{path}/peers", {"name": "none left"}), 409, "pool-exhausted")
        ground.rest.delete(path).must(200)


@sentence("On a tunnel with both families a name alone takes one address of each; family asks for one")
def _(ground):
    path = ground.path(address="10.221.0.1/24, fd21::1/64")
    assert ground.rest.get(f"{path}/peers/next-ip").must(200).json == {"next_ip": "10.221.0.2/32"}
    assert ground.rest.get(f"{path}/peers/next-ip?family=6").must(200).json == {"next_ip": "fd21::2/128"}
    assert ground.peer(path)["allowed_ips"] == ["10.221.0.2/32", "fd21::2/128"]
    six = ground.rest.post(f"{path}/peers?family=6", {"name": "six", "allowed_ips": "auto"}).must(201).data
    assert six["allowed_ips"] == ["fd21::3/128"]
    only = ground.path()
    problem(ground.rest.get(f"{only}/peers/next-ip?family=6"), 409, "pool-exhausted")


@sentence("An allowed IP with host bits says what was probably meant; a repeat and an address of nobody's are 422")
def _(ground):
    path = ground.path(address="10.222.0.1/24")
    for ips, words in ((["10.222.0.5/24"], "10.222.0.0/24"), (["10.222.0.5", "10.222.0.5/32"], "twice"),
                       (["10.222.0.1"], "the tunnel's own"), (["10.222.0.255"], "no host's"), ([], "at least one")):
        answer = problem(ground.rest.post(f"{path}/peers", {"name": "x", "allowed_ips": ips}), 422, "invalid")
        assert words in answer.body.decode(), ips


@sentence("An expires_at in the past is 422; an expired peer leaves the kernel by itself; a new time brings it back")
def _(ground):
    tunnel = ground.tunnel(enabled=True)
    path = f"/vpn/wg/{tunnel['id']}"
    past = ground.rest.post(f"{path}/peers", {"name": "x", "expires_at": "2001-01-01T00:00:00Z"})
    assert problem(past, 422, "invalid").fields == {"expires_at"}
    soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=6)
    peer = ground.peer(path, expires_at=soon.isoformat())
    ground.peer(path, "stays")
    place = f"{path}/peers/{peer['id']}"
    assert peer["public_key"] in ground.world.wireguard(tunnel["interface"])
    wait_until(lambda: peer["public_key"] not in ground.world.wireguard(tunnel["interface"]), "the peer to leave", 20)
    assert len(ground.world.wireguard(tunnel["interface"])) == 1
    states = {one["name"]: one["state"] for one in ground.rest.get(f"{path}/status").must(200).json["peers"]}
    assert states == {"laptop": "expired", "stays": "never"}
    # To be enabled is not all that it takes; but all of it may be sent back.
    problem(ground.rest.request("PATCH", place, {"enabled": True}), 409, "conflict")
    ground.put(place, ground.rest.get(place).must(200).data)
    ground.put(place, {"name": "renamed", "enabled": True})
    ground.patch(place, {"enabled": False})
    problem(ground.rest.request("PATCH", place, {"enabled": True}), 409, "conflict")
    # Its address is still its own.
    problem(ground.rest.post(f"{path}/peers", {"name": "x", "allowed_ips": peer["allowed_ips"]}), 409, "address-in-use")
    ground.patch(place, {"enabled": True, "expires_at": None})
    assert peer["public_key"] in ground.world.wireguard(tunnel["interface"])


@sentence("client_routes, array or comma string, replace split_routes in this peer's split configuration")
def _(ground):
    path = ground.path(address="10.223.0.1/24", split_routes="10.50.0.0/16")
    plain = ground.peer(path, "plain")
    routed = ground.peer(path, "routed", client_routes=["10.60.0.0/16", "10.61.0.0/16"])
    ground.patch(f"{path}/peers/{routed['id']}", {"client_routes": "10.60.0.0/16, 10.61.0.0/16"})
    for peer, routes in ((plain, "10.50.0.0/16"), (routed, "10.60.0.0/16, 10.61.0.0/16")):
        text = ground.rest.get(f"{path}/peers/{peer['id']}/config?split_tunnel=true").must(200).body.decode()
        assert f"AllowedIPs = {routes}\n" in text
        text = ground.rest.get(f"{path}/peers/{peer['id']}/config").must(200).body.decode()
        assert "AllowedIPs = 0.0.0.0/0\n" in text, "split_tunnel left out means false"


@sentence("A key that is not kept is in the answer once; rotate gives another, and a given key can't be rotated")
def _(ground):
    path = ground.path()
    made = ground.peer(path, keep_private_key=False, preshared_key="auto")
    assert "PrivateKey" in made["config"] and "PresharedKey" in made["config"] and made["has_private_key"] is False
    place = f"{path}/peers/{made['id']}"
    assert "config" not in ground.rest.get(place).must(200).data
    problem(ground.rest.get(f"{place}/config"), 409, "key-not-kept")
    rotated = ground.rest.post(f"{place}/rotate").must(200).data
    assert "PrivateKey" in rotated["config"] and rotated["public_key"] != made["public_key"]
    given = ground.peer(path, "given", public_key=base64.b64encode(bytes(range(40, 72))).decode())
    assert given["has_private_key"] is False
    problem(ground.rest.post(f"{path}/peers/{given['id']}/rotate"), 409, "key-not-kept")
    another = base64.b64encode(bytes(range(80, 112))).decode()
    replaced = ground.patch(f"{path}/peers/{given['id']}", {"public_key": another})
    assert replaced.data["public_key"] != given["public_key"]


@sentence("A configuration comes as text with a file name, as JSON with both forms, or as a picture")
def _(ground):
    path = ground.path()
    peer = f"{path}/peers/{ground.peer(path, 'my laptop')['id']}"
    text = ground.rest.get(f"{peer}/config").must(200)
    assert text.headers["Content-Type"].startswith("text/plain")
    assert "my-laptop.conf" in text.headers["Content-Disposition"]
    both = ground.rest.get(f"{peer}/config", Accept="application/json").must(200).json
    assert both.keys() == {"full_tunnel", "split_tunnel"} and both["full_tunnel"] == text.body.decode()
    for place, accept in ((f"{peer}/config", "image/svg+xml"), (f"{peer}/config/qr", "*/*")):
        assert b"<svg" in ground.rest.get(place, Accept=accept).must(200).body


@sentence("A new address that leaves peers outside is a warning beside data")
def _(ground):
    path = ground.path(address="10.224.0.1/24")
    ground.peer(path)
    answer = ground.patch(path, {"address": "10.225.0.1/24"}).json
    assert answer.keys() == {"data", "warnings"} and "1 peer" in answer["warnings"][0]
    assert "warnings" not in ground.patch(path, {"mtu": 1300}).json


# MARK: Many at once, and twice.

@sentence("Bulk is all or nothing, with every fault by its place: 422, or 409 when all are clashes")
def _(ground):
    path = ground.path()
    ground.peer(path, "laptop")
    bulk = f"{path}/peers/bulk"
    names = [{"name": "laptop"}, {"name": "a"}, {"name": "a"}]
    clash = problem(ground.rest.post(bulk, {"peers": names}), 409, "name-in-use")
    assert clash.fields == {"peers[0].name", "peers[2].name"}
    mixed = {"peers": [{"name": "laptop"}, {"name": "b", "keepalive": -1}, {"nam": "c"}]}
    answer = problem(ground.rest.post(bulk, mixed), 422, "invalid")
    assert answer.fields == {"peers[0].name", "peers[1].keepalive", "peers[2].name", "peers[2].nam"}
    problem(ground.rest.post(bulk, {"peers": [{"name": "x"}] * 10_001}), 422, "invalid")
    assert ground.rest.get(f"{path}/peers").must(200).json["total"] == 1
    made = ground.rest.post(bulk, {"peers": [{"name": "x"}, {"name": "y", "keep_private_key": False}]}).must(201)
    assert [one["name"] for one in made.data] == ["x", "y"] and "PrivateKey" in made.data[1]["config"]
    assert "config" not in made.data[0] and made.headers["Cache-Control"] == "no-store"


@sentence("Bulk with Accept: application/zip answers the configurations, under names that are unique and safe")
def _(ground):
    tunnel = ground.tunnel(enabled=True)
    path = f"/vpn/wg/{tunnel['id']}"
    names = ["laptop", "Laptop", "../../etc/passwd", "größe"]
    answer = ground.rest.post(
        f"{path}/peers/bulk", {"peers": [{"name": name} for name in names]}, Accept="application/zip").must(201)
    assert answer.headers["Content-Type"] == "application/zip" and answer.headers["Cache-Control"] == "no-store"
    archive = zipfile.ZipFile(io.BytesIO(answer.body))
    assert archive.testzip() is None
    files = archive.namelist()
    assert files[:2] == ["laptop.conf", "Laptop-2.conf"] and len({file.lower() for file in files}) == 4
    assert all("/" not in file and not file.startswith(".") for file in files)
    peers = ground.rest.get(f"{path}/peers").must(200).data
    for file, peer in zip(files, peers):
        assert archive.read(file) == ground.rest.get(f"{path}/peers/{peer['id']}/config").must(200).body
    assert set(ground.world.wireguard(tunnel["interface"])) == {peer["public_key"] for peer in peers}


@sentence("An idempotency key with the same body answers the first result again; another body is 409")
def _(ground):
    path = ground.path()
    first = ground.rest.post(f"{path}/peers", {"name": "laptop"}, Idempotency_Key="contract").must(201)
    again = ground.rest.post(f"{path}/peers", {"name": "laptop"}, Idempotency_Key="contract").must(201)
    assert again.body == first.body and again.headers["Idempotency-Replayed"] == "true"
    assert again.headers["Location"] == first.headers["Location"] and again.headers["ETag"] == first.headers["ETag"]
    answer = ground.rest.post(f"{path}/peers", {"name": "phone"}, Idempotency_Key="contract")
    problem(answer, 409, "idempotency-key-reused")
    assert ground.rest.get(f"{path}/peers").must(200).json["total"] == 1


@sentence("Idempotency keys are for every POST, and repeat no secret that was shown once")
def _(ground):
    path = ground.path()
    place = f"{path}/peers/{ground.peer(path)['id']}"
    association = f"/vpn/ipsec/{ground.association()['id']}"
    for number, (url, body) in enumerate((
            (f"{path}/start", None), (f"{path}/stop", None), (f"{place}/rotate", None), (f"{association}/stop", None),
            (f"{path}/peers/bulk", {"peers": [{"name": "bulk"}]}),
            ("/vpn/wg", {"name": "keyed", "address": "10.226.0.1/24"}))):
        first = ground.rest.post(url, body, Idempotency_Key=f"post {number}")
        again = ground.rest.post(url, body, Idempotency_Key=f"post {number}")
        assert first.status in (200, 201) and (again.status, again.body) == (first.status, first.body)
        assert again.headers["Idempotency-Replayed"] == "true"
    for url, body, accept in (
            (f"{path}/peers", {"name": "once", "keep_private_key": False}, "*/*"),
            (f"{path}/peers/bulk", {"peers": [{"name": "zipped"}]}, "application/zip"),
            ("/tokens", {"name": "keyed", "scopes": ["vpn:read"]}, "*/*")):
        ground.rest.post(url, body, Accept=accept, Idempotency_Key=url).must(201)
        again = ground.rest.post(url, body, Accept=accept, Idempotency_Key=url)
        problem(again, 409, "idempotency-secret-not-repeated")


# MARK: Rest.

@sentence("The summary counts everything by what the kernel says now")
def _(ground):
    before = ground.rest.get("/vpn/summary").must(200).data
    assert before.keys() == {
        "tunnels", "peers", "associations", "rules", "revision", "attention", "attention_total"}
    path = ground.path(enabled=True)
    ground.peer(path)
    ground.peer(path, "off", enabled=False)
    after = ground.rest.get("/vpn/summary").must(200).data
    assert after["tunnels"] == before["tunnels"] | {
        "total": before["tunnels"]["total"] + 1, "up": before["tunnels"]["up"] + 1}
    assert after["peers"] == before["peers"] | {
        "total": before["peers"]["total"] + 2, "never": before["peers"]["never"] + 1,
        "disabled": before["peers"]["disabled"] + 1}
    assert after["rules"]["total"] == before["rules"]["total"] + 2 and after["revision"] == before["revision"] + 3


@sentence("The summary names what needs attention, the worst first, and a peer's tunnel")
def _(ground):
    def attention():
        found = ground.rest.get("/vpn/summary").must(200).data
        assert found["attention_total"] == len(found["attention"])
        return {item["object"]["name"]: item for item in found["attention"]}

    tunnel = ground.tunnel(name="attended", enabled=True)
    path = f"/vpn/wg/{tunnel['id']}"
    now = datetime.datetime.now(datetime.timezone.utc)
    times = {name: (now + datetime.timedelta(days=days)).isoformat() for name, days in (("soon", 6.9), ("late", 7.1))}
    peers = {name: ground.peer(path, name, expires_at=time) for name, time in times.items()}
    assert "late" not in attention() and "attended" not in attention()
    soon = attention()["soon"]
    assert soon["kind"] == "peer-expiring" and soon["at"] == peers["soon"]["expires_at"]
    assert soon["object"] == {
        "type": "peer", "id": peers["soon"]["id"], "name": "soon", "tunnel_id": tunnel["id"]}
    # Somebody else's link in the interface's place: it can't be put right.
    interface = tunnel["interface"]
    ground.world.gateway.ip("link", "delete", interface)
    ground.world.gateway.ip("link", "add", interface, "type", "veth", "peer", "name", "elsewhere")
    try:
        found = attention()
        assert list(found).index("attended") < list(found).index("soon")
        assert found["attended"]["kind"] == "tunnel-error" and found["attended"]["at"] is None
        shown = ground.rest.get(path).must(200).data
        assert shown["status"] == "error" and interface in found["attended"]["detail"]
    finally:
        ground.world.gateway.ip("link", "delete", interface)
    ground.patch(f"{path}/peers/{peers['soon']['id']}", {"expires_at": None})
    assert "soon" not in attention()
    ground.rest.delete(path).must(200)


@sentence("An association: one family, two ends, unicast; networks in tunnel mode only; same gateways and networks 409")
def _(ground):
    good = {"name": "association", "src_addr": "203.0.113.1", "dst_addr": "198.51.100.230", "enabled": False}
    for change, field in (({"dst_addr": "2001:db8::1"}, "dst_addr"), ({"dst_addr": "203.0.113.1"}, "dst_addr"),
                          ({"dst_addr": "224.0.0.1"}, "dst_addr"), ({"mode": "transport", "src_networks": "10.0.0.0/8"},
                                                                    "src_networks"), ({"spi_in": 255}, "spi_in")):
        assert field in problem(ground.rest.post("/vpn/ipsec", good | change), 422, "invalid").fields
    made = ground.rest.post("/vpn/ipsec", good).must(201).data
    assert made["src_networks"] == ["203.0.113.1/32"] and made["dst_networks"] == ["198.51.100.230/32"]
    answer = ground.rest.post("/vpn/ipsec", good | {"name": "another"}).must(409)
    assert "association" in answer.json["detail"]


@pytest.mark.parametrize("case", CASES)
def test_the_contract(ground, case):
    case(ground)
