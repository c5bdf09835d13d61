"""schemathesis makes requests up from the description, right ones and wrong ones, and holds every answer against it.

How it does so, and the exact list of what no schema can say, is in schemathesis.toml."""

import json
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
# The exact list of what is refused by a kernel without ESP and AH, and by wireguard-go, which may take no port below
# 1024.
REFUSALS = (
    r"the helper refused: kernel: (enc|auth)_algo: cannot install (ESP|AH) with [a-z0-9-]+: ",
    r": listen_port: cannot listen on UDP port ([1-9]\d{0,2}|10[01]\d|102[0-3]): Permission denied",
)


def _objects(rest):
    """What there is to work on: ids of tunnels and associations, and of the tunnels' peers."""
    ids, peers = [], []
    for number in range(3):
        tunnel = rest.tunnel(name=f"tunnel {number}", interface=f"wg{70 + number}", listen_port=51970 + number,
                             address=f"10.{70 + number}.0.1/24", endpoint="vpn.example.org")
        ids.append(tunnel["id"])
        peers += [rest.peer(tunnel, f"peer {count}")["id"] for count in range(5)]
        ids.append(rest.association(name=f"association {number}", dst_addr=f"198.51.100.{70 + number}",
                                    enabled=False)["id"])
    return ids, peers


def test_no_request_made_up_from_the_description_gets_an_answer_that_is_not_in_it(world):
    rest = world.rest
    (own,) = rest.get("/tokens").must(200).data
    ids, peers = _objects(rest)
    folder = world.folder / "clients"
    document, settings = folder / "openapi.json", folder / "schemathesis.toml"
    document.write_bytes(rest.get("/openapi.json").must(200).body)
    # The token is in a file that nobody else can read: neither in an argument nor in the environment.
    settings.touch(mode=0o600)
    settings.write_text(f"""{(HERE / "schemathesis.toml").read_text()}
[headers]
Authorization = "Bearer {rest.token}"

[dictionaries]
objects.values = {json.dumps(ids)}
peers.values = {json.dumps(peers)}

[parameters]
"path.id" = {{ dictionary = "objects", probability = 0.5 }}
"path.peer" = {{ dictionary = "peers", probability = 0.5 }}
""")
    environment = {
        "PATH": "/usr/bin:/bin", "HOME": str(folder), "PYTHONPATH": str(HERE), "PYTHONDONTWRITEBYTECODE": "1",
        "NO_COLOR": "1", "AIFW_OWN_TOKEN": own["id"],
    }
    done = subprocess.run(
        [sys.executable, "-m", "schemathesis.cli", "--config-file", settings, "run", document,
         "--url", f"https://localhost:{rest.port}", "--tls-verify", world.certificate],
        env=environment, cwd=folder, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, timeout=600)
    assert done.returncode == 0, done.stdout
    # That it has done what it was told: every operation, all four phases, thousands of requests.
    operations = sum(method in item for item in rest.get("/openapi.json").json["paths"].values()
                     for method in ("get", "put", "post", "delete", "patch"))
    assert f"Tested: {operations}" in done.stdout, done.stdout
    for phase in ("Examples", "Coverage", "Fuzzing", "Stateful"):
        assert re.search(rf"✅ +{phase}$", done.stdout, re.MULTILINE), done.stdout
    passed = re.search(r"(\d+) generated, (\d+) passed", done.stdout)
    assert passed and passed[1] == passed[2] and int(passed[1]) > 1000, done.stdout
    # What failed in the kernel is what this host's kernel or this WireGuard can't do, and nothing else failed.
    failed = [line for line in world.api.words().splitlines() if "request failed" in line]
    strange = [line for line in failed if not any(re.search(words, line) for words in REFUSALS)]
    assert not strange, strange
    # The server is as well as before.
    assert world.api.runs and world.helper.runs
    rest.get("//readyz").must(200)
    assert "Fatal error" not in world.api.words()
