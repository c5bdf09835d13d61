"""The WireGuard section of the manual, line by line, from a shell, until a real client's packets come back."""

import subprocess

import pytest
from ground.manual import Manual


@pytest.fixture
def manual(world):
    return Manual(world, world.folder / "clients" / "reader")


def test_quickstart_as_printed_carries_a_clients_packets(world, manual):
    tunnel = manual.do("create-tunnel")["data"]
    assert tunnel["name"] == "office-vpn"
    assert (tunnel["interface"], tunnel["listen_port"], tunnel["mtu"]) == ("wg0", 51820, 1420)
    peer = manual.do("add-peer", TID=tunnel["id"])["data"]
    assert peer["allowed_ips"] == ["10.0.0.2/32"] and peer["persistent_keepalive"] == 25
    assert manual.do("download-config", TID=tunnel["id"], PID=peer["id"]) is None
    assert manual.do("start", TID=tunnel["id"])["message"] == "Tunnel started"

    client = world.client()
    client.bring_up((manual.folder / "laptop.conf").read_text())
    assert client.reaches("10.0.0.1")
    assert client.handshake() > 0
    status = world.rest.status(tunnel)
    assert status["running"] is True
    (seen,) = status["peers"]
    assert seen["state"] == "online" and seen["latest_handshake_secs_ago"] >= 0 and seen["transfer_rx"] > 0
    assert seen["endpoint"].startswith("192.0.2.2:")


def test_the_configuration_has_what_the_manual_says(world, manual):
    tunnel = manual.do("create-tunnel")["data"]
    peer = manual.do("add-peer", TID=tunnel["id"])["data"]
    manual.do("download-config", TID=tunnel["id"], PID=peer["id"])
    lines = [line for line in (manual.folder / "laptop.conf").read_text().splitlines() if line]
    values = dict(line.split(" = ", 1) for line in lines if " = " in line)
    assert [line for line in lines if line.startswith("[")] == ["[Interface]", "[Peer]"]
    assert values["Address"] == "10.0.0.2/32" and values["DNS"] == "10.0.0.1" and values["MTU"] == "1420"
    assert values["PublicKey"] == tunnel["public_key"]
    assert values["Endpoint"] == "192.0.2.1:51820"
    assert values["AllowedIPs"] == "0.0.0.0/0" and values["PersistentKeepalive"] == "25"
    public = subprocess.run(
        ["wg", "pubkey"], input=values["PrivateKey"], text=True, check=True, stdout=subprocess.PIPE).stdout.strip()
    assert public == peer["public_key"]


@pytest.mark.parametrize(
    "routes, expected",
    [(None, {"10.0.0.0/24"}), ("172.29.0.0/16, 10.0.0.0/8", {"172.29.0.0/16", "10.0.0.0/8"})],
    ids=["masked tunnel network", "split_routes"])
def test_split_tunnel_routes_only_those_networks(world, routes, expected):
    tunnel = world.rest.tunnel(**({"split_routes": routes} if routes else {}))
    peer = world.rest.peer(tunnel, "laptop")
    world.rest.start(tunnel)
    client = world.client()
    client.bring_up(world.rest.config(tunnel, peer, split=True))
    assert set(client.values["AllowedIPs"]) == expected
    assert client.reaches("10.0.0.1")
    client.namespace.ip("route", "add", "default", "via", "192.0.2.1")
    assert "dev uplink" in client.namespace.ip("route", "get", "198.51.100.7")
    assert "dev laptop" in client.namespace.ip("route", "get", "10.0.0.77")


def test_every_wireguard_endpoint_of_the_manual_answers(world):
    rest = world.rest
    tunnel = rest.tunnel()
    path = f"/vpn/wg/{tunnel['id']}"
    assert [one["id"] for one in rest.get("/vpn/wg").must(200).data] == [tunnel["id"]]
    assert rest.get(f"{path}/peers/next-ip").must(200).json == {"next_ip": "10.0.0.2/32"}
    peer = rest.peer(tunnel, "laptop")
    assert [one["id"] for one in rest.get(f"{path}/peers").must(200).data] == [peer["id"]]
    assert rest.post(f"{path}/start").must(200).json == {"message": "Tunnel started"}
    assert rest.get(f"{path}/status").must(200).json["running"] is True
    assert "message" in rest.post(f"{path}/stop").must(200).json
    assert rest.get(f"{path}/status").must(200).json == {"running": False, "interface": "wg0", "peers": []}
    assert "message" in rest.delete(f"{path}/peers/{peer['id']}").must(200).json
    assert "message" in rest.delete(path).must(200).json
    assert rest.get("/vpn/wg").must(200).data == []
    assert "wg0" not in world.gateway.links()
