"""Requests that are well-formed frames and must not be done: a table of name to what is sent and why it is refused."""

import base64
import json

from ground.foreign import LINK as FOREIGN_LINK
from ground.foreign import NETWORK as FOREIGN_NETWORK
from ground.foreign import PORT as FOREIGN_PORT
from ground.foreign import ROUTE as FOREIGN_ROUTE
from ground.foreign import TUNNEL as FOREIGN_TUNNEL
from ground.frames import PROTOCOL

from . import ipsec
from .attempt import CLOSING, Attempt, framed
from .case import Cases
from .loot import PRIVATE, SHARED, identity
from .networks import HOST_ADDRESS, HOSTS_OWN, NEVER_A_NETWORK, NEVER_TAKEN_OVER


CASES = Cases(ipsec.CASES)
_add = CASES.add


def _tunnel(**members):
    """applyTunnel of a tunnel of ours with these members."""
    return lambda loot: {"applyTunnel": loot.tunnels[0].target | members}


def _peers(**members):
    return lambda loot: {"applyPeers": loot.tunnels[0].target | members}


def _peer(**members):
    return _peers(set=[{"public_key": _key(1)} | members])


def _key(number):
    return base64.b64encode(number.to_bytes(32, "big")).decode()


def _raw(verb, member, text):
    """A request of a tunnel of ours with a member whose JSON is `text`."""
    return lambda loot: b'{"%s":{"tunnel":"%s","interface":"wg0","%s":%s}}' % (
        verb.encode(), loot.tunnels[0].id.encode(), member.encode(), text.encode())


# MARK: Interfaces

for _name in (
        "eth0", "lo", "uplink", "", "wg", "wg0\n", "\nwg0", "wg0 ", "wg0\0", "wg00", "wg01", "wg10000", "wg-1", "wg+1",
        "WG0", "wg1e3", "wg0/../lo", "../wg0", "wg٣", "wg0wg0wg0wg0wg0", "wg0wg0wg0wg0wg0x", "wg" + "0" * 4000, "%n",
        "wg0;id"):
    for _verb in ("applyTunnel", "applyPeers", "removeTunnel", "readTunnel"):
        _add(f"{_verb} of {_name[:20]!r}",
             lambda loot, verb=_verb, name=_name: {verb: {"tunnel": loot.tunnels[0].id, "interface": name}},
             "malformed", "interface")
for _link in (FOREIGN_TUNNEL, FOREIGN_LINK):
    _add(f"applyTunnel over {_link}, which is another program's",
         lambda loot, link=_link: {"applyTunnel": loot.tunnels[0].whole | {"interface": link}}, "not_ours", "interface")
    _add(f"a setting of {_link}, which is another program's",
         lambda loot, link=_link: {"applyTunnel": {"tunnel": loot.tunnels[0].id, "interface": link, "mtu": 1300}},
         "not_ours", "interface")
    _add(f"applyPeers of {_link}, which is another program's",
         lambda loot, link=_link: {"applyPeers": {
             "tunnel": loot.tunnels[0].id, "interface": link, "set": [{"public_key": _key(1)}],
             "add_routes": ["10.200.0.0/24"], "remove_routes": [FOREIGN_ROUTE, FOREIGN_NETWORK]}}, "not_ours",
         "interface")
_add("applyTunnel over another tunnel's interface",
     lambda loot: {"applyTunnel": loot.tunnels[0].whole | {"interface": "wg1"}}, "not_ours", "interface")
_add("applyPeers over another tunnel's interface",
     lambda loot: {"applyPeers": {"tunnel": loot.tunnels[0].id, "interface": "wg1"}}, "not_ours", "interface")
_add("applyPeers where there is no interface",
     lambda loot: {"applyPeers": {"tunnel": identity(99), "interface": "wg99"}}, "not_found", "interface")
_add("a setting where there is no interface",
     lambda loot: {"applyTunnel": {"tunnel": identity(99), "interface": "wg99", "mtu": 1400}}, "not_found", "interface")
for _name in ("", "x", "00000000-0000-4000-8000-00000000000g", "../../etc", identity(1) + "\n"):
    _add(f"a tunnel with the id {_name!r}",
         lambda loot, name=_name: {"readTunnel": {"tunnel": name, "interface": "wg0"}}, "malformed", "tunnel")

# MARK: Networks

# The same as addresses of a tunnel: the kernel makes a route to the network of each.
_NEVER_AN_ADDRESS = [
    "1.2.3.4/0", "1.2.3.4/1", "129.2.3.4/1", "11.0.0.1/7", "127.0.0.2/8", "127.0.0.2/32", "169.254.1.1/16",
    "224.0.0.1/24", "239.1.1.1/32", "240.0.0.1/24", "255.255.255.255/32", "0.0.0.0/24", "0.1.2.3/24", "2001:db8::1/0",
    "2001:db8::1/1", "2600::1/15", "::1/128", "::/64", "fe80::1/64", "ff02::1/64", "::ffff:10.0.0.1/120"]
_HOSTS_OWN_ADDRESSES = [
    f"{HOST_ADDRESS}/24", f"{HOST_ADDRESS}/32", "192.0.2.77/24", "192.0.2.129/25", "192.0.77.1/16", "10.98.0.1/24",
    "10.98.0.77/32", "2001:db8:2::1/64", "2001:db8:2::77/128"]

for _name in NEVER_A_NETWORK:
    _add(f"a route to {_name!r}", _peers(add_routes=[_name]), "malformed", "add_routes[0]")
    _add(f"a route less to {_name!r}", _peers(remove_routes=[_name]), "malformed", "remove_routes[0]")
    _add(f"an address {_name!r}", _tunnel(addresses=[_name]), "malformed", "addresses[0]")
    _add(f"allowed IPs {_name!r}", _peer(allowed_ips=[_name]), "malformed", "set[0].allowed_ips[0]")
_add("a route with bits behind its length", _peers(add_routes=["10.0.0.5/24"]), "malformed", "add_routes[0]")
_add("an address without a length", _tunnel(addresses=["10.77.0.1"]), "malformed", "addresses[0]")
for _name, _networks in (NEVER_TAKEN_OVER | HOSTS_OWN).items():
    _add(f"a route to {_name}", _peers(add_routes=_networks), "policy", "add_routes[0]")
    _add(f"a route to {_name} behind one that is fine", _peers(add_routes=["10.200.0.0/24", *_networks]), "policy",
         "add_routes[1]")
for _name in _NEVER_AN_ADDRESS + _HOSTS_OWN_ADDRESSES:
    _add(f"the address {_name}", _tunnel(addresses=[_name]), "policy", "addresses[0]")
_add("a route that another program's leads elsewhere", _peers(add_routes=[FOREIGN_ROUTE]), "kernel", "add_routes[0]")
for _name in ("224.0.0.1:51820", "[ff02::1]:51820", "[::ffff:192.0.2.9]:51820", "0.0.0.0:1", "255.255.255.255:9"):
    _add(f"the endpoint {_name}", _peer(endpoint=_name), "policy", "set[0].endpoint")
for _name in (
        "vpn.example:51820", "192.0.2.9:0", "192.0.2.9:65536", "192.0.2.9", "[fe80::1%lo]:1", "192.0.2.9:1\n", ""):
    _add(f"the endpoint {_name!r}", _peer(endpoint=_name), "malformed", "set[0].endpoint")

# MARK: Numbers

for _member, _texts in {
        "listen_port": ("0", "-1", "65536", '"51820"', "null", "9223372036854775808"),
        "mtu": ("0", "575", "65536", "-1", "[]"), "fwmark": ("-1", "4294967296", '"0x1"')}.items():
    for _text in _texts:
        _add(f"{_member} {_text}", _raw("applyTunnel", _member, _text), "malformed", _member)
    for _text in ("1.0", "1e3", "0x10", "01", "NaN", "1" * 400):
        # Some are no JSON at all, others no integer of 64 bits: which, the field tells.
        _add(f"{_member} {_text[:8]}", _raw("applyTunnel", _member, _text), "malformed", ...)
for _text in (65536, -1):
    _add(f"keepalive {_text}", _peer(persistent_keepalive=_text), "malformed", "set[0].persistent_keepalive")
_add("an MTU too small for the tunnel's IPv6",
     lambda loot: {"applyTunnel": loot.tunnels[0].target | {"mtu": 1279, "addresses": loot.tunnels[0].addresses}},
     "policy", "mtu")
_add("the port of another program", _tunnel(listen_port=FOREIGN_PORT), "kernel", "listen_port")

# MARK: Amounts


def _keys(first, count):
    return [_key(number) for number in range(first, first + count)]


def _networks(count):
    return [f"10.{200 + number // 256 % 16}.{number % 256}.0/24" for number in range(count)]


_add("257 peers to remove", _peers(remove=_keys(1, 257)), "limit", "remove")
_add("257 peers to set", _peers(set=[{"public_key": key} for key in _keys(1, 257)]), "limit", "set")
_add("257 peers together",
     _peers(remove=_keys(1, 129), set=[{"public_key": key} for key in _keys(200, 128)]), "limit", "set")
_add("4097 routes", _peers(add_routes=_networks(4097)), "limit", "add_routes")
_add("4097 routes less", _peers(remove_routes=_networks(4097)), "limit", "remove_routes")
_add("4097 allowed IPs of a peer", _peer(allowed_ips=_networks(4097)), "limit", "set[0].allowed_ips")
_add("4098 allowed IPs of two peers",
     _peers(set=[{"public_key": key, "allowed_ips": _networks(2049)} for key in _keys(1, 2)]), "limit", "set")
_add("17 addresses", _tunnel(addresses=[f"10.77.0.{number}/24" for number in range(1, 18)]), "limit", "addresses")
_add("257 secrets to seal",
     lambda loot: {"seal": {"secrets": [{"object": identity(1), "class": "client", "purpose": SHARED}] * 257}}, "limit",
     "secrets")
_add("257 secrets to reveal",
     lambda loot: {"reveal": {"secrets": [loot.clients[0].item] * 257}}, "limit", "secrets", "read")
_add("257 secrets to reseal", lambda loot: {"reseal": {"secrets": [loot.tunnels[0].item] * 257}}, "limit", "secrets")
_add("a peer twice", _peers(set=[{"public_key": _key(1)}] * 2), "policy", "set[1].public_key")
_add("a peer set and removed", _peers(remove=[_key(1)], set=[{"public_key": _key(1)}]), "policy", "set[0].public_key")

# MARK: Secrets


def _device(change):
    """applyTunnel of the first tunnel with another key: `change(loot)` is what stands there."""
    return lambda loot: {"applyTunnel": loot.tunnels[0].target | {"private_key": change(loot)}}


def _shared(change):
    return lambda loot: _peer(preshared_key=change(loot))(loot)


def _reseal(change):
    return lambda loot: {"reseal": {"secrets": [loot.tunnels[0].item, change(loot)]}}


def _reveal(change):
    return lambda loot: {"reveal": {"secrets": [change(loot)]}}


def _damaged(text, damage):
    return base64.b64encode(damage(bytearray(base64.b64decode(text)))).decode()


def _flipped(at):
    def flip(blob):
        blob[at] ^= 1
        return blob

    return flip


# Of the parts of a sealed secret (docs/PROTOCOL.md, "Values"), one bit each.
_DAMAGES = {f"one bit of its {part} flipped": _flipped(at) for part, at in (
    ("version", 0), ("key id", 3), ("nonce", 10), ("end of the nonce", 32), ("ciphertext", 40), ("tag", -1))} | {
    "its last byte cut": lambda blob: blob[:-1], "all cut but its header": lambda blob: blob[:9],
    "only its version": lambda blob: blob[:1], "a byte more": lambda blob: blob + b"\0",
    "itself twice": lambda blob: blob * 2}
for _name, _damage in _DAMAGES.items():
    _add(f"a tunnel's key with {_name}",
         _device(lambda loot, damage=_damage: _damaged(loot.tunnels[0].sealed, damage)), "unsealable", "private_key")
    _add(f"a pre-shared key with {_name}",
         _shared(lambda loot, damage=_damage: {
             "object": loot.shared[0].object, "secret": _damaged(loot.shared[0].secret, damage)}),
         "unsealable", "set[0].preshared_key.secret")
    _add(f"reveal of a secret with {_name}",
         _reveal(lambda loot, damage=_damage: loot.clients[0].item | {
             "secret": _damaged(loot.clients[0].secret, damage)}),
         "unsealable", "secrets[0].secret", "read")
    _add(f"reseal of a secret with {_name}",
         _reseal(lambda loot, damage=_damage: loot.tunnels[1].item | {
             "secret": _damaged(loot.tunnels[1].sealed, damage)}),
         "unsealable", "secrets[1].secret")
_add("another tunnel's key", _device(lambda loot: loot.tunnels[1].sealed), "unsealable", "private_key")
_add("a client's key as a tunnel's", _device(lambda loot: loot.clients[0].secret), "unsealable", "private_key")
_add("a pre-shared key as a tunnel's", _device(lambda loot: loot.shared[0].secret), "unsealable", "private_key")
_add("a client's key as a pre-shared one",
     _shared(lambda loot: {"object": loot.clients[0].object, "secret": loot.clients[0].secret}), "unsealable",
     "set[0].preshared_key.secret")
_add("a tunnel's key as a pre-shared one",
     _shared(lambda loot: {"object": loot.tunnels[0].id, "secret": loot.tunnels[0].sealed}), "unsealable",
     "set[0].preshared_key.secret")
_add("another peer's pre-shared key",
     _shared(lambda loot: {"object": loot.shared[1].object, "secret": loot.shared[0].secret}), "unsealable",
     "set[0].preshared_key.secret")
for _text in ("", "A", "====", "AAA", "A" * 1028, "AAAA\n", "\0"):
    _add(f"the sealed secret {_text[:8]!r}, {len(_text)} bytes", _device(lambda loot, text=_text: text), "malformed",
         "private_key")
for _purpose in (PRIVATE, SHARED):
    for _owner in ("its tunnel", "another tunnel", "a peer"):
        _add(f"reveal of a tunnel's key as {_purpose} of {_owner}",
             _reveal(lambda loot, purpose=_purpose, owner=_owner: {
                 "object": {"its tunnel": loot.tunnels[2].id, "another tunnel": loot.tunnels[1].id,
                            "a peer": loot.clients[0].object}[owner],
                 "purpose": purpose, "secret": loot.tunnels[2].sealed}), "unsealable", "secrets[0].secret", "read")
_add("reveal of another peer's key",
     _reveal(lambda loot: loot.clients[0].item | {"object": loot.clients[1].object}), "unsealable", "secrets[0].secret",
     "read")
_add("reveal of a key for another purpose",
     _reveal(lambda loot: loot.clients[0].item | {"purpose": SHARED}), "unsealable", "secrets[0].secret", "read")
_add("reveal of a tunnel's key behind those of clients",
     lambda loot: {"reveal": {"secrets": [one.item for one in loot.clients] + [
         {"object": loot.tunnels[2].id, "purpose": PRIVATE, "secret": loot.tunnels[2].sealed}]}}, "unsealable",
     "secrets[8].secret", "read")
for _name, _change in {
        "as a client's": {"class": "client"}, "as a client's pre-shared one": {"class": "client", "purpose": SHARED},
        "as another tunnel's": {"object": identity(1)},
        "as a peer's": {"class": "client", "object": identity(1000)}}.items():
    for _channel in ("write", "read"):
        _add(f"reseal of a tunnel's key {_name}, {_channel}",
             _reseal(lambda loot, change=_change: loot.tunnels[2].item | change), "unsealable", "secrets[1].secret",
             _channel)
_add("reseal of a client's key as a tunnel's",
     _reseal(lambda loot: loot.clients[0].item | {"class": "device"}), "unsealable", "secrets[1].secret")
_add("reseal without a class", _reseal(lambda loot: loot.clients[0].item), "malformed", "secrets[1].class")
_add("reseal into another class",
     _reseal(lambda loot: loot.tunnels[2].item | {"to_class": "client"}), "malformed", "secrets[1]")
_add("reveal with a class of one's own",
     _reveal(lambda loot: loot.clients[0].item | {"class": "device"}), "malformed", "secrets[0]", "read")
_add("a pre-shared key of class device",
     lambda loot: {"seal": {"secrets": [{"object": identity(1), "class": "device", "purpose": SHARED}]}}, "policy",
     "secrets[0].class")
for _member, _value in (
        ("class", "root"), ("class", "Device"), ("purpose", "ssh"), ("purpose", "wireguard-private-key\n"),
        ("given", _key(0)), ("given", "AAAA"), ("object", "x")):
    _add(f"seal with {_member} {_value[:24]!r}", lambda loot, member=_member, value=_value: {"seal": {"secrets": [
        {"object": identity(1), "class": "client", "purpose": PRIVATE} | {member: value}]}}, "malformed",
         f"secrets[0].{_member}")

# MARK: Order

for _verb in (
        "seal", "reseal", "reveal", "applyTunnel", "applyPeers", "removeTunnel", "readTunnel", "inventory",
        "applyRules", "readRules", "applyAssociations", "readAssociations"):
    _add(f"{_verb} before greeting", lambda loot, verb=_verb: _good(loot, verb), "out_of_order", None, None)
for _verb in ("applyTunnel", "applyPeers", "removeTunnel", "applyRules", "applyAssociations"):
    _add(f"{_verb} on the reading connection", lambda loot, verb=_verb: _good(loot, verb), "out_of_order", None, "read")
_add("reveal on the writing connection", lambda loot: _good(loot, "reveal"), "out_of_order")
for _channel in ("write", "read"):
    for _other in ("write", "read"):
        _add(f"greeting as {_other} after {_channel}",
             lambda loot, other=_other: {"greet": {"protocol": PROTOCOL, "channel": other}}, "out_of_order", None,
             _channel)
for _version in (PROTOCOL - 1, PROTOCOL + 1):
    _add(f"protocol {_version}",
         lambda loot, version=_version: {"greet": {"protocol": version, "channel": "write"}}, "malformed", "protocol",
         None)
_add("another channel",
     lambda loot: {"greet": {"protocol": PROTOCOL, "channel": "admin"}}, "malformed", "channel", None)
_add("a greeting that says who it is",
     lambda loot: {"greet": {"protocol": PROTOCOL, "channel": "write", "user": 0}}, "malformed", None, None)
for _verb in ("execute", "loadAnchor", "greet ", "Inventory", "", "reveal\0", "a" * 4000):
    _add(f"the verb {_verb[:12]!r}", lambda loot, verb=_verb: {verb: {}}, "unknown_verb")


def _good(loot, verb):
    target = loot.tunnels[0].target
    return {verb: {
        "seal": {"secrets": []}, "reseal": {"secrets": [loot.tunnels[0].item]},
        "reveal": {"secrets": [loot.clients[0].item]}, "applyTunnel": target, "applyPeers": target,
        "removeTunnel": target, "readTunnel": target, "inventory": {}, "applyRules": {}, "readRules": {},
        "applyAssociations": {}, "readAssociations": {}}[verb]}


_NAMES = list(CASES)


def make(random, loot):
    """One of the cases; a reveal may be refused for the budget before it is looked at, and a tunnel not be there."""
    name = random.choice(_NAMES)
    case = CASES[name]
    allowed = {case.code}
    if case.channel == "read" and case.code not in CLOSING:
        allowed.add("rate")
    attempt = Attempt("forbidden", name, frame(case, loot), case.channel, frozenset(allowed), ends=case.code in CLOSING)
    if case.code in ("policy", "kernel", "not_ours"):
        attempt.needs = frozenset({0, 1})
        # Where the other tunnel is not there, its name is free.
        attempt.otherwise = frozenset({"not_found"} | ({"applyTunnel", "kernel"} if case.code == "not_ours" else set()))
    return attempt


def frame(case, loot):
    body = case.request(loot)
    return framed(body if isinstance(body, bytes) else json.dumps(body, separators=(",", ":")).encode())
