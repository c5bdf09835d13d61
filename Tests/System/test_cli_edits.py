"""Edits by the CLI while a tunnel runs: what they change is in the kernel, and nobody else notices."""

import json
import re

import pytest


@pytest.fixture
def office(world):
    """A running tunnel with two peers, one of them connected."""
    tunnel = world.rest.tunnel(name="office")
    laptop = world.rest.peer(tunnel, "laptop")
    phone = world.rest.peer(tunnel, "phone")
    world.rest.start(tunnel)
    return world, tunnel, laptop, phone, world.connected_client(tunnel, laptop)


def shown(done):
    """What the CLI told of an object: label to value."""
    return {line[:16].strip(): line[16:].strip() for line in done.stdout.splitlines()}


def test_a_tunnel_is_edited_while_it_runs(office):
    world, tunnel, _, _, client = office
    index = world.index()
    done = world.aifw("vpn", "wg-edit", "office", "--mtu", "1300", "--dns", "1.1.1.1", "--name", "head office",
                      "--fwmark", "0x2a", "--address", "10.0.0.1/16")
    assert "head office" in done.stdout and "1300" in done.stdout
    assert world.gateway.links()["wg0"]["mtu"] == 1300
    assert world.gateway.run("wg", "show", "wg0", "fwmark").stdout.strip() == "0x2a"
    assert world.index() == index and client.reaches()
    world.aifw("vpn", "wg-edit", "wg0", "--clear", "dns,mtu,fwmark")
    after = world.rest.get(f"/vpn/wg/{tunnel['id']}").must(200).data
    assert (after["dns"], after["mtu"], after["fwmark"], after["name"]) == (None, 1420, None, "head office")
    assert world.gateway.links()["wg0"]["mtu"] == 1420
    assert world.index() == index and client.reaches()


def test_a_tunnels_faults_are_told_by_option(office):
    done = office[0].aifw("vpn", "wg-edit", "office", "--port", "70000", "--mtu", "1", "--address", "x", check=False)
    assert done.returncode == 1 and done.stdout == ""
    for option in ("--port: ", "--mtu: ", "--address: "):
        assert option in done.stderr, done.stderr


def test_a_peer_is_edited_while_another_goes_on(office):
    world, tunnel, laptop, phone, client = office
    world.aifw("vpn", "wg-peer-edit", "--tunnel", "office", "phone", "--allowed-ips", "10.0.0.77/32",
               "--keepalive", "25", "--name", "tablet", "--preshared-key", "auto",
               "--client-routes", "10.9.0.0/16", "--expires", "30d")
    after = world.rest.get(f"/vpn/wg/{tunnel['id']}/peers/{phone['id']}").must(200).data
    assert (after["name"], after["allowed_ips"], after["persistent_keepalive"], after["has_preshared_key"]) == (
        "tablet", ["10.0.0.77/32"], 25, True)
    assert after["client_routes"] == "10.9.0.0/16" and after["expires_at"]
    assert world.wireguard()[phone["public_key"]] == {"10.0.0.77/32"}
    world.aifw("vpn", "wg-peer-edit", "--tunnel", "wg0", "tablet", "--clear", "keepalive,client-routes,expires",
               "--preshared-key", "none")
    after = world.rest.get(f"/vpn/wg/{tunnel['id']}/peers/{phone['id']}").must(200).data
    assert (after["persistent_keepalive"], after["client_routes"], after["expires_at"], after["has_preshared_key"]) == (
        None, None, None, False)
    assert client.reaches() and laptop["public_key"] in world.wireguard()


def test_a_disabled_peer_is_gone_from_the_kernel_until_it_is_enabled(office):
    world, _, laptop, phone, client = office
    assert world.aifw("vpn", "wg-peer-disable", "--tunnel", "office", "laptop").stdout == "Peer disabled\n"
    assert set(world.wireguard()) == {phone["public_key"]}
    assert not client.reaches(tries=1)
    assert world.aifw("vpn", "wg-peer-enable", "--tunnel", "office", "laptop").stdout == "Peer enabled\n"
    assert set(world.wireguard()) == {phone["public_key"], laptop["public_key"]}


def test_a_peer_is_removed_from_the_kernel_too(office):
    world, tunnel, laptop, phone, _ = office
    world.aifw("vpn", "wg-peer-remove", "--tunnel", "office", "laptop")
    assert set(world.wireguard()) == {phone["public_key"]}
    world.rest.get(f"/vpn/wg/{tunnel['id']}/peers/{laptop['id']}").must(404)


def test_rotated_keys_come_with_their_configuration(office):
    world, _, laptop, phone, _ = office
    path = world.folder / "clients" / "laptop.conf"
    done = world.aifw("vpn", "wg-rotate", "--tunnel", "office", "laptop", "-o", path)
    public = shown(done)["public key"]
    assert public != laptop["public_key"]
    assert set(world.wireguard()) == {phone["public_key"], public}
    assert path.stat().st_mode & 0o777 == 0o600
    client = world.client()
    client.bring_up(path.read_text())
    assert client.reaches()


def test_a_peer_whose_configuration_can_not_be_made_yet_was_added_and_it_is_said_how_to_fetch_it(office):
    world, _, laptop, _, _ = office
    # Nobody knows by which address clients reach the gateway.
    world.gateway.ip("route", "delete", "default")
    path = world.folder / "clients" / "guest.conf"
    for done, arguments in {"The peer was added.": ("wg-peer-add", "--tunnel", "office", "--name", "guest"),
                            "The peer has its new keys.": ("wg-rotate", "--tunnel", "office", "laptop")}.items():
        failed = world.aifw("vpn", *arguments, "-o", path, check=False)
        assert failed.returncode == 1 and done in failed.stderr and "Nothing was changed" not in failed.stderr
        assert not path.exists()
    assert laptop["public_key"] not in world.wireguard() and len(world.wireguard()) == 3
    (fetch,) = re.findall("later: (aifw vpn wg-config .*)$", failed.stderr, re.MULTILINE)
    world.gateway.ip("route", "add", "default", "via", "192.0.2.254")
    world.shell(fetch)
    client = world.client()
    client.bring_up((world.folder / "clients" / "peer.conf").read_text())
    assert client.reaches()


def test_a_private_key_that_is_not_kept_is_handed_out_once(office):
    world, tunnel, _, _, _ = office
    path = world.folder / "clients" / "guest.conf"
    world.aifw("vpn", "wg-peer-add", "--tunnel", "office", "--name", "guest", "--no-keep-private-key", "-o", path)
    client = world.client()
    client.bring_up(path.read_text())
    assert client.reaches()
    again = world.aifw("vpn", "wg-config", "--tunnel", "office", "guest", check=False)
    assert again.returncode == 1 and "shown once" in again.stderr
    document = json.loads(world.aifw("vpn", "wg-peer-list", "--tunnel", tunnel["id"], "--json").stdout)
    (guest,) = [peer for peer in document["data"] if peer["name"] == "guest"]
    assert guest["has_private_key"] is False
    # Without -o: standard output has it, and nothing else.
    rotated = world.aifw("vpn", "wg-rotate", "--tunnel", "office", "guest").stdout
    same_form = rotated.startswith("[Interface]\nPrivateKey = ")
    assert same_form
