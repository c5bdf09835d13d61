"""The helper's master key is changed, and nobody who uses a tunnel notices."""

import sqlite3
import subprocess
import time

import pytest
from ground.bystander import Bystander
from ground.waiting import wait_until
from ground.world import API_ACCOUNT, HELPER_ACCOUNT

DONE = "all secrets are under the helper's current key; the former may go: aifw-privd --retire-key"
UNOPENED = "secrets that open under no key of the helper were left as they are"
MANY = 1000


def command(world, flag, account=None):
    """Runs a key command as root, or as an account."""
    drop = [] if account is None else ["setpriv", f"--reuid={account}", f"--regid={account}", "--clear-groups"]
    return subprocess.run(
        [*drop, world.binaries / "aifw-privd", flag, "--state-directory", world.state, "--user", str(HELPER_ACCOUNT)],
        text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=20,
        env={"PATH": "/usr/bin:/bin"})


def rotate(world):
    done = command(world, "--rotate-key")
    assert done.returncode == 0, done.stderr
    return done.stdout


def keys(world):
    """How many secrets are under which key: the key's id, bytes 1 to 8 of a sealed secret, to a count."""
    columns = (("tunnel", "private_key"), ("peer", "private_key"), ("peer", "preshared_key"))
    counts = {}
    database = sqlite3.connect(f"file:{world.database}?mode=ro", uri=True, timeout=10)
    try:
        for table, column in columns:
            rows = database.execute(
                f"SELECT hex(substr({column}, 2, 8)), count(*) FROM {table} WHERE {column} IS NOT NULL GROUP BY 1")
            for key, count in rows:
                counts[key] = counts.get(key, 0) + count
    finally:
        database.close()
    return counts


def restart_helper(world):
    world.helper.stop()
    world.helper.start()


def compared(world):
    """Returns when aifw-apid has compared everything over a new connection: it answers a write only after that."""
    wait_until(
        lambda: world.rest.request("PATCH", f"/vpn/wg/{world.spare['id']}", {"mtu": 1400}).status == 200,
        "a write after the restart", 20)


def told(world, text):
    """How often aifw-apid said so, in all its lives."""
    return sum(text in line for line in world.api.lines())


def handshakes(world, interface="wg0"):
    """The gateway's latest handshake with each peer."""
    shown = world.gateway.run("wg", "show", interface, "latest-handshakes").stdout
    return dict(line.split("\t") for line in shown.splitlines())


@pytest.fixture
def used(world):
    """A running tunnel with peers of every kind, and one that pings through it."""
    world.spare = world.rest.tunnel(name="spare", interface="wg9", listen_port=51829, address="10.9.0.1/24")
    world.tunnel = world.rest.tunnel()
    phone = world.rest.peer(world.tunnel, "phone", preshared_key="auto")
    world.peers = [phone, world.rest.peer(world.tunnel, "laptop"),
                   world.rest.peer(world.tunnel, "tablet", preshared_key="auto")]
    world.rest.start(world.tunnel)
    world.bystander = Bystander(world, world.tunnel, phone)
    return world


def everything(world):
    """What a user has of his tunnel: what the API says with its tags, and every client's configuration."""
    tunnel = f"/vpn/wg/{world.tunnel['id']}"
    answers = [world.rest.get(path).must(200) for path in (
        tunnel, f"{tunnel}/peers", *(f"{tunnel}/peers/{peer['id']}" for peer in world.peers))]
    return ([(answer.intent, answer.headers.get("ETag")) for answer in answers],
            [world.rest.config(world.tunnel, peer) for peer in world.peers])


def shown(world):
    return world.rest.get(f"/vpn/wg/{world.tunnel['id']}").must(200).data


def revisions(world):
    """The changes that the log has, but for the reveals that reading a configuration makes."""
    database = sqlite3.connect(f"file:{world.database}?mode=ro", uri=True, timeout=10)
    try:
        return database.execute("SELECT count(*) FROM revision WHERE action <> 'reveal'").fetchone()[0]
    finally:
        database.close()


def test_a_rotated_key_disturbs_nobody(used):
    world, helper = used, used.helper.pid
    before, found, changes = everything(world), handshakes(world), revisions(world)
    (former,) = keys(world)
    assert "at its next start" in rotate(world)
    # The running helper goes on with what it has.
    world.rest.peer(world.spare, "made meanwhile", preshared_key="auto")
    assert world.helper.pid == helper and set(keys(world)) == {former}
    world.bystander.goes_on()
    restart_helper(world)
    wait_until(lambda: told(world, DONE), "the line that all secrets are under the current key")
    (current,) = keys(world)
    assert current != former
    # Four private keys of peers, three pre-shared keys, two of tunnels.
    assert keys(world) == {current: 9}
    assert "secrets=9" in next(line for line in world.api.lines() if DONE in line)
    world.bystander.goes_on()
    done = command(world, "--retire-key")
    assert done.returncode == 0, done.stderr
    restart_helper(world)
    world.api.stop()
    world.start_api()
    changes += 2  # The peer that was made meanwhile, and the next line's write.
    compared(world)
    assert everything(world) == before
    assert revisions(world) == changes
    assert keys(world) == {current: 9}
    assert told(world, DONE) == 1
    # No peer was applied again, nor an interface: that would be a repair, and is logged.
    assert told(world, "repairing a tunnel") == 0 and told(world, UNOPENED) == 0
    # All but the one who pings, whose sessions end by themselves after two minutes.
    for peer in world.peers[1:]:
        assert handshakes(world)[peer["public_key"]] == found[peer["public_key"]]
    world.bystander.noticed_nothing()
    # What is made now is there and works.
    other = world.rest.peer(world.tunnel, "new", preshared_key="auto")
    world.connected_client(world.tunnel, other)


def test_a_key_is_rotated_by_root_and_once_at_a_time(world):
    denied = command(world, "--rotate-key", account=API_ACCOUNT)
    assert denied.returncode != 0 and "root" in denied.stderr, denied.stderr
    early = command(world, "--retire-key")
    assert early.returncode != 0 and "holds one key only" in early.stderr, early.stderr
    rotate(world)
    again = command(world, "--rotate-key")
    assert again.returncode != 0 and "holds two keys already" in again.stderr, again.stderr
    assert "--retire-key" in again.stderr
    assert (world.state / "master.key").stat().st_size == 64
    denied = command(world, "--retire-key", account=API_ACCOUNT)
    assert denied.returncode != 0 and "root" in denied.stderr, denied.stderr
    # The account of the helper itself is not root either.
    assert command(world, "--retire-key", account=HELPER_ACCOUNT).returncode != 0
    assert (world.state / "master.key").stat().st_size == 64


def fill(world, count):
    """Peers with both keys."""
    peers = [{"name": f"peer {number}", "preshared_key": "auto"} for number in range(count)]
    world.rest.post(f"/vpn/wg/{world.tunnel['id']}/peers/bulk", {"peers": peers}).must(201)


@pytest.mark.parametrize("victim", ["api", "helper"])
def test_a_kill_in_the_middle_of_resealing_loses_nothing(world, victim):
    world.spare = world.rest.tunnel(name="spare", interface="wg9", listen_port=51829, address="10.9.0.1/24")
    world.tunnel = world.rest.tunnel(address="10.0.0.1/16", enabled=True)
    fill(world, MANY)
    peers = world.rest.get(f"/vpn/wg/{world.tunnel['id']}/peers?limit=1000").must(200).data
    assert len(peers) == MANY
    world.peers = peers[::100]
    before, total = everything(world), 2 * MANY + 2
    (former,) = keys(world)
    rotate(world)
    amid = 0
    while left := keys(world).get(former, 0):
        if world.helper.runs:
            world.helper.stop()
        if not world.api.runs:
            world.start_api()
        world.helper.start()
        # As soon as another batch is on the disk.
        end = time.monotonic() + 20
        while keys(world).get(former, 0) == left:
            assert time.monotonic() < end, "nothing was sealed anew"
        getattr(world, victim).kill()
        counts = keys(world)
        assert sum(counts.values()) == total
        amid += 0 < counts.get(former, 0) < total
    if not world.helper.runs:
        world.helper.start()
    assert amid, "no kill came between the first batch and the last"
    if not world.api.runs:
        world.start_api()
    compared(world)
    assert told(world, UNOPENED) == 0 and told(world, "repairing a tunnel") == 0
    assert command(world, "--retire-key").returncode == 0
    restart_helper(world)
    compared(world)
    assert everything(world) == before
    assert sum(keys(world).values()) == total


def test_a_former_key_that_is_retired_too_early_is_told_and_can_be_brought_back(used):
    world = used
    before, former = everything(world), keys(world)
    copy = (world.state / "master.key").read_bytes()
    rotate(world)
    world.helper.stop()
    assert command(world, "--retire-key").returncode == 0
    world.helper.start()
    wait_until(lambda: told(world, UNOPENED), "the line that secrets don't open")
    line = next(line for line in world.api.lines() if UNOPENED in line)
    assert "unopened=7" in line and world.tunnel["id"] in line and world.peers[0]["id"] in line, line
    assert told(world, DONE) == 0 and keys(world) == former
    # Traffic goes on; what needs a key says so.
    world.bystander.goes_on()
    peer = f"/vpn/wg/{world.tunnel['id']}/peers/{world.peers[0]['id']}"
    refused = world.rest.get(f"{peer}/config?split_tunnel=false")
    assert refused.status == 500 and "can't open a sealed key" in refused.json["detail"], refused.body
    assert shown(world)["status"] == "error"
    assert "a sealed key does not open" in shown(world)["status_detail"]
    assert world.rest.status(world.tunnel)["running"] is True
    assert world.rest.get(peer).must(200).data["public_key"] == world.peers[0]["public_key"]
    # The key that everything is under is put back from its copy.
    world.helper.stop()
    file = world.state / "master.key"
    file.unlink()
    file.touch(mode=0o400)
    file.write_bytes(copy)
    subprocess.run(["chown", f"{HELPER_ACCOUNT}:{HELPER_ACCOUNT}", file], check=True)
    world.helper.start()
    compared(world)
    assert shown(world)["status_detail"] is None
    assert everything(world) == before
    world.bystander.noticed_nothing()
