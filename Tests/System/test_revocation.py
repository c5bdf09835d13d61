"""A deleted peer is out when DELETE has answered; nobody else notices."""

from ground.client import PingStream


def test_a_deleted_peers_ping_fails_at_once_and_a_bystanders_does_not(world):
    rest = world.rest
    tunnel = rest.tunnel()
    laptop, phone = rest.peer(tunnel, "laptop"), rest.peer(tunnel, "phone")
    rest.start(tunnel)
    revoked, bystander = world.connected_client(tunnel, laptop), world.connected_client(tunnel, phone)
    stream = PingStream(bystander)
    index = world.index()

    rest.delete(f"/vpn/wg/{tunnel['id']}/peers/{laptop['id']}").must(200)
    assert not revoked.reaches(), "a deleted peer still gets answers"

    assert set(world.wireguard()) == {phone["public_key"]}
    stream.advance(5)
    stream.stop()
    assert world.index() == index


def test_a_peer_added_to_a_running_tunnel_connects_and_disturbs_nobody(world):
    rest = world.rest
    tunnel = rest.tunnel()
    phone = rest.peer(tunnel, "phone")
    rest.start(tunnel)
    stream = PingStream(world.connected_client(tunnel, phone))
    index = world.index()
    for number in range(10):
        laptop = rest.peer(tunnel, f"laptop {number}")
    world.connected_client(tunnel, laptop)
    stream.advance(5)
    stream.stop()
    assert world.index() == index


def test_stopping_a_tunnel_removes_its_interface_and_start_brings_it_back(world):
    rest = world.rest
    tunnel = rest.tunnel()
    laptop = rest.peer(tunnel, "laptop")
    rest.start(tunnel)
    client = world.connected_client(tunnel, laptop)
    rest.post(f"/vpn/wg/{tunnel['id']}/stop").must(200)
    assert "wg0" not in world.gateway.links()
    assert not client.reaches()
    rest.start(tunnel)
    rest.start(tunnel)
    assert client.reaches_again()


def test_deleting_a_tunnel_ends_its_wireguard_process_and_frees_its_port(world):
    rest = world.rest
    tunnel = rest.tunnel(enabled=True)
    rest.peer(tunnel, "laptop")
    rest.delete(f"/vpn/wg/{tunnel['id']}").must(200)
    assert "wg0" not in world.gateway.links()
    assert "51820" not in world.gateway.run("ss", "-Hlun").stdout
    again = rest.tunnel(name="again", enabled=True)
    assert rest.status(again)["running"] is True
