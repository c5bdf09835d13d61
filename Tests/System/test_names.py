"""Peers whose endpoint is a host name, with a DNS server whose answers change, and aifw-apid in its cage."""

import json

import pytest
from ground.client import PingStream
from ground.inner import InnerWorld
from ground.names import Names
from ground.waiting import wait_until

# EndpointFollower.period is 30 s; the rest is for the work itself on a slow machine.
PERIOD = 30 + 15
NAME = "branch.vpn.example"


class NamedWorld(InnerWorld):
    """With a tunnel, and with `names` for the gateway's DNS."""

    def __init__(self, binaries):
        super().__init__(binaries)
        self.vpn("wg-add", "--name", "office", "--interface", "wg0", "--address", "10.0.0.1/24", "--start")

    def _furnish(self):
        super()._furnish()
        self.names = Names(self.gateway, self.folder / "api")
        self._closers.append(self.names.close)

    def peer(self, name, *options):
        """A new peer's public key, and what was warned of."""
        done = self.vpn("wg-peer-add", "--tunnel", "wg0", "--name", name, *options, "--json")
        answer = json.loads(done.stdout)
        return answer["data"]["public_key"], answer.get("warnings", [])

    def endpoints(self):
        """What the kernel has, public key to endpoint."""
        shown = self.gateway.run("wg", "show", "wg0", "endpoints", check=False).stdout
        return dict(line.split("\t") for line in shown.splitlines())

    def status(self, name):
        peers = json.loads(self.vpn("wg-status", "wg0", "--json").stdout)["peers"]
        return next(peer for peer in peers if peer["name"] == name)


@pytest.fixture
def world(binaries):
    world = NamedWorld(binaries)
    yield world
    world.close()


def test_a_peer_is_reached_where_its_name_leads_as_soon_as_it_is_created(world):
    world.names.addresses[NAME] = "192.0.2.7"
    key, warnings = world.peer("branch", "--endpoint", f"{NAME}:51820")
    assert warnings == [] and world.endpoints()[key] == "192.0.2.7:51820"
    # It is stored and shown as it was written.
    shown = json.loads(world.vpn("wg-peer-list", "--tunnel", "wg0", "--json").stdout)["data"]
    assert [peer["endpoint"] for peer in shown] == [f"{NAME}:51820"]
    assert world.status("branch")["endpoint"] == "192.0.2.7:51820"
    assert world.status("branch")["endpoint_detail"] is None


def test_a_name_that_moves_is_followed_for_that_peer_alone(world):
    client = world.client()
    world.names.addresses |= {NAME: "192.0.2.7", "laptop.vpn.example": "192.0.2.99"}
    moving, _ = world.peer("branch", "--endpoint", f"{NAME}:51820")
    fixed, _ = world.peer("fixed", "--endpoint", "192.0.2.8:51820")
    live, _ = world.peer("laptop", "--endpoint", "laptop.vpn.example:51820")
    client.bring_up(world.aifw("vpn", "wg-config", "--tunnel", "wg0", "laptop").stdout)
    assert client.reaches()
    # The client has called from elsewhere than its name says, and is where it says.
    called = world.endpoints()[live]
    assert called.startswith("192.0.2.2:")
    asked = world.names.asked.count("laptop.vpn.example")
    stream = PingStream(client)
    world.names.addresses |= {NAME: "192.0.2.9", "laptop.vpn.example": "192.0.2.98"}
    wait_until(lambda: world.endpoints()[moving] == "192.0.2.9:51820", "the name to be followed", PERIOD)
    assert world.endpoints() == {moving: "192.0.2.9:51820", fixed: "192.0.2.8:51820", live: called}
    stream.advance(3)
    stream.stop()
    # While somebody is heard from his name is not asked for.
    assert world.names.asked.count("laptop.vpn.example") == asked


def test_a_peer_whose_name_is_not_known_yet_is_created_and_found_later(world):
    key, (warning,) = world.peer("branch", "--endpoint", f"{NAME}:51820")
    assert NAME in warning and "can't be resolved" in warning
    assert world.endpoints()[key] == "(none)"
    status = world.status("branch")
    assert status["endpoint"] == f"{NAME}:51820" and "can't be resolved" in status["endpoint_detail"]
    world.names.addresses[NAME] = "192.0.2.7"
    wait_until(lambda: world.endpoints()[key] == "192.0.2.7:51820", "the name to be found", PERIOD)
    assert world.status("branch")["endpoint_detail"] is None


def test_a_start_and_a_restart_of_either_daemon_know_where_a_peer_is(world):
    world.names.addresses[NAME] = "192.0.2.7"
    world.vpn("wg-stop", "wg0")
    key, _ = world.peer("branch", "--endpoint", f"{NAME}:51820")
    world.vpn("wg-start", "wg0")
    wait_until(lambda: world.endpoints()[key] == "192.0.2.7:51820", "the endpoint after the start", 15)
    for daemon in (world.api, world.helper):
        daemon.kill()
        daemon.start()
        assert world.endpoints()[key] == "192.0.2.7:51820", f"after the end of {daemon.name}"
    # The interface itself is lost, and made anew without the DNS being asked for leave.
    world.gateway.ip("link", "delete", "wg0")
    wait_until(
        lambda: world.endpoints().get(key) == "192.0.2.7:51820", "the endpoint after the repair", PERIOD)


def test_an_endpoint_can_become_a_name_and_an_address_again(world):
    world.names.addresses[NAME] = "192.0.2.7"
    key, _ = world.peer("branch", "--endpoint", "192.0.2.8:51820")
    for endpoint, running in ((f"{NAME}:7", "192.0.2.7:7"), ("192.0.2.8:51820", "192.0.2.8:51820")):
        world.vpn("wg-peer-edit", "--tunnel", "wg0", "branch", "--endpoint", endpoint)
        assert world.endpoints()[key] == running
