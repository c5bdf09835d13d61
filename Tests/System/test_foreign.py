"""The helper touches only links that it made itself."""

import pytest


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
