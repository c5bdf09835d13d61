"""The manual's CLI lines to the letter, and the CLI's own words around them."""

import json
import stat
import subprocess

import pytest

PEER = "aifw vpn wg-peer-add --tunnel {tunnel} --name {name} --pubkey {key} --endpoint 1.2.3.4:51820"
NOBODY = "00000000-0000-4000-8000-000000000000"


def key():
    """A public key of somebody else's making. The private one never leaves the pipe."""
    made = subprocess.run("wg genkey | wg pubkey", shell=True, check=True, text=True, stdout=subprocess.PIPE)
    return made.stdout.strip()


def test_the_manuals_lines_make_show_and_remove(world):
    world.shell("aifw vpn wg-add --name wg0 --interface wg0 --port 51820 --address 10.0.0.1/24")
    (tunnel,) = world.rest.get("/vpn/wg").must(200).data
    assert (tunnel["name"], tunnel["listen_port"], tunnel["address"]) == ("wg0", 51820, "10.0.0.1/24")
    public = key()
    world.shell(PEER.format(tunnel=tunnel["id"], name="laptop", key=public))
    (peer,) = world.rest.get(f"/vpn/wg/{tunnel['id']}/peers").must(200).data
    assert (peer["public_key"], peer["endpoint"]) == (public, "1.2.3.4:51820")
    assert peer["allowed_ips"] == ["10.0.0.2/32"], "without --allowed-ips the next free address is taken"
    shown = world.shell("aifw vpn list").stdout
    assert "wg0" in shown and tunnel["id"] in shown
    world.shell(f"aifw vpn remove {tunnel['id']}")
    assert world.rest.get("/vpn/wg").must(200).data == []


def test_a_second_peer_line_as_printed_takes_the_next_address(world):
    tunnel = world.rest.tunnel()
    for name in ("laptop", "phone"):
        world.shell(PEER.format(tunnel=tunnel["id"], name=name, key=key()))
    peers = world.rest.get(f"/vpn/wg/{tunnel['id']}/peers").must(200).data
    assert {peer["name"]: peer["allowed_ips"] for peer in peers} == {
        "laptop": ["10.0.0.2/32"], "phone": ["10.0.0.3/32"]}


def test_a_client_set_up_by_the_cli_alone_reaches_the_gateway(world):
    world.shell("aifw vpn wg-add --name office --interface wg0 --port 51820 --address 10.0.0.1/24")
    (tunnel,) = json.loads(world.aifw("vpn", "wg-list", "--json").stdout)["data"]
    world.shell(f"aifw vpn wg-peer-add --tunnel {tunnel['id']} --name laptop")
    (peer,) = json.loads(world.aifw("vpn", "wg-peer-list", "--tunnel", tunnel["id"], "--json").stdout)["data"]
    world.shell(f"aifw vpn wg-start {tunnel['id']}")
    client = world.client()
    client.bring_up(world.aifw("vpn", "wg-config", "--tunnel", tunnel["id"], peer["id"]).stdout)
    assert client.reaches()
    assert "laptop" in world.aifw("vpn", "wg-status", tunnel["id"]).stdout
    split = world.aifw("vpn", "wg-config", "--tunnel", tunnel["id"], peer["id"], "--split").stdout
    assert "AllowedIPs = 10.0.0.0/24" in split.splitlines()
    world.shell(f"aifw vpn wg-stop {tunnel['id']}")
    assert "wg0" not in world.gateway.links()


def test_remove_takes_a_peers_id_too(world):
    tunnel = world.rest.tunnel()
    peer = world.rest.peer(tunnel, "laptop")
    world.shell(f"aifw vpn remove {peer['id']}")
    assert world.rest.get(f"/vpn/wg/{tunnel['id']}/peers").must(200).data == []


@pytest.mark.parametrize("line, word", [
    ("aifw vpn wg-add --name x --interface eth0 --port 70000 --address 10.0.0.1/99", "address"),
    (f"aifw vpn remove {NOBODY}", NOBODY),
    (f"aifw vpn wg-peer-add --tunnel {NOBODY} --name x", "tunnel"),
    ("aifw vpn frobnicate", "frobnicate"),
])
def test_errors_go_to_stderr_with_a_status(shared_world, line, word):
    done = shared_world.shell(line, check=False)
    assert done.returncode != 0
    assert done.stdout == ""
    assert word in done.stderr


def test_without_the_daemon_it_says_where_it_looked(shared_world):
    done = shared_world.shell("AIFW_API_SOCKET=/nowhere/api.sock aifw vpn list", check=False)
    assert done.returncode != 0 and "/nowhere/api.sock" in done.stderr


def test_the_api_socket_admits_only_its_owner_and_group(shared_world):
    mode = stat.S_IMODE(shared_world.api_socket.stat().st_mode)
    assert mode == 0o660
