"""Whether the gateway's kernel has what the API says, no more and no less."""

import json
import re


def wanted_peers(world, tunnel):
    """The peers that the interface of a tunnel should have: public key to its set of allowed IPs."""
    peers, cursor = {}, ""
    while True:
        page = world.rest.get(f"/vpn/wg/{tunnel['id']}/peers?limit=1000{cursor}").must(200).json
        peers |= {peer["public_key"]: set(peer["allowed_ips"]) for peer in page["data"] if peer["enabled"]}
        if "next_cursor" not in page:
            return peers
        cursor = f"&cursor={page['next_cursor']}"


def disagreements(world):
    """Where interfaces and API differ, in words; empty where they agree. Interfaces of the name wgN without an alias of
    ours are somebody else's."""
    tunnels = {one["interface"]: one for one in world.rest.get("/vpn/wg?limit=1000").must(200).data}
    links = {name: link for name, link in world.gateway.links().items()
             if re.fullmatch(r"wg\d+", name) and link.get("ifalias", "").startswith("aifw-vpn:")}
    found = [f"{name} is there, and no tunnel wants it" for name in links
             if name not in tunnels or not tunnels[name]["enabled"]]
    for name, tunnel in tunnels.items():
        if not tunnel["enabled"]:
            continue
        if name not in links:
            found.append(f"{name} is missing")
            continue
        found += _differences(world, tunnel, links[name])
    return found


def _differences(world, tunnel, link):
    name, peers = tunnel["interface"], world.wireguard(tunnel["interface"])
    (shown,) = json.loads(world.gateway.ip("-json", "address", "show", "dev", name))
    addresses = {f"{one['local']}/{one['prefixlen']}" for one in shown["addr_info"] if one["scope"] != "link"}
    port = world.gateway.run("wg", "show", name, "listen-port", check=False).stdout.strip()
    pairs = {
        "alias": (link["ifalias"], f"aifw-vpn:{tunnel['id']}"),
        "up": ("UP" in link["flags"], True),
        "mtu": (link["mtu"], tunnel["mtu"]),
        "addresses": (addresses, {one.strip() for one in tunnel["address"].split(",")}),
        "listen_port": (port, str(tunnel["listen_port"])),
        "peers": (peers, wanted_peers(world, tunnel)),
    }
    return [f"{name}: {what} is {actual}, should be {wanted}"
            for what, (actual, wanted) in pairs.items() if actual != wanted]
