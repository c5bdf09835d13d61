"""The certificate that aifw-apid shows: given ones are read again when it is told to, its own is made anew in time."""

import signal
import ssl
import subprocess
from http.client import HTTPResponse

import pytest
from ground.daemon import Daemon
from ground.waiting import wait_until
from ground.world import API_ACCOUNT


def openssl(*arguments):
    return subprocess.run(["openssl", *map(str, arguments)], check=True, text=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE).stdout


def make(folder, days):
    """A pair in `folder`, as certbot lays them down, readable for the daemon's account."""
    folder.mkdir(parents=True)
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", days,
            "-subj", "/CN=aifw.local", "-addext", "subjectAltName=DNS:aifw.local,IP:127.0.0.1",
            "-out", folder / "fullchain.pem", "-keyout", folder / "privkey.pem")
    for file in (folder, folder / "fullchain.pem", folder / "privkey.pem"):
        file.chmod(0o755 if file.is_dir() else 0o644)
    return folder


def point(live, folder):
    """Makes the links of `live` lead to the pair in `folder`, each at once."""
    live.mkdir(mode=0o755, exist_ok=True)
    for name in ("fullchain.pem", "privkey.pem"):
        (live / "new").symlink_to(folder / name)
        (live / "new").rename(live / name)


def shown(world):
    """What a new connection is shown, as PEM."""
    return ssl.get_server_certificate(("127.0.0.1", world.rest.port))


def status(connection):
    """Of an answer on a connection that stays open."""
    connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: aifw.local\r\n\r\n")
    response = HTTPResponse(connection)
    response.begin()
    response.read()
    return response.status


@pytest.fixture
def given(world):
    """The world's API with a given pair behind links; returns the folder of the links, and the first pair."""
    world.api.stop()
    store = world.folder / "api" / "pki"
    live, first = store / "live", make(store / "archive" / "1", 90)
    point(live, first)
    world.configuration.write_text(
        f"tls-certificate: {live}/fullchain.pem\ntls-private-key: {live}/privkey.pem\n")
    world.start_api()
    world.rest.certificate = live / "fullchain.pem"
    return live, first


def reload(world, words):
    """Tells the daemon to read its certificate again, and waits for what it says."""
    before = world.api.words().count(words)
    world.api.signal(signal.SIGHUP)
    wait_until(lambda: world.api.words().count(words) > before, f"the log says: {words}")


def test_a_renewed_certificate_is_shown_to_who_comes_and_nobody_is_hung_up_on(world, given):
    live, first = given
    assert shown(world) == (first / "fullchain.pem").read_text()
    with world.rest.connection() as open_before:
        assert status(open_before) == 200
        second = make(live.parent / "archive" / "2", 90)
        point(live, second)
        reload(world, "read the certificate again")
        assert shown(world) == (second / "fullchain.pem").read_text()
        world.rest.get("/vpn/wg").must(200)
        assert status(open_before) == 200, "the connection from before goes on"


@pytest.mark.parametrize("fault", ["no PEM", "another one's key", "no file"])
def test_a_broken_certificate_is_told_and_the_former_one_stays(world, given, fault):
    live, first = given
    second = make(live.parent / "archive" / "2", 90)
    if fault == "no PEM":
        (second / "fullchain.pem").write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    elif fault == "another one's key":
        (second / "privkey.pem").write_text((first / "privkey.pem").read_text())
    else:
        (second / "privkey.pem").unlink()
    point(live, second)
    reload(world, "a certificate can't be used, the former one stays")
    assert shown(world) == (first / "fullchain.pem").read_text()
    assert world.api.runs
    (line,) = [line for line in world.api.lines() if "can't be used" in line]
    assert str(live / "privkey.pem") in line and "PRIVATE" not in world.api.words()


def test_a_given_certificate_that_ends_soon_is_told_of_and_left_alone(world, given):
    live, _ = given
    soon = make(live.parent / "archive" / "2", 5)
    point(live, soon)
    reload(world, "the certificate ends soon")
    assert shown(world) == (soon / "fullchain.pem").read_text()


def test_its_own_certificate_is_made_anew_at_the_start_if_it_ends_soon(world):
    former = shown(world)
    world.api.stop()
    soon = make(world.folder / "soon", 29)
    key = world.certificate.with_suffix(".key")
    world.certificate.write_text((soon / "fullchain.pem").read_text())
    key.write_text((soon / "privkey.pem").read_text())
    world.start_api()
    assert "made a self-signed certificate" in world.api.words()
    now = shown(world)
    assert now not in (former, (soon / "fullchain.pem").read_text()) and now == world.certificate.read_text()
    world.rest.get("/vpn/wg").must(200)
    assert key.stat().st_mode & 0o777 == 0o600 and key.stat().st_uid == API_ACCOUNT


def test_its_own_certificate_that_ends_soon_is_made_anew_when_it_is_told_to_look(world):
    soon = make(world.folder / "soon", 29)
    for file, source in ((world.certificate, "fullchain.pem"), (world.certificate.with_suffix(".key"), "privkey.pem")):
        file.write_text((soon / source).read_text())
    reload(world, "read the certificate again")
    assert shown(world) == world.certificate.read_text() != (soon / "fullchain.pem").read_text()
    world.rest.get("/vpn/wg").must(200)


def test_a_reload_without_tls_ends_nothing(world):
    world.api.stop()
    daemon = Daemon("aifw-apid", [
        "setpriv", f"--reuid={API_ACCOUNT}", f"--regid={API_ACCOUNT}", "--clear-groups", world.binaries / "aifw-apid",
        "--config", world.configuration, "--database", world.database, "--helper-socket", world.helper_socket,
        "--api-socket", world.api_socket, "--listen", ""], world.folder / "logs" / "plain",
        lambda daemon: " ready" in daemon.words())
    daemon.start()
    try:
        daemon.signal(signal.SIGHUP)
        assert world.aifw("vpn", "list").returncode == 0
        assert daemon.runs
    finally:
        daemon.kill()
