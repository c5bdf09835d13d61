"""The sockets that a service manager opens for aifw-apid, passed by systemd's own tool (systemd-socket-activate(1))."""

from pathlib import Path

import pytest
from ground.daemon import Daemon
from ground.waiting import wait_until
from ground.world import API_ACCOUNT

LISTEN = ("127.0.0.1:443", "[::1]:443")


@pytest.fixture
def activated(helper_world):
    """A function that has systemd open the API's Unix socket and port 443 in the gateway's namespace, and start
    aifw-apid with them, as its account, at the first connection. It returns the daemon, which waits for that."""
    world = helper_world
    daemons = []

    def start(names, *options):
        listen = [word for address in (str(world.api_socket), *LISTEN) for word in ("--listen", address)]
        daemon = Daemon("aifw-apid", world.gateway.inside(
            "systemd-socket-activate", *listen, f"--fdname={names}",
            "/usr/bin/setpriv", f"--reuid={API_ACCOUNT}", f"--regid={API_ACCOUNT}", "--clear-groups", "--no-new-privs",
            "--bounding-set=-all", "--inh-caps=-all", world.binaries / "aifw-apid",
            "--config", world.configuration, "--database", world.database,
            "--helper-socket", world.helper_socket, *options),
            world.folder / "logs" / "aifw-apid", lambda daemon: daemon.words().count("Listening on") == 3)
        daemons.append(daemon)
        daemon.start()
        return daemon

    yield start
    for daemon in daemons:
        daemon.kill()


def curl(world, url, *arguments, check=True, header=""):
    """The body of the answer; the certificate is checked. `arguments` are words of curl, `header` is not among them."""
    done = world.gateway.run(
        "curl", "-sS", "--max-time", "20", "--cacert", world.certificate, "-H", "@-", *arguments, url, check=check,
        input=header)
    return done.stdout if check else done.returncode


def start_by_a_local_connection(world):
    """The first connection, over the Unix socket, answered as soon as the daemon is up."""
    return world.gateway.run(
        "curl", "-sS", "--max-time", "20", "--unix-socket", world.api_socket, "http://localhost/healthz").stdout


def token(world):
    return world.aifw("token", "create", "--name", "activation", "--scope", "admin").stdout.strip()


def test_the_api_is_served_on_the_sockets_that_systemd_opened(helper_world, activated):
    world = helper_world
    daemon = activated("api:https:https")
    assert "ready" not in daemon.words(), "nothing runs before the first connection"
    assert start_by_a_local_connection(world)
    bearer = f"Authorization: Bearer {token(world)}\n"
    for host in ("127.0.0.1", "[::1]"):
        answer = curl(
            world, "https://localhost/api/v1/vpn/wg", "--resolve", f"localhost:443:{host}", header=bearer)
        assert '"data":[]' in answer
    (ready,) = [line for line in daemon.words().splitlines() if line.endswith(" ready")]
    for listener in (str(world.api_socket), *LISTEN):
        assert f'"{listener}"' in ready, "the log says where it listens"
    status = Path(f"/proc/{daemon.pid}/status").read_text()
    shown = dict(line.split(":\t", 1) for line in status.splitlines())
    assert shown["Uid"].split() == [str(API_ACCOUNT)] * 4 and int(shown["CapEff"], 16) == 0


@pytest.mark.parametrize(("options", "answers"), [((), False), (("--listen", "127.0.0.1:8443"), True)])
def test_the_built_in_port_makes_way_for_a_passed_one_unless_it_was_asked_for(
        helper_world, activated, options, answers):
    world = helper_world
    activated("api:https:https", *options)
    start_by_a_local_connection(world)
    assert curl(world, "https://localhost/healthz")
    # 7 is curl's word for a refused connection.
    assert curl(world, "https://localhost:8443/healthz", check=False) == (0 if answers else 7)


@pytest.mark.parametrize(("names", "words"), [
    ("api:https:web", 'LISTEN_FDNAMES: "web" is not known; the names (FileDescriptorName=) are api and https'),
    ("https:https:https", "the socket named https (descriptor 3) is not a listening TCP socket"),
    ("api:api:https", "two sockets are named api"),
])
def test_sockets_that_are_named_wrongly_end_the_start_with_words(helper_world, activated, names, words):
    world = helper_world
    daemon = activated(names)
    # Whoever connects is hung up on.
    world.gateway.run("curl", "-sS", "--unix-socket", world.api_socket, "http://localhost/healthz", check=False)
    wait_until(lambda: not daemon.runs, "the end of a daemon that can't tell its sockets apart")
    assert words in daemon.words()
    assert "ready" not in daemon.words()
