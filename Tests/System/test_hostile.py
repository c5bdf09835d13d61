"""A client that has taken the API daemon over: whatever it asks, the helper goes on, and nothing of the host changes
but the helper's own."""

import json
import os
import random
import time
from collections import Counter
from pathlib import Path

import pytest
from ground.foreign import Foreign, differences
from ground.frames import Frames
from ground.world import API_ACCOUNT, World
from hostile.account import Under
from hostile.attempt import CLOSING
from hostile.forbidden import CASES, frame
from hostile.loot import Loot
from hostile.storm import storm

REQUESTS, BATCH = 200_000, 10_000
# How much more private memory the helper may have after any batch than after the second, in KiB.
GROWTH = 512
# A refusal that no request can bring about while wireguard-go can be started.
UNREACHABLE = {"launcher"}
CODES = {
    "malformed", "unknown_verb", "out_of_order", "policy", "limit", "not_ours", "not_found", "unsealable", "kernel",
    "launcher", "rate"}
VERBS = {
    "greet": 50, "seal": 1000, "reveal": 500, "applyTunnel": 1000, "applyPeers": 1000, "removeTunnel": 50,
    "readTunnel": 1000, "inventory": 1000}


class Siege:
    """A world with the helper alone, and with what is not the helper's around it."""

    def __init__(self, binaries):
        self.world = World(binaries, api=False)
        try:
            self.foreign = Foreign(self.world)
        except BaseException:
            self.world.close()
            raise

    @property
    def path(self):
        return self.world.helper_socket

    def connect(self, channel=None):
        frames = Frames(self.path, API_ACCOUNT)
        if channel:
            assert "greet" in frames.greet(channel)
        return frames

    def loot(self):
        """Takes the API daemon's place: its secrets, and its tunnels running."""
        os.seteuid(API_ACCOUNT)
        try:
            loot = Loot.take(self.path)
        finally:
            os.seteuid(0)
        writer = self.connect("write")
        for tunnel in loot.tunnels[:2]:
            answer = writer.ask({"applyTunnel": tunnel.whole})
            assert "applyTunnel" in answer, answer
        writer.close()
        return loot

    def memory(self):
        """The helper's private memory, in KiB."""
        rollup = Path(f"/proc/{self.world.helper.pid}/smaps_rollup").read_text()
        return next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Anonymous:"))

    def birth(self):
        """What tells the helper's process from any other: id, start in ticks since boot (proc(5), field 22)."""
        pid = self.world.helper.pid
        return pid, Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[19]

    def descriptors(self):
        folder = Path(f"/proc/{self.world.helper.pid}/fd")
        return sorted(os.readlink(one).split(":")[0] for one in folder.iterdir())

    def still_answers(self):
        reader = self.connect("read")
        assert "inventory" in reader.ask({"inventory": {}})
        wish = {
            "object": "00000000-0000-4000-8000-00000000f00d", "class": "client", "purpose": "wireguard-preshared-key"}
        assert "seal" in reader.ask({"seal": {"secrets": [wish]}})
        reader.close()

    def close(self):
        try:
            self.foreign.close()
        finally:
            self.world.close()


@pytest.fixture
def siege(binaries):
    made = Siege(binaries)
    yield made
    made.close()


@pytest.fixture(scope="module")
def besieged(binaries):
    """One siege for all the cases, its loot, and what the host looked like before."""
    made = Siege(binaries)
    try:
        loot = made.loot()
        yield made, loot, made.foreign.snapshot()
    finally:
        made.close()


@pytest.mark.parametrize("name", CASES)
def test_what_is_forbidden_is_refused_by_name_and_changes_nothing(besieged, name):
    siege, loot, before = besieged
    case, reader = CASES[name], siege.connect("read" if CASES[name].channel != "read" else None)
    tunnel = {"readTunnel": loot.tunnels[0].target}
    if case.channel != "read":
        former = reader.ask(tunnel)["readTunnel"]
    line = siege.connect(case.channel)
    line.send_raw(frame(case, loot))
    answer = line.receive()
    assert "refused" in answer, f"it was done: {answer}"
    refused = answer["refused"]
    assert refused["code"] == case.code, refused
    if case.field is not ...:
        assert refused.get("field") == case.field, refused
    if case.code in CLOSING:
        assert line.receive() is None, "the connection must be closed"
    line.close()
    if case.channel != "read":
        assert reader.ask(tunnel)["readTunnel"] == former, "the tunnel was changed"
    reader.close()
    assert not differences(before, siege.foreign.snapshot())
    assert not siege.foreign.trespass()


def test_what_is_not_ours_can_be_neither_read_nor_removed(besieged):
    siege, loot, before = besieged
    writer = siege.connect("write")
    for name in ("wg7", "wg8"):
        target = {"tunnel": loot.tunnels[0].id, "interface": name}
        assert writer.ask({"removeTunnel": target}) == {"removeTunnel": {}}
        assert writer.ask({"readTunnel": target}) == {"readTunnel": {"peers": [], "more": False}}
    other = {"tunnel": loot.tunnels[0].id, "interface": "wg1"}
    assert writer.ask({"removeTunnel": other}) == {"removeTunnel": {}}
    assert "link" in writer.ask({"readTunnel": loot.tunnels[1].target})["readTunnel"], "another tunnel's was removed"
    writer.close()
    assert not differences(before, siege.foreign.snapshot())


def test_a_route_of_another_protocol_over_our_own_link_is_left_alone(siege):
    loot, gateway = siege.loot(), siege.world.gateway
    gateway.ip("route", "add", "10.95.0.0/16", "dev", "wg0", "proto", "static")
    writer = siege.connect("write")
    change = loot.tunnels[0].target | {
        "remove_routes": ["10.95.0.0/16", "10.99.0.0/16", "10.97.0.0/16", "192.0.2.0/24"]}
    assert writer.ask({"applyPeers": change}) == {"applyPeers": {}}
    writer.close()
    routes = gateway.ip("route")
    assert all(f"{network} " in routes for network in ("10.95.0.0/16", "10.99.0.0/16", "10.97.0.0/16", "192.0.2.0/24"))


def test_a_slow_and_a_silent_client_hold_nobody_up(siege):
    """Two that say nothing or next to nothing, one that does not read, and one who is served."""
    silent, slow, deaf = siege.connect(), siege.connect(), siege.connect("read")
    deaf.socket.setblocking(False)
    try:
        while True:
            deaf.send({"seal": {"secrets": [
                {"object": "00000000-0000-4000-8000-00000000f00d", "class": "client",
                 "purpose": "wireguard-private-key"}] * 200}})
    except BlockingIOError:
        pass
    writer = siege.connect("write")
    began, worst, sent = time.monotonic(), 0, 0
    head = b"\x00\x00\x00\x64" + b" " * 90
    ended = False
    while time.monotonic() - began < 3:
        asked = time.monotonic()
        assert "inventory" in writer.ask({"inventory": {}})
        worst = max(worst, time.monotonic() - asked)
        if not ended and time.monotonic() - began > sent * 0.1:
            try:
                slow.send_raw(head[sent:sent + 1])
                sent += 1
            except (BrokenPipeError, ConnectionResetError):
                ended = True
        # Time in which the helper is busy counts against nobody: it must not be busy all the time.
        time.sleep(0.02)
    assert worst < 0.5, f"an answer took {worst:.2f} s"
    assert silent.receive() is None, "who does not greet is closed after 2 s"
    assert ended, "who greets byte by byte is closed after 2 s"
    again = siege.connect("read")
    assert "inventory" in again.ask({"inventory": {}}), "the seat of who does not read is free again after 2 s"
    for one in (silent, slow, deaf, writer, again):
        one.close()


def test_a_budget_holds_what_is_revealed_down(siege):
    """Design: 10,000 at once, then 50 a second."""
    loot, reader = siege.loot(), siege.connect("read")
    began, got, refused = time.monotonic(), 0, None
    while refused is None and got < 20_000:
        answer = reader.ask({"reveal": {"secrets": [one.item for one in loot.clients] * 32}})
        refused = answer.get("refused")
        got += 0 if refused else 256
    reader.close()
    assert refused is not None, f"{got} secrets were revealed at once"
    assert refused["code"] == "rate" and got <= 10_000 + 50 * (time.monotonic() - began + 1)


def test_two_hundred_thousand_hostile_requests_change_nothing_that_is_not_the_helpers(siege):
    seed = int(os.environ.get("AIFW_SEED", random.SystemRandom().randrange(1 << 32)))
    print(f"AIFW_SEED={seed} repeats this storm")
    world, foreign = siege.world, siege.foreign
    before, birth, descriptors = foreign.snapshot(), siege.birth(), siege.descriptors()
    client = Under(API_ACCOUNT, storm, siege.path, seed)
    seen, memory, began = Counter(), [], time.monotonic()
    try:
        for first in range(0, REQUESTS, BATCH):
            came, wrong = client.send((first, BATCH))
            seen += came
            where = f"requests {first} to {first + BATCH - 1} of AIFW_SEED={seed}"
            assert world.helper.runs and siege.birth() == birth, f"{where}: the helper has ended"
            assert not wrong, f"{where}: " + "; ".join(wrong)
            siege.still_answers()
            memory.append(siege.memory())
            assert memory[-1] <= max(memory[:2]) + GROWTH, f"{where}: the helper's memory grew: {memory} KiB"
            changes = differences(before, foreign.snapshot())
            assert not changes, f"{where}: " + "; ".join(changes)
            assert not foreign.trespass(), where
            assert siege.descriptors() == descriptors, where
    finally:
        client.close()
        print(f"{time.monotonic() - began:.0f} s; private memory of the helper after each batch, KiB: {memory}")
        for kind in sorted({kind for kind, _ in seen}):
            outcomes = {came: number for (one, came), number in sorted(seen.items()) if one == kind}
            print(f"{kind}: {json.dumps(outcomes)}")
    said, lasted = len(world.helper.lines()), time.monotonic() - began
    # Ten a second, and one that counts the rest (Gate/Journal.swift).
    assert said <= 11 * (lasted + 10), f"{said} lines in the log in {lasted:.0f} s"
    assert all(line.isprintable() for line in world.helper.lines())
    total = Counter()
    for (_, came), number in seen.items():
        total[came] += number
    assert sum(total.values()) >= REQUESTS
    few = {verb: total[verb] for verb, least in VERBS.items() if total[verb] < least}
    assert not few, f"too seldom done: {few}"
    assert not (CODES - UNREACHABLE - set(total)), f"never refused so: {CODES - UNREACHABLE - set(total)}"
    assert not UNREACHABLE & set(total)
