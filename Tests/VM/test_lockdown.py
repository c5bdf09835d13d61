"""A kernel that shows nobody a key. The last tests of their machine: lockdown can't be lifted before it boots again."""

import subprocess
from pathlib import Path

import pytest
from ground import xfrm
from ground.waiting import wait_until
from ground.world import World

LOCKDOWN = Path("/sys/kernel/security/lockdown")
HIDDEN = "0x" + "00" * 36


@pytest.fixture
def world(binaries):
    world = World(binaries, wireguard="kernel")
    yield world
    world.close()


def test_associations_whose_keys_the_kernel_hides_are_left_alone(world):
    one = world.rest.association(src_addr="203.0.113.1", dst_addr="198.51.100.1")
    before = {state.identity for state in xfrm.states(world.gateway)}
    if not LOCKDOWN.exists():
        subprocess.run(["mount", "-t", "securityfs", "securityfs", LOCKDOWN.parent], check=True)
    LOCKDOWN.write_text("confidentiality")
    shown = world.gateway.run("ip", "xfrm", "state").stdout
    assert shown.count(HIDDEN) == len(before) == 2, "the kernel shows keys"
    # All is compared when the helper comes back.
    world.helper.kill()
    world.helper.start()
    other = wait_until(lambda: added(world), "a write after the helper's restart", 20)
    assert {state.identity for state in xfrm.states(world.gateway)} > before, "one was made anew"
    for association in (one["id"], other["id"]):
        found = world.rest.get(f"/vpn/ipsec/{association}").must(200).data
        assert (found["status"], found["installed"]) == ("up", True)
    assert "repairing an association" not in world.api.words()


def added(world):
    answer = world.rest.post("/vpn/ipsec", {"name": "another", "src_addr": "203.0.113.1", "dst_addr": "198.51.100.2"})
    assert answer.status in (201, 503), answer.body
    return answer.data if answer.status == 201 else None
