"""A gateway that drops by default (packaging/nftables.conf): what gets through while something is enabled, and only
then."""

import os
import re
import socket
import struct
import time
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from ground import ruleset
from ground.client import Client, PingStream
from ground.internet import Internet, Site
from ground.namespace import Namespace
from ground.waiting import wait_until
from ground.world import World

BASE = Path(os.environ.get("AIFW_RULESET", Path(__file__).parents[2] / "packaging" / "nftables.conf"))
# Reconciliation.period is 30 s; the rest is for the work itself under emulation.
PERIOD = 30 + 20
_NETLINK_NETFILTER, _REQUEST, _ACK = 12, 1, 4
# A table of another program's, with a set, a map and a comment.
STRANGER = """
table ip stranger {
    comment "keep out"
    set hosts { type ipv4_addr; flags interval; elements = { 192.0.2.64-192.0.2.80, 198.18.0.0/15 } }
    map ports { type inet_service : verdict; elements = { 2222 : accept, 2323 : drop } }
    chain input { type filter hook input priority -5; policy accept; tcp dport vmap @ports; counter comment "seen"; }
}
"""


class Fort:
    """The gateway of one site behind the base ruleset, a plain host as the gateway of the other."""

    def __init__(self, binaries):
        self._closers = []
        try:
            self.world = self._kept(World(binaries, wireguard="kernel", ruleset=BASE))
            self.gateway, self.rest = self.world.gateway, self.world.rest
            self.gateway.run("nft", "--file", "-", input=STRANGER)
            self.internet = self._kept(Internet())
            self.far = self._kept(Namespace("far"))
            self.office = self._kept(Site(self.internet, 1, self.gateway))
            self.centre = self._kept(Site(self.internet, 2, self.far))
        except BaseException:
            self.close()
            raise

    def _kept(self, one):
        self._closers.append(one.close)
        return one

    def load(self):
        """The base ruleset, as an administrator loads it."""
        self.gateway.run("nft", "--file", BASE)

    def strangers(self):
        """The other program's table, but for what its counter counts."""
        shown = self.gateway.run("nft", "list", "table", "ip", "stranger").stdout
        return re.sub(r"packets \d+ bytes \d+", "", shown)

    def listens(self, host, port):
        """A UDP socket of both families in a namespace."""
        made = host.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        made.bind(("::", port))
        made.setblocking(False)
        return made

    def arrives(self, sender, address, port, listener, patience=0.5):
        """Whether one of three datagrams from namespace `sender` arrives at `listener` within `patience` seconds: more,
        where one should."""
        word = os.urandom(8)
        with sender.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM) as plain:
            for _ in range(3):
                plain.sendto(word, (address, port))
        end = time.monotonic() + patience
        while time.monotonic() < end:
            try:
                if listener.recv(16) == word:
                    return True
            except BlockingIOError:
                time.sleep(0.02)
        return False

    def unknown_states(self):
        """How many packets of IPsec came to an association that is not there (linux/snmp.h, XfrmInNoStates)."""
        shown = self.gateway.run("cat", "/proc/net/xfrm_stat").stdout
        return int(re.search(r"^XfrmInNoStates\s+(\d+)", shown, re.MULTILINE)[1])

    def forget_flows(self):
        """The kernel's conntrack begins anew (linux/netfilter/nfnetlink_conntrack.h, IPCTNL_MSG_CT_DELETE)."""
        with self.gateway.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_NETFILTER) as netlink:
            netlink.send(struct.pack("=IHHIIBBH", 20, 1 << 8 | 2, _REQUEST | _ACK, 1, 0, 0, 0, 0))
            (error,) = struct.unpack_from("=i", netlink.recv(4096), 16)
        assert error == 0, os.strerror(-error)

    def sent(self, listener):
        """The headers of what goes out when desk and gateway send to the far desk, whose `listener` answers. The two
        flows are the same each time."""
        self.internet.crossed()
        end = time.monotonic() + 0.5
        with ExitStack() as opened:
            for namespace, source in ((self.office.desk.namespace, "10.1.0.2"), (self.gateway, "10.1.0.1")):
                sender = opened.enter_context(namespace.socket(socket.AF_INET, socket.SOCK_DGRAM))
                sender.bind((source, 7778))
                with suppress(PermissionError):
                    sender.sendto(b"?", ("10.2.0.2", 7777))
            while time.monotonic() < end:
                try:
                    listener.sendto(b"!", listener.recvfrom(16)[1])
                except BlockingIOError:
                    time.sleep(0.02)
        return [packet.headers for packet in self.internet.crossed() if packet.site == 1]

    def far_pings(self, address):
        """Whether the far gateway itself gets an answer."""
        return self.centre.edge.reaches(address)

    def far_end_has(self, association):
        """The far end runs its script."""
        done = self.far.run("sh", "-s", input=self.rest.far_end(association), check=False)
        assert done.returncode == 0, done.returncode

    def close(self):
        while self._closers:
            self._closers.pop()()


@pytest.fixture(scope="module")
def module_fort(binaries):
    fort = Fort(binaries)
    yield fort
    fort.close()


@pytest.fixture
def fort(module_fort):
    """Nothing is enabled; at the end no other program's table may be another."""
    before = module_fort.strangers()
    yield module_fort
    for path in ("/vpn/wg", "/vpn/ipsec"):
        for one in module_fort.rest.get(path).must(200).data:
            module_fort.rest.delete(f"{path}/{one['id']}").must(200)
    module_fort.far.run("sh", "-c", "ip xfrm policy flush; ip xfrm state flush")
    assert module_fort.strangers() == before
    assert ruleset.strays(module_fort.world) == []


class Phone:
    """A client of a tunnel, which begins anew each time: no session is left that could go on."""

    def __init__(self, fort, tunnel, client=None, name="phone"):
        self._name = name
        self.client = client or fort.world.client()
        self.namespace = self.client.namespace
        self._configuration = fort.rest.config(tunnel, fort.rest.peer(tunnel, name), split=True)

    def shakes_hands(self, endpoint=None):
        """Whether the gateway answers at `endpoint`, else at the one of the configuration."""
        self.leave()
        self.client.bring_up(self._configuration, name=self._name)
        if endpoint:
            server = self.client.values["PublicKey"][0]
            self.namespace.run("wg", "set", self._name, "peer", server, "endpoint", endpoint)
        reached = self.client.reaches()
        assert reached == (self.client.handshake() > 0)
        return reached

    def leave(self):
        if self._name in self.namespace.links():
            self.namespace.ip("link", "delete", self._name)


@pytest.fixture
def phone(fort):
    """A tunnel that is not started, and a client of it."""
    tunnel = fort.rest.tunnel()
    phone = Phone(fort, tunnel)
    yield tunnel, phone
    phone.leave()


# MARK: WireGuard

def test_a_handshake_succeeds_while_the_tunnel_is_started_and_never_else(fort, phone):
    tunnel, phone = phone
    assert not phone.shakes_hands(), "before it is started"
    fort.rest.start(tunnel)
    assert phone.shakes_hands()
    fort.rest.post(f"/vpn/wg/{tunnel['id']}/stop").must(200)
    assert not phone.shakes_hands()
    # Somebody else may have the port now: what comes to it from outside is dropped.
    with fort.listens(fort.gateway, 51820) as listener:
        assert not fort.arrives(phone.namespace, "192.0.2.1", 51820, listener)
        assert fort.arrives(fort.gateway, "127.0.0.1", 51820, listener, patience=5), (
            "the listener must hear what gets through")
    fort.rest.start(tunnel)
    assert phone.shakes_hands()
    fort.rest.delete(f"/vpn/wg/{tunnel['id']}").must(200)
    assert not phone.shakes_hands()
    with fort.listens(fort.gateway, 51820) as listener:
        assert not fort.arrives(phone.namespace, "192.0.2.1", 51820, listener)


def test_what_comes_through_the_tunnel_reaches_the_host_and_the_same_from_outside_does_not(fort, phone):
    tunnel, phone = phone
    fort.rest.start(tunnel)
    assert phone.shakes_hands()
    with fort.listens(fort.gateway, 7777) as listener:
        assert fort.arrives(phone.namespace, "10.0.0.1", 7777, listener, patience=5)
        assert not fort.arrives(phone.namespace, "192.0.2.1", 7777, listener)


def test_a_change_of_the_port_moves_the_opening(fort, phone):
    tunnel, phone = phone
    fort.rest.start(tunnel)
    assert phone.shakes_hands()
    fort.rest.request("PATCH", f"/vpn/wg/{tunnel['id']}", {"listen_port": 51999}).must(200)
    with fort.listens(fort.gateway, 51820) as listener:
        assert not fort.arrives(phone.namespace, "192.0.2.1", 51820, listener)
    assert phone.shakes_hands("192.0.2.1:51999")


@pytest.mark.parametrize("interface, expected", [
    (None, (True, True)), ("uplink", (True, False)), ("wan", (False, True))])
def test_a_tunnel_with_a_listen_interface_answers_there_and_nowhere_else(fort, interface, expected):
    tunnel = fort.rest.tunnel(enabled=True, **({"listen_interface": interface} if interface else {}))
    folder = fort.world.folder / "clients" / f"router-{interface}"
    folder.mkdir(mode=0o700)
    near = Phone(fort, tunnel, name="near")
    router = Phone(fort, tunnel, Client(fort.internet.namespace, folder), name="router")
    try:
        came = (near.shakes_hands("192.0.2.1:51820"), router.shakes_hands("203.0.113.1:51820"))
        assert came == expected
    finally:
        router.leave()


def test_a_packet_to_another_hosts_port_of_the_same_number_is_not_forwarded(fort, phone):
    tunnel, phone = phone
    fort.rest.start(tunnel)
    assert phone.shakes_hands()
    phone.namespace.ip("route", "add", "10.1.0.0/24", "via", "192.0.2.1")
    desk = fort.office.desk.namespace
    with fort.listens(desk, 51820) as listener:
        assert not fort.arrives(phone.namespace, "10.1.0.2", 51820, listener)
        assert fort.arrives(fort.gateway, "10.1.0.2", 51820, listener, patience=5), (
            "the listener must hear what gets through")


# MARK: IPsec

NETWORKS = {"src_networks": ["10.1.0.0/24"], "dst_networks": ["10.2.0.0/24"]}


def test_an_associations_packets_come_in_only_while_it_is_enabled(fort):
    association = fort.rest.association(enabled=False, **NETWORKS)
    path = f"/vpn/ipsec/{association['id']}"
    fort.far_end_has(association)
    desk, rack = fort.office.desk, fort.centre.desk

    def is_dropped():
        """Whether what the far end sends is dropped by the filter, before IPsec looks at it."""
        before = fort.unknown_states()
        fort.internet.crossed()
        assert not rack.reaches("10.1.0.2", count=2, patience=0.7)
        assert [packet.headers for packet in fort.internet.crossed()] == ["esp", "esp"], "they must have come"
        return fort.unknown_states() == before

    assert is_dropped(), "before it is started"
    fort.rest.post(f"{path}/start").must(200)
    assert rack.reaches("10.1.0.2") and desk.reaches("10.2.0.2")
    fort.rest.post(f"{path}/stop").must(200)
    # A flow that was let in is known until conntrack forgets it; without the association it leads nowhere.
    assert not rack.reaches("10.1.0.2", count=1, patience=0.7)
    fort.forget_flows()
    assert is_dropped(), "after it was stopped"
    fort.rest.post(f"{path}/start").must(200)
    assert rack.reaches("10.1.0.2")
    fort.rest.delete(path).must(200)
    fort.forget_flows()
    assert is_dropped(), "after it was deleted"


def test_only_what_came_through_an_association_is_forwarded(fort):
    fort.far_end_has(fort.rest.association(**NETWORKS))
    assert fort.office.desk.reaches("10.2.0.2") and fort.centre.desk.reaches("10.1.0.2")
    # Another network behind the same gateway, for which there is no association.
    fort.far.ip("address", "add", "10.7.0.1/24", "dev", "lan")
    fort.internet.namespace.ip("route", "replace", "10.7.0.0/24", "via", "198.51.100.1")
    assert not fort.office.desk.reaches("10.7.0.1", count=1, patience=0.7)


@pytest.mark.parametrize("fields, family", [
    ({"mode": "transport", "protocol": "ah"}, 4), ({"mode": "transport", "protocol": "ah"}, 6),
    ({"mode": "tunnel", "protocol": "esp+ah"}, 6)], ids=["AH", "AH over IPv6", "ESP and AH over IPv6"])
def test_each_protocol_of_each_family_comes_in(fort, fields, family):
    ends = {"src_addr": fort.office.at.gateway(family), "dst_addr": fort.centre.at.gateway(family)}
    # Answers to the gateway's own pings are known to conntrack; what begins outside is what the rules are for.
    with fort.listens(fort.gateway, 7777) as listener:
        assert not fort.arrives(fort.far, ends["src_addr"], 7777, listener)
        association = fort.rest.association(**ends, **fields)
        fort.far_end_has(association)
        came = fort.arrives(fort.far, ends["src_addr"], 7777, listener, patience=5)
    # In tunnel mode what is inside gets in as well; in transport mode the host's own rules decide about it.
    assert came is (fields["mode"] == "tunnel")
    assert fort.far_pings(ends["src_addr"])


@pytest.mark.parametrize("port", [500, 4500])
def test_key_exchange_comes_in_from_the_far_gateway_alone(fort, port):
    with fort.listens(fort.gateway, port) as listener:
        assert not fort.arrives(fort.far, "203.0.113.1", port, listener), "before there is an association"
        # Without policies at the far end, so that it sends in clear.
        association = fort.rest.association(src_networks=["10.1.0.0/24"], dst_networks=["10.2.0.0/24"])
        assert fort.arrives(fort.far, "203.0.113.1", port, listener, patience=5)
        assert not fort.arrives(fort.internet.namespace, "203.0.113.1", port, listener), "another host"
        fort.rest.post(f"/vpn/ipsec/{association['id']}/stop").must(200)
        assert not fort.arrives(fort.far, "203.0.113.1", port, listener)


# Two lines of the base ruleset that are there to be taken in.
GUARD, INSIDE = "ip daddr 10.2.0.0/16 rt ipsec missing drop", 'iifname "eth1" oifname "eth0" accept'


@pytest.mark.parametrize("guarded", [False, True], ids=["as it is", "with its guards"])
def test_after_a_stop_nothing_goes_out_in_clear_where_the_base_ruleset_has_its_guards(fort, guarded):
    text = BASE.read_text()
    assert text.count(f"# {GUARD}") == 2 and text.count(f"# {INSIDE}") == 1
    text = text.replace(f"# {INSIDE}", 'iifname "lan" oifname "wan" accept')
    fort.gateway.run("nft", "--file", "-", input=text.replace(f"# {GUARD}", GUARD) if guarded else text)
    try:
        association = fort.rest.association(**NETWORKS)
        fort.far_end_has(association)
        with fort.listens(fort.centre.desk.namespace, 7777) as listener:
            assert fort.sent(listener) == ["esp", "esp"]
            fort.rest.post(f"/vpn/ipsec/{association['id']}/stop").must(200)
            assert fort.sent(listener) == ([] if guarded else ["udp", "udp"])
            fort.rest.post(f"/vpn/ipsec/{association['id']}/start").must(200)
            assert fort.sent(listener) == ["esp", "esp"]
    finally:
        fort.load()


# MARK: Masquerading

def test_what_a_masqueraded_tunnel_sends_into_an_association_keeps_its_address_and_is_protected(fort):
    tunnel = fort.rest.tunnel(
        masquerade=True, enabled=True, split_routes="10.0.0.0/24,10.2.0.0/24,198.51.100.0/24")
    phone = Phone(fort, tunnel)
    try:
        assert phone.shakes_hands()
        fort.far_end_has(fort.rest.association(src_networks=["10.0.0.0/24"], dst_networks=["10.2.0.0/24"]))
        # Linux looks for a route before it looks for a policy.
        fort.far.ip("route", "replace", "10.0.0.0/24", "via", "198.51.100.254")
        with fort.listens(fort.centre.desk.namespace, 7777) as inside, fort.listens(fort.far, 7777) as outside:
            fort.internet.crossed()
            for address, listener, source in (
                    ("10.2.0.2", inside, "::ffff:10.0.0.2"), ("198.51.100.1", outside, "::ffff:203.0.113.1")):
                with phone.namespace.socket(socket.AF_INET, socket.SOCK_DGRAM) as plain:
                    plain.sendto(b"?", (address, 7777))
                    assert came_from(listener) == source
            assert [packet.headers for packet in fort.internet.crossed() if packet.site == 1] == ["esp", "udp"]
        assert phone.client.reaches("10.2.0.2") and phone.client.reaches("198.51.100.1")
    finally:
        phone.leave()


def came_from(listener):
    """Where the next datagram comes from, within 5 s."""
    listener.settimeout(5)
    return listener.recvfrom(16)[1][0]


# MARK: The base ruleset itself

def test_a_reload_of_the_base_ruleset_leaves_everything_up(fort, phone):
    tunnel, phone = phone
    fort.rest.start(tunnel)
    assert phone.shakes_hands()
    fort.far_end_has(fort.rest.association(**NETWORKS))
    streams = PingStream(phone.client), fort.office.desk.stream("10.2.0.2")
    before = ruleset.loaded(fort.gateway)
    for _ in range(3):
        fort.load()
        assert ruleset.loaded(fort.gateway) == before
        for stream in streams:
            stream.advance(2)
    for stream in streams:
        stream.stop()
    assert phone.shakes_hands(), "new ones can come, too"


def test_a_flush_of_everything_is_repaired_within_the_period(fort, phone):
    tunnel, phone = phone
    fort.rest.start(tunnel)
    fort.far_end_has(fort.rest.association(**NETWORKS))
    phone.namespace.ip("route", "add", "10.1.0.0/24", "via", "192.0.2.1")
    with fort.listens(fort.office.desk.namespace, 51820) as listener:
        fort.gateway.run("nft", "flush", "ruleset")
        assert fort.arrives(phone.namespace, "10.1.0.2", 51820, listener, patience=5), (
            "nothing but the ruleset keeps it out")
        fort.load()
        fort.gateway.run("nft", "--file", "-", input=STRANGER)
        assert not fort.arrives(phone.namespace, "10.1.0.2", 51820, listener)
        wait_until(lambda: ruleset.strays(fort.world) == [], "the rules, loaded again", PERIOD)
        assert not fort.arrives(phone.namespace, "10.1.0.2", 51820, listener)
    assert phone.shakes_hands()
    assert fort.office.desk.reaches("10.2.0.2") and fort.centre.desk.reaches("10.1.0.2")
