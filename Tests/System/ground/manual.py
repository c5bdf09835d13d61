"""Runs the manual's shell lines as they are printed."""

import json
from pathlib import Path

LINES = Path(__file__).parents[1] / "manual"

# What a reader of the manual has set up: aifw.local resolves to the appliance, which they trust. curl reads the rest of
# its settings from .curlrc, so its lines stay as printed; only the token goes by file, never in a process's arguments.
PRELUDE = """
TOKEN=$(<token)
curl() {
    local word words=()
    for word; do
        case $word in
            "Authorization: "*) printf '%s\\n' "$word" >header; words+=(@header) ;;
            *) words+=("$word") ;;
        esac
    done
    command curl "${words[@]}"
}
"""


class Manual:
    """A shell session that follows the manual in a folder of its own."""

    def __init__(self, world, folder):
        self._world = world
        self.folder = folder
        folder.mkdir(mode=0o700)
        for name in ("token", "header"):
            (folder / name).touch(mode=0o600)
        (folder / "token").write_text(world.rest.token)
        (folder / ".curlrc").write_text(
            f'silent\nshow-error\nfail-with-body\nmax-time = 30\ncacert = "{world.certificate}"\n'
            f'connect-to = "aifw.local:443:127.0.0.1:{world.rest.port}"\n')

    def do(self, name, instead=("", ""), **variables):
        """Runs the lines of manual/`name`.sh with variables such as TID; returns the answer's JSON, None if empty. Of
        `instead`, the first is what a reader replaces by the second."""
        lines = (LINES / name).with_suffix(".sh").read_text()
        assert instead[0] in lines
        script = f"umask 077; cd '{self.folder}'; {PRELUDE}\n{lines.replace(*instead)}"
        answer = self._world.shell(script, HOME=str(self.folder), **variables).stdout
        return json.loads(answer) if answer else None
