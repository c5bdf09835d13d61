"""Every wrong field is refused with its name and reason, all at once, and changes nothing."""

import pytest

GOOD = {"name": "office", "address": "10.0.0.1/24"}
BREAK = "1.1.1.1\nPostUp = touch /tmp/owned"


@pytest.fixture(scope="module")
def ground(shared_world):
    """A tunnel and a peer that nothing here may change."""
    tunnel = shared_world.rest.tunnel(name="there already")
    shared_world.rest.peer(tunnel, "laptop", allowed_ips=["10.0.0.2/32"])
    return shared_world.rest, tunnel


def everything(rest, tunnel):
    """All that the API shows, to compare."""
    peers = f"/vpn/wg/{tunnel['id']}/peers"
    return [rest.get(path).must(200).intent for path in ("/vpn/wg", peers, f"{peers}/next-ip")]


TUNNELS = [
    ({"name": "", "interface": "eth0", "listen_port": 70000, "address": "10.0.0.1/99", "dns": BREAK, "mtu": 100},
     {"name", "interface", "listen_port", "address", "dns", "mtu"}),
    ({}, {"name", "address"}),
    (GOOD | {"name": "a\nb"}, {"name"}),
    (GOOD | {"name": "x" * 65}, {"name"}),
    (GOOD | {"name": "evil \u202e name"}, {"name"}),
    (GOOD | {"interface": "wg10000"}, {"interface"}),
    (GOOD | {"interface": "wg0; reboot"}, {"interface"}),
    (GOOD | {"interface": "wg01"}, {"interface"}),
    (GOOD | {"listen_port": 0}, {"listen_port"}),
    (GOOD | {"listen_port": "51820"}, {"listen_port"}),
    (GOOD | {"listen_port": 51820.5}, {"listen_port"}),
    (GOOD | {"address": "10.0.0.1"}, {"address"}),
    (GOOD | {"address": "10.0.0.0/24"}, {"address"}),
    (GOOD | {"address": "10.0.0.255/24"}, {"address"}),
    (GOOD | {"address": "300.0.0.1/24"}, {"address"}),
    (GOOD | {"address": "fd00::1/129"}, {"address"}),
    (GOOD | {"address": "10.0.0.1/24\n"}, {"address"}),
    (GOOD | {"dns": "one two"}, {"dns"}),
    (GOOD | {"dns": '1.1.1.1"'}, {"dns"}),
    (GOOD | {"mtu": 65536}, {"mtu"}),
    (GOOD | {"address": "fd00::1/64", "mtu": 1279}, {"mtu"}),
    (GOOD | {"split_routes": "10.0.0.0/33"}, {"split_routes"}),
    (GOOD | {"split_routes": f"10.0.0.0/8, {BREAK}"}, {"split_routes"}),
    (GOOD | {"endpoint": "vpn.example.org\nPostUp = x"}, {"endpoint"}),
    (GOOD | {"endpoint": "vpn.example.org:99999"}, {"endpoint"}),
    (GOOD | {"private_key": "short"}, {"private_key"}),
    (GOOD | {"unheard_of": 1}, {"unheard_of"}),
    (GOOD | {"fwmark": -1}, {"fwmark"}),
    (GOOD | {"enabled": "yes"}, {"enabled"}),
]


@pytest.mark.parametrize("body, fields", TUNNELS)
def test_a_wrong_tunnel_is_refused_by_field(ground, body, fields):
    rest, tunnel = ground
    before = everything(rest, tunnel)
    answer = rest.post("/vpn/wg", body).must(422)
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert answer.fields == fields
    assert all(fault["detail"] for fault in answer.json["errors"])
    assert answer.json["status"] == 422 and answer.json["type"].startswith("/problems/") and answer.json["title"]
    assert everything(rest, tunnel) == before


PEERS = [
    ({"allowed_ips": ["10.0.0.9/33", "x"], "persistent_keepalive": 70000, "endpoint": "a b", "public_key": "no"}, None),
    ({"name": ""}, {"name"}),
    ({"name": "x", "allowed_ips": ["10.0.0.9/24"]}, {"allowed_ips"}),
    ({"name": "x", "allowed_ips": "10.0.0.9/32\nPostUp = x"}, {"allowed_ips"}),
    ({"name": "x", "persistent_keepalive": -1}, {"persistent_keepalive"}),
    ({"name": "x", "persistent_keepalive": 25, "keepalive": 26}, {"keepalive"}),
    ({"name": "x", "public_key": "A" * 43 + "B"}, {"public_key"}),
    ({"name": "x", "endpoint": "1.2.3.4"}, {"endpoint"}),
    ({"name": "x", "endpoint": "1.2.3.4:51820\n"}, {"endpoint"}),
    ({"name": "x", "preshared_key": "no"}, {"preshared_key"}),
    ({"name": "x", "presistent_keepalive": 25}, {"presistent_keepalive"}),
]


@pytest.mark.parametrize("body, fields", PEERS)
def test_a_wrong_peer_is_refused_by_field(ground, body, fields):
    rest, tunnel = ground
    before = everything(rest, tunnel)
    answer = rest.post(f"/vpn/wg/{tunnel['id']}/peers", body).must(422)
    named = {field.split("[")[0] for field in answer.fields}
    if fields is None:
        assert named == {"name", "allowed_ips", "persistent_keepalive", "endpoint", "public_key"}
    else:
        assert fields <= named and named <= fields | {"persistent_keepalive"}
    assert everything(rest, tunnel) == before


def test_an_unknown_member_comes_with_the_nearest_known_one(ground):
    rest, tunnel = ground
    answer = rest.post(f"/vpn/wg/{tunnel['id']}/peers", {"name": "x", "presistent_keepalive": 25}).must(422)
    assert "persistent_keepalive" in answer.json["errors"][0]["detail"]


@pytest.mark.parametrize("body, status", [
    (b"", 400), (b"{", 400), (b'{"name": "a", "name": "b"}', 400), (b'{"name": "\\ud800"}', 400),
    (b'{"name": "\xff"}', 400), (b'{"name": "x"} x', 400), (b"[]", 422), (b'"x"', 422),
    (b'{"name": "x", "address": "10.0.0.1/24", "listen_port": 51820.0}', 422),
    (b'{"name": "x", "address": "10.0.0.1/24", "listen_port": 5e4}', 422),
    (b"[" * 5000, 400), (b" " * (1 << 20) + b"{}", 413),
])
def test_a_body_that_is_no_object_of_json_is_refused(ground, body, status):
    rest, tunnel = ground
    before = everything(rest, tunnel)
    answer = rest.post("/vpn/wg", body).must(status)
    assert answer.json["status"] == status and answer.json["detail"]
    assert everything(rest, tunnel) == before


@pytest.mark.parametrize("path, body, named", [
    ("", {"name": "there already", "address": "10.7.0.1/24"}, "there already"),
    ("", {"name": "new", "address": "10.7.0.1/24", "interface": "wg0"}, "there already"),
    ("", {"name": "new", "address": "10.7.0.1/24", "listen_port": 51820}, "there already"),
    ("", {"name": "new", "address": "10.0.0.129/25"}, "there already"),
    ("peers", {"name": "laptop"}, "laptop"),
    ("peers", {"name": "new", "allowed_ips": ["10.0.0.2/32"]}, "laptop"),
    ("peers", {"name": "new", "allowed_ips": ["10.0.0.0/29"]}, "laptop"),
])
def test_a_clash_names_the_other_object(ground, path, body, named):
    rest, tunnel = ground
    before = everything(rest, tunnel)
    answer = rest.post(f"/vpn/wg/{tunnel['id']}/peers" if path else "/vpn/wg", body).must(409)
    assert named in answer.body.decode()
    assert everything(rest, tunnel) == before


def test_a_peer_with_anothers_public_key_is_a_clash(ground):
    rest, tunnel = ground
    (laptop,) = rest.get(f"/vpn/wg/{tunnel['id']}/peers").must(200).data
    answer = rest.post(f"/vpn/wg/{tunnel['id']}/peers", {"name": "new", "public_key": laptop["public_key"]}).must(409)
    assert "laptop" in answer.body.decode()


@pytest.mark.parametrize("method, path, status", [
    ("GET", "/vpn/wg/not-an-id", 404),
    ("GET", "/vpn/wg/00000000-0000-4000-8000-000000000000", 404),
    ("POST", "/vpn/wg/00000000-0000-4000-8000-000000000000/start", 404),
    ("DELETE", "/vpn/wg/00000000-0000-4000-8000-000000000000", 404),
    ("GET", "/vpn/nothing", 404),
    ("POST", "/vpn/wg/00000000-0000-4000-8000-000000000000/peers/next-ip", 405),
    ("GET", "/vpn/wg?limit=0", 422),
    ("GET", "/vpn/wg?limit=1001", 422),
])
def test_a_wrong_place_is_a_problem_too(ground, method, path, status):
    answer = ground[0].request(method, path).must(status)
    assert answer.headers["Content-Type"].startswith("application/problem+json") and answer.json["detail"]


def test_a_peer_is_not_found_through_another_tunnels_id(ground):
    rest, tunnel = ground
    other = rest.post("/vpn/wg", {"name": "other", "address": "10.8.0.1/24"}).must(201).data
    (laptop,) = rest.get(f"/vpn/wg/{tunnel['id']}/peers").must(200).data
    for method, path in (("GET", "/config"), ("GET", ""), ("DELETE", "")):
        rest.request(method, f"/vpn/wg/{other['id']}/peers/{laptop['id']}{path}").must(404)
    rest.delete(f"/vpn/wg/{other['id']}").must(200)


@pytest.mark.parametrize("token", [None, "", "aifw_", "aifw_" + "A" * 43, "nonsense"])
def test_without_a_good_token_nothing_is_answered(ground, token):
    rest, _ = ground
    mine, rest.token = rest.token, token
    try:
        for path in ("/vpn/wg", "/vpn/wg/00000000-0000-4000-8000-000000000000/status", "/tokens"):
            assert rest.get(path).status == 401
        assert rest.post("/vpn/wg", GOOD).status == 401
    finally:
        rest.token = mine


def test_a_helper_that_is_gone_is_503_and_claims_nothing(world):
    rest = world.rest
    tunnel = rest.tunnel()
    path = f"/vpn/wg/{tunnel['id']}"
    before = everything(rest, tunnel)
    world.helper.stop()
    for answer in (
            rest.post(f"{path}/start"), rest.post(f"{path}/peers", {"name": "laptop"}),
            rest.post("/vpn/wg", {"name": "x", "address": "10.9.0.1/24"}), rest.get(f"{path}/status")):
        assert answer.must(503).headers["Retry-After"]
        assert answer.json["detail"]
    world.helper.start()
    assert everything(rest, tunnel) == before
    assert rest.status(tunnel)["running"] is False
    rest.start(tunnel)
    assert rest.status(tunnel)["running"] is True
