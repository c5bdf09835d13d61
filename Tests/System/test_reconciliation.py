"""What somebody changes behind the API's back is put right within the period, and nothing else is touched."""

import json
import os
import re
import signal
import subprocess
from contextlib import contextmanager

import pytest
from ground.agreement import disagreements
from ground.bystander import Bystander
from ground.waiting import wait_until
from ground.world import World

# Reconciliation.period is 30 s; the rest is for the work itself on a slow machine.
PERIOD = 30 + 15

# What happens to which tunnel.
PEERS, LINK, PROCESS, NAME, PORT, SETTINGS, ADDRESSES, CALM = range(8)

# Binds a UDP port of both families until its input ends.
SQUATTER = """
import socket, sys
sockets = [socket.socket(family, socket.SOCK_DGRAM) for family in (socket.AF_INET, socket.AF_INET6)]
sockets[1].setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
for one, host in zip(sockets, ("0.0.0.0", "::")):
    one.bind((host, int(sys.argv[1])))
print("bound", flush=True)
sys.stdin.read()
"""


class Drift:
    """A gateway with eight tunnels; something happens to all but the last, at once."""

    def __init__(self, world):
        self.world = world
        self.tunnels = [world.rest.post("/vpn/wg", {
            "name": f"tunnel {number}", "interface": f"wg{number}", "listen_port": 51820 + number, "enabled": True,
            "address": f"10.{number}.0.1/24, fd00:{number}::1/64"}).must(201).data for number in range(8)]
        self.peers = [[world.rest.peer(tunnel, name) for name in ("phone", "laptop", "tablet")]
                      for tunnel in self.tunnels]
        self.site = world.rest.peer(
            self.tunnels[PEERS], "site", allowed_ips=["10.0.0.99/32", "172.29.0.0/16", "fd00:99::/64"])
        assert disagreements(world) == []
        self._make_foreign()
        self.bystanders = [Bystander(world, self.tunnels[number], self.peers[number][0]) for number in (PEERS, CALM)]
        self.foreign = self.look()
        self.indexes = {name: link["ifindex"] for name, link in world.gateway.links().items()}
        self.said = len(world.api.lines())
        self.squatter = None

    # What is somebody else's and has to stay.

    def _make_foreign(self):
        gateway = self.world.gateway
        gateway.ip("link", "add", "wg90", "type", "bridge")
        gateway.ip("address", "add", "10.90.0.1/24", "dev", "wg90")
        gateway.ip("link", "set", "wg90", "up")
        # A WireGuard interface that an administrator made, with a peer.
        try:
            gateway.ip("link", "add", "wg91", "type", "wireguard")
        except AssertionError:
            subprocess.Popen(
                gateway.inside("wireguard-go", "-f", "wg91"), start_new_session=True, stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            wait_until(lambda: gateway.run("test", "-S", "/run/wireguard/wg91.sock", check=False).returncode == 0,
                       "somebody's wireguard-go")
        gateway.run("wg", "set", "wg91", "listen-port", "53000", "peer", self.key(), "allowed-ips", "10.91.0.2/32")
        gateway.ip("address", "add", "10.91.0.1/24", "dev", "wg91")
        gateway.ip("link", "set", "wg91", "up")
        gateway.ip("route", "add", "198.18.0.0/16", "dev", "wg91", "proto", "static")
        # A route over an interface of ours, by hand: its protocol number is not ours.
        gateway.ip("route", "add", "198.19.0.0/16", "dev", "wg0", "proto", "static")

    def key(self):
        """A public key of somebody else's making; the private one never leaves the pipe."""
        return self.world.gateway.run("sh", "-c", "wg genkey | wg pubkey").stdout.strip()

    def look(self):
        """All that is foreign, as it is."""
        gateway = self.world.gateway
        shown = [gateway.ip("-4", "address", "show", "dev", name) for name in ("wg90", "wg91", "uplink")]
        for route in ("198.18.0.0/16", "198.19.0.0/16", "default"):
            shown.append(gateway.ip("route", "show", route))
        for what in ("listen-port", "allowed-ips"):
            shown.append(gateway.run("wg", "show", "wg91", what).stdout)
        return shown

    # What happens.

    @contextmanager
    def api_asleep(self):
        """While aifw-apid stands still, so that it does not see the half of it."""
        os.kill(self.world.api.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.world.api.pid, signal.SIGCONT)

    def happen(self):
        gateway = self.world.gateway
        with self.api_asleep():
            self.disturb_peers(gateway)
            gateway.ip("link", "delete", "wg1")
            self.end_process(gateway)
            gateway.ip("link", "delete", "wg3")
            gateway.ip("link", "add", "wg3", "type", "bridge")
            gateway.ip("link", "delete", "wg4")
            self.take_port(gateway)
            gateway.run("wg", "set", "wg5", "listen-port", "52000", "fwmark", "0x77")
            gateway.ip("link", "set", "wg5", "mtu", "1300")
            gateway.ip("address", "delete", "10.6.0.1/24", "dev", "wg6")
            gateway.ip("address", "add", "10.66.0.1/24", "dev", "wg6")

    def disturb_peers(self, gateway):
        _, laptop, tablet = (peer["public_key"] for peer in self.peers[PEERS])
        gateway.run("wg", "set", "wg0", "peer", laptop, "remove")
        gateway.run("wg", "set", "wg0", "peer", tablet, "allowed-ips", "10.0.0.200/32", "persistent-keepalive", "7")
        gateway.run("wg", "set", "wg0", "peer", self.key(), "allowed-ips", "10.0.0.201/32")
        gateway.ip("route", "delete", "172.29.0.0/16", "dev", "wg0")

    def end_process(self, gateway):
        """Kills the wireguard-go of wg2; where the kernel does its work, the interface is set down instead."""
        for pid in gateway.processes("wireguard-go"):
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                words = file.read().split(b"\0")
            if b"wg2" in words:
                os.kill(pid, signal.SIGKILL)
                wait_until(lambda: "wg2" not in gateway.links(), "the end of wg2")
                return
        gateway.ip("link", "set", "wg2", "down")

    def take_port(self, gateway):
        # A wireguard-go gives its port back when it has noticed that its interface is gone.
        wait_until(lambda: ":51824 " not in gateway.run("ss", "-Hlun").stdout, "the port of wg4 free")
        self.squatter = subprocess.Popen(
            gateway.inside("/usr/bin/python3", "-c", SQUATTER, "51824"), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            start_new_session=True)
        assert self.squatter.stdout.readline() == b"bound\n"

    def clear(self):
        """Takes the two obstacles away."""
        self.world.gateway.ip("link", "delete", "wg3")
        self.squatter.stdin.close()
        self.squatter.wait(timeout=10)

    # What comes of it.

    def tunnel(self, number):
        return self.world.rest.get(f"/vpn/wg/{self.tunnels[number]['id']}").must(200).data

    def repairs(self):
        """The interfaces that aifw-apid said it repaired since, each with the numbers of requests it took."""
        found = {}
        for line in self.world.api.lines()[self.said:]:
            if "repairing a tunnel" in line:
                interface, count = re.search(r"interface=(\S+)", line)[1], re.search(r"requests=(\d+)", line)[1]
                found.setdefault(interface, []).append(int(count))
        return found


@pytest.fixture(scope="module")
def repaired(binaries):
    """After a period: all that can be put right is, and the two tunnels that can't be say so."""
    world = World(binaries)
    try:
        drift = Drift(world)
        drift.happen()
        others = {f"wg{number}" for number in (NAME, PORT)}

        def is_done():
            return {fault.split(":")[0].split(" ")[0] for fault in disagreements(world)} <= others and all(
                drift.tunnel(number)["status"] == "error" and "put right" not in drift.tunnel(number)["status_detail"]
                for number in (NAME, PORT))

        wait_until(is_done, "the repair", PERIOD)
        for bystander in drift.bystanders:
            bystander.noticed_nothing()
        yield drift
    finally:
        world.close()


def test_peers_removed_added_and_changed_by_hand_are_as_they_were(repaired):
    peers = repaired.world.wireguard("wg0")
    assert set(peers) == {peer["public_key"] for peer in [*repaired.peers[PEERS], repaired.site]}
    tablet = repaired.peers[PEERS][2]
    assert peers[tablet["public_key"]] == set(tablet["allowed_ips"])
    lines = repaired.world.gateway.run("wg", "show", "wg0", "persistent-keepalive").stdout
    assert dict(line.split("\t") for line in lines.splitlines())[tablet["public_key"]] == "off"


def test_a_route_removed_by_hand_is_there_again(repaired):
    routes = json.loads(repaired.world.gateway.ip("-json", "route", "show", "dev", "wg0", "proto", "197"))
    assert [route["dst"] for route in routes] == ["172.29.0.0/16"]


def test_addresses_removed_and_added_by_hand_are_as_they_were(repaired):
    (shown,) = json.loads(repaired.world.gateway.ip("-json", "address", "show", "dev", "wg6"))
    assert {one["local"] for one in shown["addr_info"] if one["scope"] == "global"} == {"10.6.0.1", "fd00:6::1"}


@pytest.mark.parametrize("number", [LINK, PROCESS], ids=["deleted link", "killed wireguard-go"])
def test_an_interface_that_was_taken_away_is_there_again(repaired, number):
    tunnel = repaired.tunnel(number)
    assert (tunnel["status"], tunnel["status_detail"]) == ("up", None)
    status = repaired.world.rest.status(tunnel)
    assert status["running"] is True and status["public_key"] == repaired.tunnels[number]["public_key"]
    assert set(repaired.world.wireguard(f"wg{number}")) == {peer["public_key"] for peer in repaired.peers[number]}


def test_settings_changed_by_hand_are_as_they_were(repaired):
    world = repaired.world
    assert world.gateway.run("wg", "show", "wg5", "listen-port").stdout.strip() == "51825"
    assert world.gateway.run("wg", "show", "wg5", "fwmark").stdout.strip() == "off"
    assert world.gateway.links()["wg5"]["mtu"] == 1420


def test_what_was_there_was_not_made_anew(repaired):
    links = repaired.world.gateway.links()
    for number in (PEERS, SETTINGS, ADDRESSES, CALM):
        assert links[f"wg{number}"]["ifindex"] == repaired.indexes[f"wg{number}"]


def test_only_what_differs_is_repaired(repaired):
    repairs = repaired.repairs()
    assert f"wg{CALM}" not in repairs
    for number in (PEERS, SETTINGS, ADDRESSES):
        assert repairs[f"wg{number}"] == [1], "one request was enough, once"


def test_what_is_somebody_elses_is_left_alone(repaired):
    assert repaired.look() == repaired.foreign


def test_a_foreign_link_in_the_way_shows_as_an_error_in_words(repaired):
    tunnel = repaired.tunnel(NAME)
    assert tunnel["enabled"] is True and tunnel["status"] == "error"
    assert "wg3 exists and it was not made by AiFw VPN" in tunnel["status_detail"]
    assert repaired.world.gateway.links()["wg3"]["linkinfo"]["info_kind"] == "bridge"


def test_a_port_that_is_taken_shows_as_an_error_in_the_kernels_words(repaired):
    tunnel = repaired.tunnel(PORT)
    assert tunnel["enabled"] is True and tunnel["status"] == "error"
    assert "51824" in tunnel["status_detail"] and "Address already in use" in tunnel["status_detail"]
    assert repaired.world.rest.status(tunnel)["running"] is False


@pytest.fixture(scope="module")
def cleared(repaired):
    """Another period after the obstacles are gone."""
    world = repaired.world
    calm = Bystander(world, repaired.tunnels[CALM], repaired.peers[CALM][1])
    repaired.said = len(world.api.lines())
    repaired.clear()
    wait_until(lambda: disagreements(world) == [], "the last two tunnels up", PERIOD)
    calm.noticed_nothing()
    return repaired


@pytest.mark.parametrize("number", [NAME, PORT], ids=["foreign link", "port"])
def test_a_tunnel_is_up_again_when_the_obstacle_is_gone(cleared, number):
    tunnel = cleared.tunnel(number)
    assert (tunnel["status"], tunnel["status_detail"]) == ("up", None)


def test_what_was_repaired_stays_so(cleared):
    assert set(cleared.repairs()) == {f"wg{NAME}", f"wg{PORT}"}
    assert cleared.look() == cleared.foreign
