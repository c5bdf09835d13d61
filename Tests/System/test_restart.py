"""Daemons that are killed at whatever instruction they are, and started again."""

import os
import signal

import pytest
from ground.client import PingStream
from ground.waiting import wait_until
from ground.world import API_ACCOUNT, World


@pytest.fixture
def busy(world):
    """A running tunnel with a connected client, whose ping stream must not lose a packet."""
    tunnel = world.rest.tunnel()
    phone = world.rest.peer(tunnel, "phone")
    world.rest.peer(tunnel, "laptop")
    world.rest.start(tunnel)
    return world, tunnel, world.connected_client(tunnel, phone)


def expected(world, tunnel):
    """What the API says that the interface has."""
    peers = world.rest.get(f"/vpn/wg/{tunnel['id']}/peers").must(200).data
    return {peer["public_key"]: set(peer["allowed_ips"]) for peer in peers}


@pytest.mark.parametrize("which", [("api",), ("helper",), ("api", "helper")], ids=["apid", "helper", "both"])
def test_a_killed_daemon_comes_back_and_a_bystander_loses_nothing(busy, which):
    world, tunnel, client = busy
    stream, index, handshake = PingStream(client), world.index(), client.handshake()
    for name in which:
        getattr(world, name).kill()
    stream.advance(5)
    if "helper" in which:
        world.helper.start()
    if "api" in which:
        world.start_api()
    # A write that goes through to the interface shows that all are back.
    added = wait_until(lambda: try_to_add(world, tunnel), "a write after the restart", 15)
    assert added["public_key"] in world.wireguard()
    assert world.wireguard() == expected(world, tunnel)
    stream.advance(10)
    stream.stop()
    assert world.index() == index
    assert client.handshake() == handshake


def try_to_add(world, tunnel):
    answer = world.rest.post(f"/vpn/wg/{tunnel['id']}/peers", {"name": "after the restart"})
    assert answer.status in (201, 503), answer.body
    return answer.data if answer.status == 201 else None


class SocketApart(World):
    """Whose API socket is in a folder of its own, as it is unless the settings say otherwise."""

    def _lay_out(self, binaries):
        super()._lay_out(binaries)
        folder = self.folder / "run"
        folder.mkdir(mode=0o711)
        os.chown(folder, API_ACCOUNT, API_ACCOUNT)
        self.api_socket = folder / "api.sock"


def test_a_socket_in_a_folder_of_its_own_is_removed_at_the_end_and_replaced_after_a_kill(binaries):
    world = SocketApart(binaries)
    try:
        world.api.stop()
        assert not world.api_socket.exists()
        world.start_api()
        world.aifw("vpn", "list")
        world.api.kill()
        assert world.api_socket.exists()
        world.start_api()
        world.aifw("vpn", "list")
    finally:
        world.close()


@pytest.mark.parametrize("number", range(5))
def test_acknowledged_writes_survive_a_kill_in_the_middle_of_a_series(busy, number):
    world, tunnel, client = busy
    stream, index = PingStream(client), world.index()
    made = [world.rest.peer(tunnel, f"peer {one}")["id"] for one in range(2 + number)]
    (world.api if number % 2 else world.helper).kill()
    world.helper.start() if not world.helper.runs else world.start_api()
    peers = world.rest.get(f"/vpn/wg/{tunnel['id']}/peers").must(200).data
    assert set(made) <= {peer["id"] for peer in peers}
    wait_until(lambda: world.wireguard() == expected(world, tunnel), "the interface equal to the API's list")
    stream.advance(3)
    stream.stop()
    assert world.index() == index


def kill(pids):
    for pid in pids:
        os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("order", ["daemons first", "wireguard first"])
def test_after_everything_was_killed_the_interface_equals_the_list_again(busy, order):
    world, tunnel, client = busy
    before = expected(world, tunnel)
    in_userspace = bool(world.gateway.processes("wireguard-go"))
    if order == "wireguard first":
        kill(world.gateway.processes("wireguard-go"))
    world.api.kill()
    world.helper.kill()
    world.launcher.kill()
    # Whatever of ours is left in the gateway's namespace.
    kill(world.gateway.processes())
    wait_until(lambda: not world.gateway.processes(), "the end of every process of the gateway")
    if in_userspace:  # Its interface goes with it, though not at once.
        wait_until(lambda: "wg0" not in world.gateway.links(), "the end of the interface")
    else:
        world.gateway.ip("link", "delete", "wg0")
    world.launcher.start()
    world.helper.start()
    world.start_api()
    wait_until(lambda: world.wireguard() == before, "the interface equal to the API's list", 15)
    assert expected(world, tunnel) == before
    assert world.rest.status(tunnel)["running"] is True
    assert client.reaches_again()


def test_without_its_launcher_the_helper_and_all_tunnels_go_on(busy):
    world, tunnel, client = busy
    stream, index = PingStream(client), world.index()
    world.launcher.kill()
    answer = world.rest.post("/vpn/wg", {"name": "other", "address": "10.9.0.1/24", "enabled": True})
    assert answer.status == 502 and "aifw-launcher" in answer.json["detail"], answer.body
    assert world.rest.status(tunnel)["running"] is True
    world.rest.peer(tunnel, "made meanwhile")
    world.launcher.start()
    other = world.rest.post("/vpn/wg", {"name": "other", "address": "10.9.0.1/24", "enabled": True}).must(201).data
    assert world.rest.status(other)["running"] is True
    assert world.index() == index
    stream.advance(5)
    stream.stop()


def test_a_stopped_tunnel_stays_down_over_a_restart(world):
    tunnel = world.rest.tunnel()
    world.rest.start(tunnel)
    world.rest.post(f"/vpn/wg/{tunnel['id']}/stop").must(200)
    world.helper.kill()
    world.api.kill()
    world.helper.start()
    world.start_api()
    assert world.rest.status(tunnel)["running"] is False
    assert "wg0" not in world.gateway.links()
