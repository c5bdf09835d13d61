"""The helper touches only links that it made itself, and keeps nothing of what others have."""

import re
from pathlib import Path

import pytest
from ground.frames import Frames
from ground.world import API_ACCOUNT, World


@pytest.mark.parametrize("when", ["before creation", "before start"])
def test_a_link_of_somebody_elses_is_left_alone(world, when):
    def make():
        world.gateway.ip("link", "add", "wg5", "type", "bridge")
        world.gateway.ip("address", "add", "10.55.0.1/24", "dev", "wg5")
        world.gateway.ip("link", "set", "wg5", "up")
        return look()

    def look():
        return world.gateway.ip("address", "show", "dev", "wg5")

    body = {"name": "office", "interface": "wg5", "address": "10.5.0.1/24"}
    if when == "before creation":
        before = make()
        answer = world.rest.post("/vpn/wg", body)
        if answer.status == 201:
            answer = world.rest.post(f"/vpn/wg/{answer.data['id']}/start")
    else:
        tunnel = world.rest.post("/vpn/wg", body).must(201).data
        before = make()
        answer = world.rest.post(f"/vpn/wg/{tunnel['id']}/start")
    assert answer.status in (409, 502), answer.body
    assert "wg5" in answer.body.decode()
    for tunnel in world.rest.get("/vpn/wg").must(200).data:
        assert tunnel["status"] != "up"
        assert world.rest.delete(f"/vpn/wg/{tunnel['id']}").status in (200, 409, 502)
    world.helper.kill()
    world.helper.start()
    assert look() == before


def test_the_next_free_name_steps_over_a_foreign_link(world):
    world.gateway.ip("link", "add", "wg0", "type", "bridge")
    tunnel = world.rest.post("/vpn/wg", {"name": "office", "address": "10.5.0.1/24"}).must(201).data
    assert tunnel["interface"] == "wg1"


def test_an_inventory_keeps_no_route_of_others_in_memory(binaries):
    world = World(binaries, api=False)
    try:
        status = Path(f"/proc/{world.helper.pid}/status")

        def most():
            return int(re.search(r"VmHWM:\s+(\d+)", status.read_text())[1])

        frames = Frames(world.helper_socket, API_ACCOUNT)
        frames.greet("read")
        frames.ask({"inventory": {}})
        before = most()
        world.gateway.ip("link", "add", "spare", "up", "type", "bridge")
        lines = "".join(f"route add 10.{n >> 16}.{n >> 8 & 255}.{n & 255} dev spare\n" for n in range(100_000))
        world.gateway.run("ip", "-batch", "-", input=lines + "route replace default via 192.0.2.254\n")
        assert frames.ask({"inventory": {}})["inventory"]["default_sources"] == ["192.0.2.1"]
        assert most() - before < 4096, "in kB"
    finally:
        world.close()
