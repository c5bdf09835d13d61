"""Requests of pass rules, security associations and policies that must not be done (docs/PROTOCOL.md)."""

from .case import Cases
from .loot import ASSOCIATION, identity
from .networks import HOST_ADDRESS, HOSTS_OWN, NEVER_A_NETWORK, NEVER_TAKEN_OVER

CASES = Cases()
_add = CASES.add

# What no gateway can have, whatever the policy.
_NO_GATEWAY = [
    "0.0.0.0", "0.1.2.3", "127.0.0.1", "169.254.169.254", "224.0.0.5", "240.0.0.1", "255.255.255.255", "::", "::1",
    "fe80::1", "ff02::5", "::ffff:192.0.2.9"]
_NEVER_AN_ADDRESS = ["256.0.0.1", "198.51.100.1/32", "198.51.100.01", "fe80::1%lo", "vpn.example", "", "1.2.3.4\n"]


def _peer_of(address):
    """An address of the same family that a gateway can have."""
    return "2001:db8:77::1" if ":" in address else "198.51.100.9"


def _local_of(network):
    return "fd77:99::/64" if ":" in network else "10.209.0.0/16"


# MARK: Pass rules

_PORT = {"kind": "listen-port", "port": 47700}
_TRAFFIC = {"kind": "tunnel-traffic", "interface": "wg0"}
_PACKETS = {"kind": "protected-packets", "protocol": "esp", "local": HOST_ADDRESS, "remote": "198.51.100.1"}
_EXCHANGE = {"kind": "key-exchange", "local": HOST_ADDRESS, "remote": "198.51.100.1"}
_INNER = {"kind": "inner-traffic", "number": 1, "local": "10.209.0.0/16", "remote": "10.211.0.0/16"}


def _rules(*rules, member="add"):
    """applyRules with these, of a tunnel of ours where they name no other owner."""
    return lambda loot: {"applyRules": {member: [{"owner": loot.tunnels[0].id} | rule for rule in rules]}}


for _kind in ("", "pass", "listen-port ", "Listen-Port", "raw", "any"):
    _add(f"a rule of the kind {_kind!r}", _rules(_PORT | {"kind": _kind}), "malformed", "add[0].kind")
for _owner in ("", "x", identity(1) + "\n", "../../etc"):
    for _member in ("add", "remove"):
        _add(f"a rule to {_member} of the owner {_owner!r}", _rules(_PORT | {"owner": _owner}, member=_member),
             "malformed", f"{_member}[0].owner")
for _port in (0, -1, 65536, "51820", None, [51820], "1-65535"):
    _add(f"a rule for the port {_port!r}", _rules(_PORT | {"port": _port}), "malformed", "add[0].port")
for _name in ("", "x" * 16, "eth 0", "eth0\n", 'eth0"', "eth0; accept", "../x", "*", "eth+", "!lo", "@wg_ports x"):
    _add(f"a port on the interface {_name!r}", _rules(_PORT | {"interface": _name}), "malformed", "add[0].interface")
for _name in ("eth0", "uplink", "lo", "wg", "wg10000", "wg0 ", "enc0", ""):
    _add(f"all traffic on {_name!r}", _rules(_TRAFFIC | {"interface": _name}), "malformed", "add[0].interface")
for _word in ("tcp", "any", "esp+ah", "", "50", "ESP"):
    _add(f"packets of the protocol {_word!r}", _rules(_PACKETS | {"protocol": _word}), "malformed", "add[0].protocol")
for _rule in (_PACKETS, _EXCHANGE):
    for _text in _NEVER_AN_ADDRESS:
        for _end in ("local", "remote"):
            _add(f"{_rule['kind']} whose {_end} is {_text!r}", _rules(_rule | {_end: _text}), "malformed",
                 f"add[0].{_end}")
    _add(f"{_rule['kind']} between two families", _rules(_rule | {"remote": "2001:db8::9"}), "malformed",
         "add[0].remote")
    for _address in _NO_GATEWAY:
        for _end, _other in (("local", "remote"), ("remote", "local")):
            _add(f"{_rule['kind']} whose {_end} is {_address}",
                 _rules(_rule | {_end: _address, _other: _peer_of(_address)}), "policy", f"add[0].{_end}")
    _add(f"{_rule['kind']} of one gateway with itself", _rules(_rule | {"remote": HOST_ADDRESS}), "policy",
         "add[0].remote")
for _number in (0, -1, 1 << 24, 1 << 32, "1", None):
    _add(f"inner traffic of association {_number!r}", _rules(_INNER | {"number": _number}), "malformed",
         "add[0].number")
for _text in NEVER_A_NETWORK:
    for _end in ("local", "remote"):
        _add(f"inner traffic whose {_end} is {_text!r}", _rules(_INNER | {_end: _text}), "malformed", f"add[0].{_end}")
_add("inner traffic between two families", _rules(_INNER | {"remote": "fd77:99::/64"}), "malformed", "add[0].remote")
for _name, _networks in NEVER_TAKEN_OVER.items():
    _add(f"inner traffic from {_name}",
         _rules(_INNER | {"remote": _networks[0], "local": _local_of(_networks[0])}), "policy", "add[0].remote")
    _add(f"inner traffic to {_name}",
         _rules(_PORT, _INNER | {"local": _networks[0], "remote": _local_of(_networks[0])}), "policy", "add[1].local")
for _name, _member in (("a text", "text"), ("a label", "label"), ("an action", "action")):
    _add(f"a rule with {_name} of one's own", _rules(_PORT | {_member: "accept"}), "malformed", "add[0]")
_add("an anchor of one's own", lambda loot: {"applyRules": {"anchor": "input"}}, "malformed")
_add("a reset that is no boolean", lambda loot: {"applyRules": {"reset": 1}}, "malformed", "reset")
_add("a rule without what it needs", _rules({"kind": "listen-port"}), "malformed", "add[0].port")
for _member in ("add", "remove"):
    _add(f"2049 rules to {_member}",
         lambda loot, member=_member: {"applyRules": {member: [
             _PORT | {"owner": loot.tunnels[0].id, "port": 1000 + number} for number in range(2049)]}},
         "limit", _member)
    _add(f"a rule to {_member} twice", _rules(_PORT, _TRAFFIC, _PORT, member=_member), "policy", f"{_member}[2]")

# MARK: Security associations


def _states(change):
    """applyAssociations that adds one of ours; `change(association)` is what is otherwise."""
    return lambda loot: {"applyAssociations": {"add": [
        loot.associations[0].state(**change(loot.associations[0]))]}}


def _state(**members):
    return _states(lambda one: members)


for _member, _values in {
        "object": ("", "x"), "direction": ("forward", "", "both"), "number": (0, 1 << 24, "1", -1),
        "spi": (0, 255, 1 << 32, -1, "0x1000", None), "mode": ("beet", "", "any"),
        "encryption": ("null", "aes-256-ctr", "des", "", "AES-256-GCM"),
        "replay_window": (33, -1, 4096, None)}.items():
    for _value in _values:
        _add(f"an association whose {_member} is {_value!r}", _state(**{_member: _value}), "malformed",
             f"add[0].{_member}")
for _text in _NEVER_AN_ADDRESS:
    for _end in ("source", "destination"):
        _add(f"an association whose {_end} is {_text!r}", _state(**{_end: _text}), "malformed", f"add[0].{_end}")
_add("an association between two families", _state(destination="2001:db8::9"), "malformed", "add[0].destination")
_add("an AEAD with an HMAC on top",
     _states(lambda one: {"authentication": "hmac-sha256", "authentication_key": one.keys["authentication", "in"]}),
     "malformed", "add[0].authentication")
_add("a cipher that nothing authenticates", _state(encryption="aes-256-cbc"), "malformed", "add[0].authentication")
_add("an algorithm without its key",
     lambda loot: {"applyAssociations": {"add": [{
         name: value for name, value in loot.associations[0].state().items() if name != "encryption_key"}]}},
     "malformed", "add[0].encryption_key")
_add("a reqid of one's own", _state(reqid=1), "malformed", "add[0]")
_add("a mark", _state(mark=1), "malformed", "add[0]")
for _address in _NO_GATEWAY:
    for _end, _other in (("source", "destination"), ("destination", "source")):
        _add(f"an association whose {_end} is {_address}", _state(**{_end: _address, _other: _peer_of(_address)}),
             "policy", f"add[0].{_end}")
_add("an association of one gateway with itself", _state(source=HOST_ADDRESS), "policy", "add[0].destination")
_add("an association twice",
     lambda loot: {"applyAssociations": {"add": [loot.associations[0].state(), loot.associations[0].state()]}},
     "policy", "add[1]")
_add("257 associations",
     lambda loot: {"applyAssociations": {"add": [
         loot.associations[0].state(spi=4096 + number) for number in range(257)]}}, "limit", "add")
_add("257 associations to remove",
     lambda loot: {"applyAssociations": {"remove": [
         {"number": 1, "destination": HOST_ADDRESS, "spi": 4096 + number, "protocol": "esp"}
         for number in range(257)]}}, "limit", "remove")

# MARK: Their keys

_add("another association's key",
     lambda loot: {"applyAssociations": {"add": [loot.associations[0].state(
         encryption_key=loot.associations[1].keys["encryption", "in"])]}}, "unsealable", "add[0].encryption_key")
_add("a key of the other direction", _states(lambda one: {"encryption_key": one.keys["encryption", "out"]}),
     "unsealable", "add[0].encryption_key")
_add("an authentication key that is to encrypt",
     _states(lambda one: {"encryption_key": one.keys["authentication", "in"]}), "unsealable", "add[0].encryption_key")
_add("an encryption key that is to authenticate",
     lambda loot: {"applyAssociations": {"add": [{
         name: value for name, value in loot.associations[0].state(
             authentication="hmac-sha256", authentication_key=loot.associations[0].keys["encryption", "in"]).items()
         if not name.startswith("encryption")}]}}, "unsealable", "add[0].authentication_key")
for _name in ("tunnel", "client", "shared"):
    _add(f"a {_name}'s key in an association",
         lambda loot, name=_name: {"applyAssociations": {"add": [loot.associations[0].state(encryption_key={
             "tunnel": loot.tunnels[2].sealed, "client": loot.clients[0].secret,
             "shared": loot.shared[0].secret}[name])]}}, "unsealable", "add[0].encryption_key")
_add("a key that is too long for its algorithm", _state(encryption="aes-128-gcm"), "policy", "add[0]")
_add("an association's key as a tunnel's",
     lambda loot: {"applyTunnel": loot.tunnels[0].target | {
         "private_key": loot.associations[0].keys["authentication", "in"]}}, "unsealable", "private_key")
for (_what, _way), (_purpose, _) in ASSOCIATION.items():
    _add(f"a key of class device for {_what} {_way}",
         lambda loot, purpose=_purpose: {"seal": {"secrets": [
             {"object": identity(3001), "class": "device", "purpose": purpose, "length": 32}]}}, "policy",
         "secrets[0].class")
    _add(f"reveal of a tunnel's key as one for {_what} {_way}",
         lambda loot, purpose=_purpose: {"reveal": {"secrets": [
             {"object": loot.tunnels[2].id, "purpose": purpose, "secret": loot.tunnels[2].sealed}]}}, "unsealable",
         "secrets[0].secret", "read")
    for _length in (31, 33, 63):
        _add(f"a key of {_length} bytes for {_what} {_way}",
             lambda loot, purpose=_purpose, length=_length: {"seal": {"secrets": [
                 {"object": identity(3001), "class": "client", "purpose": purpose, "length": length}]}}, "policy",
             "secrets[0].length")

# MARK: Policies


def _policies(way="out", **members):
    return lambda loot: {"applyAssociations": {"add_policies": [loot.associations[0].policy(way, **members)]}}


def _host(address):
    return f"{address}/128" if ":" in address else f"{address}/32"


for _member, _values in {
        "number": (0, 1 << 24, None), "direction": ("fwd", "", "any"), "mode": ("beet", ""),
        "protocols": ([], ["ah", "esp"], ["esp", "esp"], ["esp", "ah", "esp"], ["comp"], "esp")}.items():
    for _value in _values:
        # Which of a list's faults is told, of itself or of its elements, is the list's affair.
        _add(f"a policy whose {_member} is {_value!r}", _policies(**{_member: _value}),
             "limit" if isinstance(_value, list) and len(_value) > 2 else "malformed",
             ... if _member == "protocols" else f"add_policies[0].{_member}")
for _text in NEVER_A_NETWORK:
    for _end in ("source", "destination"):
        _add(f"a policy whose {_end} is {_text!r}", _policies(**{_end: _text}), "malformed", f"add_policies[0].{_end}")
_add("a policy between two families", _policies(destination="fd77:99::/64"), "malformed", "add_policies[0].destination")
_add("a policy between gateways of two families", _policies(to="2001:db8::9"), "malformed", "add_policies[0].to")
_add("a policy with an action", _policies(action="block"), "malformed", "add_policies[0]")
_add("a priority of one's own", _policies(priority=1), "malformed", "add_policies[0]")
for _name, _networks in (NEVER_TAKEN_OVER | HOSTS_OWN).items():
    _near = _local_of(_networks[0])
    _add(f"a policy that sends {_name} away", _policies(source=_near, destination=_networks[0]), "policy",
         "add_policies[0].destination")
    for _way in ("in", "forward"):
        _add(f"a policy, {_way}, that takes {_name} from the far end",
             _policies(_way, source=_networks[0], destination=_near), "policy", "add_policies[0].source")
for _name, _networks in NEVER_TAKEN_OVER.items():
    _add(f"a policy for {_name} on this side",
         _policies(source=_networks[0], destination=_local_of(_networks[0])), "policy", "add_policies[0].source")
for _address in _NO_GATEWAY:
    _add(f"a policy to the gateway {_address}", _policies(**{"from": _peer_of(_address), "to": _address}), "policy",
         "add_policies[0].to")
for _mode_ends in ({"source": "10.209.0.0/16"}, {"destination": "10.211.0.0/16"}, {"source": _host("192.0.2.7")}):
    _add(f"transport mode for {_mode_ends}",
         _policies(**{"mode": "transport", "source": _host(HOST_ADDRESS), "destination": _host("198.51.100.1")}
                   | _mode_ends), "policy", "add_policies[0]")
_add("a policy twice",
     lambda loot: {"applyAssociations": {"add_policies": [loot.associations[0].policy()] * 2}}, "policy",
     "add_policies[1]")
_add("1025 policies",
     lambda loot: {"applyAssociations": {"add_policies": [
         loot.associations[0].policy(destination=f"10.220.{number // 256}.{number % 256}/32")
         for number in range(1025)]}}, "limit", "add_policies")
_add("1025 policies to remove",
     lambda loot: {"applyAssociations": {"remove_policies": [
         {"number": 1, "direction": "out", "source": "10.209.0.0/16",
          "destination": f"10.220.{number // 256}.{number % 256}/32"} for number in range(1025)]}}, "limit",
     "remove_policies")
_add("257 associations to look for",
     lambda loot: {"readAssociations": {"only": {"associations": [
         {"number": 1, "destination": HOST_ADDRESS, "spi": 4096 + number, "protocol": "esp"}
         for number in range(257)], "policies": []}}}, "limit", "only.associations", "read")
_add("a policy over another program's",
     _policies(source="10.98.0.0/24", destination="10.94.0.0/16"), "not_ours", "add_policies[0]")
