"""The settings of aifw-apid, as the program itself takes them."""

import os
import subprocess

import pytest


@pytest.fixture
def check(binaries, tmp_path):
    """Runs `aifw-apid --check` with a file of this text, in a folder where nothing else is."""
    def run(text, *options, **environment):
        (tmp_path / "apid.yaml").write_text(text)
        return subprocess.run(
            [(binaries / "aifw-apid").resolve(), "--check", "--config", tmp_path / "apid.yaml", *options], cwd=tmp_path,
            env={"PATH": "/usr/bin:/bin"} | environment, text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=30)
    return run


def test_a_check_says_what_holds_and_where_it_is_from_and_touches_nothing(check, tmp_path):
    text = f"database: {tmp_path}/aifw.db\napi-socket: {tmp_path}/api.sock\nlisten: 127.0.0.1:1\n"
    done = check(text, "--log-level", "debug", AIFW_MAX_CONNECTIONS="200")
    assert (done.returncode, done.stderr) == (0, "")
    lines = [line.split() for line in done.stdout.splitlines()]
    assert lines[0] == ["configuration", "is", "good"]
    assert ["database", f"{tmp_path}/aifw.db", f"{tmp_path}/apid.yaml:1"] in lines
    assert ["log-level", "debug", "--log-level"] in lines
    assert ["max-connections", "200", "AIFW_MAX_CONNECTIONS"] in lines
    assert ["helper-socket", "/run/aifw/privd.sock", "built", "in"] in lines
    assert os.listdir(tmp_path) == ["apid.yaml"], "no database, no socket, no certificate"


@pytest.mark.parametrize("options", [["--check"], []])
def test_everything_that_is_wrong_is_said_at_once_and_nothing_starts(binaries, tmp_path, options):
    (tmp_path / "apid.yaml").write_text("listn: x\n\nmax-connections: many\n")
    done = subprocess.run(
        [(binaries / "aifw-apid").resolve(), *options, "--config", tmp_path / "apid.yaml", "--database", "relative"],
        cwd=tmp_path, env={"AIFW_LOG_LEVEL": "loud", "AIFW_LISTN": "127.0.0.1:1"}, text=True, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=30)
    assert (done.returncode, done.stdout) == (64, "")
    assert done.stderr.splitlines() == [
        "aifw-apid: AIFW_LISTN: is not known; did you mean AIFW_LISTEN?",
        f'aifw-apid: {tmp_path}/apid.yaml:1: "listn" is not known; did you mean "listen"?',
        'aifw-apid: --database: "relative" must be the absolute path of a file',
        f'aifw-apid: {tmp_path}/apid.yaml:3: max-connections: "many" must be a whole number from 128 to 16384',
        'aifw-apid: AIFW_LOG_LEVEL: "loud" must be one of trace, debug, info, notice, warning, error, critical',
    ]
    assert os.listdir(tmp_path) == ["apid.yaml"]


def test_a_request_has_one_line_in_the_log_whatever_its_path_is(world):
    world.rest.get("/vpn/wg").must(200)
    # A client that is after the log does not encode what it sends.
    for path in ('/"quoted"', "/status=200", "/\u202e", "/\x1b[31m", "/a\rb", "/%0Ax"):
        with world.rest.connection() as connection:
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: aifw.local\r\nConnection: close\r\n\r\n".encode())
            assert connection.recv(9) == b"HTTP/1.1 "
    lines = world.api.words().splitlines()
    (line,) = [line for line in lines if " path=/api/v1/vpn/wg " in line]
    for pair in ("caller=system-tests", "from=127.0.0.1", "method=GET", "status=200"):
        assert f" {pair} " in line
    assert all(character.isprintable() for line in lines for character in line)
    assert all(line[:2] == "20" for line in lines), "each begins with its time"
    assert not any(line.split(" path=")[1].startswith("/status=200 ") for line in lines if " path=" in line)


def test_a_setting_of_the_file_holds_in_the_daemon(world):
    world.configuration.write_text("max-connections: 128\nlog-level: debug\n")
    world.api.stop()
    world.start_api()
    world.rest.get("/vpn/wg").must(200)
    connections = [world.rest.plain_connection() for _ in range(200)]
    try:
        world.rest.get("/vpn/wg").must(200)
        assert "limit=128" in world.api.words()
    finally:
        for connection in connections:
            connection.close()
