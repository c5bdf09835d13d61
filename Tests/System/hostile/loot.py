"""What the hostile client has: the API daemon's own tunnels and the sealed secrets that its database would hold."""

import base64
import json
from dataclasses import dataclass, field

from .connection import Connection, ask, greeting

PRIVATE, SHARED = "wireguard-private-key", "wireguard-preshared-key"
# Of an association: the purpose of each key, and how many bytes it has for AES-256-GCM and HMAC-SHA256.
ASSOCIATION = {
    ("encryption", "in"): ("ipsec-encryption-key-in", 36), ("encryption", "out"): ("ipsec-encryption-key-out", 36),
    ("authentication", "in"): ("ipsec-authentication-key-in", 32),
    ("authentication", "out"): ("ipsec-authentication-key-out", 32)}
# A tunnel's key that the client once gave and must never get back.
GIVEN = bytes(range(64, 96))


def identity(number):
    return f"00000000-0000-4000-8000-{number:012d}"


@dataclass
class Tunnel:
    """A tunnel of ours: 10.77.N.0/24 and fd77:N::/64 on port 47700+N, behind it 10.200+N.0.0/16."""

    number: int
    sealed: str = ""

    @property
    def id(self):
        return identity(self.number)

    @property
    def interface(self):
        return f"wg{self.number}"

    @property
    def target(self):
        return {"tunnel": self.id, "interface": self.interface}

    @property
    def whole(self):
        """Everything that makes it."""
        return self.target | {
            "private_key": self.sealed, "listen_port": 47700 + self.number, "mtu": 1420, "addresses": self.addresses}

    @property
    def behind(self):
        """What the networks behind it begin with."""
        return f"10.{200 + self.number}."

    @property
    def item(self):
        """Its key as it is sealed anew."""
        return {"object": self.id, "class": "device", "purpose": PRIVATE, "secret": self.sealed}

    @property
    def addresses(self):
        return [f"10.77.{self.number}.1/24", f"fd77:{self.number}::1/64"]


@dataclass
class Secret:
    """A sealed secret of class `client`."""

    object: str
    purpose: str
    secret: str

    @property
    def item(self):
        return {"object": self.object, "purpose": self.purpose, "secret": self.secret}


@dataclass
class Association:
    """An association between the host and 198.51.100.N, whose network is 10.210+N.0.0/16; its keys by what they are for
    and direction."""

    number: int
    keys: dict = field(default_factory=dict)

    @property
    def id(self):
        return identity(3000 + self.number)

    def state(self, way="in", **members):
        """One of its security associations, as it is added."""
        ends = {"in": (f"198.51.100.{self.number}", "192.0.2.1"), "out": ("192.0.2.1", f"198.51.100.{self.number}")}
        source, destination = ends[way]
        return {
            "object": self.id, "direction": way, "number": self.number, "source": source,
            "destination": destination, "spi": 0x1000 + self.number, "mode": "tunnel", "encryption": "aes-256-gcm",
            "encryption_key": self.keys["encryption", way], "replay_window": 0} | members

    def policy(self, way="out", **members):
        """One of its policies. The local network is none that the host has."""
        near, far = "10.209.0.0/16", f"10.{210 + self.number}.0.0/16"
        inward = way != "out"
        ends = ("192.0.2.1", f"198.51.100.{self.number}")
        return {
            "number": self.number, "direction": way, "source": far if inward else near,
            "destination": near if inward else far, "from": ends[inward], "to": ends[not inward], "mode": "tunnel",
            "protocols": ["esp"]} | members


@dataclass
class Loot:
    tunnels: list = field(default_factory=list)
    associations: list = field(default_factory=list)
    clients: list = field(default_factory=list)
    shared: list = field(default_factory=list)

    @classmethod
    def take(cls, path):
        """Has the helper seal what a daemon would have sealed. The last tunnel's key is `GIVEN`."""
        loot = cls(tunnels=[Tunnel(number) for number in range(3)], associations=[Association(1), Association(2)])
        wanted = [{"object": one.id, "class": "device", "purpose": PRIVATE} for one in loot.tunnels]
        wanted[-1]["given"] = base64.b64encode(GIVEN).decode()
        wanted += [{"object": identity(1000 + number), "class": "client", "purpose": purpose}
                   for number in range(8) for purpose in (PRIVATE, SHARED)]
        places = [(one, place) for one in loot.associations for place in ASSOCIATION]
        wanted += [{"object": one.id, "class": "client", "purpose": purpose, "length": length}
                   for one, place in places for purpose, length in [ASSOCIATION[place]]]
        connection = Connection(path)
        connection.exchange([greeting("read")])
        sealed = json.loads(ask(connection, {"seal": {"secrets": wanted}}))["seal"]["sealed"]
        connection.close()
        for tunnel, item in zip(loot.tunnels, sealed):
            tunnel.sealed = item["secret"]
        for (association, place), item in zip(places, sealed[-len(places):]):
            association.keys[place] = item["secret"]
        for want, item in list(zip(wanted, sealed))[len(loot.tunnels):-len(places)]:
            kept = loot.clients if want["purpose"] == PRIVATE else loot.shared
            kept.append(Secret(want["object"], want["purpose"], item["secret"]))
        return loot
