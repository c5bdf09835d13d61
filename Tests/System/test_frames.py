"""The helper's socket: who may speak, in what order, and what becomes of anything else."""

import os
import socket
import struct
import time

import pytest
from ground.frames import PROTOCOL, Frames
from ground.waiting import wait_until
from ground.world import API_ACCOUNT, HELPER_ACCOUNT


@pytest.fixture
def connect(helper_world):
    """Connects to the helper as its peer's account, or another one; closes at the end."""
    opened = []

    def open_one(user=API_ACCOUNT):
        opened.append(Frames(helper_world.helper_socket, user))
        return opened[-1]

    yield open_one
    for frames in opened:
        frames.close()


def test_a_greeting_is_answered_with_release_and_back_end(connect):
    answer = connect().greet("write")
    assert answer["greet"]["protocol"] == PROTOCOL and answer["greet"]["wireguard"] in ("userspace", "kernel")


def framed(body):
    return struct.pack(">I", len(body)) + body


REMOVAL = b'{"removeTunnel":{"tunnel":"00000000-0000-4000-8000-000000000001","interface":"wg0"}}'
BAD = {
    "longer than 1 MiB": (struct.pack(">I", (1 << 20) + 1), "malformed"),
    "longer than memory": (b"\xff\xff\xff\xff", "malformed"),
    "empty": (struct.pack(">I", 0), "malformed"),
    "not JSON": (framed(b"hello"), "malformed"),
    "not an object": (framed(b"[]"), "malformed"),
    "without a verb": (framed(b"{}"), "malformed"),
    "two verbs": (framed(b'{"inventory":{},"greet":{}}'), "malformed"),
    "one verb twice": (framed(b'{"inventory":{},"inventory":{}}'), "malformed"),
    "an unknown member": (framed(b'{"inventory":{"x":1}}'), "malformed"),
    "something behind it": (framed(b'{"inventory":{}} {}'), "malformed"),
    "nested deep": (framed(b'{"inventory":' + b"[" * 100_000), "malformed"),
    "an unknown verb": (framed(b'{"execute":{}}'), "unknown_verb"),
    "a second greeting": (framed(b'{"greet":{"protocol":%d,"channel":"read"}}' % PROTOCOL), "out_of_order"),
    "a write on the read connection": (framed(REMOVAL), "out_of_order"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_frame_is_refused_in_one_line_and_closes_that_connection_only(helper_world, connect, name):
    data, code = BAD[name]
    bystander, bad = connect(), connect()
    assert "greet" in bystander.greet("write") and "greet" in bad.greet("read")
    said = len(helper_world.helper.lines())
    bad.send_raw(data)
    assert bad.receive()["refused"]["code"] == code
    assert bad.receive() is None, "the connection must be closed"
    lines = wait_until(lambda: helper_world.helper.lines()[said:], "a line in the log")
    assert "inventory" in bystander.ask({"inventory": {}}), "the other connection must go on"
    assert len(helper_world.helper.lines()[said:]) == 1 and lines[0].startswith("aifw-privd: ")


@pytest.mark.parametrize("verb", ["inventory", "seal", "reveal", "readTunnel", "applyTunnel"])
def test_nothing_is_answered_before_the_greeting(connect, verb):
    early = connect()
    answer = early.ask({verb: {}})
    assert answer["refused"]["code"] in ("out_of_order", "malformed")
    assert early.receive() is None
    if verb == "inventory":
        assert answer["refused"]["code"] == "out_of_order"


def test_a_flood_of_bad_frames_is_counted_not_written_out(helper_world, connect):
    said = len(helper_world.helper.lines())
    for _ in range(60):
        bad = connect()
        bad.ask({"execute": {}})
        bad.close()
    wait_until(lambda: len(helper_world.helper.lines()) > said + 10, "the count that stands for the rest")
    assert len(helper_world.helper.lines()) - said < 40


def test_another_protocol_is_refused(connect):
    stranger = connect()
    answer = stranger.ask({"greet": {"protocol": PROTOCOL + 1, "channel": "read"}})
    assert "refused" in answer and stranger.receive() is None


@pytest.mark.parametrize("user", [0, HELPER_ACCOUNT], ids=["root", "the helper's own account"])
def test_another_account_is_not_answered(helper_world, connect, user):
    said = len(helper_world.helper.lines())
    try:
        stranger = connect(user)
    except PermissionError:
        return  # The kernel itself did not let it connect.
    try:
        stranger.send({"greet": {"protocol": PROTOCOL, "channel": "read"}})
    except BrokenPipeError:
        pass
    assert stranger.receive() is None
    lines = wait_until(lambda: helper_world.helper.lines()[said:], "a line in the log")
    assert len(lines) == 1 and str(user) in lines[0]


def test_a_third_connection_and_a_second_of_one_kind_are_refused(connect):
    writer, reader = connect(), connect()
    writer.greet("write")
    reader.greet("read")
    third = connect()
    try:
        answer = third.greet("read")
    except BrokenPipeError:
        answer = None
    assert answer is None or "refused" in answer
    assert "inventory" in reader.ask({"inventory": {}})


@pytest.mark.parametrize("channel", ["read", "write"])
def test_neither_a_silent_nor_a_slow_connection_holds_the_others_up(helper_world, connect, channel):
    """One that never greets, one that sends half a frame and one that does not read its answers, all at once."""
    other = connect()
    other.greet("write" if channel == "read" else "read")
    slow, silent = connect(), connect()
    slow.greet(channel)
    slow.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    said = len(helper_world.helper.lines())
    seals = {"seal": {"secrets": [{
        "object": f"00000000-0000-4000-8000-{number:012}", "class": "client", "purpose": "wireguard-private-key"}
        for number in range(256)]}}
    slow.socket.setblocking(False)
    try:
        while True:  # Until its answers, which it never reads, keep the helper from reading more.
            slow.send(seals)
    except BlockingIOError:
        pass
    silent.send_raw(struct.pack(">I", 100)[:3])
    begun = time.monotonic()
    asked = 0
    while len(helper_world.helper.lines()) < said + 2:
        before = time.monotonic()
        assert "inventory" in other.ask({"inventory": {}})
        # The others have 2 s.
        assert time.monotonic() - before < 1.8, "it was held up"
        asked += 1
        # Time in which the helper is busy counts against nobody: it must not be busy all the time.
        time.sleep(0.05)
        assert time.monotonic() - begun < 15, helper_world.helper.lines()[said:]
    assert time.monotonic() - begun > 1.5 and asked > 10
    lines = "\n".join(helper_world.helper.lines()[said:])
    assert "did not read its answers for 2 s" in lines and "did not greet for 2 s" in lines


def test_half_a_frame_closes_the_connection_after_two_seconds(helper_world, connect):
    slow = connect()
    slow.greet("write")
    said = len(helper_world.helper.lines())
    slow.send_raw(struct.pack(">I", 100) + b'{"inventory"')
    slow.socket.settimeout(5)
    answer = slow.receive()
    assert answer is None or slow.receive() is None
    lines = wait_until(lambda: helper_world.helper.lines()[said:], "a line in the log")
    assert len(lines) == 1


def test_a_device_key_is_never_revealed(connect):
    writer, reader = connect(), connect()
    writer.greet("write")
    reader.greet("read")
    tunnel = "00000000-0000-4000-8000-000000000001"
    item = {"object": tunnel, "class": "device", "purpose": "wireguard-private-key"}
    (sealed,) = writer.ask({"seal": {"secrets": [item]}})["seal"]["sealed"]
    assert set(sealed) == {"secret", "public_key"}
    answer = reader.ask({"reveal": {"secrets": [
        {"object": tunnel, "purpose": "wireguard-private-key", "secret": sealed["secret"]}]}})
    assert answer["refused"]["code"] == "unsealable"


def test_the_vaults_key_is_for_the_helper_alone(helper_world):
    key = helper_world.state / "master.key"
    assert key.stat().st_mode & 0o777 == 0o400 and key.stat().st_uid == HELPER_ACCOUNT
    assert os.stat(helper_world.state).st_mode & 0o077 == 0
