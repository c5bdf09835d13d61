"""The helper's own policy: what it refuses whoever asks, and what aifw-apid says of it beforehand."""

import itertools
import json
import time

import pytest
from ground.frames import Frames
from ground.waiting import wait_until
from ground.world import API_ACCOUNT, World

POLICY = {
    "tunnels": {"networks": ["10.0.0.0/8", "192.0.0.0/8", "2001:db8::/32"], "limit": 2},
    "routes": {"networks": ["0.0.0.0/0", "::/0"], "limit": 3},
}
numbers = itertools.count(1)


def add_spare(world):
    """A link of the host's that is down: 10.77.0.1/16, the two ends 10.78.0.1 and 10.78.0.2, and an IPv6 network."""
    world.gateway.ip("link", "add", "spare", "type", "bridge")
    world.gateway.ip("address", "add", "10.77.0.1/16", "dev", "spare")
    world.gateway.ip("address", "add", "10.78.0.1", "peer", "10.78.0.2/32", "dev", "spare")
    world.gateway.ip("address", "add", "2001:db8:77::1/64", "dev", "spare")


@pytest.fixture
def limited(binaries):
    """The helper alone, with `POLICY`, on a host with a second network."""
    world = World(binaries, api=False, policy=POLICY)
    try:
        add_spare(world)
        yield world
    finally:
        world.close()


@pytest.fixture
def writer(limited):
    frames = Frames(limited.helper_socket, API_ACCOUNT)
    frames.greet("write")
    yield frames
    frames.close()


def apply_tunnel(writer, number, *addresses):
    """Asks the helper for wg<number>; returns its answer."""
    tunnel = f"00000000-0000-4000-8000-{number:012}"
    item = {"object": tunnel, "class": "device", "purpose": "wireguard-private-key"}
    (sealed,) = writer.ask({"seal": {"secrets": [item]}})["seal"]["sealed"]
    return writer.ask({"applyTunnel": {
        "tunnel": tunnel, "interface": f"wg{number}", "private_key": sealed["secret"], "listen_port": 51000 + number,
        "mtu": 1420, "addresses": list(addresses)}})


def apply_routes(writer, number, add=(), remove=()):
    return writer.ask({"applyPeers": {
        "tunnel": f"00000000-0000-4000-8000-{number:012}", "interface": f"wg{number}", "add_routes": list(add),
        "remove_routes": list(remove)}})


def routes(world, interface="wg1"):
    """The routes of ours over an interface."""
    shown = [json.loads(world.gateway.ip(family, "-json", "route", "show", "dev", interface, "proto", "197"))
             for family in ("-4", "-6")]
    return {route["dst"] for family in shown for route in family}


@pytest.mark.parametrize("address, own", [
    ("192.0.2.9/28", "192.0.2.0/24"), ("192.0.0.1/16", "192.0.2.0/24"), ("10.77.3.1/24", "10.77.0.0/16"),
    ("10.78.0.9/24", "10.78.0.1/32"), ("10.78.0.2/32", "10.78.0.2/32"), ("2001:db8:77::9/128", "2001:db8:77::/64"),
    ("2001:db8::1/32", "2001:db8:77::/64")])
def test_the_helper_gives_no_tunnel_a_network_of_the_host(limited, writer, address, own):
    before = limited.gateway.ip("address"), limited.gateway.ip("route", "show", "table", "all")
    refused = apply_tunnel(writer, next(numbers) + 100, "10.1.0.1/24", address)["refused"]
    assert (refused["code"], refused["field"]) == ("policy", "addresses[1]")
    assert refused["message"] == (
        f"must not overlap {own}, which this host has on an interface that is no tunnel: {address}")
    assert (limited.gateway.ip("address"), limited.gateway.ip("route", "show", "table", "all")) == before


@pytest.mark.parametrize("address, words", [
    ("172.16.0.1/24", "must lie within a network that the policy file lists (tunnels.networks)"),
    ("0.0.0.1/0", "must lie within"), ("10.0.0.1/7", "must lie within"), ("127.0.0.1/8", "must lie within"),
    ("fe80::1/64", "must lie within"), ("224.0.0.1/24", "must be a unicast address")])
def test_the_helper_holds_tunnels_to_the_listed_networks(limited, writer, address, words):
    refused = apply_tunnel(writer, next(numbers) + 100, address)["refused"]
    assert (refused["code"], refused["field"]) == ("policy", "addresses[0]") and words in refused["message"]


def test_the_helper_routes_no_network_of_the_host(limited, writer):
    assert "applyTunnel" in apply_tunnel(writer, 1, "10.1.0.1/24", "2001:db8:1::1/64")
    assert "applyTunnel" in apply_tunnel(writer, 2, "10.2.0.1/24")
    for route, own in [
            ("192.0.2.0/25", "192.0.2.0/24"), ("192.0.2.7/32", "192.0.2.0/24"), ("192.0.0.0/2", "192.0.2.0/24"),
            ("128.0.0.0/1", "192.0.2.0/24"), ("10.77.9.0/24", "10.77.0.0/16"), ("10.78.0.2/32", "10.78.0.2/32"),
            ("2001:db8:77::/80", "2001:db8:77::/64"), ("2000::/3", "2001:db8:77::/64")]:
        refused = apply_routes(writer, 1, ["172.16.0.0/12", route])["refused"]
        assert (refused["code"], refused["field"]) == ("policy", "add_routes[1]"), route
        assert f"must not overlap {own}, which this host has" in refused["message"], route
    for route in ("0.0.0.0/0", "::/0"):
        refused = apply_routes(writer, 1, ["172.16.0.0/12", route])["refused"]
        assert (refused["field"], refused["message"]) == ("add_routes[1]", f"must not be a default route: {route}")
    for route in ("127.0.0.0/8", "169.254.1.0/24", "224.0.0.0/8", "fe80::/64", "ff02::/16", "::1/128"):
        assert "must not lie within" in apply_routes(writer, 1, [route])["refused"]["message"], route
    assert routes(limited) == set()
    # Listed by root, and nobody's on this host: so wide as that. A network of another tunnel is not the host's.
    assert "applyPeers" in apply_routes(writer, 1, ["64.0.0.0/2", "8000::/1", "10.2.0.128/25"])
    assert routes(limited) == {"64.0.0.0/2", "8000::/1", "10.2.0.128/25"}


def test_what_is_there_already_is_not_refused_when_a_network_of_the_host_appears(limited, writer):
    assert "applyTunnel" in apply_tunnel(writer, 1, "10.1.0.1/24", "2001:db8:1::1/64")
    assert "applyPeers" in apply_routes(writer, 1, ["172.16.0.0/12"])
    index = limited.index("wg1")
    for address in ("10.1.0.77/16", "172.16.5.1/24", "2001:db8:1::77/48"):
        limited.gateway.ip("address", "add", address, "dev", "spare")
    assert "applyTunnel" in apply_tunnel(writer, 1, "10.1.0.1/24", "2001:db8:1::1/64")
    assert "applyPeers" in apply_routes(writer, 1, ["172.16.0.0/12"])
    assert limited.index("wg1") == index and routes(limited) == {"172.16.0.0/12"}
    # What is new is judged.
    assert apply_tunnel(writer, 1, "10.1.0.1/24", "10.1.0.2/24")["refused"]["field"] == "addresses[1]"
    assert apply_routes(writer, 1, ["172.16.5.0/25"])["refused"]["field"] == "add_routes[0]"
    assert "applyPeers" in apply_routes(writer, 1, [], ["172.16.0.0/12"])
    assert apply_routes(writer, 1, ["172.16.0.0/12"])["refused"]["code"] == "policy"


def test_the_helper_keeps_no_more_than_the_limits(limited, writer):
    assert "applyTunnel" in apply_tunnel(writer, 1, "10.1.0.1/24")
    assert "applyTunnel" in apply_tunnel(writer, 2, "10.2.0.1/24")
    refused = apply_tunnel(writer, 3, "10.3.0.1/24")["refused"]
    assert (refused["code"], refused["message"]) == (
        "limit", "would make 3 tunnels; at most 2 are kept, set by tunnels.limit in the policy file")
    assert "wg3" not in limited.gateway.links()
    assert "applyTunnel" in apply_tunnel(writer, 2, "10.2.0.1/24", "10.22.0.1/24")
    assert "applyPeers" in apply_routes(writer, 1, ["172.16.0.0/16", "172.17.0.0/16"])
    refused = apply_routes(writer, 2, ["172.18.0.0/16", "172.19.0.0/16"])["refused"]
    assert (refused["code"], refused["message"]) == (
        "limit", "would make 4 routes; at most 3 are kept, set by routes.limit in the policy file")
    assert "applyPeers" in apply_routes(writer, 2, ["172.18.0.0/16"])
    assert "applyPeers" in apply_routes(writer, 1, ["172.16.0.0/16"]), "it is there already"
    assert "applyPeers" in apply_routes(writer, 1, ["172.20.0.0/16"], ["172.17.0.0/16"]), "one for one"
    assert routes(limited) == {"172.16.0.0/16", "172.20.0.0/16"}
    writer.ask({"removeTunnel": {"tunnel": "00000000-0000-4000-8000-000000000001", "interface": "wg1"}})
    assert "applyTunnel" in apply_tunnel(writer, 3, "10.3.0.1/24"), "there is room again"
    assert "applyPeers" in apply_routes(writer, 3, ["172.16.0.0/16", "172.17.0.0/16"])


def test_the_inventory_tells_the_policy_and_the_hosts_networks(limited, writer):
    found = writer.ask({"inventory": {}})["inventory"]
    assert found["policy"] == {**POLICY, "selectors": {}, "host_networks": "refuse"}
    assert {"192.0.2.1/24", "10.77.0.1/16", "10.78.0.1/32", "2001:db8:77::1/64"} <= set(found["addresses"])
    assert found["far_ends"] == ["10.78.0.2/32"]


@pytest.mark.parametrize("spoil, words", [
    (lambda world: world.write_policy({}, mode=0o664), "has mode 0664: others than its owner can write it; remedy: "),
    (lambda world: world.write_policy('{"routes": {"limit": 1, "limit": 2}}'), 'member "limit" is given twice'),
    (lambda world: world.write_policy({"tunnels": {"networks": ["10.0.0.0/33"]}}), "tunnels.networks[0] must have a "),
    (lambda world: world.policy.unlink(), "can't open the policy file "),
])
def test_the_helper_does_not_start_with_a_policy_file_that_is_wrong(limited, spoil, words):
    limited.helper.stop()
    spoil(limited)
    with pytest.raises(AssertionError):
        limited.helper.start()
    assert words in limited.helper.words() and "ready" not in limited.helper.words()


def test_a_policy_that_allows_the_hosts_networks_is_asked_no_more(limited):
    limited.helper.stop()
    limited.write_policy({**POLICY, "host_networks": "allow"})
    limited.helper.start()
    assert f"policy {limited.policy}" in limited.helper.words()
    writer = Frames(limited.helper_socket, API_ACCOUNT)
    try:
        writer.greet("write")
        assert "applyTunnel" in apply_tunnel(writer, 1, "10.77.3.1/24")
        assert "applyPeers" in apply_routes(writer, 1, ["10.78.0.0/24"])
    finally:
        writer.close()


# aifw-apid knows the policy.

def test_a_tunnel_within_a_network_of_the_host_is_refused_beforehand(world):
    body = {"name": "office", "interface": "wg5", "address": "192.0.2.9/28"}
    answer = world.rest.post("/vpn/wg", body).must(422)
    assert answer.fields == {"address"}
    assert "must not overlap 192.0.2.0/24, which this host has" in answer.json["detail"]
    tunnel = world.rest.post("/vpn/wg", body | {"address": "10.5.0.1/24"}).must(201).data
    answer = world.rest.request("PATCH", f"/vpn/wg/{tunnel['id']}", {"address": "10.5.0.1/24, 192.0.2.9/28"}).must(422)
    assert "192.0.2.0/24" in answer.json["detail"]


def test_an_allowed_ip_within_a_network_of_the_host_is_taken_and_not_routed(world):
    tunnel = world.rest.tunnel()
    world.rest.start(tunnel)
    answer = world.rest.post(f"/vpn/wg/{tunnel['id']}/peers", {
        "name": "site", "allowed_ips": ["10.0.0.2/32", "192.0.2.0/25", "172.16.0.0/16"]}).must(201)
    (warning,) = answer.json["warnings"]
    assert warning.startswith("no route to 192.0.2.0/25 is installed") and "192.0.2.0/24" in warning
    assert world.wireguard() == {answer.data["public_key"]: {"10.0.0.2/32", "192.0.2.0/25", "172.16.0.0/16"}}
    assert routes(world, "wg0") == {"172.16.0.0/16"}


def test_a_network_of_the_host_that_appears_later_disturbs_nothing(world):
    tunnel = world.rest.tunnel()
    world.rest.start(tunnel)
    site = world.rest.peer(tunnel, "site", allowed_ips=["10.0.0.2/32", "172.16.0.0/16"])
    add_spare(world)
    world.gateway.ip("address", "add", "172.16.5.1/24", "dev", "spare")
    world.gateway.ip("address", "add", "10.0.0.99/25", "dev", "spare")
    # Not known to aifw-apid yet: learned from the refusal.
    answer = world.rest.post(f"/vpn/wg/{tunnel['id']}/peers", {"name": "b", "allowed_ips": ["10.77.0.0/17"]}).must(201)
    assert "no route to 10.77.0.0/17" in answer.json["warnings"][0]
    # All is compared when the helper is a new one: the route that is there stays, nothing is an error.
    world.helper.kill()
    world.helper.start()
    wait_until(lambda: world.rest.get(f"/vpn/wg/{tunnel['id']}").status == 200, "the helper's return")
    world.rest.peer(tunnel, "c")
    assert routes(world, "wg0") == {"172.16.0.0/16"}
    assert world.rest.get(f"/vpn/wg/{tunnel['id']}").must(200).data["status"] == "up"
    assert not [line for line in world.api.lines() if "could not be put right" in line]
    # It goes with its peer, and is not made again.
    world.rest.delete(f"/vpn/wg/{tunnel['id']}/peers/{site['id']}").must(200)
    assert routes(world, "wg0") == set()
    world.rest.peer(tunnel, "again", allowed_ips=["172.16.0.0/16"])
    assert routes(world, "wg0") == set()
    # Made anew, the tunnel itself would be in the way.
    world.rest.post(f"/vpn/wg/{tunnel['id']}/stop").must(200)
    answer = world.rest.post(f"/vpn/wg/{tunnel['id']}/start").must(422)
    assert answer.fields == {"address"} and "10.0.0.0/25" in answer.json["detail"]


def test_a_tunnel_that_can_not_be_put_right_says_why(world):
    tunnel = world.rest.tunnel()
    world.rest.start(tunnel)
    world.helper.kill()
    for process in world.gateway.processes("wireguard-go"):
        world.gateway.run("kill", str(process))
    wait_until(lambda: "wg0" not in world.gateway.links(), "the end of the interface")
    world.gateway.ip("address", "add", "10.0.0.99/25", "dev", "uplink")
    world.helper.start()
    shown = wait_until(
        lambda: [data for data in world.rest.get("/vpn/wg").must(200).data
                 if "overlap" in (data["status_detail"] or "")],
        "a fault that is shown")
    assert shown[0]["status"] == "error"
    assert shown[0]["status_detail"].startswith("addresses[0] must not overlap 10.0.0.0/25, which this host has")
    world.gateway.ip("address", "delete", "10.0.0.99/25", "dev", "uplink")
    world.rest.start(tunnel)


# The budget of reveals.

def test_reveals_are_counted_recorded_and_held_to_a_budget(binaries):
    world = World(binaries, api=False)
    try:
        reader = Frames(world.helper_socket, API_ACCOUNT)
        reader.greet("read")
        ids = [f"00000000-0000-4000-8000-{number:012}" for number in range(250)]
        sealed = reader.ask({"seal": {"secrets": [
            {"object": name, "class": "client", "purpose": "wireguard-preshared-key"} for name in ids]}})
        items = [{"object": name, "purpose": "wireguard-preshared-key", "secret": each["secret"]}
                 for name, each in zip(ids, sealed["seal"]["sealed"])]
        said = len(world.helper.lines())
        begun, revealed = time.monotonic(), 0
        while "refused" not in (answer := reader.ask({"reveal": {"secrets": items}})):
            revealed += 250
            lines = world.helper.lines()[said:]
            # In the journal before it is answered, and none is left out.
            assert len(lines) == revealed // 250
            counts = f"revealed 250 secrets, {revealed} since the start: "
            assert f"{counts}wireguard-preshared-key of {ids[0]} " in lines[-1]
            assert all(name in lines[-1] for name in ids)
        assert 10_000 <= revealed <= 10_000 + 50 * (time.monotonic() - begun) + 250
        assert answer["refused"]["code"] == "rate" and 1 <= answer["refused"]["retry_after"] <= 5
        assert "inventory" in reader.ask({"inventory": {}}), "the connection goes on"
        reader.close()
        # aifw-apid passes it on, and serves again when it said so.
        world.start_api()
        tunnel = world.rest.tunnel(endpoint="vpn.example.org", address="10.0.0.1/16")
        refused = next(answer for number in range(500) if (answer := many(world, tunnel, number)).status != 201)
        assert refused.status == 429 and int(refused.headers["Retry-After"]) == 1
        time.sleep(1)  # As it was told to.
        many(world, tunnel, "more").must(201)
    finally:
        world.close()


def many(world, tunnel, name):
    """Twenty configurations of new peers, each with two secrets: one by one, a slow disk may not take 50 a second."""
    peers = [{"name": f"{name} {number}", "preshared_key": "auto"} for number in range(20)]
    return world.rest.post(f"/vpn/wg/{tunnel['id']}/peers/bulk", {"peers": peers}, Accept="application/zip")
