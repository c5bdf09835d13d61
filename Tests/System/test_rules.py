"""The anchor `aifw-vpn` in a real ruleset (nftables): what is loaded is what enabled objects call for, at any time, and
nothing of anybody else's changes."""

import re
import socket
import subprocess

import pytest
from ground import ruleset
from ground.inner import InnerWorld
from ground.namespace import Namespace
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


# MARK: Masquerading

@pytest.fixture
def far(world):
    """A host behind the gateway that knows of no tunnel: it has no route but to its own network."""
    far = Namespace("far")
    try:
        world.gateway.ip("link", "add", "wan", "type", "veth", "peer", "name", "wan", "netns", far.name)
        for namespace, host in ((world.gateway, 1), (far, 2)):
            namespace.ip("link", "set", "wan", "up")
            namespace.ip("address", "add", f"198.51.100.{host}/24", "dev", "wan")
            namespace.ip("address", "add", f"2001:db8:f::{host}/64", "dev", "wan", "nodad")
        for name in ("net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding"):
            world.gateway.run("sysctl", "-qw", f"{name}=1")
        yield far
    finally:
        far.close()


def source_of(sender, receiver, address):
    """Where datagrams from namespace `sender` come from, to `receiver`, which has `address`; None if none of 25
    arrives. One alone may be lost: nothing promises a datagram's arrival."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with receiver.socket(family, socket.SOCK_DGRAM) as heard, sender.socket(family, socket.SOCK_DGRAM) as plain:
        heard.bind((address, 7777))
        heard.settimeout(0.2)
        for _ in range(25):
            plain.sendto(b"?", (address, 7777))
            try:
                return heard.recvfrom(16)[1][0]
            except TimeoutError:
                pass
        return None


DUAL = {"address": "10.0.0.1/24,fd00::1/64"}
# What the far host has, and what the gateway has beside it.
FAR = {"198.51.100.2": "198.51.100.1", "2001:db8:f::2": "2001:db8:f::1"}


def test_a_full_tunnel_reaches_a_host_without_a_route_back_while_it_is_masqueraded_and_never_else(world, far):
    tunnel = world.rest.tunnel(enabled=True, **DUAL)
    path = f"/vpn/wg/{tunnel['id']}"
    client = world.connected_client(tunnel, world.rest.peer(tunnel, "laptop"))
    assert not any(client.reaches(address, tries=1) for address in FAR), "it has no route back"
    world.rest.request("PATCH", path, {"masquerade": True}).must(200)
    loaded = ruleset.loaded(world.gateway)
    assert (loaded["masquerade4"], loaded["masquerade6"]) == ({"wg0 . 10.0.0.0/24"}, {"wg0 . fd00::/64"})
    assert all(client.reaches(address) for address in FAR)
    assert {address: source_of(client.namespace, far, address) for address in FAR} == FAR
    # The gateway itself is spoken to, and speaks, with the addresses inside.
    assert client.reaches() and client.reaches("fd00::1")
    assert source_of(client.namespace, world.gateway, "10.0.0.1") == "10.0.0.2"
    assert {(rule["network"], rule["interface"], rule["loaded"]) for rule in shown(world)
            if rule["kind"] == "masquerade"} == {("10.0.0.0/24", "wg0", True), ("fd00::/64", "wg0", True)}
    world.rest.request("PATCH", path, {"masquerade": False}).must(200)
    assert not any(client.reaches(address, tries=1) for address in FAR)
    world.rest.request("PATCH", path, {"masquerade": True}).must(200)
    assert all(client.reaches(address) for address in FAR)
    world.rest.post(f"{path}/stop").must(200)
    loaded = ruleset.loaded(world.gateway)
    assert not loaded["masquerade4"] and not loaded["masquerade6"] and "nat" not in anchor(world)


def test_from_tunnel_to_tunnel_nothing_is_masqueraded(world, far):
    clients = []
    for number in range(2):
        tunnel = world.rest.tunnel(
            name=f"tunnel {number}", interface=f"wg{number}", listen_port=51820 + number, address=f"10.{number}.0.1/24",
            masquerade=True, enabled=True)
        client = world.client()
        client.bring_up(world.rest.config(tunnel, world.rest.peer(tunnel, "laptop")), name=f"laptop{number}")
        assert client.reaches(f"10.{number}.0.1")
        clients.append(client.namespace)
    assert source_of(clients[0], clients[1], "10.1.0.2") == "10.0.0.2"
    assert source_of(clients[1], far, "198.51.100.2") == "198.51.100.1"


def test_what_does_not_come_out_of_the_tunnel_is_left_as_it_is(world, far):
    world.rest.tunnel(masquerade=True, enabled=True)
    neighbour = world.client().namespace
    neighbour.ip("address", "add", "10.0.0.77/32", "dev", "lo")
    neighbour.ip("route", "add", "198.51.100.0/24", "via", "192.0.2.1", "src", "10.0.0.77")
    world.gateway.run("sysctl", "-qw", "net.ipv4.conf.all.rp_filter=0", "net.ipv4.conf.uplink.rp_filter=0")
    assert source_of(neighbour, far, "198.51.100.2") == "10.0.0.77"


def test_a_change_of_the_tunnels_network_changes_what_is_masqueraded(world):
    tunnel = world.rest.tunnel(masquerade=True, enabled=True)
    before = rules_of(handles(world))
    for address, network in (("10.0.0.1/16", "10.0.0.0/16"), ("10.0.7.1/24", "10.0.7.0/24")):
        world.rest.request("PATCH", f"/vpn/wg/{tunnel['id']}", {"address": address}).must(200)
        assert ruleset.loaded(world.gateway)["masquerade4"] == {f"wg0 . {network}"}
    # Only the chain that translates is made anew.
    assert others(rules_of(handles(world))) == others(before)


def test_who_masquerades_is_told_what_keeps_it_from_working(binaries):
    world = InnerWorld(binaries, filter="none")
    try:
        world.vpn("wg-add", "--name", "office", "--address", "10.0.0.1/24,fd00::1/64")
        for v4, v6 in ((0, 0), (1, 0), (1, 1)):
            world.gateway.run("sysctl", "-qw", f"net.ipv4.ip_forward={v4}", f"net.ipv6.conf.all.forwarding={v6}")
            said = world.vpn("wg-edit", "office", "--masquerade").stderr
            assert ("net.ipv4.ip_forward=1" in said, "net.ipv6.conf.all.forwarding=1" in said) == (not v4, not v6)
            assert "no packet filter" in said
        assert "masquerade" not in world.vpn("wg-edit", "office", "--no-masquerade").stderr
    finally:
        world.close()


def others(rules):
    return [rule for rule in rules if "masquerade" not in rule and "aifw-vpn-nat" not in rule]


@pytest.mark.parametrize("what", [
    "delete element inet aifw masquerade4 { \"wg0\" . 10.0.0.0/24 }",
    "add element inet aifw masquerade4 { \"wg5\" . 10.5.0.0-10.5.0.9 }", "flush chain inet aifw aifw-vpn-nat",
    "add rule inet aifw aifw-vpn-nat ip saddr 192.0.2.0/24 masquerade"])
def test_drift_of_what_is_masqueraded_is_repaired(world, what):
    world.rest.tunnel(masquerade=True, enabled=True)
    before = anchor(world)
    world.helper.kill()
    world.gateway.run("nft", what)
    assert anchor(world) != before
    world.helper.start()
    wait_until(lambda: anchor(world) == before, f"the repair of: {what}", 15)


# MARK: The three forms

def test_the_nft_text_is_taken_by_nft_and_makes_the_same(world):
    world.rest.tunnel(enabled=True)
    world.rest.tunnel(
        name="other", interface="wg1", listen_port=51821, address="10.1.0.1/24,fd00:1::1/64",
        listen_interface="uplink", masquerade=True, enabled=True)
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


def test_a_rule_that_somebody_removes_needs_attention_until_it_is_back(world):
    tunnel = world.rest.tunnel()
    world.rest.start(tunnel)
    take_rule(world)
    # A new helper has everything compared; the next comparison is a period away.
    world.helper.kill()
    world.helper.start()
    wait_until(lambda: ruleset.loaded(world.gateway)["wg_ports"] == {"51820"}, "the rule after the repair", PERIOD)
    take_rule(world)
    item, = wait_until(lambda: attention(world), "what needs attention", PERIOD)
    assert item["kind"] == "rule-not-loaded" and item["at"] is None and "(listen-port)" in item["detail"]
    assert item["object"] == {"type": "tunnel", "id": tunnel["id"], "name": "office-vpn"}
    wait_until(lambda: attention(world) == [], "nothing that needs attention", PERIOD + 10)
    assert ruleset.loaded(world.gateway)["wg_ports"] == {"51820"}


def take_rule(world):
    world.gateway.run("nft", "delete", "element", "inet", "aifw", "wg_ports", "{ 51820 }")


def attention(world):
    found = world.rest.get("/vpn/summary").must(200).data
    assert found["attention_total"] == len(found["attention"])
    return found["attention"]
