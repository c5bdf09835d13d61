"""The processes as the kernel shows them, and what they can't do: docs/PRIVSEP.md, looked up in /proc and tried."""

import ctypes
import os
import socket
import struct
import subprocess
from pathlib import Path

import pytest
from ground.client import PingStream
from ground.daemon import Daemon
from ground.frames import Frames
from ground.process import CAPABILITY_SETS, NET_ADMIN, Process
from ground.waiting import wait_until
from ground.world import API_ACCOUNT, HELPER_ACCOUNT
from hostile.account import Under

THIRD_ACCOUNT = 60813
ACCOUNTS = {"helper": HELPER_ACCOUNT, "launcher": HELPER_ACCOUNT, "wireguard-go": HELPER_ACCOUNT, "api": API_ACCOUNT}
CAPABILITIES = {
    "helper": (0, NET_ADMIN, NET_ADMIN, NET_ADMIN, 0),
    "launcher": (NET_ADMIN, NET_ADMIN, 0, NET_ADMIN, NET_ADMIN),
    "wireguard-go": (NET_ADMIN,) * 5,
    "api": (0,) * 5,
}
# At least. Of the helper's two one was for trying, the other kills; the launcher's is wireguard-go's as well.
FILTERS = {"helper": 2, "launcher": 1, "wireguard-go": 1, "api": 1}
IDLE_KIB = 4096
STEPS = [
    "groups", "group", "user", "raise", "bounding set", "ambient set", "securebits", "capabilities",
    "no new privileges", "not dumpable", "no core", "files", "system calls"]


class Running:
    """A world with a running tunnel, and its processes by name."""

    def __init__(self, world):
        self.world = world
        self.tunnel = world.rest.tunnel()
        self.peer = world.rest.peer(self.tunnel, "laptop")
        world.rest.start(self.tunnel)

    def process(self, name):
        if name == "wireguard-go":
            # One, of the one tunnel; the clients' are in namespaces of their own.
            (pid,) = self.world.gateway.processes(name)
            return Process(pid)
        return Process(getattr(self.world, name).pid)


@pytest.fixture(scope="module")
def running(shared_world):
    return Running(shared_world)


# MARK: What the kernel shows

@pytest.mark.parametrize("name", ACCOUNTS)
def test_every_thread_is_of_its_account_alone(running, name):
    user = str(ACCOUNTS[name])
    for thread in running.process(name).threads():
        assert thread["Uid"].split() == [user] * 4 and thread["Gid"].split() == [user] * 4
        assert thread["Groups"] in ("", user)


@pytest.mark.parametrize("name", ACCOUNTS)
def test_every_thread_has_the_capabilities_it_needs_and_no_other(running, name):
    for thread in running.process(name).threads():
        assert tuple(int(thread[one], 16) for one in CAPABILITY_SETS) == CAPABILITIES[name]


@pytest.mark.parametrize("name", ACCOUNTS)
def test_every_thread_is_under_a_filter_and_gains_nothing_by_executing(running, name):
    for thread in running.process(name).threads():
        assert thread["NoNewPrivs"] == "1"
        assert thread["Seccomp"] == "2", "no filter of system calls"
        # Whatever stands around the test (a container) may have put a filter of its own there.
        around = int(Process(os.getpid()).status()["Seccomp_filters"])
        assert int(thread["Seccomp_filters"]) >= around + FILTERS[name]


@pytest.mark.parametrize("name", ["helper", "launcher"])
def test_it_has_one_thread(running, name):
    assert len(running.process(name).threads()) == 1


@pytest.mark.parametrize("name", ACCOUNTS)
def test_it_leaves_no_core(running, name):
    assert running.process(name).core_limit() == ("0", "0")


def opened(pid, names):
    """A worker of Under: which of these files of a process it can open."""
    yield
    found = set()
    for name in names:
        try:
            with Process(pid).path(name).open("rb"):
                found.add(name)
        except PermissionError:
            pass
    yield found


def readable(process, user):
    worker = Under(user, opened, process.pid, ["mem", "environ", "maps", "auxv"])
    try:
        return worker.send(None)
    finally:
        worker.close()


@pytest.mark.parametrize("name", ACCOUNTS)
def test_another_process_of_its_account_cannot_read_its_memory(running, name):
    assert readable(running.process(name), ACCOUNTS[name]) == set()


def test_one_that_is_not_kept_from_it_can_be_read(running):
    """What the test above would show of a process that is not protected."""
    sleeper = subprocess.Popen(["setpriv", f"--reuid={HELPER_ACCOUNT}", f"--regid={HELPER_ACCOUNT}", "--clear-groups",
                                "sleep", "infinity"])
    try:
        process = Process(sleeper.pid)
        wait_until(lambda: process.status()["Name"] == "sleep", "another process of the account")
        assert {"mem", "environ"} <= readable(process, HELPER_ACCOUNT)
    finally:
        sleeper.kill()
        sleeper.wait()


@pytest.mark.parametrize("name", ["helper", "launcher", "api"])
def test_it_is_not_dumpable(running, name):
    # Such a process's files in /proc are root's (proc(5)).
    assert running.process(name).path("environ").stat().st_uid == 0


def test_wireguard_is_told_its_interface_and_nothing_else(running):
    process = running.process("wireguard-go")
    assert process.words("cmdline") == ["wireguard-go", "-f", "wg0"]
    assert process.words("environ") == ["WG_PROCESS_FOREGROUND=1"]


@pytest.mark.parametrize("name", ["helper", "launcher", "api"])
def test_it_is_given_paths_and_numbers_and_no_secret(running, name):
    process = running.process(name)
    # A key has at least 43 letters of base 64, or 64 hexadecimal digits, without a slash or a dot.
    for word in process.words("cmdline") + process.words("environ"):
        assert word.startswith(("/", "--")) or len(word) < 32, "a word that is neither path nor option nor short"


def test_the_helper_has_sockets_open_and_no_file(running):
    descriptors = running.process("helper").descriptors()
    log = str(running.world.helper.log)
    assert {number: descriptors.pop(number) for number in (0, 1, 2)} == {0: "/dev/null", 1: log, 2: log}
    # The listener, four of netlink (routing, XFRM, nf_tables, libnftables), and the connections of the two kinds.
    assert list(descriptors.values()) == ["socket"] * 7


def test_the_launcher_has_its_listener_and_a_descriptor_a_tunnel(running):
    descriptors = running.process("launcher").descriptors()
    log = str(running.world.launcher.log)
    assert {number: descriptors.pop(number) for number in (0, 1, 2)} == {0: "/dev/null", 1: log, 2: log}
    assert sorted(descriptors.values()) == ["anon_inode:[pidfd]", "socket"]


def test_wireguard_has_inherited_nothing_but_where_to_write(running):
    descriptors = running.process("wireguard-go").descriptors()
    assert descriptors.pop(0) == "/dev/null"
    assert descriptors.pop(1) == "/memfd:aifw (deleted)"
    # Its standard error is the launcher's.
    assert descriptors.pop(2) == str(running.world.launcher.log)
    assert descriptors.pop(3) == "/dev/net/tun"
    own = {"socket", "pipe", "anon_inode:[eventpoll]", "anon_inode:[eventfd]", "anon_inode:inotify"}
    assert set(descriptors.values()) <= own


def test_the_helper_keeps_little_memory_idle_and_after_reading(running):
    world, process = running.world, running.process("helper")
    assert process.private_kib() <= IDLE_KIB
    for _ in range(50):
        world.rest.status(running.tunnel)
        world.rest.config(running.tunnel, running.peer)
    assert process.private_kib() <= IDLE_KIB


# MARK: What the programs say themselves

def checked(world, program, *options, account=None):
    command = [world.binaries / program, "--check-confinement", *options]
    if account is not None:
        command = ["setpriv", f"--reuid={account}", f"--regid={account}", "--clear-groups", *command]
    return world.gateway.run(*command, check=False)


@pytest.mark.parametrize(("program", "options"), [
    ("aifw-privd", ["--wireguard", "userspace"]), ("aifw-privd", ["--wireguard", "kernel"]),
    ("aifw-privd", ["--wireguard", "userspace", "--filter", "none"]),
    ("aifw-privd", ["--wireguard", "kernel", "--filter", "pf"]), ("aifw-launcher", []),
    ("aifw-launcher", ["--pfctl", "/usr/bin/true", "--pf-device", "/dev/zero"])])
def test_a_check_of_the_confinement_shows_each_step_and_that_it_holds(shared_world, program, options):
    done = checked(shared_world, program, "--user", str(HELPER_ACCOUNT), *options)
    assert done.returncode == 0, done.stderr
    rows = [line.split("  ", 1) for line in done.stdout.splitlines()]
    assert all(word == "holds" for word, _ in rows) and not done.stderr
    assert [rest.strip().split("  ")[0] for _, rest in rows] == STEPS
    assert all(len(rest.strip().split("  ", 1)[1].strip()) > 20 for _, rest in rows), "a step without its reason"


@pytest.mark.parametrize("program", ["aifw-privd", "aifw-launcher"])
def test_a_plain_user_is_refused_with_what_is_missing(shared_world, program):
    done = checked(shared_world, program, "--user", str(THIRD_ACCOUNT), account=THIRD_ACCOUNT)
    assert done.returncode == 1 and not done.stdout
    assert "CAP_NET_ADMIN is missing; start as root, or with AmbientCapabilities=CAP_NET_ADMIN" in done.stderr


def test_the_api_daemon_takes_from_itself_what_a_unit_would_take(world):
    """Started by hand, as its account, without setpriv's no_new_privs."""
    world.api.stop()
    daemon = Daemon("aifw-apid", [
        "setpriv", f"--reuid={API_ACCOUNT}", f"--regid={API_ACCOUNT}", "--clear-groups", world.binaries / "aifw-apid",
        "--database", world.database, "--helper-socket", world.helper_socket, "--api-socket", world.api_socket,
        "--listen", "127.0.0.1:0"], world.folder / "logs" / "aifw-apid-alone",
        lambda daemon: " ready" in daemon.words())
    try:
        daemon.start()
        for thread in Process(daemon.pid).threads():
            assert thread["NoNewPrivs"] == "1" and thread["Seccomp"] == "2"
            assert [int(thread[one], 16) for one in CAPABILITY_SETS if one != "CapBnd"] == [0] * 4
    finally:
        daemon.kill()


# MARK: Who can connect

def denied(path, user, kind):
    """Whether the kernel itself keeps the account from connecting."""
    one = socket.socket(socket.AF_UNIX, kind)
    os.seteuid(user)
    try:
        one.connect(str(path))
        return False
    except PermissionError:
        return True
    finally:
        os.seteuid(0)
        one.close()


@pytest.mark.parametrize(("path", "user"), [
    ("helper_socket", THIRD_ACCOUNT), ("helper_socket", HELPER_ACCOUNT), ("api_socket", THIRD_ACCOUNT),
    ("api_socket", HELPER_ACCOUNT), ("launcher_socket", THIRD_ACCOUNT), ("launcher_socket", API_ACCOUNT)])
def test_a_socket_is_shut_to_other_accounts(running, path, user):
    world = running.world
    said = len(world.helper.lines()) + len(world.launcher.lines())
    kind = socket.SOCK_SEQPACKET if path == "launcher_socket" else socket.SOCK_STREAM
    assert denied(getattr(world, path), user, kind)
    assert len(world.helper.lines()) + len(world.launcher.lines()) == said


@pytest.mark.parametrize("user", [0, THIRD_ACCOUNT, HELPER_ACCOUNT], ids=["root", "a third", "the helper's"])
def test_the_helper_asks_who_connected_even_where_the_socket_is_open_to_all(helper_world, user):
    helper_world.helper_socket.chmod(0o666)
    said = len(helper_world.helper.lines())
    stranger = Frames(helper_world.helper_socket, user)
    try:
        answer = stranger.greet("read")
    except BrokenPipeError:
        answer = None
    stranger.close()
    assert answer is None
    (line,) = wait_until(lambda: helper_world.helper.lines()[said:], "a line in the log")
    assert f"user {user}" in line


def told(world, message, user=HELPER_ACCOUNT):
    """What the launcher answers to a packet; b"" if it hangs up."""
    one = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    one.settimeout(15)
    os.seteuid(user)
    try:
        one.connect(str(world.launcher_socket))
    finally:
        os.seteuid(0)
    try:
        if message is not None:
            one.send(message)
        return one.recv(64)
    except (BrokenPipeError, ConnectionResetError):
        return b""
    finally:
        one.close()


READY = struct.pack("=Bi", 0, 0)


def start_of(number):
    return struct.pack("=HI", 1, number)


@pytest.mark.parametrize("user", [0, THIRD_ACCOUNT, API_ACCOUNT], ids=["root", "a third", "the API daemon's"])
def test_the_launcher_asks_who_connected_even_where_the_socket_is_open_to_all(helper_world, user):
    helper_world.launcher_socket.chmod(0o666)
    said = len(helper_world.launcher.lines())
    assert told(helper_world, start_of(7), user) == b""
    (line,) = wait_until(lambda: helper_world.launcher.lines()[said:], "a line in the log")
    assert f"user {user}" in line and f"only user {HELPER_ACCOUNT} may connect" in line
    assert helper_world.gateway.processes("wireguard-go") == []


WRONG = {
    "another verb": struct.pack("=HI", 4, 1), "wg10000": start_of(10_000), "wg65535": start_of(65_535),
    "too short": start_of(1)[:5], "too long": start_of(1) + b"\0", "very long": start_of(1) * 1000,
    "a path": b"/bin/sh\0", "silence": None}


@pytest.mark.parametrize("name", WRONG)
def test_the_launcher_hangs_up_on_anything_but_a_request(helper_world, name):
    said = len(helper_world.launcher.lines())
    assert told(helper_world, WRONG[name]) == b""
    (line,) = wait_until(lambda: helper_world.launcher.lines()[said:], "a line in the log")
    assert "it asked for nothing" in line
    assert helper_world.gateway.processes("wireguard-go") == []
    assert told(helper_world, start_of(7)) == READY, "it must go on"
    assert "wg7" in helper_world.gateway.links()


# MARK: When one of them ends

@pytest.mark.parametrize("which", [("helper",), ("launcher",), ("helper", "launcher")], ids="+".join)
def test_wireguard_outlives_who_is_killed_and_is_found_again(world, which):
    running = Running(world)
    before = running.process("wireguard-go")
    client = world.connected_client(running.tunnel, running.peer)
    stream, index = PingStream(client), world.index()
    for name in which:
        getattr(world, name).kill()
    stream.advance(3)
    if "launcher" in which:
        # Whoever takes a dead launcher's children in, they keep their cage.
        assert running.process("wireguard-go").pid == before.pid
        if "helper" not in which:
            answer = world.rest.post("/vpn/wg", {"name": "other", "address": "10.9.0.1/24", "enabled": True})
            assert answer.status == 502 and "aifw-launcher does not answer" in answer.json["detail"], answer.body
    for name in which:
        getattr(world, name).start()
    added = wait_until(lambda: added_peer(world, running.tunnel), "a write after the restart", 15)
    assert added["public_key"] in world.wireguard(), "the helper speaks to the same wireguard-go"
    other = world.rest.tunnel(
        name="other", interface="wg1", listen_port=51821, address="10.9.0.1/24", enabled=True)
    assert world.rest.status(other)["running"] is True
    stream.advance(3)
    stream.stop()
    assert world.index() == index
    pids = set(world.gateway.processes("wireguard-go"))
    assert before.pid in pids and len(pids) == 2
    for pid in pids:
        for thread in Process(pid).threads():
            assert tuple(int(thread[one], 16) for one in CAPABILITY_SETS) == CAPABILITIES["wireguard-go"]
            assert thread["Seccomp"] == "2"


def added_peer(world, tunnel):
    answer = world.rest.post(f"/vpn/wg/{tunnel['id']}/peers", {"name": "after the restart"})
    assert answer.status in (201, 503), answer.body
    return answer.data if answer.status == 201 else None


# MARK: What wireguard-go cannot do

PRISONER = Path(__file__).parent / "prison" / "prisoner.c"
# What the same program can do under the same account and capability without the cage: so these attempts are real ones.
# The others are denied to every plain account as well, or (namespaces) on some hosts.
FREE = {"passwd", "root", "key", "new-file", "new-folder", "self", "helper-signal", "tcp", "firewall", "ipsec",
        "generic-netlink", "trace", "shell", "dumpable"}
# What a kernel's Landlock can't keep from it yet, by the first ABI that can (landlock(7)).
SINCE = {"tcp": 4, "helper-signal": 6}


# What is its account's own, and no Landlock up to ABI 7 keeps from it: sockets by path. So one wireguard-go that is
# taken over can configure the others, and have more of them started.
OPEN = {"launcher-socket", "sibling-socket"}


def landlock_abi():
    create_ruleset, version = 444, 1
    return ctypes.CDLL(None, use_errno=True).syscall(create_ruleset, 0, 0, version)


@pytest.fixture
def prisoner(helper_world):
    """A world, and a program that can stand in wireguard-go's place; it says what of all it tries has worked."""
    world, program = helper_world, helper_world.binaries / "prisoner"
    places = {"KEY": world.state / "master.key", "RUN": "/run/wireguard", "SOCKET": world.helper_socket,
              "API": world.api_socket, "LAUNCHER": world.launcher_socket}
    subprocess.run(
        ["cc", "-static", "-O1", "-Wall", "-Werror", *(f'-D{name}="{path}"' for name, path in places.items()),
         f"-DHELPER={world.helper.pid}", "-o", program, PRISONER], check=True)
    program.chmod(0o755)
    return world, program


def test_a_program_in_wireguards_place_can_reach_its_accounts_sockets_and_nothing_else(prisoner):
    world, program = prisoner
    assert told(world, start_of(1)) == READY, "a sibling, to be left alone"
    world.launcher.stop()
    launcher = Daemon("aifw-launcher", world.gateway.inside(
        world.binaries / "aifw-launcher", "--socket", world.launcher_socket, "--user", HELPER_ACCOUNT,
        "--wireguard-go", program), world.folder / "logs" / "aifw-launcher-prison",
        lambda daemon: "aifw-launcher: ready:" in daemon.words())
    try:
        launcher.start()
        assert told(world, start_of(7)) == struct.pack("=Bi", 2, 3), "it ends by itself with status 3"
        words = wait_until(lambda: launcher.lines()[1:], "what it says")
    finally:
        launcher.kill()
    said = words[0].removeprefix("aifw-launcher: wireguard-go for wg7: worked:")
    assert said != words[0], words
    unkept = {name for name, abi in SINCE.items() if landlock_abi() < abi}
    assert set(said.split()) == unkept | OPEN
    assert world.helper.runs


def test_without_the_cage_the_same_program_can_do_most_of_it(prisoner):
    world, program = prisoner
    done = world.gateway.run(
        "setpriv", f"--reuid={HELPER_ACCOUNT}", f"--regid={HELPER_ACCOUNT}", "--clear-groups",
        "--inh-caps=+net_admin", "--ambient-caps=+net_admin", program, check=False)
    assert done.returncode == 3 and FREE <= set(done.stdout.removeprefix("worked:").split())


def test_the_api_daemon_runs_as_root_only_if_told_to_and_says_so(helper_world, tmp_path):
    world = helper_world
    command = [world.binaries / "aifw-apid", "--database", tmp_path / "aifw.db", "--helper-socket", world.helper_socket,
               "--api-socket", tmp_path / "api.sock", "--listen", ""]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, env={})
    assert done.returncode == 64 and "better run as the account aifw-apid" in done.stderr
    assert not (tmp_path / "aifw.db").exists()
    daemon = Daemon("aifw-apid as root", [*command, "--allow-root"], tmp_path / "log",
                    lambda daemon: "ready" in daemon.words())
    try:
        daemon.start()
        line = next(line for line in daemon.words().splitlines() if "runs as root" in line)
        assert " critical " in line
        status = dict(line.split(":\t", 1) for line in Path(f"/proc/{daemon.pid}/status").read_text().splitlines())
        assert int(status["CapEff"], 16) == 0 and int(status["CapPrm"], 16) == 0
        assert status["Seccomp"] == "2" and status["NoNewPrivs"] == "1"
    finally:
        daemon.kill()


def test_a_certificate_may_be_a_link_to_another_folder(world, tmp_path):
    real, links = world.folder / "certificates" / "2026", world.folder / "certificates" / "live"
    for folder in (real.parent, real, links):
        folder.mkdir(mode=0o711)
    for name in ("tls.crt", "tls.key"):
        (real / name).write_bytes((world.folder / "api" / name).read_bytes())
        os.chown(real / name, API_ACCOUNT, API_ACCOUNT)
        (real / name).chmod(0o600)
        (links / name).symlink_to(real / name)
    daemon = Daemon("aifw-apid", [
        "setpriv", f"--reuid={API_ACCOUNT}", f"--regid={API_ACCOUNT}", "--clear-groups", world.binaries / "aifw-apid",
        "--database", world.folder / "api" / "other.db", "--helper-socket", world.helper_socket, "--api-socket",
        world.folder / "api" / "other.sock", "--listen", "127.0.0.1:0", "--tls-certificate", links / "tls.crt",
        "--tls-private-key", links / "tls.key"], tmp_path / "log", lambda daemon: "ready" in daemon.words())
    try:
        daemon.start()
    finally:
        daemon.kill()
