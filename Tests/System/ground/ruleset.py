"""What is loaded in the anchor `aifw-vpn` of a namespace whose packet filter is nftables, and what should be."""

import ipaddress
import json

_PROTOCOLS = {"esp": 50, "ah": 51, "udp": 17}
_SETS = ("wg_ports", "wg_ports_on", "wg_interfaces", "gateways4", "gateways6", "masquerade4", "masquerade6")


def loaded(namespace):
    """The elements of each set, as text ("198.51.100.1 . 203.0.113.1 . 50"); of `reqids` how many. None without table.
    """
    done = namespace.run("nft", "--json", "--numeric", "list", "table", "inet", "aifw", check=False)
    if done.returncode != 0:
        assert "No such file" in done.stderr, done.stderr
        return None
    sets = {item["set"]["name"]: item["set"].get("elem", []) for item in json.loads(done.stdout)["nftables"]
            if "set" in item}
    found = {name: {_text(element) for element in sets.get(name, [])} for name in _SETS}
    return found | {"reqids": len(sets.get("reqids", []))}


def _text(element):
    if isinstance(element, dict):
        (kind, value), = element.items()
        if kind == "prefix":
            return f"{value['addr']}/{value['len']}"
        return " . ".join(map(_text, value)) if kind == "concat" else _text(value["val"])
    return str(_PROTOCOLS.get(element, element))


def wanted(world):
    """What the enabled tunnels and associations of the API call for."""
    found = {name: set() for name in _SETS} | {"reqids": 0}
    for tunnel in world.rest.get("/vpn/wg?limit=1000").must(200).data:
        if not tunnel["enabled"]:
            continue
        found["wg_interfaces"].add(tunnel["interface"])
        for address in tunnel["address"].split(",") if tunnel["masquerade"] else ():
            network = ipaddress.ip_interface(address.strip()).network
            # nft(8) prints a network of one address as the address.
            text = str(network if network.num_addresses > 1 else network.network_address)
            found[f"masquerade{network.version}"].add(f"{tunnel['interface']} . {text}")
        port, on = str(tunnel["listen_port"]), tunnel["listen_interface"]
        found["wg_ports_on" if on else "wg_ports"].add(f"{on} . {port}" if on else port)
    for one in world.rest.get("/vpn/ipsec?limit=1000").must(200).data:
        if not one["enabled"]:
            continue
        gateways = found["gateways6" if ":" in one["src_addr"] else "gateways4"]
        for protocol in (17, *(_PROTOCOLS[name] for name in one["protocol"].split("+"))):
            gateways.add(f"{one['dst_addr']} . {one['src_addr']} . {protocol}")
        found["reqids"] += one["mode"] == "tunnel"
    return found


def strays(world):
    """In words, where what is loaded and what should be differ."""
    there, due = loaded(world.gateway), wanted(world)
    if there is None:
        return ["there is no table inet aifw"] if any(due.values()) else []
    return [f"{name}: {there[name]} instead of {due[name]}" for name in due if there[name] != due[name]]
