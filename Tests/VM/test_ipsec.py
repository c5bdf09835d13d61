"""Security associations that are in the kernel and encrypt: this end by the API, the far end by what was downloaded."""

import os
import re
import signal
from contextlib import contextmanager
from pathlib import Path

import pytest
from ground import ruleset, xfrm
from ground.internet import PATTERN, Internet, Site
from ground.manual import Manual
from ground.namespace import Namespace
from ground.waiting import wait_until
from ground.world import World

# Reconciliation.period is 30 s; the rest is for the work itself under emulation.
PERIOD = 30 + 20
# A key in the far end's script.
KEY = re.compile(r"0x[0-9a-f]{32,}")


class Ground:
    """Office and data centre: AiFw VPN is the gateway of the one, a plain Linux host that of the other."""

    def __init__(self, binaries, far=None):
        self._closers = []
        try:
            self.world = self._kept(World(binaries, wireguard="kernel"))
            self.rest = self.world.rest
            self.internet = self._kept(Internet())
            self.far = self._kept(Namespace("far")) if far is None else far
            self.office = self._kept(Site(self.internet, 1, self.world.gateway))
            self.centre = self._kept(Site(self.internet, 2, self.far))
            self.scripts = self.world.folder / "clients"
        except BaseException:
            self.close()
            raise

    def _kept(self, one):
        self._closers.append(one.close)
        return one

    # The far end

    def run_script(self, script):
        """Runs it at the far end, as it is."""
        file = self.scripts / "far.sh"
        file.touch(mode=0o600)
        file.write_text(script)
        done = self.far.run("sh", file, check=False)
        said = KEY.sub("(key)", done.stdout + done.stderr)
        assert done.returncode == 0 and not said, f"{done.returncode}: {said}"

    def forget(self):
        """The far end has no association any more."""
        self.far.run("ip", "xfrm", "policy", "flush")
        self.far.run("ip", "xfrm", "state", "flush")

    # What goes through

    def pings(self, inner, family=4, **how):
        """Whether a ping gets from the office to the data centre: from desk to desk, else from gateway to gateway."""
        if inner:
            return self.office.desk.reaches(self.centre.at.desk(family), **how)
        return self.office.edge.reaches(self.centre.at.gateway(family), **how)

    def crossing(self, inner, family=4):
        """The headers of what crosses each way while pings are answered, and whether their content can be read."""
        self.internet.crossed()
        assert self.pings(inner, family), "no answer through the association"
        packets = self.internet.crossed()
        assert {packet.site for packet in packets} == {1, 2}
        return {packet.headers for packet in packets}, any(PATTERN in packet.content for packet in packets)

    # This end

    def get(self, association):
        return self.rest.get(f"/vpn/ipsec/{association['id']}").must(200)

    def status(self, association):
        return self.rest.get(f"/vpn/ipsec/{association['id']}/status").must(200).json

    def change(self, association, **fields):
        return self.rest.request("PATCH", f"/vpn/ipsec/{association['id']}", fields)

    def turn(self, association, how):
        return self.rest.post(f"/vpn/ipsec/{association['id']}/{how}").must(200).json

    def remove(self, association):
        answer = self.rest.delete(f"/vpn/ipsec/{association['id']}").must(200)
        assert answer.json == {"message": "Association deleted"}

    def when(self, association, status):
        """The association if it has that status."""
        shown = self.get(association).data
        return shown if shown["status"] == status else None

    def fault(self, association, words):
        """The detail of an association in error that has these words in it."""
        shown = self.when(association, "error")
        return shown["status_detail"] if shown and words in shown["status_detail"] else None

    @contextmanager
    def asleep(self):
        """While the API daemon stands still, so that it does not see the half of what happens."""
        os.kill(self.world.api.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.world.api.pid, signal.SIGCONT)

    def held(self):
        """All that is ours in the kernel, in a form that says whether somebody made it anew or changed it."""
        gateway = self.world.gateway
        return ({state.identity for state in xfrm.states(gateway)}, set(xfrm.policies(gateway)), xfrm.digest(gateway))

    def is_empty(self):
        """Whether nothing of ours is left: no association, no policy, no rule."""
        rules = ruleset.loaded(self.world.gateway) or {}
        return not xfrm.states(self.world.gateway) and not xfrm.policies(self.world.gateway) and not any(rules.values())

    def close(self):
        while self._closers:
            self._closers.pop()()


@pytest.fixture(scope="module")
def module_ground(binaries):
    ground = Ground(binaries)
    yield ground
    ground.close()


@pytest.fixture
def ground(module_ground):
    """Nothing is set up at either end."""
    yield module_ground
    for one in module_ground.rest.get("/vpn/ipsec").must(200).data:
        module_ground.remove(one)
    module_ground.forget()


def ends(family=4, **fields):
    """A request between the two gateways."""
    return {"src_addr": {4: "203.0.113.1", 6: "2001:db8:1::1"}[family],
            "dst_addr": {4: "198.51.100.1", 6: "2001:db8:2::1"}[family]} | fields


def between(*families, outside=4, **fields):
    """A request for what is between the networks behind the two gateways."""
    return ends(outside, src_networks=["10.1.0.0/24" if one == 4 else "fd00:1::/64" for one in families],
                dst_networks=["10.2.0.0/24" if one == 4 else "fd00:2::/64" for one in families], **fields)


CBC = {"enc_algo": "aes-256-cbc"}


# MARK: A kernel that refuses. First, for what has been used may be kept by the kernel for long.

@pytest.fixture
def without(request, ground):
    """A kernel that has no module of this name, and will not get it."""
    name = request.param
    file = Path("/etc/modprobe.d/absent.conf")
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"install {name} /bin/false\n")
    # Namespaces that are gone hold modules for a moment more.
    wait_until(lambda: ground.far.run("modprobe", "-r", name, check=False).returncode == 0, f"a kernel without {name}")
    yield name
    file.unlink()
    ground.far.run("modprobe", name)


@pytest.mark.parametrize("without, body, named", [
    ("chacha20poly1305", between(4, enc_algo="chacha20-poly1305"), "chacha20-poly1305"),
    ("ah4", between(4, protocol="esp+ah"), "ah"),
    ("esp4", between(4), "esp")], indirect=["without"], ids=["cipher", "the second protocol", "protocol"])
def test_what_the_kernel_does_not_have_is_named_and_nothing_is_left(ground, without, body, named):
    answer = ground.rest.post("/vpn/ipsec", {"name": "refused"} | body).must(502)
    assert answer.json["status"] == 502 and named in answer.json["detail"].lower()
    assert ground.is_empty() and ground.rest.get("/vpn/ipsec").must(200).data == []
    stopped = ground.rest.association(name="stopped", enabled=False, **body)
    ground.rest.post(f"/vpn/ipsec/{stopped['id']}/start").must(502)
    assert ground.get(stopped).data["enabled"] is False and ground.is_empty()


@pytest.mark.parametrize("without", ["chacha20poly1305"], indirect=True)
def test_a_refused_change_leaves_the_association_as_it_was(ground, without):
    association = ground.rest.association(**between(4))
    ground.run_script(ground.rest.far_end(association))
    assert ground.pings(True)
    keys, etag = ground.held()[2], ground.get(association).headers["ETag"]
    assert "chacha20-poly1305" in ground.change(association, enc_algo="chacha20-poly1305").must(502).json["detail"]
    now = ground.get(association)
    assert (now.data["enc_algo"], now.headers["ETag"]) == ("aes-256-gcm", etag) and ground.held()[2] == keys
    assert ground.crossing(True) == ({"esp"}, False) and len(xfrm.states(ground.world.gateway)) == 2


# MARK: What crosses the wire

# What is asked for, the family inside, and what may cross.
SHAPES = {
    "ESP, tunnel": (between(4), 4, "esp"),
    "ESP, tunnel, IPv6": (between(6, outside=6), 6, "esp"),
    "ESP, transport": (ends(mode="transport", enc_algo="aes-128-gcm"), 4, "esp"),
    "ESP, transport, IPv6": (ends(6, mode="transport", enc_algo="aes-128-gcm"), 6, "esp"),
    "AH, transport": (ends(mode="transport", protocol="ah"), 4, "ah icmp"),
    "AH, transport, IPv6": (ends(6, mode="transport", protocol="ah", auth_algo="hmac-sha384"), 6, "ah icmp"),
    "AH, tunnel": (between(4, protocol="ah", auth_algo="hmac-sha512"), 4, "ah ip"),
    "ESP and AH, tunnel": (between(4, protocol="esp+ah"), 4, "ah esp"),
    "ESP and AH, tunnel, IPv6": (between(6, outside=6, protocol="esp_ah"), 6, "ah esp"),
    "ESP and AH, transport, with CBC": (ends(mode="transport", protocol="esp+ah", **CBC), 4, "ah esp"),
    "ChaCha20-Poly1305": (between(4, enc_algo="chacha20-poly1305"), 4, "esp"),
    "ChaCha20-Poly1305, IPv6": (between(6, outside=6, enc_algo="chacha20-poly1305"), 6, "esp"),
    "CBC and HMAC-SHA256": (between(4, **CBC), 4, "esp"),
    "CBC and HMAC-SHA512, IPv6": (between(6, outside=6, auth_algo="hmac-sha512", **CBC), 6, "esp"),
    "IPv6 networks behind IPv4 gateways": (between(6), 6, "esp"),
    "IPv4 networks behind IPv6 gateways": (between(4, outside=6), 4, "esp"),
    "a replay window": (between(4, replay_window=32), 4, "esp"),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_pings_go_through_once_both_ends_have_it_and_nothing_else_crosses(ground, shape):
    body, family, expected = SHAPES[shape]
    inner = "src_networks" in body
    assert ground.crossing(inner, family) == ({"icmp"}, True), "before, the way is open"
    association = ground.rest.association(**body)
    assert (association["status"], association["installed"]) == ("up", True)
    assert not ground.pings(inner, family, count=1, patience=0.7), "this end alone is not enough"
    script = ground.rest.far_end(association)
    # Begun anew, the far end counts from 1 again: a receiver that remembers numbers takes that for repeated packets.
    for run in ("first",) if "replay_window" in body else ("first", "second"):
        ground.run_script(script)
        crossed, readable = ground.crossing(inner, family)
        assert crossed == {expected}, f"after the {run} run of the script"
        assert readable is ("esp" not in expected)
    assert ruleset.strays(ground.world) == []
    ground.remove(association)
    assert ground.is_empty()
    assert not ground.pings(inner, family, count=1, patience=0.7), "the far end takes nothing that is not protected"


def test_the_manuals_line_as_printed_protects_what_is_between_the_two_gateways(ground):
    manual = Manual(ground.world, ground.world.folder / "clients" / "reader")
    association = manual.do("create-association")["data"]
    assert (association["enc_algo"], association["status"]) == ("aes-256-gcm", "up")
    assert association["src_networks"] == ["203.0.113.1/32"] and association["dst_networks"] == ["198.51.100.1/32"]
    ground.run_script(ground.rest.far_end(association))
    assert ground.crossing(inner=False) == ({"esp"}, False)


def test_networks_of_both_families_share_an_association(ground):
    association = ground.rest.association(**between(4, 6))
    ground.run_script(ground.rest.far_end(association))
    for family in (4, 6):
        assert ground.crossing(True, family) == ({"esp"}, False)
    assert len(xfrm.states(ground.world.gateway)) == 2 and len(xfrm.policies(ground.world.gateway)) == 6


def test_two_hosts_on_one_network_protect_what_is_between_them(ground):
    laptop = ground.world.client()
    address = "192.0.2.2"
    association = ground.rest.association(src_addr="192.0.2.1", dst_addr=address, mode="transport")
    assert not ground.office.edge.reaches(address, count=1, patience=0.7)
    script = ground.rest.far_end(association)
    done = laptop.namespace.run("sh", "-s", input=script, check=False)
    assert done.returncode == 0, KEY.sub("(key)", done.stderr)
    assert ground.office.edge.reaches(address)
    # The first ping went out, too.
    assert sorted(state.packets for state in xfrm.states(ground.world.gateway)) == [2, 3]
    assert laptop.namespace.run("sh", "-s", "remove", input=script, check=False).returncode == 0
    assert laptop.namespace.run("ip", "xfrm", "state").stdout == ""


def test_what_comes_unprotected_from_the_far_end_is_dropped(ground):
    association = ground.rest.association(**between(4))
    ground.run_script(ground.rest.far_end(association))
    assert ground.pings(True)
    ground.forget()
    ground.internet.crossed()
    assert not ground.centre.desk.reaches(ground.office.at.desk(), count=1, patience=0.7)
    assert [(packet.site, packet.headers) for packet in ground.internet.crossed()] == [(2, "icmp")], (
        "one ping in clear must have come, and no answer gone")


def test_the_states_in_the_kernel_are_what_the_api_says(ground):
    association = ground.rest.association(**between(4, protocol="esp+ah", replay_window=16))
    states, policies = xfrm.states(ground.world.gateway), xfrm.policies(ground.world.gateway)
    inward, outward = association["spi_in"], association["spi_out"]
    assert association["spi"] == inward and min(inward, outward) >= 256 and inward != outward
    assert {(one.source, one.destination, one.protocol, one.spi, one.mode) for one in states} == {
        (source, destination, protocol, spi, mode)
        for source, destination, spi in (
            ("203.0.113.1", "198.51.100.1", outward), ("198.51.100.1", "203.0.113.1", inward))
        for protocol, mode in (("esp", "tunnel"), ("ah", "transport"))}
    (reqid,) = {one.reqid for one in states}
    there, back = ("10.1.0.0/24", "10.2.0.0/24"), ("10.2.0.0/24", "10.1.0.0/24")
    assert {(one.source, one.destination, one.direction) for one in policies} == {
        (*there, "out"), (*back, "in"), (*back, "fwd")}
    assert {one.templates for one in policies} == {(("esp", reqid, "tunnel"), ("ah", reqid, "transport"))}
    assert {one.priority for one in policies} == {0xAF0000 + 512 - 48}


# MARK: What the status says

def test_the_status_counts_what_went_through(ground):
    association = ground.rest.association(**between(4))
    fresh = ground.status(association)
    assert fresh["running"] is True and fresh["in"]["packets"] == fresh["out"]["packets"] == 0
    assert fresh["in"]["used_at"] is None and re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", fresh["in"]["added_at"])
    ground.run_script(ground.rest.far_end(association))
    assert ground.office.desk.reaches(ground.centre.at.desk(), count=5)
    seen = ground.status(association)
    kernel = {one.spi: one for one in xfrm.states(ground.world.gateway)}
    for way in ("in", "out"):
        one = kernel[seen[way]["spi"]]
        assert (seen[way]["packets"], seen[way]["bytes"]) == (one.packets, one.bytes) and one.packets == 5
        assert seen[way]["failures"] == 0 and seen[way]["used_at"]
    assert ground.turn(association, "stop") == {"message": "Association stopped"}
    assert ground.status(association) == {"running": False}


def test_packets_under_a_wrong_key_are_dropped_and_counted(ground):
    association = ground.rest.association(**between(4))
    script = ground.rest.far_end(association)
    ground.run_script(KEY.sub(lambda key: "0x" + os.urandom(len(key[0]) // 2 - 1).hex(), script))
    assert not ground.centre.desk.reaches(ground.office.at.desk(), count=3, patience=0.7)
    inward = ground.status(association)["in"]
    assert (inward["failures"], inward["unauthentic"], inward["packets"]) == (3, 3, 0)
    ground.run_script(script)
    assert ground.pings(True)
    assert ground.status(association)["in"]["failures"] == 3


def test_packets_that_are_repeated_are_counted_where_there_is_a_replay_window(ground):
    association = ground.rest.association(**between(4, replay_window=32))
    script = ground.rest.far_end(association)
    ground.run_script(script)
    assert ground.office.desk.reaches(ground.centre.at.desk(), count=4)
    # The far end begins to count anew, under the same key: docs/OPERATIONS.md tells of it.
    ground.run_script(script)
    assert not ground.centre.desk.reaches(ground.office.at.desk(), count=2, patience=0.7)
    inward = ground.status(association)["in"]
    assert inward["failures"] == inward["repeated"] + inward["outside_window"] == 2


# MARK: An end that reboots

@pytest.mark.parametrize("body", [between(4), between(4, protocol="esp+ah", **CBC)], ids=["GCM", "CBC and AH"])
def test_a_far_end_that_reboots_is_back_with_its_script_and_this_end_stays_as_it_is(ground, body):
    association = ground.rest.association(**body)
    script = ground.rest.far_end(association)
    ground.run_script(script)
    assert ground.pings(True)
    before, etag = ground.held(), ground.get(association).headers["ETag"]
    sent = ground.status(association)["out"]["packets"]
    ground.far.reboot()
    ground.centre.connect()
    assert not ground.pings(True, count=1, patience=0.7), "the far end has forgotten all"
    ground.run_script(script)
    assert ground.crossing(True)[1] is False
    assert ground.held() == before and ground.get(association).headers["ETag"] == etag
    assert ground.status(association)["out"]["packets"] > sent, "it goes on counting"


def test_this_end_reboots_and_is_back_by_itself(ground):
    tunnel = ground.rest.association(**between(4))
    plain = ground.rest.association(name="gateways", **ends(mode="transport"))
    stopped = ground.rest.association(name="stopped", enabled=False, **ends(6, mode="transport"))
    for one in (tunnel, plain):
        ground.run_script(ground.rest.far_end(one))
    assert ground.pings(True) and ground.pings(False)
    far = {state.identity for state in xfrm.states(ground.far)}
    keys = ground.held()[2]
    ground.world.reboot(ready=ground.office.connect)
    wait_until(lambda: ground.get(tunnel).data["status"] == ground.get(plain).data["status"] == "up", "both up", 20)
    assert ground.crossing(True) == ({"esp"}, False) and ground.crossing(False) == ({"esp"}, False)
    assert ground.held()[2] == keys and ruleset.strays(ground.world) == []
    assert ground.get(stopped).data["installed"] is False
    assert {state.identity for state in xfrm.states(ground.far)} == far


def test_another_aifw_takes_the_json_and_is_the_far_end(ground, binaries):
    other = World(binaries, wireguard="kernel")
    try:
        association = ground.rest.association(**between(4, 6, **CBC))
        body = ground.rest.far_end(association, "json").encode()
        ground.far.reboot()
        site = Site(ground.internet, 2, other.gateway)
        try:
            mirrored = other.rest.post("/vpn/ipsec", body).must(201).data
            assert (mirrored["spi_in"], mirrored["spi_out"]) == (association["spi_out"], association["spi_in"])
            assert (mirrored["src_addr"], mirrored["src_networks"]) == ("198.51.100.1", association["dst_networks"])
            for family in (4, 6):
                assert ground.office.desk.reaches(site.at.desk(family)), f"IPv{family}"
            assert {packet.headers for packet in ground.internet.crossed()} == {"esp"}
        finally:
            site.close()
    finally:
        other.close()
        ground.centre.connect()


# MARK: Others

def state(source, destination, spi, reqid, protocol="esp"):
    """A line for `ip -batch`."""
    key = os.urandom(36 if protocol == "esp" else 32).hex()
    algorithm = f"aead rfc4106(gcm(aes)) 0x{key} 128" if protocol == "esp" else f"auth-trunc hmac(sha256) 0x{key} 128"
    return (f"xfrm state add src {source} dst {destination} proto {protocol} spi {spi:#x} reqid {reqid:#x} "
            f"mode transport {algorithm}")


class Stranger:
    """Associations and policies that were made by hand at this end, some of them much like ours."""

    SPI = 0x0F00BA11

    def __init__(self, ground):
        self._gateway = ground.world.gateway
        self.add(*self._lines())
        assert len(self.shown) == 7

    def _lines(self):
        def policy(source, destination, way, reqid):
            return (f"xfrm policy add src {source} dst {destination} dir {way} priority 20000000 tmpl src 203.0.113.1 "
                    f"dst 198.51.100.1 proto esp reqid {reqid} mode tunnel")

        # Between our gateways, with the reqid of an IKE daemon; with reqids next to ours.
        yield state("203.0.113.1", "198.51.100.1", self.SPI, 1)
        yield state("198.51.100.1", "203.0.113.1", self.SPI + 1, 0)
        yield state("203.0.113.1", "198.51.100.77", self.SPI + 2, 0xAE000001)
        yield state("198.51.100.77", "203.0.113.1", self.SPI + 3, 0xB0000001)
        # Ours is within the second, at another priority.
        yield policy("10.1.0.0/24", "10.3.0.0/24", "out", 1)
        yield policy("10.1.0.0/16", "10.2.0.0/16", "out", 2)
        yield "xfrm policy add src 10.9.0.0/24 dst 10.1.0.0/24 dir in priority 11469264 action block"

    def add(self, *lines):
        """More, by lines of `ip -batch`: keys are no arguments."""
        self._gateway.run("ip", "-batch", "-", input="\n".join(lines))
        self.shown = self.look()

    def look(self):
        return xfrm.foreign(self._gateway)

    def leave(self):
        self._gateway.run("sh", "-c", "ip xfrm policy flush; ip xfrm state flush")


@pytest.fixture
def stranger(ground):
    made = Stranger(ground)
    yield made
    for one in ground.rest.get("/vpn/ipsec").must(200).data:
        ground.remove(one)
    made.leave()


def test_what_somebody_else_made_stays_through_all_that_ours_go_through(ground, stranger):
    association = ground.rest.association(**between(4))
    plain = ground.rest.association(name="transport", **ends(mode="transport"))
    # The same SPI for another address, and for another protocol.
    spi = association["spi_in"]
    stranger.add(state("198.51.100.1", "203.0.113.77", spi, 3), state("198.51.100.1", "203.0.113.1", spi, 3, "ah"))
    ground.run_script(ground.rest.far_end(association))
    assert ground.crossing(True)[1] is False and stranger.look() == stranger.shown
    ground.change(association, enc_algo="aes-128-gcm").must(200)
    ground.change(association, dst_networks=["10.2.0.0/24", "10.4.0.0/24"]).must(200)
    ground.turn(plain, "stop")
    ground.turn(plain, "start")
    assert stranger.look() == stranger.shown, "after changes"
    for daemon in (ground.world.helper, ground.world.api):
        daemon.kill()
    ground.world.helper.start()
    ground.world.start_api()
    wait_until(lambda: ground.get(association).data["status"] == "up", "the daemons, back", 15)
    assert stranger.look() == stranger.shown, "after a restart"
    for one in (association, plain):
        ground.remove(one)
    assert ground.is_empty() and stranger.look() == stranger.shown, "after deletion"


@pytest.mark.parametrize("field", ["spi_in", "spi_out"])
def test_an_spi_that_somebody_else_has_is_a_clash(ground, stranger, field):
    spi = {"spi_out": stranger.SPI, "spi_in": stranger.SPI + 1}[field]
    answer = ground.rest.post("/vpn/ipsec", between(4, name="taken", **{field: spi})).must(409)
    assert field in answer.fields or field in answer.json["detail"]
    assert ground.is_empty() and stranger.look() == stranger.shown
    assert ground.rest.get("/vpn/ipsec").must(200).data == []


def test_a_policy_that_somebody_else_has_in_the_way_leaves_nothing_half_done(ground, stranger):
    networks = {"src_networks": ["10.1.0.0/24"], "dst_networks": ["10.3.0.0/24"]}
    answer = ground.rest.post("/vpn/ipsec", ends(name="in the way", **networks))
    assert answer.status in (409, 502) and "10.3.0.0/24" in answer.body.decode()
    assert ground.is_empty() and stranger.look() == stranger.shown
    assert ground.rest.get("/vpn/ipsec").must(200).data == []


# MARK: Drift

def delete_state(gateway, one):
    gateway.ip("xfrm", "state", "delete", "src", one.source, "dst", one.destination, "proto", one.protocol,
               "spi", hex(one.spi))


def delete_policy(gateway, one):
    gateway.ip("xfrm", "policy", "delete", "src", one.source, "dst", one.destination, "dir", one.direction)


@pytest.fixture
def torn(ground):
    """Three associations whose far ends work, with a ping stream through the first."""
    made = [ground.rest.association(**between(4)),
            ground.rest.association(name="torn", **between(6, outside=6, protocol="esp+ah")),
            ground.rest.association(name="plain", **ends(mode="transport"))]
    for one in made:
        ground.run_script(ground.rest.far_end(one))
    return made


def test_single_ones_that_somebody_takes_away_are_there_again_and_the_rest_was_not_touched(ground, torn):
    gateway, (calm, both, _) = ground.world.gateway, torn
    before, stream = ground.held(), ground.office.desk.stream(ground.centre.at.desk())
    with ground.asleep():
        delete_state(gateway, next(
            one for one in xfrm.states(gateway) if (one.spi, one.protocol) == (both["spi_out"], "ah")))
        for one in xfrm.policies(gateway):
            if ":" in one.source and one.direction == "fwd" or (one.source, one.direction) == ("203.0.113.1/32", "out"):
                delete_policy(gateway, one)
        assert len(xfrm.states(gateway)) == 7 and len(xfrm.policies(gateway)) == 6
    wait_until(lambda: ground.held()[1:] == before[1:], "the repair", PERIOD)
    assert len(before[0] & ground.held()[0]) >= 7, "what was there was made anew"
    stream.advance(3)
    stream.stop()
    assert ground.crossing(True, 6) == ({"ah esp"}, False) and ground.crossing(False) == ({"esp"}, False)
    assert ground.status(calm)["out"]["packets"] >= 6


def test_after_a_flush_all_is_there_again_but_what_somebody_else_has_taken_meanwhile(ground, torn):
    gateway, plain, before = ground.world.gateway, torn[2], ground.held()
    with ground.asleep():
        gateway.run("sh", "-c", "ip xfrm state flush; ip xfrm policy flush")
        gateway.run("ip", "-batch", "-", input=state("198.51.100.1", "203.0.113.1", plain["spi_in"], 1))
        foreign = xfrm.foreign(gateway)
    said = wait_until(lambda: ground.fault(plain, "not made by AiFw VPN"), "the one that can't be repaired", PERIOD)
    assert str(plain["spi_in"]) in said
    for one in torn[:2]:
        assert ground.when(one, "up")
    assert ground.pings(True) and ground.pings(True, 6) and xfrm.foreign(gateway) == foreign
    gateway.ip("xfrm", "state", "delete", "src", "198.51.100.1", "dst", "203.0.113.1", "proto", "esp",
               "spi", hex(plain["spi_in"]))
    wait_until(lambda: ground.when(plain, "up"), "the last one, up", PERIOD)
    assert ground.held()[1:] == before[1:] and ground.crossing(False) == ({"esp"}, False)


def test_a_killed_daemon_comes_back_and_no_packet_is_lost(ground):
    world = ground.world
    association = ground.rest.association(**between(4))
    ground.run_script(ground.rest.far_end(association))
    stream = ground.office.desk.stream(ground.centre.at.desk())
    before, etag = ground.held(), ground.get(association).headers["ETag"]
    for names in (("helper",), ("api",), ("api", "helper")):
        packets = ground.status(association)["out"]["packets"]
        for name in names:
            getattr(world, name).kill()
        stream.advance(3)
        if "helper" in names:
            world.helper.start()
        if "api" in names:
            world.start_api()
        # A write that goes through to the kernel shows that all are back.
        other = wait_until(lambda: try_to_add(ground), "a write after the restart", 20)
        assert len(xfrm.states(world.gateway)) == 4
        ground.remove(other)
        assert ground.held() == before, f"after the end of {' and '.join(names)}"
        assert ground.status(association)["out"]["packets"] > packets
    assert ground.get(association).headers["ETag"] == etag and ruleset.strays(world) == []
    stream.advance(3)
    stream.stop()


def try_to_add(ground):
    answer = ground.rest.post("/vpn/ipsec", ends(mode="transport", name="after the restart"))
    assert answer.status in (201, 503), answer.body
    return answer.data if answer.status == 201 else None


# MARK: Changes

def test_a_change_touches_what_it_changes_and_no_more(ground):
    gateway = ground.world.gateway
    association = ground.rest.association(**between(4))
    bystander = ground.rest.association(name="bystander", **between(6))
    for one in (association, bystander):
        ground.run_script(ground.rest.far_end(one))
    stream = ground.office.desk.stream(ground.centre.at.desk(6))
    own = {association["spi_in"], association["spi_out"]}

    def of(spis):
        return {one.identity for one in xfrm.states(gateway) if one.spi in spis}

    theirs, mine = of({bystander["spi_in"], bystander["spi_out"]}), of(own)
    ground.change(association, name="renamed").must(200)
    assert of(own) == mine
    ground.change(association, src_networks=["10.1.0.0/24", "10.8.0.0/24"]).must(200)
    assert len(xfrm.policies(gateway)) == 3 + 6
    former = ground.rest.far_end(association)
    ground.change(association, enc_algo="chacha20-poly1305").must(200)
    changed = ground.rest.far_end(association)
    assert changed != former
    assert not ground.pings(True, count=1, patience=0.7), "the far end has the former keys"
    ground.run_script(changed)
    assert ground.crossing(True)[1] is False
    ground.remove(association)
    assert of({bystander["spi_in"], bystander["spi_out"]}) == theirs
    assert ruleset.strays(ground.world) == []
    stream.advance(3)
    stream.stop()
