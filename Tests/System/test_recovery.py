"""A tunnel's key leaves one machine as a box and comes back on another one, by the code that root wrote down."""

import os
import shutil
import subprocess
import uuid

import pytest
from ground.frames import Frames
from ground.terminal import Terminal
from ground.world import API_ACCOUNT, HELPER_ACCOUNT

TUNNEL = str(uuid.UUID(int=0x5AD0F1E27B554C339D2C0B8F3F1F5A10))


def words(world, flag):
    return [str(world.binaries / "aifw-privd"), flag, "--state-directory", str(world.state),
            "--user", str(HELPER_ACCOUNT)]


def run(world, flag, given=""):
    done = subprocess.run(words(world, flag), input=given, text=True, capture_output=True, timeout=20,
                          env={"PATH": "/usr/bin:/bin"})
    # Nothing but a code is printed there.
    for code in {done.stdout.strip(), done.stdout.strip().replace("-", "")}:
        world.secrets.add("a recovery code", code)
    return done


def typed(world, code):
    """Types the code at a terminal; gives back the status and all that the terminal has shown."""
    with Terminal(words(world, "--recovery-import"), env={"PATH": "/usr/bin:/bin"}) as terminal:
        terminal.until("not shown while you type").type(code + "\n")
        return terminal.end(), terminal.shown


def ask(world, channel, body):
    connection = Frames(world.helper_socket, API_ACCOUNT)
    try:
        greeting = connection.greet(channel)["greet"]
        return greeting, connection.ask(body)
    finally:
        connection.close()


def item(**members):
    return {"object": TUNNEL, "class": "device", "purpose": "wireguard-private-key"} | members


def reseal(world, blob):
    greeting, answer = ask(world, "read", {"reseal": {"secrets": [item(secret=blob)]}})
    return greeting, answer["reseal"]["sealed"][0]


def unbox(world, box):
    return ask(world, "write", {"seal": {"secrets": [item(box=box)]}})[1]


def empty_machine(world):
    """The same host with nothing of the helper's left."""
    world.helper.stop()
    shutil.rmtree(world.state)
    world.helper.start()


@pytest.mark.parametrize("way", ["terminal", "pipe"])
def test_a_tunnels_key_comes_back_on_an_empty_machine_with_the_code(helper_world, way):
    world = helper_world
    made = ask(world, "write", {"seal": {"secrets": [item()]}})[1]["seal"]["sealed"][0]
    greeting, plain = reseal(world, made["secret"])
    assert greeting["recovery"] is False and "box" not in plain
    done = run(world, "--recovery-init")
    assert done.returncode == 0, done.stderr
    code = done.stdout.strip()
    assert [len(group) for group in code.split("-")] == [7] * 8
    assert not (world.state / "recovery.key").exists()
    world.helper.stop()
    world.helper.start()
    greeting, boxed = reseal(world, made["secret"])
    assert greeting["recovery"] is True

    empty_machine(world)
    refused = unbox(world, boxed["box"])["refused"]
    assert refused["code"] == "policy" and "--recovery-import" in refused["message"]
    if way == "terminal":
        status, shown = typed(world, code)
        assert status == 0, shown
        assert code not in shown
    else:
        done = run(world, "--recovery-import", code + "\n")
        assert done.returncode == 0, done.stderr
    world.helper.stop()
    world.helper.start()
    restored = unbox(world, boxed["box"])["seal"]["sealed"][0]
    assert restored["public_key"] == made["public_key"]

    # Once the code's file is gone, the helper opens no box any more.
    (world.state / "recovery.key").unlink()
    world.helper.stop()
    world.helper.start()
    assert unbox(world, boxed["box"])["refused"]["code"] == "policy"
    for text in world.helper.lines():
        assert code not in text and code.replace("-", "") not in text


def test_a_wrong_code_changes_nothing_and_says_what_is_wrong(helper_world):
    world = helper_world
    code = run(world, "--recovery-init").stdout.strip()
    before = sorted(os.listdir(world.state))
    wrong = code[:-1] + ("7" if code[-1] != "7" else "8")
    done = run(world, "--recovery-import", wrong + "\n")
    assert done.returncode == 1 and "its checksum is not right" in done.stderr
    assert code[:7] not in done.stderr
    assert sorted(os.listdir(world.state)) == before


def test_a_recovery_key_is_not_replaced_by_accident(helper_world):
    world = helper_world
    other = run(world, "--recovery-init").stdout
    (world.state / "recovery.pub").unlink()
    assert run(world, "--recovery-init").returncode == 0
    before = (world.state / "recovery.pub").read_bytes()
    again = run(world, "--recovery-init")
    assert again.returncode == 1 and "there is a recovery key already" in again.stderr and not again.stdout
    imported = run(world, "--recovery-import", other)
    assert imported.returncode == 1 and "recovery key of another code" in imported.stderr
    assert (world.state / "recovery.pub").read_bytes() == before
    assert not (world.state / "recovery.key").exists()


def test_a_code_that_can_not_be_printed_is_told_of(helper_world):
    world = helper_world
    with open("/dev/full", "w") as full:
        done = subprocess.run(words(world, "--recovery-init"), stdout=full, stderr=subprocess.PIPE, text=True,
                              timeout=20, env={"PATH": "/usr/bin:/bin"})
    assert done.returncode == 1 and "can't print the code" in done.stderr
