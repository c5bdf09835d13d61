"""The event stream: every change once and in its order whoever is cut off, what the kernel shows, and what a stream may
cost."""

import json
import random
import signal
import subprocess
import threading
import time

import pytest
from ground.process import Process
from ground.stream import Stream
from ground.waiting import wait_until

CHANGES = {"create", "update", "delete", "start", "stop", "rotate", "import", "restore"}


def log(rest):
    """What a stream tells of, from the log: revision, action, object."""
    lines, cursor = [], ""
    while True:
        page = rest.get(f"/audit?limit=1000&sort=revision{cursor}").must(200).json
        lines += [(one["revision"], one["action"], one["object"]) for one in page["data"] if one["action"] in CHANGES]
        if "next_cursor" not in page:
            return lines
        cursor = f"&cursor={page['next_cursor']}"


def told(data):
    return data["revision"], data["action"], data["object"]


def reader(world, name="reader", **fields):
    """The API for the holder of a token that may read the VPN, and the token's id."""
    made = world.rest.post("/tokens", {"name": name, "scopes": ["vpn:read"]} | fields).must(201).data
    return world.rest.by(made["token"]), made["id"]


class Writers:
    """Four callers who each make peers and delete every other one."""

    def __init__(self, world, tunnel, names):
        self._faults = []
        self._threads = [threading.Thread(target=self._write, args=(world.rest, tunnel, name, 17))
                         for name in names]
        for thread in self._threads:
            thread.start()

    def _write(self, rest, tunnel, name, count):
        try:
            for number in range(count):
                peer = rest.peer(tunnel, f"{name}-{number}")
                if number % 2:
                    rest.delete(f"/vpn/wg/{tunnel['id']}/peers/{peer['id']}").must(200)
        except BaseException as fault:
            self._faults.append(fault)

    def done(self):
        for thread in self._threads:
            thread.join()
        assert not self._faults, self._faults


def test_every_change_comes_once_and_in_order_though_the_reader_is_cut_off_and_the_daemon_killed(world):
    dice = random.Random(7)
    tunnel = world.rest.tunnel()
    seen, cuts = [], 0
    stream = Stream(world.rest, query="?last_event_id=0")

    def read(rest, enough):
        nonlocal stream, cuts
        left = dice.randrange(1, 12)
        while not enough():
            seen.append(told(stream.until(lambda event, _: event == "change")))
            left -= 1
            if left == 0:
                # Whatever is on the way is lost.
                stream.close()
                stream, left, cuts = Stream(rest, last=stream.last), dice.randrange(1, 12), cuts + 1

    for names in ("abcd", "efgh"):
        writers = Writers(world, tunnel, names)
        aim = len(seen) + 60
        read(world.rest, lambda: len(seen) >= aim)
        writers.done()
        last = log(world.rest)[-1][0]
        read(world.rest, lambda: seen and seen[-1][0] >= last)
        if names == "abcd":
            # One more that it has not seen when everything ends.
            stream.close()
            world.rest.peer(tunnel, "unseen")
            world.api.kill()
            world.start_api()
            stream = Stream(world.rest, last=stream.last)
    stream.close()
    assert seen == log(world.rest)
    assert len(seen) > 200 and cuts > 20
    # The other way to say it, and to have an end.
    with Stream(world.rest, query="?follow=false&last_event_id=0") as whole:
        assert [told(data) for _, data in whole] == seen
    differing = world.rest.get("/events?last_event_id=1", Last_Event_ID="2").must(422)
    assert differing.fields == {"last_event_id"}


def test_users_and_tokens_are_for_administrators_and_what_is_hidden_is_passed_over(world):
    rest, _ = reader(world)
    with Stream(rest) as stream, Stream(world.rest) as admin, Stream(rest, path=world.api_socket) as local:
        stream.block()
        for number in range(120):
            world.rest.post("/tokens", {"name": f"t{number}", "scopes": ["vpn:read"]}).must(201)
        tunnel = world.rest.tunnel()
        assert told(stream.until(lambda *_: True))[1:] == (
            "create", {"type": "tunnel", "id": tunnel["id"], "name": "office-vpn"})
        for other in (admin, local):
            kinds = [other.until(lambda event, _: event == "change")["object"]["type"] for _ in range(121)]
            assert kinds == ["token"] * 120 + ["tunnel"]
    # Who may not see the last changes knows that they are behind him.
    last = int(stream.last)
    for number in range(120):
        world.rest.post("/tokens", {"name": f"u{number}", "scopes": ["vpn:read"]}).must(201)
    with Stream(rest, last=last, query="?follow=false") as resumed:
        assert list(resumed) == [] and int(resumed.last) > last
    for text in ("x", "-1", "1e3", str(2 ** 70), str(last + 10_000)):
        with Stream(rest, last=text, query="?follow=false") as reset:
            ((event, data),) = list(reset)
            assert event == "reset" and data["revision"] == int(reset.last) == log(world.rest)[-1][0]


def interface_deleted(world, stream):
    """The status that is told when the interface is deleted behind our back. It is put right every 30 s: if that comes
    before anybody has looked, there is nothing to tell, and it is deleted once more."""
    for last in (False, False, True):
        world.gateway.ip("link", "delete", "wg0")
        try:
            return stream.until(lambda event, _: event == "status", 10)
        except AssertionError:
            if last:
                raise


def test_handshakes_and_what_becomes_of_an_interface_are_told(world):
    rest, _ = reader(world)
    tunnel = world.rest.tunnel()
    peer = world.rest.peer(tunnel, "laptop")
    with Stream(rest) as stream:
        stream.block()
        world.rest.start(tunnel)
        up = stream.until(lambda event, data: event == "status" and data["status"] == "up")
        assert up["object"] == {"type": "tunnel", "id": tunnel["id"], "name": "office-vpn"}
        client = world.connected_client(tunnel, peer)
        shaken = stream.until(lambda event, _: event == "handshake")
        assert shaken["tunnel"] == {"id": tunnel["id"], "name": "office-vpn"}
        (one,) = shaken["peers"]
        assert (one["id"], one["name"], one["state"]) == (peer["id"], "laptop", "online") and one["latest_handshake"]
        assert client.handshake()
        broken = interface_deleted(world, stream)
        assert broken["status"] == "error" and "missing" in broken["status_detail"]
        world.rest.start(tunnel)
        stream.until(lambda event, data: event == "status" and data["status"] == "up")
        world.rest.request("PATCH", f"/vpn/wg/{tunnel['id']}/peers/{peer['id']}", {"enabled": False}).must(200)
        off = stream.until(lambda event, data: event == "handshake" and data["peers"][0]["state"] == "disabled")
        assert off["peers"][0]["latest_handshake"] is None


def test_a_stream_ends_with_the_token_and_the_session_that_it_came_by(world):
    revoked, token = reader(world, "revoked")
    expired, _ = reader(world, "expired", expires_at=time.strftime(
        "%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 6)))
    with Stream(revoked) as first, Stream(expired) as second, Stream(world.rest) as other:
        assert second.status == 200
        world.rest.delete(f"/tokens/{token}").must(200)
        assert first.ends()
        assert Stream(revoked).answer.json["type"] == "/problems/unauthenticated"
        assert second.ends()
        # That of another caller goes on.
        tunnel = world.rest.tunnel()
        assert other.until(lambda _, data: data["object"]["type"] == "tunnel")["object"]["id"] == tunnel["id"]


def test_there_are_so_many_streams_and_no_more_and_each_that_ends_makes_room(world):
    rest, _ = reader(world)
    own = [Stream(rest) for _ in range(16)]
    refused = Stream(rest).answer.must(503)
    assert refused.json["type"] == "/problems/too-many-streams" and refused.headers["Retry-After"] == "5"
    head = rest.request("HEAD", "/events").must(200)
    assert head.headers["Content-Type"] == "text/event-stream" and head.body == b""
    others = [Stream(other) for name in "xyz" for other in [reader(world, name)[0]] for _ in range(16)]
    assert all(one.status == 200 for one in own + others)
    assert "over the network" in Stream(world.rest).answer.must(503).json["detail"]
    # Nobody on this host is kept out by that.
    local = [Stream(rest, path=world.api_socket) for _ in range(32)]
    assert all(one.status == 200 for one in local)
    Stream(rest, path=world.api_socket).answer.must(503)
    world.aifw("vpn", "list")
    for place, path in ((own, None), (local, world.api_socket)):
        place.pop().close()
        wait_until(lambda: Stream(rest, path=path).status == 200, "room for another one")
    for one in own + others + local:
        one.close()
    wait_until(lambda: Stream(world.rest).status == 200, "room for all")


def test_who_reads_nothing_is_cut_off_and_costs_little_and_others_hear_everything(world):
    tunnel = world.rest.tunnel(address="10.64.0.1/16")
    start = int(log(world.rest)[-1][0])
    peers = [{"name": f"p{number}"} for number in range(6000)]
    world.rest.post(f"/vpn/wg/{tunnel['id']}/peers/bulk", {"peers": peers}).must(201)
    world.rest.get("/vpn/summary").must(200)
    before = Process(world.api.pid).private_kib()
    slow = [Stream(world.rest, last=start, receive=4096) for _ in range(8)]
    began = time.monotonic()
    with Stream(world.rest, last=start) as other:
        assert [other.until(lambda *_: True)["revision"] for _ in range(6000)] == list(range(start + 1, start + 6001))
        # Their places become free: 16 fit in beside this one's only when all of them have gone.
        more = [Stream(world.rest) for _ in range(7)]
        assert all(one.status == 200 for one in more) and Stream(world.rest).status == 503
        grown = Process(world.api.pid).private_kib() - before
        wait_until(lambda: Stream(world.rest).status == 200, "the slow ones to be cut off", 40)
        assert time.monotonic() - began > 15
        last = world.rest.peer(tunnel, "last")
        assert other.until(lambda event, _: event == "change")["object"]["id"] == last["id"]
    assert grown < 16 << 10, f"{grown} KiB for 8 streams of whom nobody reads"
    for one in slow + more:
        one.close()


def _read_to_the_end(stream, ended):
    """What a client does: it closes when the stream has ended."""
    with stream:
        ended.append(stream.ends())


@pytest.mark.parametrize("version", ["--http1.1", "--http2"])
def test_the_daemon_stops_at_once_with_streams_open(world, version):
    out = world.folder / "clients" / "out"
    headers = world.folder / "clients" / "headers"
    headers.touch(mode=0o600)
    headers.write_text(f"Authorization: Bearer {world.rest.token}\n")
    with out.open("wb") as output:
        curl = subprocess.Popen(
            ["curl", "-sSN", version, "--max-time", "60", "--cacert", world.certificate, "-H", f"@{headers}",
             f"https://localhost:{world.rest.port}/api/v1/events"], stdout=output, stderr=subprocess.PIPE)
    try:
        wait_until(lambda: out.read_bytes().startswith(b"retry: 2000\n"), "the stream")
        tunnel = world.rest.tunnel()
        wait_until(lambda: tunnel["id"].encode() in out.read_bytes(), "the change")
        ended = []
        readers = [threading.Thread(target=_read_to_the_end, args=(Stream(world.rest, path=path), ended))
                   for path in (None, world.api_socket)]
        for thread in readers:
            thread.start()
        began = time.monotonic()
        world.api.stop()
        took = time.monotonic() - began
        for thread in readers:
            thread.join()
        assert ended == [True, True]
        assert curl.wait(timeout=10) == 0, curl.stderr.read()
        assert took < 5, f"{took:.1f} s"
    finally:
        curl.kill()
        curl.wait()
        curl.stderr.close()


def test_the_command_line_follows_and_goes_on_after_a_restart(world):
    tunnel = world.rest.tunnel()
    assert "create    tunnel office-vpn" in world.aifw("events").stdout
    revision = log(world.rest)[-1][0]
    assert world.aifw("events", "--since", revision).stdout == ""
    # Who fetches a configuration leaves a revision that is no change.
    peer = world.rest.peer(tunnel, "fetched")
    for _ in range(60):
        world.rest.config(tunnel, peer)
    assert "create    peer fetched" in world.aifw("events").stdout
    revision = log(world.rest)[-1][0]
    out, err = (world.folder / "clients" / name for name in ("out", "err"))
    with out.open("wb") as output, err.open("wb") as errors:
        process = subprocess.Popen(
            [world.binaries / "aifw", "events", "--follow", "--since", str(revision), "--json", "--api-socket",
             world.api_socket], stdout=output, stderr=errors, stdin=subprocess.DEVNULL)
    try:
        def objects():
            lines = [json.loads(line) for line in out.read_text().splitlines() if line.endswith("}")]
            return [line["data"]["object"]["name"] for line in lines if line["event"] == "change"]

        world.rest.peer(tunnel, "first")
        wait_until(lambda: objects() == ["first"], "the first change")
        world.api.stop()
        wait_until(lambda: "has ended the stream" in err.read_text(), "a word of the end")
        world.start_api()
        world.rest.peer(tunnel, "second")
        wait_until(lambda: objects() == ["first", "second"], "the second change")
        assert "connected again" in err.read_text()
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == -signal.SIGINT
        assert len(err.read_text().splitlines()) == 2, err.read_text()
    finally:
        process.kill()
        process.wait()


def test_the_command_line_ends_when_nobody_reads_what_it_says(world):
    process = subprocess.Popen(
        [world.binaries / "aifw", "events", "--follow", "--since", "0", "--api-socket", world.api_socket],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    try:
        assert b"create    token system-tests" in process.stdout.readline()
        process.stdout.close()
        world.rest.tunnel()
        assert process.wait(timeout=10) == -signal.SIGPIPE
        assert process.stderr.read() == b""
    finally:
        process.kill()
        process.wait()
        process.stderr.close()
