"""Many at once, callers who hang up, daemons that die in the middle: one consistent result, and nothing half done."""

import http.client
import json
import random
import socket
import ssl
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from ground.agreement import disagreements
from ground.rest import HOST
from ground.waiting import wait_until


def at_once(deeds):
    """Runs all deeds at one moment, each in a thread of its own; returns what they return, in their order."""
    gate = threading.Barrier(len(deeds))

    def run(deed):
        gate.wait()
        return deed()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(run, deeds))


# MARK: Many at once.

def test_twenty_parallel_creations_get_twenty_addresses(world):
    rest, tunnel = world.rest, world.rest.tunnel(address="10.0.0.1/24, fd00::1/64", enabled=True)
    path = f"/vpn/wg/{tunnel['id']}/peers"
    answers = at_once([lambda number=number: rest.post(path, {"name": f"peer {number}"}) for number in range(20)])
    peers = [answer.must(201).data for answer in answers]
    first = {f"10.0.0.{number}/32" for number in range(2, 22)}
    assert {peer["allowed_ips"][0] for peer in peers} == first, "each another one, and none left out"
    assert len({peer["allowed_ips"][1] for peer in peers}) == 20
    assert len({peer["public_key"] for peer in peers}) == 20
    assert disagreements(world) == []


def test_parallel_tunnels_get_an_interface_and_a_port_each(world):
    answers = at_once([
        lambda number=number: world.rest.post("/vpn/wg", {
            "name": f"tunnel {number}", "address": f"10.{number}.0.1/24", "enabled": True})
        for number in range(10)])
    tunnels = [answer.must(201).data for answer in answers]
    assert {tunnel["interface"] for tunnel in tunnels} == {f"wg{number}" for number in range(10)}
    assert {tunnel["listen_port"] for tunnel in tunnels} == set(range(51820, 51830))
    assert disagreements(world) == []


def test_of_twenty_who_want_one_address_one_gets_it(world):
    tunnel = world.rest.tunnel(enabled=True)
    path = f"/vpn/wg/{tunnel['id']}/peers"
    body = {"allowed_ips": ["10.0.0.9/32"]}
    answers = at_once([lambda number=number: world.rest.post(path, body | {"name": f"peer {number}"})
                       for number in range(20)])
    assert sorted(answer.status for answer in answers) == [201] + [409] * 19
    assert disagreements(world) == []


@pytest.mark.parametrize("number", range(6))
def test_start_stop_and_delete_at_once_leave_one_result(world, number):
    rest, tunnel = world.rest, world.rest.tunnel(enabled=number % 2 == 0)
    rest.peer(tunnel, "laptop")
    path = f"/vpn/wg/{tunnel['id']}"
    deeds = [lambda: rest.post(f"{path}/start"), lambda: rest.post(f"{path}/stop"), lambda: rest.delete(path)]
    random.Random(number).shuffle(deeds)
    answers = at_once(deeds)
    assert {answer.status for answer in answers} <= {200, 404}
    assert rest.get(path).status == 404, "a deleted tunnel is gone, whoever else was at it"
    assert rest.get("/vpn/wg").must(200).data == [] and disagreements(world) == []
    assert not world.gateway.processes("wireguard-go")
    assert ":51820 " not in world.gateway.run("ss", "-Hlun").stdout


def test_starts_and_stops_at_once_leave_what_the_last_one_said(world):
    tunnel = world.rest.tunnel()
    path = f"/vpn/wg/{tunnel['id']}"
    answers = at_once([lambda verb=verb: world.rest.post(f"{path}/{verb}") for verb in ("start", "stop") * 6])
    assert {answer.status for answer in answers} == {200}
    shown = world.rest.get(path).must(200).data
    assert shown["status"] == ("up" if shown["enabled"] else "down")
    assert disagreements(world) == []


# MARK: Callers who hang up.

def hang_up(rest, method, path, body, after):
    """Sends the head of a request and the first `after` bytes of its body (a dictionary), and is gone."""
    data = json.dumps(body).encode() if body is not None else b""
    head = (f"{method} /api/v1{path} HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: Bearer {rest.token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n").encode()
    context = ssl.create_default_context(cafile=rest.certificate)
    with socket.create_connection(("127.0.0.1", rest.port), timeout=30) as plain:
        with context.wrap_socket(plain, server_hostname=HOST) as secured:
            secured.sendall(head + data[:after])


def test_half_a_body_does_nothing(world):
    tunnel = world.rest.tunnel(enabled=True)
    path = f"/vpn/wg/{tunnel['id']}/peers"
    # Shorter than the body by one byte at least.
    for number in range(18):
        hang_up(world.rest, "POST", path, {"name": f"half {number}"}, number)
    # Whatever they had set going is done before this, for writes are done in the order they come.
    world.rest.peer(tunnel, "whole")
    assert [peer["name"] for peer in world.rest.get(path).must(200).data] == ["whole"]
    assert disagreements(world) == []


def test_one_who_does_not_wait_for_the_answer_leaves_all_or_nothing(world):
    rest, tunnel = world.rest, world.rest.tunnel(enabled=True)
    other = rest.tunnel(name="other", interface="wg1", listen_port=51821, address="10.1.0.1/24")
    path = f"/vpn/wg/{tunnel['id']}/peers"
    for number in range(20):
        hang_up(rest, "POST", path, {"name": f"gone {number}"}, None)
        hang_up(rest, "POST", f"/vpn/wg/{other['id']}/{'stop' if number % 2 else 'start'}", None, None)
    hang_up(rest, "POST", "/vpn/wg", {"name": "gone", "address": "10.2.0.1/24", "enabled": True}, None)

    def count():
        return rest.get(f"{path}?limit=1").must(200).json["total"]

    # They may still be under way: as long as another comes, it is not over.
    def is_over():
        before = count()
        rest.peer(tunnel, f"marker {is_over.number}")
        is_over.number += 1
        return count() == before + 1 and disagreements(world) == []

    is_over.number = 0
    wait_until(is_over, "API and kernel to agree", 60)
    for peer in rest.get(f"{path}?limit=1000").must(200).data:
        assert peer["name"] and peer["public_key"] and len(peer["allowed_ips"]) == 1


# MARK: Daemons that die in the middle.

class Deeds:
    """Three threads that create and delete peers, start and stop a tunnel, create and delete tunnels, until they are
    told to stop or a daemon is away. `facts` says of each object what the API acknowledged last: True if it is there,
    or started, False if not, None if the connection was cut before the answer, so that either is right."""

    def __init__(self, world, tunnel, toggled, prefix):
        self._rest, self._tunnel, self._toggled, self._prefix = world.rest, tunnel, toggled, prefix
        self._over = threading.Event()
        # What a round before has left; peers and tunnels are other ones each time.
        enabled = world.rest.get(f"/vpn/wg/{toggled['id']}").must(200).data["enabled"]
        self.facts = {("started", "toggled"): enabled}
        self.acknowledged = 0
        self.faults = []
        self._threads = [threading.Thread(target=self._run, args=[work], daemon=True)
                         for work in (self._peers, self._toggle, self._tunnels)]
        for thread in self._threads:
            thread.start()

    def end(self):
        self._over.set()
        for thread in self._threads:
            thread.join(timeout=60)
            assert not thread.is_alive(), "a request was never answered"

    def _run(self, work):
        number = 0
        try:
            while not self._over.is_set():
                work(number)
                number += 1
        except InterruptedError:
            pass  # A daemon is away: nothing more to be had.
        except Exception as fault:  # For the test's own thread to show.
            self.faults.append(fault)

    def _ask(self, fact, becomes, method, path, body=None):
        """One write, which makes `fact` true or false if it is acknowledged. 503: nothing was changed."""
        before = self.facts.get(fact, False)
        self.facts[fact] = None
        try:
            answer = self._rest.request(method, path, body)
        except (OSError, http.client.HTTPException):
            raise InterruptedError from None
        if answer.status in (502, 503):
            self.facts[fact] = before
            raise InterruptedError
        assert answer.status in (200, 201), f"{method} {path}: {answer.status} {answer.body}"
        self.facts[fact] = becomes
        self.acknowledged += 1
        return answer.json.get("data")

    def _peers(self, number):
        path, name = f"/vpn/wg/{self._tunnel['id']}/peers", f"{self._prefix} {number}"
        made = self._ask(("peer", name), True, "POST", path, {"name": name, "preshared_key": "auto"})
        if number % 3 == 0:
            self._ask(("peer", name), False, "DELETE", f"{path}/{made['id']}")

    def _toggle(self, number):
        verb = "stop" if number % 2 else "start"
        self._ask(("started", "toggled"), verb == "start", "POST", f"/vpn/wg/{self._toggled['id']}/{verb}")

    def _tunnels(self, number):
        name = f"{self._prefix} {number}"
        body = {"name": name, "address": "10.9.0.1/24", "enabled": True, "allow_overlap": True}
        made = self._ask(("tunnel", name), True, "POST", "/vpn/wg", body)
        if number % 4:
            self._ask(("tunnel", name), False, "DELETE", f"/vpn/wg/{made['id']}")

    def contradictions(self):
        """The facts that the API tells otherwise."""
        tunnels = {one["name"]: one for one in self._rest.get("/vpn/wg?limit=1000").must(200).data}
        peers = self._rest.get(f"/vpn/wg/{self._tunnel['id']}/peers?limit=1000").must(200).data
        there = {("peer", one["name"]) for one in peers} | {("tunnel", name) for name in tunnels}
        if tunnels["toggled"]["enabled"]:
            there.add(("started", "toggled"))
        return {fact: said for fact, said in self.facts.items() if said is not None and said != (fact in there)}


ROUNDS = 12


@pytest.mark.parametrize("which", ["helper", "api"])
def test_a_daemon_that_dies_in_the_middle_loses_nothing_acknowledged(world, which):
    dice = random.Random(f"died: {which}")
    tunnel = world.rest.tunnel(enabled=True)
    toggled = world.rest.tunnel(name="toggled", interface="wg9", listen_port=51900, address="10.8.0.1/24")
    world.rest.peer(toggled, "laptop")
    daemon, acknowledged = getattr(world, which), 0
    for number in range(ROUNDS):
        deeds = Deeds(world, tunnel, toggled, f"round {number}")
        threading.Event().wait(dice.uniform(0, 0.5))  # A moment by the dice, not something to wait for.
        daemon.kill()
        deeds.end()
        daemon.start() if which == "helper" else world.start_api()
        # The API says what is so at once; the kernel follows without waiting for the repair that comes every 30 s.
        wait_until(lambda: agrees(world), f"round {number}: the kernel equal to the API", 15)
        assert deeds.faults == []
        assert deeds.contradictions() == {}, f"round {number}: acknowledged, and otherwise now"
        acknowledged += deeds.acknowledged
        for one in world.rest.get("/vpn/wg?limit=1000").must(200).data:
            if one["id"] not in (tunnel["id"], toggled["id"]):
                world.rest.delete(f"/vpn/wg/{one['id']}").must(200)
    assert acknowledged > ROUNDS, "hardly anything was done in between"
    assert disagreements(world) == []


def agrees(world):
    """Whether the kernel is as the API says. Until it has reached the helper, the API can't say."""
    return world.rest.get("/vpn/wg").status == 200 and disagreements(world) == []
