"""schemathesis makes requests up from the description, right ones and wrong ones, and holds every answer against it.

How it does so, and the exact list of what no schema can say, is in schemathesis.toml."""

import os
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def test_no_request_made_up_from_the_description_gets_an_answer_that_is_not_in_it(world):
    rest = world.rest
    (own,) = rest.get("/tokens").must(200).data
    folder = world.folder / "clients"
    document, settings = folder / "openapi.json", folder / "schemathesis.toml"
    document.write_bytes(rest.get("/openapi.json").must(200).body)
    # The token is in a file that nobody else can read: neither in an argument nor in the environment.
    settings.touch(mode=0o600)
    settings.write_text(f"""{(HERE / "schemathesis.toml").read_text()}
[headers]
Authorization = "Bearer {rest.token}"
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
    # The server is as well as before.
    assert world.api.runs and world.helper.runs
    rest.get("//readyz").must(200)
    assert "Fatal error" not in world.api.words()
