"""What only the kernel's own WireGuard shows; run by Tests/VM/run beside Tests/System."""

import base64
import os
import time

import pytest
from ground.agreement import disagreements
from ground.bystander import Bystander
from ground.line import Line

COUNT = 1000


@pytest.fixture
def crowded(world):
    """A tunnel with a bystander, and another one of a thousand peers with keys of their own."""
    tunnel = world.rest.tunnel(enabled=True)
    bystander = Bystander(world, tunnel, world.rest.peer(tunnel, "phone"))
    other = world.rest.tunnel(name="crowd", interface="wg1", listen_port=51821, address="10.1.0.1/16")
    line = Line(world)
    for number in range(COUNT):
        line.ask("POST", f"/vpn/wg/{other['id']}/peers", {
            "name": f"peer {number}", "public_key": base64.b64encode(os.urandom(32)).decode(),
            "allowed_ips": f"10.1.{1 + number // 250}.{1 + number % 250}/32"})
        if number % 100 == 0:
            bystander.goes_on(1)
    line.ask("POST", f"/vpn/wg/{other['id']}/start")
    return world, other, bystander, line


def test_a_tunnel_of_a_thousand_peers_goes_at_once(crowded):
    world, other, bystander, line = crowded
    assert world.gateway.links()["wg1"]["linkinfo"]["info_kind"] == "wireguard"
    assert len(world.wireguard("wg1")) == COUNT
    bystander.goes_on()
    began = time.monotonic()
    line.ask("DELETE", f"/vpn/wg/{other['id']}")
    took = time.monotonic() - began
    print(f"deleting a tunnel of {COUNT} peers took {took:.2f} s")
    # A link that is deleted with its peers takes 12 ms for each (a grace period): so they go first.
    assert took < 6, "the peers were not removed before their link"
    assert "wg1" not in world.gateway.links() and disagreements(world) == []
    bystander.noticed_nothing()


def test_auto_takes_the_kernels_wireguard_though_wireguard_go_is_there(world):
    world.rest.tunnel(enabled=True)
    assert world.gateway.links()["wg0"]["linkinfo"]["info_kind"] == "wireguard"
    assert not world.gateway.processes("wireguard-go")
    assert "wireguard in kernel" in world.helper.words()
