"""A host on which AiFw VPN is installed as docs/OPERATIONS.md says, and systemd is process 1: this very machine."""

import json
import re
import subprocess
import sys
from pathlib import Path

from ground.client import Client
from ground.namespace import Namespace
from ground.waiting import wait_until

CHECKOUT = Path("/aifw/checkout")
CERTIFICATE = "/var/lib/aifw-apid/tls.crt"

# What each unit has of its own and nobody else sees (PrivateTmp=, PrivateIPC=).
PRIVATE = {"/tmp", "/var/tmp", "/dev/mqueue"}

# Prints every folder and file below / that the account may write to, but for /proc and /sys, which hold no files.
WRITABLE = """
import os, stat
for folder, folders, files in os.walk("/"):
    if folder == "/":
        folders[:] = set(folders) - {"proc", "sys"}
    if os.access(folder, os.W_OK):
        print(folder)
        folders.clear()
        continue
    for file in files:
        path = f"{folder}/{file}"
        if os.access(path, os.W_OK) and stat.S_ISREG(os.stat(path).st_mode):
            print(path)
"""


def documented(heading, number):
    """The shell lines of a section of docs/OPERATIONS.md: its `number`th block, from 0."""
    text = (CHECKOUT / "docs" / "OPERATIONS.md").read_text()
    section = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)[1]
    return re.findall(r"^```sh\n(.*?)^```", section, re.MULTILINE | re.DOTALL)[number]


class Host:
    """What an administrator does, as root. `modules` are those that the kernel had in the beginning."""

    def __init__(self):
        self.modules = self.loaded_modules()

    def loaded_modules(self):
        return {line.split()[0] for line in Path("/proc/modules").read_text().splitlines()}

    def run(self, *command, check=True, **options):
        done = subprocess.run(
            [str(word) for word in command], text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, timeout=60, **options)
        if check:
            assert done.returncode == 0, f"{' '.join(map(str, command))}: {done.stdout}{done.stderr}"
        return done

    def follow(self, heading, number):
        """Does what the documentation says, to the letter, in the checkout."""
        self.run("bash", "-euo", "pipefail", "-c", documented(heading, number), cwd=CHECKOUT)

    # Units

    def show(self, unit, name):
        return self.run("systemctl", "show", "--property", name, "--value", unit).stdout.strip()

    def pid(self, unit):
        """The main process; 0 if there is none."""
        return int(self.show(unit, "MainPID"))

    def pid_of_next_life(self, unit, former):
        """The main process of a unit that is started again by itself."""
        def new():
            pid = self.pid(unit)
            return pid if pid not in (0, former) else None
        return wait_until(new, f"another life of {unit}")

    def journal(self, *arguments):
        return self.run("journalctl", "--boot", "--no-pager", "--output", "cat", *arguments).stdout

    def writable(self, unit, account):
        """The folders and files that whoever takes a unit's process over could write to, but for what the process has
        forbidden itself (Landlock)."""
        done = self.run(
            "nsenter", "--target", self.pid(unit), "--mount", "--", "setpriv", f"--reuid={account}",
            f"--regid={account}", "--clear-groups", "--bounding-set=-all", "--inh-caps=-all", sys.executable, "-c",
            WRITABLE)
        return set(done.stdout.splitlines())

    # The API, by the ways that its users go

    def aifw(self, *words):
        return self.run("aifw", *words).stdout

    def listed(self, *words):
        """What a command that lists prints as JSON."""
        return json.loads(self.aifw(*words, "--json"))["data"]

    def https(self, path, token, *arguments):
        """A GET by curl on port 443, the certificate checked."""
        return json.loads(self.run(
            "curl", "-sS", "--fail-with-body", "--max-time", "30", "--cacert", CERTIFICATE,
            "--header", f"Authorization: Bearer {token}", *arguments, f"https://localhost{path}").stdout)

    # Tunnels

    def links(self):
        return {link["ifname"]: link for link in json.loads(self.run("ip", "-details", "-json", "link").stdout)}

    def is_ready(self):
        """Whether the API daemon serves and reaches the helper: after a restart that takes a moment."""
        return self.run(
            "curl", "-sS", "--fail", "--unix-socket", "/run/aifw/api.sock", "http://localhost/readyz",
            check=False).returncode == 0

    def tunnel(self):
        """A new tunnel wg0 that runs, and its id."""
        wait_until(self.is_ready, "the API, ready")
        self.aifw(
            "vpn", "wg-add", "--name", "office", "--interface", "wg0", "--port", "51820", "--address", "10.0.0.1/24")
        (tunnel,) = self.listed("vpn", "wg-list")
        self.aifw("vpn", "wg-start", tunnel["id"])
        return tunnel["id"]

    def configuration(self, tunnel, name):
        """The configuration of a new peer."""
        self.aifw("vpn", "wg-peer-add", "--tunnel", tunnel, "--name", name)
        (peer,) = [peer for peer in self.listed("vpn", "wg-peer-list", "--tunnel", tunnel) if peer["name"] == name]
        return self.aifw("vpn", "wg-config", "--tunnel", tunnel, peer["id"])

    def add_peer_soon(self, tunnel, name):
        """A write that reaches the interface, as soon as the daemons are back."""
        words = ("aifw", "vpn", "wg-peer-add", "--tunnel", tunnel, "--name", name)
        wait_until(lambda: self.run(*words, check=False).returncode == 0, "a peer that is added", 20)
        keys = {peer["public_key"] for peer in self.listed("vpn", "wg-peer-list", "--tunnel", tunnel)}
        shown = set(self.run("wg", "show", "wg0", "peers").stdout.split())
        assert shown == keys


def status(pid):
    """/proc/PID/status, by name."""
    return dict(line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())


class Neighbour:
    """Another host on the same network, 192.0.2.2, and its WireGuard client."""

    def __init__(self, host, folder):
        self._host = host
        self.namespace = Namespace("neighbour")
        host.run("ip", "link", "add", "uplink", "type", "veth", "peer", "name", "uplink", "netns", self.namespace.name)
        host.run("ip", "address", "add", "192.0.2.1/24", "dev", "uplink")
        host.run("ip", "link", "set", "uplink", "up")
        # Its source address is what client configurations get as Endpoint.
        host.run("ip", "route", "add", "default", "via", "192.0.2.2")
        self.namespace.ip("address", "add", "192.0.2.2/24", "dev", "uplink")
        self.namespace.ip("link", "set", "uplink", "up")
        self.client = Client(self.namespace, folder)

    def connect(self, configuration):
        self.client.bring_up(configuration)
        assert self.client.reaches_again(), "no answer through the tunnel"

    def close(self):
        self.namespace.close()
