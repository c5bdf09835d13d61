"""What is done once and what is done at once: retries across SIGKILL, and ten thousand peers in one request."""

import http.client
import random
import sqlite3
import threading
from contextlib import closing

from ground.agreement import disagreements

ROUNDS = 15
MANY = 10_000


def done(world, action):
    """How often it was done, by the log of changes."""
    with closing(sqlite3.connect(f"file:{world.database}?mode=ro", uri=True)) as database:
        return database.execute("SELECT count(*) FROM revision WHERE action = ?", [action]).fetchone()[0]


def test_a_retry_across_a_sigkill_does_nothing_twice(world):
    """Each key is sent, and again after the daemon was killed at some moment: what is done is in the log once."""
    dice = random.Random("once")
    rest, tunnel = world.rest, world.rest.tunnel(enabled=True)
    peer = rest.peer(tunnel, "laptop")
    path = f"/vpn/wg/{tunnel['id']}/peers/{peer['id']}/rotate"
    outcomes = []

    def send(key):
        try:
            outcomes.append(rest.post(path, None, Idempotency_Key=key).status)
        except (OSError, http.client.HTTPException):
            outcomes.append(None)

    lost = 0
    for number in range(ROUNDS):
        key = f"round {number}"
        sender = threading.Thread(target=send, args=[key])
        sender.start()
        threading.Event().wait(dice.uniform(0, 0.04))  # A moment by the dice, not something to wait for.
        world.api.kill()
        sender.join(timeout=60)
        assert not sender.is_alive()
        world.start_api()
        answer = rest.post(path, None, Idempotency_Key=key)
        if answer.status == 409:
            assert answer.json["type"] == "/problems/idempotency-answer-lost"
            assert f'rotate of peer "laptop" ({peer["id"]})' in answer.json["detail"]
            lost += 1
        else:
            answer.must(200)
        assert done(world, "rotate") == number + 1, f"round {number}: {outcomes}"
        assert rest.post(path, None, Idempotency_Key=key).status == answer.status
        assert done(world, "rotate") == number + 1
    assert disagreements(world) == []
    assert lost < ROUNDS, "no round had an answer"


def test_ten_thousand_peers_in_one_request_while_others_read(world):
    rest, tunnel = world.rest, world.rest.tunnel(address="10.0.0.1/16", enabled=True)
    other = rest.tunnel(name="other", interface="wg1", listen_port=51821, address="10.1.0.1/24")
    path = f"/vpn/wg/{tunnel['id']}/peers"
    answers = []
    sender = threading.Thread(target=lambda: answers.append(
        rest.post(f"{path}/bulk", {"peers": [{"name": f"peer {number}"} for number in range(MANY)]})))
    sender.start()
    reads = 0
    while sender.is_alive():
        for place in (f"/vpn/wg/{other['id']}", f"{path}?limit=1", "/vpn/wg", f"/vpn/wg/{other['id']}/status"):
            answer = rest.get(place).must(200)
            if "total" in answer.json and place.startswith(path):
                assert answer.json["total"] in (0, MANY), "half of it was seen"
        reads += 1
    assert reads > 1
    peers = answers[0].must(201).data
    assert len(peers) == MANY and len({peer["allowed_ips"][0] for peer in peers}) == MANY
    assert peers[0]["allowed_ips"] == ["10.0.0.2/32"]
    assert set(world.wireguard()) == {peer["public_key"] for peer in peers}
    assert disagreements(world) == []
