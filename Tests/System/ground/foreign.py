"""What stands on a gateway and is not the helper's, and whether it still stands as it was."""

import ipaddress
import itertools
import json
import re
import socket
import subprocess
import threading
from pathlib import Path

from . import xfrm
from .waiting import wait_until
from .world import HELPER_ACCOUNT

TUNNEL, LINK, NETWORK, ROUTE, PORT = "wg7", "wg8", "10.98.0.0/24", "10.99.0.0/16", 47799
POLICY = ("src", NETWORK, "dst", "10.94.0.0/16")
_PEER = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="
# Of a snapshot, these count by themselves.
_CLOCKS = re.compile(r"timer$|^(expires|stats|stats64|ageing_time)$")


class Foreign:
    """Links of other programs with names like ours (a WireGuard tunnel of root's, a veth), a route over one of them, a
    port that is taken, a ruleset, an IPsec policy. `snapshot()` is all of the host that is not the helper's own."""

    def __init__(self, world):
        self._world = world
        gateway = world.gateway
        gateway.ip("address", "add", "2001:db8:2::1/64", "dev", "uplink", "nodad")
        gateway.ip("link", "add", LINK, "type", "veth", "peer", "name", "elsewhere")
        gateway.ip("address", "add", "10.98.0.1/24", "dev", LINK)
        for link in (LINK, "elsewhere"):
            gateway.ip("link", "set", link, "up")
        gateway.ip("route", "add", ROUTE, "via", "10.98.0.2", "proto", "static")
        # A route with the helper's own protocol number, over a link that is not its own.
        gateway.ip("route", "add", "10.97.0.0/16", "dev", LINK, "proto", "197")
        subprocess.Popen(
            gateway.inside("wireguard-go", "-f", TUNNEL), start_new_session=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(lambda: gateway.run("wg", "show", TUNNEL, check=False).returncode == 0, f"{TUNNEL}, somebody else's")
        key = gateway.run("wg", "genkey").stdout
        gateway.run("wg", "set", TUNNEL, "listen-port", "47777", "private-key", "/dev/stdin", input=key)
        gateway.run("wg", "set", TUNNEL, "peer", _PEER, "allowed-ips", "10.96.0.2/32")
        gateway.ip("address", "add", "10.96.0.1/24", "dev", TUNNEL)
        gateway.ip("link", "set", TUNNEL, "up")
        for words in (
                "add table inet base", "add chain inet base input { type filter hook input priority 0 ; }",
                "add rule inet base input tcp dport 22 accept"):
            gateway.run("nft", words)
        # An IKE daemon's policy, with a reqid as such count them.
        gateway.ip("xfrm", "policy", "add", *POLICY, "dir", "out", "priority", "383615", "tmpl", "src", "192.0.2.1",
                   "dst", "192.0.2.9", "proto", "esp", "reqid", "1", "mode", "tunnel")
        # A UDP socket in both families.
        self._socket = gateway.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        self._socket.bind(("::", PORT))
        wait_until(self._settled, "links that have settled")

    def _settled(self):
        first = self.snapshot()
        threading.Event().wait(0.3)
        addresses = self._world.gateway.ip("address")
        return "tentative" not in addresses and first == self.snapshot()

    def own(self):
        """The names of the links that the helper made."""
        return {name for name, link in self._world.gateway.links().items()
                if link.get("ifalias", "").startswith("aifw-vpn:")}

    def snapshot(self):
        """By place, what is there, in a form that can be compared."""
        gateway, own = self._world.gateway, self.own()

        def listed(*arguments):
            rows = json.loads(gateway.ip("-details", "-json", *arguments) or "[]")
            return [_still(row) for row in rows if row.get("dev") not in own and row.get("ifname") not in own]

        places = {f"ip {' '.join(words)}": listed(*words) for words in (
            ("link",), ("address",), ("route", "show", "table", "all"), ("-6", "route", "show", "table", "all"),
            ("rule",), ("-6", "rule"), ("neighbour",))}
        script = """
            echo "# ruleset"
            nft list tables | grep -v '^table inet aifw$' | while read -r table; do nft list $table; done
            echo "# wireguard"; wg show {tunnel} dump | sha256sum
            echo "# sysctls"; cd /proc/sys/net
            for link in all default lo uplink {link} elsewhere {tunnel}; do
                grep -rs . ipv4/conf/$link ipv6/conf/$link ipv4/neigh/$link ipv6/neigh/$link
            done; grep -s . ipv4/ip_forward ipv4/tcp_syncookies core/rmem_max
            echo "# files"; find /run /etc/aifw {state} {home} -printf '%p %y %m %U %s %T@\\n' 2>/dev/null | sort
            echo "# strays"
            find /tmp /var/tmp /dev/shm -name 'aifw-world-*' -prune -o -user {account} -print 2>/dev/null | sort
        """.format(tunnel=TUNNEL, link=LINK, state=self._world.state, home=self._world.folder / "helper",
                   account=HELPER_ACCOUNT)
        part = ""
        for line in gateway.run("sh", "-c", script).stdout.splitlines():
            if line.startswith("# "):
                part = line[2:]
            # The folder of the sockets changes with each of ours.
            elif not re.match(r"/run/wireguard(/(%s)\.sock)? " % "|".join(own or {"none"}), line):
                places.setdefault(part, []).append(line)
        places["processes"] = sorted(self._strangers(own))
        places["ipsec"] = xfrm.foreign(gateway)
        return places

    def _strangers(self, own):
        """Processes in the namespace but a wireguard-go for each link of ours."""
        for pid in self._world.gateway.processes():
            try:
                words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
            except FileNotFoundError:
                continue
            if not (words[0].endswith("wireguard-go") and words[-2] in own):
                yield pid, words

    def trespass(self):
        """Addresses, routes over links of ours and IPsec policies that reach into what is not: none, if all is well."""
        found = [f"a policy for {one.remote}" for one in xfrm.policies(self._world.gateway)
                 if is_forbidden(one.remote) and not one.is_of_gateway]
        for name, version in itertools.product(self.own(), ("-4", "-6")):
            listed = self._world.gateway.ip(version, "-json", "route", "show", "table", "main", "dev", name)
            found += [f"{row['dst']} over {name}" for row in json.loads(listed or "[]") if is_forbidden(row["dst"])]
        return found

    def close(self):
        self._socket.close()


def differences(before, after):
    """In words, what two snapshots differ in."""
    found = []
    for place in sorted(set(before) | set(after)):
        old, new = before.get(place, []), after.get(place, [])
        found += [f"{place}: gone: {one}" for one in old if one not in new]
        found += [f"{place}: new: {one}" for one in new if one not in old]
    return found


def _still(value):
    if isinstance(value, dict):
        return {name: _still(inner) for name, inner in value.items() if not _CLOCKS.search(name)}
    return [_still(inner) for inner in value] if isinstance(value, list) else value


def is_forbidden(destination):
    """Whether a route there, or an address with that length, takes over what is the host's or nobody's."""
    if destination == "default":
        return True
    network = ipaddress.ip_network(destination, strict=False)
    if network.prefixlen < (8 if network.version == 4 else 16):
        return True
    taken = ["192.0.2.0/24", NETWORK, "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "2001:db8:2::/64", "ff00::/8"]
    return any(network.version == other.version and network.overlaps(other)
               for other in map(ipaddress.ip_network, taken))
