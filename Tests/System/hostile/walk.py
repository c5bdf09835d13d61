"""What the API daemon itself would ask, in no order: so that what is hostile meets every state there is."""

import base64
import json

from .attempt import Attempt, framed

# Peers of a tunnel, by number.
_PEERS = 48
_FINE = {
    "applyTunnel": {"applyTunnel"}, "applyPeers": {"applyPeers"}, "removeTunnel": {"removeTunnel"},
    "readTunnel": {"readTunnel"}, "inventory": {"inventory"}, "seal": {"seal"}, "reseal": {"reseal"},
    "reveal": {"reveal", "rate"}, "applyRules": {"applyRules"}, "readRules": {"readRules"},
    # A mutant may have put a policy in the way, and the kernel may have no ESP.
    "applyAssociations": {"applyAssociations", "not_ours", "kernel"}, "readAssociations": {"readAssociations"}}


def make(random, loot):
    channel, body = request(random, loot)
    (verb, carried), = json.loads(body).items()
    attempt = Attempt("walk", verb, framed(body), channel, frozenset(_FINE[verb]))
    number = next((one.number for one in loot.tunnels if one.id == carried.get("tunnel")), None)
    if verb == "removeTunnel":
        attempt.removes = number
    elif verb == "applyTunnel" and "private_key" in carried and "addresses" in carried:
        attempt.makes = number
    elif verb.startswith("apply") and "tunnel" in carried:
        attempt.needs = frozenset({number})
    return attempt


def request(random, loot):
    """A channel and a request that is allowed there."""
    choice, tunnel = random.random(), random.choice(loot.tunnels)
    either = random.choice(("write", "read"))
    if choice < 0.30:
        return "write", _json({"applyPeers": _peers(random, tunnel, loot)})
    if choice < 0.34:
        return "write", _json({"applyRules": _rules(random, tunnel, loot)})
    if choice < 0.37:
        return "write", _json({"applyAssociations": _associations(random, loot)})
    if choice < 0.40:
        return either, random.choice((b'{"readRules":{}}', b'{"readAssociations":{}}'))
    if choice < 0.55:
        return either, _json({"readTunnel": tunnel.target})
    if choice < 0.62:
        return either, b'{"inventory":{}}'
    if choice < 0.69:
        return either, _json({"seal": {"secrets": [_wish(random) for _ in range(random.randint(1, 3))]}})
    if choice < 0.72:
        items = [one.item | {"class": "client"} for one in random.choices(loot.clients + loot.shared, k=2)]
        return either, _json({"reseal": {"secrets": items + [random.choice(loot.tunnels).item]}})
    if choice < 0.82:
        items = [one.item for one in random.choices(loot.clients + loot.shared, k=random.randint(1, 3))]
        return "read", _json({"reveal": {"secrets": items}})
    if choice < 0.96:
        return "write", _json({"applyTunnel": tunnel.target | _setting(random, tunnel)})
    if choice < 0.996:
        return "write", _json({"applyTunnel": tunnel.whole})
    return "write", _json({"removeTunnel": tunnel.target})


def key(tunnel, number):
    """The public key of a peer; any 32 bytes are one."""
    return base64.b64encode(bytes([tunnel.number + 1, number + 1] * 16)).decode()


def _peers(random, tunnel, loot):
    numbers = random.sample(range(_PEERS), random.randint(1, 5))
    gone = numbers[:random.randint(0, 2)]
    routes = [f"10.{200 + tunnel.number}.{number}.0/24" for number in numbers]
    change = tunnel.target | {
        "remove": [key(tunnel, number) for number in gone],
        "set": [_peer(random, tunnel, number, loot) for number in numbers[len(gone):]]}
    if random.random() < 0.5:
        change["remove_routes" if random.random() < 0.5 else "add_routes"] = routes
    return change


def _peer(random, tunnel, number, loot):
    peer = {"public_key": key(tunnel, number)}
    if random.random() < 0.8:
        peer["allowed_ips"] = [f"10.77.{tunnel.number}.{number + 2}/32", f"10.{200 + tunnel.number}.{number}.0/24"]
    if random.random() < 0.3:
        shared = random.choice(loot.shared)
        peer["preshared_key"] = random.choice((None, {"object": shared.object, "secret": shared.secret}))
    if random.random() < 0.3:
        peer["persistent_keepalive"] = random.choice((0, 25, 65535))
    return peer


def _rules(random, tunnel, loot):
    one = random.choice(loot.associations)
    ends = {"owner": one.id, "local": "192.0.2.1", "remote": f"198.51.100.{one.number}"}
    rules = [
        {"kind": "listen-port", "owner": tunnel.id, "port": 47700 + tunnel.number},
        {"kind": "listen-port", "owner": tunnel.id, "port": 47700 + tunnel.number, "interface": "uplink"},
        {"kind": "tunnel-traffic", "owner": tunnel.id, "interface": tunnel.interface},
        {"kind": "masquerade", "owner": tunnel.id, "network": "10.208.0.0/16", "interface": tunnel.interface},
        {"kind": "protected-packets", "protocol": "esp"} | ends, {"kind": "protected-packets", "protocol": "ah"} | ends,
        {"kind": "key-exchange"} | ends,
        {"kind": "inner-traffic", "owner": one.id, "number": one.number, "local": "10.209.0.0/16",
         "remote": f"10.{210 + one.number}.0.0/16"}]
    chosen = random.sample(rules, random.randint(1, 4))
    kept = random.randint(0, len(chosen))
    change = {"remove": chosen[:kept], "add": chosen[kept:]}
    return change | ({"reset": True} if random.random() < 0.1 else {})


def _associations(random, loot):
    """Mostly policies, which a kernel without ESP takes as well."""
    one, way = random.choice(loot.associations), random.choice(("in", "out", "forward"))
    policy = one.policy(way)
    if random.random() < 0.1:
        return {"add": [one.state(random.choice(("in", "out")))]}
    if random.random() < 0.5:
        return {"add_policies": [policy]}
    return {"remove_policies": [{name: policy[name] for name in ("number", "direction", "source", "destination")}]}


def _wish(random):
    return {
        "object": f"00000000-0000-4000-8000-{random.randrange(1 << 40):012x}",
        "class": "client", "purpose": random.choice(("wireguard-private-key", "wireguard-preshared-key"))}


def _setting(random, tunnel):
    return random.choice((
        {"mtu": random.choice((1280, 1380, 1420))}, {"fwmark": random.choice((0, 7, 0xFFFFFFFF))},
        {"addresses": tunnel.addresses[:random.randint(1, 2)]}, {"listen_port": 47700 + tunnel.number},
        {"private_key": tunnel.sealed}, {}))


def _json(request):
    return json.dumps(request, separators=(",", ":")).encode()
