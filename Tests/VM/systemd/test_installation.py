"""What is there after the installation, before anybody uses it."""

import grp
import pwd
import stat
import subprocess
from pathlib import Path

import pytest
from ground.waiting import wait_until
from host import PRIVATE, status

CAP_NET_ADMIN = 1 << 12
# The units, and the accounts that they run as.
DAEMONS = ["aifw-privd", "aifw-apid"]
def owner(path):
    """Owner, group and mode, as an administrator would write them."""
    found = Path(path).stat()
    names = (pwd.getpwuid(found.st_uid).pw_name, grp.getgrgid(found.st_gid).gr_name)
    return (*names, oct(stat.S_IMODE(found.st_mode)))


@pytest.fixture
def idle(host):
    """Only the sockets are open."""
    # In this order: an API daemon that still runs would connect to the helper's socket, and start it.
    for unit in ("aifw-apid.service", "aifw-privd.service"):
        host.run("systemctl", "stop", unit)
    assert host.pid("aifw-apid") == host.pid("aifw-privd") == 0
    return host


@pytest.mark.parametrize("name", DAEMONS)
def test_each_daemon_has_an_account_that_nobody_can_use(host, name):
    account = pwd.getpwnam(name)
    assert account.pw_uid != 0 and account.pw_shell == "/usr/sbin/nologin"
    assert grp.getgrgid(account.pw_gid).gr_name == name
    assert not [group.gr_name for group in grp.getgrall() if name in group.gr_mem]


def test_the_administrators_group_begins_empty(host):
    assert grp.getgrnam("aifw").gr_mem == []


@pytest.mark.parametrize(("path", "expected"), [
    ("/run/aifw", ("root", "root", "0o755")), ("/etc/aifw", ("root", "root", "0o755")),
    ("/run/aifw/privd.sock", ("aifw-apid", "aifw-apid", "0o600")), ("/run/aifw/api.sock", ("root", "aifw", "0o660")),
])
def test_folders_and_sockets_belong_to_whom_they_should(host, path, expected):
    assert owner(path) == expected


def test_the_first_connection_starts_each_daemon(idle):
    # The API's own health is asked first, by a local caller; the daemon itself then connects to the helper.
    done = idle.run("curl", "-sS", "--unix-socket", "/run/aifw/api.sock", "--fail", "http://localhost/healthz")
    assert done.stdout and idle.pid("aifw-apid") != 0
    wait_until(lambda: idle.pid("aifw-privd"), "the helper, which aifw-apid connects to")
    assert owner("/var/lib/aifw-privd") == ("aifw-privd", "aifw-privd", "0o700")
    wait_until(Path("/var/lib/aifw-privd/master.key").exists, "its key")
    assert owner("/var/lib/aifw-privd/master.key") == ("aifw-privd", "aifw-privd", "0o400")
    assert owner("/var/lib/aifw-apid") == ("aifw-apid", "aifw-apid", "0o700")


def test_a_connection_to_port_443_starts_it_too(idle):
    done = idle.run("curl", "-sS", "--cacert", "/var/lib/aifw-apid/tls.crt", "https://localhost/healthz")
    assert done.stdout and idle.pid("aifw-apid") != 0


@pytest.mark.parametrize("address", ["127.0.0.1", "[::1]", "192.0.2.77"])
def test_https_on_port_443_needs_no_capability(host, token, address):
    if address.startswith("192"):
        host.run("ip", "address", "replace", f"{address}/32", "dev", "lo")
    answer = host.https("/api/v1/vpn/wg", token, "--resolve", f"localhost:443:{address}")
    assert answer["data"] == []
    shown = status(host.pid("aifw-apid"))
    assert [int(shown[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")] == [0] * 5


def test_no_other_port_is_open(host):
    listed = host.run("ss", "-Hltn").stdout.splitlines()
    assert {line.split()[3] for line in listed} == {"0.0.0.0:443", "[::]:443"}


@pytest.mark.parametrize("unit", DAEMONS)
def test_each_daemon_runs_as_its_account_behind_a_system_call_filter(host, token, unit):
    host.aifw("vpn", "list")
    shown = status(host.pid(unit))
    account = pwd.getpwnam(unit)
    assert shown["Uid"].split() == [str(account.pw_uid)] * 4
    assert shown["Gid"].split() == [str(account.pw_gid)] * 4
    assert shown["Groups"].split() in ([], [str(account.pw_gid)])
    assert shown["NoNewPrivs"] == "1"
    # A filter; how many is for each daemon to say, which has one of its own beside the unit's.
    assert shown["Seccomp"] == "2"


def test_the_helper_has_cap_net_admin_and_can_pass_on_nothing(host):
    shown = status(host.pid("aifw-privd"))
    held = {name: int(shown[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")}
    assert held == {"CapInh": 0, "CapPrm": CAP_NET_ADMIN, "CapEff": CAP_NET_ADMIN, "CapBnd": CAP_NET_ADMIN, "CapAmb": 0}
    assert shown["Threads"] == "1"


@pytest.mark.parametrize("unit", DAEMONS)
def test_a_daemon_can_write_to_its_state_and_to_folders_that_nobody_else_sees(host, unit):
    assert host.writable(unit, unit) - PRIVATE == {f"/var/lib/{unit}"}


@pytest.mark.parametrize(("unit", "path"), [
    ("aifw-apid", "/var/lib/aifw-privd"), ("aifw-privd", "/var/lib/aifw-apid"), ("aifw-apid", "/dev/net"),
    ("aifw-privd", "/dev/net"), ("aifw-apid", "/root"), ("aifw-privd", "/root"),
])
def test_a_daemon_does_not_see(host, unit, path):
    seen = f"/proc/{host.pid(unit)}/root{path}"
    assert not Path(seen).exists() or stat.S_IMODE(Path(seen).stat().st_mode) == 0


def test_a_boot_starts_the_api_and_with_it_the_helper(idle):
    # What a boot does: the target wants what is enabled.
    idle.run("systemctl", "start", "multi-user.target")
    wait_until(lambda: idle.pid("aifw-apid") and idle.pid("aifw-privd"), "both daemons")


def test_another_account_is_kept_from_both_sockets(host):
    for path in ("/run/aifw/api.sock", "/run/aifw/privd.sock"):
        done = subprocess.run(
            ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "curl", "-sS", "--unix-socket", path,
             "http://localhost/healthz"], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        # 7 is curl's word for a connection that could not be made.
        assert done.returncode == 7, done.stderr


def test_systemd_understood_every_line(host):
    said = host.journal("_PID=1", "--priority", "notice")
    assert not [line for line in said.splitlines() if "aifw" in line and ("gnoring" in line or "nknown" in line)]
