"""Networks that nobody may take over, by name."""

from ground.foreign import NETWORK as FOREIGN_NETWORK

# The host's, which ground/world.py makes.
HOST_NETWORK, HOST_ADDRESS, HOST_GATEWAY = "192.0.2.0/24", "192.0.2.1", "192.0.2.254"

NEVER_A_NETWORK = [
    "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/024", "fd00::/129", "fd00::/999", "256.0.0.0/8", "010.0.0.0/8",
    "10.0.0.0/8 dev lo", "10.0.0.0/24\n", "default", "", "10.0.0.0/", "::g/64", "fe80::1%lo/64"]
NEVER_TAKEN_OVER = {
    "both halves of everything": ["0.0.0.0/1", "128.0.0.0/1"], "everything": ["0.0.0.0/0"],
    "half of everything": ["128.0.0.0/1"], "a quarter": ["64.0.0.0/2"], "a /7": ["10.0.0.0/7"],
    "loopback": ["127.0.0.0/8"], "a piece of loopback": ["127.0.0.53/32"], "this host": ["0.0.0.0/8"],
    "link-local": ["169.254.0.0/16"], "the metadata address": ["169.254.169.254/32"], "multicast": ["224.0.0.0/8"],
    "a group": ["224.0.0.5/32"], "reserved": ["240.0.0.0/8"], "broadcast": ["255.255.255.255/32"],
    "everything of IPv6": ["::/0"], "both halves of IPv6": ["::/1", "8000::/1"], "all global IPv6": ["2000::/3"],
    "a /15 of IPv6": ["2600::/15"], "loopback of IPv6": ["::1/128"], "link-local of IPv6": ["fe80::/64"],
    "multicast of IPv6": ["ff02::/16"], "IPv4 as IPv6": ["::ffff:0.0.0.0/96"]}
HOSTS_OWN = {
    "the host's network": [HOST_NETWORK], "half of the host's network": ["192.0.2.0/25"],
    "the host's address": [f"{HOST_ADDRESS}/32"], "the host's gateway": [f"{HOST_GATEWAY}/32"],
    "a network around the host's": ["192.0.0.0/16"], "another link's network": [FOREIGN_NETWORK],
    "half of another link's network": ["10.98.0.128/25"], "the host's IPv6 network": ["2001:db8:2::/64"],
    "a network around the host's IPv6": ["2001:db8::/32"]}
