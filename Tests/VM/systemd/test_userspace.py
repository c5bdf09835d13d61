"""Tunnels of wireguard-go, which belong to the launcher's unit and outlive it."""

from pathlib import Path

import pytest
from ground.waiting import wait_until
from host import PRIVATE, status

CAP_NET_ADMIN = 1 << 12


@pytest.fixture(scope="module", autouse=True)
def userspace(host):
    host.follow("WireGuard in the kernel or beside it", 0)


def processes(host):
    return host.run("pgrep", "--exact", "wireguard-go", check=False).stdout.split()


@pytest.fixture
def wireguard_go(host, office):
    """The id of the process that is the tunnel."""
    (pid,) = processes(host)
    return int(pid)


def test_the_documented_line_ends_the_processes_and_a_start_makes_them_anew(host):
    tunnel = host.tunnel()
    former = processes(host)
    host.run("systemctl", "kill", "--kill-who=all", "aifw-launcher")
    wait_until(lambda: not set(processes(host)) & set(former), "the end of wireguard-go")
    host.aifw("vpn", "wg-start", tunnel)
    assert len(processes(host)) == 1 and "wg0" in host.links()
    host.aifw("vpn", "remove", tunnel)
    assert not processes(host)


def test_wireguard_go_runs_in_the_launchers_unit(host, office, wireguard_go):
    assert office.link["linkinfo"]["info_kind"] == "tun"
    assert "/aifw-launcher.service" in Path(f"/proc/{wireguard_go}/cgroup").read_text()
    assert host.show("aifw-privd.service", "TasksCurrent") == "1"
    assert host.show("aifw-launcher.service", "TasksMax") == "infinity"
    office.goes_on()


def test_it_has_cap_net_admin_and_no_way_to_more(host, wireguard_go):
    for pid in (wireguard_go, host.pid("aifw-launcher")):
        shown = status(pid)
        assert int(shown["CapPrm"], 16) == int(shown["CapBnd"], 16) == CAP_NET_ADMIN
        assert shown["Uid"].split() == status(host.pid("aifw-privd"))["Uid"].split()
        assert (shown["NoNewPrivs"], shown["Seccomp"]) == ("1", "2")


def test_it_sees_one_device_and_no_key(host, wireguard_go):
    root = Path(f"/proc/{wireguard_go}/root")
    assert (root / "dev/net/tun").is_char_device()
    for path in ("var/lib/aifw-privd", "var/lib/aifw-apid"):
        assert (root / path).stat().st_mode & 0o777 == 0


def test_the_launcher_can_write_to_the_folder_of_control_sockets_alone(host, office):
    assert host.writable("aifw-launcher", "aifw-privd") - PRIVATE == {"/run/wireguard"}


@pytest.mark.parametrize("units", [("aifw-launcher",), ("aifw-launcher", "aifw-privd"), ("aifw-privd",)])
def test_a_restart_leaves_the_tunnel_alone(host, office, wireguard_go, units):
    host.run("systemctl", "restart", *(f"{unit}.service" for unit in units))
    host.add_peer_soon(office.tunnel, f"after {' '.join(units)}")
    office.goes_on()
    assert processes(host) == [str(wireguard_go)]


def test_another_tunnel_can_be_made_after_all_restarts(host, office):
    host.aifw("vpn", "wg-add", "--name", "other", "--interface", "wg1", "--address", "10.1.0.1/24")
    (other,) = [tunnel for tunnel in host.listed("vpn", "wg-list") if tunnel["name"] == "other"]
    host.aifw("vpn", "wg-start", other["id"])
    assert host.links()["wg1"]["linkinfo"]["info_kind"] == "tun"
    host.aifw("vpn", "remove", other["id"])
    wait_until(lambda: len(processes(host)) == 1, "one process less")
    office.goes_on()
