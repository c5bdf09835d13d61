"""While a bystander's ping stream runs, everything around it is changed: no packet of it is lost."""

import json

import pytest
from ground.agreement import disagreements
from ground.bystander import Bystander
from ground.line import Line
from ground.waiting import wait_until

COUNT = 100


@pytest.fixture
def calm(world):
    """A running tunnel with a bystander, and a second one."""
    tunnel = world.rest.tunnel(enabled=True)
    phone = world.rest.peer(tunnel, "phone", persistent_keepalive=25)
    other = world.rest.tunnel(
        name="other", interface="wg1", listen_port=51821, address="10.1.0.1/24", enabled=True)
    return world, tunnel, other, Bystander(world, tunnel, phone)


def patch(world, path, **fields):
    return world.rest.request("PATCH", path, fields).must(200).data


def path(tunnel, peer=None):
    return f"/vpn/wg/{tunnel['id']}" + (f"/peers/{peer['id']}" if peer else "")


# What is done to each of the hundred, one after the other; every field alone is in the next test.
EDITS = [
    lambda number: {
        "allowed_ips": [f"10.0.0.{number + 3}/32", f"172.29.{number}.0/24"], "persistent_keepalive": 25,
        "preshared_key": "auto", "endpoint": f"192.0.2.200:{20000 + number}"},
    lambda number: {"enabled": False},
    lambda number: {"enabled": True},
    lambda number: {"allowed_ips": [f"10.0.0.{number + 3}/32"], "persistent_keepalive": None, "preshared_key": None},
]


def test_a_hundred_peers_come_change_and_go_beside_a_bystander(calm):
    world, tunnel, _, bystander = calm
    line = Line(world)
    peers = [line.ask("POST", f"{path(tunnel)}/peers", {"name": f"peer {number}"}) for number in range(COUNT)]
    bystander.goes_on()
    assert len(world.wireguard()) == COUNT + 1
    for edit in EDITS:
        for number, peer in enumerate(peers):
            peers[number] = line.ask("PATCH", path(tunnel, peer), edit(number))
        assert disagreements(world) == []
        bystander.goes_on()
    for peer in peers:
        assert line.ask("POST", f"{path(tunnel, peer)}/rotate")["public_key"] != peer["public_key"]
    assert disagreements(world) == []
    bystander.goes_on()
    for peer in peers:
        line.ask("DELETE", path(tunnel, peer))
    assert len(world.wireguard()) == 1
    bystander.noticed_nothing()


def test_an_edit_of_a_peer_is_in_the_kernel_when_it_is_answered(calm):
    world, tunnel, _, bystander = calm
    peer = world.rest.peer(tunnel, "laptop", endpoint="192.0.2.200:20000")

    def shown(what):
        # A pre-shared key itself never comes here: a failing test would print it.
        lines = world.gateway.run("sh", "-c", f"wg show wg0 {what} | sed 's/\t[^\t]*=$/\ta key/'").stdout
        return dict(line.split("\t") for line in lines.splitlines())[peer["public_key"]]

    patch(world, path(tunnel, peer), allowed_ips="10.0.0.77/32, 172.29.0.0/16")
    assert set(shown("allowed-ips").split()) == {"10.0.0.77/32", "172.29.0.0/16"}
    assert "dev wg0" in world.gateway.ip("route", "get", "172.29.0.1")
    patch(world, path(tunnel, peer), allowed_ips="10.0.0.77/32")
    assert shown("allowed-ips") == "10.0.0.77/32"
    assert "dev wg0" not in world.gateway.ip("route", "get", "172.29.0.1")
    patch(world, path(tunnel, peer), persistent_keepalive=17)
    assert shown("persistent-keepalive") == "17"
    patch(world, path(tunnel, peer), endpoint="192.0.2.201:20001")
    assert shown("endpoints") == "192.0.2.201:20001"
    patch(world, path(tunnel, peer), preshared_key="auto")
    assert shown("preshared-keys") == "a key"
    patch(world, path(tunnel, peer), preshared_key="")
    assert shown("preshared-keys") == "(none)"
    patch(world, path(tunnel, peer), enabled=False)
    assert peer["public_key"] not in world.wireguard()
    patch(world, path(tunnel, peer), enabled=True)
    assert world.wireguard()[peer["public_key"]] == {"10.0.0.77/32"}
    bystander.noticed_nothing()


def test_a_change_that_is_refused_leaves_the_session_of_its_peer(world):
    tunnel = world.rest.tunnel(enabled=True)
    peer = world.rest.peer(tunnel, "phone")
    client = world.connected_client(tunnel, peer)
    # Somebody's own way to the network that the peer is to have.
    world.gateway.ip("route", "add", "192.168.50.0/24", "via", "192.0.2.254")

    def session():
        return [world.gateway.run("wg", "show", "wg0", what).stdout for what in ("endpoints", "latest-handshakes")]

    former = session()
    wanted = {"allowed_ips": [*peer["allowed_ips"], "172.29.0.0/24", "192.168.50.0/24"]}
    key = world.gateway.run("sh", "-c", "wg genkey | wg pubkey").stdout.strip()
    for fields in ({"endpoint": "192.0.2.9:9"}, {"public_key": key}):
        answer = world.rest.request("PATCH", path(tunnel, peer), wanted | fields)
        assert answer.status == 502 and "Nothing was changed" in answer.json["detail"]
        assert answer.fields == {"allowed_ips"}
        assert session() == former
        # The other route, which was made, is gone again.
        assert "dev wg0" not in world.gateway.ip("route", "get", "172.29.0.1")
    assert client.reaches()
    assert session() == former and disagreements(world) == []


def facts(world, interface):
    """Port, MTU, addresses and mark of an interface, as the kernel has them."""
    port, mark = (world.gateway.run("wg", "show", interface, what).stdout.strip() for what in ("listen-port", "fwmark"))
    (shown,) = json.loads(world.gateway.ip("-json", "address", "show", "dev", interface))
    addresses = {f"{one['local']}/{one['prefixlen']}" for one in shown["addr_info"] if one["scope"] != "link"}
    return {"port": port, "mtu": shown["mtu"], "addresses": addresses, "mark": mark}


CHANGES = [
    ({"listen_port": 51900}, {"port": "51900"}),
    ({"mtu": 1300}, {"mtu": 1300}),
    ({"address": "10.2.0.1/24"}, {"addresses": {"10.2.0.1/24"}}),
    ({"address": "10.2.0.1/24, fd00:2::1/64"}, {"addresses": {"10.2.0.1/24", "fd00:2::1/64"}}),
    ({"fwmark": 51}, {"mark": "0x33"}),
    ({"fwmark": 0}, {"mark": "off"}),
    ({"dns": "10.2.0.1", "name": "renamed", "endpoint": "vpn.example.org"}, {}),
    ({"listen_port": 51901, "mtu": 1420, "address": "10.3.0.1/16"},
     {"port": "51901", "mtu": 1420, "addresses": {"10.3.0.1/16"}}),
]


def test_a_second_tunnel_changes_in_place_and_alone(calm):
    world, tunnel, other, bystander = calm
    world.rest.peer(other, "laptop")
    index, former, first = world.index("wg1"), facts(world, "wg1"), facts(world, "wg0")
    for fields, expected in CHANGES:
        patch(world, path(other), **fields)
        former |= expected
        assert facts(world, "wg1") == former, f"after {fields}"
        assert world.index("wg1") == index, f"{fields} made the interface anew"
    key = other["public_key"]
    for verb in ("stop", "start"):
        world.rest.post(f"{path(other)}/{verb}").must(200)
    assert world.gateway.run("wg", "show", "wg1", "public-key").stdout.strip() == key
    world.rest.delete(path(other)).must(200)
    assert facts(world, "wg0") == first
    bystander.noticed_nothing()


def test_a_new_key_of_a_second_tunnel_takes_effect_in_place(calm):
    world, _, other, bystander = calm
    peer = world.rest.peer(other, "laptop")
    index = world.index("wg1")
    # A private key of somebody else's making, on its way in memory only.
    private = world.gateway.run("wg", "genkey").stdout.strip()
    public = world.gateway.run("wg", "pubkey", input=private).stdout.strip()
    changed = patch(world, path(other), private_key=private)
    assert changed["public_key"] == public
    assert world.gateway.run("wg", "show", "wg1", "public-key").stdout.strip() == public
    assert world.index("wg1") == index and set(world.wireguard("wg1")) == {peer["public_key"]}
    bystander.noticed_nothing()


OWN = [
    ({"address": "10.0.0.1/24, 10.50.0.1/24"}, {"addresses": {"10.0.0.1/24", "10.50.0.1/24"}}),
    ({"address": "10.0.0.1/24, fd00:50::1/64"}, {"addresses": {"10.0.0.1/24", "fd00:50::1/64"}}),
    ({"address": "10.0.0.1/24"}, {"addresses": {"10.0.0.1/24"}}),
    ({"mtu": 1440}, {"mtu": 1440}),
    ({"dns": "10.0.0.1"}, {}),
    ({"fwmark": "0x33"}, {"mark": "0x33"}),
    ({"fwmark": None}, {"mark": "off"}),
    ({"name": "renamed", "split_routes": "10.0.0.0/8", "endpoint": "vpn.example.org:51820"}, {}),
]


def test_the_bystanders_own_tunnel_changes_under_its_feet(calm):
    world, tunnel, _, bystander = calm
    former = facts(world, "wg0")
    for fields, expected in OWN:
        patch(world, path(tunnel), **fields)
        former |= expected
        assert facts(world, "wg0") == former, f"after {fields}"
        bystander.goes_on()
    bystander.noticed_nothing()


def attempt(world, tunnel, name):
    """A creation while daemons come and go: done, or refused because the helper is away."""
    try:
        answer = world.rest.post(f"{path(tunnel)}/peers", {"name": name})
    except OSError:
        return None  # Nobody listens, or the connection was cut.
    assert answer.status in (201, 503), answer.body
    return answer.data if answer.status == 201 else None


@pytest.mark.parametrize("which", ["helper", "api"])
def test_a_daemon_is_killed_again_and_again_amid_edits(calm, which):
    world, tunnel, _, bystander = calm
    made = set()
    for number in range(5):
        for one in range(4):
            peer = attempt(world, tunnel, f"peer {number} {one}")
            made |= {peer["public_key"]} if peer else set()
        getattr(world, which).kill()
        attempt(world, tunnel, f"peer {number} in between")
        if which == "helper":
            world.helper.start()
        else:
            world.start_api()
        wait_until(lambda: attempt(world, tunnel, f"peer {number} after"), "a write after the restart", 15)
        bystander.goes_on()
    assert len(made) == 20 and made <= set(world.wireguard())
    assert disagreements(world) == []
    bystander.noticed_nothing()
