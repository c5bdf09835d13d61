"""An association of the installed helper, whose kernel begins without any module that it needs."""

import json
import re

import pytest
from ground.waiting import wait_until
from host import status

CAP_SYS_MODULE = 1 << 16
# What each kind needs, in Debian's names; GCM may be in a module that the processor has loaded.
NEEDED = {
    "esp": {"xfrm_user", "esp4"}, "esp IPv6": {"esp6", "chacha20poly1305"}, "ah": {"ah4"},
    "esp+ah": {"authenc", "ah6"}}


def test_nothing_was_loaded_before_the_installation(host):
    assert not host.modules & set().union(*NEEDED.values())


@pytest.mark.parametrize("kind, options", [
    ("esp", ("--src", "203.0.113.1", "--dst", "198.51.100.1")),
    ("esp IPv6", ("--src", "2001:db8::1", "--dst", "2001:db8:9::1", "--enc-algo", "chacha20-poly1305")),
    ("ah", ("--src", "203.0.113.1", "--dst", "198.51.100.2", "--protocol", "ah", "--mode", "transport")),
    ("esp+ah", ("--src", "2001:db8::1", "--dst", "2001:db8:9::2", "--protocol", "esp+ah", "--enc-algo", "aes-256-cbc",
                "--auth-algo", "hmac-sha512"))])
def test_the_kernel_loads_what_an_association_needs_for_a_helper_that_may_not_load_modules(host, kind, options):
    wait_until(host.is_ready, "the API, ready")
    assert int(status(host.pid("aifw-privd"))["CapBnd"], 16) & CAP_SYS_MODULE == 0
    host.aifw("vpn", "ipsec-add", "--name", kind, *options)
    (one,) = [one for one in host.listed("vpn", "ipsec-list") if one["name"] == kind]
    assert (one["status"], one["installed"]) == ("up", True)
    assert NEEDED[kind] <= host.loaded_modules()
    shown = host.run("ip", "xfrm", "state", "list", "nokeys").stdout
    assert len(re.findall(rf"^src {re.escape(options[1])} dst {re.escape(options[3])}$", shown, re.MULTILINE)) == (
        2 if kind == "esp+ah" else 1)
    seen = json.loads(host.aifw("vpn", "ipsec-status", one["id"], "--json"))
    assert seen["running"] is True and seen["in"]["spi"] == one["spi_in"]


def test_the_rules_are_loaded_by_the_installed_helper(host):
    rules = host.listed("vpn", "rules")
    assert rules and all(rule["loaded"] for rule in rules)
    assert {rule["kind"] for rule in rules} == {"protected-packets", "key-exchange", "inner-traffic"}
    listed = host.run("nft", "--numeric", "list", "set", "inet", "aifw", "gateways4").stdout
    assert "198.51.100.1 . 203.0.113.1 . 50" in listed


def test_a_killed_helper_comes_back_and_leaves_them_alone(host):
    before = host.run("sh", "-c", "ip -s xfrm state list nokeys | grep -E '^src|add '").stdout
    former = host.pid("aifw-privd")
    host.run("systemctl", "kill", "--signal", "KILL", "aifw-privd.service")
    host.pid_of_next_life("aifw-privd", former)
    wait_until(host.is_ready, "the API, ready")
    host.aifw("vpn", "ipsec-add", "--name", "later", "--src", "203.0.113.1", "--dst", "198.51.100.9")
    host.aifw("vpn", "remove", next(one["id"] for one in host.listed("vpn", "ipsec-list") if one["name"] == "later"))
    assert host.run("sh", "-c", "ip -s xfrm state list nokeys | grep -E '^src|add '").stdout == before


def test_they_go_by_the_cli(host):
    for one in host.listed("vpn", "ipsec-list"):
        host.aifw("vpn", "remove", one["id"])
    assert host.run("ip", "xfrm", "state").stdout == host.run("ip", "xfrm", "policy", "list", "nosock").stdout == ""
    assert host.listed("vpn", "rules") == []
