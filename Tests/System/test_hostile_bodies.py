"""Whatever a caller sends to whatever call: a problem that says what is wrong, and nothing changes.

Every call of the URL table takes part, with whatever body, query, id and headers it has; one that is new there fails
here until it has a good body to be damaged.
"""

import hashlib
import json
import re
import sqlite3
from contextlib import closing

import pytest
from ground import xfrm
from ground.process import Process
from ground.world import World
from hostile import bodies, places
from hostile.calls import (
    ASSOCIATION, CALLS, IMPORT, PEER, TUNNEL, USER, WEBHOOK, WITH_FILE, WITHOUT_BODY, table, takes_body)
from hostile.plain import Plain

ROUTES = table()
TAKING = [route for route in ROUTES if takes_body(*route)]
# KiB of private memory that the API daemon may have more after the worst of all that is sent here than after the first
# call. The largest body that it takes is 64 MiB, read into memory once.
GROWTH = 64 << 10


def named(route):
    return " ".join(route).replace("/api/v1/", "")


class Ground:
    """A gateway with one of everything, which nothing here may change."""

    def __init__(self, world):
        self.world = world
        self.rest = rest = world.rest
        tunnel = rest.tunnel(name="there", enabled=True)
        peer = rest.peer(tunnel, "laptop", preshared_key="auto")
        association = rest.association(name="there", enabled=False)
        for member in ("private_key", "preshared_key"):
            world.secrets.add_key(member, TUNNEL.get(member) or PEER[member])
        for member in ("enc_key_in", "enc_key_out", "auth_key_in", "auth_key_out"):
            world.secrets.add(member, bytes.fromhex(ASSOCIATION[member]))
        world.secrets.add("password", USER["password"])
        world.secrets.read_text(IMPORT["config"])
        self.tunnel, self.association = tunnel["id"], association["id"]
        self.ids = {"tokens": rest.get("/tokens").must(200).data[0]["id"], "wg": tunnel["id"],
                    "ipsec": association["id"], "peer": peer["id"]}
        if ("POST", "/api/v1/users") in ROUTES:
            user = rest.post("/users", USER | {"username": "there"}).must(201)
            self.ids["users"] = user.data["id"]
        if ("POST", "/api/v1/webhooks") in ROUTES:
            webhook = rest.post("/webhooks", WEBHOOK | {"name": "there"}).must(201)
            self.ids["webhooks"] = webhook.data["id"]
        self.plain = Plain(world)
        self.pids = [one.pid for one in (world.api, world.helper, world.launcher)]
        self.memory = None

    def target(self, path, instead=None):
        """The path with the ids of what is there, or with `instead` for each."""
        kind = re.match(r"/api/v1/(?:vpn/)?(\w+)", path)

        def id(match):
            return instead or self.ids["peer" if match[1] == "peer" else kind[1]]

        return re.sub(r"\{(\w+)\}", id, path)

    def state(self, traces=False):
        """Everything that a change would show in: all rows but of reveals, which reading makes, and the kernel. With
        `traces`, without what tells of attempts."""
        with closing(sqlite3.connect(f"file:{self.world.database}?mode=ro", uri=True, timeout=10)) as database:
            left = re.compile("sqlite_|.*(revision|setup|login|attempt)" if traces else "sqlite_")
            tables = [name for name, in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
                      if not left.match(name)]
            rows = {name: sorted(map(repr, database.execute(
                f'SELECT * FROM "{name}"' + (" WHERE action <> 'reveal'" if name == "revision" else ""))))
                for name in tables}
        assert "tunnel" in rows and "revision" in rows or traces
        gateway = self.world.gateway
        links = {name: (link["ifindex"], link["mtu"], link.get("ifalias")) for name, link in gateway.links().items()}
        addresses = {one["ifname"]: [(address["local"], address["prefixlen"]) for address in one["addr_info"]
                                     if address["scope"] != "link"]
                     for one in json.loads(gateway.ip("-json", "address"))}
        kernel = [
            self.world.wireguard(), links, addresses, gateway.ip("route").replace(" linkdown", ""),
            xfrm.digest(gateway), xfrm.foreign(gateway), gateway.run("nft", "list", "ruleset").stdout,
            # With private keys, so only as a hash; without what passes by itself.
            hashlib.sha256(gateway.run("wg", "showconf", "wg0").stdout.encode()).hexdigest()]
        return rows, kernel

    def unharmed(self):
        """The daemons are those of the beginning, answer, and have not grown out of measure."""
        world = self.world
        assert world.api.runs and world.helper.runs and world.launcher.runs
        assert self.pids == [one.pid for one in (world.api, world.helper, world.launcher)]
        assert self.plain.send("GET", "/readyz").status == 200
        memory = Process(world.api.pid).private_kib()
        self.memory = self.memory or memory
        assert memory < self.memory + GROWTH, f"{self.memory} KiB of memory have become {memory}"


@pytest.fixture(scope="module")
def ground(binaries):
    world = World(binaries)
    try:
        yield Ground(world)
    finally:
        world.close()


@pytest.fixture
def unchanged(ground):
    """Around requests of which none may do anything."""
    before = ground.state()
    yield ground
    assert ground.state() == before
    ground.unharmed()


def complaint(said, statuses):
    """What is wrong with an answer that should be a problem with one of the statuses; None if nothing is."""
    if said is None:
        return "no answer"
    if said.status not in statuses:
        return f"{said.status} instead of {sorted(statuses)}: {said.body[:300]!r}"
    return "; ".join(said.faults()) or None


def report(found):
    assert not found, f"{len(found)} are answered otherwise:\n" + "\n".join(found[:20])


def test_every_call_that_takes_a_body_has_a_good_one_here():
    assert [route for route in TAKING if route not in CALLS] == [], "give it a good body in hostile/calls.py"
    others = {route for route in ROUTES if route[0] in ("POST", "PUT", "PATCH")} - set(TAKING)
    assert others <= WITHOUT_BODY | WITH_FILE


@pytest.mark.parametrize("route", list(ROUTES), ids=named)
def test_the_server_has_the_calls_that_were_read_from_its_table(ground, route):
    """It names the methods of a path itself, to whoever comes with another."""
    answer = ground.rest.request("TRACE", "/" + ground.target(route[1])).must(405)
    methods = {method for method, path in ROUTES if path == route[1]}
    assert set(answer.headers["Allow"].split(", ")) - {"HEAD"} == methods


@pytest.mark.parametrize("route", TAKING, ids=named)
def test_a_hostile_body_is_a_problem_and_changes_nothing(ground, route):
    method, path = route
    call, target, found, count = CALLS[route], ground.target(path), [], 0
    before = ground.state(call.leaves_traces)
    for body in bodies.damaged(call, method):
        said = ground.plain.send(method, target, body.data, body.headers, body.chunked)
        wrong = complaint(said, body.statuses)
        if wrong is None and said.status == 422 and body.field is not None:
            if not any(name == body.field or name.startswith(f"{body.field}[") for name in said.fields):
                wrong = f"names {sorted(said.fields)}, not {body.field}"
        if wrong:
            found.append(f"{body.name}: {wrong}")
        count += 1
    report(found)
    assert count >= 100
    assert ground.state(call.leaves_traces) == before
    ground.unharmed()
    # That all of it was refused for its damage: as it was, it is taken.
    said = ground.plain.send(method, target, bodies.good(call), (("Content-Type", "application/json"),))
    assert said.status in call.answers, said.body
    if method == "POST" and said.status == 201:
        made = json.loads(said.body)["data"]
        for one in made if isinstance(made, list) else [made]:
            id = one.get("tunnel", one)["id"]
            assert ground.plain.send("DELETE", f"{re.sub('/(bulk|import)$', '', target)}/{id}").status == 200


@pytest.mark.parametrize("route", sorted(route for route in WITHOUT_BODY if "{" in route[1]), ids=named)
def test_a_call_that_takes_no_body_does_nothing_with_a_hostile_one(unchanged, route):
    """Of what is not there, so that nothing happens that would happen without a body."""
    method, path = route
    found, target = [], unchanged.target(path, places.NOBODY)
    for body in bodies.damaged(CALLS["POST", "/api/v1/tokens"], method):
        said = unchanged.plain.send(method, target, body.data, body.headers, body.chunked)
        wrong = complaint(said, {400, 404, 413, 415, 422})
        if wrong:
            found.append(f"{body.name}: {wrong}")
    report(found)


@pytest.mark.parametrize("route", [route for route in ROUTES if route[1].startswith("/api/v1/")], ids=named)
def test_a_hostile_query_is_a_problem(unchanged, route):
    method, path = route
    body = b"{}" if method in ("POST", "PUT", "PATCH") else None
    headers = (("Content-Type", "application/json"),) if body else ()
    found = []
    for query in places.QUERIES:
        said = unchanged.plain.send(method, f"{unchanged.target(path)}?{query}", body, headers)
        wrong = complaint(said, {422})
        if wrong:
            found.append(f"?{query[:60]}: {wrong}")
    report(found)


@pytest.mark.parametrize("route", [route for route in ROUTES if "{" in route[1]], ids=named)
def test_a_hostile_id_is_not_found(unchanged, route):
    method, path = route
    body = bodies.good(CALLS[route]) if route in CALLS else None
    headers = (("Content-Type", "application/json"),) if body else ()
    found = []
    for id in places.IDS:
        for target in {unchanged.target(path, id), re.sub(r"[^/]+$", id, unchanged.target(path))}:
            if id in target:
                said = unchanged.plain.send(method, target, body, headers)
                # In the last place it may stand for a word of another call, which has no such method.
                wrong = complaint(said, {404, 405})
                if wrong:
                    found.append(f"{target[:100]}: {wrong}")
    report(found)


@pytest.mark.parametrize("route", [
    route for route in ROUTES if route[0] in ("PUT", "PATCH", "DELETE") and not route[1].endswith("/totp")], ids=named)
def test_a_hostile_condition_is_not_met(unchanged, route):
    method, path = route
    body = bodies.good(CALLS[route]) if route in CALLS else None
    headers = (("Content-Type", "application/json"),) if body else ()
    found = []
    for value in places.CONDITIONS:
        said = unchanged.plain.send(method, unchanged.target(path), body, (*headers, ("If-Match", value)))
        wrong = complaint(said, {412})
        if wrong:
            found.append(f"If-Match: {value[:60]!r}: {wrong}")
    report(found)


@pytest.mark.parametrize("route", list(ROUTES), ids=named)
def test_hostile_headers_do_no_harm(unchanged, route):
    """Each with a request that nothing comes of: a GET, or what has no good body or is about nothing."""
    method, path = route
    target = unchanged.target(path, None if method == "GET" else places.NOBODY)
    if path == "/api/v1/events":
        target += "?follow=false"  # Or it would never end.
    body = b"[]" if method in ("POST", "PUT", "PATCH") else None
    content = (("Content-Type", "application/json"),) if body else ()
    headers = [*(("Accept", value) for value in places.ACCEPTED), *(("Range", value) for value in places.RANGES),
               *(("Idempotency-Key", value) for value in places.IDEMPOTENCY), *places.OTHERS]
    found = []
    for name, value in headers:
        said = unchanged.plain.send(method, target, body, (*content, (name, value)))
        if method == "GET" and said is not None and said.status in (200, 304):
            continue
        wrong = complaint(said, range(400, 500))
        if wrong:
            found.append(f"{name}: {value[:60]!r}: {wrong}")
    report(found)


def test_what_is_no_http_gets_a_bare_400_or_the_door(unchanged):
    found = []
    for name, data in places.broken("/api/v1/vpn/wg", unchanged.tunnel).items():
        said = unchanged.plain.send_raw(data)
        unchanged.plain.close()
        if said is not None and (said.status, said.body) != (400, b""):
            found.append(f"{name}: {said.status} {said.body[:200]!r}")
    report(found)
