"""The anchor `aifw-vpn` in a real ruleset (nftables): what is loaded is what enabled objects call for, at any time, and
nothing of anybody else's changes."""

import re
import subprocess

import pytest
from ground import ruleset
from ground.waiting import wait_until
from ground.world import World

# Reconciliation.period is 30 s; the rest is for the work itself on a slow machine.
PERIOD = 30 + 15
STRANGER = """
table inet stranger {
    set hosts { type ipv4_addr; elements = { 192.0.2.64 } }
    chain input { type filter hook input priority 5; policy accept; ip saddr @hosts drop; }
}
"""


@pytest.fixture(scope="module")
def world(binaries):
    world = World(binaries)
    world.gateway.run("nft", "--file", "-", input=STRANGER)
    yield world
    world.close()


@pytest.fixture(autouse=True)
def strangers(world):
    """No test may change what is somebody else's, or leave anything behind."""
    before = look(world)
    yield
    for tunnel in world.rest.get("/vpn/wg").must(200).data:
        world.rest.delete(f"/vpn/wg/{tunnel['id']}").must(200)
    for one in world.rest.get("/vpn/ipsec").must(200).data:
        world.rest.delete(f"/vpn/ipsec/{one['id']}").must(200)
    assert look(world) == before and ruleset.strays(world) == []


def look(world):
    return world.gateway.run("nft", "list", "table", "inet", "stranger").stdout


def handles(world):
    """The anchor with the kernel's number of each rule, which a rule that is loaded anew does not keep."""
    return world.gateway.run("nft", "--handle", "list", "table", "inet", "aifw").stdout


def shown(world):
    """What the API shows: kind and members of each rule."""
    answer = world.rest.get("/vpn/rules").must(200).json
    assert answer["total"] == len(answer["data"]) and answer["filter"] == "nftables"
    return answer["data"]


def test_rules_come_with_start_and_go_with_stop_and_delete(world):
    tunnel = world.rest.tunnel()
    assert shown(world) == []
    assert not any((ruleset.loaded(world.gateway) or {}).values())
    world.rest.start(tunnel)
    loaded = ruleset.loaded(world.gateway)
    assert loaded["wg_ports"] == {"51820"} and loaded["wg_interfaces"] == {"wg0"}
    assert {(rule["kind"], rule["loaded"], rule["object"]["type"], rule["object"]["id"], rule["object"]["name"])
            for rule in shown(world)} == {
        (kind, True, "tunnel", tunnel["id"], "office-vpn") for kind in ("listen-port", "tunnel-traffic")}
    world.rest.post(f"/vpn/wg/{tunnel['id']}/stop").must(200)
    assert not any(ruleset.loaded(world.gateway).values()) and shown(world) == []
    world.rest.start(tunnel)
    assert ruleset.loaded(world.gateway)["wg_ports"] == {"51820"}
    world.rest.delete(f"/vpn/wg/{tunnel['id']}").must(200)
    assert not any(ruleset.loaded(world.gateway).values())


@pytest.mark.parametrize("change, ports, on", [
    ({"listen_port": 51999}, {"51999"}, set()),
    ({"listen_interface": "uplink"}, set(), {"uplink . 51820"}),
    ({"listen_interface": "uplink", "listen_port": 51999}, set(), {"uplink . 51999"}),
    ({"name": "renamed"}, {"51820"}, set())])
def test_a_change_of_a_tunnel_moves_its_opening_at_once(world, change, ports, on):
    tunnel = world.rest.tunnel(enabled=True)
    before = handles(world)
    world.rest.request("PATCH", f"/vpn/wg/{tunnel['id']}", change).must(200)
    loaded = ruleset.loaded(world.gateway)
    assert (loaded["wg_ports"], loaded["wg_ports_on"]) == (ports, on)
    # Elements change; the constant rules stay.
    assert rules_of(handles(world)) == rules_of(before)


def rules_of(text):
    return re.findall(r".*# handle \d+$", text, re.MULTILINE)


def test_each_tunnel_has_its_own_and_one_more_leaves_the_others_alone(world):
    tunnels = [world.rest.tunnel(
        name=f"tunnel {number}", interface=f"wg{number}", listen_port=51820 + number, address=f"10.{number}.0.1/24",
        enabled=True) for number in range(3)]
    assert ruleset.loaded(world.gateway)["wg_ports"] == {"51820", "51821", "51822"}
    world.rest.delete(f"/vpn/wg/{tunnels[1]['id']}").must(200)
    loaded = ruleset.loaded(world.gateway)
    assert loaded["wg_ports"] == {"51820", "51822"} and loaded["wg_interfaces"] == {"wg0", "wg2"}


def test_a_refused_start_opens_nothing(world):
    tunnel = world.rest.tunnel()
    world.gateway.ip("link", "add", "wg0", "type", "bridge")
    try:
        assert world.rest.post(f"/vpn/wg/{tunnel['id']}/start").status in (409, 502)
        assert not any((ruleset.loaded(world.gateway) or {}).values()) and shown(world) == []
    finally:
        world.gateway.ip("link", "delete", "wg0")


# MARK: The three forms

def test_the_nft_text_is_taken_by_nft_and_makes_the_same(world):
    world.rest.tunnel(enabled=True)
    world.rest.tunnel(
        name="other", interface="wg1", listen_port=51821, address="10.1.0.1/24", listen_interface="uplink",
        enabled=True)
    answer = world.rest.get("/vpn/rules?format=nft").must(200)
    assert answer.headers["Content-Type"].startswith("text/plain")
    text = answer.body.decode()
    checked = world.gateway.run("nft", "--check", "--file", "-", input=text, check=False)
    assert checked.returncode == 0, checked.stderr
    before = ruleset.loaded(world.gateway)
    world.gateway.run("nft", "--file", "-", input=text)
    assert ruleset.loaded(world.gateway) == before and ruleset.strays(world) == []


def test_the_pf_text_has_a_rule_for_each_with_a_label(world):
    tunnel = world.rest.tunnel(enabled=True)
    answer = world.rest.get("/vpn/rules?format=pf").must(200)
    assert answer.headers["Content-Type"].startswith("text/plain")
    lines = [line for line in answer.body.decode().splitlines() if line and not line.startswith("#")]
    assert answer.body.endswith(b"\n") and any("port 51820" in line for line in lines)
    assert any("on wg0" in line and "flags any" in line for line in lines)
    labels = re.findall(r'label "([^"]*)"', "\n".join(lines))
    assert len(labels) == len(set(labels)) == len(lines)
    assert all(len(label) <= 63 and re.fullmatch(r"[A-Za-z0-9._:-]+", label) for label in labels)
    assert all(tunnel["id"] in label for label in labels)


def test_an_unknown_form_is_refused(world):
    assert "nft" in world.rest.get("/vpn/rules?format=iptables").must(422).body.decode()


# MARK: Restarts and drift

def test_a_restart_of_either_daemon_loads_nothing_anew(world):
    world.rest.tunnel(enabled=True)
    before = handles(world)
    for daemon in (world.helper, world.api):
        daemon.kill()
        (world.start_api if daemon is world.api else daemon.start)()
        # A write that goes through shows that all are back.
        wait_until(lambda: add_and_remove(world), "a write after the restart", 15)
        assert handles(world) == before, f"after the end of {daemon.name}"


def add_and_remove(world):
    answer = world.rest.post("/vpn/wg", {
        "name": "after the restart", "interface": "wg9", "address": "10.9.0.1/24", "enabled": True})
    assert answer.status in (201, 503), answer.body
    if answer.status == 201:
        world.rest.delete(f"/vpn/wg/{answer.data['id']}").must(200)
    return answer.status == 201


DRIFT = {
    "an element deleted": "delete element inet aifw wg_ports { 51820 }",
    "a stray element": "add element inet aifw wg_ports { 4444 }",
    "a stray interface": 'add element inet aifw wg_interfaces { "eth9" }',
    "a chain flushed": "flush chain inet aifw aifw-vpn",
    "the other chain flushed": "flush chain inet aifw aifw-vpn-out",
    "a rule in the anchor": "add rule inet aifw aifw-vpn tcp dport 22 accept",
    "a rule before all others": "insert rule inet aifw aifw-vpn udp dport 9999 accept",
    "the table deleted": "delete table inet aifw",
}


@pytest.mark.parametrize("what", DRIFT)
def test_drift_is_repaired_when_the_helper_comes_back(world, what):
    world.rest.tunnel(enabled=True)
    before = anchor(world)
    world.helper.kill()
    world.gateway.run("nft", DRIFT[what])
    assert anchor(world) != before
    world.helper.start()
    wait_until(lambda: anchor(world) == before, f"the repair of {what}", 15)
    assert all(rule["loaded"] for rule in shown(world))


def test_drift_is_repaired_within_the_period(world):
    """Elements alone first, whose repair needs no new rules; then the whole table."""
    world.rest.tunnel(enabled=True)
    before, constant = anchor(world), rules_of(handles(world))
    world.gateway.run("nft", "delete element inet aifw wg_ports { 51820 }; add element inet aifw wg_ports { 4444 }")
    wait_until(lambda: anchor(world) == before, "the repair of elements", PERIOD)
    world.gateway.run("nft", "delete table inet aifw")
    wait_until(lambda: anchor(world) == before, "the repair of the table", PERIOD)
    assert len(rules_of(handles(world))) == len(constant) and all(rule["loaded"] for rule in shown(world))


@pytest.mark.parametrize("what", ["a chain flushed", "the table deleted", "an element deleted"])
def test_a_change_that_meets_a_torn_anchor_puts_it_right_and_goes_on(world, what):
    tunnel = world.rest.tunnel(enabled=True)
    other = world.rest.tunnel(
        name="other", interface="wg1", listen_port=51821, address="10.1.0.1/24", enabled=True)
    world.gateway.run("nft", DRIFT[what])
    world.rest.post(f"/vpn/wg/{tunnel['id']}/stop").must(200)
    loaded = ruleset.loaded(world.gateway)
    assert loaded["wg_ports"] == {"51821"} and loaded["wg_interfaces"] == {other["interface"]}


def anchor(world):
    """The table as it is listed, without numbers of rules; empty if there is none."""
    return world.gateway.run("nft", "list", "table", "inet", "aifw", check=False).stdout


def test_a_ruleset_of_the_hosts_own_that_jumps_to_the_anchor_is_used_and_not_changed(binaries, tmp_path):
    base = tmp_path / "base.nft"
    base.write_text("""
        table inet aifw {
            chain aifw-vpn { }
            chain aifw-vpn-out { }
            chain mine { type filter hook input priority 7; policy accept; tcp dport 22 accept; jump aifw-vpn; }
        }
        """)
    world = World(binaries, ruleset=base)
    try:
        listing = ("nft", "list", "chain", "inet", "aifw", "mine")
        before = world.gateway.run(*listing).stdout
        world.rest.tunnel(enabled=True)
        assert ruleset.loaded(world.gateway)["wg_ports"] == {"51820"}
        assert world.gateway.run(*listing).stdout == before
        chains = re.findall(r"chain (\S+)", world.gateway.run("nft", "list", "table", "inet", "aifw").stdout)
        assert set(chains) == {"aifw-vpn", "aifw-vpn-out", "mine"}
    finally:
        world.close()


def test_without_a_filter_rules_are_shown_and_loaded_nowhere(binaries):
    world = World(binaries, filter="none")
    try:
        tunnel = world.rest.tunnel(enabled=True)
        assert world.rest.status(tunnel)["running"] is True
        answer = world.rest.get("/vpn/rules").must(200).json
        assert answer["filter"] == "none" and answer["total"] == 2
        assert world.gateway.run("nft", "list", "tables").stdout == ""
        assert b"51820" in world.rest.get("/vpn/rules?format=nft").must(200).body
    finally:
        world.close()


def test_a_filter_that_is_none_is_refused_at_the_start(binaries, tmp_path):
    done = subprocess.run(
        [binaries / "aifw-privd", "--filter", "iptables", "--socket", tmp_path / "privd.sock"], text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=20)
    assert done.returncode != 0 and "nftables" in done.stdout
