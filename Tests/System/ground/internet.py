"""Two sites with a gateway each, and what lies between them: a router that sees all that crosses."""

import re
import socket
import struct
from dataclasses import dataclass

from .client import PingStream
from .namespace import Namespace

# linux/if_packet.h, asm-generic/socket.h
_ETH_P_ALL, _PACKET_HOST, _SOL_PACKET, _PACKET_STATISTICS, _SO_RCVBUFFORCE = 3, 0, 263, 6, 33
_NAMES = {1: "icmp", 4: "ip", 6: "tcp", 17: "udp", 41: "ip", 50: "esp", 51: "ah", 58: "icmp"}
# Neighbour discovery and multicast listeners of IPv6 (RFC 4861, RFC 3810).
_HOUSEKEEPING = {130, 131, 132, 133, 134, 135, 136, 137, 143}


@dataclass(frozen=True)
class Packet:
    """What crossed: from which site (1 or 2), and its headers from the outside in, such as "ah esp"."""

    site: int
    headers: str
    content: bytes


@dataclass(frozen=True)
class Addresses:
    """What is where at site `number`. The first is the manual's 203.0.113.1, the second its 198.51.100.1."""

    number: int

    def gateway(self, family=4):
        return {4: {1: "203.0.113.1", 2: "198.51.100.1"}[self.number], 6: f"2001:db8:{self.number}::1"}[family]

    def router(self, family=4):
        return {4: {1: "203.0.113.254", 2: "198.51.100.254"}[self.number], 6: f"2001:db8:{self.number}::ff"}[family]

    def outside(self, family=4):
        """The network that the gateway shares with the router."""
        return {4: {1: "203.0.113.0/24", 2: "198.51.100.0/24"}[self.number], 6: f"2001:db8:{self.number}::/64"}[family]

    def network(self, family=4):
        """The network behind the gateway."""
        return {4: f"10.{self.number}.0.0/24", 6: f"fd00:{self.number}::/64"}[family]

    def desk(self, family=4):
        """A host in it."""
        return self.inside(2, family)

    def inside(self, host, family=4):
        return {4: f"10.{self.number}.0.{host}", 6: f"fd00:{self.number}::{host}"}[family]

    def length(self, family):
        return {4: 24, 6: 64}[family]


class Site:
    """A gateway on `internet`, and a host `desk` in the network behind it.

    The gateway is a namespace of the caller's, which may be made anew: `connect()` then lays the cables again. `edge`
    is the gateway as a host."""

    def __init__(self, internet, number, gateway):
        self.at = Addresses(number)
        self.number = number
        self.gateway = gateway
        self._internet = internet
        self.edge, self.desk = Host(gateway), Host(Namespace(f"desk{number}"))
        try:
            self.connect()
        except BaseException:
            self.close()
            raise

    def connect(self):
        at, router, desk = self.at, self._internet.namespace, self.desk.namespace
        for namespace in (self.gateway, router, desk):
            # Nobody waits for duplicates of addresses.
            namespace.run("sysctl", "-qw", "net.ipv6.conf.default.accept_dad=0")
        _cable(self.gateway, "wan", router, f"site{self.number}")
        _cable(self.gateway, "lan", desk, "lan")
        for family in (4, 6):
            length = at.length(family)
            _address(self.gateway, "wan", at.gateway(family), length)
            _address(router, f"site{self.number}", at.router(family), length)
            _address(self.gateway, "lan", at.inside(1, family), length)
            _address(desk, "lan", at.desk(family), length)
            desk.ip(f"-{family}", "route", "replace", "default", "via", at.inside(1, family))
            # So that what nothing protects gets there as well.
            router.ip(f"-{family}", "route", "replace", at.network(family), "via", at.gateway(family))
            other = Addresses(3 - self.number)
            for destination in (other.outside(family), other.network(family)):
                self.gateway.ip(f"-{family}", "route", "replace", destination, "via", at.router(family))
        _forward(self.gateway)
        _forward(router)

    def close(self):
        self.desk.namespace.close()


class Host:
    """A host that pings another."""

    def __init__(self, namespace):
        self.namespace = namespace

    def reaches(self, address, count=2, patience=2):
        """Whether each of `count` pings is answered, the last within `patience` seconds."""
        done = self.namespace.run(
            "ping", "-n", "-c", count, "-i", "0.2", "-W", patience, "-p", PATTERN.hex(), address, check=False)
        return re.search(r"(\d+) received", done.stdout)[1] == str(count)

    def stream(self, address):
        return PingStream(self, address)


# What the pings are filled with.
PATTERN = bytes.fromhex("a1f0c0dec0ffee5eed")


class Internet:
    """The router, with no packet filter of its own."""

    def __init__(self):
        self.namespace = Namespace("internet")
        self._socket = self.namespace.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(_ETH_P_ALL))
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, 16 << 20)
        self._socket.setblocking(False)

    def crossed(self):
        """The packets that came in from the sites since the last call, less what neighbours say to each other."""
        found = []
        while True:
            try:
                data, (link, _, kind, *_) = self._socket.recvfrom(1 << 16)
            except BlockingIOError:
                break
            headers, content = _headers(data)
            if kind == _PACKET_HOST and link.startswith("site") and headers:
                found.append(Packet(int(link[4:]), headers, content))
        _, lost = struct.unpack("@II", self._socket.getsockopt(_SOL_PACKET, _PACKET_STATISTICS, 8))
        assert lost == 0, f"{lost} packets were not seen"
        return found

    def close(self):
        self._socket.close()
        self.namespace.close()


def _headers(data):
    """The names of the headers, and what comes behind them; "" for what is no traffic."""
    version = data[0] >> 4
    if version not in (4, 6):
        return "", b""
    number, place = (data[9], (data[0] & 15) * 4) if version == 4 else (data[6], 40)
    names = []
    while number == 51:
        names.append("ah")
        number, place = data[place], place + (data[place + 1] + 2) * 4
    if version == 6 and (number == 0 or number == 58 and data[place] in _HOUSEKEEPING):
        return "", b""
    names.append(_NAMES.get(number, str(number)))
    return " ".join(names), data[place:]


def _cable(one, name, other, end):
    links = other.links()
    if end in links:
        other.ip("link", "delete", end)
    one.ip("link", "add", name, "type", "veth", "peer", "name", end, "netns", other.name)
    one.ip("link", "set", name, "up")
    other.ip("link", "set", end, "up")


def _address(namespace, link, address, length):
    words = ("nodad",) if ":" in address else ()
    namespace.ip("address", "replace", f"{address}/{length}", "dev", link, *words)


def _forward(namespace):
    for name in ("net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding"):
        namespace.run("sysctl", "-qw", f"{name}=1")
    for name in ("all", "default", *namespace.links()):
        namespace.run("sysctl", "-qw", f"net.ipv4.conf.{name}.rp_filter=0")
