"""pf's anchor, by the helper and the launcher in their cages, and a program in pfctl's place."""

import os
import subprocess
import uuid
from pathlib import Path

import pytest
from ground.frames import Frames
from ground.world import API_ACCOUNT, HELPER_ACCOUNT, World

SOURCE = Path(__file__).parent / "pf" / "pfctl.c"
TUNNEL, ASSOCIATION = (str(uuid.UUID(int=number)) for number in (1, 2))
PORT = f'pass in quick proto udp from any to (self) port 51820 keep state label "lp:{TUNNEL}:51820"'
# What the program refuses: no rule may have it.
MARKER = "port 666 "


def stand_in(world):
    """Compiles it into the world, with a file that stands for the device."""
    program, device = world.binaries / "pfctl", world.folder / "helper" / "pf"
    subprocess.run(["cc", "-O1", "-Wall", "-Werror", f'-DDEVICE="{device}"', f'-DMARKER="{MARKER}"', "-o", program,
                    SOURCE], check=True)
    program.chmod(0o755)
    device.touch(mode=0o600)
    os.chown(device, HELPER_ACCOUNT, HELPER_ACCOUNT)
    return program, device


class PfWorld(World):
    """A helper whose filter is pf, and a launcher that may run pfctl."""

    def __init__(self, binaries):
        super().__init__(binaries, wireguard="userspace", api=False, filter="pf")

    def _launcher(self, *options):
        pfctl, device = stand_in(self)
        return super()._launcher("--pfctl", pfctl, "--pf-device", device, *options)


class Anchor:
    """The helper, asked for rules, and what is loaded."""

    def __init__(self, world):
        self.world = world
        self.frames = Frames(world.helper_socket, API_ACCOUNT)
        self.greeting = self.frames.greet("write")["greet"]

    def apply(self, **request):
        return self.frames.ask({"applyRules": request})

    def read(self):
        """All parts, on as many pages as they need."""
        answer = self.frames.ask({"readRules": {}})["readRules"]
        parts = answer["parts"]
        while answer["more"]:
            assert answer["whole"]
            answer = self.frames.receive()["readRules"]
            parts += answer["parts"]
        assert answer["whole"]
        return parts

    @property
    def loaded(self):
        return (self.world.folder / "helper" / "pf").read_bytes().split(b"\0")[0].decode().splitlines()


@pytest.fixture
def anchor(binaries):
    world = PfWorld(binaries)
    try:
        anchor = Anchor(world)
        yield anchor
        anchor.frames.close()
    finally:
        world.close()


def listen(port=51820):
    return {"kind": "listen-port", "owner": TUNNEL, "port": port}


def ike(remote="198.51.100.1"):
    return {"kind": "key-exchange", "owner": ASSOCIATION, "local": "203.0.113.1", "remote": remote}


def test_rules_are_loaded_changed_and_read_back(anchor):
    assert anchor.greeting["filter"] == "pf" and anchor.read() == []
    assert anchor.apply(reset=True, add=[listen(), ike()]) == {"applyRules": {}}
    assert anchor.loaded[0] == PORT and len(anchor.loaded) == 3
    parts = anchor.read()
    assert parts[0] == f"lp:{TUNNEL}:51820" and [part.rsplit(".")[0] for part in parts[1:]] == [
        f"ke:{ASSOCIATION}:in", f"ke:{ASSOCIATION}:out"]
    assert anchor.apply(remove=[ike()], add=[listen(51821)]) == {"applyRules": {}}
    assert anchor.read() == [f"lp:{TUNNEL}:51820", f"lp:{TUNNEL}:51821"]
    assert anchor.apply(reset=True) == {"applyRules": {}} and anchor.loaded == []


def test_what_pf_refuses_leaves_the_rules_and_its_words_come_back(anchor):
    anchor.apply(reset=True, add=[listen()])
    refused = anchor.apply(add=[listen(51821), listen(666)])["refused"]
    assert refused["code"] == "filter" and "stdin:3: syntax error" in refused["message"]
    assert anchor.loaded == [PORT] and anchor.read() == [f"lp:{TUNNEL}:51820"]


def test_what_is_loaded_outlives_helper_and_launcher(anchor):
    anchor.apply(reset=True, add=[listen()])
    anchor.frames.close()
    for daemon in (anchor.world.helper, anchor.world.launcher):
        daemon.kill()
    for daemon in (anchor.world.launcher, anchor.world.helper):
        daemon.start()
    again = Anchor(anchor.world)
    assert again.read() == [f"lp:{TUNNEL}:51820"]
    again.frames.close()


def test_without_the_launcher_rules_are_refused_and_the_helper_goes_on(anchor):
    anchor.world.launcher.stop()
    refused = anchor.apply(add=[listen()])["refused"]
    assert refused["code"] == "launcher" and "is it running?" in refused["message"]
    anchor.world.launcher.start()
    assert anchor.apply(add=[listen()]) == {"applyRules": {}} and anchor.loaded == [PORT]


def test_as_many_rules_as_a_request_holds_go_through(anchor):
    rules = [ike(f"198.18.{number >> 8}.{number & 255}") for number in range(1, 2049)]
    assert anchor.apply(reset=True, add=rules) == {"applyRules": {}}
    assert len(anchor.loaded) == 4096 and len(anchor.read()) == 4096
    assert anchor.apply(remove=rules[1:]) == {"applyRules": {}}
    assert len(anchor.read()) == 2


def test_a_launcher_without_pfctl_runs_none(binaries):
    world = World(binaries, wireguard="userspace", api=False, filter="pf")
    try:
        anchor = Anchor(world)
        refused = anchor.apply(add=[listen()])["refused"]
        assert refused["code"] == "launcher" and "started without --pfctl" in refused["message"]
        anchor.frames.close()
    finally:
        world.close()
