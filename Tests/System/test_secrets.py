"""No secret in a log, in arguments, in an environment, in the database, or in what a GET answers."""

import base64
import re
import threading
from pathlib import Path

import pytest
from ground.waiting import wait_until


def forms(secret):
    """A secret's bytes as they would look where somebody put them: raw, hex, base 64."""
    text = base64.b64encode(secret)
    return {secret, secret.hex().encode(), secret.hex().upper().encode(), text, text.rstrip(b"="),
            base64.urlsafe_b64encode(secret).rstrip(b"=")}


class Watch(threading.Thread):
    """Collects the arguments and environments of all processes as long as it runs."""

    def __init__(self):
        super().__init__(daemon=True)
        self.seen = set()
        self._ended = threading.Event()

    def run(self):
        while not self._ended.is_set():
            for process in Path("/proc").glob("[0-9]*"):
                for name in ("cmdline", "environ"):
                    try:
                        self.seen.add((process / name).read_bytes())
                    except OSError:
                        pass  # It has ended.

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        self.join()


@pytest.fixture
def lived(world):
    """A world in which much has happened, what was seen of its processes meanwhile, and its secrets."""
    rest, given = world.rest, base64.b64encode(bytes(range(7, 39))).decode()
    with Watch() as watch:
        tunnel = rest.tunnel()
        peer = rest.peer(tunnel, "laptop")
        shared = rest.peer(tunnel, "shared", preshared_key=given)
        rest.start(tunnel)
        client = world.connected_client(tunnel, peer)
        texts = [rest.config(tunnel, one) for one in (peer, shared)]
        world.aifw("vpn", "wg-config", "--tunnel", tunnel["id"], peer["id"])
        world.aifw("vpn", "wg-status", tunnel["id"])
        rest.post("/vpn/wg", {"name": "bad", "address": "x", "private_key": given}).must(422)
        wrong = {"name": "bad", "allowed_ips": "x", "preshared_key": given}
        rest.post(f"/vpn/wg/{tunnel['id']}/peers", wrong).must(422)
        world.helper.kill()
        world.helper.start()
        wait_until(lambda: rest.get(f"/vpn/wg/{tunnel['id']}/status").status == 200, "the helper back", 15)
        answers = [rest.get(path) for path in (
            "/vpn/wg", f"/vpn/wg/{tunnel['id']}", f"/vpn/wg/{tunnel['id']}/peers", f"/vpn/wg/{tunnel['id']}/status",
            f"/vpn/wg/{tunnel['id']}/peers/{peer['id']}", f"/vpn/wg/{tunnel['id']}/peers/{shared['id']}", "//healthz")]
    assert client.interface
    secrets = {
        "a pre-shared key": base64.b64decode(given), "the vault's key": (world.state / "master.key").read_bytes()}
    for number, text in enumerate(texts):
        private = re.search(r"^PrivateKey = (.+)$", text, re.MULTILINE)[1]
        secrets[f"the private key of client {number}"] = base64.b64decode(private)
    device = world.gateway.run("wg", "show", "wg0", "private-key").stdout.strip()
    secrets["the tunnel's private key"] = base64.b64decode(device)
    return world, watch, answers, secrets


def test_no_secret_is_anywhere_it_does_not_belong(lived):
    world, watch, answers, secrets = lived
    token = world.rest.token.encode()
    places = {f"log of {path.name}": path.read_bytes() for path in (world.folder / "logs").iterdir()}
    places |= {f"answer {number}": answer.body for number, answer in enumerate(answers)}
    places |= {f"process {number}": seen for number, seen in enumerate(sorted(watch.seen))}
    places |= {path.name: path.read_bytes() for path in (world.folder / "api").glob("aifw.db*")}
    assert any(name.startswith("aifw.db") for name in places) and len(watch.seen) > 10
    for place, content in places.items():
        assert token not in content, f"the token is in {place}"
        for name, secret in secrets.items():
            # Not the values themselves: a failing test must not print them.
            assert not any(form in content for form in forms(secret)), f"{name} is in {place}"


def test_an_answer_says_that_there_are_secrets_without_saying_them(world):
    tunnel = world.rest.tunnel()
    peer = world.rest.peer(tunnel, "laptop")
    assert peer["has_private_key"] is True and peer["has_preshared_key"] is False
    for one in (tunnel, peer):
        assert not {"private_key", "preshared_key"} & set(one)


def test_what_must_be_kept_is_kept_from_others(lived):
    world = lived[0]
    for path in (world.folder / "api").iterdir():
        if path.is_file() and path != world.certificate:
            assert path.stat().st_mode & 0o007 == 0, f"{path.name} can be read by everybody"
